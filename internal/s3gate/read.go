package s3gate

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/s3response"
)

// The methods here read objects or their properties: the keys are checked, so
// that nothing is read under another name or over a link.

// HeadObject describes an object.
func (g *guard) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return nil, err
	}
	return g.Backend.HeadObject(ctx, in)
}

// GetObject reads an object.
func (g *guard) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return nil, err
	}
	return g.Backend.GetObject(ctx, in)
}

// GetObjectAttributes describes an object.
func (g *guard) GetObjectAttributes(ctx context.Context, in *s3.GetObjectAttributesInput) (s3response.GetObjectAttributesResponse, error) {
	if err := g.disk.check(in.Bucket, in.Key); err != nil {
		return s3response.GetObjectAttributesResponse{}, err
	}
	return g.Backend.GetObjectAttributes(ctx, in)
}

// GetObjectTagging reads tags.
func (g *guard) GetObjectTagging(ctx context.Context, bucket, object, version string) (map[string]string, error) {
	if err := g.disk.check(&bucket, &object); err != nil {
		return nil, err
	}
	return g.Backend.GetObjectTagging(ctx, bucket, object, version)
}

// PutObjectTagging writes tags.
func (g *guard) PutObjectTagging(ctx context.Context, bucket, object, version string, tags map[string]string) error {
	if err := g.disk.check(&bucket, &object); err != nil {
		return err
	}
	return g.Backend.PutObjectTagging(ctx, bucket, object, version, tags)
}

// DeleteObjectTagging removes tags.
func (g *guard) DeleteObjectTagging(ctx context.Context, bucket, object, version string) error {
	if err := g.disk.check(&bucket, &object); err != nil {
		return err
	}
	return g.Backend.DeleteObjectTagging(ctx, bucket, object, version)
}

// PutObjectRetention writes an object's retention.
func (g *guard) PutObjectRetention(ctx context.Context, bucket, object, version string, retention []byte) error {
	if err := g.disk.check(&bucket, &object); err != nil {
		return err
	}
	return g.Backend.PutObjectRetention(ctx, bucket, object, version, retention)
}

// PutObjectLegalHold writes an object's legal hold.
func (g *guard) PutObjectLegalHold(ctx context.Context, bucket, object, version string, status bool) error {
	if err := g.disk.check(&bucket, &object); err != nil {
		return err
	}
	return g.Backend.PutObjectLegalHold(ctx, bucket, object, version, status)
}

// ListObjects lists without what cannot be read: links and odd names that were
// put into the folder by hand.
func (g *guard) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	if err := g.disk.refuseLinks(deref(in.Bucket), ""); err != nil {
		return s3response.ListObjectsResult{}, err
	}
	out, err := g.Backend.ListObjects(ctx, in)
	out.Contents = g.readable(deref(in.Bucket), out.Contents)
	return out, err
}

// ListObjectsV2 is the same as ListObjects.
func (g *guard) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (s3response.ListObjectsV2Result, error) {
	if err := g.disk.refuseLinks(deref(in.Bucket), ""); err != nil {
		return s3response.ListObjectsV2Result{}, err
	}
	out, err := g.Backend.ListObjectsV2(ctx, in)
	before := len(out.Contents)
	out.Contents = g.readable(deref(in.Bucket), out.Contents)
	if gone := int32(before - len(out.Contents)); gone > 0 && out.KeyCount != nil {
		*out.KeyCount -= gone
	}
	return out, err
}

func (g *guard) readable(bucket string, objects []s3response.Object) []s3response.Object {
	return slices.DeleteFunc(objects, func(o s3response.Object) bool {
		return g.disk.check(&bucket, o.Key) != nil
	})
}
