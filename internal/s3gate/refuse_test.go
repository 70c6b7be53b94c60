package s3gate_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// A client that hangs up leaves no object and raises no event.
func TestHangUp(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	key := "half.mp4"
	u, err := s3.NewPresignClient(c).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	up, err := c.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &b, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	part, err := s3.NewPresignClient(c).PresignUploadPart(t.Context(), &s3.UploadPartInput{Bucket: &b, Key: &key, UploadId: up.UploadId, PartNumber: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{u.URL, part.URL} {
		for _, sent := range []int{0, 1, 4096, 100_000, 999_999} {
			for _, chunked := range []bool{false, true} {
				hangUp(t, target, sent, chunked)
			}
		}
	}
	if _, err := get(t, c, b, key); code(err) != "NoSuchKey" {
		t.Errorf("after hanging up: %v", err)
	}
	list, err := c.ListParts(t.Context(), &s3.ListPartsInput{Bucket: &b, Key: &key, UploadId: up.UploadId})
	if err != nil || len(list.Parts) != 0 {
		t.Errorf("parts after hanging up: %v, %v", list, err)
	}
	if got := recorded.of(b); len(got) != 0 {
		t.Errorf("events: %v", got)
	}
}

// hangUp begins a PUT of a megabyte, stops after some bytes, and returns when
// the server has let go of the connection, that is, decided.
func hangUp(t *testing.T, target string, sent int, chunked bool) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	length := "Content-Length: 1000000"
	if chunked {
		length = "Transfer-Encoding: chunked"
	}
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n", u.RequestURI(), u.Host, length)
	if chunked {
		fmt.Fprintf(conn, "%x\r\n", 1_000_000)
	}
	_, _ = conn.Write(bytes.Repeat([]byte("x"), sent))
	_ = conn.(*net.TCPConn).CloseWrite()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	answer, err := io.ReadAll(conn)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("the server holds on: %v", err)
	}
	if bytes.HasPrefix(answer, []byte("HTTP/1.1 200")) {
		t.Errorf("%d bytes of 1000000 (chunked %v) are taken: %s", sent, chunked, answer)
	}
}

func TestRefusedKeys(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	put(t, c, b, "b", []byte("x"))
	// The SDK would clean such paths: sign them as they are.
	for _, raw := range []string{"a/../b", "a//b", "/b", "./b", "a/./b", "b/.", "ctl%01x", "nl%0Ax", "nul%00", "del%7F", ".sgwtmp/x", "a/%2e%2e/b", "%2e/b", "bad%FFutf8"} {
		for _, method := range []string{http.MethodPut, http.MethodGet, http.MethodDelete, http.MethodHead} {
			resp := rawRequest(t, c, method, b, raw)
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != 400 {
				t.Errorf("%s %s: %s %s", method, raw, resp.Status, body)
			}
		}
	}
	if got, err := get(t, c, b, "b"); err != nil || string(got) != "x" {
		t.Errorf("b is now %q, %v", got, err)
	}
	if d := cmp.Diff([]string{"ObjectCreated:Put b"}, recorded.names(t, b)); d != "" {
		t.Error(d)
	}
	for _, source := range []string{b + "/./b", b + "/x/../b", b + "//b"} {
		_, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &b, Key: aws.String("copy"), CopySource: &source})
		if code(err) != "InvalidArgument" {
			t.Errorf("copy from %s: %v", source, err)
		}
	}
	out, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &b, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("x/../b")}}}})
	if err == nil && (len(out.Errors) != 1 || *out.Errors[0].Code != "InvalidArgument") {
		t.Errorf("delete x/../b: %+v", out)
	}
}

// rawRequest sends a presigned request whose path is not cleaned by anyone.
func rawRequest(t *testing.T, c *s3.Client, method, bucket, rawKey string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+gate.Addr()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.URL.Opaque = "//" + gate.Addr() + "/" + bucket + "/" + rawKey
	signed, err := presignRaw(t, method, "/"+bucket+"/"+strings.ReplaceAll(rawKey, "%2e", ".")) // as canonical requests write dots
	if err != nil {
		t.Fatal(err)
	}
	req.URL.RawQuery = signed
	return do(t, req)
}

func TestSymlinks(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"link": secret, "dir": filepath.Dir(secret)} {
		if err := os.Symlink(to, filepath.Join(root, b, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"link", "dir/secret"} {
		if _, err := get(t, c, b, key); code(err) != "AccessDenied" {
			t.Errorf("get %s: %v", key, err)
		}
		_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: &key, Body: strings.NewReader("mine")})
		if code(err) != "AccessDenied" {
			t.Errorf("put %s: %v", key, err)
		}
		_, err = c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &b, Key: aws.String("stolen"), CopySource: aws.String(b + "/" + key)})
		if code(err) != "AccessDenied" {
			t.Errorf("copy %s: %v", key, err)
		}
		if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: &key}); code(err) != "AccessDenied" {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	list, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &b})
	if err != nil || len(list.Contents) != 0 || *list.KeyCount != 0 {
		t.Errorf("listed: %+v, %v", list, err)
	}
	if got, _ := os.ReadFile(secret); string(got) != "secret" {
		t.Errorf("the file outside is now %q", got)
	}
	if got := recorded.of(b); len(got) != 0 {
		t.Errorf("events: %v", got)
	}
}
