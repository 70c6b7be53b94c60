package clients

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"spool/internal/testkit"
	"spool/test/harness"
)

// upload is one way to put the small clip under a key; it gives the key that it
// went to.
type upload func(t *testing.T, s *harness.Server, clip, key string) string

// uploads puts a clip into a pipeline in every way there is. Each must start the
// pipeline once, and what comes out must play, whatever the key looks like.
func uploads(t *testing.T, s *harness.Server) {
	clip := testkit.Clip(t, small)
	ways := []struct {
		name, key string
		put       upload
	}{
		{"put", "in/my cat video (final)+1.mp4", byPut},
		{"multipart", "in/vidéo d’été — 東京 & co.mov", byParts},
		{"copy", "in/100% [a] {b} 'c' \"d\".mp4", byCopy},
		{"form", "in/a & b = c?.MP4", byForm},
		{"presigned", "in/-lead #1 %41.mp4", byLink},
		{"permit", "permit; <x> é.mp4", byPermit},
	}
	for i, way := range ways {
		ways[i].key = way.put(t, s, clip, way.key)
	}
	for _, not := range []string{"in/text.txt", "in/folder.mp4/", "out/elsewhere.mp4", "in.mp4"} {
		_, err := s.S3Client().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("uploads"), Key: &not})
		if err != nil {
			t.Errorf("put %q: %v", not, err)
		}
	}
	for _, way := range ways {
		v := s.WaitVideo(t, jobWithin, harness.OfKey("uploads", way.key))
		complete(t, v)
		wantClip(t, v.HLSURL)
	}
	// By now an event that came twice has shown: the last of them was handled long
	// after the first.
	videos, jobs := map[string]int{}, map[string]int{}
	for _, v := range s.Videos(t) {
		if v.SrcBucket == "uploads" {
			videos[v.SrcVideo]++
		}
	}
	pages := mediaconvert.NewListJobsPaginator(s.MediaConvert(), &mediaconvert.ListJobsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range page.Jobs {
			if key, own := strings.CutPrefix(aws.ToString(j.Settings.Inputs[0].FileInput), "s3://uploads/"); own {
				jobs[key]++
			}
		}
	}
	for _, way := range ways {
		if videos[way.key] != 1 || jobs[way.key] != 1 {
			t.Errorf("%s: an upload of %q makes %d videos and %d jobs", way.name, way.key, videos[way.key], jobs[way.key])
		}
	}
	if len(videos) != len(ways) || len(jobs) != len(ways) {
		t.Errorf("others started too: videos %v, jobs %v", videos, jobs)
	}
}

func byPut(t *testing.T, s *harness.Server, clip, key string) string {
	t.Helper()
	s.Upload(t, "uploads", key, clip)
	return key
}

func byParts(t *testing.T, s *harness.Server, clip, key string) string {
	t.Helper()
	c, data := s.S3Client(), openClip(t, clip)
	in, err := c.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("uploads"), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	part, err := c.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: in.Bucket, Key: &key, UploadId: in.UploadId, PartNumber: aws.Int32(1), Body: data})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{Bucket: in.Bucket, Key: &key, UploadId: in.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}}}})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func byCopy(t *testing.T, s *harness.Server, clip, key string) string {
	t.Helper()
	s.Upload(t, "plain", "to be copied.mp4", clip)
	_, err := s.S3Client().CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: aws.String("uploads"), Key: &key,
		CopySource: aws.String("plain/" + url.PathEscape("to be copied.mp4"))})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// byForm posts a form with a signed policy, as a plain web page does.
func byForm(t *testing.T, s *harness.Server, clip, key string) string {
	t.Helper()
	post, err := s3.NewPresignClient(s.S3Client()).PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("uploads"), Key: &key},
		func(o *s3.PresignPostOptions) { o.Conditions = []any{[]any{"content-length-range", 1, 1 << 20}} })
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--output", "-"}
	for name, value := range post.Values {
		args = append(args, "--form-string", name+"="+value)
	}
	if status, out := curl(t, append(args, "--form", "file=@"+clip, post.URL)...); status != http.StatusNoContent {
		t.Fatalf("a form is answered with %d %s", status, out)
	}
	return key
}

func byLink(t *testing.T, s *harness.Server, clip, key string) string {
	t.Helper()
	put, err := s3.NewPresignClient(s.S3Client()).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("uploads"), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	if status, out := curl(t, "--upload-file", clip, put.URL); status != http.StatusOK {
		t.Fatalf("a presigned put is answered with %d %s", status, out)
	}
	return key
}

// byPermit asks Spool's own API where to put the file, as the web page does.
func byPermit(t *testing.T, s *harness.Server, clip, name string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"name": name, "type": "video/mp4"})
	if err != nil {
		t.Fatal(err)
	}
	status, out := curl(t, "--user", s.AccessKey+":"+s.SecretKey, "--json", string(body), s.HTTP+"/api/v1/uploads")
	if status != http.StatusCreated {
		t.Fatalf("a permit is answered with %d %s", status, out)
	}
	permit := decode[struct {
		URL, Method, Bucket, Key string
		Headers                  map[string]string
	}](t, out)
	args := []string{"--request", permit.Method, "--upload-file", clip, permit.URL}
	for name, value := range permit.Headers {
		args = append(args, "--header", name+": "+value)
	}
	if status, out := curl(t, args...); status != http.StatusOK || permit.Bucket != "uploads" {
		t.Fatalf("an upload by permit %+v is answered with %d %s", permit, status, out)
	}
	return permit.Key
}

func openClip(t *testing.T, path string) io.ReadSeeker {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
