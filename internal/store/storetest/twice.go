package storetest

import (
	"context"
	"errors"

	"spool/internal/store"
)

var errAgain = errors.New("again")

// Twice runs f in a transaction that is rolled back, and then in one that stays:
// that is what DB.Tx does after a deadlock on PostgreSQL, which comes when it
// likes. Services under test have it for their transactions, so that none of
// their functions keeps what its first run left.
func Twice(ctx context.Context, db *store.DB, f func(tx *store.Tx) error) error {
	err := db.Tx(ctx, func(tx *store.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return errAgain
	})
	if !errors.Is(err, errAgain) {
		return err
	}
	return db.Tx(ctx, f)
}
