package ffmpeg_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"spool/internal/ffmpeg"
	"spool/internal/sandbox"
)

// asParent makes the test binary a program that encodes into the file it names,
// for ever, until it is killed.
const asParent = "SPOOL_TEST_FFMPEG_PARENT"

func TestMain(m *testing.M) {
	sandbox.Init()
	if path := os.Getenv(asParent); path != "" {
		os.Exit(encodeForEver(path))
	}
	goleak.VerifyTestMain(m)
}

func encodeForEver(path string) int {
	found, err := findOnce()
	if err == nil {
		_, err = found.Run(context.Background(), ffmpeg.Command{
			Args: append(slices.Clone(endless), "-c:v", "mpeg4", "-y", "file:"+path), Dir: filepath.Dir(path),
			OnProgress: func(ffmpeg.Progress) { fmt.Println("running") },
		})
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

var findOnce = sync.OnceValues(func() (*ffmpeg.Tools, error) {
	return ffmpeg.Find(context.Background(), sandbox.New())
})

// tools gives the machine's FFmpeg, or skips where there is none.
func tools(t testing.TB) *ffmpeg.Tools {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil && os.Getenv(ffmpeg.EnvFFmpeg) == "" {
		t.Skip("FFmpeg is not installed on this machine")
	}
	found, err := findOnce()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// footage gives the folder of real footage, or skips where it is not present.
func footage(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("SPOOL_TEST_MEDIA")
	if dir == "" {
		dir = "../../../shared/media"
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "MANIFEST.tsv")); err != nil {
		t.Skip("the real footage is not present on this machine (set SPOOL_TEST_MEDIA to its folder)")
	}
	return dir
}

// clip makes a file with ffmpeg and gives its path.
func clip(t testing.TB, name string, args ...string) string {
	t.Helper()
	tl := tools(t)
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	args = append(args, "-y", "file:"+path)
	if _, err := tl.Run(t.Context(), ffmpeg.Command{Args: args, Dir: dir}); err != nil {
		t.Fatalf("make %s: %v", name, err)
	}
	return path
}
