package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
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
	return exec.CommandContext(t.Context(), binary, args...)
}
