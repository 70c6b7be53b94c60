package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"spool/internal/spool"
)

const queueColumns = `name, description, type, status, pricing_plan, concurrent, created, updated, submitted, progressing, reservation`

func scanQueue(row scanner) (spool.Queue, error) {
	var q spool.Queue
	var reservation []byte
	var created, updated int64
	err := row.Scan(&q.Name, &q.Description, &q.Type, &q.Status, &q.PricingPlan, &q.ConcurrentJobs, &created, &updated,
		&q.Submitted, &q.Progressing, &reservation)
	if err != nil {
		return q, err
	}
	q.CreatedAt, q.UpdatedAt = fromMicros(created), fromMicros(updated)
	if len(reservation) > 0 {
		if err := json.Unmarshal(reservation, &q.Reservation); err != nil {
			return q, fmt.Errorf("the stored reservation of queue %s: %w", q.Name, err)
		}
	}
	return q, nil
}

func reservationOf(q spool.Queue) (string, error) {
	if q.Reservation == nil {
		return "", nil
	}
	text, err := json.Marshal(q.Reservation)
	if err != nil {
		return "", fmt.Errorf("encode the reservation of queue %s: %w", q.Name, err)
	}
	return string(text), nil
}

// InsertQueue writes a new queue with its tags. A name that is taken is spool.ErrConflict.
func (tx *Tx) InsertQueue(ctx context.Context, q spool.Queue) error {
	reservation, err := reservationOf(q)
	if err != nil {
		return err
	}
	res, err := tx.sql.ExecContext(ctx, `INSERT INTO queues (name, description, type, status, pricing_plan, concurrent, created, updated, reservation)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING`,
		q.Name, q.Description, q.Type, q.Status, q.PricingPlan, q.ConcurrentJobs, micros(q.CreatedAt), micros(q.UpdatedAt), reservation)
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

// LockQueue gives one queue as it is now and keeps others from changing it until
// the transaction ends; or spool.ErrNotFound.
func (tx *Tx) LockQueue(ctx context.Context, name string) (spool.Queue, error) {
	if unheard(name) {
		return spool.Queue{}, noQueue(name)
	}
	row := tx.sql.QueryRowContext(ctx, `UPDATE queues SET updated = updated WHERE name = $1 RETURNING `+queueColumns, name)
	return oneQueue(row, name)
}

// SaveQueue writes what can change of a queue: description, status, concurrent
// jobs, reservation and its time of update. An unknown one is spool.ErrNotFound.
func (tx *Tx) SaveQueue(ctx context.Context, q spool.Queue) error {
	reservation, err := reservationOf(q)
	if err != nil {
		return err
	}
	res, err := tx.sql.ExecContext(ctx, `UPDATE queues SET description = $1, concurrent = $2, updated = $3, reservation = $4,
		resumed = CASE WHEN status = 'PAUSED' AND $5 = 'ACTIVE' THEN $3 ELSE resumed END, status = $5 WHERE name = $6`,
		q.Description, q.ConcurrentJobs, micros(q.UpdatedAt), reservation, q.Status, q.Name)
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

// DeleteQueue removes a queue and its tags. One that holds jobs that have not
// ended is spool.ErrConflict, an unknown one spool.ErrNotFound. Jobs that have
// ended keep its name.
func (tx *Tx) DeleteQueue(ctx context.Context, name string) error {
	// The counts are looked at by the statement itself: a job that comes in at
	// the same time either finds no queue or keeps it.
	res, err := tx.sql.ExecContext(ctx, `DELETE FROM queues WHERE name = $1 AND submitted = 0 AND progressing = 0`, name)
	if err != nil {
		return fmt.Errorf("delete queue %s: %w", name, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("delete queue %s: %w", name, err)
	}
	if n == 0 {
		q, err := queueNamed(ctx, tx.sql, name)
		if err != nil {
			return err
		}
		return spool.Userf(spool.ErrConflict, "Queue %s holds jobs that have not ended: %d waiting, %d running. Cancel them or wait for their end.",
			name, q.Submitted, q.Progressing)
	}
	return tx.deleteTags(ctx, spool.Resource{Kind: spool.KindQueue, Name: name})
}

func noQueue(name string) error { return spool.Userf(spool.ErrNotFound, "There is no queue %q.", name) }

func oneQueue(row *sql.Row, name string) (spool.Queue, error) {
	q, err := scanQueue(row)
	if errors.Is(err, sql.ErrNoRows) {
		return q, noQueue(name)
	}
	if err != nil {
		return q, fmt.Errorf("read queue %s: %w", name, err)
	}
	return q, nil
}

func queueNamed(ctx context.Context, db querier, name string) (spool.Queue, error) {
	if unheard(name) {
		return spool.Queue{}, noQueue(name)
	}
	return oneQueue(db.QueryRowContext(ctx, `SELECT `+queueColumns+` FROM queues WHERE name = $1`, name), name)
}

func allQueues(ctx context.Context, db querier) ([]spool.Queue, error) {
	rows, err := db.QueryContext(ctx, `SELECT `+queueColumns+` FROM queues ORDER BY created, name`)
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
func (tx *Tx) Queues(ctx context.Context) ([]spool.Queue, error) {
	queues, err := allQueues(ctx, tx.sql)
	for i := range queues {
		c := tx.counts[queues[i].Name]
		queues[i].Submitted += c.submitted
		queues[i].Progressing += c.progressing
	}
	return queues, err
}

// counted is what the counts of queues know of a job.
type counted struct {
	queue  string
	status spool.JobStatus
}

// counts are changes of a queue's counts.
type counts struct{ submitted, progressing int }

func (tx *Tx) count(queue string, status spool.JobStatus, by int) {
	c := tx.counts[queue]
	if status == spool.JobSubmitted {
		c.submitted += by
	}
	if status == spool.JobProgressing {
		c.progressing += by
	}
	tx.counts[queue] = c
}

// flushCounts writes the changes of the counts, late and in the order of the
// names: transactions that have locked jobs meet at the queues in one order, so
// that they don't lock each other out, and hold them for a moment only. A queue
// that is not there (any more) cannot take a job: spool.ErrInvalid.
func (tx *Tx) flushCounts(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(tx.counts)) {
		c := tx.counts[name]
		if c == (counts{}) {
			continue
		}
		res, err := tx.sql.ExecContext(ctx, `UPDATE queues SET submitted = submitted + $1, progressing = progressing + $2 WHERE name = $3`,
			c.submitted, c.progressing, name)
		if err != nil {
			return fmt.Errorf("count the jobs of queue %s: %w", name, err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return fmt.Errorf("count the jobs of queue %s: %w", name, err)
		} else if n == 0 {
			return spool.Problems{{Pointer: "/queue", Message: fmt.Sprintf("The queue %q does not exist. Create it or name another.", name)}}
		}
	}
	return nil
}
