package store

import (
	"context"
	"fmt"

	"spool/internal/spool"
)

// DriftedQueues gives the queues whose counts are not those of their jobs, in
// the order of their names. It reads indexes only: of the jobs that wait, and of
// those that run.
func (db *DB) DriftedQueues(ctx context.Context) (names []string, err error) {
	// One statement sees jobs and counts as one transaction left them.
	rows, err := db.read.QueryContext(ctx, `SELECT name FROM queues
		LEFT JOIN (SELECT waits_in, COUNT(*) AS n FROM jobs WHERE status = 'SUBMITTED' GROUP BY waits_in) w ON w.waits_in = name
		LEFT JOIN (SELECT waits_in, COUNT(*) AS n FROM jobs WHERE status = 'PROGRESSING' GROUP BY waits_in) r ON r.waits_in = name
		WHERE submitted <> COALESCE(w.n, 0) OR progressing <> COALESCE(r.n, 0) ORDER BY name`+db.bytewise)
	if err != nil {
		return nil, fmt.Errorf("look at the counts of queues: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("look at the counts of queues: %w", err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look at the counts of queues: %w", err)
	}
	return names, nil
}

// RecountQueue counts the jobs of a queue anew and gives it with the counts that
// it had and those that it has now; an unknown one is spool.ErrNotFound. Of
// several the first by name comes first, as in flushCounts.
func (tx *Tx) RecountQueue(ctx context.Context, name string) (was, is spool.Queue, err error) {
	// The lock comes with a statement of its own, so that the next one sees what
	// its last holder did; who changes jobs of the queue adds to its counts later.
	if was, err = tx.LockQueue(ctx, name); err != nil {
		return was, is, err
	}
	is, err = oneQueue(tx.sql.QueryRowContext(ctx, `UPDATE queues SET
		submitted = (SELECT COUNT(*) FROM jobs WHERE waits_in = $1 AND status = 'SUBMITTED'),
		progressing = (SELECT COUNT(*) FROM jobs WHERE waits_in = $1 AND status = 'PROGRESSING')
		WHERE name = $1 RETURNING `+queueColumns, name), name)
	return was, is, err
}
