package mediaconvert

import (
	"encoding/json"

	"spool/internal/spool"
)

// wirePreset is a preset as the API gives it (behaviour.md 1.12).
type wirePreset struct {
	ARN         string          `json:"arn"`
	CreatedAt   int64           `json:"createdAt,omitempty"` // seconds
	LastUpdated int64           `json:"lastUpdated,omitempty"`
	Type        string          `json:"type"`
	Category    string          `json:"category,omitempty"`
	Description string          `json:"description,omitempty"`
	Name        string          `json:"name"`
	Settings    json.RawMessage `json:"settings"`
}

func toWirePreset(p spool.Preset, id spool.Identity) wirePreset {
	return wirePreset{
		ARN: id.ARN("presets/" + p.Name), CreatedAt: seconds(p.CreatedAt), LastUpdated: seconds(p.UpdatedAt),
		Type: p.Type, Category: p.Category, Description: p.Description, Name: p.Name, Settings: orEmpty(p.Settings),
	}
}

// orEmpty gives settings, or an object without members where there are none:
// clients rely on the member.
func orEmpty(settings json.RawMessage) json.RawMessage {
	if len(settings) == 0 {
		return json.RawMessage("{}")
	}
	return settings
}

// PresetAnswer writes the answer {"preset": {…}} of CreatePreset, GetPreset and
// UpdatePreset. An error means that the stored settings are no JSON.
func PresetAnswer(p spool.Preset, id spool.Identity) ([]byte, error) {
	return marshal(struct {
		Preset wirePreset `json:"preset"`
	}{toWirePreset(p, id)})
}

// PresetsAnswer writes the answer of ListPresets; next is the token of the next
// page, empty on the last one.
func PresetsAnswer(presets []spool.Preset, next string, id spool.Identity) ([]byte, error) {
	list := make([]wirePreset, len(presets))
	for i, p := range presets {
		list[i] = toWirePreset(p, id)
	}
	return marshal(struct {
		Presets   []wirePreset `json:"presets"`
		NextToken string       `json:"nextToken,omitempty"`
	}{list, next})
}

// wireTemplate is a job template as the API gives it (behaviour.md 1.12).
type wireTemplate struct {
	ARN                  string            `json:"arn"`
	CreatedAt            int64             `json:"createdAt,omitempty"` // seconds
	LastUpdated          int64             `json:"lastUpdated,omitempty"`
	Type                 string            `json:"type"`
	Category             string            `json:"category,omitempty"`
	Description          string            `json:"description,omitempty"`
	Name                 string            `json:"name"`
	Queue                string            `json:"queue,omitempty"` // an ARN
	Settings             json.RawMessage   `json:"settings"`
	AccelerationSettings *wireAcceleration `json:"accelerationSettings,omitempty"`
	StatusUpdateInterval string            `json:"statusUpdateInterval,omitempty"`
	Priority             *int              `json:"priority,omitempty"`
	HopDestinations      []wireHop         `json:"hopDestinations,omitempty"`
}

// wireHop is where a job goes when it waits for too long (behaviour.md 1.9).
type wireHop struct {
	Queue       string `json:"queue"` // an ARN
	WaitMinutes int    `json:"waitMinutes"`
	Priority    *int   `json:"priority,omitempty"`
}

func toWireHops(hops []spool.Hop, id spool.Identity) []wireHop {
	list := make([]wireHop, len(hops))
	for i, h := range hops {
		list[i] = wireHop{id.ARN("queues/" + h.Queue), h.WaitMinutes, h.Priority}
	}
	return list
}

func toWireTemplate(t spool.JobTemplate, id spool.Identity) wireTemplate {
	w := wireTemplate{
		ARN: id.ARN("jobTemplates/" + t.Name), CreatedAt: seconds(t.CreatedAt), LastUpdated: seconds(t.UpdatedAt),
		Type: t.Type, Category: t.Category, Description: t.Description, Name: t.Name, Settings: orEmpty(t.Settings),
		StatusUpdateInterval: t.StatusUpdateInterval, Priority: t.Priority, HopDestinations: toWireHops(t.Hops, id),
	}
	if t.Queue != "" {
		w.Queue = id.ARN("queues/" + t.Queue)
	}
	if t.AccelerationMode != "" {
		w.AccelerationSettings = &wireAcceleration{t.AccelerationMode}
	}
	return w
}

// JobTemplateAnswer writes the answer {"jobTemplate": {…}} of CreateJobTemplate,
// GetJobTemplate and UpdateJobTemplate. An error means that the stored settings
// are no JSON.
func JobTemplateAnswer(t spool.JobTemplate, id spool.Identity) ([]byte, error) {
	return marshal(struct {
		JobTemplate wireTemplate `json:"jobTemplate"`
	}{toWireTemplate(t, id)})
}

// JobTemplatesAnswer writes the answer of ListJobTemplates; next is the token of
// the next page, empty on the last one.
func JobTemplatesAnswer(templates []spool.JobTemplate, next string, id spool.Identity) ([]byte, error) {
	list := make([]wireTemplate, len(templates))
	for i, t := range templates {
		list[i] = toWireTemplate(t, id)
	}
	return marshal(struct {
		JobTemplates []wireTemplate `json:"jobTemplates"`
		NextToken    string         `json:"nextToken,omitempty"`
	}{list, next})
}
