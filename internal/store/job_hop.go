package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// SetHop notes when the next hop of a job is due; zero: never.
func (tx *Tx) SetHop(ctx context.Context, id string, due time.Time) error {
	if _, err := tx.sql.ExecContext(ctx, `UPDATE jobs SET hop_at = $1 WHERE id = $2`, micros(due), id); err != nil {
		return fmt.Errorf("note the next hop of job %s: %w", id, err)
	}
	return nil
}

// HopDue gives when the next hop of a job is due; zero when it has none, or when
// the queue that it waits in is paused. Late tells that this queue was paused at
// that time and was set going since.
func (tx *Tx) HopDue(ctx context.Context, id string) (due time.Time, late bool, err error) {
	var at, resumed int64
	err = tx.sql.QueryRowContext(ctx, `SELECT jobs.hop_at, queues.resumed FROM jobs JOIN queues ON queues.name = jobs.waits_in
		WHERE jobs.id = $1 AND queues.status = 'ACTIVE'`, id).Scan(&at, &resumed)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("read the next hop of job %s: %w", id, err)
	}
	return fromMicros(at), at <= resumed, nil
}

// DueHops gives up to limit jobs that wait in a queue and whose next hop is due,
// those due longest first.
func (db *DB) DueHops(ctx context.Context, queue string, now time.Time, limit int) (ids []string, err error) {
	rows, err := db.read.QueryContext(ctx, `SELECT id FROM jobs WHERE waits_in = $1 AND status = 'SUBMITTED' AND hop_at > 0 AND hop_at <= $2
		ORDER BY hop_at LIMIT $3`, queue, micros(now), limit)
	if err != nil {
		return nil, fmt.Errorf("look for jobs to hop: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("look for jobs to hop: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for jobs to hop: %w", err)
	}
	return ids, nil
}
