package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// abrTask is the survey's task that measures what sizes of the source cost.
const abrTask = "abr"

// The survey looks at a few places of the programme, evenly spread. Each one is
// long enough to hold motion beside the key frame that it begins with.
const (
	abrPlaces = 4
	abrLength = 2 * time.Second
)

// The survey encodes at this constant quality. In the largest size it does so at
// two others instead, which tell how the rate goes with the quality.
const (
	abrCRF     = 23.0
	abrFineCRF = 19.0
	abrPoorCRF = 27.0
)

// abrShort are the usual short sides of pictures, largest first.
var abrShort = []int{2160, 1440, 1080, 720, 540, 432, 360, 270, 180}

// candidates are the sizes that renditions may have, largest first.
func (r abrRules) candidates() []size {
	list := []size{r.largest}
	short := min(r.largest.width, r.largest.height)
	for _, s := range abrShort {
		// one that hardly differs from the largest would be no choice
		if float64(s) <= 0.9*float64(short) {
			scale := float64(s) / float64(short)
			list = append(list, size{even(float64(r.largest.width) * scale), even(float64(r.largest.height) * scale)})
		}
	}
	if len(r.allowed) > 0 {
		list = slices.Clone(r.allowed)
	}
	for _, s := range r.must {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b size) int { return b.pixels() - a.pixels() })
	return list
}

// excerpts is the programme cut down to what the survey looks at.
func (p *programme) excerpts() *programme {
	short := &programme{sources: p.sources, follow: p.follow}
	add := func(of *part, offset, length time.Duration) {
		part := *of
		part.from += offset
		part.length, part.start, part.whole, part.short = length, short.duration, false, false
		short.parts = append(short.parts, &part)
		short.duration += length
	}
	if p.duration <= abrPlaces*abrLength+abrLength {
		for _, part := range p.parts {
			if part.src.video != nil {
				add(part, 0, part.length)
			}
		}
		return short
	}
	for k := range abrPlaces {
		at := time.Duration((float64(k) + 0.5) / abrPlaces * float64(p.duration))
		for _, part := range p.parts {
			if at < part.start || at >= part.start+part.length || part.src.video == nil {
				continue
			}
			length := min(abrLength, part.length)
			add(part, min(at-part.start, part.length-length), length)
		}
	}
	return short
}

// surveyABR gives the task that encodes excerpts in every size that a rendition
// may have; none where nothing is to be chosen.
func surveyABR(settings *types.JobSettings, facts Facts) ([]Task, error) {
	groups := abrGroups(settings)
	if len(groups) == 0 {
		return nil, nil
	}
	prog, err := newProgramme(settings, facts)
	if err != nil {
		return nil, err
	}
	short := prog.excerpts()
	if len(short.parts) == 0 { // no video: black is cheap in any size
		return nil, nil
	}
	b := &builder{settings: settings, facts: facts, prog: short, graph: graph{prog: short}, plan: &Plan{}}
	for i, s := range Sources(settings) {
		b.plan.Inputs = append(b.plan.Inputs, Input{Token: InputToken(i), URI: s.URI})
	}
	for _, p := range short.parts {
		p.input = b.input(p.src.uri, p.args)
	}
	probes, err := abrProbes(groups, prog)
	if err != nil {
		return nil, err
	}
	task := Task{ID: abrTask, Tool: ToolFFmpeg, Duration: short.duration, Share: 1}
	var maps, rates []string
	for n, p := range probes {
		maps = append(maps, "-map", b.graph.video(p.enc))
		rates = append(rates, fmt.Sprintf("-crf:v:%d", n), strconv.FormatFloat(p.crf, 'f', -1, 64))
		task.Pixels += int64(p.size.pixels())
	}
	for _, p := range short.parts {
		task.Pixels += int64(p.src.width) * int64(p.src.height)
	}
	task.Args = slices.Concat(slices.Concat(b.inputs...), []string{"-filter_complex", b.graph.String()}, maps,
		[]string{"-c:v", "libx264", "-preset", "veryfast"}, rates, []string{"-fps_mode:v", "passthrough", "-f", "framecrc", Work + "/" + abrTask + ".txt"})
	return []Task{task}, nil
}

// abrProbe is one encode of the survey.
type abrProbe struct {
	groups []int // of the job, that it tells about
	size   size
	crf    float64
	enc    *encoding
	bits   float64 // per second, in the place that took most
}

// abrProbes lists the encodes of the survey; groups with the same pattern share
// them.
func abrProbes(groups []abrGroup, prog *programme) ([]abrProbe, error) {
	var list []abrProbe
	index := make(map[string]int)
	b := &builder{prog: prog}
	for _, g := range groups {
		rules, err := newABRRules(g, prog)
		if err != nil {
			return nil, err
		}
		for i, s := range rules.candidates() {
			e, err := abrEncoding(g, prog, &s)
			if err != nil {
				return nil, err
			}
			e.pixFmt, e.args, e.params, e.last, e.passes = "yuv420p", nil, nil, nil, 0
			crfs := []float64{abrCRF}
			if i == 0 {
				crfs = []float64{abrFineCRF, abrPoorCRF}
			}
			for _, crf := range crfs {
				key := fmt.Sprint(crf, s) + b.describe(e)
				n, known := index[key]
				if !known {
					n = len(list)
					index[key] = n
					list = append(list, abrProbe{size: s, crf: crf, enc: e})
				}
				list[n].groups = append(list[n].groups, g.index)
			}
		}
	}
	return list, nil
}

// readABR reads what the survey found: a line for each packet, with the number
// of its stream and its size in bytes. Without a finding, as for a job without
// video, every size is taken to cost nothing.
func readABR(text string, groups []abrGroup, prog *programme) ([]abrProbe, error) {
	probes, err := abrProbes(groups, prog)
	if err != nil {
		return nil, err
	}
	parts := prog.excerpts().parts
	seen := make([]int64, len(probes)) // packets
	bits := make([][]float64, len(probes))
	for i := range bits {
		bits[i] = make([]float64, len(parts))
	}
	for line := range strings.Lines(text) {
		fields := strings.Split(line, ",")
		if strings.HasPrefix(line, "#") || len(fields) < 6 {
			continue
		}
		stream, err := strconv.Atoi(strings.TrimSpace(fields[0]))
		bytes, err2 := strconv.ParseInt(strings.TrimSpace(fields[4]), 10, 64)
		if err != nil || err2 != nil || stream < 0 || stream >= len(probes) || bytes < 0 {
			return nil, fmt.Errorf("plan: the survey of automated ABR says %q", strings.TrimSpace(line))
		}
		place, end := 0, int64(0)
		for k, p := range parts {
			if end += p.frames(probes[stream].enc.rate); seen[stream] < end {
				place = k
				break
			}
			place = k
		}
		seen[stream]++
		bits[stream][place] += float64(bytes) * 8
	}
	for i := range probes {
		for k, p := range parts {
			probes[i].bits = max(probes[i].bits, bits[i][k]/p.length.Seconds())
		}
	}
	return probes, nil
}
