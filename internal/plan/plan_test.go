package plan_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/mediaconvert"
	"spool/internal/plan"
	"spool/internal/spool"
)

var update = flag.Bool("update", false, "write the golden files anew")

// started is when every job of these tests began.
var started = time.Date(2026, 11, 20, 21, 30, 5, 0, time.UTC)

func camera() spool.VideoTrack {
	return spool.VideoTrack{
		Index: 0, Codec: "h264", Width: 1280, Height: 720, PixelFormat: "yuv420p", BitDepth: 8, Chroma: "4:2:0",
		SampleAspect: spool.Rational{Num: 1, Den: 1},
		FrameRate:    spool.Rational{Num: 30000, Den: 1001}, AvgFrameRate: spool.Rational{Num: 30000, Den: 1001},
		FieldOrder: "progressive", TimeBase: spool.Rational{Num: 1, Den: 30000}, Duration: 30 * time.Second,
		ColorSpace: "bt709", Transfer: "bt709", Primaries: "bt709", Range: "tv",
	}
}

func stereo(index int) spool.AudioTrack {
	return spool.AudioTrack{Index: index, Codec: "aac", Channels: 2, Layout: "stereo", SampleRate: 48000, Duration: 30 * time.Second, Language: "eng"}
}

func media(video *spool.VideoTrack, audio ...spool.AudioTrack) spool.Media {
	m := spool.Media{Format: "mov,mp4,m4a,3gp,3g2,mj2", Duration: 30 * time.Second, Size: 1 << 24, Audio: audio}
	if video != nil {
		m.Video = []spool.VideoTrack{*video}
	}
	return m
}

// track changes a camera track.
func track(change func(*spool.VideoTrack)) *spool.VideoTrack {
	v := camera()
	if change != nil {
		change(&v)
	}
	return &v
}

// build plans a job file for a source.
func build(t *testing.T, job []byte, m spool.Media) (*plan.Plan, error) {
	t.Helper()
	req, err := mediaconvert.DecodeRequest(job, mediaconvert.FormFile)
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := req.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := mediaconvert.DecodeSettings(resolved.Settings)
	if err != nil {
		t.Fatal(err)
	}
	facts := plan.Facts{Media: map[string]spool.Media{}, Started: started}
	for _, s := range plan.Sources(settings) {
		facts.Media[s.URI] = m
	}
	return plan.Build(settings, facts)
}

func system(t *testing.T, name string) []byte {
	t.Helper()
	job, err := os.ReadFile(filepath.Join("..", "..", "examples", name, "job.json"))
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// TestGolden holds the plans of the example systems for the kinds of sources
// that people have against golden files: a reviewer sees every flag.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		system string
		media  spool.Media
	}{
		"frames-2997":      {"frames", media(track(nil), stereo(1))},
		"frames-no-audio":  {"frames", media(track(nil))},
		"vod-hls-portrait": {"vod-hls", media(track(func(v *spool.VideoTrack) { v.Rotation = 90 }), stereo(1))},
		"vod-hls-interlace": {"vod-hls", media(track(func(v *spool.VideoTrack) {
			v.FieldOrder = "tt"
			v.SampleAspect = spool.Rational{Num: 32, Den: 27}
			v.Width, v.Height = 720, 480
		}))},
		"cattube-hdr": {"cattube", media(track(func(v *spool.VideoTrack) {
			v.PixelFormat, v.BitDepth, v.Transfer, v.Primaries, v.ColorSpace = "yuv420p10le", 10, "smpte2084", "bt2020", "bt2020nc"
		}), stereo(1))},
		"cattube-audio-only":   {"cattube", media(nil, stereo(0))},
		"abr-hls-5.1":          {"abr-hls", media(track(nil), spool.AudioTrack{Index: 1, Codec: "aac", Channels: 6, Layout: "5.1", SampleRate: 48000, Duration: 30 * time.Second})},
		"abr-hls-mono-offset":  {"abr-hls", media(track(func(v *spool.VideoTrack) { v.FirstPTS = 6000 }), spool.AudioTrack{Index: 1, Codec: "aac", Channels: 1, SampleRate: 44100, Duration: 30 * time.Second})},
		"abr-hls-square-small": {"abr-hls", media(track(func(v *spool.VideoTrack) { v.Width, v.Height = 427, 427 }), stereo(1))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := build(t, system(t, tc.system), tc.media)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(p, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", string(got)+"\n")
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (run with -update if it should):\n%s", file, d)
	}
}

// TestFailures holds what fits no input against the service's codes.
func TestFailures(t *testing.T) {
	t.Parallel()
	withTracks := []byte(`{"Settings":{"Inputs":[{"FileInput":"s3://in/a.mp4","AudioSelectors":{"Audio Selector 1":{"Tracks":[2]}}}],
		"OutputGroups":[{"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://out/"}},
		"Outputs":[{"ContainerSettings":{"Container":"MP4"},"VideoDescription":{"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":1000000}}},
		"AudioDescriptions":[{"CodecSettings":{"Codec":"AAC","AacSettings":{"Bitrate":96000,"CodingMode":"CODING_MODE_2_0","SampleRate":48000}}}]}]}]}}`)
	inPlace := []byte(`{"Settings":{"Inputs":[{"FileInput":"s3://b/a.mp4"}],
		"OutputGroups":[{"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://b/"}},
		"Outputs":[{"ContainerSettings":{"Container":"MP4"},"VideoDescription":{"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":1000000}}}}]}]}}`)
	for name, tc := range map[string]struct {
		job   []byte
		media spool.Media
		code  int
	}{
		"no such audio track":   {withTracks, media(track(nil), stereo(1)), spool.CodeIncompatible},
		"output over its input": {inPlace, media(track(nil)), spool.CodeIncompatible},
		"nothing to play":       {inPlace, spool.Media{}, spool.CodeNoVideo},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := build(t, tc.job, tc.media)
			var failure *spool.Failure
			if !errors.As(err, &failure) || failure.Code != tc.code {
				t.Fatalf("got %v, want a failure of code %d", err, tc.code)
			}
		})
	}
}

func TestExpandDates(t *testing.T) {
	t.Parallel()
	if got := plan.ExpandDates("a$dt$b$d$c$t$d$x$", started); got != "a20261120T213005b20261120c213005d$x$" {
		t.Error(got)
	}
}
