package mediaconvert

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a document with testdata/golden/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, got, "", "  "); err != nil {
		t.Fatalf("%s is no JSON: %v\n%s", name, err, got)
	}
	indented.WriteByte('\n')
	goldenText(t, name, indented.String())
}

// goldenText compares a text with testdata/golden/name.
func goldenText(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, diff)
	}
}

// resolveFile reads and resolves one job of testdata/jobs.
func resolveFile(t *testing.T, name string) spool.JobRequest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "jobs", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := DecodeRequest(data, FormFile)
	if err != nil {
		t.Fatal(err)
	}
	job, err := r.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// TestDefaults: what the four jobs of the first slice become.
func TestDefaults(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"frames", "vod-hls", "cattube", "abr-hls"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := resolveFile(t, name)
			if len(job.Warnings) > 0 {
				t.Errorf("warnings: %v", job.Warnings)
			}
			golden(t, name+".settings.json", job.Settings)

			// Resolving what was resolved changes nothing.
			again, err := DecodeSettings(job.Settings)
			if err != nil {
				t.Fatal(err)
			}
			second, err := (&Request{Settings: again, form: FormFile}).Resolve(nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(job.Settings), string(second.Settings)); diff != "" {
				t.Errorf("resolving twice (-once +twice):\n%s", diff)
			}
			if len(second.Warnings) > 0 {
				t.Errorf("the defaults themselves raise warnings: %v", second.Warnings)
			}
		})
	}
}

var (
	testIdentity = spool.Identity{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	testNow      = time.Date(2026, 2, 23, 13, 10, 59, 573_000_000, time.UTC)
)

const testEventID = "6024dfe7-0000-4000-8000-000000000000"

func testJob() spool.Job {
	return spool.Job{
		JobRequest: spool.JobRequest{
			Queue: "Default", Role: "arn:aws:iam::111122223333:role/media", Settings: json.RawMessage(`{"inputs":[]}`),
			UserMetadata: map[string]string{"stage": "DEV"}, StatusUpdateInterval: "SECONDS_60",
			ClientRequestToken: "1712252705233-abcDEF", BillingTagsSource: "JOB", AccelerationMode: "DISABLED",
		},
		ID: "1771852248480-6dv3gn", Status: spool.JobSubmitted, CreatedAt: testNow.Add(-11 * time.Second),
	}
}

func completeJob() spool.Job {
	job := testJob()
	job.Status, job.Phase, job.Percent, job.Attempt = spool.JobComplete, spool.PhaseUploading, 100, 1
	job.StartedAt, job.FinishedAt = testNow.Add(-10*time.Second), testNow
	job.RunWarnings = []spool.Warning{{Code: 230001, Message: "The input does not say its colours."}, {Code: 230001, Message: "Again."}}
	job.RunMessages = []string{"Automated ABR, output group 2: 1 rendition: 640x360 at up to 600 kbit/s."}
	job.Warnings = []spool.Warning{{Code: spool.WarnSettingIgnored, Pointer: "/outputGroups/0/outputs/0/videoDescription/timecodeInsertion", Message: "no timecode is written."}}
	job.Groups = []spool.OutputGroup{
		{Type: spool.GroupFile, Outputs: []spool.Output{
			{
				Paths: []string{"s3://b/NAME-1.14.mp4"}, Duration: 15932 * time.Millisecond, Width: 900, Height: 720, AverageBitrate: 2405411,
				QVBR: &spool.QVBRStats{Avg: 7.1379, Min: 7, Max: 7.5, MaxLocation: 792 * time.Millisecond},
			},
			{Paths: []string{"s3://b/NAME-1.14.0000000.jpg"}, Duration: time.Second, Width: 1350, Height: 1080, AverageBitrate: 324268, Captures: 1},
		}},
		{Type: spool.GroupHLS, Playlists: []string{"s3://b/NAME-1.14.m3u8"}, Outputs: []spool.Output{
			{Paths: []string{"s3://b/NAME-1.14hls.m3u8"}, Duration: 15932 * time.Millisecond, Width: 900, Height: 720, AverageBitrate: 2405411},
			{Paths: []string{"s3://b/NAME-1.14audio.m3u8"}, Duration: 15932 * time.Millisecond},
		}},
		{Type: spool.GroupDASH, Playlists: []string{"s3://b/NAME-1.14.mpd"}, Outputs: []spool.Output{
			{Paths: []string{"s3://b/x.mp4"}, Duration: 17322 * time.Millisecond},
		}},
	}
	return job
}

func TestEvents(t *testing.T) {
	t.Parallel()
	failed := testJob()
	failed.Status = spool.JobError
	failed.Failure = spool.Failf(spool.CodeFileAccess, "Unable to open input file [s3://b/k&k.mp4]: <no parser>")
	probed := testJob()
	probed.UserMetadata = nil
	probed.Inputs = []spool.InputInfo{{URI: "s3://b/file.mp4", Media: spool.Media{
		Audio: []spool.AudioTrack{
			{Index: 1, Codec: "aac", Channels: 2, SampleRate: 44100},
			{Index: 2, Codec: "pcm_s16le", Channels: 6, SampleRate: 48000, Language: "eng"},
		},
		Video: []spool.VideoTrack{{
			Index: 0, Codec: "h264", CodecTag: "avc1", Width: 1920, Height: 1080, BitDepth: 8, Chroma: "4:2:0",
			SampleAspect: spool.Rational{Num: 1, Den: 1}, FrameRate: spool.Rational{Num: 30000, Den: 1001}, FieldOrder: "tt",
		}, {
			Index: 3, Codec: "hevc", CodecTag: "[36][0][0][0]", Width: 720, Height: 576, BitDepth: 10, Chroma: "4:2:2",
			SampleAspect: spool.Rational{Num: 32, Den: 22}, FrameRate: spool.Rational{Num: 90000, Den: 1},
			AvgFrameRate: spool.Rational{Num: 25, Den: 1}, FieldOrder: "progressive",
		}},
	}}}
	running := testJob()
	running.RetryCount = 1
	bare := testJob()
	bare.Groups = []spool.OutputGroup{{Type: spool.GroupFile, Outputs: []spool.Output{{Paths: []string{"s3://b/a.mp4"}, Duration: time.Second}}}}
	for name, e := range map[string]spool.Event{
		"progressing":       EventProgressing(testJob(), testIdentity, testEventID, testNow),
		"input-information": EventInputInformation(probed, testIdentity, testEventID, testNow),
		"status-update": EventStatusUpdate(running, spool.Progress{Phase: spool.PhaseTranscoding, PhasePercent: 2, Percent: 7, FramesDecoded: 353},
			testIdentity, testEventID, testNow),
		"complete":      EventComplete(completeJob(), testIdentity, testEventID, testNow),
		"complete-bare": EventComplete(bare, testIdentity, testEventID, testNow),
		"error":         EventError(failed, testIdentity, testEventID, testNow),
		"canceled":      EventCanceled(testJob(), testIdentity, testEventID, testNow),
		"queue-hop":     EventQueueHop(testJob(), "Default", "catqueue", 0, -7, testIdentity, testEventID, testNow),
		"new-warning":   EventNewWarning(testJob(), completeJob().Warnings[0], testIdentity, testEventID, testNow),
		"new-warning-bare": EventNewWarning(testJob(), spool.Warning{Code: 100000, Message: "The queue catqueue is gone: the job stays in Default."},
			testIdentity, testEventID, testNow),
	} {
		raw, err := marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "event-"+name+".json", raw)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	running := testJob()
	running.Status, running.Phase, running.Percent, running.StartedAt = spool.JobProgressing, spool.PhaseTranscoding, 40, testNow
	failed := testJob()
	failed.Status, failed.FinishedAt = spool.JobError, testNow
	failed.Failure = spool.Failf(spool.CodeNotFound, "no such object")
	queue := spool.Queue{Name: "catqueue", Type: "CUSTOM", Status: "ACTIVE", PricingPlan: "ON_DEMAND", CreatedAt: testNow, UpdatedAt: testNow, ConcurrentJobs: 2, Submitted: 3, Progressing: 1}
	for name, answer := range map[string]func() ([]byte, error){
		"job-submitted":   func() ([]byte, error) { return JobAnswer(testJob(), testIdentity) },
		"job-progressing": func() ([]byte, error) { return JobAnswer(running, testIdentity) },
		"job-complete":    func() ([]byte, error) { return JobAnswer(completeJob(), testIdentity) },
		"job-error":       func() ([]byte, error) { return JobAnswer(failed, testIdentity) },
		"jobs":            func() ([]byte, error) { return JobsAnswer([]spool.Job{testJob()}, "next", testIdentity) },
		"jobs-none":       func() ([]byte, error) { return JobsAnswer(nil, "", testIdentity) },
		"queue":           func() ([]byte, error) { return QueueAnswer(queue, testIdentity, testNow) },
		"queues": func() ([]byte, error) {
			return QueuesAnswer(QueueList{Page: []spool.Queue{queue}, Total: 4, Unallocated: 2}, testIdentity, testNow)
		},
		"endpoints": func() ([]byte, error) { return EndpointsAnswer("http://127.0.0.1:8080") },
	} {
		raw, err := answer()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, "answer-"+name+".json", raw)
	}
	broken := testJob()
	broken.Settings = json.RawMessage("{")
	if _, err := JobAnswer(broken, testIdentity); err == nil {
		t.Error("settings that are no JSON were answered")
	}
}

// TestPadding: black picture is only made where the inputs have no video, and
// captures of it do not count.
func TestPadding(t *testing.T) {
	t.Parallel()
	job := spool.Job{
		Inputs: []spool.InputInfo{{Media: spool.Media{Audio: []spool.AudioTrack{{Channels: 2}}}}},
		Groups: []spool.OutputGroup{{Outputs: []spool.Output{
			{Width: 540, Duration: 20 * time.Second}, {Width: 540, Duration: 19 * time.Second}, {Duration: 20 * time.Second}, {Width: 540, Duration: time.Second, Captures: 1},
		}}},
	}
	if got := padding(job); got != 39*time.Second {
		t.Errorf("got %s", got)
	}
	job.Inputs[0].Media.Video = []spool.VideoTrack{{}}
	if got := padding(job); got != 0 {
		t.Errorf("with video: got %s", got)
	}
}
