package s3gate_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// awkward are the names that people's files really have.
var awkward = []string{
	"plain.mp4", "my cat video (final)+1.mp4", "vidéo d’été — 東京 & co.mov", "100%.mp4", "a%20b.mp4", "a+b c.mp4",
	`awesome'movie".mov`, "[1080p] x.mkv", "-report", "folder/-x/[a]&b=c.mp4", "q?x#y.mp4", "semi;colon,comma.mp4", "a=b@c:d$e!.mp4",
	"~tilde*star.mp4", "back\\slash.mp4", "emoji 🎬.mp4",
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

func md5Hex(b []byte) string { sum := md5.Sum(b); return hex.EncodeToString(sum[:]) }

func put(t *testing.T, c *s3.Client, bucket, key string, body []byte) {
	t.Helper()
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
}

func get(t *testing.T, c *s3.Client, bucket, key string) ([]byte, error) {
	t.Helper()
	out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, err
	}
	defer out.Body.Close()
	return io.ReadAll(out.Body)
}

var (
	reTime      = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)
	reSequencer = regexp.MustCompile(`"sequencer":"[0-9A-F]{16}"`)
	reRequest   = regexp.MustCompile(`"x-amz-request-id":"[0-9A-Z]{16}"`)
	reID2       = regexp.MustCompile(`"x-amz-id-2":"[A-Za-z0-9+/=]{40,}"`)
)

// golden gives the exact message, what differs each time replaced by words.
func golden(data []byte, bucket string) string {
	s := reTime.ReplaceAllString(string(data), `"TIME"`)
	s = reSequencer.ReplaceAllString(s, `"sequencer":"SEQ"`)
	s = reRequest.ReplaceAllString(s, `"x-amz-request-id":"REQ"`)
	s = reID2.ReplaceAllString(s, `"x-amz-id-2":"ID2"`)
	return strings.ReplaceAll(s, bucket, "BUCKET")
}

func wantEvent(name, object string) string {
	return `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-central-1","eventTime":"TIME","eventName":"` + name +
		`","userIdentity":{"principalId":"AWS:AKIDSPOOLTEST"},"requestParameters":{"sourceIPAddress":"127.0.0.1"},` +
		`"responseElements":{"x-amz-request-id":"REQ","x-amz-id-2":"ID2"},` +
		`"s3":{"s3SchemaVersion":"1.0","configurationId":"spool","bucket":{"name":"BUCKET","ownerIdentity":{"principalId":"AKIDSPOOLTEST"},` +
		`"arn":"arn:aws:s3:::BUCKET"},"object":{` + object + `,"sequencer":"SEQ"}}}]}`
}

func TestEventsExactly(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	body := []byte("hello")
	key, copied := "in/red flower+1é.jpg", "in/copy of it"
	put(t, c, b, key, body)
	if _, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &b, Key: &copied, CopySource: aws.String(b + "/" + url.QueryEscape(key))}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: &copied}); err != nil {
		t.Fatal(err)
	}
	etag := md5Hex(body)
	want := []struct{ subject, data string }{
		{"object.created", wantEvent("ObjectCreated:Put", `"key":"in/red+flower%2B1%C3%A9.jpg","size":5,"eTag":"`+etag+`"`)},
		{"object.created", wantEvent("ObjectCreated:Copy", `"key":"in/copy+of+it","size":5,"eTag":"`+etag+`"`)},
		{"object.removed", wantEvent("ObjectRemoved:Delete", `"key":"in/copy+of+it"`)},
	}
	got := recorded.of(b)
	if len(got) != len(want) {
		t.Fatalf("%d events: %v", len(got), got)
	}
	last := ""
	for i, m := range got {
		if m.subject != want[i].subject {
			t.Errorf("subject %s, want %s", m.subject, want[i].subject)
		}
		if d := cmp.Diff(want[i].data, golden(m.data, b)); d != "" {
			t.Error(d)
		}
		seq := m.id[strings.LastIndexByte(m.id, '#')+1:]
		if !strings.Contains(string(m.data), `"sequencer":"`+seq+`"`) || seq <= last {
			t.Errorf("message id %q, after sequencer %q", m.id, last)
		}
		last = seq
	}
}

func TestAwkwardKeys(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	var want []string
	for _, key := range awkward {
		put(t, c, b, key, []byte(key))
		want = append(want, "ObjectCreated:Put "+key)
		if got, err := get(t, c, b, key); err != nil || string(got) != key {
			t.Errorf("get %q: %q, %v", key, got, err)
		}
		if disk, err := os.ReadFile(filepath.Join(root, b, key)); err != nil || string(disk) != key {
			t.Errorf("%q on disk: %q, %v", key, disk, err)
		}
	}
	if d := cmp.Diff(want, recorded.names(t, b)); d != "" {
		t.Error(d)
	}
	var listed []string
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &b, MaxKeys: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			listed = append(listed, *o.Key)
		}
	}
	sorted := slices.Sorted(slices.Values(awkward))
	if d := cmp.Diff(sorted, listed); d != "" {
		t.Error(d)
	}
	// All at once: one event each.
	var ids []types.ObjectIdentifier
	for _, key := range append(sorted, "never was there") {
		ids = append(ids, types.ObjectIdentifier{Key: &key})
	}
	out, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &b, Delete: &types.Delete{Objects: ids}})
	if err != nil || len(out.Errors) > 0 || len(out.Deleted) != len(ids) {
		t.Fatalf("delete: %d deleted, errors %v, %v", len(out.Deleted), out.Errors, err)
	}
	want = nil
	for _, key := range sorted {
		want = append(want, "ObjectRemoved:Delete "+key)
	}
	if d := cmp.Diff(want, recorded.names(t, b)[len(awkward):]); d != "" {
		t.Error(d)
	}
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	key := "big [1] & more.mp4"
	parts := [][]byte{bytes.Repeat([]byte("a"), 5<<20), bytes.Repeat([]byte("b"), 5<<20), []byte("end")}
	up, err := c.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &b, Key: &key, ContentType: aws.String("video/mp4")})
	if err != nil {
		t.Fatal(err)
	}
	var done []types.CompletedPart
	for i, p := range parts {
		n := int32(i + 1)
		out, err := c.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: &b, Key: &key, UploadId: up.UploadId, PartNumber: &n, Body: bytes.NewReader(p)})
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, types.CompletedPart{ETag: out.ETag, PartNumber: &n, ChecksumCRC32: out.ChecksumCRC32})
	}
	if n := len(recorded.of(b)); n != 0 {
		t.Errorf("%d events before completion", n)
	}
	out, err := c.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{Bucket: &b, Key: &key, UploadId: up.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: done}})
	if err != nil {
		t.Fatal(err)
	}
	etag := strings.Trim(*out.ETag, `"`)
	if !strings.HasSuffix(etag, "-3") {
		t.Errorf("etag %s", etag)
	}
	ms := recorded.of(b)
	if len(ms) != 1 {
		t.Fatalf("%d events", len(ms))
	}
	want := wantEvent("ObjectCreated:CompleteMultipartUpload", `"key":"big+%5B1%5D+%26+more.mp4","size":10485763,"eTag":"`+etag+`"`)
	if d := cmp.Diff(want, golden(ms[0].data, b)); d != "" {
		t.Error(d)
	}
	if got, err := get(t, c, b, key); err != nil || !bytes.Equal(got, bytes.Join(parts, nil)) {
		t.Errorf("%d bytes come back, %v", len(got), err)
	}
}

func TestPresignedPutFromABrowser(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	for _, key := range awkward {
		u, err := s3.NewPresignClient(c).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: &key})
		if err != nil {
			t.Fatal(err)
		}
		pre, _ := http.NewRequestWithContext(t.Context(), http.MethodOptions, u.URL, nil)
		pre.Header.Set("Origin", "http://127.0.0.1:8080")
		pre.Header.Set("Access-Control-Request-Method", "PUT")
		pre.Header.Set("Access-Control-Request-Headers", "content-type")
		resp := do(t, pre)
		if resp.StatusCode/100 != 2 || resp.Header.Get("Access-Control-Allow-Origin") != "*" ||
			!strings.Contains(resp.Header.Get("Access-Control-Allow-Methods"), "PUT") ||
			!strings.Contains(resp.Header.Get("Access-Control-Allow-Headers"), "content-type") {
			t.Errorf("preflight: %s %v", resp.Status, resp.Header)
		}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, u.URL, strings.NewReader("video"))
		req.Header.Set("Origin", "http://127.0.0.1:8080")
		req.Header.Set("Content-Type", "video/mp4")
		resp = do(t, req)
		if resp.StatusCode != 200 || resp.Header.Get("ETag") != `"`+md5Hex([]byte("video"))+`"` ||
			resp.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(resp.Header.Get("Access-Control-Expose-Headers"), "ETag") {
			t.Errorf("put %q: %s %v", key, resp.Status, resp.Header)
		}
		head, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &b, Key: &key})
		if err != nil || *head.ContentType != "video/mp4" || *head.ContentLength != 5 {
			t.Errorf("head %q: %v, %v", key, head, err)
		}
	}
	var want []string
	for _, key := range awkward {
		want = append(want, "ObjectCreated:Put "+key)
	}
	if d := cmp.Diff(want, recorded.names(t, b)); d != "" {
		t.Error(d)
	}
}

// do sends a request and gives the answer, its body read and closed.
func do(t *testing.T, req *http.Request) *http.Response {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp
}

func TestFormPost(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	key := "form [a]+é.mp4"
	post, err := s3.NewPresignClient(c).PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	form := func(body string, cut bool) *http.Request {
		var buf bytes.Buffer
		w := multipart.NewWriter(&buf)
		for k, v := range post.Values {
			_ = w.WriteField(k, v)
		}
		part, _ := w.CreateFormFile("file", "x.mp4")
		_, _ = io.WriteString(part, body)
		if !cut {
			_ = w.Close()
		}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, post.URL, &buf)
		req.Header.Set("Content-Type", w.FormDataContentType())
		return req
	}
	if resp := do(t, form("cut short", true)); resp.StatusCode < 400 {
		t.Errorf("a form without its end: %s", resp.Status)
	}
	if got := recorded.of(b); len(got) != 0 {
		t.Fatalf("an event of a broken form: %v", got)
	}
	if resp := do(t, form("form body", false)); resp.StatusCode != http.StatusNoContent {
		b, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s %s", resp.Status, b)
	}
	ms := recorded.of(b)
	if len(ms) != 1 {
		t.Fatalf("%d events", len(ms))
	}
	want := wantEvent("ObjectCreated:Post", `"key":"form+%5Ba%5D%2B%C3%A9.mp4","size":9,"eTag":"`+md5Hex([]byte("form body"))+`"`)
	if d := cmp.Diff(want, golden(ms[0].data, b)); d != "" {
		t.Error(d)
	}
}

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

func TestRangeAndConditions(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	key := "0123456789"
	put(t, c, b, key, []byte(key))
	out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &b, Key: &key, Range: aws.String("bytes=2-4")})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(out.Body)
	_ = out.Body.Close()
	if string(got) != "234" || *out.ContentRange != "bytes 2-4/10" {
		t.Errorf("range: %q %s", got, *out.ContentRange)
	}
	_, err = c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &b, Key: &key, IfNoneMatch: out.ETag})
	if !strings.Contains(fmt.Sprint(err), "304") {
		t.Errorf("if-none-match: %v", err)
	}
	_, err = c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: &key, Body: strings.NewReader("new"), IfNoneMatch: aws.String("*")})
	if code(err) != "PreconditionFailed" {
		t.Errorf("put if-none-match: %v", err)
	}
	if n := len(recorded.of(b)); n != 1 {
		t.Errorf("%d events", n)
	}
}

// Without the bus the client is told, and its next try mends it.
func TestPublishFails(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	put(t, c, b, "there", []byte("x"))
	recorded.setBroken(b, true)
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: aws.String("k"), Body: strings.NewReader("x")})
	if code(err) != "ServiceUnavailable" {
		t.Errorf("put: %v", err)
	}
	if got, err := get(t, c, b, "k"); err != nil || string(got) != "x" {
		t.Errorf("the object does not stay: %q, %v", got, err)
	}
	out, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &b, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("there")}}}})
	if err != nil || len(out.Errors) != 1 || *out.Errors[0].Code != "ServiceUnavailable" {
		t.Errorf("delete: %+v, %v", out, err)
	}
	recorded.setBroken(b, false)
	put(t, c, b, "k", []byte("x"))
	if d := cmp.Diff([]string{"ObjectCreated:Put there", "ObjectCreated:Put k"}, recorded.names(t, b)); d != "" {
		t.Error(d)
	}
}

func TestSequencerRises(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: aws.String("k"), Body: strings.NewReader("x")})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, r := range recorded.events(t, b) {
		seen[r.S3.Object.Sequencer] = true
	}
	if len(seen) != 40 {
		t.Errorf("%d sequencers for 40 versions", len(seen))
	}
}

// A folder made by hand, or by another part of the product, is a bucket too.
func TestAdoptedBucket(t *testing.T) {
	t.Parallel()
	c := client(t)
	name := "by-hand-" + md5Hex([]byte(t.Name()))[:8]
	if err := os.Mkdir(filepath.Join(root, name), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
	if code(err) != "BucketAlreadyOwnedByYou" {
		t.Errorf("create: %v", err)
	}
	put(t, c, name, "k", []byte("x"))
	if got := recorded.events(t, name); len(got) != 1 || got[0].S3.Bucket.OwnerIdentity.PrincipalID != accessKey {
		t.Errorf("%+v", got)
	}
}

func TestFolderObject(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	put(t, c, b, "folder/", nil)
	put(t, c, b, "folder/x", []byte("x"))
	for _, key := range []string{"folder/x", "folder/"} {
		if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: &key}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"ObjectCreated:Put folder/", "ObjectCreated:Put folder/x", "ObjectRemoved:Delete folder/x", "ObjectRemoved:Delete folder/"}
	if d := cmp.Diff(want, recorded.names(t, b)); d != "" {
		t.Error(d)
	}
}

// In a versioned bucket every event names its version.
func TestVersions(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	_, err := c.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &b,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	if err != nil {
		t.Fatal(err)
	}
	key := "k"
	var want []string
	var versions []*string
	for _, body := range []string{"one", "two"} {
		out, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: &key, Body: strings.NewReader(body)})
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, out.VersionId)
		want = append(want, "ObjectCreated:Put "+*out.VersionId)
	}
	marker, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, "ObjectRemoved:DeleteMarkerCreated "+*marker.VersionId)
	if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: &key, VersionId: versions[0]}); err != nil {
		t.Fatal(err)
	}
	want = append(want, "ObjectRemoved:Delete "+*versions[0])
	var got []string
	for _, r := range recorded.events(t, b) {
		got = append(got, r.EventName+" "+r.S3.Object.VersionID)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// One PUT larger than any buffer on the way.
func TestLargePut(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	body := bytes.Repeat([]byte("0123456789abcdef"), 2<<20) // 32 MiB
	put(t, c, b, "large", body)
	if got, err := get(t, c, b, "large"); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%d of %d bytes come back, %v", len(got), len(body), err)
	}
	if got := recorded.events(t, b); len(got) != 1 || *got[0].S3.Object.Size != int64(len(body)) || got[0].S3.Object.ETag != md5Hex(body) {
		t.Errorf("%+v", got)
	}
}

func TestAWSCommand(t *testing.T) {
	t.Parallel()
	bin := "/usr/bin/aws"
	if _, err := os.Stat(bin); err != nil {
		if bin, err = exec.LookPath("aws"); err != nil {
			t.Skip("no AWS CLI here")
		}
	}
	dir := t.TempDir()
	cli := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), bin, append([]string{"--endpoint-url", "http://" + gate.Addr()}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secretKey, "AWS_DEFAULT_REGION=eu-central-1",
			"AWS_CONFIG_FILE="+filepath.Join(dir, "none"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(dir, "none"), "AWS_EC2_METADATA_DISABLED=true")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("aws %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	b := "cli-" + md5Hex([]byte(t.Name()))[:8]
	cli("s3", "mb", "s3://"+b)
	small, big := "my cat video (final)+1.mp4", "big [1080p].mov"
	content := map[string][]byte{small: []byte("small"), big: bytes.Repeat([]byte("spool"), 4<<20)}
	var want []string
	for _, name := range []string{small, big} {
		if err := os.WriteFile(filepath.Join(dir, name), content[name], 0o600); err != nil {
			t.Fatal(err)
		}
		cli("s3", "cp", "--no-progress", name, "s3://"+b+"/in/"+name)
	}
	want = append(want, "ObjectCreated:Put in/"+small, "ObjectCreated:CompleteMultipartUpload in/"+big)
	cli("s3", "cp", "--no-progress", "s3://"+b+"/in/"+small, "s3://"+b+"/-copy")
	want = append(want, "ObjectCreated:Copy -copy")
	cli("s3", "cp", "--no-progress", "s3://"+b+"/in/"+big, "back")
	if got, err := os.ReadFile(filepath.Join(dir, "back")); err != nil || !bytes.Equal(got, content[big]) {
		t.Errorf("%d bytes come back, %v", len(got), err)
	}
	if out := cli("s3", "ls", "--recursive", "s3://"+b); !strings.Contains(out, small) || !strings.Contains(out, big) {
		t.Errorf("ls: %s", out)
	}
	cli("s3", "rm", "s3://"+b+"/-copy")
	cli("s3", "rm", "--recursive", "s3://"+b+"/in")
	want = append(want, "ObjectRemoved:Delete -copy", "ObjectRemoved:Delete in/"+small, "ObjectRemoved:Delete in/"+big)
	got := recorded.names(t, b)
	slices.Sort(got[min(4, len(got)):]) // the CLI removes at once
	slices.Sort(want[4:])
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	var identity struct{ Buckets []struct{ Name string } }
	if err := json.Unmarshal([]byte(cli("s3api", "list-buckets")), &identity); err != nil || len(identity.Buckets) == 0 {
		t.Errorf("list-buckets: %v, %v", identity, err)
	}
}
