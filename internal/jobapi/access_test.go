package jobapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"spool/internal/jobapi"
	"spool/internal/sign"
	"spool/internal/spool"
)

// TestRoles sends every operation with a key of every role: those whose role is
// too small are refused for it, and no others are.
func TestRoles(t *testing.T) {
	t.Parallel()
	s := newServer(t, withProbe(t))
	needs := map[string]string{
		"DescribeEndpoints": "read", "GetJob": "read", "ListJobs": "read", "SearchJobs": "read", "StartJobsQuery": "read",
		"GetJobsQueryResults": "read", "GetQueue": "read", "ListQueues": "read", "GetPreset": "read", "ListPresets": "read",
		"GetJobTemplate": "read", "ListJobTemplates": "read", "ListTagsForResource": "read", "GetPolicy": "read", "ListVersions": "read",
		"CreateJob": "submit", "CancelJob": "submit", "Probe": "submit",
		"CreateQueue": "admin", "UpdateQueue": "admin", "DeleteQueue": "admin", "CreatePreset": "admin", "UpdatePreset": "admin",
		"DeletePreset": "admin", "CreateJobTemplate": "admin", "UpdateJobTemplate": "admin", "DeleteJobTemplate": "admin",
		"TagResource": "admin", "UntagResource": "admin", "PutPolicy": "admin", "DeletePolicy": "admin",
		"AssociateCertificate": "admin", "DisassociateCertificate": "admin", "CreateResourceShare": "admin",
	}
	rank := map[string]int{"read": 1, "submit": 2, "admin": 3}
	operations := jobapi.Operations()
	if len(operations) != 34 || len(needs) != 34 {
		t.Fatalf("%d operations, %d in the table of this test", len(operations), len(needs))
	}
	for _, op := range operations {
		method, path, _ := strings.Cut(op.Key, " ")
		for key, role := range map[string]string{"READKEY": "read", "SUBMITKEY": "submit", accessKey: "admin"} {
			resp, body := s.rawAs(key, method, "/2017-08-29/"+strings.Replace(path, "*", "none", 1), `{`)
			refused := resp.StatusCode == http.StatusForbidden && resp.Header.Get("x-amzn-ErrorType") == "AccessDeniedException"
			if want := rank[role] < rank[needs[op.Name]]; refused != want {
				t.Errorf("%s as %s: %s %s", op.Name, role, resp.Status, body)
			}
			says := "User: arn:aws:iam::000000000000:user/" + key + " is not authorized to perform: mediaconvert:" + op.Name
			if refused && body != `{"message":"`+says+`"}` {
				t.Errorf("%s as %s: %s", op.Name, role, body)
			}
		}
	}
}

// failing fails every look at a job with an error of its own.
type failing struct {
	jobapi.Jobs
	err error
}

func (f failing) Get(context.Context, string) (spool.Job, error) {
	return spool.Job{}, fmt.Errorf("get a job: %w", f.err)
}

// TestErrorKinds: every kind of error has its status, its type and its header;
// only what is meant for the user is said.
func TestErrorKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err     error
		status  int
		kind    string
		message string
	}{
		{spool.Userf(spool.ErrInvalid, "a"), 400, "BadRequestException", "a"},
		{spool.Problems{{Pointer: "/x", Message: "a"}, {Message: "b"}}, 400, "BadRequestException", "/x: a | b"},
		{spool.Userf(spool.ErrQuota, "b"), 402, "ServiceQuotaExceededException", "b"},
		{spool.Userf(spool.ErrForbidden, "c"), 403, "ForbiddenException", "c"},
		{spool.Userf(spool.ErrNotFound, "d"), 404, "NotFoundException", "d"},
		{spool.Userf(spool.ErrConflict, "e"), 409, "ConflictException", "e"},
		{spool.Userf(spool.ErrThrottled, "f"), 429, "TooManyRequestsException", "f"},
		{fmt.Errorf("%w: at 10.0.0.1", spool.ErrConflict), 409, "ConflictException", "The request can't be done."},
		{errors.New("the password is x"), 500, "InternalServerErrorException", "Internal server error"},
	} {
		s := serve(t, jobapi.Stages{Jobs: failing{err: tt.err}})
		resp, body := s.raw("GET", "/2017-08-29/jobs/1", "")
		if resp.StatusCode != tt.status || resp.Header.Get("x-amzn-ErrorType") != tt.kind || body != `{"message":"`+tt.message+`"}` ||
			len(resp.Header.Get("x-amzn-RequestId")) != 36 || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%v: %s %v %s", tt.err, resp.Status, resp.Header, body)
		}
	}
}

// TestClientLeft: what ends because its client left is no fault of the server,
// and is not logged as one.
func TestClientLeft(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := serve(t, jobapi.Stages{Jobs: failing{err: context.Canceled}}, func(o *jobapi.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://spool.example/2017-08-29/jobs/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	creds, _ := credentials(accessKey, secretKey).Retrieve(t.Context())
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, sign.EmptyPayload, "mediaconvert", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	r.Body = http.NoBody
	w := httptest.NewRecorder()
	s.Config.Handler.ServeHTTP(w, r)
	if w.Code != 499 || log.Len() > 0 {
		t.Errorf("%d, and the log says %s", w.Code, log.String())
	}
}

// TestRate: a key that asks too often is told so with 429; another is not, and
// the clock lets the first one in again.
func TestRate(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(o *jobapi.Options) { o.Rate = 2 })
	began, throttled := time.Now(), 0
	for range 110 {
		resp, body := s.raw("GET", "/2017-08-29/policy", "")
		switch resp.StatusCode {
		case http.StatusOK:
		case http.StatusTooManyRequests:
			throttled++
			if resp.Header.Get("x-amzn-ErrorType") != "TooManyRequestsException" || !strings.Contains(body, "Too many requests") {
				t.Fatalf("%v %s", resp.Header, body)
			}
		default:
			t.Fatalf("%s %s", resp.Status, body)
		}
	}
	// 100 at once, and two more for each second that it took.
	if most := 110 - 100 - 2*int(time.Since(began).Seconds()); throttled < most-2 || throttled > 10 {
		t.Errorf("%d of 110 were held back within %v", throttled, time.Since(began))
	}
	if resp, body := s.rawAs("READKEY", "GET", "/2017-08-29/policy", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("another key: %s %s", resp.Status, body)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		if resp, _ := s.raw("GET", "/2017-08-29/policy", ""); resp.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the key is never let in again")
		}
	}
}

// TestQuotas: one more than allowed is 402.
func TestQuotas(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for kind, body := range map[string]string{
		"queues": `{"name":"NAME"}`, "presets": `{"name":"NAME","settings":{"containerSettings":{"container":"MP4"}}}`,
		"jobTemplates": `{"name":"NAME","settings":{}}`,
	} {
		for i := range 13 {
			resp, answer := s.raw("POST", "/2017-08-29/"+kind, strings.ReplaceAll(body, "NAME", fmt.Sprint("n", i)))
			switch {
			case i < 12 && resp.StatusCode != http.StatusCreated:
				t.Fatalf("%s %d: %s %s", kind, i, resp.Status, answer)
			case i == 12 && (resp.StatusCode != http.StatusPaymentRequired || resp.Header.Get("x-amzn-ErrorType") != "ServiceQuotaExceededException"):
				t.Errorf("%s: one too many: %s %s", kind, resp.Status, answer)
			}
		}
	}
}
