package jobs

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/store/storetest"
)

func sqlite(t *testing.T) string { return storetest.SQLite(t) }

// started dispatches and gives the names (in the metadata) of the jobs that started.
func started(t *testing.T, h *house) (names []string) {
	t.Helper()
	if err := h.dispatch(h.ctx()); err != nil {
		t.Fatal(err)
	}
	for _, m := range h.taken() {
		if parts := strings.Split(m, " "); parts[0] == "work" {
			names = append(names, h.get(parts[1]).UserMetadata["name"])
		}
	}
	return names
}

func named(h *house, name, queue string, priority int) spool.Job {
	h.t.Helper()
	return h.submit(func(r *spool.JobRequest) {
		r.UserMetadata, r.Queue, r.Priority = map[string]string{"name": name}, queue, priority
	})
}

func TestPriorityThenSubmission(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, j := range []struct {
			name     string
			priority int
		}{{"c", 0}, {"d", 0}, {"a", 50}, {"f", -50}, {"b", 1}, {"e", 0}} {
			named(h, j.name, "", j.priority)
		}
		h.hello("w", 100)
		if got, want := started(t, h), []string{"a", "b", "c", "d", "e", "f"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func TestCapacityIsHeldAndFreed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var jobs []spool.Job
		for _, name := range []string{"a", "b", "c", "d"} {
			jobs = append(jobs, named(h, name, "", 0))
		}
		if got := started(t, h); got != nil {
			t.Errorf("without a worker: %v", got)
		}
		h.hello("w1", 1)
		h.hello("w2", 1)
		h.hello("w2", 1)
		if got := started(t, h); !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("two places: %v", got)
		}
		if got := started(t, h); got != nil {
			t.Errorf("no place is free: %v", got)
		}
		if err := h.apply(h.ctx(), spool.Report{JobID: jobs[1].ID, Attempt: 1, Kind: spool.ReportDone}); err != nil {
			t.Fatal(err)
		}
		if got := started(t, h); !slices.Equal(got, []string{"c"}) {
			t.Errorf("one place was freed: %v", got)
		}
		h.clock.Add(workerLife - time.Second)
		h.hello("w1", 3)
		h.clock.Add(2 * time.Second) // w2 is forgotten, w1 has three places, two are taken
		if got := started(t, h); !slices.Equal(got, []string{"d"}) {
			t.Errorf("after a worker left: %v", got)
		}
	})
}

func TestQueues(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		queue := func(name, status string, concurrent int) {
			t.Helper()
			if err := h.EnsureQueue(h.ctx(), name, spool.QueueUpdate{Status: &status, ConcurrentJobs: &concurrent}); err != nil {
				t.Fatal(err)
			}
			q, err := h.GetQueue(h.ctx(), name)
			if err != nil || q.Status != status || q.ConcurrentJobs != concurrent {
				t.Fatalf("%+v, %v", q, err)
			}
		}
		queue("narrow", "ACTIVE", 2)
		queue("paused", "PAUSED", 0)
		h.hello("w", 100)
		for _, name := range []string{"n1", "n2", "n3"} {
			named(h, name, "narrow", 50)
		}
		named(h, "p1", "paused", 50)
		named(h, "d1", "Default", -50)
		got := started(t, h)
		slices.Sort(got)
		if want := []string{"d1", "n1", "n2"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		queue("paused", "ACTIVE", 0)
		queue("narrow", "ACTIVE", 3)
		got = started(t, h)
		slices.Sort(got)
		if want := []string{"n3", "p1"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if _, err := h.CreateQueue(h.ctx(), spool.Queue{Name: "narrow"}); !errors.Is(err, spool.ErrConflict) {
			t.Error(err)
		}
		if _, err := h.CreateQueue(h.ctx(), spool.Queue{Name: "x", ConcurrentJobs: -1}); !errors.Is(err, spool.ErrInvalid) {
			t.Error(err)
		}
		d, err := h.GetQueue(h.ctx(), "arn:aws:mediaconvert:us-east-1:000000000000:queues/Default")
		if err != nil || d.Type != "SYSTEM" || d.Progressing != 1 {
			t.Errorf("%+v, %v", d, err)
		}
		if all, err := h.ListQueues(h.ctx()); len(all) != 3 || err != nil {
			t.Errorf("%v, %v", all, err)
		}
	})
}

func TestAFloodedQueueStarvesNoOther(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		if _, err := h.CreateQueue(h.ctx(), spool.Queue{Name: "small"}); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			named(h, "flood", "", 0)
		}
		named(h, "small", "small", 0)
		h.hello("w", 1)
		var order []string
		for range 2 { // one place: by turns
			order = append(order, started(t, h)...)
			running, _, err := h.List(h.ctx(), spool.JobFilter{Status: spool.JobProgressing})
			if err != nil || len(running) != 1 {
				t.Fatalf("%d running, %v", len(running), err)
			}
			h.clock.Add(time.Second)
			if err := h.apply(h.ctx(), spool.Report{JobID: running[0].ID, Attempt: 1, Kind: spool.ReportDone}); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Contains(order, "small") {
			t.Errorf("started %v", order)
		}
	})
}
