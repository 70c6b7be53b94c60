// Command bench measures `spool convert` against the best single hand-written
// ffmpeg command that makes the same outputs: wall and CPU time, run in turn so
// that both meet the same machine. It prints a Markdown table of medians.
//
// It never takes a figure for outputs that differ: codecs, sizes and numbers of
// frames are compared first.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"spool/internal/spool"
	"spool/internal/testkit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	runs := flag.Int("runs", 5, "times that each is run")
	program := flag.String("spool", "bin/spool", "the program")
	seconds := flag.Float64("seconds", 30, "length of the clip")
	only := flag.String("only", "", "only this case")
	flag.Parse()
	if *runs < 1 {
		return errors.New("-runs must be at least 1")
	}
	dir, err := os.MkdirTemp("", "spool-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	clip := filepath.Join(dir, "clip.mp4")
	spec := testkit.ClipSpec{Seconds: *seconds, W: 1280, H: 720, FPS: spool.Rational{Num: 30, Den: 1}, Audio: testkit.Stereo}
	if err := testkit.Generate(ctx, spec, clip); err != nil {
		return fmt.Errorf("make a clip: %w", err)
	}
	fmt.Printf("%.0f s of 1280x720 at 30/s, %d cores, median of %d runs in turn\n\n", *seconds, runtime.NumCPU(), *runs)
	fmt.Println("| case | spool wall s | ffmpeg wall s | ratio | spool CPU s | ffmpeg CPU s | ratio | frames/s spool | frames/s ffmpeg |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, c := range cases {
		if *only != "" && c.name != *only {
			continue
		}
		if err := measure(ctx, c, *program, clip, dir, *runs, spec.Frames()); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// figures are what one run took, in seconds.
type figures struct{ wall, cpu float64 }

func measure(ctx context.Context, c benchCase, program, clip, dir string, runs, frames int) error {
	var ours, theirs []figures
	for i := range runs {
		here := filepath.Join(dir, fmt.Sprintf("%s-%d", c.name, i))
		spoolDir, plainDir := filepath.Join(here, "spool"), filepath.Join(here, "plain")
		if err := os.MkdirAll(plainDir, 0o755); err != nil {
			return err
		}
		ourRun := func() error {
			f, err := timed(ctx, program, "convert", filepath.Join("examples", c.name, "job.json"), "-i", clip, "-o", spoolDir, "--json")
			ours = append(ours, f)
			return err
		}
		theirRun := func() error {
			f, err := timed(ctx, "ffmpeg", c.plain(clip, plainDir)...)
			theirs = append(theirs, f)
			return err
		}
		turn := []func() error{ourRun, theirRun}
		if i%2 == 1 {
			slices.Reverse(turn)
		}
		if err := errors.Join(turn[0](), turn[1]()); err != nil {
			return err
		}
		if err := same(ctx, c, spoolDir, plainDir); err != nil {
			return err
		}
		if err := os.RemoveAll(here); err != nil {
			return err
		}
	}
	a, b := median(ours), median(theirs)
	fmt.Printf("| %s | %.2f | %.2f | **%.3f** | %.2f | %.2f | **%.3f** | %.1f | %.1f |\n", c.name,
		a.wall, b.wall, a.wall/b.wall, a.cpu, b.cpu, a.cpu/b.cpu, float64(frames)/a.wall, float64(frames)/b.wall)
	return nil
}

// timed runs a program to its end. CPU time is that of all its descendants.
func timed(ctx context.Context, program string, args ...string) (figures, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(start).Seconds()
	if err != nil {
		return figures{}, fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, out[max(0, len(out)-2000):])
	}
	return figures{wall, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}, nil
}

func median(all []figures) figures {
	pick := func(of func(figures) float64) float64 {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = of(f)
		}
		slices.Sort(values)
		n := len(values)
		return (values[(n-1)/2] + values[n/2]) / 2
	}
	return figures{pick(func(f figures) float64 { return f.wall }), pick(func(f figures) float64 { return f.cpu })}
}

// same demands that both made the same things.
func same(ctx context.Context, c benchCase, ours, theirs string) error {
	for our, their := range c.pairs {
		a, err := describe(ctx, ours, our)
		if err != nil {
			return err
		}
		b, err := describe(ctx, theirs, their)
		if err != nil {
			return err
		}
		if a != b {
			return fmt.Errorf("the outputs differ, so their times mean nothing: spool's %s is %s, ffmpeg's %s is %s", our, a, their, b)
		}
	}
	return nil
}

// describe says what the files of a pattern are: for pictures how many there
// are, for one file its video's codec, size and frames.
func describe(ctx context.Context, dir, pattern string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) == 0 {
		return "", errors.Join(fmt.Errorf("nothing lies at %s in %s", pattern, dir), err)
	}
	if strings.HasSuffix(pattern, ".jpg") {
		return fmt.Sprintf("%d pictures", len(files)), nil
	}
	out, err := exec.CommandContext(ctx, "ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets", "-of", "csv=p=0",
		"-show_entries", "stream=codec_name,width,height,nb_read_packets", files[0]).Output()
	if err != nil {
		return "", fmt.Errorf("ffprobe %s: %w", files[0], err)
	}
	return strings.TrimSpace(strings.Split(string(out), "\n")[0]), nil
}
