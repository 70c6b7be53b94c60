package spool

// The subjects of the bus. Streams keep what must not be lost; the rest is
// plain publish and subscribe.
const (
	// SubjectObject + "created" or "removed": an S3Event. Stream OBJECTS.
	SubjectObject = "object."
	// SubjectWork + job id: a WorkOrder. Stream WORK, each taken by one worker.
	SubjectWork = "work."
	// SubjectReport + job id: a durable Report. Stream REPORTS.
	SubjectReport = "report."
	// SubjectEvent + "mediaconvert" | "s3" | "video": an Event. Stream EVENTS.
	SubjectEvent = "event."

	// SubjectProgress + job id: a Report of kind Progress; not kept.
	SubjectProgress = "progress."
	// SubjectCancel + job id: stop this job now; no body; not kept.
	SubjectCancel = "cancel."
	// SubjectMayPublish + job id: a request with a PermissionRequest, answered
	// with a Permission by the keeper of job state; not kept.
	SubjectMayPublish = "mayPublish."
	// SubjectHello: a WorkerHello; not kept.
	SubjectHello = "worker.hello"
)

// The streams of the bus and the durable consumers on them.
const (
	StreamObjects = "OBJECTS"
	StreamWork    = "WORK"
	StreamReports = "REPORTS"
	StreamEvents  = "EVENTS"

	ConsumerIntake = "intake" // on OBJECTS
	ConsumerWork   = "work"   // on WORK
	ConsumerJobs   = "jobs"   // on REPORTS
	ConsumerVideos = "videos" // on EVENTS
)
