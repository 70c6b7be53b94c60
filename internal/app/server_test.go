package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spool/internal/config"
	"spool/internal/spool"
	"spool/internal/testkit"
)

// startServer starts the whole server in this process. The S3 gateway runs once
// per process: only one test may do so at a time.
func startServer(t *testing.T, publicURL string) *Server {
	t.Helper()
	testkit.NeedTools(t)
	dir, any := t.TempDir(), "127.0.0.1:0"
	t.Chdir(dir) // the gateway changes the working folder of the process; this brings it back
	env := map[string]string{"SPOOL_ACCESS_KEY": "AKIDSPOOLTEST", "SPOOL_SECRET_KEY": "a-secret-for-tests", "SPOOL_PUBLIC_URL": publicURL}
	cfg, err := config.Load("", func(name string) string { return env[name] }, config.Overrides{Data: &dir, HTTP: &any, S3: &any})
	if err != nil {
		t.Fatal(err)
	}
	s := New(cfg, "test", slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopServer(t, s) })
	return s
}

func stopServer(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	s.Stop(ctx)
}

func ready(t *testing.T, s *Server) (int, health) {
	t.Helper()
	w := httptest.NewRecorder()
	s.readyz(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	var h health
	if err := json.Unmarshal(w.Body.Bytes(), &h); err != nil {
		t.Fatal(err)
	}
	return w.Code, h
}

// TestServer: it names itself as it was told to, notices when its S3 server
// ends, and takes its own stop for nothing of that kind.
func TestServer(t *testing.T) {
	s := startServer(t, "https://video.example.com")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	_, port, _ := strings.Cut(s.gate.Addr(), ":")
	for host, want := range map[string]string{
		"[::1]:8080": "http://[::1]:" + port, "[::1]": "http://[::1]:" + port, "": "http://127.0.0.1:" + port,
		"spool.lan": "http://spool.lan:" + port, "spool.lan:8080": "http://spool.lan:" + port,
	} {
		r.Host = host
		if got := s.s3URLFor(r); got != want {
			t.Errorf("S3 for %q: %s, want %s", host, got, want)
		}
	}
	if got := s.baseURLFor(r); got != "https://video.example.com" {
		t.Errorf("base URL %s", got)
	}
	if code, h := ready(t, s); code != http.StatusOK {
		t.Errorf("ready: %d %+v", code, h)
	}
	// A path that a mux would tidy up reaches the API as it was signed.
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/2017-08-29/queues/a%2F..%2Fb", nil))
	if w.Code != http.StatusForbidden || w.Header().Get("X-Amzn-Errortype") != "MissingAuthenticationTokenException" {
		t.Errorf("an API path with dots: %d %v", w.Code, w.Header())
	}

	ctx, cancel := context.WithTimeout(t.Context(), stopTimeout)
	defer cancel()
	if err := s.gate.Stop(ctx); err != nil { // as if it ended by itself: the server does not know of it
		t.Fatal(err)
	}
	select {
	case err := <-s.Ended():
		if !strings.Contains(fmt.Sprint(err), "S3") {
			t.Errorf("ended: %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("nobody noticed that the S3 server ended")
	}
	if code, h := ready(t, s); code != http.StatusServiceUnavailable || h.Parts["s3"] == "" {
		t.Errorf("without S3: %d %+v", code, h)
	}
	stopServer(t, s)

	s = startServer(t, "")
	r.Host = "spool.lan:8080"
	if got := s.baseURLFor(r); got != "http://spool.lan:8080" {
		t.Errorf("base URL %s", got)
	}
	stopServer(t, s)
	select {
	case err := <-s.Ended():
		t.Errorf("stopped, and it says: %v", err)
	default:
	}
}

// TestRestartKeepsQueues: what users set through the API is there after a
// restart, and a queue that has become a reserved one hinders no start.
func TestRestartKeepsQueues(t *testing.T) {
	testkit.NeedTools(t)
	dir, any := t.TempDir(), "127.0.0.1:0"
	t.Chdir(dir)
	start := func(queues string) *Server {
		t.Helper()
		name := filepath.Join(t.TempDir(), "spool.yaml")
		if err := os.WriteFile(name, []byte("queues: "+queues+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(name, func(string) string { return "" }, config.Overrides{Data: &dir, HTTP: &any, S3: &any})
		if err != nil {
			t.Fatal(err)
		}
		s := New(cfg, "test", slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := start("[{name: q}]")
	paused, words, four := "PAUSED", "mine", 4
	want, err := s.jobs.UpdateQueue(t.Context(), "q", spool.QueueUpdate{Status: &paused, Description: &words, ConcurrentJobs: &four})
	if err != nil {
		t.Error(err)
	}
	reservation := &spool.Reservation{Slots: 1, RenewalType: "EXPIRE", Commitment: "ONE_YEAR"}
	if _, err := s.jobs.CreateQueue(t.Context(), spool.Queue{Name: "r", Reservation: reservation}); err != nil {
		t.Error(err)
	}
	stopServer(t, s)
	s = start("[{name: q}, {name: r, concurrentJobs: 3}, {name: new, concurrentJobs: 2, status: PAUSED}]")
	defer stopServer(t, s)
	got, err := s.jobs.GetQueue(t.Context(), "q")
	if err != nil || got.Status != paused || got.Description != words || got.ConcurrentJobs != 4 || !got.UpdatedAt.Equal(want.UpdatedAt) {
		t.Errorf("%+v became %+v, %v", want, got, err)
	}
	if made, err := s.jobs.GetQueue(t.Context(), "new"); err != nil || made.Status != paused || made.ConcurrentJobs != 2 {
		t.Errorf("%+v, %v", made, err)
	}
}
