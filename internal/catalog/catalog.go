// Package catalog keeps what jobs are made from and what hangs on resources:
// presets, job templates, tags, the input policy, certificates, and the note
// that a job was shared with support.
//
// It never runs jobs, never writes a job's state, and knows no HTTP. Settings
// it takes as they are: that they are valid is the door's to see to.
package catalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// PresetTx changes presets inside a transaction; store.Tx says more of each method.
type PresetTx interface {
	InsertPreset(ctx context.Context, p spool.Preset) error
	LockPreset(ctx context.Context, name string) (spool.Preset, error)
	SavePreset(ctx context.Context, p spool.Preset) error
	DeletePreset(ctx context.Context, name string) error
	// LockCatalog counts presets or job templates, and keeps others from making such.
	LockCatalog(ctx context.Context, kind spool.ResourceKind) (count int, err error)
}

// TemplateTx changes job templates inside a transaction.
type TemplateTx interface {
	InsertJobTemplate(ctx context.Context, t spool.JobTemplate) error
	LockJobTemplate(ctx context.Context, name string) (spool.JobTemplate, error)
	SaveJobTemplate(ctx context.Context, t spool.JobTemplate) error
	DeleteJobTemplate(ctx context.Context, name string) error
}

// TagTx changes tags inside a transaction.
type TagTx interface {
	HasResource(ctx context.Context, r spool.Resource) (bool, error)
	LockTags(ctx context.Context, r spool.Resource) (map[string]string, error)
	PutTags(ctx context.Context, r spool.Resource, tags map[string]string) error
}

// NoteTx changes the rest inside a transaction.
type NoteTx interface {
	PutPolicy(ctx context.Context, p spool.InputPolicy) error
	InsertCertificate(ctx context.Context, arn string, now time.Time) error
	DeleteCertificate(ctx context.Context, arn string) error
	PutShare(ctx context.Context, jobID string, s spool.Share) error
}

// Tx is a transaction; *store.Tx is one.
type Tx interface {
	PresetTx
	TemplateTx
	TagTx
	NoteTx
}

// Catalog reads presets and job templates, those of users only.
type Catalog interface {
	Preset(ctx context.Context, name string) (spool.Preset, error)
	Presets(ctx context.Context, f spool.CatalogFilter) (list []spool.Preset, more bool, err error)
	JobTemplate(ctx context.Context, name string) (spool.JobTemplate, error)
	JobTemplates(ctx context.Context, f spool.CatalogFilter) (list []spool.JobTemplate, more bool, err error)
}

// Store is where all of it is; *store.DB is one.
type Store interface {
	Catalog
	HasResource(ctx context.Context, r spool.Resource) (bool, error)
	Tags(ctx context.Context, r spool.Resource) (map[string]string, error)
	Policy(ctx context.Context) (spool.InputPolicy, error)
	Job(ctx context.Context, id string) (spool.Job, error)
}

// Options say what a service works with. Store, InTx and Log are required.
type Options struct {
	Store Store
	// InTx runs f in a transaction of Store: func(ctx, f) { return db.Tx(ctx, func(tx *store.Tx) error { return f(tx) }) }.
	InTx            func(ctx context.Context, f func(tx Tx) error) error
	Identity        spool.Identity
	Log             *slog.Logger
	Now             func() time.Time    // nil: time.Now
	SystemPresets   []spool.Preset      // of TypeSystem
	SystemTemplates []spool.JobTemplate // of TypeSystem
	MaxPresets      int                 // most presets of users; 0: no limit
	MaxTemplates    int                 // most job templates of users; 0: no limit
	Bundles         string              // folder of support bundles, made when needed; empty: none are written
	Versions        map[string]string   // of the parts of this installation, for the bundles
}

// DefaultQuota is how many presets, and how many job templates, the service
// lets users have (behaviour.md 1.12).
const DefaultQuota = 100

// Service keeps the catalog. Its methods may be called from many goroutines.
type Service struct {
	o         Options
	presets   map[string]spool.Preset // of TypeSystem, by name
	templates map[string]spool.JobTemplate
}

// New makes a service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{o: o, presets: map[string]spool.Preset{}, templates: map[string]spool.JobTemplate{}}
	for _, p := range o.SystemPresets {
		s.presets[p.Name] = p
	}
	for _, t := range o.SystemTemplates {
		s.templates[t.Name] = t
	}
	return s
}

// now is the time as it is stored.
func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Microsecond) }

// systemOwned refuses to change what Spool brings along. It is ErrInvalid, which
// is answered with 400, and not ErrForbidden: a 403 says of every AWS client
// that the caller lacks a permission, and who gets it looks for a better key in
// vain. (The service's own answer is not known, behaviour.md 1.12.)
func systemOwned(what, name string) error {
	return spool.Userf(spool.ErrInvalid,
		"%q is a SYSTEM %s: it can be neither changed nor deleted. Make one of your own with its settings and change that.", name, what)
}

func taken(what, name string) error {
	return spool.Userf(spool.ErrConflict, "A %s named %q exists already.", what, name)
}

// room refuses one more of what there are enough of.
func room(what string, count, most int) error {
	if most > 0 && count >= most {
		return spool.Userf(spool.ErrQuota, "There are %d custom %ss already, which is the quota. Delete one that is no longer needed.", count, what)
	}
	return nil
}

// page gives a page of a list that is in memory, as store.DB.Presets does of its own.
func page[T any](all []T, f spool.CatalogFilter, category func(*T) string, place func(*T, bool) string) (list []T, more bool) {
	for i := range all {
		at := place(&all[i], f.ByCreation)
		beyond := f.After == "" || f.Ascending && at > f.After || !f.Ascending && at < f.After
		if beyond && (f.Category == "" || category(&all[i]) == f.Category) {
			list = append(list, all[i])
		}
	}
	slices.SortFunc(list, func(a, b T) int {
		if !f.Ascending {
			a, b = b, a
		}
		return strings.Compare(place(&a, f.ByCreation), place(&b, f.ByCreation))
	})
	if f.Limit > 0 && len(list) > f.Limit {
		return list[:f.Limit], true
	}
	return list, false
}

// Library gives the presets and job templates as requests name them: those of
// users, then those of Spool.
func (s *Service) Library(ctx context.Context) mediaconvert.Library { return library{ctx, s} }

type library struct {
	ctx context.Context
	s   *Service
}

// Preset implements mediaconvert.Library.
func (l library) Preset(name string) (spool.Preset, error) { return l.s.GetPreset(l.ctx, name) }

// JobTemplate implements mediaconvert.Library.
func (l library) JobTemplate(name string) (spool.JobTemplate, error) {
	return l.s.GetJobTemplate(l.ctx, name)
}

// notFound tells whether an error says that what was asked for is not there.
func notFound(err error) bool { return errors.Is(err, spool.ErrNotFound) }

func failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
