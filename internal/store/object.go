package store

import (
	"context"
	"fmt"
	"time"
)

// PipelineSince gives the time from which a pipeline takes the objects of a
// bucket: when it was first seen there. The first call for a pipeline and a
// bucket writes now down. What lay in the bucket before is not the pipeline's
// to take.
func (db *DB) PipelineSince(ctx context.Context, name, bucket string, now time.Time) (time.Time, error) {
	var since int64
	err := db.Tx(ctx, func(tx *Tx) error {
		_, err := tx.sql.ExecContext(ctx, `INSERT INTO pipelines (name, bucket, since) VALUES ($1, $2, $3)
			ON CONFLICT (name, bucket) DO NOTHING`, name, bucket, micros(now))
		if err != nil {
			return err
		}
		return tx.sql.QueryRowContext(ctx, `SELECT since FROM pipelines WHERE name = $1 AND bucket = $2`, name, bucket).Scan(&since)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("note the pipeline %s: %w", name, err)
	}
	return fromMicros(since), nil
}
