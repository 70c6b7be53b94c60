package objects

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"

	"spool/internal/spool"
)

// overwriteTemp are the names that the gateway links a new version under for a
// moment before it renames it over the old one.
var overwriteTemp = regexp.MustCompile(`^\..*\.sgwtmp\.[0-9]+$`)

// List gives the objects whose keys begin with prefix, in the byte order of
// their keys as S3 does. Only regular files with keys that spool.CheckKey allows
// are objects; the gateway's temporary files are not. Objects that come or go
// while it runs may be there or not. It ends after the first error; a missing
// bucket is spool.ErrNotFound.
func (f *Folder) List(ctx context.Context, bucket, prefix string) iter.Seq2[spool.Object, error] {
	return func(yield func(spool.Object, error) bool) {
		if err := f.checkBucketFolder(bucket); err != nil {
			yield(spool.Object{}, err)
			return
		}
		w := walk{ctx: ctx, folder: f, bucket: bucket, prefix: prefix, yield: yield}
		w.dir("")
	}
}

type walk struct {
	ctx            context.Context
	folder         *Folder
	bucket, prefix string
	yield          func(spool.Object, error) bool
}

// dir walks the folder whose keys begin with at ("" or "a/b/"); false stops all.
func (w *walk) dir(at string) bool {
	if err := w.ctx.Err(); err != nil {
		w.yield(spool.Object{}, err)
		return false
	}
	entries, err := fs.ReadDir(w.folder.root.FS(), path.Join(w.bucket, at))
	if isAbsent(err) && at != "" {
		return true // pruned while we walked
	}
	if err != nil {
		w.yield(spool.Object{}, fmt.Errorf("list %s: %w", spool.S3URI(w.bucket, at), err))
		return false
	}
	// "a-b" comes before "a/b", and "a/b" before "a0": a folder sorts with its slash.
	keys := make([]string, 0, len(entries))
	for _, e := range entries {
		switch {
		case e.IsDir() && (at != "" || e.Name() != tempFolder):
			keys = append(keys, at+e.Name()+"/")
		case e.Type().IsRegular() && !overwriteTemp.MatchString(e.Name()):
			keys = append(keys, at+e.Name())
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if spool.CheckKey(key) != nil {
			continue // a name that no key can have, put there by hand
		}
		if !w.key(key) {
			return false
		}
	}
	return true
}

func (w *walk) key(key string) bool {
	if strings.HasSuffix(key, "/") {
		if strings.HasPrefix(key, w.prefix) || strings.HasPrefix(w.prefix, key) {
			return w.dir(key)
		}
		return true
	}
	if !strings.HasPrefix(key, w.prefix) || checkKey(key) != nil {
		return true
	}
	o, err := w.folder.Stat(w.ctx, w.bucket, key)
	if errors.Is(err, spool.ErrNotFound) || errors.Is(err, spool.ErrInvalid) {
		return true // gone, or no object any more
	}
	if err != nil {
		w.yield(spool.Object{}, err)
		return false
	}
	return w.yield(o, nil)
}
