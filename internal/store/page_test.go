package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

// TestSearchReadsFew is TestSearch with pages that end early.
func TestSearchReadsFew(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		db.ReadFew()
		searchesAreRight(t, db)
	})
	t.Run("without trigrams", func(t *testing.T) {
		t.Parallel()
		db := storetest.Open(t, storetest.PlainPostgres(t))
		db.ReadFew()
		searchesAreRight(t, db)
	})
}

// TestPagesEndEarly: one that has a job does not read through all others to be full.
func TestPagesEndEarly(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		db.ReadFew()
		const jobs = 1400
		in(t, db, func(tx *store.Tx) error {
			err := tx.InsertQueue(t.Context(), queue("q"))
			for n := range jobs {
				j := job(fmt.Sprintf("%04d", n), time.Duration(n)*time.Second)
				name := "s3://b/k"
				if n == 0 || n == jobs-1 {
					name = "s3://b/zz"
				}
				j.Settings = settings([]string{name}, "H_264", "AAC")
				err = errors.Join(err, tx.InsertJob(t.Context(), j))
			}
			return err
		})
		page := func(f spool.JobFilter, wantMore bool, want ...string) {
			t.Helper()
			got, more, err := db.Jobs(t.Context(), f)
			var ids []string
			for _, j := range got {
				ids = append(ids, j.ID)
			}
			if !slices.Equal(ids, want) || more != wantMore || err != nil {
				t.Errorf("%+v: %v, more %v, %v; want %v, %v", f, ids, more, err, want, wantMore)
			}
		}
		newest := job("1399", (jobs-1)*time.Second)
		page(spool.JobFilter{InputFile: "zz", Limit: 20}, true, "1399")
		page(spool.JobFilter{InputFile: "zz", Limit: 20, After: newest.Place()}, false, "0000")
		page(spool.JobFilter{InputFile: "zz"}, false, "1399", "0000")
		page(spool.JobFilter{InputFile: "yy", Limit: 20}, false)
		page(spool.JobFilter{InputFile: "/zz", Limit: 20}, false, "1399", "0000") // by the index
		page(spool.JobFilter{Where: []spool.JobTerm{{Key: spool.JobKeyInput, Values: []string{"zz"}}}, Limit: 20}, false, "1399", "0000")
	})
}

// TestPagesOfLargeJobs: a page is bounded by its bytes too, but for one job.
func TestPagesOfLargeJobs(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		db.PageBytes(16 << 10)
		in(t, db, func(tx *store.Tx) error {
			err := tx.InsertQueue(t.Context(), queue("q"))
			for n, kilobytes := range []int{1, 6, 6, 17, 1} {
				j := job(fmt.Sprint(n), time.Duration(n)*time.Second)
				j.Settings = slices.Concat([]byte(`{"inputs":[{"fileInput":"s3://b/k"}],"x":"`), bytes.Repeat([]byte("x"), kilobytes<<10), []byte(`"}`))
				err = errors.Join(err, tx.InsertJob(t.Context(), j))
			}
			return err
		})
		for name, f := range map[string]spool.JobFilter{"list": {}, "search": {InputFile: "b/k"}, "query": {Where: []spool.JobTerm{
			{Key: spool.JobKeyQueue, Values: []string{"q"}}}}} {
			var pages []int
			for f.Limit = 20; ; {
				jobs, more, err := db.Jobs(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				if pages = append(pages, len(jobs)); !more {
					break
				}
				f.After = jobs[len(jobs)-1].Place()
			}
			if want := []int{1, 1, 3}; !slices.Equal(pages, want) {
				t.Errorf("%s: pages of %v, want %v", name, pages, want)
			}
			f.Limit, f.After = 0, ""
			if jobs, more, err := db.Jobs(t.Context(), f); len(jobs) != 5 || more || err != nil {
				t.Errorf("%s: %d jobs of 5, %v", name, len(jobs), err)
			}
		}
	})
}
