package crash_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

// The configuration: a stream with captures for every clip, and a single
// picture more for those below both/. The names of segments hold the second in
// which each was written, so that a second encode can't hide behind the first.
const crashConfig = `
workers: {slots: 2}
buckets:
  - name: uploads
  - name: media
    deliver: true
pipelines:
  - name: stream
    bucket: uploads
    job: stream.json
    destinations: ["s3://media/stream/{guid}/v", "s3://media/stream/{guid}/c"]
  - name: picture
    bucket: uploads
    prefix: both/
    job: picture.json
    destinations: ["s3://media/picture/{guid}/p"]
`

const captureGroup = `{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://media/x"}},
	"outputs":[{"containerSettings":{"container":"RAW"},"videoDescription":{"codecSettings":{"codec":"FRAME_CAPTURE",
	"frameCaptureSettings":{"framerateNumerator":%d,"framerateDenominator":1,"maxCaptures":%d,"quality":90}}}}]}`

const streamGroup = `{"outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://media/x","segmentLength":1,"minSegmentLength":0}},
	"outputs":[{"nameModifier":"_h","outputSettings":{"hlsSettings":{"segmentModifier":"$dt$"}},"containerSettings":{"container":"M3U8","m3u8Settings":{}},
	"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000,"sceneChangeDetect":"ENABLED"}}}}]}`

func jobOf(groups ...string) string {
	return `{"settings":{"inputs":[{"videoSelector":{},"timecodeSource":"ZEROBASED"}],"outputGroups":[` + strings.Join(groups, ",") + `]}}`
}

// capturesPerSecond of the stream pipeline.
const capturesPerSecond = 5

func crashFiles() harness.Files {
	return harness.Files{
		"stream.json":  jobOf(streamGroup, fmt.Sprintf(captureGroup, capturesPerSecond, 1000)),
		"picture.json": jobOf(fmt.Sprintf(captureGroup, 1, 1)),
	}
}

// tinySpecs are the clips: small and short, each of another length.
func tinySpecs() []testkit.ClipSpec {
	rate := func(n int64) spool.Rational { return spool.Rational{Num: n, Den: 1} }
	return []testkit.ClipSpec{
		{W: 160, H: 90, Seconds: 1, FPS: rate(25)},
		{W: 160, H: 90, Seconds: 1.4, FPS: rate(30)},
		{W: 160, H: 90, Seconds: 2.2, FPS: rate(25), Container: "mov"},
		{W: 160, H: 90, Seconds: 3, FPS: rate(20)},
	}
}

// upload is one try to upload one clip. Every try has a key of its own, so that
// whatever comes of it can be told from the others'.
type upload struct {
	key  string
	spec testkit.ClipSpec
	body []byte
}

func (u upload) etag() string {
	sum := md5.Sum(u.body)
	return hex.EncodeToString(sum[:])
}

// gatedBody gives half of a body and then waits until it may give the rest.
type gatedBody struct {
	body *bytes.Reader
	half int64
	sent chan<- struct{} // closed when the half is given
	rest <-chan struct{}
	told bool
}

// Read waits in the middle of the body.
func (g *gatedBody) Read(p []byte) (int, error) {
	at := g.body.Size() - int64(g.body.Len())
	if at < g.half {
		return g.body.Read(p[:min(int64(len(p)), g.half-at)])
	}
	if !g.told {
		g.told = true
		close(g.sent)
		<-g.rest
	}
	return g.body.Read(p)
}

// gate makes a body that stops half-way.
func gate(body []byte) (g *gatedBody, halfSent <-chan struct{}, goOn func()) {
	sent, rest := make(chan struct{}), make(chan struct{})
	return &gatedBody{body: bytes.NewReader(body), half: int64(len(body) / 2), sent: sent, rest: rest}, sent, func() { close(rest) }
}

// once turns the client's own repetitions off: what is acknowledged is to be known.
func once(o *s3.Options) { o.RetryMaxAttempts = 1 }

// put uploads in one request and checks the ETag of the answer.
func put(ctx context.Context, client *s3.Client, u upload) error {
	out, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("uploads"), Key: &u.key, Body: bytes.NewReader(u.body)}, once)
	if err != nil {
		return err
	}
	if got := strings.Trim(aws.ToString(out.ETag), `"`); got != u.etag() {
		return fmt.Errorf("acknowledged with the ETag %s of another body than %s", got, u.etag())
	}
	return nil
}

// putHalting uploads by a presigned URL, with a body that halts half-way.
func putHalting(ctx context.Context, client *s3.Client, u upload, body io.Reader) error {
	signed, err := s3.NewPresignClient(client).PresignPutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("uploads"), Key: &u.key})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, signed.URL, body)
	if err != nil {
		return err
	}
	req.ContentLength = int64(len(u.body))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("status %d: %s", resp.StatusCode, text)
	}
	if got := strings.Trim(resp.Header.Get("ETag"), `"`); got != u.etag() {
		return fmt.Errorf("acknowledged with the ETag %s of another body than %s", got, u.etag())
	}
	return nil
}

// putParts uploads in parts, of which there is one: small parts are refused.
func putParts(ctx context.Context, client *s3.Client, u upload) error {
	bucket := aws.String("uploads")
	begun, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: &u.key}, once)
	if err != nil {
		return err
	}
	part, err := client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: &u.key, UploadId: begun.UploadId,
		PartNumber: aws.Int32(1), Body: bytes.NewReader(u.body)}, once)
	if err != nil {
		return err
	}
	_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: &u.key, UploadId: begun.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}}}}, once)
	return err
}

// files gives the regular files below a folder of the data, relative to it.
func files(t testing.TB, data string, folder ...string) []string {
	t.Helper()
	root := filepath.Join(append([]string{data}, folder...)...)
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // gone while we looked
		}
		if err == nil && d.Type().IsRegular() {
			rel, relErr := filepath.Rel(root, path)
			found, err = append(found, rel), relErr
		}
		return err
	})
	if err != nil {
		t.Fatalf("look into %s: %v", root, err)
	}
	slices.Sort(found)
	return found
}

// checkStaging demands that nothing of a finished job takes room any more: all
// that may stay for a while is the small journal that answers a second delivery.
func checkStaging(t testing.TB, data string) {
	t.Helper()
	for _, name := range files(t, data, "staging") {
		if filepath.Base(name) != "journal.json" {
			t.Errorf("staging still holds %s", name)
			continue
		}
		text, err := os.ReadFile(filepath.Join(data, "staging", name))
		var journal struct{ Done bool }
		if err != nil || json.Unmarshal(text, &journal) != nil || !journal.Done {
			t.Errorf("staging holds an open journal %s: %v", name, err)
		}
	}
}

// checkLeftovers demands that no child outlives a killed server.
func checkLeftovers(t testing.TB, s *harness.Server) {
	t.Helper()
	deadline := time.After(5 * time.Second) // a death signal takes a moment
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		left := s.Leftovers()
		if len(left) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the server is gone, its children are not:\n%s", strings.Join(left, "\n"))
		}
	}
}

// wait looks again and again, with a deadline, for what gives no signal.
func wait(within time.Duration, every time.Duration, ok func() bool) bool {
	deadline := time.Now().Add(within)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			return false
		}
		<-tick.C
	}
	return true
}
