package webui

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

const script = "console.log('spool')"

func packed(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func built(t *testing.T) http.Handler {
	t.Helper()
	return New(Options{
		Files: fstest.MapFS{
			".keep":              {Data: nil},
			"index.html":         {Data: []byte("<title>Spool</title>")},
			"icon.svg":           {Data: []byte("<svg/>")},
			"assets/a-123.js":    {Data: []byte(script)},
			"assets/a-123.js.gz": {Data: packed(t, script)},
		},
		ConnectOrigins: func(*http.Request) []string {
			return []string{"http://127.0.0.1:9000/bucket", "https://cdn.example", "javascript:alert(1)", "http://a;script-src *", ""}
		},
	})
}

func get(t *testing.T, h http.Handler, method, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestServesPageAndFiles(t *testing.T) {
	t.Parallel()
	h := built(t)
	for _, tc := range []struct {
		method, path string
		status       int
		contentType  string
		cache        string
		body         string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", "no-cache", "<title>Spool</title>"},
		{"HEAD", "/", 200, "text/html; charset=utf-8", "no-cache", ""},
		{"GET", "/icon.svg", 200, "image/svg+xml", "no-cache", "<svg/>"},
		{"GET", "/assets/a-123.js", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", script},
		{"GET", "/assets/gone.js", 404, "text/plain; charset=utf-8", "no-store", "There is nothing at this address. The page is at /\n"},
		{"GET", "/.keep", 404, "text/plain; charset=utf-8", "no-store", "There is nothing at this address. The page is at /\n"},
		{"GET", "/../webui.go", 404, "text/plain; charset=utf-8", "no-store", "There is nothing at this address. The page is at /\n"},
		{"POST", "/", 405, "text/plain; charset=utf-8", "", "This address can only be read.\n"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			r := get(t, h, tc.method, tc.path)
			if r.StatusCode != tc.status || r.Header.Get("Content-Type") != tc.contentType || r.Header.Get("Cache-Control") != tc.cache {
				t.Errorf("got %d %q %q, want %d %q %q", r.StatusCode, r.Header.Get("Content-Type"), r.Header.Get("Cache-Control"),
					tc.status, tc.contentType, tc.cache)
			}
			if got := body(t, r); got != tc.body {
				t.Errorf("body %q, want %q", got, tc.body)
			}
			if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Content-Security-Policy") == "" {
				t.Errorf("answer without security headers: %v", r.Header)
			}
		})
	}
}

func TestPolicyNamesOnlyOrigins(t *testing.T) {
	t.Parallel()
	policy := get(t, built(t), "GET", "/").Header.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'self'; ",
		"connect-src 'self' http://127.0.0.1:9000 https://cdn.example; ",
		"media-src 'self' http://127.0.0.1:9000 https://cdn.example blob:; ",
		"frame-ancestors 'none'",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	for _, bad := range []string{"javascript", "script-src", "unsafe", "*"} {
		if strings.Contains(policy, bad) {
			t.Errorf("policy %q holds %q", policy, bad)
		}
	}
}

func TestCompressedAndNotModified(t *testing.T) {
	t.Parallel()
	h := built(t)
	for header, want := range map[string]string{
		"":                      "",
		"gzip":                  "gzip",
		"br, GZIP;q=0.5":        "gzip",
		"gzip; q=0, *":          "",
		"*":                     "gzip",
		"br, gzip;q=0":          "",
		"identity":              "",
		"gzip;q=nonsense, br":   "",
		"deflate, gzip;q=1.000": "gzip",
	} {
		r := get(t, h, "GET", "/assets/a-123.js", "Accept-Encoding", header)
		if got := r.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding %q, want %q", header, got, want)
		}
		if r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: no Vary", header)
		}
		etag := r.Header.Get("ETag")
		again := get(t, h, "GET", "/assets/a-123.js", "Accept-Encoding", header, "If-None-Match", etag)
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("Accept-Encoding %q: %d for the same ETag %s, want 304", header, again.StatusCode, etag)
		}
	}
	plain := get(t, h, "GET", "/assets/a-123.js").Header.Get("ETag")
	zipped := get(t, h, "GET", "/assets/a-123.js", "Accept-Encoding", "gzip").Header.Get("ETag")
	if plain == zipped {
		t.Errorf("both representations have the ETag %s", plain)
	}
}

func TestSaysWhenNotBuilt(t *testing.T) {
	t.Parallel()
	h := New(Options{Files: fstest.MapFS{".keep": {Data: nil}}})
	r := get(t, h, "GET", "/")
	if got := body(t, r); r.StatusCode != 200 || !strings.Contains(got, "make build") {
		t.Errorf("got %d %q", r.StatusCode, got)
	}
}

func TestEmbeddedFilesLoad(t *testing.T) {
	t.Parallel()
	if r := get(t, New(Options{}), "GET", "/"); r.StatusCode != 200 || !strings.Contains(body(t, r), "Spool") {
		t.Errorf("the embedded page answers %d", r.StatusCode)
	}
}
