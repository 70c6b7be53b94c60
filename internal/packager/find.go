package packager

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"spool/internal/spool"
)

// Launcher starts one confined process and waits for it. The sandbox is one.
// An exit status other than 0 is no error; when the context ends first, the
// process group is killed and ctx.Err() returned.
type Launcher interface {
	Run(ctx context.Context, p spool.Process) (spool.ProcessExit, error)
}

// Tool is the packager of this machine. It holds no state and may be used by
// many goroutines at once.
type Tool struct {
	Path    string // absolute
	Version string // as it says it: "3.4.2"

	launcher Launcher
}

// Env is the environment variable that names the program. Without it the
// program is looked for beside our own executable and then on PATH.
const Env = "SPOOL_PACKAGER"

// name is what the program is called, both beside us and on PATH.
const name = "packager"

// ErrMissing means that there is no packager on this machine. Errors that wrap
// it say what to install.
var ErrMissing = errors.New("the packager was not found: install Shaka Packager 3 (the npm package shaka-packager has it; make bin/packager in Spool's source installs that), " +
	"put its program beside spool or on PATH as \"packager\", or set " + Env + " to its path")

// leastMajor is the oldest version that does what is asked of it here.
const leastMajor = 3

const findTimeout = 20 * time.Second

// Find looks for the packager and asks for its version. Its errors say what to
// install or set; a machine without one gives ErrMissing.
func Find(ctx context.Context, launcher Launcher) (*Tool, error) {
	path, err := locate()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	var out bytes.Buffer
	exit, err := launcher.Run(ctx, spool.Process{Path: path, Args: []string{"--version"}, Dir: "/", Stdout: &out})
	switch {
	case err != nil:
		return nil, fmt.Errorf("ask %s for its version: %w", path, err)
	case exit.Code != 0:
		return nil, fmt.Errorf("ask %s for its version: exit status %d; set %s to Shaka Packager", path, exit.Code, Env)
	}
	version, ok := parseVersion(out.String())
	if !ok {
		return nil, fmt.Errorf("%s is not Shaka Packager %d or later, or doesn't say so; set %s to another one", path, leastMajor, Env)
	}
	return &Tool{Path: path, Version: version, launcher: launcher}, nil
}

// At gives the packager at a path that is known to be one.
func At(path string, launcher Launcher) *Tool { return &Tool{Path: path, launcher: launcher} }

func locate() (string, error) {
	if asked := os.Getenv(Env); asked != "" {
		path, err := exec.LookPath(asked)
		if err != nil {
			return "", fmt.Errorf("%s names %q, which can't be run (%w); install Shaka Packager 3 (the npm package shaka-packager has it) and set it to the program's path", Env, asked, err)
		}
		return filepath.Abs(path)
	}
	if self, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), name)); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return "", ErrMissing
	case err != nil:
		return "", fmt.Errorf("%w (%w)", ErrMissing, err)
	}
	return filepath.Abs(path)
}

var versionLine = regexp.MustCompile(`(?m)^packager version v?((\d+)\.[0-9.]+)`)

// parseVersion takes "packager version v3.4.2-c819dea-release".
func parseVersion(out string) (version string, ok bool) {
	m := versionLine.FindStringSubmatch(out)
	if m == nil {
		return "", false
	}
	major, err := strconv.Atoi(m[2])
	return m[1], err == nil && major >= leastMajor
}
