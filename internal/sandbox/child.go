package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"spool/internal/spool"
)

// childArg as the first argument makes this program the sandbox's child.
const childArg = "__sandbox"

// childFailed is the exit status of a child that could not become the tool. It
// only backs up the message on the status pipe, which is what the parent reads.
const childFailed = 126

// initCalled guards against a program that forgot Init: its children would run
// its main again, and start children of their own.
var initCalled atomic.Bool

// orders is what the parent tells the child, as JSON in its second argument.
type orders struct {
	Parent int                 `json:"parent"` // process id to stay tied to
	Status int                 `json:"status"` // descriptor for a failure's message; closed by exec
	Limits spool.ProcessLimits `json:"limits"` // all set
}

// Init must be the first call in main, and in the TestMain of every package
// that runs tools. In an ordinary process it only notes that it was called. In
// the sandbox's child it never returns.
func Init() {
	initCalled.Store(true)
	if len(os.Args) < 2 || os.Args[1] != childArg {
		return
	}
	// The measures below belong to the thread that execs: stay on it.
	runtime.LockOSThread()
	if err := becomeTool(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
	}
	os.Exit(childFailed)
}

// becomeTool reads "orders path args…", takes all steps, and execs. It returns
// only when something failed, after it told the parent.
func becomeTool(args []string) error {
	if len(args) < 2 {
		return errors.New("this command is for Spool's own use: it wants orders and a program")
	}
	var o orders
	if err := json.Unmarshal([]byte(args[0]), &o); err != nil {
		return fmt.Errorf("read orders: %w", err)
	}
	err := confine(o)
	if err == nil {
		err = fmt.Errorf("exec %s: %w", args[1], syscall.Exec(args[1], args[1:], os.Environ()))
	}
	// Best effort: when the pipe is gone, so is the parent that would read it.
	_, _ = syscall.Write(o.Status, []byte(err.Error()))
	return err
}

// step is one measure taken by the child.
type step struct {
	name string
	take func(orders) error
}

// steps are taken in this order. Landlock and then seccomp belong between
// no_new_privs, which both need, and the address-space limit, which comes last
// because this program's own runtime has to live under it until the exec.
func steps() []step {
	return []step{
		{"tie to the parent", tieToParent},
		{"close descriptors", closeDescriptors},
		{"no new privileges", noNewPrivileges},
		{"limit resources", limitResources},
	}
}

func confine(o orders) error {
	for _, s := range steps() {
		if err := s.take(o); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// tieToParent asks again for what SysProcAttr.Pdeathsig asked: the request is
// kept per thread, and the thread that execs need not be the one that the fork
// made. If the parent died before this call, it is noticed by its id.
func tieToParent(o orders) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	if os.Getppid() != o.Parent {
		return errors.New("the parent is gone")
	}
	return nil
}

// closeDescriptors marks everything from the status pipe on to be closed by
// exec: what was asked for lies between the standard descriptors and it.
func closeDescriptors(o orders) error {
	err := unix.CloseRange(uint(o.Status), ^uint(0)>>32, unix.CLOSE_RANGE_CLOEXEC)
	if !errors.Is(err, syscall.ENOSYS) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	// Kernels before 5.11.
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, e := range open {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd >= o.Status {
			syscall.CloseOnExec(fd)
		}
	}
	return nil
}

func noNewPrivileges(orders) error {
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// limitResources sets the rlimits. It uses package syscall because that also
// keeps its Exec from putting the old limit of open files back.
func limitResources(o orders) error {
	cpu := uint64((o.Limits.CPU + time.Second - 1) / time.Second)
	for _, l := range []struct {
		name       string
		resource   int
		soft, hard uint64
	}{
		{"core size", syscall.RLIMIT_CORE, 0, 0},
		{"open files", syscall.RLIMIT_NOFILE, uint64(o.Limits.OpenFiles), uint64(o.Limits.OpenFiles)},
		{"file size", syscall.RLIMIT_FSIZE, uint64(o.Limits.FileSize), uint64(o.Limits.FileSize)},
		// SIGXCPU at the soft limit says why it died; SIGKILL at the hard one would not.
		{"CPU time", syscall.RLIMIT_CPU, cpu, cpu + 5},
		{"address space", syscall.RLIMIT_AS, uint64(o.Limits.Memory), uint64(o.Limits.Memory)},
	} {
		var old syscall.Rlimit
		if err := syscall.Getrlimit(l.resource, &old); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		// Where this process itself is held tighter, the tighter limit stays.
		limit := syscall.Rlimit{Cur: min(l.soft, old.Max), Max: min(l.hard, old.Max)}
		if err := syscall.Setrlimit(l.resource, &limit); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return nil
}
