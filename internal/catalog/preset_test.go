package catalog_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

func TestPreset(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		made, err := h.CreatePreset(ctx, spool.Preset{Name: "p", Category: "c", Description: "d", Settings: []byte(`{"a":1}`), Type: "x"})
		h.must(err)
		at := epoch.Add(time.Second)
		want := spool.Preset{Name: "p", Category: "c", Description: "d", Type: spool.TypeCustom, Settings: []byte(`{"a":1}`), CreatedAt: at, UpdatedAt: at}
		if d := cmp.Diff(want, made); d != "" {
			t.Errorf("made (-want +got):\n%s", d)
		}
		got, err := h.GetPreset(ctx, "arn:aws:mediaconvert:us-east-1:000000000000:presets/p")
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v got (-want +got):\n%s", err, d)
		}

		// Only what is given changes; an empty text is given too.
		got, err = h.UpdatePreset(ctx, "p", spool.PresetUpdate{Description: ptr("")})
		want.Description, want.UpdatedAt = "", at.Add(time.Second)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v updated (-want +got):\n%s", err, d)
		}
		got, err = h.UpdatePreset(ctx, "p", spool.PresetUpdate{Category: ptr("e"), Settings: []byte(`{"b":2}`)})
		want.Category, want.Settings, want.UpdatedAt = "e", []byte(`{"b":2}`), at.Add(2*time.Second)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v updated as a whole (-want +got):\n%s", err, d)
		}

		_, err = h.CreatePreset(ctx, spool.Preset{Name: "p", Settings: []byte(`{}`)})
		h.refused("a taken name", err, spool.ErrConflict)
		_, err = h.CreatePreset(ctx, spool.Preset{Name: "System-A", Settings: []byte(`{}`)})
		h.refused("the name of a system preset", err, spool.ErrConflict)
		_, err = h.CreatePreset(ctx, spool.Preset{Settings: []byte(`{}`)})
		h.refused("no name", err, spool.ErrInvalid)
		_, err = h.CreatePreset(ctx, spool.Preset{Name: "x", Settings: []byte(`{}`), Tags: map[string]string{"aws:x": ""}})
		h.refused("a tag out of bounds", err, spool.ErrInvalid)
		_, err = h.GetPreset(ctx, "none")
		h.refused("get an unknown one", err, spool.ErrNotFound)
		_, err = h.UpdatePreset(ctx, "none", spool.PresetUpdate{})
		h.refused("update an unknown one", err, spool.ErrNotFound)
		h.refused("delete an unknown one", h.DeletePreset(ctx, "none"), spool.ErrNotFound)
		_, err = h.UpdatePreset(ctx, "System-A", spool.PresetUpdate{})
		h.refused("update a system preset", err, spool.ErrInvalid)
		h.refused("delete a system preset", h.DeletePreset(ctx, "System-A"), spool.ErrInvalid)

		h.must(h.DeletePreset(ctx, "p"))
		_, err = h.GetPreset(ctx, "p")
		h.refused("get a deleted one", err, spool.ErrNotFound)
	})
}

func TestJobTemplate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		want := spool.JobTemplate{Name: "t", Settings: []byte(`{}`), Queue: "arn:aws:mediaconvert:us-east-1:000000000000:queues/q", Priority: ptr(3)}
		made, err := h.CreateJobTemplate(ctx, want)
		h.must(err)
		want.Queue, want.Type, want.CreatedAt, want.UpdatedAt = "q", spool.TypeCustom, epoch.Add(time.Second), epoch.Add(time.Second)
		if d := cmp.Diff(want, made); d != "" {
			t.Errorf("made (-want +got):\n%s", d)
		}
		got, err := h.UpdateJobTemplate(ctx, "t", spool.JobTemplateUpdate{
			Category: ptr("c"), Description: ptr("d"), Settings: []byte(`{"x":1}`), Queue: ptr(""), Priority: ptr(0),
			AccelerationMode: ptr("PREFERRED"), StatusUpdateInterval: ptr("SECONDS_12"), Hops: []spool.Hop{{Queue: "r", WaitMinutes: 1}},
		})
		want.Category, want.Description, want.Settings, want.Queue, want.Priority = "c", "d", []byte(`{"x":1}`), "", ptr(0)
		want.AccelerationMode, want.StatusUpdateInterval, want.Hops = "PREFERRED", "SECONDS_12", []spool.Hop{{Queue: "r", WaitMinutes: 1}}
		want.UpdatedAt = epoch.Add(2 * time.Second)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v updated (-want +got):\n%s", err, d)
		}
		got, err = h.UpdateJobTemplate(ctx, "t", spool.JobTemplateUpdate{})
		want.UpdatedAt = epoch.Add(3 * time.Second)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v updated with nothing (-want +got):\n%s", err, d)
		}
		got, err = h.UpdateJobTemplate(ctx, "t", spool.JobTemplateUpdate{Hops: []spool.Hop{}})
		if len(got.Hops) != 0 || err != nil {
			t.Errorf("the hops were taken away, and are %v: %v", got.Hops, err)
		}
		if got, err := h.GetJobTemplate(ctx, "t"); len(got.Hops) != 0 || got.AccelerationMode != "PREFERRED" || err != nil {
			t.Errorf("read again: %+v %v", got, err)
		}

		hopping(t, h)
		_, err = h.CreateJobTemplate(ctx, spool.JobTemplate{Name: "t", Settings: []byte(`{}`)})
		h.refused("a taken name", err, spool.ErrConflict)
		_, err = h.CreateJobTemplate(ctx, spool.JobTemplate{Name: "System-T", Settings: []byte(`{}`)})
		h.refused("the name of a system template", err, spool.ErrConflict)
		_, err = h.CreateJobTemplate(ctx, spool.JobTemplate{Settings: []byte(`{}`)})
		h.refused("no name", err, spool.ErrInvalid)
		_, err = h.UpdateJobTemplate(ctx, "none", spool.JobTemplateUpdate{})
		h.refused("update an unknown one", err, spool.ErrNotFound)
		_, err = h.UpdateJobTemplate(ctx, "System-T", spool.JobTemplateUpdate{})
		h.refused("update a system template", err, spool.ErrInvalid)
		h.refused("delete a system template", h.DeleteJobTemplate(ctx, "System-T"), spool.ErrInvalid)
		h.must(h.DeleteJobTemplate(ctx, "t"))
		h.refused("delete a deleted one", h.DeleteJobTemplate(ctx, "t"), spool.ErrNotFound)
	})
}

// hopping: a template never hops to its own queue, whichever of the two was
// there first; a refused update changes nothing.
func hopping(t *testing.T, h *house) {
	t.Helper()
	ctx := t.Context()
	_, err := h.CreateJobTemplate(ctx, spool.JobTemplate{Name: "hopping", Settings: []byte(`{}`), Queue: "q"})
	h.must(err)
	q, r := spool.Hop{Queue: "q", WaitMinutes: 1}, spool.Hop{Queue: "r", WaitMinutes: 1}
	update := func(want string, u spool.JobTemplateUpdate) {
		t.Helper()
		_, err := h.UpdateJobTemplate(ctx, "hopping", u)
		var problems spool.Problems
		if want == "" {
			h.must(err)
		} else if !errors.As(err, &problems) || problems.Error() != want {
			t.Errorf("%+v: %v\nwant %s", u, err, want)
		}
	}
	update("/hopDestinations/1/queue: Should be another queue than the one the job is submitted to", spool.JobTemplateUpdate{Hops: []spool.Hop{r, q}})
	update("", spool.JobTemplateUpdate{Hops: []spool.Hop{r}})
	update("/queue: Should be another queue than the ones that the template's jobs hop to", spool.JobTemplateUpdate{Queue: ptr("r")})
	update("/hopDestinations/0/queue: Should be another queue than the one the job is submitted to", spool.JobTemplateUpdate{
		Queue: ptr("arn:aws:mediaconvert:us-east-1:000000000000:queues/r"), Hops: []spool.Hop{r}})
	if got, err := h.GetJobTemplate(ctx, "hopping"); err != nil || got.Queue != "q" || len(got.Hops) != 1 {
		t.Errorf("after what was refused: %+v %v", got, err)
	}
	update("", spool.JobTemplateUpdate{Queue: ptr("r"), Hops: []spool.Hop{q}})
	update("", spool.JobTemplateUpdate{Queue: ptr("")}) // jobs name their own
	update("", spool.JobTemplateUpdate{Hops: []spool.Hop{q, r}})
	h.must(h.DeleteJobTemplate(ctx, "hopping"))
}

// However many come at once, no more than the quota get in; a name that is
// taken is said to be so even when there is no room.
func TestQuota(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		var wg sync.WaitGroup
		var mu sync.Mutex
		made := map[string]bool{}
		for i := range 8 {
			wg.Go(func() {
				name := fmt.Sprint(i)
				_, err := h.CreatePreset(ctx, spool.Preset{Name: name, Settings: []byte(`{}`)})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made[name] = true
				} else {
					h.refused("one too many", err, spool.ErrQuota)
				}
			})
		}
		wg.Wait()
		if len(made) != 3 {
			t.Fatalf("%d presets were made, and 3 are allowed", len(made))
		}
		for name := range made {
			_, err := h.CreatePreset(ctx, spool.Preset{Name: name, Settings: []byte(`{}`)})
			h.refused("a taken name without room", err, spool.ErrConflict)
			_, err = h.CreateJobTemplate(ctx, spool.JobTemplate{Name: name, Settings: []byte(`{}`)}) // has a quota of its own
			h.must(err)
		}
		_, err := h.CreateJobTemplate(ctx, spool.JobTemplate{Name: "x", Settings: []byte(`{}`)})
		h.refused("one template too many", err, spool.ErrQuota)
		for name := range made {
			h.must(h.DeletePreset(ctx, name))
			_, err := h.CreatePreset(ctx, spool.Preset{Name: "new", Settings: []byte(`{}`)})
			h.must(err)
			break
		}
	})
}

func TestLists(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, name := range []string{"c", "a", "b"} {
			_, err := h.CreatePreset(ctx, spool.Preset{Name: name, Category: name + name, Settings: []byte(`{}`)})
			h.must(err)
			_, err = h.CreateJobTemplate(ctx, spool.JobTemplate{Name: name, Category: name + name, Settings: []byte(`{}`)})
			h.must(err)
		}
		presets := func(f spool.CatalogFilter) (names string) {
			for f.Limit = 2; ; {
				list, more, err := h.ListPresets(ctx, f)
				h.must(err)
				for _, p := range list {
					names += p.Name + " "
				}
				if !more {
					return names
				}
				names += "/ "
				f.After = list[len(list)-1].Place(f.ByCreation)
			}
		}
		templates := func(f spool.CatalogFilter) (names string) {
			f.Limit = 20
			list, more, err := h.ListJobTemplates(ctx, f)
			h.must(err)
			for _, p := range list {
				names += p.Name + " "
			}
			if more {
				names += "…"
			}
			return names
		}
		for _, c := range []struct {
			f                  spool.CatalogFilter
			presets, templates string
		}{
			{spool.CatalogFilter{Ascending: true}, "a b / c ", "a b c "},
			{spool.CatalogFilter{}, "c b / a ", "c b a "},
			{spool.CatalogFilter{ByCreation: true, Ascending: true}, "c a / b ", "c a b "},
			{spool.CatalogFilter{ByCreation: true}, "b a / c ", "b a c "},
			{spool.CatalogFilter{Category: "bb"}, "b ", "b "},
			{spool.CatalogFilter{Category: "HLS"}, "", ""},
			{spool.CatalogFilter{System: true, Ascending: true}, "System-A System-B / System-C ", "System-T "},
			{spool.CatalogFilter{System: true}, "System-C System-B / System-A ", "System-T "},
			{spool.CatalogFilter{System: true, Ascending: true, Category: "HLS"}, "System-B System-C ", "System-T "},
			{spool.CatalogFilter{System: true, ByCreation: true}, "System-C System-B / System-A ", "System-T "},
		} {
			if got := presets(c.f); got != c.presets {
				t.Errorf("presets %+v: %q, want %q", c.f, got, c.presets)
			}
			if got := templates(c.f); got != c.templates {
				t.Errorf("templates %+v: %q, want %q", c.f, got, c.templates)
			}
		}
	})
}

func TestLibrary(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, err := h.CreatePreset(t.Context(), spool.Preset{Name: "mine", Settings: []byte(`{}`)})
		h.must(err)
		l := h.Library(t.Context())
		for _, name := range []string{"mine", "System-B"} {
			if p, err := l.Preset(name); p.Name != name || err != nil {
				t.Errorf("preset %s: %+v %v", name, p, err)
			}
		}
		if p, err := l.JobTemplate("System-T"); p.Name != "System-T" || err != nil {
			t.Errorf("template: %+v %v", p, err)
		}
		_, err = l.Preset("none")
		h.refused("an unknown preset", err, spool.ErrNotFound)
		_, err = l.JobTemplate("none")
		h.refused("an unknown template", err, spool.ErrNotFound)
	})
}
