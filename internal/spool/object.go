package spool

import (
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode/utf8"
)

// Object is one stored object, without its bytes.
type Object struct {
	Bucket      string
	Key         string
	VersionID   string // empty in an unversioned bucket
	ETag        string // without quotes
	Size        int64  // bytes
	ContentType string
	// ContentEncoding is gzip where the bytes are compressed; empty else.
	ContentEncoding string
	ModTime         time.Time
	ProducedBy      string // id of the Spool job that wrote it; empty for uploads
}

// URI gives s3://bucket/key with the key as it is, not escaped.
func (o Object) URI() string { return S3URI(o.Bucket, o.Key) }

// S3URI joins a bucket and a key; the key is not escaped (MediaConvert's form).
func S3URI(bucket, key string) string { return "s3://" + bucket + "/" + key }

// ParseS3URI splits s3://bucket/key. The key may be empty or end in a slash.
func ParseS3URI(uri string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	if !ok {
		return "", "", fmt.Errorf("%q does not begin with s3://", uri)
	}
	bucket, key, _ = strings.Cut(rest, "/")
	if bucket == "" {
		return "", "", fmt.Errorf("%q names no bucket", uri)
	}
	return bucket, key, nil
}

// CheckKey refuses the keys that could mean another file than they say, or none:
// empty, over 1,024 bytes, not UTF-8, with control characters, beginning or
// ending with a slash where a name is due, or with an empty, "." or ".." part.
// It is the one rule for uploads and for outputs alike (hostile-input.md).
func CheckKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("the key is empty")
	case len(key) > 1024:
		return fmt.Errorf("the key is %d bytes long; 1024 are allowed", len(key))
	case !utf8.ValidString(key):
		return fmt.Errorf("the key is not valid UTF-8")
	}
	for _, r := range key {
		if r < 0x20 || r == 0x7f {
			return fmt.Errorf("the key holds the control character U+%04X", r)
		}
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(key, "/"), "/") {
		switch {
		case part == "" || part == "." || part == "..":
			return fmt.Errorf("the key holds the path part %q", part)
		case len(part) > 255:
			return fmt.Errorf("the key holds a path part of %d bytes; 255 are allowed", len(part))
		}
	}
	return nil
}

// BaseName gives the last path element of a key or URL without its last
// extension: "a/NAME-1.14.mp4" gives "NAME-1.14" (behaviour.md 4.1). The path
// of an http(s) URL is unescaped first.
func BaseName(uri string) string {
	if u, err := url.Parse(uri); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		uri = u.Path
	}
	base := path.Base(uri)
	if base == "." || base == "/" {
		return ""
	}
	return strings.TrimSuffix(base, path.Ext(base))
}
