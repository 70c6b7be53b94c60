package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

const (
	// hopBatch is how many jobs hop in one transaction.
	hopBatch = 100
	// hopBatches is how many batches hop in one round, so that nothing else waits
	// for long when thousands of jobs are due at once.
	hopBatches = 10
)

// checkHops fills in the queues that the hops leave out and refuses those that
// are not there or lead nowhere (behaviour.md 1.9).
func (s *Service) checkHops(ctx context.Context, req *spool.JobRequest) error {
	var problems spool.Problems
	there := map[string]bool{} // thousands of hops may name the same few queues
	req.Hops = slices.Clone(req.Hops)
	for i := range req.Hops {
		hop := &req.Hops[i]
		if hop.Queue = spool.ResourceName(hop.Queue); hop.Queue == "" {
			hop.Queue = spool.DefaultQueue
		}
		pointer := fmt.Sprintf("/hopDestinations/%d/queue", i)
		if _, asked := there[hop.Queue]; !asked {
			_, err := s.o.Store.Queue(ctx, hop.Queue)
			if err != nil && !errors.Is(err, spool.ErrNotFound) {
				return err
			}
			there[hop.Queue] = err == nil
		}
		switch {
		case !there[hop.Queue]:
			problems = append(problems, noQueue(pointer, hop.Queue)...)
		case hop.Queue == req.Queue:
			problems = append(problems, spool.Problem{Pointer: pointer,
				Message: "Should be another queue than the one the job is submitted to"})
		}
		if hop.WaitMinutes < 1 || hop.WaitMinutes > maxWait {
			problems = append(problems, spool.Problem{Pointer: fmt.Sprintf("/hopDestinations/%d/waitMinutes", i),
				Message: fmt.Sprintf("Should be 1 to %d", maxWait)})
		}
		if p := hop.Priority; p != nil && (*p < -maxPriority || *p > maxPriority) {
			problems = append(problems, spool.Problem{Pointer: fmt.Sprintf("/hopDestinations/%d/priority", i),
				Message: fmt.Sprintf("Should be %d to %d", -maxPriority, maxPriority)})
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// maxWait is the longest time before a hop, in minutes: three days (behaviour.md 1.9).
const maxWait = 4320

// hopAt gives when a hop of a job is due.
func hopAt(job *spool.Job, n int) time.Time {
	return job.CreatedAt.Add(time.Duration(job.Hops[n].WaitMinutes) * time.Minute)
}

// nextHop gives when the first hop is due that is due later than a time; zero
// when there is none. All hops wait from the submission on; of two that wait
// equally long the first is taken.
func nextHop(job *spool.Job, after time.Time) (next time.Time) {
	for n := range job.Hops {
		if at := hopAt(job, n); at.After(after) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// hop moves the jobs that have waited for too long to the next queue they name.
// It comes after dispatch, so that what can run runs in place.
func (s *Service) hop(ctx context.Context) error {
	queues, err := s.o.Store.Queues(ctx)
	if err != nil {
		return fmt.Errorf("hop: %w", err)
	}
	moved := 0
	for _, q := range queues {
		if q.Status != queueActive || q.Submitted == 0 { // no hop out of a paused queue
			continue
		}
		for range hopBatches {
			ids, err := s.o.Store.DueHops(ctx, q.Name, s.o.Now(), hopBatch)
			if err != nil {
				return fmt.Errorf("hop: %w", err)
			}
			if len(ids) == 0 {
				break
			}
			n, err := s.hopBatch(ctx, ids)
			if err != nil {
				return fmt.Errorf("hop out of queue %s: %w", q.Name, err)
			}
			if moved += n; len(ids) < hopBatch {
				break
			}
		}
	}
	if moved > 0 {
		s.wakeUp()
	}
	return nil
}

// hopBatch does the due hops of some jobs in one transaction and gives how many
// of the jobs moved.
func (s *Service) hopBatch(ctx context.Context, ids []string) (moved int, err error) {
	slices.Sort(ids) // servers lock in one order
	var jobs []spool.Job
	err = s.o.InTx(ctx, func(tx Tx) error {
		jobs = nil
		queues, err := tx.Queues(ctx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			job, did, err := s.hopOne(ctx, tx, id, queues)
			if err != nil {
				return err
			}
			if did {
				jobs = append(jobs, job)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, job := range jobs {
		last := job.Transitions[len(job.Transitions)-1]
		s.o.Log.Info("job hopped", "job", job.ID, "from", last.Source, "to", last.Destination, "priority", job.WaitsAt)
	}
	return len(jobs), nil
}

// hopOne does the due hop of one job, if it still is due; moved is false when
// the job stays where it is.
func (s *Service) hopOne(ctx context.Context, tx Tx, id string, queues []spool.Queue) (job spool.Job, moved bool, err error) {
	if job, err = tx.LockJob(ctx, id); err != nil || job.Status != spool.JobSubmitted {
		return job, false, err
	}
	now := s.o.Now().UTC()
	due, late, err := tx.HopDue(ctx, id)
	if err != nil || due.IsZero() || due.After(now) {
		return job, false, err
	}
	n := slices.IndexFunc(job.Hops, func(h spool.Hop) bool {
		return job.CreatedAt.Add(time.Duration(h.WaitMinutes) * time.Minute).Equal(due)
	})
	if err := tx.SetHop(ctx, id, nextHop(&job, due)); err != nil || n < 0 {
		return job, false, err
	}
	hop := job.Hops[n]
	if late {
		// The queue was paused when the hop was due. Now that it goes on, a job that
		// nothing is ahead of runs in place (behaviour.md 1.9).
		first, err := tx.NextJob(ctx, job.WaitsIn)
		if err != nil || first.ID == id {
			return job, false, err
		}
	}
	if hop.Queue == job.WaitsIn {
		return job, false, nil
	}
	if w := s.hindrance(job, n, queues); w != nil {
		job.RunWarnings = append(job.RunWarnings, *w)
		if err := tx.SaveJob(ctx, job); err != nil {
			return job, false, err
		}
		return job, false, s.warn(ctx, tx, job, *w, now)
	}
	from, was := job.WaitsIn, job.WaitsAt
	job.WaitsIn = hop.Queue
	if hop.Priority != nil {
		job.WaitsAt = *hop.Priority
	}
	job.Transitions = append(job.Transitions, spool.QueueTransition{Source: from, Destination: hop.Queue, At: now})
	if err := tx.SaveJob(ctx, job); err != nil {
		return job, false, err
	}
	event := mediaconvert.EventQueueHop(job, from, job.WaitsIn, was, job.WaitsAt, s.o.Identity, uuid.NewString(), now)
	return job, true, s.send(ctx, tx, spool.SubjectEvent+"mediaconvert", event.ID, event)
}

// hindrance gives the warning that a job cannot make its nth hop: the queue is
// gone, or takes no such jobs; nil when nothing is in the way.
func (s *Service) hindrance(job spool.Job, n int, queues []spool.Queue) *spool.Warning {
	to := job.Hops[n].Queue
	w := &spool.Warning{Code: spool.WarnHopFailed, Pointer: fmt.Sprintf("/hopDestinations/%d/queue", n)}
	at := slices.IndexFunc(queues, func(q spool.Queue) bool { return q.Name == to })
	if at < 0 {
		w.Message = fmt.Sprintf("The queue %s does not exist any more. The job stays in the queue %s.", to, job.WaitsIn)
		return w
	}
	if queues[at].Reservation == nil {
		return nil
	}
	if err := mediaconvert.CheckReserved(job.Settings, job.AccelerationMode); err != nil {
		w.Message = fmt.Sprintf("The reserved queue %s does not take the job, which stays in the queue %s. %v", to, job.WaitsIn, err)
		return w
	}
	return nil
}
