package crash_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

// promptly bounds a stop that has to wait for no client: children are killed at
// once, and all that takes time is to close the bus and the database.
const promptly = 8 * time.Second

// load reads the clip of a spec for an upload under a key.
func load(t *testing.T, key string, spec testkit.ClipSpec) upload {
	t.Helper()
	body, err := os.ReadFile(testkit.Clip(t, spec))
	if err != nil {
		t.Fatal(err)
	}
	return upload{key: key, spec: spec, body: body}
}

// longSpec is a clip that takes a second or more to encode.
var longSpec = testkit.ClipSpec{W: 480, H: 270, Seconds: 12, FPS: spool.Rational{Num: 25, Den: 1}}

// encoding waits until FFmpeg has begun to write outputs, for so many jobs.
func encoding(t *testing.T, s *harness.Server, jobs int) {
	t.Helper()
	if !wait(time.Minute, 2*time.Millisecond, func() bool { return encodes(s.Data) >= jobs }) {
		t.Fatalf("no job began to encode in a minute:\n%s", s.Log())
	}
}

// encodes counts the jobs that have written a part of their first encode, which
// a job that fails gives back: a full disk needs that to note the failure.
func encodes(data string) (n int) {
	found, _ := filepath.Glob(filepath.Join(data, "staging", "*", "m0.mp4")) // the pattern is right
	for _, name := range found {
		if info, err := os.Stat(name); err == nil && info.Size() >= 128<<10 {
			n++
		}
	}
	return n
}

// jobIDs gives the job of each video by key.
func jobIDs(t *testing.T, s *harness.Server) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for _, v := range allVideos(t, s) {
		ids[v.WorkflowName+" of "+v.SrcVideo] = v.EncodeJobID
	}
	return ids
}

// TestStoppedWhileEncoding stops the server (SIGTERM) while jobs run and wait.
func TestStoppedWhileEncoding(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{Config: crashConfig, Files: crashFiles()})
	sent := map[string]upload{}
	for _, key := range []string{"one/a.mp4", "one/b.mp4", "one/c.mp4"} {
		sent[key] = load(t, key, longSpec)
		if err := put(t.Context(), s.S3Client(), sent[key]); err != nil {
			t.Fatal(err)
		}
	}
	encoding(t, s, 2)
	if !wait(time.Minute, 10*time.Millisecond, func() bool { return len(jobIDs(t, s)) == len(sent) }) {
		t.Fatal("the third upload was not taken in a minute")
	}
	before := jobIDs(t, s)
	began := time.Now()
	if code := s.Stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took > promptly {
		t.Errorf("the stop took %v", took)
	}
	checkLeftovers(t, s)
	if strings.Contains(s.Log(), "job complete") {
		t.Skip("a job was complete before the stop: this machine is too fast for the clip")
	}
	s = s.Restart()
	settle(t, s, slices.Collect(maps.Keys(sent)))
	if after := jobIDs(t, s); !maps.Equal(after, before) {
		t.Errorf("the jobs were %v and are %v", before, after)
	}
	checkWorld(t, s, sent, sent)
}

// TestStoppedDuringAnUpload stops the server while a client is half-way: it may
// finish, and what it is told is what holds.
func TestStoppedDuringAnUpload(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{Config: crashConfig, Files: crashFiles()})
	specs := tinySpecs()
	u := load(t, "one/half.mp4", specs[1])
	body, half, goOn := gate(u.body)
	answered := make(chan error, 1)
	go func() { answered <- putHalting(t.Context(), s.S3Client(), u, body) }()
	<-half
	stopped := make(chan int, 1)
	go func() { stopped <- s.Stop() }()
	if !wait(20*time.Second, 2*time.Millisecond, func() bool { return strings.Contains(s.Log(), "msg=\"stopping") }) {
		t.Error("the server does not say that it stops")
	}
	goOn()
	err := <-answered
	began := time.Now()
	if code := <-stopped; code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took > promptly {
		t.Errorf("after its last client was done the server took %v to stop", took)
	}
	acked := map[string]upload{}
	if err != nil {
		t.Errorf("an upload under way was not let finish: %v", err)
	} else {
		acked[u.key] = u
	}
	s = s.Restart()
	settle(t, s, slices.Collect(maps.Keys(acked)))
	checkWorld(t, s, acked, map[string]upload{u.key: u})
}
