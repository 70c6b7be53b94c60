package jobapi_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"spool/internal/jobapi"
	"spool/internal/sign"
	"spool/internal/store/storetest"
)

// TestPaths: slashes at the end, methods that an operation has not, paths that
// are none, and names that nothing can have.
func TestPaths(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, tt := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/2017-08-29/jobs/", 200, ""},
		{"GET", "/2017-08-29/queues/Default/", 200, ""},
		{"GET", "/2017-08-29/queues/arn:aws:mediaconvert:us-east-1:000000000000:queues/Default", 200, ""},
		{"GET", "/2017-08-29/queues/arn%3aaws%3amediaconvert%3aus-east-1%3a000000000000%3aqueues%2fDefault", 200, ""},
		{"GET", "/2017-08-29/policy?unknown=1&unknown=2", 200, ""}, // as the service does, unknown parameters count for nothing
		{"GET", "/2017-08-29/jobs?maxResults=20&maxResults=99", 200, ""},
		{"GET", "/2017-08-29/", 404, "NotFoundException"},
		{"GET", "/2017-08-29/job", 404, "NotFoundException"},
		{"GET", "/2017-08-29/policy/x", 404, "NotFoundException"},
		{"POST", "/2017-08-29/policy", 404, "NotFoundException"},
		{"PATCH", "/2017-08-29/queues/Default", 404, "NotFoundException"},
		{"PUT", "/2017-08-29/jobs/1712252725875-defhgi", 404, "NotFoundException"},
		{"GET", "/2017-08-29/queues/%00", 404, "NotFoundException"},
		{"GET", "/2017-08-29/queues/a%0ab", 404, "NotFoundException"},
		{"GET", "/2017-08-29/queues/%ff", 404, "NotFoundException"},
		{"GET", "/2017-08-29/queues/%2Fetc%2Fpasswd", 404, "NotFoundException"},
		{"GET", "/2017-08-29/queues/" + strings.Repeat("x", 2000), 404, "NotFoundException"},
		{"GET", "/2017-08-29/queues/De%2566ault", 404, "NotFoundException"}, // decoded once
		{"GET", "/2017-08-29/jobs?queue=%00", 400, "BadRequestException"},
		{"GET", "/2017-08-29/jobs?queue=%ff", 400, "BadRequestException"},
		{"GET", "/2017-08-29/search?inputFile=" + strings.Repeat("%C3%BC", 300), 200, ""},
		{"GET", "/2017-08-29/search?inputFile=" + strings.Repeat("%C3%BC", 301), 400, "BadRequestException"},
		{"GET", "/2017-08-29/presets?category=a%00", 400, "BadRequestException"},
		{"GET", "/2017-08-29/presets?listBy=STATUS", 400, "BadRequestException"},
		{"GET", "/2017-08-29/queues?maxResults=1e1", 400, "BadRequestException"},
	} {
		resp, body := s.raw(tt.method, tt.path, "")
		if resp.StatusCode != tt.status || resp.Header.Get("x-amzn-ErrorType") != tt.kind || !json.Valid([]byte(body)) {
			t.Errorf("%s %.100s: %s %v %s", tt.method, tt.path, resp.Status, resp.Header, body)
		}
	}
	if resp, body := s.raw(http.MethodHead, "/2017-08-29/jobs", ""); resp.StatusCode != http.StatusNotFound || body != "" {
		t.Errorf("HEAD: %s %q", resp.Status, body)
	}
}

// TestHostileTexts puts texts that databases refuse into every member that takes
// one: the client is told, or they are kept; the server never breaks.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		s := newServerOn(t, dsn)
		for _, text := range []string{`\u0000`, `\ud800`, `\u007f`, `\u202e`, `\n`, `'\"; DROP TABLE jobs; --`, `%00`, `\\`, strings.Repeat(`\u00fc`, 3000)} {
			for _, tt := range [][3]string{
				{"POST", "queues", `{"name":"TEXT"}`},
				{"POST", "queues", `{"name":"a","description":"TEXT"}`},
				{"POST", "queues", `{"name":"a","tags":{"TEXT":"TEXT"}}`},
				{"PUT", "queues/Default", `{"description":"TEXT"}`},
				{"POST", "presets", `{"name":"TEXT","settings":{}}`},
				{"POST", "presets", `{"name":"p","category":"TEXT","description":"TEXT","settings":{}}`},
				{"POST", "presets", `{"name":"p2","settings":{"videoDescription":{"codecSettings":{"codec":"TEXT"}},"audioDescriptions":[{"streamName":"TEXT"}]}}`},
				{"POST", "jobTemplates", `{"name":"t","category":"TEXT","description":"TEXT","settings":{},"queue":"TEXT"}`},
				{"POST", "jobTemplates", `{"name":"t2","category":"TEXT","settings":{"inputs":[{"programNumber":1,"audioSelectors":{"TEXT":{}}}]}}`},
				{"POST", "jobs", `{` + someJob + `,"clientRequestToken":"TEXT"}`},
				{"POST", "jobs", `{` + someJob + `,"queue":"TEXT","jobTemplate":"TEXT","jobEngineVersion":"TEXT","role":"TEXT"}`},
				{"POST", "jobs", strings.Replace(`{`+someJob+`}`, "arn:aws:iam::000000000000:role/spool", "TEXT", 1)},
				{"POST", "jobs", strings.Replace(`{`+someJob+`}`, "film.mp4", "TEXT", 1)},
				{"POST", "jobs", strings.Replace(`{`+someJob+`}`, "s3://out/a", "s3://out/TEXT", 1)},
				{"POST", "jobs", `{` + someJob + `,"userMetadata":{"a":"TEXT"}}`},
				{"POST", "jobs", `{` + someJob + `,"hopDestinations":[{"queue":"TEXT","waitMinutes":1}]}`},
				{"POST", "jobsQueries", `{"filterList":[{"key":"fileInput","values":["TEXT"]}]}`},
				{"POST", "jobsQueries", `{"filterList":[{"key":"queue","values":["TEXT"]},{"key":"jobEngineVersionUsed","values":["TEXT"]}],"nextToken":"TEXT"}`},
				{"POST", "tags", `{"arn":"arn:aws:mediaconvert:us-east-1:000000000000:queues/TEXT","tags":{"TEXT":""}}`},
				{"POST", "tags", `{"arn":"arn:aws:mediaconvert:us-east-1:000000000000:queues/TEXT","tags":{"a":"b"}}`},
				{"PUT", "tags/" + escaped + "queues%2FDefault", `{"tagKeys":["TEXT"]}`},
				{"POST", "certificates", `{"arn":"TEXT"}`},
				{"POST", "resourceShares", `{"jobId":"TEXT","supportCaseId":"TEXT"}`},
				{"POST", "resourceShares", `{"jobId":"` + noJob + `","supportCaseId":"TEXT"}`},
			} {
				resp, body := s.raw(tt[0], "/2017-08-29/"+tt[1], strings.ReplaceAll(tt[2], "TEXT", text))
				if resp.StatusCode >= 500 {
					t.Errorf("%s %s %s with %.60s: %s %s", tt[0], tt[1], tt[2], text, resp.Status, body)
				}
			}
		}
		// Queries that were taken do not fail later.
		for _, text := range []string{`\u0000`, `'\"; --`, `%_\\`} {
			resp, body := s.raw("POST", "/2017-08-29/jobsQueries", `{"filterList":[{"key":"fileInput","values":["`+text+`"]}]}`)
			if resp.StatusCode != http.StatusCreated {
				continue
			}
			_, answer := s.tell(exchange{method: "GET", path: "jobsQueries/" + member(t, body, "id"), until: `"status":"COMPLETE"`})
			if !strings.Contains(answer, "COMPLETE") {
				t.Errorf("a query for %s: %s", text, answer)
			}
		}
	})
}

// TestBodyLimits: a body that says it is too long is refused unread; one that
// does not say so, as soon as it is.
func TestBodyLimits(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// Not a byte of the body is sent.
	if _, err := io.WriteString(conn, "POST /2017-08-29/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge || resp.Header.Get("x-amzn-ErrorType") != "RequestEntityTooLargeException" {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}

	long := strings.Repeat(" ", 1<<20) + "{}"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/2017-08-29/queues", io.NopCloser(strings.NewReader(long)))
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = -1 // in chunks
	creds, _ := credentials(accessKey, secretKey).Retrieve(t.Context())
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, sign.PayloadHash([]byte(long)), "mediaconvert", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	if resp, body := s.send(r); resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("in chunks: %s %s", resp.Status, body)
	}
}

// TestEveryPathAllowsOptions: CORS preflights need no signature (behaviour.md 1.1).
func TestEveryPathAllowsOptions(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, op := range jobapi.Operations() {
		_, path, _ := strings.Cut(op.Key, " ")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.URL+"/2017-08-29/"+strings.Replace(path, "*", "x", 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, body := s.send(r); resp.StatusCode != http.StatusOK || body != "" || !strings.Contains(resp.Header.Get("Access-Control-Allow-Methods"), "PUT") {
			t.Errorf("%s: %s %q", path, resp.Status, body)
		}
	}
}
