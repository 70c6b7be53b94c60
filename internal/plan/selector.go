package plan

import (
	"cmp"
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

// stem is what one selector takes from a part: the channels of its tracks, one
// after the other, remixed.
type stem struct {
	lines  []line // without mix
	layout string
	mix    matrix // of all channels of the lines
	tracks []spool.AudioTrack
	gap    time.Duration
}

// pick is what a name finds in one part.
type pick struct {
	stems [][]stem // one list for each track that comes out; a dynamic selector gives several
	// wanted: what is missing was asked for by name, so that silence stands in
	// for it; otherwise the output may go without.
	wanted bool
}

// pick resolves an audio source for a part: a selector, a group of them, a
// dynamic selector, or where there is none of that name the selector that is the
// default (behaviour.md 5.2).
func (b *builder) pick(p *part, name string) (pick, error) {
	in := p.src.input
	if sel, ok := in.AudioSelectors[name]; ok {
		return b.pickOne(p, name, sel, true)
	}
	if g, ok := in.AudioSelectorGroups[name]; ok {
		var group []stem
		for _, member := range g.AudioSelectorNames {
			sel, ok := in.AudioSelectors[member]
			if !ok {
				return pick{}, spool.Failf(spool.CodeIncompatible, "The audio selector group [%s] names the selector [%s], which the input does not have.", name, member)
			}
			s, err := b.stem(p, member, sel)
			if err != nil {
				return pick{}, err
			}
			if s != nil {
				group = append(group, *s)
			}
		}
		if len(group) == 0 {
			return pick{wanted: true}, nil
		}
		return pick{stems: [][]stem{group}, wanted: true}, nil
	}
	if d, ok := in.DynamicAudioSelectors[name]; ok {
		return b.pickDynamic(p, d)
	}
	keys := make([]string, 0, len(in.AudioSelectors))
	for k := range in.AudioSelectors {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if in.AudioSelectors[k].DefaultSelection == types.AudioDefaultSelectionDefault {
			return b.pickOne(p, k, in.AudioSelectors[k], true)
		}
	}
	if name == defaultSelector && len(keys) == 0 {
		return b.pickOne(p, name, types.AudioSelector{}, false)
	}
	return pick{wanted: name != defaultSelector}, nil
}

func (b *builder) pickOne(p *part, name string, sel types.AudioSelector, named bool) (pick, error) {
	s, err := b.stem(p, name, sel)
	if err != nil {
		return pick{}, err
	}
	if s == nil {
		// An input without any sound of which nothing more than its audio was asked.
		return pick{wanted: named && len(p.src.media.Audio) > 0}, nil
	}
	return pick{stems: [][]stem{{*s}}, wanted: named}, nil
}

// pickDynamic takes every track that matches as one of its own.
func (b *builder) pickDynamic(p *part, d types.DynamicAudioSelector) (pick, error) {
	from, err := b.origin(p, aws.ToString(d.ExternalAudioFileInput))
	if err != nil {
		return pick{}, err
	}
	found := pick{wanted: len(from.audio) > 0}
	for _, t := range from.audio {
		if d.SelectorType == types.DynamicAudioSelectorTypeLanguageCode && terminology(t.Language) != terminology(string(d.LanguageCode)) {
			continue
		}
		s := from.stem([]spool.AudioTrack{t}, aws.ToInt32(d.Offset), d.AudioDurationCorrection, nil)
		found.stems = append(found.stems, []stem{s})
	}
	return found, nil
}

// origin is a file that a selector takes tracks from: the part's own, or one
// beside it that begins with the input's first picture.
type origin struct {
	part  *part
	input int
	audio []spool.AudioTrack
	zero  func(t spool.AudioTrack) time.Duration // timestamp of the first picture, from the file's first
	start time.Duration                          // the file's first timestamp
	seek  time.Duration
	iso   bool // MP4 or QuickTime
}

func (b *builder) origin(p *part, external string) (origin, error) {
	if external == "" {
		return origin{
			part: p, input: p.input, audio: p.src.media.Audio, start: p.src.media.Start, seek: p.seek(),
			zero: func(spool.AudioTrack) time.Duration { return p.src.zero },
			iso:  strings.Contains(p.src.media.Format, "mp4"),
		}, nil
	}
	media := b.facts.Media[external]
	if len(media.Audio) == 0 {
		return origin{}, spool.Failf(spool.CodeNoAudio, "The external audio file [%s] has no audio that can be used.", external)
	}
	o := origin{part: p, audio: media.Audio, start: media.Start, iso: strings.Contains(media.Format, "mp4")}
	o.zero = func(t spool.AudioTrack) time.Duration { return t.Start - media.Start }
	o.seek = max(0, p.from-seekMargin)
	key := externalInput{external, p}
	index, ok := b.externals[key]
	if !ok {
		index = b.input(external, func(token string) []string {
			var args []string
			if o.seek > 0 {
				args = append(args, "-ss", seconds(o.seek))
			}
			if !p.whole {
				args = append(args, "-t", seconds(p.from-o.seek+p.length+readMargin))
			}
			return append(args, inputArgs(token)...)
		})
		if b.externals == nil {
			b.externals = map[externalInput]int{}
		}
		b.externals[key] = index
	}
	o.input = index
	return o, nil
}

// externalInput is an audio file opened beside a part.
type externalInput struct {
	uri  string
	part *part
}

// stem takes tracks of the origin.
func (o origin) stem(tracks []spool.AudioTrack, offset int32, correction types.AudioDurationCorrection, remix *types.RemixSettings) stem {
	s := stem{tracks: tracks, gap: o.zero(tracks[0]) - (tracks[0].Start - o.start)}
	n := 0
	for _, t := range tracks {
		l := line{
			input: o.input, stream: t.Index, channels: t.Channels, layout: t.Layout,
			shift: o.zero(t) + o.part.from - o.seek - time.Duration(offset)*time.Millisecond,
		}
		if o.iso && o.part.whole && t.Duration > 0 {
			// The last packet of a codec holds more than the sound: the edit list says where it ends.
			l.end = max(0, t.Duration-o.zero(t)+t.Start-o.start+time.Duration(offset)*time.Millisecond)
		}
		o.correct(&l, t, correction)
		s.lines = append(s.lines, l)
		n += t.Channels
	}
	if len(tracks) == 1 {
		s.layout = tracks[0].Layout
	}
	s.mix = remixed(remix, n)
	if remix != nil && !s.mix.identity() {
		s.layout = ""
	}
	return s
}

// Deviations of a track's length from the picture's that audioDurationCorrection
// AUTO mends: less is not heard, and more is no error of a clock.
const (
	leastDrift = 0.0002
	mostDrift  = 0.1
)

// correct makes a track as long as the picture beside it (audioDurationCorrection):
// at a constant pace, or by following its timestamps more closely.
func (o origin) correct(l *line, t spool.AudioTrack, c types.AudioDurationCorrection) {
	video := o.part.src.video
	if video == nil || video.Duration <= 0 || t.Duration <= 0 {
		return
	}
	tempo := t.Duration.Seconds() / video.Duration.Seconds()
	off := max(tempo-1, 1-tempo)
	switch c {
	case types.AudioDurationCorrectionFrame:
		l.follow = true
	case types.AudioDurationCorrectionTrack, types.AudioDurationCorrectionAuto:
		if o.iso && off >= leastDrift && off <= mostDrift {
			l.tempo = tempo
		}
	case types.AudioDurationCorrectionForce:
		l.follow = true
		if tempo >= half && tempo <= 2 && off > 0 {
			l.tempo = tempo
		}
	}
}

// stem finds the tracks of a selector; nil when the input has no sound, or none
// of the language.
func (b *builder) stem(p *part, name string, sel types.AudioSelector) (*stem, error) {
	from, err := b.origin(p, aws.ToString(sel.ExternalAudioFileInput))
	if err != nil {
		return nil, err
	}
	if len(from.audio) == 0 {
		return nil, nil
	}
	tracks, err := chosen(name, sel, from.audio)
	if err != nil || len(tracks) == 0 {
		return nil, err
	}
	s := from.stem(tracks, aws.ToInt32(sel.Offset), sel.AudioDurationCorrection, sel.RemixSettings)
	return &s, nil
}

// chosen are the tracks that a selector means, in its order.
func chosen(name string, sel types.AudioSelector, audio []spool.AudioTrack) ([]spool.AudioTrack, error) {
	kind := sel.SelectorType
	code := cmp.Or(string(sel.LanguageCode), aws.ToString(sel.CustomLanguageCode))
	switch {
	case kind == types.AudioSelectorTypeAllPcm:
		return pcmTracks(name, audio)
	case kind == types.AudioSelectorTypeLanguageCode && code != "":
		for _, t := range audio {
			if terminology(t.Language) == terminology(code) {
				return []spool.AudioTrack{t}, nil
			}
		}
		return nil, nil
	case kind == types.AudioSelectorTypePid && len(sel.Pids) > 0:
		return every(sel.Pids, func(n int32) (spool.AudioTrack, error) {
			i := slices.IndexFunc(audio, func(t spool.AudioTrack) bool { return t.ID == int(n) })
			if i < 0 {
				return spool.AudioTrack{}, spool.Failf(spool.CodeIncompatible, "Invalid audio PID specified for audio_selector [%s]. Audio with PID [%d] not found in input container.", name, n)
			}
			return audio[i], nil
		})
	case kind == types.AudioSelectorTypeStream && len(sel.Streams) > 0:
		return every(sel.Streams, func(n int32) (spool.AudioTrack, error) {
			i := slices.IndexFunc(audio, func(t spool.AudioTrack) bool { return t.Index == int(n)-1 })
			if i < 0 {
				return spool.AudioTrack{}, spool.Failf(spool.CodeIncompatible, "Invalid stream specified for audio_selector [%s]. Stream [%d] is no audio of the input container.", name, n)
			}
			return audio[i], nil
		})
	case len(sel.Tracks) > 0:
		return every(sel.Tracks, func(n int32) (spool.AudioTrack, error) {
			if n < 1 || int(n) > len(audio) {
				return spool.AudioTrack{}, spool.Failf(spool.CodeIncompatible, "Invalid audio track specified for audio_selector [%s]. Audio track [%d] not found in input container.", name, n)
			}
			return audio[n-1], nil
		})
	default:
		return audio[:1], nil
	}
}

func every(numbers []int32, find func(int32) (spool.AudioTrack, error)) ([]spool.AudioTrack, error) {
	var found []spool.AudioTrack
	for _, n := range numbers {
		t, err := find(n)
		if err != nil {
			return nil, err
		}
		found = append(found, t)
	}
	return found, nil
}

func pcmTracks(name string, audio []spool.AudioTrack) ([]spool.AudioTrack, error) {
	var found []spool.AudioTrack
	for _, t := range audio {
		if strings.HasPrefix(t.Codec, "pcm_") || t.Codec == "s302m" {
			found = append(found, t)
		}
	}
	if len(found) == 0 {
		return nil, spool.Failf(spool.CodeIncompatible, "Invalid selector type ALL_PCM for audio_selector [%s]. The input container has no PCM audio.", name)
	}
	return found, nil
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
func language(ad *types.AudioDescription, track *spool.AudioTrack) string {
	code := ""
	if track != nil {
		code = track.Language
	}
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
