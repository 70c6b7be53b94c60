package sign_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"spool/internal/sign"
	"spool/internal/spool"
)

const (
	accessKey = "AKIDEXAMPLE"
	secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEZ"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func verifier(service string) sign.Verifier {
	return sign.Verifier{Service: service, Key: func(access string) (spool.AccessKey, bool) {
		return spool.AccessKey{Access: accessKey, Secret: secretKey, Role: spool.RoleRead}, access == accessKey
	}}
}

// fromHTTP is what doors do with a request.
func fromHTTP(r *http.Request, body []byte) sign.Request {
	return sign.Request{
		Method: r.Method, EscapedPath: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery,
		Header: r.Header, Host: r.Host, PayloadHash: sign.PayloadHash(body),
	}
}

// signed makes a request with the AWS SDK's own signer.
func signed(t interface{ Fatal(...any) }, method, target, body, key, secret string, at time.Time) *http.Request {
	r, err := http.NewRequestWithContext(context.Background(), method, target, io.NopCloser(bytes.NewBufferString(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Custom", "  a   b ")
	creds := aws.Credentials{AccessKeyID: key, SecretAccessKey: secret}
	err = v4.NewSigner().SignHTTP(context.Background(), creds, r, sign.PayloadHash([]byte(body)), "mediaconvert", "eu-west-1", at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// code gives the type of a refusal, "" for none.
func code(err error) string {
	if err == nil {
		return ""
	}
	var refused *sign.Error
	if !errors.As(err, &refused) {
		return "not a *sign.Error: " + err.Error()
	}
	return refused.Code
}

// The first vector of AWS's own SigV4 test suite, "get-vanilla".
func TestVector(t *testing.T) {
	t.Parallel()
	v := sign.Verifier{Service: "service", Region: "us-east-1", Key: func(string) (spool.AccessKey, bool) {
		return spool.AccessKey{Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}, true
	}}
	r := sign.Request{
		Method: "GET", EscapedPath: "/", Host: "example.amazonaws.com", PayloadHash: sign.EmptyPayload,
		Header: map[string][]string{
			"X-Amz-Date": {"20150830T123600Z"},
			"Authorization": {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " +
				"SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		},
	}
	if _, err := v.Verify(r, time.Date(2015, 8, 30, 12, 40, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
}

func TestVerifySDK(t *testing.T) {
	t.Parallel()
	const jobs = "http://127.0.0.1:8080/2017-08-29/jobs"
	tests := []struct {
		name   string
		target string
		body   string
		key    string
		secret string
		at     time.Time
		change func(*http.Request)
		want   string
	}{
		{name: "plain", target: jobs, body: `{"role":"r"}`},
		{name: "query", target: jobs + "?status=COMPLETE&maxResults=3&queue=a%20b%2Fc%2Bd&empty="},
		{name: "escaped path", target: "http://[::1]:8080/2017-08-29/queues/My%20Queue%3A%C3%BC"},
		{name: "skew back", target: jobs, at: now.Add(-15 * time.Minute)},
		{name: "skew forth", target: jobs, at: now.Add(15 * time.Minute)},
		{name: "too old", target: jobs, at: now.Add(-15*time.Minute - time.Second), want: sign.CodeInvalid},
		{name: "too early", target: jobs, at: now.Add(15*time.Minute + time.Second), want: sign.CodeInvalid},
		{name: "unknown key", target: jobs, key: "AKIDNOBODY", want: sign.CodeUnknownKey},
		{name: "wrong secret", target: jobs, secret: "nothing", want: sign.CodeInvalid},
		{name: "no signature", target: jobs, want: sign.CodeMissingToken,
			change: func(r *http.Request) { r.Header.Del("Authorization") }},
		{name: "basic", target: jobs, want: sign.CodeIncomplete,
			change: func(r *http.Request) { r.SetBasicAuth("a", "b") }},
		{name: "other host", target: jobs, want: sign.CodeInvalid,
			change: func(r *http.Request) { r.Host = "evil.example" }},
		{name: "unsigned x-amz header", target: jobs, want: sign.CodeInvalid,
			change: func(r *http.Request) { r.Header.Set("X-Amz-Target", "x") }},
		{name: "signed header gone", target: jobs, want: sign.CodeInvalid,
			change: func(r *http.Request) { r.Header.Del("X-Custom") }},
		{name: "session token", target: jobs, want: sign.CodeInvalid,
			change: func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") }},
		{name: "signed twice", target: jobs, want: sign.CodeIncomplete,
			change: func(r *http.Request) { r.URL.RawQuery = "X-Amz-Signature=x" }},
		{name: "host not signed", target: jobs, want: sign.CodeInvalid,
			change: func(r *http.Request) {
				a := r.Header.Get("Authorization")
				r.Header.Set("Authorization", strings.Replace(a, "host;", "", 1))
			}},
		{name: "broken escape in the query", target: jobs, want: sign.CodeInvalid,
			change: func(r *http.Request) { r.URL.RawQuery = "a=%zz" }},
		{name: "other service", target: jobs, want: sign.CodeInvalid,
			change: func(r *http.Request) {
				a := r.Header.Get("Authorization")
				r.Header.Set("Authorization", strings.Replace(a, "mediaconvert", "s3", 1))
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.key == "" {
				tt.key = accessKey
			}
			if tt.secret == "" {
				tt.secret = secretKey
			}
			if tt.at.IsZero() {
				tt.at = now
			}
			r := signed(t, http.MethodPost, tt.target, tt.body, tt.key, tt.secret, tt.at)
			if tt.change != nil {
				tt.change(r)
			}
			key, err := verifier("mediaconvert").Verify(fromHTTP(r, []byte(tt.body)), now)
			if code(err) != tt.want {
				t.Fatalf("error %v, want type %q", err, tt.want)
			}
			if err == nil && (key.Access != accessKey || key.Role != spool.RoleRead) {
				t.Errorf("signed by %+v", key)
			}
		})
	}
}

// Fuzzed requests never pass and never panic.
func FuzzVerify(f *testing.F) {
	good := signed(f, http.MethodPost, "http://localhost/2017-08-29/jobs", "{}", accessKey, secretKey, now)
	f.Add("POST", "/2017-08-29/jobs", "", good.Header.Get("Authorization")+"0", good.Header.Get("X-Amz-Date"), "localhost")
	f.Add("GET", "/", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE/20260304/r/mediaconvert/aws4_request"+
		"&X-Amz-Date=20260304T050607Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00", "", "", "h")
	f.Add("GET", "/%zz", "a=%&;", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host,Signature=", "x", "")
	secret := strings.Repeat("unguessable", 4) + time.Now().String()
	v := sign.Verifier{Service: "mediaconvert", Key: func(string) (spool.AccessKey, bool) { return spool.AccessKey{Secret: secret}, true }}
	f.Fuzz(func(t *testing.T, method, path, query, auth, date, host string) {
		r := sign.Request{Method: method, EscapedPath: path, RawQuery: query, Host: host, PayloadHash: sign.EmptyPayload,
			Header: map[string][]string{"X-Amz-Date": {date}}}
		if auth != "" {
			r.Header["Authorization"] = []string{auth}
		}
		_, err := v.Verify(r, now)
		if c := code(err); c == "" || strings.HasPrefix(c, "not a") {
			t.Fatalf("accepted, or an untyped error: %v", err)
		}
	})
}
