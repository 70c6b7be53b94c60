package jobapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/smithy-go"

	"spool/internal/bus"
	"spool/internal/catalog"
	"spool/internal/jobapi"
	"spool/internal/jobs"
	wire "spool/internal/mediaconvert"
	"spool/internal/sign"
	"spool/internal/spool"
	"spool/internal/store"
)

const (
	accessKey = "SPOOLKEY"
	secretKey = "a secret of the tests"
)

// keys are one key of each role; the admin's is accessKey.
type keys struct{}

func (keys) Key(access string) (spool.AccessKey, bool) {
	role, ok := map[string]spool.Role{accessKey: spool.RoleAdmin, "SUBMITKEY": spool.RoleSubmit, "READKEY": spool.RoleRead}[access]
	return spool.AccessKey{Access: access, Secret: secretKey, Role: role}, ok
}

type server struct {
	*httptest.Server
	t       testing.TB
	service *jobs.Service
}

// newServer starts the door on the real stages with SQLite and a real bus.
// There is no worker: jobs stay SUBMITTED.
func newServer(t testing.TB, change ...func(*jobapi.Options)) *server {
	t.Helper()
	return newServerOn(t, "sqlite:"+filepath.Join(t.TempDir(), "spool.db"), change...)
}

// newServerOn is newServer with another database.
func newServerOn(t testing.TB, dsn string, change ...func(*jobapi.Options)) *server {
	t.Helper()
	ctx := t.Context()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := store.Open(ctx, dsn, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b, err := bus.Start(ctx, bus.Options{Dir: t.TempDir(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = b.Close(ctx)
	})
	service, err := jobs.New(ctx, jobs.Options{
		Store: db, Bus: b, Identity: spool.DefaultIdentity(), Log: log,
		InTx: func(ctx context.Context, f func(jobs.Tx) error) error {
			return db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
		MaxQueues: 12,
	})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- service.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error("jobs ended:", err)
		}
	})
	notes := catalog.New(catalog.Options{
		Store: db, Identity: spool.DefaultIdentity(), Log: log, MaxPresets: 12, MaxTemplates: 12,
		SystemPresets: wire.SystemPresets(), SystemTemplates: wire.SystemJobTemplates(),
		InTx: func(ctx context.Context, f func(catalog.Tx) error) error {
			return db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
	})
	s := serve(t, jobapi.Stages{
		Jobs: service, Queries: service, Queues: service, Presets: notes, Templates: notes, Tags: notes, Account: notes, Library: notes,
	}, change...)
	s.service = service
	return s
}

func serve(t testing.TB, stages jobapi.Stages, change ...func(*jobapi.Options)) *server {
	t.Helper()
	o := jobapi.Options{
		Stages: stages, Keys: keys{}, Identity: spool.DefaultIdentity(),
		BaseURL: func(r *http.Request) string { return "http://" + r.Host },
		Log:     slog.New(slog.NewTextHandler(t.Output(), nil)), Capacity: func() int { return 4 },
	}
	for _, f := range change {
		f(&o)
	}
	s := &server{t: t}
	s.Server = httptest.NewServer(jobapi.New(o))
	t.Cleanup(s.Close)
	return s
}

// client is the AWS SDK, as the owner unless told otherwise.
func (s *server) client(change ...func(*mediaconvert.Options)) *mediaconvert.Client {
	return mediaconvert.New(mediaconvert.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(s.URL), HTTPClient: s.Client(), RetryMaxAttempts: 1,
		Credentials: credentials(accessKey, secretKey),
	}, change...)
}

func credentials(key, secret string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: secret}, nil
	})
}

// raw sends a request signed by the SDK's signer with the admin's key.
func (s *server) raw(method, path, body string) (*http.Response, string) {
	s.t.Helper()
	return s.rawAs(accessKey, method, path, body)
}

func (s *server) rawAs(key, method, path, body string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, bytes.NewBufferString(body))
	if err != nil {
		s.t.Fatal(err)
	}
	creds, _ := credentials(key, secretKey).Retrieve(s.t.Context())
	if err := v4.NewSigner().SignHTTP(s.t.Context(), creds, r, sign.PayloadHash([]byte(body)), "mediaconvert", "us-east-1", time.Now()); err != nil {
		s.t.Fatal(err)
	}
	return s.send(r)
}

func (s *server) send(r *http.Request) (*http.Response, string) {
	s.t.Helper()
	resp, err := s.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, string(body)
}

// kind gives the type that the SDK made of an error.
func kind(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	default:
		return "not an API error: " + err.Error()
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for want, change := range map[string]func(*mediaconvert.Options){
		"UnrecognizedClientException": func(o *mediaconvert.Options) { o.Credentials = credentials("NOBODY", secretKey) },
		"InvalidSignatureException":   func(o *mediaconvert.Options) { o.Credentials = credentials(accessKey, "wrong") },
	} {
		if _, err := s.client(change).ListJobs(t.Context(), &mediaconvert.ListJobsInput{}); kind(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/2017-08-29/jobs", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, body := s.send(r)
	if resp.StatusCode != http.StatusForbidden || resp.Header.Get("x-amzn-ErrorType") != "MissingAuthenticationTokenException" ||
		resp.Header.Get("x-amzn-RequestId") == "" || body != `{"message":"Missing Authentication Token"}` {
		t.Errorf("without a signature: %s %v %s", resp.Status, resp.Header, body)
	}
	for _, tt := range []struct {
		method, path, body string
		status             int
		kind, message      string
	}{
		{"GET", "/2017-08-29/jobs?maxResults=0", "", 400, "BadRequestException", "/maxResults: \"0\" is not a number from 1 to 20."},
		{"GET", "/2017-08-29/jobs?maxResults=21", "", 400, "BadRequestException", ""},
		{"GET", "/2017-08-29/jobs?status=DONE", "", 400, "BadRequestException", ""},
		{"GET", "/2017-08-29/jobs?order=UP", "", 400, "BadRequestException", ""},
		{"GET", "/2017-08-29/jobs?nextToken=abc", "", 400, "BadRequestException", ""},
		{"GET", "/2017-08-29/queues?listBy=SIZE", "", 400, "BadRequestException", ""},
		{"GET", "/2017-08-29/jobs/1712252725875-defhgi", "", 404, "NotFoundException", ""},
		{"DELETE", "/2017-08-29/jobs/1712252725875-defhgi", "", 404, "NotFoundException", ""},
		{"GET", "/2017-08-29/queues/none", "", 404, "NotFoundException", ""},
		{"GET", "/2017-08-29/nothing", "", 404, "NotFoundException", ""},
		{"PATCH", "/2017-08-29/jobs", "", 404, "NotFoundException", ""},
		{"POST", "/2017-08-29/jobs", "{", 400, "BadRequestException", ""},
		{"POST", "/2017-08-29/jobs", "[]", 400, "BadRequestException", ""},
		{"POST", "/2017-08-29/endpoints", `{"mode":"NO"}`, 400, "BadRequestException", ""},
		{"POST", "/2017-08-29/jobs", `{"role":"` + string(bytes.Repeat([]byte("x"), 1<<20)) + `"}`, 413, "RequestEntityTooLargeException", ""},
	} {
		resp, body := s.raw(tt.method, tt.path, tt.body)
		var got map[string]string
		if err := json.Unmarshal([]byte(body), &got); err != nil || len(got) != 1 || got["message"] == "" {
			t.Errorf("%s %s: the answer is %s", tt.method, tt.path, body)
		}
		if resp.StatusCode != tt.status || resp.Header.Get("x-amzn-ErrorType") != tt.kind || tt.message != "" && got["message"] != tt.message {
			t.Errorf("%s %s: %s %s %s", tt.method, tt.path, resp.Status, resp.Header.Get("x-amzn-ErrorType"), body)
		}
		if id := resp.Header.Get("x-amzn-RequestId"); len(id) != 36 {
			t.Errorf("%s %s: request id %q", tt.method, tt.path, id)
		}
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, path := range []string{"jobs", "jobs/1", "queues/x", "endpoints", "presets"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.URL+"/2017-08-29/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, body := s.send(r)
		if resp.StatusCode != http.StatusOK || body != "" || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %s %q", path, resp.Status, body)
		}
	}
}

// A presigned query lets a client in as a header does.
func TestPresignedQuery(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/2017-08-29/queues?maxResults=5", nil)
	if err != nil {
		t.Fatal(err)
	}
	creds, _ := credentials(accessKey, secretKey).Retrieve(t.Context())
	target, _, err := v4.NewSigner().PresignHTTP(t.Context(), creds, r, sign.EmptyPayload, "mediaconvert", "us-east-1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for suffix, want := range map[string]int{"": 200, "&maxResults=6": 403} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target+suffix, nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, body := s.send(r); resp.StatusCode != want {
			t.Errorf("%q: %s %s", suffix, resp.Status, body)
		}
	}
}

// broken fails in the ways that a client can't be blamed for.
type broken struct{ jobapi.Jobs }

func (broken) Get(context.Context, string) (spool.Job, error) { panic("a secret detail") }
func (broken) List(context.Context, spool.JobFilter) ([]spool.Job, bool, error) {
	return nil, false, errors.New("a secret detail")
}

func TestServerFaults(t *testing.T) {
	t.Parallel()
	s := serve(t, jobapi.Stages{Jobs: broken{}})
	for _, path := range []string{"/2017-08-29/jobs", "/2017-08-29/jobs/1"} {
		resp, body := s.raw(http.MethodGet, path, "")
		if resp.StatusCode != 500 || resp.Header.Get("x-amzn-ErrorType") != "InternalServerErrorException" ||
			body != `{"message":"Internal server error"}` {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
	}
}
