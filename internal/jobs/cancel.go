package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// Cancel ends a job for good and has its worker told at once; nothing of it will
// be published. An unknown job is spool.ErrNotFound; one that has ended, or has
// begun to publish, is spool.ErrConflict (behaviour.md 1.14).
func (s *Service) Cancel(ctx context.Context, id string) error {
	id = spool.ResourceName(id)
	var was spool.JobStatus
	err := s.o.InTx(ctx, func(tx Tx) error {
		job, err := tx.LockJob(ctx, id)
		if err != nil {
			return err
		}
		was = job.Status
		switch {
		case !job.Status.CanMove(spool.JobCanceled):
			return spool.Userf(spool.ErrConflict, "Job %s is %s: it can no longer be canceled.", id, job.Status)
		case job.Publishing:
			return spool.Userf(spool.ErrConflict, "Job %s is already publishing: it can no longer be canceled.", id)
		}
		now := s.o.Now().UTC()
		job.Status, job.FinishedAt = spool.JobCanceled, now
		if err := tx.SaveJob(ctx, job); err != nil {
			return err
		}
		return s.announce(ctx, tx, mediaconvert.EventCanceled, job, now)
	})
	if err != nil {
		return fmt.Errorf("cancel a job: %w", err)
	}
	s.o.Log.Info("job canceled", "job", id, "was", was)
	if was == spool.JobProgressing {
		s.stop(ctx, id)
	}
	return nil
}

// stop tells the worker of a job that has ended to stop, and takes the order
// back. Neither is sure to arrive: a worker that goes on is told again when it
// reports progress (see flush), and is refused when it asks to publish.
func (s *Service) stop(ctx context.Context, id string) {
	s.forget(id)
	if err := s.o.Bus.Broadcast(spool.SubjectCancel+id, nil); err != nil {
		s.o.Log.Warn("worker not told to stop; it will be when it reports progress", "job", id, "error", err)
	}
	if err := s.o.Bus.Purge(ctx, spool.StreamWork, workSubject(id)); err != nil {
		s.o.Log.Warn("order not taken back; its worker will be told to stop", "job", id, "error", err)
	}
	s.wakeUp() // its place is free
}

// answer tells a worker whether it may publish. A question that cannot be
// answered now gets no answer: the worker asks again.
func (s *Service) answer(ctx context.Context, data []byte) []byte {
	var q spool.PermissionRequest
	if err := json.Unmarshal(data, &q); err != nil {
		s.o.Log.Warn("jobs: a question whether to publish makes no sense", "error", err)
		return nil
	}
	p, err := s.mayPublish(ctx, q)
	if err != nil {
		s.o.Log.Error("jobs: a question whether to publish cannot be answered now", "job", q.JobID, "error", err)
		return nil
	}
	text, err := json.Marshal(p)
	if err != nil {
		s.o.Log.Error("jobs: encode an answer", "error", err)
		return nil
	}
	return text
}

// mayPublish decides between publishing and cancel, once and for all.
func (s *Service) mayPublish(ctx context.Context, q spool.PermissionRequest) (spool.Permission, error) {
	var p spool.Permission
	var allowed spool.Job
	err := s.o.InTx(ctx, func(tx Tx) error {
		job, err := tx.LockJob(ctx, q.JobID)
		if err != nil {
			return err
		}
		switch {
		case job.Status != spool.JobProgressing:
			p = spool.Permission{Reason: "the job is " + string(job.Status)}
			return nil
		case job.Attempt != q.Attempt:
			p = spool.Permission{Reason: fmt.Sprintf("attempt %d at the job took the place of attempt %d", job.Attempt, q.Attempt)}
			return nil
		}
		p = spool.Permission{Yes: true}
		job.Publishing, job.Phase = true, spool.PhaseUploading
		allowed = job
		return tx.SaveJob(ctx, job)
	})
	if errors.Is(err, spool.ErrNotFound) {
		return spool.Permission{Reason: "there is no such job"}, nil
	}
	if err == nil && p.Yes {
		s.reached(allowed)
	}
	return p, err
}
