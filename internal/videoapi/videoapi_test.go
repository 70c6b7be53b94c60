package videoapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/videoapi"
)

const (
	accessKey = "SPOOLKEY"
	secretKey = "a secret of the tests"
)

type keys struct{}

func (keys) Key(access string) (spool.AccessKey, bool) {
	return spool.AccessKey{Access: accessKey, Secret: secretKey, Role: spool.RoleAdmin}, access == accessKey
}

// table is a table of videos, newest first.
type table struct {
	mu       sync.Mutex
	videos   []spool.Video
	watchers map[chan spool.Video]bool
	ended    chan struct{} // gets a value when a watcher has gone
}

func newTable(guids ...string) *table {
	t := &table{watchers: map[chan spool.Video]bool{}, ended: make(chan struct{}, 10)}
	for _, guid := range guids {
		t.videos = append(t.videos, spool.Video{GUID: guid, WorkflowStatus: spool.VideoComplete, SrcVideo: guid + ".mp4"})
	}
	return t
}

func (t *table) Get(_ context.Context, guid string) (spool.Video, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, v := range t.videos {
		if v.GUID == guid {
			return v, nil
		}
	}
	return spool.Video{}, spool.Userf(spool.ErrNotFound, "There is no video %q.", guid)
}

func (t *table) List(_ context.Context, f spool.VideoFilter) (page []spool.Video, next string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	past := f.After == ""
	for _, v := range t.videos {
		switch {
		case !past:
			past = v.GUID == f.After
		case f.Status != "" && v.WorkflowStatus != f.Status:
		case len(page) == f.Limit:
			return page, page[len(page)-1].GUID, nil
		default:
			page = append(page, v)
		}
	}
	if !past {
		return nil, "", spool.Userf(spool.ErrInvalid, "There is no video %q to list from.", f.After)
	}
	return page, "", nil
}

func (t *table) Watch(ctx context.Context) (<-chan spool.Video, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ch := make(chan spool.Video, 10)
	t.watchers[ch] = true
	context.AfterFunc(ctx, func() { t.drop(ch) })
	return ch, nil
}

func (t *table) drop(ch chan spool.Video) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.watchers[ch] {
		delete(t.watchers, ch)
		close(ch)
		t.ended <- struct{}{}
	}
}

func (t *table) change(v spool.Video) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for ch := range t.watchers {
		ch <- v
	}
}

// end stops every watcher as a stopping server does.
func (t *table) end() {
	t.mu.Lock()
	chans := make([]chan spool.Video, 0, len(t.watchers))
	for ch := range t.watchers {
		chans = append(chans, ch)
	}
	t.mu.Unlock()
	for _, ch := range chans {
		t.drop(ch)
	}
}

type server struct {
	*httptest.Server
	t     *testing.T
	clock time.Time
}

func newServer(t *testing.T, videos *table, change ...func(*videoapi.Options)) *server {
	t.Helper()
	s := &server{t: t, clock: time.Now()}
	o := videoapi.Options{
		Videos: videos, Keys: keys{}, AccessKey: accessKey, SecretKey: secretKey, Region: "us-east-1",
		S3URL: func(r *http.Request) string { return "http://" + strings.Split(r.Host, ":")[0] + ":9000/" },
		Now:   func() time.Time { return s.clock },
		Log:   slog.New(slog.NewTextHandler(t.Output(), nil)),
		Pipelines: []spool.Pipeline{
			{Name: "vod", Bucket: "ingress", Prefix: "up load/", Suffixes: []string{".mp4", ".MOV"}},
			{Name: "any", Bucket: "cats"},
		},
	}
	for _, f := range change {
		f(&o)
	}
	s.Server = httptest.NewServer(videoapi.New(o))
	t.Cleanup(s.Close)
	return s
}

// call makes a request as the owner unless it says otherwise, and decodes the answer.
func (s *server) call(method, path, body string, into any, header ...string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth(accessKey, secretKey)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.send(s.Client(), r, into)
}

func (s *server) send(client *http.Client, r *http.Request, into any) *http.Response {
	s.t.Helper()
	resp, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			s.t.Fatalf("%s %s: %s %s", r.Method, r.URL, resp.Status, text)
		}
	}
	return resp
}

type page struct {
	Videos []spool.Video `json:"videos"`
	Next   string        `json:"next"`
}

type problem struct {
	Detail string `json:"detail"`
}

func TestList(t *testing.T) {
	t.Parallel()
	videos := newTable("e", "d", "c", "b", "a")
	videos.videos[2].WorkflowStatus = spool.VideoError
	s := newServer(t, videos)
	var guids []string
	for path := "/api/v1/videos?limit=2"; ; {
		var p page
		resp := s.call(http.MethodGet, path, "", &p)
		if resp.StatusCode != http.StatusOK || len(p.Videos) > 2 || resp.Header.Get("X-Request-Id") == "" {
			t.Fatalf("%s: %+v", resp.Status, p)
		}
		for _, v := range p.Videos {
			guids = append(guids, v.GUID)
		}
		if p.Next == "" {
			break
		}
		path = "/api/v1/videos?limit=2&after=" + p.Next
	}
	if strings.Join(guids, "") != "edcba" {
		t.Errorf("pages gave %v", guids)
	}
	var p page
	s.call(http.MethodGet, "/api/v1/videos?status=Error", "", &p)
	if len(p.Videos) != 1 || p.Videos[0].GUID != "c" {
		t.Errorf("status=Error gave %+v", p)
	}
	for path, want := range map[string]int{
		"/api/v1/videos?limit=0": 422, "/api/v1/videos?limit=101": 422, "/api/v1/videos?status=Done": 422,
		"/api/v1/videos?after=zz": 400, "/api/v1/videos/zz": 404, "/api/v1/videos/a": 200,
	} {
		if resp := s.call(http.MethodGet, path, "", nil); resp.StatusCode != want {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
	empty := newServer(t, newTable())
	resp := empty.call(http.MethodGet, "/api/v1/videos", "", nil)
	if text, _ := io.ReadAll(resp.Body); !strings.Contains(string(text), `"videos":[]`) {
		t.Errorf("an empty list is %s", text)
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTable("a"))
	for _, path := range []string{"/api/v1/videos", "/api/v1/videos/a", "/api/v1/videos/events", "/api/v1/pipelines", "/api/v1/settings"} {
		for _, header := range [][]string{
			{"Authorization", ""}, {"Authorization", "Basic !"}, {"Cookie", "spool_session=1.x", "Authorization", ""},
			{"Cookie", "spool_session=" + accessKey + ".99999999999.x", "Authorization", ""},
			{"Cookie", "spool_session=99999999999." + videoapi.SignInToken(secretKey), "Authorization", ""},
		} {
			resp := s.call(http.MethodGet, path, "", nil, header...)
			if resp.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic") {
				t.Errorf("%s with %v: %s", path, header, resp.Status)
			}
		}
		resp := s.call(http.MethodGet, path, "", nil, "Authorization", "", "User-Agent", "Mozilla/5.0")
		if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("WWW-Authenticate") != "" {
			t.Errorf("%s in a browser: %s", path, resp.Status)
		}
	}
	var openapi struct{ Paths map[string]any }
	if resp := s.call(http.MethodGet, "/api/openapi.json", "", &openapi, "Authorization", ""); resp.StatusCode != 200 || len(openapi.Paths) != 9 {
		t.Errorf("OpenAPI: %s, %d paths", resp.Status, len(openapi.Paths))
	}
}

// TestSettings: the table of settings, one of them, and none.
func TestSettings(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTable())
	for query, want := range map[string]int{"": 1100, "?path=Settings.OutputGroups[].Outputs[].NameModifier": 1, "?path=/outputGroups/0/outputs/0/nameModifier": 1} {
		var answer struct {
			Settings []struct{ Path, Verdict, How string }
		}
		if resp := s.call(http.MethodGet, "/api/v1/settings"+query, "", &answer); resp.StatusCode != http.StatusOK || len(answer.Settings) != want {
			t.Errorf("%q: %s, %d settings", query, resp.Status, len(answer.Settings))
		} else if one := answer.Settings[0]; want == 1 && (one.Path != "outputGroups/*/outputs/*/nameModifier" || one.Verdict != "honoured" || one.How == "") {
			t.Errorf("%q: %+v", query, one)
		}
	}
	if resp := s.call(http.MethodGet, "/api/v1/settings?path=nothing", "", nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("nothing: %s", resp.Status)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTable("a"))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	do := func(method, path string, header ...string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(`{"name":"a.mp4"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return s.send(browser, r, nil)
	}
	signedIn := func() bool {
		text, _ := io.ReadAll(do(http.MethodGet, "/api/v1/session").Body)
		return strings.TrimSpace(string(text)) == `{"signedIn":true,"role":"admin"}`
	}
	if resp := do(http.MethodGet, "/signin?token=wrong"); resp.StatusCode != http.StatusForbidden || signedIn() {
		t.Errorf("a wrong token: %s", resp.Status)
	}
	resp := do(http.MethodGet, "/signin?token="+videoapi.SignInToken(secretKey))
	cookie := resp.Header.Get("Set-Cookie")
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/" ||
		!strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") || strings.Contains(cookie, secretKey) {
		t.Fatalf("sign-in: %s %v", resp.Status, resp.Header)
	}
	if !signedIn() {
		t.Error("not signed in after the sign-in")
	}
	if resp := do(http.MethodGet, "/api/v1/videos"); resp.StatusCode != http.StatusOK {
		t.Errorf("videos with the cookie: %s", resp.Status)
	}
	for origin, want := range map[string]int{s.URL: 201, "": 201, "https://evil.example": 403, "null": 403} {
		header := []string{"Origin", origin}
		if origin == "" {
			header = nil
		}
		if resp := do(http.MethodPost, "/api/v1/uploads", header...); resp.StatusCode != want {
			t.Errorf("upload from %q: %s", origin, resp.Status)
		}
	}
	if resp := do(http.MethodPost, "/api/v1/uploads", "Sec-Fetch-Site", "cross-site"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("upload across sites: %s", resp.Status)
	}
	s.clock = s.clock.Add(30*24*time.Hour + time.Second)
	if signedIn() {
		t.Error("still signed in after 30 days")
	}
}
