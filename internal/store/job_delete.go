package store

import (
	"context"
	"fmt"
	"time"

	"spool/internal/spool"
)

// DeleteJobs removes up to limit jobs that ended before a time, the oldest
// first, with their tags and all that they are found by, and gives how many.
// Nothing else is changed: a job that has not ended is kept, however old.
func (db *DB) DeleteJobs(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = db.Tx(ctx, func(tx *Tx) error {
		rows, err := tx.sql.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE finished > 0 AND finished < $1 ORDER BY finished, id LIMIT $2`,
			micros(before), limit)
		if err != nil {
			return err
		}
		jobs, err := scanJobs(rows)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if err := tx.forget(ctx, j); err != nil {
				return err
			}
			if err := tx.deleteTags(ctx, spool.Resource{Kind: spool.KindJob, Name: j.ID}); err != nil {
				return err
			}
			if _, err := tx.sql.ExecContext(ctx, `DELETE FROM jobs WHERE id = $1`, j.ID); err != nil {
				return fmt.Errorf("job %s: %w", j.ID, err)
			}
		}
		n = len(jobs)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("delete old jobs: %w", err)
	}
	return n, nil
}
