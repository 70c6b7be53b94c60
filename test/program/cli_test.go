package program_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"spool/internal/testkit"
	"spool/test/harness"
)

// terminal is the program at work against a server, as a person uses it.
type terminal struct {
	t   *testing.T
	s   *harness.Server
	env []string
}

func newTerminal(t *testing.T, s *harness.Server) *terminal {
	t.Helper()
	return &terminal{t: t, s: s, env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "SPOOL_ENDPOINT=" + s.HTTP,
		"SPOOL_ACCESS_KEY=" + s.AccessKey, "SPOOL_SECRET_KEY=" + s.SecretKey,
	}}
}

// ran is what a command said.
type ran struct {
	out, err string
	code     int
}

func (c *terminal) command(stdin string, args ...string) *exec.Cmd {
	cmd := harness.Spool(c.t, args...)
	cmd.Env = c.env
	cmd.Dir = c.t.TempDir()
	cmd.Stdin = strings.NewReader(stdin)
	return cmd
}

func (c *terminal) run(stdin string, args ...string) ran {
	c.t.Helper()
	cmd := c.command(stdin, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatalf("spool %q: %v", args, err)
	}
	return ran{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// ok demands success and gives the output.
func (c *terminal) ok(stdin string, args ...string) string {
	c.t.Helper()
	r := c.run(stdin, args...)
	if r.code != 0 {
		c.t.Fatalf("spool %q ended with %d:\n%s%s", args, r.code, r.out, r.err)
	}
	return r.out
}

// refused demands a status and words on standard error.
func (c *terminal) refused(code int, words []string, stdin string, args ...string) {
	c.t.Helper()
	r := c.run(stdin, args...)
	if r.code != code {
		c.t.Errorf("spool %q ended with %d, not %d:\n%s%s", args, r.code, code, r.out, r.err)
	}
	for _, w := range words {
		if !strings.Contains(r.err, w) {
			c.t.Errorf("spool %q does not say %q:\n%s", args, w, r.err)
		}
	}
	if r.out != "" {
		c.t.Errorf("spool %q failed and wrote to standard output:\n%s", args, r.out)
	}
}

// parsed reads a command's JSON.
func (c *terminal) parsed(stdin string, args ...string) map[string]any {
	c.t.Helper()
	var v map[string]any
	out := c.ok(stdin, args...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		c.t.Fatalf("spool %q prints no JSON: %v\n%s", args, err, out)
	}
	return v
}

// shows demands words in the output of a command.
func (c *terminal) shows(words []string, args ...string) {
	c.t.Helper()
	out := c.ok("", args...)
	for _, w := range words {
		if !strings.Contains(out, w) {
			c.t.Errorf("spool %q does not show %q:\n%s", args, w, out)
		}
	}
}

// cliJob is a job file as the console writes it: bare settings, PascalCase.
const cliJob = `{"Inputs":[{"FileInput":"s3://uploads/nothing.mp4","VideoSelector":{},"TimecodeSource":"ZEROBASED"}],
"OutputGroups":[{"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://media/cli/x"}},
"Outputs":[{"NameModifier":"_a","ContainerSettings":{"Container":"MP4"},"VideoDescription":{"CodecSettings":{"Codec":"H_264",
"H264Settings":{"RateControlMode":"QVBR","MaxBitrate":1000000}}}}]}]}`

// cliConfig has no pipelines: only what the commands ask for runs.
const cliConfig = "buckets:\n  - name: uploads\n  - name: media\n    deliver: true\npipelines: []\n"

func startCLI(t *testing.T) (*harness.Server, *terminal) {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	s := harness.StartServer(t, harness.Options{Config: cliConfig})
	return s, newTerminal(t, s)
}

// TestJobCommands follows jobs from their submission to every end.
func TestJobCommands(t *testing.T) {
	t.Parallel()
	s, c := startCLI(t)
	s.Upload(t, "uploads", "a.mp4", testkit.Clip(t, testkit.ClipSpec{Seconds: 2, W: 320, H: 180}))

	r := c.run(cliJob, "job", "submit", "-", "-i", "s3://uploads/a.mp4", "-m", "who=me", "-m", "why=test=1", "-p", "7", "--wait")
	if r.code != 0 || !strings.Contains(r.out, "COMPLETE") || !strings.Contains(r.out, "320x180") || !strings.Contains(r.err, "submitted ") {
		t.Fatalf("submit --wait ended with %d:\n%s%s", r.code, r.out, r.err)
	}
	done := regexp.MustCompile(`submitted (\S+)`).FindStringSubmatch(r.err)[1]
	if keys := s.Keys(t, "media", "cli/"); len(keys) != 1 || keys[0] != "cli/x_a.mp4" {
		t.Errorf("published: %v", keys)
	}
	job, _ := c.parsed("", "job", "get", done, "--json")["job"].(map[string]any)
	meta, _ := job["userMetadata"].(map[string]any)
	if job["id"] != done || job["priority"] != 7.0 || meta["who"] != "me" || meta["why"] != "test=1" {
		t.Errorf("get --json: %v", job)
	}
	c.shows([]string{done, "COMPLETE", "Default, priority 7", "s3://uploads/a.mp4", "why=test=1", "took"}, "job", "get", done)
	c.shows([]string{done}, "job", "get", fmt.Sprint(job["arn"]))
	if again := c.parsed("", "job", "watch", done, "--json")["job"].(map[string]any); again["status"] != "COMPLETE" {
		t.Errorf("watch --json: %v", again)
	}
	// What the API gives is a file to submit again.
	file := filepath.Join(t.TempDir(), "again.json")
	if err := os.WriteFile(file, []byte(c.ok("", "job", "get", done, "--json")), 0o600); err != nil {
		t.Fatal(err)
	}
	again := strings.TrimSpace(c.ok("", "job", "submit", file))
	if again == done {
		t.Error("a job that is submitted again is the old one")
	}
	c.ok("", "job", "watch", again)

	failed := strings.TrimSpace(c.ok(cliJob, "job", "submit", "-"))
	c.refused(1, []string{failed + " failed: 1404: ", "s3://uploads/nothing.mp4"}, "", "job", "watch", failed)
	c.shows([]string{"ERROR", "1404"}, "job", "get", failed)

	c.ok("", "queue", "create", "later", "--paused")
	waiting := strings.TrimSpace(c.ok(cliJob, "job", "submit", "-", "-q", "later"))
	c.shows([]string{"canceled " + waiting}, "job", "cancel", waiting)
	c.refused(1, []string{waiting + " was canceled"}, "", "job", "watch", waiting)
	c.refused(2, []string{"ConflictException (409)"}, "", "job", "cancel", waiting)
	c.refused(2, []string{"NotFoundException (404)"}, "", "job", "cancel", "1712252725875-defhgi")
	c.refused(2, []string{"NotFoundException (404)"}, "", "job", "watch", "1712252725875-defhgi")
	c.shows([]string{"ID", "STATUS", failed, "error 1404", waiting, "CANCELED", done}, "job", "list")
	if out := c.ok("", "job", "list", "--status", "error"); !strings.Contains(out, failed) || strings.Contains(out, done) {
		t.Errorf("list --status ERROR:\n%s", out)
	}
	if out := c.ok("", "job", "list", "-q", "later"); !strings.Contains(out, waiting) || strings.Contains(out, done) {
		t.Errorf("list --queue later:\n%s", out)
	}
	if out := c.ok("", "job", "list", "-s", "a.mp4"); !strings.Contains(out, done) || strings.Contains(out, waiting) {
		t.Errorf("list --search a.mp4:\n%s", out)
	}
}

// TestJobLists asks for more than one page.
func TestJobLists(t *testing.T) {
	t.Parallel()
	_, c := startCLI(t)
	if r := c.run("", "job", "list"); r.code != 0 || r.out != "" || !strings.Contains(r.err, "no jobs") {
		t.Errorf("no jobs: %+v", r)
	}
	c.ok("", "queue", "create", "later", "--paused")
	var ids []string
	for range 23 {
		ids = append([]string{strings.TrimSpace(c.ok(cliJob, "job", "submit", "-", "-q", "later"))}, ids...)
	}
	for limit, want := range map[string]int{"0": 23, "20": 20, "22": 22, "1": 1, "100": 23} {
		list, _ := c.parsed("", "job", "list", "--max", limit, "--json")["jobs"].([]any)
		if len(list) != want {
			t.Errorf("list --max %s gives %d jobs, not %d", limit, len(list), want)
			continue
		}
		for i, j := range list {
			if j.(map[string]any)["id"] != ids[i] {
				t.Errorf("list --max %s: job %d is another one", limit, i)
			}
		}
	}
	if r := c.run("", "job", "list"); strings.Count(r.out, "\n") != 21 || !strings.Contains(r.err, "there are more") {
		t.Errorf("the first page: %+v", r)
	}
	if out := c.ok("", "job", "list", "--oldest", "-n", "1"); !strings.Contains(out, ids[22]) {
		t.Errorf("list --oldest:\n%s", out)
	}
	c.refused(2, []string{"wrong", "COMPLETE"}, "", "job", "list", "--status", "wrong")
	c.refused(2, []string{"--max"}, "", "job", "list", "--max=-1")
}

// TestRefusedBeforeSending gives files and flags that are wrong, and counts
// what reaches a server.
func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	s, c := startCLI(t)
	var asked atomic.Int64
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer trap.Close()
	quiet := *c
	quiet.env = append(c.env[:len(c.env):len(c.env)], "SPOOL_ENDPOINT="+trap.URL)
	quiet.refused(2, []string{"standard input is refused; nothing was sent", "/outputGroups/0/outputs/0/containerSettings/Contaner: The member is not known",
		"/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/maxBitrate: Should be of type integer, not string"},
		strings.NewReplacer(`"Container":`, `"Contaner":`, "1000000", `"fast"`).Replace(cliJob), "job", "submit", "-")
	quiet.refused(2, []string{"nothing was sent"}, "no json", "job", "submit", "-")
	quiet.refused(2, []string{"nothing was sent", "/Nmae"}, `{"Nmae":"x","Settings":{}}`, "template", "create", "-")
	quiet.refused(2, []string{"nothing was sent", "/videoDescripton"}, `{"name":"x","settings":{"videoDescripton":{}}}`, "preset", "create", "-")
	quiet.refused(2, []string{"--name"}, `{"settings":{}}`, "preset", "create", "-")
	quiet.refused(2, []string{"--template"}, "", "job", "submit")
	quiet.refused(2, []string{"no such file"}, "", "job", "submit", "missing.json")
	quiet.refused(2, []string{"nothing to change"}, "", "queue", "update", "x")
	quiet.refused(2, []string{"nothing to change"}, "", "template", "update", "x")
	quiet.refused(2, []string{"nothing to change"}, "", "preset", "update", "x")
	quiet.env = append(quiet.env, "SPOOL_ENDPOINT=ftp://x")
	quiet.refused(2, []string{`"ftp://x"`}, "", "job", "list")
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}

	// What only the server can judge comes back thing by thing.
	c.refused(2, []string{"BadRequestException (400): 2 things are wrong:\n", "\n  /outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/maxBitrate: "},
		strings.NewReplacer("1000000", "1", `"QVBR"`, `"CBRR"`).Replace(cliJob), "job", "submit", "-")
	c.refused(1, []string{"http://127.0.0.1:1 can't be reached", "spool serve"}, "", "job", "list", "--endpoint", "http://127.0.0.1:1")
	c.refused(1, []string{s.S3 + " is no MediaConvert API", "Is it the address of S3?"}, "", "job", "list", "--endpoint", s.S3)
	wrong := *c
	wrong.env = append(c.env[:len(c.env):len(c.env)], "SPOOL_SECRET_KEY=another")
	wrong.refused(2, []string{"InvalidSignatureException (403)", "secret key"}, "", "job", "list")
	wrong.env = append(wrong.env, "SPOOL_ACCESS_KEY=AKIAUNKNOWNUNKNOWN12")
	wrong.refused(2, []string{"UnrecognizedClientException (403)", "access key"}, "", "job", "list")

	// AWS itself: only the name that is asked of a proxy can be seen here.
	var host atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host.Store(r.Host)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	amazon := &terminal{t: t, s: s, env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "HTTPS_PROXY=" + proxy.URL,
		"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=x", "AWS_MAX_ATTEMPTS=1",
	}}
	amazon.refused(1, []string{"AWS"}, "", "job", "list", "--endpoint", "aws", "--region", "eu-west-1")
	if host.Load() != "mediaconvert.eu-west-1.amazonaws.com:443" {
		t.Errorf("--endpoint aws asks %v", host.Load())
	}
	amazon.refused(2, []string{"--role"}, cliJob, "job", "submit", "-", "--endpoint", "aws")

	// A profile of the AWS files, which also names the endpoint's region.
	home := t.TempDir()
	credentials := fmt.Sprintf("[spool]\naws_access_key_id = %s\naws_secret_access_key = %s\n", s.AccessKey, s.SecretKey)
	if err := os.MkdirAll(filepath.Join(home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".aws", "credentials"), []byte(credentials), 0o600); err != nil {
		t.Fatal(err)
	}
	byProfile := &terminal{t: t, s: s, env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "AWS_ENDPOINT_URL_MEDIACONVERT=" + s.HTTP}}
	byProfile.shows([]string{"Default"}, "queue", "list", "--profile", "spool")
	byProfile.refused(2, []string{"--data", "SPOOL_ACCESS_KEY"}, "", "queue", "list")
	byProfile.refused(2, []string{"nobody"}, "", "queue", "list", "--profile", "nobody")
}

// TestQueueCommands takes a queue through its life.
func TestQueueCommands(t *testing.T) {
	t.Parallel()
	_, c := startCLI(t)
	c.shows([]string{"fast", "ACTIVE", "quick ones", "at once     2"}, "queue", "create", "fast", "-d", "quick ones", "--at-once", "2")
	c.refused(2, []string{"ConflictException (409)"}, "", "queue", "create", "fast")
	c.shows([]string{"PAUSED"}, "queue", "pause", "fast")
	c.ok(cliJob, "job", "submit", "-", "-q", "fast")
	c.shows([]string{"1 waiting, 0 running"}, "queue", "get", "fast")
	c.refused(2, []string{"ConflictException (409)"}, "", "queue", "delete", "fast")
	if q := c.parsed("", "queue", "update", "fast", "-d", "", "--at-once", "3", "--json")["queue"].(map[string]any); q["concurrentJobs"] != 3.0 || q["status"] != "PAUSED" {
		t.Errorf("update --json: %v", q)
	}
	id := c.parsed("", "job", "list", "--json")["jobs"].([]any)[0].(map[string]any)["id"].(string)
	c.shows([]string{"ACTIVE"}, "queue", "resume", "fast")
	if r := c.run("", "job", "watch", id); r.code != 1 { // its input is missing
		t.Errorf("the resumed job ended with %d", r.code)
	}
	if list := c.parsed("", "queue", "list", "--json")["queues"].([]any); len(list) != 2 {
		t.Errorf("list --json: %v", list)
	}
	c.shows([]string{"NAME", "Default", "fast", "SYSTEM", "CUSTOM"}, "queue", "list")
	c.shows([]string{"deleted the queue fast"}, "queue", "delete", "fast")
	c.refused(2, []string{"NotFoundException (404)"}, "", "queue", "get", "fast")
	c.shows([]string{"3 slots", "AUTO_RENEW"}, "queue", "create", "mine", "--reserved-slots", "3", "--renew")
	// What the flags do not name of a reservation stays.
	c.shows([]string{"5 slots", "AUTO_RENEW"}, "queue", "update", "mine", "--reserved-slots", "5")
	c.shows([]string{"5 slots", "EXPIRE"}, "queue", "update", "mine", "--no-renew")
	c.shows([]string{"5 slots", "EXPIRE", "mine too"}, "queue", "update", "mine", "-d", "mine too")
	c.shows([]string{"6 slots", "EXPIRE"}, "queue", "update", "mine", "--reserved-slots", "6")
	c.shows([]string{"6 slots", "AUTO_RENEW"}, "queue", "update", "mine", "--renew")
	c.refused(2, []string{"--reserved-slots"}, "", "queue", "update", "Default", "--renew")
	c.refused(2, []string{"--reserved-slots"}, "", "queue", "create", "x", "--renew")
}

// TestCatalogCommands makes, changes, uses and deletes templates and presets.
func TestCatalogCommands(t *testing.T) {
	t.Parallel()
	s, c := startCLI(t)
	s.Upload(t, "uploads", "a.mp4", testkit.Clip(t, testkit.ClipSpec{Seconds: 1, W: 320, H: 180}))
	if r := c.run("", "template", "list"); r.code != 0 || !strings.Contains(r.err, "--system") {
		t.Errorf("no templates: %+v", r)
	}
	c.shows([]string{"System-Ott_Hls_Ts_Avc_Aac"}, "template", "list", "--system")
	if list := c.parsed("", "preset", "list", "--system", "-n", "3", "--json")["presets"].([]any); len(list) != 3 {
		t.Errorf("preset list -n 3: %d", len(list))
	}

	preset := `{"ContainerSettings":{"Container":"MP4"},"VideoDescription":{"Width":160,"Height":90,"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":500000}}}}`
	c.shows([]string{"tiny", "MP4", "H_264 160x90"}, "preset", "create", write(t, preset), "--name", "tiny", "-c", "small", "--tag", "a=b")
	c.refused(2, []string{"ConflictException (409)"}, preset, "preset", "create", "-", "--name", "tiny")
	template := strings.Replace(cliJob, `"ContainerSettings":{"Container":"MP4"},"VideoDescription":{"CodecSettings":{"Codec":"H_264",
"H264Settings":{"RateControlMode":"QVBR","MaxBitrate":1000000}}}`, `"Preset":"tiny"`, 1)
	template = strings.Replace(template, `"FileInput":"s3://uploads/nothing.mp4",`, "", 1)
	c.shows([]string{"usual", "preset tiny", "FILE_GROUP_SETTINGS"}, "template", "create", write(t, template), "--name", "usual", "-d", "the usual")

	r := c.run("", "job", "submit", "-t", "usual", "-i", "s3://uploads/a.mp4", "--wait")
	if r.code != 0 || !strings.Contains(r.out, "160x90") || !strings.Contains(r.out, "usual") {
		t.Errorf("a job from a template ended with %d:\n%s%s", r.code, r.out, r.err)
	}

	for _, kind := range []struct{ command, member, name string }{{"template", "jobTemplate", "usual"}, {"preset", "preset", "tiny"}} {
		was := c.ok("", kind.command, "get", kind.name, "--json")
		// What the API gives is a file to make another one from.
		copied := c.parsed(was, kind.command, "create", "-", "--name", "copy", "-d", "a copy", "--json")[kind.member].(map[string]any)
		original := c.parsed("", kind.command, "get", kind.name, "--json")[kind.member].(map[string]any)
		if fmt.Sprint(copied["settings"]) != fmt.Sprint(original["settings"]) || copied["description"] != "a copy" {
			t.Errorf("the copy of the %s is another one:\n%v\n%v", kind.command, copied, original)
		}
		c.shows([]string{"NAME", "\ncopy", "\n" + kind.name, "a copy"}, kind.command, "list")
		changed := c.parsed("", kind.command, "update", "copy", write(t, was), "-c", "other", "--json")[kind.member].(map[string]any)
		if changed["category"] != "other" || changed["name"] != "copy" {
			t.Errorf("update: %v", changed)
		}
		if out := c.ok("", kind.command, "list", "-c", "other"); !strings.Contains(out, "copy") || strings.Contains(out, "\n"+kind.name) {
			t.Errorf("%s list --category:\n%s", kind.command, out)
		}
		c.shows([]string{"deleted", "copy"}, kind.command, "delete", "copy")
		c.refused(2, []string{"NotFoundException (404)"}, "", kind.command, "get", "copy")
		c.refused(2, []string{"NotFoundException (404)"}, "", kind.command, "update", "copy", "-d", "x")
	}
}

// write puts a text into a file of its own.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestInterruptedWatch leaves a job alone on Ctrl-C, and says so.
func TestInterruptedWatch(t *testing.T) {
	t.Parallel()
	_, c := startCLI(t)
	c.ok("", "queue", "create", "later", "--paused")
	cmd := c.command(cliJob, "job", "submit", "-", "-q", "later", "--wait")
	errs := &watched{found: make(chan struct{}), word: "SUBMITTED"}
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-errs.found:
	case <-time.After(time.Minute):
		t.Error("no progress was shown")
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
	id := regexp.MustCompile(`submitted (\S+)`).FindStringSubmatch(errs.String())
	if code := cmd.ProcessState.ExitCode(); code != 130 || len(id) != 2 || !strings.Contains(errs.String(), "the job goes on; follow it again with: spool job watch "+id[1]) {
		t.Fatalf("interrupted: status %d\n%s", code, errs)
	}
	c.shows([]string{"SUBMITTED"}, "job", "get", id[1])
}

// TestOnATerminal runs commands on a terminal of 60 columns.
func TestOnATerminal(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "script", "stty")
	s, c := startCLI(t)
	s.Upload(t, "uploads", "a.mp4", testkit.Clip(t, testkit.ClipSpec{Seconds: 1, W: 320, H: 180}))
	on := func(columns int, env []string, args string) string {
		line := fmt.Sprintf("stty cols %d rows 24 && %s %s", columns, c.command("").Path, args)
		cmd := exec.CommandContext(t.Context(), "script", "-qec", line, "/dev/null")
		cmd.Env, cmd.Stdin = append(append([]string{"TERM=xterm"}, c.env...), env...), nil
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", args, err, out)
		}
		return string(out)
	}
	job := strings.Replace(cliJob, "nothing.mp4", "a.mp4", 1)
	bar := on(60, nil, "job submit "+write(t, job)+" --wait")
	if !strings.Contains(bar, "[---") || !strings.Contains(bar, "\x1b[32mCOMPLETE\x1b[0m") {
		t.Errorf("submit --wait shows:\n%q", bar)
	}
	escapes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, width := range []int{60, 200} {
		list := on(width, nil, "job list")
		if !strings.Contains(list, "\x1b[32mCOMPLETE\x1b[0m") {
			t.Errorf("job list has no colours:\n%q", list)
		}
		for line := range strings.Lines(list) {
			if n := len([]rune(strings.TrimRight(escapes.ReplaceAllString(line, ""), "\r\n"))); n > width {
				t.Errorf("a line of %d columns on a terminal of %d: %q", n, width, line)
			}
		}
		if wide := strings.Contains(list, "QUEUE"); wide != (width == 200) || !strings.Contains(list, "a.mp4") {
			t.Errorf("%d columns:\n%s", width, list)
		}
	}
	// A locale in which "…" may be two columns wide.
	if list := on(45, []string{"LC_ALL=ja_JP.UTF-8"}, "job list"); !strings.Contains(list, "COMPLETE") || !strings.Contains(list, "…") {
		t.Errorf("in Japan:\n%s", list)
	}
	if plain := on(60, []string{"NO_COLOR=1"}, "job list"); strings.Contains(plain, "\x1b[") {
		t.Errorf("NO_COLOR is not heard:\n%q", plain)
	}
}

// watched keeps what is written, and closes found once a word was.
type watched struct {
	word  string
	found chan struct{}

	mu   sync.Mutex
	text string
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := strings.Contains(w.text, w.word)
	w.text += string(p)
	if !before && strings.Contains(w.text, w.word) {
		close(w.found)
	}
	return len(p), nil
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text
}
