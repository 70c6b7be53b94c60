package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"spool/internal/spool"
)

// Launcher starts one confined process and waits for it. The sandbox is one.
// An exit status other than 0 is no error; when the context ends first, the
// process group is killed and ctx.Err() returned.
type Launcher interface {
	Run(ctx context.Context, p spool.Process) (spool.ProcessExit, error)
}

// Tools are the ffmpeg and ffprobe of this machine. They hold no state and may
// be used by many goroutines at once.
type Tools struct {
	FFmpeg  string // absolute path
	FFprobe string // absolute path
	Version string // as ffmpeg says it: "5.1.9-0+deb12u1"

	launcher  Launcher
	encoders  map[string]bool // names, such as libx264
	decodable map[string]bool // codecs that some decoder takes
}

// The environment variables that name the programs; without them PATH is searched.
const (
	EnvFFmpeg  = "SPOOL_FFMPEG"
	EnvFFprobe = "SPOOL_FFPROBE"
)

// findTimeout bounds each question that Find asks a program.
const findTimeout = 20 * time.Second

// Find looks for ffmpeg and ffprobe, checks that both are 5.1 or later, and
// asks what they can encode and decode, all at once. Its errors say what to
// install or set.
func Find(ctx context.Context, launcher Launcher) (*Tools, error) {
	t := &Tools{launcher: launcher}
	var err error
	if t.FFmpeg, err = locate("ffmpeg", EnvFFmpeg); err != nil {
		return nil, err
	}
	if t.FFprobe, err = locate("ffprobe", EnvFFprobe); err != nil {
		return nil, err
	}
	asking, ctx := errgroup.WithContext(ctx)
	asking.Go(func() (err error) {
		t.Version, err = t.version(ctx, t.FFmpeg, EnvFFmpeg)
		return err
	})
	asking.Go(func() error {
		_, err := t.version(ctx, t.FFprobe, EnvFFprobe)
		return err
	})
	asking.Go(func() error {
		out, err := t.ask(ctx, t.FFmpeg, "-hide_banner", "-encoders")
		if err != nil {
			return fmt.Errorf("ask ffmpeg for its encoders: %w", err)
		}
		t.encoders = parseTable(out, func(string) bool { return true })
		return nil
	})
	asking.Go(func() error {
		out, err := t.ask(ctx, t.FFmpeg, "-hide_banner", "-codecs")
		if err != nil {
			return fmt.Errorf("ask ffmpeg for its decoders: %w", err)
		}
		t.decodable = parseTable(out, func(flags string) bool { return flags[0] == 'D' })
		return nil
	})
	if err := asking.Wait(); err != nil {
		return nil, err
	}
	return t, nil
}

// version asks a program for its version and refuses those before 5.1.
func (t *Tools) version(ctx context.Context, path, env string) (string, error) {
	out, err := t.ask(ctx, path, "-hide_banner", "-version")
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", path, err)
	}
	version, ok := parseVersion(out)
	if !ok {
		return "", fmt.Errorf("%s is version %q; Spool needs FFmpeg 5.1 or later (set %s to another one)", path, version, env)
	}
	return version, nil
}

// HasEncoder tells whether ffmpeg has the encoder of that name, such as "libx264".
func (t *Tools) HasEncoder(name string) bool { return t.encoders[name] }

// Encoders lists the names of all encoders, sorted.
func (t *Tools) Encoders() []string {
	names := make([]string, 0, len(t.encoders))
	for name := range t.encoders {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func locate(name, env string) (string, error) {
	asked := os.Getenv(env)
	if asked == "" {
		asked = name
	}
	path, err := exec.LookPath(asked)
	if err != nil {
		return "", fmt.Errorf("%s was not found (%w): install FFmpeg 5.1 or later, or set %s to its path", name, err, env)
	}
	return filepath.Abs(path)
}

// ask runs a program that only prints something.
func (t *Tools) ask(ctx context.Context, path string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	out, errs := &limitedBuffer{limit: 4 << 20}, newLogReader()
	exit, err := t.launcher.Run(ctx, spool.Process{Path: path, Args: args, Dir: "/", Stdout: out, Stderr: errs})
	switch {
	case err != nil:
		return "", err
	case exit.Code != 0:
		return "", fmt.Errorf("exit status %d: %s", exit.Code, errs.tail())
	}
	return out.buf.String(), nil
}

var (
	versionLine = regexp.MustCompile(`(?m)^(?:ffmpeg|ffprobe) version (\S+)`)
	releaseName = regexp.MustCompile(`^n?(\d+)\.(\d+)`)
	avutilLine  = regexp.MustCompile(`(?m)^libavutil\s+(\d+)\.\s*(\d+)\.`)
)

// parseVersion takes the output of -version. Builds from git are named after a
// commit: for those libavutil tells the age (5.1 has 57.28).
func parseVersion(out string) (version string, ok bool) {
	m := versionLine.FindStringSubmatch(out)
	if m == nil {
		return "unknown", false
	}
	version = m[1]
	wantMajor, wantMinor := 5, 1
	n := releaseName.FindStringSubmatch(version)
	if n == nil {
		wantMajor, wantMinor = 57, 28
		if n = avutilLine.FindStringSubmatch(out); n == nil {
			return version, false
		}
	}
	major, _ := strconv.Atoi(n[1])
	minor, _ := strconv.Atoi(n[2])
	return version, major > wantMajor || major == wantMajor && minor >= wantMinor
}

// parseTable takes the output of -encoders or -codecs: a legend, a line of
// dashes, then lines of flags, name, and description.
func parseTable(out string, want func(flags string) bool) map[string]bool {
	names := map[string]bool{}
	begun := false
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 1 && strings.Trim(fields[0], "-") == "":
			begun = true
		case begun && len(fields) >= 2 && want(fields[0]):
			names[fields[1]] = true
		}
	}
	return names
}

// errTooMuch means that a program printed more than anybody can want.
var errTooMuch = errors.New("too much output")

// limitedBuffer keeps up to limit bytes and remembers that there were more.
type limitedBuffer struct {
	buf   bytes.Buffer
	limit int
	over  bool
}

// Write never fails, so that the program is not left before a full pipe.
func (b *limitedBuffer) Write(p []byte) (int, error) {
	room := b.limit - b.buf.Len()
	if len(p) > room {
		b.over = true
		b.buf.Write(p[:room])
		return len(p), nil
	}
	b.buf.Write(p)
	return len(p), nil
}
