package store_test

import (
	"database/sql"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"spool/internal/spool"
	"spool/internal/store/storetest"
)

// TestUpgrade opens a database as it was before queues had counts and jobs could
// be searched, with jobs in it: all of that is there afterwards.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		driver, dialect, at := "pgx", goose.DialectPostgres, dsn
		if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
			driver, dialect, at = "sqlite", goose.DialectSQLite3, "file:"+path+"?_pragma=foreign_keys(1)"
		}
		raw, err := sql.Open(driver, at)
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		old, err := goose.NewProvider(dialect, raw, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := old.UpTo(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		job := func(id, status string) string {
			return `INSERT INTO jobs (id, queue, status, priority, created, started, finished, phase, percent, attempt, retries, publishing,
				video_guid, request, result, version) VALUES ('` + id + `', 'q', '` + status + `', 7, ` + id + `, 0, 0, '', 0, 0, 0, 0, '',
				'{"Queue":"q","Priority":7,"Settings":{"inputs":[{"fileInput":"s3://in/` + id + `.mp4"}]}}', '{}', 3)`
		}
		storetest.Exec(t, dsn,
			`INSERT INTO queues (name, description, type, status, pricing_plan, concurrent, tags, created, updated)
				VALUES ('q', 'd', 'CUSTOM', 'ACTIVE', 'ON_DEMAND', 3, '{"k":"v"}', 1, 1)`,
			job("101", "SUBMITTED"), job("102", "SUBMITTED"), job("103", "PROGRESSING"), job("104", "COMPLETE"))

		db := storetest.Open(t, dsn)
		q, err := db.Queue(t.Context(), "q")
		if err != nil || q.Submitted != 2 || q.Progressing != 1 || q.ConcurrentJobs != 3 {
			t.Errorf("%+v, %v", q, err)
		}
		if tags, err := db.Tags(t.Context(), spool.Resource{Kind: spool.KindQueue, Name: "q"}); tags["k"] != "v" || err != nil {
			t.Errorf("%v, %v", tags, err)
		}
		j, err := db.Job(t.Context(), "102")
		if err != nil || j.WaitsIn != "q" || j.WaitsAt != 7 || j.Priority != 7 || j.Status != spool.JobSubmitted {
			t.Errorf("%+v, %v", j, err)
		}
		if got := found(t, db, spool.JobFilter{InputFile: "/103."}); !slices.Equal(got, []string{"103"}) {
			t.Errorf("found %v", got)
		}
		if got := found(t, db, spool.JobFilter{Queue: "q", Limit: 2}); !slices.Equal(got, []string{"104", "103", "102", "101"}) {
			t.Errorf("listed %v", got)
		}
		if _, err := old.DownTo(t.Context(), 0); err != nil {
			t.Errorf("and back: %v", err)
		}
	})
}
