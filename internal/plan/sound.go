package plan

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// sounds plans what one audio description asks for: one sound, or several where
// its source is a dynamic selector. It gives none when no part has such audio and
// nothing was asked for by name; the output then goes without, unless it would be
// empty.
func (b *builder) sounds(o *types.Output, ad *types.AudioDescription, at string) ([]sound, error) {
	name := cmp.Or(aws.ToString(ad.AudioSourceName), defaultSelector)
	picks := make([]pick, len(b.prog.parts))
	tracks, wanted := 0, o.VideoDescription == nil
	for i, p := range b.prog.parts {
		var err error
		if picks[i], err = b.pick(p, name); err != nil {
			return nil, err
		}
		tracks = max(tracks, len(picks[i].stems))
		wanted = wanted || picks[i].wanted || p.src.generatesSound()
	}
	switch {
	case tracks == 0 && !wanted:
		b.warn(spool.WarnAudioMissing, at, "The input has no such audio: the output goes without it.")
		return nil, nil
	case tracks == 0:
		b.warn(spool.WarnSilenceAdded, at, "No input has the audio of [%s]: the track is silent.", name)
		tracks = 1
	}
	var list []sound
	for t := range tracks {
		takes := make([][]stem, len(picks))
		for i := range picks {
			if t < len(picks[i].stems) {
				takes[i] = picks[i].stems[t]
			}
		}
		a, err := b.sound(o, ad, at, takes)
		if err != nil {
			return nil, err
		}
		b.warnGap(*a, at)
		list = append(list, *a)
	}
	return list, nil
}

// sound plans one sound from what is heard in each part; none is silence.
func (b *builder) sound(o *types.Output, ad *types.AudioDescription, at string, takes [][]stem) (*sound, error) {
	var first *stem // the first that is heard: it decides where the job leaves it open
	channels := 2
	for _, stems := range takes {
		if len(stems) > 0 {
			first = &stems[0]
			channels = 0
			for _, s := range stems {
				channels += len(s.mix)
			}
			break
		}
	}
	channels = len(remixed(ad.RemixSettings, channels))
	a := &sound{length: b.prog.duration}
	var track *spool.AudioTrack
	if first != nil {
		track = &first.tracks[0]
	}
	a.language, a.flags = language(ad, track), audioFlags(ad, track)
	if copied, err := b.copied(ad, at, takes); err != nil || copied != nil {
		if err != nil {
			return nil, err
		}
		a.copied = copied
		a.expect = Audio{Codec: track.Codec, Channels: track.Channels, SampleRate: track.SampleRate, BitRate: track.BitRate}
		a.channels, a.layout, a.rate = track.Channels, track.Layout, track.SampleRate
		a.args = []string{"-c:a", "copy"}
		if copied.shift != 0 {
			a.args = append(a.args, "-bsf:a", fmt.Sprintf("setts=ts=TS-(%.6f)/TB", copied.shift.Seconds()))
		}
		a.takes = make([]take, len(takes))
		a.measure(b.prog, first)
		return a, nil
	}
	c, err := b.coding(o, ad, at, channels)
	if err != nil {
		return nil, err
	}
	a.channels, a.rate, a.args, a.muxing, a.filters = c.channels, c.rate, c.args, c.muxing, c.filters
	tags := tagged(o, ad, c.channels)
	if ad.AudioChannelTaggingSettings != nil && tags == "" && o.ContainerSettings != nil && o.ContainerSettings.Container == types.ContainerTypeMov {
		b.warn(spool.WarnSettingIgnored, at+"/audioChannelTaggingSettings", "The tags are not those of %d channels in the order of the file format, and are not written.", c.channels)
	}
	a.layout = cmp.Or(c.layout, tags, layoutOf(c.channels))
	a.expect = Audio{Codec: c.codec, Channels: c.channels, SampleRate: cmp.Or(c.heard, c.rate), BitRate: c.bitRate}
	for _, stems := range takes {
		a.takes = append(a.takes, mixTake(stems, ad.RemixSettings, c))
	}
	a.measure(b.prog, first)
	b.level(a, ad.AudioNormalizationSettings)
	return a, nil
}

// measure says how long the sound is expected to be.
func (a *sound) measure(prog *programme, first *stem) {
	if first != nil && !prog.joined() {
		if d := first.tracks[0].Duration; d > 0 {
			p, l := prog.parts[0], first.lines[0]
			offset := p.shift() - l.shift
			if l.input != p.input {
				offset = p.from - l.shift // of a file of its own
			}
			a.length = d - first.gap + offset
			if l.tempo > 0 {
				a.length = time.Duration(float64(a.length) / l.tempo)
			}
		}
	}
}

// mixTake gives the lines of what is heard in one part. Several stems are stacked
// as channels in their order. Where each of them has more channels than one, and
// no mapping says what to do with them, they are mixed: stems of music, effects
// and dialogue are no 5.1.
func mixTake(stems []stem, remix *types.RemixSettings, c coding) take {
	if len(stems) == 0 {
		return take{}
	}
	t := take{gap: stems[0].gap}
	n, apart := 0, len(stems) > 1 && !remixes(remix)
	for _, s := range stems {
		n += len(s.mix)
		apart = apart && len(s.mix) > 1
	}
	if apart {
		for _, s := range stems {
			t.lines = append(t.lines, s.mixed(c.fit(s.layout, len(s.mix)))...)
		}
		return t
	}
	layout := ""
	if len(stems) == 1 {
		layout = stems[0].layout
	}
	var all matrix
	if remixes(remix) {
		m := remixed(remix, n)
		all = m.after(c.fit("", len(m)))
	} else {
		all = c.fit(layout, n)
	}
	from := 0
	for _, s := range stems {
		t.lines = append(t.lines, s.mixed(all.columns(from, len(s.mix)))...)
		from += len(s.mix)
	}
	return t
}

// mixed gives the lines of a stem, mixed as a matrix from its channels says.
func (s stem) mixed(m matrix) []line {
	all := s.mix.after(m)
	lines := make([]line, len(s.lines))
	from := 0
	for i, l := range s.lines {
		l.mix = all.columns(from, l.channels)
		from += l.channels
		lines[i] = l
	}
	return lines
}

// copied gives the track whose packets a description takes as they are, nil when
// it is encoded.
func (b *builder) copied(ad *types.AudioDescription, at string, takes [][]stem) (*copied, error) {
	asked := ad.CodecSettings.Codec == types.AudioCodecPassthrough
	eac3 := ad.CodecSettings.Eac3Settings
	possible := eac3 != nil && eac3.PassthroughControl == types.Eac3PassthroughControlWhenPossible
	if !asked && !possible {
		return nil, nil
	}
	why := ""
	switch {
	case b.prog.joined():
		why = "inputs are clipped or joined, which takes decoding"
	case len(takes[0]) != 1 || len(takes[0][0].lines) != 1:
		why = "it takes exactly one track of the input"
	case remixes(ad.RemixSettings) || !takes[0][0].mix.identity():
		why = "its channels are to be remixed"
	case ad.AudioNormalizationSettings != nil:
		why = "its loudness is to be corrected or measured"
	case possible && takes[0][0].tracks[0].Codec != "eac3":
		return nil, nil
	}
	if why != "" {
		if !asked {
			return nil, nil
		}
		return nil, spool.Failf(spool.CodeIncompatible, "%s/codecSettings/codec: PASSTHROUGH is not possible: %s.", at, why)
	}
	l := takes[0][0].lines[0]
	return &copied{input: l.input, stream: l.stream, shift: l.shift}, nil
}

// matchesVideo tells whether an output wants its sound exactly as long as its
// picture (audioDuration MATCH_VIDEO_DURATION). The programme is then held to its
// length.
func matchesVideo(settings *types.JobSettings) bool {
	for _, g := range settings.OutputGroups {
		for _, o := range g.Outputs {
			c := o.ContainerSettings
			if c == nil {
				continue
			}
			var said string
			switch {
			case c.Mp4Settings != nil:
				said = string(c.Mp4Settings.AudioDuration)
			case c.CmfcSettings != nil:
				said = string(c.CmfcSettings.AudioDuration)
			case c.MpdSettings != nil:
				said = string(c.MpdSettings.AudioDuration)
			case c.M3u8Settings != nil:
				said = string(c.M3u8Settings.AudioDuration)
			case c.M2tsSettings != nil:
				said = string(c.M2tsSettings.AudioDuration)
			}
			if said == string(types.M2tsAudioDurationMatchVideoDuration) {
				return true
			}
		}
	}
	return false
}

// logs names the loudness logs beside the outputs that they tell of.
func (b *builder) logs() {
	for gi := range b.plan.Groups {
		g := &b.plan.Groups[gi]
		for oi := range g.Outputs {
			o := &g.Outputs[oi]
			base := o.Key
			if i := strings.LastIndexByte(base, '.'); i > strings.LastIndexByte(base, '/') {
				base = base[:i]
			}
			if len(o.Packed) > 0 {
				base = strings.TrimSuffix(base, "_000000001") // a segment's, where no playlist is written
			}
			for k := range o.Logs {
				o.Logs[k].Key = base + "_loudness.csv"
				if k > 0 {
					o.Logs[k].Key = fmt.Sprintf("%s_loudness_%d.csv", base, k+1)
				}
			}
		}
	}
}
