package store_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"spool/internal/store"
)

func TestOpenSmoke(t *testing.T) {
	t.Parallel()
	db, err := store.Open(context.Background(), "sqlite:"+filepath.Join(t.TempDir(), "a b%?#.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Tx(t.Context(), func(tx *store.Tx) error { return tx.Outbox(t.Context(), "x", "1", []byte(`{}`)) }); err != nil {
		t.Fatal(err)
	}
	rows, err := db.PendingOutbox(t.Context(), 10)
	t.Log(rows, err)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
