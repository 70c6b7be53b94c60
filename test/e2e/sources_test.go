package e2e

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// testSources puts what cameras, phones, broadcasters and editors make through
// one plain job: the picture is whole and the sound with it.
func testSources(t *testing.T, s *rig) {
	hdr := []string{"-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"}
	for name, spec := range map[string]testkit.ClipSpec{
		"hdr-10-bit":    {Codec: "hevc", PixFmt: "yuv420p10le", Extra: hdr, Audio: testkit.Stereo},
		"prores-10-bit": {Codec: "prores", Container: "mov", Audio: testkit.Stereo},
		"odd-size":      {W: 427, H: 241, PixFmt: "yuv444p", Audio: testkit.Mono, SampleRate: 22050},
		"anamorphic":    {W: 360, H: 288, SAR: spool.Rational{Num: 64, Den: 45}, FPS: pal, Audio: testkit.Stereo},
		"interlaced": {W: 720, H: 576, SAR: spool.Rational{Num: 16, Den: 15}, Codec: "mpeg2", Container: "ts", Interlaced: true, FPS: pal,
			Audio: testkit.Stereo},
		"mp4-from-10s":   {StartAt: 10, Audio: testkit.Stereo, FPS: ntsc},
		"mkv-from-10s":   {StartAt: 10, Audio: testkit.Stereo, Container: "mkv"},
		"audio-first-51": {AudioFirst: true, Audio: testkit.Surround, FPS: film},
		"webm":           {Container: "webm", Audio: testkit.Stereo},
		"variable":       {VFR: true, Container: "mkv", Audio: testkit.Stereo},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec.Seconds = 3
			if spec.W == 0 {
				spec.W, spec.H = 320, 180
			}
			clip := testkit.Clip(t, spec)
			uri := s.put(t, "sources/"+name+"."+cmp.Or(spec.Container, "mp4"), clip)
			job := s.run(t, plainJob(uri, "s3://lab/sources/out/"))
			file := s.fetch(t, "lab", "sources/out/"+name+".mp4", t.TempDir())
			checkPlain(t, file, spec)
			if detail := job.OutputGroupDetails[0].OutputDetails[0]; !about(float64(aws.ToInt32(detail.DurationInMs)), 3000, 0.02) {
				t.Errorf("the job says that the output lasts %d ms", aws.ToInt32(detail.DurationInMs))
			}
			floor := 33.0
			if spec.W%2 == 1 {
				floor = 27 // compared at another size
			}
			if db := testkit.PSNR(t, file, clip); !spec.VFR && db < floor {
				t.Errorf("the output is %.1f dB from the source, want %g or more", db, floor)
			}
		})
	}
}

// checkPlain looks at what plainJob made of a clip.
func checkPlain(t *testing.T, file string, spec testkit.ClipSpec) {
	t.Helper()
	video := testkit.Probe(t, file).Of("video")
	if video.Codec != "h264" || video.PixFmt != "yuv420p" || strings.Contains(video.Profile, "10") || video.FieldOrder != "progressive" {
		t.Errorf("the output is %+v, want progressive 8-bit H.264 that every player plays", video)
	}
	if video.Width%2 != 0 || video.Height%2 != 0 || spec.W-video.Width > 1 || spec.H-video.Height > 1 {
		t.Errorf("the output is %dx%d, the source %dx%d", video.Width, video.Height, spec.W, spec.H)
	}
	aspect := float64(spec.W) / float64(spec.H)
	if spec.SAR.Valid() {
		aspect *= spec.SAR.Float()
	}
	if got := aspectOf(t, video); !about(got, aspect, 0.01) {
		t.Errorf("the output shows as %.4f:1, the source as %.4f:1", got, aspect)
	}
	if spec.VFR {
		onTime(t, "the output", file, spec)
	} else {
		inOrder(t, "the output", testkit.FrameNumbers(t, file), 0, spec.Frames())
	}
	stereo(t, "the output", file)
	inSync(t, "the output", file, spec)
	if sound := testkit.SoundDuration(t, file).Seconds(); math.Abs(sound-spec.Seconds) > 0.1 {
		t.Errorf("the sound lasts %.3f s, the source %.3f s", sound, spec.Seconds)
	}
}

// aspectOf gives the shape in which a stream is shown.
func aspectOf(t *testing.T, video *testkit.ProbedStream) float64 {
	t.Helper()
	aspect := float64(video.Width) / float64(video.Height)
	num, den, ok := strings.Cut(video.SampleAspect, ":")
	if !ok {
		return aspect
	}
	n, err1 := strconv.ParseFloat(num, 64)
	d, err2 := strconv.ParseFloat(den, 64)
	if err1 != nil || err2 != nil || n*d == 0 {
		t.Fatalf("the pixel aspect is %q", video.SampleAspect)
	}
	return aspect * n / d
}

// testHTTPS fetches inputs from web servers.
func testHTTPS(t *testing.T, s *rig, trusted *site) {
	spec := testkit.ClipSpec{Seconds: 3, W: 320, H: 180, FPS: ntsc, Container: "ts", Audio: testkit.Stereo}
	clip := testkit.Clip(t, spec)
	trusted.hold("/show.ts", clip)
	t.Run("trusted", func(t *testing.T) {
		t.Parallel()
		s.run(t, plainJob(trusted.URL+"/show.ts", "s3://lab/https/"))
		checkPlain(t, s.fetch(t, "lab", "https/show.mp4", t.TempDir()), spec)
	})
	stranger := newTLSSite(t)
	stranger.hold("/show.ts", clip)
	t.Run("unknown-authority", func(t *testing.T) {
		t.Parallel()
		s.fails(t, plainJob(stranger.URL+"/show.ts", "s3://lab/https-stranger/"), 3455)
	})
	t.Run("not-there", func(t *testing.T) {
		t.Parallel()
		s.fails(t, plainJob(trusted.URL+"/nothing.ts", "s3://lab/https-nothing/"), 3404)
	})
}

// fails sends a job and demands that it ends in ERROR with a code and a message.
func (s *rig) fails(t *testing.T, in *mediaconvert.CreateJobInput, code int32) *mctypes.Job {
	t.Helper()
	job := s.WaitJob(t, s.submit(t, in), within)
	if job.Status != mctypes.JobStatusError || aws.ToInt32(job.ErrorCode) != code {
		t.Errorf("the job is %s with %d %q, want ERROR with %d", job.Status, aws.ToInt32(job.ErrorCode), aws.ToString(job.ErrorMessage), code)
	}
	if message := aws.ToString(job.ErrorMessage); len(message) < 20 || strings.Contains(message, s.Data) {
		t.Errorf("the message is %q: it must say what is wrong, and nothing of this machine", message)
	}
	return job
}
