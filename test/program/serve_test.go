package program_test

import (
	"bufio"
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/test/harness"
)

// TestBuiltInPipeline: without any configuration an upload comes out playable,
// under names that are hard on every layer.
func TestBuiltInPipeline(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{})
	long := testkit.ClipSpec{Seconds: 8, W: 640, H: 360, Audio: testkit.Stereo}
	short := testkit.ClipSpec{Seconds: 2, W: 640, H: 360, Audio: testkit.Mono}
	for key, clip := range map[string]testkit.ClipSpec{
		"my cat (final)+1.MP4":                 long,
		"plain.mp4":                            short,
		`-leading & 100% "quoted" [x]#?;'.mp4`: short,
		"ünïcödé 猫/видео.mp4":                  short,
	} {
		s.Upload(t, "uploads", key, testkit.Clip(t, clip))
		v := s.WaitVideo(t, jobTime, harness.OfKey("uploads", key))
		needVideo(t, v)
		if v.SrcWidth != clip.W || v.SrcHeight != clip.H || v.SrcMediainfo == "" || v.EndTime == nil {
			t.Errorf("%s: the record is not filled: %+v", key, v)
		}
		segments := []float64{6, 2}
		if clip.Seconds < 6 {
			segments = []float64{clip.Seconds}
		}
		variants := playlist(t, s, v.HLSURL)
		if len(variants) != 2 {
			t.Fatalf("%s: the playlist names %q", key, variants)
		}
		for _, variant := range variants {
			needFrames(t, key, variant, clip, thirty)
			needSync(t, key, variant, clip)
			if lengths := segmentLengths(t, s, variant); !slices.Equal(lengths, segments) {
				t.Errorf("%s: the segments of %s last %v", key, variant, lengths)
			}
		}
		needPoster(t, s, v)
	}
	if code := s.Stop(); code != 0 {
		t.Errorf("the server ended with %d", code)
	}
	if left := s.Leftovers(); len(left) > 0 {
		t.Errorf("these outlived the server: %q", left)
	}
}

// needPoster demands that the thumbnails of the built-in job show what was on
// screen at 0 s, and at 2 s where it lasts longer.
func needPoster(t *testing.T, s *harness.Server, v spool.Video) {
	t.Helper()
	for _, address := range v.ThumbNailsURLs {
		answer := s.Get(t, address, false)
		if answer.Status != http.StatusOK || answer.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s: status %d, type %q", address, answer.Status, answer.Header.Get("Content-Type"))
			continue
		}
		file := path.Join(t.TempDir(), "poster.jpg")
		if err := os.WriteFile(file, answer.Body, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := testkit.FrameNumberOfImage(t, file); got != 0 && got != 60 {
			t.Errorf("%s shows frame %d", address, got)
		}
	}
	if len(v.ThumbNailsURLs) == 0 {
		t.Errorf("%s has no thumbnails", v.SrcVideo)
	}
}

// playlist gives what a playlist names, as whole addresses.
func playlist(t *testing.T, s *harness.Server, address string) []string {
	t.Helper()
	var found []string
	for _, line := range lines(t, s, address) {
		if line != "" && !strings.HasPrefix(line, "#") {
			name, err := url.PathUnescape(line)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, beside(t, address, name))
		}
	}
	return found
}

// segmentLengths gives the EXTINF durations of a media playlist, in seconds.
func segmentLengths(t *testing.T, s *harness.Server, address string) []float64 {
	t.Helper()
	var found []float64
	for _, line := range lines(t, s, address) {
		if text, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			length, err := strconv.ParseFloat(strings.TrimSuffix(text, ","), 64)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			found = append(found, length)
		}
	}
	return found
}

func lines(t *testing.T, s *harness.Server, address string) []string {
	t.Helper()
	answer := s.Get(t, address, false)
	if answer.Status != http.StatusOK || !bytes.HasPrefix(answer.Body, []byte("#EXTM3U")) {
		t.Fatalf("%s: status %d: %.200s", address, answer.Status, answer.Body)
	}
	if kind := answer.Header.Get("Content-Type"); kind != "application/vnd.apple.mpegurl" && kind != "application/x-mpegURL" {
		t.Errorf("%s has the type %q", address, kind)
	}
	var all []string
	for scan := bufio.NewScanner(bytes.NewReader(answer.Body)); scan.Scan(); {
		all = append(all, scan.Text())
	}
	return all
}

// TestBrokenUploads: what is no video ends in an error that a person
// understands, and nothing of it is published.
func TestBrokenUploads(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{})
	client := s.S3Client()
	moov, err := os.ReadFile(testkit.Clip(t, testkit.ClipSpec{Seconds: 3, Container: "mov"})) // index at the end
	if err != nil {
		t.Fatal(err)
	}
	for key, body := range map[string][]byte{
		"empty.mp4":     {},
		"text.mp4":      []byte(strings.Repeat("This is not a video.\n", 1000)),
		"playlist.mp4":  []byte("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
		"truncated.mov": moov[:len(moov)/2],
		"noise.ts":      bytes.Repeat([]byte{0x47, 1, 2, 3, 5, 8, 13}, 50_000),
	} {
		bucket := "uploads"
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)}); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		v := s.WaitVideo(t, jobTime, harness.OfKey(bucket, key))
		if v.WorkflowStatus != spool.VideoError || v.ErrorCode == 0 || v.ErrorMessage == "" {
			t.Errorf("%s ended as %s: %d %q", key, v.WorkflowStatus, v.ErrorCode, v.ErrorMessage)
		}
		if strings.Contains(v.ErrorMessage, s.Data) || strings.Contains(v.ErrorMessage, "root:") {
			t.Errorf("%s: the message tells of the machine: %s", key, v.ErrorMessage)
		}
	}
	if keys := s.Keys(t, "media", ""); len(keys) > 0 {
		t.Errorf("these were published: %q", keys)
	}
}
