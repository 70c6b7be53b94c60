package e2e

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// TestErrors gives a server what it cannot convert: each job ends in ERROR
// with the service's code, and leaves nothing behind.
func TestErrors(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	s := &rig{harness.StartServer(t, harness.Options{
		Config: `
buckets: [{name: lab}, {name: ingress}, {name: raw-frames}]
pipelines:
  - {name: frames, bucket: ingress, job: job.json, destinations: ["s3://raw-frames/{folder}/"]}
`,
		Files: harness.Files{"job.json": string(jobFile(t, "frames"))},
	})}
	whole := testkit.Clip(t, testkit.ClipSpec{Seconds: 8, W: 320, H: 180, Audio: testkit.Stereo})
	late := testkit.Clip(t, testkit.ClipSpec{Seconds: 2, W: 320, H: 180, Container: "mov"}) // its index is at the end
	dir := t.TempDir()
	files := map[string]string{
		"cut.mp4":       cut(t, whole, dir, 2),
		"no-index.mov":  cut(t, late, dir, 2),
		"zero.mp4":      written(t, filepath.Join(dir, "zero.mp4"), nil),
		"text.mp4":      written(t, filepath.Join(dir, "text.mp4"), []byte("Dear Spool,\nthis is a letter and no video.\n")),
		"zeros.mp4":     written(t, filepath.Join(dir, "zeros.mp4"), make([]byte, 100_000)),
		"html.mp4":      written(t, filepath.Join(dir, "html.mp4"), []byte("<!DOCTYPE html><html><body>404 Not Found</body></html>")),
		"playlist.m3u8": written(t, filepath.Join(dir, "playlist.m3u8"), []byte("#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")),
		"good.mp4":      whole,
	}
	for key, file := range files {
		s.Upload(t, "lab", key, file)
	}
	var asked atomic.Bool
	private := newSite(t)
	private.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) { asked.Store(true) })

	t.Run("jobs", func(t *testing.T) {
		for name, c := range map[string]struct {
			input, destination string
			code               int32
		}{
			"cut in half":         {"s3://lab/cut.mp4", "s3://lab/out/", 1076},
			"index cut off":       {"s3://lab/no-index.mov", "s3://lab/out/", 1075},
			"zero bytes":          {"s3://lab/zero.mp4", "s3://lab/out/", 1010},
			"text":                {"s3://lab/text.mp4", "s3://lab/out/", 1010},
			"zeros":               {"s3://lab/zeros.mp4", "s3://lab/out/", 1010},
			"a web page":          {"s3://lab/html.mp4", "s3://lab/out/", 1010},
			"a local playlist":    {"s3://lab/playlist.m3u8", "s3://lab/out/", 1075},
			"no such object":      {"s3://lab/nothing.mp4", "s3://lab/out/", 1404},
			"no such bucket":      {"s3://nowhere/good.mp4", "s3://lab/out/", 1404},
			"no such destination": {"s3://lab/good.mp4", "s3://nowhere/out/", 1404},
			"onto its own input":  {"s3://lab/good.mp4", "s3://lab/", 1040},
			"a private address":   {private.URL + "/x.mp4", "s3://lab/out/", 3456},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s.fails(t, plainJob(c.input, c.destination), c.code)
			})
		}
		t.Run("cut in half, uploaded", func(t *testing.T) {
			t.Parallel()
			s.Upload(t, "ingress", "trip/video.mp4", files["cut.mp4"])
			v := s.WaitVideo(t, within, harness.OfKey("ingress", "trip/video.mp4"))
			if v.WorkflowStatus != spool.VideoError || v.ErrorCode != 1076 || v.ErrorMessage == "" || v.WorkflowErrorAt != "Encode" || v.EndTime == nil {
				t.Errorf("the record says %+v", v)
			}
			if v.TotalFrames != nil || len(v.MP4Outputs) > 0 {
				t.Errorf("the record of a failed video names outputs: %+v", v)
			}
		})
	})

	if asked.Load() {
		t.Error("a private address was asked, though the configuration does not allow it")
	}
	if keys := s.Keys(t, "lab", "out/"); len(keys) > 0 {
		t.Errorf("failed jobs published %s", list(keys))
	}
	if keys := s.Keys(t, "raw-frames", ""); len(keys) > 0 {
		t.Errorf("a failed pipeline published %s", list(keys))
	}
	if now := s.stored(t, "lab", "good.mp4"); len(now) != int(sizeOf(t, whole)) {
		t.Error("a job that was to write over its input did so")
	}
	until(t, 10*time.Second, "staging folders of failed jobs are still there", func() bool {
		left, err := os.ReadDir(filepath.Join(s.Data, "staging"))
		return err == nil && len(left) == 0
	})
	s.run(t, plainJob("s3://lab/good.mp4", "s3://lab/after/")) // and the server goes on
}

// cut gives the first part of a file.
func cut(t *testing.T, file, dir string, parts int) string {
	t.Helper()
	all, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, filepath.Join(dir, "cut-"+filepath.Base(file)), all[:len(all)/parts])
}
