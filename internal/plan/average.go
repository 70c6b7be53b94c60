package plan

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// QVBR with a bound on the average bitrate: the survey encodes at the quality
// that is asked for and counts bits. Where that is more than the average may be,
// the encode is one of two passes at the average instead.

// averageBound gives maxAverageBitrate of an output, 0 without.
func averageBound(vd *types.VideoDescription) int64 {
	if vd == nil || vd.CodecSettings == nil {
		return 0
	}
	switch c := vd.CodecSettings; {
	case c.H264Settings != nil && c.H264Settings.RateControlMode == types.H264RateControlModeQvbr && c.H264Settings.QvbrSettings != nil:
		return int64(aws.ToInt32(c.H264Settings.QvbrSettings.MaxAverageBitrate))
	case c.H265Settings != nil && c.H265Settings.RateControlMode == types.H265RateControlModeQvbr && c.H265Settings.QvbrSettings != nil:
		return int64(aws.ToInt32(c.H265Settings.QvbrSettings.MaxAverageBitrate))
	}
	return 0
}

// boundAverage applies the bound to a finished encoding, or notes in the survey
// what is to be found for it.
func (b *builder) boundAverage(e *encoding, most int64) {
	if most == 0 {
		return
	}
	// the segments of a group add key frames; they don't decide
	alone := *e
	alone.args = slices.Clone(e.args)
	for _, flag := range []string{"-force_key_frames", "-forced-idr"} {
		if i := slices.Index(alone.args, flag); i >= 0 {
			alone.args = slices.Delete(alone.args, i, i+2)
		}
	}
	hash := fnv.New64a()
	fmt.Fprint(hash, b.describe(&alone))
	id := fmt.Sprintf("rate_%x", hash.Sum64())
	found, ok := b.facts.Findings[id]
	if !ok {
		if b.missing == nil {
			b.missing = map[string]bool{}
		}
		if !b.missing[id] {
			b.missing[id] = true
			b.toMeasure = append(b.toMeasure, func() []Task { return []Task{b.counting(id, &alone)} })
		}
		return
	}
	bits, frames := countBits(found)
	if frames == 0 || float64(bits)*e.rate.Float()/float64(frames) <= float64(most) {
		return
	}
	if i := slices.Index(e.args, "-crf"); i >= 0 {
		e.args = slices.Clone(e.args)
		e.args[i], e.args[i+1] = "-b:v", bps(most)
		e.passes = 2
	}
}

// counting is the task that tells the size of every picture of an encode.
func (b *builder) counting(id string, e *encoding) Task {
	g := graph{prog: b.prog}
	label := g.video(e)
	t := Task{ID: id, Tool: ToolFFmpeg, Duration: b.prog.duration, Frames: b.prog.frames(e.rate), Pixels: int64(e.geo.width) * int64(e.geo.height)}
	for _, p := range b.prog.parts {
		t.Pixels += int64(p.src.width) * int64(p.src.height)
	}
	t.Args = append(slices.Concat(b.inputs...), "-filter_complex", g.String(), "-map", label)
	t.Args = append(t.Args, e.coding()...)
	t.Args = append(t.Args, "-fps_mode:v", "passthrough", "-f", "framecrc", Work+"/"+id+".txt")
	return t
}

// countBits reads what the task wrote: a line for each packet with its stream,
// times, and size in bytes.
func countBits(text string) (bits, frames int64) {
	for line := range strings.Lines(text) {
		fields := strings.Split(line, ",")
		if strings.HasPrefix(line, "#") || len(fields) < 6 {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(fields[4]), 10, 64); err == nil {
			bits += 8 * n
			frames++
		}
	}
	return bits, frames
}

// surveyRates gives the counting that is still to be done.
func surveyRates(settings *types.JobSettings, facts Facts) ([]Task, error) {
	var b *builder
	for i := range settings.OutputGroups {
		for j := range settings.OutputGroups[i].Outputs {
			o := &settings.OutputGroups[i].Outputs[j]
			if averageBound(o.VideoDescription) == 0 {
				continue
			}
			if b == nil {
				var err error
				if b, err = newBuilder(settings, facts); err != nil {
					return nil, err
				}
			}
			if _, err := b.encode(i, j, o, 0); err != nil {
				return nil, err
			}
		}
	}
	if b == nil {
		return nil, nil
	}
	var tasks []Task
	for _, task := range b.toMeasure {
		tasks = append(tasks, task()...)
	}
	return tasks, nil
}
