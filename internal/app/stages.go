package app

import (
	"context"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"spool/internal/announce"
	"spool/internal/delivery"
	"spool/internal/jobs"
	"spool/internal/probe"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/videos"
)

func newID() string { return uuid.NewString() }

// startJobs starts the keeper of jobs and the relay that carries what it
// writes to the bus.
func (s *Server) startJobs(ctx context.Context) error {
	svc, err := jobs.New(ctx, jobs.Options{
		Store: s.db, Bus: s.bus, Identity: s.cfg.Identity, Log: s.log, MaxQueues: s.cfg.Limits.Queues,
		InTx: func(ctx context.Context, f func(jobs.Tx) error) error {
			return s.db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
	})
	if err != nil {
		return err
	}
	s.jobs = svc
	for _, q := range s.cfg.Queues {
		if err := svc.EnsureQueue(ctx, q.Name, spool.QueueUpdate{ConcurrentJobs: q.ConcurrentJobs, Status: q.Status}); err != nil {
			return err
		}
	}
	relay := announce.New(announce.Options{Outbox: s.db, Publisher: s.bus, Log: s.log})
	s.background("announce", relay.Run)
	s.background("jobs", svc.Run)
	return nil
}

func (s *Server) startVideos(ctx context.Context) error {
	s.videos = videos.New(videos.Options{
		Store: s.db, Jobs: s.jobs, Bus: s.bus, Identity: s.cfg.Identity, NewID: newID, Log: s.log,
		InTx: func(ctx context.Context, f func(videos.Tx) error) error {
			return s.db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
		URL: func(bucket, key string) string {
			if !s.delivers(bucket) {
				return ""
			}
			return delivery.URL(s.publicURL(), bucket, key)
		},
	})
	stop, err := s.videos.Start(ctx)
	if err != nil {
		return err
	}
	s.onStop(func(context.Context) { stop() })
	return nil
}

// startProbe makes what looks at single files, and removes what probes of an
// earlier run left.
func (s *Server) startProbe(context.Context) error {
	staging := filepath.Join(s.cfg.DataDir, "probing")
	if err := os.RemoveAll(staging); err != nil {
		return err
	}
	if err := os.Mkdir(staging, 0o700); err != nil {
		return err
	}
	s.probe = probe.New(probe.Options{
		Tools: s.tools, Objects: s.folder, Fetcher: s.fetcher(), Policies: s.catalog, Staging: staging, Log: s.log,
	})
	return nil
}

func (s *Server) startWorker(context.Context) error {
	if s.cfg.Slots == 0 {
		return nil
	}
	w, err := s.worker()
	if err != nil {
		return err
	}
	s.background("worker", w.Run)
	return nil
}

// publicURL is the base of links that viewers get.
func (s *Server) publicURL() string {
	if s.cfg.PublicURL != "" {
		return s.cfg.PublicURL
	}
	return s.HTTPURL()
}

func (s *Server) delivers(bucket string) bool {
	for _, b := range s.cfg.Buckets {
		if b.Name == bucket {
			return b.Deliver
		}
	}
	return false
}
