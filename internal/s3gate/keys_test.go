package s3gate_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"spool/internal/spool"
)

// keyOf makes a key with a role.
func keyOf(t *testing.T, role spool.Role) spool.AccessKey {
	t.Helper()
	k, err := keyring.Create(t.Context(), role, t.Name())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// as gives a client that signs with a key.
func as(t *testing.T, k spool.AccessKey) *s3.Client {
	t.Helper()
	httpClient := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(httpClient.CloseIdleConnections)
	return s3.New(s3.Options{
		BaseEndpoint: aws.String("http://" + gate.Addr()), Region: "eu-central-1", UsePathStyle: true, HTTPClient: httpClient,
		RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: k.Access, SecretAccessKey: k.Secret}, nil
		}),
	})
}

// operation is something that a client does; it gives the code of the error.
type operation struct {
	name  string
	needs spool.Role
	do    func(ctx context.Context, c *s3.Client, bucket string) error
}

var operations = []operation{
	{"list buckets", spool.RoleRead, func(ctx context.Context, c *s3.Client, _ string) error {
		_, err := c.ListBuckets(ctx, &s3.ListBucketsInput{})
		return err
	}},
	{"list", spool.RoleRead, func(ctx context.Context, c *s3.Client, b string) error {
		out, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b})
		if err == nil && len(out.Contents) == 0 {
			return io.ErrUnexpectedEOF
		}
		return err
	}},
	{"get", spool.RoleRead, func(ctx context.Context, c *s3.Client, b string) error {
		out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &b, Key: aws.String("there")})
		if err == nil {
			_ = out.Body.Close()
		}
		return err
	}},
	{"head", spool.RoleRead, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b, Key: aws.String("there")})
		return err
	}},
	{"put", spool.RoleSubmit, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: &b, Key: aws.String("new"), Body: strings.NewReader("x")})
		return err
	}},
	{"copy", spool.RoleSubmit, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &b, Key: aws.String("copy"), CopySource: aws.String(b + "/there")})
		return err
	}},
	{"multipart", spool.RoleSubmit, func(ctx context.Context, c *s3.Client, b string) error {
		up, err := c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &b, Key: aws.String("parts")})
		if err != nil {
			return err
		}
		part, err := c.UploadPart(ctx, &s3.UploadPartInput{Bucket: &b, Key: aws.String("parts"), UploadId: up.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x")})
		if err != nil {
			return err
		}
		_, err = c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: &b, Key: aws.String("parts"), UploadId: up.UploadId,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}}}})
		return err
	}},
	{"tag an object", spool.RoleSubmit, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{Bucket: &b, Key: aws.String("there"),
			Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}})
		return err
	}},
	{"delete", spool.RoleSubmit, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b, Key: aws.String("none")})
		return err
	}},
	{"delete many", spool.RoleSubmit, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("none")}}}})
		return err
	}},
	{"make a bucket", spool.RoleAdmin, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(b + "-2")})
		return err
	}},
	{"delete a bucket", spool.RoleAdmin, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(b + "-3")})
		return err
	}},
	{"set CORS", spool.RoleAdmin, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: &b, CORSConfiguration: &types.CORSConfiguration{
			CORSRules: []types.CORSRule{{AllowedMethods: []string{"GET"}, AllowedOrigins: []string{"*"}}}}})
		return err
	}},
	{"set a policy", spool.RoleAdmin, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &b, Policy: aws.String(
			`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + b + `/public/*"}]}`)})
		return err
	}},
	{"tag a bucket", spool.RoleAdmin, func(ctx context.Context, c *s3.Client, b string) error {
		_, err := c.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &b,
			Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}})
		return err
	}},
}

// Each role may do what it may, and nothing else; and what was refused has
// changed nothing.
func TestRoles(t *testing.T) {
	t.Parallel()
	for _, role := range []spool.Role{spool.RoleRead, spool.RoleSubmit, spool.RoleAdmin} {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			root := client(t)
			b := newBucket(t, root)
			put(t, root, b, "there", []byte("x"))
			if _, err := root.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(b + "-3")}); err != nil {
				t.Fatal(err)
			}
			k := keyOf(t, role)
			c := as(t, k)
			for _, op := range operations {
				err := op.do(t.Context(), c, b)
				switch {
				case role.May(op.needs) && err != nil:
					t.Errorf("%s: %v", op.name, err)
				case !role.May(op.needs) && code(err) != "AccessDenied":
					t.Errorf("%s: %v, want AccessDenied", op.name, err)
				case !role.May(op.needs) && !strings.Contains(err.Error(), "needs the role "+string(op.needs)):
					t.Errorf("%s: the message does not say what is missing: %v", op.name, err)
				}
			}
			if names := recorded.names(t, b); role == spool.RoleRead && len(names) != 1 {
				t.Errorf("events of what the reader did: %v", names)
			}
			if err := keyring.Revoke(t.Context(), k.Access); err != nil {
				t.Fatal(err)
			}
			for _, op := range operations {
				// A HEAD has no body to say more.
				if err := op.do(t.Context(), c, b); code(err) != "InvalidAccessKeyId" && op.name != "head" || err == nil {
					t.Errorf("%s with a revoked key: %v", op.name, err)
				}
			}
		})
	}
}

// Who does not sign may do what the bucket's policy lets everyone do.
func TestPublicBucket(t *testing.T) {
	t.Parallel()
	c := client(t)
	b := newBucket(t, c)
	_, err := c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &b, Policy: aws.String(
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::` + b + `/public/*"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/public/a": 200, "/private/a": 403, "": 403, "?policy": 403} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+gate.Addr()+"/"+b+path, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		if resp := do(t, req); resp.StatusCode != want {
			body, _ := io.ReadAll(resp.Body)
			t.Errorf("PUT %s: %s %s", path, resp.Status, body)
		}
	}
}

// A browser's form is signed with a key too, and obeys its role.
func TestFormObeysKey(t *testing.T) {
	t.Parallel()
	b := newBucket(t, client(t))
	for role, want := range map[spool.Role]int{spool.RoleRead: 403, spool.RoleSubmit: 204} {
		k := keyOf(t, role)
		post, err := s3.NewPresignClient(as(t, k)).PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: aws.String("form")})
		if err != nil {
			t.Fatal(err)
		}
		send := func() *http.Response {
			var buf bytes.Buffer
			w := multipart.NewWriter(&buf)
			for name, v := range post.Values {
				_ = w.WriteField(name, v)
			}
			part, _ := w.CreateFormFile("file", "x.mp4")
			_, _ = io.WriteString(part, "x")
			_ = w.Close()
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, post.URL, &buf)
			req.Header.Set("Content-Type", w.FormDataContentType())
			return do(t, req)
		}
		if resp := send(); resp.StatusCode != want {
			t.Errorf("%s: %s", role, resp.Status)
		}
		if err := keyring.Revoke(t.Context(), k.Access); err != nil {
			t.Fatal(err)
		}
		if resp := send(); resp.StatusCode != 403 {
			t.Errorf("%s, revoked: %s", role, resp.Status)
		}
	}
	if names := recorded.names(t, b); len(names) != 1 || names[0] != "ObjectCreated:Post form" {
		t.Errorf("events: %v", names)
	}
}

// Buckets that a key made outlive it, and belong to all administrators.
func TestBucketsOutliveKeys(t *testing.T) {
	t.Parallel()
	k := keyOf(t, spool.RoleAdmin)
	b := newBucket(t, as(t, k))
	if err := keyring.Revoke(t.Context(), k.Access); err != nil {
		t.Fatal(err)
	}
	_, err := client(t).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b})
	if code(err) != "BucketAlreadyOwnedByYou" {
		t.Errorf("made again by the root: %v", err)
	}
	put(t, as(t, keyOf(t, spool.RoleSubmit)), b, "a", []byte("x"))
}

// A presigned URL may do what its key may, for as long as the key lives.
func TestPresignedURLObeysKey(t *testing.T) {
	t.Parallel()
	b := newBucket(t, client(t))
	put(t, client(t), b, "there", []byte("x"))
	send := func(method, url string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(strings.Repeat("x", len(method)%2)))
		if err != nil {
			t.Fatal(err)
		}
		resp := do(t, req)
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	urls := func(k spool.AccessKey) (get, put string) {
		t.Helper()
		p := s3.NewPresignClient(as(t, k))
		g, err := p.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &b, Key: aws.String("there")})
		if err != nil {
			t.Fatal(err)
		}
		u, err := p.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: aws.String("new")})
		if err != nil {
			t.Fatal(err)
		}
		return g.URL, u.URL
	}
	reader, submitter := keyOf(t, spool.RoleRead), keyOf(t, spool.RoleSubmit)
	readGet, readPut := urls(reader)
	submitGet, submitPut := urls(submitter)
	for _, u := range []string{readGet, submitGet} {
		if status, body := send(http.MethodGet, u); status != 200 || body != "x" {
			t.Errorf("GET: %d %s", status, body)
		}
	}
	if status, body := send(http.MethodPut, submitPut); status != 200 {
		t.Errorf("PUT of the submitter: %d %s", status, body)
	}
	if status, body := send(http.MethodPut, readPut); status != 403 || !strings.Contains(body, "<Code>AccessDenied</Code>") {
		t.Errorf("PUT of the reader: %d %s", status, body)
	}
	for _, k := range []spool.AccessKey{reader, submitter} {
		if err := keyring.Revoke(t.Context(), k.Access); err != nil {
			t.Fatal(err)
		}
	}
	for method, u := range map[string]string{http.MethodGet: submitGet, http.MethodPut: submitPut} {
		if status, body := send(method, u); status != 403 || !strings.Contains(body, "<Code>InvalidAccessKeyId</Code>") {
			t.Errorf("%s of a revoked key: %d %s", method, status, body)
		}
	}
}
