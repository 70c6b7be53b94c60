package clients

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// How long a small job may take on a machine that is busy with other tests.
const jobWithin = 2 * time.Minute

// configuration has a pipeline for each client that uploads, so that nobody
// starts what another counts.
const configuration = `
buckets:
  - name: uploads
  - name: media
    deliver: true
  - name: plain # no pipeline takes from it
    deliver: true
workers:
  slots: 2
pipelines:
  - name: vod
    bucket: uploads
    prefix: in/
    job: small.json
    destinations: ["s3://media/{guid}/{name}"]
    userMetadata: {guid: "{guid}"}
`

// smallJob is one HLS rendition of a size that takes no time.
const smallJob = `{"role": "arn:aws:iam::000000000000:role/spool", "settings": {
  "inputs": [{"fileInput": "s3://uploads/NAME.mp4", "timecodeSource": "ZEROBASED", "videoSelector": {},
    "audioSelectors": {"Audio Selector 1": {"defaultSelection": "DEFAULT"}}}],
  "outputGroups": [{"outputGroupSettings": {"type": "HLS_GROUP_SETTINGS",
      "hlsGroupSettings": {"destination": "s3://media/NAME", "segmentLength": 1, "minSegmentLength": 0}},
    "outputs": [{"nameModifier": "_v", "containerSettings": {"container": "M3U8"},
      "videoDescription": {"width": 192, "height": 108, "codecSettings": {"codec": "H_264", "h264Settings": {
        "rateControlMode": "QVBR", "maxBitrate": 300000, "gopSize": 1, "gopSizeUnits": "SECONDS"}}},
      "audioDescriptions": [{"codecSettings": {"codec": "AAC",
        "aacSettings": {"bitrate": 96000, "codingMode": "CODING_MODE_2_0", "sampleRate": 48000}}}]}]}]}}`

// small is the clip that all clients upload.
var small = testkit.ClipSpec{Seconds: 2, W: 192, H: 108, Audio: testkit.Stereo}

// TestClients runs every client against one server, at the same time.
func TestClients(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{Config: configuration, Files: harness.Files{"small.json": smallJob}})
	for name, run := range map[string]func(*testing.T, *harness.Server){
		"AWS CLI/S3":               cliS3,
		"AWS CLI/MediaConvert":     cliMediaConvert,
		"AWS CLI/refusals":         cliRefusals,
		"SDK for Go/S3":            goS3,
		"SDK for Go/MediaConvert":  goMediaConvert,
		"SDK for JavaScript":       javaScript,
		"SDK for Python":           python,
		"curl":                     curlDoors,
		"every upload starts once": uploads,
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			run(t, s)
		})
	}
}

// example gives the path of a file of the examples.
func example(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(testkit.ModuleRoot(t), "examples", name)
}

// write makes a file of the test's own.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// decode reads JSON that a client printed.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

// wantClip demands that an address plays as the small clip does, frame by frame.
func wantClip(t *testing.T, address string) {
	t.Helper()
	want := make([]int, small.Frames())
	for i := range want {
		want[i] = i
	}
	if d := cmp.Diff(want, testkit.FrameNumbers(t, address)); d != "" {
		t.Errorf("%s does not show the clip: %s", address, d)
	}
}

// complete demands that a video came out whole.
func complete(t *testing.T, v spool.Video) {
	t.Helper()
	if v.WorkflowStatus != spool.VideoComplete || v.HLSURL == "" {
		t.Fatalf("the video of %s ended as %s: %d %s", v.SrcVideo, v.WorkflowStatus, v.ErrorCode, v.ErrorMessage)
	}
}
