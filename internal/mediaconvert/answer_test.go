package mediaconvert

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// TestResourceAnswers holds the answers of everything but jobs to their files:
// wire names, epoch seconds, ARNs, and what is left out when it is empty.
func TestResourceAnswers(t *testing.T) {
	t.Parallel()
	minus, settings := -3, json.RawMessage(`{"containerSettings":{"container":"MP4"}}`)
	hopped := testJob()
	hopped.JobEngineVersion, hopped.JobEngineUsed = "2026-11-21", "2026-11-21"
	hopped.Hops = []spool.Hop{{Queue: "fast", WaitMinutes: 5, Priority: &minus}, {Queue: "Default", WaitMinutes: 9}}
	hopped.Transitions = []spool.QueueTransition{{Source: "Default", Destination: "fast", At: testNow}}
	hopped.Share = &spool.Share{CaseID: "case-1", At: testNow}
	reserved := spool.Queue{
		Name: "reserved", Type: "CUSTOM", Status: "PAUSED", Description: "of our own", PricingPlan: "RESERVED", CreatedAt: testNow, UpdatedAt: testNow,
		Reservation: &spool.Reservation{Commitment: "ONE_YEAR", RenewalType: "EXPIRE", Slots: 3, PurchasedAt: testNow, ExpiresAt: testNow.AddDate(1, 0, 0)},
	}
	preset := spool.Preset{Name: "My preset", Category: "HLS", Description: "d", Type: "CUSTOM", Settings: settings, CreatedAt: testNow, UpdatedAt: testNow.Add(time.Minute)}
	bare := spool.Preset{Name: "System-Bare", Type: "SYSTEM", Settings: settings}
	template := spool.JobTemplate{
		Name: "ladder", Category: "c", Description: "d", Type: "CUSTOM", Settings: json.RawMessage(`{"inputs":[]}`), Queue: "fast", Priority: &minus,
		AccelerationMode: "PREFERRED", StatusUpdateInterval: "SECONDS_20", Hops: hopped.Hops, CreatedAt: testNow, UpdatedAt: testNow,
	}
	for name, answer := range map[string]func() ([]byte, error){
		"job-hopped": func() ([]byte, error) { return JobAnswer(hopped, testIdentity) },
		"query": func() ([]byte, error) {
			return QueryAnswer(spool.JobQuery{Status: spool.QueryComplete, Jobs: []spool.Job{testJob()}}, "next", testIdentity)
		},
		"query-waiting": func() ([]byte, error) {
			return QueryAnswer(spool.JobQuery{Status: spool.QueryProgressing}, "", testIdentity)
		},
		"query-started":  func() ([]byte, error) { return QueryStartedAnswer("b1d7c5d2") },
		"queue-reserved": func() ([]byte, error) { return QueueAnswer(reserved, testIdentity, testNow) },
		"queue-expired":  func() ([]byte, error) { return QueueAnswer(reserved, testIdentity, testNow.AddDate(2, 0, 0)) },
		"preset":         func() ([]byte, error) { return PresetAnswer(preset, testIdentity) },
		"presets":        func() ([]byte, error) { return PresetsAnswer([]spool.Preset{preset, bare}, "next", testIdentity) },
		"presets-none":   func() ([]byte, error) { return PresetsAnswer(nil, "", testIdentity) },
		"template":       func() ([]byte, error) { return JobTemplateAnswer(template, testIdentity) },
		"templates": func() ([]byte, error) {
			return JobTemplatesAnswer([]spool.JobTemplate{template, {Name: "bare", Type: "SYSTEM"}}, "", testIdentity)
		},
		"tags": func() ([]byte, error) {
			return TagsAnswer(spool.Resource{Kind: spool.KindTemplate, Name: "a b"}, map[string]string{"b": "2", "a": ""}, testIdentity)
		},
		"tags-none": func() ([]byte, error) {
			return TagsAnswer(spool.Resource{Kind: spool.KindJob, Name: "1"}, nil, testIdentity)
		},
		"policy":        func() ([]byte, error) { return PolicyAnswer(spool.InputPolicy{NoHTTP: true}) },
		"versions":      func() ([]byte, error) { return VersionsAnswer(engineVersions, "next") },
		"probe":         func() ([]byte, error) { return ProbeAnswer([]spool.ProbeResult{probed()}) },
		"probe-nothing": func() ([]byte, error) { return ProbeAnswer([]spool.ProbeResult{{}}) },
	} {
		raw, err := answer()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, "answer-"+name+".json", raw)
	}
}

// TestAnswersAreOfTheModel reads every golden answer with the SDK's types: its
// members are known, its values of the right type and of their enumerations.
func TestAnswersAreOfTheModel(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "golden", "answer-*.json"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Job           *types.Job
			Jobs          []types.Job
			Queue         *types.Queue
			Queues        []types.Queue
			Preset        *types.Preset
			Presets       []types.Preset
			JobTemplate   *types.JobTemplate
			JobTemplates  []types.JobTemplate
			ResourceTags  *types.ResourceTags
			Policy        *types.Policy
			Versions      []types.JobEngineVersion
			ProbeResults  []types.ProbeResult
			Endpoints     []types.Endpoint
			Id, NextToken *string
			Status        types.JobsQueryStatus

			TotalConcurrentJobs, UnallocatedConcurrentJobs *int32
		}
		problems, err := readBody(data, &answer)
		if err == nil {
			err = problems.err()
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func probed() spool.ProbeResult {
	color := spool.ProbeColor{Primaries: "ITU_709", Matrix: "ITU_709", Transfer: "UNSPECIFIED"}
	rate := spool.Rational{Num: 60000, Den: 2002}
	return spool.ProbeResult{
		Format: "mp4", Duration: 15_932_400 * time.Microsecond, Timecode: "01:00:00;00", ETag: "d41d8", Size: 1 << 33, Modified: testNow, MIMEType: "video/mp4",
		Tracks: []spool.ProbeTrack{
			{
				Index: 1, Type: spool.TrackVideo, Codec: "AVC", Duration: 15 * time.Second, BitDepth: 8, BitRate: 5_000_000_000, FrameRate: rate,
				Width: 1920, Height: 1080, Color: color,
				Coded: spool.ProbeCoded{Profile: "High", Level: "4.1", Chroma: "4:2:0", ScanType: "progressive", Width: 1920, Height: 1088, BitDepth: 8, FrameRate: rate, Color: color},
			},
			{Index: 2, Type: spool.TrackAudio, Codec: "AAC", Duration: 15 * time.Second, BitRate: 96000, FrameRate: spool.Rational{Num: 375, Den: 8}, Channels: 2, SampleRate: 48000, Language: "deu"},
			{Index: 3, Type: spool.TrackAudio, Codec: "UNKNOWN"},
			{Index: 4, Type: spool.TrackData, Codec: "WEBVTT", Language: "eng"},
		},
	}
}

func TestEngineVersions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	valid := EngineVersions(now)
	if len(valid) == 0 {
		t.Fatal("no version is valid")
	}
	if got := EngineVersionUsed(valid[0].Version, now); got != valid[0].Version {
		t.Errorf("a valid version is used as %q", got)
	}
	expired := engineVersions[len(engineVersions)-1]
	if got := EngineVersionUsed(expired.Version, expired.Expires); got != "" {
		t.Errorf("an expired version is used as %q", got)
	}
	if got := EngineVersionUsed(expired.Version, expired.Expires.Add(-1)); got != expired.Version {
		t.Errorf("a version is used as %q before it expires", got)
	}
	for i, v := range engineVersions {
		if day, err := time.Parse(time.DateOnly, v.Version); err != nil || i > 0 && engineVersions[i-1].Version <= v.Version || !v.Expires.IsZero() && v.Expires.Before(day) {
			t.Errorf("version %d is %v", i, v)
		}
	}
}

func TestParseResource(t *testing.T) {
	t.Parallel()
	for _, kind := range tagged {
		want := spool.Resource{Kind: kind, Name: "a name: ü"}
		if got, err := ParseResource("/arn", testIdentity.ARN(string(kind)+"/a name: ü"), testIdentity); err != nil || got != want {
			t.Errorf("%s: %v, %v", kind, got, err)
		}
	}
	for arn, want := range map[string]error{
		"": spool.ErrInvalid, "Default": spool.ErrInvalid, "arn:aws:mediaconvert": spool.ErrInvalid,
		"arn:aws:s3:eu-west-1:111122223333:queues/Default":            spool.ErrInvalid,
		"arn:aws:mediaconvert:eu-west-1:111122223333:certificates/x":  spool.ErrInvalid,
		"arn:aws:mediaconvert:eu-west-1:111122223333:queues/":         spool.ErrInvalid,
		"arn:aws:mediaconvert:eu-west-1:111122223333:queues/a/b":      spool.ErrInvalid,
		"arn:aws:mediaconvert:eu-west-1:111122223333:queues/\x00":     spool.ErrInvalid,
		"arn:aws:mediaconvert:us-east-1:111122223333:queues/Default":  spool.ErrNotFound,
		"arn:aws:mediaconvert:eu-west-1:000000000000:queues/Default":  spool.ErrNotFound,
		"arn:aws-cn:mediaconvert:eu-west-1:111122223333:jobs/1712-aa": spool.ErrNotFound,
	} {
		if got, err := ParseResource("/arn", arn, testIdentity); !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "/arn: ") {
			t.Errorf("%s: %v, %v", arn, got, err)
		}
	}
}
