// Package program_test meets the program as it is on the first day: without a
// configuration, with files that are no videos, on the command line. The
// example systems are followed in test/e2e.
package program_test

import (
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// jobTime bounds one job of these tests on a slow machine.
const jobTime = 4 * time.Minute

// example gives the path of a file of the examples.
func example(t testing.TB, names ...string) string {
	t.Helper()
	return filepath.Join(append([]string{testkit.ModuleRoot(t), "examples"}, names...)...)
}

// needFrames demands that the frames of a file or playlist are those that a
// rate of its own shows of the clip, from the first to the last.
func needFrames(t *testing.T, what, address string, clip testkit.ClipSpec, rate spool.Rational, inputOptions ...string) {
	t.Helper()
	want := clip.Shown(rate)
	got := testkit.FrameNumbers(t, address, inputOptions...)
	if slices.Equal(got, want) {
		return
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: frame %d shows number %d, want %d (%d frames, want %d)", what, i, got[i], want[i], len(got), len(want))
			return
		}
	}
	t.Errorf("%s: %d frames, want %d", what, len(got), len(want))
}

// needSync demands that every flash of the clip is there with its beep, not
// more than 40 ms apart.
func needSync(t *testing.T, what, address string, clip testkit.ClipSpec) {
	t.Helper()
	flashes, beeps := testkit.Flashes(t, address), testkit.Beeps(t, address)
	if len(flashes) != len(clip.FlashTimes()) || len(beeps) != len(flashes) {
		t.Errorf("%s: flashes at %v, beeps at %v; want %d of each", what, flashes, beeps, len(clip.FlashTimes()))
		return
	}
	for i := range flashes {
		if apart := beeps[i] - flashes[i]; apart.Abs() > 40*time.Millisecond {
			t.Errorf("%s: beep %d comes %v after its flash", what, i, apart)
		}
	}
}

// needVideo demands a complete video, with a word on why it is not.
func needVideo(t *testing.T, v spool.Video) {
	t.Helper()
	if v.WorkflowStatus != spool.VideoComplete {
		t.Fatalf("video %s ended as %s: %d %s", v.SrcVideo, v.WorkflowStatus, v.ErrorCode, v.ErrorMessage)
	}
}

// beside gives the address of another object in an object's folder.
func beside(t *testing.T, address, name string) string {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return base.ResolveReference(&url.URL{Path: "./" + name}).String()
}
