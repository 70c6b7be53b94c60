package s3gate

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/s3response"
)

// What the gateway looks up before it stores something. A request that came
// before the server was told to stop is to be finished, and these are its first
// steps: they too must not end with the server's wish to stop (see toTheEnd).

// GetBucketAcl gives a bucket's access rules.
func (g *guard) GetBucketAcl(ctx context.Context, in *s3.GetBucketAclInput) ([]byte, error) {
	return g.Backend.GetBucketAcl(toTheEnd(ctx), in)
}

// GetBucketPolicy gives a bucket's policy.
func (g *guard) GetBucketPolicy(ctx context.Context, bucket string) ([]byte, error) {
	return g.Backend.GetBucketPolicy(toTheEnd(ctx), bucket)
}

// GetBucketCors gives a bucket's CORS rules.
func (g *guard) GetBucketCors(ctx context.Context, bucket string) ([]byte, error) {
	return g.Backend.GetBucketCors(toTheEnd(ctx), bucket)
}

// GetBucketVersioning tells whether a bucket keeps versions.
func (g *guard) GetBucketVersioning(ctx context.Context, bucket string) (s3response.GetBucketVersioningOutput, error) {
	return g.Backend.GetBucketVersioning(toTheEnd(ctx), bucket)
}

// GetObjectLockConfiguration tells whether a bucket locks its objects.
func (g *guard) GetObjectLockConfiguration(ctx context.Context, bucket string) ([]byte, error) {
	return g.Backend.GetObjectLockConfiguration(toTheEnd(ctx), bucket)
}
