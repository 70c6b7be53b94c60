package probe_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"spool/internal/ffmpeg"
	"spool/internal/objects"
	"spool/internal/probe"
	"spool/internal/sandbox"
	"spool/internal/spool"
	"spool/internal/testkit"
)

func TestMain(m *testing.M) {
	sandbox.Init()
	goleak.VerifyTestMain(m)
}

var findOnce = sync.OnceValues(func() (*ffmpeg.Tools, error) {
	return ffmpeg.Find(context.Background(), sandbox.New())
})

// rig is the stage with its real tools, a bucket and a web server beside it.
type rig struct {
	*probe.Service
	folder  *objects.Folder
	staging string
	web     *httptest.Server
	webRoot string
	sent    atomic.Int64 // bytes of bodies that the web server sent
}

// policy is a fixed input policy.
type policy spool.InputPolicy

func (p policy) Policy(context.Context) (spool.InputPolicy, error) { return spool.InputPolicy(p), nil }

func newRig(t *testing.T, change func(*probe.Options, *objects.FetchOptions)) *rig {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	tools, err := findOnce()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{staging: t.TempDir(), webRoot: t.TempDir()}
	if r.folder, err = objects.OpenFolder(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.folder.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := r.folder.EnsureBucket(t.Context(), "uploads"); err != nil {
		t.Fatal(err)
	}
	r.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		http.FileServer(http.Dir(r.webRoot)).ServeHTTP(&counting{w, &r.sent}, q)
	}))
	t.Cleanup(r.web.Close)
	fetch := objects.FetchOptions{AllowPrivate: true}
	opt := probe.Options{Tools: tools, Objects: r.folder, Staging: r.staging}
	if change != nil {
		change(&opt, &fetch)
	}
	opt.Fetcher = objects.NewFetcher(fetch)
	r.Service = probe.New(opt)
	t.Cleanup(func() {
		left, err := os.ReadDir(r.staging)
		if err != nil || len(left) > 0 {
			t.Errorf("left in the staging folder: %v %v", left, err)
		}
	})
	return r
}

// counting counts the bytes of a body.
type counting struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.n.Add(int64(n))
	return n, err
}

// put copies a file into the bucket and onto the web server and gives both places.
func (r *rig) put(t *testing.T, name, path string) (s3, web string) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return r.putBytes(t, name, body)
}

func (r *rig) putBytes(t *testing.T, name string, body []byte) (s3, web string) {
	t.Helper()
	for _, dir := range []string{r.webRoot, filepath.Join(r.folder.Root(), "uploads")} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return "s3://uploads/" + name, r.web.URL + "/" + name
}

// encode makes a file with ffmpeg.
func encode(t *testing.T, name string, args ...string) string {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg")
	path := filepath.Join(t.TempDir(), name)
	full := append([]string{"-hide_banner", "-loglevel", "error", "-nostdin"}, args...)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", append(full, "-y", path)...).CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v\n%s", name, err, out)
	}
	return path
}

// facts are what ffprobe itself says.
type facts struct {
	Streams []stream `json:"streams"`
	Format  struct {
		Duration string `json:"duration"`
	} `json:"format"`
}

type stream struct {
	Type        string         `json:"codec_type"`
	Width       int            `json:"width"`
	Height      int            `json:"height"`
	Rate        string         `json:"avg_frame_rate"`
	Channels    int            `json:"channels"`
	Sampling    string         `json:"sample_rate"`
	Bits        int            `json:"bits_per_sample"`
	Duration    string         `json:"duration"`
	Disposition map[string]int `json:"disposition"`
}

func ffprobe(t *testing.T, path string) facts {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var f facts
	if err := json.Unmarshal(out, &f); err != nil {
		t.Fatal(err)
	}
	return f
}
