package testkit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The size at which frames are read: ten pixels a cell.
const (
	readW = 10 * codeCells
	readH = 16 * stripShare
)

// readTimeout bounds one measurement.
const readTimeout = 5 * time.Minute

// seenFrame is one decoded frame.
type seenFrame struct {
	reading
	at time.Duration // timestamp as in the file
}

// FrameNumbers decodes a file, playlist or picture sequence ("x.%07d.jpg") and
// gives the number on every frame in order of presentation, −1 where none can
// be read. Input options for FFmpeg may be given, such as "-ss", "10". No frame is
// doubled or dropped on the way.
func FrameNumbers(t testing.TB, path string, inputOptions ...string) []int {
	t.Helper()
	frames := readFrames(t, path, inputOptions)
	numbers := make([]int, len(frames))
	for i, f := range frames {
		numbers[i] = f.number
	}
	return numbers
}

// FrameNumberOfImage gives the number on one picture, −1 where none can be read.
func FrameNumberOfImage(t testing.TB, path string) int {
	t.Helper()
	// "pattern_type none": a % in the name is a %.
	frames := readFrames(t, path, []string{"-f", "image2", "-pattern_type", "none"})
	if len(frames) != 1 {
		t.Fatalf("testkit: %s holds %d pictures, not one", path, len(frames))
	}
	return frames[0].number
}

// FrameTimes gives the timestamp of every frame as the file has it, in order.
func FrameTimes(t testing.TB, path string, inputOptions ...string) []time.Duration {
	t.Helper()
	frames := readFrames(t, path, inputOptions)
	times := make([]time.Duration, len(frames))
	for i, f := range frames {
		times[i] = f.at
	}
	return times
}

// Turn gives the clockwise degrees by which the picture must be turned to stand
// upright, as decoded with rotation metadata applied: 0, 90, 180 or 270.
func Turn(t testing.TB, path string) int {
	t.Helper()
	for _, f := range readFrames(t, path, nil) {
		if f.number >= 0 {
			return 90 * f.turn
		}
	}
	t.Fatalf("testkit: no frame of %s can be read", path)
	return 0
}

// Flashes gives the timestamps of the frames at which the block turns white. They
// are the file's own, as those of Beeps are: their differences count.
func Flashes(t testing.TB, path string, inputOptions ...string) []time.Duration {
	t.Helper()
	var at []time.Duration
	white := false
	for _, f := range readFrames(t, path, inputOptions) {
		if f.number < 0 {
			continue
		}
		if f.flash && !white {
			at = append(at, f.at)
		}
		white = f.flash
	}
	return at
}

func readFrames(t testing.TB, path string, inputOptions []string) []seenFrame {
	t.Helper()
	NeedTools(t, "ffmpeg")
	args := append(append([]string{}, inputOptions...), "-copyts", "-i", path, "-map", "0:v:0",
		"-vf", fmt.Sprintf("showinfo=checksum=0,scale=%d:%d:flags=area,format=gray", readW, readH),
		"-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1")
	var frames []seenFrame
	turn := 0
	times, err := decode(args, func(out io.Reader) error {
		pix := make([]byte, readW*readH)
		for {
			if _, err := io.ReadFull(out, pix); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			r := readFrame(pix, readW, readH, turn)
			turn = r.turn
			frames = append(frames, seenFrame{reading: r})
		}
	})
	if err != nil {
		t.Fatalf("testkit: read frames of %s: %v", path, err)
	}
	if len(times) != len(frames) {
		t.Fatalf("testkit: %s: %d frames but %d timestamps", path, len(frames), len(times))
	}
	for i := range frames {
		frames[i].at = times[i].at
	}
	return frames
}

// stamp is one line of showinfo or ashowinfo.
type stamp struct {
	at      time.Duration
	samples int // audio only
}

var (
	stampTime    = regexp.MustCompile(`showinfo.* pts_time: ?(-?[0-9.e+-]+)`)
	stampSamples = regexp.MustCompile(` nb_samples:(\d+)`)
)

// decode runs FFmpeg, hands its output to read, and gives the stamps that the
// (a)showinfo filter wrote.
func decode(args []string, read func(io.Reader) error) ([]stamp, error) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	// The info level is what showinfo writes at.
	cmd := exec.CommandContext(ctx, "ffmpeg", append([]string{"-hide_banner", "-nostdin", "-nostats", "-loglevel", "info"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var (
		stamps []stamp
		words  bytes.Buffer
		wait   sync.WaitGroup
	)
	wait.Go(func() {
		lines := bufio.NewScanner(log)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			line := lines.Text()
			if m := stampTime.FindStringSubmatch(line); m != nil {
				seconds, _ := strconv.ParseFloat(m[1], 64)
				s := stamp{at: time.Duration(seconds * 1e9)}
				if m := stampSamples.FindStringSubmatch(line); m != nil {
					s.samples, _ = strconv.Atoi(m[1])
				}
				stamps = append(stamps, s)
			} else if !strings.Contains(line, "showinfo") {
				fmt.Fprintln(&words, line)
			}
		}
		_, _ = io.Copy(io.Discard, log) // a line too long for the scanner must not block FFmpeg
	})
	readErr := read(out)
	_, _ = io.Copy(io.Discard, out) // the same when read gave up
	wait.Wait()
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("ffmpeg: %w: %s", err, lastLines(words.String()))
	}
	return stamps, readErr
}
