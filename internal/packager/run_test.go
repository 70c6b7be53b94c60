package packager_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/packager"
	"spool/internal/sandbox"
	"spool/internal/spool"
	"spool/internal/testkit"
)

func find(t *testing.T) *packager.Tool {
	t.Helper()
	testkit.NeedPackager(t)
	tool, err := packager.Find(t.Context(), sandbox.New())
	if err != nil {
		t.Fatal(err)
	}
	return tool
}

// staged copies both streams of a clip into files of a folder, as jobs stage them.
func staged(t *testing.T) string {
	t.Helper()
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 3, W: 320, H: 180, FPS: spool.Rational{Num: 25, Den: 1}, Audio: testkit.Stereo, GOP: 25})
	dir := t.TempDir()
	for name, of := range map[string]string{"v.mp4": "0:v", "a.mp4": "0:a"} {
		out, err := exec.Command("ffmpeg", "-v", "error", "-i", clip, "-map", of, "-c", "copy", filepath.Join(dir, name)).CombinedOutput()
		if err != nil {
			t.Fatalf("ffmpeg: %v: %s", err, out)
		}
	}
	return dir
}

func streams() []packager.Stream {
	return []packager.Stream{
		{Input: "v.mp4", Kind: "video", Init: "vinit.mp4", Segments: "v_$Number%09d$.mp4"},
		{Input: "a.mp4", Kind: "audio", Init: "ainit.mp4", Segments: "a_$Number%09d$.mp4"},
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestFind(t *testing.T) {
	t.Parallel()
	tool := find(t)
	if !filepath.IsAbs(tool.Path) || !strings.HasPrefix(tool.Version, "3.") {
		t.Errorf("found %q, version %q", tool.Path, tool.Version)
	}
}

func TestFindOthers(t *testing.T) {
	for _, tc := range []struct{ name, path, want string }{
		{"named and absent", "/nowhere/packager", "the npm package shaka-packager"},
		{"another program", "/bin/true", "is not Shaka Packager"},
		{"one that fails", "/bin/false", "exit status 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv(packager.Env, tc.path)
			_, err := packager.Find(t.Context(), sandbox.New())
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one about %q", err, tc.want)
			}
		})
	}
	t.Run("nowhere", func(t *testing.T) {
		t.Setenv(packager.Env, "")
		t.Setenv("PATH", t.TempDir())
		if _, err := packager.Find(t.Context(), sandbox.New()); !errors.Is(err, packager.ErrMissing) {
			t.Errorf("error %v, want ErrMissing", err)
		}
	})
}

// Segments begin on the grid, no sooner than the first key frame that is due,
// and together they are the clip.
func TestSegments(t *testing.T) {
	t.Parallel()
	tool, dir := find(t), staged(t)
	_, err := tool.Run(t.Context(), packager.Command{Dir: dir, Streams: streams(), Manifest: "m.mpd", Segment: 2 * time.Second, Fragment: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a.mp4", "a_000000001.mp4", "a_000000002.mp4", "ainit.mp4", "m.mpd", "v.mp4", "v_000000001.mp4", "v_000000002.mp4", "vinit.mp4"}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Fatalf("wrote %v, want %v", got, want)
	}
	var whole []byte
	for _, name := range []string{"vinit.mp4", "v_000000001.mp4", "v_000000002.mp4"} {
		part, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, part...)
	}
	path := filepath.Join(dir, "whole.mp4")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	frames := testkit.FrameNumbers(t, path)
	for n, number := range frames {
		if number != n {
			t.Fatalf("frame %d shows number %d", n, number)
		}
	}
	if len(frames) != 75 {
		t.Errorf("%d frames, want 75", len(frames))
	}
}

func TestEncryption(t *testing.T) {
	t.Parallel()
	tool, dir := find(t), staged(t)
	key := [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	_, err := tool.Run(t.Context(), packager.Command{
		Dir: dir, Manifest: "m.mpd", Segment: 2 * time.Second,
		Streams:    []packager.Stream{{Input: "v.mp4", Kind: "video", Output: "out.mp4"}},
		Encryption: &packager.Encryption{Scheme: packager.CBCS, KeyID: [16]byte{0xaa}, Key: key},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names(t, dir) {
		if strings.HasSuffix(name, ".flags") {
			t.Errorf("the key is left behind in %s", name)
		}
	}
	out, err := os.ReadFile(filepath.Join(dir, "out.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out, []byte("encv")) || !bytes.Contains(out, []byte("cbcs")) {
		t.Error("the file is not encrypted by cbcs")
	}
	if bytes.Contains(out, key[:]) {
		t.Error("the file holds the key")
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tool, dir := find(t), staged(t)
	video := []packager.Stream{streams()[0]}
	for _, tc := range []struct {
		name string
		c    packager.Command
		code int
		want string
	}{
		{"no such track", packager.Command{Dir: dir, Segment: time.Second, Streams: []packager.Stream{{Input: "a.mp4", Kind: "video", Output: "o.mp4"}}}, spool.CodeIncompatible, "not found"},
		{"no such file", packager.Command{Dir: dir, Segment: time.Second, Streams: []packager.Stream{{Input: "none.mp4", Kind: "video", Output: "o.mp4"}}}, spool.CodeUnexpected, "status"},
		{"too large", packager.Command{Dir: dir, Segment: time.Second, Streams: video, Limits: spool.ProcessLimits{FileSize: 8 << 10}}, spool.CodeWrite, "largest size"},
		{"no time", packager.Command{Dir: dir, Segment: time.Second, Streams: video, Deadline: time.Nanosecond}, spool.CodeTimeout, "timed out"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.c.Manifest = "failure.mpd"
			_, err := tool.Run(t.Context(), tc.c)
			var f *spool.Failure
			if !errors.As(err, &f) || f.Code != tc.code || !strings.Contains(f.Message, tc.want) {
				t.Errorf("error %v, want %d about %q", err, tc.code, tc.want)
			}
			if f != nil && strings.Contains(f.Message, dir) {
				t.Errorf("the message names a folder: %s", f.Message)
			}
		})
	}
	t.Run("stopped", func(t *testing.T) {
		t.Parallel()
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if _, err := tool.Run(ctx, packager.Command{Dir: dir, Segment: time.Second, Streams: video, Manifest: "stopped.mpd"}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want the context's", err)
		}
	})
}

// A name that means something to the packager's command line is never given to it.
func TestNames(t *testing.T) {
	t.Parallel()
	tool := find(t)
	for _, bad := range []string{"", "a,output=b.mp4", "../a.mp4", "http://a/b", "a b.mp4", "-a.mp4", "a=b", "/etc/passwd"} {
		for _, s := range []packager.Stream{
			{Input: bad, Kind: "video", Output: "o.mp4"},
			{Input: "v.mp4", Kind: "video", Init: "i.mp4", Segments: bad + "$Number%09d$,.mp4"},
			{Input: "v.mp4", Kind: bad, Output: "o.mp4"},
		} {
			_, err := tool.Run(t.Context(), packager.Command{Dir: t.TempDir(), Segment: time.Second, Manifest: "m.mpd", Streams: []packager.Stream{s}})
			var f *spool.Failure
			if err == nil || errors.As(err, &f) {
				t.Errorf("%+v: error %v, want a refusal before the start", s, err)
			}
		}
	}
}
