// Package jobs keeps the state of jobs and queues, and is the only writer of
// it: it takes jobs in, chooses which runs next, sends it to the workers,
// applies what they report and cancels. Each change of state is one
// transaction with the events and orders it causes.
//
// It never touches media, never talks to FFmpeg, and never publishes past the
// outbox what must not be lost.
//
// The states (spool.JobStatus.CanMove):
//
//	SUBMITTED ──dispatch──▶ PROGRESSING ──done──────▶ COMPLETE
//	    │                     │   │ └────failed────▶ ERROR
//	    └──────cancel─────────┴───┴──────cancel────▶ CANCELED
//
// Queues: a job waits where Job.WaitsIn says. It was submitted to Job.Queue, and
// may have hopped since (hop.go); its place is counted where it waits.
//
// Publishing: a worker asks on spool.SubjectMayPublish before it publishes.
// From the Yes on the job can no longer be canceled, and before it a canceled
// job publishes nothing: the two exclude each other in one transaction.
//
// Attempts: an order carries the number of its dispatch, and so do the reports
// on it. What an attempt tells that is no longer the job's is ignored. Workers
// that die are mended by redelivery of the same order; only an order that is
// gone altogether is sent again as a new attempt (rescan.go).
package jobs
