package spool

import (
	"encoding/json"
	"strconv"
	"strings"
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
	JobEngineVersion      string            // as asked for
	JobEngineUsed         string            // that version, or empty when it has expired or none was asked for (behaviour.md 1.10)
	Warnings              []Warning         // settings that are accepted but have no effect here
	VideoGUID             string            // set when a pipeline made the job
	Hops                  []Hop             // where the job goes when it waits for too long, in the order given
	Tags                  map[string]string // to be made with; they can change, so they are read apart from the job
	Policy                InputPolicy       // that the job was submitted under
}

// Hop is another queue for a job that waits for too long (behaviour.md 1.9).
type Hop struct {
	Queue       string `json:"queue"` // bare name
	WaitMinutes int    `json:"waitMinutes"`
	Priority    *int   `json:"priority,omitempty"` // −50..50; nil: that of the job at that time
}

// QueueTransition is a hop that was made.
type QueueTransition struct {
	Source      string    `json:"source"`      // bare name
	Destination string    `json:"destination"` // bare name
	At          time.Time `json:"at"`
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
	Publishing  bool   // a worker has been told that it may publish; no cancel from then on
	WaitsIn     string // the queue that the job is in now; Queue stays the one it was submitted to (behaviour.md 1.9)
	WaitsAt     int    // its priority there; Priority stays the one it was submitted with
	Transitions []QueueTransition
	CreatedAt   time.Time
	StartedAt   time.Time // zero until PROGRESSING
	FinishedAt  time.Time // zero until terminal
	Failure     *Failure  // set when ERROR
	RunWarnings []Warning // found while running
	RunMessages []string  // what was decided for the user while running, in sentences
	Inputs      []InputInfo
	Groups      []OutputGroup // set when COMPLETE
	Share       *Share        // nil: never shared
}

// Share is the last time that a job's record was marked as shared with whoever
// helps with it, see CreateResourceShare. Nothing leaves this installation.
type Share struct {
	CaseID string    `json:"caseId"` // of the support case, as the client gave it
	At     time.Time `json:"at"`
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
	After     string // place of the last job of the page before, see Job.Place; it need not exist any more
	InputFile string // part of the URI of an input, in this very case; empty: any
	Where     []JobTerm
}

// JobTerm is one filter of a jobs query: a job passes when any of the Values of
// any of the terms fits ("OR logic", behaviour.md 1.4).
type JobTerm struct {
	Key    JobKey
	Values []string
}

// JobKey is what a JobTerm looks at.
type JobKey string

// The keys of a jobs query (behaviour.md 1.4).
const (
	JobKeyQueue            JobKey = "queue" // of submission
	JobKeyStatus           JobKey = "status"
	JobKeyInput            JobKey = "fileInput" // part of a URI
	JobKeyVersionRequested JobKey = "jobEngineVersionRequested"
	JobKeyVersionUsed      JobKey = "jobEngineVersionUsed"
	JobKeyAudioCodec       JobKey = "audioCodec" // of an output: AAC
	JobKeyVideoCodec       JobKey = "videoCodec" // of an output: H_264
)

// Place gives the place of a job in lists, as JobFilter.After takes it: lists
// are in the order of creation, and pages go on from it whatever was inserted
// or deleted since.
func (j *Job) Place() string { return strconv.FormatInt(j.CreatedAt.UnixMicro(), 10) + "/" + j.ID }

// ReadPlace reads what Place wrote: the time of creation in microseconds and the
// id. ok is false when the text is no place.
func ReadPlace(text string) (created int64, id string, ok bool) {
	at, id, _ := strings.Cut(text, "/")
	created, err := strconv.ParseInt(at, 10, 64)
	if err != nil || id == "" || strconv.FormatInt(created, 10) != at || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' }) {
		return 0, "", false
	}
	return created, id, true
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
	Submitted      int               // jobs SUBMITTED now, that wait here
	Progressing    int               // jobs PROGRESSING now, that started from here
	Reservation    *Reservation      // set when PricingPlan is RESERVED
	Tags           map[string]string // to be made with; they can change, so they are read apart from the queue
}

// Reservation is the plan of a reserved queue. Machines here are the user's own,
// so nothing is paid: the plan's slots are how many jobs the queue runs at once,
// and after its end the queue takes jobs and runs none (behaviour.md 1.8).
type Reservation struct {
	Commitment  string    `json:"commitment"`  // ONE_YEAR
	RenewalType string    `json:"renewalType"` // AUTO_RENEW | EXPIRE
	Slots       int       `json:"slots"`
	PurchasedAt time.Time `json:"purchasedAt"`
	ExpiresAt   time.Time `json:"expiresAt"`
}

// Active tells whether the plan runs jobs at that time.
func (r *Reservation) Active(now time.Time) bool {
	return r.RenewalType == "AUTO_RENEW" || now.Before(r.ExpiresAt)
}

// DefaultQueue is the name of the queue of jobs that name none.
const DefaultQueue = "Default"
