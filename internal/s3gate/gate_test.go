package s3gate_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
