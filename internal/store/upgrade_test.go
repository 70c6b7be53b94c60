package store_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

// TestUpgrade opens a database as it was before queues had counts and jobs could
// be searched, with jobs in it: all of that is there afterwards.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		old := version2(t, dsn)
		job := func(id, status string) string {
			return `INSERT INTO jobs (id, queue, status, priority, created, started, finished, phase, percent, attempt, retries, publishing,
				video_guid, request, result, version) VALUES ('` + id + `', 'q', '` + status + `', 7, ` + id + `, 0, 0, '', 0, 0, 0, 0, '',
				'{"Queue":"q","Priority":7,"Tags":{"job":"` + id + `"},"Settings":{"inputs":[{"fileInput":"s3://in/` + id + `.mp4"}]}}', '{}', 3)`
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
		if tags, err := db.Tags(t.Context(), spool.Resource{Kind: spool.KindJob, Name: "104"}); tags["job"] != "104" || err != nil {
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

// version2 makes a database as it was before queues had counts and jobs could be
// searched.
func version2(t *testing.T, dsn string) *goose.Provider {
	t.Helper()
	driver, dialect, at := "pgx", goose.DialectPostgres, dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, dialect, at = "sqlite", goose.DialectSQLite3, "file:"+path+"?_pragma=foreign_keys(1)"
	}
	raw, err := sql.Open(driver, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	old, err := goose.NewProvider(dialect, raw, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	return old
}

// TestUpgradeGoesOn ends an upgrade half-way: the next start goes on from there.
func TestUpgradeGoesOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		version2(t, dsn)
		const jobs = 1201
		storetest.Exec(t, dsn,
			`INSERT INTO queues (name, description, type, status, pricing_plan, concurrent, tags, created, updated)
				VALUES ('q', 'd', 'CUSTOM', 'ACTIVE', 'ON_DEMAND', 3, '{}', 1, 1)`,
			// Two of each microsecond.
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < `+strconv.Itoa(jobs)+`)
				INSERT INTO jobs (id, queue, status, priority, created, started, finished, phase, percent, attempt, retries, publishing,
				video_guid, request, result, version) SELECT 'j-' || i, 'q', 'COMPLETE', 0, 1000 + i / 2, 0, 0, '', 0, 0, 0, 0, '',
				'{"Queue":"q","Tags":{"n":"' || i || '"},"Settings":{"inputs":[{"fileInput":"s3://in/' || i || '.mp4"}]}}', '{}', 3 FROM n`)
		ctx, cancel := context.WithCancel(t.Context())
		first, second := &telling{then: cancel}, &telling{then: func() {}}
		if db, err := store.Open(ctx, dsn, slog.New(first)); !errors.Is(err, context.Canceled) {
			t.Fatalf("%v, %v", db, err)
		}
		db, err := store.Open(t.Context(), dsn, slog.New(second))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		t.Logf("first %v, second %v", first.told, second.told)
		if len(first.told) != 1 || first.told[0] < 500 || first.told[0] > 600 {
			t.Errorf("at first it told of %v jobs", first.told)
		}
		if len(second.told) < 2 || second.told[0] < 1000 || second.told[0] > 1200 || second.told[len(second.told)-1] != jobs {
			t.Errorf("then it told of %v jobs", second.told)
		}
		if got, _, err := db.Jobs(t.Context(), spool.JobFilter{InputFile: "s3://in/"}); len(got) != jobs || err != nil {
			t.Errorf("%d jobs found, %v", len(got), err)
		}
		for _, i := range []string{"1", "500", "501", "1000", "1201"} {
			tags, err := db.Tags(t.Context(), spool.Resource{Kind: spool.KindJob, Name: "j-" + i})
			if tags["n"] != i || err != nil {
				t.Errorf("%s: %v, %v", i, tags, err)
			}
		}
	})
}

// telling is a log that notes how many jobs it is told are searchable.
type telling struct {
	slog.Handler
	told []int64
	then func()
}

func (l *telling) Enabled(context.Context, slog.Level) bool { return true }

func (l *telling) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "searchable") {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "jobs" {
				l.told = append(l.told, a.Value.Int64())
				l.then()
			}
			return true
		})
	}
	return nil
}
