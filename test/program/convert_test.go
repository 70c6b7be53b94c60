package program_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

var thirty = spool.Rational{Num: 30, Den: 1}

// convert runs `spool convert` and gives its exit status and output.
func convert(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := harness.Spool(t, append([]string{"convert"}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return status, out.String(), errs.String()
}

// TestConvert: one job without a server, with the result as JSON.
func TestConvert(t *testing.T) {
	t.Parallel()
	clip := testkit.ClipSpec{Seconds: 4, W: 640, H: 360, Audio: testkit.Stereo}
	dir := t.TempDir()
	status, out, errs := convert(t, example(t, "cattube", "job.json"), "-i", testkit.Clip(t, clip), "-o", dir, "--json")
	if status != 0 {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	var result struct {
		Status  string
		Outputs []struct {
			Path, Kind, Codec     string
			Size, Frames, Bitrate int64
			Width, Height         int
			Duration              float64
		}
		Timings map[string]float64
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if result.Status != "COMPLETE" || len(result.Outputs) != 2 {
		t.Fatalf("the result is %s", out)
	}
	for _, o := range result.Outputs {
		if info, err := os.Stat(o.Path); err != nil || info.Size() != o.Size {
			t.Errorf("%s: %v; the result says %d bytes", o.Path, err, o.Size)
		}
		if o.Frames != int64(clip.Frames()) || o.Duration != clip.Seconds || o.Bitrate <= 0 {
			t.Errorf("%s: the result says %+v", o.Path, o)
		}
		needFrames(t, o.Path, o.Path, clip, thirty)
		needSync(t, o.Path, o.Path, clip)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the bucket's folder lies something else: %v %v", entries, err)
	}
}

// TestConvertStatus: 1 for a job that failed, 2 for a request that is wrong,
// with the JSON pointer.
func TestConvertStatus(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "text.mp4")
	if err := os.WriteFile(text, []byte("not a video"), 0o600); err != nil {
		t.Fatal(err)
	}
	job := example(t, "vod-hls", "job.json")
	if status, out, errs := convert(t, job, "-i", text, "-o", t.TempDir()); status != 1 || !strings.Contains(out+errs, "1") {
		t.Errorf("a text file gives status %d: %s%s", status, out, errs)
	}
	if status, out, errs := convert(t, job, "-i", filepath.Join(t.TempDir(), "absent.mp4"), "-o", t.TempDir()); status == 0 {
		t.Errorf("an absent file gives status %d: %s%s", status, out, errs)
	}
	body, err := os.ReadFile(job)
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "wrong.json")
	if err := os.WriteFile(wrong, bytes.ReplaceAll(body, []byte(`"SegmentLength": 10`), []byte(`"SegmentLength": 0`)), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errs := convert(t, wrong, "-i", text, "-o", t.TempDir())
	if status != 2 || !strings.Contains(strings.ToLower(errs), "/segmentlength") {
		t.Errorf("a wrong request gives status %d: %s%s", status, out, errs)
	}
}

// TestPlanRuns: the printed plan is what is run; nothing is made.
func TestPlanRuns(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 2, Audio: testkit.Mono})
	status, out, errs := convert(t, example(t, "abr-hls", "job.json"), "-i", clip, "-o", dir, "--plan")
	if status != 0 || !strings.Contains(out, "\nffmpeg ") {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*", "*")); err != nil || len(files) > 0 {
		t.Errorf("a plan made %q", files)
	}
	// A setting without effect is told with the plan, as with the result.
	job := write(t, strings.Replace(cliJob, `{"Inputs"`, `{"AdAvailOffset":5,"Inputs"`, 1))
	for _, form := range []struct{ flag, warning string }{{"--json=false", "# warning 900000 /adAvailOffset: "}, {"--json", `"code": 900000,`}} {
		if status, out, errs := convert(t, job, "-i", clip, "-o", dir, "--plan", form.flag); status != 0 || strings.Count(out, form.warning) != 1 {
			t.Errorf("%s, status %d: %s%s", form.flag, status, out, errs)
		}
	}
}
