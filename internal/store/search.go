package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"spool/internal/spool"
)

// A part of a URI is looked for in two ways. Where many jobs have it, reading
// the jobs in the order of the list and looking at each soon fills a page. Where
// few have it, an index of trigrams (all runs of three characters) knows those:
// FTS5 on SQLite, pg_trgm on PostgreSQL. Nobody knows beforehand which it is, so
// a few jobs are read first, and then the index is asked.
//
// A part of one or two characters has no trigram, and a PostgreSQL server may be
// without pg_trgm: then all jobs are read until the page is full, or has a job
// and many were read.
const (
	firstScan = 500    // jobs that are read before the index is asked
	nextScan  = 10_000 // jobs that are read at once after those
	trigram   = 3      // characters

	// manyJobs are what is read before a page that is not empty ends early; and of
	// one queue or state before FTS5 is asked for common trigrams: it knows nothing
	// of queues and states, so that each job that it gives must be looked up.
	manyJobs = 20_000

	maxTrigrams = 4   // that an index is asked for
	maxSample   = 200 // jobs by which the rare trigrams are told from the others
)

// search gives the places of jobs that have an input with f.InputFile in its
// URI, in this very case. If it may end early, cut tells that it did: there are
// places, and more may follow.
func (db *DB) search(ctx context.Context, f spool.JobFilter, after *place, limit int, early bool) (out []place, cut bool, err error) {
	if strings.Contains(f.InputFile, "\n") { // it would reach from one input to the next
		return nil, false, nil
	}
	var sample []string
	indexed := db.trigrams && utf8.RuneCountInString(f.InputFile) >= trigram
	most := firstScan
	if !db.postgres && (f.Queue != "" || f.Status != "") {
		most = db.many
	}
	for batch, read := firstScan, 0; !indexed || read < most; batch = nextScan {
		some, last, seen, err := db.scan(ctx, f, after, batch, limit-len(out))
		out, sample = append(out, some...), seen
		if err != nil || last == nil || limit > 0 && len(out) >= limit {
			return out, false, err
		}
		after, read = last, read+batch
		if !indexed && early && len(out) > 0 && read >= db.many {
			return out, true, nil
		}
		if indexed && !common(f.InputFile, sample) {
			break
		}
	}
	left := 0
	if limit > 0 {
		left = limit - len(out)
	}
	var some []place
	if db.postgres {
		some, err = db.findTrgm(ctx, f, rareTrigrams(f.InputFile, sample, inWord), after, left)
	} else {
		some, err = db.findFTS(ctx, f, rareTrigrams(f.InputFile, sample, nil), after, left)
	}
	return append(out, some...), false, err
}

// findTrgm searches by PostgreSQL's pg_trgm for texts that have the trigrams, and
// among them for the part.
func (db *DB) findTrgm(ctx context.Context, f spool.JobFilter, trigrams []string, after *place, limit int) ([]place, error) {
	l := list(f, after, "i", "job_id")
	if len(trigrams) == 0 { // signs only: the index can't help
		trigrams = []string{strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.InputFile)}
	}
	for _, t := range trigrams {
		l.where("i.uris LIKE " + l.arg("%"+t+"%"))
	}
	l.where("strpos(i.uris, " + l.arg(f.InputFile) + ") > 0")
	// Matches are gathered before they are put in order: the planner is not to
	// read the list in its order in the hope of meeting them soon, since that was
	// tried. It plans for this very text, so that it knows how rare it is.
	tail := l.tail("i", "job_id", 0)
	where, order, _ := strings.Cut(tail, " ORDER BY ")
	from := "job_inputs i"
	if f.Queue != "" || f.Status != "" {
		from += " JOIN jobs ON jobs.id = i.job_id"
	}
	query := "WITH m AS MATERIALIZED (SELECT i.created, i.job_id FROM " + from + where + ") SELECT i.created, i.job_id FROM m i ORDER BY " + order
	if limit > 0 {
		query += " LIMIT " + strconv.Itoa(limit)
	}
	return db.places(ctx, query, append([]any{pgx.QueryExecModeExec}, l.args...)...)
}

// findFTS searches by SQLite's FTS5, which gives the times of creation of jobs
// that have the trigrams, in order; whether they have the part is looked at then.
func (db *DB) findFTS(ctx context.Context, f spool.JobFilter, trigrams []string, after *place, limit int) (out []place, err error) {
	for i, t := range trigrams {
		trigrams[i] = `"` + strings.ReplaceAll(t, `"`, `""`) + `"`
	}
	match := strings.Join(trigrams, " AND ")
	query, bound := `SELECT rowid FROM job_search WHERE job_search MATCH $1 AND rowid <= $2 ORDER BY rowid DESC LIMIT $3`, int64(math.MaxInt64)
	if f.Ascending {
		query, bound = `SELECT rowid FROM job_search WHERE job_search MATCH $1 AND rowid >= $2 ORDER BY rowid LIMIT $3`, 0
	}
	if after != nil {
		bound = after.created
	}
	from := "job_inputs i"
	if f.Queue != "" || f.Status != "" {
		from += " JOIN jobs ON jobs.created = i.created AND +jobs.id = i.job_id" // the plus: by an index of lists, without reading the jobs
	}
	for batch := 50; ; batch = 1000 {
		times, err := db.numbers(ctx, query, match, bound, batch)
		if err != nil || len(times) == 0 {
			return out, err
		}
		l := list(f, after, "i", "job_id")
		l.where("i.created IN (" + joinNumbers(times) + ")")
		some, _, _, err := db.look(ctx, f, from, "i", "job_id", l, 0, limit-len(out))
		out = append(out, some...)
		if err != nil || limit > 0 && len(out) >= limit || len(times) < batch {
			return out, err
		}
		if bound = times[len(times)-1] - 1; f.Ascending {
			bound += 2
		}
	}
}

func joinNumbers(numbers []int64) string {
	list := make([]string, len(numbers)) // nothing to escape
	for i, n := range numbers {
		list[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(list, ",")
}

// inWord tells whether pg_trgm looks at a character: at letters and digits, of
// which those are in every locale.
func inWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// rareTrigrams gives those few trigrams of a part that are rarest in a sample of
// what is searched, of those whose characters all are taken (nil: any are). An
// index goes through the jobs of all trigrams that it is asked for, and those
// that nearly all jobs have would take most of the time and tell nothing.
func rareTrigrams(part string, sample []string, taken func(rune) bool) (rare []string) {
	type candidate struct {
		text      string
		seen, pos int
	}
	var all []candidate
	runes := []rune(part)
	for pos := range len(runes) - trigram + 1 {
		c := candidate{text: string(runes[pos : pos+trigram]), pos: pos}
		if slices.ContainsFunc(all, func(other candidate) bool { return other.text == c.text }) ||
			taken != nil && strings.ContainsFunc(c.text, func(r rune) bool { return !taken(r) }) {
			continue
		}
		for _, text := range sample {
			if strings.Contains(text, c.text) {
				c.seen++
			}
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.seen, b.seen), cmp.Compare(min(a.pos%trigram, 1), min(b.pos%trigram, 1))) // neighbours say the same
	})
	for i, c := range all[:min(len(all), maxTrigrams)] {
		if i > 0 && c.seen > len(sample)/10 {
			break
		}
		rare = append(rare, c.text)
	}
	return rare
}

// common tells whether the rare trigrams of a part together are common in a
// sample all the same.
func common(part string, sample []string) bool {
	seen, rare := 0, rareTrigrams(part, sample, nil)
	for _, text := range sample {
		if !slices.ContainsFunc(rare, func(t string) bool { return !strings.Contains(text, t) }) {
			seen++
		}
	}
	return seen > len(sample)/10
}

func (db *DB) numbers(ctx context.Context, query string, args ...any) (out []int64, err error) {
	rows, err := db.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// scan looks at the inputs of a batch of jobs and gives up to limit (if more
// than 0) that fit; last is the last job looked at, nil when there are no more;
// sample holds the inputs of the first ones.
func (db *DB) scan(ctx context.Context, f spool.JobFilter, after *place, batch, limit int) (out []place, last *place, sample []string, err error) {
	of, id, from := "i", "job_id", "job_inputs i"
	if f.Queue != "" || f.Status != "" { // then it is the index of jobs that is read in order
		of, id, from = "jobs", "id", "jobs LEFT JOIN job_inputs i ON i.created = jobs.created AND i.job_id = jobs.id"
	}
	return db.look(ctx, f, from, of, id, list(f, after, of, id), batch, limit)
}

// look reads what a listing selects, up to batch (if more than 0), and gives
// those that have the part in their inputs, up to limit (if more than 0).
func (db *DB) look(ctx context.Context, f spool.JobFilter, from, of, id string, l *listing, batch, limit int) (out []place, last *place, sample []string, err error) {
	tail := l.tail(of, id, batch)
	rows, err := db.read.QueryContext(ctx, `SELECT `+of+`.created, `+of+`.`+id+`, COALESCE(i.uris, '') FROM `+from+tail, l.args...)
	if err != nil {
		return nil, nil, nil, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var p place
		var uris string
		if err := rows.Scan(&p.created, &p.id, &uris); err != nil {
			return nil, nil, nil, err
		}
		n, last = n+1, &p
		if len(sample) < maxSample {
			sample = append(sample, uris)
		}
		if strings.Contains(uris, f.InputFile) {
			if out = append(out, p); limit > 0 && len(out) == limit {
				return out, last, sample, nil
			}
		}
	}
	if n < batch {
		last = nil
	}
	return out, last, sample, rows.Err()
}

// unheard tells whether a text cannot be in any job: PostgreSQL takes no such
// text even to compare it.
func unheard(text string) bool { return !utf8.ValidString(text) || strings.ContainsRune(text, 0) }
