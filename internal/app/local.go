package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"

	"spool/internal/spool"
)

// localObjects are the buckets of `spool convert`: s3://bucket/key is
// DIR/bucket/key. Inputs given on the command line stand under buckets of
// their own, which name no folder.
type localObjects struct {
	root   *os.Root
	dir    string // absolute
	inputs map[string]string
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
	return &localObjects{root: root, dir: abs, inputs: map[string]string{}}, nil
}

// addInput gives an s3:// URI by which a local file can be named in a job.
func (l *localObjects) addInput(i int, file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	base := filepath.Base(abs)
	if err := spool.CheckKey(base); err != nil {
		return "", fmt.Errorf("the input %q can't be used: %w", file, err)
	}
	uri := spool.S3URI(fmt.Sprintf("input-%d", i), base)
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
		file = filepath.Join(l.dir, bucket, filepath.FromSlash(key))
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
	err = l.root.Rename(rel, name)
	if errors.Is(err, unix.EXDEV) {
		return l.copy(staged, name)
	}
	return err
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
		err = l.root.Rename(name+".part", name)
	}
	return err
}

// Remove implements work.Objects.
func (l *localObjects) Remove(_ context.Context, o spool.Object) error {
	err := l.root.Remove(path.Join(o.Bucket, o.Key))
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
