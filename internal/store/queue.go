package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"spool/internal/spool"
)

// queueQuery reads queues with the numbers of their jobs now.
const queueQuery = `SELECT q.name, q.description, q.type, q.status, q.pricing_plan, q.concurrent, q.created, q.updated,
	(SELECT COUNT(*) FROM jobs j WHERE j.queue = q.name AND j.status = 'SUBMITTED'),
	(SELECT COUNT(*) FROM jobs j WHERE j.queue = q.name AND j.status = 'PROGRESSING')
	FROM queues q`

func scanQueue(row scanner) (spool.Queue, error) {
	var q spool.Queue
	var created, updated int64
	err := row.Scan(&q.Name, &q.Description, &q.Type, &q.Status, &q.PricingPlan, &q.ConcurrentJobs, &created, &updated,
		&q.Submitted, &q.Progressing)
	if err != nil {
		return q, err
	}
	q.CreatedAt, q.UpdatedAt = fromMicros(created), fromMicros(updated)
	return q, nil
}

// InsertQueue writes a new queue with its tags. A name that is taken is spool.ErrConflict.
func (tx *Tx) InsertQueue(ctx context.Context, q spool.Queue) error {
	res, err := tx.sql.ExecContext(ctx, `INSERT INTO queues (name, description, type, status, pricing_plan, concurrent, created, updated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING`,
		q.Name, q.Description, q.Type, q.Status, q.PricingPlan, q.ConcurrentJobs, micros(q.CreatedAt), micros(q.UpdatedAt))
	if err != nil {
		return fmt.Errorf("write queue %s: %w", q.Name, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("write queue %s: %w", q.Name, err)
	} else if n == 0 {
		return spool.Userf(spool.ErrConflict, "A queue named %q exists already.", q.Name)
	}
	return tx.PutTags(ctx, spool.Resource{Kind: spool.KindQueue, Name: q.Name}, q.Tags)
}

// SaveQueue writes what can change of a queue: description, status, concurrent
// jobs and its time of update. An unknown one is spool.ErrNotFound.
func (tx *Tx) SaveQueue(ctx context.Context, q spool.Queue) error {
	res, err := tx.sql.ExecContext(ctx, `UPDATE queues SET description = $1, status = $2, concurrent = $3, updated = $4 WHERE name = $5`,
		q.Description, q.Status, q.ConcurrentJobs, micros(q.UpdatedAt), q.Name)
	if err != nil {
		return fmt.Errorf("write queue %s: %w", q.Name, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("write queue %s: %w", q.Name, err)
	} else if n == 0 {
		return noQueue(q.Name)
	}
	return nil
}

func noQueue(name string) error { return spool.Userf(spool.ErrNotFound, "There is no queue %q.", name) }

func queueNamed(ctx context.Context, db querier, name string) (spool.Queue, error) {
	q, err := scanQueue(db.QueryRowContext(ctx, queueQuery+` WHERE q.name = $1`, name))
	if errors.Is(err, sql.ErrNoRows) {
		return q, noQueue(name)
	}
	if err != nil {
		return q, fmt.Errorf("read queue %s: %w", name, err)
	}
	return q, nil
}

func allQueues(ctx context.Context, db querier) ([]spool.Queue, error) {
	rows, err := db.QueryContext(ctx, queueQuery+` ORDER BY q.created, q.name`)
	if err != nil {
		return nil, fmt.Errorf("list queues: %w", err)
	}
	defer rows.Close()
	var queues []spool.Queue
	for rows.Next() {
		q, err := scanQueue(rows)
		if err != nil {
			return nil, fmt.Errorf("list queues: %w", err)
		}
		queues = append(queues, q)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list queues: %w", err)
	}
	return queues, nil
}

// Queue gives one queue with its counts, or spool.ErrNotFound.
func (db *DB) Queue(ctx context.Context, name string) (spool.Queue, error) {
	return queueNamed(ctx, db.read, name)
}

// Queues gives all queues with their counts, in the order of their creation.
func (db *DB) Queues(ctx context.Context) ([]spool.Queue, error) { return allQueues(ctx, db.read) }

// Queues gives all queues with their counts as the transaction sees them.
func (tx *Tx) Queues(ctx context.Context) ([]spool.Queue, error) { return allQueues(ctx, tx.sql) }
