package mediaconvert

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spool/internal/spool"
)

// sharedDir gives a folder of the material that is kept beside the repository,
// or skips the test.
func sharedDir(t *testing.T, parts ...string) string {
	t.Helper()
	root := os.Getenv("SPOOL_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(append([]string{root}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no shared material at %s: set SPOOL_SHARED", dir)
	}
	return dir
}

// TestSystems: the jobs of the systems of this slice resolve.
func TestSystems(t *testing.T) {
	t.Parallel()
	dir := sharedDir(t, "systems")
	for _, name := range []string{"frames", "vod-hls", "cattube", "abr-hls"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join(dir, name, "job.json"))
			if err != nil {
				t.Fatal(err)
			}
			r, err := DecodeRequest(data, FormFile)
			if err != nil {
				t.Fatal(err)
			}
			job, err := r.Resolve(nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range job.Warnings {
				t.Errorf("unexpected warning: %s: %s", w.Pointer, w.Message)
			}
		})
	}
}

// TestCorpus: every job of public projects resolves, or is refused with a
// pointer or a sentence. Nothing panics.
func TestCorpus(t *testing.T) {
	t.Parallel()
	dir := sharedDir(t, "jobs")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "systems", "*", "job.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 80 {
		t.Fatalf("only %d jobs in %s", len(files), dir)
	}
	resolved := 0
	for _, file := range slices.Concat(files, more) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := DecodeRequest(data, FormFile)
		if err == nil {
			_, err = r.Resolve(nil)
		}
		if err == nil {
			resolved++
			continue
		}
		var problems spool.Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Errorf("%s: error without problems: %v", filepath.Base(file), err)
			continue
		}
		for _, p := range problems {
			if p.Message == "" || (p.Pointer != "" && p.Pointer[0] != '/') {
				t.Errorf("%s: bad problem %+v", filepath.Base(file), p)
			}
			t.Logf("%.60s: %v", filepath.Base(file), p)
		}
	}
	t.Logf("%d of %d resolve", resolved, len(files)+len(more))
}
