// Package probe looks at one file for the Probe operation: where it lies, how it
// is packed, and what its tracks are, in the names of the API.
//
// It trusts a file as little as a job does: only what the input policy allows is
// looked at, addresses that jobs must not reach are not reached, and the tools
// that read it run confined. It never runs a job and writes nothing but what it
// fetches, which it removes again.
package probe
