package crash_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"spool/internal/testkit"
	"spool/test/harness"
)

// kills is how often the server is killed in one run of the test.
const kills = 34

// TestKilledAtRandomPoints kills the server again and again on one data folder,
// while clips are uploaded and encoded, and then lets it finish. What was
// acknowledged must be complete, once; nothing else may be there.
//
// SPOOL_CRASH_SEED repeats the choices of a run.
func TestKilledAtRandomPoints(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SPOOL_CRASH_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SPOOL_CRASH_SEED=%d", seed)
	c := newCampaign(t, seed)
	for n := range kills {
		c.cycle(n)
	}
	c.finish()
}

// TestKilledJobGoesOnAtOnce kills the server in the middle of a longer job: its
// FFmpeg dies with it, and the next server begins the job anew without waiting
// until the bus takes the dead one's order for lost (10 s).
func TestKilledJobGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{Config: crashConfig, Files: crashFiles()})
	spec := longSpec
	spec.Seconds = 40
	long := load(t, "one/long.mp4", spec)
	if err := put(t.Context(), s.S3Client(), long); err != nil {
		t.Fatal(err)
	}
	encoding(t, s, 1)
	running := ffmpegs(t, s.Data)
	s.Kill()
	if !wait(time.Second, 2*time.Millisecond, func() bool { return !slices.ContainsFunc(running, alive) }) {
		t.Error("FFmpeg lives on a second after the server was killed")
	}
	s = s.Restart()
	if !wait(6*time.Second, 10*time.Millisecond, func() bool { return len(ffmpegs(t, s.Data)) > 0 }) {
		t.Error("the job does not go on 6 s after the start")
	}
	sent := map[string]upload{long.key: long}
	settle(t, s, []string{long.key})
	checkWorld(t, s, sent, sent)
}

// alive tells whether a process is there and no zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(stat), ") ")
	return err == nil && !strings.HasPrefix(rest, "Z")
}

// The moments to strike at. Each is used in turn, in an order of the seed's.
var moments = []string{"upload", "parts", "ack", "stored", "encode", "journal", "publish", "random", "start"}

type campaign struct {
	t      *testing.T
	rnd    *rand.Rand
	server *harness.Server
	order  []string // of moments
	clips  []upload // without keys
	tries  int

	mu    sync.Mutex
	acked map[string]upload
	tried map[string]upload
}

func newCampaign(t *testing.T, seed uint64) *campaign {
	c := &campaign{t: t, rnd: rand.New(rand.NewPCG(seed, 1)), acked: map[string]upload{}, tried: map[string]upload{}}
	for _, spec := range tinySpecs() {
		body, err := os.ReadFile(testkit.Clip(t, spec))
		if err != nil {
			t.Fatal(err)
		}
		c.clips = append(c.clips, upload{spec: spec, body: body})
	}
	c.server = harness.StartServer(t, harness.Options{Config: crashConfig, Files: crashFiles()})
	return c
}

// next gives an upload under a key that was never used.
func (c *campaign) next() upload {
	u := c.clips[c.rnd.IntN(len(c.clips))]
	folder := "one"
	if c.rnd.IntN(4) == 0 {
		folder = "both"
	}
	c.tries++
	u.key = fmt.Sprintf("%s/clip %03d+%s", folder, c.tries, map[string]string{"": "a.mp4", "mov": "a.mov"}[u.spec.Container])
	c.mu.Lock()
	c.tried[u.key] = u
	c.mu.Unlock()
	return u
}

// ack notes that the server took an upload; a refusal must be the kill's doing.
func (c *campaign) ack(u upload, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.acked[u.key] = u
	}
	return err == nil
}

// cycle uploads one or two clips, waits for its moment, kills and restarts.
func (c *campaign) cycle(n int) {
	c.t.Helper()
	if len(c.order) == 0 {
		c.order = slices.Clone(moments)
		c.rnd.Shuffle(len(c.order), func(i, j int) { c.order[i], c.order[j] = c.order[j], c.order[i] })
	}
	moment := c.order[0]
	c.order = c.order[1:]
	patience := time.Duration(500+c.rnd.IntN(1500)) * time.Millisecond
	briefly := time.Duration(c.rnd.IntN(400)) * time.Millisecond
	var uploads []upload
	for range 1 + c.rnd.IntN(2) {
		uploads = append(uploads, c.next())
	}

	began := time.Now()
	ctx, cancel := context.WithCancel(c.t.Context())
	var clients sync.WaitGroup
	due := make(chan struct{}, 16)
	strike := func() {
		select {
		case due <- struct{}{}:
		default:
		}
	}
	release := c.uploads(ctx, &clients, moment, uploads, strike)
	clients.Go(func() { c.watch(ctx, moment, uploads, strike) })
	reached := true
	select {
	case <-due:
	case <-time.After(patience):
		reached = moment == "random" || moment == "start"
	}
	c.server.Kill()
	cancel()
	release()
	clients.Wait()
	checkLeftovers(c.t, c.server)
	c.t.Logf("kill %2d: %-7s after %4d ms, reached: %t; %d acknowledged", n+1, moment, time.Since(began).Milliseconds(), reached, len(c.acked))
	if moment == "start" {
		c.server.StartBriefly(briefly)
		checkLeftovers(c.t, c.server)
	}
	if n == kills-1 { // what a run leaves that is cut off, of a job that then is canceled
		c.orphan("canceled-meanwhile", "video.ts")
	}
	c.server = c.server.Restart()
}

// orphan puts a file into a staging folder that is of no job to come.
func (c *campaign) orphan(job, name string) {
	dir := filepath.Join(c.server.Data, "staging", job)
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600)); err != nil {
		c.t.Fatal(err)
	}
}

// uploads starts the clients of a cycle; release lets a body go on that halts.
func (c *campaign) uploads(ctx context.Context, clients *sync.WaitGroup, moment string, uploads []upload, strike func()) (release func()) {
	client := c.server.S3Client()
	release = func() {}
	for i, u := range uploads {
		first := i == 0
		switch {
		case first && moment == "upload":
			body, half, goOn := gate(u.body)
			release = goOn
			clients.Go(func() { c.ack(u, putHalting(ctx, client, u, body)) })
			clients.Go(func() {
				select {
				case <-half:
					strike()
				case <-ctx.Done():
				}
			})
		case first && moment == "parts":
			clients.Go(func() { c.ack(u, putParts(ctx, client, u)) })
		default:
			clients.Go(func() {
				if c.ack(u, put(ctx, client, u)) && moment == "ack" {
					strike()
				}
			})
		}
	}
	return release
}

// watch strikes when the data folder shows that the moment has come.
func (c *campaign) watch(ctx context.Context, moment string, uploads []upload, strike func()) {
	data := c.server.Data
	come := map[string]func() bool{
		// A part of an upload lies there, whole or not.
		"parts": func() bool { return glob(data, "objects/uploads/.sgwtmp/multipart/*/*/*") > 0 },
		// An object has its name, and its event is perhaps not yet on the bus.
		"stored": func() bool {
			return slices.ContainsFunc(uploads, func(u upload) bool {
				_, err := os.Lstat(filepath.Join(data, "objects", "uploads", u.key))
				return err == nil
			})
		},
		"encode":  func() bool { return glob(data, "staging/*/m0.mp4")+glob(data, "staging/*/*.jpg") > 0 },
		"journal": func() bool { return glob(data, "staging/*/journal.json.new") > 0 || c.openJournal() },
		// Between the first and the last object of a job.
		"publish": func() bool { return c.halfPublished() },
	}[moment]
	if come == nil {
		return
	}
	tick := time.NewTicker(300 * time.Microsecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if come() {
				strike()
				return
			}
		}
	}
}

func glob(data, pattern string) int {
	found, _ := filepath.Glob(filepath.Join(data, pattern)) // the patterns are good
	return len(found)
}

// openJournal tells whether a job is about to publish or publishing.
func (c *campaign) openJournal() bool {
	found, _ := filepath.Glob(filepath.Join(c.server.Data, "staging/*/journal.json"))
	return slices.ContainsFunc(found, func(name string) bool {
		text, err := os.ReadFile(name)
		return err == nil && !bytes.Contains(text, []byte(`"done":true`))
	})
}

// halfPublished tells whether some objects of a job are out and some are staged.
func (c *campaign) halfPublished() bool {
	found, _ := filepath.Glob(filepath.Join(c.server.Data, "staging/*/journal.json"))
	return slices.ContainsFunc(found, func(name string) bool {
		dir := filepath.Dir(name)
		text, err := os.ReadFile(name)
		if err != nil || bytes.Contains(text, []byte(`"done":true`)) {
			return false
		}
		for _, part := range strings.Split(string(text), `"staged":"`)[1:] {
			staged, _, _ := strings.Cut(part, `"`)
			if _, err := os.Lstat(filepath.Join(dir, staged)); os.IsNotExist(err) {
				return glob(dir, "*.m3u8") > 0
			}
		}
		return false
	})
}

// finish lets the server complete what it has and looks at all of it.
func (c *campaign) finish() {
	c.t.Helper()
	began := time.Now()
	waiting := settle(c.t, c.server, slices.Sorted(maps.Keys(c.acked)))
	c.t.Logf("%d uploads acknowledged of %d tried; after the last start %d jobs were left, and took %v",
		len(c.acked), len(c.tried), waiting, time.Since(began).Round(time.Millisecond))
	if len(c.acked) < kills/2 {
		c.t.Errorf("only %d uploads were acknowledged: the test shows little", len(c.acked))
	}
	checkWorld(c.t, c.server, c.acked, c.tried)
}
