package picture_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"spool/internal/app"
	"spool/internal/sandbox"
	"spool/internal/spool"
	"spool/internal/testkit"
)

func TestMain(m *testing.M) {
	sandbox.Init()
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

type object = map[string]any

// job is one run: its inputs and the outputs of one file group, in the wire form.
type job struct {
	inputs  []object
	files   []string // paths of the inputs, in order
	outputs []object // videoDescriptions; codec and container are filled in
	sound   bool     // outputs have stereo sound
	more    object   // further members of the settings
	objects map[string][]byte
}

// done is what came of it.
type done struct {
	result app.ConvertResult
	err    error
	dir    string
}

// file is the path of output n.
func (d done) file(n int) string { return filepath.Join(d.dir, "out", fmt.Sprintf("v_%d.mp4", n)) }

// warned tells whether there was a warning of a code.
func (d done) warned(code int) bool {
	for _, w := range d.result.Warnings {
		if w.Code == code {
			return true
		}
	}
	return false
}

func (d done) failure() (code int, message string) {
	var f *spool.Failure
	if errors.As(d.err, &f) {
		return f.Code, f.Message
	}
	return 0, fmt.Sprint(d.err)
}

func (j job) json(t testing.TB) []byte {
	t.Helper()
	var outputs []any
	for n, vd := range j.outputs {
		video := object{"codecSettings": object{"codec": "H_264", "h264Settings": object{
			"rateControlMode": "QVBR", "maxBitrate": 4000000, "qualityTuningLevel": "SINGLE_PASS", "codecProfile": "HIGH", "qvbrSettings": object{"qvbrQualityLevel": 10},
		}}}
		for k, v := range vd {
			video[k] = v
		}
		o := object{"nameModifier": fmt.Sprintf("_%d", n), "containerSettings": object{"container": "MP4"}, "videoDescription": video}
		if j.sound {
			o["audioDescriptions"] = []any{object{"codecSettings": object{"codec": "AAC", "aacSettings": object{
				"bitrate": 128000, "codingMode": "CODING_MODE_2_0", "sampleRate": 48000,
			}}}}
		}
		outputs = append(outputs, o)
	}
	settings := object{"inputs": j.inputs, "outputGroups": []any{object{
		"outputGroupSettings": object{"type": "FILE_GROUP_SETTINGS", "fileGroupSettings": object{"destination": "s3://out/v"}}, "outputs": outputs,
	}}}
	for k, v := range j.more {
		settings[k] = v
	}
	data, err := json.Marshal(object{"role": "arn:aws:iam::000000000000:role/r", "settings": settings})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// try runs a job to its end, whichever.
func (j job) try(t testing.TB) done {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	dir := t.TempDir()
	for name, data := range j.objects {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if j.inputs == nil {
		for range j.files {
			j.inputs = append(j.inputs, object{})
		}
	}
	for _, in := range j.inputs {
		if in["videoGenerator"] == nil && in["fileInput"] == nil {
			in["fileInput"] = "s3://in/v.mp4"
		}
		if in["timecodeSource"] == nil {
			in["timecodeSource"] = "ZEROBASED"
		}
	}
	if j.outputs == nil {
		j.outputs = []object{{}}
	}
	r, err := app.Convert(t.Context(), app.ConvertOptions{
		Job: j.json(t), Inputs: j.files, Dir: dir, Log: slog.New(slog.DiscardHandler),
	})
	return done{r, err, dir}
}

// run demands success.
func (j job) run(t testing.TB) done {
	t.Helper()
	d := j.try(t)
	if d.err != nil {
		t.Fatalf("%v\n%s", d.err, j.json(t))
	}
	return d
}

// needFrames demands exactly these frame numbers.
func needFrames(t testing.TB, path string, want []int) {
	t.Helper()
	got := testkit.FrameNumbers(t, path)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s shows the frames\n%v, not\n%v", filepath.Base(path), got, want)
	}
}

// span gives the numbers from a to b, both included.
func span(a, b int) []int {
	var list []int
	for n := a; n <= b; n++ {
		list = append(list, n)
	}
	return list
}

// pixels gives one frame, at a time, as RGB bytes of a size.
func pixels(t testing.TB, path string, at float64, w, h int) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-ss", fmt.Sprint(at), "-i", path, "-frames:v", "1",
		"-vf", fmt.Sprintf("scale=%d:%d:flags=area+accurate_rnd+full_chroma_int,format=rgb24", w, h), "-f", "rawvideo", "-")
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil || out.Len() != w*h*3 {
		t.Fatalf("frame of %s at %g: %v, %d bytes: %s", path, at, err, out.Len(), strings.TrimSpace(errs.String()))
	}
	return out.Bytes()
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
