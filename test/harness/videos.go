package harness

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
)

// Videos gives the newest hundred videos of the table.
func (s *Server) Videos(t testing.TB) []spool.Video {
	t.Helper()
	answer := s.Get(t, "/api/v1/videos?limit=100", true)
	var list struct {
		Videos []spool.Video `json:"videos"`
	}
	if err := json.Unmarshal(answer.Body, &list); answer.Status != http.StatusOK || err != nil {
		t.Fatalf("harness: videos: status %d, %v: %s", answer.Status, err, answer.Body)
	}
	return list.Videos
}

// Video gives one video.
func (s *Server) Video(t testing.TB, guid string) spool.Video {
	t.Helper()
	answer := s.Get(t, "/api/v1/videos/"+guid, true)
	var video spool.Video
	if err := json.Unmarshal(answer.Body, &video); answer.Status != http.StatusOK || err != nil {
		t.Fatalf("harness: video %s: status %d, %v: %s", guid, answer.Status, err, answer.Body)
	}
	return video
}

// Ended tells whether a video's way is over.
func Ended(v spool.Video) bool {
	return v.WorkflowStatus == spool.VideoComplete || v.WorkflowStatus == spool.VideoError
}

// OfKey selects the video of an uploaded object whose way is over.
func OfKey(bucket, key string) func(spool.Video) bool {
	return func(v spool.Video) bool { return v.SrcBucket == bucket && v.SrcVideo == key && Ended(v) }
}

// WaitVideo follows the server-sent events until a video is as wanted, and gives
// it. It begins with the table as it is, so nothing that happened before is missed.
func (s *Server) WaitVideo(t testing.TB, within time.Duration, wanted func(spool.Video) bool) spool.Video {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for ctx.Err() == nil {
		video, found, err := s.watch(ctx, t, wanted)
		if found {
			return video
		}
		if err != nil && ctx.Err() == nil {
			t.Fatalf("harness: watch videos: %v", err)
		}
	}
	t.Fatalf("harness: no video is as wanted after %v; there are %+v", within, s.Videos(t))
	return spool.Video{}
}

// watch opens one event stream, looks at the table, then reads the stream to its end.
func (s *Server) watch(ctx context.Context, t testing.TB, wanted func(spool.Video) bool) (spool.Video, bool, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.HTTP+"/api/v1/videos/events", nil)
	if err != nil {
		return spool.Video{}, false, err
	}
	req.SetBasicAuth(s.AccessKey, s.SecretKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return spool.Video{}, false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return spool.Video{}, false, fmt.Errorf("status %d", resp.StatusCode)
	}
	for _, v := range s.Videos(t) {
		if wanted(v) {
			return v, true, nil
		}
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var v spool.Video
		if err := json.Unmarshal([]byte(data), &v); err != nil {
			return v, false, err
		}
		if wanted(v) {
			return v, true, nil
		}
	}
	return spool.Video{}, false, nil // cut off: look again
}
