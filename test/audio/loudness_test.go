package audio

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"spool/internal/testkit"
)

// TestLoudness: every algorithm brings the whole to its target within half a LU,
// by a measuring of our own; the limiter keeps the peaks and the target; what is
// too quiet, silent or too short to measure stays as it is.
func TestLoudness(t *testing.T) {
	t.Parallel()
	// speech-like: loud and quiet stretches, so that gates matter
	in := source(t, "in.mov", append(append(picture(12), "-f", "lavfi", "-i",
		`aevalsrc='0.4*sin(2*PI*500*t)*(0.02+lt(mod(t,4),2))|0.3*sin(2*PI*700*t)*(0.02+lt(mod(t,4),2))':c=stereo:s=48000:d=12`), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le")...)
	norm := func(members string) string {
		return `"audioNormalizationSettings":{"algorithmControl":"CORRECT_AUDIO",` + members + `}`
	}
	codec := strings.Replace(wav, "16", "24", 1)
	cases := []struct {
		name, members string
		gated         bool
		target        float64
	}{
		{"one", norm(`"algorithm":"ITU_BS_1770_1"`), false, -24},
		{"two", norm(`"algorithm":"ITU_BS_1770_2"`), true, -23},
		{"three", norm(`"algorithm":"ITU_BS_1770_3","targetLkfs":-27.5`), true, -27.5},
		{"four", norm(`"algorithm":"ITU_BS_1770_4","targetLkfs":-16`), true, -16},
	}
	var outputs []string
	for _, c := range cases {
		outputs = append(outputs, audioOutput(c.name, "RAW", codec, c.members))
	}
	outputs = append(outputs,
		audioOutput("log", "RAW", codec, norm(`"algorithm":"ITU_BS_1770_4","loudnessLogging":"LOG","peakCalculation":"TRUE_PEAK"`)),
		audioOutput("aac", "MP4", strings.Replace(aacStereo, "192000", "64000", 1), norm(`"algorithm":"ITU_BS_1770_4","targetLkfs":-18`)),
		audioOutput("plain", "RAW", codec, ""),
		audioOutput("measured", "RAW", codec, `"audioNormalizationSettings":{"algorithm":"ITU_BS_1770_2","algorithmControl":"MEASURE_ONLY"}`),
		audioOutput("gate", "RAW", codec, norm(`"algorithm":"ITU_BS_1770_2","correctionGateLevel":-5`)))
	base := complete(t, fileJob(`{"audioSelectors":{"Audio Selector 1":{}}}`, outputs...), in)
	for _, c := range cases {
		got := testkit.Lkfs(testkit.Channels(t, base+"_"+c.name+".wav", 0, 2), c.gated)
		if math.Abs(got-c.target) > 0.5 {
			t.Errorf("%s: %.2f LKFS, want %.1f", c.name, got, c.target)
		}
	}
	if got := testkit.Lkfs(testkit.Channels(t, base+"_aac.mp4", 0, 2), true); math.Abs(got+18) > 0.5 {
		t.Errorf("AAC: %.2f LKFS, want -18", got)
	}
	plain := testkit.Lkfs(testkit.Channels(t, base+"_plain.wav", 0, 2), true)
	for _, name := range []string{"measured", "gate"} {
		if got := testkit.Lkfs(testkit.Channels(t, base+"_"+name+".wav", 0, 2), true); math.Abs(got-plain) > 0.01 {
			t.Errorf("%s: %.2f LKFS, want that of the source, %.2f", name, got, plain)
		}
	}
	checkLog(t, base+"_log_loudness.csv")
}

// checkLog reads the log of 12 s at −23 LKFS.
func checkLog(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if want := "seconds,momentary_lkfs,short_term_lkfs,integrated_lkfs,range_lu,true_peak_dbfs"; lines[0] != want || len(lines) < 119 {
		t.Fatalf("%d lines that begin with %q", len(lines), lines[0])
	}
	last := strings.Split(lines[len(lines)-1], ",")
	var figures []float64
	for _, s := range last {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("the last line is %q", last)
		}
		figures = append(figures, n)
	}
	if figures[0] < 11.5 || math.Abs(figures[3]+23) > 0.5 || figures[5] > -10 || figures[5] < -25 {
		t.Errorf("the last line is %q", last)
	}
}

// TestLimiter: a target that lifts peaks over the threshold is met all the same,
// and no true peak is over it.
func TestLimiter(t *testing.T) {
	t.Parallel()
	// a hum with a click of full scale each half second
	in := source(t, "in.wav", "-f", "lavfi", "-i", `aevalsrc='0.05*sin(2*PI*500*t)+0.8*sin(2*PI*1000*t)*lt(mod(t,0.5),0.004)':s=48000:d=8`, "-c:a", "pcm_s16le")
	target := func(lkfs, ceiling float64) string {
		return fmt.Sprintf(`"audioNormalizationSettings":{"algorithm":"ITU_BS_1770_4","algorithmControl":"CORRECT_AUDIO","targetLkfs":%g,"truePeakLimiterThreshold":%g}`, lkfs, ceiling)
	}
	base := complete(t, fileJob(`{}`, audioOutput("a", "RAW", wav, target(-16, -2)), audioOutput("b", "RAW", wav, target(-14, -6))), in)
	for name, want := range map[string][2]float64{"a": {-16, -2}, "b": {-14, -6}} {
		samples := testkit.Channels(t, base+"_"+name+".wav", 0, 1)
		if len(samples[0]) != 8*48000 {
			t.Errorf("%s: %d samples, want %d: the limiter's delay is not made up for", name, len(samples[0]), 8*48000)
		}
		if got := testkit.Lkfs(samples, true); math.Abs(got-want[0]) > 0.5 {
			t.Errorf("%s: %.2f LKFS, want %.1f", name, got, want[0])
		}
		peak := 0.0
		for _, v := range testkit.Channels(t, base+"_"+name+".wav", 0, 1)[0] {
			peak = max(peak, math.Abs(v))
		}
		if db := 20 * math.Log10(peak); db > want[1] {
			t.Errorf("%s: peaks reach %.2f dBFS, more than %.1f", name, db, want[1])
		}
	}
}

// TestNothingToCorrect: silence and clips shorter than the measuring don't break
// a job, and stay as they are.
func TestNothingToCorrect(t *testing.T) {
	t.Parallel()
	for name, expr := range map[string]string{"silence": "0:d=2", "short": "0.1*sin(2*PI*500*t):d=0.15"} {
		in := source(t, name+".wav", "-f", "lavfi", "-i", "aevalsrc="+expr+":s=48000", "-c:a", "pcm_s16le")
		base := complete(t, fileJob(`{}`, audioOutput("n", "RAW", wav, `"audioNormalizationSettings":{"algorithm":"ITU_BS_1770_3","loudnessLogging":"LOG"}`)), in)
		got, was := testkit.Channels(t, base+"_n.wav", 0, 1)[0], testkit.Channels(t, in, 0, 1)[0]
		if len(got) != len(was) {
			t.Fatalf("%s: %d samples of %d", name, len(got), len(was))
		}
		for i := range got {
			if got[i] != was[i] {
				t.Fatalf("%s: sample %d is %g instead of %g", name, i, got[i], was[i])
			}
		}
	}
}
