package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"spool/internal/spool"
)

// rescans rescans until ctx ends.
func (in *Intake) rescans(ctx context.Context) {
	for {
		wait := in.o.Every
		started, young, err := in.Rescan(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			in.o.Log.Error("not everything could be rescanned; it is tried again", "in", wait, "error", err)
		case young:
			wait = min(wait, in.o.Settle)
		}
		if started > 0 {
			in.o.Log.Warn("objects without an event were found and taken", "count", started)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// Rescan looks for objects that a pipeline should have taken and that no video
// tells of: their event was lost in a crash between storing and publishing. It
// gives how many it started, and whether it left some alone because they are
// so young that their event is merely on its way.
//
// It starts nothing for objects that are older than the pipeline, as S3 sends
// no events for the past, nor for bytes that were taken at this place before: a
// restored backup has new times, and is no new upload.
func (in *Intake) Rescan(ctx context.Context) (started int, young bool, err error) {
	var errs []error
	for i, p := range in.o.Pipelines {
		n, y, err := in.rescan(ctx, p, in.since[i])
		started, young = started+n, young || y
		if err != nil {
			errs = append(errs, fmt.Errorf("rescan for pipeline %s: %w", p.Name, err))
		}
	}
	return started, young, errors.Join(errs...)
}

// slack is how far a file's time may lie behind the clock: file systems take it
// from the last tick of the kernel.
const slack = time.Second

func (in *Intake) rescan(ctx context.Context, p spool.Pipeline, since time.Time) (started int, young bool, err error) {
	for o, err := range in.o.Objects.List(ctx, p.Bucket, p.Prefix) {
		if err != nil {
			return started, young, err
		}
		if o.ProducedBy != "" || !p.Match(o.Bucket, o.Key) || o.ModTime.Before(since.Add(-slack)) {
			continue
		}
		known, err := in.o.Store.VideoKnown(ctx, contentOf(p.Name, o))
		if err != nil {
			return started, young, err
		}
		if known {
			continue
		}
		if age := in.o.Now().Sub(o.ModTime); age >= 0 && age < in.o.Settle {
			young = true
			continue
		}
		fresh, err := in.start(ctx, p, o)
		if err != nil {
			return started, young, err
		}
		if fresh {
			started++
		}
	}
	return started, young, nil
}
