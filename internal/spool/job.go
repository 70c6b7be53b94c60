package spool

import (
	"encoding/json"
	"time"
)

// JobStatus is the state of a job. The machine is
// SUBMITTED → PROGRESSING → COMPLETE | ERROR | CANCELED, and
// SUBMITTED → CANCELED | ERROR; see CanMove.
type JobStatus string

// The states of a job (behaviour.md 2.1).
const (
	JobSubmitted   JobStatus = "SUBMITTED"
	JobProgressing JobStatus = "PROGRESSING"
	JobComplete    JobStatus = "COMPLETE"
	JobError       JobStatus = "ERROR"
	JobCanceled    JobStatus = "CANCELED"
)

// Terminal tells whether nothing can follow this state.
func (s JobStatus) Terminal() bool {
	return s == JobComplete || s == JobError || s == JobCanceled
}

// CanMove tells whether a job may go from one state to another.
func (s JobStatus) CanMove(to JobStatus) bool {
	switch s {
	case JobSubmitted:
		return to == JobProgressing || to == JobCanceled || to == JobError
	case JobProgressing:
		return to.Terminal()
	default:
		return false
	}
}

// JobPhase says what a PROGRESSING job is at.
type JobPhase string

// The phases of a job, in their order (behaviour.md 2.1).
const (
	PhaseProbing     JobPhase = "PROBING"
	PhaseTranscoding JobPhase = "TRANSCODING"
	PhaseUploading   JobPhase = "UPLOADING"
)

// JobRequest is a job as asked for: resolved (templates, presets, defaults) and valid.
type JobRequest struct {
	Queue                 string // bare name
	Priority              int    // −50..50
	Role                  string
	Settings              json.RawMessage // complete JobSettings in wire form
	UserMetadata          map[string]string
	StatusUpdateInterval  string // SECONDS_10 … SECONDS_600
	ClientRequestToken    string
	BillingTagsSource     string
	AccelerationMode      string
	SimulateReservedQueue string
	JobTemplate           string
	JobEngineVersion      string
	Warnings              []Warning // settings that are accepted but have no effect here
	VideoGUID             string    // set when a pipeline made the job
	Tags                  map[string]string
}

// Job is one MediaConvert job and all that is known of it.
type Job struct {
	JobRequest
	ID          string // <13-digit epoch ms>-<6 lower-case alphanumerics>
	Status      JobStatus
	Phase       JobPhase // empty until PROGRESSING
	Percent     int      // 0..100; job as a whole
	Attempt     int      // counts dispatches from 1; 0 while SUBMITTED
	RetryCount  int
	Publishing  bool // a worker has been told that it may publish; no cancel from then on
	CreatedAt   time.Time
	StartedAt   time.Time // zero until PROGRESSING
	FinishedAt  time.Time // zero until terminal
	Failure     *Failure  // set when ERROR
	RunWarnings []Warning // found while running
	Inputs      []InputInfo
	Groups      []OutputGroup // set when COMPLETE
}

// Warning is something the user should know that does not stop the job.
type Warning struct {
	Code    int    `json:"code"`
	Pointer string `json:"pointer,omitempty"` // JSON pointer into the settings, if it speaks of one
	Message string `json:"message"`
}

// WarnSettingIgnored is the code of warnings about settings that have no effect
// here. The service has no such code; the 900000s are free for it.
const WarnSettingIgnored = 900000

// JobFilter selects jobs for a list, newest first unless Ascending.
type JobFilter struct {
	Queue     string
	Status    JobStatus
	Ascending bool
	Limit     int    // 1..; the door caps it
	After     string // id of the last job of the page before
}

// Queue is one job queue.
type Queue struct {
	Name           string
	Description    string
	Type           string // SYSTEM | CUSTOM
	Status         string // ACTIVE | PAUSED
	PricingPlan    string // ON_DEMAND | RESERVED
	ConcurrentJobs int    // most jobs that run at once; 0: as many as the workers take
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Submitted      int // jobs SUBMITTED now
	Progressing    int // jobs PROGRESSING now
	Tags           map[string]string
}

// DefaultQueue is the name of the queue of jobs that name none.
const DefaultQueue = "Default"
