package captions

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spool/internal/testkit"
)

// TestCarrier: FFmpeg reads from it what was written.
func TestCarrier(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "ffmpeg")
	dir := t.TempDir()
	track := Track{Cues: []Cue{{Start: time.Second, End: 2 * time.Second, Lines: []Line{{{Text: "Carried"}}}}}}
	carried := Carried{}
	carried.Carry(Encode608(track, ntsc).Times(ntsc), 1, ntsc)
	if err := os.WriteFile(filepath.Join(dir, "c.h264"), Carrier(carried, 90), 0o600); err != nil {
		t.Fatal(err)
	}
	mux := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-framerate", "30000/1001", "-f", "h264", "-i", "c.h264",
		"-vf", "scale=160:96", "-c:v", "libx264", "-a53cc", "1", "c.mp4")
	mux.Dir = dir
	if out, err := mux.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	read := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "movie=c.mp4[out0+subcc]", "-map", "s", "-f", "srt", "-")
	read.Dir = dir
	out, err := read.Output()
	if err != nil || !strings.Contains(string(out), "Carried") || !strings.Contains(string(out), "00:00:01,001 --> 00:00:02,0") {
		t.Errorf("%v: %s", err, out)
	}
}
