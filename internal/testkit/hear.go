package testkit

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"testing"
	"time"
)

const hearRate = 48000

// sound is a decoded mono track with its timestamps.
type sound struct {
	samples []float32
	stamps  []stamp
}

// timeOf gives the timestamp of a sample: that of the block it lies in, plus the
// rest. Holes between blocks are kept.
func (s *sound) timeOf(sample int) time.Duration {
	first := 0
	for _, b := range s.stamps {
		if sample < first+b.samples {
			return b.at + time.Duration(float64(sample-first)/hearRate*1e9)
		}
		first += b.samples
	}
	return time.Duration(float64(sample) / hearRate * 1e9)
}

// Beeps gives the timestamps at which the beeps of the sound track begin, within
// about three milliseconds, on the same time line as Flashes.
func Beeps(t testing.TB, path string, inputOptions ...string) []time.Duration {
	t.Helper()
	s := hear(t, path, inputOptions)
	const (
		window = hearRate / 200  // 5 ms
		hop    = hearRate / 1000 // 1 ms
	)
	var levels []float64
	top := 0.0
	for i := 0; i+window <= len(s.samples); i += hop {
		level := tone(s.samples[i:i+window], beepHz)
		levels = append(levels, level)
		top = max(top, level)
	}
	if top < 0.02 {
		return nil // nothing there but voice and noise
	}
	var at []time.Duration
	quiet := 1000 // hops since the last loud one
	for i, level := range levels {
		if level < top/2 {
			quiet++
			continue
		}
		if quiet >= 200 {
			// Half the level is reached when half the window lies in the beep.
			at = append(at, s.timeOf(i*hop+window/2))
		}
		quiet = 0
	}
	return at
}

// Loudness gives the root mean square of the sound track mixed to mono, 0..1; 0
// means silence.
func Loudness(t testing.TB, path string, inputOptions ...string) float64 {
	t.Helper()
	s := hear(t, path, inputOptions)
	sum := 0.0
	for _, v := range s.samples {
		sum += float64(v) * float64(v)
	}
	if len(s.samples) == 0 {
		return 0
	}
	return math.Sqrt(sum / float64(len(s.samples)))
}

// SoundDuration gives the length of the sound track: the samples that come out
// of its decoder.
func SoundDuration(t testing.TB, path string, inputOptions ...string) time.Duration {
	t.Helper()
	return time.Duration(float64(len(hear(t, path, inputOptions).samples)) / hearRate * 1e9)
}

// tone gives the amplitude of one frequency in a window (Goertzel).
func tone(window []float32, hz float64) float64 {
	c := 2 * math.Cos(2*math.Pi*hz/hearRate)
	var a, b float64
	for _, v := range window {
		a, b = float64(v)+c*a-b, a
	}
	return 2 * math.Sqrt(math.Max(0, a*a+b*b-c*a*b)) / float64(len(window))
}

func hear(t testing.TB, path string, inputOptions []string) *sound {
	t.Helper()
	NeedTools(t, "ffmpeg")
	args := append(append([]string{}, inputOptions...), "-copyts", "-i", path, "-map", "0:a:0",
		"-af", "aresample=48000,aformat=sample_fmts=flt:channel_layouts=mono,ashowinfo", "-f", "f32le", "pipe:1")
	s := &sound{}
	stamps, err := decode(args, func(out io.Reader) error {
		buf := bufio.NewReaderSize(out, 1<<16)
		var quad [4]byte
		for {
			if _, err := io.ReadFull(buf, quad[:]); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			s.samples = append(s.samples, math.Float32frombits(binary.LittleEndian.Uint32(quad[:])))
		}
	})
	if err != nil {
		t.Fatalf("testkit: hear %s: %v", path, err)
	}
	s.stamps = stamps
	return s
}
