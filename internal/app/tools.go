package app

import (
	"context"

	"spool/internal/ffmpeg"
	"spool/internal/sandbox"
	"spool/internal/work"
)

// tools adapts FFmpeg to what the work stage asks for.
type tools struct{ *ffmpeg.Tools }

func findTools(ctx context.Context) (tools, error) {
	t, err := ffmpeg.Find(ctx, sandbox.New())
	return tools{t}, err
}

// Encode implements work.Tools.
func (t tools) Encode(ctx context.Context, c work.Command) (work.Outcome, error) {
	out, err := t.Run(ctx, ffmpeg.Command{
		Args: c.Args, Dir: c.Dir, URI: c.URI, Deadline: c.Deadline, Stall: c.Stall,
		OnProgress: func(p ffmpeg.Progress) { c.Progress(p.Frames, p.OutTime, p.Speed) },
	})
	return work.Outcome{
		ErrorLines: out.ErrorLines, Truncated: out.Truncated,
		CPU: out.UserTime + out.SystemTime, Wall: out.Wall,
	}, err
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
			Frames: s.Frames, BitRate: s.BitRate, Duration: s.Duration, Channels: s.Channels, SampleRate: s.SampleRate,
		})
	}
	return i, nil
}
