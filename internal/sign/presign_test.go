package sign_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"spool/internal/sign"
)

var keys = []string{
	"a.mp4", "dir/with space/ünïcode 日本.mp4", "plus+percent%25&amp=?#'\"[x].mp4", "-lead.mp4", "~tilde*star!(1).mov",
}

func presigned(method, key string) sign.Presigned {
	return sign.Presigned{
		Method: method, Endpoint: "http://127.0.0.1:9000", Bucket: "in", Key: key,
		AccessKey: accessKey, Secret: secretKey, Region: "us-east-1", Time: now, Expires: time.Hour,
	}
}

// The AWS SDK presigns the same object with the same signature.
func TestPresignLikeSDK(t *testing.T) {
	t.Parallel()
	for _, key := range keys {
		p := presigned(http.MethodPut, key)
		// What the SDK adds of its own.
		p.Query = map[string]string{"x-id": "PutObject"}
		got, err := p.URL()
		if err != nil {
			t.Fatal(err)
		}
		if want := sdkPresign(t, key); canonical(t, got) != canonical(t, want) {
			t.Errorf("key %q:\n got %s\nwant %s", key, got, want)
		}
	}
}

// canonical gives a URL with its parameters sorted.
func canonical(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath() + "?" + u.Query().Encode()
}

// fixedTime presigns as the SDK does, but at the tests' time.
type fixedTime struct{ signer *v4.Signer }

func (f fixedTime) PresignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string,
	_ time.Time, opts ...func(*v4.SignerOptions)) (string, http.Header, error) {
	return f.signer.PresignHTTP(ctx, c, r, hash, service, region, now, opts...)
}

func sdkPresign(t *testing.T, key string) string {
	t.Helper()
	client := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1:9000"), UsePathStyle: true,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}, nil
		}),
	})
	out, err := s3.NewPresignClient(client, func(o *s3.PresignOptions) {
		o.Expires = time.Hour
		o.Presigner = fixedTime{v4.NewSigner(func(s *v4.SignerOptions) { s.DisableURIPathEscaping = true })}
	}).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("in"), Key: aws.String(key)})
	if err != nil {
		t.Fatal(err)
	}
	return out.URL
}

func TestVerifyPresigned(t *testing.T) {
	t.Parallel()
	for _, key := range keys {
		for _, headers := range []map[string]string{nil, {"Content-Type": "video/mp4", "x-amz-meta-a": "b"}} {
			p := presigned(http.MethodGet, key)
			p.Headers = headers
			target, err := p.URL()
			if err != nil {
				t.Fatal(err)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.URL.Path != "/in/"+key {
				t.Errorf("the path of %q became %q", key, r.URL.Path)
			}
			for k, v := range headers {
				r.Header.Set(k, v)
			}
			req := fromHTTP(r, nil)
			req.PayloadHash = sign.UnsignedPayload
			v := verifier("s3")
			for at, want := range map[time.Duration]string{
				0: "", time.Hour: "", time.Hour + time.Second: sign.CodeInvalid, -14 * time.Minute: "", -16 * time.Minute: sign.CodeInvalid,
			} {
				if _, err := v.Verify(req, now.Add(at)); code(err) != want {
					t.Errorf("key %q after %s: %v, want %q", key, at, err, want)
				}
			}
			req.RawQuery = strings.Replace(req.RawQuery, "X-Amz-Expires=3600", "X-Amz-Expires=36000", 1)
			if _, err := v.Verify(req, now); code(err) != sign.CodeInvalid {
				t.Errorf("key %q with a longer life: %v", key, err)
			}
		}
	}
}

func TestPresignRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*sign.Presigned){
		"no scheme":    func(p *sign.Presigned) { p.Endpoint = "127.0.0.1:9000" },
		"a path":       func(p *sign.Presigned) { p.Endpoint += "/x" },
		"no bucket":    func(p *sign.Presigned) { p.Bucket = "" },
		"slash bucket": func(p *sign.Presigned) { p.Bucket = "a/b" },
		"no key":       func(p *sign.Presigned) { p.Key = "" },
		"no life":      func(p *sign.Presigned) { p.Expires = 0 },
		"long life":    func(p *sign.Presigned) { p.Expires = sign.MaxExpires + time.Second },
	} {
		p := presigned(http.MethodPut, "k")
		change(&p)
		if got, err := p.URL(); err == nil {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
