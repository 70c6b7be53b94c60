package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"spool/internal/spool"
)

const (
	// maxQueries is how many jobs queries may be under way at once (behaviour.md 1.4).
	maxQueries = 10
	// queryLife is how long the result of a jobs query is kept.
	queryLife = time.Hour
	// maxResults is how many results are kept; the oldest goes first.
	maxResults = 1000
	// queryTime is how long a jobs query may take once it is under way.
	queryTime = time.Minute
	// queryPage is the size of a page when none is asked for (behaviour.md 1.4).
	queryPage = 20
)

// queries are the jobs queries of this process. They are kept in memory: after a
// restart their ids are unknown and clients ask anew, which costs them nothing,
// for a query changes nothing. What is kept of a result is which jobs are in it;
// the jobs are read when the result is asked for.
type queries struct {
	todo chan *query
	turn chan struct{} // held by the one query that looks for inputs now
	time time.Duration // queryTime

	mu   sync.Mutex
	byID map[string]*query
	all  []*query // oldest first
}

type query struct {
	id     string
	filter spool.JobFilter
	began  time.Time

	// Under the lock of queries.
	status spool.QueryStatus
	jobs   []string
	next   string
}

func newQueries() queries {
	return queries{todo: make(chan *query, maxQueries), turn: make(chan struct{}, 1), time: queryTime, byID: map[string]*query{}}
}

// StartQuery begins to look for jobs and gives the id that Query takes. More
// than 10 under way are spool.ErrThrottled. The filter is List's; a Limit of 0
// is a page of 20.
func (s *Service) StartQuery(_ context.Context, f spool.JobFilter) (id string, err error) {
	if err := checkQuery(&f); err != nil {
		return "", err
	}
	q := &query{id: uuid.NewString(), filter: f, began: s.o.Now(), status: spool.QuerySubmitted}
	k := &s.queries
	k.mu.Lock()
	defer k.mu.Unlock()
	open := 0
	for _, other := range k.all {
		if other.status == spool.QuerySubmitted || other.status == spool.QueryProgressing {
			open++
		}
	}
	if open >= maxQueries {
		return "", spool.Userf(spool.ErrThrottled, "%d jobs queries are under way. Wait until one is complete.", open)
	}
	k.all = slices.DeleteFunc(k.all, func(old *query) bool {
		ended := old.status == spool.QueryComplete || old.status == spool.QueryError
		gone := ended && (q.began.Sub(old.began) > queryLife || len(k.byID) >= maxResults)
		if gone {
			delete(k.byID, old.id)
		}
		return gone
	})
	k.all, k.byID[q.id] = append(k.all, q), q
	k.todo <- q // there is room: no more than maxQueries are open
	return q.id, nil
}

func checkQuery(f *spool.JobFilter) error {
	f.Queue = spool.ResourceName(f.Queue)
	if _, _, ok := spool.ReadPlace(f.After); f.After != "" && !ok {
		return spool.Userf(spool.ErrInvalid, "The page to go on from (%q) is none of this list.", f.After)
	}
	if f.Limit == 0 {
		f.Limit = queryPage
	}
	values := 0
	f.Where = slices.Clone(f.Where)
	for i, t := range f.Where {
		if !slices.Contains(jobKeys, t.Key) {
			return spool.Userf(spool.ErrInvalid, "Jobs cannot be looked for by %q.", string(t.Key))
		}
		values += len(t.Values)
		f.Where[i].Values = slices.Clone(t.Values)
		for j, v := range t.Values {
			if t.Key == spool.JobKeyQueue {
				f.Where[i].Values[j] = spool.ResourceName(v)
			}
		}
	}
	if values > maxValues {
		return spool.Userf(spool.ErrInvalid, "The filters hold %d values; %d are allowed.", values, maxValues)
	}
	return nil
}

var jobKeys = []spool.JobKey{
	spool.JobKeyQueue, spool.JobKeyStatus, spool.JobKeyInput, spool.JobKeyVersionRequested, spool.JobKeyVersionUsed,
	spool.JobKeyAudioCodec, spool.JobKeyVideoCodec,
}

// maxValues bounds the values of all filters of a query: each is a question to
// the database.
const maxValues = 100

// Query gives a jobs query and, when it is COMPLETE, its page of jobs, without
// those that were deleted since. An id that is unknown, or older than an hour,
// is spool.ErrNotFound.
func (s *Service) Query(ctx context.Context, id string) (spool.JobQuery, error) {
	k := &s.queries
	k.mu.Lock()
	q := k.byID[id]
	if q == nil {
		k.mu.Unlock()
		return spool.JobQuery{}, spool.Userf(spool.ErrNotFound, "There is no jobs query %q. Results are kept for an hour; start the query again.", id)
	}
	out, ids := spool.JobQuery{ID: id, Filter: q.filter, Status: q.status, Next: q.next}, q.jobs
	k.mu.Unlock()
	for _, id := range ids {
		job, err := s.o.Store.Job(ctx, id)
		if errors.Is(err, spool.ErrNotFound) {
			continue
		}
		if err != nil {
			return spool.JobQuery{}, err
		}
		out.Jobs = append(out.Jobs, job)
	}
	return out, nil
}

// startQueries works on the queries until ctx ends; stop waits for those under
// way, which end early.
func (s *Service) startQueries(ctx context.Context) (stop func()) {
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	for range maxQueries {
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case q := <-s.queries.todo:
					s.answerQuery(ctx, q)
				}
			}
		})
	}
	return func() {
		cancel()
		wg.Wait()
	}
}

// answerQuery works on one query. One that looks for inputs waits for its turn
// and stays SUBMITTED: it may read all jobs for each of its values, and the turns
// of List's searches, for which clients wait, are not for it.
func (s *Service) answerQuery(ctx context.Context, q *query) {
	k := &s.queries
	if looksForInputs(q.filter) {
		select {
		case k.turn <- struct{}{}:
			defer func() { <-k.turn }()
		case <-ctx.Done():
			k.todo <- q // for the next run; there is room, for it is still open
			return
		}
	}
	k.mu.Lock()
	q.status = spool.QueryProgressing
	k.mu.Unlock()
	timed, cancel := context.WithTimeout(ctx, k.time)
	defer cancel()
	jobs, more, err := s.o.Store.Jobs(timed, q.filter)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		q.status = spool.QueryError
		switch {
		case ctx.Err() != nil:
			s.o.Log.Info("a jobs query was given up, for the server stops", "query", q.id)
		case timed.Err() != nil: // many values among many jobs: nothing is broken
			s.o.Log.Warn("a jobs query took too long and was given up; one with fewer or longer values is faster", "query", q.id, "limit", k.time)
		default:
			s.o.Log.Error("a jobs query failed", "query", q.id, "error", err)
		}
		return
	}
	q.status = spool.QueryComplete
	for _, j := range jobs {
		q.jobs = append(q.jobs, j.ID)
	}
	if more {
		q.next = jobs[len(jobs)-1].Place()
	}
}
