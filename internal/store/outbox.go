package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

type outgoing struct {
	subject, msgID string
	data           []byte
}

// Outbox writes a message to be published when the transaction commits, and
// only then. Messages leave in the order of their commits, and within one
// transaction in the order of the calls. msgID must be unique to the message:
// the bus drops a second one with the same id.
func (tx *Tx) Outbox(_ context.Context, subject, msgID string, data []byte) error {
	if subject == "" || msgID == "" {
		return errors.New("a message for the outbox needs a subject and an id")
	}
	tx.outbox = append(tx.outbox, outgoing{subject, msgID, data})
	return nil
}

// flushOutbox numbers and writes the messages as the last thing in a
// transaction. The counter's row lock is held until the commit, so numbers are
// in commit order; as it is always the last lock taken, it cannot deadlock.
func (tx *Tx) flushOutbox(ctx context.Context) error {
	if len(tx.outbox) == 0 {
		return nil
	}
	var last int64
	err := tx.sql.QueryRowContext(ctx, `UPDATE counters SET value = value + $1 WHERE name = 'outbox' RETURNING value`,
		len(tx.outbox)).Scan(&last)
	if err != nil {
		return fmt.Errorf("number the outbox: %w", err)
	}
	first := last - int64(len(tx.outbox)) + 1
	for i, m := range tx.outbox {
		_, err := tx.sql.ExecContext(ctx, `INSERT INTO outbox (id, subject, msg_id, payload, created) VALUES ($1, $2, $3, $4, $5)`,
			first+int64(i), m.subject, m.msgID, string(m.data), micros(time.Now()))
		if err != nil {
			return fmt.Errorf("write to the outbox: %w", err)
		}
	}
	return nil
}

// PendingOutbox gives up to limit messages that wait to be published, oldest first.
func (db *DB) PendingOutbox(ctx context.Context, limit int) ([]spool.OutboxRow, error) {
	rows, err := db.read.QueryContext(ctx, `SELECT id, subject, msg_id, payload, created FROM outbox ORDER BY id LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	defer rows.Close()
	var out []spool.OutboxRow
	for rows.Next() {
		var r spool.OutboxRow
		var created int64
		if err := rows.Scan(&r.ID, &r.Subject, &r.MsgID, &r.Data, &created); err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
		r.Created = fromMicros(created)
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return out, nil
}

// DeleteOutbox removes messages that the bus has acknowledged. Ids that are
// gone already are no error.
func (db *DB) DeleteOutbox(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	list := make([]string, len(ids)) // numbers: nothing to escape
	for i, id := range ids {
		list[i] = strconv.FormatInt(id, 10)
	}
	if _, err := db.write.ExecContext(ctx, `DELETE FROM outbox WHERE id IN (`+strings.Join(list, ",")+`)`); err != nil {
		return fmt.Errorf("clear the outbox: %w", err)
	}
	return nil
}

// OutboxHas tells whether a message on this subject waits to be published.
func (db *DB) OutboxHas(ctx context.Context, subject string) (bool, error) {
	var n int
	if err := db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM outbox WHERE subject = $1`, subject).Scan(&n); err != nil {
		return false, fmt.Errorf("read the outbox: %w", err)
	}
	return n > 0, nil
}

// OutboxWritten receives a value after this process committed messages to the
// outbox. It is for one relay; other processes' messages don't show here, so a
// timer is needed beside it.
func (db *DB) OutboxWritten() <-chan struct{} { return db.written }

// wakeRelay marks that there is something to relay; one mark stands for many.
func (db *DB) wakeRelay() {
	select {
	case db.written <- struct{}{}:
	default:
	}
}
