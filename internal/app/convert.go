package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/ffmpeg"
	"spool/internal/mediaconvert"
	"spool/internal/objects"
	"spool/internal/packager"
	"spool/internal/plan"
	"spool/internal/spool"
	"spool/internal/work"
)

// ConvertOptions say what `spool convert` is to do.
type ConvertOptions struct {
	Job      []byte          // the job file; empty: Template alone is the job
	Template *DefinitionFile // the job's template, whatever the job calls it; nil: one of the system's, by name
	Presets  []DefinitionFile
	Inputs   []string // paths or URLs that replace the inputs' fileInput, in order; with a Template, more may be given than the job has
	Dir      string   // s3://bucket/key goes to Dir/bucket/key
	// PlanOnly stops once the plan is made.
	PlanOnly bool
	OnPlan   func(*plan.Plan) // with the request's warnings before the plan's own
	Progress func(spool.Progress)
	Log      *slog.Logger
}

// ConvertResult is what `spool convert --json` prints.
type ConvertResult struct {
	Status    string          `json:"status"` // COMPLETE | ERROR
	ErrorCode int             `json:"errorCode,omitempty"`
	Error     string          `json:"errorMessage,omitempty"`
	Outputs   []ConvertOutput `json:"outputs"`
	Warnings  []spool.Warning `json:"warnings"`
	Messages  []string        `json:"messages,omitempty"` // what was decided for the user, and why
	Timings   ConvertTimings  `json:"timings"`
}

// ConvertOutput is one file that was written.
type ConvertOutput struct {
	Path     string  `json:"path"`
	Group    int     `json:"group"`  // index of the output group
	Output   int     `json:"output"` // index in the group; −1 for the group's own manifest
	Kind     string  `json:"kind"`   // media, segment, manifest, image
	Size     int64   `json:"size"`   // bytes
	Duration float64 `json:"duration,omitempty"`
	Frames   int64   `json:"frames,omitempty"`
	Codec    string  `json:"codec,omitempty"`
	Audio    string  `json:"audio,omitempty"`
	Width    int     `json:"width,omitempty"`
	Height   int     `json:"height,omitempty"`
	Bitrate  int64   `json:"bitrate,omitempty"` // of the video, bits/s
}

// ConvertTimings are in seconds.
type ConvertTimings struct {
	Probe   float64 `json:"probe"`
	Encode  float64 `json:"encode"`
	CPU     float64 `json:"cpu"` // of FFmpeg
	Verify  float64 `json:"verify"`
	Publish float64 `json:"publish"`
}

// errPlanned ends a run that was only to be planned.
var errPlanned = errors.New("planned")

// Convert runs one job here and now. The error is spool.Problems where the
// request is wrong, a *spool.Failure where the job failed (the result says so
// too), or ctx.Err().
func Convert(ctx context.Context, o ConvertOptions) (ConvertResult, error) {
	tools, err := findTools(ctx)
	if err != nil {
		return ConvertResult{}, err
	}
	local, err := openLocal(o.Dir)
	if err != nil {
		return ConvertResult{}, err
	}
	defer local.root.Close()
	req, err := convertRequest(o, local)
	if err != nil {
		return ConvertResult{}, err
	}
	staging, err := os.MkdirTemp(local.dir, ".spool-")
	if err != nil {
		return ConvertResult{}, fmt.Errorf("make a staging folder: %w", err)
	}
	defer os.RemoveAll(staging)
	runner := &work.Runner{
		Tools: tools, CC: tools, Objects: local, Staging: staging, Log: o.Log,
		Fetcher: objects.NewFetcher(objects.FetchOptions{Free: local.FreeBytes, Reserve: reserve}),
	}
	runner.Approve = func(p *plan.Plan) error {
		if err := local.checkTargets(p); err != nil {
			return err
		}
		if o.OnPlan != nil {
			shown := *p
			shown.Warnings = local.readableAll(slices.Concat(req.Warnings, p.Warnings))
			o.OnPlan(&shown)
		}
		if o.PlanOnly {
			return errPlanned
		}
		return nil
	}
	obs := work.Observer{Progress: o.Progress}
	result, err := runner.Run(ctx, spool.WorkOrder{JobID: "convert", Attempt: 1, Settings: req.Settings, Started: time.Now()}, obs)
	if errors.Is(err, errPlanned) {
		return ConvertResult{Warnings: req.Warnings}, nil
	}
	out := local.result(result, append(req.Warnings, result.Warnings...))
	var failure *spool.Failure
	if errors.As(err, &failure) {
		out.Status, out.ErrorCode, out.Error = "ERROR", failure.Code, local.readable(failure.Message)
		failure.Message = out.Error
	}
	return out, err
}

// convertRequest reads the job file and puts the command line's inputs in it.
func convertRequest(o ConvertOptions, local *localObjects) (spool.JobRequest, error) {
	lib, err := newFileLibrary(o)
	if err != nil {
		return spool.JobRequest{}, err
	}
	job := o.Job
	if len(job) == 0 && o.Template != nil {
		job = []byte(`{"settings":{}}`)
	}
	req, err := mediaconvert.DecodeRequest(job, mediaconvert.FormFile)
	if err != nil {
		return spool.JobRequest{}, err
	}
	if req.JobTemplate == "" && lib.template != nil {
		req.JobTemplate = lib.template.Name
	}
	if req.Settings == nil && req.JobTemplate != "" {
		req.Settings = &types.JobSettings{}
	}
	if req.Settings == nil {
		return req.Resolve(lib) // which says what is wrong
	}
	for i, in := range o.Inputs {
		if i >= len(req.Settings.Inputs) {
			if req.JobTemplate == "" {
				return spool.JobRequest{}, spool.Problems{{Pointer: "/inputs", Message: fmt.Sprintf("%d inputs are given with -i, but the job has %d", len(o.Inputs), i)}}
			}
			req.Settings.Inputs = append(req.Settings.Inputs, types.Input{})
		}
		uri := in
		if !strings.HasPrefix(in, "https://") && !strings.HasPrefix(in, "http://") && !strings.HasPrefix(in, "s3://") {
			if uri, err = local.addInput(i, in); err != nil {
				return spool.JobRequest{}, spool.Problems{{Pointer: fmt.Sprintf("/inputs/%d/fileInput", i), Message: err.Error()}}
			}
		}
		req.Settings.Inputs[i].FileInput = aws.String(uri)
	}
	return req.Resolve(lib)
}

// readable names inputs in a message as the user did.
func (l *localObjects) readable(message string) string {
	for uri, file := range l.inputs {
		message = strings.ReplaceAll(message, uri, file)
	}
	return message
}

// readableAll gives copies of warnings that name inputs as the user did.
func (l *localObjects) readableAll(warnings []spool.Warning) []spool.Warning {
	all := slices.Clone(warnings)
	for i := range all {
		all[i].Message = l.readable(all[i].Message)
	}
	return all
}

func (l *localObjects) result(r work.Result, warnings []spool.Warning) ConvertResult {
	out := ConvertResult{
		Status: "COMPLETE", Outputs: []ConvertOutput{}, Warnings: []spool.Warning{}, Messages: r.Messages,
		Timings: ConvertTimings{
			Probe: r.Timings.Probe.Seconds(), Encode: r.Timings.Encode.Seconds(), CPU: r.Timings.CPU.Seconds(),
			Verify: r.Timings.Verify.Seconds(), Publish: r.Timings.Publish.Seconds(),
		},
	}
	out.Warnings = append(out.Warnings, l.readableAll(warnings)...)
	for gi, g := range r.Groups {
		for oi, o := range g.Outputs {
			for _, f := range o.Files {
				out.Outputs = append(out.Outputs, l.file(gi, oi, o, f))
			}
		}
		for _, uri := range g.Playlists {
			file := l.path(uri)
			var size int64
			if info, err := os.Stat(file); err == nil {
				size = info.Size()
			}
			out.Outputs = append(out.Outputs, ConvertOutput{Path: file, Group: gi, Output: -1, Kind: string(spool.FileManifest), Size: size})
		}
	}
	return out
}

func (l *localObjects) path(uri string) string {
	return filepath.Join(l.dir, filepath.FromSlash(strings.TrimPrefix(uri, "s3://")))
}

func (l *localObjects) file(group, output int, o spool.Output, f spool.OutputFile) ConvertOutput {
	c := ConvertOutput{Path: l.path(f.URI), Group: group, Output: output, Kind: string(f.Kind), Size: f.Size, Duration: f.Duration.Seconds()}
	switch f.Kind {
	case spool.FileMedia, spool.FileManifest:
		c.Frames, c.Codec, c.Width, c.Height, c.Bitrate = o.Frames, o.VideoCodec, o.Width, o.Height, o.AverageBitrate
		c.Audio = strings.Join(o.AudioCodecs, ",")
	case spool.FileReport, spool.FileCaptions:
	case spool.FileSegment: // what it holds is said with its playlist
	case spool.FileImage:
		c.Frames, c.Codec, c.Width, c.Height = 1, o.VideoCodec, o.Width, o.Height
	}
	return c
}

// MarshalPlan writes a plan as indented JSON.
func MarshalPlan(p *plan.Plan) ([]byte, error) { return json.MarshalIndent(p, "", "  ") }

// FullArgs gives all arguments of a task as its tool gets them.
func FullArgs(t plan.Task) []string {
	if t.Tool == plan.ToolPackager {
		return slices.Concat(packager.Prefix(), t.Args)
	}
	return slices.Concat(ffmpeg.Prefix(), t.Args)
}
