package s3gate

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"spool/internal/spool"

	"github.com/versity/versitygw/s3err"
)

// tempFolder is where the posix backend keeps uploads under way, per bucket.
const tempFolder = ".sgwtmp"

// disk looks at the folder behind the posix backend, where that is not enough.
type disk struct{ root string }

func refusal(status int, code, format string, args ...any) error {
	return s3err.APIError{Code: code, HTTPStatusCode: status, Description: fmt.Sprintf(format, args...)}
}

// check refuses the keys that would mean another file than they say, or that
// lead over a symbolic link; the backend would follow both without a word.
func (d disk) check(bucket, key *string) error {
	if bucket == nil || key == nil {
		return s3err.GetAPIError(s3err.ErrInvalidRequest)
	}
	if err := checkKey(*key); err != nil {
		return err
	}
	return d.refuseLinks(*bucket, *key)
}

// checkKey is spool.CheckKey in S3's words. Keys that end in a slash are
// folder objects, which S3 clients make.
func checkKey(key string) error {
	if err := spool.CheckKey(key); err != nil {
		return refusal(http.StatusBadRequest, "InvalidArgument", "This key cannot be stored: %s.", err)
	}
	if first, _, _ := strings.Cut(key, "/"); first == tempFolder {
		return refusal(http.StatusBadRequest, "InvalidArgument", "This key cannot be stored: the folder %s is reserved.", tempFolder)
	}
	return nil
}

// refuseLinks refuses a bucket or key with a symbolic link on its way.
func (d disk) refuseLinks(bucket, key string) error {
	name := d.root
	for part := range strings.SplitSeq(path.Join(bucket, key), "/") {
		name = filepath.Join(name, part)
		fi, err := os.Lstat(name)
		if err != nil {
			return nil // not there (yet), or the backend will say what is wrong
		}
		if fi.Mode()&fs.ModeSymlink != 0 {
			return refusal(http.StatusForbidden, "AccessDenied", "A symbolic link lies on the way to this key; it is not followed.")
		}
	}
	return nil
}

// file gives the absolute path of a key.
func (d disk) file(bucket, key string) string { return filepath.Join(d.root, bucket, key) }

// exists tells whether the key is there as what it says: file or folder.
func (d disk) exists(bucket, key string) bool {
	fi, err := os.Lstat(d.file(bucket, key))
	return err == nil && fi.IsDir() == strings.HasSuffix(key, "/")
}

// syncObject makes an object durable, bytes, attributes and name, and gives
// its size. The backend itself syncs nothing.
func (d disk) syncObject(bucket, key string) (size int64, err error) {
	size, err = d.syncFile(d.file(bucket, key))
	if err != nil {
		return 0, err
	}
	return size, d.syncParents(bucket, key)
}

func (d disk) syncFile(name string) (size int64, err error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil // removed again by another client: nothing to keep
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if fi.Mode().IsRegular() {
		size = fi.Size()
	}
	return size, f.Sync()
}

// syncParents makes the names durable on the way from the bucket to the key;
// folders on it may be new, or gone again after a removal.
func (d disk) syncParents(bucket, key string) error {
	dir := path.Join(bucket, strings.TrimSuffix(key, "/"))
	for dir != bucket && dir != "." {
		dir = path.Dir(dir)
		if _, err := d.syncFile(filepath.Join(d.root, dir)); err != nil {
			return err
		}
	}
	return nil
}
