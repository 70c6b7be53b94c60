package app

import (
	"context"
	"path/filepath"
	"runtime"

	"spool/internal/access"
	"spool/internal/catalog"
	"spool/internal/mediaconvert"
	"spool/internal/spool"
	"spool/internal/store"
)

// startAccess starts the keeper of access keys, with the data folder's own pair
// as the root's.
func (s *Server) startAccess(ctx context.Context) error {
	keys, err := access.New(ctx, access.Options{
		Store: s.db, Root: spool.AccessKey{Access: s.accessKey, Secret: s.secretKey}, Log: s.log,
		InTx: func(ctx context.Context, f func(access.Tx) error) error {
			return s.db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
	})
	if err != nil {
		return err
	}
	s.access = keys
	s.background("access", keys.Run)
	return nil
}

// startCatalog starts the keeper of presets, job templates, tags and the input
// policy. Support bundles go to the data folder's "support".
func (s *Server) startCatalog(context.Context) error {
	s.catalog = catalog.New(catalog.Options{
		Store: s.db, Identity: s.cfg.Identity, Log: s.log,
		InTx: func(ctx context.Context, f func(catalog.Tx) error) error {
			return s.db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
		SystemPresets: mediaconvert.SystemPresets(), SystemTemplates: mediaconvert.SystemJobTemplates(),
		MaxPresets: s.cfg.Limits.Presets, MaxTemplates: s.cfg.Limits.JobTemplates,
		Bundles: filepath.Join(s.cfg.DataDir, "support"),
		Versions: map[string]string{
			"spool": s.version, "go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH, "ffmpeg": s.tools.Version,
		},
	})
	return nil
}
