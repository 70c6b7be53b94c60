package packager

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"spool/internal/spool"
)

// Command is one run of the packager. All names are of files in Dir.
type Command struct {
	Dir      string // absolute
	Streams  []Stream
	Manifest string // the DASH manifest in which the packager says what it wrote
	// Segment is the distance of the grid that segments begin on: each begins on
	// the first random access point at or after a multiple of it.
	Segment time.Duration
	// Fragment is the length of the parts of a segment; 0: a segment is one part.
	Fragment   time.Duration
	Encryption *Encryption // nil: none

	Limits   spool.ProcessLimits
	Deadline time.Duration // for the whole run; 0: none
}

// Stream is one stream of one input. It is written to one file with an index
// when Output is set, and otherwise to Init and Segments.
type Stream struct {
	Input    string
	Kind     string // video | audio | text
	Output   string // single file
	Init     string // the initialization segment; empty for text
	Segments string // with "$Number%09d$" where the number from 1 goes
}

// Scheme is how samples are encrypted.
type Scheme string

// The schemes of ISO/IEC 23001-7 that are used here.
const (
	CENC Scheme = "cenc" // AES-CTR
	CBCS Scheme = "cbcs" // AES-CBC with a pattern
)

// Encryption encrypts every stream with one key.
type Encryption struct {
	Scheme Scheme
	KeyID  [16]byte
	Key    [16]byte
	IV     []byte // 8 or 16 bytes; nil: the packager draws one
	// ClearLead is how long the beginning stays unencrypted, in whole segments.
	ClearLead time.Duration
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
	args, err := arguments(c)
	if err != nil {
		return Outcome{}, fmt.Errorf("package: %w", err)
	}
	if c.Encryption != nil {
		file, err := writeKeys(c.Dir, c.Encryption)
		if err != nil {
			return Outcome{}, fmt.Errorf("hand the key to the packager: %w", err)
		}
		defer os.Remove(file)
		args = append([]string{"--flagfile=" + filepath.Base(file)}, args...)
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

// plainName is what files may be called: nothing in it means anything to the
// packager's command line, where commas, equal signs and colons do.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// numbered is the part of a segment's name where its number goes.
const numbered = "$Number%09d$"

// ioCache bounds what the packager keeps of each file it writes, in bytes: its
// own 32 MB for each of many streams would be a lot of memory for nothing.
const ioCache = 1 << 20

func arguments(c Command) ([]string, error) {
	if !filepath.IsAbs(c.Dir) {
		return nil, fmt.Errorf("the folder %q must be absolute", c.Dir)
	}
	if len(c.Streams) == 0 || c.Segment <= 0 || c.Fragment < 0 {
		return nil, errors.New("no streams, or no length of segments")
	}
	args := make([]string, 0, len(c.Streams)+10)
	segmented := false
	for _, s := range c.Streams {
		d, err := s.descriptor()
		if err != nil {
			return nil, err
		}
		segmented = segmented || s.Output == ""
		args = append(args, d)
	}
	if !plainName.MatchString(c.Manifest) {
		return nil, fmt.Errorf("the manifest %q has no plain name", c.Manifest)
	}
	args = append(args,
		"--quiet",
		"--io_cache_size="+strconv.Itoa(ioCache),
		"--temp_dir=.",
		"--segment_duration="+seconds(c.Segment),
		"--mpd_output="+c.Manifest)
	if c.Fragment > 0 {
		args = append(args, "--fragment_duration="+seconds(c.Fragment))
	}
	if segmented {
		args = append(args, "--generate_static_live_mpd")
	}
	if c.Encryption != nil {
		e, err := c.Encryption.arguments()
		if err != nil {
			return nil, err
		}
		args = append(args, e...)
	}
	return args, nil
}

func (s Stream) descriptor() (string, error) {
	switch s.Kind {
	case "video", "audio", "text":
	default:
		return "", fmt.Errorf("a stream of the kind %q can't be packaged", s.Kind)
	}
	parts := []string{"in=" + s.Input, "stream=" + s.Kind}
	names := []string{s.Input}
	if s.Output != "" {
		parts, names = append(parts, "output="+s.Output), append(names, s.Output)
	} else {
		if s.Init != "" {
			parts, names = append(parts, "init_segment="+s.Init), append(names, s.Init)
		}
		if strings.Count(s.Segments, numbered) != 1 {
			return "", fmt.Errorf("the segments %q need one %s", s.Segments, numbered)
		}
		parts, names = append(parts, "segment_template="+s.Segments), append(names, strings.Replace(s.Segments, numbered, "1", 1))
	}
	for _, n := range names {
		if !plainName.MatchString(n) {
			return "", fmt.Errorf("the file %q has no plain name", n)
		}
	}
	if s.Kind != "text" || s.Init != "" {
		parts = append(parts, "format=mp4")
	}
	return strings.Join(parts, ","), nil
}

// seconds writes a length a microsecond short: the packager cuts it down to
// whole ticks, and a grid one tick too wide would miss the frame that is due.
func seconds(d time.Duration) string {
	return strconv.FormatFloat((d - time.Microsecond).Seconds(), 'f', 6, 64)
}

func (e *Encryption) arguments() ([]string, error) {
	switch {
	case e.Scheme != CENC && e.Scheme != CBCS:
		return nil, fmt.Errorf("the protection scheme %q is not known", e.Scheme)
	case len(e.IV) != 0 && len(e.IV) != 8 && len(e.IV) != 16:
		return nil, fmt.Errorf("the initialization vector has %d bytes instead of 8 or 16", len(e.IV))
	case e.ClearLead < 0:
		return nil, errors.New("the clear lead is negative")
	}
	return []string{
		"--protection_scheme=" + string(e.Scheme),
		"--clear_lead=" + strconv.FormatFloat(e.ClearLead.Seconds(), 'f', -1, 64),
		"--protection_systems=CommonSystem",
	}, nil
}

// writeKeys writes the flags that hold secrets to a file that nobody else can
// read.
func writeKeys(dir string, e *Encryption) (string, error) {
	f, err := os.CreateTemp(dir, "keys-*.flags") // mode 0600
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("--enable_raw_key_encryption\n--keys=label=:key_id=%s:key=%s\n", hex.EncodeToString(e.KeyID[:]), hex.EncodeToString(e.Key[:]))
	if len(e.IV) > 0 {
		text += "--iv=" + hex.EncodeToString(e.IV) + "\n"
	}
	_, err = f.WriteString(text)
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
