package jobs

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/store/storetest"
)

// TestTheWay takes a job from submission to COMPLETE over the real bus.
func TestTheWay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		orders, events := h.orders(), h.events()
		h.run()
		h.hello("w", 1)
		job := h.submit(nil)
		order := next(t, orders)
		if order.JobID != job.ID || order.Attempt != 1 || string(order.Settings) != `{"inputs":[]}` || !order.Started.Equal(h.clock.Now()) {
			t.Errorf("order %+v", order)
		}
		h.report(spool.Report{JobID: job.ID, Attempt: 1, Kind: spool.ReportInputs, Inputs: []spool.InputInfo{{URI: "s3://b/k"}}})
		until(t, "the inputs are known", func() bool { return len(h.get(job.ID).Inputs) == 1 })
		h.progress(job, 1, spool.Progress{Phase: spool.PhaseTranscoding, PhasePercent: 50, Percent: 40})
		until(t, "percent 40", func() bool { return h.get(job.ID).Percent == 40 })
		h.progress(job, 1, spool.Progress{Phase: spool.PhaseProbing, PhasePercent: 5, Percent: 10}) // the order came again
		h.progress(job, 1, spool.Progress{Phase: spool.PhaseTranscoding, PhasePercent: 60, Percent: 45})
		until(t, "percent 45", func() bool { return h.get(job.ID).Percent == 45 })
		if got := h.get(job.ID); got.Phase != spool.PhaseTranscoding {
			t.Errorf("phase %s", got.Phase)
		}
		ask, err := json.Marshal(spool.PermissionRequest{JobID: job.ID, Attempt: 1, Worker: "w"})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := h.bus.Request(h.ctx(), spool.SubjectMayPublish+job.ID, ask)
		if err != nil || string(answer) != `{"yes":true}` {
			t.Fatalf("%s, %v", answer, err)
		}
		h.report(spool.Report{JobID: job.ID, Attempt: 1, Kind: spool.ReportDone})
		for _, want := range []string{"PROGRESSING", "INPUT_INFORMATION", "COMPLETE"} {
			if got := next(t, events); got != want+" "+job.ID {
				t.Errorf("event %s, want %s", got, want)
			}
		}
	})
}

func TestCancelIsToldAtOnceAndAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		orders := h.orders()
		told := make(chan string, 1000)
		if _, err := h.bus.Listen(spool.SubjectCancel+"*", func(subject string, _ []byte) { told <- subject }); err != nil {
			t.Fatal(err)
		}
		h.run()
		h.hello("w", 1)
		job := h.submit(nil)
		behind := h.submit(nil)
		next(t, orders)
		if err := h.Cancel(h.ctx(), job.ID); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if got := next(t, told); got != spool.SubjectCancel+job.ID || time.Since(began) > time.Second {
			t.Errorf("told %s after %s", got, time.Since(began))
		}
		if got := next(t, orders); got.JobID != behind.ID {
			t.Errorf("the place was given to %+v", got)
		}
		// A worker that did not hear it reports progress, and is told again.
		h.progress(job, 1, spool.Progress{Phase: spool.PhaseTranscoding, Percent: 10})
		next(t, told)
		h.progress(spool.Job{ID: "no-such-job"}, 1, spool.Progress{Phase: spool.PhaseTranscoding, Percent: 10})
		until(t, "a job that is unknown is stopped", func() bool { return next(t, told) == spool.SubjectCancel+"no-such-job" })
		h.report(spool.Report{JobID: job.ID, Attempt: 1, Kind: spool.ReportDone})
		h.report(spool.Report{JobID: behind.ID, Attempt: 1, Kind: spool.ReportDone})
		until(t, "the reports are applied", func() bool { return h.get(behind.ID).Status == spool.JobComplete })
		if got := h.get(job.ID); got.Status != spool.JobCanceled || got.Percent != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// TestCrashBetweenStateAndBus stops everything after the state was written and
// before the relay ran: the next start delivers.
func TestCrashBetweenStateAndBus(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		dir := t.TempDir()
		h := build(t, dsn, dir)
		h.hello("w", 1)
		first := h.submit(nil)
		if err := h.dispatch(h.ctx()); err != nil {
			t.Fatal(err)
		}
		second := h.submit(nil)
		h.closeBus()

		h = build(t, dsn, dir)
		orders, events := h.orders(), h.events()
		stop := h.run()
		if got := next(t, orders); got.JobID != first.ID || got.Attempt != 1 {
			t.Errorf("%+v", got)
		}
		if got := next(t, events); got != "PROGRESSING "+first.ID {
			t.Error(got)
		}
		h.report(spool.Report{JobID: first.ID, Attempt: 1, Kind: spool.ReportDone})
		if got := next(t, events); got != "COMPLETE "+first.ID {
			t.Error(got)
		}
		h.hello("w", 1)
		if got := next(t, orders); got.JobID != second.ID {
			t.Errorf("%+v", got)
		}
		stop()

		// A report that came while nobody was there is applied at the next start.
		h.report(spool.Report{JobID: second.ID, Attempt: 1, Kind: spool.ReportDone})
		h.closeBus()
		h = build(t, dsn, dir)
		h.run()
		until(t, "the report is applied", func() bool { return h.get(second.ID).Status == spool.JobComplete })
	})
}

func TestALostOrderIsSentAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		orders, events := h.orders(), h.events()
		h.run()
		h.hello("w", 1)
		job := h.submit(nil)
		for attempt := 1; attempt <= maxRetries+1; attempt++ {
			if got := next(t, orders); got.Attempt != attempt || !got.Started.Equal(h.get(job.ID).StartedAt) {
				t.Errorf("order %+v, want attempt %d", got, attempt)
			}
			if got := h.get(job.ID); got.Attempt != attempt || got.RetryCount != attempt-1 {
				t.Errorf("%+v", got)
			}
			// The order is taken off and nobody works on it: after the grace it is sent again.
			h.report(spool.Report{JobID: job.ID, Attempt: attempt - 1, Kind: spool.ReportDone}) // stale
			until(t, "the loss is noticed", func() bool {
				h.mu.Lock()
				defer h.mu.Unlock()
				_, noticed := h.missing[job.ID]
				return noticed
			})
			h.clock.Add(2 * h.o.Grace)
		}
		until(t, "it is given up", func() bool { return h.get(job.ID).Status == spool.JobError })
		if got := h.get(job.ID); got.Failure == nil || got.Failure.Code != spool.CodeUnexpected {
			t.Errorf("%+v", got.Failure)
		}
		var got []string
		for len(got) == 0 || got[len(got)-1] != "ERROR "+job.ID {
			got = append(got, next(t, events))
		}
		got = slices.DeleteFunc(got, func(e string) bool { return e == "STATUS_UPDATE "+job.ID })
		if want := []string{"PROGRESSING " + job.ID, "ERROR " + job.ID}; !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
	})
}

func TestAnOrderUnderWayIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := build(t, sqlite(t), t.TempDir())
	h.hello("w", 1)
	job := h.submit(nil)
	if err := h.dispatch(h.ctx()); err != nil {
		t.Fatal(err)
	}
	look := func(where string) {
		t.Helper()
		for range 3 {
			if err := h.rescan(h.ctx()); err != nil {
				t.Fatal(err)
			}
			h.clock.Add(2 * h.o.Grace)
		}
		if got := h.get(job.ID); got.Attempt != 1 {
			t.Errorf("order in the %s: attempt %d", where, got.Attempt)
		}
	}
	look("outbox")
	if err := h.bus.Publish(h.ctx(), workSubject(job.ID), "1", nil); err != nil {
		t.Fatal(err)
	}
	h.taken()
	look("bus")
	h.report(spool.Report{JobID: job.ID, Attempt: 1, Kind: spool.ReportDone})
	if err := h.bus.Purge(h.ctx(), spool.StreamWork, workSubject(job.ID)); err != nil {
		t.Fatal(err)
	}
	look("reports")
}

func TestTooLongIsAnError(t *testing.T) {
	t.Parallel()
	h := build(t, sqlite(t), t.TempDir())
	h.hello("w", 1)
	job := h.submit(nil)
	if err := h.dispatch(h.ctx()); err != nil {
		t.Fatal(err)
	}
	h.clock.Add(longest + time.Second)
	if err := h.rescan(h.ctx()); err != nil {
		t.Fatal(err)
	}
	if got := h.get(job.ID); got.Status != spool.JobError || got.Failure.Code != spool.CodeTimeout {
		t.Errorf("%+v", got)
	}
}

// TestNoErrorWhilePublishing: a job that may publish and whose order is still
// there is not stopped, however late it is; once the order is gone it is.
func TestNoErrorWhilePublishing(t *testing.T) {
	t.Parallel()
	h := build(t, sqlite(t), t.TempDir())
	h.hello("w", 1)
	job := h.submit(nil)
	if err := h.dispatch(h.ctx()); err != nil {
		t.Fatal(err)
	}
	before := h.get(job.ID)
	if p, err := h.mayPublish(h.ctx(), spool.PermissionRequest{JobID: job.ID, Attempt: 1}); err != nil || !p.Yes {
		t.Fatalf("%+v, %v", p, err)
	}
	status := func(want spool.JobStatus, when string) {
		t.Helper()
		if got := h.get(job.ID); got.Status != want {
			t.Errorf("%s: %s", when, got.Status)
		}
	}
	h.clock.Add(longest + time.Second)
	if err := h.timeOut(h.ctx(), before); err != nil { // it had not begun to publish when it was looked at
		t.Fatal(err)
	}
	status(spool.JobProgressing, "leave given meanwhile")
	for range 3 {
		if err := h.rescan(h.ctx()); err != nil {
			t.Fatal(err)
		}
		h.clock.Add(2 * h.o.Grace)
	}
	status(spool.JobProgressing, "while the order is there")
	h.taken()
	for range 2 {
		if err := h.rescan(h.ctx()); err != nil {
			t.Fatal(err)
		}
		h.clock.Add(2 * h.o.Grace)
	}
	status(spool.JobError, "after the order is gone")
}

func TestStatusUpdates(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]int{ // seconds after the start
		"SECONDS_10":  {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200},
		"SECONDS_60":  {60, 120, 180},
		"SECONDS_120": {60, 180},
		"SECONDS_600": {60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, sqlite(t), t.TempDir())
			h.hello("w", 1)
			job := h.submit(func(r *spool.JobRequest) { r.StatusUpdateInterval = name })
			if err := h.dispatch(h.ctx()); err != nil {
				t.Fatal(err)
			}
			h.taken()
			var got []int
			for second := 1; second <= 200; second++ {
				h.clock.Add(time.Second)
				if second == 55 { // a restart forgets nothing and repeats nothing
					h.forget(job.ID)
					h.follow(h.get(job.ID))
				}
				if err := h.flush(h.ctx()); err != nil {
					t.Fatal(err)
				}
				for range h.taken() {
					got = append(got, second)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}
