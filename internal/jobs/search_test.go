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
		until(t, "the query is under way", func() bool {
			q, err := h.Query(h.ctx(), id)
			return err == nil && q.Status == spool.QueryProgressing
		})
		h.searchWait = time.Minute
		<-h.searches
		if list, _, err := h.List(h.ctx(), search); len(list) != 1 || err != nil {
			t.Errorf("when there is room: %v, %v", list, err)
		}
		until(t, "the query comes to its turn", func() bool {
			q, err := h.Query(h.ctx(), id)
			return err == nil && q.Status == spool.QueryComplete && len(q.Jobs) == 1 && q.Jobs[0].ID == job.ID
		})
	})
}
