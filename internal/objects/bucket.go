package objects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"spool/internal/spool"

	"github.com/pkg/xattr"
	"golang.org/x/sys/unix"
)

// Folder is a store of buckets, each a folder directly under one root. It is
// safe for use by many goroutines and beside the S3 gateway on the same root.
type Folder struct {
	// Owner is the access key that EnsureBucket writes down as the owner of a
	// new bucket. Empty means the gateway's root account. Set it before use.
	Owner string

	path string   // of root, absolute and without symbolic links
	root *os.Root // nothing is opened but through it
}

// OpenFolder opens the store under root, an absolute path, and makes the folder
// when there is none.
func OpenFolder(root string) (*Folder, error) {
	if !filepath.IsAbs(root) {
		return nil, fmt.Errorf("open the folder of buckets: %q is not an absolute path", root)
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, fmt.Errorf("open the folder of buckets: %w", err)
	}
	path, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, fmt.Errorf("open the folder of buckets: %w", err)
	}
	r, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open the folder of buckets: %w", err)
	}
	return &Folder{path: path, root: r}, nil
}

// Root gives the absolute path of the store, without symbolic links.
func (f *Folder) Root() string { return f.path }

// Close lets go of the root. Objects that are open stay readable.
func (f *Folder) Close() error { return f.root.Close() }

// FreeBytes tells how many bytes an ordinary user may still write.
func (f *Folder) FreeBytes() (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(f.path, &st); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", f.path, err)
	}
	return int64(st.Bavail) * st.Frsize, nil
}

// Buckets lists the names of all buckets in order.
func (f *Folder) Buckets(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list the buckets: %w", err)
	}
	var names []string
	for _, e := range entries { // ReadDir sorts by name
		if e.IsDir() && CheckBucket(e.Name()) == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// EnsureBucket makes a bucket when there is none. A bad name gives
// spool.ErrInvalid with a message for the user.
func (f *Folder) EnsureBucket(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := CheckBucket(name); err != nil {
		return err
	}
	switch err := f.root.Mkdir(name, 0o755); {
	case errors.Is(err, fs.ErrExist):
		return f.checkBucketFolder(name)
	case err != nil:
		return fmt.Errorf("make the bucket %s: %w", name, err)
	}
	if err := f.markBucket(name); err != nil {
		return fmt.Errorf("make the bucket %s: %w", name, err)
	}
	return f.syncDir(".")
}

// markBucket writes the two attributes that the gateway keeps with a bucket;
// without them its CreateBucket for the same name fails with a 500.
func (f *Folder) markBucket(name string) error {
	d, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	acl, err := json.Marshal(struct {
		Owner    string
		Grantees []string
	}{Owner: f.Owner})
	if err != nil {
		return err
	}
	if err := xattr.FSet(d, attrBucketACL, acl); err != nil {
		return fmt.Errorf("extended attributes are needed here: %w", err)
	}
	if err := xattr.FSet(d, attrBucketOwnership, []byte("BucketOwnerEnforced")); err != nil {
		return err
	}
	return d.Sync()
}

// checkBucketFolder tells whether a bucket is there, as a real folder.
func (f *Folder) checkBucketFolder(name string) error {
	if err := CheckBucket(name); err != nil {
		return err
	}
	fi, err := f.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return spool.Userf(spool.ErrNotFound, "there is no bucket %q", name)
	case err != nil:
		return fmt.Errorf("bucket %s: %w", name, err)
	case !fi.IsDir():
		return spool.Userf(spool.ErrInvalid, "the bucket %q is not a folder", name)
	}
	return nil
}

// CheckBucket refuses what is not a name of a general purpose bucket by the
// rules of S3. The error is a spool.ErrInvalid with a message for the user.
func CheckBucket(name string) error {
	bad := func(why string) error {
		return spool.Userf(spool.ErrInvalid, "%q is not a bucket name: %s", name, why)
	}
	if len(name) < 3 || len(name) > 63 {
		return bad("it must be 3 to 63 characters long")
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' {
			return bad("only a-z, 0-9, dots and hyphens are allowed")
		}
	}
	if strings.Trim(name, ".-") != name {
		return bad("it must begin and end with a letter or a digit")
	}
	if strings.Contains(name, "..") {
		return bad("two dots stand side by side")
	}
	if addr, err := netip.ParseAddr(name); err == nil && addr.Is4() {
		return bad("it looks like an IP address")
	}
	for _, p := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, p) {
			return bad("the beginning " + p + " is reserved")
		}
	}
	for _, s := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, s) {
			return bad("the ending " + s + " is reserved")
		}
	}
	return nil
}

// RemoveTemp removes what interrupted uploads and publications left in the
// buckets' temporary folders and nobody has written to since before. Uploads in
// parts that are still open are left alone. It gives the number of files.
func (f *Folder) RemoveTemp(ctx context.Context, before time.Time) (int, error) {
	buckets, err := f.Buckets(ctx)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, b := range buckets {
		dir := path.Join(b, tempFolder)
		entries, err := fs.ReadDir(f.root.FS(), dir)
		if isAbsent(err) {
			continue
		}
		if err != nil {
			return removed, fmt.Errorf("clean up %s: %w", dir, err)
		}
		for _, e := range entries {
			fi, err := f.root.Lstat(path.Join(dir, e.Name()))
			if err != nil || !fi.Mode().IsRegular() || !fi.ModTime().Before(before) {
				continue
			}
			if err := f.root.Remove(path.Join(dir, e.Name())); err == nil {
				removed++
			} else if !isAbsent(err) {
				return removed, fmt.Errorf("clean up %s: %w", dir, err)
			}
		}
	}
	return removed, nil
}
