package s3gate_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// presignRaw gives the query of a presigned request for a path taken as it is.
func presignRaw(t *testing.T, method, rawPath string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+gate.Addr()+"/?X-Amz-Expires=60", nil)
	if err != nil {
		return "", err
	}
	req.URL.Opaque = "//" + gate.Addr() + rawPath
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	signed, _, err := signer.PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey},
		req, "UNSIGNED-PAYLOAD", "s3", "eu-central-1", time.Now())
	if err != nil {
		return "", err
	}
	_, query, _ := strings.Cut(signed, "?")
	_, err = url.ParseQuery(query)
	return query, err
}
