package testkit

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strconv"
	"testing"
)

// Channels decodes the sound of a file, each channel by itself, at its own
// sampling rate. stream is its number among the file's audio streams. Nothing is
// resampled or mixed.
func Channels(t testing.TB, path string, stream, channels int, inputOptions ...string) [][]float64 {
	t.Helper()
	NeedTools(t, "ffmpeg")
	args := append(append([]string{}, inputOptions...), "-i", path, "-map", "0:a:"+strconv.Itoa(stream),
		"-af", "aformat=sample_fmts=flt,ashowinfo", "-f", "f32le", "pipe:1")
	all := make([][]float64, channels)
	_, err := decode(args, func(out io.Reader) error {
		buf := bufio.NewReaderSize(out, 1<<16)
		var quad [4]byte
		for n := 0; ; n++ {
			if _, err := io.ReadFull(buf, quad[:]); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			c := n % channels
			all[c] = append(all[c], float64(math.Float32frombits(binary.LittleEndian.Uint32(quad[:]))))
		}
	})
	if err != nil {
		t.Fatalf("testkit: decode %s: %v", path, err)
	}
	return all
}

// ToneLevel gives the amplitude of one frequency in samples of a rate; a sine of
// amplitude a gives a.
func ToneLevel(samples []float64, rate, hz float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	var re, im float64
	for i, v := range samples {
		at := 2 * math.Pi * hz * float64(i) / rate
		re += v * math.Cos(at)
		im += v * math.Sin(at)
	}
	return 2 * math.Hypot(re, im) / float64(len(samples))
}

// Lkfs measures the loudness of sound as ITU-R BS.1770 says, at 48 kHz: all of
// it, or with gates as since BS.1770-2. Channels are those of FFmpeg's layouts:
// from the fifth on they surround, and the fourth of six is the LFE.
func Lkfs(channels [][]float64, gated bool) float64 {
	const block, step = 19200, 4800
	var energies []float64
	for at := 0; at+block <= len(channels[0]); at += step {
		energies = append(energies, 0)
	}
	for c, samples := range channels {
		weight := 1.0
		switch {
		case len(channels) == 6 && c == 3:
			continue
		case len(channels) >= 5 && c >= len(channels)-2:
			weight = 1.41
		}
		weighted := kWeighted(samples)
		for i := range energies {
			sum := 0.0
			for _, v := range weighted[i*step : i*step+block] {
				sum += v * v
			}
			energies[i] += weight * sum / block
		}
	}
	level := func(least float64) float64 {
		sum, n := 0.0, 0
		for _, e := range energies {
			if -0.691+10*math.Log10(e) > least {
				sum += e
				n++
			}
		}
		return -0.691 + 10*math.Log10(sum/float64(n))
	}
	if !gated {
		sum := 0.0
		for _, e := range energies {
			sum += e
		}
		return -0.691 + 10*math.Log10(sum/float64(len(energies)))
	}
	return level(max(-70, level(-70)-10))
}

// kWeighted filters sound at 48 kHz as the standard does, with the coefficients
// that it prints.
func kWeighted(samples []float64) []float64 {
	shelf := biquad{b: [3]float64{1.53512485958697, -2.69169618940638, 1.19839281085285}, a: [2]float64{-1.69065929318241, 0.73248077421585}}
	high := biquad{b: [3]float64{1, -2, 1}, a: [2]float64{-1.99004745483398, 0.99007225036621}}
	out := make([]float64, len(samples))
	for i, v := range samples {
		out[i] = high.next(shelf.next(v))
	}
	return out
}

type biquad struct {
	b      [3]float64
	a      [2]float64
	x1, x2 float64
	y1, y2 float64
}

func (f *biquad) next(x float64) float64 {
	y := f.b[0]*x + f.b[1]*f.x1 + f.b[2]*f.x2 - f.a[0]*f.y1 - f.a[1]*f.y2
	f.x2, f.x1, f.y2, f.y1 = f.x1, x, f.y1, y
	return y
}
