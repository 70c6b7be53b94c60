package mediaconvert

import "spool/internal/spool"

// Library gives the presets and job templates that a request may name, by their
// bare names; spool.ErrNotFound where there is none.
type Library interface {
	Preset(name string) (spool.Preset, error)
	JobTemplate(name string) (spool.JobTemplate, error)
}

// SystemLibrary is the library of the system presets and job templates.
func SystemLibrary() Library { return systemLibrary{} }

type systemLibrary struct{}

func (systemLibrary) Preset(name string) (spool.Preset, error) {
	for _, p := range systemPresets() {
		if p.Name == name {
			return p, nil
		}
	}
	return spool.Preset{}, spool.ErrNotFound
}

func (systemLibrary) JobTemplate(name string) (spool.JobTemplate, error) {
	for _, t := range systemTemplates() {
		if t.Name == name {
			return t, nil
		}
	}
	return spool.JobTemplate{}, spool.ErrNotFound
}
