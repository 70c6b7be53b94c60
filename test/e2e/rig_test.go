package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/goccy/go-yaml"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

// within is how long one job may take, waiting for all the others included.
const within = 5 * time.Minute

// rig is a running server with what the tests do to it.
type rig struct{ *harness.Server }

// systems are the examples that are run.
var systems = []string{"frames", "vod-hls", "cattube", "abr-hls"}

// allExamples joins the configurations of the examples, as they are shipped,
// and further lists and sections into one.
func allExamples(t *testing.T, more map[string]any) (config string, files harness.Files) {
	t.Helper()
	files = harness.Files{}
	all := map[string]any{}
	add := func(part map[string]any) {
		for key, value := range part {
			if list, ok := value.([]any); ok {
				old, _ := all[key].([]any)
				value = append(old, list...)
			}
			all[key] = value
		}
	}
	for _, name := range systems {
		dir := filepath.Join(testkit.ModuleRoot(t), "examples", name)
		text, err := os.ReadFile(filepath.Join(dir, "spool.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var part map[string]any
		if err := yaml.Unmarshal(text, &part); err != nil {
			t.Fatal(err)
		}
		pipeline := part["pipelines"].([]any)[0].(map[string]any)
		pipeline["job"] = name + "/job.json"
		files[name+"/job.json"] = string(jobFile(t, name))
		add(part)
	}
	add(more)
	text, err := yaml.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), files
}

func jobFile(t *testing.T, system string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testkit.ModuleRoot(t), "examples", system, "job.json"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// systemJob gives a system's job as an SDK's user would send it.
func systemJob(t *testing.T, system, input string, destinations ...string) *mediaconvert.CreateJobInput {
	t.Helper()
	in := &mediaconvert.CreateJobInput{}
	if err := json.Unmarshal(jobFile(t, system), in); err != nil {
		t.Fatal(err)
	}
	in.Settings.Inputs[0].FileInput = &input
	for i, d := range destinations {
		group := in.Settings.OutputGroups[i].OutputGroupSettings
		if group.HlsGroupSettings != nil {
			group.HlsGroupSettings.Destination = &d
		} else {
			group.FileGroupSettings.Destination = &d
		}
	}
	return in
}

// plainJob is one MP4 of H.264 and AAC at the source's size.
func plainJob(input, destination string) *mediaconvert.CreateJobInput {
	return fileJob(input, destination, mp4Output("", h264(2_000_000)))
}

func fileJob(input, destination string, outputs ...mctypes.Output) *mediaconvert.CreateJobInput {
	return &mediaconvert.CreateJobInput{
		Role: aws.String("arn:aws:iam::000000000000:role/e2e"),
		Settings: &mctypes.JobSettings{
			Inputs: []mctypes.Input{{
				FileInput: &input, TimecodeSource: mctypes.InputTimecodeSourceZerobased, VideoSelector: &mctypes.VideoSelector{},
				AudioSelectors: map[string]mctypes.AudioSelector{"Audio Selector 1": {DefaultSelection: mctypes.AudioDefaultSelectionDefault}},
			}},
			OutputGroups: []mctypes.OutputGroup{{
				OutputGroupSettings: &mctypes.OutputGroupSettings{
					Type:              mctypes.OutputGroupTypeFileGroupSettings,
					FileGroupSettings: &mctypes.FileGroupSettings{Destination: &destination},
				},
				Outputs: outputs,
			}},
		},
	}
}

func mp4Output(modifier string, codec *mctypes.VideoCodecSettings) mctypes.Output {
	out := mctypes.Output{
		ContainerSettings: &mctypes.ContainerSettings{Container: mctypes.ContainerTypeMp4},
		VideoDescription:  &mctypes.VideoDescription{CodecSettings: codec},
		AudioDescriptions: []mctypes.AudioDescription{{
			AudioSourceName: aws.String("Audio Selector 1"),
			CodecSettings: &mctypes.AudioCodecSettings{Codec: mctypes.AudioCodecAac, AacSettings: &mctypes.AacSettings{
				Bitrate: aws.Int32(96000), CodingMode: mctypes.AacCodingModeCodingMode20, SampleRate: aws.Int32(48000),
			}},
		}},
	}
	if modifier != "" {
		out.NameModifier = &modifier
	}
	return out
}

func h264(most int32) *mctypes.VideoCodecSettings {
	return &mctypes.VideoCodecSettings{Codec: mctypes.VideoCodecH264, H264Settings: &mctypes.H264Settings{
		RateControlMode: mctypes.H264RateControlModeQvbr, MaxBitrate: &most,
		QualityTuningLevel: mctypes.H264QualityTuningLevelSinglePass,
	}}
}

// submit sends a job and gives its id.
func (s *rig) submit(t *testing.T, in *mediaconvert.CreateJobInput) string {
	t.Helper()
	out, err := s.MediaConvert().CreateJob(t.Context(), in)
	if err != nil {
		t.Fatalf("create job: %v", err)
	}
	return *out.Job.Id
}

// job asks for a job as it is now.
func (s *rig) job(t *testing.T, id string) *mctypes.Job {
	t.Helper()
	out, err := s.MediaConvert().GetJob(t.Context(), &mediaconvert.GetJobInput{Id: &id})
	if err != nil {
		t.Fatalf("job %s: %v", id, err)
	}
	return out.Job
}

// complete waits for a job and demands that it succeeded.
func (s *rig) complete(t *testing.T, id string) *mctypes.Job {
	t.Helper()
	job := s.WaitJob(t, id, within)
	if job.Status != mctypes.JobStatusComplete {
		t.Fatalf("job %s is %s: %d %s", id, job.Status, aws.ToInt32(job.ErrorCode), aws.ToString(job.ErrorMessage))
	}
	return job
}

// run sends a job and demands that it succeeds.
func (s *rig) run(t *testing.T, in *mediaconvert.CreateJobInput) *mctypes.Job {
	t.Helper()
	return s.complete(t, s.submit(t, in))
}

// give uploads a file that starts a pipeline, and follows the video to its end.
func (s *rig) give(t *testing.T, bucket, key, file string) spool.Video {
	t.Helper()
	s.Upload(t, bucket, key, file)
	v := s.WaitVideo(t, within, harness.OfKey(bucket, key))
	if v.WorkflowStatus != spool.VideoComplete {
		t.Fatalf("the video of %s is %s: %d %s", key, v.WorkflowStatus, v.ErrorCode, v.ErrorMessage)
	}
	return v
}

// put uploads a file to the bucket "lab", which starts nothing, and gives its URI.
func (s *rig) put(t *testing.T, key, file string) string {
	t.Helper()
	s.Upload(t, "lab", key, file)
	return spool.S3URI("lab", key)
}

// fetch gets an object over delivery into a folder.
func (s *rig) fetch(t *testing.T, bucket, key, dir string) string {
	t.Helper()
	return save(t, s.Get(t, s.Delivered(bucket, key), false), key, filepath.Join(dir, path.Base(key)))
}

func save(t *testing.T, a harness.Answer, what, file string) string {
	t.Helper()
	if a.Status != http.StatusOK {
		t.Fatalf("%s is delivered with status %d", what, a.Status)
	}
	if err := os.WriteFile(file, a.Body, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// stored gives the bytes of an object, over S3.
func (s *rig) stored(t *testing.T, bucket, key string) []byte {
	t.Helper()
	out, err := s.S3Client().GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatalf("get s3://%s/%s: %v", bucket, key, err)
	}
	defer out.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(out.Body); err != nil {
		t.Fatalf("get s3://%s/%s: %v", bucket, key, err)
	}
	return b.Bytes()
}

// inOrder demands that numbers are first, first+1, … and count of them.
func inOrder(t *testing.T, what string, numbers []int, first, count int) {
	t.Helper()
	if len(numbers) != count {
		t.Errorf("%s has %d frames, want %d", what, len(numbers), count)
	}
	for i, n := range numbers {
		if n != first+i {
			t.Errorf("%s: frame %d shows picture %d, want %d", what, i, n, first+i)
			return
		}
	}
}

// inSync demands every beep of a clip, each with its flash, at most 40 ms apart.
func inSync(t *testing.T, what, at string, spec testkit.ClipSpec) {
	t.Helper()
	beeps, flashes, want := testkit.Beeps(t, at), testkit.Flashes(t, at), spec.FlashTimes()
	if len(beeps) != len(want) || len(flashes) != len(want) {
		t.Errorf("%s: beeps at %v and flashes at %v, want %d of each", what, beeps, flashes, len(want))
		return
	}
	for i := range want {
		if apart := beeps[i] - flashes[i]; apart.Abs() > 40*time.Millisecond {
			t.Errorf("%s: at %v the sound is %v after the picture", what, want[i], apart)
		}
	}
}

// stereo demands an audible AAC track of two channels.
func stereo(t *testing.T, what, at string) {
	t.Helper()
	a := testkit.Probe(t, at).Of("audio")
	if a == nil || a.Codec != "aac" || a.Channels != 2 || a.SampleRate != "48000" {
		t.Errorf("%s: the sound is %+v, want AAC, stereo, 48 kHz", what, a)
		return
	}
	if loud := testkit.Loudness(t, at); loud < 0.02 {
		t.Errorf("%s: the loudness is %g: silence", what, loud)
	}
}

// running gives the command lines of processes that name a text.
func running(t *testing.T, text string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		line, err := os.ReadFile(f)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !strings.Contains(err.Error(), "no such process") {
			t.Fatal(err)
		}
		if bytes.Contains(line, []byte(text)) {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

// until asks again and again until a condition holds.
func until(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("after %v: %s", limit, what)
		}
		<-tick.C
	}
}

// about tells whether two numbers differ by less than a share of the second.
func about(got, want, share float64) bool {
	d := got - want
	return d <= share*want && -d <= share*want
}

// keyOf gives bucket and key of an s3:// URI.
func keyOf(t *testing.T, uri string) (bucket, key string) {
	t.Helper()
	bucket, key, err := spool.ParseS3URI(uri)
	if err != nil {
		t.Fatal(err)
	}
	return bucket, key
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func list(keys []string) string { return fmt.Sprintf("%d:\n%s", len(keys), strings.Join(keys, "\n")) }
