package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

const (
	// longest is how long a job may be PROGRESSING (behaviour.md 1.15).
	longest = 48 * time.Hour
	// keep is how long the records of jobs that have ended are kept (behaviour.md 1.15).
	keep = 90 * 24 * time.Hour
	// deleteBatch is how many of them are deleted in one transaction, and
	// deleteBatches how many times in one rescan: nothing else waits for long.
	deleteBatch, deleteBatches = 100, 10
	// maxRetries is how often an order that got lost is sent again.
	maxRetries = 3
)

// rescan mends what redelivery cannot: a PROGRESSING job whose order is neither
// in the outbox, nor on the bus, nor followed by a report that waits to be
// applied. Such a job gets a new attempt after the grace. SUBMITTED jobs need
// no mending: they are dispatched from SQL.
//
// A job that runs for too long is stopped, but not while it publishes: whoever
// has its order has leave to publish and a list of what, and will come to the
// end of it. ERROR means that nothing is published.
func (s *Service) rescan(ctx context.Context) error {
	if err := s.recount(ctx); err != nil {
		return fmt.Errorf("rescan: %w", err)
	}
	running, _, err := s.o.Store.Jobs(ctx, spool.JobFilter{Status: spool.JobProgressing})
	if err != nil {
		return fmt.Errorf("rescan: %w", err)
	}
	now := s.o.Now()
	for _, job := range running {
		s.follow(job)
		tooLong := now.Sub(job.StartedAt) > longest
		if tooLong && !job.Publishing {
			if err := s.timeOut(ctx, job); err != nil {
				return err
			}
			continue
		}
		ordered, err := s.ordered(ctx, job.ID)
		if err != nil {
			return fmt.Errorf("rescan: %w", err)
		}
		if !s.lost(job.ID, ordered, now) {
			continue
		}
		if tooLong {
			if err := s.timeOut(ctx, job); err != nil {
				return err
			}
			continue
		}
		if err := s.again(ctx, job); err != nil {
			return err
		}
	}
	if err := s.o.Store.DeleteTokens(ctx, now.Add(-2*tokenLife)); err != nil {
		return fmt.Errorf("rescan: %w", err)
	}
	return s.deleteOld(ctx, now)
}

// recount mends the counts of queues that are not those of their jobs: after a
// backup was put back, or somebody changed a row. What runs at once and which
// queues may be deleted is decided by them.
func (s *Service) recount(ctx context.Context) error {
	names, err := s.o.Store.DriftedQueues(ctx) // a look first, as dispatch does
	if err != nil || len(names) == 0 {
		return err
	}
	var was, is []spool.Queue
	err = s.o.InTx(ctx, func(tx Tx) error {
		was, is = nil, nil
		if err := tx.LockDispatch(ctx); err != nil {
			return err
		}
		for _, name := range names {
			before, now, err := tx.RecountQueue(ctx, name)
			if errors.Is(err, spool.ErrNotFound) { // deleted since
				continue
			}
			if err != nil {
				return err
			}
			was, is = append(was, before), append(is, now)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for n := range is {
		s.o.Log.Warn("the counts of a queue were not those of its jobs, and are mended", "queue", is[n].Name,
			"submitted", is[n].Submitted, "was submitted", was[n].Submitted, "progressing", is[n].Progressing, "was progressing", was[n].Progressing)
	}
	s.wakeUp()
	return nil
}

// deleteOld deletes the records of jobs that ended long ago, with their tags.
func (s *Service) deleteOld(ctx context.Context, now time.Time) error {
	sum := 0
	for range deleteBatches {
		n, err := s.o.Store.DeleteJobs(ctx, now.Add(-keep), deleteBatch)
		if err != nil {
			return fmt.Errorf("rescan: %w", err)
		}
		if sum += n; n < deleteBatch {
			break
		}
	}
	if sum > 0 {
		s.o.Log.Info("records of old jobs deleted", "jobs", sum, "older than days", int(keep.Hours()/24))
	}
	return nil
}

// ordered tells whether something under way will bring the job further. The
// order of the questions is that of the message's way, so that it cannot slip
// through between two of them.
func (s *Service) ordered(ctx context.Context, id string) (bool, error) {
	if has, err := s.o.Store.OutboxHas(ctx, workSubject(id)); has || err != nil {
		return has, err
	}
	if has, err := s.o.Bus.Holds(ctx, spool.StreamWork, workSubject(id)); has || err != nil {
		return has, err
	}
	return s.o.Bus.Holds(ctx, spool.StreamReports, reportSubject(id))
}

// lost notes whether a job has an order, and tells whether it has been without
// one, and silent, for the grace.
func (s *Service) lost(id string, ordered bool, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ordered {
		delete(s.missing, id)
		return false
	}
	since, known := s.missing[id]
	if !known {
		s.missing[id], since = now, now
	}
	if l := s.live[id]; l != nil && l.heard.After(since) {
		since = l.heard
	}
	return now.Sub(since) >= s.o.Grace
}

// again begins a new attempt at a job whose order got lost.
func (s *Service) again(ctx context.Context, lost spool.Job) error {
	if lost.RetryCount >= maxRetries {
		return s.fail(ctx, lost, spool.Failf(spool.CodeUnexpected, "The job was lost by its workers %d times.", maxRetries+1))
	}
	var anew spool.Job // not lost itself: the function may run twice
	begun := false
	// Before the order goes out: what is heard of the new attempt must stay.
	s.forget(lost.ID)
	err := s.o.InTx(ctx, func(tx Tx) error {
		job, err := tx.LockJob(ctx, lost.ID)
		begun = err == nil && job.Status == spool.JobProgressing && job.Attempt == lost.Attempt
		if !begun {
			return err
		}
		job.RetryCount++
		anew, err = s.order(ctx, tx, job)
		return err
	})
	if err != nil {
		return fmt.Errorf("order job %s again: %w", lost.ID, err)
	}
	if begun {
		s.o.Log.Warn("the order of a job was lost; it begins anew", "job", anew.ID, "attempt", anew.Attempt)
		s.follow(anew)
	}
	return nil
}

func (s *Service) timeOut(ctx context.Context, job spool.Job) error {
	return s.fail(ctx, job, spool.Failf(spool.CodeTimeout, "The job ran for more than %.0f hours and was stopped.", longest.Hours()))
}

// fail puts a PROGRESSING job in ERROR without a worker's report, unless it has
// begun to publish since it was looked at.
func (s *Service) fail(ctx context.Context, old spool.Job, failure *spool.Failure) error {
	failed := false
	err := s.o.InTx(ctx, func(tx Tx) error {
		job, err := tx.LockJob(ctx, old.ID)
		failed = err == nil && job.Status == spool.JobProgressing && job.Attempt == old.Attempt && job.Publishing == old.Publishing
		if !failed {
			return err
		}
		now := s.o.Now().UTC()
		job.Status, job.FinishedAt, job.Failure = spool.JobError, now, failure
		if err := tx.SaveJob(ctx, job); err != nil {
			return err
		}
		return s.announce(ctx, tx, mediaconvert.EventError, job, now)
	})
	if err != nil {
		return fmt.Errorf("end job %s: %w", old.ID, err)
	}
	if failed {
		s.o.Log.Error("job failed", "job", old.ID, "code", failure.Code, "message", failure.Message)
		s.stop(ctx, old.ID)
	}
	return nil
}
