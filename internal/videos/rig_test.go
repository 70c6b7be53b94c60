package videos_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"spool/internal/announce"
	"spool/internal/bus"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
	"spool/internal/videos"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2024, 4, 5, 6, 7, 8, 0, time.UTC)

// rig is the table on SQLite and JetStream, with a relay between them.
type rig struct {
	t    *testing.T
	db   *store.DB
	bus  *bus.Bus
	made int
	*videos.Service
}

// readJobs is how the stage sees jobs.
type readJobs struct{ db *store.DB }

func (r readJobs) Get(ctx context.Context, id string) (spool.Job, error) { return r.db.Job(ctx, id) }

func newRig(t *testing.T) *rig {
	t.Helper()
	dir, log := t.TempDir(), slog.New(slog.NewTextHandler(t.Output(), nil))
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "spool.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	b, err := bus.Start(t.Context(), bus.Options{Dir: filepath.Join(dir, "bus"), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	relaying, stopRelay := context.WithCancel(context.Background())
	relayed := make(chan error)
	relay := announce.New(announce.Options{Outbox: db, Publisher: b, Log: log})
	go func() { relayed <- relay.Run(relaying) }()
	t.Cleanup(func() {
		stopRelay()
		if err := <-relayed; err != nil {
			t.Error(err)
		}
	})
	r := &rig{t: t, db: db, bus: b}
	r.Service = videos.New(videos.Options{
		Store: db, Jobs: readJobs{db}, Bus: b, Identity: spool.DefaultIdentity(), NewID: uuid.NewString, Log: log,
		InTx: func(ctx context.Context, f func(videos.Tx) error) error {
			return storetest.Twice(ctx, db, func(tx *store.Tx) error { return f(tx) })
		},
		URL: func(bucket, key string) string {
			if bucket == "private" {
				return ""
			}
			return "https://cdn.example/" + bucket + "/" + (&url.URL{Path: key}).EscapedPath()
		},
	})
	err = db.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.InsertQueue(t.Context(), spool.Queue{Name: "Default", Status: "ACTIVE"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) start() {
	r.t.Helper()
	stop, err := r.Start(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(stop)
}

// video writes a video and its job as intake does; both begin at start.
func (r *rig) video(key string) (guid, jobID string) {
	r.t.Helper()
	r.made++
	guid, jobID = fmt.Sprintf("guid-%d", r.made), fmt.Sprintf("1712297228000-%06d", r.made)
	err := r.db.Tx(r.t.Context(), func(tx *store.Tx) error {
		job := spool.Job{ID: jobID, Status: spool.JobSubmitted, CreatedAt: start,
			JobRequest: spool.JobRequest{Queue: "Default", VideoGUID: guid, Settings: []byte(`{}`)}}
		v := spool.Video{GUID: guid, StartTime: start.Add(time.Duration(r.made) * time.Second), WorkflowTrigger: "Video",
			WorkflowStatus: spool.VideoIngest, WorkflowName: "vod", SrcBucket: "uploads", SrcVideo: key, EncodeJobID: jobID}
		_, err := tx.InsertVideo(r.t.Context(), v, guid, guid)
		return errors.Join(err, tx.InsertJob(r.t.Context(), job))
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return guid, jobID
}

// set changes a job without an event.
func (r *rig) set(jobID string, change func(*spool.Job)) spool.Job {
	r.t.Helper()
	var job spool.Job
	err := r.db.Tx(r.t.Context(), func(tx *store.Tx) (err error) {
		if job, err = tx.LockJob(r.t.Context(), jobID); err != nil {
			return err
		}
		change(&job)
		return tx.SaveJob(r.t.Context(), job)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return job
}

// message is an event of a job.
func message(t *testing.T, e spool.Event) spool.Message {
	t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return spool.Message{Subject: "event.mediaconvert", Data: data, Delivered: 1}
}

func (r *rig) publish(e spool.Event) {
	r.t.Helper()
	m := message(r.t, e)
	if err := r.bus.Publish(r.t.Context(), m.Subject, e.ID, m.Data); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) get(guid string) spool.Video {
	r.t.Helper()
	v, err := r.Get(r.t.Context(), guid)
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

// until waits for a change that is wanted.
func until(t *testing.T, changes <-chan spool.Video, wanted func(spool.Video) bool) spool.Video {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case v, open := <-changes:
			if !open {
				t.Fatal("the changes ended")
			}
			if wanted(v) {
				return v
			}
		case <-deadline:
			t.Fatal("the change did not come in 20 s")
		}
	}
}

func progressing(j *spool.Job) {
	j.Status, j.Phase, j.StartedAt, j.Attempt = spool.JobProgressing, spool.PhaseProbing, start, 1
}

func withInputs(j *spool.Job) {
	progressing(j)
	j.Phase, j.Percent = spool.PhaseTranscoding, 5
	j.Inputs = []spool.InputInfo{{URI: "s3://uploads/in/My film.mp4", Media: spool.Media{
		Format: "mov,mp4,m4a,3gp,3g2,mj2", Duration: 12345 * time.Millisecond, Size: 1 << 20, BitRate: 679_000,
		Video: []spool.VideoTrack{{Codec: "h264", Profile: "High", Width: 1440, Height: 1080, SampleAspect: spool.Rational{Num: 4, Den: 3},
			AvgFrameRate: spool.Rational{Num: 30000, Den: 1001}, Frames: 370, BitDepth: 8, FieldOrder: "progressive", ColorSpace: "bt709", Rotation: 90}},
		Audio: []spool.AudioTrack{{Codec: "aac", Profile: "LC", Channels: 2, SampleRate: 48000, BitRate: 128000, Language: "eng"}},
		Text:  []spool.TextTrack{{Codec: "mov_text", Language: "deu"}},
	}}}
}

func complete(j *spool.Job) {
	withInputs(j)
	j.Status, j.Phase, j.Percent, j.FinishedAt = spool.JobComplete, "", 100, start.Add(time.Minute)
	j.Groups = []spool.OutputGroup{
		{Type: spool.GroupHLS, Playlists: []string{"s3://media/x/My film.m3u8"}, Outputs: []spool.Output{{Paths: []string{"s3://media/x/My film_720p.m3u8"}}}},
		{Type: spool.GroupDASH, Playlists: []string{"s3://media/x/d.mpd"}},
		{Type: spool.GroupCMAF, Playlists: []string{"s3://media/x/c.m3u8", "s3://media/x/c.mpd", "s3://media/x/c-small.m3u8"}},
		{Type: spool.GroupCMAF, Playlists: []string{"s3://media/x/e.m3u8", "s3://media/x/e.mpd"}},
		{Type: spool.GroupMSS, Playlists: []string{"s3://media/x/s.ism", "s3://media/x/s.ismc"}},
		{Type: spool.GroupFile, Outputs: []spool.Output{
			{Paths: []string{"s3://media/x/My film-hd.mp4"}, Frames: 370},
			{Paths: []string{"s3://private/x/My film-sd.MP4"}},
			{Paths: []string{"s3://media/x/My film.wav"}},
			{Paths: []string{"s3://media/x/My film.0000369.jpg"}, Captures: 370},
		}},
		{Type: spool.GroupFile, Outputs: []spool.Output{{Paths: []string{"s3://media/x/thumbnail.0000000.jpg"}, Captures: 1}}},
	}
}

func eventOf(job spool.Job, make func(spool.Job, spool.Identity, string, time.Time) spool.Event) spool.Event {
	return make(job, spool.DefaultIdentity(), uuid.NewString(), start)
}
