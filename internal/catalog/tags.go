package catalog

import (
	"context"
	"maps"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// maxTags is how many tags a resource may have (behaviour.md 1.10).
const maxTags = 50

func checkTags(tags map[string]string) error { return mediaconvert.CheckTags(tags) }

// nouns are the kinds of resources in the words of messages.
var nouns = map[spool.ResourceKind]string{
	spool.KindJob: "job", spool.KindQueue: "queue", spool.KindPreset: "preset", spool.KindTemplate: "job template",
}

// system tells whether a resource is one that Spool brings along.
func (s *Service) system(r spool.Resource) bool {
	if r.Kind == spool.KindPreset {
		_, ok := s.presets[r.Name]
		return ok
	}
	_, ok := s.templates[r.Name]
	return ok && r.Kind == spool.KindTemplate
}

// Tags gives the tags of a resource, none for one without. An unknown resource
// is spool.ErrNotFound, a kind that there is not spool.ErrInvalid.
func (s *Service) Tags(ctx context.Context, r spool.Resource) (tags map[string]string, err error) {
	if err := s.mustExist(ctx, s.o.Store, r); err != nil {
		return nil, failed("read tags", err)
	}
	return s.o.Store.Tags(ctx, r)
}

func (s *Service) mustExist(ctx context.Context, in interface {
	HasResource(ctx context.Context, r spool.Resource) (bool, error)
}, r spool.Resource) error {
	noun, ok := nouns[r.Kind]
	switch {
	case !ok:
		return spool.Userf(spool.ErrInvalid, "%q has no tags: name the ARN of a job, a queue, a preset or a job template.", r.Kind)
	case s.system(r):
		return nil
	}
	has, err := in.HasResource(ctx, r)
	if err == nil && !has {
		return spool.Userf(spool.ErrNotFound, "There is no %s %q.", noun, r.Name)
	}
	return err
}

// Tag gives a resource these tags besides those it has; keys that it has get
// the new value. Errors as of Tags; tags out of bounds are spool.Problems.
func (s *Service) Tag(ctx context.Context, r spool.Resource, tags map[string]string) error {
	if err := checkTags(tags); err != nil {
		return err
	}
	return failed("tag a resource", s.changeTags(ctx, r, func(has map[string]string) error {
		maps.Copy(has, tags)
		if len(has) > maxTags {
			return spool.Userf(spool.ErrInvalid, "The %s would have %d tags; %d are allowed. Take some away first.", nouns[r.Kind], len(has), maxTags)
		}
		return nil
	}))
}

// Untag takes the tags of these keys from a resource; keys that it has not are
// no error. Errors as of Tags.
func (s *Service) Untag(ctx context.Context, r spool.Resource, keys []string) error {
	return failed("untag a resource", s.changeTags(ctx, r, func(has map[string]string) error {
		for _, k := range keys {
			delete(has, k)
		}
		return nil
	}))
}

func (s *Service) changeTags(ctx context.Context, r spool.Resource, change func(map[string]string) error) error {
	return s.o.InTx(ctx, func(tx Tx) error {
		if err := s.mustExist(ctx, tx, r); err != nil {
			return err
		}
		tags, err := tx.LockTags(ctx, r)
		if err != nil {
			return err
		}
		if err := change(tags); err != nil {
			return err
		}
		return tx.PutTags(ctx, r, tags)
	})
}
