package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/internal/work"
)

// rung is one video output of a packaged group.
func rung(name, container, width, codec string) string {
	return fmt.Sprintf(`{"NameModifier":%q,"ContainerSettings":{"Container":%q},"VideoDescription":{"Width":%s,"CodecSettings":{%s}}}`, name, container, width, codec)
}

const (
	h264Fast = `"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":400000,"QualityTuningLevel":"SINGLE_PASS","NumberBFramesBetweenReferenceFrames":2}`
	aacLC    = `{"CodecSettings":{"Codec":"AAC","AacSettings":{"Bitrate":96000,"CodingMode":"CODING_MODE_2_0","SampleRate":48000}}}`
)

func soundOutput(name, container string) string {
	return fmt.Sprintf(`{"NameModifier":%q,"ContainerSettings":{"Container":%q},"AudioDescriptions":[%s]}`, name, container, aacLC)
}

// packedJob is a job with one group; settings are members of its settings
// object.
func packedJob(group, settings string, outputs ...string) string {
	object := map[string]string{"DASH_ISO_GROUP_SETTINGS": "DashIsoGroupSettings", "CMAF_GROUP_SETTINGS": "CmafGroupSettings", "MS_SMOOTH_GROUP_SETTINGS": "MsSmoothGroupSettings"}[group]
	return fmt.Sprintf(`{"Settings":{"Inputs":[{"FileInput":"s3://in/clip.mp4","AudioSelectors":{"Audio Selector 1":{"DefaultSelection":"DEFAULT"}}}],
		"OutputGroups":[{"OutputGroupSettings":{"Type":%q,%q:{"Destination":"s3://out/v/a b",%s}},"Outputs":[%s]}]}}`, group, object, settings, strings.Join(outputs, ","))
}

// ntscClip is a clip of a fractional rate, with beeps.
func ntscClip(t *testing.T) (string, testkit.ClipSpec) {
	t.Helper()
	testkit.NeedPackager(t)
	spec := testkit.ClipSpec{Seconds: 5, W: 320, H: 180, FPS: spool.Rational{Num: 30000, Den: 1001}, Audio: testkit.Stereo}
	return testkit.Clip(t, spec), spec
}

// finished runs a job to its end and gives what became of it.
func (b bench) finished(t *testing.T) work.Result {
	t.Helper()
	result, err := b.runner.Run(t.Context(), b.order, work.Observer{})
	var f *spool.Failure
	if errors.As(err, &f) {
		t.Fatalf("%v: %s", f, f.Detail)
	}
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (b bench) path(name string) string { return filepath.Join(b.local.dir, name) }

func (b bench) text(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(b.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// joined strings files together and gives the path of the whole.
func (b bench) joined(t *testing.T, names ...string) string {
	t.Helper()
	var whole []byte
	for _, name := range names {
		whole = append(whole, b.text(t, name)...)
	}
	path := filepath.Join(t.TempDir(), "whole.mp4")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// allFrames checks that a stream shows every frame of a clip, in order.
func allFrames(t *testing.T, path string, spec testkit.ClipSpec) {
	t.Helper()
	numbers := testkit.FrameNumbers(t, path)
	if len(numbers) != spec.Frames() {
		t.Fatalf("%s: %d frames instead of %d", filepath.Base(path), len(numbers), spec.Frames())
	}
	for n, number := range numbers {
		if n != number {
			t.Fatalf("%s: frame %d shows %d", filepath.Base(path), n, number)
		}
	}
}

// packedInSync checks that picture and sound of a clip lie where the clip has them:
// the picture to the frame, the sound within 5 ms of the clip's own.
func packedInSync(t *testing.T, clip, picture, sound string, spec testkit.ClipSpec) {
	t.Helper()
	flashes, beeps, want := testkit.Flashes(t, picture), testkit.Beeps(t, sound), testkit.Beeps(t, clip)
	due := spec.FlashTimes()
	if len(flashes) != len(due) || len(beeps) != len(due) {
		t.Fatalf("%d flashes and %d beeps instead of %d", len(flashes), len(beeps), len(due))
	}
	for i := range due {
		if off := (flashes[i] - due[i]).Abs(); off > 2*time.Millisecond {
			t.Errorf("flash %d is %v off", i, off)
		}
		if off := (beeps[i] - want[i]).Abs(); off > 5*time.Millisecond {
			t.Errorf("beep %d is %v off", i, off)
		}
	}
}

func TestDash(t *testing.T) {
	t.Parallel()
	clip, spec := ntscClip(t)
	b := newBench(t, packedJob("DASH_ISO_GROUP_SETTINGS", `"SegmentLength":2,"FragmentLength":1`,
		rung("_180p", "MPD", "320", h264Fast), rung("_90p", "MPD", "160", h264Fast), soundOutput("_audio", "MPD")), clip)
	result := b.finished(t)
	want := []string{
		"out/v/a b.mpd", "out/v/a b_180p_000000001.mp4", "out/v/a b_180p_000000002.mp4", "out/v/a b_180p_000000003.mp4", "out/v/a b_180pinit.mp4",
		"out/v/a b_90p_000000001.mp4", "out/v/a b_90p_000000002.mp4", "out/v/a b_90p_000000003.mp4", "out/v/a b_90pinit.mp4",
		"out/v/a b_audio_000000001.mp4", "out/v/a b_audio_000000002.mp4", "out/v/a b_audio_000000003.mp4", "out/v/a b_audioinit.mp4",
	}
	if got := b.published(t); !slices.Equal(got, want) {
		t.Fatalf("published %q", got)
	}
	g := result.Groups[0]
	if g.Type != spool.GroupDASH || !slices.Equal(g.Playlists, []string{"s3://out/v/a b.mpd"}) || len(g.Outputs) != 3 || len(g.Outputs[0].Paths) != 0 {
		told, _ := json.Marshal(g)
		t.Errorf("the group tells %s", told)
	}
	if o := g.Outputs[0]; o.Width != 320 || o.Frames != int64(spec.Frames()) || o.AverageBitrate == 0 {
		t.Errorf("the first output tells %+v", o)
	}
	if o := g.Outputs[2]; o.Width != 0 || math.Abs(o.Duration.Seconds()-5) > 0.05 || len(o.Files) != 4 {
		t.Errorf("the sound tells %+v", o)
	}
	for _, name := range []string{"_180p", "_90p"} {
		allFrames(t, b.joined(t, "out/v/a b"+name+"init.mp4", "out/v/a b"+name+"_000000001.mp4", "out/v/a b"+name+"_000000002.mp4", "out/v/a b"+name+"_000000003.mp4"), spec)
	}
	// a segment alone begins with its frame
	for n, first := range []int{0, 60, 120} {
		numbers := testkit.FrameNumbers(t, b.joined(t, "out/v/a b_180pinit.mp4", fmt.Sprintf("out/v/a b_180p_%09d.mp4", n+1)))
		if len(numbers) == 0 || numbers[0] != first {
			t.Errorf("segment %d begins with %v instead of %d", n+1, numbers[:min(1, len(numbers))], first)
		}
	}
	packedInSync(t, clip, b.joined(t, want[4], want[1], want[2], want[3]), b.joined(t, want[12], want[9], want[10], want[11]), spec)
	text := b.text(t, "out/v/a b.mpd")
	for _, part := range []string{`media="a%20b_180p_$Number%09d$.mp4" initialization="a%20b_180pinit.mp4" duration="60000" startNumber="1"`, `minBufferTime="PT2S"`, `duration="96000"`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is missing in\n%s", part, text)
		}
	}
}
