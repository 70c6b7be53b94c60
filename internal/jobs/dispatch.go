package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// workerLife is how long a worker counts after its last hello; it says one each second.
const workerLife = 5 * time.Second

type worker struct {
	slots int
	seen  time.Time
}

// hearHello notes a worker and what it can run.
func (s *Service) hearHello(data []byte) {
	var h spool.WorkerHello
	if err := json.Unmarshal(data, &h); err != nil || h.Worker == "" || h.Slots < 0 {
		s.o.Log.Warn("jobs: a worker's hello makes no sense", "error", err)
		return
	}
	s.mu.Lock()
	old, known := s.workers[h.Worker]
	s.workers[h.Worker] = worker{h.Slots, s.o.Now()}
	s.mu.Unlock()
	if !known || old.slots != h.Slots {
		s.o.Log.Info("worker is here", "worker", h.Worker, "slots", h.Slots)
		s.wakeUp()
	}
}

// Capacity gives how many jobs the live workers run at once.
func (s *Service) Capacity() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, sum := s.o.Now(), 0
	for name, w := range s.workers {
		if now.Sub(w.seen) > workerLife {
			delete(s.workers, name)
			s.o.Log.Warn("worker is gone", "worker", name, "slots", w.slots)
			continue
		}
		sum += w.slots
	}
	return sum
}

// dispatch gives out as many jobs as the workers have room for. Within a queue
// the highest priority goes first, then the earliest submission; paused queues
// wait, and none runs more than its ConcurrentJobs (behaviour.md 1.8).
//
// Queues are independent, but share the workers: the queue with the fewest jobs
// running goes first, then the one whose next job has the higher priority, then
// the one served longest ago, so that a flooded queue starves no other.
func (s *Service) dispatch(ctx context.Context) error {
	capacity := s.Capacity()
	if capacity == 0 {
		return nil
	}
	// A look first: an idle server must not write to its disk each second.
	queues, err := s.o.Store.Queues(ctx)
	if err != nil {
		return fmt.Errorf("dispatch: %w", err)
	}
	now := s.o.Now()
	if !slices.ContainsFunc(queues, func(q spool.Queue) bool { return mayRun(q, now) }) {
		return nil
	}
	var sent []spool.Job
	err = s.o.InTx(ctx, func(tx Tx) error {
		sent = nil
		if err := tx.LockDispatch(ctx); err != nil {
			return err
		}
		queues, err := tx.Queues(ctx)
		if err != nil {
			return err
		}
		free := capacity
		for _, q := range queues {
			free -= q.Progressing
		}
		for len(sent) < free {
			job, ok, err := s.next(ctx, tx, queues)
			if err != nil || !ok {
				return err
			}
			q := &queues[slices.IndexFunc(queues, func(q spool.Queue) bool { return q.Name == job.WaitsIn })]
			q.Submitted--
			job, begun, err := s.begin(ctx, tx, job)
			if err != nil {
				return err
			}
			if begun {
				q.Progressing++
				sent = append(sent, job)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("dispatch: %w", err)
	}
	for _, job := range sent {
		s.o.Log.Info("job dispatched", "job", job.ID, "queue", job.WaitsIn, "attempt", job.Attempt)
		s.mu.Lock()
		s.served[job.WaitsIn] = job.StartedAt
		s.mu.Unlock()
		s.follow(job)
	}
	return nil
}

// mayRun tells whether a queue has a job that may run now. A reserved queue runs
// as many at once as it has slots, and none when its plan is over.
func mayRun(q spool.Queue, now time.Time) bool {
	most := q.ConcurrentJobs
	if q.Reservation != nil {
		if most = q.Reservation.Slots; !q.Reservation.Active(now) {
			return false
		}
	}
	return q.Status == queueActive && q.Submitted > 0 && (most == 0 || q.Progressing < most)
}

// next chooses the job to run next, if one may.
func (s *Service) next(ctx context.Context, tx Tx, queues []spool.Queue) (spool.Job, bool, error) {
	type head struct {
		job     spool.Job
		running int
		served  time.Time
	}
	var heads []head
	for _, q := range queues {
		if !mayRun(q, s.o.Now()) {
			continue
		}
		job, err := tx.NextJob(ctx, q.Name)
		if errors.Is(err, spool.ErrNotFound) { // canceled since the queues were counted
			continue
		}
		if err != nil {
			return spool.Job{}, false, err
		}
		s.mu.Lock()
		heads = append(heads, head{job, q.Progressing, s.served[q.Name]})
		s.mu.Unlock()
	}
	if len(heads) == 0 {
		return spool.Job{}, false, nil
	}
	best := slices.MinFunc(heads, func(a, b head) int {
		return cmp.Or(cmp.Compare(a.running, b.running), cmp.Compare(b.job.WaitsAt, a.job.WaitsAt),
			a.served.Compare(b.served), a.job.CreatedAt.Compare(b.job.CreatedAt))
	})
	return best.job, true, nil
}

// begin moves a job from SUBMITTED to PROGRESSING and orders its first attempt;
// begun is false when it was canceled since it was chosen.
func (s *Service) begin(ctx context.Context, tx Tx, chosen spool.Job) (job spool.Job, begun bool, err error) {
	if job, err = tx.LockJob(ctx, chosen.ID); err != nil || !job.Status.CanMove(spool.JobProgressing) {
		return job, false, err
	}
	now := s.o.Now().UTC()
	job.Status, job.StartedAt = spool.JobProgressing, now
	if job, err = s.order(ctx, tx, job); err != nil {
		return job, false, err
	}
	if err := s.announce(ctx, tx, mediaconvert.EventProgressing, job, now); err != nil {
		return job, false, err
	}
	for _, w := range job.Warnings {
		if err := s.warn(ctx, tx, job, w, now); err != nil {
			return job, false, err
		}
	}
	return job, true, nil
}

// order begins a new attempt at a job: from the start, with an order of its own.
func (s *Service) order(ctx context.Context, tx Tx, job spool.Job) (spool.Job, error) {
	job.Attempt++
	job.Phase, job.Percent = spool.PhaseProbing, 0
	if err := tx.SaveJob(ctx, job); err != nil {
		return job, err
	}
	return job, s.send(ctx, tx, workSubject(job.ID), fmt.Sprintf("work-%s-%d", job.ID, job.Attempt),
		spool.WorkOrder{JobID: job.ID, Attempt: job.Attempt, Settings: job.Settings, Policy: job.Policy, Started: job.StartedAt})
}

func workSubject(id string) string   { return spool.SubjectWork + id }
func reportSubject(id string) string { return spool.SubjectReport + id }
