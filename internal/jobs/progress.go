package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// live is what is known of a PROGRESSING job between two writes.
type live struct {
	attempt  int
	started  time.Time
	interval time.Duration
	progress spool.Progress
	dirty    bool      // progress is ahead of what is stored
	heard    time.Time // when progress came last
	updates  int       // STATUS_UPDATE events that are over, sent or missed
}

// follow begins to follow a PROGRESSING job, or its new attempt.
func (s *Service) follow(job spool.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.live[job.ID]; l != nil && l.attempt >= job.Attempt {
		return
	}
	l := &live{
		attempt: job.Attempt, started: job.StartedAt, interval: max(interval(job.StatusUpdateInterval), 10*time.Second),
		progress: spool.Progress{Phase: job.Phase, Percent: job.Percent},
	}
	for now := s.o.Now(); !l.due(l.updates).After(now); {
		l.updates++ // missed while nobody was here: too late to tell
	}
	s.live[job.ID] = l
	delete(s.strangers, job.ID)
}

// due gives the time of the nth STATUS_UPDATE, from 0: the first a minute after
// the start, or one interval if that is less, then one each interval
// (behaviour.md 3.2).
func (l *live) due(n int) time.Time {
	return l.started.Add(min(l.interval, time.Minute) + time.Duration(n)*l.interval)
}

// reached notes the phase that a job was found to be in by other ways than
// progress, so that flush does not write an earlier one.
func (s *Service) reached(job spool.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.live[job.ID]; l != nil && l.attempt == job.Attempt {
		l.progress = further(l.progress, spool.Progress{Phase: job.Phase})
	}
}

func (s *Service) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, id)
	delete(s.missing, id)
}

// hearProgress takes a report of progress; flush writes it.
func (s *Service) hearProgress(data []byte) {
	var r spool.Report
	if err := json.Unmarshal(data, &r); err != nil || r.Progress == nil {
		s.o.Log.Warn("jobs: a report of progress makes no sense", "error", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.live[r.JobID]
	switch {
	case l == nil:
		s.strangers[r.JobID] = struct{}{}
	case l.attempt == r.Attempt:
		l.heard = s.o.Now()
		if next := further(l.progress, *r.Progress); next != l.progress {
			l.progress, l.dirty = next, true
		}
	}
}

var phaseOrder = map[spool.JobPhase]int{"": 0, spool.PhaseProbing: 1, spool.PhaseTranscoding: 2, spool.PhaseUploading: 3}

// further joins two reports of progress so that nothing goes backwards: a
// worker that took an order over begins anew.
func further(a, b spool.Progress) spool.Progress {
	out := b
	switch {
	case phaseOrder[b.Phase] < phaseOrder[a.Phase]:
		out.Phase, out.PhasePercent = a.Phase, a.PhasePercent
	case b.Phase == a.Phase:
		out.PhasePercent = max(a.PhasePercent, b.PhasePercent)
	}
	out.PhasePercent = min(max(out.PhasePercent, 0), 100)
	out.Percent = min(max(a.Percent, b.Percent, 0), 99) // 100 is COMPLETE
	out.FramesDecoded = max(a.FramesDecoded, b.FramesDecoded)
	return out
}

// flush writes the progress heard since the last round, sends the STATUS_UPDATE
// events that are due, and sees to the strangers.
func (s *Service) flush(ctx context.Context) error {
	type step struct {
		id string
		live
		due int // number of the STATUS_UPDATE to send; -1: none
	}
	var steps []step
	now := s.o.Now().UTC()
	s.mu.Lock()
	for id, l := range s.live {
		st := step{id, *l, -1}
		for !l.due(l.updates).After(now) {
			st.due = l.updates // of several that are due, the last is told
			l.updates++
		}
		if l.dirty || st.due >= 0 {
			steps = append(steps, st)
		}
		l.dirty = false
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.id, b.id) }) // servers lock in one order
	strangers := s.strangers
	s.strangers = map[string]struct{}{}
	s.mu.Unlock()
	if len(steps) > 0 {
		err := s.o.InTx(ctx, func(tx Tx) error {
			for _, st := range steps {
				if err := tx.SaveProgress(ctx, st.id, st.attempt, st.progress.Phase, st.progress.Percent); err != nil {
					return err
				}
				if st.due < 0 {
					continue
				}
				if err := s.statusUpdate(ctx, tx, st.id, st.live, st.due, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil { // lost for this round; what comes next is further anyway
			return fmt.Errorf("write progress: %w", err)
		}
	}
	return s.meet(ctx, strangers)
}

// statusUpdate sends the nth STATUS_UPDATE of a job. Its message id is made of
// job and number, so that several servers together send it once.
func (s *Service) statusUpdate(ctx context.Context, tx Tx, id string, l live, n int, now time.Time) error {
	job, err := tx.LockJob(ctx, id)
	if errors.Is(err, spool.ErrNotFound) {
		return nil
	}
	if err != nil || job.Status != spool.JobProgressing || job.Attempt != l.attempt {
		return err
	}
	p := further(spool.Progress{Phase: job.Phase, Percent: job.Percent}, l.progress)
	event := mediaconvert.EventStatusUpdate(job, p, s.o.Identity, uuid.NewString(), now)
	return s.send(ctx, tx, spool.SubjectEvent+"mediaconvert", fmt.Sprintf("update-%s-%d", id, n), event)
}

// meet looks at jobs that report progress and are not followed here. Those that
// another server dispatched are followed from now on; a worker that runs a job
// that has ended, or never was, missed the cancel and is told again.
func (s *Service) meet(ctx context.Context, strangers map[string]struct{}) error {
	for id := range strangers {
		job, err := s.o.Store.Job(ctx, id)
		switch {
		case err == nil && job.Status == spool.JobProgressing:
			s.follow(job)
		case errors.Is(err, spool.ErrNotFound), err == nil && job.Status.Terminal():
			if err := s.o.Bus.Broadcast(spool.SubjectCancel+id, nil); err != nil {
				return fmt.Errorf("stop the worker of job %s: %w", id, err)
			}
		case err != nil:
			return fmt.Errorf("look up job %s: %w", id, err)
		}
	}
	return nil
}
