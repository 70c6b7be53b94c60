package work

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spool/internal/plan"
	"spool/internal/spool"
)

// Bounds on one run of FFmpeg. The deadline grows with the programme, since
// slow presets on small machines take many times its length; the watchdog is
// what finds a run that hangs.
const (
	leastDeadline = time.Hour
	mostDeadline  = 48 * time.Hour // behaviour.md 1.15
	slowdown      = 200
	stallAfter    = 3 * time.Minute
)

// overrun is how many times the planned frames a run may write before it is
// stopped: an input with a hole of hours in its timestamps never ends
// (hostile-input.md).
const overrun = 3

// keepShare is the share of Reserve that running jobs leave alone: the database
// and the bus write to the same disk, and should never find it full.
const keepShare = 4

// encode runs the plan's tasks in order.
func (r *Runner) encode(ctx context.Context, dir string, p *plan.Plan, inputs []string, obs Observer) (Outcome, error) {
	var total Outcome
	done := 0.0
	for _, task := range p.Tasks {
		if task.Captions != nil {
			warnings, err := r.captions(ctx, dir, task.Captions, inputs)
			total.Warnings = append(total.Warnings, warnings...)
			if err != nil {
				return total, err
			}
			continue
		}
		if task.Tool == plan.ToolCC {
			if err := r.closedCaptions(ctx, dir, p, task, inputs); err != nil {
				return total, err
			}
			continue
		}
		out, err := r.task(ctx, dir, p, task, inputs, done, obs)
		done += task.Share
		total.ErrorLines += out.ErrorLines
		total.Truncated = total.Truncated || out.Truncated
		total.CPU += out.CPU
		total.Wall += out.Wall
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (r *Runner) task(ctx context.Context, dir string, p *plan.Plan, task plan.Task, inputs []string, before float64, obs Observer) (Outcome, error) {
	deadline := min(mostDeadline, max(leastDeadline, slowdown*task.Duration))
	if task.Tool == plan.ToolPackager {
		// it tells nothing while it writes: what it reads, it will write once more
		size, err := sizeOf(dir, task.Args)
		if err == nil {
			err = r.checkSpace(size)
		}
		if err != nil {
			return Outcome{}, err
		}
		obs.progress(transcoding(task, before, 0, 0, 0))
		return r.Tools.Package(ctx, Packaging{
			Args: task.Args, Secrets: task.Secrets, Dir: dir, Length: task.Duration, Deadline: deadline,
		})
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	out, err := r.Tools.Encode(ctx, Command{
		Args:     Resolve(task.Args, inputs, dir),
		Dir:      dir,
		URI:      firstInput(p),
		Pixels:   task.Pixels,
		Length:   task.Duration,
		Deadline: deadline,
		Stall:    stallAfter,
		Progress: func(frames int64, at time.Duration, speed float64) {
			if free, err := r.Objects.FreeBytes(); err == nil && free < r.Reserve/keepShare {
				stop(spool.Failf(spool.CodeDiskFull, "The disk is full: %d MB are free. Free some space and run the job again.", free>>20))
				return
			}
			if at > overrun*task.Duration+time.Minute {
				stop(spool.Failf(spool.CodeDemux, "The input [%s] holds far more than the %s it declares: its timestamps are broken.",
					firstInput(p), task.Duration.Round(time.Millisecond)))
				return
			}
			obs.progress(transcoding(task, before, frames, at, speed))
		},
	})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return out, cause
	}
	return out, err
}

// sizeOf gives the size of all streams that the packager reads; a file of which it
// makes two counts twice.
func sizeOf(dir string, args []string) (total int64, err error) {
	for _, a := range args {
		rest, ok := strings.CutPrefix(a, "in=")
		name, more, _ := strings.Cut(rest, ",")
		if !ok || strings.Contains(more, "trick_play_factor=") { // of key frames alone
			continue
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			return 0, fmt.Errorf("look at what is to be packaged: %w", err)
		}
		total += info.Size()
	}
	return total, nil
}

// transcoding is the part of a job's percent between probing and uploading.
// before is the share of the plan's work that earlier tasks did.
func transcoding(task plan.Task, before float64, frames int64, at time.Duration, speed float64) spool.Progress {
	done := before
	if task.Duration > 0 {
		done += task.Share * min(1, at.Seconds()/task.Duration.Seconds())
	}
	p := spool.Progress{
		Phase:         spool.PhaseTranscoding,
		PhasePercent:  int(100 * done),
		Percent:       2 + int(93*done),
		FramesDecoded: frames,
	}
	if speed > 0 && done < 1 {
		p.ETA = time.Duration(float64(task.Duration-at) / speed)
	}
	return p
}

// Resolve puts real paths in the place of a plan's tokens. Every path becomes
// named as a file, so that no name is taken for an option or a protocol
// (hostile-input.md), and absolute, but for numbered names, which are relative to
// dir: the command must run there.
func Resolve(args, inputs []string, dir string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		switch {
		case strings.HasPrefix(a, plan.Work+"/"):
			name := strings.TrimPrefix(a, plan.Work+"/")
			if strings.Contains(name, "%") {
				// A numbered name makes a pattern of the whole path, and not every
				// muxer knows how to escape one: the folder stays out of it.
				out[i] = "file:./" + name
				continue
			}
			out[i] = "file:" + filepath.Join(dir, name)
		default:
			out[i] = a
			for k, path := range inputs {
				if a == plan.InputToken(k) {
					out[i] = "file:" + path
				}
			}
		}
	}
	return out
}

// firstInput is what messages call the job's input; a job of generated video has
// none.
func firstInput(p *plan.Plan) string {
	if len(p.Inputs) == 0 {
		return "generated video"
	}
	return p.Inputs[0].URI
}
