package picture_test

import (
	"image/color"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/testkit"
)

// TestGenerator: black and an image, with silence, before a real input and alone.
func TestGenerator(t *testing.T) {
	t.Parallel()
	clip := testkit.ClipSpec{Seconds: 1, W: 320, H: 180, Audio: testkit.Stereo}
	d := job{
		inputs: []object{
			{"videoGenerator": object{"duration": 1000, "width": 160, "height": 90, "framerateNumerator": 30, "framerateDenominator": 1}},
			{"videoGenerator": object{"duration": 500, "width": 320, "height": 180, "imageInput": "s3://pics/still.png"}},
			{"fileInput": "s3://in/clip.mp4"},
		},
		more: object{"followSource": 3}, objects: map[string][]byte{
			"pics/still.png": logo(t, 320, 180, color.NRGBA{255, 0, 0, 255}), "in/clip.mp4": read(t, testkit.Clip(t, clip)),
		}, sound: true,
	}.run(t)
	numbers := testkit.FrameNumbers(t, d.file(0))
	if len(numbers) != 75 || numbers[45] != 0 || numbers[74] != 29 {
		t.Fatalf("the frames are %v", numbers)
	}
	need(t, "black", at(pixels(t, d.file(0), 0.5, 320, 180), 320, 160, 90), [3]int{0, 0, 0}, 4)
	need(t, "the image", at(pixels(t, d.file(0), 1.2, 320, 180), 320, 80, 90), [3]int{255, 0, 0}, 14)
	if got := testkit.SoundDuration(t, d.file(0)).Seconds(); got < 2.45 || got > 2.56 {
		t.Errorf("the sound lasts %g s", got)
	}
	alone := job{inputs: []object{{"videoGenerator": object{"duration": 1000, "channels": 2, "sampleRate": 48000}}}, sound: true}.run(t)
	s := testkit.Probe(t, alone.file(0)).Of("video")
	if s.Width != 540 || s.Height != 360 || len(testkit.FrameTimes(t, alone.file(0))) != 30 {
		t.Errorf("alone it is %dx%d with %d frames", s.Width, s.Height, len(testkit.FrameTimes(t, alone.file(0))))
	}
	if loud := testkit.Loudness(t, alone.file(0)); loud > 1e-4 {
		t.Errorf("the silence is as loud as %g", loud)
	}
}

// TestPictureInPicture: another video lies upon the first, at its time and place,
// from the frame that its clip begins with.
func TestPictureInPicture(t *testing.T) {
	t.Parallel()
	small := testkit.ClipSpec{Seconds: 4, W: 320, H: 180}
	d := job{
		files: []string{flat(t, "gray.mp4", "0x808080:s=640x360:d=2", sdr...)},
		inputs: []object{{"videoOverlays": []object{{
			"input":           object{"fileInput": "s3://in/small.mp4", "timecodeSource": "ZEROBASED", "inputClippings": []object{{"startTimecode": "00:00:02:00", "endTimecode": "00:00:03:29"}}},
			"initialPosition": object{"xPosition": 100, "yPosition": 60, "width": 320, "height": 180},
			"startTimecode":   "00:00:00:10", "endTimecode": "00:00:01:04",
		}}}},
		objects: map[string][]byte{"in/small.mp4": read(t, testkit.Clip(t, small))},
	}.run(t)
	out := filepath.Join(t.TempDir(), "cut.mp4")
	if msg, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", d.file(0), "-vf", "crop=320:180:100:60", "-c:v", "libx264", "-crf", "10", out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	numbers := testkit.FrameNumbers(t, out)
	if len(numbers) != 50 {
		t.Fatalf("%d frames instead of 50; of the job %v", len(numbers), testkit.FrameTimes(t, d.file(0)))
	}
	for i, n := range numbers {
		switch {
		case i >= 10 && i < 30 && (n < 60+(i-10)*6/5-1 || n > 60+(i-10)*6/5+1):
			t.Errorf("frame %d shows frame %d of the overlay", i, n)
		case (i < 10 || i >= 30) && n != -1:
			t.Errorf("frame %d still shows frame %d of the overlay", i, n)
		}
	}
	const w, h = 640, 360
	need(t, "beside it", at(pixels(t, d.file(0), 0.7, w, h), w, 60, 40), [3]int{128, 128, 128}, 6)
}

// TestMotionImage: a video with alpha lies upon every output.
func TestMotionImage(t *testing.T) {
	t.Parallel()
	half := flat(t, "half.mov", "0xFF0000@0.5:s=32x32:d=0.4,format=argb", "-c:v", "qtrle")
	d := job{
		files: []string{flat(t, "gray.mp4", "0x808080", sdr...)}, objects: map[string][]byte{"in/half.mov": read(t, half)},
		more: object{"timecodeConfig": object{"source": "ZEROBASED"}, "motionImageInserter": object{
			"input": "s3://in/half.mov", "insertionMode": "MOV", "offset": object{"imageX": 40, "imageY": 20}, "startTime": "00:00:00:05", "playback": "ONCE",
		}},
	}.run(t)
	const w, h = 128, 96
	for when, want := range map[float64][3]int{0.1: {128, 128, 128}, 0.4: {192, 64, 64}, 0.8: {128, 128, 128}} {
		need(t, "a moving image", at(pixels(t, d.file(0), when, w, h), w, 56, 36), want, 14)
	}
	if got := len(testkit.FrameTimes(t, d.file(0))); got != 25 {
		t.Errorf("%d frames instead of 25", got)
	}
}

// TestTimecodeTrack: files carry the timecode of their first picture.
func TestTimecodeTrack(t *testing.T) {
	t.Parallel()
	d := job{
		files: []string{flat(t, "gray.mp4", "0x808080", append([]string{"-r", "30000/1001"}, sdr...)...)}, outputs: []object{{"timecodeTrack": "ENABLED"}},
		more: object{"timecodeConfig": object{"source": "SPECIFIEDSTART", "start": "01:02:03:04"}},
	}.run(t)
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries", "stream_tags=timecode", "-of", "csv=p=0", d.file(0)).Output()
	if err != nil || !strings.Contains(string(out), "01:02:03;04") {
		t.Errorf("%v: the timecode is %q", err, out)
	}
}

// TestPadVideo: black follows the picture for as long as there is sound.
func TestPadVideo(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "ffmpeg")
	path := filepath.Join(t.TempDir(), "long.mp4")
	msg, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=c=0xFFFFFF:s=128x96:r=25:d=1", "-f", "lavfi", "-i", "sine=d=2", "-c:v", "libx264", "-c:a", "aac", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	d := job{files: []string{path}, inputs: []object{{"videoSelector": object{"padVideo": "BLACK"}}}, sound: true}.run(t)
	if got := len(testkit.FrameTimes(t, d.file(0))); got < 50 || got > 51 {
		t.Errorf("%d frames instead of 50", got)
	}
	need(t, "the picture", at(pixels(t, d.file(0), 0.5, 16, 16), 16, 8, 8), [3]int{255, 255, 255}, 4)
	need(t, "black", at(pixels(t, d.file(0), 1.5, 16, 16), 16, 8, 8), [3]int{0, 0, 0}, 4)
}

// TestDeinterlace: fields that the file marks, or that are found, become whole
// pictures; left alone they comb.
func TestDeinterlace(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t, "ffmpeg")
	// a bar that moves fast, in fields
	path := filepath.Join(t.TempDir(), "fields.mov")
	msg, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=black:s=192x96:r=50:d=2",
		"-f", "lavfi", "-i", "color=white:s=24x96:r=50:d=2", "-filter_complex", "[0][1]overlay=x=mod(n*8\\,192):y=0,tinterlace=interleave_top,fieldorder=tff",
		"-c:v", "mjpeg", "-q:v", "2", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	force := func(members object) object {
		return object{"videoPreprocessors": object{"deinterlacer": members}}
	}
	psf := job{files: []string{path}, inputs: []object{{"inputScanType": "PSF"}}}.run(t)
	combed := combs(pixels(t, psf.file(0), 1, 192, 96), 192, 96)
	if combed < 20 {
		t.Fatalf("the test's own picture does not comb: %g", combed)
	}
	d := job{files: []string{path}, outputs: []object{{}, force(object{"algorithm": "BLEND"}), force(object{"algorithm": "LINEAR_INTERPOLATION"}), force(object{"algorithm": "INTERPOLATE_TICKER"}), force(object{"control": "FORCE_ALL_FRAMES"})}}.run(t)
	for n := range 5 {
		if got := combs(pixels(t, d.file(n), 1, 192, 96), 192, 96); got > combed/4 {
			t.Errorf("output %d combs by %.1f; untouched by %.1f", n, got, combed)
		}
		if got, want := len(testkit.FrameTimes(t, d.file(n))), len(testkit.FrameTimes(t, psf.file(0))); got != want {
			t.Errorf("output %d has %d frames, not %d", n, got, want)
		}
	}
}

// combs says how much neighbouring lines differ in more than the lines next to
// them do.
func combs(pix []byte, w, h int) float64 {
	sum := 0
	for y := 1; y < h-1; y++ {
		for x := range w {
			a, b, c := int(pix[3*((y-1)*w+x)]), int(pix[3*(y*w+x)]), int(pix[3*((y+1)*w+x)])
			d, e := b-a, b-c
			if d*e > 0 {
				sum += min(max(d, -d), max(e, -e))
			}
		}
	}
	return float64(sum) / float64(w*(h-2))
}
