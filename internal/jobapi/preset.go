package jobapi

import (
	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

func createPreset(d *door, c call) ([]byte, error) {
	asked, err := mediaconvert.DecodeCreatePreset(c.body, mediaconvert.FormWire)
	if err != nil {
		return nil, err
	}
	return d.preset(d.Presets.CreatePreset(c.ctx, asked))
}

// preset answers with a preset that a stage gave.
func (d *door) preset(p spool.Preset, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return mediaconvert.PresetAnswer(p, d.Identity)
}

func getPreset(d *door, c call) ([]byte, error) {
	name, err := c.name(spool.KindPreset)
	if err != nil {
		return nil, err
	}
	return d.preset(d.Presets.GetPreset(c.ctx, name))
}

func updatePreset(d *door, c call) ([]byte, error) {
	name, err := c.name(spool.KindPreset)
	if err != nil {
		return nil, err
	}
	change, err := mediaconvert.DecodeUpdatePreset(c.body)
	if err != nil {
		return nil, err
	}
	return d.preset(d.Presets.UpdatePreset(c.ctx, name, change))
}

func deletePreset(d *door, c call) ([]byte, error) {
	name, err := c.name(spool.KindPreset)
	if err != nil {
		return nil, err
	}
	return empty, d.Presets.DeletePreset(c.ctx, name)
}

func listPresets(d *door, c call) ([]byte, error) {
	p, f, err := c.catalogPage("presets")
	if err != nil {
		return nil, err
	}
	list, more, err := d.Presets.ListPresets(c.ctx, f)
	if err != nil {
		return nil, err
	}
	next := ""
	if more && len(list) > 0 {
		next = writeToken(list[len(list)-1].Place(f.ByCreation), p.list)
	}
	return mediaconvert.PresetsAnswer(list, next, d.Identity)
}

// catalogPage reads the query of ListPresets and ListJobTemplates: by name
// unless told otherwise, ascending, and without those of the system, which are a
// list of their own (behaviour.md 1.4).
func (c call) catalogPage(name string) (page, spool.CatalogFilter, error) {
	category, err := c.text("category", maxID)
	if err != nil {
		return page{}, spool.CatalogFilter{}, err
	}
	p, err := c.pageOf(name, []string{"NAME", "CREATION_DATE", "SYSTEM"}, true, category)
	return p, spool.CatalogFilter{
		Category: category, System: p.by == "SYSTEM", ByCreation: p.by == "CREATION_DATE",
		Ascending: p.ascending, Limit: p.limit, After: p.after,
	}, err
}
