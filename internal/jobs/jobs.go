package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// JobTx changes jobs inside a transaction; store.Tx says more of each method.
type JobTx interface {
	InsertJob(ctx context.Context, j spool.Job) error
	LockJob(ctx context.Context, id string) (spool.Job, error)
	SaveJob(ctx context.Context, j spool.Job) error
	SaveProgress(ctx context.Context, id string, attempt int, phase spool.JobPhase, percent int) error
	ClaimToken(ctx context.Context, token, jobID string, now, since time.Time) (holder string, err error)
}

// QueueTx changes queues inside a transaction and chooses from them.
type QueueTx interface {
	LockDispatch(ctx context.Context) error
	Queues(ctx context.Context) ([]spool.Queue, error)
	NextJob(ctx context.Context, queue string) (spool.Job, error)
	KeepQueues
	HopTx
}

// HopTx keeps when the next hop of a job is due.
type HopTx interface {
	SetHop(ctx context.Context, id string, due time.Time) error
	HopDue(ctx context.Context, id string) (due time.Time, late bool, err error)
}

// CountTx mends the counts of a queue.
type CountTx interface {
	RecountQueue(ctx context.Context, name string) (was, is spool.Queue, err error)
}

// KeepQueues changes queues inside a transaction.
type KeepQueues interface {
	InsertQueue(ctx context.Context, q spool.Queue) error
	LockQueue(ctx context.Context, name string) (spool.Queue, error)
	SaveQueue(ctx context.Context, q spool.Queue) error
	DeleteQueue(ctx context.Context, name string) error
}

// Tx is a transaction; *store.Tx is one.
type Tx interface {
	JobTx
	QueueTx
	CountTx
	// Outbox has a message published when the transaction commits.
	Outbox(ctx context.Context, subject, msgID string, data []byte) error
}

// Reader reads what is committed.
type Reader interface {
	Job(ctx context.Context, id string) (spool.Job, error)
	Jobs(ctx context.Context, f spool.JobFilter) (jobs []spool.Job, more bool, err error)
	Queue(ctx context.Context, name string) (spool.Queue, error)
	Queues(ctx context.Context) ([]spool.Queue, error)
	DueHops(ctx context.Context, queue string, now time.Time, limit int) (ids []string, err error)
}

// Tokens are the client request tokens of late.
type Tokens interface {
	TokenJob(ctx context.Context, token string, since time.Time) (spool.Job, error)
	DeleteTokens(ctx context.Context, before time.Time) error
}

// Rescans is what only rescans ask for.
type Rescans interface {
	OutboxHas(ctx context.Context, subject string) (bool, error)
	DriftedQueues(ctx context.Context) (names []string, err error)
	DeleteJobs(ctx context.Context, before time.Time, limit int) (n int, err error)
}

// Store is where the state is; *store.DB is one.
type Store interface {
	Reader
	Tokens
	Rescans
	Policy(ctx context.Context) (spool.InputPolicy, error)
}

// Streams are the messages that are kept.
type Streams interface {
	Consume(ctx context.Context, stream, durable string, concurrency int, handle func(context.Context, spool.Message) error) (stop func(), err error)
	Holds(ctx context.Context, stream, subject string) (bool, error)
	Purge(ctx context.Context, stream, subject string) error
}

// Signals are the messages that are not kept.
type Signals interface {
	Broadcast(subject string, data []byte) error
	Listen(subject string, f func(subject string, data []byte)) (stop func(), err error)
	Answer(subject string, f func(subject string, data []byte) []byte) (stop func(), err error)
}

// Bus is how the workers are reached; *bus.Bus is one.
type Bus interface {
	Streams
	Signals
}

// Options say what a service works with. Store, InTx, Bus and Log are required.
type Options struct {
	Store Store
	// InTx runs f in a transaction of Store: func(ctx, f) { return db.Tx(ctx, func(tx *store.Tx) error { return f(tx) }) }.
	InTx     func(ctx context.Context, f func(tx Tx) error) error
	Bus      Bus
	Identity spool.Identity
	Log      *slog.Logger
	Now      func() time.Time // nil: time.Now
	Tick     time.Duration    // how often progress is written and work given out without a sign; 0: 1 s
	Rescan   time.Duration    // how often lost orders are looked for; 0: 30 s
	Grace    time.Duration    // how long an order must be gone before it is sent again; 0: 1 min

	MaxQueues int // most queues that users may make; 0: no limit
}

// Service keeps the state of jobs. Its methods may be called from many goroutines.
type Service struct {
	o    Options
	wake chan struct{} // something may be dispatched

	queries queries

	searches   chan struct{} // one for each under way
	searchWait time.Duration

	mu          sync.Mutex
	lastCreated time.Time
	workers     map[string]worker    // by name
	live        map[string]*live     // PROGRESSING jobs by id
	strangers   map[string]struct{}  // ids that report progress but are not in live
	served      map[string]time.Time // queue: when a job of it was dispatched last, here
	missing     map[string]time.Time // PROGRESSING job without an order: since when
}

// New makes a service and the queue Default if it is not there yet. Run starts it.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	defaults := []struct {
		field *time.Duration
		value time.Duration
	}{{&o.Tick, time.Second}, {&o.Rescan, 30 * time.Second}, {&o.Grace, time.Minute}}
	for _, d := range defaults {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	s := &Service{
		o: o, wake: make(chan struct{}, 1), queries: newQueries(),
		searches: make(chan struct{}, maxSearches), searchWait: searchWait,
		workers: map[string]worker{}, live: map[string]*live{}, strangers: map[string]struct{}{},
		served: map[string]time.Time{}, missing: map[string]time.Time{},
	}
	if err := s.makeDefaultQueue(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Run gives out work and applies reports until ctx ends; then it lets what is
// under way finish and returns nil. An error means that it could not start.
func (s *Service) Run(ctx context.Context) error {
	keep := context.WithoutCancel(ctx) // a report under way is applied to its end
	var stops []func()
	defer func() {
		for _, stop := range stops {
			stop()
		}
	}()
	for _, start := range []func() (func(), error){
		func() (func(), error) {
			return s.o.Bus.Listen(spool.SubjectProgress+"*", func(_ string, data []byte) { s.hearProgress(data) })
		},
		func() (func(), error) {
			return s.o.Bus.Answer(spool.SubjectMayPublish+"*", func(_ string, data []byte) []byte { return s.answer(keep, data) })
		},
		func() (func(), error) {
			return s.o.Bus.Consume(keep, spool.StreamReports, spool.ConsumerJobs, 1, s.handleReport)
		},
		func() (func(), error) {
			return s.o.Bus.Listen(spool.SubjectHello, func(_ string, data []byte) { s.hearHello(data) })
		},
	} {
		stop, err := start()
		if err != nil {
			return fmt.Errorf("jobs: %w", err)
		}
		stops = append(stops, stop)
	}
	stops = append(stops, s.startQueries(ctx))
	tick, rescan := time.NewTicker(s.o.Tick), time.NewTicker(s.o.Rescan)
	defer tick.Stop()
	defer rescan.Stop()
	s.try(ctx, "rescan", s.rescan)
	for {
		s.try(ctx, "dispatch", s.dispatch)
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
			s.try(ctx, "progress", s.flush)
			s.try(ctx, "dispatch", s.dispatch) // what can run now does not hop
			s.try(ctx, "hop", s.hop)
		case <-rescan.C:
			s.try(ctx, "rescan", s.rescan)
		}
	}
}

// try runs one round of something that comes round again: an error is logged,
// and mended by the next round.
func (s *Service) try(ctx context.Context, what string, f func(context.Context) error) {
	if err := f(ctx); err != nil && ctx.Err() == nil {
		s.o.Log.Error("jobs: a round failed; the next one tries again", "round", what, "error", err)
	}
}

// wakeUp has the dispatcher look at the queues now.
func (s *Service) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// makeEvent is one of mediaconvert's Event functions.
type makeEvent func(job spool.Job, id spool.Identity, eventID string, now time.Time) spool.Event

// announce puts an event of a job in the outbox.
func (s *Service) announce(ctx context.Context, tx Tx, make makeEvent, job spool.Job, now time.Time) error {
	event := make(job, s.o.Identity, uuid.NewString(), now)
	return s.send(ctx, tx, spool.SubjectEvent+"mediaconvert", event.ID, event)
}

// warn puts NEW_WARNING for a warning of a job in the outbox.
func (s *Service) warn(ctx context.Context, tx Tx, job spool.Job, w spool.Warning, now time.Time) error {
	event := mediaconvert.EventNewWarning(job, w, s.o.Identity, uuid.NewString(), now)
	return s.send(ctx, tx, spool.SubjectEvent+"mediaconvert", event.ID, event)
}

func (s *Service) send(ctx context.Context, tx Tx, subject, msgID string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a message on %s: %w", subject, err)
	}
	return tx.Outbox(ctx, subject, msgID, data)
}
