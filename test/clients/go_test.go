package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"spool/internal/testkit"
	"spool/test/harness"
)

func goS3(t *testing.T, s *harness.Server) {
	c, ctx := s.S3Client(), t.Context()
	bucket := aws.String("go-files")
	if _, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	if err := s3.NewBucketExistsWaiter(c).Wait(ctx, &s3.HeadBucketInput{Bucket: bucket}, 10*time.Second); err != nil {
		t.Errorf("the waiter for the bucket: %v", err)
	}
	for _, key := range awkward {
		if _, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: strings.NewReader(key)}); err != nil {
			t.Fatalf("put %q: %v", key, err)
		}
		if got, err := goGet(t, c, *bucket, key); err != nil || string(got) != key {
			t.Errorf("%q comes back as %q, %v", key, got, err)
		}
	}
	var listed []string
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: bucket, MaxKeys: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Contents) > 3 {
			t.Errorf("a page of three holds %d keys", len(page.Contents))
		}
		for _, o := range page.Contents {
			listed = append(listed, *o.Key)
		}
	}
	if d := cmp.Diff(awkward, listed); d != "" {
		t.Errorf("the list in pages: %s", d)
	}
	out, err := c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: identifiers(awkward)}})
	if err != nil || len(out.Deleted) != len(awkward) || len(out.Errors) != 0 {
		t.Errorf("delete them all: %+v, %v", out, err)
	}
	err = s3.NewObjectNotExistsWaiter(c).Wait(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: &awkward[0]}, 10*time.Second)
	if left := s.Keys(t, *bucket, ""); err != nil || len(left) != 0 {
		t.Errorf("after the deletion: %q, %v", left, err)
	}
	goMultipart(t, c, *bucket)
	goPresigned(t, s, *bucket)
	_, err = goGet(t, c, *bucket, "none")
	if _, ok := errors.AsType[*types.NoSuchKey](err); !ok {
		t.Errorf("an unknown key: %v", err)
	}
	_, err = c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("none")})
	if _, ok := errors.AsType[*types.NotFound](err); !ok {
		t.Errorf("the head of an unknown key: %v", err)
	}
	for code, keys := range map[string][2]string{"SignatureDoesNotMatch": {s.AccessKey, "wrong"}, "InvalidAccessKeyId": {"AKIAUNKNOWN", s.SecretKey}} {
		other := s3.New(s3.Options{Region: harness.Region, BaseEndpoint: &s.S3, UsePathStyle: true,
			Credentials: credentials.NewStaticCredentialsProvider(keys[0], keys[1], "")})
		_, err := goGet(t, other, *bucket, "none")
		if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	_, err = goGet(t, c, "no-such-bucket", "none")
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "NoSuchBucket" {
		t.Errorf("an unknown bucket: %v", err)
	}
}

func identifiers(keys []string) []types.ObjectIdentifier {
	var all []types.ObjectIdentifier
	for _, key := range keys {
		all = append(all, types.ObjectIdentifier{Key: aws.String(key)})
	}
	return all
}

func goGet(t *testing.T, c *s3.Client, bucket, key string) ([]byte, error) {
	t.Helper()
	out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, err
	}
	defer out.Body.Close()
	return io.ReadAll(out.Body)
}

// goMultipart uploads in parts with the transfer manager, and drops an upload.
func goMultipart(t *testing.T, c *s3.Client, bucket string) {
	t.Helper()
	large := bytes.Repeat([]byte("0123456789abcdef"), 11<<16) // 11 MiB
	manager := transfermanager.New(c, func(o *transfermanager.Options) {
		o.MultipartUploadThreshold, o.PartSizeBytes = 5<<20, 5<<20
	})
	key := "parts/large é.bin"
	// Of a reader whose length is not known before.
	_, err := manager.UploadObject(t.Context(), &transfermanager.UploadObjectInput{Bucket: &bucket, Key: &key, Body: io.MultiReader(bytes.NewReader(large))})
	if err != nil {
		t.Fatalf("upload in parts: %v", err)
	}
	got, err := goGet(t, c, bucket, key)
	if err != nil || !bytes.Equal(got, large) {
		t.Errorf("%d bytes in parts come back as %d, %v", len(large), len(got), err)
	}
	head, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err != nil || !strings.HasSuffix(aws.ToString(head.ETag), `-3"`) {
		t.Errorf("three parts: %+v, %v", head, err)
	}
	upload, err := c.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: aws.String("parts/dropped")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: &bucket, Key: upload.Key, UploadId: upload.UploadId})
	uploads, listErr := c.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil || listErr != nil || len(uploads.Uploads) != 0 {
		t.Errorf("a dropped upload: %v, %v, %+v", err, listErr, uploads)
	}
	_, err = c.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{Bucket: &bucket, Key: upload.Key, UploadId: upload.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: aws.String("d41d8cd98f00b204e9800998ecf8427e")}}}})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "NoSuchUpload" {
		t.Errorf("complete a dropped upload: %v", err)
	}
}

// goPresigned puts, gets and deletes with nothing but links.
func goPresigned(t *testing.T, s *harness.Server, bucket string) {
	t.Helper()
	links := s3.NewPresignClient(s.S3Client())
	key := awkward[3]
	put, err := links.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, ContentType: aws.String("text/plain")})
	if err != nil {
		t.Fatal(err)
	}
	if got := send(t, put.Method, put.URL, put.SignedHeader, "by a link"); got.Status != http.StatusOK {
		t.Errorf("presigned put: %d %s", got.Status, got.Body)
	}
	wrong := put.SignedHeader.Clone()
	wrong.Set("Content-Type", "text/html")
	if got := send(t, put.Method, put.URL, wrong, "no"); got.Status != http.StatusForbidden {
		t.Errorf("presigned put with another type: %d %s", got.Status, got.Body)
	}
	get, err := links.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	if got := send(t, get.Method, get.URL, get.SignedHeader, ""); got.Status != http.StatusOK || string(got.Body) != "by a link" ||
		got.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("presigned get: %d %v %q", got.Status, got.Header, got.Body)
	}
	del, err := links.PresignDeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	if got := send(t, del.Method, del.URL, del.SignedHeader, ""); got.Status != http.StatusNoContent || slices.Contains(s.Keys(t, bucket, ""), key) {
		t.Errorf("presigned delete: %d %s", got.Status, got.Body)
	}
}

// send sends what a presigned request asks for.
func send(t *testing.T, method, address string, header http.Header, body string) harness.Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return harness.Answer{Status: resp.StatusCode, Header: resp.Header, Body: answer}
}

// request reads a job document as the SDK's request.
func request(t *testing.T, document string) *mediaconvert.CreateJobInput {
	t.Helper()
	in := &mediaconvert.CreateJobInput{}
	if err := json.Unmarshal([]byte(document), in); err != nil {
		t.Fatal(err)
	}
	return in
}

// goMediaConvert runs the job of examples/vod-hls as it is.
func goMediaConvert(t *testing.T, s *harness.Server) {
	const bucket = "cloudfleet-vod-bucket"
	if _, err := s.S3Client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	s.Upload(t, bucket, "NAME.mp4", testkit.Clip(t, small))
	document, err := os.ReadFile(example(t, "vod-hls/job.json"))
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.MediaConvert().CreateJob(t.Context(), request(t, string(document)))
	if err != nil {
		t.Fatal(err)
	}
	job := s.WaitJob(t, *made.Job.Id, jobWithin)
	if job.Status != mctypes.JobStatusComplete || aws.ToInt32(job.JobPercentComplete) != 100 || len(job.OutputGroupDetails) != 3 ||
		job.Timing.SubmitTime == nil || job.Timing.StartTime.Before(*job.Timing.SubmitTime) || job.Timing.FinishTime.Before(*job.Timing.StartTime) {
		t.Fatalf("the job: %s, %d %s, %+v, %+v", job.Status, aws.ToInt32(job.ErrorCode), aws.ToString(job.ErrorMessage), job.Timing, job.OutputGroupDetails)
	}
	want := []string{"NAME.mp4", "NAME/NAME.0000000.jpg", "NAME/NAME.m3u8", "NAME/NAMEstream.m3u8", "NAME/NAMEstream_00001.ts", "NAME/thumbnail.0000000.jpg"}
	if d := cmp.Diff(want, s.Keys(t, bucket, "")); d != "" {
		t.Errorf("what the job made: %s", d)
	}
}
