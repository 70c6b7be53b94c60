package store

import (
	"context"
	"fmt"

	"spool/internal/spool"
)

// Access keys are stored with their secrets as the caller sealed them: Secret
// of what goes in and comes out here is never the secret itself.

// InsertKey writes a new access key. One that exists is spool.ErrConflict.
func (tx *Tx) InsertKey(ctx context.Context, k spool.AccessKey) error {
	res, err := tx.sql.ExecContext(ctx, `INSERT INTO access_keys (access, secret, role, note, created) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (access) DO NOTHING`, k.Access, k.Secret, string(k.Role), k.Note, micros(k.CreatedAt))
	if err != nil {
		return fmt.Errorf("write access key %s: %w", k.Access, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("write access key %s: %w", k.Access, err)
	} else if n == 0 {
		return spool.Userf(spool.ErrConflict, "The access key %q exists already.", k.Access)
	}
	return nil
}

// DeleteKey deletes an access key, or gives spool.ErrNotFound.
func (tx *Tx) DeleteKey(ctx context.Context, access string) error {
	res, err := tx.sql.ExecContext(ctx, `DELETE FROM access_keys WHERE access = $1`, access)
	if err != nil {
		return fmt.Errorf("delete access key %s: %w", access, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("delete access key %s: %w", access, err)
	} else if n == 0 {
		return spool.Userf(spool.ErrNotFound, "There is no access key %q.", access)
	}
	return nil
}

// Keys gives all access keys in the order of their making.
func (db *DB) Keys(ctx context.Context) ([]spool.AccessKey, error) {
	rows, err := db.read.QueryContext(ctx, `SELECT access, secret, role, note, created FROM access_keys ORDER BY created, access`)
	if err != nil {
		return nil, fmt.Errorf("list access keys: %w", err)
	}
	defer rows.Close()
	var list []spool.AccessKey
	for rows.Next() {
		var k spool.AccessKey
		var created int64
		if err := rows.Scan(&k.Access, &k.Secret, &k.Role, &k.Note, &created); err != nil {
			return nil, fmt.Errorf("list access keys: %w", err)
		}
		k.CreatedAt = fromMicros(created)
		list = append(list, k)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list access keys: %w", err)
	}
	return list, nil
}
