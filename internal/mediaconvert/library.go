package mediaconvert

import "spool/internal/spool"

// Library gives the presets and job templates that a request may name, by their
// bare names; spool.ErrNotFound where there is none.
type Library interface {
	Preset(name string) (spool.Preset, error)
	JobTemplate(name string) (spool.JobTemplate, error)
}

// SystemPresets are the presets that Spool brings along, of TypeSystem, in order
// of their names.
func SystemPresets() []spool.Preset { return nil }

// SystemJobTemplates are the job templates that Spool brings along, of
// TypeSystem, in order of their names.
func SystemJobTemplates() []spool.JobTemplate { return nil }
