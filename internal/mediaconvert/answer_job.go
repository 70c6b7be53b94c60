package mediaconvert

import (
	"encoding/json"
	"sort"
	"time"

	"spool/internal/spool"
)

// wireJob is a job as the API gives it, in the order of a real answer
// (behaviour.md 1.11, 2.1, 2.2).
type wireJob struct {
	ARN                   string            `json:"arn"`
	ID                    string            `json:"id"`
	CreatedAt             int64             `json:"createdAt"` // seconds
	JobTemplate           string            `json:"jobTemplate,omitempty"`
	Queue                 string            `json:"queue"`
	UserMetadata          map[string]string `json:"userMetadata,omitzero"`
	Role                  string            `json:"role"`
	Settings              json.RawMessage   `json:"settings"`
	Status                spool.JobStatus   `json:"status"`
	CurrentPhase          spool.JobPhase    `json:"currentPhase,omitempty"`
	JobPercentComplete    *int              `json:"jobPercentComplete,omitempty"`
	RetryCount            *int              `json:"retryCount,omitempty"`
	ErrorCode             int               `json:"errorCode,omitempty"`
	ErrorMessage          string            `json:"errorMessage,omitempty"`
	Timing                wireTiming        `json:"timing"`
	BillingTagsSource     string            `json:"billingTagsSource,omitempty"`
	AccelerationSettings  *wireAcceleration `json:"accelerationSettings,omitempty"`
	StatusUpdateInterval  string            `json:"statusUpdateInterval,omitempty"`
	Priority              int               `json:"priority"`
	AccelerationStatus    string            `json:"accelerationStatus"`
	SimulateReservedQueue string            `json:"simulateReservedQueue,omitempty"`
	JobEngineVersion      string            `json:"jobEngineVersionRequested,omitempty"`
	JobEngineUsed         string            `json:"jobEngineVersionUsed,omitempty"`
	HopDestinations       []wireHop         `json:"hopDestinations,omitempty"`
	QueueTransitions      []wireTransition  `json:"queueTransitions,omitempty"`
	OutputGroupDetails    []wireGroup       `json:"outputGroupDetails,omitempty"`
	Messages              wireMessages      `json:"messages"`
	Warnings              []wireWarning     `json:"warnings,omitempty"`
	ClientRequestToken    string            `json:"clientRequestToken,omitempty"`
	ShareStatus           string            `json:"shareStatus,omitempty"` // left out: never shared
	LastShareDetails      string            `json:"lastShareDetails,omitempty"`
}

// wireTransition is a hop that was made; both queues are ARNs.
type wireTransition struct {
	SourceQueue      string `json:"sourceQueue"`
	DestinationQueue string `json:"destinationQueue"`
	Timestamp        int64  `json:"timestamp"` // seconds
}

type wireTiming struct {
	SubmitTime int64 `json:"submitTime"`
	StartTime  int64 `json:"startTime,omitempty"`
	FinishTime int64 `json:"finishTime,omitempty"`
}

type wireAcceleration struct {
	Mode string `json:"mode"`
}

type wireMessages struct {
	Info    []string `json:"info"`
	Warning []string `json:"warning"`
}

type wireWarning struct {
	Code  int `json:"code"`
	Count int `json:"count"`
}

// wireGroup is an output group of GetJob: without paths, which only the event
// has (behaviour.md 2.2).
type wireGroup struct {
	OutputDetails []wireOutput `json:"outputDetails"`
}

type wireOutput struct {
	DurationInMs int64      `json:"durationInMs"`
	VideoDetails *wireVideo `json:"videoDetails,omitempty"`
}

type wireVideo struct {
	WidthInPx  int `json:"widthInPx"`
	HeightInPx int `json:"heightInPx"`
}

// JobAnswer writes the answer {"job": {…}} of CreateJob and GetJob. An error
// means that the job's stored settings are no JSON.
func JobAnswer(job spool.Job, id spool.Identity) ([]byte, error) {
	return marshal(struct {
		Job wireJob `json:"job"`
	}{toWireJob(job, id)})
}

// JobsAnswer writes the answer of ListJobs; next is the token of the next page,
// empty on the last one, when the member is left out.
func JobsAnswer(jobs []spool.Job, next string, id spool.Identity) ([]byte, error) {
	return marshal(struct {
		Jobs      []wireJob `json:"jobs"`
		NextToken string    `json:"nextToken,omitempty"`
	}{toWireJobs(jobs, id), next})
}

func toWireJobs(jobs []spool.Job, id spool.Identity) []wireJob {
	list := make([]wireJob, len(jobs))
	for i, job := range jobs {
		list[i] = toWireJob(job, id)
	}
	return list
}

// QueryAnswer writes the answer of GetJobsQueryResults; next is the token that
// another query goes on with, empty on the last page. A query under way has no
// jobs yet.
func QueryAnswer(q spool.JobQuery, next string, id spool.Identity) ([]byte, error) {
	return marshal(struct {
		Jobs      []wireJob         `json:"jobs"`
		NextToken string            `json:"nextToken,omitempty"`
		Status    spool.QueryStatus `json:"status"`
	}{toWireJobs(q.Jobs, id), next, q.Status})
}

// QueryStartedAnswer writes the answer of StartJobsQuery: the query's id.
func QueryStartedAnswer(id string) ([]byte, error) {
	return marshal(struct {
		ID string `json:"id"`
	}{id})
}

func toWireJob(job spool.Job, id spool.Identity) wireJob {
	w := wireJob{
		ARN: id.ARN("jobs/" + job.ID), ID: job.ID,
		CreatedAt: seconds(job.CreatedAt), JobTemplate: job.JobTemplate,
		Queue: queueARN(job, id), UserMetadata: job.UserMetadata, Role: job.Role,
		Settings: orEmpty(job.Settings), Status: job.Status,
		Timing: wireTiming{
			SubmitTime: seconds(job.CreatedAt),
			StartTime:  seconds(job.StartedAt), FinishTime: seconds(job.FinishedAt),
		},
		BillingTagsSource: job.BillingTagsSource, StatusUpdateInterval: job.StatusUpdateInterval,
		Priority: job.Priority, AccelerationStatus: accelerationStatus(job),
		SimulateReservedQueue: job.SimulateReservedQueue, JobEngineVersion: job.JobEngineVersion,
		JobEngineUsed: job.JobEngineUsed, HopDestinations: toWireHops(job.Hops, id), QueueTransitions: transitions(job, id),
		Messages: messages(job), Warnings: countWarnings(job), ClientRequestToken: job.ClientRequestToken,
	}
	if s := job.Share; s != nil {
		w.ShareStatus = "SHARED"
		w.LastShareDetails = "Shared for support case " + s.CaseID + " at " + s.At.UTC().Format(time.RFC3339)
	}
	if job.AccelerationMode != "" {
		w.AccelerationSettings = &wireAcceleration{job.AccelerationMode}
	}
	switch job.Status {
	case spool.JobProgressing:
		w.CurrentPhase, w.JobPercentComplete, w.RetryCount = job.Phase, &job.Percent, &job.RetryCount
	case spool.JobComplete:
		done := 100
		w.JobPercentComplete, w.RetryCount = &done, &job.RetryCount
		w.OutputGroupDetails = groupDetails(job.Groups)
	case spool.JobError:
		w.RetryCount = &job.RetryCount
		failure := failureOf(job)
		w.ErrorCode, w.ErrorMessage = failure.Code, failure.Message
	case spool.JobSubmitted, spool.JobCanceled: // nothing more is known of them
	}
	return w
}

func transitions(job spool.Job, id spool.Identity) []wireTransition {
	list := make([]wireTransition, len(job.Transitions))
	for i, t := range job.Transitions {
		list[i] = wireTransition{id.ARN("queues/" + t.Source), id.ARN("queues/" + t.Destination), seconds(t.At)}
	}
	return list
}

// seconds gives whole seconds since 1970; 0, which is left out, for no time.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func queueARN(job spool.Job, id spool.Identity) string {
	queue := job.Queue
	if queue == "" {
		queue = spool.DefaultQueue
	}
	return id.ARN("queues/" + queue)
}

func failureOf(job spool.Job) spool.Failure {
	if job.Failure == nil {
		return spool.Failure{Code: spool.CodeUnexpected, Message: "Unknown error"}
	}
	return *job.Failure
}

// accelerationStatus follows the model: without acceleration asked for there is
// none to speak of; asked for, Spool ends without it (behaviour.md 1.10).
func accelerationStatus(job spool.Job) string {
	switch {
	case job.AccelerationMode == "" || job.AccelerationMode == "DISABLED":
		return "NOT_APPLICABLE"
	case job.Status.Terminal():
		return "NOT_ACCELERATED"
	}
	return "IN_PROGRESS"
}

// messages lists what was decided while running, and the warnings in words, those
// of the request first.
func messages(job spool.Job) wireMessages {
	m := wireMessages{Info: append([]string{}, job.RunMessages...), Warning: []string{}}
	for _, list := range [][]spool.Warning{job.Warnings, job.RunWarnings} {
		for _, w := range list {
			m.Warning = append(m.Warning, warningText(w))
		}
	}
	return m
}

// countWarnings groups all warnings of a job by code, in order of the codes;
// nil without any.
func countWarnings(job spool.Job) []wireWarning {
	counts := make(map[int]int)
	for _, list := range [][]spool.Warning{job.Warnings, job.RunWarnings} {
		for _, w := range list {
			counts[w.Code]++
		}
	}
	var list []wireWarning
	for code, count := range counts {
		list = append(list, wireWarning{code, count})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Code < list[j].Code })
	return list
}

func groupDetails(groups []spool.OutputGroup) []wireGroup {
	list := make([]wireGroup, len(groups))
	for i, g := range groups {
		list[i].OutputDetails = make([]wireOutput, len(g.Outputs))
		for j, o := range g.Outputs {
			w := wireOutput{DurationInMs: o.Duration.Milliseconds()}
			if o.Width > 0 {
				w.VideoDetails = &wireVideo{o.Width, o.Height}
			}
			list[i].OutputDetails[j] = w
		}
	}
	return list
}
