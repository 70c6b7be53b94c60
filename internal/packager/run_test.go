package packager_test

import (
	"bytes"
	"context"
	"encoding/hex"
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

const (
	videoStream = "in=v.mp4,stream=video,init_segment=vinit.mp4,segment_template=v_$Number%09d$.mp4,format=mp4"
	audioStream = "in=a.mp4,stream=audio,init_segment=ainit.mp4,segment_template=a_$Number%09d$.mp4,format=mp4"
)

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
	_, err := tool.Run(t.Context(), packager.Command{
		Dir:  dir,
		Args: []string{videoStream, audioStream, "--mpd_output=m.mpd", "--generate_static_live_mpd", "--segment_duration=2", "--fragment_duration=1"},
	})
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
		Dir:     dir,
		Args:    []string{"in=v.mp4,stream=video,output=out.mp4", "--mpd_output=m.mpd", "--segment_duration=2", "--protection_scheme=cbcs", "--clear_lead=0"},
		Secrets: []string{"--enable_raw_key_encryption", "--keys=label=:key_id=aa000000000000000000000000000000:key=" + hex.EncodeToString(key[:])},
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
	video := []string{videoStream, "--segment_duration=1"}
	for _, tc := range []struct {
		name string
		c    packager.Command
		code int
		want string
	}{
		{"no such track", packager.Command{Args: []string{"in=a.mp4,stream=video,output=o.mp4"}}, spool.CodeIncompatible, "not found"},
		{"no such file", packager.Command{Args: []string{"in=none.mp4,stream=video,output=o.mp4"}}, spool.CodeUnexpected, "status"},
		{"too large", packager.Command{Args: video, Limits: spool.ProcessLimits{FileSize: 8 << 10}}, spool.CodeWrite, "largest size"},
		{"no time", packager.Command{Args: video, Deadline: time.Nanosecond}, spool.CodeTimeout, "timed out"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.c.Dir = dir
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
		if _, err := tool.Run(ctx, packager.Command{Dir: dir, Args: video}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want the context's", err)
		}
	})
}

// A name that means something to the packager's command line is never given to it.
func TestNames(t *testing.T) {
	t.Parallel()
	tool := find(t)
	for _, bad := range []string{
		"in=a,output=b,c.mp4", "in=../a.mp4,stream=video", "in=http://a/b,stream=video", "in=a b.mp4", "in=-a.mp4", "in=a=b",
		"in=/etc/passwd,stream=text", "in=v.mp4,stream=video,output=", "in=v.mp4,playlist_name=x.m3u8", "v.mp4", "",
		"in=v.mp4,stream=video,segment_template=$Number%09d$$Number%09d$.mp4", "--mpd_output=../m.mpd", "--mpd_output=http://a/m.mpd",
	} {
		_, err := tool.Run(t.Context(), packager.Command{Dir: t.TempDir(), Args: []string{bad}})
		var f *spool.Failure
		if err == nil || errors.As(err, &f) {
			t.Errorf("%s: error %v, want a refusal before the start", bad, err)
		}
	}
}
