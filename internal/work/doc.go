// Package work runs jobs: it fetches the inputs, probes them, plans, encodes,
// verifies every output, and only then publishes, each object atomically and
// the manifests last.
//
// It works from a work order alone and tells what it does by reports: it never
// sees the database, never decides which job comes next, and never publishes
// anything of a job that failed.
package work
