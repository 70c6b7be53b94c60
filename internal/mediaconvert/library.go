package mediaconvert

import "spool/internal/spool"

// Library gives the presets and job templates that a request may name, by their
// bare names; spool.ErrNotFound where there is none.
type Library interface {
	Preset(name string) (spool.Preset, error)
	JobTemplate(name string) (spool.JobTemplate, error)
}
