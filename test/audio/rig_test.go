package audio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/testkit"
	"spool/test/harness"
)

func TestMain(m *testing.M) {
	testkit.UsePackager()
	harness.Main(m)
}

// result is what `spool convert --json` prints.
type result struct {
	Status       string
	ErrorCode    int
	ErrorMessage string
	Warnings     []struct {
		Code             int
		Pointer, Message string
	}
	Outputs []struct{ Path string }
}

// convert runs a job and gives the folder of what came out. Inputs stand for those
// of the job in order; "in/name=path" puts a file where the job finds s3://in/name.
func convert(t *testing.T, job string, inputs ...string) (string, result) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "job.json")
	if err := os.WriteFile(file, []byte(job), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"convert", file, "-o", filepath.Join(dir, "out"), "--json"}
	for _, in := range inputs {
		if key, path, beside := strings.Cut(in, "="); beside {
			at := filepath.Join(dir, "out", key)
			if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.Link(path, at)); err != nil {
				t.Fatal(err)
			}
			continue
		}
		args = append(args, "-i", in)
	}
	cmd := harness.Spool(t, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("no result: %v\n%s%s", err, out.String(), errs.String())
	}
	return filepath.Join(dir, "out"), r
}

// complete converts and demands that it works.
func complete(t *testing.T, job string, inputs ...string) string {
	t.Helper()
	dir, r := convert(t, job, inputs...)
	if r.Status != "COMPLETE" {
		t.Fatalf("%s %d: %s", r.Status, r.ErrorCode, r.ErrorMessage)
	}
	return filepath.Join(dir, "out", "x")
}

// audioOutput writes an output of sound alone. members are of the audio
// description, beside its codec.
func audioOutput(name, container, codec, members string) string {
	if members != "" {
		members += ","
	}
	return fmt.Sprintf(`{"nameModifier":"_%s","containerSettings":{"container":%q},"audioDescriptions":[{%s"codecSettings":{%s}}]}`, name, container, members, codec)
}

// fileJob writes a job of one file group. inputs are JSON objects without
// fileInput, which the command line gives.
func fileJob(inputs string, outputs ...string) string {
	return `{"settings":{"inputs":[` + inputs + `],"outputGroups":[{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/x"}},
		"outputs":[` + strings.Join(outputs, ",") + `]}]}}`
}

const (
	wav   = `"codec":"WAV","wavSettings":{"bitDepth":16,"channels":0}`
	small = `"videoDescription":{"width":160,"height":90,"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":300000,"qualityTuningLevel":"SINGLE_PASS"}}}`
)

// source makes a file with FFmpeg in a folder of the test.
func source(t *testing.T, name string, args ...string) string {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	path := filepath.Join(t.TempDir(), name)
	args = append(append([]string{"-hide_banner", "-nostdin", "-loglevel", "error", "-y"}, args...), "file:"+path)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %v: %v\n%s", args, err, out)
	}
	return path
}

// tones is an audio source of sines of amplitude 0.2, one for each channel.
func tones(seconds float64, layout string, hz ...int) []string {
	exprs := make([]string, len(hz))
	for i, f := range hz {
		exprs[i] = fmt.Sprintf("0.2*sin(2*PI*%d*t)", f)
	}
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("aevalsrc=%s:c=%s:s=48000:d=%g", strings.Join(exprs, "|"), layout, seconds)}
}

// picture is a small video source.
func picture(seconds float64) []string {
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=160x90:r=25:d=%g", seconds)}
}

// heard demands the amplitude of tones in one channel; what is not named among
// the tones of the test must not be there.
func heard(t *testing.T, what string, samples []float64, rate float64, all []int, want map[int]float64) {
	t.Helper()
	// a second in the middle holds whole periods of all tones
	from := max(0, len(samples)/2-int(rate)/2)
	part := samples[from:min(len(samples), from+int(rate))]
	for _, hz := range all {
		got := testkit.ToneLevel(part, rate, float64(hz))
		if math.Abs(got-want[hz]) > 0.006+0.04*want[hz] {
			t.Errorf("%s: %d Hz has the level %.4f, want %.4f", what, hz, got, want[hz])
		}
	}
}
