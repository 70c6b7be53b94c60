package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"spool/internal/announce"
	"spool/internal/bus"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is a service with everything real around it.
type house struct {
	*Service
	t     *testing.T
	db    *store.DB
	bus   *bus.Bus
	clock *clock
}

// build makes a service on a database and a bus folder. Nothing runs yet.
func build(t *testing.T, dsn, busDir string) *house {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	db := storetest.Open(t, dsn)
	b, err := bus.Start(t.Context(), bus.Options{Dir: busDir, Log: log, AckWait: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, bus: b, clock: &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}
	t.Cleanup(h.closeBus)
	h.Service, err = New(t.Context(), Options{
		Store: db,
		InTx: func(ctx context.Context, f func(tx Tx) error) error {
			return storetest.Twice(ctx, db, func(tx *store.Tx) error { return f(tx) })
		},
		Bus: b, Identity: spool.DefaultIdentity(), Log: log, Now: h.clock.Now,
		Tick: 20 * time.Millisecond, Rescan: 50 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) closeBus() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := h.bus.Close(ctx); err != nil {
		h.t.Error(err)
	}
}

// run runs the service and the relay; stop, or the end of the test, stops both.
func (h *house) run() (stop func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	var wg sync.WaitGroup
	relay := announce.New(announce.Options{Outbox: h.db, Publisher: h.bus, Log: h.o.Log})
	for _, run := range []func(context.Context) error{h.Run, relay.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				h.t.Error(err)
			}
		})
	}
	stop = func() {
		cancel()
		wg.Wait()
	}
	h.t.Cleanup(stop)
	return stop
}

func (h *house) ctx() context.Context { return h.t.Context() }

// submit submits a job; set may change the request.
func (h *house) submit(set func(*spool.JobRequest)) spool.Job {
	h.t.Helper()
	req := spool.JobRequest{Settings: json.RawMessage(`{"inputs":[]}`), UserMetadata: map[string]string{"k": "v"}}
	if set != nil {
		set(&req)
	}
	job, err := h.Submit(h.ctx(), req)
	if err != nil {
		h.t.Fatal(err)
	}
	return job
}

func (h *house) get(id string) spool.Job {
	h.t.Helper()
	job, err := h.Get(h.ctx(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return job
}

// put writes a job's changeable part past the service.
func (h *house) put(job spool.Job) {
	h.t.Helper()
	err := h.db.Tx(h.ctx(), func(tx *store.Tx) error {
		if _, err := tx.LockJob(h.ctx(), job.ID); err != nil {
			return err
		}
		return tx.SaveJob(h.ctx(), job)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// hello says hello as a worker, past the bus.
func (h *house) hello(name string, slots int) {
	h.t.Helper()
	data, err := json.Marshal(spool.WorkerHello{Worker: name, Slots: slots})
	if err != nil {
		h.t.Fatal(err)
	}
	h.hearHello(data)
}

// taken empties the outbox and gives what was in it: "work <id>" or the status
// an event tells of, with its job.
func (h *house) taken() (out []string) {
	h.t.Helper()
	rows, err := h.db.PendingOutbox(h.ctx(), 10_000)
	if err != nil {
		h.t.Fatal(err)
	}
	var ids []int64
	for _, r := range rows {
		out = append(out, describe(h.t, r.Subject, r.Data))
		ids = append(ids, r.ID)
	}
	if err := h.db.DeleteOutbox(h.ctx(), ids); err != nil {
		h.t.Fatal(err)
	}
	return out
}

func describe(t *testing.T, subject string, data []byte) string {
	t.Helper()
	if subject != spool.SubjectEvent+"mediaconvert" {
		var order spool.WorkOrder
		if err := json.Unmarshal(data, &order); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("work %s %d", order.JobID, order.Attempt)
	}
	var event spool.Event
	var detail struct {
		JobID, Status string
	}
	if err := json.Unmarshal(data, &event); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(event.Detail, &detail); err != nil {
		t.Fatal(err)
	}
	return detail.Status + " " + detail.JobID
}

// orders takes the work orders off the bus.
func (h *house) orders() <-chan spool.WorkOrder {
	h.t.Helper()
	c := make(chan spool.WorkOrder, 100)
	_, err := h.bus.Consume(h.ctx(), spool.StreamWork, spool.ConsumerWork, 1, func(_ context.Context, m spool.Message) error {
		var order spool.WorkOrder
		if err := json.Unmarshal(m.Data, &order); err != nil {
			return err
		}
		c <- order
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// events watches the job events from now on.
func (h *house) events() <-chan string {
	h.t.Helper()
	c := make(chan string, 1000)
	_, err := h.bus.Watch(h.ctx(), spool.StreamEvents, spool.SubjectEvent+"mediaconvert", func(m spool.Message) {
		c <- describe(h.t, m.Subject, m.Data)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// report publishes a durable report.
func (h *house) report(r spool.Report) {
	h.t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.bus.Publish(h.ctx(), spool.SubjectReport+r.JobID, fmt.Sprint(r.JobID, r.Attempt, r.Kind, time.Now().UnixNano()), data); err != nil {
		h.t.Fatal(err)
	}
}

// progress broadcasts a report of progress.
func (h *house) progress(job spool.Job, attempt int, p spool.Progress) {
	h.t.Helper()
	data, err := json.Marshal(spool.Report{JobID: job.ID, Attempt: attempt, Kind: spool.ReportProgress, Progress: &p})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.bus.Broadcast(spool.SubjectProgress+job.ID, data); err != nil {
		h.t.Fatal(err)
	}
}

// next waits for one value.
func next[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came in 30 s")
		panic("unreachable")
	}
}

// until waits for a condition that gives no signal.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("not in 30 s: %s", what)
		}
	}
}

// each runs a test with SQLite and with PostgreSQL.
func each(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) { f(t, build(t, dsn, t.TempDir())) })
}
