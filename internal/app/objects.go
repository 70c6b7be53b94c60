package app

import (
	"context"
	"errors"
	"slices"

	"spool/internal/objects"
	"spool/internal/spool"
)

// folderObjects adapts the bucket folder to what the work stage asks for.
type folderObjects struct{ *objects.Folder }

// CheckBucket implements work.Objects.
func (f folderObjects) CheckBucket(ctx context.Context, bucket string) error {
	names, err := f.Buckets(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(names, bucket) {
		return spool.ErrNotFound
	}
	return nil
}

// Remove implements work.Objects: only what the job wrote itself is taken back.
func (f folderObjects) Remove(ctx context.Context, o spool.Object) error {
	there, err := f.Stat(ctx, o.Bucket, o.Key)
	switch {
	case errors.Is(err, spool.ErrNotFound):
		return nil
	case err != nil:
		return err
	case there.ProducedBy != o.ProducedBy:
		return nil
	}
	return f.Folder.Remove(ctx, o.Bucket, o.Key)
}
