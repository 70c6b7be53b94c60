package sandbox_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"spool/internal/sandbox"
	"spool/internal/spool"
)

// asParent makes the test binary a program that runs one child and can be killed.
const asParent = "SPOOL_TEST_SANDBOX_PARENT"

func TestMain(m *testing.M) {
	sandbox.Init()
	if os.Getenv(asParent) != "" {
		_, err := sandbox.New().Run(context.Background(), spool.Process{
			Path: "/bin/sh", Args: []string{"-c", "echo $$; exec sleep 1000"}, Dir: "/", Stdout: os.Stdout,
		})
		fmt.Fprintln(os.Stderr, "the child ended before the parent:", err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

func shell(t *testing.T, script string) spool.Process {
	return spool.Process{Path: "/bin/sh", Args: []string{"-c", script}, Dir: t.TempDir()}
}

func output(t *testing.T, p spool.Process) string {
	t.Helper()
	var out, errs bytes.Buffer
	p.Stdout, p.Stderr = &out, &errs
	exit, err := sandbox.New().Run(t.Context(), p)
	if err != nil || exit.Code != 0 {
		t.Fatalf("run: exit %+v, error %v, stderr %q", exit, err, errs.String())
	}
	return out.String()
}

func TestMeasuresAreInForce(t *testing.T) {
	t.Parallel()
	p := shell(t, "cat /proc/self/limits /proc/self/status")
	p.Limits = spool.ProcessLimits{Memory: 3 << 30, CPU: 1500 * time.Millisecond, FileSize: 4096, OpenFiles: 77}
	got := strings.Join(strings.Fields(output(t, p)), " ")
	for _, want := range []string{
		"Max cpu time 2 7 seconds",
		"Max file size 4096 4096 bytes",
		"Max core file size 0 0 bytes",
		"Max open files 77 77 files",
		"Max address space 3221225472 3221225472 bytes",
		"NoNewPrivs: 1",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the child's /proc does not say %q", want)
		}
	}
	for _, m := range sandbox.Report() {
		if m.Detail == "" || m.Name == "" {
			t.Errorf("the report has an empty measure: %+v", m)
		}
	}
}

func TestEnvironmentAndFolder(t *testing.T) {
	t.Setenv("SPOOL_SECRET_KEY", "must not be seen")
	p := shell(t, "env; pwd")
	p.Env = []string{"ADDED=yes"}
	got := output(t, p)
	if strings.Contains(got, "must not be seen") {
		t.Error("the environment leaks into the child")
	}
	for _, want := range []string{"ADDED=yes", "HOME=" + p.Dir, "\n" + p.Dir + "\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestDescriptorsAreClosed(t *testing.T) {
	t.Parallel()
	// A descriptor that a careless library forgot to mark close-on-exec.
	fd, err := syscall.Open("/dev/null", syscall.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	var extra bytes.Buffer
	p := shell(t, "echo into three >&3; ls /proc/$$/fd")
	p.Extra = []io.Writer{&extra}
	if got := strings.Fields(output(t, p)); strings.Join(got, " ") != "0 1 2 3" && strings.Join(got, " ") != "0 1 10 2 3" {
		t.Errorf("open descriptors of the child: %v", got)
	}
	if extra.String() != "into three\n" {
		t.Errorf("descriptor 3 gave %q", extra.String())
	}
}

func TestExits(t *testing.T) {
	t.Parallel()
	exit, err := sandbox.New().Run(t.Context(), shell(t, "exit 7"))
	if err != nil || exit.Code != 7 || exit.Signal != 0 || exit.Wall <= 0 || exit.MaxRSS <= 0 {
		t.Errorf("exit 7: %+v, %v", exit, err)
	}
	exit, err = sandbox.New().Run(t.Context(), shell(t, "kill -TERM $$"))
	if err != nil || exit.Code != -1 || exit.Signal != int(syscall.SIGTERM) {
		t.Errorf("killed: %+v, %v", exit, err)
	}
	p := shell(t, "while :; do :; done")
	p.Limits.CPU = time.Second
	exit, err = sandbox.New().Run(t.Context(), p)
	if err != nil || exit.Signal != int(syscall.SIGXCPU) || exit.UserTime < 500*time.Millisecond {
		t.Errorf("over its CPU time: %+v, %v", exit, err)
	}
	p = shell(t, "exec head -c 100000 /dev/zero > big")
	p.Limits.FileSize = 1000
	exit, err = sandbox.New().Run(t.Context(), p)
	if err != nil || exit.Signal != int(syscall.SIGXFSZ) {
		t.Errorf("over its file size: %+v, %v", exit, err)
	}
}

func TestCannotStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, p := range map[string]spool.Process{
		"no such file":  {Path: filepath.Join(dir, "absent"), Dir: dir},
		"absolute path": {Path: "sh", Dir: dir},
		"no such":       {Path: "/bin/sh", Dir: filepath.Join(dir, "absent")},
	} {
		_, err := sandbox.New().Run(t.Context(), p)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want an error with %q, got %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sandbox.New().Run(ctx, shell(t, "exit 0")); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

// lineWriter gives the first line written to it.
type lineWriter struct {
	lines chan string
	buf   []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	if line, _, ok := bytes.Cut(w.buf, []byte("\n")); ok && w.lines != nil {
		w.lines <- string(line)
		w.lines = nil
	}
	return len(p), nil
}

func TestCancelKillsTheGroup(t *testing.T) {
	t.Parallel()
	lines := make(chan string, 1)
	p := shell(t, "sleep 1000 & echo $!; wait")
	p.Stdout = &lineWriter{lines: lines}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		exit, err := sandbox.New().Run(ctx, p)
		if exit.Signal != int(syscall.SIGKILL) {
			t.Errorf("exit: %+v", exit)
		}
		done <- err
	}()
	grandchild := watch(t, receive(t, lines))
	cancel()
	if err := receive(t, done); !errors.Is(err, context.Canceled) {
		t.Errorf("Run gave %v", err)
	}
	grandchild.gone(t)
}

func TestLeftoversOfAFinishedChildAreKilled(t *testing.T) {
	t.Parallel()
	// The pid is written where nothing holds a pipe open.
	p := shell(t, "sleep 1000 >/dev/null 2>&1 & echo $!")
	lines := make(chan string, 1)
	p.Stdout = &lineWriter{lines: lines}
	if _, err := sandbox.New().Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(receive(t, lines))
	if fd, err := unix.PidfdOpen(pid, 0); err == nil {
		process{fd}.gone(t)
	}
}

func TestNoOrphanWhenTheParentIsKilled(t *testing.T) {
	t.Parallel()
	for range 5 {
		parent := exec.Command("/proc/self/exe")
		parent.Env = append(os.Environ(), asParent+"=1")
		out, err := parent.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		pid, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		child := watch(t, strings.TrimSpace(pid))
		if err := parent.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = parent.Wait()
		child.gone(t)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	errs := make(chan error, 30)
	for i := range 30 {
		go func() {
			var out bytes.Buffer
			p := shell(t, "echo "+strconv.Itoa(i))
			p.Stdout = &out
			_, err := sandbox.New().Run(t.Context(), p)
			if err == nil && strings.TrimSpace(out.String()) != strconv.Itoa(i) {
				err = fmt.Errorf("child %d said %q", i, out.String())
			}
			errs <- err
		}()
	}
	for range 30 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// process is a running process, held by a pidfd: its id cannot be mistaken.
type process struct{ fd int }

func watch(t *testing.T, pid string) process {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(n, 0)
	if err != nil {
		t.Fatalf("process %d: %v", n, err)
	}
	return process{fd}
}

// gone waits for the process's end, which makes its pidfd readable.
func (p process) gone(t *testing.T) {
	t.Helper()
	defer unix.Close(p.fd)
	fds := []unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, 10_000)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			t.Fatal(err)
		case n == 0:
			t.Fatal("the process is still there after 10 s")
		default:
			return
		}
	}
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came in 20 s")
		panic("unreachable")
	}
}
