package app

import (
	"context"
	"runtime"

	"spool/internal/ffmpeg"
	"spool/internal/packager"
	"spool/internal/sandbox"
	"spool/internal/spool"
	"spool/internal/work"
)

// tools adapts FFmpeg and the packager to what the work stage asks for.
type tools struct {
	*ffmpeg.Tools
	packager *packager.Tool // nil: there is none
	missing  error          // why
}

func findTools(ctx context.Context) (tools, error) {
	t, err := ffmpeg.Find(ctx, sandbox.New())
	if err != nil {
		return tools{}, err
	}
	p, missing := packager.Find(ctx, sandbox.New())
	return tools{t, p, missing}, nil
}

// CanPackage implements work.Tools.
func (t tools) CanPackage() error {
	if t.packager == nil {
		return spool.Failf(spool.CodeUnexpected, "DASH and CMAF can't be packaged on this machine: %s.", t.missing)
	}
	return nil
}

// Package implements work.Tools.
func (t tools) Package(ctx context.Context, c work.Packaging) (work.Outcome, error) {
	if err := t.CanPackage(); err != nil {
		return work.Outcome{}, err
	}
	out, err := t.packager.Run(ctx, packager.Command{
		Args: c.Args, Secrets: c.Secrets, Dir: c.Dir, Deadline: c.Deadline,
		Limits: limits(work.Command{Length: c.Length}),
	})
	return work.Outcome{CPU: out.CPU, Wall: out.Wall}, err
}

// Encode implements work.Tools.
func (t tools) Encode(ctx context.Context, c work.Command) (work.Outcome, error) {
	out, err := t.Run(ctx, ffmpeg.Command{
		Args: c.Args, Dir: c.Dir, URI: c.URI, Deadline: c.Deadline, Stall: c.Stall, Limits: limits(c),
		OnProgress: func(p ffmpeg.Progress) {
			if c.Progress != nil {
				c.Progress(p.Frames, p.OutTime, p.Speed)
			}
		},
	})
	return work.Outcome{
		ErrorLines: out.ErrorLines, Truncated: out.Truncated,
		CPU: out.UserTime + out.SystemTime, Wall: out.Wall, Log: out.Log,
	}, err
}

// Limits that grow with the job. The address space is what threads reserve plus
// what encoders keep of each picture: several dozen pictures in flight, in
// planes, motion fields and lookahead. No stream writes 25 MB a second for long.
const (
	baseMemory     = 4 << 30
	memoryPerCPU   = 512 << 20 // stacks and heaps of the threads that each processor brings
	bytesPerPixel  = 1500
	baseFile       = 1 << 30
	bytesPerSecond = 25_000_000
)

func limits(c work.Command) spool.ProcessLimits {
	return spool.ProcessLimits{
		Memory:   min(sandbox.DefaultLimits().Memory, baseMemory+memoryPerCPU*int64(runtime.NumCPU())+bytesPerPixel*c.Pixels),
		FileSize: baseFile + int64(c.Length.Seconds()*bytesPerSecond),
	}
}

// Inspect implements work.Tools.
func (t tools) Inspect(ctx context.Context, path string) (work.Inspection, error) {
	got, err := t.Tools.Inspect(ctx, path)
	if err != nil {
		return work.Inspection{}, err
	}
	i := work.Inspection{Duration: got.Duration}
	for _, s := range got.Streams {
		i.Streams = append(i.Streams, work.Stream{
			Kind: s.Kind, Codec: s.Codec, CodecString: s.CodecString, Width: s.Width, Height: s.Height,
			FieldOrder: s.FieldOrder,
			Frames:     s.Frames, BitRate: s.BitRate, Duration: s.Duration, Channels: s.Channels, SampleRate: s.SampleRate,
		})
	}
	return i, nil
}
