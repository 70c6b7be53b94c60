package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/store"
)

// minutes lets time pass and the due hops be made.
func (h *house) minutes(n float64) {
	h.t.Helper()
	h.clock.Add(time.Duration(n * float64(time.Minute)))
	if err := h.hop(h.ctx()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) queues(names ...string) {
	h.t.Helper()
	for _, name := range names {
		if _, err := h.CreateQueue(h.ctx(), spool.Queue{Name: name}); err != nil {
			h.t.Fatal(err)
		}
	}
}

// update changes the status of a queue.
func (h *house) status(queue, status string) {
	h.t.Helper()
	if q, err := h.UpdateQueue(h.ctx(), queue, spool.QueueUpdate{Status: &status}); err != nil || q.Status != status {
		h.t.Fatalf("%+v, %v", q, err)
	}
}

// counts checks how many jobs wait and run in a queue.
func (h *house) counts(queue string, submitted, progressing int) {
	h.t.Helper()
	q, err := h.GetQueue(h.ctx(), queue)
	if err != nil || q.Submitted != submitted || q.Progressing != progressing {
		h.t.Errorf("queue %s: %d wait and %d run, want %d and %d; %v", queue, q.Submitted, q.Progressing, submitted, progressing, err)
	}
}

// waits checks where a job is.
func (h *house) waits(job spool.Job, queue string, priority, hops int) spool.Job {
	h.t.Helper()
	got := h.get(job.ID)
	if got.WaitsIn != queue || got.WaitsAt != priority || len(got.Transitions) != hops {
		h.t.Errorf("it waits in %s at %d after %v, want %s, %d, %d hops", got.WaitsIn, got.WaitsAt, got.Transitions, queue, priority, hops)
	}
	if got.Queue != job.Queue || got.Priority != job.Priority {
		h.t.Errorf("submitted to %s at %d, and now it says %s at %d", job.Queue, job.Priority, got.Queue, got.Priority)
	}
	return got
}

func (h *house) sends(want ...string) {
	h.t.Helper()
	if got := h.taken(); !slices.Equal(got, want) {
		h.t.Errorf("sent %v, want %v", got, want)
	}
}

func TestHops(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("slow", "fast")
		seven := 7
		job := h.submit(func(r *spool.JobRequest) {
			r.Queue, r.Priority = "slow", -3
			r.Hops = []spool.Hop{{WaitMinutes: 10}, {Queue: "arn:aws:mediaconvert:us-east-1:000000000000:queues/fast", WaitMinutes: 5, Priority: &seven}}
		})
		stays := h.submit(func(r *spool.JobRequest) { r.Queue = "slow" })
		h.minutes(4.9)
		h.waits(job, "slow", -3, 0)
		h.sends()
		h.counts("slow", 2, 0)
		h.minutes(0.1)
		got := h.waits(job, "fast", 7, 1)
		if want := (spool.QueueTransition{Source: "slow", Destination: "fast", At: h.clock.Now()}); got.Transitions[0] != want {
			t.Errorf("%+v, want %+v", got.Transitions[0], want)
		}
		h.sends("QUEUE_HOP " + job.ID)
		h.counts("slow", 1, 0)
		h.counts("fast", 1, 0)
		h.minutes(0.1)
		h.sends()
		for queue, want := range map[string]int{"slow": 2, "fast": 0} { // lists go by the queue of submission
			if list, _, err := h.List(h.ctx(), spool.JobFilter{Queue: queue}); len(list) != want || err != nil {
				t.Errorf("queue %s lists %d jobs, want %d; %v", queue, len(list), want, err)
			}
		}
		h.minutes(5)
		h.waits(job, "Default", 7, 2)
		h.sends("QUEUE_HOP " + job.ID)
		h.counts("fast", 0, 0)
		h.waits(stays, "slow", 0, 0)
		before := h.submit(func(r *spool.JobRequest) { r.Priority = 8 })
		h.hello("w", 2)
		if err := h.dispatch(h.ctx()); err != nil {
			t.Fatal(err)
		}
		// It is ahead of nothing that has more priority where it waits now.
		if h.get(before.ID).Status != spool.JobProgressing || h.get(job.ID).Status != spool.JobSubmitted {
			t.Error("the order in the new queue is not that of the new priorities")
		}
		h.counts("Default", 1, 1)
		h.counts("slow", 0, 1)
	})
}

func TestHopsAndPausedQueues(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("slow", "fast")
		h.status("slow", "PAUSED")
		h.status("fast", "PAUSED")
		hops := func(r *spool.JobRequest) {
			r.Queue, r.Hops = "slow", []spool.Hop{{Queue: "fast", WaitMinutes: 1}}
		}
		first, second := h.submit(hops), h.submit(hops)
		h.minutes(2)
		h.waits(first, "slow", 0, 0)
		h.waits(second, "slow", 0, 0)
		h.status("slow", "ACTIVE")
		h.minutes(0)
		h.waits(first, "slow", 0, 0)  // nothing is ahead of it: it runs in place
		h.waits(second, "fast", 0, 1) // into a paused queue it may
		h.minutes(5)
		h.waits(first, "slow", 0, 0)
		h.hello("w", 10)
		if err := h.dispatch(h.ctx()); err != nil {
			t.Fatal(err)
		}
		h.counts("slow", 0, 1)
		h.counts("fast", 1, 0)
		if err := h.Cancel(h.ctx(), second.ID); err != nil {
			t.Error(err)
		}
		h.counts("fast", 0, 0)
	})
}

func TestHopThatFails(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("slow", "gone")
		if _, err := h.CreateQueue(h.ctx(), spool.Queue{Name: "narrow", PricingPlan: "RESERVED",
			Reservation: &spool.Reservation{Slots: 1, RenewalType: "EXPIRE", Commitment: "ONE_YEAR"}}); err != nil {
			t.Fatal(err)
		}
		job := h.submit(func(r *spool.JobRequest) {
			r.Queue = "slow"
			r.Settings = []byte(`{"outputGroups":[{"outputs":[{"videoDescription":{"codecSettings":{"codec":"AV1","av1Settings":{}}}}]}]}`)
			r.Hops = []spool.Hop{{Queue: "gone", WaitMinutes: 1}, {Queue: "narrow", WaitMinutes: 2}, {Queue: "Default", WaitMinutes: 3}}
		})
		if err := h.DeleteQueue(h.ctx(), "gone"); err != nil {
			t.Fatal(err)
		}
		for n := range 2 {
			h.minutes(1)
			got := h.waits(job, "slow", 0, 0)
			if len(got.RunWarnings) != n+1 || got.RunWarnings[n].Code != 100000 ||
				got.RunWarnings[n].Pointer != []string{"/hopDestinations/0/queue", "/hopDestinations/1/queue"}[n] {
				t.Errorf("%+v", got.RunWarnings)
			}
			h.sends("NEW_WARNING " + job.ID)
		}
		h.minutes(1)
		h.waits(job, "Default", 0, 1)
		h.sends("QUEUE_HOP " + job.ID)
	})
}

func TestHopsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := build(t, sqlite(t), t.TempDir())
	low := -51
	_, err := h.Submit(h.ctx(), spool.JobRequest{Settings: []byte(`{}`), Hops: []spool.Hop{
		{Queue: "none", WaitMinutes: 1}, {WaitMinutes: 4321, Priority: &low}}})
	want := `/hopDestinations/0/queue: The queue "none" does not exist. Create it or name another. | ` +
		`/hopDestinations/1/queue: Should be another queue than the one the job is submitted to | ` +
		`/hopDestinations/1/waitMinutes: Should be 1 to 4320 | /hopDestinations/1/priority: Should be -50 to 50`
	if !errors.Is(err, spool.ErrInvalid) || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// TestManyHopsAtOnce: more than one batch is due, and a job that runs does not hop.
func TestManyHopsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("fast")
		const n = hopBatch + 20
		for range n {
			h.submit(func(r *spool.JobRequest) { r.Hops = []spool.Hop{{Queue: "fast", WaitMinutes: 1}} })
		}
		h.hello("w", 1)
		if err := h.dispatch(h.ctx()); err != nil {
			t.Fatal(err)
		}
		h.minutes(1.1)
		h.counts("Default", 0, 1)
		h.counts("fast", n-1, 0)
	})
}

func TestEveryWarningIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.hello("w", 1)
		job := h.submit(func(r *spool.JobRequest) {
			r.Warnings = []spool.Warning{{Code: spool.WarnSettingIgnored, Pointer: "/a"}, {Code: spool.WarnSettingIgnored, Pointer: "/b"}}
		})
		h.sends()
		if err := h.dispatch(h.ctx()); err != nil {
			t.Fatal(err)
		}
		warning := "NEW_WARNING " + job.ID
		h.sends("work "+job.ID+" 1", "PROGRESSING "+job.ID, warning, warning)
		err := h.apply(h.ctx(), spool.Report{JobID: job.ID, Attempt: 1, Kind: spool.ReportDone, Warnings: []spool.Warning{{Code: 230001, Message: "m"}}})
		if err != nil {
			t.Error(err)
		}
		h.sends(warning, "COMPLETE "+job.ID)
	})
}

// TestCountsStayRight does at random what changes counts, and counts again.
func TestCountsStayRight(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("a", "b")
		h.hello("w", 3)
		var jobs []spool.Job
		random := uint32(1)
		for range 150 {
			random = random*1664525 + 1013904223
			switch random >> 16 % 6 {
			case 0, 1, 2:
				jobs = append(jobs, h.submit(func(r *spool.JobRequest) {
					r.Queue, r.Hops = "a", []spool.Hop{{Queue: "b", WaitMinutes: 1}}
				}))
			case 3:
				h.minutes(0.4)
			case 4:
				h.hello("w", 3)
				if err := h.dispatch(h.ctx()); err != nil {
					t.Fatal(err)
				}
			case 5:
				if len(jobs) == 0 {
					continue
				}
				job := jobs[random>>8%uint32(len(jobs))]
				if err := h.Cancel(h.ctx(), job.ID); err != nil && !errors.Is(err, spool.ErrConflict) {
					t.Fatal(err)
				}
				for i, kind := range []spool.ReportKind{spool.ReportDone, spool.ReportFailed} {
					other := jobs[(int(random>>4)+i)%len(jobs)]
					if err := h.apply(h.ctx(), spool.Report{JobID: other.ID, Attempt: 1, Kind: kind}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		want := map[string]spool.Queue{}
		list, _, err := h.db.Jobs(h.ctx(), spool.JobFilter{})
		if err != nil || len(list) == 0 {
			t.Fatal(err)
		}
		for _, j := range list {
			q := want[j.WaitsIn]
			if j.Status == spool.JobSubmitted {
				q.Submitted++
			}
			if j.Status == spool.JobProgressing {
				q.Progressing++
			}
			want[j.WaitsIn] = q
		}
		for _, name := range []string{"a", "b", "Default"} {
			h.counts(name, want[name].Submitted, want[name].Progressing)
		}
		err = h.db.Tx(h.ctx(), func(tx *store.Tx) error { return tx.SaveJob(h.ctx(), list[0]) })
		if err == nil {
			t.Error("a job may be written that was not locked: its counts would go wrong")
		}
	})
}

// TestHopsWhileItRuns: what the other tests call is called by Run.
func TestHopsWhileItRuns(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("fast")
		events := h.events()
		h.run()
		job := h.submit(func(r *spool.JobRequest) { r.Hops = []spool.Hop{{Queue: "fast", WaitMinutes: 1}} })
		h.clock.Add(time.Minute)
		if got := next(t, events); got != "QUEUE_HOP "+job.ID {
			t.Error(got)
		}
		h.status("fast", "PAUSED")
		h.hello("w", 1)
		h.status("fast", "ACTIVE")
		if got := next(t, events); got != "PROGRESSING "+job.ID {
			t.Error(got)
		}
	})
}

// TestHopsOfManyServersAtOnce: each hop is made once, whoever looks.
func TestHopsOfManyServersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("a", "b")
		const jobs = 40
		for n := range jobs {
			h.submit(func(r *spool.JobRequest) {
				r.Queue = []string{"a", "b"}[n%2]
				r.Hops = []spool.Hop{{Queue: []string{"b", "a"}[n%2], WaitMinutes: 1}}
			})
		}
		h.clock.Add(2 * time.Minute)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := h.hop(h.ctx()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := h.taken(); len(got) != jobs {
			t.Errorf("%d events, want %d: %v", len(got), jobs, got)
		}
		h.counts("a", jobs/2, 0)
		h.counts("b", jobs/2, 0)
	})
}

// asked counts how often a store is asked for a queue.
type asked struct {
	Store
	queues int
}

func (a *asked) Queue(ctx context.Context, name string) (spool.Queue, error) {
	a.queues++
	return a.Store.Queue(ctx, name)
}

// TestManyHopsOfFewQueues: what a request costs is not for its hops to decide.
func TestManyHopsOfFewQueues(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("a", "b")
		count := &asked{Store: h.o.Store}
		h.o.Store = count
		h.submit(func(r *spool.JobRequest) {
			for n := range 900 {
				r.Hops = append(r.Hops, spool.Hop{Queue: []string{"a", "b"}[n%2], WaitMinutes: n + 1})
			}
		})
		if count.queues != 3 { // and that of the job
			t.Errorf("the store was asked %d times for a queue", count.queues)
		}
		count.queues = 0
		_, err := h.Submit(h.ctx(), spool.JobRequest{Settings: []byte(`{}`),
			Hops: []spool.Hop{{Queue: "gone", WaitMinutes: 1}, {Queue: "a", WaitMinutes: 1}, {Queue: "gone", WaitMinutes: 2}}})
		var problems spool.Problems
		if !errors.As(err, &problems) || len(problems) != 2 || problems[1].Pointer != "/hopDestinations/2/queue" || count.queues != 3 {
			t.Errorf("%v, asked %d times", err, count.queues)
		}
	})
}
