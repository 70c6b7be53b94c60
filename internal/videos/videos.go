// Package videos keeps the table of videos: it follows each video's job and
// moves the record along, and gives the records and their changes to those who
// ask.
//
//	Ingest ──job runs──▶ Encode ──job COMPLETE──▶ Complete
//	   │                    │
//	   └──job ERROR, CANCELED──▶ Error
//
// An event only says that a job has changed; what has become of it is read from
// the job. So events may come twice, late or out of order, and none is missed
// for good. The package never changes a job and never touches an object.
package videos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"spool/internal/spool"
)

// Store is where the records are; store.DB is one.
type Store interface {
	// Video gives one video, or spool.ErrNotFound.
	Video(ctx context.Context, guid string) (spool.Video, error)
	// VideoOfJob gives the video that a job was made for, or spool.ErrNotFound.
	VideoOfJob(ctx context.Context, jobID string) (spool.Video, error)
	// Videos lists videos, newest first, and tells whether more follow.
	Videos(ctx context.Context, f spool.VideoFilter) (videos []spool.Video, more bool, err error)
	// OpenVideos gives the videos that are behind their jobs.
	OpenVideos(ctx context.Context) ([]spool.Video, error)
}

// Tx is a transaction; store.Tx is one.
type Tx interface {
	// LockVideo gives a video and a number that grows with each call, and keeps
	// others from it until the transaction ends.
	LockVideo(ctx context.Context, guid string) (spool.Video, int64, error)
	// SaveVideo writes a video that LockVideo gave.
	SaveVideo(ctx context.Context, v spool.Video) error
	// Outbox publishes a message when the transaction commits.
	Outbox(ctx context.Context, subject, msgID string, data []byte) error
}

// Jobs knows the jobs.
type Jobs interface {
	// Get gives one job, or spool.ErrNotFound.
	Get(ctx context.Context, id string) (spool.Job, error)
}

// Bus brings events and progress; bus.Bus is one.
type Bus interface {
	// Consume gives each message of a stream to one handler, in order here.
	Consume(ctx context.Context, stream, durable string, concurrency int, handle func(context.Context, spool.Message) error) (stop func(), err error)
	// Watch gives what is published from now on to every watcher.
	Watch(ctx context.Context, stream, subject string, f func(spool.Message)) (stop func(), err error)
	// Listen gives what is not kept.
	Listen(subject string, f func(subject string, data []byte)) (stop func(), err error)
}

// Options say what the stage works on. All but Now and Every are required.
type Options struct {
	Store    Store
	InTx     func(ctx context.Context, f func(tx Tx) error) error // f may run again after a rollback
	Jobs     Jobs
	Bus      Bus
	Identity spool.Identity
	// URL gives where a viewer finds an object, and "" for one that is not
	// delivered. It is asked at each reading: addresses change between starts.
	URL   func(bucket, key string) string
	NewID func() string // a new UUID at each call
	Log   *slog.Logger
	Now   func() time.Time // nil: time.Now
	Every time.Duration    // how often videos behind their jobs are looked for; 0: 1 min
}

// Service is the stage and the table. Its methods may be called from many goroutines.
type Service struct {
	o   Options
	hub *hub
}

// New makes the stage; Start starts it. Get and List work without.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Every == 0 {
		o.Every = time.Minute
	}
	return &Service{o: o, hub: newHub()}
}

// Start begins to follow jobs and to feed watchers. stop waits for what is
// under way and ends all watching; a second stop does nothing.
func (s *Service) Start(ctx context.Context) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	stops := []func(){s.hub.close}
	stop = sync.OnceFunc(func() {
		for i := len(stops) - 1; i >= 0; i-- {
			stops[i]()
		}
		cancel()
	})
	keep := func(one func(), err error) error {
		if err == nil {
			stops = append(stops, one)
		}
		return err
	}
	// The watch ends with ctx: a change that comes while it does finds no watchers.
	_, err = s.o.Bus.Watch(ctx, spool.StreamEvents, spool.SubjectVideoEvent, s.heardVideo)
	err = errors.Join(err,
		keep(s.o.Bus.Listen(spool.SubjectProgress+"*", func(_ string, data []byte) { s.heardProgress(ctx, data) })),
		keep(s.o.Bus.Consume(ctx, spool.StreamEvents, spool.ConsumerVideos, 1, s.Handle)),
	)
	if err != nil {
		stop()
		return nil, fmt.Errorf("videos: %w", err)
	}
	mending, stopMending := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.mends(mending)
	}()
	stops = append(stops, func() { stopMending(); <-done })
	return stop, nil
}

// Handle takes one message of the stream EVENTS; only those of jobs mean something here.
func (s *Service) Handle(ctx context.Context, m spool.Message) error {
	if m.Subject != spool.SubjectEvent+"mediaconvert" {
		return nil
	}
	var event spool.Event
	var detail struct {
		JobID string `json:"jobId"`
	}
	if err := json.Unmarshal(m.Data, &event); err != nil {
		return spool.Permanent(fmt.Errorf("not an event: %w", err))
	}
	if err := json.Unmarshal(event.Detail, &detail); err != nil {
		return spool.Permanent(fmt.Errorf("the event %q has no readable detail: %w", event.ID, err))
	}
	if detail.JobID == "" {
		return spool.Permanent(fmt.Errorf("the event %q names no job", event.ID))
	}
	return s.follow(ctx, detail.JobID)
}

// follow brings the video of a job up to date.
func (s *Service) follow(ctx context.Context, jobID string) error {
	job, err := s.o.Jobs.Get(ctx, jobID)
	if errors.Is(err, spool.ErrNotFound) {
		return spool.Permanent(err)
	}
	if err != nil {
		return err
	}
	if job.VideoGUID == "" {
		return nil // made through the API: no pipeline, no record
	}
	err = s.o.InTx(ctx, func(tx Tx) error {
		v, version, err := tx.LockVideo(ctx, job.VideoGUID)
		if err != nil {
			return err
		}
		next := advance(v, job)
		if reflect.DeepEqual(v, next) {
			return nil
		}
		if err := tx.SaveVideo(ctx, next); err != nil {
			return err
		}
		return s.tell(ctx, tx, next, version)
	})
	if errors.Is(err, spool.ErrNotFound) {
		return spool.Permanent(err)
	}
	return err
}

// tell publishes a changed video with the transaction.
func (s *Service) tell(ctx context.Context, tx Tx, v spool.Video, version int64) error {
	event, err := spool.VideoEvent(s.withURLs(v), s.o.Identity, s.o.NewID(), s.o.Now())
	if err != nil {
		return err
	}
	data, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("write the event of video %s: %w", v.GUID, err)
	}
	return tx.Outbox(ctx, spool.SubjectVideoEvent, fmt.Sprintf("video-%s-%d", v.GUID, version), data)
}

// mends mends until ctx ends: at once, and then on a timer.
func (s *Service) mends(ctx context.Context) {
	timer := time.NewTicker(s.o.Every)
	defer timer.Stop()
	for {
		if err := s.Mend(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Error("videos behind their jobs could not be mended; it is tried again", "in", s.o.Every, "error", err)
		}
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// Mend brings the videos up to date whose jobs went on without an event that
// reached them.
func (s *Service) Mend(ctx context.Context) error {
	videos, err := s.o.Store.OpenVideos(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, v := range videos {
		if err := s.follow(ctx, v.EncodeJobID); err != nil {
			errs = append(errs, fmt.Errorf("video %s: %w", v.GUID, err))
		}
	}
	return errors.Join(errs...)
}

// Get gives one video, or spool.ErrNotFound.
func (s *Service) Get(ctx context.Context, guid string) (spool.Video, error) {
	v, err := s.o.Store.Video(ctx, guid)
	if err != nil {
		return spool.Video{}, err
	}
	return s.withURLs(v), nil
}

// List gives a page of videos, newest first. next is the GUID to give as After
// for the page behind it, and empty at the end.
func (s *Service) List(ctx context.Context, f spool.VideoFilter) (videos []spool.Video, next string, err error) {
	videos, more, err := s.o.Store.Videos(ctx, f)
	if err != nil {
		return nil, "", err
	}
	for i := range videos {
		videos[i] = s.withURLs(videos[i])
	}
	if more && len(videos) > 0 {
		next = videos[len(videos)-1].GUID
	}
	return videos, next, nil
}

// withURLs fills in where the video's results are delivered now.
func (s *Service) withURLs(v spool.Video) spool.Video {
	v.HLSURL = s.url(v.HLSPlaylist)
	v.DASHURL = s.url(v.DASHPlaylist)
	v.CMAFHLSURL, v.CMAFDASHURL = s.url(v.CMAFHLSPlaylist), s.url(v.CMAFDASHPlaylist)
	if v.MSSURL = s.url(v.MSSPlaylist); v.MSSURL != "" {
		v.MSSURL += "/Manifest"
	}
	v.MP4URLs = s.urls(v.MP4Outputs)
	v.ThumbNailsURLs = s.urls(v.ThumbNails)
	return v
}

func (s *Service) urls(uris []string) []string {
	var out []string
	for _, uri := range uris {
		if u := s.url(uri); u != "" {
			out = append(out, u)
		}
	}
	return out
}

func (s *Service) url(uri string) string {
	bucket, key, err := spool.ParseS3URI(uri)
	if err != nil {
		return ""
	}
	return s.o.URL(bucket, key)
}
