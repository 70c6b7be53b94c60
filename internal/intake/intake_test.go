package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/config"
	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

var update = flag.Bool("update", false, "write the golden files")

func TestEventMakesVideoAndJob(t *testing.T) {
	t.Parallel()
	r := newRig(t, false, pipeline("vod"))
	r.put("uploads", "in/My film.MP4", "bytes", "")
	r.handle("uploads", "in/My film.MP4")
	r.want(1)
	v, job := r.videos()[0], r.jobs()[0]
	want := spool.Video{GUID: v.GUID, StartTime: v.StartTime, WorkflowTrigger: "Video", WorkflowStatus: spool.VideoIngest, WorkflowName: "vod",
		SrcBucket: "uploads", SrcVideo: "in/My film.MP4", SrcETag: "4b3a6218bb3e3a7303e8a171a60fcf92", SrcSize: 5, DestBucket: "results",
		IngressVideoBucket: "uploads", IngressVideoKey: "in/My film.MP4",
		EncodeJobID: job.ID, MediaConvertJobID: job.ID, MediaConvertStatus: "SUBMITTED",
		UserMetadata: map[string]string{"guid": v.GUID, "name": "My film"}}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want.UserMetadata, job.UserMetadata); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{`"fileInput":"s3://uploads/in/My film.MP4"`, `"destination":"s3://results/` + v.GUID + `/"`} {
		if !strings.Contains(string(job.Settings), part) {
			t.Errorf("no %s in %s", part, job.Settings)
		}
	}
	rows, err := r.db.PendingOutbox(t.Context(), 10)
	if err != nil || len(rows) != 1 || rows[0].Subject != "event.video" {
		t.Fatalf("outbox: %v, %v", rows, err)
	}
	var e spool.Event
	var told spool.Video
	if err := errors.Join(json.Unmarshal(rows[0].Data, &e), json.Unmarshal(e.Detail, &told)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v, told); diff != "" {
		t.Error(diff)
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, false, pipeline("one"), pipeline("two"))
	r.put("uploads", "a.mp4", "bytes", "")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := r.Handle(t.Context(), event(t, "ObjectCreated:CompleteMultipartUpload", "uploads", "a.mp4")); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, _, err := r.Rescan(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	r.want(2) // one for each pipeline
	r.renew()
	r.handle("uploads", "a.mp4")
	r.rescan()
	r.want(2)
	if rows, err := r.db.PendingOutbox(t.Context(), 10); err != nil || len(rows) != 2 {
		t.Errorf("%d messages, %v", len(rows), err)
	}
}

func TestSameBytesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, false, pipeline("vod"))
	r.put("uploads", "a.mp4", "bytes", "")
	r.handle("uploads", "a.mp4")
	r.put("uploads", "a.mp4", "bytes", "")
	if n, _ := r.rescan(); n != 0 { // could be a restored backup
		t.Errorf("the rescan took known bytes: %d", n)
	}
	r.handle("uploads", "a.mp4") // an upload
	r.want(2)
	r.put("uploads", "a.mp4", "other", "")
	if n, _ := r.rescan(); n != 1 {
		t.Errorf("the rescan took %d objects; one has new bytes", n)
	}
	r.handle("uploads", "a.mp4")
	r.want(3)
}

func TestNotTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t, false, pipeline("vod"))
	r.put("uploads", "notes.txt", "x", "")
	r.put("uploads", "out.mp4", "x", "1712252725875-defhgi")
	for _, m := range []spool.Message{
		event(t, "ObjectCreated:Put", "uploads", "notes.txt"),
		event(t, "ObjectCreated:Put", "uploads", "out.mp4"),
		event(t, "ObjectCreated:Put", "uploads", "gone.mp4"),
		event(t, "ObjectRemoved:Delete", "uploads", "out.mp4"),
		event(t, "ObjectCreated:Put", "elsewhere", "a.mp4"),
		event(t, "ObjectCreated:Put", "uploads", "a.mp4/"),
		{Data: []byte(`{"Service":"Amazon S3","Event":"s3:TestEvent"}`)},
	} {
		if err := r.Handle(t.Context(), m); err != nil {
			t.Errorf("%s: %v", m.Data, err)
		}
	}
	if n, young := r.rescan(); n != 0 || young {
		t.Errorf("rescan: %d, %v", n, young)
	}
	r.want(0)
}

func TestPoison(t *testing.T) {
	t.Parallel()
	r := newRig(t, false, pipeline("vod"))
	for _, data := range []string{``, `[]`, `"x"`, `{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"uploads"},"object":{"key":"%zz"}}}]}`,
		`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"uploads"},"object":{"key":"..%2Fa.mp4"}}}]}`,
		`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"uploads"},"object":{"key":"a%00.mp4"}}}]}`} {
		if err := r.Handle(t.Context(), spool.Message{Data: []byte(data)}); !spool.IsPermanent(err) {
			t.Errorf("%s: %v", data, err)
		}
	}
}

func TestRescan(t *testing.T) {
	t.Parallel()
	r := newRig(t, false, pipeline("vod"))
	r.put("uploads", "lost.mp4", "x", "")
	r.put("uploads", "deep/er/also lost.mp4", "x", "")
	r.put("uploads", "before.mp4", "x", "")
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(r.folder.Root(), "uploads", "before.mp4"), old, old); err != nil {
		t.Fatal(err)
	}
	r.opts.Settle = time.Hour
	r.renew()
	if n, young := r.rescan(); n != 0 || !young {
		t.Errorf("while events may be on their way: %d, %v", n, young)
	}
	r.opts.Settle = time.Nanosecond
	r.renew()
	if n, young := r.rescan(); n != 2 || young {
		t.Errorf("rescan: %d, %v", n, young)
	}
	r.want(2)
	for _, v := range r.videos() {
		if v.SrcVideo == "before.mp4" {
			t.Error("an object from before the pipeline was taken")
		}
	}
}

func TestRescanGoesOnAfterAnError(t *testing.T) {
	t.Parallel()
	first := pipeline("first")
	first.Bucket = "removed"
	r := newRig(t, false, first, pipeline("vod"))
	if err := os.RemoveAll(filepath.Join(r.folder.Root(), "removed")); err != nil {
		t.Fatal(err)
	}
	r.put("uploads", "lost.mp4", "x", "")
	if n, _, err := r.Rescan(t.Context()); n != 1 || !errors.Is(err, spool.ErrNotFound) {
		t.Errorf("rescan: %d, %v", n, err)
	}
}

func TestAwkwardKeys(t *testing.T) {
	t.Parallel()
	p := pipeline("vod")
	p.Destinations = []string{"s3://results/{folder}/{name}"}
	p.UserMetadata["key"] = "{key}"
	r := newRig(t, false, p)
	keys := []string{"a b.mp4", "a+b.mp4", "100%.mp4", "%41.mp4", "a&b=c;d.mp4", `it's "quoted".mp4`, "[x] {y}.mp4", "-report.mp4", "日本語/фильм.mp4",
		"e\u0301te\u0301.mp4", "🐈.mp4", "a,b:c@d!e~f(g)*h.mp4", "back\\slash.mp4", "a?b#c.mp4", "tail .mp4", "...mp4", "a..b.mp4", "<x>|y^`z.mp4",
		strings.Repeat("n", 240) + ".mp4"}
	seen := map[string]bool{}
	for _, key := range keys {
		r.put("uploads", key, key, "")
		r.handle("uploads", key)
	}
	for _, v := range r.videos() {
		if v.WorkflowStatus != spool.VideoIngest {
			t.Errorf("%q: %s", v.SrcVideo, v.ErrorMessage)
			continue
		}
		seen[v.SrcVideo] = true
		job, err := r.db.Job(t.Context(), v.EncodeJobID)
		if err != nil {
			t.Fatal(err)
		}
		settings, err := mediaconvert.DecodeSettings(job.Settings)
		if err != nil {
			t.Fatal(err)
		}
		if got := *settings.Inputs[0].FileInput; got != "s3://uploads/"+v.SrcVideo {
			t.Errorf("%q became the input %q", v.SrcVideo, got)
		}
		want := "s3://results/" + strings.TrimSuffix(v.SrcVideo, ".mp4")
		if v.SrcVideo == "...mp4" { // ".." would be no name
			want = "s3://results/...mp4"
		}
		if got := *settings.OutputGroups[0].OutputGroupSettings.FileGroupSettings.Destination; got != want {
			t.Errorf("%q goes to %q", v.SrcVideo, got)
		}
	}
	for _, key := range keys {
		if !seen[key] {
			t.Errorf("%q was not taken", key)
		}
	}
}

func TestJobThatCannotBeMade(t *testing.T) {
	t.Parallel()
	noQueue := pipeline("no queue")
	noQueue.Queue = "deleted"
	bad := pipeline("bad settings")
	bad.Job = json.RawMessage(strings.Replace(mp4Job, "1000000", "1", 1))
	r := newRig(t, false, noQueue, bad)
	r.put("uploads", "a.mp4", "x", "")
	r.handle("uploads", "a.mp4")
	r.handle("uploads", "a.mp4")
	videos := r.videos()
	if len(videos) != 2 || len(r.jobs()) != 0 {
		t.Fatalf("%d videos, %d jobs", len(videos), len(r.jobs()))
	}
	for _, v := range videos {
		want := map[string]string{"no queue": `The queue "deleted" does not exist`, "bad settings": "axBitrate"}[v.WorkflowName]
		if v.WorkflowStatus != spool.VideoError || v.WorkflowErrorAt != "Ingest" || v.EndTime == nil || v.EncodeJobID != "" || !strings.Contains(v.ErrorMessage, want) {
			t.Errorf("%+v", v)
		}
	}
}

// library gives one job template, or an error as a store does.
type library struct {
	template spool.JobTemplate
	err      error
}

func (l library) Preset(string) (spool.Preset, error) { return spool.Preset{}, spool.ErrNotFound }

func (l library) JobTemplate(string) (spool.JobTemplate, error) { return l.template, l.err }

// TestTemplate: a pipeline's job may name a job template. One that can't be
// looked up now is looked up again, and is no fault of the upload.
func TestTemplate(t *testing.T) {
	t.Parallel()
	p := pipeline("template")
	p.Job = json.RawMessage(`{"jobTemplate":"web","settings":{"outputGroups":[{"outputGroupSettings":{"fileGroupSettings":{}}}]}}`)
	r := newRig(t, false, p)
	tmpl, err := mediaconvert.DecodeCreateJobTemplate([]byte(mp4Job[strings.Index(mp4Job, `{"inputs"`):len(mp4Job)-1]), mediaconvert.FormFile)
	if err != nil {
		t.Fatal(err)
	}
	tmpl.Name = "web"
	lib := library{err: errors.New("the database is away")}
	r.opts.Library = func(context.Context) mediaconvert.Library { return lib }
	r.renew()
	r.put("uploads", "a.mp4", "x", "")
	if err := r.Handle(t.Context(), event(t, "ObjectCreated:Put", "uploads", "a.mp4")); err == nil || len(r.videos()) != 0 {
		t.Fatalf("%v, %v", err, r.videos())
	}
	lib = library{template: tmpl}
	r.handle("uploads", "a.mp4")
	videos, made := r.videos(), r.jobs()
	if len(videos) != 1 || len(made) != 1 || videos[0].JobTemplate != "web" || !strings.Contains(string(made[0].Settings), `"destination":"s3://results/`+videos[0].GUID+`/"`) ||
		!strings.Contains(string(made[0].Settings), `"maxBitrate":1000000`) {
		t.Errorf("%+v, %+v", videos, made)
	}
}

func TestFilledExamples(t *testing.T) {
	t.Parallel()
	values := spool.PatternValues{Key: "folder one/My clip.v2.mp4", GUID: "GUID", UUID: "UUID", Time: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)}
	for _, name := range []string{"frames", "vod-hls", "cattube", "abr-hls", ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := ""
			if name != "" {
				path = filepath.Join("..", "..", "examples", name, "spool.yaml")
			}
			cfg, err := config.Load(path, func(string) string { return "" }, config.Overrides{})
			if err != nil {
				t.Fatal(err)
			}
			p, values := cfg.Pipelines[0], values
			values.Bucket = p.Bucket
			filled, err := p.Fill(values)
			if err != nil {
				t.Fatal(err)
			}
			var tree any
			if err := json.Unmarshal(filled.Request, &tree); err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(tree, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, p.Name+".json", string(got)+"\n")
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
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

func TestThroughTheBus(t *testing.T) {
	t.Parallel()
	r := newRig(t, true, pipeline("vod"))
	r.put("uploads", "lost.mp4", "x", "") // its event was never published
	publish := func(id, key string) {
		m := event(t, "ObjectCreated:Put", "uploads", key)
		if err := r.bus.Publish(t.Context(), m.Subject, id, m.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.bus.Publish(t.Context(), "object.created", "poison", []byte("{")); err != nil {
		t.Fatal(err)
	}
	r.put("uploads", "before.mp4", "x", "") // its event waits for the start
	publish("before", "before.mp4")
	stop, err := r.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for i := range 5 {
		r.put("uploads", fmt.Sprintf("%d.mp4", i), "x", "")
		publish(fmt.Sprint(i, " once"), fmt.Sprintf("%d.mp4", i))
		publish(fmt.Sprint(i, " twice"), fmt.Sprintf("%d.mp4", i))
	}
	for range 7 {
		select {
		case <-r.submitted:
		case <-time.After(20 * time.Second):
			t.Fatalf("after 20 s there are %d jobs", len(r.jobs()))
		}
	}
	stop()
	stop()
	r.want(7)
}

func FuzzS3Event(f *testing.F) {
	r := newRig(f, false, pipeline("vod"))
	r.put("uploads", "a b.mp4", "x", "")
	f.Add(event(f, "ObjectCreated:Put", "uploads", "a b.mp4").Data)
	f.Add([]byte(`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"uploads"},"object":{"key":"%2e%2e/%00.mp4"}}},null]}`))
	f.Add([]byte(`{"Records":null}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := r.Handle(t.Context(), spool.Message{Subject: "object.created", Data: data})
		if err != nil && !spool.IsPermanent(err) {
			t.Errorf("no repetition mends this, but it would be repeated: %v", err)
		}
	})
}
