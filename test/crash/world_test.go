package crash_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

// settleWithin is how long what is left may take: far less than one AckWait of the
// bus for each job, and enough for a busy machine to encode them.
const settleWithin = 2 * time.Minute

// allVideos gives the whole table.
func allVideos(t testing.TB, s *harness.Server) (videos []spool.Video) {
	t.Helper()
	for after := ""; ; {
		answer := s.Get(t, "/api/v1/videos?limit=100&after="+after, true)
		var page struct {
			Videos []spool.Video `json:"videos"`
			Next   string        `json:"next"`
		}
		if err := json.Unmarshal(answer.Body, &page); answer.Status != http.StatusOK || err != nil {
			t.Fatalf("videos: status %d, %v: %s", answer.Status, err, answer.Body)
		}
		videos = append(videos, page.Videos...)
		if after = page.Next; after == "" {
			return videos
		}
	}
}

// pipelinesOf names the pipelines that take a key.
func pipelinesOf(key string) []string {
	if strings.HasPrefix(key, "both/") {
		return []string{"stream", "picture"}
	}
	return []string{"stream"}
}

// settle waits until every object of the uploads has its videos and all of them
// have ended. It gives how many had not when it began.
func settle(t testing.TB, s *harness.Server, acked []string) (waiting int) {
	t.Helper()
	open := func() (list []string) {
		have := map[string]spool.VideoStatus{}
		for _, v := range allVideos(t, s) {
			have[v.WorkflowName+" of "+v.SrcVideo] = v.WorkflowStatus
		}
		wanted := slices.Compact(slices.Sorted(slices.Values(append(s.Keys(t, "uploads", ""), acked...))))
		for _, key := range wanted {
			for _, p := range pipelinesOf(key) {
				if v := (spool.Video{WorkflowStatus: have[p+" of "+key]}); !harness.Ended(v) {
					list = append(list, fmt.Sprintf("%s of %s: %q", p, key, v.WorkflowStatus))
				}
			}
		}
		return list
	}
	left := open()
	waiting = len(left)
	if !wait(settleWithin, 100*time.Millisecond, func() bool { left = open(); return len(left) == 0 }) {
		t.Fatalf("not complete %v after the last start:\n%s", settleWithin, strings.Join(left, "\n"))
	}
	return waiting
}

// checkWorld looks at everything that uploads left: the objects, the table, the
// jobs, the results, the events and the folders. It stops the server.
func checkWorld(t *testing.T, s *harness.Server, acked, tried map[string]upload) {
	t.Helper()
	stored := checkUploads(t, s, acked, tried)
	videos := checkTable(t, s, stored)
	var wanted []string
	for _, v := range videos {
		u := tried[v.SrcVideo]
		if v.WorkflowName == "picture" {
			wanted = append(wanted, "picture/"+v.GUID+"/p.0000000.jpg")
		} else {
			wanted = append(wanted, streamKeys(t, s, v, u)...)
		}
	}
	slices.Sort(wanted)
	got := s.Keys(t, "media", "")
	for _, key := range got {
		if _, found := slices.BinarySearch(wanted, key); !found {
			t.Errorf("s3://media/%s is of no job's results", key)
		}
	}
	for _, key := range wanted {
		if !slices.Contains(got, key) {
			t.Errorf("s3://media/%s is missing", key)
		}
	}
	t.Run("pictures", func(t *testing.T) {
		for _, v := range videos {
			if v.WorkflowName == "stream" {
				t.Run(v.SrcVideo, func(t *testing.T) {
					t.Parallel()
					checkPictures(t, filepath.Join(s.Data, "objects/media/stream", v.GUID), tried[v.SrcVideo].spec)
				})
			}
		}
	})
	if code := s.Stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	checkLeftovers(t, s)
	checkStaging(t, s.Data)
	for _, bucket := range []string{"uploads", "media"} {
		for _, name := range files(t, s.Data, "objects", bucket, ".sgwtmp") {
			if !strings.HasPrefix(name, "multipart/") { // open uploads are the client's to go on with
				t.Errorf("the bucket %s holds the half file %s", bucket, name)
			}
		}
	}
	jobs := map[string]bool{}
	for _, v := range videos {
		jobs[v.EncodeJobID] = true
	}
	checkEvents(t, s.Data, jobs)
}

// checkUploads demands that all that was acknowledged is stored as it was sent,
// and that nothing is stored half.
func checkUploads(t *testing.T, s *harness.Server, acked, tried map[string]upload) (stored []string) {
	t.Helper()
	stored = s.Keys(t, "uploads", "")
	for key := range acked {
		if !slices.Contains(stored, key) {
			t.Errorf("%q was acknowledged and is not stored", key)
		}
	}
	for _, key := range stored {
		u, known := tried[key]
		if !known {
			t.Errorf("%q is stored and was never sent", key)
			continue
		}
		body, err := os.ReadFile(filepath.Join(s.Data, "objects/uploads", key))
		if err != nil || string(body) != string(u.body) {
			t.Errorf("%q is stored with other bytes than were sent (%d of %d, %v)", key, len(body), len(u.body), err)
		}
	}
	return stored
}

// checkTable demands one complete video and one complete job for each object and pipeline.
func checkTable(t *testing.T, s *harness.Server, stored []string) []spool.Video {
	t.Helper()
	videos := allVideos(t, s)
	count, jobs := map[string]int{}, map[string]bool{}
	for _, v := range videos {
		count[v.WorkflowName+" of "+v.SrcVideo]++
		if v.WorkflowStatus != spool.VideoComplete {
			t.Errorf("the video %s of %s is %s: %d %s", v.WorkflowName, v.SrcVideo, v.WorkflowStatus, v.ErrorCode, v.ErrorMessage)
		}
		if jobs[v.EncodeJobID] {
			t.Errorf("two videos share the job %s", v.EncodeJobID)
		}
		jobs[v.EncodeJobID] = true
	}
	for _, key := range stored {
		for _, p := range pipelinesOf(key) {
			name := p + " of " + key
			if count[name] != 1 {
				t.Errorf("there are %d videos %s", count[name], name)
			}
			delete(count, name)
		}
	}
	if len(count) > 0 {
		t.Errorf("there are videos of nothing: %v", slices.Sorted(maps.Keys(count)))
	}
	listed := 0
	pages := mediaconvert.NewListJobsPaginator(s.MediaConvert(), &mediaconvert.ListJobsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range page.Jobs {
			listed++
			if id := aws.ToString(j.Id); !jobs[id] {
				t.Errorf("the job %s is of no video", id)
			} else if j.Status != mctypes.JobStatusComplete {
				t.Errorf("the job %s is %s", id, j.Status)
			}
		}
	}
	if listed != len(jobs) {
		t.Errorf("%d jobs are listed, %d are of videos", listed, len(jobs))
	}
	return videos
}

var segmentName = regexp.MustCompile(`^v_h\d{8}T\d{6}(_\d{5}\.ts)$`)

// streamKeys gives the keys that a stream must have published, from what its
// playlists say, and demands that these end and name each segment once, in order.
func streamKeys(t *testing.T, s *harness.Server, v spool.Video, u upload) (keys []string) {
	t.Helper()
	folder := "stream/" + v.GUID + "/"
	read := func(name string) []string {
		answer := s.Get(t, s.Delivered("media", folder+name), false)
		if answer.Status != http.StatusOK {
			t.Errorf("%s%s is not delivered: status %d", folder, name, answer.Status)
		}
		var uris []string
		for line := range strings.Lines(string(answer.Body)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				uris = append(uris, line)
			}
		}
		if name != "v.m3u8" && !strings.HasSuffix(strings.TrimSpace(string(answer.Body)), "#EXT-X-ENDLIST") {
			t.Errorf("%s%s does not end:\n%s", folder, name, answer.Body)
		}
		keys = append(keys, folder+name)
		return uris
	}
	if children := read("v.m3u8"); !slices.Equal(children, []string{"v_h.m3u8"}) {
		t.Errorf("%sv.m3u8 names %q", folder, children)
	}
	segments := read("v_h.m3u8")
	if want := int(math.Ceil(u.spec.Seconds)); len(segments) != want {
		t.Errorf("%sv_h.m3u8 names %q, want %d segments", folder, segments, want)
	}
	for n, name := range segments {
		if m := segmentName.FindStringSubmatch(name); m == nil || m[1] != fmt.Sprintf("_%05d.ts", n+1) {
			t.Errorf("%s: segment %d is named %q", folder, n+1, name)
		}
		keys = append(keys, folder+name)
	}
	for n := range captures(u.spec) {
		keys = append(keys, fmt.Sprintf("%sc.%07d.jpg", folder, n))
	}
	return keys
}

// captures gives how many captures a clip must give.
func captures(spec testkit.ClipSpec) int {
	return int(math.Ceil(spec.Seconds*capturesPerSecond - 1e-9))
}

// checkPictures decodes a stream and its captures and reads the number on each frame.
func checkPictures(t *testing.T, dir string, spec testkit.ClipSpec) {
	t.Helper()
	want := make([]int, spec.Frames())
	for n := range want {
		want[n] = n
	}
	if got := testkit.FrameNumbers(t, path.Join(dir, "v_h.m3u8")); !slices.Equal(got, want) {
		t.Errorf("the stream shows the frames %v, want 0 to %d", got, len(want)-1)
	}
	var shown []int
	for k := range captures(spec) {
		shown = append(shown, spec.FrameAt(time.Duration(k)*time.Second/capturesPerSecond))
	}
	if got := testkit.FrameNumbers(t, path.Join(dir, "c.%07d.jpg")); !slices.Equal(got, shown) {
		t.Errorf("the captures show the frames %v, want %v", got, shown)
	}
}
