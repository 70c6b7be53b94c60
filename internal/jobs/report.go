package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// handleReport applies one durable report.
func (s *Service) handleReport(ctx context.Context, m spool.Message) error {
	var r spool.Report
	if err := json.Unmarshal(m.Data, &r); err != nil {
		return spool.Permanent(fmt.Errorf("read a report: %w", err))
	}
	return s.apply(ctx, r)
}

// apply applies a report once: on a job that is PROGRESSING with the report's
// attempt. Everything else is a repetition or comes too late, and is ignored.
func (s *Service) apply(ctx context.Context, r spool.Report) error {
	var after spool.Job
	applied := false
	err := s.o.InTx(ctx, func(tx Tx) error {
		job, err := tx.LockJob(ctx, r.JobID)
		if err != nil {
			return err
		}
		after, applied = job, false
		if job.Status != spool.JobProgressing || r.Attempt != job.Attempt {
			return nil
		}
		now, known := s.o.Now().UTC(), len(job.RunWarnings)
		make, err := change(&job, r, now)
		if err != nil || make == nil {
			return err
		}
		if err := tx.SaveJob(ctx, job); err != nil {
			return err
		}
		after, applied = job, true
		for _, w := range job.RunWarnings[known:] {
			if err := s.warn(ctx, tx, job, w, now); err != nil {
				return err
			}
		}
		return s.announce(ctx, tx, make, job, now)
	})
	if errors.Is(err, spool.ErrNotFound) {
		return spool.Permanent(err)
	}
	if err != nil {
		return fmt.Errorf("apply a report of job %s: %w", r.JobID, err)
	}
	log := s.o.Log.With("job", r.JobID, "report", r.Kind, "attempt", r.Attempt, "worker", r.Worker)
	if !applied {
		log.Info("report ignored", "status", after.Status, "current attempt", after.Attempt)
		return nil
	}
	log.Info("report applied", "status", after.Status)
	if after.Status.Terminal() {
		s.forget(after.ID)
		s.wakeUp() // its place is free
		// A worker that died before it could settle its order must not run the job once more.
		if err := s.o.Bus.Purge(ctx, spool.StreamWork, workSubject(after.ID)); err != nil {
			log.Warn("order of a finished job not taken back; it may run again, and publish nothing", "error", err)
		}
	} else {
		s.reached(after)
	}
	return nil
}

// change does to a job what a report says, and gives the event that tells of
// it; nil when there is nothing to change.
func change(job *spool.Job, r spool.Report, now time.Time) (makeEvent, error) {
	finish := func(status spool.JobStatus) {
		job.Status, job.FinishedAt = status, now
		job.RunWarnings = append(job.RunWarnings, r.Warnings...)
		job.RunMessages = append(job.RunMessages, r.Messages...)
	}
	switch r.Kind {
	case spool.ReportInputs:
		if len(job.Inputs) > 0 || len(r.Inputs) == 0 { // INPUT_INFORMATION comes once (behaviour.md 3.2)
			return nil, nil
		}
		job.Inputs = r.Inputs
		if job.Phase == spool.PhaseProbing {
			job.Phase = spool.PhaseTranscoding
		}
		return mediaconvert.EventInputInformation, nil
	case spool.ReportDone:
		finish(spool.JobComplete)
		job.Groups, job.Phase, job.Percent = r.Groups, spool.PhaseUploading, 100
		return mediaconvert.EventComplete, nil
	case spool.ReportFailed:
		finish(spool.JobError)
		if job.Failure = r.Failure; job.Failure == nil {
			job.Failure = spool.Failf(spool.CodeUnexpected, "The worker gave no reason.")
		}
		return mediaconvert.EventError, nil
	case spool.ReportCanceled:
		finish(spool.JobCanceled)
		return mediaconvert.EventCanceled, nil
	default:
		return nil, spool.Permanent(fmt.Errorf("a report of the unknown kind %q", r.Kind))
	}
}
