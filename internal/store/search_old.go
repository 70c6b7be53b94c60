package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"spool/internal/spool"
)

const (
	// oldBatch is how many jobs are made searchable in one transaction.
	oldBatch = 500
	// tellEvery is how often it is told how far that has come.
	tellEvery = 5 * time.Second
)

// The counter "searchable" tells how far the jobs are searchable that were
// written before searches were: 0, none is; below, those are that were created
// before the microsecond of that number, taken positive; allSearchable, all are.
const allSearchable = 1

// prepareSearch makes the index of trigrams, and jobs searchable that were
// written before searches were, with their tags. Whoever ends it half-way loses
// a batch at most: the next start goes on from there.
func (db *DB) prepareSearch(ctx context.Context) error {
	if !db.postgres {
		if _, err := db.write.ExecContext(ctx, searchTable); err != nil {
			return fmt.Errorf("make the index of searches: %w", err)
		}
	}
	var done, all int64
	var told time.Time
	for more := true; more; {
		var n int64
		err := db.Tx(ctx, func(tx *Tx) (err error) {
			n, more, err = tx.searchOld(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("make the jobs searchable: %w", err)
		}
		if done += n; n == 0 || time.Since(told) < tellEvery && more {
			continue
		}
		if told.IsZero() {
			if done, all, err = db.countOld(ctx); err != nil {
				return fmt.Errorf("make the jobs searchable: %w", err)
			}
		}
		told = time.Now()
		db.log.Info("older jobs are made searchable; the server is ready after the last", "jobs", done, "of", all)
	}
	if db.trigrams = true; db.postgres {
		db.trigrams = db.indexTrigrams(ctx)
	}
	return nil
}

// countOld gives how many jobs are searchable, of how many.
func (db *DB) countOld(ctx context.Context) (done, all int64, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(CASE WHEN c.value = $1 OR jobs.created < -c.value THEN 1 END)
		FROM jobs JOIN counters c ON c.name = 'searchable'`, allSearchable).Scan(&all, &done)
	return done, all, err
}

// searchOld makes the next batch of old jobs searchable and gives how many those
// were and whether more may follow.
func (tx *Tx) searchOld(ctx context.Context) (n int64, more bool, err error) {
	// The update is the lock: several servers that start at once take turns.
	var at int64
	err = tx.sql.QueryRowContext(ctx, `UPDATE counters SET value = value WHERE name = 'searchable' AND value <> $1 RETURNING value`,
		allSearchable).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	// A batch ends with a whole microsecond, so that a number tells where.
	first, next := -at, int64(0)
	err = tx.sql.QueryRowContext(ctx, `SELECT created + 1 FROM jobs WHERE created >= $1 ORDER BY created LIMIT 1 OFFSET $2`,
		first, oldBatch-1).Scan(&next)
	if more = err == nil; !more && !errors.Is(err, sql.ErrNoRows) {
		return 0, false, err
	}
	query, args := `SELECT id, created, request FROM jobs WHERE created >= $1`, []any{first}
	at = allSearchable
	if more {
		query, args, at = query+` AND created < $2`, append(args, next), -next
	}
	jobs, err := tx.oldJobs(ctx, query, args...)
	if err != nil {
		return 0, false, err
	}
	for _, j := range jobs {
		if err := tx.makeSearchable(ctx, j.id, j.created, j.facts); err != nil {
			return 0, false, err
		}
		if err := tx.moveTags(ctx, j); err != nil {
			return 0, false, err
		}
	}
	if _, err := tx.sql.ExecContext(ctx, `UPDATE counters SET value = $1 WHERE name = 'searchable'`, at); err != nil {
		return 0, false, err
	}
	return int64(len(jobs)), more, nil
}

// oldJob is what is needed of an old job: its settings, of up to some
// megabytes, are not kept.
type oldJob struct {
	id      string
	created int64
	facts   facts
	tags    map[string]string
}

func (tx *Tx) oldJobs(ctx context.Context, query string, args ...any) (jobs []oldJob, err error) {
	rows, err := tx.sql.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var j oldJob
		var text []byte
		if err := rows.Scan(&j.id, &j.created, &text); err != nil {
			return nil, err
		}
		var r spool.JobRequest
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("the stored request of job %s: %w", j.id, err)
		}
		j.facts, j.tags = factsOf(r), r.Tags
		jobs = append(jobs, j)
	}
	return jobs, rows.Err()
}

// moveTags gives a job the tags that stood in its request, unless it has others.
func (tx *Tx) moveTags(ctx context.Context, j oldJob) error {
	if len(j.tags) == 0 {
		return nil
	}
	text, err := json.Marshal(j.tags)
	if err != nil {
		return fmt.Errorf("encode the tags of job %s: %w", j.id, err)
	}
	_, err = tx.sql.ExecContext(ctx, `INSERT INTO tags (kind, name, tags, version) VALUES ($1, $2, $3, 0) ON CONFLICT (kind, name) DO NOTHING`,
		string(spool.KindJob), j.id, string(text))
	if err != nil {
		return fmt.Errorf("write the tags of job %s: %w", j.id, err)
	}
	return nil
}
