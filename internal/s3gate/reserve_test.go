package s3gate

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"

	"spool/internal/spool"

	"github.com/versity/versitygw/s3err"
)

// A reserved port can be listened on at once, and port 0 gives it to no one else.
func TestReservePort(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"127.0.0.1:0", "localhost:0", ":0", "0.0.0.0:0"} {
		addr, release, err := reservePort(listen)
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(addr)
		if port == "0" {
			t.Errorf("%s gives %s", listen, addr)
		}
		for range 20 {
			other, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			if _, p, _ := net.SplitHostPort(other.Addr().String()); p == port {
				t.Errorf("%s went to another", addr)
			}
			defer other.Close()
		}
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			t.Errorf("listen on the reserved %s: %v", addr, err)
		} else {
			_ = ln.Close()
		}
		release()
	}
	if addr, release, err := reservePort("127.0.0.1:9000"); err != nil || addr != "127.0.0.1:9000" {
		t.Errorf("a given port becomes %s, %v", addr, err)
	} else {
		release()
	}
	for _, bad := range []string{"", "9000", "no-such-host.invalid:0"} {
		if _, _, err := reservePort(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestWholeBody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body     io.Reader
		declared int64
		want     s3err.ErrorCode
		ok       bool
	}{
		{strings.NewReader("12345"), 5, 0, true},
		{iotest.DataErrReader(strings.NewReader("12345")), 5, 0, true},
		{strings.NewReader(""), 0, 0, true},
		{strings.NewReader("1234"), 5, s3err.ErrIncompleteBody, false},
		{iotest.DataErrReader(strings.NewReader("1234")), 5, s3err.ErrIncompleteBody, false},
		{strings.NewReader(""), 1, s3err.ErrIncompleteBody, false},
		{strings.NewReader("123456"), 5, s3err.ErrIncompleteBody, false},
		{strings.NewReader("1"), 0, s3err.ErrMissingContentLength, false},
		{iotest.ErrReader(io.ErrUnexpectedEOF), 0, s3err.ErrIncompleteBody, false},
	} {
		_, err := io.Copy(io.Discard, wholeBody(c.body, &c.declared))
		if c.ok && err != nil || !c.ok && !errors.Is(err, s3err.GetAPIError(c.want)) {
			t.Errorf("declared %d: %v", c.declared, err)
		}
	}
}

// FuzzEventKey: what an event says of a key gives the key back, and only
// characters that a form may carry.
func FuzzEventKey(f *testing.F) {
	for _, k := range []string{"a", "a b+c%20", "é/東京", "/", "a//b", "\x00", "\xff", "?&=#", "🎬"} {
		f.Add(k)
	}
	f.Fuzz(func(t *testing.T, key string) {
		enc := spool.EncodeEventKey(key)
		if dec, err := spool.DecodeEventKey(enc); err != nil || dec != key {
			t.Fatalf("%q becomes %q becomes %q, %v", key, enc, dec, err)
		}
		if strings.Count(enc, "/") != strings.Count(key, "/") {
			t.Fatalf("the slashes of %q are not those of %q", enc, key)
		}
		for _, r := range enc {
			if r <= ' ' || r > '~' || strings.ContainsRune(`"<>\^{|}&=#?`, r) {
				t.Fatalf("%q holds %q", enc, r)
			}
		}
	})
}

// FuzzCheckKey: a key that the gate lets through names exactly one place below
// its bucket.
func FuzzCheckKey(f *testing.F) {
	for _, k := range []string{"a", "a/", "../a", "a/../b", "./a", "a//b", "/", "a/.", ".sgwtmp/x", "a\x00", "é"} {
		f.Add(k)
	}
	d := disk{root: f.TempDir()}
	f.Fuzz(func(t *testing.T, key string) {
		if checkKey(key) != nil {
			return
		}
		if got, want := d.file("bucket", key), d.root+"/bucket/"+strings.TrimSuffix(key, "/"); got != want {
			t.Fatalf("%q lies at %q", key, got)
		}
	})
}
