package httpx_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"spool/internal/httpx"
)

// TestBodyDeadline: a body that never ends is given up; one that came whole, or
// none, leaves the handler all the time it wants.
func TestBodyDeadline(t *testing.T) {
	t.Parallel()
	const within = 200 * time.Millisecond
	server := httptest.NewServer(httpx.BodyDeadline(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		if err != nil {
			fmt.Fprint(w, errors.Is(err, os.ErrDeadlineExceeded))
			return
		}
		select {
		case <-r.Context().Done(): // what the deadline must not look like
		case <-time.After(2 * within):
			fmt.Fprint(w, "at leisure")
		}
	}), within))
	t.Cleanup(server.Close)
	for name, tt := range map[string]struct{ sent, want string }{
		"late":              {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this", "true"},
		"late in chunks":    {"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n", "true"},
		"late where unused": {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", "true"},
		"whole":             {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nonly", "at leisure"},
		"whole in chunks":   {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n0\r\n\r\n", "at leisure"},
		"none":              {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "at leisure"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, tt.sent); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if body, err := io.ReadAll(resp.Body); err != nil || string(body) != tt.want {
				t.Errorf("%q, %v; want %q", body, err, tt.want)
			}
		})
	}
}
