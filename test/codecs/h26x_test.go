package codecs

import (
	"math"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// TestGOPs: key frames, B frames, references and closed GOPs are as asked for.
func TestGOPs(t *testing.T) {
	t.Parallel()
	at := func(settings string) string { return `"codec":"H_264","h264Settings":{` + qvbr + "," + settings + `}` }
	const box, stream = `"container":"MP4"`, "h264 Main yuv420p progressive"
	outputs := []struct {
		want
		pattern string // of the kinds of pictures
	}{
		{want{name: "frames", codec: at(`"gopSize":10,"gopSizeUnits":"FRAMES","sceneChangeDetect":"DISABLED","numberReferenceFrames":2`), stream: stream, frames: 50, said: []string{"keyint=10", "ref=2", "scenecut=0"}}, `^(I[bp]{9}){5}$`},
		{want{name: "seconds", codec: at(`"gopSize":0.4,"gopSizeUnits":"SECONDS","sceneChangeDetect":"DISABLED","numberBFramesBetweenReferenceFrames":0`), stream: stream, frames: 50, said: []string{"bframes=0"}}, `^(Ip{9}){5}$`},
		{want{name: "fixed B frames", codec: at(`"gopSize":25,"gopSizeUnits":"FRAMES","sceneChangeDetect":"DISABLED","dynamicSubGop":"STATIC","gopBReference":"DISABLED","numberBFramesBetweenReferenceFrames":2`), stream: stream, frames: 50, said: []string{"b_pyramid=0", "b_adapt=0"}}, `^(I(bbp)*b?p?){2}$`},
		{want{name: "closed", codec: at(`"gopSize":12,"gopSizeUnits":"FRAMES","sceneChangeDetect":"DISABLED","dynamicSubGop":"STATIC","numberBFramesBetweenReferenceFrames":2`), stream: stream, frames: 50, said: []string{"open_gop=0"}}, `^(I(b*p)*){5}b*$`},
		{want{name: "one closed of two", codec: at(`"gopSize":12,"gopSizeUnits":"FRAMES","sceneChangeDetect":"DISABLED","gopClosedCadence":2,"dynamicSubGop":"STATIC","numberBFramesBetweenReferenceFrames":2`), stream: stream, frames: 50, said: []string{"open_gop=1"}}, `^I.{10}bI.{10}pI.{10}bI`},
		{want{name: "Baseline", codec: at(`"codecProfile":"BASELINE","entropyEncoding":"CAVLC"`), stream: "h264 Constrained Baseline yuv420p progressive", frames: 50, said: []string{"cabac=0"}}, `^Ip+$`},
		{want{name: "High with tools", codec: at(`"codecProfile":"HIGH","adaptiveQuantization":"HIGHER","temporalAdaptiveQuantization":"DISABLED","flickerAdaptiveQuantization":"ENABLED","softness":16,"slices":4,"qualityTuningLevel":"SINGLE_PASS"`), stream: "h264 High yuv420p progressive", frames: 50, said: []string{"aq=1:1.20", "mbtree=0", "ip_ratio=1.20", "cqm=1", "slices=4"}}, ``},
		{want{name: "10 bits", codec: at(`"codecProfile":"HIGH_10BIT"`), stream: "h264 High 10 yuv420p10le progressive", frames: 50}, ``},
	}
	list := make([]want, len(outputs))
	for i := range outputs {
		outputs[i].container = box
		list[i] = outputs[i].want
	}
	files := convert(t, testkit.Clip(t, clip), list)
	for i, o := range outputs {
		t.Run(o.name, func(t *testing.T) {
			o.check(t, files[i])
			if got := types(t, files[i]); o.pattern != "" && !regexp.MustCompile(o.pattern).MatchString(got) {
				t.Errorf("the pictures are %s, want %s", got, o.pattern)
			}
		})
	}
}

// TestFields: interlaced outputs have the asked order, of whole pictures or of
// two moments each.
func TestFields(t *testing.T) {
	t.Parallel()
	fast := clip
	fast.FPS, fast.Audio = spool.Rational{Num: 50, Den: 1}, testkit.NoAudio
	const half = `,"framerateControl":"SPECIFIED","framerateNumerator":25,"framerateDenominator":1`
	at := func(settings string) string {
		return `"codec":"H_264","h264Settings":{` + qvbr + half + "," + settings + `}`
	}
	outputs := []want{
		{name: "top", container: `"container":"MP4"`, codec: at(`"interlaceMode":"TOP_FIELD","scanTypeConversionMode":"INTERLACED_OPTIMIZE"`), stream: "h264 Main yuv420p tt", frames: 50, said: []string{"interlaced=tff"}},
		{name: "bottom", container: `"container":"M2TS"`, codec: at(`"interlaceMode":"BOTTOM_FIELD"`), stream: "h264 Main yuv420p bb", frames: 50, said: []string{"interlaced=bff"}},
		{name: "neither", container: `"container":"MP4"`, codec: at(`"interlaceMode":"PROGRESSIVE"`), stream: "h264 Main yuv420p progressive", frames: 50, said: []string{"interlaced=0"}},
	}
	files := convert(t, testkit.Clip(t, fast), outputs)
	for i, o := range outputs {
		t.Run(o.name, func(t *testing.T) { o.check(t, files[i]) })
	}
	// every picture of the input is a field of the output, in order
	if got := testkit.FrameNumbers(t, fieldsOf(t, files[0])); !slices.Equal(got, span(0, 99)) {
		t.Errorf("the fields show %v, want 0 to 99", got)
	}
	film := clip
	film.FPS, film.Audio = spool.Rational{Num: 24000, Den: 1001}, testkit.NoAudio
	pulled := want{container: `"container":"MOV"`, stream: "prores Standard yuv422p10le tb",
		codec: `"codec":"PRORES","proresSettings":{"telecine":"HARD","interlaceMode":"TOP_FIELD","framerateControl":"SPECIFIED","framerateNumerator":30000,"framerateDenominator":1001}`}
	file := convert(t, testkit.Clip(t, film), []want{pulled})[0]
	pulled.check(t, file)
	if got := testkit.FrameNumbers(t, fieldsOf(t, file)); !slices.Equal(got[:20], []int{0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7, 7}) {
		t.Errorf("the fields show %v, want each picture twice and thrice in turn", got[:20])
	}
}

// fieldsOf writes every field of a file as a picture of its own.
func fieldsOf(t *testing.T, file string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "fields.mkv")
	if said, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-nostdin", "-i", file, "-vf", "separatefields", "-c:v", "ffv1", out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return out
}

// TestRates: caps hold over the buffer's window, constant rates are constant, and
// averages are bounded.
func TestRates(t *testing.T) {
	t.Parallel()
	noisy := clip
	noisy.Seconds, noisy.Audio = 4, testkit.NoAudio
	outputs := []struct {
		want
		rate, buffer int64 // bits/s and bits of the cap
		low, high    int64 // bits/s on average
	}{
		{want{codec: `"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":300000,"hrdBufferSize":300000,"qvbrSettings":{"qvbrQualityLevel":10}}`}, 300000, 300000, 0, 330000},
		{want{codec: `"codec":"H_264","h264Settings":{"rateControlMode":"VBR","bitrate":200000,"maxBitrate":300000,"hrdBufferSize":300000,"qualityTuningLevel":"MULTI_PASS_HQ"}`}, 300000, 300000, 120000, 230000},
		{want{codec: `"codec":"H_264","h264Settings":{"rateControlMode":"CBR","bitrate":400000,"hrdBufferSize":400000}`}, 400000, 400000, 330000, 440000},
		{want{codec: `"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":900000,"qualityTuningLevel":"MULTI_PASS_HQ","qvbrSettings":{"qvbrQualityLevel":10,"maxAverageBitrate":100000}}`}, 900000, 1800000, 0, 115000},
		{want{codec: `"codec":"H_265","h265Settings":{"rateControlMode":"QVBR","maxBitrate":300000,"hrdBufferSize":300000,"qvbrSettings":{"qvbrQualityLevel":10}}`}, 300000, 300000, 0, 330000},
		{want{codec: `"codec":"MPEG2","mpeg2Settings":{"rateControlMode":"CBR","bitrate":1500000,"hrdBufferSize":1500000}`, container: `"container":"MXF"`}, 1500000, 1500000, 1000000, 1600000},
	}
	list := make([]want, len(outputs))
	for i := range outputs {
		if outputs[i].container == "" {
			outputs[i].container = `"container":"MP4"`
		}
		list[i] = outputs[i].want
	}
	files := convert(t, testkit.Clip(t, noisy), list)
	for i, o := range outputs {
		var total int64
		sizes := []int64{0}
		for _, p := range packets(t, files[i]) {
			n, err := p.Size.Int64()
			if err != nil {
				t.Fatal(err)
			}
			total += 8 * n
			sizes = append(sizes, total)
		}
		const fps = 25
		average := total * fps / int64(len(sizes)-1)
		if average < o.low || average > o.high {
			t.Errorf("%s: %d bits/s on average, want %d to %d", o.codec, average, o.low, o.high)
		}
		// over any t seconds at most rate·t + buffer bits
		worst := math.Inf(-1)
		for a := range sizes {
			for b := a + 1; b < len(sizes); b++ {
				worst = math.Max(worst, float64(sizes[b]-sizes[a])-float64(o.rate)*float64(b-a)/fps)
			}
		}
		if worst > 1.05*float64(o.buffer) {
			t.Errorf("%s: %0.f bits above the cap at worst, the buffer holds %d", o.codec, worst, o.buffer)
		}
	}
}

// TestH265Tools: single coding tools are as asked for.
func TestH265Tools(t *testing.T) {
	t.Parallel()
	outputs := []want{
		{name: "tools", container: `"container":"MP4"`, stream: "hevc Main yuv420p progressive", frames: 50,
			codec: `"codec":"H_265","h265Settings":{` + qvbr + `,"sampleAdaptiveOffsetFilterMode":"OFF","deblocking":"DISABLED","treeBlockSize":"TREE_SIZE_32X32","mvTemporalPredictor":"DISABLED","temporalIds":"ENABLED","codecProfile":"MAIN_HIGH","writeMp4PackagingType":"HVC1"}`,
			said:  []string{"no-sao", "no-deblock", "ctu=32", "no-temporal-mvp", " temporal-layers", "hvc1"}},
		{name: "4:2:2", container: `"container":"MP4"`, stream: "hevc Rext yuv422p10le progressive", frames: 50,
			codec: `"codec":"H_265","h265Settings":{` + qvbr + `,"codecProfile":"MAIN_422_10BIT_MAIN","numberBFramesBetweenReferenceFrames":2,"gopSize":10,"gopSizeUnits":"FRAMES"}`,
			said:  []string{"keyint=10", "bframes=2", "hev1"}},
	}
	files := convert(t, testkit.Clip(t, clip), outputs)
	for i, o := range outputs {
		t.Run(o.name, func(t *testing.T) { o.check(t, files[i]) })
	}
	if got := types(t, files[1]); strings.Count(got, "I") != 5 {
		t.Errorf("%s: want a key frame every ten", got)
	}
}
