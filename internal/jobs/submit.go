package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// tokenLife is how long a client request token gives the job it made (behaviour.md 1.6).
const tokenLife = time.Minute

// maxPriority is the highest priority; its negative is the lowest (behaviour.md 1.9).
const maxPriority = 50

// maxSettings bounds the settings of a job: an order with them must fit on the bus.
const maxSettings = 8 << 20

// Submit takes a job in. The same client request token within one minute gives
// the job that it made, whatever the rest of the request says. A queue that
// does not exist or a request out of bounds is spool.ErrInvalid.
func (s *Service) Submit(ctx context.Context, req spool.JobRequest) (spool.Job, error) {
	return s.SubmitWith(ctx, req, nil)
}

// SubmitWith is Submit with also run in the same transaction, after the job was
// written: both are kept or neither. An error of also is returned, wrapped. It
// is not run when the client request token gives an older job, and may run
// twice (see store.DB.Tx).
func (s *Service) SubmitWith(ctx context.Context, req spool.JobRequest, also func(tx Tx, job spool.Job) error) (spool.Job, error) {
	if err := complete(&req); err != nil {
		return spool.Job{}, err
	}
	if err := s.allowed(ctx, &req); err != nil {
		return spool.Job{}, err
	}
	now := s.created()
	req.JobEngineUsed = mediaconvert.EngineVersionUsed(req.JobEngineVersion, now)
	job := spool.Job{JobRequest: req, ID: mediaconvert.NewJobID(now, rand.Uint32), Status: spool.JobSubmitted, CreatedAt: now,
		WaitsIn: req.Queue, WaitsAt: req.Priority}
	if job.ClientRequestToken == "" {
		job.ClientRequestToken = madeToken(now)
	}
	holder := job.ID
	err := s.o.InTx(ctx, func(tx Tx) (err error) {
		if req.ClientRequestToken != "" {
			if holder, err = tx.ClaimToken(ctx, req.ClientRequestToken, job.ID, now, now.Add(-tokenLife)); err != nil || holder != job.ID {
				return err
			}
		}
		if err := tx.InsertJob(ctx, job); err != nil {
			return err
		}
		if due := nextHop(&job, time.Time{}); !due.IsZero() {
			if err := tx.SetHop(ctx, job.ID, due); err != nil {
				return err
			}
		}
		if also == nil {
			return nil
		}
		return also(tx, job)
	})
	if err != nil {
		return spool.Job{}, fmt.Errorf("submit a job: %w", err)
	}
	if holder != job.ID {
		return s.Get(ctx, holder)
	}
	s.o.Log.Info("job submitted", "job", job.ID, "queue", job.Queue, "priority", job.Priority)
	s.wakeUp()
	return job, nil
}

// allowed refuses what the input policy, the queue or its hops do not allow.
func (s *Service) allowed(ctx context.Context, req *spool.JobRequest) error {
	policy, err := s.o.Store.Policy(ctx)
	if err != nil {
		return err
	}
	req.Policy = policy
	if err := mediaconvert.CheckInputPolicy(req.Settings, policy); err != nil {
		return err
	}
	q, err := s.o.Store.Queue(ctx, req.Queue)
	if errors.Is(err, spool.ErrNotFound) {
		return noQueue("/queue", req.Queue)
	}
	if err != nil {
		return err
	}
	if q.Reservation != nil || req.SimulateReservedQueue == "ENABLED" {
		if err := mediaconvert.CheckReserved(req.Settings, req.AccelerationMode); err != nil {
			return err
		}
	}
	return s.checkHops(ctx, req)
}

// noQueue is what is wrong with a request that names a queue which is not there.
func noQueue(pointer, name string) spool.Problems {
	return spool.Problems{{Pointer: pointer, Message: fmt.Sprintf("The queue %q does not exist. Create it or name another.", name)}}
}

// complete fills what a request may leave out and refuses what is out of bounds.
func complete(req *spool.JobRequest) error {
	if req.Queue = spool.ResourceName(req.Queue); req.Queue == "" {
		req.Queue = spool.DefaultQueue
	}
	if req.StatusUpdateInterval == "" {
		req.StatusUpdateInterval = "SECONDS_60"
	}
	switch {
	case req.Priority < -maxPriority || req.Priority > maxPriority:
		return spool.Userf(spool.ErrInvalid, "The priority %d is out of range: use -50 to 50.", req.Priority)
	case interval(req.StatusUpdateInterval) == 0:
		return spool.Userf(spool.ErrInvalid, "The status update interval %q is unknown: use SECONDS_10 to SECONDS_600.", req.StatusUpdateInterval)
	case len(req.Settings) > maxSettings:
		return spool.Userf(spool.ErrInvalid, "The settings are %d bytes long; %d are allowed.", len(req.Settings), maxSettings)
	case len(req.ClientRequestToken) > 64:
		return spool.Userf(spool.ErrInvalid, "The client request token is longer than 64 characters.")
	}
	return nil
}

// interval reads a status update interval; 0 when it is none.
func interval(name string) time.Duration {
	n, err := strconv.Atoi(strings.TrimPrefix(name, "SECONDS_"))
	if err != nil || !strings.HasPrefix(name, "SECONDS_") || n < 10 || n > 600 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// created gives the time now, later than every one it gave before: it is the
// order of submission, and stored in microseconds.
func (s *Service) created() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now().UTC().Truncate(time.Microsecond)
	if !now.After(s.lastCreated) {
		now = s.lastCreated.Add(time.Microsecond)
	}
	s.lastCreated = now
	return now
}

// madeToken gives a token of the shape that the service shows for jobs
// submitted without one: 1712252705233-abcDEF (behaviour.md 1.6).
func madeToken(now time.Time) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	var tail [6]byte
	for i := range tail {
		tail[i] = letters[rand.IntN(len(letters))]
	}
	return fmt.Sprintf("%013d-%s", now.UnixMilli(), tail[:])
}

// ByToken gives the job that a client request token made within the last
// minute, or spool.ErrNotFound. Submit gives it too, but only to a request that
// is valid now.
func (s *Service) ByToken(ctx context.Context, token string) (spool.Job, error) {
	return s.o.Store.TokenJob(ctx, token, s.o.Now().Add(-tokenLife))
}

// Get gives one job, or spool.ErrNotFound.
func (s *Service) Get(ctx context.Context, id string) (spool.Job, error) {
	return s.o.Store.Job(ctx, spool.ResourceName(id))
}

// List gives a page of jobs, newest first unless f.Ascending, and tells whether
// more follow. A page goes on from f.After, a Job.Place, whatever came or went
// since; what is no place is spool.ErrInvalid. Queues may be ARNs. A page may end
// early, with one job at least and more to follow. Searches for a part of a URI
// are few at once: one that would wait for long is spool.ErrThrottled.
func (s *Service) List(ctx context.Context, f spool.JobFilter) (jobs []spool.Job, more bool, err error) {
	f.Queue = spool.ResourceName(f.Queue)
	if n := utf8.RuneCountInString(f.InputFile); n > maxSearch {
		return nil, false, spool.Userf(spool.ErrInvalid, "The part of an input's name is %d characters long; %d are allowed.", n, maxSearch)
	}
	if looksForInputs(f) {
		timer := time.NewTimer(s.searchWait)
		defer timer.Stop()
		select {
		case s.searches <- struct{}{}:
			defer func() { <-s.searches }()
		case <-timer.C:
			return nil, false, spool.Userf(spool.ErrThrottled, "%d searches for inputs are under way, and more wait. Try again in some seconds.", maxSearches)
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
	return s.o.Store.Jobs(ctx, f)
}

// looksForInputs tells whether a listing may have to read the inputs of all jobs.
func looksForInputs(f spool.JobFilter) bool {
	return f.InputFile != "" || slices.ContainsFunc(f.Where, func(t spool.JobTerm) bool { return t.Key == spool.JobKeyInput })
}

const (
	// maxSearches is how many searches run at once, beside one jobs query: one may
	// read all jobs, and SQLite has four readers, which are everybody's.
	maxSearches = 2
	// searchWait is how long a client's search waits for its turn.
	searchWait = 3 * time.Second
)

// maxSearch is the longest part of an input's URI to search for, in characters
// (behaviour.md 1.4).
const maxSearch = 300
