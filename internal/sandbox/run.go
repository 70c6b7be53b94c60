package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"spool/internal/spool"
)

// waitDelay is how long output may still flow after the child has ended; only
// a descendant that left the process group can make it matter.
const waitDelay = 10 * time.Second

// DefaultLimits are used for every limit that a process leaves at zero. The
// memory is for a 4K ladder; callers that know the job better should say so.
// It is address space, not memory in use: the C library alone reserves 64 MiB
// for each of up to eight arenas per processor, so it grows with the machine.
func DefaultLimits() spool.ProcessLimits {
	return spool.ProcessLimits{
		Memory:    16<<30 + int64(runtime.NumCPU())*512<<20,
		CPU:       7 * 24 * time.Hour,
		FileSize:  1 << 40,
		OpenFiles: 1024,
	}
}

// Sandbox runs confined children. It holds nothing, needs no closing, and may
// be used by many goroutines at once.
type Sandbox struct{}

// New returns a Sandbox. Init must have been called.
func New() *Sandbox { return &Sandbox{} }

// Run starts the process, waits for it, and tells how it ended. An exit status
// other than zero and a death by a signal are no errors: they are in the exit.
// Errors are: the process could not be started (nothing has run then), or the
// context ended first: the group is killed, reaped, and ctx.Err() returned.
//
// The writers are called from other goroutines, one at a time each, and never
// after Run has returned. Run blocks one OS thread: the kernel's promise to
// kill the child with its parent follows the thread that started it, so that
// thread stays here until the child is gone.
func (s *Sandbox) Run(ctx context.Context, p spool.Process) (spool.ProcessExit, error) {
	if !initCalled.Load() {
		return spool.ProcessExit{}, errors.New("sandbox: Init was not called first in main")
	}
	if !filepath.IsAbs(p.Path) || !filepath.IsAbs(p.Dir) {
		return spool.ProcessExit{}, fmt.Errorf("sandbox: program %q and folder %q must be absolute paths", p.Path, p.Dir)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	r := &run{process: p}
	defer r.closePipes()
	if err := r.start(ctx); err != nil {
		if ctx.Err() != nil {
			return spool.ProcessExit{}, ctx.Err()
		}
		return spool.ProcessExit{}, fmt.Errorf("sandbox: %w", err)
	}
	exit, err := r.wait()
	switch {
	case r.wasKilled():
		return exit, ctx.Err()
	case err != nil:
		return exit, fmt.Errorf("sandbox: %w", err)
	}
	return exit, nil
}

// run is one child on its way.
type run struct {
	process spool.Process
	cmd     *exec.Cmd
	started time.Time
	readers []*os.File // our ends of the extra pipes
	copies  sync.WaitGroup

	mu     sync.Mutex
	ended  bool // the leader is a zombie or gone: its group's id may not be used after the reaping
	killed bool // by us, because the context ended
}

// start begins the child and returns when it has become the tool.
func (r *run) start(ctx context.Context) error {
	status, statusW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer status.Close()
	defer statusW.Close()
	files, err := r.openPipes()
	defer closeAll(files)
	if err != nil {
		return err
	}
	files = append(files, statusW)
	order, err := json.Marshal(orders{
		Parent: os.Getpid(),
		Status: 2 + len(files), // the last of the extra files, which begin at 3
		Limits: withDefaults(r.process.Limits),
	})
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe", append([]string{childArg, string(order), r.process.Path}, r.process.Args...)...)
	cmd.Dir = r.process.Dir
	cmd.Env = environment(r.process)
	cmd.Stdout, cmd.Stderr = r.process.Stdout, r.process.Stderr
	cmd.ExtraFiles = files
	cmd.SysProcAttr = attributes()
	cmd.Cancel = r.cancel
	cmd.WaitDelay = waitDelay
	r.cmd, r.started = cmd, time.Now()
	if err := r.begin(); err != nil {
		return err
	}
	for i, w := range r.process.Extra {
		r.copies.Go(func() { drain(w, r.readers[i]) })
	}
	closeAll(files)
	// Nothing but the end of the pipe comes when the exec succeeds.
	message, err := io.ReadAll(io.LimitReader(status, 4096))
	if err == nil && len(message) == 0 {
		return nil
	}
	_, _ = r.wait()
	return errors.Join(err, fmt.Errorf("start %s: %s", r.process.Path, message))
}

// begin starts the command under the lock, so that cancel sees it whole.
func (r *run) begin() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cmd.Start()
}

// attributes are those of the fork. Clone flags for namespaces belong here.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// environment is all that the tool gets. LD_LIBRARY_PATH is the operator's own
// and makes a privately built FFmpeg start.
func environment(p spool.Process) []string {
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + p.Dir, "TMPDIR=" + p.Dir}
	if v, ok := os.LookupEnv("LD_LIBRARY_PATH"); ok {
		env = append(env, "LD_LIBRARY_PATH="+v)
	}
	return append(env, p.Env...)
}

// cancel kills the whole group, once, as long as its id is surely ours.
func (r *run) cancel() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return os.ErrProcessDone
	}
	r.killed = true
	return syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
}

func (r *run) wasKilled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.killed
}

// wait waits for the child, kills what is left of its group while the zombie
// still holds the group's id, and reaps it.
func (r *run) wait() (spool.ProcessExit, error) {
	pid := r.cmd.Process.Pid
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	r.mu.Lock()
	r.ended = true
	_ = syscall.Kill(-pid, syscall.SIGKILL) // ESRCH: nobody is left, as it should be
	r.mu.Unlock()

	err := r.cmd.Wait()
	r.finishPipes()
	exit := spool.ProcessExit{Wall: time.Since(r.started), Code: -1}
	if st := r.cmd.ProcessState; st != nil {
		exit.Code = st.ExitCode()
		exit.UserTime, exit.SystemTime = st.UserTime(), st.SystemTime()
		if ws, ok := st.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			exit.Signal = int(ws.Signal())
		}
		if ru, ok := st.SysUsage().(*syscall.Rusage); ok {
			exit.MaxRSS = ru.Maxrss * 1024
		}
	}
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = nil
	}
	return exit, err
}

// openPipes makes a pipe for every extra writer and returns the child's ends.
func (r *run) openPipes() ([]*os.File, error) {
	var ends []*os.File
	for range r.process.Extra {
		rd, wr, err := os.Pipe()
		if err != nil {
			return ends, err
		}
		r.readers = append(r.readers, rd)
		ends = append(ends, wr)
	}
	return ends, nil
}

// drain copies until the end. A writer that fails loses the rest, but the child
// is not left standing before a full pipe.
func drain(w io.Writer, rd io.Reader) {
	if _, err := io.Copy(w, rd); err != nil {
		_, _ = io.Copy(io.Discard, rd)
	}
}

// finishPipes waits until the extra pipes are drained, but not for ever for a
// descendant that left the group and keeps one open.
func (r *run) finishPipes() {
	end := time.Now().Add(waitDelay)
	for _, rd := range r.readers {
		_ = rd.SetReadDeadline(end)
	}
	r.copies.Wait()
}

func (r *run) closePipes() { closeAll(r.readers) }

// closeAll closes files; those that are closed already do not matter.
func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

func withDefaults(l spool.ProcessLimits) spool.ProcessLimits {
	d := DefaultLimits()
	if l.Memory > 0 {
		d.Memory = l.Memory
	}
	if l.CPU > 0 {
		d.CPU = l.CPU
	}
	if l.FileSize > 0 {
		d.FileSize = l.FileSize
	}
	if l.OpenFiles > 0 {
		d.OpenFiles = l.OpenFiles
	}
	return d
}
