package e2e

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// variable are the parts of a master playlist that depend on the encoder.
var variable = regexp.MustCompile(`BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+)`)

const masterOfLadder = `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=n,AVERAGE-BANDWIDTH=n,CODECS="avc1.77.30,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000
my%20film_360.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=n,AVERAGE-BANDWIDTH=n,CODECS="avc1.4d401f,mp4a.40.2",RESOLUTION=960x540,FRAME-RATE=25.000
my%20film_540.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=n,AVERAGE-BANDWIDTH=n,CODECS="avc1.4d401f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000
my%20film_720.m3u8
`

// rung is one stream of the ladder.
type rung struct {
	modifier      string
	width, height int
	most          int // bits/s of video
}

var ladder = []rung{{"_360", 640, 360, 1_000_000}, {"_540", 960, 540, 2_000_000}, {"_720", 1280, 720, 3_000_000}}

// testLadder gives a broadcast transport stream, with 5.1 sound and a clock
// that does not begin at 0, to the adaptive ladder: by upload, and again by the
// API into the same place.
func testLadder(t *testing.T, s *rig) {
	spec := testkit.ClipSpec{
		Seconds: 12, W: 640, H: 360, FPS: pal, Audio: testkit.Surround, AudioFirst: true, Container: "ts", StartAt: 10,
	}
	clip := testkit.Clip(t, spec)
	v := s.give(t, "source-bucket", "shows/my film.m2ts", clip)
	bucket, master := keyOf(t, v.HLSPlaylist)
	asset := v.UserMetadata["assetID"]
	if bucket != "media-bucket" || asset == "" || master != "assets/"+asset+"/HLS/my film.m3u8" {
		t.Fatalf("the playlist is %s and the asset %q", v.HLSPlaylist, asset)
	}
	first := checkLadder(t, s, master, *v.EndTime)
	for _, r := range ladder {
		stream := s.Delivered(bucket, strings.TrimSuffix(master, ".m3u8")+r.modifier+".m3u8")
		inOrder(t, r.modifier, testkit.FrameNumbers(t, stream), 0, spec.Frames())
		inSync(t, r.modifier, stream, spec)
		capped(t, stream, r.most)
		if video := testkit.Probe(t, stream).Of("video"); video.Width != r.width || video.Height != r.height {
			t.Errorf("%s is %dx%d, want %dx%d", r.modifier, video.Width, video.Height, r.width, r.height)
		}
	}
	checkDelivery(t, s, s.Delivered(bucket, master), "application/vnd.apple.mpegurl")
	checkDelivery(t, s, s.Delivered(bucket, first[0]), "video/mp2t")
	top := s.Delivered(bucket, strings.TrimSuffix(master, ".m3u8")+"_720.m3u8")
	stereo(t, "_720", top)
	if db := testkit.PSNR(t, top, clip); db < 33 {
		t.Errorf("the top of the ladder is %.1f dB from the source, want 33 or more", db)
	}

	before := map[string]string{}
	for _, key := range first {
		before[key] = string(s.stored(t, bucket, key))
	}
	destination := strings.TrimSuffix(v.HLSPlaylist, ".m3u8")
	job := s.run(t, systemJob(t, "abr-hls", spool.S3URI("source-bucket", "shows/my film.m2ts"), destination))
	second := checkLadder(t, s, master, *job.Timing.FinishTime)
	for _, key := range second {
		if _, there := before[key]; there {
			t.Errorf("the second run wrote %s again", key)
		}
	}
	for key, bytes := range before {
		if string(s.stored(t, bucket, key)) != bytes {
			t.Errorf("the second run changed %s of the first", key)
		}
	}
}

// checkDelivery demands that a page of any origin may play what is delivered.
func checkDelivery(t *testing.T, s *rig, address, kind string) {
	t.Helper()
	a := s.Get(t, address, false, "Origin", "https://viewer.example")
	if a.Status != 200 || a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Content-Type") != kind {
		t.Errorf("%s is answered with %d and %v, want %s for any origin", address, a.Status, a.Header, kind)
	}
}

// segmentName is <base><nameModifier><segmentModifier>_<number>.ts, with the
// segment's date and time for $dt$.
var segmentName = regexp.MustCompile(`^my film(_\d+)(\d{8}T\d{6})_(\d{5})\.ts$`)

// checkLadder looks at the master playlist and the names and sizes of all it
// leads to, and gives the keys of the segments.
func checkLadder(t *testing.T, s *rig, master string, finished time.Time) (segments []string) {
	t.Helper()
	const bucket = "media-bucket"
	text := string(s.stored(t, bucket, master))
	if got := variable.ReplaceAllString(text, "BANDWIDTH=n,AVERAGE-BANDWIDTH=n"); got != masterOfLadder {
		t.Errorf("the master playlist is\n%s\nwant\n%s", text, masterOfLadder)
	}
	rates := variable.FindAllStringSubmatch(text, -1)
	for i, r := range ladder {
		child := strings.TrimSuffix(master, ".m3u8") + r.modifier + ".m3u8"
		playlist := string(s.stored(t, bucket, child))
		names, lengths := readPlaylist(t, playlist)
		if len(names) != 2 || lengths[0] != 10 || lengths[1] != 2 {
			t.Errorf("%s has the lengths %v, want 10 and 2", child, lengths)
		}
		peak := 0
		for n, escaped := range names {
			name, err := url.PathUnescape(escaped)
			if err != nil {
				t.Fatal(err)
			}
			m := segmentName.FindStringSubmatch(name)
			if m == nil || m[1] != r.modifier || m[3] != fmt.Sprintf("%05d", n+1) {
				t.Fatalf("a segment of %s is named %s", child, name)
			}
			when, err := time.Parse("20060102T150405", m[2])
			if err != nil || when.After(finished) || when.Before(finished.Add(-within)) {
				t.Errorf("the segment %s was finished at %v, the job at %v", name, when, finished)
			}
			key := path.Join(path.Dir(child), name)
			segments = append(segments, key)
			peak = max(peak, int(float64(8*len(s.stored(t, bucket, key)))/lengths[n]))
		}
		if i < len(rates) {
			highest, _ := strconv.Atoi(rates[i][1])
			mean, _ := strconv.Atoi(rates[i][2])
			if highest < peak || highest > peak+1 || mean > highest || mean < highest/3 {
				t.Errorf("%s: BANDWIDTH is %d and AVERAGE-BANDWIDTH %d, the heaviest segment has %d bits/s", child, highest, mean, peak)
			}
		}
	}
	return segments
}
