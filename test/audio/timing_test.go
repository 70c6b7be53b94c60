package audio

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/testkit"
)

const (
	aacStereo = `"codec":"AAC","aacSettings":{"bitrate":192000,"codingMode":"CODING_MODE_2_0","sampleRate":48000}`
	frame     = 1024 // samples of an AAC packet
)

// sweep is a rising tone: each moment has a pitch of its own, so that anything
// that is moved, missing or doubled shows.
func sweep(seconds float64) []string {
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("aevalsrc='0.5*sin(2*PI*(200*t+100*t*t))|0.5*sin(2*PI*(200*t+100*t*t))':c=stereo:s=48000:d=%g", seconds)}
}

// swept gives the sweep at a sample.
func swept(n int) float64 {
	t := float64(n) / 48000
	return 0.5 * math.Sin(2*math.Pi*(200*t+100*t*t))
}

// follows demands that decoded sound is the sweep from a sample of it on: over
// every stretch of 20 ms what differs is far below the tone.
func follows(t *testing.T, what string, got []float64, from int) {
	t.Helper()
	const stretch = 960
	for at := 0; at+stretch <= len(got); at += stretch {
		sum := 0.0
		for i := at; i < at+stretch; i++ {
			d := got[i] - swept(from+i)
			sum += d * d
		}
		if off := math.Sqrt(sum / stretch); off > 0.05 {
			t.Fatalf("%s: at %.3f s the sound is off by %.3f of 0.5", what, float64(at)/48000, off)
		}
	}
}

// TestExactClips: clips are cut and joined to the sample, with nothing between.
func TestExactClips(t *testing.T) {
	t.Parallel()
	in := source(t, "in.mov", append(append(picture(4), sweep(4)...), "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "pcm_s16le")...)
	clips := `{"timecodeSource":"ZEROBASED","audioSelectors":{"Audio Selector 1":{}},"inputClippings":[
		{"startTimecode":"00:00:00:10","endTimecode":"00:00:00:24"},{"startTimecode":"00:00:02:03","endTimecode":"00:00:02:17"}]}`
	base := complete(t, fileJob(clips+`,{"audioSelectors":{"Audio Selector 1":{}}}`,
		`{"nameModifier":"_v","containerSettings":{"container":"MP4"},`+small+`,"audioDescriptions":[{"codecSettings":{`+aacStereo+`}}]}`,
		audioOutput("w", "RAW", wav, "")), in, in)
	got := testkit.Channels(t, base+"_w.wav", 0, 2)[0]
	const perFrame = 1920
	if want := (15 + 15 + 100) * perFrame; len(got) != want {
		t.Fatalf("%d samples, want %d", len(got), want)
	}
	for i, part := range [][2]int{{10, 15}, {53, 15}, {0, 100}} {
		n := part[1] * perFrame
		for k, v := range got[:n] {
			if math.Abs(v-swept(part[0]*perFrame+k)) > 2.0/32768 {
				t.Fatalf("part %d: sample %d is %.5f, want %.5f", i+1, k, v, swept(part[0]*perFrame+k))
			}
		}
		got = got[n:]
	}
	// The same in AAC: the edit list hides the encoder's delay and what it adds at the end.
	coded := testkit.Channels(t, base+"_v.mp4", 0, 2)[0]
	if n := len(coded) - 130*perFrame; n < 0 || n > frame {
		t.Errorf("AAC: %d samples more than the picture lasts", n)
	}
	follows(t, "AAC of the first clip", coded[:15*perFrame-300], 10*perFrame)
	follows(t, "AAC of the second input", coded[30*perFrame+300:130*perFrame-300], 300)
}

// TestLengths: sound that is too short or too long is made as long as the
// picture, where that is asked for; otherwise it keeps its own length.
func TestLengths(t *testing.T) {
	t.Parallel()
	for _, seconds := range []float64{2.5, 4} {
		in := source(t, "in.mov", append(append(picture(3), sweep(seconds)...), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le")...)
		output := func(name, duration string) string {
			return `{"nameModifier":"_` + name + `","containerSettings":{"container":"MP4","mp4Settings":{"audioDuration":"` + duration + `"}},` + small + `,"audioDescriptions":[{"codecSettings":{` + aacStereo + `}}]}`
		}
		base := complete(t, fileJob(`{}`, output("match", "MATCH_VIDEO_DURATION")), in)
		if n := len(testkit.Channels(t, base+"_match.mp4", 0, 2)[0]) - 3*48000; n < 0 || n > frame {
			t.Errorf("%g s of sound: matched, it has %d samples more than the picture lasts", seconds, n)
		}
		base = complete(t, fileJob(`{}`, output("own", "DEFAULT_CODEC_DURATION")), in)
		if n := len(testkit.Channels(t, base+"_own.mp4", 0, 2)[0]) - int(seconds*48000); n < 0 || n > frame {
			t.Errorf("%g s of sound: it has %d samples more than its source", seconds, n)
		}
	}
}

// TestOffsets: an offset moves the sound to the sample, later and earlier.
func TestOffsets(t *testing.T) {
	t.Parallel()
	in := source(t, "in.mov", append(append(picture(2), sweep(2)...), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le")...)
	base := complete(t, fileJob(`{"audioSelectors":{"later":{"offset":250},"earlier":{"offset":-250}}}`,
		audioOutput("later", "RAW", wav, `"audioSourceName":"later"`), audioOutput("earlier", "RAW", wav, `"audioSourceName":"earlier"`)), in)
	later := testkit.Channels(t, base+"_later.wav", 0, 2)[0]
	for i := range 12000 {
		if later[i] != 0 {
			t.Fatalf("later: sample %d is not silent", i)
		}
	}
	follows(t, "later", later[12000:], 0)
	follows(t, "earlier", testkit.Channels(t, base+"_earlier.wav", 0, 2)[0], 12000)
}

// TestJoins: across the segments of an HLS stream, and of its renditions of
// sound alone, the sweep has no gap, no click and no drift, and begins with the
// picture.
func TestJoins(t *testing.T) {
	t.Parallel()
	in := source(t, "in.mov", append(append(picture(7), sweep(7)...), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le")...)
	job := `{"settings":{"inputs":[{}],"outputGroups":[{"outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/x","segmentLength":2,"minSegmentLength":0}},
		"outputs":[{"nameModifier":"_v","containerSettings":{"container":"M3U8"},` + small + `,"audioDescriptions":[{"codecSettings":{` + aacStereo + `}}]},
			{"nameModifier":"_a","containerSettings":{"container":"M3U8"},"audioDescriptions":[{"codecSettings":{` + aacStereo + `}}]}]}]}}`
	base := complete(t, job, in)
	for _, name := range []string{"_v", "_a"} {
		playlist := base + name + ".m3u8"
		got := testkit.Channels(t, playlist, 0, 2, "-allowed_extensions", "ALL")[0]
		// A transport stream can't hide the encoder's delay: it comes before the first picture.
		lead := len(got) - 7*48000
		if lead < 0 || lead > 3*frame {
			t.Fatalf("%s: %d samples more than the picture lasts", filepath.Base(playlist), lead)
		}
		follows(t, filepath.Base(playlist), got[frame+300:frame+7*48000-300], 300)
	}
}

// TestFragments: the same in fragmented MP4, where the edit list of the first
// part hides the encoder's delay, for every codec of DASH.
func TestFragments(t *testing.T) {
	t.Parallel()
	testkit.NeedPackager(t)
	in := source(t, "in.mov", append(append(picture(7), sweep(7)...), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le")...)
	codecs := map[string]string{
		"aac": aacStereo, "ac3": `"codec":"AC3","ac3Settings":{"codingMode":"CODING_MODE_2_0","bitrate":384000}`,
		"eac3": `"codec":"EAC3","eac3Settings":{"codingMode":"CODING_MODE_2_0","bitrate":384000}`, "flac": `"codec":"FLAC","flacSettings":{"bitDepth":16}`,
	}
	outputs := []string{`{"nameModifier":"_v","containerSettings":{"container":"MPD"},` + small + `}`}
	for name, codec := range codecs {
		outputs = append(outputs, audioOutput(name, "MPD", codec, ""))
	}
	job := `{"settings":{"inputs":[{}],"outputGroups":[{"outputGroupSettings":{"type":"DASH_ISO_GROUP_SETTINGS","dashIsoGroupSettings":{"destination":"s3://out/x","segmentLength":2,"fragmentLength":2}},
		"outputs":[` + strings.Join(outputs, ",") + `]}]}}`
	base := complete(t, job, in)
	for name := range codecs {
		whole := filepath.Join(t.TempDir(), name+".mp4")
		parts, err := filepath.Glob(base + "_" + name + "_0*.mp4")
		if err != nil || len(parts) != 4 {
			t.Fatalf("%s: %d segments, %v", name, len(parts), err)
		}
		var data []byte
		for _, part := range append([]string{base + "_" + name + "init.mp4"}, parts...) {
			b, err := os.ReadFile(part)
			if err != nil {
				t.Fatal(err)
			}
			data = append(data, b...)
		}
		if err := os.WriteFile(whole, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got := testkit.Channels(t, whole, 0, 2)[0]
		// What the edit list puts before zero is the encoder's delay: FFmpeg decodes it, and says when it is.
		var start float64
		if _, err := fmt.Sscan(testkit.Probe(t, whole).Of("audio").StartTime, &start); err != nil {
			t.Fatal(err)
		}
		lead := int(math.Round(-start * 48000))
		if n := len(got) - lead - 7*48000; lead < 0 || lead > frame || n < 0 || n > 2*frame {
			t.Errorf("%s: it begins %d samples before the picture, and ends %d after it", name, lead, n)
		}
		follows(t, name, got[lead+600:lead+7*48000-600], 600)
	}
}
