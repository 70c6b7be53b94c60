package videoapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"spool/internal/sign"
	"spool/internal/spool"
	"spool/internal/videoapi"
)

type upload struct {
	URL, Method, Bucket, Key, Pipeline string
	Headers                            map[string]string
	Expires                            time.Time
}

func TestUploads(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTable())
	long := strings.Repeat("ü", 300) + ".mp4"
	for _, tt := range []struct{ name, pipeline, bucket, base string }{
		{"a.mp4", "", "ingress", "a.mp4"},
		{"A clip (1).MP4", "", "ingress", "A clip (1).MP4"},
		{"日本 ü+%&'\"[x]#?.mov", "", "ingress", "日本 ü+%&'\"[x]#?.mov"},
		{"-lead.mp4", "", "ingress", "-lead.mp4"},
		{`C:\Users\me\x.mp4`, "", "ingress", "x.mp4"},
		{"../../etc/x.mp4", "", "ingress", "x.mp4"},
		{"new\nline\x00\u202e.mp4", "", "ingress", "new_line__.mp4"},
		{".mp4", "", "ingress", "video.mp4"},
		{long, "", "ingress", strings.Repeat("ü", 98) + ".mp4"},
		{"a.mkv", "", "cats", "a.mkv"},
		{"noext", "", "cats", "noext"},
		{"..", "", "cats", "video."},
		{"a/", "", "cats", "video"},
		{"a.mp4", "any", "cats", "a.mp4"},
	} {
		body, err := json.Marshal(map[string]any{"name": tt.name, "pipeline": tt.pipeline, "type": "video/mp4", "size": 5})
		if err != nil {
			t.Fatal(err)
		}
		var u upload
		if resp := s.call(http.MethodPost, "/api/v1/uploads", string(body), &u); resp.StatusCode != http.StatusCreated {
			t.Errorf("%q: %s", tt.name, resp.Status)
			continue
		}
		folder, base, _ := strings.Cut(strings.TrimPrefix(u.Key, "up load/"), "/")
		if u.Bucket != tt.bucket || base != tt.base || len(folder) != 36 || u.Method != "PUT" ||
			u.Headers["Content-Type"] != "video/mp4" || !utf8.ValidString(u.Key) || spool.CheckKey(u.Key) != nil {
			t.Errorf("%q: %+v", tt.name, u)
		}
		if left := u.Expires.Sub(s.clock); left < 59*time.Minute || left > time.Hour {
			t.Errorf("%q: expires in %s", tt.name, left)
		}
		checkSigned(t, u, s.clock)
	}
	if a, b := s.key(t), s.key(t); a == b {
		t.Errorf("the same key twice: %s", a)
	}
}

func (s *server) key(t *testing.T) string {
	t.Helper()
	var u upload
	s.call(http.MethodPost, "/api/v1/uploads", `{"name":"a.mp4"}`, &u)
	return u.Key
}

// checkSigned checks the URL as an S3 server does.
func checkSigned(t *testing.T, u upload, now time.Time) {
	t.Helper()
	target, err := url.Parse(u.URL)
	if err != nil {
		t.Fatal(err)
	}
	if target.Host != "127.0.0.1:9000" || target.Path != "/"+u.Bucket+"/"+u.Key {
		t.Errorf("the URL %s is not of %s/%s", u.URL, u.Bucket, u.Key)
	}
	v := sign.Verifier{Service: "s3", Region: "us-east-1", Key: keys{}.Key}
	if _, err := v.Verify(sign.Request{
		Method: u.Method, EscapedPath: target.EscapedPath(), RawQuery: target.RawQuery, Host: target.Host,
		Header: map[string][]string{"Content-Type": {"video/mp4"}}, PayloadHash: sign.UnsignedPayload,
	}, now); err != nil {
		t.Errorf("the URL of %q: %v", u.Key, err)
	}
}

func TestUploadRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTable(), func(o *videoapi.Options) { o.Pipelines = o.Pipelines[:1] })
	for _, tt := range []struct {
		body string
		code int
		want string
	}{
		{`{"name":"a.avi"}`, 400, `No pipeline takes "a.avi": vod takes .mp4, .MOV.`},
		{`{"name":"a.mp4","pipeline":"nope"}`, 400, `There is no pipeline "nope".`},
		{`{"name":"a.mp4","size":5368709121}`, 400, "multipart"},
		{`{"name":"a.mp4","type":"video/mp4\r\nX: y"}`, 400, "no media type"},
		{`{"name":""}`, 422, ""},
		{`{}`, 422, ""},
		{`{"name":"a.mp4","size":-1}`, 422, ""},
		{`{"name":"a.mp4","other":1}`, 422, ""},
		{`{"name":`, 400, ""},
	} {
		var p problem
		resp := s.call(http.MethodPost, "/api/v1/uploads", tt.body, &p)
		if resp.StatusCode != tt.code || !strings.Contains(p.Detail, tt.want) {
			t.Errorf("%s: %s %q", tt.body, resp.Status, p.Detail)
		}
	}
	none := newServer(t, newTable(), func(o *videoapi.Options) { o.Pipelines = nil })
	if resp := none.call(http.MethodPost, "/api/v1/uploads", `{"name":"a.mp4"}`, nil); resp.StatusCode != 400 {
		t.Errorf("without pipelines: %s", resp.Status)
	}
}

func TestPipelines(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTable())
	var got struct {
		Pipelines []struct {
			Name, Bucket, Prefix string
			Suffixes             []string
		}
	}
	s.call(http.MethodGet, "/api/v1/pipelines", "", &got)
	if len(got.Pipelines) != 2 || got.Pipelines[0].Prefix != "up load/" || len(got.Pipelines[0].Suffixes) != 2 || got.Pipelines[1].Suffixes == nil {
		t.Errorf("%+v", got)
	}
}
