package e2e

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/bus"
	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

// detail is what the events of the three jobs have in common and apart.
type detail struct {
	Timestamp    int64             `json:"timestamp"`
	AccountID    string            `json:"accountId"`
	Queue        string            `json:"queue"`
	JobID        string            `json:"jobId"`
	Status       string            `json:"status"`
	UserMetadata map[string]string `json:"userMetadata"`
	ErrorCode    int               `json:"errorCode"`
	ErrorMessage string            `json:"errorMessage"`
	JobProgress  struct {
		Percent int    `json:"jobPercentComplete"`
		Phase   string `json:"currentPhase"`
	} `json:"jobProgress"`
	InputDetails       []json.RawMessage `json:"inputDetails"`
	OutputGroupDetails []struct {
		Type          string   `json:"type"`
		Playlists     []string `json:"playlistFilePaths"`
		OutputDetails []struct {
			Paths      []string `json:"outputFilePaths"`
			DurationMS int      `json:"durationInMs"`
			Video      struct {
				Width  int `json:"widthInPx"`
				Height int `json:"heightInPx"`
			} `json:"videoDetails"`
		} `json:"outputDetails"`
	} `json:"outputGroupDetails"`
}

// TestEvents follows three jobs by GetJob and then, once the server has
// stopped, reads the events that it sent from the bus it left behind.
func TestEvents(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	s := &rig{harness.StartServer(t, harness.Options{Config: `
buckets: [{name: lab, deliver: true}]
workers: {slots: 3}
inputs: {allowPrivateAddresses: true}
`})}
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 4, W: 320, H: 180, Audio: testkit.Stereo})
	send := func(in *mediaconvert.CreateJobInput, id string) string {
		in.UserMetadata = map[string]string{"assetID": id}
		in.StatusUpdateInterval = mctypes.StatusUpdateIntervalSeconds10
		return s.submit(t, in)
	}
	long := testkit.Clip(t, testkit.ClipSpec{Seconds: 25, W: 320, H: 180, FPS: ntsc, Audio: testkit.Stereo})
	bad := send(plainJob("s3://lab/nothing.mp4", "s3://lab/out/"), "bad")
	stopped := send(slowJob(s.put(t, "long.mp4", long), "s3://lab/out/"), "stopped")

	s.WaitJob(t, bad, within)
	until(t, within, "the job to cancel does not encode", func() bool { return s.job(t, stopped).CurrentPhase == mctypes.JobPhaseTranscoding })
	if _, err := s.MediaConvert().CancelJob(t.Context(), &mediaconvert.CancelJobInput{Id: &stopped}); err != nil {
		t.Fatalf("cancel: %v", err)
	}
	s.WaitJob(t, stopped, within)
	good := send(systemJob(t, "vod-hls", trickle(t, clip)+"/good.mp4", "s3://lab/out/", "s3://lab/out/", "s3://lab/out/thumbnail"), "good")
	watchJob(t, s, good)
	if code := s.Stop(); code != 0 {
		t.Errorf("the server stopped with code %d", code)
	}

	events := busEvents(t, s.Data)
	checkEvents(t, events[bad], "bad", []string{"PROGRESSING", "ERROR"})
	checkEvents(t, events[stopped], "stopped", []string{"PROGRESSING", "INPUT_INFORMATION", "CANCELED"})
	checkEvents(t, events[good], "good", []string{"PROGRESSING", "INPUT_INFORMATION", "COMPLETE"})
	if last := events[bad][len(events[bad])-1]; last.ErrorCode != 1404 || last.ErrorMessage == "" {
		t.Errorf("the ERROR event says %d %q", last.ErrorCode, last.ErrorMessage)
	}
	checkUpdates(t, events[good])
	checkComplete(t, events[good][len(events[good])-1])
}

// trickle serves a file so slowly that a job is at it for 22 seconds and does
// no work: two status updates are due meanwhile.
func trickle(t *testing.T, file string) string {
	t.Helper()
	all, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	web := newSite(t)
	web.mux.HandleFunc("GET /good.mp4", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "video/mp4")
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for n := range 22 {
			if _, err := w.Write(all[n*len(all)/22 : (n+1)*len(all)/22]); err != nil {
				return
			}
			if http.NewResponseController(w).Flush() != nil {
				return
			}
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			}
		}
	})
	return web.URL
}

// watchJob asks for a job until it is complete: states, phases and percent only
// go forward.
func watchJob(t *testing.T, s *rig, id string) {
	t.Helper()
	states := []mctypes.JobStatus{mctypes.JobStatusSubmitted, mctypes.JobStatusProgressing, mctypes.JobStatusComplete}
	phases := []mctypes.JobPhase{"", mctypes.JobPhaseProbing, mctypes.JobPhaseTranscoding, mctypes.JobPhaseUploading}
	state, phase, percent := 0, 0, int32(0)
	var probing, transcoding bool
	until(t, within, "the job is not complete", func() bool {
		job := s.job(t, id)
		nowState, nowPercent := slices.Index(states, job.Status), aws.ToInt32(job.JobPercentComplete)
		if nowState < state || nowPercent < percent {
			t.Fatalf("the job goes from %s, %d %% to %s, %d %%", states[state], percent, job.Status, nowPercent)
		}
		if job.Status == mctypes.JobStatusProgressing {
			nowPhase := slices.Index(phases, job.CurrentPhase)
			if nowPhase < phase || nowPercent > 99 {
				t.Fatalf("the job goes from %s to %s at %d %%", phases[phase], job.CurrentPhase, nowPercent)
			}
			phase = nowPhase
			probing = probing || job.CurrentPhase == mctypes.JobPhaseProbing
			transcoding = transcoding || job.CurrentPhase == mctypes.JobPhaseTranscoding
			if job.Timing.StartTime == nil || job.Timing.FinishTime != nil {
				t.Fatalf("the times of a job under way are %+v", job.Timing)
			}
		}
		state, percent = nowState, nowPercent
		return job.Status == mctypes.JobStatusComplete
	})
	if !probing || !transcoding {
		t.Errorf("the job was seen at probing: %v, at transcoding: %v", probing, transcoding)
	}
	job := s.job(t, id)
	times := job.Timing
	if times.SubmitTime == nil || times.StartTime == nil || times.FinishTime == nil ||
		times.StartTime.Before(*times.SubmitTime) || times.FinishTime.Before(times.StartTime.Add(20*time.Second)) {
		t.Errorf("the times of a complete job are %+v", times)
	}
	if percent != 100 || job.ErrorCode != nil || len(job.OutputGroupDetails) != 3 {
		t.Errorf("the complete job is at %d %%, with the error %v and %d groups", percent, job.ErrorCode, len(job.OutputGroupDetails))
	}
}

// busEvents reads the events of a stopped server, by job in their order.
func busEvents(t *testing.T, data string) map[string][]detail {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := bus.Start(ctx, bus.Options{Dir: filepath.Join(data, "bus"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("open the bus: %v", err)
	}
	defer func() {
		if err := b.Close(context.WithoutCancel(ctx)); err != nil {
			t.Errorf("close the bus: %v", err)
		}
	}()
	// A mark of our own tells that all before it has been read.
	if err := b.Publish(ctx, spool.SubjectEvent+"mediaconvert", "end-of-test", []byte(`{"source":"end-of-test"}`)); err != nil {
		t.Fatal(err)
	}
	found, ids := map[string][]detail{}, map[string]bool{}
	ended := make(chan struct{})
	stop, err := b.Consume(ctx, spool.StreamEvents, "test", 1, func(_ context.Context, m spool.Message) error {
		if m.Subject != spool.SubjectEvent+"mediaconvert" {
			return nil
		}
		var e spool.Event
		if err := json.Unmarshal(m.Data, &e); err != nil {
			t.Errorf("an event is %s: %v", m.Data, err)
			return nil
		}
		if e.Source == "end-of-test" {
			close(ended)
			return nil
		}
		var d detail
		if err := json.Unmarshal(e.Detail, &d); err != nil {
			t.Errorf("a detail is %s: %v", e.Detail, err)
			return nil
		}
		arn := "arn:aws:mediaconvert:us-east-1:000000000000:jobs/" + d.JobID
		if e.Source != "aws.mediaconvert" || e.DetailType != "MediaConvert Job State Change" || e.Version != "0" || ids[e.ID] ||
			e.Account != d.AccountID || !slices.Equal(e.Resources, []string{arn}) || e.Time.Unix() != d.Timestamp/1000 {
			t.Errorf("the envelope of an event is %+v", e)
		}
		ids[e.ID] = true
		found[d.JobID] = append(found[d.JobID], d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	select {
	case <-ended:
	case <-ctx.Done():
		t.Fatal("the bus gave no end")
	}
	return found
}

// checkEvents demands the events of a job in their order; status updates may
// come between the first and the last.
func checkEvents(t *testing.T, events []detail, asset string, want []string) {
	t.Helper()
	var got []string
	before := int64(0)
	for i, e := range events {
		if e.Status != "STATUS_UPDATE" {
			got = append(got, e.Status)
		} else if i == 0 || i == len(events)-1 {
			t.Errorf("%s: a status update comes first or last", asset)
		}
		if e.UserMetadata["assetID"] != asset || e.AccountID != "000000000000" || !strings.HasSuffix(e.Queue, ":queues/Default") {
			t.Errorf("%s: the event %s says %+v", asset, e.Status, e)
		}
		if e.Timestamp < before {
			t.Errorf("%s: the event %s is of a time before the last one", asset, e.Status)
		}
		before = e.Timestamp
		if e.Status == "INPUT_INFORMATION" && len(e.InputDetails) != 1 {
			t.Errorf("%s: the inputs are %s", asset, e.InputDetails)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s: the events are %v, want %v", asset, got, want)
	}
}

// checkUpdates demands a status update every ten seconds, going forward.
func checkUpdates(t *testing.T, events []detail) {
	t.Helper()
	began, n, percent := events[0].Timestamp, 0, 0
	for _, e := range events {
		if e.Status != "STATUS_UPDATE" {
			continue
		}
		n++
		after := time.Duration(e.Timestamp-began) * time.Millisecond
		if late := after - time.Duration(n)*10*time.Second; late < -time.Second || late > 3*time.Second {
			t.Errorf("status update %d comes %v after the start", n, after)
		}
		if e.JobProgress.Percent < percent || e.JobProgress.Percent > 99 || e.JobProgress.Phase == "" {
			t.Errorf("status update %d says %+v, the one before %d %%", n, e.JobProgress, percent)
		}
		percent = e.JobProgress.Percent
	}
	if n < 2 {
		t.Errorf("%d status updates in 22 seconds, want 2", n)
	}
}

// checkComplete looks at what the COMPLETE event lists.
func checkComplete(t *testing.T, e detail) {
	t.Helper()
	if len(e.OutputGroupDetails) != 3 {
		t.Fatalf("the COMPLETE event lists %+v", e.OutputGroupDetails)
	}
	for i, want := range []struct {
		kind, path string
		playlists  []string
	}{
		{"HLS_GROUP", "s3://lab/out/goodstream.m3u8", []string{"s3://lab/out/good.m3u8"}},
		{"FILE_GROUP", "s3://lab/out/good.0000000.jpg", nil},
		{"FILE_GROUP", "s3://lab/out/thumbnail.0000000.jpg", nil},
	} {
		g := e.OutputGroupDetails[i]
		if g.Type != want.kind || !slices.Equal(g.Playlists, want.playlists) || len(g.OutputDetails) != 1 {
			t.Errorf("group %d is %+v", i, g)
			continue
		}
		o := g.OutputDetails[0]
		if !slices.Equal(o.Paths, []string{want.path}) || o.Video.Width != 320 || o.Video.Height != 180 {
			t.Errorf("group %d: the output is %+v", i, o)
		}
	}
	if ms := e.OutputGroupDetails[0].OutputDetails[0].DurationMS; !about(float64(ms), 4000, 0.01) {
		t.Errorf("the stream lasts %d ms, want 4000", ms)
	}
}
