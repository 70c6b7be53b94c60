package httpx_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"spool/internal/httpx"
)

// lines is a log that may be read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestWrap(t *testing.T) {
	t.Parallel()
	log := &lines{}
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, httpx.RequestID(r.Context()))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error("an answer can't be flushed:", err)
		}
	})
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("oh") })
	mux.HandleFunc("/late", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		panic("oh")
	})
	server := httptest.NewServer(httpx.Wrap(mux, httpx.Options{
		Door: "test", IDHeader: "X-Request-Id",
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}))
	t.Cleanup(server.Close)

	get := func(path string) (*http.Response, string, error) {
		resp, err := server.Client().Get(server.URL + path)
		if err != nil {
			return nil, "", err
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		return resp, string(body), err
	}
	resp, body, err := get("/ok?X-Amz-Signature=secret")
	if err != nil || uuid.Validate(body) != nil || resp.Header.Get("X-Request-Id") != body {
		t.Errorf("ok: id %q, body %q, %v", resp.Header.Get("X-Request-Id"), body, err)
	}
	resp, body, err = get("/panic")
	if err != nil || resp.StatusCode != http.StatusInternalServerError || strings.Contains(body, "oh") {
		t.Errorf("panic: %v %q", err, body)
	}
	if _, body, err = get("/late"); err == nil {
		t.Errorf("a half answer came as whole: %q", body)
	}
	server.Close()
	for _, want := range []string{"path=/ok status=200 bytes=36", "status=500", "panic=oh"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	if strings.Contains(log.String(), "secret") {
		t.Error("the log holds a query")
	}
}
