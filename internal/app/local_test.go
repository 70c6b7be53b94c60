package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/internal/work"
)

// TestInputIsKept: a job whose output would land on its own input is refused,
// and the input stays as it was.
func TestInputIsKept(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t)
	dir := t.TempDir()
	original, err := os.ReadFile(fiveSeconds(t))
	if err != nil {
		t.Fatal(err)
	}
	input := filepath.Join(dir, "b", "u.mp4")
	if err := errors.Join(os.Mkdir(filepath.Dir(input), 0o755), os.WriteFile(input, original, 0o600)); err != nil {
		t.Fatal(err)
	}
	job := `{"Settings":{"Inputs":[{"FileInput":"s3://x/u.mp4"}],"OutputGroups":[{"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://b/"}},
		"Outputs":[{"ContainerSettings":{"Container":"MP4"},"VideoDescription":{"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":1000000}}}}]}]}}`
	result, err := Convert(t.Context(), ConvertOptions{Job: []byte(job), Inputs: []string{input}, Dir: dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	var failure *spool.Failure
	if !errors.As(err, &failure) || failure.Code != spool.CodeIncompatible || result.ErrorCode != spool.CodeIncompatible {
		t.Errorf("got %v", err)
	}
	if now, err := os.ReadFile(input); err != nil || string(now) != string(original) {
		t.Errorf("the input is not what it was: %v", err)
	}
}

// TestForeignFilesAreKept: when publishing fails half-way only what the run itself
// wrote is taken back.
func TestForeignFilesAreKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, streamAndStills, fiveSeconds(t))
	// A folder stands where the second capture should go, and a file of
	// somebody's where the third should.
	inTheWay := filepath.Join(b.local.dir, "out/v/still.0000001.jpg/x")
	foreign := filepath.Join(b.local.dir, "out/v/still.0000002.jpg")
	if err := errors.Join(os.MkdirAll(inTheWay, 0o755), os.WriteFile(foreign, []byte("mine"), 0o600)); err != nil {
		t.Fatal(err)
	}
	_, err := b.runner.Run(t.Context(), b.order, work.Observer{})
	var failure *spool.Failure
	if !errors.As(err, &failure) || failure.Code != spool.CodeWrite {
		t.Fatalf("got %v, want a failure of code %d", err, spool.CodeWrite)
	}
	if got, err := os.ReadFile(foreign); err != nil || string(got) != "mine" {
		t.Errorf("somebody's file is gone: %v", err)
	}
	for _, name := range b.published(t) {
		if !strings.HasSuffix(name, "still.0000002.jpg") {
			t.Errorf("left behind: %s", name)
		}
	}
}

// TestPercentInFolder: FFmpeg takes numbered names for patterns, folder and all.
func TestPercentInFolder(t *testing.T) {
	t.Parallel()
	b := newBench(t, streamAndStills, fiveSeconds(t))
	b.runner.Staging = filepath.Join(b.local.dir, ".staging", "50% %d")
	if _, err := b.runner.Run(t.Context(), b.order, work.Observer{}); err != nil {
		t.Fatal(err)
	}
	if got := b.published(t); len(got) != len(wantPublished) {
		t.Errorf("published %q", got)
	}
}

// TestMissingInput: a path that is not there is the command line's mistake.
func TestMissingInput(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t)
	_, err := Convert(t.Context(), ConvertOptions{
		Job: []byte(streamAndStills), Inputs: []string{"nothere.mov"}, Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	var problems spool.Problems
	if !errors.As(err, &problems) || !strings.Contains(err.Error(), "/inputs/0/fileInput: the input nothere.mov does not exist") {
		t.Errorf("got %v", err)
	}
}

// TestDefinitionFiles: a template and presets from files make a job without a
// server, and without a job file.
func TestDefinitionFiles(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t)
	const (
		template = `{"JobTemplate":{"Name":"web","Type":"CUSTOM","Settings":{"OutputGroups":[{"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://out/web/"}},
			"Outputs":[{"Preset":"small","NameModifier":"-s"},{"Preset":"by-file","NameModifier":"-f"}]}]}}}`
		preset = `{"ContainerSettings":{"Container":"MP4"},"VideoDescription":{"Width":64,"Height":36,"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":100000}}}}`
	)
	small := DefinitionFile{"a", []byte(`{"Preset":{"Name":"small","Settings":` + preset + `}}`)}
	o := ConvertOptions{
		Template: &DefinitionFile{"web-template", []byte(template)}, Presets: []DefinitionFile{small, {"by-file", []byte(preset)}},
		Inputs: []string{fiveSeconds(t)}, Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	result, err := Convert(t.Context(), o)
	if err != nil || len(result.Outputs) != 2 || result.Outputs[0].Width != 64 {
		t.Fatalf("%v, %+v", err, result)
	}
	o.Job = []byte(`{"outputGroups":[{"outputs":[{"videoDescription":{"width":128,"height":72}}]}]}`)
	if result, err = Convert(t.Context(), o); err != nil || result.Outputs[0].Width != 128 || result.Outputs[1].Width != 64 {
		t.Errorf("with a job beside it: %v, %+v", err, result)
	}
	for want, change := range map[string]func(*ConvertOptions){
		`/outputGroups/0/outputs/0/preset: There is no preset "small"`: func(o *ConvertOptions) { o.Presets = o.Presets[1:] },
		`/vidoeDescription: The member is not known; check its spelling or remove it. (in the preset file bad)`: func(o *ConvertOptions) {
			o.Presets = []DefinitionFile{{"bad", []byte(`{"containerSettings":{},"vidoeDescription":{}}`)}}
		},
		`The request is not valid JSON, near byte 0: the document ends too early. (in the template file web-template)`: func(o *ConvertOptions) { o.Template = &DefinitionFile{Name: "web-template"} },
		`Two files hold a preset "small": give one of them another name.`: func(o *ConvertOptions) {
			o.Presets = append([]DefinitionFile{{"small", []byte(`{"Name":"other","Settings":` + preset + `}`)}}, small)
		},
		`/inputs/0: fileInput is a required property`:                                             func(o *ConvertOptions) { o.Inputs, o.Job = nil, []byte(`{"settings":{"inputs":[{}]}}`) },
		`There is no job template "gone": name one that ListJobTemplates lists, or make it first`: func(o *ConvertOptions) { o.Template, o.Job = nil, []byte(`{"jobTemplate":"gone","settings":{}}`) },
	} {
		broken := o
		broken.Presets = append([]DefinitionFile(nil), o.Presets...)
		change(&broken)
		_, err := Convert(t.Context(), broken)
		var problems spool.Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
