package packager

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"spool/internal/spool"
)

// Command is one run of the packager.
type Command struct {
	// Args are stream descriptors and flags. They name files of Dir only, and
	// hold no secrets.
	Args []string
	// Secrets are flags that nobody else may read, such as "--keys=…".
	Secrets []string
	Dir     string // absolute

	Limits   spool.ProcessLimits
	Deadline time.Duration // for the whole run; 0: none
}

// Outcome is how a run ended. It is complete also where Run gives an error.
type Outcome struct {
	CPU  time.Duration
	Wall time.Duration
}

var errDeadline = errors.New("deadline")

// Run packages. Its errors are:
//   - ctx.Err() when the context ended: the process group is killed and gone
//   - *spool.Failure when the packager failed or ran out of its deadline
//   - anything else when the command is not one, or could not be started
//
// A nil error means only that the packager exited with 0.
func (t *Tool) Run(ctx context.Context, c Command) (Outcome, error) {
	args := slices.Concat(Prefix(), c.Args)
	if err := check(c); err != nil {
		return Outcome{}, fmt.Errorf("package: %w", err)
	}
	if len(c.Secrets) > 0 {
		file, err := hide(c.Dir, c.Secrets)
		if err != nil {
			return Outcome{}, fmt.Errorf("hand the key to the packager: %w", err)
		}
		defer os.Remove(file)
		args = append(args, "--flagfile="+filepath.Base(file))
	}
	runCtx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if c.Deadline > 0 {
		timer := time.AfterFunc(c.Deadline, func() { stop(errDeadline) })
		defer timer.Stop()
	}
	log := &logTail{}
	exit, err := t.launcher.Run(runCtx, spool.Process{Path: t.Path, Args: args, Dir: c.Dir, Stderr: log, Limits: c.Limits})
	out := Outcome{CPU: exit.UserTime + exit.SystemTime, Wall: exit.Wall}
	switch {
	case ctx.Err() != nil && err != nil:
		return out, ctx.Err()
	case err != nil && errors.Is(context.Cause(runCtx), errDeadline):
		f := spool.Failf(spool.CodeTimeout, "An internal error has occurred and your job timed out. [The packager had not finished after %v and was stopped]", c.Deadline)
		f.Detail = log.String()
		return out, f
	case err != nil:
		return out, fmt.Errorf("run the packager: %w", err)
	case exit.Code != 0:
		return out, fail(exit, log.String())
	}
	return out, nil
}

// fail gives the failure of a run that ended badly by itself. The packager
// reads what was encoded just before, so its trouble is the machine's or ours.
func fail(exit spool.ProcessExit, said string) *spool.Failure {
	f := spool.Failf(spool.CodeUnexpected, "Unknown error [the packager ended with status %d]", exit.Code)
	switch {
	case strings.Contains(said, "running out of disk space"), strings.Contains(said, "No space left on device"):
		f = spool.Failf(spool.CodeDiskFull, "The disk is full: there is no room for the segments. Free some space where Spool keeps its work and try again.")
	case exit.Signal == int(syscall.SIGXFSZ):
		f = spool.Failf(spool.CodeWrite, "A packaged file grew beyond the largest size allowed for one file.")
	case exit.Signal == int(syscall.SIGXCPU):
		f = spool.Failf(spool.CodeTimeout, "An internal error has occurred and your job timed out. [The packager used more CPU time than allowed]")
	case exit.Signal != 0:
		f = spool.Failf(spool.CodeUnexpected, "The packager was ended by the signal %q, and nothing was published.", syscall.Signal(exit.Signal).String())
	case strings.Contains(said, "Stream not available"):
		f = spool.Failf(spool.CodeIncompatible, "A track that the job selects was not found when its outputs were packaged.")
	}
	f.Detail = said
	return f
}

// Prefix is what Run puts before the arguments of every command. The packager's
// own 32 MB of buffer for each file it writes would be much memory for nothing.
// With a thread for each stream two that write TTML at once start its XML library
// twice, and about one run of 200 ends with a segmentation fault (seen with 3.4.2);
// copying takes no longer with one thread.
func Prefix() []string {
	return []string{"--quiet", "--single_threaded", "--io_cache_size=1048576", "--temp_dir=."}
}

// plainName is what files may be called: nothing in it means anything to the
// packager's command line, where commas, equal signs and colons do.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// textFormats are the packager's names of text in fragmented MP4.
var textFormats = map[string]bool{"ttml+mp4": true, "vtt+mp4": true}

// Numbered is the part of a segment's name where its number from 1 goes.
const Numbered = "$Number%09d$"

// check refuses arguments that name anything but plain files of the folder: a
// name of two streams, a path or an address.
func check(c Command) error {
	if !filepath.IsAbs(c.Dir) {
		return fmt.Errorf("the folder %q must be absolute", c.Dir)
	}
	for _, a := range c.Args {
		if strings.HasPrefix(a, "--") {
			if name, ok := strings.CutPrefix(a, "--mpd_output="); ok && !plainName.MatchString(name) {
				return fmt.Errorf("the manifest %q has no plain name", name)
			}
			continue
		}
		for field := range strings.SplitSeq(a, ",") {
			key, value, _ := strings.Cut(field, "=")
			if !descriptor[key] || !plainName.MatchString(strings.Replace(value, Numbered, "1", 1)) && !textFormats[value] {
				return fmt.Errorf("the stream %q names no plain file", a)
			}
		}
	}
	return nil
}

// descriptor are the fields of a stream that are used here.
var descriptor = map[string]bool{
	"in": true, "stream": true, "output": true, "init_segment": true, "segment_template": true, "format": true, "trick_play_factor": true,
}

// hide writes flags to a file that nobody else can read.
func hide(dir string, flags []string) (string, error) {
	f, err := os.CreateTemp(dir, "keys-*.flags") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(strings.Join(flags, "\n") + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// logTail keeps the last bytes of what the packager says, for the operator.
type logTail struct{ text []byte }

const maxTail = 8 << 10

// Write never fails.
func (l *logTail) Write(p []byte) (int, error) {
	l.text = append(l.text, p...)
	if over := len(l.text) - maxTail; over > 0 {
		l.text = append(l.text[:0], l.text[over:]...)
	}
	return len(p), nil
}

// String gives the text with what could move a terminal's cursor replaced.
func (l *logTail) String() string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(string(l.text), "\uFFFD")))
}
