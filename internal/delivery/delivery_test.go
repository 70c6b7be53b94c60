package delivery_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/delivery"
	"spool/internal/objects"
	"spool/internal/spool"
)

const body = "0123456789abcdefghijklmnopqrstuvwxyz"

// keys are names that went wrong somewhere before: each must come out as it went in.
var keys = []string{
	"a/b/seg_00001.ts", "with space/ünïcode 日本.mp4", "plus+percent%25and%41&amp=?#'\"[x];.mp4", "-lead.m3u8",
	"back\\slash.jpg", "~(1)!*:@,$.vtt", "%2e%2e/x.mp4", "a%2Fb.mp4",
}

type server struct {
	*httptest.Server
	folder *objects.Folder
	t      *testing.T
}

func newServer(t *testing.T) *server {
	t.Helper()
	folder, err := objects.OpenFolder(filepath.Join(t.TempDir(), "s3"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	for _, name := range []string{"out", "private"} {
		if err := folder.EnsureBucket(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle(delivery.Prefix, delivery.New(delivery.Options{
		Objects: folder,
		Buckets: func(name string) bool { return name == "out" },
		Log:     slog.New(slog.NewTextHandler(t.Output(), nil)),
	}))
	s := &server{httptest.NewServer(mux), folder, t}
	t.Cleanup(s.Close)
	return s
}

func (s *server) put(bucket, key, contentType string) {
	s.t.Helper()
	staged := filepath.Join(s.t.TempDir(), "staged")
	if err := os.WriteFile(staged, []byte(body), 0o600); err != nil {
		s.t.Fatal(err)
	}
	o := spool.Object{Bucket: bucket, Key: key, ContentType: contentType}
	if err := s.folder.Publish(s.t.Context(), staged, o); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) do(method, url string, header ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, string(got)
}

func TestKeys(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, key := range keys {
		s.put("out", key, "")
		resp, got := s.do(http.MethodGet, delivery.URL(s.URL, "out", key))
		if resp.StatusCode != http.StatusOK || got != body {
			t.Errorf("%q: %s", key, resp.Status)
		}
	}
}

func TestConditionsAndRanges(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.put("out", "v.mp4", "video/mp4")
	url := delivery.URL(s.URL+"/", "out", "v.mp4")
	whole, got := s.do(http.MethodGet, url)
	tag, modified := whole.Header.Get("ETag"), whole.Header.Get("Last-Modified")
	if got != body || whole.Header.Get("Content-Type") != "video/mp4" || len(tag) != 34 || tag[0] != '"' || modified == "" {
		t.Fatalf("%q %v", got, whole.Header)
	}
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes",
		"Cache-Control": "public, max-age=300",
	} {
		if got := whole.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	tests := []struct {
		name   string
		method string
		header []string
		status int
		body   string
		rng    string
	}{
		{"head", http.MethodHead, nil, 200, "", ""},
		{"first", http.MethodGet, []string{"Range", "bytes=0-0"}, 206, "0", "bytes 0-0/36"},
		{"middle", http.MethodGet, []string{"Range", "bytes=10-12"}, 206, "abc", "bytes 10-12/36"},
		{"from", http.MethodGet, []string{"Range", "bytes=33-"}, 206, "xyz", "bytes 33-35/36"},
		{"last", http.MethodGet, []string{"Range", "bytes=-2"}, 206, "yz", "bytes 34-35/36"},
		{"over the end", http.MethodGet, []string{"Range", "bytes=34-99"}, 206, "yz", "bytes 34-35/36"},
		{"beyond", http.MethodGet, []string{"Range", "bytes=36-"}, 416, "", "bytes */36"},
		{"not modified", http.MethodGet, []string{"If-None-Match", tag}, 304, "", ""},
		{"not modified since", http.MethodGet, []string{"If-Modified-Since", modified}, 304, "", ""},
		{"other tag", http.MethodGet, []string{"If-None-Match", `"x"`}, 200, body, ""},
		{"match fails", http.MethodGet, []string{"If-Match", `"x"`}, 412, "", ""},
		{"if-range", http.MethodGet, []string{"Range", "bytes=0-1", "If-Range", tag}, 206, "01", "bytes 0-1/36"},
		{"if-range stale", http.MethodGet, []string{"Range", "bytes=0-1", "If-Range", `"x"`}, 200, body, ""},
	}
	for _, tt := range tests {
		resp, got := s.do(tt.method, url, tt.header...)
		if resp.StatusCode != tt.status || resp.StatusCode < 400 && got != tt.body || resp.Header.Get("Content-Range") != tt.rng {
			t.Errorf("%s: %s %q %q", tt.name, resp.Status, got, resp.Header.Get("Content-Range"))
		}
	}
}

func TestTypesAndCaching(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const keep = "public, max-age=31536000, immutable"
	for _, tt := range []struct{ key, own, want, cache string }{
		{"a.m3u8", "", "application/vnd.apple.mpegurl", "public, max-age=5"},
		{"A.M3U8", "application/octet-stream", "application/vnd.apple.mpegurl", "public, max-age=5"},
		{"a.ts", "binary/octet-stream", "video/mp2t", keep},
		{"b.ts", "text/plain", "video/mp2t", keep},
		{"a.mpd", "", "application/dash+xml", "public, max-age=5"},
		{"a.jpg", "", "image/jpeg", "public, max-age=300"},
		{"a.vtt", "", "text/vtt; charset=utf-8", "public, max-age=300"},
		{"a.mp4", "video/x-own", "video/x-own", "public, max-age=300"},
		{"a.html", "text/html", "application/octet-stream", "public, max-age=300"},
		{"a.svg", "image/svg+xml", "application/octet-stream", "public, max-age=300"},
		{"b.mp4", "text/html; charset=utf-8", "application/octet-stream", "public, max-age=300"},
		{"noext", "", "application/octet-stream", "public, max-age=300"},
	} {
		s.put("out", tt.key, tt.own)
		resp, _ := s.do(http.MethodGet, delivery.URL(s.URL, "out", tt.key))
		h := resp.Header
		if h.Get("Content-Type") != tt.want || h.Get("Cache-Control") != tt.cache {
			t.Errorf("%s as %q: %q, %q", tt.key, tt.own, h.Get("Content-Type"), h.Get("Cache-Control"))
		}
		if bytes := tt.want == "application/octet-stream"; bytes != (h.Get("Content-Disposition") == "attachment") {
			t.Errorf("%s: Content-Disposition %q", tt.key, h.Get("Content-Disposition"))
		}
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") {
			t.Errorf("%s: no sandbox", tt.key)
		}
	}
}

func TestNothingElse(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.put("out", "dir/a.mp4", "")
	s.put("private", "a.mp4", "")
	root := s.folder.Root()
	if err := os.Symlink(filepath.Join(root, "private", "a.mp4"), filepath.Join(root, "out", "link.mp4")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/media/private/a.mp4", "/media/out/none.mp4", "/media/out/", "/media/out", "/media/", "/media/out/dir", "/media/out/dir/",
		"/media/out/%2e%2e/private/a.mp4", "/media/out/..%2fprivate%2fa.mp4", "/media/out%2f..%2fprivate/a.mp4", "/media/out/link.mp4",
		"/media/out/dir%2f%2fa.mp4", "/media/out/dir/a.mp4%00", "/media/%2e%2e/out/dir/a.mp4", "/media/out/.sgwtmp/x", "/media/out/dir/a.mp4/",
	} {
		resp, got := s.do(http.MethodGet, s.URL+path)
		if resp.StatusCode != http.StatusNotFound || strings.Contains(got, body) || strings.Contains(got, "a.mp4") {
			t.Errorf("%s: %s %q", path, resp.Status, got)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.put("out", "a.mp4", "")
	url := delivery.URL(s.URL, "out", "a.mp4")
	resp, _ := s.do(http.MethodOptions, url, "Origin", "https://elsewhere.example", "Access-Control-Request-Method", "GET",
		"Access-Control-Request-Headers", "range")
	if resp.StatusCode != http.StatusNoContent || !strings.Contains(resp.Header.Get("Access-Control-Allow-Headers"), "Range") {
		t.Errorf("preflight: %s %v", resp.Status, resp.Header)
	}
	for _, method := range []string{http.MethodPut, http.MethodPost, http.MethodDelete} {
		if resp, _ := s.do(method, url); resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: %s", method, resp.Status)
		}
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	const want = "http://h:1/media/out/a%20b/%2B%25%3F.mp4"
	if got := delivery.URL("http://h:1", "out", "a b/+%?.mp4"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCompressed: a playlist that was published compressed says so, whole and in
// parts, and clients unpack it.
func TestCompressed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	staged := filepath.Join(t.TempDir(), "staged")
	if err := os.WriteFile(staged, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	o := spool.Object{Bucket: "out", Key: "a.m3u8", ContentType: "application/vnd.apple.mpegurl", ContentEncoding: "gzip"}
	if err := s.folder.Publish(t.Context(), staged, o); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(s.URL + delivery.Prefix + "out/a.m3u8") // Go's client unpacks
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || string(got) != body || !resp.Uncompressed {
		t.Errorf("%q, %v, unpacked %v", got, err, resp.Uncompressed)
	}
	if kept, err := s.folder.Stat(t.Context(), "out", "a.m3u8"); err != nil || kept.ContentEncoding != "gzip" {
		t.Errorf("%+v, %v", kept, err)
	}
	s.put("out", "plain.m3u8", "application/vnd.apple.mpegurl")
	plain, err := http.Get(s.URL + delivery.Prefix + "out/plain.m3u8")
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Body.Close(); err != nil || plain.Header.Get("Content-Encoding") != "" || plain.Uncompressed {
		t.Errorf("a plain playlist has %v", plain.Header)
	}
}
