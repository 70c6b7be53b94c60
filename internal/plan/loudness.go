package plan

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// loudness is how loud a sound is to be, and what is written of it
// (behaviour.md 5.6).
type loudness struct {
	gated   bool    // quiet passages don't count (BS.1770-2 and later)
	correct bool    // otherwise it is only measured
	target  float64 // LKFS
	gate    float64 // LKFS; what is quieter as a whole is left alone
	ceiling float64 // dBFS of the true peak
	peaks   bool    // the log tells true peaks
	log     string  // staged name of the log; "" for none
	gain    float64 // dB, once it is known
	limited bool    // the gain would lift peaks above the ceiling
}

func (l *loudness) same(m *loudness) bool {
	return l == nil && m == nil || l != nil && m != nil && *l == *m
}

func newLoudness(s *types.AudioNormalizationSettings) *loudness {
	first := s.Algorithm == types.AudioNormalizationAlgorithmItuBs17701
	l := &loudness{
		gated:   !first,
		correct: s.AlgorithmControl != types.AudioNormalizationAlgorithmControlMeasureOnly,
		target:  -23,
		gate:    -70,
		peaks:   s.PeakCalculation == types.AudioNormalizationPeakCalculationTruePeak,
	}
	if first {
		l.target = -24
	}
	if s.TargetLkfs != nil {
		l.target = *s.TargetLkfs
	}
	if s.CorrectionGateLevel != nil {
		l.gate = float64(*s.CorrectionGateLevel)
	}
	l.ceiling = aws.ToFloat64(s.TruePeakLimiterThreshold)
	return l
}

// level plans the loudness of a sound from what the survey found. In the survey
// itself it asks for what is not found yet.
func (b *builder) level(a *sound, s *types.AudioNormalizationSettings) {
	if s == nil {
		return
	}
	l := newLoudness(s)
	a.loudness = l
	if l.correct {
		l.settle(func(id string) (string, bool) {
			found, ok := b.facts.Findings[id]
			if !ok {
				b.unknown(id, *a)
			}
			return found, ok
		}, a.measureID, lossy(a.expect.Codec))
	}
	if s.LoudnessLogging == types.AudioNormalizationLoudnessLoggingLog {
		l.log = a.measureID() + "_log.txt"
	}
}

// measureID names the measuring of a sound as it now is.
func (a sound) measureID() string {
	h := fnv.New64a()
	fmt.Fprint(h, a.describe())
	if l := a.loudness; l != nil {
		fmt.Fprintf(h, "%v %.4f %t %.2f", l.gated, l.gain, l.limited, l.ceiling)
		if l.gain != 0 && lossy(a.expect.Codec) {
			fmt.Fprint(h, a.args) // what the codec makes of it counts
		}
	}
	return fmt.Sprintf("loudness_%x", h.Sum64())
}

// Rounds of measuring. A gain alone needs one; what the limiter takes away, and
// what a lossy codec changes, is made up for in more.
const rounds = 3

// nearEnough is how far from its target, in LU, such sound may stay.
const nearEnough = 0.25

// lossy tells whether a codec changes how loud sound is: short of bits, by up to
// half a LU.
func lossy(codec string) bool {
	return codec != "flac" && codec != "s302m" && !strings.HasPrefix(codec, "pcm_")
}

// settle decides the gain. find gives what a measuring found, if it was done;
// coded says that the sound is measured as its codec gives it back.
func (l *loudness) settle(find func(id string) (string, bool), id func() string, coded bool) {
	text, ok := find(id())
	if !ok {
		return
	}
	m := parseMeasure(text)
	was := m.level(l.gated)
	if was < l.gate || was <= silent {
		return // silence, or too quiet to be meant
	}
	l.gain = l.target - was
	for range rounds {
		l.limited = m.peak+l.gain > l.ceiling
		if !l.limited && !coded {
			return
		}
		text, ok := find(id())
		if !ok {
			return
		}
		got := parseMeasure(text).level(l.gated)
		off := l.target - got
		if math.Abs(off) <= nearEnough || got <= silent {
			return
		}
		l.gain = min(l.gain+off, mostGain)
	}
	l.limited = m.peak+l.gain > l.ceiling
}

// mostGain bounds the gain of limited sound, in dB.
const mostGain = 60

// correction are the filters that make a sound as loud as it is to be. True peaks
// lie between samples: the limiter sees four times as many.
func (l *loudness) correction(rate int) []string {
	if l.gain == 0 {
		return nil
	}
	fs := []string{"volume=" + number(l.gain) + "dB"}
	if l.limited {
		limit := math.Pow(10, (l.ceiling-peakMargin)/20)
		fs = append(fs, fmt.Sprintf("aresample=%d", 4*rate), "alimiter=limit="+number(limit)+":attack=2:release=80:level=false:latency=true", fmt.Sprintf("aresample=%d", rate))
	}
	return fs
}

// peakMargin is what resampling and encoding may add to a peak, in dB.
const peakMargin = 0.3

// meter is the filter that measures and writes to a file in the folder that the
// task runs in, every 100 ms. skip leaves out steps of long programmes.
func meter(file string, skip int) string {
	text := "ebur128=peak=true:metadata=1:framelog=verbose"
	if skip > 1 {
		text += fmt.Sprintf(",aselect=not(mod(n\\,%d))", skip)
	}
	return text + ",ametadata=mode=print:file=" + file
}

// A measuring of one sound may leave maxReport bytes; a step is at most stepBytes.
const (
	meterStep = 100 * time.Millisecond
	stepBytes = 700
	maxReport = 24 << 20
)

// skipped gives which steps of a programme are written: every one, or fewer.
func skipped(length time.Duration) int {
	return 1 + int(length/meterStep)*stepBytes/maxReport
}

// measuring gives the task that measures a sound, and before it the one that
// encodes it, where a gain is tried on what a codec gives back.
func (b *builder) measuring(id string, a sound) []Task {
	g := graph{prog: b.prog}
	label := g.sound(a)
	chains := strings.TrimSuffix(g.String(), label)
	measured := "," + meter(id+".txt", skipped(b.prog.duration)) + label
	t := Task{ID: id, Tool: ToolFFmpeg, Duration: b.prog.duration}
	inputs := slices.Concat(b.inputs...)
	sink := []string{"-map", label, "-f", "null", "-"}
	if a.loudness.gain == 0 || !lossy(a.expect.Codec) {
		t.Args = slices.Concat(inputs, []string{"-filter_complex", chains + measured}, sink)
		return []Task{t}
	}
	coded := Work + "/" + id + ".mka"
	encode := Task{ID: id + "_coded", Tool: ToolFFmpeg, Duration: b.prog.duration}
	encode.Args = slices.Concat(inputs, []string{"-filter_complex", chains + label, "-map", label}, a.args, []string{"-f", "matroska", coded})
	t.Args = slices.Concat([]string{"-protocol_whitelist", "file", "-f", "matroska", "-i", coded, "-filter_complex", "[0:0]anull" + measured}, sink)
	return []Task{encode, t}
}

// unknown notes that a sound is still to be measured.
func (b *builder) unknown(id string, a sound) {
	if b.missing == nil {
		b.missing = map[string]bool{}
	}
	if b.missing[id] {
		return
	}
	b.missing[id] = true
	l := *a.loudness
	l.log = ""
	a.loudness = &l
	b.toMeasure = append(b.toMeasure, func() []Task { return b.measuring(id, a) })
}

// surveyLoudness gives the measuring that is still to be done.
func surveyLoudness(settings *types.JobSettings, facts Facts) ([]Task, error) {
	if !normalizes(settings) {
		return nil, nil
	}
	b, err := newBuilder(settings, facts)
	if err != nil {
		return nil, err
	}
	for i := range settings.OutputGroups {
		for j := range settings.OutputGroups[i].Outputs {
			o := &settings.OutputGroups[i].Outputs[j]
			for k := range o.AudioDescriptions {
				if _, err := b.sounds(o, &o.AudioDescriptions[k], audioPointer(i, j, k)); err != nil {
					return nil, err
				}
			}
		}
	}
	var tasks []Task
	for _, task := range b.toMeasure {
		tasks = append(tasks, task()...)
	}
	return tasks, nil
}

func normalizes(settings *types.JobSettings) bool {
	for _, g := range settings.OutputGroups {
		for _, o := range g.Outputs {
			for _, ad := range o.AudioDescriptions {
				if n := ad.AudioNormalizationSettings; n != nil && n.AlgorithmControl != types.AudioNormalizationAlgorithmControlMeasureOnly {
					return true
				}
			}
		}
	}
	return false
}

func audioPointer(i, j, k int) string {
	return fmt.Sprintf("/outputGroups/%d/outputs/%d/audioDescriptions/%d", i, j, k)
}

// silent is what the meter says of silence, and below which nothing counts, in
// LKFS.
const silent = -70

// measure is what the meter wrote of a sound.
type measure struct {
	blocks []float64 // LKFS of 400 ms each, every 100 ms
	peak   float64   // dBFS
}

// parseMeasure reads the meter's file. Lines that are none of its own are passed
// over.
func parseMeasure(text string) measure {
	m := measure{peak: math.Inf(-1)}
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || !strings.HasPrefix(key, "lavfi.r128.") {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			continue
		}
		switch strings.TrimPrefix(key, "lavfi.r128.") {
		case "M":
			m.blocks = append(m.blocks, n)
		case "true_peak":
			if n > 0 {
				m.peak = max(m.peak, 20*math.Log10(n))
			}
		}
	}
	return m
}

// level gives the loudness of the whole (ITU-R BS.1770): the mean of all blocks,
// or of those that pass the gates at −70 LKFS and 10 LU below the mean of what is
// above that.
func (m measure) level(gated bool) float64 {
	const unready = 3 // steps before the first block is whole
	if !gated {
		return meanAbove(m.blocks[min(unready, len(m.blocks)):], math.Inf(-1))
	}
	return meanAbove(m.blocks, max(silent, meanAbove(m.blocks, silent)-10))
}

func meanAbove(blocks []float64, gate float64) float64 {
	sum, n := 0.0, 0
	for _, b := range blocks {
		if b > gate {
			sum += math.Pow(10, b/10)
			n++
		}
	}
	if n == 0 {
		return math.Inf(-1)
	}
	return 10 * math.Log10(sum/float64(n))
}
