package objects_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"spool/internal/objects"
	"spool/internal/spool"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/xattr"
)

const bucket = "videos"

func newFolder(t testing.TB) *objects.Folder {
	t.Helper()
	f, err := objects.OpenFolder(filepath.Join(t.TempDir(), "s3"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := f.EnsureBucket(context.Background(), bucket); err != nil {
		t.Fatal(err)
	}
	return f
}

// stage writes a finished file as a worker leaves it.
func stage(t testing.TB, body string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "staged")
	if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func put(t testing.TB, f *objects.Folder, key, body string) {
	t.Helper()
	o := spool.Object{Bucket: bucket, Key: key, ContentType: "video/mp4", ProducedBy: "job-1"}
	if err := f.Publish(t.Context(), stage(t, body), o); err != nil {
		t.Fatal(err)
	}
}

func TestPublishAndRead(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	for _, key := range []string{
		"a.mp4", "x/y/z.m3u8", "vidéo d’été — 東京 & co.mov", "a+b%20c?#[1]'\".mp4", "-report", "dir/-x", "a b/c d",
	} {
		put(t, f, key, "body of "+key)
		r, o, err := f.Open(t.Context(), bucket, key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != "body of "+key {
			t.Errorf("%s: read %q, %v", key, got, err)
		}
		_ = r.Close()
		sum := md5.Sum(got)
		want := spool.Object{Bucket: bucket, Key: key, ETag: hex.EncodeToString(sum[:]), Size: int64(len(got)),
			ContentType: "video/mp4", ModTime: o.ModTime, ProducedBy: "job-1"}
		if d := cmp.Diff(want, o); d != "" {
			t.Error(d)
		}
		p, err := f.Path(t.Context(), bucket, key)
		if err != nil || p != filepath.Join(f.Root(), bucket, key) {
			t.Errorf("Path(%q) = %q, %v", key, p, err)
		}
		if v, err := xattr.Get(p, "user.etag"); err != nil || string(v) != `"`+want.ETag+`"` {
			t.Errorf("etag attribute %q, %v: the gateway wants quotes", v, err)
		}
	}
}

func TestPublishAgain(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	o := spool.Object{Bucket: bucket, Key: "out/a.ts", ContentType: "video/mp2t", ProducedBy: "job-1"}
	staged := stage(t, "one")
	for range 3 {
		if err := f.Publish(t.Context(), staged, o); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(staged); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the staged file stays: %v", err)
	}
	o.ProducedBy = "job-2"
	if err := f.Publish(t.Context(), staged, o); !errors.Is(err, spool.ErrNotFound) {
		t.Errorf("another job's missing file: %v, want not found", err)
	}
	if err := f.Publish(t.Context(), stage(t, "two"), o); err != nil {
		t.Fatal(err)
	}
	if got, _ := f.Stat(t.Context(), bucket, o.Key); got.ProducedBy != "job-2" || got.ETag != md5Hex("two") {
		t.Errorf("overwritten object is %+v", got)
	}
}

func md5Hex(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }

// Another file system: /dev/shm where it is one.
func TestPublishFromAnotherDevice(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	dir, err := os.MkdirTemp("/dev/shm", "spool-test-") //nolint:usetesting // t.TempDir is on the same device
	if err != nil {
		t.Skip("no /dev/shm here:", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	var a, b syscall.Stat_t
	if syscall.Stat(dir, &a) != nil || syscall.Stat(f.Root(), &b) != nil || a.Dev == b.Dev {
		t.Skip("/dev/shm is not another device than the test folder")
	}
	staged := filepath.Join(dir, "x")
	body := bytes.Repeat([]byte("0123456789"), 100_000)
	if err := os.WriteFile(staged, body, 0o600); err != nil {
		t.Fatal(err)
	}
	o := spool.Object{Bucket: bucket, Key: "deep/er/x.mp4", ContentType: "video/mp4", ProducedBy: "job-1"}
	if err := f.Publish(t.Context(), staged, o); err != nil {
		t.Fatal(err)
	}
	got, err := f.Stat(t.Context(), bucket, o.Key)
	if err != nil || got.Size != int64(len(body)) || got.ProducedBy != "job-1" || got.ETag != md5Hex(string(body)) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := os.Stat(staged); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the staged file stays: %v", err)
	}
	left, _ := os.ReadDir(filepath.Join(f.Root(), bucket, ".sgwtmp"))
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A disk that is full while a result is copied in: a file-size limit cannot
// stand for it, so a tiny file system is mounted where that is allowed.
func TestPublishDiskFull(t *testing.T) {
	t.Parallel()
	mnt := t.TempDir()
	if err := syscall.Mount("tmpfs", mnt, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("a small file system cannot be mounted here:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(mnt, 0) })
	f, err := objects.OpenFolder(filepath.Join(mnt, "s3"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := f.EnsureBucket(t.Context(), bucket); err != nil {
		t.Skip("tmpfs without extended attributes:", err)
	}
	staged := stage(t, strings.Repeat("x", 200_000))
	err = f.Publish(t.Context(), staged, spool.Object{Bucket: bucket, Key: "a/big.mp4"})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
	if _, err := f.Stat(t.Context(), bucket, "a/big.mp4"); !errors.Is(err, spool.ErrNotFound) {
		t.Errorf("half an object is there: %v", err)
	}
	if _, err := os.Stat(staged); err != nil {
		t.Errorf("the staged file is gone: %v", err)
	}
	if left, _ := os.ReadDir(filepath.Join(f.Root(), bucket, ".sgwtmp")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestListOrder(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	want := []string{"a", "b-c", "b.d", "b/c", "b/c-d", "b/e/f", "b0", "z/.hidden", "é"}
	for _, i := range []int{4, 8, 0, 2, 6, 1, 7, 3, 5} {
		put(t, f, want[i], "x")
	}
	base := filepath.Join(f.Root(), bucket)
	for _, name := range []string{".sgwtmp/multipart/x", "b/.c.sgwtmp.1712252725875", "bad\nname", "bad\xff/x"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(base, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(base, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range []string{"b/link", "linkdir"} {
		if err := os.Symlink(base, filepath.Join(base, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, prefix := range []string{"", "b", "b/", "b/c", "b/e/f", "z/.", "none", "a/../b", "b//c", "/", "../"} {
		var got, expect []string
		for _, k := range want {
			if strings.HasPrefix(k, prefix) {
				expect = append(expect, k)
			}
		}
		for o, err := range f.List(t.Context(), bucket, prefix) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, o.Key)
		}
		if d := cmp.Diff(expect, got); d != "" {
			t.Errorf("prefix %q: %s", prefix, d)
		}
	}
	for _, err := range f.List(t.Context(), "no-such-bucket", "") {
		if !errors.Is(err, spool.ErrNotFound) {
			t.Errorf("missing bucket: %v", err)
		}
	}
}

func TestRemovePrunesEmptyParents(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	put(t, f, "a/b/c/one", "1")
	put(t, f, "a/two", "2")
	if err := f.Remove(t.Context(), bucket, "a/b/c/one"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(f.Root(), bucket, "a", "b")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty parent stays: %v", err)
	}
	for _, key := range []string{"a/two", "a/two", "a/b/c/one", "never"} {
		if err := f.Remove(t.Context(), bucket, key); err != nil {
			t.Errorf("remove %s: %v", key, err)
		}
	}
	if _, err := os.Stat(filepath.Join(f.Root(), bucket)); err != nil {
		t.Errorf("the bucket went too: %v", err)
	}
}

// Publishing beside removals that prune the parents never fails.
func TestPublishWhilePruning(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	var wg sync.WaitGroup
	for _, name := range []string{"one", "two", "three"} {
		wg.Go(func() {
			for range 50 {
				o := spool.Object{Bucket: bucket, Key: "p/q/" + name, ProducedBy: "j"}
				staged := filepath.Join(f.Root(), "staged-"+name)
				if err := os.WriteFile(staged, []byte(name), 0o600); err != nil {
					t.Error(err)
				}
				if err := f.Publish(t.Context(), staged, o); err != nil {
					t.Error(err)
				}
				if err := f.Remove(t.Context(), bucket, o.Key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	base := filepath.Join(f.Root(), bucket)
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	put(t, f, "real/file", "x")
	for link, to := range map[string]string{
		"link": outside, "dirlink": filepath.Dir(outside), "inside": "real/file", "insidedir": "real",
	} {
		if err := os.Symlink(to, filepath.Join(base, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(base, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		bucket, key string
		want        error
	}{
		{bucket, "link", spool.ErrInvalid}, {bucket, "dirlink/secret", spool.ErrInvalid},
		{bucket, "inside", spool.ErrInvalid}, {bucket, "insidedir/file", spool.ErrInvalid},
		{bucket, "pipe", spool.ErrInvalid}, {bucket, "real", spool.ErrNotFound},
		{bucket, "real/file/deeper", spool.ErrNotFound}, {bucket, "none", spool.ErrNotFound},
		{bucket, "../" + bucket + "/real/file", spool.ErrInvalid}, {bucket, "real//file", spool.ErrInvalid},
		{bucket, "/real/file", spool.ErrInvalid}, {bucket, "./real/file", spool.ErrInvalid},
		{bucket, "real/", spool.ErrInvalid}, {bucket, ".sgwtmp/x", spool.ErrInvalid}, {bucket, "", spool.ErrInvalid},
		{bucket, "a\x00b", spool.ErrInvalid}, {"..", "x", spool.ErrInvalid}, {"videos/real", "file", spool.ErrInvalid},
		{"missing", "x", spool.ErrNotFound},
	} {
		if _, err := f.Path(t.Context(), c.bucket, c.key); !errors.Is(err, c.want) {
			t.Errorf("Path(%q, %q): %v, want %v", c.bucket, c.key, err, c.want)
		}
		if _, err := f.Stat(t.Context(), c.bucket, c.key); !errors.Is(err, c.want) {
			t.Errorf("Stat(%q, %q): %v, want %v", c.bucket, c.key, err, c.want)
		}
	}
	for key, want := range map[string]error{
		"dirlink/new": spool.ErrInvalid, "insidedir/new": spool.ErrInvalid, "real/file/new": spool.ErrConflict,
		"real": spool.ErrConflict, "a/../b": spool.ErrInvalid,
	} {
		err := f.Publish(t.Context(), stage(t, "x"), spool.Object{Bucket: bucket, Key: key})
		if !errors.Is(err, want) {
			t.Errorf("Publish %q: %v, want %v", key, err, want)
		}
	}
	if b, _ := os.ReadFile(outside); string(b) != "secret" {
		t.Errorf("the file outside was touched: %q", b)
	}
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	for _, bad := range []string{"", "ab", "Upper", "under_score", "-a-", "a..b", "192.168.1.1", "xn--abc", "a/b", "..", "x-s3alias", strings.Repeat("a", 64)} {
		if err := f.EnsureBucket(t.Context(), bad); !errors.Is(err, spool.ErrInvalid) {
			t.Errorf("EnsureBucket(%q) = %v", bad, err)
		}
	}
	for _, ok := range []string{"out", "a.b-c", bucket, bucket} {
		if err := f.EnsureBucket(t.Context(), ok); err != nil {
			t.Error(err)
		}
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(f.Root(), "linked")); err != nil {
		t.Fatal(err)
	}
	got, err := f.Buckets(t.Context())
	if d := cmp.Diff([]string{"a.b-c", "out", bucket}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	if free, err := f.FreeBytes(); err != nil || free <= 0 {
		t.Errorf("FreeBytes = %d, %v", free, err)
	}
	if _, err := objects.OpenFolder("relative"); err == nil {
		t.Error("a relative root is taken")
	}
}

// FuzzPath: whatever the key, a path is given only for the file of exactly that
// key, below the root.
func FuzzPath(f *testing.F) {
	for _, k := range []string{"a", "../x", "a/../b", "/etc/passwd", "a//b", "./a", "a\x00", "a/", "..", "…/é", strings.Repeat("a/", 600)} {
		f.Add(bucket, k)
	}
	f.Add("..", "x")
	folder := newFolder(f)
	f.Fuzz(func(t *testing.T, b, key string) {
		fits := spool.CheckKey(key) == nil && objects.CheckBucket(b) == nil && !strings.HasSuffix(key, "/")
		if fits && b == bucket {
			err := folder.Publish(t.Context(), stage(t, "x"), spool.Object{Bucket: b, Key: key})
			if err != nil && !errors.Is(err, spool.ErrConflict) && !errors.Is(err, spool.ErrInvalid) && !errors.Is(err, syscall.ENAMETOOLONG) {
				t.Fatalf("publish %q: %v", key, err)
			}
		}
		p, err := folder.Path(t.Context(), b, key)
		if err != nil {
			return
		}
		if !fits {
			t.Fatalf("%q %q is no object, but has the path %q", b, key, p)
		}
		rel, err := filepath.Rel(folder.Root(), p)
		if err != nil || rel != b+"/"+key || !filepath.IsLocal(rel) {
			t.Fatalf("%q %q leads to %q", b, key, p)
		}
		if err := folder.Remove(t.Context(), b, key); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRemoveTemp(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	put(t, f, "object", "x")
	temp := filepath.Join(f.Root(), bucket, ".sgwtmp")
	if err := os.MkdirAll(filepath.Join(temp, "multipart"), 0o755); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, age := range map[string]time.Duration{"spool.old": 2 * time.Hour, "spool.new": 0, "multipart/part": 2 * time.Hour} {
		file := filepath.Join(temp, name)
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := f.RemoveTemp(t.Context(), now.Add(-time.Hour)); n != 1 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	for name, there := range map[string]bool{"spool.old": false, "spool.new": true, "multipart/part": true, "../object": true} {
		if _, err := os.Stat(filepath.Join(temp, name)); (err == nil) != there {
			t.Errorf("%s: %v", name, err)
		}
	}
}
