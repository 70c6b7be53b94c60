package catalog

import (
	"context"

	"spool/internal/spool"
)

// CreatePreset keeps a new preset of TypeCustom with its tags. A name that is
// taken, be it by one of Spool's own, is spool.ErrConflict; one too many
// spool.ErrQuota.
func (s *Service) CreatePreset(ctx context.Context, p spool.Preset) (spool.Preset, error) {
	if p.Name == "" {
		return spool.Preset{}, spool.Userf(spool.ErrInvalid, "A preset needs a name.")
	}
	if _, ok := s.presets[p.Name]; ok {
		return spool.Preset{}, taken("preset", p.Name)
	}
	if err := checkTags(p.Tags); err != nil {
		return spool.Preset{}, err
	}
	p.Type = spool.TypeCustom
	p.CreatedAt = s.now()
	p.UpdatedAt = p.CreatedAt
	err := s.o.InTx(ctx, func(tx Tx) error {
		n, err := tx.LockCatalog(ctx, spool.KindPreset)
		if err != nil {
			return err
		}
		if full := room("preset", n, s.o.MaxPresets); full != nil {
			if _, err := tx.LockPreset(ctx, p.Name); !notFound(err) {
				return orTaken(err, "preset", p.Name) // the name is the nearer reason
			}
			return full
		}
		return tx.InsertPreset(ctx, p)
	})
	if err != nil {
		return spool.Preset{}, failed("create a preset", err)
	}
	return p, nil
}

func orTaken(err error, what, name string) error {
	if err != nil {
		return err
	}
	return taken(what, name)
}

// GetPreset gives one preset by name or ARN, or spool.ErrNotFound.
func (s *Service) GetPreset(ctx context.Context, name string) (spool.Preset, error) {
	name = spool.ResourceName(name)
	if p, ok := s.presets[name]; ok {
		return p, nil
	}
	return s.o.Store.Preset(ctx, name)
}

// UpdatePreset changes the members that u gives and leaves the others. One of
// Spool's own is spool.ErrInvalid, an unknown one spool.ErrNotFound.
func (s *Service) UpdatePreset(ctx context.Context, name string, u spool.PresetUpdate) (p spool.Preset, err error) {
	name = spool.ResourceName(name)
	if _, ok := s.presets[name]; ok {
		return p, systemOwned("preset", name)
	}
	err = s.o.InTx(ctx, func(tx Tx) error {
		if p, err = tx.LockPreset(ctx, name); err != nil {
			return err
		}
		set(&p.Category, u.Category)
		set(&p.Description, u.Description)
		if u.Settings != nil {
			p.Settings = u.Settings
		}
		p.UpdatedAt = s.now()
		return tx.SavePreset(ctx, p)
	})
	if err != nil {
		return spool.Preset{}, failed("update a preset", err)
	}
	return p, nil
}

// set changes a member that an update gives.
func set[T any](member *T, value *T) {
	if value != nil {
		*member = *value
	}
}

// DeletePreset deletes a preset and its tags; errors as of UpdatePreset. Jobs
// made with it keep its settings.
func (s *Service) DeletePreset(ctx context.Context, name string) error {
	name = spool.ResourceName(name)
	if _, ok := s.presets[name]; ok {
		return systemOwned("preset", name)
	}
	return failed("delete a preset", s.o.InTx(ctx, func(tx Tx) error { return tx.DeletePreset(ctx, name) }))
}

// ListPresets gives a page of presets, and whether more follow. A place that is
// none is spool.ErrInvalid.
func (s *Service) ListPresets(ctx context.Context, f spool.CatalogFilter) (list []spool.Preset, more bool, err error) {
	if f.System {
		list, more = page(s.o.SystemPresets, f, func(p *spool.Preset) string { return p.Category }, (*spool.Preset).Place)
		return list, more, nil
	}
	return s.o.Store.Presets(ctx, f)
}
