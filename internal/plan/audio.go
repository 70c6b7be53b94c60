package plan

import (
	"cmp"
	"fmt"
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
	tracks   []int // FFmpeg stream indexes, channels stacked in order
	offsetMS int
	channels int
	args     []string
	expect   Audio
	gap      time.Duration // of its first track, see source.startGap
	length   time.Duration // from the first picture to its end, as far as it is known
	fromMono bool
	language string
}

// aligned is the filter that puts one track on the timeline of the outputs. Gaps
// are filled, and what lies before the first picture is dropped: the sound
// begins with the picture.
func (a sound) aligned(s *source) string {
	shift := s.zero.Seconds() - float64(a.offsetMS)/1000
	return fmt.Sprintf("asetpts=PTS-(%.6f)/TB,aresample=%d:async=1:first_pts=0", shift, a.expect.SampleRate)
}

// shape is the filter that gives the joined tracks their channels. The resampler
// would take 3 dB from mono.
func (a sound) shape() string {
	if a.fromMono && a.channels == 2 {
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
	return slices.Equal(a.tracks, b.tracks) && a.offsetMS == b.offsetMS &&
		a.channels == b.channels && a.expect.SampleRate == b.expect.SampleRate
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

// newSound plans one audio description. It gives nil when the input has no
// audio to take: the output then goes without.
func newSound(s *source, ad *types.AudioDescription) (*sound, error) {
	name := cmp.Or(aws.ToString(ad.AudioSourceName), defaultSelector)
	tracks, selector, err := s.selectTracks(name)
	if err != nil || len(tracks) == 0 {
		return nil, err
	}
	aac := ad.CodecSettings.AacSettings
	a := &sound{
		offsetMS: int(aws.ToInt32(selector.Offset)),
		expect: Audio{
			Codec:      "aac",
			SampleRate: int(aws.ToInt32(aac.SampleRate)),
			BitRate:    int64(aws.ToInt32(aac.Bitrate)),
		},
		gap:      s.startGap(tracks[0]),
		length:   s.duration,
		language: language(ad, tracks[0]),
	}
	in := 0
	for _, t := range tracks {
		a.tracks = append(a.tracks, t.Index)
		in += t.Channels
	}
	if d := tracks[0].Duration; d > 0 {
		a.length = d - a.gap + time.Duration(a.offsetMS)*time.Millisecond
	}
	a.fromMono = in == 1
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
