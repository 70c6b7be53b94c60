package ffmpeg_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spool/internal/ffmpeg"
	"spool/internal/spool"
)

// endless is an input that never ends, at the speed of a clock.
var endless = []string{"-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"}

func failure(t *testing.T, err error, code int) *spool.Failure {
	t.Helper()
	var f *spool.Failure
	if !errors.As(err, &f) {
		t.Fatalf("want failure %d, got %v", code, err)
	}
	if f.Code != code {
		t.Fatalf("want failure %d, got %v (detail %s)", code, f, f.Detail)
	}
	return f
}

func TestFind(t *testing.T) {
	t.Parallel()
	tl := tools(t)
	if !filepath.IsAbs(tl.FFmpeg) || !filepath.IsAbs(tl.FFprobe) || tl.Version == "" {
		t.Errorf("found %+v", tl)
	}
	if !tl.HasEncoder("aac") || tl.HasEncoder("nosuch") || !slices.Contains(tl.Encoders(), "aac") {
		t.Errorf("encoders: %v", tl.Encoders())
	}
}

func TestRunReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var reports []ffmpeg.Progress
	out, err := tools(t).Run(t.Context(), ffmpeg.Command{
		Args: []string{"-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-frames:v", "100", "-c:v", "mpeg4", "-y", "file:" + filepath.Join(dir, "out.mp4")},
		Dir:  dir, Deadline: time.Minute, Stall: time.Minute,
		OnProgress: func(p ffmpeg.Progress) { reports = append(reports, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if out.Exit != 0 || out.Frames != 100 || out.OutTime < 3900*time.Millisecond || out.OutTime > 4*time.Second {
		t.Errorf("outcome %+v", out)
	}
	if out.ErrorLines != 0 || out.Truncated || out.DiskFull || out.UserTime <= 0 || out.Wall <= 0 || out.MaxRSS <= 0 {
		t.Errorf("outcome %+v", out)
	}
	if len(reports) == 0 || !reports[len(reports)-1].Done || reports[len(reports)-1].TotalSize == 0 {
		t.Errorf("reports %+v", reports)
	}
}

func TestDeadlineAndStall(t *testing.T) {
	t.Parallel()
	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		args := append(slices.Clone(endless), "-f", "null", "-")
		_, err := tools(t).Run(t.Context(), ffmpeg.Command{Args: args, Dir: t.TempDir(), URI: "s3://b/k", Deadline: 500 * time.Millisecond, Stall: time.Minute})
		f := failure(t, err, spool.CodeTimeout)
		if !strings.Contains(f.Message, "500ms") || !strings.Contains(f.Message, "s3://b/k") {
			t.Errorf("message %q", f.Message)
		}
	})
	t.Run("stall", func(t *testing.T) {
		t.Parallel()
		// A pipe that is open but says nothing.
		dir := t.TempDir()
		fifo := filepath.Join(dir, "silent")
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := os.OpenFile(fifo, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		_, err = tools(t).Run(t.Context(), ffmpeg.Command{
			Args: []string{"-f", "mpegts", "-i", "file:" + fifo, "-f", "null", "-"},
			Dir:  dir, Deadline: time.Minute, Stall: 300 * time.Millisecond,
		})
		if f := failure(t, err, spool.CodeTimeout); !strings.Contains(f.Message, "no progress for 300ms") {
			t.Errorf("message %q", f.Message)
		}
	})
	t.Run("slow is not stalled", func(t *testing.T) {
		t.Parallel()
		args := append(slices.Clone(endless), "-t", "3", "-f", "null", "-")
		out, err := tools(t).Run(t.Context(), ffmpeg.Command{Args: args, Dir: t.TempDir(), Deadline: time.Minute, Stall: 2 * time.Second})
		if err != nil || out.Wall < 2500*time.Millisecond {
			t.Errorf("outcome %+v, error %v", out, err)
		}
	})
}

// TestCancel holds the process by a pidfd, so that its end is seen and not guessed.
func TestCancel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	running := make(chan struct{}, 1)
	done := make(chan error, 1)
	mark := filepath.Join(dir, "this-is-the-one.mkv")
	go func() {
		_, err := tools(t).Run(ctx, ffmpeg.Command{
			Args: append(slices.Clone(endless), "-c:v", "mpeg4", "-y", "file:"+mark), Dir: dir,
			OnProgress: func(ffmpeg.Progress) {
				select {
				case running <- struct{}{}:
				default:
				}
			},
		})
		done <- err
	}()
	select {
	case <-running:
	case err := <-done:
		t.Fatalf("ended by itself: %v", err)
	}
	fd := pidfdOf(t, mark)
	defer unix.Close(fd)
	cancel()
	gone(t, fd)
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run gave %v", err)
	}
}

// TestNoOrphan kills a whole program that runs ffmpeg: ffmpeg must go with it.
func TestNoOrphan(t *testing.T) {
	t.Parallel()
	tools(t) // or skip
	path := filepath.Join(t.TempDir(), "orphan.mkv")
	parent := exec.Command("/proc/self/exe")
	parent.Env = append(os.Environ(), asParent+"="+path)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the parent said %q: %v", line, err)
	}
	fd := pidfdOf(t, path)
	defer unix.Close(fd)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	gone(t, fd)
}

// gone waits for the end of a process, which makes its pidfd readable.
func gone(t *testing.T, fd int) {
	t.Helper()
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, 10_000)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if n != 1 || err != nil {
			t.Fatalf("ffmpeg outlived its end: %d, %v", n, err)
		}
		return
	}
}

// pidfdOf finds the process that has an argument ending in mark.
func pidfdOf(t *testing.T, mark string) int {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		text, err := os.ReadFile(p)
		if err != nil || !strings.Contains(string(text), mark) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(p)))
		if err != nil {
			t.Fatal(err)
		}
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			t.Fatal(err)
		}
		return fd
	}
	t.Fatal("the running ffmpeg was not found")
	return -1
}

func TestRunFailures(t *testing.T) {
	t.Parallel()
	good := clip(t, "good.mp4", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1", "-c:v", "mpeg4")
	truncated := clip(t, "cut.mkv", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=8", "-c:v", "mpeg4")
	if err := os.Truncate(truncated, 60_000); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "video")
	if err := os.WriteFile(text, []byte("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:"+good+"\n#EXT-X-ENDLIST\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := func(path string, rest ...string) []string {
		return slices.Concat(ffmpeg.InputGuards(), []string{"-i", "file:" + path}, rest)
	}
	for name, c := range map[string]struct {
		args   []string
		limits spool.ProcessLimits
		code   int
		says   string
	}{
		"no disk":       {in(good, "-y", "-f", "mpegts", "file:/dev/full"), spool.ProcessLimits{}, spool.CodeDiskFull, "disk is full"},
		"absent":        {in(good+"x", "-f", "null", "-"), spool.ProcessLimits{}, spool.CodeFileOpen, "could not be opened"},
		"no such track": {in(good, "-map", "0:a", "-f", "null", "-"), spool.ProcessLimits{}, spool.CodeIncompatible, "not found in the input"},
		"no encoder":    {in(good, "-c:v", "nosuch", "-f", "null", "-"), spool.ProcessLimits{}, spool.CodeUnexpected, "[nosuch]"},
		"bad settings":  {in(good, "-c:v", "libx264", "-vf", "scale=101:101", "-f", "null", "-"), spool.ProcessLimits{}, spool.CodeIncompatible, "initialization failed"},
		"playlist":      {in(text, "-f", "null", "-"), spool.ProcessLimits{}, spool.CodeFileAccess, "not accepted"},
		"file too big":  {in(good, "-y", "-c:v", "rawvideo", "-f", "nut", "big"), spool.ProcessLimits{FileSize: 50_000}, spool.CodeWrite, "largest size"},
		"memory":        {in(good, "-vf", "scale=8000:8000,tile=4x4", "-f", "null", "-"), spool.ProcessLimits{Memory: 700 << 20}, spool.CodeUnexpected, "memory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := tools(t).Run(t.Context(), ffmpeg.Command{Args: c.args, Dir: t.TempDir(), URI: "s3://b/in.mp4", Limits: c.limits, Deadline: time.Minute})
			f := failure(t, err, c.code)
			if !strings.Contains(f.Message, c.says) {
				t.Errorf("message %q does not say %q; detail %s", f.Message, c.says, f.Detail)
			}
			if strings.Contains(f.Message, filepath.Dir(good)) || f.Detail == "" || len(f.Detail) > 64<<10 {
				t.Errorf("message %q, detail of %d bytes", f.Message, len(f.Detail))
			}
			if out.Exit == 0 && !out.DiskFull {
				t.Errorf("outcome %+v", out)
			}
		})
	}
	t.Run("truncated but exit 0", func(t *testing.T) {
		t.Parallel()
		out, err := tools(t).Run(t.Context(), ffmpeg.Command{Args: in(truncated, "-f", "null", "-"), Dir: t.TempDir()})
		if err != nil || !out.Truncated || out.ErrorLines == 0 {
			t.Errorf("outcome %+v, error %v", out, err)
		}
	})
	t.Run("cannot start", func(t *testing.T) {
		t.Parallel()
		var f *spool.Failure
		_, err := tools(t).Run(t.Context(), ffmpeg.Command{Args: in(good), Dir: filepath.Join(filepath.Dir(good), "absent")})
		if err == nil || errors.As(err, &f) {
			t.Errorf("error %v", err)
		}
	})
}

// TestPrefix holds what --plan prints to what is really run.
func TestPrefix(t *testing.T) {
	t.Parallel()
	prefix := fmt.Sprint(ffmpeg.Prefix())
	for _, want := range []string{"-nostdin", "-nostats", "-hide_banner", "-loglevel repeat+level+warning", "-progress pipe:3"} {
		if !strings.Contains(prefix, want) {
			t.Errorf("%s lacks %s", prefix, want)
		}
	}
}
