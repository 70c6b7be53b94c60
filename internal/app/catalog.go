package app

import (
	"context"
	"path/filepath"
	"runtime"

	"spool/internal/catalog"
	"spool/internal/mediaconvert"
	"spool/internal/store"
)

// startCatalog starts the keeper of presets, job templates, tags and the input
// policy. Support bundles go to the data folder's "support".
func (s *Server) startCatalog(context.Context) error {
	s.catalog = catalog.New(catalog.Options{
		Store: s.db, Identity: s.cfg.Identity, Log: s.log,
		InTx: func(ctx context.Context, f func(catalog.Tx) error) error {
			return s.db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
		SystemPresets: mediaconvert.SystemPresets(), SystemTemplates: mediaconvert.SystemJobTemplates(),
		MaxPresets: catalog.DefaultQuota, MaxTemplates: catalog.DefaultQuota,
		Bundles: filepath.Join(s.cfg.DataDir, "support"),
		Versions: map[string]string{
			"spool": s.version, "go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH, "ffmpeg": s.tools.Version,
		},
	})
	return nil
}
