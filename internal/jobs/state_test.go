package jobs

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"spool/internal/spool"
)

// TestTransitions does everything that can happen to a job in every state.
func TestTransitions(t *testing.T) {
	type state struct {
		status     spool.JobStatus
		publishing bool
	}
	submitted, progressing, publishing := state{spool.JobSubmitted, false}, state{spool.JobProgressing, false}, state{spool.JobProgressing, true}
	ended := []state{{spool.JobComplete, true}, {spool.JobError, false}, {spool.JobCanceled, false}}
	running := []state{progressing, publishing}
	reports := func(r spool.Report) func(h *house, id string) error {
		return func(h *house, id string) error {
			r := r
			r.JobID = id
			return h.apply(h.ctx(), r)
		}
	}
	kinds := map[spool.ReportKind]struct {
		to    spool.JobStatus
		event string
	}{
		spool.ReportInputs:   {spool.JobProgressing, "INPUT_INFORMATION"},
		spool.ReportDone:     {spool.JobComplete, "COMPLETE"},
		spool.ReportFailed:   {spool.JobError, "ERROR"},
		spool.ReportCanceled: {spool.JobCanceled, "CANCELED"},
	}
	type row struct {
		name string
		from []state
		do   func(h *house, id string) error
		to   spool.JobStatus // "": stays
		out  []string        // kinds of messages
		err  error
	}
	cancel := func(h *house, id string) error { return h.Cancel(h.ctx(), id) }
	dispatch := func(h *house, _ string) error { return h.dispatch(h.ctx()) }
	rows := []row{
		{"dispatch", []state{submitted}, dispatch, spool.JobProgressing, []string{"work", "PROGRESSING"}, nil},
		{"dispatch", slices.Concat(running, ended), dispatch, "", nil, nil},
		{"cancel", []state{submitted, progressing}, cancel, spool.JobCanceled, []string{"CANCELED"}, nil},
		{"cancel", slices.Concat([]state{publishing}, ended), cancel, "", nil, spool.ErrConflict},
	}
	for kind, want := range kinds {
		r := spool.Report{Kind: kind, Attempt: 2, Inputs: []spool.InputInfo{{URI: "s3://b/k"}}, Failure: spool.Failf(1404, "gone")}
		rows = append(rows, row{string(kind), running, reports(r), want.to, []string{want.event}, nil},
			row{string(kind) + " too late", slices.Concat([]state{submitted}, ended), reports(r), "", nil, nil})
		r.Attempt = 1
		rows = append(rows, row{string(kind) + " stale", running, reports(r), "", nil, nil})
	}
	each(t, func(t *testing.T, h *house) {
		h.hello("w", 100)
		for _, r := range rows {
			for _, from := range r.from {
				job := h.submit(nil)
				job.Status, job.Publishing, job.Attempt = from.status, from.publishing, 2
				if from.status == spool.JobSubmitted {
					job.Attempt = 0
				}
				h.put(job)
				if err := r.do(h, job.ID); !errors.Is(err, r.err) {
					t.Errorf("%s from %v: error %v, want %v", r.name, from, err, r.err)
				}
				got, to := h.get(job.ID), r.to
				if to == "" {
					to = from.status
				}
				if got.Status != to {
					t.Errorf("%s from %v: is %s, want %s", r.name, from, got.Status, to)
				}
				if got.Status != from.status && !from.status.CanMove(got.Status) {
					t.Errorf("%s from %v: forbidden move to %s", r.name, from, got.Status)
				}
				if r.to.Terminal() == got.FinishedAt.IsZero() {
					t.Errorf("%s from %v: finished at %v", r.name, from, got.FinishedAt)
				}
				var out []string
				for _, m := range h.taken() {
					kind, of, _ := strings.Cut(m, " ")
					if !strings.HasPrefix(of, job.ID) {
						t.Errorf("%s from %v: %s is of another job", r.name, from, m)
					}
					out = append(out, kind)
				}
				if !slices.Equal(out, r.out) {
					t.Errorf("%s from %v: sends %v, want %v", r.name, from, out, r.out)
				}
				got.Status = spool.JobCanceled // out of the way of the next
				h.put(got)
			}
		}
	})
}

func TestReportsAreAppliedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.hello("w", 1)
		job := h.submit(nil)
		if err := h.dispatch(h.ctx()); err != nil {
			t.Fatal(err)
		}
		inputs := spool.Report{JobID: job.ID, Attempt: 1, Kind: spool.ReportInputs, Inputs: []spool.InputInfo{{URI: "s3://b/k"}}}
		done := spool.Report{JobID: job.ID, Attempt: 1, Kind: spool.ReportDone, Groups: []spool.OutputGroup{{Type: spool.GroupFile}},
			Warnings: []spool.Warning{{Code: 7}}, Messages: []string{"it was decided so"}}
		var wg sync.WaitGroup
		for range 4 { // the same from many sides at once
			wg.Go(func() {
				for _, r := range []spool.Report{inputs, done, done} {
					if err := h.apply(h.ctx(), r); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := h.get(job.ID); got.Status != spool.JobComplete || got.Percent != 100 || len(got.Groups) != 1 || len(got.RunWarnings) != 1 || len(got.RunMessages) != 1 {
			t.Errorf("%+v", got)
		}
		want := []string{"work " + job.ID + " 1", "PROGRESSING " + job.ID, "INPUT_INFORMATION " + job.ID, "NEW_WARNING " + job.ID, "COMPLETE " + job.ID}
		if got := h.taken(); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func TestNonsenseIsGivenUp(t *testing.T) {
	t.Parallel()
	h := build(t, sqlite(t), t.TempDir())
	for _, data := range []string{"", "{", `{"jobId":"no-such-job","kind":"done"}`} {
		if err := h.handleReport(h.ctx(), spool.Message{Data: []byte(data)}); !spool.IsPermanent(err) {
			t.Errorf("%q: %v", data, err)
		}
	}
	job := h.submit(nil)
	job.Status, job.Attempt = spool.JobProgressing, 1
	h.put(job)
	if err := h.apply(h.ctx(), spool.Report{JobID: job.ID, Attempt: 1, Kind: "dance"}); !spool.IsPermanent(err) {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestCancelAndPublishingExclude(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range 20 {
			job := h.submit(nil)
			job.Status, job.Attempt = spool.JobProgressing, 1
			h.put(job)
			var wg sync.WaitGroup
			var canceled error
			var p spool.Permission
			wg.Go(func() { canceled = h.Cancel(h.ctx(), job.ID) })
			wg.Go(func() {
				var err error
				if p, err = h.mayPublish(h.ctx(), spool.PermissionRequest{JobID: job.ID, Attempt: 1}); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if (canceled == nil) == p.Yes {
				t.Errorf("canceled: %v, may publish: %+v", canceled, p)
			}
		}
	})
}

func TestMayPublish(t *testing.T) {
	t.Parallel()
	h := build(t, sqlite(t), t.TempDir())
	job := h.submit(nil)
	ask := func(attempt int) bool {
		t.Helper()
		p, err := h.mayPublish(h.ctx(), spool.PermissionRequest{JobID: job.ID, Attempt: attempt})
		if err != nil || p.Yes != (p.Reason == "") {
			t.Errorf("%+v, %v", p, err)
		}
		return p.Yes
	}
	if ask(0) {
		t.Error("SUBMITTED")
	}
	job.Status, job.Attempt = spool.JobProgressing, 2
	h.put(job)
	if ask(1) || !ask(2) || !ask(2) {
		t.Error("want only the job's attempt, as often as it asks")
	}
	if got := h.get(job.ID); !got.Publishing || got.Phase != spool.PhaseUploading {
		t.Errorf("%+v", got)
	}
	if p, err := h.mayPublish(h.ctx(), spool.PermissionRequest{JobID: "none"}); p.Yes || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestSubmit(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		job := h.submit(func(r *spool.JobRequest) { r.Queue = "arn:aws:mediaconvert:us-east-1:000000000000:queues/Default" })
		if job.Queue != "Default" || job.StatusUpdateInterval != "SECONDS_60" || job.ClientRequestToken == "" || job.Status != spool.JobSubmitted {
			t.Errorf("%+v", job)
		}
		if len(job.ID) != 20 || job.ID[13] != '-' || strings.Trim(job.ID[14:], "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Errorf("id %q", job.ID)
		}
		for name, set := range map[string]func(*spool.JobRequest){
			"queue":    func(r *spool.JobRequest) { r.Queue = "none" },
			"priority": func(r *spool.JobRequest) { r.Priority = 51 },
			"interval": func(r *spool.JobRequest) { r.StatusUpdateInterval = "SECONDS_1" },
			"token":    func(r *spool.JobRequest) { r.ClientRequestToken = strings.Repeat("x", 65) },
		} {
			var req spool.JobRequest
			set(&req)
			if _, err := h.Submit(h.ctx(), req); !errors.Is(err, spool.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		token := func(r *spool.JobRequest) { r.ClientRequestToken = "t" }
		first := h.submit(token)
		if again := h.submit(token); again.ID != first.ID {
			t.Errorf("within a minute: %s and %s", first.ID, again.ID)
		}
		h.clock.Add(61 * time.Second)
		if later := h.submit(token); later.ID == first.ID {
			t.Error("after a minute: the same job")
		}
		if jobs, more, err := h.List(h.ctx(), spool.JobFilter{Limit: 2}); len(jobs) != 2 || !more || err != nil {
			t.Errorf("list: %d, %v, %v", len(jobs), more, err)
		}
	})
}

func TestSubmitWithIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		oops := errors.New("oops")
		_, err := h.SubmitWith(h.ctx(), spool.JobRequest{ClientRequestToken: "t"}, func(tx Tx, job spool.Job) error {
			if err := tx.Outbox(h.ctx(), "event.video", job.ID, []byte(`{}`)); err != nil {
				return err
			}
			return oops
		})
		if !errors.Is(err, oops) {
			t.Error(err)
		}
		if jobs, _, err := h.List(h.ctx(), spool.JobFilter{}); len(jobs) != 0 || err != nil {
			t.Errorf("%v, %v", jobs, err)
		}
		ran := false
		also := func(Tx, spool.Job) error { ran = true; return nil }
		job, err := h.SubmitWith(h.ctx(), spool.JobRequest{ClientRequestToken: "t"}, also)
		if err != nil || !ran {
			t.Errorf("the token of a failed request must be free: ran %v, %v", ran, err)
		}
		ran = false
		if again, err := h.SubmitWith(h.ctx(), spool.JobRequest{ClientRequestToken: "t"}, also); again.ID != job.ID || ran || err != nil {
			t.Errorf("repeated: %s, ran %v, %v", again.ID, ran, err)
		}
	})
}

// TestOldRecordsGo: ninety days after its end a job is deleted, tags and all, and
// not before; one that has not ended stays.
func TestOldRecordsGo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		tagged := func(r *spool.JobRequest) { r.Tags = map[string]string{"k": "v"} }
		waits := h.submit(tagged)
		var ended []spool.Job
		for range deleteBatch + 2 {
			job := h.submit(tagged)
			job.Status, job.FinishedAt = spool.JobComplete, h.clock.Now()
			h.put(job)
			ended = append(ended, job)
		}
		young := h.submit(nil)
		h.clock.Add(89 * 24 * time.Hour)
		young.Status, young.FinishedAt = spool.JobError, h.clock.Now()
		h.put(young)
		left := func(want int) {
			t.Helper()
			if err := h.rescan(h.ctx()); err != nil {
				t.Fatal(err)
			}
			if list, _, err := h.List(h.ctx(), spool.JobFilter{}); len(list) != want || err != nil {
				t.Errorf("%d jobs are left, want %d; %v", len(list), want, err)
			}
		}
		left(2 + len(ended))
		h.clock.Add(25 * time.Hour)
		left(2)
		h.get(waits.ID)
		h.get(young.ID)
		for id, want := range map[string]int{waits.ID: 1, ended[0].ID: 0} {
			tags, err := h.db.Tags(h.ctx(), spool.Resource{Kind: spool.KindJob, Name: id})
			if len(tags) != want || err != nil {
				t.Errorf("job %s has the tags %v, %v", id, tags, err)
			}
		}
	})
}
