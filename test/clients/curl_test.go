package clients

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

// curl calls curl and gives the status and what it printed.
func curl(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	testkit.NeedTools(t, "curl")
	out, problem := run(t, t.TempDir(), append([]string{}, "PATH=/usr/bin:/bin", "NO_PROXY=127.0.0.1", "HOME=/nonexistent"), "curl",
		append([]string{"--silent", "--show-error", "--globoff", "--max-time", "60", "--write-out", "\n%{http_code}"}, args...)...)
	if problem != "" {
		t.Fatalf("curl %q: %s", args, problem)
	}
	end := strings.LastIndexByte(out, '\n')
	status, err := strconv.Atoi(out[end+1:])
	if err != nil {
		t.Fatalf("curl %q prints %q", args, out)
	}
	return status, out[:end]
}

// curlHeaders gives the header of the answer as well.
func curlHeaders(t *testing.T, args ...string) (status int, header map[string]string, body string) {
	t.Helper()
	status, out := curl(t, append([]string{"--include"}, args...)...)
	head, body, _ := strings.Cut(out, "\r\n\r\n")
	header = map[string]string{}
	for _, line := range strings.Split(head, "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ": ")
		header[strings.ToLower(name)] = value
	}
	return status, header, body
}

func curlDoors(t *testing.T, s *harness.Server) {
	t.Run("watching", func(t *testing.T) { t.Parallel(); curlWatching(t, s) })
	t.Run("the video API", func(t *testing.T) { t.Parallel(); curlVideos(t, s) })
	t.Run("delivery", func(t *testing.T) { t.Parallel(); curlDelivery(t, s) })
}

// curlWatching reads what a monitoring system reads.
func curlWatching(t *testing.T, s *harness.Server) {
	for path, want := range map[string]string{"/healthz": `{"status":"ok"}`, "/readyz": `{"status":"ready"}`} {
		if status, out := curl(t, s.HTTP+path); status != http.StatusOK || strings.TrimSpace(out) != want {
			t.Errorf("%s gives %d %s", path, status, out)
		}
	}
	status, out := curl(t, s.HTTP+"/metrics")
	for _, want := range []string{
		`(?m)^spool_queue_jobs\{queue="Default",status="PROGRESSING"\} \d+$`, `(?m)^spool_queue_jobs\{queue="Default",status="SUBMITTED"\} \d+$`,
		`(?m)^spool_disk_free_bytes [1-9]`, `(?m)^process_resident_memory_bytes [1-9]`, `(?m)^go_goroutines [1-9]`, `(?m)^# HELP spool_`,
	} {
		if status != http.StatusOK || !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("/metrics gives %d without %s", status, want)
		}
	}
}

// curlVideos reads the table as an application does.
func curlVideos(t *testing.T, s *harness.Server) {
	s.Upload(t, "uploads", "out/nothing.mp4", testkit.Clip(t, small)) // no pipeline takes it
	owner := []string{"--user", s.AccessKey + ":" + s.SecretKey}
	for what, args := range map[string][]string{
		"nobody": {}, "a wrong secret": {"--user", s.AccessKey + ":wrong"}, "an unknown key": {"--user", "AKIAUNKNOWN:" + s.SecretKey},
	} {
		status, header, out := curlHeaders(t, append(args, s.HTTP+"/api/v1/videos")...)
		if status != http.StatusUnauthorized || !strings.HasPrefix(header["www-authenticate"], "Basic ") || !strings.Contains(out, "Sign in with the link") {
			t.Errorf("%s gets %d %v %s", what, status, header, out)
		}
	}
	status, out := curl(t, append(owner, s.HTTP+"/api/v1/videos?limit=1")...)
	list := decode[struct {
		Videos []spool.Video
		Next   string
	}](t, out)
	if status != http.StatusOK || len(list.Videos) > 1 {
		t.Errorf("the list: %d %s", status, out)
	}
	for query, words := range map[string]string{"limit=0": "limit", "limit=101": "limit", "status=Lost": "status"} {
		if status, out := curl(t, append(owner, s.HTTP+"/api/v1/videos?"+query)...); status != http.StatusUnprocessableEntity || !strings.Contains(out, words) {
			t.Errorf("?%s: %d %s", query, status, out)
		}
	}
	if status, out := curl(t, append(owner, s.HTTP+"/api/v1/videos/none")...); status != http.StatusNotFound || !strings.Contains(out, "none") {
		t.Errorf("an unknown video: %d %s", status, out)
	}
	status, out = curl(t, append(owner, "--json", `{"name":"text.txt"}`, s.HTTP+"/api/v1/uploads")...)
	if status != http.StatusBadRequest || !strings.Contains(out, `No pipeline takes \"text.txt\": vod takes .mp4, `) {
		t.Errorf("an upload that no pipeline takes: %d %s", status, out)
	}
	if status, out := curl(t, s.HTTP+"/api/openapi.json"); status != http.StatusOK || !strings.Contains(out, `"/api/v1/videos/{guid}"`) {
		t.Errorf("the API's description: %d %.200s", status, out)
	}
}

// curlDelivery asks for ranges, and only for what is new.
func curlDelivery(t *testing.T, s *harness.Server) {
	key, body := "list é+1 %41.m3u8", "#EXTM3U\n0123456789"
	_, err := s.S3Client().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("plain"), Key: &key, Body: strings.NewReader(body)})
	if err != nil {
		t.Fatal(err)
	}
	address := s.Delivered("plain", key)
	status, header, out := curlHeaders(t, address)
	if status != http.StatusOK || out != body || header["content-type"] != "application/vnd.apple.mpegurl" || header["etag"] == "" ||
		header["accept-ranges"] != "bytes" || header["access-control-allow-origin"] != "*" {
		t.Errorf("a whole object: %d %v %q", status, header, out)
	}
	if s3Status, s3Header, _ := curlHeaders(t, "--head", address); s3Status != http.StatusOK || s3Header["content-length"] != strconv.Itoa(len(body)) {
		t.Errorf("its head: %d %v", s3Status, s3Header)
	}
	etag, since := header["etag"], header["last-modified"]
	for _, tt := range []struct {
		what   string
		args   []string
		status int
		body   string
		ranged string
	}{
		{"the first bytes", []string{"--range", "0-6"}, 206, "#EXTM3U", "bytes 0-6/18"},
		{"the last bytes", []string{"--range", "-3"}, 206, "789", "bytes 15-17/18"},
		{"from a byte on", []string{"--range", "16-"}, 206, "89", "bytes 16-17/18"},
		{"beyond the end", []string{"--range", "18-"}, 416, "*", "bytes */18"},
		{"if changed, and it is not", []string{"--header", "If-None-Match: " + etag}, 304, "", ""},
		{"if changed, and it is", []string{"--header", `If-None-Match: "other"`}, 200, body, ""},
		{"if newer, and it is not", []string{"--header", "If-Modified-Since: " + since}, 304, "", ""},
		{"if the same, and it is not", []string{"--header", `If-Match: "other"`}, 412, "*", ""},
		{"the rest of the same", []string{"--range", "16-", "--header", "If-Range: " + etag}, 206, "89", "bytes 16-17/18"},
		{"the rest of another", []string{"--range", "16-", "--header", `If-Range: "other"`}, 200, body, ""},
		{"from another site", []string{"--header", "Origin: https://example.org"}, 200, body, ""},
	} {
		status, header, out := curlHeaders(t, append(tt.args, address)...)
		if status != tt.status || tt.body != "*" && out != tt.body || header["content-range"] != tt.ranged || header["access-control-allow-origin"] != "*" {
			t.Errorf("%s: %d %v %q", tt.what, status, header, out)
		}
	}
	for what, address := range map[string]string{
		"a bucket that is not delivered": s.Delivered("uploads", "out/nothing.mp4"), "an unknown key": s.Delivered("plain", "none"),
		"a bucket's list": s.HTTP + "/media/plain/", "a key unescaped twice": strings.Replace(address, "%2541", "%41", 1),
		"a way up": s.HTTP + "/media/plain/..%2f..%2fkeys",
	} {
		if status, out := curl(t, "--path-as-is", address); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", what, status, out)
		}
	}
	if status, _ := curl(t, "--request", "DELETE", address); status != http.StatusMethodNotAllowed {
		t.Errorf("delete over delivery: %d", status)
	}
}
