package intake_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"spool/internal/bus"
	"spool/internal/intake"
	"spool/internal/jobs"
	"spool/internal/objects"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is intake on real parts: SQLite, JetStream, a folder of buckets, jobs.
type rig struct {
	t      testing.TB
	db     *store.DB
	folder *objects.Folder
	bus    *bus.Bus
	opts   intake.Options
	*intake.Intake

	submitted chan string // ids of jobs, as they are committed
}

// newRig makes the parts; one with no bus can't be started, but is quick.
func newRig(t testing.TB, withBus bool, pipelines ...spool.Pipeline) *rig {
	t.Helper()
	dir := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "spool.db"), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	folder, err := objects.OpenFolder(filepath.Join(dir, "s3"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	for _, p := range pipelines {
		if err := folder.EnsureBucket(t.Context(), p.Bucket); err != nil {
			t.Fatal(err)
		}
	}
	r := &rig{t: t, db: db, folder: folder, submitted: make(chan string, 1000)}
	if withBus {
		if r.bus, err = bus.Start(t.Context(), bus.Options{Dir: filepath.Join(dir, "bus"), Log: log}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := r.bus.Close(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	service, err := jobs.New(t.Context(), jobs.Options{Store: db, Bus: r.bus, Identity: spool.DefaultIdentity(), Log: log,
		InTx: func(ctx context.Context, f func(jobs.Tx) error) error {
			return storetest.Twice(ctx, db, func(tx *store.Tx) error { return f(tx) })
		}})
	if err != nil {
		t.Fatal(err)
	}
	r.opts = intake.Options{
		Pipelines: pipelines, Identity: spool.DefaultIdentity(), Objects: folder, Store: db, Bus: r.bus,
		NewID: uuid.NewString, Log: log, Settle: time.Nanosecond,
		Submit: func(ctx context.Context, req spool.JobRequest, also func(intake.Tx, spool.Job) error) (spool.Job, error) {
			job, err := service.SubmitWith(ctx, req, func(tx jobs.Tx, job spool.Job) error { return also(tx.(*store.Tx), job) })
			if err == nil {
				r.submitted <- job.ID
			}
			return job, err
		},
		InTx: func(ctx context.Context, f func(intake.Tx) error) error {
			return storetest.Twice(ctx, db, func(tx *store.Tx) error { return f(tx) })
		},
	}
	r.renew()
	return r
}

// renew makes the stage anew from r.opts, as after a restart, without starting it.
func (r *rig) renew() {
	r.t.Helper()
	r.Intake = intake.New(r.opts)
	if err := r.NotePipelines(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// put stores an object as an upload or, with a job, as an output does.
func (r *rig) put(bucket, key, text, job string) {
	r.t.Helper()
	staged := filepath.Join(r.t.TempDir(), "staged")
	if err := os.WriteFile(staged, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	if err := r.folder.Publish(r.t.Context(), staged, spool.Object{Bucket: bucket, Key: key, ProducedBy: job}); err != nil {
		r.t.Fatal(err)
	}
}

// event is the message that a bucket sends for a key.
func event(t testing.TB, name, bucket, key string) spool.Message {
	t.Helper()
	var record spool.S3Record
	record.EventName = name
	record.S3.Bucket.Name = bucket
	record.S3.Object.Key = spool.EncodeEventKey(key)
	data, err := json.Marshal(spool.S3Event{Records: []spool.S3Record{record}})
	if err != nil {
		t.Fatal(err)
	}
	return spool.Message{Subject: spool.SubjectObject + "created", Data: data, Delivered: 1}
}

func (r *rig) handle(bucket, key string) {
	r.t.Helper()
	if err := r.Handle(r.t.Context(), event(r.t, "ObjectCreated:Put", bucket, key)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) rescan() (started int, young bool) {
	r.t.Helper()
	started, young, err := r.Rescan(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return started, young
}

func (r *rig) videos() []spool.Video {
	r.t.Helper()
	videos, _, err := r.db.Videos(r.t.Context(), spool.VideoFilter{})
	if err != nil {
		r.t.Fatal(err)
	}
	return videos
}

func (r *rig) jobs() []spool.Job {
	r.t.Helper()
	list, _, err := r.db.Jobs(r.t.Context(), spool.JobFilter{})
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// want demands so many videos and jobs, each video with a job of its own.
func (r *rig) want(n int) {
	r.t.Helper()
	videos, list := r.videos(), r.jobs()
	if len(videos) != n || len(list) != n {
		r.t.Fatalf("%d videos and %d jobs; want %d", len(videos), len(list), n)
	}
	byID := map[string]spool.Job{}
	for _, j := range list {
		byID[j.ID] = j
	}
	for _, v := range videos {
		if byID[v.EncodeJobID].VideoGUID != v.GUID {
			r.t.Errorf("video %s and its job %q don't know each other", v.GUID, v.EncodeJobID)
		}
	}
}

const mp4Job = `{"role":"arn:aws:iam::000000000000:role/r","settings":{"inputs":[{"audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}}}],
"outputGroups":[{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://results/"}},
"outputs":[{"containerSettings":{"container":"MP4"},"audioDescriptions":[{"codecSettings":{"codec":"AAC","aacSettings":{"bitrate":96000,"codingMode":"CODING_MODE_2_0","sampleRate":48000}}}],
"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000}}}}]}]}}`

func pipeline(name string) spool.Pipeline {
	return spool.Pipeline{Name: name, Bucket: "uploads", Suffixes: []string{".mp4"}, Job: json.RawMessage(mp4Job),
		Destinations: []string{"s3://results/{guid}/"}, UserMetadata: map[string]string{"guid": "{guid}", "name": "{name}"}}
}
