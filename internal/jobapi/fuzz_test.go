package jobapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"spool/internal/sign"
)

// errorTypes are the types of errors that go with each status (behaviour.md 1.2).
var errorTypes = map[int][]string{
	400: {"BadRequestException"},
	402: {"ServiceQuotaExceededException"},
	403: {
		"ForbiddenException", "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException",
		"MissingAuthenticationTokenException", "IncompleteSignatureException",
	},
	404: {"NotFoundException"},
	409: {"ConflictException"},
	413: {"RequestEntityTooLargeException"},
	429: {"TooManyRequestsException"},
}

// maxAnswer bounds every answer, in bytes: a page of twenty jobs, each with the
// settings that a request of 1 MiB becomes.
const maxAnswer = 64 << 20

// FuzzDoor sends requests of any kind, signed with a key that may do everything,
// through the door and the real stages over SQLite. Whatever comes in, the
// answer is well formed and never says that the server is broken.
func FuzzDoor(f *testing.F) {
	for _, e := range story() {
		path, query, _ := strings.Cut(e.path, "?")
		f.Add(e.method, path, query, "Content-Type: application/json", []byte(e.body))
	}
	for _, path := range []string{"", "jobs/", "jobs//", "jobs/%00", "jobs/%ff", "jobs/%2e%2e", "queues/a%2Fb", "presets/arn:", "tags/%25", "../jobs", "none"} {
		f.Add("GET", path, "maxResults=1&order=ASCENDING&nextToken=AAAA&listBy=SYSTEM&queue=%00&category=%ff&inputFile=%", "X-Amz-Security-Token: x", []byte{})
	}
	s := newServer(f, withProbe(f))
	f.Fuzz(func(t *testing.T, method, path, query, header string, body []byte) {
		r := request(t, method, path, query, header, body)
		if r == nil {
			return // net/http gives no handler such a request
		}
		creds, _ := credentials(accessKey, secretKey).Retrieve(t.Context())
		if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, sign.PayloadHash(body), "mediaconvert", "us-east-1", time.Now()); err != nil {
			t.Skip(err)
		}
		began := time.Now()
		w := httptest.NewRecorder()
		s.Config.Handler.ServeHTTP(w, r)
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
		checkAnswer(t, r.Method, w)
	})
}

// request makes the request that net/http would read; nil where it reads none.
func request(t *testing.T, method, path, query, header string, body []byte) *http.Request {
	t.Helper()
	target := "/2017-08-29/" + path
	if query != "" {
		target += "?" + query
	}
	if _, err := url.ParseRequestURI(target); err != nil || strings.ContainsAny(target, " \t\r\n") {
		return nil
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://spool.example"+target, bytes.NewReader(body))
	if err != nil {
		return nil
	}
	for line := range strings.SplitSeq(header, "\n") {
		name, value, ok := strings.Cut(line, ":")
		if ok && isToken(name) && isVisible(value) && !strings.EqualFold(name, "Host") {
			r.Header.Add(name, strings.TrimSpace(value))
		}
	}
	r.RequestURI, r.RemoteAddr = target, "192.0.2.1:1"
	return r
}

func isToken(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-'
	}) < 0
}

func isVisible(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// checkAnswer holds an answer to what clients rely on.
func checkAnswer(t *testing.T, method string, w *httptest.ResponseRecorder) {
	t.Helper()
	body, kind := w.Body.Bytes(), w.Header().Get("X-Amzn-Errortype")
	if len(body) > maxAnswer {
		t.Errorf("the answer has %d bytes", len(body))
	}
	if len(w.Header().Get("X-Amzn-Requestid")) != 36 {
		t.Errorf("the request's id is %q", w.Header().Get("X-Amzn-Requestid"))
	}
	if method == http.MethodOptions {
		if w.Code != http.StatusOK || len(body) > 0 {
			t.Errorf("%d %s", w.Code, body)
		}
		return
	}
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v: %v: %s", w.Code, w.Header(), err, body)
	}
	if w.Code == 200 || w.Code == 201 || w.Code == 202 {
		if kind != "" {
			t.Errorf("%d with the error type %s", w.Code, kind)
		}
		return
	}
	message, _ := answer["message"].(string)
	if !slices.Contains(errorTypes[w.Code], kind) || message == "" || len(answer) != 1 {
		t.Errorf("%d %s: %s", w.Code, kind, body)
	}
}
