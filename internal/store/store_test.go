package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Stop()
	os.Exit(code)
}

// each runs a test of the contract on both databases.
func each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) { f(t, storetest.Open(t, dsn)) })
}

// in runs f in a transaction that must succeed.
func in(t *testing.T, db *store.DB, f func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Tx(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 678_000, time.UTC)

func queue(name string) spool.Queue {
	return spool.Queue{Name: name, Description: "d'\"\\%ü", Type: "CUSTOM", Status: "ACTIVE", PricingPlan: "ON_DEMAND",
		ConcurrentJobs: 3, CreatedAt: epoch, UpdatedAt: epoch, Tags: map[string]string{"a": "b"}}
}

func job(id string, after time.Duration) spool.Job {
	return spool.Job{JobRequest: spool.JobRequest{Queue: "q", Settings: []byte(`{"inputs":[]}`), StatusUpdateInterval: "SECONDS_60"},
		ID: id, Status: spool.JobSubmitted, CreatedAt: epoch.Add(after)}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"", "x.db", "sqlite:x.db", "mysql://h/d", "sqlite:/no/such/folder/x.db"} {
		db, err := store.Open(t.Context(), dsn, slog.New(slog.DiscardHandler))
		if err == nil {
			t.Errorf("%q: opened", dsn)
			_ = db.Close()
		}
	}
}

func TestOpenTwiceKeeps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		in(t, storetest.Open(t, dsn), func(tx *store.Tx) error { return tx.InsertQueue(t.Context(), queue("q")) })
		if _, err := storetest.Open(t, dsn).Queue(t.Context(), "q"); err != nil {
			t.Error(err)
		}
	})
}

func TestOddFileName(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b%41?#&.db")
	storetest.Open(t, "sqlite:"+path)
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestJobRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		want := job("1", 0)
		want.Priority, want.Role, want.VideoGUID = -50, "arn:aws:iam::1:role/x", "guid"
		want.UserMetadata = map[string]string{"ключ": "'; DROP TABLE jobs; --"}
		want.WaitsIn, want.WaitsAt = "q", -50
		want.Warnings = []spool.Warning{{Code: 1, Pointer: "/x", Message: "m"}}
		in(t, db, func(tx *store.Tx) error {
			if err := tx.InsertQueue(ctx, queue("q")); err != nil {
				return err
			}
			return tx.InsertJob(ctx, want)
		})
		check := func() {
			t.Helper()
			got, err := db.Job(ctx, "1")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		}
		check()
		want.Status, want.Phase, want.Percent, want.Attempt, want.RetryCount = spool.JobError, spool.PhaseUploading, 77, 2, 1
		want.Publishing, want.StartedAt, want.FinishedAt = true, epoch.Add(time.Second), epoch.Add(time.Minute)
		want.Failure = &spool.Failure{Code: 1404, Message: "gone"}
		want.RunWarnings = []spool.Warning{{Code: 2, Message: "r"}}
		want.RunMessages = []string{"it was decided so"}
		want.Inputs = []spool.InputInfo{{URI: "s3://b/k", Media: spool.Media{Duration: time.Second}}}
		want.Groups = []spool.OutputGroup{{Type: spool.GroupHLS, Outputs: []spool.Output{{Paths: []string{"s3://b/o"}}}}}
		in(t, db, func(tx *store.Tx) error {
			if _, err := tx.LockJob(ctx, "1"); err != nil {
				return err
			}
			return tx.SaveJob(ctx, want)
		})
		check()
		if _, err := db.Job(ctx, "2"); !errors.Is(err, spool.ErrNotFound) {
			t.Error(err)
		}
		err := db.Tx(ctx, func(tx *store.Tx) error { _, err := tx.LockJob(ctx, "2"); return err })
		if !errors.Is(err, spool.ErrNotFound) {
			t.Error(err)
		}
		lost := job("3", 0)
		lost.Queue = "none"
		if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.InsertJob(ctx, lost) }); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("a job in no queue: %v", err)
		}
	})
}

func TestProgressNeverGoesBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		j := job("1", 0)
		j.Status, j.Attempt = spool.JobProgressing, 2
		in(t, db, func(tx *store.Tx) error {
			return errors.Join(tx.InsertQueue(ctx, queue("q")), tx.InsertJob(ctx, j))
		})
		for _, step := range []struct{ attempt, percent, want int }{{2, 10, 10}, {2, 5, 10}, {1, 50, 10}, {2, 10, 10}, {2, 11, 11}} {
			in(t, db, func(tx *store.Tx) error {
				return tx.SaveProgress(ctx, "1", step.attempt, spool.PhaseTranscoding, step.percent)
			})
			if got, err := db.Job(ctx, "1"); err != nil || got.Percent != step.want {
				t.Errorf("%+v: percent %d, %v", step, got.Percent, err)
			}
		}
	})
}

func TestJobsPages(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		in(t, db, func(tx *store.Tx) error {
			err := errors.Join(tx.InsertQueue(ctx, queue("q")), tx.InsertQueue(ctx, queue("r")))
			for i := range 7 { // pairs share a time: the id decides
				j := job(fmt.Sprint(i), time.Duration(i/2)*time.Second)
				if i == 3 {
					j.Queue, j.Status = "r", spool.JobError
				}
				err = errors.Join(err, tx.InsertJob(ctx, j))
			}
			return err
		})
		pages := func(f spool.JobFilter) (ids []string) {
			t.Helper()
			for {
				jobs, more, err := db.Jobs(ctx, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, j := range jobs {
					ids = append(ids, j.ID)
				}
				if !more {
					return ids
				}
				f.After = jobs[len(jobs)-1].Place()
			}
		}
		for _, c := range []struct {
			f    spool.JobFilter
			want []string
		}{
			{spool.JobFilter{}, []string{"6", "5", "4", "3", "2", "1", "0"}},
			{spool.JobFilter{Limit: 2}, []string{"6", "5", "4", "3", "2", "1", "0"}},
			{spool.JobFilter{Limit: 7, Ascending: true}, []string{"0", "1", "2", "3", "4", "5", "6"}},
			{spool.JobFilter{Limit: 1, Queue: "r"}, []string{"3"}},
			{spool.JobFilter{Limit: 3, Status: spool.JobSubmitted, Ascending: true}, []string{"0", "1", "2", "4", "5", "6"}},
			{spool.JobFilter{Queue: "q", Status: spool.JobError}, nil},
		} {
			if got := pages(c.f); !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, want %v", c.f, got, c.want)
			}
		}
		if _, _, err := db.Jobs(ctx, spool.JobFilter{After: "nope"}); !errors.Is(err, spool.ErrInvalid) {
			t.Error(err)
		}
	})
}

func TestQueues(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		q := queue("q")
		in(t, db, func(tx *store.Tx) error { return tx.InsertQueue(ctx, q) })
		if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.InsertQueue(ctx, q) }); !errors.Is(err, spool.ErrConflict) {
			t.Errorf("a second of that name: %v", err)
		}
		in(t, db, func(tx *store.Tx) error {
			var err error
			for i, p := range []int{0, 5, 5, -1} {
				j := job(fmt.Sprint(i), time.Duration(i)*time.Second)
				j.Priority = p
				err = errors.Join(err, tx.InsertJob(ctx, j))
			}
			return err
		})
		var order []string
		in(t, db, func(tx *store.Tx) error {
			order = nil
			if err := tx.LockDispatch(ctx); err != nil {
				return err
			}
			for {
				next, err := tx.NextJob(ctx, "q")
				if errors.Is(err, spool.ErrNotFound) {
					return nil
				}
				if err != nil {
					return err
				}
				order = append(order, next.ID)
				if next, err = tx.LockJob(ctx, next.ID); err != nil {
					return err
				}
				next.Status = spool.JobProgressing
				if err := tx.SaveJob(ctx, next); err != nil {
					return err
				}
				queues, err := tx.Queues(ctx)
				if err != nil || queues[0].Progressing != len(order) || queues[0].Submitted != 4-len(order) {
					t.Errorf("counts %+v, %v", queues, err)
				}
			}
		})
		if want := []string{"1", "2", "0", "3"}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		q.Status, q.ConcurrentJobs, q.Description, q.UpdatedAt = "PAUSED", 0, "", epoch.Add(time.Hour)
		in(t, db, func(tx *store.Tx) error { return tx.SaveQueue(ctx, q) })
		q.Progressing, q.Tags = 4, nil
		got, err := db.Queue(ctx, "q")
		if d := cmp.Diff(q, got); d != "" || err != nil {
			t.Error(err, d)
		}
		if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.SaveQueue(ctx, queue("none")) }); !errors.Is(err, spool.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		claim := func(id string, now time.Time) (holder string) {
			t.Helper()
			in(t, db, func(tx *store.Tx) (err error) {
				holder, err = tx.ClaimToken(ctx, "t", id, now, now.Add(-time.Minute))
				return err
			})
			return holder
		}
		for _, c := range []struct {
			id    string
			after time.Duration
			want  string
		}{{"1", 0, "1"}, {"2", time.Second, "1"}, {"3", time.Minute, "1"}, {"4", time.Minute + time.Microsecond, "4"}, {"5", time.Minute + 2*time.Second, "4"}} {
			if got := claim(c.id, epoch.Add(c.after)); got != c.want {
				t.Errorf("%+v: %s", c, got)
			}
		}
		in(t, db, func(tx *store.Tx) error {
			return errors.Join(tx.InsertQueue(ctx, queue("q")), tx.InsertJob(ctx, job("4", 0)))
		})
		bound := epoch.Add(time.Minute + time.Microsecond)
		if j, err := db.TokenJob(ctx, "t", bound); err != nil || j.ID != "4" {
			t.Errorf("the token's job: %s, %v", j.ID, err)
		}
		if j, err := db.TokenJob(ctx, "t", bound.Add(time.Microsecond)); !errors.Is(err, spool.ErrNotFound) {
			t.Errorf("the token is older than that: %s, %v", j.ID, err)
		}
		if err := db.DeleteTokens(ctx, epoch.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		// Many at once: one wins, and all are told which.
		var wg sync.WaitGroup
		holders := make([]string, 8)
		for i := range holders {
			wg.Go(func() { holders[i] = claim(fmt.Sprint(i), epoch) })
		}
		wg.Wait()
		if slices.Sort(holders); holders[0] != holders[7] {
			t.Errorf("holders %v", holders)
		}
	})
}

func TestOutbox(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		err := db.Tx(ctx, func(tx *store.Tx) error {
			return errors.Join(tx.Outbox(ctx, "s", "no", []byte("{}")), errors.New("rolled back"))
		})
		if err == nil {
			t.Fatal("no error")
		}
		select {
		case <-db.OutboxWritten():
			t.Error("woken by a rollback")
		default:
		}
		in(t, db, func(tx *store.Tx) error {
			return errors.Join(tx.Outbox(ctx, "s.1", "a", []byte(`{"ü":1}`)), tx.Outbox(ctx, "s.2", "b", []byte("{}")))
		})
		select {
		case <-db.OutboxWritten():
		case <-time.After(10 * time.Second):
			t.Error("not woken")
		}
		in(t, db, func(tx *store.Tx) error { return tx.Outbox(ctx, "s.3", "c", []byte("{}")) })
		rows, err := db.PendingOutbox(ctx, 2)
		if err != nil || len(rows) != 2 || rows[0].MsgID != "a" || string(rows[0].Data) != `{"ü":1}` || rows[1].Subject != "s.2" {
			t.Fatalf("%+v, %v", rows, err)
		}
		if err := db.DeleteOutbox(ctx, []int64{rows[0].ID, rows[1].ID}); err != nil {
			t.Fatal(err)
		}
		if err := db.DeleteOutbox(ctx, []int64{rows[0].ID}); err != nil {
			t.Errorf("gone already: %v", err)
		}
		if rows, err = db.PendingOutbox(ctx, 9); err != nil || len(rows) != 1 || rows[0].MsgID != "c" {
			t.Errorf("%+v, %v", rows, err)
		}
		for subject, want := range map[string]bool{"s.1": false, "s.3": true} {
			if has, err := db.OutboxHas(ctx, subject); has != want || err != nil {
				t.Errorf("%s: %v, %v", subject, has, err)
			}
		}
		if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.Outbox(ctx, "", "x", nil) }); err == nil {
			t.Error("a message without a subject")
		}
	})
}

// TestManyWriters has writers and readers at once; none may see a lock error,
// and the outbox must hold each message once, in the order of the commits.
func TestManyWriters(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		in(t, db, func(tx *store.Tx) error { return tx.InsertQueue(ctx, queue("q")) })
		const writers, rounds = 8, 10
		in(t, db, func(tx *store.Tx) error {
			return errors.Join(tx.InsertJob(ctx, job("a", 0)), tx.InsertJob(ctx, job("b", 0)))
		})
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for range rounds {
					ids := []string{"a", "b"}
					if w%2 == 1 {
						slices.Reverse(ids) // asks PostgreSQL for deadlocks
					}
					err := db.Tx(ctx, func(tx *store.Tx) error {
						for _, id := range ids {
							j, err := tx.LockJob(ctx, id)
							if err != nil {
								return err
							}
							j.Attempt++
							if err := errors.Join(tx.SaveJob(ctx, j), tx.Outbox(ctx, "s."+id, fmt.Sprint(id, j.Attempt), nil)); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
					if _, err := db.Queues(ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		rows, err := db.PendingOutbox(ctx, 1000)
		if err != nil || len(rows) != 2*writers*rounds {
			t.Fatalf("%d messages, %v", len(rows), err)
		}
		for _, id := range []string{"a", "b"} {
			n := 0
			for _, r := range rows {
				if r.Subject == "s."+id {
					if n++; r.MsgID != fmt.Sprint(id, n) {
						t.Fatalf("message %d of %s is %s", n, id, r.MsgID)
					}
				}
			}
			if j, err := db.Job(ctx, id); err != nil || j.Attempt != writers*rounds {
				t.Errorf("attempt %d, %v", j.Attempt, err)
			}
		}
	})
}

func TestTxEndsWithItsContext(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Tx(ctx, func(tx *store.Tx) error {
			cancel()
			return tx.InsertQueue(ctx, queue("q"))
		})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		in(t, db, func(tx *store.Tx) error { return tx.InsertQueue(t.Context(), queue("q")) }) // the connection is free again
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
