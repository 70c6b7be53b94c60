package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"spool/internal/spool"
)

// Command is one run of ffmpeg.
type Command struct {
	// Args are inputs, filters and outputs, without Prefix. Every input of a
	// stranger's file needs InputGuards before it; every path is a FileURL.
	Args []string
	// Dir is the absolute working folder, the only one it should write to.
	Dir string
	// URI is what the user calls the input; it stands in the messages of failures.
	URI string

	Limits   spool.ProcessLimits
	Deadline time.Duration // for the whole run; 0: none
	Stall    time.Duration // longest time without any progress; 0: no watchdog
	// OnProgress is called about twice a second, from another goroutine, one
	// call at a time, and never after Run has returned. It must be quick.
	OnProgress func(Progress)
}

// Outcome is how a run ended. It is complete also where Run gives an error.
type Outcome struct {
	Exit       int           // status; −1 when it was killed
	Frames     int64         // written by the first video output
	OutTime    time.Duration // the last timestamp written
	ErrorLines int           // errors and reports of corrupt data in its log: the error budget
	Truncated  bool          // it said that the input ends too early; its exit status may be 0 all the same
	DiskFull   bool          // it said that an output found no room; its exit status may be 0 all the same
	UserTime   time.Duration
	SystemTime time.Duration
	Wall       time.Duration
	MaxRSS     int64  // bytes
	Log        string // its last lines
}

// The causes of an early end that are ours.
var (
	errDeadline = errors.New("deadline")
	errStall    = errors.New("stall")
)

// Run runs ffmpeg to its end. Its errors are:
//   - ctx.Err() when the context ended: the process group is killed and gone
//   - *spool.Failure when ffmpeg failed, ran out of its deadline, made no
//     progress for the length of Stall, or said that the disk is full
//   - anything else when it could not be started
//
// A nil error means only that ffmpeg exited with 0 and did not say the disk was
// full. Whether the outputs are right is for the caller to find out.
func (t *Tools) Run(ctx context.Context, c Command) (Outcome, error) {
	runCtx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if c.Deadline > 0 {
		timer := time.AfterFunc(c.Deadline, func() { stop(errDeadline) })
		defer timer.Stop()
	}
	dog := newWatchdog(c.Stall, func() { stop(errStall) })
	defer dog.close()

	log := newLogReader(c.Args...)
	progress := &progressReader{onReport: func(p Progress) {
		dog.see(p)
		if c.OnProgress != nil {
			c.OnProgress(p)
		}
	}}
	exit, err := t.launcher.Run(runCtx, spool.Process{
		Path:   t.FFmpeg,
		Args:   slices.Concat(Prefix(), c.Args),
		Dir:    c.Dir,
		Env:    []string{"AV_LOG_FORCE_NOCOLOR=1"},
		Stderr: log,
		Extra:  progressPipe(progress),
		Limits: c.Limits,
	})
	said := log.close()
	latest := progress.last()
	out := Outcome{
		Exit: exit.Code, Frames: latest.Frames, OutTime: latest.OutTime,
		ErrorLines: said.errorLines, Truncated: said.truncated, DiskFull: said.diskFull,
		UserTime: exit.UserTime, SystemTime: exit.SystemTime, Wall: exit.Wall, MaxRSS: exit.MaxRSS, Log: log.tail(),
	}
	switch cause := context.Cause(runCtx); {
	case ctx.Err() != nil && err != nil:
		return out, ctx.Err()
	case err != nil && (errors.Is(cause, errDeadline) || errors.Is(cause, errStall)):
		return out, failTimeout(cause, c, log)
	case err != nil:
		return out, fmt.Errorf("run ffmpeg: %w", err)
	case exit.Code != 0 || said.diskFull:
		return out, failRun(exit, said, c, log)
	}
	return out, nil
}
