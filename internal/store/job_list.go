package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"spool/internal/spool"
)

// place is where a job stands in lists: in the order of creation, and where two
// were created in one microsecond, in that of their ids.
type place struct {
	created int64 // microseconds
	id      string
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.created, q.created), cmp.Compare(p.id, q.id))
}

// readPlace reads what Job.Place wrote; nil for "".
func readPlace(after string) (*place, error) {
	if after == "" {
		return nil, nil
	}
	created, id, ok := spool.ReadPlace(after)
	if !ok {
		return nil, spool.Userf(spool.ErrInvalid, "The page to go on from (%q) is none of this list.", after)
	}
	return &place{created, id}, nil
}

// listing builds one query of a list.
type listing struct {
	conditions []string
	args       []any
	ascending  bool
}

func (l *listing) arg(v any) string {
	l.args = append(l.args, v)
	return "$" + strconv.Itoa(len(l.args))
}

func (l *listing) where(condition string) { l.conditions = append(l.conditions, condition) }

// list begins a query of the jobs that are in the queue and have the status
// that f names, behind the place after. of is the table or alias that holds the
// columns created and id, with the name that the id has there.
func list(f spool.JobFilter, after *place, of, id string) *listing {
	l := &listing{ascending: f.Ascending}
	if f.Queue != "" {
		l.where("jobs.queue = " + l.arg(f.Queue))
	}
	if f.Status != "" {
		l.where("jobs.status = " + l.arg(string(f.Status)))
	}
	if after != nil {
		than := "<"
		if f.Ascending {
			than = ">"
		}
		l.where("(" + of + ".created, " + of + "." + id + ") " + than + " (" + l.arg(after.created) + ", " + l.arg(after.id) + ")")
	}
	return l
}

// tail gives the conditions, the order and the limit (0: none) of the query.
func (l *listing) tail(of, id string, limit int) string {
	tail, order := "", "DESC"
	if len(l.conditions) > 0 {
		tail = " WHERE " + strings.Join(l.conditions, " AND ")
	}
	if l.ascending {
		order = "ASC"
	}
	tail += fmt.Sprintf(" ORDER BY %s.created %s, %s.%s %s", of, order, of, id, order)
	if limit > 0 {
		tail += " LIMIT " + l.arg(limit)
	}
	return tail
}

// Jobs lists jobs in the order of their creation, newest first unless
// f.Ascending, and tells whether more follow. It goes on behind f.After, which
// need not exist any more; one that is no place is spool.ErrInvalid. A Limit of
// 0 gives all. With a limit a page may end early, with one job at least and more
// to follow: where its jobs are large, or are found among very many.
func (db *DB) Jobs(ctx context.Context, f spool.JobFilter) (jobs []spool.Job, more bool, err error) {
	after, err := readPlace(f.After)
	if err != nil {
		return nil, false, err
	}
	if unheard(f.Queue) || unheard(string(f.Status)) || unheard(f.InputFile) || after != nil && unheard(after.id) {
		return nil, false, nil
	}
	limit, most := 0, math.MaxInt
	if f.Limit > 0 {
		limit, most = f.Limit+1, db.most
	}
	switch {
	case len(f.Where) > 0 || f.InputFile != "":
		jobs, more, err = db.found(ctx, f, after, limit, most)
	default:
		l := list(f, after, "jobs", "id")
		tail := l.tail("jobs", "id", limit)
		jobs, more, err = db.jobs(ctx, most, `SELECT `+jobColumns+` FROM jobs`+tail, l.args...)
	}
	if err != nil {
		return nil, false, fmt.Errorf("list jobs: %w", err)
	}
	if f.Limit > 0 && len(jobs) > f.Limit {
		return jobs[:f.Limit], true, nil
	}
	return jobs, more, nil
}

// pageBytes bounds the requests and results of the jobs of one page: answers are
// held in memory, by clients too, and one request may be of 8 MB.
const pageBytes = 16 << 20

// jobs reads jobs, but for the first no more than so many bytes of them.
func (db *DB) jobs(ctx context.Context, most int, query string, args ...any) (jobs []spool.Job, cut bool, err error) {
	rows, err := db.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, false, err
	}
	return scanPage(rows, most)
}

// found lists jobs that a search or a query finds: the places first, and of
// those that stand on the page the jobs.
func (db *DB) found(ctx context.Context, f spool.JobFilter, after *place, limit, most int) (jobs []spool.Job, cut bool, err error) {
	var places []place
	if len(f.Where) > 0 && f.InputFile != "" {
		return nil, false, spool.Userf(spool.ErrInvalid, "Search for an input either by itself or in a query.")
	}
	if len(f.Where) > 0 {
		places, err = db.any(ctx, f, after, limit)
	} else {
		places, cut, err = db.search(ctx, f, after, limit, limit > 0)
	}
	if err != nil {
		return nil, false, err
	}
	const batch = 500 // a statement takes so many arguments with ease
	for some := range slices.Chunk(places, batch) {
		var l listing
		ids := make([]string, len(some))
		for i, p := range some {
			ids[i] = l.arg(p.id)
		}
		l.ascending = f.Ascending
		l.where("id IN (" + strings.Join(ids, ", ") + ")")
		tail := l.tail("jobs", "id", 0)
		next, full, err := db.jobs(ctx, most, `SELECT `+jobColumns+` FROM jobs`+tail, l.args...)
		if err != nil {
			return nil, false, err
		}
		jobs = append(jobs, next...)
		if full {
			return jobs, true, nil
		}
	}
	return jobs, cut, nil
}

// any gives the places of jobs that fit any value of any term: the first ones of
// each value, each read off its own index, put in order.
func (db *DB) any(ctx context.Context, f spool.JobFilter, after *place, limit int) ([]place, error) {
	var all []place
	for _, t := range f.Where {
		for _, value := range t.Values {
			if unheard(value) {
				continue
			}
			some, err := db.one(ctx, f, t.Key, value, after, limit)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		if f.Ascending {
			return a.compare(b)
		}
		return b.compare(a)
	})
	all = slices.Compact(all)
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, nil
}

// one gives the first places of jobs that fit one value.
func (db *DB) one(ctx context.Context, f spool.JobFilter, key spool.JobKey, value string, after *place, limit int) ([]place, error) {
	switch key {
	case spool.JobKeyInput:
		f.InputFile = value
		places, _, err := db.search(ctx, f, after, limit, false) // what other values have is put in between
		return places, err
	case spool.JobKeyQueue, spool.JobKeyStatus:
		l := list(f, after, "jobs", "id")
		l.where("jobs." + string(key) + " = " + l.arg(value))
		tail := l.tail("jobs", "id", limit)
		return db.places(ctx, `SELECT jobs.created, jobs.id FROM jobs`+tail, l.args...)
	case spool.JobKeyVersionRequested, spool.JobKeyVersionUsed, spool.JobKeyAudioCodec, spool.JobKeyVideoCodec:
		l := list(f, after, "t", "job_id")
		l.where("t.name = " + l.arg(string(key)))
		l.where("t.value = " + l.arg(value))
		from := "job_terms t"
		if f.Queue != "" || f.Status != "" {
			from += " JOIN jobs ON jobs.id = t.job_id"
		}
		tail := l.tail("t", "job_id", limit)
		return db.places(ctx, `SELECT t.created, t.job_id FROM `+from+tail, l.args...)
	default:
		return nil, spool.Userf(spool.ErrInvalid, "Jobs cannot be looked for by %q.", string(key))
	}
}

func (db *DB) places(ctx context.Context, query string, args ...any) ([]place, error) {
	rows, err := db.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []place
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.created, &p.id); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}
