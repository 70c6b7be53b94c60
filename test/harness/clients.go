package harness

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Region is what the clients sign for, the default of the server.
const Region = "us-east-1"

// S3Client gives an S3 client with the server's key pair.
func (s *Server) S3Client() *s3.Client {
	return s3.New(s3.Options{
		Region: Region, BaseEndpoint: aws.String(s.S3), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, ""),
	})
}

// MediaConvert gives a MediaConvert client with the server's key pair.
func (s *Server) MediaConvert() *mediaconvert.Client {
	return mediaconvert.New(mediaconvert.Options{
		Region: Region, BaseEndpoint: aws.String(s.HTTP),
		Credentials: credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, ""),
	})
}

// Upload puts a file under a key.
func (s *Server) Upload(t testing.TB, bucket, key, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: f}
	if kind := mime.TypeByExtension(path.Ext(key)); kind != "" {
		in.ContentType = &kind
	}
	if _, err := s.S3Client().PutObject(t.Context(), in); err != nil {
		t.Fatalf("harness: upload s3://%s/%s: %v", bucket, key, err)
	}
}

// Keys lists the keys of a bucket below a prefix, in order.
func (s *Server) Keys(t testing.TB, bucket, prefix string) []string {
	t.Helper()
	var keys []string
	pages := s3.NewListObjectsV2Paginator(s.S3Client(), &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("harness: list s3://%s/%s: %v", bucket, prefix, err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys
}

// WaitJob asks for a job until its state is terminal, and gives it.
func (s *Server) WaitJob(t testing.TB, id string, within time.Duration) *mctypes.Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	client := s.MediaConvert()
	for {
		out, err := client.GetJob(ctx, &mediaconvert.GetJobInput{Id: &id})
		if err != nil {
			t.Fatalf("harness: job %s: %v", id, err)
		}
		switch out.Job.Status {
		case mctypes.JobStatusComplete, mctypes.JobStatusError, mctypes.JobStatusCanceled:
			return out.Job
		default: // still on its way
		}
		select {
		case <-ctx.Done():
			t.Fatalf("harness: job %s is still %s (%d %%) after %v", id, out.Job.Status, aws.ToInt32(out.Job.JobPercentComplete), within)
		case <-tick.C:
		}
	}
}

// Answer is an HTTP answer, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Get asks for an address of the server: a path, or a whole URL. With signed
// true it sends the key pair as Spool's own API takes it.
func (s *Server) Get(t testing.TB, address string, signed bool, header ...string) Answer {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = s.HTTP + address
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if signed {
		req.SetBasicAuth(s.AccessKey, s.SecretKey)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("harness: read %s: %v", address, err)
	}
	return Answer{resp.StatusCode, resp.Header, body}
}

// Delivered gives the delivery URL of an object.
func (s *Server) Delivered(bucket, key string) string {
	return s.HTTP + (&url.URL{Path: "/media/" + bucket + "/" + key}).EscapedPath()
}
