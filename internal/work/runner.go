package work

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"spool/internal/mediaconvert"
	"spool/internal/plan"
	"spool/internal/spool"
)

// Runner runs work orders. It may be used by several goroutines at once.
type Runner struct {
	Tools   Tools
	CC      ClosedCaptions
	Objects Objects
	Fetcher Fetcher
	// Staging is the absolute folder in which each job has one of its own,
	// on the same file system as the buckets if publishing is to be a rename.
	Staging string
	// Reserve is how many bytes of the disk must stay free for a job to start.
	Reserve int64
	// Approve, when set, is asked once the plan is made; with its error the run
	// ends there, and nothing is encoded.
	Approve func(*plan.Plan) error
	Log     *slog.Logger
}

// Observer is told what a run finds and how far it is. Nil members are left out.
type Observer struct {
	Inputs   func([]spool.InputInfo)
	Plan     func(*plan.Plan)
	Progress func(spool.Progress)
	// MayPublish is asked once all is verified; an error stops the job there.
	MayPublish func(context.Context) error
}

// Result is what a finished job left behind.
type Result struct {
	Inputs   []spool.InputInfo
	Groups   []spool.OutputGroup
	Warnings []spool.Warning
	Messages []string // what was decided for the user, and why
	Timings  Timings
}

// Timings say where the time went.
type Timings struct {
	Probe   time.Duration
	Encode  time.Duration
	CPU     time.Duration // of FFmpeg
	Verify  time.Duration
	Publish time.Duration
}

// Run runs one order to its end. When it returns an error nothing of the job is
// published, and its staging folder is gone. The error is a *spool.Failure, or
// ctx.Err() when the job was stopped.
//
// An order may come again after a crash: when everything had been verified and
// publishing had begun, it goes on from there and encodes nothing twice.
func (r *Runner) Run(ctx context.Context, order spool.WorkOrder, obs Observer) (Result, error) {
	dir := r.dir(order.JobID)
	if j, ok := readJournal(dir); ok {
		return r.finish(ctx, dir, order.JobID, j, obs)
	}
	j, err := r.prepare(ctx, dir, order, obs)
	if err == nil {
		err = r.commit(ctx, dir, j, obs)
	}
	if err != nil {
		if rmErr := os.RemoveAll(dir); rmErr != nil {
			r.Log.Error("the staging folder of a failed job can't be removed", "job", order.JobID, "error", rmErr)
		}
		return Result{Inputs: j.Inputs, Warnings: j.Warnings, Messages: j.Messages, Timings: j.Timings}, r.failure(ctx, err)
	}
	return r.finish(ctx, dir, order.JobID, j, obs)
}

// failure makes sure that what a job ends with is a *spool.Failure or ctx.Err().
func (r *Runner) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var f *spool.Failure
	var refusal *unapproved
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &refusal):
		return refusal.error
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		f = spool.Failf(spool.CodeDiskFull, "The disk is full. Free some space and run the job again.")
	default:
		f = spool.Failf(spool.CodeUnexpected, "Unknown error")
	}
	f.Detail = err.Error()
	return f
}

// prepare does everything up to publishing, and gives the journal of what is
// to be published. With an error, the journal tells how far it came.
func (r *Runner) prepare(ctx context.Context, dir string, order spool.WorkOrder, obs Observer) (journal, error) {
	var result journal
	settings, err := mediaconvert.DecodeSettings(order.Settings)
	if err != nil {
		return result, spool.Failf(spool.CodeIncompatible, "The job's settings can't be read: %s", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return result, fmt.Errorf("clear the staging folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return result, fmt.Errorf("make the staging folder: %w", err)
	}
	if err := r.checkSpace(0); err != nil {
		return result, err
	}
	obs.progress(spool.Progress{Phase: spool.PhaseProbing})
	began := time.Now()
	facts, paths, err := r.sources(ctx, dir, settings, order, obs)
	if err != nil {
		return result, err
	}
	for i := range settings.Inputs {
		if uri := aws.ToString(settings.Inputs[i].FileInput); uri != "" {
			result.Inputs = append(result.Inputs, spool.InputInfo{URI: uri, Media: facts.Media[uri]})
		}
	}
	result.Timings.Probe = time.Since(began)
	if obs.Inputs != nil {
		obs.Inputs(result.Inputs)
	}
	if err := r.survey(ctx, dir, settings, &facts, paths); err != nil {
		return result, err
	}
	p, err := plan.Build(settings, facts)
	if err != nil {
		return result, err
	}
	if obs.Plan != nil {
		obs.Plan(p)
	}
	if r.Approve != nil {
		if err := r.Approve(p); err != nil {
			return result, &unapproved{err}
		}
	}
	result.Warnings, result.Messages = p.Warnings, p.Messages
	if slices.ContainsFunc(p.Tasks, func(t plan.Task) bool { return t.Tool == plan.ToolPackager }) {
		if err := r.Tools.CanPackage(); err != nil {
			return result, err // before hours of encoding, not after
		}
	}
	for _, g := range p.Groups {
		if err := r.checkBucket(ctx, g.Bucket); err != nil {
			return result, err
		}
	}
	out, err := r.encode(ctx, dir, p, paths, obs)
	result.Timings.Encode, result.Timings.CPU = out.Wall, out.CPU
	if err != nil {
		return result, err
	}
	began = time.Now()
	staged, err := r.verify(ctx, dir, p, out)
	if err != nil {
		return result, err
	}
	result.Timings.Verify = time.Since(began)
	result.Warnings = append(append(result.Warnings, out.Warnings...), staged.warnings...)
	result.Groups, result.Files = staged.groups, staged.files
	return result, nil
}

// unapproved carries what Approve said to the caller as it is.
type unapproved struct{ error }

func (o Observer) progress(p spool.Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

// checkSpace makes sure that some bytes can be written and the reserve stays free.
func (r *Runner) checkSpace(bytes int64) error {
	free, err := r.Objects.FreeBytes()
	if err != nil {
		return fmt.Errorf("ask for free space: %w", err)
	}
	switch {
	case free < r.Reserve:
		return spool.Failf(spool.CodeDiskFull, "The disk is full: %d MB are free and %d MB must stay free. Free some space and run the job again.", free>>20, r.Reserve>>20)
	case free-r.Reserve < bytes:
		return spool.Failf(spool.CodeDiskFull, "The disk is full: %d MB are free, the job needs %d MB more and %d MB must stay free. Free some space and run the job again.",
			free>>20, (bytes+1<<20-1)>>20, r.Reserve>>20)
	}
	return nil
}

func (r *Runner) checkBucket(ctx context.Context, bucket string) error {
	err := r.Objects.CheckBucket(ctx, bucket)
	if errors.Is(err, spool.ErrNotFound) {
		return spool.Failf(spool.CodeNotFound, "Unable to write to output file [s3://%s/]: the bucket does not exist. Create it and run the job again.", bucket)
	}
	return err
}

// dir is the staging folder of a job.
func (r *Runner) dir(jobID string) string { return filepath.Join(r.Staging, jobID) }
