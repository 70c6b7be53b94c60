package videoapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"spool/internal/access"
	"spool/internal/sign"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
	"spool/internal/videoapi"
)

// withKeys makes a server whose keys are real, on a real database.
func withKeys(t *testing.T) (*server, *access.Service) {
	t.Helper()
	db := storetest.Open(t, storetest.SQLite(t))
	ring, err := access.New(t.Context(), access.Options{
		Store: db, Root: spool.AccessKey{Access: accessKey, Secret: secretKey}, Log: slog.New(slog.DiscardHandler),
		InTx: func(ctx context.Context, f func(access.Tx) error) error {
			return db.Tx(ctx, func(tx *store.Tx) error { return f(tx) })
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return newServer(t, newTable("a"), func(o *videoapi.Options) { o.Keys, o.Ring, o.KeepAlive = ring, ring, 10*time.Millisecond }), ring
}

func basic(k spool.AccessKey) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(k.Access, k.Secret)
	return r.Header.Get("Authorization")
}

// signed sends a request with the signature of the AWS SDK.
func (s *server) signed(k spool.AccessKey, service, method, path, body string, into any, change ...func(*http.Request)) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, bytes.NewBufferString(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	creds := aws.Credentials{AccessKeyID: k.Access, SecretAccessKey: k.Secret}
	if err := v4.NewSigner().SignHTTP(s.t.Context(), creds, r, sign.PayloadHash([]byte(body)), service, "eu-west-1", s.clock); err != nil {
		s.t.Fatal(err)
	}
	for _, f := range change {
		f(r)
	}
	return s.send(s.Client(), r, into)
}

type madeKey struct {
	Access, Secret, Role, Note string
	CreatedAt                  *time.Time
}

func (k madeKey) key() spool.AccessKey { return spool.AccessKey{Access: k.Access, Secret: k.Secret} }

// A key is made, shown once, works at once as its role says, and is revoked.
func TestKeys(t *testing.T) {
	t.Parallel()
	s, _ := withKeys(t)
	root := spool.AccessKey{Access: accessKey, Secret: secretKey}
	made := map[string]madeKey{}
	for _, role := range []string{"admin", "submit", "read"} {
		var k madeKey
		resp := s.signed(root, "spool", http.MethodPost, "/api/v1/keys", `{"role":"`+role+`","note":"of `+role+`"}`, &k)
		if resp.StatusCode != http.StatusCreated || k.Access == "" || len(k.Secret) != 40 || k.Role != role || k.Note != "of "+role || k.CreatedAt == nil {
			t.Fatalf("%s: %s %+v", role, resp.Status, k)
		}
		made[role] = k
	}
	for _, body := range []string{`{}`, `{"role":"root"}`, `{"role":"read","more":1}`, `{"role":"read","note":"` + strings.Repeat("x", 257) + `"}`, `{"role":"read","note":"a\nb"}`} {
		if resp := s.call(http.MethodPost, "/api/v1/keys", body, nil); resp.StatusCode != 422 && resp.StatusCode != 400 {
			t.Errorf("%s: %s", body, resp.Status)
		}
	}
	// What each role may do; by Basic authentication and signed.
	for _, op := range []struct {
		method, path, body string
		needs              spool.Role
		status             int
	}{
		{http.MethodGet, "/api/v1/videos", "", spool.RoleRead, 200},
		{http.MethodGet, "/api/v1/videos/a", "", spool.RoleRead, 200},
		{http.MethodGet, "/api/v1/pipelines", "", spool.RoleRead, 200},
		{http.MethodPost, "/api/v1/uploads", `{"name":"a.mp4"}`, spool.RoleSubmit, 201},
		{http.MethodPost, "/api/v1/session", "", spool.RoleSubmit, 201},
		{http.MethodGet, "/api/v1/keys", "", spool.RoleAdmin, 200},
		{http.MethodDelete, "/api/v1/keys/none", "", spool.RoleAdmin, 404},
		{http.MethodDelete, "/api/v1/keys/" + accessKey, "", spool.RoleAdmin, 400},
	} {
		for role, k := range made {
			want := op.status
			if !spool.Role(role).May(op.needs) {
				want = 403
			}
			for form, resp := range map[string]*http.Response{
				"basic":  s.call(op.method, op.path, op.body, nil, "Authorization", basic(k.key())),
				"signed": s.signed(k.key(), "spool", op.method, op.path, op.body, nil),
			} {
				text, _ := io.ReadAll(resp.Body)
				if resp.StatusCode != want || want == 403 && !strings.Contains(string(text), "needs the role "+string(op.needs)) {
					t.Errorf("%s %s as %s (%s): %s %s, want %d", op.method, op.path, role, form, resp.Status, text, want)
				}
			}
		}
	}
	var list struct{ Keys []madeKey }
	resp := s.call(http.MethodGet, "/api/v1/keys", "", &list)
	text, _ := io.ReadAll(resp.Body)
	if len(list.Keys) != 4 || list.Keys[0].Access != accessKey || list.Keys[0].Role != "admin" || list.Keys[0].CreatedAt != nil || list.Keys[2].Note != "of submit" {
		t.Errorf("listed: %s", text)
	}
	for _, k := range made {
		if strings.Contains(string(text), k.Secret) || strings.Contains(string(text), "secret") {
			t.Errorf("the list holds a secret: %s", text)
		}
	}
	for role, k := range made {
		if resp := s.call(http.MethodDelete, "/api/v1/keys/"+k.Access, "", nil); resp.StatusCode != http.StatusNoContent {
			t.Errorf("revoke: %s", resp.Status)
		}
		if resp := s.call(http.MethodGet, "/api/v1/videos", "", nil, "Authorization", basic(k.key())); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s after it was revoked: %s", role, resp.Status)
		}
		if resp := s.signed(k.key(), "spool", http.MethodGet, "/api/v1/videos", "", nil); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s signed after it was revoked: %s", role, resp.Status)
		}
	}
}

func TestSignedRequests(t *testing.T) {
	t.Parallel()
	s, _ := withKeys(t)
	root := spool.AccessKey{Access: accessKey, Secret: secretKey}
	const body = `{"role":"read"}`
	for name, c := range map[string]struct {
		key     spool.AccessKey
		service string
		change  func(*http.Request)
		want    int
	}{
		"good":          {root, "spool", nil, 201},
		"another's":     {root, "mediaconvert", nil, 403},
		"wrong secret":  {spool.AccessKey{Access: accessKey, Secret: "x"}, "spool", nil, 403},
		"unknown key":   {spool.AccessKey{Access: "AKIANONE", Secret: "x"}, "spool", nil, 403},
		"another body":  {root, "spool", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"role":"admi"}`)) }, 403},
		"another path":  {root, "spool", func(r *http.Request) { r.URL.Path = "/api/v1/uploads" }, 403},
		"another query": {root, "spool", func(r *http.Request) { r.URL.RawQuery = "a=b" }, 403},
		"too long": {root, "spool", func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat(" ", 1<<20+1))), -1
		}, 413},
	} {
		var change []func(*http.Request)
		if c.change != nil {
			change = append(change, c.change)
		}
		resp := s.signed(c.key, c.service, http.MethodPost, "/api/v1/keys", body, nil, change...)
		text, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != c.want {
			t.Errorf("%s: %s %s, want %d", name, resp.Status, text, c.want)
		}
	}
}

// What a key began ends with it: its session, its permit to upload, its stream.
func TestRevokedKeyEndsEverything(t *testing.T) {
	t.Parallel()
	s, ring := withKeys(t)
	k, err := ring.Create(t.Context(), spool.RoleSubmit, "")
	if err != nil {
		t.Fatal(err)
	}
	resp := s.call(http.MethodPost, "/api/v1/session", "", nil, "Authorization", basic(k))
	cookie := resp.Header.Get("Set-Cookie")
	value, _, _ := strings.Cut(cookie, ";")
	if !strings.HasPrefix(value, "spool_session=") || !strings.Contains(cookie, "HttpOnly") || strings.Contains(cookie, k.Secret) {
		t.Fatalf("cookie %q", cookie)
	}
	with := []string{"Authorization", "", "Cookie", value}
	var session struct {
		SignedIn bool
		Role     string
	}
	if s.call(http.MethodGet, "/api/v1/session", "", &session, with...); !session.SignedIn || session.Role != "submit" {
		t.Errorf("session %+v", session)
	}
	if resp := s.call(http.MethodGet, "/api/v1/keys", "", nil, with...); resp.StatusCode != 403 {
		t.Errorf("the session may do more than its key: %s", resp.Status)
	}
	// A key that is named counts before the session that comes along.
	if resp := s.call(http.MethodGet, "/api/v1/keys", "", nil, "Cookie", value); resp.StatusCode != 200 {
		t.Errorf("the root's key beside a session: %s", resp.Status)
	}
	if resp := s.call(http.MethodGet, "/api/v1/videos", "", nil, "Cookie", value, "Authorization", basic(spool.AccessKey{Access: k.Access, Secret: "x"})); resp.StatusCode != 401 {
		t.Errorf("a wrong secret beside a session: %s", resp.Status)
	}
	var u upload
	if resp := s.call(http.MethodPost, "/api/v1/uploads", `{"name":"a.mp4"}`, &u, with...); resp.StatusCode != 201 {
		t.Fatalf("upload: %s", resp.Status)
	}
	permit, err := url.Parse(u.URL)
	if err != nil {
		t.Fatal(err)
	}
	if credential := permit.Query().Get("X-Amz-Credential"); !strings.HasPrefix(credential, k.Access+"/") {
		t.Errorf("the permit is signed by %s", credential)
	}
	v := sign.Verifier{Service: "s3", Key: ring.Key}
	at := sign.Request{Method: http.MethodPut, EscapedPath: permit.EscapedPath(), RawQuery: permit.RawQuery, Host: permit.Host, PayloadHash: sign.UnsignedPayload}
	if _, err := v.Verify(at, s.clock); err != nil {
		t.Errorf("the permit: %v", err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/v1/videos/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", value)
	stream, err := s.Client().Do(r)
	if err != nil || stream.StatusCode != 200 {
		t.Fatalf("stream: %v %v", stream, err)
	}
	defer stream.Body.Close()

	if err := ring.Revoke(t.Context(), k.Access); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, stream.Body); err != nil { // returns only when the server ends it
		t.Errorf("the stream broke: %v", err)
	}
	session.SignedIn = true
	if s.call(http.MethodGet, "/api/v1/session", "", &session, with...); session.SignedIn {
		t.Error("the session lives on")
	}
	if resp := s.call(http.MethodGet, "/api/v1/videos", "", nil, with...); resp.StatusCode != 401 {
		t.Errorf("videos with a dead session: %s", resp.Status)
	}
	if _, err := v.Verify(at, s.clock); err == nil {
		t.Error("the permit lives on")
	}
}

// Every operation says which role it needs, or is open to all on purpose.
func TestEveryOperationNeedsARole(t *testing.T) {
	t.Parallel()
	s, _ := withKeys(t)
	resp := s.call(http.MethodGet, "/api/openapi.json", "", nil)
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Security    []any
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if len(op.Security) == 0 && op.OperationID != "get-session" {
				t.Errorf("%s %s is open to all", method, path)
			}
			if len(op.Security) == 0 {
				continue
			}
			target := strings.NewReplacer("{guid}", "x", "{access}", "x").Replace(path)
			if resp := s.call(strings.ToUpper(method), target, "", nil, "Authorization", ""); resp.StatusCode != 401 {
				t.Errorf("%s %s without a key: %s", method, path, resp.Status)
			}
		}
	}
}
