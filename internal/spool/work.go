package spool

import (
	"encoding/json"
	"time"
)

// WorkOrder is what a worker needs to run one job once.
type WorkOrder struct {
	JobID    string          `json:"jobId"`
	Attempt  int             `json:"attempt"`
	Settings json.RawMessage `json:"settings"` // complete JobSettings in wire form
	Policy   InputPolicy     `json:"policy"`   // holds for where a redirect leads to, too
	Started  time.Time       `json:"started"`  // the job's start: what $dt$, $d$ and $t$ mean in destinations
}

// ReportKind says what a Report tells.
type ReportKind string

// The kinds of reports. Inputs, Done, Failed and Canceled are durable and
// applied once per job and attempt; Progress may be lost.
const (
	ReportInputs   ReportKind = "inputs"   // probing is over; Inputs is set
	ReportProgress ReportKind = "progress" // Progress is set
	ReportDone     ReportKind = "done"     // all outputs are published; Groups is set
	ReportFailed   ReportKind = "failed"   // Failure is set, nothing is published
	ReportCanceled ReportKind = "canceled" // stopped by request, nothing is published
)

// Report is what a worker tells of a job.
type Report struct {
	JobID    string        `json:"jobId"`
	Attempt  int           `json:"attempt"`
	Kind     ReportKind    `json:"kind"`
	Worker   string        `json:"worker"`
	Time     time.Time     `json:"time"`
	Inputs   []InputInfo   `json:"inputs,omitempty"`
	Progress *Progress     `json:"progress,omitempty"`
	Groups   []OutputGroup `json:"groups,omitempty"`
	Warnings []Warning     `json:"warnings,omitempty"` // of the run; with Done and Failed
	Messages []string      `json:"messages,omitempty"` // what was decided for the user; with Done and Failed
	Failure  *Failure      `json:"failure,omitempty"`
}

// Progress is how far a job has come.
type Progress struct {
	Phase         JobPhase      `json:"phase"`
	PhasePercent  int           `json:"phasePercent"` // 0..100 of the phase
	Percent       int           `json:"percent"`      // 0..100 of the job
	FramesDecoded int64         `json:"framesDecoded"`
	ETA           time.Duration `json:"eta,omitempty"` // 0 unknown
}

// WorkerHello is sent by every worker each second.
type WorkerHello struct {
	Worker string `json:"worker"`
	Slots  int    `json:"slots"` // jobs it runs at once
}
