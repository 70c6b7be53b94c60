package testkit

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// NeedTools skips the test, with a word, where one of the programs is missing.
// In CI (CI=true) a missing program is a failure: nothing is skipped there unseen.
func NeedTools(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("testkit: %s is missing; scripts/setup.sh installs it", p)
			}
			t.Skipf("testkit: %s is missing; scripts/setup.sh installs it", p)
		}
	}
}

// envPackager names the packager to the product (internal/packager).
const envPackager = "SPOOL_PACKAGER"

// UsePackager makes the packager that "make bin/packager" installs known to the
// product under test, unless the environment names one. TestMain calls it first.
func UsePackager() {
	if os.Getenv(envPackager) != "" {
		return
	}
	root, err := moduleRoot()
	if err != nil {
		return
	}
	path := filepath.Join(root, "bin", "packager")
	if _, err := os.Stat(path); err == nil {
		_ = os.Setenv(envPackager, path) // fails only for names that are none
	}
}

// NeedPackager is NeedTools for Shaka Packager.
func NeedPackager(t testing.TB) {
	t.Helper()
	named := os.Getenv(envPackager)
	if named == "" {
		named = "packager"
	}
	if _, err := exec.LookPath(named); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("testkit: Shaka Packager is missing; make bin/packager installs it")
	}
	t.Skipf("testkit: Shaka Packager is missing; make bin/packager installs it")
}

// SharedMedia gives the path of a file of the shared footage: of the folder that
// SPOOL_SHARED names, or of ../shared beside the module. It skips the test, with
// a word, where the file is absent.
func SharedMedia(t testing.TB, name string) string {
	t.Helper()
	return Shared(t, filepath.Join("media", name))
}

// Shared gives the path of any file or folder of the shared material.
func Shared(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("SPOOL_SHARED")
	if dir == "" {
		root, err := moduleRoot()
		if err != nil {
			t.Fatalf("testkit: %v", err)
		}
		dir = filepath.Join(filepath.Dir(root), "shared")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("testkit: the shared file %s is absent; set SPOOL_SHARED to the folder that holds it", name)
	}
	return path
}

// ModuleRoot gives the folder of go.mod.
func ModuleRoot(t testing.TB) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatalf("testkit: %v", err)
	}
	return root
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the working folder")
		}
		dir = up
	}
}
