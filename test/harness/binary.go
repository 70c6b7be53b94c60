package harness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"spool/internal/testkit"
)

// binary is the path of the built program.
var binary string

// Main builds the program, runs the tests of a package, and leaves nothing
// behind: call it from TestMain. SPOOL_BINARY names a program to test instead.
func Main(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if binary = os.Getenv("SPOOL_BINARY"); binary != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "spool-binary-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "harness:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "spool")
	build := exec.Command("go", "build", "-trimpath", "-o", binary, "spool/cmd/spool")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "harness: build spool: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// Spool gives a command of the program that ends with the test.
func Spool(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	if binary == "" {
		t.Fatal("harness: the package's TestMain does not call harness.Main")
	}
	if err := look(testkit.ModuleRoot(t)); err != nil {
		t.Fatalf("harness: %v", err)
	}
	return exec.CommandContext(t.Context(), binary, args...)
}

var looked = struct {
	sync.Once
	err error
}{}

// look lists the folders of the program's sources, once. The go command gives a
// test's old result again unless something has changed that the test looked
// at; it knows of no build that a test does by itself.
func look(root string) error {
	looked.Do(func() {
		_ = os.Getenv("SPOOL_BINARY")
		for _, name := range []string{"cmd", "internal", "go.mod", "go.sum"} {
			err := filepath.WalkDir(filepath.Join(root, name), func(path string, entry os.DirEntry, err error) error {
				if err == nil && !entry.IsDir() {
					_, err = os.Stat(path)
				}
				if errors.Is(err, fs.ErrNotExist) {
					err = nil // someone is at work here
				}
				return err
			})
			if err != nil && looked.err == nil {
				looked.err = fmt.Errorf("list the program's sources: %w", err)
			}
		}
	})
	return looked.err
}
