package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

func TestDefaultQueue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		if err := h.DeleteQueue(h.ctx(), "Default"); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("deleted: %v", err)
		}
		paused, few, words := "PAUSED", 2, "the first"
		q, err := h.UpdateQueue(h.ctx(), "arn:aws:mediaconvert:us-east-1:000000000000:queues/Default",
			spool.QueueUpdate{Status: &paused, ConcurrentJobs: &few, Description: &words})
		if err != nil || q.Status != "PAUSED" || q.ConcurrentJobs != 2 || q.Description != words || q.Type != "SYSTEM" {
			t.Errorf("%+v, %v", q, err)
		}
		named(h, "a", "", 0)
		h.hello("w", 10)
		if got := started(t, h); got != nil {
			t.Errorf("paused, and started %v", got)
		}
		h.status("Default", "ACTIVE")
		if got := started(t, h); len(got) != 1 {
			t.Errorf("resumed, and started %v", got)
		}
		wrong := "STOPPED"
		for name, u := range map[string]spool.QueueUpdate{"Default": {Status: &wrong}} {
			if _, err := h.UpdateQueue(h.ctx(), name, u); !errors.Is(err, spool.ErrInvalid) {
				t.Error(err)
			}
		}
		if _, err := h.UpdateQueue(h.ctx(), "none", spool.QueueUpdate{}); !errors.Is(err, spool.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestDeleteQueue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("q")
		tags := spool.Resource{Kind: spool.KindQueue, Name: "q"}
		err := h.db.Tx(h.ctx(), func(tx *store.Tx) error { return tx.PutTags(h.ctx(), tags, map[string]string{"a": "b"}) })
		if err != nil {
			t.Fatal(err)
		}
		job := named(h, "a", "q", 0)
		refused := func(when string) {
			t.Helper()
			if err := h.DeleteQueue(h.ctx(), "q"); !errors.Is(err, spool.ErrConflict) {
				t.Errorf("%s: %v", when, err)
			}
		}
		refused("a job waits")
		h.hello("w", 1)
		started(t, h)
		refused("a job runs")
		if err := h.apply(h.ctx(), spool.Report{JobID: job.ID, Attempt: 1, Kind: spool.ReportDone}); err != nil {
			t.Fatal(err)
		}
		if err := h.DeleteQueue(h.ctx(), "q"); err != nil {
			t.Fatal(err)
		}
		if err := h.DeleteQueue(h.ctx(), "q"); !errors.Is(err, spool.ErrNotFound) {
			t.Errorf("again: %v", err)
		}
		if _, err := h.Submit(h.ctx(), spool.JobRequest{Queue: "q", Settings: []byte(`{}`)}); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("a job for it: %v", err)
		}
		if got := h.get(job.ID); got.Queue != "q" || got.Status != spool.JobComplete {
			t.Errorf("%+v", got)
		}
		if list, _, err := h.List(h.ctx(), spool.JobFilter{Queue: "q"}); len(list) != 1 || err != nil {
			t.Errorf("%v, %v", list, err)
		}
		if left, err := h.db.Tags(h.ctx(), tags); len(left) != 0 || err != nil {
			t.Errorf("its tags stayed: %v, %v", left, err)
		}
		h.queues("q")
		h.counts("q", 0, 0)
	})
}

// TestDeleteQueueWhileJobsCome: whatever comes first, no job is left in a queue
// that is not there.
func TestDeleteQueueWhileJobsCome(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for n := range 20 {
			name := fmt.Sprint("q", n)
			h.queues(name)
			var wg sync.WaitGroup
			var submitted, deleted error
			wg.Go(func() { _, submitted = h.Submit(h.ctx(), spool.JobRequest{Queue: name, Settings: []byte(`{}`)}) })
			wg.Go(func() { deleted = h.DeleteQueue(h.ctx(), name) })
			wg.Wait()
			switch {
			case submitted == nil && errors.Is(deleted, spool.ErrConflict):
			case deleted == nil && errors.Is(submitted, spool.ErrInvalid):
			default:
				t.Errorf("submitted: %v, deleted: %v", submitted, deleted)
			}
		}
	})
}

func TestReservedQueue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		plan := func(slots int, renewal string) *spool.Reservation {
			return &spool.Reservation{Slots: slots, RenewalType: renewal, Commitment: "ONE_YEAR"}
		}
		begun := h.clock.Now()
		q, err := h.CreateQueue(h.ctx(), spool.Queue{Name: "r", PricingPlan: "RESERVED", Reservation: plan(1, "EXPIRE")})
		if err != nil || q.Reservation == nil || !q.Reservation.PurchasedAt.Equal(begun) || !q.Reservation.ExpiresAt.Equal(begun.AddDate(1, 0, 0)) {
			t.Fatalf("%+v, %v", q, err)
		}
		for name, bad := range map[string]spool.Queue{
			"without a plan":  {Name: "x", PricingPlan: "RESERVED"},
			"with concurrent": {Name: "x", ConcurrentJobs: 1, Reservation: plan(1, "EXPIRE")},
			"no slots":        {Name: "x", Reservation: plan(0, "EXPIRE")},
			"renewal":         {Name: "x", Reservation: plan(1, "NEVER")},
		} {
			if _, err := h.CreateQueue(h.ctx(), bad); !errors.Is(err, spool.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, name := range []string{"a", "b", "c", "d"} {
			named(h, name, "r", 0)
		}
		start := func(want int, when string) {
			t.Helper()
			h.hello("w", 100)
			if got := started(t, h); len(got) != want {
				t.Errorf("%s: started %v, want %d", when, got, want)
			}
		}
		start(1, "one slot")
		h.clock.Add(24 * time.Hour)
		if q, err = h.UpdateQueue(h.ctx(), "r", spool.QueueUpdate{Reservation: plan(2, "EXPIRE")}); err != nil ||
			!q.Reservation.ExpiresAt.Equal(h.clock.Now().AddDate(1, 0, 0)) || !q.Reservation.PurchasedAt.Equal(begun) {
			t.Errorf("more slots: %+v, %v", q.Reservation, err)
		}
		start(1, "two slots")
		if _, err := h.UpdateQueue(h.ctx(), "r", spool.QueueUpdate{Reservation: plan(1, "EXPIRE")}); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("fewer slots: %v", err)
		}
		if _, err := h.UpdateQueue(h.ctx(), "Default", spool.QueueUpdate{Reservation: plan(1, "EXPIRE")}); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("a plan for an on-demand queue: %v", err)
		}
		if err := h.DeleteQueue(h.ctx(), "r"); !errors.Is(err, spool.ErrConflict) {
			t.Errorf("deleted: %v", err)
		}
		h.clock.Add(370 * 24 * time.Hour) // over: it takes jobs and runs none
		late := named(h, "late", "r", 0)
		list, _, err := h.List(h.ctx(), spool.JobFilter{Queue: "r", Status: spool.JobProgressing})
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		for _, j := range list {
			if err := h.apply(h.ctx(), spool.Report{JobID: j.ID, Attempt: 1, Kind: spool.ReportDone}); err != nil {
				t.Fatal(err)
			}
		}
		start(0, "expired")
		if q, err = h.UpdateQueue(h.ctx(), "r", spool.QueueUpdate{Reservation: plan(1, "AUTO_RENEW")}); err != nil || !q.Reservation.PurchasedAt.Equal(h.clock.Now()) {
			t.Errorf("a new plan: %+v, %v", q.Reservation, err)
		}
		start(1, "a new plan")
		h.clock.Add(1000 * 24 * time.Hour)
		if q, err = h.GetQueue(h.ctx(), "r"); err != nil || !q.Reservation.ExpiresAt.After(h.clock.Now()) {
			t.Errorf("renewed: %+v, %v", q.Reservation, err)
		}
		if got := h.get(late.ID); got.Status != spool.JobSubmitted {
			t.Errorf("%+v", got)
		}
	})
}

func TestReservedQueuesTakeNotEverything(t *testing.T) {
	t.Parallel()
	h := build(t, sqlite(t), t.TempDir())
	if _, err := h.CreateQueue(h.ctx(), spool.Queue{Name: "r", Reservation: &spool.Reservation{Slots: 1, RenewalType: "EXPIRE", Commitment: "ONE_YEAR"}}); err != nil {
		t.Fatal(err)
	}
	av1 := []byte(`{"outputGroups":[{"outputs":[{"videoDescription":{"codecSettings":{"codec":"AV1","av1Settings":{}}}}]}]}`)
	for name, req := range map[string]spool.JobRequest{
		"in a reserved queue": {Queue: "r", Settings: av1},
		"simulated":           {SimulateReservedQueue: "ENABLED", Settings: av1},
		"acceleration":        {Queue: "r", Settings: []byte(`{}`), AccelerationMode: "ENABLED"},
	} {
		if _, err := h.Submit(h.ctx(), req); !errors.Is(err, spool.ErrInvalid) || !strings.Contains(err.Error(), "Reserved queues don't run jobs with") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Submit(h.ctx(), spool.JobRequest{SimulateReservedQueue: "DISABLED", Settings: av1}); err != nil {
		t.Error(err)
	}
}

func TestQueueQuota(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.o.MaxQueues = 2
		h.queues("a", "b")
		if _, err := h.CreateQueue(h.ctx(), spool.Queue{Name: "c"}); !errors.Is(err, spool.ErrQuota) {
			t.Errorf("one too many: %v", err)
		}
		if _, err := h.GetQueue(h.ctx(), "c"); !errors.Is(err, spool.ErrNotFound) {
			t.Errorf("it is there all the same: %v", err)
		}
		if _, err := h.CreateQueue(h.ctx(), spool.Queue{Name: "a"}); !errors.Is(err, spool.ErrConflict) {
			t.Errorf("a name that is taken: %v", err)
		}
		if err := h.EnsureQueue(h.ctx(), "configured", spool.QueueUpdate{}); err != nil {
			t.Errorf("the configuration's queues are not users': %v", err)
		}
	})
}

func TestInputPolicy(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		err := h.db.Tx(h.ctx(), func(tx *store.Tx) error { return tx.PutPolicy(h.ctx(), spool.InputPolicy{NoHTTP: true}) })
		if err != nil {
			t.Fatal(err)
		}
		submit := func(uri string) error {
			_, err := h.Submit(h.ctx(), spool.JobRequest{Settings: fmt.Appendf(nil, `{"inputs":[{"fileInput":%q}]}`, uri)})
			return err
		}
		var refused *spool.UserError
		if err := submit("http://h/a.mp4"); !errors.Is(err, spool.ErrInvalid) || !errors.As(err, &refused) || refused.Message !=
			"You specified an input location that your policy disallows. Specify an allowed input location and resubmit your job." {
			t.Error(err)
		}
		for _, uri := range []string{"https://h/a.mp4", "s3://http/a.mp4"} {
			if err := submit(uri); err != nil {
				t.Errorf("%s: %v", uri, err)
			}
		}
	})
}

func TestJobQueries(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		codec := func(name, codec string) spool.Job {
			return h.submit(func(r *spool.JobRequest) {
				r.Settings = fmt.Appendf(nil, `{"inputs":[{"fileInput":"s3://b/%s.mp4"}],"outputGroups":[{"outputs":[
					{"videoDescription":{"codecSettings":{"codec":%q}},"audioDescriptions":[{"codecSettings":{"codec":"AAC"}}]}]}]}`, name, codec)
			})
		}
		first, second, third := codec("a", "H_264"), codec("b", "H_265"), codec("c", "AV1")
		filter := spool.JobFilter{Where: []spool.JobTerm{{Key: spool.JobKeyVideoCodec, Values: []string{"H_264", "H_265"}},
			{Key: spool.JobKeyInput, Values: []string{"/c.mp4", "/a.mp4"}}}, Limit: 2}
		start := func(f spool.JobFilter) string {
			t.Helper()
			id, err := h.StartQuery(h.ctx(), f)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		query := func(id string) spool.JobQuery {
			t.Helper()
			q, err := h.Query(h.ctx(), id)
			if err != nil || q.ID != id {
				t.Fatal(q, err)
			}
			return q
		}
		var ids []string
		for range maxQueries {
			ids = append(ids, start(filter))
		}
		if q := query(ids[0]); q.Status != spool.QuerySubmitted || q.Jobs != nil {
			t.Errorf("before anything runs: %+v", q)
		}
		if _, err := h.StartQuery(h.ctx(), filter); !errors.Is(err, spool.ErrThrottled) {
			t.Errorf("one too many: %v", err)
		}
		stop := h.run()
		complete := func(id string) (q spool.JobQuery) {
			t.Helper()
			until(t, "the query is complete", func() bool { q = query(id); return q.Status == spool.QueryComplete })
			return q
		}
		for _, id := range ids {
			if q := complete(id); len(q.Jobs) != 2 || q.Jobs[0].ID != third.ID || q.Jobs[1].ID != second.ID || q.Next != second.Place() {
				t.Errorf("%+v", q)
			}
		}
		filter.After = second.Place()
		if q := complete(start(filter)); len(q.Jobs) != 1 || q.Jobs[0].ID != first.ID || q.Next != "" {
			t.Errorf("the second page: %+v", q)
		}
		for name, bad := range map[string]spool.JobFilter{
			"place": {After: "nope"},
			"key":   {Where: []spool.JobTerm{{Key: "colour", Values: []string{"red"}}}},
			"many":  {Where: []spool.JobTerm{{Key: spool.JobKeyStatus, Values: make([]string, maxValues+1)}}},
		} {
			if _, err := h.StartQuery(h.ctx(), bad); !errors.Is(err, spool.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.Query(h.ctx(), "none"); !errors.Is(err, spool.ErrNotFound) {
			t.Error(err)
		}
		h.clock.Add(queryLife + time.Minute)
		start(spool.JobFilter{})
		if _, err := h.Query(h.ctx(), ids[0]); !errors.Is(err, spool.ErrNotFound) {
			t.Errorf("a result that is too old: %v", err)
		}
		stop()
		ctx, cancel := context.WithCancel(h.ctx())
		cancel()
		if _, err := h.StartQuery(ctx, spool.JobFilter{}); err != nil { // it waits for the next run
			t.Error(err)
		}
	})
}

// TestConfiguredQueuesKeepWhatUsersSet: a restart gives a queue what the
// configuration names, and nothing else.
func TestConfiguredQueuesKeepWhatUsersSet(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ensure := func(name string, u spool.QueueUpdate) spool.Queue {
			t.Helper()
			if err := h.EnsureQueue(h.ctx(), name, u); err != nil {
				t.Fatal(err)
			}
			q, err := h.GetQueue(h.ctx(), name)
			if err != nil {
				t.Fatal(err)
			}
			return q
		}
		same := func(when string, got, want spool.Queue) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		paused, active, words, four, three := "PAUSED", "ACTIVE", "mine", 4, 3
		if q := ensure("q", spool.QueueUpdate{}); q.Status != active || q.Type != spool.TypeCustom || q.ConcurrentJobs != 0 {
			t.Errorf("made: %+v", q)
		}
		set, err := h.UpdateQueue(h.ctx(), "q", spool.QueueUpdate{Status: &paused, Description: &words, ConcurrentJobs: &four})
		if err != nil {
			t.Fatal(err)
		}
		h.clock.Add(time.Hour)
		same("the configuration names nothing", ensure("q", spool.QueueUpdate{}), set)
		same("it names what is so", ensure("q", spool.QueueUpdate{Status: &paused, ConcurrentJobs: &four}), set)
		set.ConcurrentJobs, set.UpdatedAt = 3, h.clock.Now()
		same("it names another limit", ensure("q", spool.QueueUpdate{ConcurrentJobs: &three}), set)
		set.Status = active
		same("it names another status", ensure("q", spool.QueueUpdate{Status: &active}), set)
		if q := ensure(spool.DefaultQueue, spool.QueueUpdate{ConcurrentJobs: &four}); q.Type != spool.TypeSystem || q.ConcurrentJobs != 4 {
			t.Errorf("the default queue: %+v", q)
		}

		reserved, err := h.CreateQueue(h.ctx(), spool.Queue{Name: "r", Reservation: &spool.Reservation{Slots: 2, RenewalType: "EXPIRE", Commitment: "ONE_YEAR"}})
		if err != nil {
			t.Fatal(err)
		}
		same("a reserved queue takes no limit and hinders no start", ensure("r", spool.QueueUpdate{ConcurrentJobs: &three}), reserved)
		reserved.Status = paused
		same("but a status", ensure("r", spool.QueueUpdate{ConcurrentJobs: &three, Status: &paused}), reserved)
		if err := h.EnsureQueue(h.ctx(), "bad", spool.QueueUpdate{Status: &words}); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("a new queue that cannot be made: %v", err)
		}
	})
}

// TestCountsThatDrifted: after a hand-edited row the next rescan counts anew,
// and what hangs on the counts works again.
func TestCountsThatDrifted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		h := build(t, dsn, t.TempDir())
		h.queues("a", "b", "gone")
		h.hello("w", 2)
		named(h, "a1", "a", 0)
		named(h, "a2", "a", 0)
		named(h, "b1", "b", 0)
		if got := started(t, h); !slices.Equal(got, []string{"a1", "b1"}) {
			t.Fatalf("%v", got)
		}
		h.clock.Add(workerLife / 2)
		h.hello("w", 3)
		storetest.Exec(t, dsn, `UPDATE queues SET submitted = 0, progressing = 7 WHERE name = 'a'`, `UPDATE queues SET submitted = 1 WHERE name = 'gone'`)
		if got := started(t, h); len(got) != 0 {
			t.Fatalf("the counts say that nothing waits and no worker is free, and %v started", got)
		}
		if err := h.rescan(h.ctx()); err != nil {
			t.Fatal(err)
		}
		h.counts("a", 1, 1)
		h.counts("b", 0, 1)
		if err := h.DeleteQueue(h.ctx(), "gone"); err != nil {
			t.Error(err)
		}
		if got := started(t, h); !slices.Equal(got, []string{"a2"}) {
			t.Errorf("then %v started", got)
		}
		if names, err := h.db.DriftedQueues(h.ctx()); len(names) > 0 || err != nil {
			t.Errorf("%v, %v", names, err)
		}
	})
}

// TestRecountAmongSubmits: counting anew while jobs come in and start loses none.
func TestRecountAmongSubmits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.queues("a", "b")
		h.hello("w", 10)
		var wg sync.WaitGroup
		for n := range 4 {
			wg.Go(func() {
				for i := range 15 {
					if _, err := h.Submit(h.ctx(), spool.JobRequest{Queue: []string{"a", "b"}[(n+i)%2], Settings: []byte(`{}`)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() {
			for range 10 {
				if err := h.dispatch(h.ctx()); err != nil {
					t.Error(err)
				}
			}
		})
		for range 20 {
			if names, err := h.db.DriftedQueues(h.ctx()); len(names) > 0 || err != nil {
				t.Errorf("drifted: %v, %v", names, err)
			}
			err := h.o.InTx(h.ctx(), func(tx Tx) error {
				for _, name := range []string{"a", "b"} {
					if was, is, err := tx.RecountQueue(h.ctx(), name); err != nil || was.Submitted != is.Submitted || was.Progressing != is.Progressing {
						return fmt.Errorf("%+v became %+v: %w", was, is, err)
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		wg.Wait()
		if names, err := h.db.DriftedQueues(h.ctx()); len(names) > 0 || err != nil {
			t.Errorf("drifted: %v, %v", names, err)
		}
	})
}
