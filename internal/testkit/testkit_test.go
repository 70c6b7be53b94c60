package testkit

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"spool/internal/spool"
)

// TestCode reads every number back, and no other picture.
func TestCode(t *testing.T) {
	t.Parallel()
	spec := ClipSpec{W: readW, H: readH}.withDefaults()
	c := newCanvas(spec)
	for n := 0; n < 1<<numberBits; n += 97 {
		c.draw(n)
		for turn := range 4 {
			pix, w, h := turned(c.frame[:c.w*c.h], c.w, c.h, turn)
			got := readFrame(pix, w, h, 0)
			if got.number != n || got.turn != (4-turn)%4 {
				t.Fatalf("frame %d turned by %d: read %+v", n, turn, got)
			}
		}
	}
	for level := range 256 {
		pix := make([]byte, readW*readH)
		set(pix, byte(level))
		if got := readFrame(pix, readW, readH, 0); got.number != -1 {
			t.Errorf("a plain picture of level %d reads as %d", level, got.number)
		}
	}
}

// turned gives the picture turned clockwise by quarter turns.
func turned(pix []byte, w, h, turn int) ([]byte, int, int) {
	g := gray{pix: pix, w: w, h: h, turn: turn}
	tw, th := g.size()
	out := make([]byte, tw*th)
	for y := range th {
		for x := range tw {
			out[y*tw+x] = byte(g.at(x, y))
		}
	}
	return out, tw, th
}

// TestClips makes clips of every kind and finds all frames, the sound and its
// sync again.
func TestClips(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]ClipSpec{
		"plain":       {Seconds: 3, Audio: Stereo},
		"ntsc":        {Seconds: 3, FPS: spool.Rational{Num: 30000, Den: 1001}, Audio: Mono},
		"film":        {Seconds: 3, FPS: spool.Rational{Num: 24000, Den: 1001}, Audio: Surround},
		"vfr":         {Seconds: 3, VFR: true, Audio: Stereo},
		"vfr-mkv":     {Seconds: 3, VFR: true, Audio: Stereo, Container: "mkv"},
		"ts":          {Seconds: 3, Container: "ts", Audio: Stereo, AudioFirst: true},
		"ts-at-10":    {Seconds: 3, Container: "ts", Audio: Stereo, StartAt: 10},
		"mp4-at-10":   {Seconds: 3, Audio: Stereo, StartAt: 10},
		"mov-mjpeg":   {Seconds: 2, Container: "mov", Codec: "mjpeg", PixFmt: "yuvj420p"},
		"webm":        {Seconds: 2, Container: "webm", Audio: Stereo, W: 320, H: 180},
		"mpeg2-tff":   {Seconds: 2, Container: "ts", Codec: "mpeg2", Interlaced: true, W: 720, H: 576, FPS: spool.Rational{Num: 25, Den: 1}, SAR: spool.Rational{Num: 64, Den: 45}},
		"h264-tff":    {Seconds: 2, Interlaced: true, FPS: spool.Rational{Num: 25, Den: 1}},
		"hevc10":      {Seconds: 2, Codec: "hevc", PixFmt: "yuv420p10le", Audio: Stereo},
		"ffv1":        {Seconds: 1, Codec: "ffv1", Container: "mkv"},
		"prores":      {Seconds: 1, Codec: "prores", Container: "mov"},
		"av1":         {Seconds: 2, Codec: "av1", W: 320, H: 180},
		"odd-size":    {Seconds: 1, W: 853, H: 481, PixFmt: "yuv444p"},
		"portrait-90": {Seconds: 2, W: 360, H: 640, Rotate: 90, Audio: Stereo},
		"upside-down": {Seconds: 1, Rotate: 180, Container: "mov"},
		"turned-270":  {Seconds: 1, W: 360, H: 640, Rotate: 270},
		"tiny-audio":  {Seconds: 2, W: 256, H: 144, Audio: Mono, SampleRate: 22050},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkClip(t, spec, Clip(t, spec))
		})
	}
}

func checkClip(t *testing.T, spec ClipSpec, path string) {
	t.Helper()
	spec = spec.withDefaults()
	numbers := FrameNumbers(t, path)
	if len(numbers) != spec.Frames() {
		t.Errorf("%d frames, want %d", len(numbers), spec.Frames())
	}
	for i, n := range numbers {
		if n != i {
			t.Fatalf("frame %d reads as %d", i, n)
		}
	}
	times := FrameTimes(t, path)
	for i := range times {
		if got, want := times[i]-times[0], spec.FrameTime(i); (got - want).Abs() > time.Millisecond {
			t.Fatalf("frame %d shows at %v, want %v", i, got, want)
		}
	}
	if turn := Turn(t, path); turn != 0 {
		t.Errorf("the picture stands turned by %d", turn)
	}
	if video := Probe(t, path).Of("video"); video == nil || (spec.Rotate%180 == 90) != (video.Width == spec.H) && spec.W != spec.H {
		t.Errorf("stored as %+v", video)
	}
	if data := Probe(t, path).Of("video").SideData; spec.Rotate%180 == 90 && (len(data) != 1 || (data[0].Rotation+360+spec.Rotate)%360 != 0) {
		t.Errorf("the rotation is said as %+v", data)
	}
	flashes := Flashes(t, path)
	if want := spec.FlashTimes(); len(flashes) != len(want) {
		t.Errorf("flashes at %v, want %v", flashes, want)
	}
	if spec.Audio == NoAudio {
		return
	}
	beeps := Beeps(t, path)
	if len(beeps) != len(flashes) {
		t.Fatalf("beeps at %v, flashes at %v", beeps, flashes)
	}
	for i := range beeps {
		if apart := beeps[i] - flashes[i]; apart.Abs() > 8*time.Millisecond {
			t.Errorf("beep %d is %v after its flash", i, apart)
		}
	}
	if loud := Loudness(t, path); loud < 0.02 {
		t.Errorf("the loudness is %g", loud)
	}
	if got := SoundDuration(t, path).Seconds(); math.Abs(got-spec.Seconds) > 0.15 {
		t.Errorf("the sound lasts %g s", got)
	}
}

// TestStripSurvives demands that numbers are read after what a ladder's lowest
// rung does: 144 lines, few bits, letterbox, noise.
func TestStripSurvives(t *testing.T) {
	t.Parallel()
	clip := Clip(t, ClipSpec{Seconds: 3, W: 1280, H: 720, Audio: Stereo})
	for name, args := range map[string][]string{
		"144p-60kbit": {"-vf", "scale=256:144", "-c:v", "libx264", "-b:v", "60k", "-maxrate", "60k", "-bufsize", "60k"},
		"letterbox":   {"-vf", "scale=320:180,pad=320:320:0:70", "-c:v", "libx264", "-crf", "30"},
		"pillarbox":   {"-vf", "scale=320:180,pad=480:180:80:0", "-c:v", "libx264", "-crf", "30"},
		"noise":       {"-vf", "scale=320:180,noise=alls=30:allf=t", "-c:v", "mpeg4", "-q:v", "12"},
		"full-range":  {"-vf", "scale=320:180:out_range=pc", "-c:v", "libx264", "-color_range", "pc"},
		"sideways":    {"-vf", "scale=320:180,transpose=clock", "-c:v", "libx264", "-crf", "30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out.mp4")
			if err := runFFmpeg(t.Context(), nil, append(append([]string{"-i", clip}, args...), out)); err != nil {
				t.Fatal(err)
			}
			for i, n := range FrameNumbers(t, out) {
				if n != i {
					t.Errorf("frame %d reads as %d", i, n)
				}
			}
			if beeps, flashes := Beeps(t, out), Flashes(t, out); len(beeps) != 2 || len(flashes) != 2 {
				t.Errorf("beeps at %v, flashes at %v", beeps, flashes)
			}
		})
	}
}

// TestPictures reads single pictures and sequences.
func TestPictures(t *testing.T) {
	t.Parallel()
	spec := ClipSpec{Seconds: 2, VFR: true}
	clip := Clip(t, spec)
	dir := filepath.Join(t.TempDir(), "a%02d b")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	plain := t.TempDir()
	if err := runFFmpeg(t.Context(), nil, []string{"-i", clip, "-vf", "fps=5:round=up", "-start_number", "0", "-q:v", "8",
		filepath.Join(plain, "x.%07d.jpg")}); err != nil {
		t.Fatal(err)
	}
	for k, n := range FrameNumbers(t, filepath.Join(plain, "x.%07d.jpg"), "-start_number", "0") {
		if want := spec.FrameAt(time.Duration(k) * time.Second / 5); n != want {
			t.Errorf("capture %d shows frame %d, want %d", k, n, want)
		}
	}
	odd := filepath.Join(dir, "one.jpg")
	if err := os.Rename(filepath.Join(plain, "x.0000002.jpg"), odd); err != nil {
		t.Fatal(err)
	}
	if got, want := FrameNumberOfImage(t, odd), spec.FrameAt(400*time.Millisecond); got != want {
		t.Errorf("the picture reads as %d, want %d", got, want)
	}
}

func TestPSNR(t *testing.T) {
	t.Parallel()
	clip := Clip(t, ClipSpec{Seconds: 2})
	if db := PSNR(t, clip, clip); !math.IsInf(db, 1) {
		t.Errorf("a clip against itself gives %g dB", db)
	}
	other := Clip(t, ClipSpec{Seconds: 2, FPS: spool.Rational{Num: 25, Den: 1}})
	if db := PSNR(t, other, clip); db > 30 {
		t.Errorf("different clips give %g dB", db)
	}
	small := filepath.Join(t.TempDir(), "small.mp4")
	if err := runFFmpeg(t.Context(), nil, []string{"-i", clip, "-vf", "scale=320:180", small}); err != nil {
		t.Fatal(err)
	}
	if db := PSNR(t, small, clip); db < 20 || db > 60 {
		t.Errorf("half the size gives %g dB", db)
	}
}

// TestRefusals: what cannot be made is refused, not replaced.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]ClipSpec{
		"rotate in mkv": {Container: "mkv", Rotate: 90},
		"rotate by 45":  {Rotate: 45},
		"codec":         {Codec: "h265"},
		"container":     {Container: "avi"},
		"audio":         {Audio: "7.1"},
		"too small":     {W: 16, H: 16},
		"interlaced":    {Codec: "vp9", Container: "webm", Interlaced: true},
	} {
		if err := Generate(t.Context(), spec, filepath.Join(t.TempDir(), "x")); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	spec := ClipSpec{Seconds: 1, FPS: spool.Rational{Num: 4, Den: 1}}
	for rate, want := range map[int64][]int{4: {0, 1, 2, 3}, 2: {0, 2}, 8: {0, 0, 1, 1, 2, 2, 3, 3}, 3: {0, 1, 2}} {
		if got := spec.Shown(spool.Rational{Num: rate, Den: 1}); !slices.Equal(got, want) {
			t.Errorf("at %d per second: %v, want %v", rate, got, want)
		}
	}
}

func TestFrameAt(t *testing.T) {
	t.Parallel()
	for _, vfr := range []bool{false, true} {
		spec := ClipSpec{Seconds: 4, VFR: vfr, FPS: spool.Rational{Num: 30000, Den: 1001}}
		for n := range spec.Frames() {
			if got := spec.FrameAt(spec.FrameTime(n)); got != n {
				t.Fatalf("vfr %v: at its own moment frame %d gives %d", vfr, n, got)
			}
		}
	}
}
