package testkit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"spool/internal/spool"
)

// Audio says which sound a clip has.
type Audio string

// The sounds a clip can have. The beep is in every channel but the LFE.
const (
	NoAudio  Audio = ""
	Mono     Audio = "mono"
	Stereo   Audio = "stereo"
	Surround Audio = "5.1"
)

// ClipSpec says what a clip is. The zero value of a field means the default
// named beside it.
type ClipSpec struct {
	Seconds    float64        // length; 5
	W, H       int            // size as displayed, px; 640x360. Sizes that PixFmt cannot hold are refused
	FPS        spool.Rational // 30/1; with VFR the mean rate
	VFR        bool           // frames at uneven distances: see FrameTime
	Audio      Audio          // none
	SampleRate int            // Hz; 48000
	AudioFirst bool           // the audio stream comes before the video stream
	StartAt    float64        // first timestamp, seconds; 0
	Rotate     int            // clockwise degrees that a player applies: 90, 180, 270; mp4 and mov only
	SAR        spool.Rational // sample aspect ratio; unset
	Codec      string         // h264, hevc, vp9, vp8, av1, mpeg2, prores, ffv1, mjpeg; h264, and vp9 in webm
	PixFmt     string         // FFmpeg's name; yuv420p (yuv422p10le for prores)
	Container  string         // mp4, mov, mkv, webm, ts; mp4
	Interlaced bool           // coded as interlaced, top field first; both fields are of one moment
	GOP        int            // most frames between keyframes; the encoder's choice
	Extra      []string       // further output options for FFmpeg, such as colour tags
}

// generation changes when the same spec would give another file, so that
// cached clips of an older testkit are not used.
const generation = 2

// withDefaults fills the zero fields.
func (s ClipSpec) withDefaults() ClipSpec {
	if s.Seconds == 0 {
		s.Seconds = 5
	}
	if s.W == 0 && s.H == 0 {
		s.W, s.H = 640, 360
	}
	if !s.FPS.Valid() {
		s.FPS = spool.Rational{Num: 30, Den: 1}
	}
	if s.SampleRate == 0 {
		s.SampleRate = 48000
	}
	if s.Container == "" {
		s.Container = "mp4"
	}
	if s.Codec == "" {
		s.Codec = "h264"
		if s.Container == "webm" {
			s.Codec = "vp9"
		}
	}
	if s.PixFmt == "" {
		s.PixFmt = "yuv420p"
		if s.Codec == "prores" {
			s.PixFmt = "yuv422p10le"
		}
	}
	return s
}

// check refuses what cannot be made, rather than making something else.
func (s ClipSpec) check() error {
	switch {
	case s.Seconds <= 0 || s.Seconds > 3600:
		return fmt.Errorf("the length is %g s; above 0 and at most 3600 are allowed", s.Seconds)
	case s.W < 2*codeCells || s.H < 32:
		return fmt.Errorf("%dx%d is too small for the number strip; %dx32 is the least", s.W, s.H, 2*codeCells)
	case s.Rotate != 0 && s.Container != "mp4" && s.Container != "mov":
		return fmt.Errorf("a rotation needs mp4 or mov, not %s", s.Container)
	case s.Rotate%90 != 0 || s.Rotate < 0 || s.Rotate > 270:
		return fmt.Errorf("the rotation is %d; 0, 90, 180 and 270 are allowed", s.Rotate)
	case s.Interlaced && s.Codec != "h264" && s.Codec != "mpeg2" && s.Codec != "prores":
		return fmt.Errorf("interlacing needs h264, mpeg2 or prores, not %s", s.Codec)
	}
	if _, ok := videoCodecs[s.Codec]; !ok {
		return fmt.Errorf("the codec %q is not known", s.Codec)
	}
	if _, ok := containers[s.Container]; !ok {
		return fmt.Errorf("the container %q is not known", s.Container)
	}
	if _, ok := channels[s.Audio]; !ok {
		return fmt.Errorf("the audio %q is not known", s.Audio)
	}
	return nil
}

// Frames gives the number of frames of the clip.
func (s ClipSpec) Frames() int {
	s = s.withDefaults()
	return max(1, int(math.Round(s.Seconds*s.FPS.Float())))
}

// vfrPlaces are the places of eight frames in eight steps of a VFR clip: gaps
// from a quarter of a step to one and a half.
var vfrPlaces = [8]float64{0, 1.25, 2.5, 2.75, 4, 5.5, 6, 7}

// FrameTime gives the moment at which frame n (from 0) shows, counted from the
// first frame.
func (s ClipSpec) FrameTime(n int) time.Duration {
	s = s.withDefaults()
	place := float64(n)
	if s.VFR {
		place = float64(n/8*8) + vfrPlaces[n%8]
	}
	return time.Duration(math.Round(place / s.FPS.Float() * 1e9))
}

// FrameAt gives the number of the frame on screen at a moment counted from the
// first frame: the last one whose FrameTime is not later. A moment within a
// microsecond before a frame counts as that frame's.
func (s ClipSpec) FrameAt(at time.Duration) int {
	shown := 0
	for n := range s.Frames() {
		if s.FrameTime(n) > at+time.Microsecond {
			break
		}
		shown = n
	}
	return shown
}

// Shown gives the number of the frame on screen at each tick of a constant rate,
// for as long as the clip lasts: what a player, or a conversion to that rate that
// never looks ahead, shows.
func (s ClipSpec) Shown(rate spool.Rational) []int {
	s = s.withDefaults()
	ticks := int(math.Round(float64(s.Frames()) / s.FPS.Float() * rate.Float()))
	shown := make([]int, ticks)
	for k := range shown {
		shown[k] = s.FrameAt(time.Duration(math.Round(float64(k) / rate.Float() * 1e9)))
	}
	return shown
}

// flashLength is how long the block stays white.
const flashLength = 100 * time.Millisecond

// FlashTimes gives the moments at which the block turns white and the beep
// starts: for each whole second the first frame not before it, without second 0.
func (s ClipSpec) FlashTimes() []time.Duration {
	var at []time.Duration
	next := time.Second
	for n := range s.Frames() {
		if t := s.FrameTime(n); t+time.Microsecond >= next {
			at = append(at, t)
			next = (t + time.Microsecond).Truncate(time.Second) + time.Second
		}
	}
	return at
}

// Clip gives the path of a clip made to the spec. Clips are kept under .cache
// of the module (or SPOOL_TEST_CACHE), named by their content's recipe, so each
// is made once for all packages and runs; the file must not be changed. It
// skips the test, with a word, where FFmpeg is missing.
func Clip(t testing.TB, spec ClipSpec) string {
	t.Helper()
	NeedTools(t, "ffmpeg", "ffprobe")
	dir, err := cacheDir()
	if err != nil {
		t.Fatalf("testkit: %v", err)
	}
	path, err := cachedClip(dir, spec)
	if err != nil {
		t.Fatalf("testkit: make clip: %v", err)
	}
	return path
}

// cachedClip finds or makes a clip. A lock file keeps two processes from making
// the same clip at once; the rename keeps a half-made one from being used.
func cachedClip(dir string, spec ClipSpec) (string, error) {
	spec = spec.withDefaults()
	recipe, err := json.Marshal(struct {
		Generation int
		Spec       ClipSpec
	}{generation, spec})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(recipe)
	name := hex.EncodeToString(sum[:12])
	path := filepath.Join(dir, name+"."+spec.Container)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	unlock, err := lockFile(filepath.Join(dir, ".locks", name))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	half := filepath.Join(dir, name+".half."+spec.Container)
	defer os.Remove(half)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := Generate(ctx, spec, half); err != nil {
		return "", err
	}
	return path, os.Rename(half, path)
}

// lockFile takes an advisory lock that ends with the process at the latest.
func lockFile(path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { f.Close() }, nil
}

// cacheDir gives the folder in which clips are kept, and makes it.
func cacheDir() (string, error) {
	dir := os.Getenv("SPOOL_TEST_CACHE")
	if dir == "" {
		root, err := moduleRoot()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(root, ".cache", "clips")
	}
	return dir, os.MkdirAll(dir, 0o755)
}
