package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

func preset(name string, after time.Duration) spool.Preset {
	return spool.Preset{Name: name, Category: "c'\"ü", Description: "d", Type: spool.TypeCustom, Settings: []byte(`{"a":[1]}`),
		CreatedAt: epoch.Add(after), UpdatedAt: epoch.Add(after), Tags: map[string]string{"k": "v ü"}}
}

func TestPresetRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		p := preset("p", 0)
		in(t, db, func(tx *store.Tx) error { return tx.InsertPreset(ctx, p) })
		if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.InsertPreset(ctx, p) }); !errors.Is(err, spool.ErrConflict) {
			t.Errorf("a taken name: %v", err)
		}
		in(t, db, func(tx *store.Tx) error { // the names of the kinds are apart
			return tx.InsertJobTemplate(ctx, spool.JobTemplate{Name: "p", Settings: []byte("{}"), CreatedAt: epoch, UpdatedAt: epoch})
		})
		in(t, db, func(tx *store.Tx) error {
			was, err := tx.LockPreset(ctx, "p")
			was.Category, was.Settings, was.UpdatedAt = "other", []byte(`{"b":2}`), epoch.Add(time.Hour)
			return errors.Join(err, tx.SavePreset(ctx, was))
		})
		got, err := db.Preset(ctx, "p")
		want := p
		want.Category, want.Settings, want.UpdatedAt, want.Tags = "other", []byte(`{"b":2}`), epoch.Add(time.Hour), nil
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		in(t, db, func(tx *store.Tx) error { return tx.DeletePreset(ctx, "p") })
		for name, err := range map[string]error{
			"read":   func() error { _, err := db.Preset(ctx, "p"); return err }(),
			"lock":   db.Tx(ctx, func(tx *store.Tx) error { _, err := tx.LockPreset(ctx, "p"); return err }),
			"save":   db.Tx(ctx, func(tx *store.Tx) error { return tx.SavePreset(ctx, p) }),
			"delete": db.Tx(ctx, func(tx *store.Tx) error { return tx.DeletePreset(ctx, "p") }),
		} {
			if !errors.Is(err, spool.ErrNotFound) {
				t.Errorf("%s after the deletion: %v", name, err)
			}
		}
		if tags, err := db.Tags(ctx, spool.Resource{Kind: spool.KindPreset, Name: "p"}); len(tags) != 0 || err != nil {
			t.Errorf("tags outlive their preset: %v %v", tags, err)
		}
		if _, err := db.JobTemplate(ctx, "p"); err != nil {
			t.Errorf("the template of the same name: %v", err)
		}
	})
}

func TestJobTemplateRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		zero, five := 0, 5
		want := spool.JobTemplate{Name: "t", Category: "c", Description: "d", Type: spool.TypeCustom, Settings: []byte(`{}`), Queue: "q",
			Priority: &zero, AccelerationMode: "PREFERRED", StatusUpdateInterval: "SECONDS_10",
			Hops: []spool.Hop{{Queue: "r", WaitMinutes: 3, Priority: &five}}, CreatedAt: epoch, UpdatedAt: epoch}
		in(t, db, func(tx *store.Tx) error { return tx.InsertJobTemplate(ctx, want) })
		got, err := db.JobTemplate(ctx, "t")
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		list, more, err := db.JobTemplates(ctx, spool.CatalogFilter{Ascending: true, Limit: 1})
		if d := cmp.Diff([]spool.JobTemplate{want}, list); d != "" || more || err != nil {
			t.Errorf("%v %v (-want +got):\n%s", more, err, d)
		}
	})
}

// Pages go on from a place whatever was made or deleted since, in every order.
func TestPresetPages(t *testing.T) {
	each(t, presetPages)
	t.Run("english postgres", func(t *testing.T) {
		t.Parallel()
		presetPages(t, storetest.Open(t, storetest.EnglishPostgres(t)))
	})
}

func presetPages(t *testing.T, db *store.DB) {
	t.Helper()
	ctx := t.Context()
	// The order by name is that of the bytes: B before a, a before b, ä last.
	for i, name := range []string{"b", "ä", "a", "B", "a b", "a-b", "aB"} {
		in(t, db, func(tx *store.Tx) error { return tx.InsertPreset(ctx, preset(name, time.Duration(i/2)*time.Second)) })
	}
	names := func(f spool.CatalogFilter) (all []string) {
		t.Helper()
		f.Limit = 2
		for {
			list, more, err := db.Presets(ctx, f)
			if err != nil || more && len(list) != f.Limit {
				t.Fatalf("%d presets, more %v: %v", len(list), more, err)
			}
			for _, p := range list {
				all = append(all, p.Name)
			}
			if !more {
				return all
			}
			f.After = list[len(list)-1].Place(f.ByCreation)
		}
	}
	byName := []string{"B", "a", "a b", "a-b", "aB", "b", "ä"}
	byAge := []string{"b", "ä", "B", "a", "a b", "a-b", "aB"}
	for _, c := range []struct {
		f    spool.CatalogFilter
		want []string
	}{
		{spool.CatalogFilter{Ascending: true}, byName},
		{spool.CatalogFilter{ByCreation: true, Ascending: true}, byAge},
	} {
		if d := cmp.Diff(c.want, names(c.f)); d != "" {
			t.Errorf("%+v (-want +got):\n%s", c.f, d)
		}
		c.f.Ascending = false
		slices.Reverse(c.want)
		if d := cmp.Diff(c.want, names(c.f)); d != "" {
			t.Errorf("%+v (-want +got):\n%s", c.f, d)
		}
	}
	if got := names(spool.CatalogFilter{Category: "none"}); got != nil {
		t.Errorf("of an unknown category: %v", got)
	}
	first, _, _ := db.Presets(ctx, spool.CatalogFilter{Ascending: true, Limit: 3})
	at := first[2].Place(false) // "a b"
	in(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.DeletePreset(ctx, "a b"), tx.InsertPreset(ctx, preset("A", 0)), tx.InsertPreset(ctx, preset("a c", 0)))
	})
	second, _, err := db.Presets(ctx, spool.CatalogFilter{Ascending: true, Limit: 2, After: at})
	if err != nil || len(second) != 2 || second[0].Name != "a c" || second[1].Name != "a-b" {
		t.Errorf("the page after a deleted preset: %+v %v", second, err)
	}
	for _, bad := range []string{"x", "x/y", "20260102T030405/y"} {
		if _, _, err := db.Presets(ctx, spool.CatalogFilter{ByCreation: true, After: bad, Limit: 1}); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("the place %q: %v", bad, err)
		}
	}
}

// Those who make presets at once take their turns, so that a count holds.
func TestLockCatalog(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		full := errors.New("full")
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				err := db.Tx(ctx, func(tx *store.Tx) error {
					n, err := tx.LockCatalog(ctx, spool.KindPreset)
					if err != nil || n >= 5 {
						return errors.Join(err, full)
					}
					return tx.InsertPreset(ctx, preset(fmt.Sprint(i), 0))
				})
				if err != nil && err.Error() != full.Error() {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if list, _, err := db.Presets(ctx, spool.CatalogFilter{}); len(list) != 5 || err != nil {
			t.Errorf("%d presets were made: %v", len(list), err)
		}
	})
}

func TestTags(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		j := job("1-a", 0)
		j.Tags = map[string]string{"of": "job"}
		in(t, db, func(tx *store.Tx) error {
			return errors.Join(tx.InsertQueue(ctx, queue("q")), tx.InsertJob(ctx, j), tx.InsertPreset(ctx, preset("q", 0)))
		})
		for kind, want := range map[spool.Resource]map[string]string{
			{Kind: spool.KindJob, Name: "1-a"}:     {"of": "job"},
			{Kind: spool.KindQueue, Name: "q"}:     {"a": "b"},
			{Kind: spool.KindPreset, Name: "q"}:    {"k": "v ü"},
			{Kind: spool.KindTemplate, Name: "q"}:  {},
			{Kind: spool.KindQueue, Name: "other"}: {},
		} {
			got, err := db.Tags(ctx, kind)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%v: %v (-want +got):\n%s", kind, err, d)
			}
			in(t, db, func(tx *store.Tx) error {
				if has, err := tx.HasResource(ctx, kind); has != (len(want) > 0) || err != nil {
					t.Errorf("%v: exists %v: %v", kind, has, err)
				}
				return nil
			})
		}
		if got, err := db.Job(ctx, "1-a"); got.Tags != nil || err != nil {
			t.Errorf("tags that can grow old came with the job: %v %v", got.Tags, err)
		}
		// Merges at once lose nothing.
		r := spool.Resource{Kind: spool.KindJob, Name: "1-a"}
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				err := db.Tx(ctx, func(tx *store.Tx) error {
					tags, err := tx.LockTags(ctx, r)
					tags[fmt.Sprint(i)] = ""
					return errors.Join(err, tx.PutTags(ctx, r, tags))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if tags, err := db.Tags(ctx, r); len(tags) != 11 || err != nil {
			t.Errorf("after ten merges at once: %v %v", tags, err)
		}
		in(t, db, func(tx *store.Tx) error { return tx.PutTags(ctx, r, nil) })
		if tags, err := db.Tags(ctx, r); len(tags) != 0 || err != nil {
			t.Errorf("after all were taken away: %v %v", tags, err)
		}
	})
}

func TestPolicyCertificatesShare(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if p, err := db.Policy(ctx); p != (spool.InputPolicy{}) || err != nil {
			t.Errorf("a policy that nobody put: %+v %v", p, err)
		}
		want := spool.InputPolicy{NoHTTP: true}
		in(t, db, func(tx *store.Tx) error {
			return errors.Join(tx.PutPolicy(ctx, spool.InputPolicy{NoS3: true}), tx.PutPolicy(ctx, want))
		})
		if p, err := db.Policy(ctx); p != want || err != nil {
			t.Errorf("the policy is %+v: %v", p, err)
		}
		in(t, db, func(tx *store.Tx) error {
			return errors.Join(tx.InsertCertificate(ctx, "b", epoch), tx.InsertCertificate(ctx, "a", epoch.Add(time.Second)),
				tx.InsertCertificate(ctx, "b", epoch.Add(time.Minute)))
		})
		if list, err := db.Certificates(ctx); !slices.Equal(list, []string{"b", "a"}) || err != nil {
			t.Errorf("certificates: %v %v", list, err)
		}
		forget := func(ctx context.Context) error {
			return db.Tx(ctx, func(tx *store.Tx) error { return tx.DeleteCertificate(ctx, "b") })
		}
		if err := forget(ctx); err != nil {
			t.Error(err)
		}
		if err := forget(ctx); !errors.Is(err, spool.ErrNotFound) {
			t.Errorf("a certificate forgotten twice: %v", err)
		}

		in(t, db, func(tx *store.Tx) error {
			return errors.Join(tx.InsertQueue(ctx, queue("q")), tx.InsertJob(ctx, job("1-a", 0)))
		})
		share := spool.Share{CaseID: "case", At: epoch}
		in(t, db, func(tx *store.Tx) error { return tx.PutShare(ctx, "1-a", share) })
		in(t, db, func(tx *store.Tx) error { // what else is written of a job leaves it alone
			j, err := tx.LockJob(ctx, "1-a")
			j.Status, j.Share = spool.JobProgressing, nil
			return errors.Join(err, tx.SaveJob(ctx, j))
		})
		if j, err := db.Job(ctx, "1-a"); j.Share == nil || *j.Share != share || j.Status != spool.JobProgressing || err != nil {
			t.Errorf("the shared job: %+v %v", j, err)
		}
		err := db.Tx(ctx, func(tx *store.Tx) error { return tx.PutShare(ctx, "none", share) })
		if !errors.Is(err, spool.ErrNotFound) {
			t.Errorf("share an unknown job: %v", err)
		}
	})
}

func TestAccessKeys(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := spool.AccessKey{Access: "AKIA1", Secret: "sealed", Role: spool.RoleSubmit, Note: "ü'", CreatedAt: epoch}
		in(t, db, func(tx *store.Tx) error { return tx.InsertKey(ctx, k) })
		if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.InsertKey(ctx, k) }); !errors.Is(err, spool.ErrConflict) {
			t.Errorf("a key that exists: %v", err)
		}
		list, err := db.Keys(ctx)
		if d := cmp.Diff([]spool.AccessKey{k}, list); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		in(t, db, func(tx *store.Tx) error { return tx.DeleteKey(ctx, "AKIA1") })
		if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.DeleteKey(ctx, "AKIA1") }); !errors.Is(err, spool.ErrNotFound) {
			t.Errorf("a key deleted twice: %v", err)
		}
		if list, err := db.Keys(ctx); len(list) != 0 || err != nil {
			t.Errorf("after the deletion: %v %v", list, err)
		}
	})
}
