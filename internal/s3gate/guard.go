package s3gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/pkg/xattr"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// guard stands before the posix backend. The methods here change objects:
// check, store, make durable, announce, in this order. Those that only read are
// in read.go; the rest is the backend's own.
type guard struct {
	backend.Backend
	disk   disk
	owner  string // access key of the root account
	events announcer
}

// toTheEnd gives the context of a request that stores something. The server
// ends those of all requests at once when it begins to stop; one under way is to
// be finished then, and its client told so.
func toTheEnd(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// PutObject stores one body, from a PUT or from a form.
func (g *guard) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return s3response.PutObjectOutput{}, err
	}
	name := "ObjectCreated:Put"
	if isFormPost(ctx) {
		// A form's length is a guess; its reader demands the closing boundary.
		name = "ObjectCreated:Post"
		if strings.Contains(*in.Key, "${filename}") { // the gateway keeps no file name to put in
			return s3response.PutObjectOutput{}, refusal(http.StatusNotImplemented, "NotImplemented",
				"The variable ${filename} in the key of a form is not built yet: sign a form for the whole key.")
		}
	} else {
		in.Body = wholeBody(in.Body, in.ContentLength)
	}
	out, err := g.Backend.PutObject(toTheEnd(ctx), in)
	if err != nil {
		return out, g.fault("store", in.Bucket, in.Key, err)
	}
	size, err := g.disk.syncObject(*in.Bucket, *in.Key)
	if err != nil {
		return s3response.PutObjectOutput{}, g.fault("make durable", in.Bucket, in.Key, err)
	}
	if out.Size != nil {
		size = *out.Size // of this body, where another has replaced it already
	}
	err = g.events.announce(ctx, change{name: name, bucket: *in.Bucket, key: *in.Key, size: &size, etag: out.ETag, versionID: out.VersionID})
	if err != nil {
		return s3response.PutObjectOutput{}, err
	}
	return out, nil
}

// CopyObject copies within the server.
func (g *guard) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	if err := g.checkSource(in.CopySource); err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	out, err := g.Backend.CopyObject(toTheEnd(ctx), in)
	if err != nil {
		return out, g.fault("copy", in.Bucket, in.Key, err)
	}
	size, err := g.disk.syncObject(*in.Bucket, *in.Key)
	if err != nil {
		return s3response.CopyObjectOutput{}, g.fault("make durable", in.Bucket, in.Key, err)
	}
	c := change{name: "ObjectCreated:Copy", bucket: *in.Bucket, key: *in.Key, size: &size, versionID: deref(out.VersionId)}
	if out.CopyObjectResult != nil {
		c.etag = deref(out.CopyObjectResult.ETag)
	}
	if err := g.events.announce(ctx, c); err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	return out, nil
}

// CreateMultipartUpload begins an upload in parts; its record is made durable.
func (g *guard) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return s3response.InitiateMultipartUploadResult{}, err
	}
	out, err := g.Backend.CreateMultipartUpload(toTheEnd(ctx), in)
	if err != nil {
		return out, g.fault("begin an upload", in.Bucket, in.Key, err)
	}
	if _, err := g.disk.syncObject(*in.Bucket, uploadFolder(*in.Key, out.UploadId)); err != nil {
		return s3response.InitiateMultipartUploadResult{}, g.fault("make an upload durable", in.Bucket, in.Key, err)
	}
	return out, nil
}

// UploadPart stores one part.
func (g *guard) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return nil, err
	}
	if in.Body != nil {
		in.Body = wholeBody(in.Body, in.ContentLength)
	}
	out, err := g.Backend.UploadPart(toTheEnd(ctx), in)
	if err != nil {
		return out, g.fault("store a part", in.Bucket, in.Key, err)
	}
	return out, g.syncPart(in.Bucket, in.Key, in.UploadId, in.PartNumber)
}

// UploadPartCopy stores one part out of another object.
func (g *guard) UploadPartCopy(ctx context.Context, in *s3.UploadPartCopyInput) (s3response.CopyPartResult, error) {
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return s3response.CopyPartResult{}, err
	}
	if err := g.checkSource(in.CopySource); err != nil {
		return s3response.CopyPartResult{}, err
	}
	out, err := g.Backend.UploadPartCopy(toTheEnd(ctx), in)
	if err != nil {
		return out, g.fault("store a part", in.Bucket, in.Key, err)
	}
	return out, g.syncPart(in.Bucket, in.Key, in.UploadId, in.PartNumber)
}

func (g *guard) syncPart(bucket, key, upload *string, part *int32) error {
	name := path.Join(uploadFolder(*key, deref(upload)), strconv.Itoa(int(*part)))
	if _, err := g.disk.syncObject(*bucket, name); err != nil {
		return g.fault("make a part durable", bucket, key, err)
	}
	return nil
}

// uploadFolder is where the posix backend keeps the parts of an upload, as a key.
func uploadFolder(key, upload string) string {
	sum := sha256.Sum256([]byte(key))
	return path.Join(tempFolder, "multipart", hex.EncodeToString(sum[:]), upload)
}

// CompleteMultipartUpload joins the parts into the object.
func (g *guard) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	fail := func(err error) (s3response.CompleteMultipartUploadResult, string, error) {
		return s3response.CompleteMultipartUploadResult{}, "", err
	}
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return fail(err)
	}
	out, version, err := g.Backend.CompleteMultipartUpload(toTheEnd(ctx), in)
	if err != nil {
		return out, version, g.fault("join the parts", in.Bucket, in.Key, err)
	}
	size, err := g.disk.syncObject(*in.Bucket, *in.Key)
	if err != nil {
		return fail(g.fault("make durable", in.Bucket, in.Key, err))
	}
	err = g.events.announce(ctx, change{name: "ObjectCreated:CompleteMultipartUpload",
		bucket: *in.Bucket, key: *in.Key, size: &size, etag: deref(out.ETag), versionID: version})
	if err != nil {
		return fail(err)
	}
	return out, version, nil
}

// DeleteObject removes an object. As with S3, a missing one is no error; it
// raises no event.
func (g *guard) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return nil, err
	}
	there := g.disk.exists(*in.Bucket, *in.Key) || deref(in.VersionId) != ""
	out, err := g.Backend.DeleteObject(ctx, in)
	if err != nil {
		return out, g.fault("remove", in.Bucket, in.Key, err)
	}
	if !there {
		return out, nil
	}
	if err := g.disk.syncParents(*in.Bucket, *in.Key); err != nil {
		return nil, g.fault("make a removal durable", in.Bucket, in.Key, err)
	}
	c := change{name: "ObjectRemoved:Delete", bucket: *in.Bucket, key: *in.Key, versionID: deref(out.VersionId)}
	if out.DeleteMarker != nil && *out.DeleteMarker && deref(in.VersionId) == "" {
		c.name = "ObjectRemoved:DeleteMarkerCreated"
	}
	if err := g.events.announce(ctx, c); err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteObjects removes many, each with its own result and its own event.
func (g *guard) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	var res s3response.DeleteResult
	if in.Delete == nil {
		return res, s3err.GetAPIError(s3err.ErrMalformedXML)
	}
	for _, obj := range in.Delete.Objects {
		out, err := g.DeleteObject(ctx, &s3.DeleteObjectInput{
			Bucket: in.Bucket, Key: obj.Key, VersionId: obj.VersionId,
			IfMatch: obj.ETag, IfMatchLastModifiedTime: obj.LastModifiedTime, IfMatchSize: obj.Size,
		})
		if err != nil {
			res.Error = append(res.Error, s3err.ObjectDeleteError(obj.Key, obj.VersionId, err))
			continue
		}
		done := types.DeletedObject{Key: obj.Key, DeleteMarker: out.DeleteMarker, VersionId: obj.VersionId}
		if out.DeleteMarker != nil && *out.DeleteMarker {
			done.DeleteMarkerVersionId = out.VersionId
		}
		res.Deleted = append(res.Deleted, done)
	}
	return res, nil
}

// CreateBucket first adopts a folder of that name: the backend answers with a
// 500 for one that lacks its attributes.
func (g *guard) CreateBucket(ctx context.Context, in *s3.CreateBucketInput, acl []byte) error {
	if in.Bucket != nil {
		if err := g.adopt(*in.Bucket); err != nil {
			return err
		}
	}
	if err := g.Backend.CreateBucket(ctx, in, acl); err != nil {
		return err
	}
	if _, err := g.disk.syncObject(*in.Bucket, ""); err != nil {
		return err
	}
	_, err := g.disk.syncFile(g.disk.root)
	return err
}

// adoptBuckets makes buckets of the folders under the root that lack the
// backend's attributes, because they were made by hand or without an owner.
func (g *guard) adoptBuckets() error {
	entries, err := os.ReadDir(g.disk.root)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if err := g.adopt(e.Name()); err != nil {
			return err
		}
	}
	return nil
}

func (g *guard) adopt(bucket string) error {
	dir := filepath.Join(g.disk.root, bucket)
	if fi, err := os.Lstat(dir); err != nil || !fi.IsDir() {
		return nil //nolint:nilerr // nothing to adopt
	}
	var acl auth.ACL
	if b, err := xattr.Get(dir, "user.acl"); err == nil {
		if acl, err = auth.ParseACL(b); err != nil || acl.Owner != "" {
			return nil //nolint:nilerr // it is someone's
		}
	}
	acl.Owner = g.owner
	b, err := json.Marshal(acl)
	if err != nil {
		return err
	}
	if err := xattr.Set(dir, "user.acl", b); err != nil {
		return fmt.Errorf("adopt the bucket %s (extended attributes are needed): %w", bucket, err)
	}
	if _, err := xattr.Get(dir, "user.ownership"); err != nil {
		return xattr.Set(dir, "user.ownership", []byte(types.ObjectOwnershipBucketOwnerEnforced))
	}
	return nil
}

// fault turns what the disk said into an S3 error: the words are for the log,
// not for the client.
func (g *guard) fault(doing string, bucket, key *string, err error) error {
	if known, ok := errors.AsType[s3err.S3Error](err); ok {
		return known
	}
	g.events.log.Error("the S3 server could not "+doing, "bucket", deref(bucket), "key", deref(key), "error", err)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return s3err.GetAPIError(s3err.ErrNoSpaceLeftOnDevice)
	}
	return s3err.GetAPIError(s3err.ErrInternalError)
}

// checkSource refuses a copy from an aliased key or over a link.
func (g *guard) checkSource(source *string) error {
	bucket, key, _, err := backend.ParseCopySource(deref(source))
	if err != nil {
		return err
	}
	return g.disk.check(&bucket, &key)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
