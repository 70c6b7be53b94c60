package catalog

import (
	"context"
	"fmt"

	"spool/internal/spool"
)

// CreateJobTemplate keeps a new job template of TypeCustom with its tags;
// errors as of CreatePreset. Its queue need not exist yet: it is looked for
// when a job is made with it.
func (s *Service) CreateJobTemplate(ctx context.Context, t spool.JobTemplate) (spool.JobTemplate, error) {
	if t.Name == "" {
		return spool.JobTemplate{}, spool.Userf(spool.ErrInvalid, "A job template needs a name.")
	}
	if _, ok := s.templates[t.Name]; ok {
		return spool.JobTemplate{}, taken("job template", t.Name)
	}
	if err := checkTags(t.Tags); err != nil {
		return spool.JobTemplate{}, err
	}
	t.Type, t.Queue = spool.TypeCustom, spool.ResourceName(t.Queue)
	t.CreatedAt = s.now()
	t.UpdatedAt = t.CreatedAt
	err := s.o.InTx(ctx, func(tx Tx) error {
		n, err := tx.LockCatalog(ctx, spool.KindTemplate)
		if err != nil {
			return err
		}
		if full := room("job template", n, s.o.MaxTemplates); full != nil {
			if _, err := tx.LockJobTemplate(ctx, t.Name); !notFound(err) {
				return orTaken(err, "job template", t.Name)
			}
			return full
		}
		return tx.InsertJobTemplate(ctx, t)
	})
	if err != nil {
		return spool.JobTemplate{}, failed("create a job template", err)
	}
	return t, nil
}

// GetJobTemplate gives one job template by name or ARN, or spool.ErrNotFound.
func (s *Service) GetJobTemplate(ctx context.Context, name string) (spool.JobTemplate, error) {
	name = spool.ResourceName(name)
	if t, ok := s.templates[name]; ok {
		return t, nil
	}
	return s.o.Store.JobTemplate(ctx, name)
}

// UpdateJobTemplate is UpdatePreset for job templates. A queue and hops that do
// not go together, be it that one of them is there already, are spool.Problems.
func (s *Service) UpdateJobTemplate(ctx context.Context, name string, u spool.JobTemplateUpdate) (t spool.JobTemplate, err error) {
	name = spool.ResourceName(name)
	if _, ok := s.templates[name]; ok {
		return t, systemOwned("job template", name)
	}
	err = s.o.InTx(ctx, func(tx Tx) error {
		if t, err = tx.LockJobTemplate(ctx, name); err != nil {
			return err
		}
		set(&t.Category, u.Category)
		set(&t.Description, u.Description)
		set(&t.AccelerationMode, u.AccelerationMode)
		set(&t.StatusUpdateInterval, u.StatusUpdateInterval)
		if u.Settings != nil {
			t.Settings = u.Settings
		}
		if u.Queue != nil {
			t.Queue = spool.ResourceName(*u.Queue)
		}
		if u.Priority != nil {
			t.Priority = u.Priority
		}
		if u.Hops != nil {
			t.Hops = u.Hops
		}
		if err := checkHops(t, u); err != nil {
			return err
		}
		t.UpdatedAt = s.now()
		return tx.SaveJobTemplate(ctx, t)
	})
	if err != nil {
		return spool.JobTemplate{}, failed("update a job template", err)
	}
	return t, nil
}

// checkHops refuses an update that makes a template hop to its own queue: each
// job of it would be refused (behaviour.md 1.9). The pointer is to what the
// update gives. Without a queue of the template's the job names one.
func checkHops(t spool.JobTemplate, u spool.JobTemplateUpdate) error {
	if u.Queue == nil && u.Hops == nil || t.Queue == "" {
		return nil
	}
	var problems spool.Problems
	for i, hop := range t.Hops {
		switch {
		case spool.ResourceName(hop.Queue) != t.Queue:
		case u.Hops != nil:
			problems = append(problems, spool.Problem{Pointer: fmt.Sprintf("/hopDestinations/%d/queue", i),
				Message: "Should be another queue than the one the job is submitted to"})
		default:
			return spool.Problems{{Pointer: "/queue", Message: "Should be another queue than the ones that the template's jobs hop to"}}
		}
	}
	if problems == nil {
		return nil
	}
	return problems
}

// DeleteJobTemplate is DeletePreset for job templates.
func (s *Service) DeleteJobTemplate(ctx context.Context, name string) error {
	name = spool.ResourceName(name)
	if _, ok := s.templates[name]; ok {
		return systemOwned("job template", name)
	}
	return failed("delete a job template", s.o.InTx(ctx, func(tx Tx) error { return tx.DeleteJobTemplate(ctx, name) }))
}

// ListJobTemplates is ListPresets for job templates.
func (s *Service) ListJobTemplates(ctx context.Context, f spool.CatalogFilter) (list []spool.JobTemplate, more bool, err error) {
	if f.System {
		list, more = page(s.o.SystemTemplates, f, func(t *spool.JobTemplate) string { return t.Category }, (*spool.JobTemplate).Place)
		return list, more, nil
	}
	return s.o.Store.JobTemplates(ctx, f)
}
