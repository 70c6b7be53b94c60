package spool

import (
	"encoding/json"
	"time"
)

// The types of queues, presets and job templates.
const (
	TypeCustom = "CUSTOM" // made by a user
	TypeSystem = "SYSTEM" // brought along; it can be neither changed nor deleted
)

// Preset is a named part of an output's settings (behaviour.md 1.12).
type Preset struct {
	Name        string
	Category    string
	Description string
	Type        string          // TypeCustom | TypeSystem
	Settings    json.RawMessage // PresetSettings in wire form, as given: without defaults
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Tags        map[string]string // to be made with; they can change, so they are read apart
}

// JobTemplate is a named job without its inputs' places and its role
// (behaviour.md 1.12).
type JobTemplate struct {
	Name                 string
	Category             string
	Description          string
	Type                 string          // TypeCustom | TypeSystem
	Settings             json.RawMessage // JobTemplateSettings in wire form, as given: without defaults
	Queue                string          // bare name; empty: none given
	Priority             *int            // −50..50; nil: none given
	AccelerationMode     string          // empty: none given
	StatusUpdateInterval string          // empty: none given
	Hops                 []Hop
	CreatedAt            time.Time
	UpdatedAt            time.Time
	Tags                 map[string]string // to be made with; they can change, so they are read apart
}

// CatalogFilter selects presets or job templates for a page of a list.
type CatalogFilter struct {
	Category   string // exact; empty: any
	System     bool   // those of TypeSystem instead of TypeCustom
	ByCreation bool   // in the order of creation instead of that of the names
	Ascending  bool
	Limit      int    // 1..
	After      string // place of the last one of the page before, see Preset.Place; it need not exist any more
}

// Place gives the place of a preset in a list, as CatalogFilter.After takes it.
func (p *Preset) Place(byCreation bool) string { return place(p.Name, p.CreatedAt, byCreation) }

// Place gives the place of a template in a list, as CatalogFilter.After takes it.
func (t *JobTemplate) Place(byCreation bool) string { return place(t.Name, t.CreatedAt, byCreation) }

// place is a text whose order is the list's order.
func place(name string, created time.Time, byCreation bool) string {
	if !byCreation {
		return name
	}
	return created.UTC().Format("20060102T150405.000000") + "/" + name
}

// ResourceKind is a kind of resource that has an ARN and may have tags.
type ResourceKind string

// The kinds of resources, as they stand in ARNs (behaviour.md 1.7).
const (
	KindJob      ResourceKind = "jobs"
	KindQueue    ResourceKind = "queues"
	KindPreset   ResourceKind = "presets"
	KindTemplate ResourceKind = "jobTemplates"
)

// Resource names one resource of this installation.
type Resource struct {
	Kind ResourceKind
	Name string // of a job: its id
}

// InputPolicy says where inputs may come from; the zero value allows all
// (behaviour.md 1.13).
type InputPolicy struct {
	NoHTTP  bool `json:"noHTTP,omitempty"`
	NoHTTPS bool `json:"noHTTPS,omitempty"`
	NoS3    bool `json:"noS3,omitempty"`
}

// Allows tells whether inputs may come by a scheme: http, https or s3.
func (p InputPolicy) Allows(scheme string) bool {
	return !(scheme == "http" && p.NoHTTP || scheme == "https" && p.NoHTTPS || scheme == "s3" && p.NoS3)
}

// QueryStatus is the state of a jobs query.
type QueryStatus string

// The states of a jobs query (behaviour.md 1.3).
const (
	QuerySubmitted   QueryStatus = "SUBMITTED"
	QueryProgressing QueryStatus = "PROGRESSING"
	QueryComplete    QueryStatus = "COMPLETE"
	QueryError       QueryStatus = "ERROR"
)

// JobQuery is a jobs query and, when COMPLETE, its page of jobs.
type JobQuery struct {
	ID     string
	Filter JobFilter // what it looks for
	Status QueryStatus
	Jobs   []Job
	Next   string // place to go on from in another query; empty on the last page
}

// PresetUpdate is what UpdatePreset changes; nil leaves a member as it is.
type PresetUpdate struct {
	Category    *string
	Description *string
	Settings    json.RawMessage // replaces the settings as a whole
}

// JobTemplateUpdate is what UpdateJobTemplate changes; nil leaves a member as
// it is.
type JobTemplateUpdate struct {
	Category             *string
	Description          *string
	Settings             json.RawMessage // replaces the settings as a whole
	Queue                *string         // bare name
	Priority             *int
	AccelerationMode     *string
	StatusUpdateInterval *string
	Hops                 []Hop // nil: as they are; empty: none
}

// QueueUpdate is what UpdateQueue changes; nil leaves a member as it is.
type QueueUpdate struct {
	Description    *string
	Status         *string      // ACTIVE | PAUSED
	ConcurrentJobs *int         // 0: no limit
	Reservation    *Reservation // Slots, RenewalType and Commitment; the times are the stage's
}
