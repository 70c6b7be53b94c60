package mediaconvert

import (
	"fmt"
	"math"
	"time"

	"spool/internal/spool"
)

// What the envelope of every event of a job says (behaviour.md 3.1).
const (
	// EventSource is the source member of job events.
	EventSource = "aws.mediaconvert"
	// EventDetailType is the detail-type member of job events.
	EventDetailType = "MediaConvert Job State Change"
)

// common are the members that the detail of every event has, in their order.
type common struct {
	Timestamp    int64             `json:"timestamp"` // milliseconds since 1970
	AccountID    string            `json:"accountId"`
	Queue        string            `json:"queue"`
	JobID        string            `json:"jobId"`
	Status       string            `json:"status"`
	UserMetadata map[string]string `json:"userMetadata"`
}

func commonOf(job spool.Job, id spool.Identity, status string, now time.Time) common {
	meta := job.UserMetadata
	if meta == nil {
		meta = map[string]string{}
	}
	return common{now.UnixMilli(), id.Account, queueARN(job, id), job.ID, status, meta}
}

func event(job spool.Job, id spool.Identity, eventID string, now time.Time, detail any) spool.Event {
	raw, err := marshal(detail)
	if err != nil { // the details hold only strings and finite numbers
		panic(fmt.Sprintf("mediaconvert: detail of an event: %v", err))
	}
	return spool.Event{
		Version: "0", ID: eventID, DetailType: EventDetailType, Source: EventSource,
		Account: id.Account, Time: now.UTC().Truncate(time.Second), Region: id.Region,
		Resources: []string{id.ARN("jobs/" + job.ID)}, Detail: raw,
	}
}

// EventProgressing tells that a job left the queue. EventID is a UUID that a
// redelivery keeps; now is when it happened.
func EventProgressing(job spool.Job, id spool.Identity, eventID string, now time.Time) spool.Event {
	return event(job, id, eventID, now, commonOf(job, id, "PROGRESSING", now))
}

// EventCanceled tells that a job was canceled.
func EventCanceled(job spool.Job, id spool.Identity, eventID string, now time.Time) spool.Event {
	return event(job, id, eventID, now, commonOf(job, id, "CANCELED", now))
}

// EventError tells that a job failed, with the code and message of job.Failure.
func EventError(job spool.Job, id spool.Identity, eventID string, now time.Time) spool.Event {
	failure := failureOf(job)
	return event(job, id, eventID, now, struct {
		common
		ErrorCode    int    `json:"errorCode"`
		ErrorMessage string `json:"errorMessage"`
	}{commonOf(job, id, "ERROR", now), failure.Code, failure.Message})
}

type phaseProgress struct {
	Status          string `json:"status"`
	PercentComplete int    `json:"percentComplete"`
}

type phases struct {
	Probing     phaseProgress `json:"PROBING"`
	Transcoding phaseProgress `json:"TRANSCODING"`
	Uploading   phaseProgress `json:"UPLOADING"`
}

type jobProgress struct {
	PhaseProgress      phases         `json:"phaseProgress"`
	JobPercentComplete int            `json:"jobPercentComplete"`
	CurrentPhase       spool.JobPhase `json:"currentPhase"`
	RetryCount         int            `json:"retryCount"`
}

// EventStatusUpdate tells how far a PROGRESSING job has come; due at the job's
// statusUpdateInterval.
func EventStatusUpdate(job spool.Job, progress spool.Progress, id spool.Identity, eventID string, now time.Time) spool.Event {
	current := progress.Phase
	if current == "" {
		current = spool.PhaseProbing
	}
	p := jobProgress{JobPercentComplete: clampPercent(progress.Percent), CurrentPhase: current, RetryCount: job.RetryCount}
	state := "COMPLETE"
	for _, phase := range []struct {
		name spool.JobPhase
		to   *phaseProgress
	}{
		{spool.PhaseProbing, &p.PhaseProgress.Probing},
		{spool.PhaseTranscoding, &p.PhaseProgress.Transcoding},
		{spool.PhaseUploading, &p.PhaseProgress.Uploading},
	} {
		switch {
		case phase.name == current:
			*phase.to = phaseProgress{"PROGRESSING", clampPercent(progress.PhasePercent)}
			state = "PENDING"
		case state == "COMPLETE":
			*phase.to = phaseProgress{state, 100}
		default:
			*phase.to = phaseProgress{state, 0}
		}
	}
	return event(job, id, eventID, now, struct {
		common
		FramesDecoded int64       `json:"framesDecoded"`
		JobProgress   jobProgress `json:"jobProgress"`
	}{commonOf(job, id, "STATUS_UPDATE", now), progress.FramesDecoded, p})
}

func clampPercent(n int) int { return max(0, min(100, n)) }

type completeGroup struct {
	OutputDetails []completeOutput `json:"outputDetails"`
	Playlists     []string         `json:"playlistFilePaths,omitempty"`
	Type          spool.GroupType  `json:"type"`
}

type completeOutput struct {
	Paths        []string       `json:"outputFilePaths,omitempty"`
	DurationInMs int64          `json:"durationInMs"`
	VideoDetails *completeVideo `json:"videoDetails,omitempty"`
}

type completeVideo struct {
	WidthInPx      int   `json:"widthInPx"`
	HeightInPx     int   `json:"heightInPx"`
	AverageBitrate int64 `json:"averageBitrate"` // bits/s
	*completeQVBR
}

type completeQVBR struct {
	Avg         float64 `json:"qvbrAvgQuality"`
	Min         float64 `json:"qvbrMinQuality"`
	Max         float64 `json:"qvbrMaxQuality"`
	MinLocation int64   `json:"qvbrMinQualityLocation"` // milliseconds
	MaxLocation int64   `json:"qvbrMaxQualityLocation"`
}

// EventComplete tells that all outputs of a job are published: job.Groups, in
// job order. A DASH or CMAF group lists its manifests only (behaviour.md 3.2).
func EventComplete(job spool.Job, id spool.Identity, eventID string, now time.Time) spool.Event {
	groups := make([]completeGroup, len(job.Groups))
	for i, g := range job.Groups {
		groups[i] = completeGroup{OutputDetails: make([]completeOutput, len(g.Outputs)), Type: g.Type}
		if g.Type != spool.GroupFile {
			groups[i].Playlists = g.Playlists
		}
		for j, o := range g.Outputs {
			groups[i].OutputDetails[j] = completeOutputOf(g.Type, o)
		}
	}
	warnings := countWarnings(job)
	if warnings == nil {
		warnings = []wireWarning{}
	}
	return event(job, id, eventID, now, struct {
		common
		OutputGroupDetails []completeGroup `json:"outputGroupDetails"`
		PaddingInserted    int64           `json:"paddingInserted"`
		Warnings           []wireWarning   `json:"warnings"`
	}{commonOf(job, id, "COMPLETE", now), groups, padding(job).Milliseconds(), warnings})
}

// padding is the time of blank frames in all outputs together: the black picture
// that stands in where the inputs have no video. Nothing looks for black video
// in the inputs, so blackVideoDetected is left out.
func padding(job spool.Job) (blank time.Duration) {
	for _, in := range job.Inputs {
		if len(in.Media.Video) > 0 {
			return 0
		}
	}
	for _, g := range job.Groups {
		for _, o := range g.Outputs {
			if o.Width > 0 && o.Captures == 0 && len(job.Inputs) > 0 {
				blank += o.Duration
			}
		}
	}
	return blank
}

func completeOutputOf(group spool.GroupType, o spool.Output) completeOutput {
	out := completeOutput{Paths: o.Paths, DurationInMs: o.Duration.Milliseconds()}
	if group == spool.GroupDASH || group == spool.GroupCMAF {
		out.Paths = nil
	}
	if o.Width > 0 {
		out.VideoDetails = &completeVideo{WidthInPx: o.Width, HeightInPx: o.Height, AverageBitrate: o.AverageBitrate}
		if q := o.QVBR; q != nil {
			out.VideoDetails.completeQVBR = &completeQVBR{
				round(q.Avg, 2), round(q.Min, 2), round(q.Max, 2),
				q.MinLocation.Milliseconds(), q.MaxLocation.Milliseconds(),
			}
		}
	}
	return out
}

// round keeps so many decimals; what is no number becomes 0, for JSON has none.
func round(f float64, decimals int) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	p := math.Pow10(decimals)
	return math.Round(f*p) / p
}
