package hostile_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
	"spool/test/harness"
)

// each runs a job for each address and gives it to check; jobs run side by side.
func each(t *testing.T, s *harness.Server, inputs map[string]string, check func(name string, job *mctypes.Job)) {
	t.Helper()
	ids := map[string]string{}
	for name, input := range inputs {
		id, err := submit(t, s, input, "s3://media/"+name+"/")
		if err != nil {
			t.Errorf("%s: the job on %s is refused: %v", name, input, err)
			continue
		}
		ids[name] = id
	}
	for name, id := range ids {
		job := s.WaitJob(t, id, time.Minute)
		t.Logf("%-12s %s %d %s", name, job.Status, aws.ToInt32(job.ErrorCode), aws.ToString(job.ErrorMessage))
		check(name, job)
	}
}

// TestNoRequestToTheInside gives jobs addresses of the machine itself and of its
// network, in all the ways in which they can be written.
func TestNoRequestToTheInside(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	port, hits := trap(t)
	inputs := map[string]string{
		"ip":       "http://127.0.0.1:" + port + "/x.mp4",
		"other":    "http://127.1.2.3:" + port + "/x.mp4",
		"name":     "http://localhost:" + port + "/x.mp4",
		"six":      "http://[::1]:" + port + "/x.mp4",
		"mapped":   "http://[::ffff:127.0.0.1]:" + port + "/x.mp4",
		"zero":     "http://0.0.0.0:" + port + "/x.mp4",
		"number":   "http://2130706433:" + port + "/x.mp4",
		"hex":      "http://0x7f.0.0.1:" + port + "/x.mp4",
		"octal":    "http://0177.0.0.1:" + port + "/x.mp4",
		"short":    "http://127.1:" + port + "/x.mp4",
		"metadata": "http://169.254.169.254/latest/meta-data/x.mp4",
		"meta-six": "http://[fd00:ec2::254]/latest/meta-data/x.mp4",
		"private":  "http://10.0.0.1/x.mp4",
		"nat64":    "http://[64:ff9b::7f00:1]:" + port + "/x.mp4",
		"own-api":  s.HTTP + "/metrics",
		"own-s3":   s.S3 + "/uploads/x.mp4",
	}
	// A number that is no address may also be taken for a name that does not exist.
	unnamed := map[string]bool{"number": true, "hex": true, "octal": true, "short": true}
	each(t, s, inputs, func(name string, job *mctypes.Job) {
		code := int(aws.ToInt32(job.ErrorCode))
		if job.Status != mctypes.JobStatusError || code != spool.CodeHTTPAddress && (!unnamed[name] || code != spool.CodeHTTPName) {
			t.Errorf("%s: %s %d %s", name, job.Status, code, aws.ToString(job.ErrorMessage))
		}
		kinds := []string{"ForbiddenException"}
		if unnamed[name] {
			kinds = append(kinds, "BadRequestException")
		}
		refuseProbe(t, s, inputs[name], kinds...)
	})
	if n := hits.Load(); n > 0 {
		t.Errorf("the server asked the listener %d times", n)
	}
	checkNothingForeign(t, s)
}

// origin serves what a hostile server would.
type origin struct {
	good  []byte
	stop  chan struct{}
	asked atomic.Int64 // for what only a playlist names
}

// ServeHTTP answers by the name of the case.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	flush := func() { w.(http.Flusher).Flush() }
	switch strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), ".mp4") {
	case "good":
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(o.good))
	case "to-good":
		http.Redirect(w, r, "/good.mp4", http.StatusFound)
	case "to-metadata":
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	case "to-file":
		w.Header().Set("Location", "file:///etc/passwd")
		w.WriteHeader(http.StatusFound)
	case "to-itself":
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	case "short":
		w.Header().Set("Content-Length", fmt.Sprint(2*len(o.good)))
		_, _ = w.Write(o.good)
		panic(http.ErrAbortHandler)
	case "slow": // a byte now and then, for ever
		w.Header().Set("Content-Length", fmt.Sprint(len(o.good)))
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for _, b := range o.good {
			_, _ = w.Write([]byte{b})
			flush()
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			case <-o.stop:
				return
			}
		}
	case "silent":
		flush()
		select {
		case <-r.Context().Done():
		case <-o.stop:
		}
	case "endless":
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
				return
			}
		}
	case "huge":
		w.Header().Set("Content-Length", "1099511627776")
		flush()
	case "playlist":
		fmt.Fprintf(w, "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsegment.ts\n#EXT-X-ENDLIST\n")
	case "error-page":
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintln(w, marker)
	case "forbidden":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintln(w, marker)
	case "html":
		fmt.Fprintf(w, "<html><body>%s</body></html>\n", strings.Repeat("hello ", 200))
	case "zipped":
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(o.good)
	case "empty":
	case "missing":
		http.NotFound(w, r)
	default:
		o.asked.Add(1)
		http.NotFound(w, r)
	}
}

// TestHostileOrigins fetches inputs from a server that does its worst. Private
// addresses are allowed here, so that it can be reached at all.
func TestHostileOrigins(t *testing.T) {
	t.Parallel()
	s := start(t, "inputs: {allowPrivateAddresses: true, maxBytes: 1MiB, timeout: 4s}\n")
	o := &origin{good: clip(t, 160), stop: make(chan struct{})}
	server := httptest.NewServer(o)
	defer server.Close()
	defer close(o.stop)
	want := map[string]int{
		"good": 0, "to-good": 0,
		"to-metadata": spool.CodeHTTPAddress, "to-file": spool.CodeHTTPRedirect, "to-itself": spool.CodeHTTPRedirect,
		"short": spool.CodeHTTPTransfer, "slow": spool.CodeHTTPTransfer, "silent": spool.CodeHTTPTransfer,
		"endless": spool.CodeHTTPOther, "huge": spool.CodeHTTPOther,
		"playlist": spool.CodeFileAccess, "html": spool.CodeFileAccess, "empty": spool.CodeFileAccess,
		"error-page": spool.CodeHTTPServer, "forbidden": spool.CodeHTTPForbidden, "missing": spool.CodeHTTPNotFound,
		"zipped": spool.CodeHTTPTransfer,
	}
	inputs := map[string]string{}
	for name := range want {
		inputs[name] = server.URL + "/" + name + ".mp4"
	}
	each(t, s, inputs, func(name string, job *mctypes.Job) {
		if got := int(aws.ToInt32(job.ErrorCode)); got != want[name] || (got == 0) != (job.Status == mctypes.JobStatusComplete) {
			t.Errorf("%s: %s %d %s; want the code %d", name, job.Status, got, aws.ToString(job.ErrorMessage), want[name])
		}
		published := len(s.Keys(t, "media", name+"/"))
		if (published > 0) != (want[name] == 0) {
			t.Errorf("%s: %d objects are published", name, published)
		}
	})
	if n := o.asked.Load(); n > 0 {
		t.Errorf("the server asked for what a playlist names %d times", n)
	}
	checkNothingForeign(t, s)
}
