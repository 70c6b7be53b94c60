package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"spool/internal/catalog"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// house is a service on a real database, with two of Spool's own and a clock
// that goes on by a second with each look.
type house struct {
	*catalog.Service
	db      *store.DB
	bundles string
	t       *testing.T
}

func build(t *testing.T, dsn string, most int) *house {
	t.Helper()
	h := &house{db: storetest.Open(t, dsn), bundles: filepath.Join(t.TempDir(), "support"), t: t}
	var ticks atomic.Int64
	h.Service = catalog.New(catalog.Options{
		Store: h.db, Identity: spool.DefaultIdentity(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		InTx: func(ctx context.Context, f func(tx catalog.Tx) error) error {
			return h.db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
		Now: func() time.Time { return epoch.Add(time.Duration(ticks.Add(1)) * time.Second) },
		SystemPresets: []spool.Preset{
			{Name: "System-B", Category: "HLS", Type: spool.TypeSystem, Settings: []byte(`{}`), CreatedAt: epoch},
			{Name: "System-A", Category: "MP4", Type: spool.TypeSystem, Settings: []byte(`{}`), CreatedAt: epoch},
			{Name: "System-C", Category: "HLS", Type: spool.TypeSystem, Settings: []byte(`{}`), CreatedAt: epoch},
		},
		SystemTemplates: []spool.JobTemplate{{Name: "System-T", Category: "HLS", Type: spool.TypeSystem, Settings: []byte(`{}`), CreatedAt: epoch}},
		MaxPresets:      most, MaxTemplates: most, Bundles: h.bundles, Versions: map[string]string{"spool": "v9"},
	})
	return h
}

// each runs a test on both databases.
func each(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) { f(t, build(t, dsn, 3)) })
}

// must fails the test on an error.
func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// refused wants an error of a kind, with words for the user.
func (h *house) refused(what string, err, kind error) {
	h.t.Helper()
	var user *spool.UserError
	var problems spool.Problems
	if !errors.Is(err, kind) || !errors.As(err, &user) && !errors.As(err, &problems) {
		h.t.Errorf("%s: %v; want one for the user of the kind %v", what, err, kind)
	}
}

func ptr[T any](v T) *T { return &v }
