package jobapi

import (
	"context"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// Stages are what the door calls. Their errors wrap the errors of spool where
// the client is to blame: ErrInvalid, ErrQuota, ErrForbidden, ErrNotFound,
// ErrConflict, ErrThrottled. Names are bare ones.
type Stages struct {
	Jobs      Jobs
	Queries   Queries
	Queues    Queues
	Presets   Presets
	Templates JobTemplates
	Tags      Tags
	Account   Account
	Library   Library
	Prober    Prober
}

// Jobs is the stage that keeps jobs.
type Jobs interface {
	// Submit makes a job, or gives the one that the same ClientRequestToken made
	// within the last minute.
	Submit(ctx context.Context, r spool.JobRequest) (spool.Job, error)
	// ByToken gives the job that a ClientRequestToken made within the last
	// minute, or spool.ErrNotFound.
	ByToken(ctx context.Context, token string) (spool.Job, error)
	Get(ctx context.Context, id string) (spool.Job, error)
	// List gives a page of jobs and whether more follow it.
	List(ctx context.Context, f spool.JobFilter) (jobs []spool.Job, more bool, err error)
	// Cancel stops a job; spool.ErrConflict when it has ended already.
	Cancel(ctx context.Context, id string) error
}

// Queries is the stage that looks for jobs in the background.
type Queries interface {
	StartQuery(ctx context.Context, f spool.JobFilter) (id string, err error)
	Query(ctx context.Context, id string) (spool.JobQuery, error)
}

// Queues is the stage that keeps queues.
type Queues interface {
	CreateQueue(ctx context.Context, q spool.Queue) (spool.Queue, error)
	GetQueue(ctx context.Context, name string) (spool.Queue, error)
	ListQueues(ctx context.Context) ([]spool.Queue, error)
	UpdateQueue(ctx context.Context, name string, u spool.QueueUpdate) (spool.Queue, error)
	DeleteQueue(ctx context.Context, name string) error
}

// Presets is the stage that keeps presets, those of the system among them.
type Presets interface {
	CreatePreset(ctx context.Context, p spool.Preset) (spool.Preset, error)
	GetPreset(ctx context.Context, name string) (spool.Preset, error)
	UpdatePreset(ctx context.Context, name string, u spool.PresetUpdate) (spool.Preset, error)
	DeletePreset(ctx context.Context, name string) error
	ListPresets(ctx context.Context, f spool.CatalogFilter) (list []spool.Preset, more bool, err error)
}

// JobTemplates is the stage that keeps job templates, as Presets keeps presets.
type JobTemplates interface {
	CreateJobTemplate(ctx context.Context, t spool.JobTemplate) (spool.JobTemplate, error)
	GetJobTemplate(ctx context.Context, name string) (spool.JobTemplate, error)
	UpdateJobTemplate(ctx context.Context, name string, u spool.JobTemplateUpdate) (spool.JobTemplate, error)
	DeleteJobTemplate(ctx context.Context, name string) error
	ListJobTemplates(ctx context.Context, f spool.CatalogFilter) (list []spool.JobTemplate, more bool, err error)
}

// Tags is the stage that keeps the tags of every kind of resource.
type Tags interface {
	Tags(ctx context.Context, r spool.Resource) (map[string]string, error)
	Tag(ctx context.Context, r spool.Resource, tags map[string]string) error
	Untag(ctx context.Context, r spool.Resource, keys []string) error
}

// Account is the stage that keeps what is there once: the input policy, and the
// notes of certificates and shared jobs.
type Account interface {
	Policy(ctx context.Context) (spool.InputPolicy, error)
	PutPolicy(ctx context.Context, p spool.InputPolicy) error
	AssociateCertificate(ctx context.Context, arn string) error
	DisassociateCertificate(ctx context.Context, arn string) error
	Share(ctx context.Context, jobID, caseID string) error
}

// Library gives the presets and templates that a job may name, as they are now.
type Library interface {
	Library(ctx context.Context) mediaconvert.Library
}

// Prober looks into a file: s3, http or https.
type Prober interface {
	Probe(ctx context.Context, url string) (spool.ProbeResult, error)
}

// Keys knows the access keys. An unknown one must take as long as a known one.
type Keys interface {
	Key(access string) (spool.AccessKey, bool)
}
