package settings

import (
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/app"
	"spool/internal/testkit"
)

// TestAutomatedABR runs a job with automated ABR on a flat drawing and on noisy
// footage of the same size: the drawing gets fewer renditions at lower rates,
// none exceeds the source's size, and the choice is explained.
func TestAutomatedABR(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t)
	type found struct{ outputs, highest int }
	results := map[string]found{}
	for name, source := range map[string]string{
		"drawing": "color=c=0x3060a0:s=320x180:r=25:d=2,drawbox=x=t*60:y=50:w=60:h=60:c=orange:t=fill",
		"footage": "testsrc2=s=320x180:r=25:d=2,noise=alls=40:allf=t",
	} {
		dir := t.TempDir()
		input := filepath.Join(dir, name+".mkv")
		cmd := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "ffv1", input)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		result, err := app.Convert(t.Context(), app.ConvertOptions{
			Job: []byte(strings.Replace(string(abrJob), `"abrSettings":{}`, `"abrSettings":{"minAbrBitrate":100000}`, 1)), Inputs: []string{input}, Dir: filepath.Join(dir, "out"),
			Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var f found
		for _, o := range result.Outputs {
			if o.Kind != "manifest" || o.Output < 0 {
				continue
			}
			f.outputs++
			var w, h, rate int
			if _, err := fmt.Sscanf(filepath.Base(o.Path), "a_x_%dx%d_%dk.m3u8", &w, &h, &rate); err != nil {
				t.Fatalf("%s: %v", o.Path, err)
			}
			if w != o.Width || h != o.Height || w > 320 || h > 180 {
				t.Errorf("%s: %dx%d", filepath.Base(o.Path), o.Width, o.Height)
			}
			f.highest = max(f.highest, rate)
		}
		if len(result.Messages) != 1 || !strings.Contains(result.Messages[0], fmt.Sprintf("%d rendition", f.outputs)) {
			t.Errorf("%s: %q", name, result.Messages)
		}
		t.Log(name, result.Messages)
		results[name] = f
	}
	flat, noisy := results["drawing"], results["footage"]
	if flat.outputs >= noisy.outputs || flat.highest*4 > noisy.highest || noisy.outputs < 3 {
		t.Errorf("a drawing gets %d renditions up to %d kbit/s, noisy footage %d up to %d", flat.outputs, flat.highest, noisy.outputs, noisy.highest)
	}
}
