package s3gate

import (
	"context"
	"net/http"

	"spool/internal/spool"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

// roles stands before the backend and lets a key do what its role may: read
// lists and reads; submit also puts, copies and deletes objects; admin also
// makes, sets up and deletes buckets. Every method of the backend that changes
// something is here; a test holds that against the backend's interface.
type roles struct {
	backend.Backend
	keys Keys
}

// need refuses a request whose key may not do what needs a role. The key is
// asked for again: it may have been revoked since its signature was checked.
func (r roles) need(ctx context.Context, role spool.Role) error {
	account, _ := ctx.Value("account").(auth.Account)
	if account.Access == "" { // not signed: the gateway found that the bucket's policy lets everyone do this
		if role == spool.RoleAdmin {
			return refusal(http.StatusForbidden, "AccessDenied", "Sign the request: this needs a key with the role %s.", role)
		}
		return nil
	}
	k, known := r.keys.Key(account.Access)
	switch {
	case !known:
		return refusal(http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
	case !k.Role.May(role):
		return refusal(http.StatusForbidden, "AccessDenied", "The access key %s has the role %s, and this needs the role %s.", k.Access, k.Role, role)
	}
	return nil
}

// CreateBucket needs the role admin.
func (r roles) CreateBucket(ctx context.Context, in *s3.CreateBucketInput, acl []byte) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.CreateBucket(ctx, in, acl)
}

// PutBucketAcl needs the role admin.
func (r roles) PutBucketAcl(ctx context.Context, bucket string, data []byte) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutBucketAcl(ctx, bucket, data)
}

// DeleteBucket needs the role admin.
func (r roles) DeleteBucket(ctx context.Context, bucket string) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.DeleteBucket(ctx, bucket)
}

// PutBucketVersioning needs the role admin.
func (r roles) PutBucketVersioning(ctx context.Context, bucket string, status types.BucketVersioningStatus) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutBucketVersioning(ctx, bucket, status)
}

// PutBucketPolicy needs the role admin.
func (r roles) PutBucketPolicy(ctx context.Context, bucket string, policy []byte) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutBucketPolicy(ctx, bucket, policy)
}

// DeleteBucketPolicy needs the role admin.
func (r roles) DeleteBucketPolicy(ctx context.Context, bucket string) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.DeleteBucketPolicy(ctx, bucket)
}

// PutBucketOwnershipControls needs the role admin.
func (r roles) PutBucketOwnershipControls(ctx context.Context, bucket string, ownership types.ObjectOwnership) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutBucketOwnershipControls(ctx, bucket, ownership)
}

// DeleteBucketOwnershipControls needs the role admin.
func (r roles) DeleteBucketOwnershipControls(ctx context.Context, bucket string) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.DeleteBucketOwnershipControls(ctx, bucket)
}

// PutBucketCors needs the role admin.
func (r roles) PutBucketCors(ctx context.Context, bucket string, cors []byte) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutBucketCors(ctx, bucket, cors)
}

// DeleteBucketCors needs the role admin.
func (r roles) DeleteBucketCors(ctx context.Context, bucket string) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.DeleteBucketCors(ctx, bucket)
}

// PutBucketWebsite needs the role admin.
func (r roles) PutBucketWebsite(ctx context.Context, bucket string, website []byte) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutBucketWebsite(ctx, bucket, website)
}

// DeleteBucketWebsite needs the role admin.
func (r roles) DeleteBucketWebsite(ctx context.Context, bucket string) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.DeleteBucketWebsite(ctx, bucket)
}

// PutBucketTagging needs the role admin.
func (r roles) PutBucketTagging(ctx context.Context, bucket string, tags map[string]string) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutBucketTagging(ctx, bucket, tags)
}

// DeleteBucketTagging needs the role admin.
func (r roles) DeleteBucketTagging(ctx context.Context, bucket string) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.DeleteBucketTagging(ctx, bucket)
}

// PutObjectLockConfiguration needs the role admin.
func (r roles) PutObjectLockConfiguration(ctx context.Context, bucket string, config []byte) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutObjectLockConfiguration(ctx, bucket, config)
}

// ChangeBucketOwner needs the role admin.
func (r roles) ChangeBucketOwner(ctx context.Context, bucket, owner string) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.ChangeBucketOwner(ctx, bucket, owner)
}

// PutObjectAcl needs the role admin: it opens an object to others.
func (r roles) PutObjectAcl(ctx context.Context, in *s3.PutObjectAclInput) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutObjectAcl(ctx, in)
}

// PutObjectRetention needs the role admin: nobody else could delete the object.
func (r roles) PutObjectRetention(ctx context.Context, bucket, object, version string, retention []byte) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutObjectRetention(ctx, bucket, object, version, retention)
}

// PutObjectLegalHold needs the role admin, as PutObjectRetention does.
func (r roles) PutObjectLegalHold(ctx context.Context, bucket, object, version string, status bool) error {
	if err := r.need(ctx, spool.RoleAdmin); err != nil {
		return err
	}
	return r.Backend.PutObjectLegalHold(ctx, bucket, object, version, status)
}

// PutObject needs the role submit.
func (r roles) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return s3response.PutObjectOutput{}, err
	}
	return r.Backend.PutObject(ctx, in)
}

// CopyObject needs the role submit.
func (r roles) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	return r.Backend.CopyObject(ctx, in)
}

// CreateMultipartUpload needs the role submit.
func (r roles) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return s3response.InitiateMultipartUploadResult{}, err
	}
	return r.Backend.CreateMultipartUpload(ctx, in)
}

// UploadPart needs the role submit.
func (r roles) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return nil, err
	}
	return r.Backend.UploadPart(ctx, in)
}

// UploadPartCopy needs the role submit.
func (r roles) UploadPartCopy(ctx context.Context, in *s3.UploadPartCopyInput) (s3response.CopyPartResult, error) {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return s3response.CopyPartResult{}, err
	}
	return r.Backend.UploadPartCopy(ctx, in)
}

// CompleteMultipartUpload needs the role submit.
func (r roles) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return s3response.CompleteMultipartUploadResult{}, "", err
	}
	return r.Backend.CompleteMultipartUpload(ctx, in)
}

// AbortMultipartUpload needs the role submit.
func (r roles) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) error {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return err
	}
	return r.Backend.AbortMultipartUpload(ctx, in)
}

// DeleteObject needs the role submit.
func (r roles) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return nil, err
	}
	return r.Backend.DeleteObject(ctx, in)
}

// DeleteObjects needs the role submit.
func (r roles) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return s3response.DeleteResult{}, err
	}
	return r.Backend.DeleteObjects(ctx, in)
}

// RestoreObject needs the role submit.
func (r roles) RestoreObject(ctx context.Context, in *s3.RestoreObjectInput) error {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return err
	}
	return r.Backend.RestoreObject(ctx, in)
}

// PutObjectTagging needs the role submit.
func (r roles) PutObjectTagging(ctx context.Context, bucket, object, version string, tags map[string]string) error {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return err
	}
	return r.Backend.PutObjectTagging(ctx, bucket, object, version, tags)
}

// DeleteObjectTagging needs the role submit.
func (r roles) DeleteObjectTagging(ctx context.Context, bucket, object, version string) error {
	if err := r.need(ctx, spool.RoleSubmit); err != nil {
		return err
	}
	return r.Backend.DeleteObjectTagging(ctx, bucket, object, version)
}
