package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"spool/internal/plan"
	"spool/internal/spool"
)

// localObjects are the buckets of `spool convert`: s3://bucket/key is
// DIR/bucket/key. Inputs given on the command line stand under buckets of
// their own, which name no folder.
type localObjects struct {
	root   *os.Root
	dir    string            // absolute
	inputs map[string]string // paths by URI
	beside map[string]string // folders of playlists, by bucket

	synced  sync.Once
	syncErr error

	mu      sync.Mutex
	written map[string]bool // what this run published, by path below root
}

func openLocal(dir string) (*localObjects, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return nil, fmt.Errorf("make the output folder: %w", err)
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("open the output folder: %w", err)
	}
	return &localObjects{root: root, dir: abs, inputs: map[string]string{}, beside: map[string]string{}, written: map[string]bool{}}, nil
}

// addInput gives an s3:// URI by which a local file can be named in a job.
func (l *localObjects) addInput(i int, file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	switch info, err := os.Stat(abs); {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the input %s does not exist", file)
	case err != nil:
		return "", fmt.Errorf("the input %s can't be read: %w", file, err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("the input %s is not a regular file", file)
	}
	base := filepath.Base(abs)
	if err := spool.CheckKey(base); err != nil {
		return "", fmt.Errorf("the input %q can't be used: %w", file, err)
	}
	bucket := fmt.Sprintf("input-%d", i)
	if strings.EqualFold(filepath.Ext(base), ".m3u8") {
		l.beside[bucket] = filepath.Dir(abs) // a playlist names files beside it
	}
	uri := spool.S3URI(bucket, base)
	l.inputs[uri] = abs
	return uri, nil
}

// Path implements work.Objects.
func (l *localObjects) Path(_ context.Context, bucket, key string) (string, error) {
	file, given := l.inputs[spool.S3URI(bucket, key)]
	if !given {
		if err := spool.CheckKey(key); err != nil {
			return "", spool.Userf(spool.ErrInvalid, "%s", err)
		}
		file = filepath.Join(cmp.Or(l.beside[bucket], filepath.Join(l.dir, bucket)), filepath.FromSlash(key))
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s: %w", file, spool.ErrNotFound)
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", spool.Userf(spool.ErrInvalid, "it is not a regular file")
	}
	return file, nil
}

// CheckBucket implements work.Objects; folders are made as they are needed.
func (l *localObjects) CheckBucket(_ context.Context, bucket string) error {
	return spool.CheckKey(bucket)
}

// Publish implements work.Objects.
func (l *localObjects) Publish(_ context.Context, staged string, o spool.Object) error {
	if err := spool.CheckKey(o.Key); err != nil {
		return spool.Userf(spool.ErrInvalid, "%s", err)
	}
	name := path.Join(o.Bucket, o.Key)
	if err := l.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.Chmod(staged, 0o644); err != nil {
		return err
	}
	rel, err := filepath.Rel(l.dir, staged)
	if err != nil {
		return err
	}
	// All that is published has been verified by now: one sync of the file system
	// is as good as thousands of files', and far quicker.
	l.synced.Do(func() { l.syncErr = l.sync() })
	if l.syncErr != nil {
		return l.syncErr
	}
	err = l.root.Rename(rel, name)
	if errors.Is(err, unix.EXDEV) {
		err = l.copy(staged, name)
	}
	if err == nil {
		l.mu.Lock()
		l.written[name] = true
		l.mu.Unlock()
	}
	return err
}

// sync puts on the disk what is staged in the output folder.
func (l *localObjects) sync() error {
	d, err := os.Open(l.dir)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(d.Fd())), d.Close())
}

// checkTargets refuses a plan that would write over one of its own inputs,
// whatever name it goes by (behaviour.md 4.7).
func (l *localObjects) checkTargets(p *plan.Plan) error {
	for _, g := range p.Groups {
		var keys []string
		if g.Master != nil {
			keys = append(keys, g.Master.Key)
		}
		for _, o := range g.Outputs {
			if o.Kind != plan.KindCapture {
				keys = append(keys, o.Key)
			}
		}
		for _, key := range keys {
			target, err := l.root.Stat(path.Join(g.Bucket, key))
			if err != nil {
				continue // it is not there, so it is no input
			}
			for _, file := range l.inputs {
				if input, err := os.Stat(file); err == nil && os.SameFile(input, target) {
					return spool.Failf(spool.CodeIncompatible, "Duplicate input and output path [%s] found in job.", file)
				}
			}
		}
	}
	return nil
}

// copy is the way to a bucket that is a mount of its own.
func (l *localObjects) copy(staged, name string) error {
	from, err := os.Open(staged)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := l.root.Create(name + ".part")
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err == nil {
		return l.root.Rename(name+".part", name)
	}
	return errors.Join(err, l.root.Remove(name+".part"))
}

// Remove implements work.Objects.
func (l *localObjects) Remove(_ context.Context, o spool.Object) error {
	name := path.Join(o.Bucket, o.Key)
	l.mu.Lock()
	ours := l.written[name]
	l.mu.Unlock()
	if !ours {
		return nil
	}
	err := l.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// FreeBytes implements work.Objects.
func (l *localObjects) FreeBytes() (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(l.dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * st.Bsize, nil
}
