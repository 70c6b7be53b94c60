// Package announce carries messages from the outbox in SQL to the bus: the only
// way from state to workers and targets. A message leaves in the order of
// commits, at least once; the bus drops what comes twice by its id.
//
// It never writes state, never reads what a message says, and never gives up a
// message that the bus may take later.
package announce

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"spool/internal/spool"
)

// Outbox is where messages wait; the store is one.
type Outbox interface {
	// PendingOutbox gives up to limit messages, oldest first.
	PendingOutbox(ctx context.Context, limit int) ([]spool.OutboxRow, error)
	// DeleteOutbox removes messages; ids that are gone are no error.
	DeleteOutbox(ctx context.Context, ids []int64) error
	// OutboxWritten receives a value after messages were committed here.
	OutboxWritten() <-chan struct{}
}

// Publisher takes messages; the bus is one.
type Publisher interface {
	// Publish returns when the message is safe. An error marked by
	// spool.Permanent says that it can never be taken.
	Publish(ctx context.Context, subject, msgID string, data []byte) error
}

// Options say what a relay carries from where to where.
type Options struct {
	Outbox    Outbox
	Publisher Publisher
	Log       *slog.Logger
	Every     time.Duration // look this often also without a sign, for other processes' messages; 0: 2 s
}

// Relay carries messages. Several processes may run one on the same outbox.
type Relay struct{ o Options }

// New makes a relay; Run starts it.
func New(o Options) *Relay {
	if o.Every == 0 {
		o.Every = 2 * time.Second
	}
	return &Relay{o}
}

// batch is how many messages are read at once: few enough to hold in memory
// when they are large.
const batch = 64

// Run carries messages until ctx ends, and then returns nil: what is left waits
// in the outbox for the next start.
func (r *Relay) Run(ctx context.Context) error {
	const longest = 15 * time.Second
	wait := r.o.Every
	for {
		more, err := r.once(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // what failed because of the stop waits for the next start
		case err != nil:
			// Nothing may overtake the message that failed: all wait, longer each time.
			wait = min(max(2*wait, 100*time.Millisecond), longest)
			r.o.Log.Error("messages wait in the outbox", "again in", wait, "error", err)
		case more:
			continue
		default:
			wait = r.o.Every
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-r.o.Outbox.OutboxWritten():
		case <-ctx.Done():
		}
		t.Stop()
	}
}

// once carries one batch and tells whether there may be more.
func (r *Relay) once(ctx context.Context) (more bool, err error) {
	rows, err := r.o.Outbox.PendingOutbox(ctx, batch)
	if err != nil {
		return false, fmt.Errorf("relay: %w", err)
	}
	done := make([]int64, 0, len(rows))
	for _, m := range rows {
		if err = r.o.Publisher.Publish(ctx, m.Subject, m.MsgID, m.Data); spool.IsPermanent(err) {
			// It would hold up everything behind it for ever.
			r.o.Log.Error("message given up: the bus can never take it", "subject", m.Subject, "id", m.MsgID,
				"bytes", len(m.Data), "error", err)
			err = nil
		}
		if err != nil {
			break
		}
		done = append(done, m.ID)
	}
	// Also when ctx ended meanwhile: what is out needs not go out again at the next start.
	if derr := r.o.Outbox.DeleteOutbox(context.WithoutCancel(ctx), done); derr != nil && err == nil {
		err = derr // they will be published again, with the same ids
	}
	if err != nil {
		return false, fmt.Errorf("relay: %w", err)
	}
	return len(rows) == batch, nil
}
