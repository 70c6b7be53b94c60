package e2e

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/testkit"
)

// testVOD demands a stream in segments of ten seconds, a poster and a smaller
// thumbnail, upright, and without sound since the job asks for none.
func testVOD(t *testing.T, s *rig) {
	const bucket = "cloudfleet-vod-bucket"
	t.Run("25s", func(t *testing.T) {
		t.Parallel()
		spec := testkit.ClipSpec{Seconds: 25, W: 320, H: 180, FPS: ntsc, Audio: testkit.Stereo}
		v := s.give(t, bucket, "holiday.MP4", testkit.Clip(t, spec))
		checkVOD(t, s, spec, 10, bucket, "holiday/", "holiday")
		if v.HLSPlaylist != "s3://"+bucket+"/holiday/holiday.m3u8" || v.HLSURL != s.Delivered(bucket, "holiday/holiday.m3u8") {
			t.Errorf("the record's stream is %s at %s", v.HLSPlaylist, v.HLSURL)
		}
		if len(v.ThumbNailsURLs) != 2 {
			t.Errorf("the record's pictures are %v", v.ThumbNailsURLs)
		}
	})
	t.Run("no-sound-by-api", func(t *testing.T) {
		t.Parallel()
		spec := testkit.ClipSpec{Seconds: 12, W: 320, H: 180, FPS: pal}
		uri := s.put(t, "vod/silent.mp4", testkit.Clip(t, spec))
		s.run(t, systemJob(t, "vod-hls", uri, "s3://lab/vod/out/", "s3://lab/vod/out/", "s3://lab/vod/out/thumbnail"))
		checkVOD(t, s, spec, 10, "lab", "vod/out/", "silent")
	})
	t.Run("uneven-gop", func(t *testing.T) {
		t.Parallel()
		// Key frames where the job wants them, and where segments need them.
		spec := testkit.ClipSpec{Seconds: 9, W: 320, H: 180, FPS: film, Audio: testkit.Stereo}
		uri := s.put(t, "vod/uneven.mp4", testkit.Clip(t, spec))
		in := systemJob(t, "vod-hls", uri, "s3://lab/vod/uneven/", "s3://lab/vod/uneven/", "s3://lab/vod/uneven/thumbnail")
		group := in.Settings.OutputGroups[0]
		group.OutputGroupSettings.HlsGroupSettings.SegmentLength = aws.Int32(4)
		codec := group.Outputs[0].VideoDescription.CodecSettings.H264Settings
		codec.GopSize, codec.GopSizeUnits = aws.Float64(70), mctypes.H264GopSizeUnitsFrames
		s.run(t, in)
		checkVOD(t, s, spec, 4, "lab", "vod/uneven/", "uneven")
	})
	t.Run("rotated", func(t *testing.T) {
		t.Parallel()
		spec := testkit.ClipSpec{Seconds: 2, W: 180, H: 320, Rotate: 90, Audio: testkit.Mono}
		s.give(t, bucket, "phone.mp4", testkit.Clip(t, spec))
		checkVOD(t, s, spec, 10, bucket, "phone/", "phone")
	})
	t.Run("upside-down", func(t *testing.T) {
		t.Parallel()
		spec := testkit.ClipSpec{Seconds: 2, W: 320, H: 180, Rotate: 180}
		s.give(t, bucket, "fallen.mp4", testkit.Clip(t, spec))
		checkVOD(t, s, spec, 10, bucket, "fallen/", "fallen")
	})
}

// checkVOD looks at all that the vod-hls job left under a prefix.
func checkVOD(t *testing.T, s *rig, spec testkit.ClipSpec, segment float64, bucket, prefix, name string) {
	t.Helper()
	dir := t.TempDir()
	want := []string{prefix + name + ".0000000.jpg", prefix + name + ".m3u8", prefix + name + "stream.m3u8"}
	starts := segmentStarts(spec, segment)
	for n := range starts {
		want = append(want, prefix+name+"stream_0000"+strconv.Itoa(n+1)+".ts")
	}
	want = append(want, prefix+"thumbnail.0000000.jpg")
	if got := s.Keys(t, bucket, prefix); list(sorted(got)) != list(sorted(want)) {
		t.Fatalf("under %s there are %s\nwant %s", prefix, list(got), list(want))
	}
	stream := s.Delivered(bucket, prefix+name+".m3u8")
	probed := testkit.Probe(t, stream)
	video := probed.Of("video")
	if video.Codec != "h264" || video.PixFmt != "yuv420p" || video.Width != spec.W || video.Height != spec.H {
		t.Errorf("the stream is %+v, want H.264 of %dx%d", video, spec.W, spec.H)
	}
	if a := probed.Of("audio"); a != nil {
		t.Errorf("the stream has sound, which the job does not ask for: %+v", a)
	}
	inOrder(t, "the stream", testkit.FrameNumbers(t, stream), 0, spec.Frames())
	if turn := testkit.Turn(t, stream); turn != 0 {
		t.Errorf("the stream must be turned by %d to stand upright", turn)
	}
	checkSegments(t, s, spec, bucket, prefix+name+"stream.m3u8", segment, dir)

	poster := s.fetch(t, bucket, prefix+name+".0000000.jpg", dir)
	thumbnail := s.fetch(t, bucket, prefix+"thumbnail.0000000.jpg", dir)
	for _, picture := range []string{poster, thumbnail} {
		if n := testkit.FrameNumberOfImage(t, picture); n != 0 {
			t.Errorf("%s shows picture %d, want 0", picture, n)
		}
		if turn := testkit.Turn(t, picture); turn != 0 {
			t.Errorf("%s must be turned by %d to stand upright", picture, turn)
		}
		if p := testkit.Probe(t, picture).Of("video"); p.Width != spec.W || p.Height != spec.H {
			t.Errorf("%s is %dx%d, want %dx%d", picture, p.Width, p.Height, spec.W, spec.H)
		}
	}
	if sizeOf(t, thumbnail) >= sizeOf(t, poster) {
		t.Error("the thumbnail, of quality 5, is not smaller than the poster, of quality 20")
	}
}

// segmentStarts gives the first frame of every segment: the first at or after
// each multiple of the length.
func segmentStarts(spec testkit.ClipSpec, length float64) []int {
	var starts []int
	for n := 0; ; n++ {
		first := int(math.Ceil(float64(n)*length*rateOf(spec) - 1e-6))
		if first >= spec.Frames() {
			return starts
		}
		starts = append(starts, first)
	}
}

// checkSegments demands that each segment, alone, begins with a key frame and
// holds exactly its pictures, and that the playlist says how long each is.
func checkSegments(t *testing.T, s *rig, spec testkit.ClipSpec, bucket, playlist string, length float64, dir string) (names []string) {
	t.Helper()
	names, lengths := readPlaylist(t, string(s.stored(t, bucket, playlist)))
	starts := segmentStarts(spec, length)
	if len(names) != len(starts) {
		t.Fatalf("%s has %d segments, want %d", playlist, len(names), len(starts))
	}
	for i, name := range names {
		end := spec.Frames()
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		file := s.fetch(t, bucket, filepath.Join(filepath.Dir(playlist), name), dir)
		inOrder(t, name, testkit.FrameNumbers(t, file), starts[i], end-starts[i])
		if !beginsWithKey(t, file) {
			t.Errorf("%s does not begin with a key frame", name)
		}
		if want := float64(end-starts[i]) / rateOf(spec); math.Abs(lengths[i]-want) > 0.002 {
			t.Errorf("%s lasts %.3f s by the playlist and %.3f s by its pictures", name, lengths[i], want)
		}
	}
	return names
}

// readPlaylist gives the segments of a media playlist that is finished.
func readPlaylist(t *testing.T, text string) (names []string, lengths []float64) {
	t.Helper()
	if !strings.HasSuffix(strings.TrimSpace(text), "#EXT-X-ENDLIST") {
		t.Errorf("the playlist has no end: %s", text)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if value, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			value, _, _ = strings.Cut(value, ",")
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			lengths = append(lengths, seconds)
		} else if line != "" && line[0] != '#' {
			names = append(names, line)
		}
	}
	if len(names) != len(lengths) {
		t.Fatalf("the playlist names %d segments and %d lengths: %s", len(names), len(lengths), text)
	}
	return names, lengths
}

func beginsWithKey(t *testing.T, file string) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "v:0",
		"-show_entries", "packet=flags", "-of", "csv=p=0", "-read_intervals", "%+#1", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	return bytes.HasPrefix(out, []byte("K"))
}

func sizeOf(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
