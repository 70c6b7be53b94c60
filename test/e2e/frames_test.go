package e2e

import (
	"cmp"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/testkit"
)

// testFrames demands a picture for every thirtieth of a second, whatever the
// source's rate, and that each is the one on screen at its moment.
func testFrames(t *testing.T, s *rig) {
	for name, spec := range map[string]testkit.ClipSpec{
		"29.97":       {Seconds: 5, W: 320, H: 180, FPS: ntsc, Audio: testkit.Stereo},
		"23.976":      {Seconds: 5, W: 320, H: 180, FPS: film, Audio: testkit.Stereo},
		"variable":    {Seconds: 5, W: 320, H: 180, VFR: true, Audio: testkit.Stereo},
		"ts-from-10s": {Seconds: 5, W: 320, H: 180, FPS: ntsc, Container: "ts", StartAt: 10, Audio: testkit.Stereo},
		"rotated":     {Seconds: 2, W: 180, H: 320, Rotate: 90, Audio: testkit.Stereo},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := "video-" + name
			key := folder + "/video." + cmp.Or(spec.Container, "mp4")
			v := s.give(t, "ingress", key, testkit.Clip(t, spec))
			total := checkCaptures(t, s, spec, "raw-frames", folder+"/")
			if v.TotalFrames == nil {
				t.Errorf("the record has no TotalFrames: %+v", v)
			} else if *v.TotalFrames != total {
				t.Errorf("TotalFrames is %d, there are %d JPEGs", *v.TotalFrames, total)
			}
			if v.IngressVideoBucket != "ingress" || v.IngressVideoKey != key || v.MediaConvertJobID == "" || v.MediaConvertStatus != "COMPLETE" {
				t.Errorf("the record says %+v", v)
			}
			job := s.job(t, v.MediaConvertJobID)
			if job.UserMetadata["task"] != "GENERATE_FRAMES" || job.UserMetadata["videoId"] != folder {
				t.Errorf("the job's user metadata is %v", job.UserMetadata)
			}
		})
	}
	t.Run("25-by-api", func(t *testing.T) {
		t.Parallel()
		spec := testkit.ClipSpec{Seconds: 5, W: 320, H: 180, FPS: pal} // no sound
		job := s.run(t, systemJob(t, "frames", s.put(t, "frames-25/video.mp4", testkit.Clip(t, spec)), "s3://raw-frames/by-api/"))
		checkCaptures(t, s, spec, "raw-frames", "by-api/")
		if job.UserMetadata["task"] != "GENERATE_FRAMES" {
			t.Errorf("the job's user metadata is %v", job.UserMetadata)
		}
	})
}

// checkCaptures looks at all that the frames job left under a prefix and gives
// the number of JPEGs.
func checkCaptures(t *testing.T, s *rig, spec testkit.ClipSpec, bucket, prefix string) int64 {
	t.Helper()
	keys := s.Keys(t, bucket, prefix)
	if len(keys) < 2 || keys[len(keys)-1] != prefix+"video.mp4" {
		t.Fatalf("under %s there are %s", prefix, list(keys))
	}
	dir := t.TempDir()
	pictures := keys[:len(keys)-1]
	for k, key := range pictures {
		if want := fmt.Sprintf("%svideo.%07d.jpg", prefix, k); key != want {
			t.Fatalf("capture %d is named %s, want %s", k, key, want)
		}
		s.fetch(t, bucket, key, dir)
	}
	// One for each tick before the end. How long a variable-rate file's last
	// frame stays is up to its muxer.
	last := spec.FrameTime(spec.Frames() - 1)
	length := seconds(float64(spec.Frames()) / rateOf(spec))
	least, most := ticks(length), ticks(length)
	if spec.VFR {
		least = ticks(last)
	}
	if n := len(pictures); n < least || n > most {
		t.Errorf("%d captures, want %d to %d", n, least, most)
	}
	pattern := filepath.Join(dir, "video.%07d.jpg")
	for k, n := range testkit.FrameNumbers(t, pattern, "-start_number", "0") {
		at := time.Duration(k) * time.Second / 30
		if want := spec.FrameAt(at); n != want {
			t.Errorf("capture %d shows picture %d, want %d, which is on screen at %v", k, n, want, at)
		}
	}
	checkCopy(t, s.fetch(t, bucket, prefix+"video.mp4", dir), filepath.Join(dir, "video.0000000.jpg"), spec)
	return int64(len(pictures))
}

// checkCopy looks at the H.264 copy beside the captures, and that both have the
// size as stored: by default rotation is ignored.
func checkCopy(t *testing.T, copied, picture string, spec testkit.ClipSpec) {
	t.Helper()
	w, h := spec.W, spec.H
	if spec.Rotate%180 == 90 {
		w, h = h, w
	}
	probed := testkit.Probe(t, copied)
	video := probed.Of("video")
	if video.Codec != "h264" || video.PixFmt != "yuv420p" || video.Width != w || video.Height != h || len(video.SideData) > 0 {
		t.Errorf("the copy is %+v, want H.264 of %dx%d without a rotation", video, w, h)
	}
	if still := testkit.Probe(t, picture).Of("video"); still.Codec != "mjpeg" || still.Width != w || still.Height != h {
		t.Errorf("the captures are %+v, want JPEG of %dx%d", still, w, h)
	}
	if turn := testkit.Turn(t, copied); turn != spec.Rotate {
		t.Errorf("the copy must be turned by %d to stand upright, want %d: as stored", turn, spec.Rotate)
	}
	numbers := testkit.FrameNumbers(t, copied)
	if !spec.VFR {
		inOrder(t, "the copy", numbers, 0, spec.Frames())
	} else {
		onTime(t, "the copy", copied, spec)
	}
	if spec.Audio == testkit.NoAudio {
		if a := probed.Of("audio"); a != nil {
			t.Errorf("the copy has sound that the source has not: %+v", a)
		}
		return
	}
	stereo(t, "the copy", copied)
	inSync(t, "the copy", copied, spec)
}

// onTime demands that each frame of a file made of a variable-rate clip shows
// what is on screen at its moment, to one frame.
func onTime(t *testing.T, what, at string, spec testkit.ClipSpec) {
	t.Helper()
	numbers, times := testkit.FrameNumbers(t, at), testkit.FrameTimes(t, at)
	if n := len(numbers); n < spec.Frames()-1 || n > spec.Frames()+1 {
		t.Errorf("%s has %d frames, want %d", what, n, spec.Frames())
	}
	for i, n := range numbers {
		from, to := spec.FrameAt(times[i]-times[0]-seconds(1/rateOf(spec))), spec.FrameAt(times[i]-times[0]+seconds(1/rateOf(spec)))
		if n < from || n > to {
			t.Errorf("%s: at %v picture %d shows, want one of %d to %d", what, times[i], n, from, to)
		}
	}
}

func rateOf(spec testkit.ClipSpec) float64 {
	if spec.FPS.Valid() {
		return spec.FPS.Float()
	}
	return 30
}

// ticks counts the thirtieths of a second from 0 that lie before an end.
func ticks(end time.Duration) int { return int((end.Seconds()-1e-4)*30) + 1 }

// testCaptureQuality demands that a higher quality makes a larger picture, over
// the whole scale.
func testCaptureQuality(t *testing.T, s *rig) {
	qualities := []int32{1, 2, 10, 25, 50, 75, 80, 90, 99, 100}
	outputs := []mctypes.Output{mp4Output("", h264(1_000_000))}
	for _, q := range qualities {
		outputs = append(outputs, mctypes.Output{
			NameModifier:      aws.String(fmt.Sprintf("-q%03d", q)),
			ContainerSettings: &mctypes.ContainerSettings{Container: mctypes.ContainerTypeRaw},
			VideoDescription: &mctypes.VideoDescription{CodecSettings: &mctypes.VideoCodecSettings{
				Codec: mctypes.VideoCodecFrameCapture,
				FrameCaptureSettings: &mctypes.FrameCaptureSettings{
					FramerateNumerator: aws.Int32(1), FramerateDenominator: aws.Int32(5), MaxCaptures: aws.Int32(1), Quality: aws.Int32(q),
				},
			}},
		})
	}
	outputs[0].NameModifier = aws.String("-video")
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 1, W: 320, H: 180})
	s.run(t, fileJob(s.put(t, "quality/in.mp4", clip), "s3://lab/quality/out", outputs...))
	before := 0
	for _, q := range qualities {
		key := fmt.Sprintf("quality/out-q%03d.0000000.jpg", q)
		size := len(s.stored(t, "lab", key))
		if size <= before {
			t.Errorf("the picture of quality %d has %d bytes, the one before it %d", q, size, before)
		}
		before = size
	}
	if n := len(s.Keys(t, "lab", "quality/out")); n != len(outputs) {
		t.Errorf("%d objects, want %d: one picture for each quality", n, len(outputs))
	}
}
