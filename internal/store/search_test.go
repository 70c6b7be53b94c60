package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

// sources are parts that URIs are made of; some hold what means something to
// SQL, to LIKE or to FTS5.
var sources = []string{"s3://in/", "https://h.example/a%20b/", "clip", "Clip", "ü", "日本語", "%", "_", `\`, `"`, "'", "*", " OR ", ".mp4", ".mov", "0", "17", "ab"}

// found reads all pages of a list.
func found(t *testing.T, db *store.DB, f spool.JobFilter) (ids []string) {
	t.Helper()
	for {
		jobs, more, err := db.Jobs(t.Context(), f)
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

// TestSearch compares searches with looking at every job.
func TestSearch(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) { searchesAreRight(t, db) })
}

// TestSearchWithoutTrigrams does so where nobody may switch pg_trgm on.
func TestSearchWithoutTrigrams(t *testing.T) {
	t.Parallel()
	searchesAreRight(t, storetest.Open(t, storetest.PlainPostgres(t)))
}

// searchable fills a database with jobs and gives them, and the URIs of their
// inputs by their ids.
func searchable(t *testing.T, db *store.DB, r *rand.Rand) (all []spool.Job, uris map[string][]string) {
	t.Helper()
	ctx := t.Context()
	uris = map[string][]string{}
	in(t, db, func(tx *store.Tx) error {
		all = nil
		err := errors.Join(tx.InsertQueue(ctx, queue("q")), tx.InsertQueue(ctx, queue("r")))
		for i := range 1600 {
			j := job(fmt.Sprintf("%04d", i), time.Duration(i/2)*time.Microsecond) // pairs share a time
			if i%7 == 0 {
				j.Queue = "r"
			}
			if i%5 == 0 {
				j.Status = spool.JobError
			}
			var names []string
			for range r.IntN(3) {
				var b strings.Builder
				for range 1 + r.IntN(6) {
					b.WriteString(sources[r.IntN(len(sources))])
				}
				names = append(names, b.String())
			}
			if i == 11 || i == 12 || i == 800 {
				names = append(names, "s3://in/the rare one.mp4")
			}
			uris[j.ID] = slices.Clone(names)
			if i == 13 {
				names = append(names, "s3://in/a\x00b") // PostgreSQL stores no such text: it is found by the others
			}
			j.Settings = settings(names, "H_264", "AAC")
			all, err = append(all, j), errors.Join(err, tx.InsertJob(ctx, j))
		}
		return err
	})
	return all, uris
}

func searchesAreRight(t *testing.T, db *store.DB) {
	ctx, r := t.Context(), rand.New(rand.NewPCG(1, 2))
	all, uris := searchable(t, db, r)
	check := func() {
		t.Helper()
		for n := range 120 {
			f := spool.JobFilter{Limit: []int{0, 1, 20, 700}[r.IntN(4)], Ascending: r.IntN(2) == 0}
			if f.Queue = []string{"", "", "q", "r"}[r.IntN(4)]; r.IntN(3) == 0 {
				f.Status = spool.JobError
			}
			for range 1 + r.IntN(3) {
				f.InputFile += sources[r.IntN(len(sources))]
			}
			switch n {
			case 0:
				f.InputFile = "the rare one"
			case 1:
				f.InputFile = "The rare one" // in this very case
			case 2:
				f.InputFile = "no such thing"
			case 3:
				f.InputFile = "e"
			}
			if f.Limit == 1 && len(f.InputFile) < 8 {
				f.Limit = 20
			}
			var want []string
			for _, j := range all {
				fits := slices.ContainsFunc(uris[j.ID], func(u string) bool { return strings.Contains(u, f.InputFile) })
				if fits && (f.Queue == "" || j.Queue == f.Queue) && (f.Status == "" || j.Status == f.Status) {
					want = append(want, j.ID)
				}
			}
			if !f.Ascending {
				slices.Reverse(want)
			}
			if got := found(t, db, f); !slices.Equal(got, want) {
				t.Errorf("%+v: %d jobs %v, want %d %v", f, len(got), got[:min(5, len(got))], len(want), want[:min(5, len(want))])
			}
		}
	}
	check()
	// What is deleted is found no more, and its neighbour in time still is.
	in(t, db, func(tx *store.Tx) error {
		for i := 0; i < len(all); i += 3 {
			j, err := tx.LockJob(ctx, all[i].ID)
			j.Status, j.FinishedAt = spool.JobError, epoch.Add(time.Hour)
			if err := errors.Join(err, tx.SaveJob(ctx, j)); err != nil {
				return err
			}
		}
		return nil
	})
	for {
		n, err := db.DeleteJobs(ctx, epoch.Add(2*time.Hour), 100)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	kept := all[:0]
	for i, j := range all {
		if i%3 != 0 {
			kept = append(kept, j)
		}
	}
	all = kept
	check()
	for _, f := range []spool.JobFilter{{InputFile: "a\x00b"}, {InputFile: "\n"}, {InputFile: "\xff\xfe\xfd"}, {Queue: "a\x00"}} {
		if jobs, more, err := db.Jobs(ctx, f); len(jobs) != 0 || more || err != nil {
			t.Errorf("%+v: %d jobs, %v", f, len(jobs), err)
		}
	}
	if _, err := db.Job(ctx, "a\x00"); !errors.Is(err, spool.ErrNotFound) {
		t.Error(err)
	}
}

func settings(inputs []string, video, audio string) []byte {
	var b strings.Builder
	b.WriteString(`{"inputs":[`)
	for i, uri := range inputs {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"fileInput":%s}`, jsonText(uri))
	}
	fmt.Fprintf(&b, `],"outputGroups":[{"outputs":[{"videoDescription":{"codecSettings":{"codec":%q}}},
		{"audioDescriptions":[{"codecSettings":{"codec":%q}}]}]}]}`, video, audio)
	return []byte(b.String())
}

func jsonText(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return text
}

func TestQueriesOfJobs(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		in(t, db, func(tx *store.Tx) error {
			err := errors.Join(tx.InsertQueue(ctx, queue("q")), tx.InsertQueue(ctx, queue("r")))
			for i, c := range []struct{ queue, video, audio, version string }{
				{"q", "H_264", "AAC", ""}, {"q", "H_265", "AC3", "2024-01-01"}, {"r", "H_264", "EAC3", ""}, {"q", "AV1", "AAC", "2025-01-01"},
			} {
				j := job(fmt.Sprint(i), time.Duration(i)*time.Second)
				j.Queue, j.JobEngineVersion, j.JobEngineUsed = c.queue, c.version, c.version
				j.Settings = settings([]string{"s3://b/" + j.ID + ".mp4"}, c.video, c.audio)
				err = errors.Join(err, tx.InsertJob(ctx, j))
			}
			return err
		})
		term := func(key spool.JobKey, values ...string) spool.JobTerm { return spool.JobTerm{Key: key, Values: values} }
		for _, c := range []struct {
			name  string
			where []spool.JobTerm
			want  []string
		}{
			{"queue", []spool.JobTerm{term(spool.JobKeyQueue, "r")}, []string{"2"}},
			{"status", []spool.JobTerm{term(spool.JobKeyStatus, "SUBMITTED")}, []string{"3", "2", "1", "0"}},
			{"input", []spool.JobTerm{term(spool.JobKeyInput, "/1.", "/3.")}, []string{"3", "1"}},
			{"video", []spool.JobTerm{term(spool.JobKeyVideoCodec, "H_264")}, []string{"2", "0"}},
			{"audio", []spool.JobTerm{term(spool.JobKeyAudioCodec, "AC3", "EAC3")}, []string{"2", "1"}},
			{"version", []spool.JobTerm{term(spool.JobKeyVersionRequested, "2024-01-01")}, []string{"1"}},
			{"used", []spool.JobTerm{term(spool.JobKeyVersionUsed, "2025-01-01")}, []string{"3"}},
			{"any of them, once", []spool.JobTerm{term(spool.JobKeyQueue, "r"), term(spool.JobKeyVideoCodec, "H_264", "AV1")}, []string{"3", "2", "0"}},
			{"none", []spool.JobTerm{term(spool.JobKeyStatus, "COMPLETE", "a\x00")}, nil},
		} {
			for _, limit := range []int{0, 1, 2, 20} {
				if got := found(t, db, spool.JobFilter{Where: c.where, Limit: limit}); !slices.Equal(got, c.want) {
					t.Errorf("%s: %v, want %v", c.name, got, c.want)
				}
			}
		}
		filter := spool.JobFilter{Queue: "q", Ascending: true, Where: []spool.JobTerm{term(spool.JobKeyVideoCodec, "H_264", "AV1")}}
		if got := found(t, db, filter); !slices.Equal(got, []string{"0", "3"}) {
			t.Errorf("in a queue: %v", got)
		}
		if _, _, err := db.Jobs(ctx, spool.JobFilter{Where: []spool.JobTerm{term("colour", "red")}}); !errors.Is(err, spool.ErrInvalid) {
			t.Error(err)
		}
	})
}

// TestPagesStandStill: jobs that come and go between two pages move nothing, and
// the place that a page goes on from need not be there any more.
func TestPagesStandStill(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		insert := func(id string, after time.Duration) {
			in(t, db, func(tx *store.Tx) error {
				j := job(id, after)
				j.Status, j.FinishedAt = spool.JobComplete, j.CreatedAt
				j.Settings = settings([]string{"s3://b/k"}, "H_264", "AAC")
				return tx.InsertJob(ctx, j)
			})
		}
		in(t, db, func(tx *store.Tx) error { return tx.InsertQueue(ctx, queue("q")) })
		for i := range 6 {
			insert(fmt.Sprint(i), time.Duration(i)*time.Second)
		}
		for name, f := range map[string]spool.JobFilter{
			"list": {Limit: 2}, "search": {Limit: 2, InputFile: "s3://b"},
			"query": {Limit: 2, Where: []spool.JobTerm{{Key: spool.JobKeyVideoCodec, Values: []string{"H_264"}}}},
		} {
			page, more, err := db.Jobs(ctx, f)
			if err != nil || !more || page[0].ID != "5" {
				t.Fatalf("%s: %v, %v", name, page, err)
			}
			f.After = page[1].Place()
			for _, gone := range []string{"", "0/", "/x", "x/x", "01/x", "1/\n"} {
				g := f
				g.After = gone
				if _, _, err := db.Jobs(ctx, g); (gone == "") != (err == nil) || gone != "" && !errors.Is(err, spool.ErrInvalid) {
					t.Errorf("%s after %q: %v", name, gone, err)
				}
			}
			insert("new-"+name, time.Hour)
			if got, _, err := db.Jobs(ctx, f); err != nil || len(got) != 2 || got[0].ID != "3" {
				t.Errorf("%s: %v, %v", name, got, err)
			}
			f.After = fmt.Sprintf("%d/", epoch.Add(4500*time.Millisecond).UnixMicro()) + "was-here"
			if got, _, err := db.Jobs(ctx, f); err != nil || len(got) != 2 || got[0].ID != "4" {
				t.Errorf("%s: %v, %v", name, got, err)
			}
			if n, err := db.DeleteJobs(ctx, epoch.Add(2*time.Hour), 100); err != nil || n != 7 {
				t.Fatal(n, err)
			}
			for i := range 6 {
				insert(fmt.Sprint(i), time.Duration(i)*time.Second)
			}
		}
	})
}

// TestOldJobsBecomeSearchable: a database from before searches were is made
// searchable when it is opened.
func TestOldJobsBecomeSearchable(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		db := storetest.Open(t, dsn)
		in(t, db, func(tx *store.Tx) error {
			j := job("1", 0)
			j.Settings = settings([]string{"s3://b/k.mp4"}, "H_264", "AAC")
			return errors.Join(tx.InsertQueue(t.Context(), queue("q")), tx.InsertJob(t.Context(), j))
		})
		storetest.Exec(t, dsn, `DELETE FROM job_inputs`, `DELETE FROM job_terms`, `UPDATE counters SET value = 0 WHERE name = 'searchable'`)
		f := spool.JobFilter{InputFile: "k.mp4"}
		if got := found(t, db, f); got != nil {
			t.Errorf("%v", got)
		}
		if got := found(t, storetest.Open(t, dsn), f); !slices.Equal(got, []string{"1"}) {
			t.Errorf("%v", got)
		}
	})
}

// TestListsReadTheirPageOnly asks the databases how they would read each list.
// Neither may read a table from end to end or put jobs in order by itself: that
// is what takes long with a million of them.
func TestListsReadTheirPageOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		db := storetest.Open(t, dsn)
		in(t, db, func(tx *store.Tx) error {
			err := tx.InsertQueue(t.Context(), queue("q"))
			for i := range 3000 {
				j := job(fmt.Sprint(i), time.Duration(i)*time.Second)
				j.Settings = settings([]string{fmt.Sprintf("s3://b/%d.mp4", i)}, "H_264", "AAC")
				err = errors.Join(err, tx.InsertJob(t.Context(), j))
			}
			return err
		})
		storetest.Exec(t, dsn, "ANALYZE")
		const head = `SELECT * FROM jobs WHERE `
		for name, query := range map[string]string{
			"all":              head + `(jobs.created, jobs.id) < (1767323045000000, 'x') ORDER BY jobs.created DESC, jobs.id DESC LIMIT 21`,
			"queue":            head + `jobs.queue = 'q' ORDER BY jobs.created DESC, jobs.id DESC LIMIT 21`,
			"status":           head + `jobs.status = 'ERROR' AND (jobs.created, jobs.id) > (1, 'x') ORDER BY jobs.created, jobs.id LIMIT 21`,
			"queue and status": head + `jobs.queue = 'q' AND jobs.status = 'COMPLETE' ORDER BY jobs.created DESC, jobs.id DESC LIMIT 21`,
			"next":             head + `waits_in = 'q' AND status = 'SUBMITTED' ORDER BY waits_at DESC, created, id LIMIT 1`,
			"hops":             `SELECT id FROM jobs WHERE waits_in = 'q' AND status = 'SUBMITTED' AND hop_at > 0 AND hop_at <= 5 ORDER BY hop_at LIMIT 100`,
			"old":              head + `finished > 0 AND finished < 5 ORDER BY finished, id LIMIT 100`,
			"codec":            `SELECT t.created, t.job_id FROM job_terms t WHERE t.name = 'videoCodec' AND t.value = 'AV1' ORDER BY t.created DESC, t.job_id DESC LIMIT 21`,
			"inputs":           `SELECT i.uris FROM job_inputs i WHERE (i.created, i.job_id) < (1767323045000000, 'x') ORDER BY i.created DESC, i.job_id DESC LIMIT 500`,
		} {
			plan := strings.Join(storetest.Plan(t, dsn, query), "\n")
			for _, bad := range []string{"Seq Scan", "Sort Key: created DESC", "SCAN jobs\n", "SCAN t\n", "SCAN i\n", "USE TEMP B-TREE FOR ORDER BY"} {
				if strings.Contains(plan+"\n", bad) {
					t.Errorf("%s: %s\n%s", name, bad, plan)
				}
			}
		}
	})
}
