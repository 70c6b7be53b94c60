package spool

// PermissionRequest is what a worker asks on SubjectMayPublish before it
// publishes the outputs of a job. Without a Yes it must publish nothing.
type PermissionRequest struct {
	JobID   string `json:"jobId"`
	Attempt int    `json:"attempt"`
	Worker  string `json:"worker"`
}

// Permission answers a PermissionRequest. After a Yes the job can no longer be
// canceled; asking again gives Yes again, as long as the attempt is the job's.
type Permission struct {
	Yes    bool   `json:"yes"`
	Reason string `json:"reason,omitempty"` // why not
}
