package store

import (
	"context"
	"strings"

	"spool/internal/spool"
)

// search gives the places of jobs that have an input with f.InputFile in its
// URI. It reads the jobs in the order of the list and looks at each, which ends
// soon where many fit.
func (db *DB) search(ctx context.Context, f spool.JobFilter, after *place, limit int) ([]place, error) {
	var out []place
	for batch := 1000; ; batch = 10_000 {
		some, last, err := db.scan(ctx, f, after, batch, limit-len(out))
		out = append(out, some...)
		if err != nil || last == nil || limit > 0 && len(out) >= limit {
			return out, err
		}
		after = last
	}
}

// scan looks at the inputs of a batch of jobs and gives up to limit (if more
// than 0) that fit; last is the last job looked at, nil when there are no more.
func (db *DB) scan(ctx context.Context, f spool.JobFilter, after *place, batch, limit int) (out []place, last *place, err error) {
	of, id, from := "i", "job_id", "job_inputs i"
	if f.Queue != "" || f.Status != "" { // then it is the index of jobs that is read in order
		of, id, from = "jobs", "id", "jobs JOIN job_inputs i ON i.created = jobs.created AND i.job_id = jobs.id"
	}
	l := list(f, after, of, id)
	tail := l.tail(of, id, batch)
	rows, err := db.read.QueryContext(ctx, `SELECT `+of+`.created, `+of+`.`+id+`, i.uris FROM `+from+tail, l.args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var p place
		var uris string
		if err := rows.Scan(&p.created, &p.id, &uris); err != nil {
			return nil, nil, err
		}
		n, last = n+1, &p
		if strings.Contains(uris, f.InputFile) {
			if out = append(out, p); limit > 0 && len(out) == limit {
				return out, last, nil
			}
		}
	}
	if n < batch {
		last = nil
	}
	return out, last, rows.Err()
}
