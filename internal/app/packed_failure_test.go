package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/packager"
	"spool/internal/sandbox"
	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/internal/work"
)

// mispacked packages for real, and then something happens to what is left.
type mispacked struct {
	work.Tools
	after func(dir string) error
}

func (m mispacked) Package(ctx context.Context, c work.Packaging) (work.Outcome, error) {
	out, err := m.Tools.Package(ctx, c)
	if err == nil {
		err = m.after(c.Dir)
	}
	return out, err
}

// rewrite changes a staged file.
func rewrite(name, from, to string) func(dir string) error {
	return func(dir string) error {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !strings.Contains(string(text), from) {
			return fmt.Errorf("%s holds no %q", name, from)
		}
		return os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600)
	}
}

// TestPackedNothingHalf: whatever is wrong with what the packager leaves,
// although it said all was well, the job fails and nothing is published.
func TestPackedNothingHalf(t *testing.T) {
	t.Parallel()
	testkit.NeedPackager(t)
	clip := fiveSeconds(t)
	job := packedJob("CMAF_GROUP_SETTINGS", `"SegmentLength":2,"FragmentLength":1`, rung("_v", "CMFC", "160", h264Fast), soundOutput("_a", "CMFC"))
	in := func(name string, f func(path string) error) func(dir string) error {
		return func(dir string) error { return f(filepath.Join(dir, name)) }
	}
	cut := func(n int64) func(path string) error {
		return func(path string) error { return os.Truncate(path, n) }
	}
	for name, after := range map[string]func(dir string) error{
		"a segment is missing":  in("g0_o0_0_000000002.cmfv", os.Remove),
		"the last is missing":   in("g0_o0_0_000000003.cmfv", os.Remove),
		"sound is missing":      in("g0_o1_0_000000002.cmfa", os.Remove),
		"a segment is empty":    in("g0_o0_0_000000002.cmfv", cut(0)),
		"a segment is cut":      in("g0_o0_0_000000002.cmfv", cut(900)),
		"the header is missing": in("g0_o0_0init.cmfv", os.Remove),
		"the header is cut":     in("g0_o0_0init.cmfv", cut(300)),
		"the manifest is gone":  in("g0.mpd", os.Remove),
		"the manifest is cut":   in("g0.mpd", cut(400)),
		"too few segments":      rewrite("g0.mpd", `d="60000" r="1"`, `d="60000"`),
		"segments change places": func(dir string) error {
			return os.Rename(filepath.Join(dir, "g0_o0_0_000000003.cmfv"), filepath.Join(dir, "g0_o0_0_000000002.cmfv"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, job, clip)
			b.runner.Tools = mispacked{b.runner.Tools, after}
			b.fails(t, spool.CodeUnexpected, "")
		})
	}
	t.Run("killed", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, job, clip)
		path := filepath.Join(t.TempDir(), "packager")
		script := "#!/bin/sh\ncase \"$1\" in --version) echo packager version v3.4.2-test;; *) kill -9 $$;; esac\n"
		if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		broken := b.runner.Tools.(tools)
		broken.packager = packager.At(path, sandbox.New())
		b.runner.Tools = broken
		b.fails(t, spool.CodeUnexpected, "killed")
	})
	t.Run("missing", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, job, clip)
		none := b.runner.Tools.(tools)
		none.packager, none.missing = nil, packager.ErrMissing
		b.runner.Tools = none
		b.fails(t, spool.CodeUnexpected, "npm package shaka-packager")
	})
}

// fails runs a job that must fail with a code and a word, and checks that nothing
// is left of it.
func (b bench) fails(t *testing.T, code int, word string) {
	t.Helper()
	_, err := b.runner.Run(t.Context(), b.order, work.Observer{})
	var failure *spool.Failure
	if !errors.As(err, &failure) || failure.Code != code || !strings.Contains(failure.Message, word) {
		t.Fatalf("got %v, want a failure %d about %q", err, code, word)
	}
	if strings.Contains(failure.Message, b.local.dir) {
		t.Errorf("the message shows a path of this machine: %s", failure.Message)
	}
	if got := b.published(t); len(got) > 0 {
		t.Errorf("published: %q", got)
	}
	if _, err := os.Stat(filepath.Join(b.runner.Staging, b.order.JobID)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the staging folder is still there: %v", err)
	}
}
