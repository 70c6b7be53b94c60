package e2e

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// testCattube demands two files of each upload, whatever it is called.
func testCattube(t *testing.T, s *rig) {
	const in, out = "cattube-source", "cattube-destination"
	spec := testkit.ClipSpec{Seconds: 2, W: 320, H: 180, Audio: testkit.Stereo}
	for _, name := range []string{
		`-my cat's été & "東京" 100%41 + [final]`,
		`--help 猫;$(x)#1?`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := name + ".mov"
			v := s.give(t, in, key, testkit.Clip(t, spec))
			hd, sd := name+"-hd.mp4", name+"-sd.mp4"
			if want := []string{spool.S3URI(out, hd), spool.S3URI(out, sd)}; list(v.MP4Outputs) != list(want) {
				t.Fatalf("the record's files are %s, want %s", list(v.MP4Outputs), list(want))
			}
			if len(v.MP4URLs) != 2 {
				t.Fatalf("the record's links are %v", v.MP4URLs)
			}
			dir := t.TempDir()
			for i, file := range []string{hd, sd} {
				a := s.Get(t, v.MP4URLs[i], false)
				local := save(t, a, v.MP4URLs[i], dir+"/"+[]string{"hd.mp4", "sd.mp4"}[i])
				if !bytes.Equal(a.Body, s.stored(t, out, file)) {
					t.Errorf("%s is delivered with other bytes than S3 holds", file)
				}
				part := s.Get(t, v.MP4URLs[i], false, "Range", "bytes=100-199")
				if part.Status != http.StatusPartialContent || !bytes.Equal(part.Body, a.Body[100:200]) {
					t.Errorf("%s: a range is answered with status %d and %d bytes", file, part.Status, len(part.Body))
				}
				if a.Header.Get("Content-Type") != "video/mp4" {
					t.Errorf("%s is delivered as %s", file, a.Header.Get("Content-Type"))
				}
				checkCattube(t, local, i == 0, spec)
			}
			if q := aws.ToString(s.job(t, v.EncodeJobID).Queue); !strings.HasSuffix(q, ":queues/catqueue") {
				t.Errorf("the job went to the queue %s", q)
			}
		})
	}
	t.Run("by-api", func(t *testing.T) {
		t.Parallel()
		tall := testkit.ClipSpec{Seconds: 2, W: 240, H: 320, Container: "webm"} // no sound
		job := s.run(t, systemJob(t, "cattube", s.put(t, "cat/a+b c.webm", testkit.Clip(t, tall)), "s3://lab/cat/out/"))
		if q := aws.ToString(job.Queue); !strings.HasSuffix(q, ":queues/catqueue") {
			t.Errorf("the job went to the queue %s", q)
		}
		dir := t.TempDir()
		checkCattube(t, s.fetch(t, "lab", "cat/out/a+b c-hd.mp4", dir), true, tall)
		checkCattube(t, s.fetch(t, "lab", "cat/out/a+b c-sd.mp4", dir), false, tall)
	})
}

// checkCattube looks at one of the two files.
func checkCattube(t *testing.T, file string, hd bool, spec testkit.ClipSpec) {
	t.Helper()
	codec, w, h, most := "av1", 256, 144, 100_000
	if hd {
		codec, w, h, most = "hevc", spec.W, spec.H, 5_000_000
	}
	video := testkit.Probe(t, file).Of("video")
	if video.Codec != codec || video.Width != w || video.Height != h || video.PixFmt != "yuv420p" {
		t.Errorf("%s is %+v, want %s of %dx%d", file, video, codec, w, h)
	}
	if hd && video.CodecTag != "hvc1" && video.CodecTag != "hev1" {
		t.Errorf("%s: the codec tag is %s", file, video.CodecTag)
	}
	inOrder(t, file, testkit.FrameNumbers(t, file), 0, spec.Frames())
	capped(t, file, most)
	if spec.Audio == testkit.NoAudio {
		return
	}
	stereo(t, file, file)
	inSync(t, file, file, spec)
}

// testCap demands that every encoder holds its cap on what is hardest to code.
func testCap(t *testing.T, s *rig) {
	const most = 600_000
	noise := testkit.Clip(t, testkit.ClipSpec{Seconds: 8, W: 320, H: 180, Extra: []string{"-vf", "noise=alls=70:allf=t"}})
	outputs := []mctypes.Output{
		mp4Output("-h264", h264(most)),
		mp4Output("-h265", &mctypes.VideoCodecSettings{Codec: mctypes.VideoCodecH265, H265Settings: &mctypes.H265Settings{
			RateControlMode: mctypes.H265RateControlModeQvbr, MaxBitrate: aws.Int32(most),
		}}),
		mp4Output("-av1", &mctypes.VideoCodecSettings{Codec: mctypes.VideoCodecAv1, Av1Settings: &mctypes.Av1Settings{
			RateControlMode: mctypes.Av1RateControlModeQvbr, MaxBitrate: aws.Int32(most),
			QvbrSettings: &mctypes.Av1QvbrSettings{QvbrQualityLevel: aws.Int32(10)},
		}}),
		mp4Output("-level10", &mctypes.VideoCodecSettings{Codec: mctypes.VideoCodecH264, H264Settings: &mctypes.H264Settings{
			RateControlMode: mctypes.H264RateControlModeQvbr, MaxBitrate: aws.Int32(most),
			QvbrSettings: &mctypes.H264QvbrSettings{QvbrQualityLevel: aws.Int32(10)},
		}}),
	}
	s.run(t, fileJob(s.put(t, "cap/noise.mp4", noise), "s3://lab/cap/out", outputs...))
	dir := t.TempDir()
	for _, o := range outputs {
		file := s.fetch(t, "lab", "cap/out"+*o.NameModifier+".mp4", dir)
		least := 0.6 * most
		if *o.NameModifier == "-av1" {
			least = 0.15 * most // SVT-AV1 stays far below what it may use
		}
		if mean := capped(t, file, most); mean < least {
			t.Errorf("%s has %.0f bits/s of %d: the content is too easy for the cap to show", file, mean, most)
		}
	}
}
