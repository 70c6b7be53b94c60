// Package store keeps the truth in SQL: jobs, queues, videos, seen objects and
// the outbox, on SQLite (embedded) or PostgreSQL (beyond one machine), with one
// schema and one set of queries. State and the messages it causes are written
// in one transaction (Tx and Tx.Outbox).
//
// It never publishes a message, never decides what state follows which, and
// never keeps bytes of media. Times are stored as integer microseconds in UTC
// (0 means none), JSON as text.
package store
