package videoapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/videoapi"
)

// watch opens the stream and gives its lines; the channel closes at its end.
func (s *server) watch(ctx context.Context) <-chan string {
	s.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/videos/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth(accessKey, secretKey)
	resp, err := s.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("%s %v", resp.Status, resp.Header)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		defer func() { _ = resp.Body.Close() }()
		for scan := bufio.NewScanner(resp.Body); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	return lines
}

// until reads lines up to one that begins with a prefix.
func until(t *testing.T, lines <-chan string, prefix string) string {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case line, open := <-lines:
			if !open {
				t.Fatalf("the stream ended before %q", prefix)
			}
			if strings.HasPrefix(line, prefix) {
				return line
			}
		case <-deadline:
			t.Fatalf("no %q came", prefix)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	videos := newTable("a")
	s := newServer(t, videos, func(o *videoapi.Options) { o.KeepAlive = 20 * time.Millisecond })
	ctx, cancel := context.WithCancel(t.Context())
	first, second := s.watch(ctx), s.watch(t.Context())
	for _, lines := range []<-chan string{first, second} {
		until(t, lines, ": watching")
	}
	for percent := range 3 {
		videos.change(spool.Video{GUID: "a", SrcVideo: "line\nbreak <ü>.mp4", Percent: percent})
		for _, lines := range []<-chan string{first, second} {
			until(t, lines, "event: video")
			var v spool.Video
			data := strings.TrimPrefix(until(t, lines, "data: "), "data: ")
			if err := json.Unmarshal([]byte(data), &v); err != nil || v.Percent != percent || v.SrcVideo != "line\nbreak <ü>.mp4" {
				t.Errorf("%v %+v", err, v)
			}
		}
	}
	until(t, second, ": alive")

	// A client that leaves ends its watch; the others stay.
	cancel()
	await(t, videos.ended)
	videos.change(spool.Video{GUID: "a", Percent: 50})
	until(t, second, "event: video")

	// A server that stops ends the stream.
	videos.end()
	await(t, videos.ended)
	for {
		select {
		case _, open := <-second:
			if !open {
				return
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the stream did not end")
		}
	}
}

func await(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
	}
}
