package spool

import "time"

// OutboxRow is a message that was written in the same transaction as the state
// it tells of, and waits to be published.
type OutboxRow struct {
	ID      int64 // in commit order
	Subject string
	MsgID   string // unique to the message; the bus drops a second one
	Data    []byte
	Created time.Time
}
