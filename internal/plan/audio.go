package plan

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// defaultSelector is the audio selector of descriptions that name none
// (behaviour.md 5.2).
const defaultSelector = "Audio Selector 1"

// sound is one audio encode: where it comes from and how it is coded.
type sound struct {
	takes    []take // one for each part of the programme
	channels int
	args     []string
	expect   Audio
	length   time.Duration // of the programme's sound, as far as it is known
	language string
}

// take is what is heard in one part.
type take struct {
	tracks   []int // FFmpeg stream indexes, channels stacked in order; none: silence
	offset   time.Duration
	gap      time.Duration // of its first track, see source.startGap
	fromMono bool
}

// aligned is the filter that puts one track on the timeline of its part. Gaps
// are filled, and what lies before the first picture is dropped: the sound
// begins with the picture.
func (a sound) aligned(p *part, t take) string {
	shift := p.shift() - t.offset
	return fmt.Sprintf("asetpts=PTS-(%.6f)/TB,aresample=%d:async=1:first_pts=0", shift.Seconds(), a.expect.SampleRate)
}

// shape is the filter that gives the joined tracks of a take their channels. The
// resampler would take 3 dB from mono.
func (a sound) shape(t take) string {
	if t.fromMono && a.channels == 2 {
		return "pan=stereo|c0=c0|c1=c0"
	}
	return "aformat=channel_layouts=" + layoutOf(a.channels)
}

// startGap says by how much the sound begins before (positive) or after
// (negative) the picture.
func (s *source) startGap(t spool.AudioTrack) time.Duration {
	return s.zero - (t.Start - s.media.Start)
}

// same tells whether two sounds come out of the same filter chain.
func (a sound) same(b sound) bool {
	return a.channels == b.channels && a.expect.SampleRate == b.expect.SampleRate &&
		slices.EqualFunc(a.takes, b.takes, func(x, y take) bool {
			return x.offset == y.offset && slices.Equal(x.tracks, y.tracks)
		})
}

// chains write the sound's part of the graph, number i, up to a tail.
func (a sound) chains(prog *programme, i int, tail string) []string {
	if !prog.joined() {
		p, t := prog.parts[0], a.takes[0]
		return []string{a.stacked(p, t, fmt.Sprintf("t%d_", i)) + a.shape(t) + tail}
	}
	var chains []string
	var pads strings.Builder
	for k, p := range prog.parts {
		// both ends are rounded where they lie in the whole, as the pictures are
		rate := float64(a.expect.SampleRate)
		samples := int64(math.Round((p.start+p.length).Seconds()*rate)) - int64(math.Round(p.start.Seconds()*rate))
		exact := fmt.Sprintf(",apad=whole_len=%d,atrim=end_sample=%d,asetpts=N/SR/TB", samples, samples)
		out := fmt.Sprintf("[s%d_%d]", i, k)
		chains = append(chains, a.stacked(p, a.takes[k], fmt.Sprintf("t%d_%d_", i, k))+a.shape(a.takes[k])+exact+out)
		pads.WriteString(out)
	}
	return append(chains, fmt.Sprintf("%sconcat=n=%d:v=0:a=1%s", pads.String(), len(prog.parts), tail))
}

// stacked puts every track of a take on the timeline and stacks their channels.
func (a sound) stacked(p *part, t take, prefix string) string {
	switch len(t.tracks) {
	case 0:
		return fmt.Sprintf("anullsrc=r=%d:cl=%s:d=%s,", a.expect.SampleRate, layoutOf(a.channels), seconds(p.length))
	case 1:
		return fmt.Sprintf("[%d:%d]%s,", p.input, t.tracks[0], a.aligned(p, t))
	}
	var chains, pads strings.Builder
	for k, index := range t.tracks {
		fmt.Fprintf(&chains, "[%d:%d]%s[%s%d];", p.input, index, a.aligned(p, t), prefix, k)
		fmt.Fprintf(&pads, "[%s%d]", prefix, k)
	}
	return chains.String() + pads.String() + fmt.Sprintf("amerge=inputs=%d,", len(t.tracks))
}

func layoutOf(channels int) string {
	switch channels {
	case 1:
		return "mono"
	case 6:
		return "5.1"
	default:
		return "stereo"
	}
}

// newSound plans one audio description. It gives nil when no part has audio to
// take: the output then goes without.
func newSound(prog *programme, ad *types.AudioDescription) (*sound, error) {
	aac := ad.CodecSettings.AacSettings
	a := &sound{
		expect: Audio{
			Codec:      "aac",
			SampleRate: int(aws.ToInt32(aac.SampleRate)),
			BitRate:    int64(aws.ToInt32(aac.Bitrate)),
		},
		length: prog.duration,
	}
	name := cmp.Or(aws.ToString(ad.AudioSourceName), defaultSelector)
	heard := false
	for _, p := range prog.parts {
		tracks, selector, err := p.src.selectTracks(name)
		if err != nil {
			return nil, err
		}
		t := take{offset: time.Duration(aws.ToInt32(selector.Offset)) * time.Millisecond}
		in := 0
		for _, track := range tracks {
			t.tracks = append(t.tracks, track.Index)
			in += track.Channels
		}
		t.fromMono = in == 1
		if len(tracks) > 0 {
			t.gap = p.src.startGap(tracks[0])
			if !heard {
				a.language = language(ad, tracks[0])
			}
			heard = true
			if d := tracks[0].Duration; d > 0 && p.whole {
				a.length = d - t.gap + t.offset
			}
		}
		a.takes = append(a.takes, t)
	}
	if !heard {
		return nil, nil
	}
	switch aac.CodingMode {
	case types.AacCodingModeCodingMode10:
		a.channels = 1
	case types.AacCodingModeCodingMode51:
		a.channels = 6
	default:
		a.channels = 2
	}
	a.expect.Channels = a.channels
	a.args = []string{"-c:a", "aac", "-profile:a", "aac_low", "-b:a", bps(cmp.Or(a.expect.BitRate, 96000))}
	return a, nil
}

// selectTracks finds the tracks of a selector; a missing selector falls back on
// the one marked DEFAULT (behaviour.md 5.2).
func (s *source) selectTracks(name string) ([]spool.AudioTrack, types.AudioSelector, error) {
	sel, ok := s.input.AudioSelectors[name]
	if !ok && len(s.input.AudioSelectors) > 0 {
		keys := make([]string, 0, len(s.input.AudioSelectors))
		for k := range s.input.AudioSelectors {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if s.input.AudioSelectors[k].DefaultSelection == types.AudioDefaultSelectionDefault {
				sel, ok = s.input.AudioSelectors[k], true
				break
			}
		}
		if !ok && name != defaultSelector {
			return nil, sel, nil // silence is not built: the output goes without
		}
	}
	if len(s.media.Audio) == 0 {
		return nil, sel, nil
	}
	if sel.SelectorType == types.AudioSelectorTypeLanguageCode && sel.LanguageCode != "" {
		for _, t := range s.media.Audio {
			if terminology(t.Language) == terminology(string(sel.LanguageCode)) {
				return []spool.AudioTrack{t}, sel, nil
			}
		}
		return nil, sel, nil
	}
	if len(sel.Tracks) == 0 {
		return s.media.Audio[:1], sel, nil
	}
	var found []spool.AudioTrack
	for _, n := range sel.Tracks {
		if n < 1 || int(n) > len(s.media.Audio) {
			return nil, sel, spool.Failf(spool.CodeIncompatible,
				"Invalid audio track specified for audio_selector [%s]. Audio track [%d] not found in input container.", name, n)
		}
		found = append(found, s.media.Audio[n-1])
	}
	return found, sel, nil
}

// bibliographic are the ISO 639-2/B codes that differ from the terminology
// codes the API uses; files carry either.
var bibliographic = map[string]string{
	"alb": "sqi", "arm": "hye", "baq": "eus", "bur": "mya", "chi": "zho", "cze": "ces", "dut": "nld", "fre": "fra",
	"geo": "kat", "ger": "deu", "gre": "ell", "ice": "isl", "mac": "mkd", "mao": "mri", "may": "msa", "per": "fas",
	"rum": "ron", "slo": "slk", "tib": "bod", "wel": "cym",
}

// terminology gives a language's ISO 639-2/T code in lower case.
func terminology(code string) string {
	code = strings.ToLower(code)
	return cmp.Or(bibliographic[code], code)
}

// language gives the ISO 639-2 code to write, or "" for none.
func language(ad *types.AudioDescription, t spool.AudioTrack) string {
	code := t.Language
	configured := strings.ToLower(cmp.Or(string(ad.LanguageCode), aws.ToString(ad.CustomLanguageCode)))
	if configured != "" && (ad.LanguageCodeControl == types.AudioLanguageCodeControlUseConfigured || code == "" || code == "und") {
		code = configured
	}
	for _, r := range code {
		if (r < 'a' || r > 'z') && r != '-' {
			return ""
		}
	}
	if code == "und" || len(code) > 8 {
		return ""
	}
	return code
}
