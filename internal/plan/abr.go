package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// Automated ABR (behaviour.md 5.8): a group names one video output as a pattern,
// and the source decides how many renditions are made of it, in which sizes and
// at which bitrates. The survey encodes a few seconds of the source in each size
// that may come (abr_survey.go), the ladder is chosen from what that took
// (abr_ladder.go), and the pattern is replaced by its renditions before anything
// else is planned. So groups with the same pattern and rules get the same
// renditions, which are encoded once.

// abrGroup is one output group with automated ABR.
type abrGroup struct {
	index   int // in the job
	pattern int // of its outputs, the one with video
	video   *types.VideoDescription
	abr     *types.AutomatedAbrSettings
}

// abrGroups lists the groups whose renditions are chosen here.
func abrGroups(s *types.JobSettings) []abrGroup {
	var list []abrGroup
	for i, g := range s.OutputGroups {
		if g.AutomatedEncodingSettings == nil || g.AutomatedEncodingSettings.AbrSettings == nil {
			continue
		}
		for j := range g.Outputs {
			if v := g.Outputs[j].VideoDescription; v != nil && v.CodecSettings != nil {
				list = append(list, abrGroup{i, j, v, g.AutomatedEncodingSettings.AbrSettings})
				break
			}
		}
	}
	return list
}

// size is that of a picture, in pixels.
type size struct{ width, height int }

func (s size) String() string { return fmt.Sprintf("%dx%d", s.width, s.height) }

// within tells whether a size fits into another.
func (s size) within(o size) bool { return s.width <= o.width && s.height <= o.height }

func (s size) pixels() int { return s.width * s.height }

func sizeOf(width, height *int32) size {
	return size{int(aws.ToInt32(width)), int(aws.ToInt32(height))}
}

// abrRules are what a job asks of a ladder.
type abrRules struct {
	low, high  int64 // bits/s of the caps of all renditions
	most       int   // renditions
	level      int   // quality of the best rendition, 1 to 10; 0: by its size
	largest    size  // of any rendition: the output's, or the source's where that is smaller
	minTop     size
	minBottom  size
	must       []size // renditions that have to be there
	allowed    []size // the only ones that may be; nil: any
	left       []size // that rules name and the source has not
	h265       bool
	sourceRate int64 // bits/s that the source is worth in the output's codec; 0 unknown
}

// newABRRules reads a group's rules. Sizes above the source's are left out: what
// is not there can't be made.
func newABRRules(g abrGroup, prog *programme) (abrRules, error) {
	r := abrRules{
		low:   int64(cmp.Or(aws.ToInt32(g.abr.MinAbrBitrate), 600_000)),
		high:  int64(cmp.Or(aws.ToInt32(g.abr.MaxAbrBitrate), 8_000_000)),
		most:  int(cmp.Or(aws.ToInt32(g.abr.MaxRenditions), 15)),
		level: int(aws.ToFloat64(g.abr.MaxQualityLevel)),
		h265:  g.video.CodecSettings.Codec == types.VideoCodecH265,
	}
	var err error
	if r.largest, err = abrLargest(g, prog); err != nil {
		return r, err
	}
	r.sourceRate = sourceRate(prog, r.h265)
	name := func(list []size, s size) []size {
		switch {
		case !s.within(r.largest):
			if !slices.Contains(r.left, s) {
				r.left = append(r.left, s)
			}
		case !slices.Contains(list, s):
			list = append(list, s)
		}
		return list
	}
	for _, rule := range g.abr.Rules {
		switch rule.Type { // the members of other types count for nothing
		case types.RuleTypeMinTopRenditionSize:
			if m := rule.MinTopRenditionSize; m != nil {
				r.minTop = sizeOf(m.Width, m.Height)
			}
		case types.RuleTypeMinBottomRenditionSize:
			if m := rule.MinBottomRenditionSize; m != nil {
				r.minBottom = sizeOf(m.Width, m.Height)
			}
		case types.RuleTypeForceIncludeRenditions:
			for _, f := range rule.ForceIncludeRenditions {
				r.must = name(r.must, sizeOf(f.Width, f.Height))
			}
		case types.RuleTypeAllowedRenditions:
			for _, a := range rule.AllowedRenditions {
				s := sizeOf(a.Width, a.Height)
				r.allowed = name(r.allowed, s)
				if a.Required == types.RequiredFlagEnabled && s.within(r.largest) {
					r.must = name(r.must, s)
				}
			}
		}
	}
	return r, nil
}

// abrLargest is the size that no rendition exceeds: the pattern's, made smaller
// where the picture would be enlarged for it.
func abrLargest(g abrGroup, prog *programme) (size, error) {
	e, err := abrEncoding(g, prog, nil)
	if err != nil {
		return size{}, err
	}
	geo, s := e.geo, prog.follow
	if s.video == nil || geo.scaleW == 0 || geo.scaleH == 0 {
		return size{geo.width, geo.height}, nil
	}
	shrink := min(1, float64(s.width)/float64(geo.scaleW), float64(s.height)/float64(geo.scaleH))
	if shrink == 1 {
		return size{geo.width, geo.height}, nil
	}
	return size{even(float64(geo.width) * shrink), even(float64(geo.height) * shrink)}, nil
}

// abrEncoding is the encode of a pattern in one size, or in its own where there
// is none.
func abrEncoding(g abrGroup, prog *programme, in *size) (*encoding, error) {
	b := &builder{settings: &types.JobSettings{}, prog: prog}
	return b.trial(abrVideo(g.video, abrCaps{}, in))
}

// abrCaps are what automated ABR decides of an encode's rate.
type abrCaps struct {
	max   int64 // bits/s; 0: none yet
	level int
}

// abrVideo is a pattern with the size and the rate of a rendition.
func abrVideo(pattern *types.VideoDescription, caps abrCaps, in *size) *types.VideoDescription {
	v, codec := *pattern, *pattern.CodecSettings
	v.CodecSettings = &codec
	if in != nil {
		v.Width, v.Height = aws.Int32(int32(in.width)), aws.Int32(int32(in.height)) //nolint:gosec // of a picture
	}
	level, most := aws.Int32(int32(cmp.Or(caps.level, 7))), aws.Int32(int32(cmp.Or(caps.max, 8_000_000))) //nolint:gosec // 10; 100 Mbit/s
	if h := codec.H264Settings; h != nil {
		c := *h
		c.MaxBitrate, c.HrdBufferSize, c.Bitrate = most, nil, nil
		c.QvbrSettings = &types.H264QvbrSettings{QvbrQualityLevel: level}
		codec.H264Settings = &c
	}
	if h := codec.H265Settings; h != nil {
		c := *h
		c.MaxBitrate, c.HrdBufferSize, c.Bitrate = most, nil, nil
		c.QvbrSettings = &types.H265QvbrSettings{QvbrQualityLevel: level}
		codec.H265Settings = &c
	}
	return &v
}

// worth is how much picture a bit carries in a codec, H.264 being 1.
var worth = map[string]float64{
	"h264": 1, "hevc": h265Worth, "vp9": 1.5, "av1": 1.8, "vp8": 0.9, "mpeg4": 0.7, "mpeg2video": 0.5, "mpeg1video": 0.4,
}

// h265Worth is that of H.265.
const h265Worth = 1.6

// sourceRate gives the bitrate beyond which an output can't show more than the
// source holds; 0 when that is not known.
func sourceRate(prog *programme, h265 bool) int64 {
	best := 0.0
	for _, p := range prog.parts {
		v := p.src.video
		if v == nil {
			continue
		}
		w, ok := worth[v.Codec]
		if !ok || v.BitRate <= 0 {
			return 0
		}
		best = max(best, float64(v.BitRate)*w)
	}
	if h265 {
		best /= h265Worth
	}
	return int64(best)
}

// expandABR replaces the patterns of automated ABR by their renditions, in a copy
// of the settings, and tells what was chosen and why.
func expandABR(settings *types.JobSettings, facts Facts) (*types.JobSettings, []string, error) {
	groups := abrGroups(settings)
	if len(groups) == 0 {
		return settings, nil, nil
	}
	prog, err := newProgramme(settings, facts)
	if err != nil {
		return nil, nil, err
	}
	found, err := readABR(facts.Findings[abrTask], groups, prog)
	if err != nil {
		return nil, nil, err
	}
	whole := *settings
	whole.OutputGroups = slices.Clone(settings.OutputGroups)
	var messages []string
	said := make(map[string][]int) // what was chosen → numbers of groups
	for _, g := range groups {
		rules, err := newABRRules(g, prog)
		if err != nil {
			return nil, nil, err
		}
		l := newLadder(rules, found, g.index)
		rungs := l.rungs()
		og := &whole.OutputGroups[g.index]
		var outputs []types.Output
		for j, o := range og.Outputs {
			if j != g.pattern {
				outputs = append(outputs, o)
				continue
			}
			for _, r := range rungs {
				outputs = append(outputs, r.output(o))
			}
		}
		og.Outputs = outputs
		text := l.explain(rungs)
		if said[text] == nil {
			messages = append(messages, text)
		}
		said[text] = append(said[text], g.index+1)
	}
	for i, text := range messages {
		messages[i] = "Automated ABR, " + groupNumbers(said[text]) + ": " + text
	}
	return &whole, messages, nil
}

func groupNumbers(list []int) string {
	if len(list) == 1 {
		return fmt.Sprintf("output group %d", list[0])
	}
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = fmt.Sprint(n)
	}
	return "output groups " + strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// output makes a rendition of the pattern. Its name says its size and cap, such
// as _1280x720_3000k, behind the pattern's own modifier.
func (r rung) output(pattern types.Output) types.Output {
	o := pattern
	o.NameModifier = aws.String(fmt.Sprintf("%s_%s_%dk", aws.ToString(pattern.NameModifier), r.size, r.max/1000))
	o.VideoDescription = abrVideo(pattern.VideoDescription, abrCaps{max: r.max, level: r.level}, &r.size)
	return o
}
