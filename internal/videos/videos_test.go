package videos_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

var update = flag.Bool("update", false, "write the golden files")

// handle gives the stage an event of a job by hand.
func (r *rig) handle(e spool.Event) {
	r.t.Helper()
	if err := r.Handle(r.t.Context(), message(r.t, e)); err != nil {
		r.t.Fatal(err)
	}
}

func golden(t *testing.T, name string, v spool.Video) {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	file, got := filepath.Join("testdata", name), string(text)+"\n"
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(file, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (run with -update if this is meant):\n%s", file, diff)
	}
}

func TestFollowsItsJob(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	guid, id := r.video("in/My film.mp4")
	golden(t, "1-ingest.json", r.get(guid))

	r.handle(eventOf(r.set(id, progressing), mediaconvert.EventProgressing))
	golden(t, "2-encode.json", r.get(guid))

	r.handle(eventOf(r.set(id, withInputs), mediaconvert.EventInputInformation))
	golden(t, "3-inputs.json", r.get(guid))

	r.set(id, func(j *spool.Job) { j.Percent = 42 }) // written by jobs alone
	if v := r.get(guid); v.Percent != 42 || v.Phase != spool.PhaseTranscoding {
		t.Errorf("percent %d, phase %s", v.Percent, v.Phase)
	}

	r.handle(eventOf(r.set(id, complete), mediaconvert.EventComplete))
	golden(t, "4-complete.json", r.get(guid))
}

func TestErrors(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	guid, id := r.video("broken.mp4")
	r.handle(eventOf(r.set(id, progressing), mediaconvert.EventProgressing))
	r.handle(eventOf(r.set(id, func(j *spool.Job) {
		j.Status, j.FinishedAt, j.Failure = spool.JobError, start.Add(time.Second), spool.Failf(spool.CodeDemux, "The file is broken.")
	}), mediaconvert.EventError))
	golden(t, "error.json", r.get(guid))

	guid, id = r.video("unwanted.mp4")
	r.handle(eventOf(r.set(id, func(j *spool.Job) { j.Status, j.FinishedAt = spool.JobCanceled, start }), mediaconvert.EventCanceled))
	golden(t, "canceled.json", r.get(guid))
}

// Events in any order, twice, and some not at all give the same record.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		guid, id := r.video("a.mp4")
		events := []spool.Event{
			eventOf(r.set(id, progressing), mediaconvert.EventProgressing),
			eventOf(r.set(id, withInputs), mediaconvert.EventInputInformation),
			eventOf(r.set(id, complete), mediaconvert.EventComplete),
		}
		events = append(events, events...)
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for _, e := range events[:1+random.IntN(len(events))] {
			r.handle(e)
		}
		v := r.get(guid)
		if v.WorkflowStatus != spool.VideoComplete || v.HLSPlaylist == "" || v.SrcMediainfo == "" || *v.TotalFrames != 371 {
			t.Fatalf("%+v", v)
		}
	}
}

func TestEventsOfOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := t.Context()
	if err := r.Handle(ctx, spool.Message{Subject: "event.video", Data: []byte("{")}); err != nil {
		t.Error(err)
	}
	for _, data := range []string{"{", `{"detail":{}}`, `{"detail":{"jobId":"0000000000000-aaaaaa"}}`, `{"detail":3}`} {
		if err := r.Handle(ctx, spool.Message{Subject: "event.mediaconvert", Data: []byte(data)}); !spool.IsPermanent(err) {
			t.Errorf("%s: %v", data, err)
		}
	}
	guid, _ := r.video("a.mp4")
	_, other := r.video("b.mp4")
	r.handle(eventOf(r.set(other, complete), mediaconvert.EventComplete))
	if v := r.get(guid); v.WorkflowStatus != spool.VideoIngest {
		t.Errorf("%+v", v)
	}
}

func TestMend(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	waiting, _ := r.video("waiting.mp4")
	running, id := r.video("running.mp4")
	r.set(id, progressing)
	done, id := r.video("done.mp4")
	r.set(id, complete)
	if err := r.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	for guid, want := range map[string]spool.VideoStatus{waiting: spool.VideoIngest, running: spool.VideoEncode, done: spool.VideoComplete} {
		if got := r.get(guid).WorkflowStatus; got != want {
			t.Errorf("%s is %s, want %s", guid, got, want)
		}
	}
	if open, err := r.db.OpenVideos(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("still open: %v, %v", open, err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 5 {
		r.video("a.mp4")
	}
	_, id := r.video("done.mp4")
	r.handle(eventOf(r.set(id, complete), mediaconvert.EventComplete))
	var got []string
	filter := spool.VideoFilter{Limit: 2}
	for pages := 1; ; pages++ {
		list, next, err := r.List(t.Context(), filter)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range list {
			got = append(got, v.GUID)
		}
		if filter.After = next; next == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	if diff := cmp.Diff([]string{"guid-6", "guid-5", "guid-4", "guid-3", "guid-2", "guid-1"}, got); diff != "" {
		t.Error(diff)
	}
	list, _, err := r.List(t.Context(), spool.VideoFilter{Status: spool.VideoComplete, Limit: 10})
	if err != nil || len(list) != 1 || list[0].HLSURL != "https://cdn.example/media/x/My%20film.m3u8" {
		t.Fatalf("%+v, %v", list, err)
	}
	const media = "https://cdn.example/media/x/"
	want := []string{media + "d.mpd", media + "c.m3u8", media + "c.mpd", media + "s.ism/Manifest"}
	if diff := cmp.Diff(want, []string{list[0].DASHURL, list[0].CMAFHLSURL, list[0].CMAFDASHURL, list[0].MSSURL}); diff != "" {
		t.Error(diff)
	}
	if _, _, err := r.List(t.Context(), spool.VideoFilter{After: "nobody", Limit: 1}); !errors.Is(err, spool.ErrInvalid) {
		t.Error(err)
	}
	if _, err := r.Get(t.Context(), "nobody"); !errors.Is(err, spool.ErrNotFound) {
		t.Error(err)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	guid, id := r.video("in/My film.mp4")
	ctx, cancel := context.WithCancel(t.Context())
	changes, err := r.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := r.Watch(t.Context()) // reads at the end only
	if err != nil {
		t.Fatal(err)
	}
	r.publish(eventOf(r.set(id, progressing), mediaconvert.EventProgressing))
	until(t, changes, func(v spool.Video) bool { return v.WorkflowStatus == spool.VideoEncode })

	report, err := json.Marshal(spool.Report{JobID: id, Kind: spool.ReportProgress, Progress: &spool.Progress{Phase: spool.PhaseTranscoding, Percent: 37}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.bus.Broadcast(spool.SubjectProgress+id, report); err != nil {
		t.Fatal(err)
	}
	until(t, changes, func(v spool.Video) bool { return v.Percent == 37 && v.Phase == spool.PhaseTranscoding })

	done := eventOf(r.set(id, complete), mediaconvert.EventComplete)
	r.publish(done)
	last := until(t, changes, func(v spool.Video) bool { return v.WorkflowStatus == spool.VideoComplete })
	if diff := cmp.Diff(r.get(guid), last); diff != "" {
		t.Error(diff)
	}
	until(t, slow, func(v spool.Video) bool { return v.WorkflowStatus == spool.VideoComplete })

	cancel()
	for range changes { // closed when ctx ends
	}
}

func TestStopEndsWatching(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stop, err := r.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	changes, err := r.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop()
	stop()
	if _, open := <-changes; open {
		t.Error("a change after the stop")
	}
	late, err := r.Watch(t.Context())
	if _, open := <-late; open || err != nil {
		t.Errorf("open %v, %v", open, err)
	}
}
