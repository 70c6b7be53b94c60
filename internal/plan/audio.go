package plan

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// sound is one audio encode: where it comes from, what is done to it, and how it
// is coded.
type sound struct {
	takes    []take // one for each part of the programme
	channels int
	layout   string    // FFmpeg's name of the channels, "6c" where they have none
	rate     int       // Hz, of the samples that are encoded
	filters  []string  // what the codec's settings do to the joined sound
	loudness *loudness // nil: it is left as loud as it is
	copied   *copied   // it is not encoded: the source's packets are taken
	args     []string  // of the encoder; each option names ":a"
	muxing   []string  // arguments of the muxer that the codec needs
	flags    string    // disposition, such as "visual_impaired"
	expect   Audio
	length   time.Duration // of the programme's sound, as far as it is known
	language string
	index    int // of its description in the output
}

// take is what is heard in one part: lines that are mixed. Without lines it is
// silence.
type take struct {
	lines []line
	gap   time.Duration // by how much its first track begins before (positive) or after (negative) the picture
}

// line is one track of a file and where its channels go.
type line struct {
	input, stream int // FFmpeg's
	channels      int
	layout        string        // of the track as far as it is known
	shift         time.Duration // the timestamp at which the part begins in it
	mix           matrix        // a row for each channel of the sound, a column for each of the track
	tempo         float64       // how much faster it is played to be as long as the picture; 0: not
	follow        bool          // small deviations of its timestamps are followed
	end           time.Duration // where it ends on the timeline of its part, so far as its file says that exactly
}

// aligned is the filter that puts one track on the timeline of its part. Gaps
// are filled, and what lies before the first picture is dropped: the sound
// begins with the picture.
func (a sound) aligned(l line) string {
	async := 1 // gaps and overlaps only
	if l.follow {
		async = 1000 // samples a second that it may be stretched by
	}
	text := fmt.Sprintf("asetpts=PTS-(%.6f)/TB,aresample=%d:async=%d:first_pts=0", l.shift.Seconds(), a.rate, async)
	if l.end > 0 {
		text += fmt.Sprintf(",atrim=end_sample=%d", int64(math.Round(l.end.Seconds()*float64(a.rate))))
	}
	if l.tempo > 0 {
		text += ",atempo=" + number(l.tempo)
	}
	return text
}

// shape is the filter that makes a track's channels the sound's.
func (a sound) shape(l line) string {
	if l.layout == a.layout && l.mix.identity() {
		return "aformat=channel_layouts=" + a.layout
	}
	return l.mix.pan(a.layout)
}

// number writes a gain or a factor as filters read it.
func number(f float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(f, 'f', 6, 64), "0"), ".")
}

// describe writes all that makes the sound up to what its loudness does.
func (a sound) describe() string {
	return fmt.Sprintf("%v %s %d %v", a.takes, a.layout, a.rate, a.filters)
}

// same tells whether two sounds come out of the same filter chain.
func (a sound) same(b sound) bool {
	return a.describe() == b.describe() && a.loudness.same(b.loudness) && a.copied.same(b.copied)
}

// chains write the sound's part of the graph, number i, up to a tail.
func (a sound) chains(prog *programme, i int, tail string) []string {
	tail = strings.Join(append([]string{""}, a.after()...), ",") + tail
	if !prog.joined() {
		return a.mixed(prog.parts[0], a.takes[0], fmt.Sprintf("t%d_", i), tail)
	}
	var chains []string
	var pads strings.Builder
	for k, p := range prog.parts {
		// both ends are rounded where they lie in the whole, as the pictures are
		rate := float64(a.rate)
		samples := int64(math.Round((p.start+p.length).Seconds()*rate)) - int64(math.Round(p.start.Seconds()*rate))
		exact := fmt.Sprintf(",apad=whole_len=%d,atrim=end_sample=%d,asetpts=N/SR/TB", samples, samples)
		out := fmt.Sprintf("[s%d_%d]", i, k)
		chains = append(chains, a.mixed(p, a.takes[k], fmt.Sprintf("t%d_%d_", i, k), exact+out)...)
		pads.WriteString(out)
	}
	return append(chains, fmt.Sprintf("%sconcat=n=%d:v=0:a=1%s", pads.String(), len(prog.parts), tail))
}

// mixed puts every track of a take on the timeline and mixes them.
func (a sound) mixed(p *part, t take, prefix, tail string) []string {
	switch len(t.lines) {
	case 0:
		return []string{fmt.Sprintf("anullsrc=r=%d:cl=%s:d=%s%s", a.rate, a.layout, seconds(p.length), tail)}
	case 1:
		l := t.lines[0]
		return []string{fmt.Sprintf("[%d:%d]%s,%s%s", l.input, l.stream, a.aligned(l), a.shape(l), tail)}
	}
	var chains []string
	var pads strings.Builder
	for k, l := range t.lines {
		pad := fmt.Sprintf("[%s%d]", prefix, k)
		chains = append(chains, fmt.Sprintf("[%d:%d]%s,%s%s", l.input, l.stream, a.aligned(l), l.mix.pan(a.layout), pad))
		pads.WriteString(pad)
	}
	return append(chains, fmt.Sprintf("%samix=inputs=%d:normalize=0%s", pads.String(), len(t.lines), tail))
}

// after is what is done to the joined sound.
func (a sound) after() []string {
	fs := slices.Clone(a.filters)
	if a.loudness != nil {
		fs = append(fs, a.loudness.correction(a.rate)...)
	}
	return fs
}

// tags are the arguments for what a container says of the sound, audio stream k
// of its output.
func (a sound) tags(k int) []string {
	var args []string
	if a.language != "" {
		args = append(args, fmt.Sprintf("-metadata:s:a:%d", k), "language="+a.language)
	}
	if a.flags != "" {
		args = append(args, fmt.Sprintf("-disposition:a:%d", k), a.flags)
	}
	return args
}

// codingArgs are the arguments of the encoder for audio stream k of an output.
func (a sound) codingArgs(k int) []string {
	var args []string
	for n := 0; n < len(a.args); n += 2 {
		args = append(args, a.args[n]+":"+strconv.Itoa(k), a.args[n+1])
	}
	return args
}

// copied is the track whose packets are taken as they are.
type copied struct {
	input, stream int
	shift         time.Duration
}

func (c *copied) same(d *copied) bool {
	return c == nil && d == nil || c != nil && d != nil && *c == *d
}

// soundMap gives the -map of a sound.
func (b *builder) soundMap(a sound) string {
	if a.copied != nil {
		return fmt.Sprintf("%d:%d", a.copied.input, a.copied.stream)
	}
	return b.graph.sound(a)
}

// audioTypes are the dispositions that containers make ISO 639 audio types of.
var audioTypes = map[int32]string{1: "clean_effects", 2: "hearing_impaired", 3: "visual_impaired"}

// audioFlags gives the disposition of a description's track.
func audioFlags(ad *types.AudioDescription, heard *spool.AudioTrack) string {
	if broadcasterMix(ad.CodecSettings) {
		return audioTypes[3]
	}
	var configured int32
	if ad.AudioType != nil {
		configured = *ad.AudioType
	}
	if ad.AudioTypeControl != types.AudioTypeControlUseConfigured && heard != nil && heard.Type > 0 {
		configured = int32(heard.Type)
	}
	return audioTypes[configured]
}

// broadcasterMix tells whether a description is said to hold a mix with an audio
// description, which is type 3 whatever else is said.
func broadcasterMix(c *types.AudioCodecSettings) bool {
	if c.AacSettings != nil && c.AacSettings.AudioDescriptionBroadcasterMix == types.AacAudioDescriptionBroadcasterMixBroadcasterMixedAd {
		return true
	}
	return c.Mp2Settings != nil && c.Mp2Settings.AudioDescriptionMix == types.Mp2AudioDescriptionMixBroadcasterMixedAd
}
