package objects

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spool/internal/spool"
)

var content = bytes.Repeat([]byte("spool"), 50_000)

// site is a server with one path for every way to misbehave.
func site(t *testing.T, secure bool) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "identity" || r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content)
	})
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, _ *http.Request) {
		for part := range bytes.SplitSeq(content, []byte("p")) {
			_, _ = w.Write(part)
			_, _ = w.Write([]byte("p"))
			w.(http.Flusher).Flush()
			break
		}
	})
	for code := range map[int]bool{206: true, 401: true, 403: true, 404: true, 410: true, 429: true, 500: true, 503: true} {
		mux.HandleFunc(fmt.Sprint("/status/", code), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	for _, code := range []int{301, 302, 303, 307, 308} {
		mux.HandleFunc(fmt.Sprint("/to-ok/", code), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/ok")
			w.WriteHeader(code)
		})
	}
	mux.Handle("/twice", http.RedirectHandler("/to-ok/302", http.StatusFound))
	mux.Handle("/to-file", http.RedirectHandler("file:///etc/passwd", http.StatusFound))
	mux.Handle("/to-metadata", http.RedirectHandler("http://169.254.169.254/latest/", http.StatusFound))
	mux.Handle("/to-login", http.RedirectHandler("http://user:secret@example.com/", http.StatusFound))
	mux.HandleFunc("/nowhere", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) })
	raw := func(path, answer string, hold bool) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			conn, buf, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = buf.WriteString(answer)
			_ = buf.Flush()
			if hold {
				_, _ = io.Copy(io.Discard, conn) // until the client hangs up
			}
		})
	}
	raw("/short", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this", false)
	raw("/short-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nonly this", false)
	raw("/no-length", "HTTP/1.0 200 OK\r\n\r\nwho knows", false)
	raw("/silent", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthen nothing", true)
	raw("/mute", "", true)
	raw("/garbage", "SSH-2.0-OpenSSH\r\n\r\n", false)
	mux.HandleFunc("/gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("\x1f\x8b"))
	})
	s := httptest.NewUnstartedServer(mux)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func fetchCode(t *testing.T, f *Fetcher, ctx context.Context, url string) (int, *spool.Failure) {
	t.Helper()
	dst := filepath.Join(t.TempDir(), "input")
	err := f.Fetch(ctx, url, dst, spool.InputPolicy{}, nil)
	if err == nil {
		return 0, nil
	}
	fail, ok := errors.AsType[*spool.Failure](err)
	if !ok {
		t.Fatalf("%s: %T %v is no failure", url, err, err)
	}
	if _, err := os.Stat(dst); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: half a file stays", url)
	}
	if !strings.HasPrefix(fail.Message, fmt.Sprint(fail.Code, ": ")) {
		t.Errorf("message %q lacks its code %d", fail.Message, fail.Code)
	}
	return fail.Code, fail
}

func TestFetchWhole(t *testing.T) {
	t.Parallel()
	s := site(t, false)
	f := NewFetcher(FetchOptions{AllowPrivate: true})
	for _, path := range []string{"/ok", "/to-ok/301", "/to-ok/302"} {
		dst := filepath.Join(t.TempDir(), "input")
		var done, total int64
		if err := f.Fetch(t.Context(), s.URL+path, dst, spool.InputPolicy{}, func(d, n int64) { done, total = d, n }); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(dst); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, %v", path, len(got), err)
		}
		if done != int64(len(content)) || total != done {
			t.Errorf("%s: progress ends at %d of %d", path, done, total)
		}
	}
	if code, fail := fetchCode(t, f, t.Context(), s.URL+"/chunked"); code != 0 {
		t.Error(fail)
	}
}

func TestFetchFailures(t *testing.T) {
	t.Parallel()
	s := site(t, false)
	f := NewFetcher(FetchOptions{AllowPrivate: true, MaxBytes: 300_000, RateWindow: 100 * time.Millisecond, MinBytesPerSecond: 10_000})
	host := strings.TrimPrefix(s.URL, "http://")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for url, want := range map[string]int{
		s.URL + "/status/206": 3999, s.URL + "/status/401": 3401, s.URL + "/status/403": 3403,
		s.URL + "/status/404": 3404, s.URL + "/status/410": 3404, s.URL + "/status/429": 3999,
		s.URL + "/status/500": 3450, s.URL + "/status/503": 3450, s.URL + "/none": 3404,
		s.URL + "/to-ok/303": 3453, s.URL + "/to-ok/307": 3453, s.URL + "/to-ok/308": 3453,
		s.URL + "/twice": 3453, s.URL + "/to-file": 3453, s.URL + "/to-login": 3453, s.URL + "/nowhere": 3453,
		s.URL + "/to-metadata": 3456, "http://169.254.169.254/": 3456, "http://[fe80::1]/": 3456,
		s.URL + "/short": 3408, s.URL + "/short-chunk": 3408, s.URL + "/no-length": 3408,
		s.URL + "/silent": 3408, s.URL + "/gzip": 3408, s.URL + "/garbage": 3450,
		"http://user:pw@" + host + "/ok": 3452, "ftp://" + host + "/ok": 3452, "file:///etc/passwd": 3452,
		"http:///x": 3452, "http://a b/": 3452, "https://" + host + "/ok": 3455,
		"http://" + closed.Addr().String() + "/": 3451, "http://no-such-host.invalid/": 3454,
	} {
		code, fail := fetchCode(t, f, t.Context(), url)
		if code != want {
			t.Errorf("%s: %d, want %d (%+v)", url, code, want, fail)
		}
		if fail != nil && strings.Contains(fail.Message, "pw@") {
			t.Errorf("the message shows a password: %s", fail.Message)
		}
	}
}

func TestFetchLimits(t *testing.T) {
	t.Parallel()
	s := site(t, false)
	small := NewFetcher(FetchOptions{AllowPrivate: true, MaxBytes: 20})
	for _, path := range []string{"/ok", "/no-length", "/short"} {
		if code, fail := fetchCode(t, small, t.Context(), s.URL+path); code == 0 {
			t.Errorf("%s: fits into 20 bytes? %v", path, fail)
		}
	}
	late := NewFetcher(FetchOptions{AllowPrivate: true, Timeout: 50 * time.Millisecond})
	for _, path := range []string{"/mute", "/silent"} {
		if code, fail := fetchCode(t, late, t.Context(), s.URL+path); code != 3408 || fail.Detail != errTooLate.Error() {
			t.Errorf("%s: %d %+v", path, code, fail)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, _ := fetchCode(t, late, ctx, s.URL+"/mute"); code == 0 {
		t.Error("a canceled fetch succeeds")
	}
}

// The disk is full: a small file system stands for it, where one can be mounted.
func TestFetchDiskFull(t *testing.T) {
	t.Parallel()
	mnt := t.TempDir()
	if err := syscall.Mount("tmpfs", mnt, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("a small file system cannot be mounted here:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(mnt, 0) })
	s := site(t, false)
	dst := filepath.Join(mnt, "input")
	err := NewFetcher(FetchOptions{AllowPrivate: true}).Fetch(t.Context(), s.URL+"/ok", dst, spool.InputPolicy{}, nil)
	if fail, ok := errors.AsType[*spool.Failure](err); !ok || fail.Code != spool.CodeDiskFull {
		t.Errorf("full disk: %v", err)
	}
	if _, err := os.Stat(dst); !errors.Is(err, os.ErrNotExist) {
		t.Error("half a file stays")
	}
}

// TestFetchLeavesRoom: what must stay free stays free, whether the server says
// how long the file is or not.
func TestFetchLeavesRoom(t *testing.T) {
	t.Parallel()
	const reserve = 1 << 30
	mux := http.NewServeMux()
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		for part := make([]byte, 1<<20); ; {
			if _, err := w.Write(part); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(50<<20))
		_, _ = w.Write(make([]byte, 50<<20))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	for name, tt := range map[string]struct {
		path string
		room []int64 // beyond the reserve, at each look; the last for good
		most int     // looks
		says string  // "" when all is well
	}{
		"no length, filled while reading": {"/endless", []int64{1 << 20, 2 << 20, -1}, 3, "1023 MB are free and 1024 MB must stay free"},
		"no length, full already":         {"/endless", []int64{-1}, 1, "must stay free"},
		"length too large":                {"/huge", []int64{50<<20 - 1}, 1, "has 50 MB and found no room on the disk: 1073 MB are free"},
		"length, others fill the disk":    {"/huge", []int64{50 << 20, 40 << 20, -1}, 3, "must stay free"},
		"fits":                            {"/huge", []int64{50 << 20}, 8, ""},
	} {
		looks, dst := 0, filepath.Join(t.TempDir(), "input")
		f := NewFetcher(FetchOptions{AllowPrivate: true, MaxBytes: 256 << 20, Reserve: reserve, Free: func() (int64, error) {
			looks++
			return reserve + tt.room[min(looks, len(tt.room))-1], nil
		}})
		err := f.Fetch(t.Context(), s.URL+tt.path, dst, spool.InputPolicy{}, nil)
		if looks > tt.most {
			t.Errorf("%s: %d looks at the disk", name, looks)
		}
		if tt.says == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if fail, ok := errors.AsType[*spool.Failure](err); !ok || fail.Code != spool.CodeDiskFull || !strings.Contains(fail.Message, tt.says) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(dst); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: half a file stays", name)
		}
	}
}

func TestFetchTLS(t *testing.T) {
	t.Parallel()
	s := site(t, true)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	known := NewFetcher(FetchOptions{AllowPrivate: true, TLS: &tls.Config{RootCAs: roots}})
	if code, fail := fetchCode(t, known, t.Context(), s.URL+"/ok"); code != 0 {
		t.Error(fail)
	}
	// From https to http: the metadata address is not even tried.
	if code, fail := fetchCode(t, known, t.Context(), s.URL+"/to-metadata"); code != 3453 {
		t.Errorf("downgrade: %d %v", code, fail)
	}
	if code, fail := fetchCode(t, NewFetcher(FetchOptions{AllowPrivate: true}), t.Context(), s.URL+"/ok"); code != 3455 {
		t.Errorf("unknown certificate: %d %v", code, fail)
	}
}

// What is no regular file is neither written nor removed.
func TestFetchIntoDevice(t *testing.T) {
	t.Parallel()
	s := site(t, false)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	err = NewFetcher(FetchOptions{AllowPrivate: true}).Fetch(t.Context(), s.URL+"/ok", pipe, spool.InputPolicy{}, nil)
	if fail, ok := errors.AsType[*spool.Failure](err); !ok || fail.Code != spool.CodeUnexpected {
		t.Errorf("got %v", err)
	}
	if _, err := os.Lstat(pipe); err != nil {
		t.Error(err)
	}
}

// The address is checked where the connection is made: names that lead to
// loopback are refused, whatever they are called.
func TestFetchRefusesLoopback(t *testing.T) {
	t.Parallel()
	s := site(t, false)
	f := NewFetcher(FetchOptions{})
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "[::]", "2130706433"} {
		code, fail := fetchCode(t, f, t.Context(), "http://"+host+port+"/ok")
		if code != 3456 && (host != "2130706433" || code != 3454) {
			t.Errorf("%s: %d %+v", host, code, fail)
		}
	}
}

func TestCheckAddress(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string][2]bool{ // allowed: by default, with private ones
		"8.8.8.8": {true, true}, "2606:4700::1111": {true, true}, "::ffff:8.8.8.8": {true, true}, "64:ff9b::808:808": {true, true},
		"127.0.0.1": {false, true}, "::1": {false, true}, "10.1.2.3": {false, true}, "172.31.0.1": {false, true},
		"192.168.1.1": {false, true}, "100.64.0.1": {false, true}, "fd12::1": {false, true}, "::ffff:10.0.0.1": {false, true},
		"64:ff9b::7f00:1": {false, true}, "2002:7f00:1::": {false, true}, "::127.0.0.1": {false, true},
		"169.254.169.254": {false, false}, "::ffff:169.254.169.254": {false, false}, "64:ff9b::a9fe:a9fe": {false, false},
		"fd00:ec2::254": {false, false}, "fe80::1%eth0": {false, false}, "224.0.0.1": {false, false}, "ff02::1": {false, false},
		"0.0.0.0": {false, false}, "::": {false, false}, "255.255.255.255": {false, false}, "240.0.0.1": {false, false},
		"192.0.2.1": {false, false}, "2001:db8::1": {false, false}, "2001:0:a::1": {false, false},
	} {
		a := netip.MustParseAddr(addr)
		got := [2]bool{checkAddress(a, false) == nil, checkAddress(a, true) == nil}
		if got != want {
			t.Errorf("%s: allowed %v, want %v", addr, got, want)
		}
	}
}

// TestFetchPart fetches long files by parts from servers that give ranges in
// ways of their own.
func TestFetchPart(t *testing.T) {
	t.Parallel()
	long := make([]byte, 40<<20)
	for i := range long {
		long[i] = byte(i >> 12)
	}
	asked := 0
	mux := http.NewServeMux()
	serve := func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "x.bin", time.Unix(1_700_000_000, 0), bytes.NewReader(long))
	}
	mux.HandleFunc("/ranges", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `W/"abc"`)
		w.Header().Set("Content-Type", "video/x-test")
		serve(w, r)
	})
	mux.HandleFunc("/none", func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Range")
		serve(w, r)
	})
	mux.HandleFunc("/short", func(w http.ResponseWriter, r *http.Request) { // gives less at once than is asked for
		if r.Header.Get("Range") != "" {
			r.Header.Set("Range", "bytes=0-99")
		}
		serve(w, r)
	})
	mux.HandleFunc("/nonsense", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			w.Header().Set("Content-Range", "bytes 5-3/-1")
			w.WriteHeader(http.StatusPartialContent)
			return
		}
		serve(w, r)
	})
	mux.HandleFunc("/changing", func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(asked)))
		serve(w, r)
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	f := NewFetcher(FetchOptions{AllowPrivate: true})
	dst := filepath.Join(t.TempDir(), "x")
	for path, wantWhole := range map[string]bool{"/ranges": false, "/none": true, "/short": true, "/nonsense": true} {
		o, whole, err := f.FetchPart(t.Context(), s.URL+path, dst, spool.InputPolicy{})
		if err != nil || whole != wantWhole || o.ModTime.Unix() != 1_700_000_000 && path != "/nonsense" {
			t.Fatalf("%s: whole %v, %+v, %v", path, whole, o, err)
		}
		got, err := os.ReadFile(dst)
		if err != nil {
			t.Fatal(err)
		}
		want := long
		if !whole {
			want = bytes.Clone(long)
			clear(want[headPart : len(want)-tailPart])
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: other bytes than the server's", path)
		}
		if path == "/ranges" && (o.ETag != "abc" || o.ContentType != "video/x-test") {
			t.Errorf("%s: %+v", path, o)
		}
	}
	for path, small := range map[string]int64{"/changing": 0, "/ranges": 1 << 20} {
		f := NewFetcher(FetchOptions{AllowPrivate: true, MaxBytes: small})
		_, _, err := f.FetchPart(t.Context(), s.URL+path, dst, spool.InputPolicy{})
		var fail *spool.Failure
		if !errors.As(err, &fail) {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := os.Stat(dst); path == "/changing" && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: half a file stays: %v", path, err)
		}
	}
}

// TestFetchPolicy follows a redirect only to where the policy allows inputs.
func TestFetchPolicy(t *testing.T) {
	t.Parallel()
	secure := site(t, true)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	plain := httptest.NewServer(http.RedirectHandler(secure.URL+"/ok", http.StatusFound))
	t.Cleanup(plain.Close)
	f := NewFetcher(FetchOptions{AllowPrivate: true, TLS: &tls.Config{RootCAs: roots}})
	for _, tt := range []struct {
		policy spool.InputPolicy
		code   int
	}{{spool.InputPolicy{}, 0}, {spool.InputPolicy{NoS3: true}, 0}, {spool.InputPolicy{NoHTTPS: true}, spool.CodePolicy}} {
		dst := filepath.Join(t.TempDir(), "input")
		_, _, partErr := f.FetchPart(t.Context(), plain.URL, dst+"-part", tt.policy)
		for _, err := range []error{f.Fetch(t.Context(), plain.URL, dst, tt.policy, nil), partErr} {
			code := 0
			if fail, ok := errors.AsType[*spool.Failure](err); ok {
				code = fail.Code
			}
			if code != tt.code || (code == 0 && err != nil) {
				t.Errorf("%+v: %v, want code %d", tt.policy, err, tt.code)
			}
		}
	}
}
