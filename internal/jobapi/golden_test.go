package jobapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/jobapi"
	"spool/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// exchange is one request of the story that TestGolden tells, with the
// operation that it is an example of. Texts such as {job} stand for what an
// earlier answer gave.
type exchange struct {
	operation, key, method, path, body string
	status                             int
	save                               string // name=member.member of the answer
	until                              string // asked again until the answer holds this text
}

func (e exchange) in(vars map[string]string) exchange {
	for name, value := range vars {
		e.path = strings.ReplaceAll(e.path, "{"+name+"}", value)
		e.body = strings.ReplaceAll(e.body, "{"+name+"}", value)
	}
	return e
}

// TestGolden sends a story of requests through the door, the real stages and
// both databases, and compares requests and answers with testdata/golden/OPERATION.txt.
// Every operation has a success and an error there.
func TestGolden(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) { tellStory(t, newServerOn(t, dsn, withProbe(t))) })
}

func tellStory(t *testing.T, s *server) {
	t.Helper()
	vars := map[string]string{}
	pages := map[string]*strings.Builder{}
	good, bad := map[string]bool{}, map[string]bool{}
	for i, e := range story() {
		e = e.in(vars)
		resp, body := s.tell(e)
		if resp.StatusCode != e.status {
			t.Fatalf("%d: %s %s %s: %s %s", i, e.method, e.path, e.body, resp.Status, body)
		}
		if name, path, ok := strings.Cut(e.save, "="); ok {
			vars[name] = member(t, body, path)
		}
		if pages[e.operation] == nil {
			pages[e.operation] = &strings.Builder{}
		}
		show(t, pages[e.operation], s, e, resp, body)
		good[e.operation] = good[e.operation] || e.status < 300
		bad[e.operation] = bad[e.operation] || e.status >= 400
	}
	for _, op := range jobapi.Operations() {
		if !good[op.Name] || !bad[op.Name] {
			t.Errorf("%s: a success: %v, an error: %v; there must be both", op.Name, good[op.Name], bad[op.Name])
		}
		if pages[op.Name] != nil {
			compareGolden(t, op.Name, normal(pages[op.Name].String()))
		}
	}
}

// tell sends one request, again until its answer is as it should become.
func (s *server) tell(e exchange) (*http.Response, string) {
	s.t.Helper()
	key := accessKey
	if e.key != "" {
		key = e.key
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		resp, body := s.rawAs(key, e.method, "/2017-08-29/"+e.path, e.body)
		if strings.Contains(body, e.until) || time.Now().After(deadline) {
			return resp, body
		}
	}
}

// member finds a text in an answer: "job.id".
func member(t *testing.T, body, path string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	text, ok := v.(string)
	if !ok {
		t.Fatalf("no %s in %s", path, body)
	}
	return text
}

// show writes a request and its answer as a reader wants to see them.
func show(t *testing.T, b *strings.Builder, s *server, e exchange, resp *http.Response, body string) {
	t.Helper()
	fmt.Fprintf(b, "%s /2017-08-29/%s\n", e.method, e.path)
	if e.key != "" {
		fmt.Fprintf(b, "(signed by %s)\n", e.key)
	}
	if e.body != "" {
		fmt.Fprintf(b, "%s\n", e.body)
	}
	fmt.Fprintf(b, "\n%d %s\n", resp.StatusCode, resp.Header.Get("Content-Type"))
	if kind := resp.Header.Get("x-amzn-ErrorType"); kind != "" {
		fmt.Fprintf(b, "x-amzn-ErrorType: %s\n", kind)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(strings.ReplaceAll(body, s.URL, "http://spool.example")), "", "  "); err != nil {
		t.Fatalf("%s: %v: %s", e.operation, err, body)
	}
	fmt.Fprintf(b, "%s\n\n----\n\n", indented.String())
}

var (
	goldenTime  = regexp.MustCompile(`"(createdAt|lastUpdated|submitTime|startTime|finishTime|purchasedAt|expiresAt|lastModified)": \d{10}`)
	goldenJob   = regexp.MustCompile(`\d{13}-[a-z0-9]{6}`)
	goldenToken = regexp.MustCompile(`"clientRequestToken": "\d{13}-[a-zA-Z]{6}"`)
	goldenNext  = regexp.MustCompile(`("nextToken": ?"|nextToken=)[A-Za-z0-9_-]{10,}`)
	goldenUUID  = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	goldenClock = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
)

// normal takes out what differs from run to run, and the settings of jobs,
// which have golden files of their own beside their defaults.
func normal(text string) string {
	text = goldenTime.ReplaceAllString(text, `"$1": 1712252726`)
	text = goldenToken.ReplaceAllString(text, `"clientRequestToken": "1712252705233-abcDEF"`)
	ids := map[string]int{}
	text = goldenJob.ReplaceAllStringFunc(text, func(id string) string {
		if _, ok := ids[id]; !ok && id != "1712252725875-defhgi" {
			ids[id] = len(ids) + 1
		}
		if n := ids[id]; n > 0 {
			return fmt.Sprintf("17122527258%02d-abcdef", n)
		}
		return id
	})
	text = goldenNext.ReplaceAllString(text, "${1}NEXT")
	text = goldenUUID.ReplaceAllString(text, "6024dfe7-0000-4000-8000-000000000000")
	text = goldenClock.ReplaceAllString(text, "2024-04-04T17:45:26Z")
	parts := strings.Split(text, `"job`)
	for i := 1; i < len(parts); i++ {
		if strings.HasPrefix(parts[i], `": {`) || strings.HasPrefix(parts[i], `s": [`) {
			parts[i] = foldSettings(parts[i])
		}
	}
	return strings.Join(parts, `"job`)
}

// foldSettings shows the settings of jobs as "…".
func foldSettings(text string) string {
	var out []string
	indent := -1
	for line := range strings.SplitSeq(text, "\n") {
		depth := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case indent < 0 && strings.HasPrefix(strings.TrimSpace(line), `"settings": {`):
			indent = depth
			out = append(out, strings.Repeat(" ", depth)+`"settings": "…",`)
		case indent < 0:
			out = append(out, line)
		case depth == indent:
			indent = -1 // the closing brace
		}
	}
	return strings.Join(out, "\n")
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, diff)
	}
}
