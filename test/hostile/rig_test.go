package hostile_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/testkit"
	"spool/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// hostileConfig takes every object, whatever its name, and makes one picture of it.
const hostileConfig = `
buckets:
  - name: uploads
  - name: media
    deliver: true
pipelines:
  - name: picture
    bucket: uploads
    prefix: in/
    suffixes: []
    job: picture.json
    destinations: ["s3://media/{guid}/p"]
  - name: stream
    bucket: uploads
    prefix: whole/
    job: stream.json
    destinations: ["s3://media/{guid}/v"]
`

const streamJob = `{"settings":{"inputs":[{"videoSelector":{},"timecodeSource":"ZEROBASED"}],"outputGroups":[
	{"outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://media/x","segmentLength":10,"minSegmentLength":0}},
	"outputs":[{"nameModifier":"_h","containerSettings":{"container":"M3U8","m3u8Settings":{}},
	"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000}}}}]}]}}`

const pictureJob = `{"settings":{"inputs":[{"videoSelector":{},"timecodeSource":"ZEROBASED"}],"outputGroups":[
	{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://media/x"}},
	"outputs":[{"containerSettings":{"container":"RAW"},"videoDescription":{"codecSettings":{"codec":"FRAME_CAPTURE",
	"frameCaptureSettings":{"framerateNumerator":1,"framerateDenominator":1,"maxCaptures":1,"quality":90}}}}]}]}}`

// marker stands in files that no sender may get to see.
const marker = "FOREIGN-BYTES-4711"

// start starts a server; more is put before the configuration.
func start(t *testing.T, more string) *harness.Server {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	return harness.StartServer(t, harness.Options{Config: more + hostileConfig, Files: harness.Files{"picture.json": pictureJob, "stream.json": streamJob}})
}

// clip gives a tiny good clip of a width.
func clip(t *testing.T, width int) []byte {
	t.Helper()
	body, err := os.ReadFile(testkit.Clip(t, testkit.ClipSpec{W: width, H: 90, Seconds: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// write puts a file beside the tests' others and gives its path.
func write(t *testing.T, name string, body []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, body, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// trap is a listener that nobody may ask.
func trap(t *testing.T) (port string, hits *atomic.Int64) {
	t.Helper()
	hits = new(atomic.Int64)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, marker)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			hits.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, hits
}

// submit submits a job on an address, as a client of the API does.
func submit(t *testing.T, s *harness.Server, input, destination string) (id string, err error) {
	t.Helper()
	out, err := s.MediaConvert().CreateJob(t.Context(), &mediaconvert.CreateJobInput{
		Role: aws.String("arn:aws:iam::000000000000:role/r"),
		Settings: &mctypes.JobSettings{
			Inputs: []mctypes.Input{{FileInput: &input, VideoSelector: &mctypes.VideoSelector{}, TimecodeSource: mctypes.InputTimecodeSourceZerobased}},
			OutputGroups: []mctypes.OutputGroup{{
				OutputGroupSettings: &mctypes.OutputGroupSettings{Type: mctypes.OutputGroupTypeFileGroupSettings,
					FileGroupSettings: &mctypes.FileGroupSettings{Destination: &destination}},
				Outputs: []mctypes.Output{{
					ContainerSettings: &mctypes.ContainerSettings{Container: mctypes.ContainerTypeRaw},
					VideoDescription: &mctypes.VideoDescription{CodecSettings: &mctypes.VideoCodecSettings{Codec: mctypes.VideoCodecFrameCapture,
						FrameCaptureSettings: &mctypes.FrameCaptureSettings{FramerateNumerator: aws.Int32(1), FramerateDenominator: aws.Int32(1),
							MaxCaptures: aws.Int32(1), Quality: aws.Int32(90)}}},
				}},
			}},
		},
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Job.Id), nil
}

// checkNothingForeign demands that the marker is nowhere that a client or the
// log shows, and that nothing is left in staging.
func checkNothingForeign(t *testing.T, s *harness.Server) {
	t.Helper()
	places := map[string]string{"the log": s.Log(), "the table": string(s.Get(t, "/api/v1/videos?limit=100", true).Body)}
	jobs, err := s.MediaConvert().ListJobs(t.Context(), &mediaconvert.ListJobsInput{MaxResults: aws.Int32(20)})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs.Jobs {
		places["job "+aws.ToString(j.Id)] = aws.ToString(j.ErrorMessage)
		if strings.Contains(aws.ToString(j.ErrorMessage), s.Data) {
			t.Errorf("the message of a job tells of the server's folders: %q", aws.ToString(j.ErrorMessage))
		}
	}
	for place, text := range places {
		if strings.Contains(text, marker) {
			t.Errorf("%s holds what is not the sender's", place)
		}
	}
	left, err := filepath.Glob(filepath.Join(s.Data, "staging/*/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		if filepath.Base(name) != "journal.json" {
			t.Errorf("staging still holds %s", name)
		}
	}
}
