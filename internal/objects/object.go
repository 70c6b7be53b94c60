package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"spool/internal/spool"

	"github.com/pkg/xattr"
)

// The extended attributes of the gateway's posix backend (versitygw 1.8), and
// our own. The ETag is kept with its quotes.
const (
	attrETag            = "user.etag"
	attrContentType     = "user.content-type"
	attrContentEncoding = "user.content-encoding"
	attrVersionID       = "user.version-id"
	attrDeleteMarker    = "user.delete-marker"
	attrBucketACL       = "user.acl"
	attrBucketOwnership = "user.ownership"
	attrJob             = "user.spool.job"

	tempFolder         = ".sgwtmp"             // per bucket: uploads under way
	defaultContentType = "binary/octet-stream" // what S3 says when nobody said
)

// Stat describes an object. A missing one gives spool.ErrNotFound; a key that
// could not be one, a symbolic link or a special file gives spool.ErrInvalid.
// A file that was put into the folder by hand has no ETag.
func (f *Folder) Stat(ctx context.Context, bucket, key string) (spool.Object, error) {
	file, o, err := f.open(ctx, bucket, key)
	if err != nil {
		return spool.Object{}, err
	}
	return o, file.Close()
}

// Open opens an object for reading; errors as Stat. A later overwrite or
// removal does not touch what was opened.
func (f *Folder) Open(ctx context.Context, bucket, key string) (io.ReadSeekCloser, spool.Object, error) {
	file, o, err := f.open(ctx, bucket, key)
	if err != nil {
		return nil, spool.Object{}, err
	}
	return file, o, nil
}

// Path gives the absolute path of an object's file, so that a tool can read it
// in place; errors as Stat. Nothing on the way below the root is a symbolic link.
func (f *Folder) Path(ctx context.Context, bucket, key string) (string, error) {
	file, _, err := f.open(ctx, bucket, key)
	if err != nil {
		return "", err
	}
	if err := file.Close(); err != nil {
		return "", err
	}
	return filepath.Join(f.path, bucket, filepath.FromSlash(key)), nil
}

// Remove removes an object and the parent folders that it leaves empty, as the
// gateway does. A missing object is fine.
func (f *Folder) Remove(ctx context.Context, bucket, key string) error {
	if _, err := f.locate(ctx, bucket, key); err != nil {
		if errors.Is(err, spool.ErrNotFound) {
			return nil
		}
		return err
	}
	name := path.Join(bucket, key)
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", spool.S3URI(bucket, key), err)
	}
	dir := path.Dir(name)
	for dir != bucket && !f.isFolderObject(dir) {
		if err := f.root.Remove(dir); err != nil {
			break // not empty, or gone already
		}
		dir = path.Dir(dir)
	}
	if err := f.syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", spool.S3URI(bucket, key), err)
	}
	return nil
}

// isFolderObject tells whether a folder was itself put as an object ("a/"):
// the gateway then gives it an ETag, and it stays when it runs empty.
func (f *Folder) isFolderObject(dir string) bool {
	d, err := f.root.Open(dir)
	if err != nil {
		return false
	}
	defer d.Close()
	return attr(d, attrETag) != ""
}

// locate checks a bucket and a key and every part on the way, and gives what
// lies there: always a regular file.
func (f *Folder) locate(ctx context.Context, bucket, key string) (fs.FileInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if err := f.checkBucketFolder(bucket); err != nil {
		return nil, err
	}
	notFound := func() error {
		return spool.Userf(spool.ErrNotFound, "there is no object %s", spool.S3URI(bucket, key))
	}
	name := bucket
	var fi fs.FileInfo
	for part := range strings.SplitSeq(key, "/") {
		if fi != nil && !fi.IsDir() {
			return nil, notFound() // a/b asked for where a is an object
		}
		name = path.Join(name, part)
		var err error
		fi, err = f.root.Lstat(name)
		switch {
		case isAbsent(err):
			return nil, notFound()
		case err != nil:
			return nil, fmt.Errorf("%s: %w", spool.S3URI(bucket, key), err)
		case fi.Mode()&fs.ModeSymlink != 0:
			return nil, spool.Userf(spool.ErrInvalid, "%s leads over a symbolic link, which is not followed", spool.S3URI(bucket, key))
		}
	}
	switch {
	case fi.IsDir():
		return nil, notFound()
	case !fi.Mode().IsRegular():
		return nil, spool.Userf(spool.ErrInvalid, "%s is not a regular file", spool.S3URI(bucket, key))
	}
	return fi, nil
}

// open opens an object and reads its attributes from the open file, so that
// both are of the same version even while it is being overwritten.
func (f *Folder) open(ctx context.Context, bucket, key string) (*os.File, spool.Object, error) {
	// An overwrite between the look and the opening shows as another file: look again.
	for range 10 {
		seen, err := f.locate(ctx, bucket, key)
		if err != nil {
			return nil, spool.Object{}, err
		}
		// O_NONBLOCK: a named pipe slipped in now must not hang us.
		file, err := f.root.OpenFile(path.Join(bucket, key), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if isAbsent(err) {
			continue
		}
		if err != nil {
			return nil, spool.Object{}, fmt.Errorf("open %s: %w", spool.S3URI(bucket, key), err)
		}
		fi, err := file.Stat()
		if err != nil {
			_ = file.Close()
			return nil, spool.Object{}, fmt.Errorf("open %s: %w", spool.S3URI(bucket, key), err)
		}
		if !os.SameFile(seen, fi) {
			_ = file.Close()
			continue
		}
		if _, err := xattr.FGet(file, attrDeleteMarker); err == nil {
			_ = file.Close()
			return nil, spool.Object{}, spool.Userf(spool.ErrNotFound, "there is no object %s", spool.S3URI(bucket, key))
		}
		return file, describe(file, fi, bucket, key), nil
	}
	return nil, spool.Object{}, fmt.Errorf("open %s: it is being replaced again and again", spool.S3URI(bucket, key))
}

func describe(file *os.File, fi fs.FileInfo, bucket, key string) spool.Object {
	o := spool.Object{
		Bucket:          bucket,
		Key:             key,
		VersionID:       attr(file, attrVersionID),
		ETag:            strings.Trim(attr(file, attrETag), `"`),
		Size:            fi.Size(),
		ContentType:     attr(file, attrContentType),
		ContentEncoding: attr(file, attrContentEncoding),
		ModTime:         fi.ModTime(),
		ProducedBy:      attr(file, attrJob),
	}
	if o.ContentType == "" {
		o.ContentType = defaultContentType
	}
	return o
}

// attr reads an extended attribute; absent and unreadable are both empty.
func attr(file *os.File, name string) string {
	b, err := xattr.FGet(file, name)
	if err != nil {
		return ""
	}
	return string(b)
}

// checkKey allows the keys of objects that hold bytes: spool.CheckKey, no
// folder object, and nothing of the gateway's own temporary files.
func checkKey(key string) error {
	if err := spool.CheckKey(key); err != nil {
		return spool.Userf(spool.ErrInvalid, "%s", err.Error())
	}
	if strings.HasSuffix(key, "/") {
		return spool.Userf(spool.ErrInvalid, "the key %q names a folder, not an object", key)
	}
	if first, _, _ := strings.Cut(key, "/"); first == tempFolder {
		return spool.Userf(spool.ErrInvalid, "the key %q lies in the folder %s, which is reserved", key, tempFolder)
	}
	return nil
}

// isAbsent tells errors that mean "no such object" from the others.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG)
}

// syncDir makes the names in a folder of the store durable.
func (f *Folder) syncDir(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
