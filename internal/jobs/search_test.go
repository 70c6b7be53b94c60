package jobs

import (
	"errors"
	"testing"
	"time"

	"spool/internal/spool"
)

// TestSearchesTakeTurns: few run at once, one that waits for too long is told so,
// and what is no search waits for none.
func TestSearchesTakeTurns(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		job := h.submit(func(r *spool.JobRequest) { r.Settings = []byte(`{"inputs":[{"fileInput":"s3://b/a.mp4"}]}`) })
		for range maxSearches {
			h.searches <- struct{}{}
		}
		h.searchWait = 10 * time.Millisecond
		search := spool.JobFilter{InputFile: "a."}
		var user *spool.UserError
		if _, _, err := h.List(h.ctx(), search); !errors.Is(err, spool.ErrThrottled) || !errors.As(err, &user) {
			t.Errorf("one too many: %v", err)
		}
		if list, _, err := h.List(h.ctx(), spool.JobFilter{}); len(list) != 1 || err != nil {
			t.Errorf("a list: %v, %v", list, err)
		}
		h.run()
		id, err := h.StartQuery(h.ctx(), spool.JobFilter{Where: []spool.JobTerm{{Key: spool.JobKeyInput, Values: []string{"a."}}}})
		if err != nil {
			t.Fatal(err)
		}
		until(t, "a query waits for no search", func() bool {
			q, err := h.Query(h.ctx(), id)
			return err == nil && q.Status == spool.QueryComplete && len(q.Jobs) == 1 && q.Jobs[0].ID == job.ID
		})
		h.searchWait = time.Minute
		<-h.searches
		if list, _, err := h.List(h.ctx(), search); len(list) != 1 || err != nil {
			t.Errorf("when there is room: %v, %v", list, err)
		}
	})
}

// TestQueriesTakeTurns: those that look for inputs run one at a time, on no time
// of their own while they wait, and neither searches nor other queries wait for
// them.
func TestQueriesTakeTurns(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		job := h.submit(func(r *spool.JobRequest) { r.Settings = []byte(`{"inputs":[{"fileInput":"s3://b/a.mp4"}]}`) })
		term := func(key spool.JobKey, value string) spool.JobFilter {
			return spool.JobFilter{Where: []spool.JobTerm{{Key: key, Values: []string{value}}}}
		}
		start := func(f spool.JobFilter) string {
			t.Helper()
			id, err := h.StartQuery(h.ctx(), f)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		are := func(want spool.QueryStatus, ids ...string) bool {
			t.Helper()
			for _, id := range ids {
				q, err := h.Query(h.ctx(), id)
				if err != nil {
					t.Fatal(err)
				}
				if q.Status != want || want == spool.QueryComplete && (len(q.Jobs) != 1 || q.Jobs[0].ID != job.ID) {
					return false
				}
			}
			return true
		}
		h.queries.turn <- struct{}{} // one is under way
		h.queries.time = 0           // whose time runs has none left
		var ids []string
		for range maxQueries - 1 {
			ids = append(ids, start(term(spool.JobKeyInput, "a.")))
		}
		stop := h.run()
		until(t, "all are looked at", func() bool { return len(h.queries.todo) == 0 })
		if list, _, err := h.List(h.ctx(), spool.JobFilter{InputFile: "a."}); len(list) != 1 || err != nil {
			t.Errorf("a search: %v, %v", list, err)
		}
		late := start(term(spool.JobKeyStatus, string(job.Status)))
		until(t, "one for a status is given up", func() bool { return are(spool.QueryError, late) })
		if !are(spool.QuerySubmitted, ids...) {
			t.Error("queries do not wait for their turn")
		}
		stop()
		if !are(spool.QuerySubmitted, ids...) {
			t.Error("queries do not wait for the next run")
		}
		h.queries.time = queryTime
		h.run()
		ids = append(ids, start(term(spool.JobKeyStatus, string(job.Status))))
		until(t, "one for a status is complete", func() bool { return are(spool.QueryComplete, ids[len(ids)-1]) })
		if !are(spool.QuerySubmitted, ids[:len(ids)-1]...) {
			t.Error("queries do not wait for their turn in the next run")
		}
		<-h.queries.turn
		until(t, "all come to their turn", func() bool { return are(spool.QueryComplete, ids...) })
	})
}
