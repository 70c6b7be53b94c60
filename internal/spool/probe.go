package spool

import "time"

// ProbeResult is what the Probe operation tells of one file (behaviour.md 1.17).
type ProbeResult struct {
	Media    Media
	Timecode string    // of the first frame, HH:MM:SS:FF or with ;FF; empty: none
	ETag     string    // without quotes; empty: unknown
	Size     int64     // bytes
	Modified time.Time // zero: unknown
	MIMEType string    // as the place it lies at says; empty: unknown
}
