package audio

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"spool/internal/testkit"
)

// chirps is a tone that sounds for the first 100 ms of every second.
func chirps(seconds float64, rate int) []string {
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("aevalsrc=0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.1):s=%d:d=%g", rate, seconds)}
}

// onsets gives the moments, in seconds, at which a tone of 1 kHz begins, to a
// millisecond.
func onsets(samples []float64, rate int) []float64 {
	window := rate / 200
	var at []float64
	quiet := rate
	for i := 0; i+window <= len(samples); i += rate / 1000 {
		if testkit.ToneLevel(samples[i:i+window], float64(rate), 1000) < 0.2 {
			quiet += rate / 1000
			continue
		}
		if quiet > rate/5 {
			at = append(at, float64(i+window/2)/float64(rate))
		}
		quiet = 0
	}
	return at
}

// onTheSecond demands that the tones begin on the seconds named, within 6 ms.
func onTheSecond(t *testing.T, what string, got []float64, want ...float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: tones at %.3f, want %v", what, got, want)
		return
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 0.006 {
			t.Errorf("%s: tones at %.3f, want %v", what, got, want)
			return
		}
	}
}

// TestStaysInTime: sound of another sampling rate, with a hole in it, that
// begins later or earlier than the picture, or with milliseconds for timestamps
// is heard when it is due.
func TestStaysInTime(t *testing.T) {
	t.Parallel()
	video := []string{"-c:v", "libx264", "-preset", "ultrafast"}
	made := map[string]struct {
		path string
		want []float64
	}{
		"22.05 kHz":            {source(t, "slow.mov", append(append(append(picture(4), chirps(4, 22050)...), video...), "-c:a", "pcm_s16le")...), []float64{0, 1, 2, 3}},
		"44.1 kHz in Matroska": {source(t, "ms.mkv", append(append(append(picture(4), chirps(4, 44100)...), video...), "-c:a", "aac")...), []float64{0, 1, 2, 3}},
		"begins late":          {source(t, "late.mkv", append(append(append(picture(4), append([]string{"-itsoffset", "0.5"}, chirps(3.5, 48000)...)...), video...), "-c:a", "pcm_s16le")...), []float64{0.5, 1.5, 2.5, 3.5}},
		"begins early":         {source(t, "early.ts", append(append(append([]string{"-itsoffset", "0.4"}, append(picture(3), chirps(3, 48000)...)...), video...), "-c:a", "mp2", "-f", "mpegts")...), []float64{0.6, 1.6}},
		"a hole":               {source(t, "hole.mkv", append(append(append(picture(4), chirps(4, 48000)...), video...), "-af", "aselect=not(between(t\\,1.3\\,1.8))", "-c:a", "pcm_s16le")...), []float64{0, 1, 2, 3}},
	}
	job := fileJob(`{}`, audioOutput("w", "RAW", `"codec":"WAV","wavSettings":{"channels":1,"sampleRate":48000}`, ""),
		strings.Replace(audioOutput("v", "MP4", aacStereo, ""), `"audioDescriptions"`, small+`,"audioDescriptions"`, 1))
	for name, m := range made {
		base := complete(t, job, m.path)
		onTheSecond(t, name, onsets(testkit.Channels(t, base+"_w.wav", 0, 1)[0], 48000), m.want...)
		onTheSecond(t, name+", AAC", onsets(testkit.Channels(t, base+"_v.mp4", 0, 2)[0], 48000), m.want...)
	}
}
