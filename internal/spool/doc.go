// Package spool holds the nouns of the product: objects, events, jobs, queues,
// videos, media, work orders and reports, their states, and their errors.
//
// It never does input or output, never keeps time, and imports no other
// package of this module: every other package may import it.
package spool
