package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// testQueue sends jobs to a queue that runs one at a time. Their inputs come
// from a web server, which sees when each one starts.
func testQueue(t *testing.T, s *rig) {
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 1, W: 160, H: 90})
	web := newSite(t)
	var mu sync.Mutex
	var order []string
	ids := map[string]string{}
	hold, first := make(chan struct{}), make(chan struct{})
	web.mux.HandleFunc("/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimSuffix(r.PathValue("name"), ".mp4")
		mu.Lock()
		if !slices.Contains(order, name) {
			order = append(order, name)
			if len(order) == 1 {
				close(first)
			}
		}
		mu.Unlock()
		if name == "first" {
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		}
		http.ServeFile(w, r, clip)
	})
	send := func(name string, priority int32) {
		in := plainJob(web.URL+"/"+name+".mp4", "s3://lab/queue/")
		in.Queue, in.Priority = aws.String("narrow"), &priority
		ids[name] = s.submit(t, in)
	}
	send("first", 0)
	select {
	case <-first:
	case <-time.After(within):
		t.Fatal("the first job never asked for its input")
	}
	for _, j := range []struct {
		name     string
		priority int32
	}{{"low", -10}, {"plain-1", 0}, {"high", 20}, {"plain-2", 0}, {"highest", 50}} {
		send(j.name, j.priority)
	}
	queue := func() *mctypes.Queue {
		out, err := s.MediaConvert().GetQueue(t.Context(), &mediaconvert.GetQueueInput{Name: aws.String("narrow")})
		if err != nil {
			t.Fatal(err)
		}
		return out.Queue
	}
	if q := queue(); aws.ToInt32(q.ProgressingJobsCount) != 1 || aws.ToInt32(q.SubmittedJobsCount) != 5 {
		t.Errorf("the queue has %d jobs running and %d waiting, want 1 and 5", aws.ToInt32(q.ProgressingJobsCount), aws.ToInt32(q.SubmittedJobsCount))
	}
	close(hold)
	want := []string{"first", "highest", "high", "plain-1", "plain-2", "low"}
	var starts []time.Time
	var ends []time.Time
	for _, name := range want {
		job := s.complete(t, ids[name])
		starts, ends = append(starts, *job.Timing.StartTime), append(ends, *job.Timing.FinishTime)
		if n := aws.ToInt32(queue().ProgressingJobsCount); n > 1 {
			t.Errorf("%d jobs run at once in a queue that runs one", n)
		}
	}
	for i := range starts[1:] {
		if starts[i+1].Before(ends[i]) {
			t.Errorf("%s started at %v, before %s ended at %v", want[i+1], starts[i+1], want[i], ends[i])
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(order, want) {
		t.Errorf("the jobs started in the order %v, want %v", order, want)
	}
}

// slowJob takes minutes: far more picture than its input has.
func slowJob(input, destination string) *mediaconvert.CreateJobInput {
	in := fileJob(input, destination, mp4Output("", &mctypes.VideoCodecSettings{
		Codec: mctypes.VideoCodecH265, H265Settings: &mctypes.H265Settings{
			RateControlMode: mctypes.H265RateControlModeQvbr, MaxBitrate: aws.Int32(20_000_000),
			QualityTuningLevel: mctypes.H265QualityTuningLevelMultiPassHq,
		},
	}))
	in.Settings.OutputGroups[0].Outputs[0].VideoDescription.Width = aws.Int32(1920)
	in.Settings.OutputGroups[0].Outputs[0].VideoDescription.Height = aws.Int32(1080)
	return in
}

// testCancel cancels a job in the middle of its encode.
func testCancel(t *testing.T, s *rig) {
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 25, W: 320, H: 180, FPS: ntsc, Audio: testkit.Stereo})
	id := s.submit(t, slowJob(s.put(t, "cancel/in.mp4", clip), "s3://lab/cancel/out/"))
	until(t, within, "the job does not encode", func() bool {
		return s.job(t, id).CurrentPhase == mctypes.JobPhaseTranscoding && len(running(t, id)) > 0
	})
	if _, err := s.MediaConvert().CancelJob(t.Context(), &mediaconvert.CancelJobInput{Id: &id}); err != nil {
		t.Fatalf("cancel: %v", err)
	}
	until(t, time.Second, "FFmpeg still runs for a job that was canceled", func() bool { return len(running(t, id)) == 0 })
	job := s.WaitJob(t, id, within)
	if job.Status != mctypes.JobStatusCanceled || job.Timing.FinishTime == nil {
		t.Errorf("the job is %s, finished at %v", job.Status, job.Timing.FinishTime)
	}
	until(t, 10*time.Second, "the staging folder of the job is still there", func() bool {
		_, err := os.Stat(filepath.Join(s.Data, "staging", id))
		return os.IsNotExist(err)
	})
	if keys := s.Keys(t, "lab", "cancel/out/"); len(keys) > 0 {
		t.Errorf("a job that was canceled published %s", list(keys))
	}
	if _, err := s.MediaConvert().CancelJob(t.Context(), &mediaconvert.CancelJobInput{Id: &id}); !isA[*mctypes.ConflictException](err) {
		t.Errorf("a second cancel is answered with %v, want a ConflictException", err)
	}
}

// testFeed watches the event stream while an upload goes its way.
func testFeed(t *testing.T, s *rig) {
	const key = "feed/video.mp4"
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 2, W: 320, H: 180, Audio: testkit.Stereo})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.HTTP+"/api/v1/videos/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(s.AccessKey, s.SecretKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("the feed answers %d, %s", resp.StatusCode, kind)
	}
	stop := time.AfterFunc(within, func() { resp.Body.Close() })
	defer stop.Stop()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	uploaded := false
	var seen []spool.Video
	for lines.Scan() {
		if !uploaded { // the first line says that nothing from here on is missed
			s.Upload(t, "ingress", key, clip)
			uploaded = true
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var v spool.Video
		if err := json.Unmarshal([]byte(data), &v); err != nil {
			t.Fatal(err)
		}
		if v.SrcBucket != "ingress" || v.SrcVideo != key {
			continue
		}
		seen = append(seen, v)
		if v.WorkflowStatus == spool.VideoComplete || v.WorkflowStatus == spool.VideoError {
			break
		}
	}
	checkFeed(t, seen)
	last := seen[len(seen)-1]
	if stored := s.Video(t, last.GUID); fmt.Sprintf("%+v", stored.MP4URLs) != fmt.Sprintf("%+v", last.MP4URLs) || stored.WorkflowStatus != last.WorkflowStatus {
		t.Errorf("the feed ends with %+v, the table has %+v", last, stored)
	}
	var info struct {
		Container struct {
			Duration int64 `json:"duration"`
		} `json:"container"`
		Video []struct {
			Width      int   `json:"width"`
			FrameCount int64 `json:"frameCount"`
		} `json:"video"`
		Audio []struct {
			Channels int `json:"channels"`
		} `json:"audio"`
	}
	if err := json.Unmarshal([]byte(last.SrcMediainfo), &info); err != nil {
		t.Fatalf("srcMediainfo %q: %v", last.SrcMediainfo, err)
	}
	if len(info.Video) != 1 || info.Video[0].Width != 320 || info.Video[0].FrameCount != 60 ||
		len(info.Audio) != 1 || info.Audio[0].Channels != 2 || !about(float64(info.Container.Duration), 2000, 0.05) {
		t.Errorf("srcMediainfo is %s", last.SrcMediainfo)
	}
}

// checkFeed demands that a video goes forward only, through its states.
func checkFeed(t *testing.T, seen []spool.Video) {
	t.Helper()
	var states []spool.VideoStatus
	percent := 0
	for _, v := range seen {
		states = append(states, v.WorkflowStatus)
		if v.GUID != seen[0].GUID {
			t.Errorf("two records of one upload: %s and %s", seen[0].GUID, v.GUID)
		}
		if v.Percent < percent {
			t.Errorf("from %d to %d percent", percent, v.Percent)
		}
		percent = v.Percent
	}
	if got := slices.Compact(states); !slices.Equal(got, []spool.VideoStatus{spool.VideoIngest, spool.VideoEncode, spool.VideoComplete}) {
		t.Fatalf("the video went through %v", got)
	}
	if percent != 100 {
		t.Errorf("a complete video stands at %d percent", percent)
	}
}
