package objects

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"spool/internal/spool"

	"github.com/google/uuid"
	"github.com/pkg/xattr"
	"golang.org/x/sys/unix"
)

// Publish moves a finished local file into its bucket in one step: readers see
// the whole object or none, and after the return it survives a power failure.
// staged is an absolute path and is gone afterwards. Of o it uses Bucket, Key,
// ContentType, ContentEncoding and ProducedBy; the ETag is the MD5 of the bytes, as of a plain
// PUT. An object of the same key is replaced.
//
// It may be repeated: when staged is gone and the target was produced by the
// same job, it is done. Errors: spool.ErrInvalid (key, not a regular file),
// spool.ErrNotFound (no bucket, no staged file), spool.ErrConflict (a key "a"
// beside "a/b"), syscall.ENOSPC or EDQUOT when the disk is full.
func (f *Folder) Publish(ctx context.Context, staged string, o spool.Object) error {
	if err := f.publish(ctx, staged, o); err != nil {
		return fmt.Errorf("publish %s: %w", o.URI(), err)
	}
	return nil
}

func (f *Folder) publish(ctx context.Context, staged string, o spool.Object) error {
	if !filepath.IsAbs(staged) {
		return fmt.Errorf("the staged file %q is not named by an absolute path", staged)
	}
	if err := checkKey(o.Key); err != nil {
		return err
	}
	if err := f.checkBucketFolder(o.Bucket); err != nil {
		return err
	}
	src, err := os.OpenFile(staged, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return f.publishedBefore(ctx, o)
	}
	if err != nil {
		return fmt.Errorf("the staged file: %w", err)
	}
	defer src.Close()
	if fi, err := src.Stat(); err != nil {
		return err
	} else if !fi.Mode().IsRegular() {
		return spool.Userf(spool.ErrInvalid, "the staged file is not a regular file")
	}
	sum := md5.New()
	if _, err := io.Copy(sum, &contextReader{ctx, src}); err != nil {
		return fmt.Errorf("read the staged file: %w", err)
	}

	err = seal(src, o, sum)
	if err == nil {
		err = f.place(o, func(dirfd int, base string) error {
			return unix.Renameat(unix.AT_FDCWD, staged, dirfd, base)
		})
	}
	// Another file system, or one without extended attributes (tmpfs): by copy.
	if errors.Is(err, syscall.EXDEV) || errors.Is(err, syscall.ENOTSUP) {
		return f.publishCopy(ctx, src, staged, o, sum)
	}
	return err
}

// publishedBefore answers for a staged file that is gone.
func (f *Folder) publishedBefore(ctx context.Context, o spool.Object) error {
	there, err := f.Stat(ctx, o.Bucket, o.Key)
	if err == nil && o.ProducedBy != "" && there.ProducedBy == o.ProducedBy {
		return nil
	}
	if err != nil && !errors.Is(err, spool.ErrNotFound) {
		return err
	}
	return fmt.Errorf("the staged file is gone: %w", spool.ErrNotFound)
}

// publishCopy brings a staged file in from another file system: copied beside
// the uploads under way first, so that the last step is a rename again.
func (f *Folder) publishCopy(ctx context.Context, src *os.File, staged string, o spool.Object, sum hash.Hash) error {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return err
	}
	dir := path.Join(o.Bucket, tempFolder)
	if err := f.root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	temp := path.Join(dir, "spool."+uuid.NewString())
	dst, err := f.root.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer dst.Close()
	placed := false
	defer func() {
		if !placed {
			_ = f.root.Remove(temp)
		}
	}()
	if _, err := io.Copy(dst, &contextReader{ctx, src}); err != nil {
		return err
	}
	if err := seal(dst, o, sum); err != nil {
		return err
	}
	from, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := f.place(o, func(dirfd int, base string) error {
		return unix.Renameat(int(from.Fd()), path.Base(temp), dirfd, base)
	}); err != nil {
		return err
	}
	placed = true
	return os.Remove(staged)
}

// seal gives a file the attributes and the mode of an object and makes its
// bytes durable.
func seal(file *os.File, o spool.Object, sum hash.Hash) error {
	attrs := map[string]string{
		attrETag:            `"` + hex.EncodeToString(sum.Sum(nil)) + `"`,
		attrContentType:     o.ContentType,
		attrContentEncoding: o.ContentEncoding,
		attrJob:             o.ProducedBy,
	}
	for name, value := range attrs {
		if value == "" {
			continue
		}
		if err := xattr.FSet(file, name, []byte(value)); err != nil {
			return err
		}
	}
	if err := file.Chmod(0o644); err != nil {
		return err
	}
	return file.Sync()
}

// place makes the parents of the object, renames into the last of them, and
// makes the name durable.
func (f *Folder) place(o spool.Object, rename func(dirfd int, base string) error) error {
	dir, base := path.Split(path.Join(o.Bucket, o.Key))
	dir = strings.TrimSuffix(dir, "/")
	for try := 0; ; try++ {
		err := f.makeParents(dir)
		if err == nil {
			err = f.renameInto(dir, base, rename)
		}
		if errors.Is(err, syscall.ENOENT) && try < 100 {
			continue // a removal pruned a parent in between
		}
		if errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) {
			return spool.Userf(spool.ErrConflict, "other objects have keys that begin with %q", o.Key+"/")
		}
		return err
	}
}

func (f *Folder) renameInto(dir, base string, rename func(dirfd int, base string) error) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := rename(int(d.Fd()), base); err != nil {
		return err
	}
	return d.Sync()
}

// makeParents makes every missing folder of dir, durably, and refuses whatever
// else stands in the way.
func (f *Folder) makeParents(dir string) error {
	at := ""
	for part := range strings.SplitSeq(dir, "/") {
		parent := at
		at = path.Join(at, part)
		fi, err := f.root.Lstat(at)
		switch {
		case err == nil && fi.IsDir():
			continue
		case err == nil && fi.Mode()&fs.ModeSymlink != 0:
			return spool.Userf(spool.ErrInvalid, "%q is a symbolic link, which is not followed", at)
		case err == nil:
			return spool.Userf(spool.ErrConflict, "%q is an object already, so no key can go below it", at)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		case parent == "":
			return spool.Userf(spool.ErrNotFound, "there is no bucket %q", at)
		}
		if err := f.root.Mkdir(at, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := f.syncDir(parent); err != nil {
			return err
		}
	}
	return nil
}

// contextReader ends a long copy when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
