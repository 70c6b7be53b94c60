// Package intake turns objects into work: when an object appears that a
// pipeline takes, it makes the video record and its job, in one transaction and
// once for each upload and pipeline.
//
// It never reads an object's bytes, never runs a job, and takes nothing that a
// job of Spool wrote: a pipeline may write into the bucket that it reads, and
// starts no job for its own results.
package intake

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// Objects knows the stored objects; objects.Folder is one.
type Objects interface {
	// Stat describes an object: spool.ErrNotFound when it is gone,
	// spool.ErrInvalid when the key can't be one.
	Stat(ctx context.Context, bucket, key string) (spool.Object, error)
	// List gives the objects of a bucket by prefix; it ends after the first error.
	List(ctx context.Context, bucket, prefix string) iter.Seq2[spool.Object, error]
}

// Store is what intake reads of the database; store.DB is one.
type Store interface {
	// VideoKnown tells whether there is a video from this content.
	VideoKnown(ctx context.Context, content string) (bool, error)
	// PipelineSince gives when a pipeline was first seen on a bucket, and notes
	// now at the first call.
	PipelineSince(ctx context.Context, name, bucket string, now time.Time) (time.Time, error)
}

// Tx is a transaction: all of it happens, or nothing. store.Tx is one.
type Tx interface {
	// InsertVideo gives false, and does nothing, when the source has one already.
	InsertVideo(ctx context.Context, v spool.Video, source, content string) (bool, error)
	// Outbox publishes a message when the transaction commits.
	Outbox(ctx context.Context, subject, msgID string, data []byte) error
}

// Bus brings the events; bus.Bus is one.
type Bus interface {
	// Consume gives each message to handle until stop is called. An error has it
	// delivered again later, unless it is spool.Permanent.
	Consume(ctx context.Context, stream, durable string, concurrency int, handle func(context.Context, spool.Message) error) (stop func(), err error)
}

// Options say what intake works on. All but Now and the times are required.
type Options struct {
	Pipelines []spool.Pipeline
	Identity  spool.Identity
	Objects   Objects
	Store     Store
	Bus       Bus
	// Submit takes a job in, with also in the same transaction: both are kept or
	// neither. An error of also comes back wrapped; also may run again after a
	// rollback. A request that can't be taken is spool.ErrInvalid.
	Submit func(ctx context.Context, req spool.JobRequest, also func(tx Tx, job spool.Job) error) (spool.Job, error)
	// Library gives the presets and job templates that a pipeline's job may name;
	// nil: those that Spool brings along.
	Library func(ctx context.Context) mediaconvert.Library
	// InTx runs f in a transaction; f may run again after a rollback.
	InTx   func(ctx context.Context, f func(tx Tx) error) error
	NewID  func() string // a new UUID at each call
	Log    *slog.Logger
	Now    func() time.Time // nil: time.Now
	Every  time.Duration    // between two rescans; 0: 5 min
	Settle time.Duration    // a rescan leaves younger objects to their events; 0: 2 s
}

// Intake is the stage. Its methods may be called from many goroutines.
type Intake struct {
	o     Options
	since []time.Time // by pipeline; set by Start
}

// concurrency is how many events are handled at once in one process. The work
// is a stat and a transaction.
const concurrency = 8

// New makes the stage; Start starts it.
func New(o Options) *Intake {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Library == nil {
		o.Library = func(context.Context) mediaconvert.Library { return mediaconvert.SystemLibrary() }
	}
	if o.Every == 0 {
		o.Every = 5 * time.Minute
	}
	if o.Settle == 0 {
		o.Settle = 2 * time.Second
	}
	return &Intake{o: o}
}

// Start notes which pipelines there are, begins to take events, and rescans: at
// once and then on a timer. It must return before the doors open, so that no
// object is older than the pipeline that should take it. stop takes no more and
// waits for what is under way; a second stop does nothing.
func (in *Intake) Start(ctx context.Context) (stop func(), err error) {
	if err := in.notePipelines(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	stopEvents, err := in.o.Bus.Consume(ctx, spool.StreamObjects, spool.ConsumerIntake, concurrency, in.Handle)
	if err != nil {
		cancel()
		return nil, err
	}
	scanning, stopScan := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		in.rescans(scanning)
	}()
	return sync.OnceFunc(func() {
		stopScan()
		stopEvents()
		<-done
		cancel()
	}), nil
}

func (in *Intake) notePipelines(ctx context.Context) error {
	in.since = make([]time.Time, len(in.o.Pipelines))
	for i, p := range in.o.Pipelines {
		since, err := in.o.Store.PipelineSince(ctx, p.Name, p.Bucket, in.o.Now())
		if err != nil {
			return err
		}
		in.since[i] = since
	}
	return nil
}
