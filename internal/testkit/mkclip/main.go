// Command mkclip makes one test clip, for the demo and the benchmarks: a moving
// picture with a burned-in clock and a voice-like sound track. It never
// overwrites anything but the file it is told to make.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"spool/internal/spool"
	"spool/internal/testkit"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mkclip:", err)
		os.Exit(1)
	}
}

func run() error {
	spec := testkit.ClipSpec{FPS: spool.Rational{Den: 1}}
	out := flag.String("o", "clip.mp4", "the file to make; its suffix says the container (mp4, mov, mkv, webm, ts)")
	size := flag.String("size", "1280x720", "width x height, px")
	audio := flag.String("audio", "stereo", "none, mono, stereo or 5.1")
	flag.Float64Var(&spec.Seconds, "seconds", 30, "length")
	flag.StringVar(&spec.Codec, "codec", "", "h264, hevc, vp9, av1 …; the container's usual one")
	flag.Int64Var(&spec.FPS.Num, "fps", 30, "frames per second, numerator")
	flag.Int64Var(&spec.FPS.Den, "fps-den", 1, "frames per second, denominator")
	flag.BoolVar(&spec.VFR, "vfr", false, "frames at uneven distances")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("%q is not an option; see -help", flag.Arg(0))
	}
	if _, err := fmt.Sscanf(*size, "%dx%d", &spec.W, &spec.H); err != nil {
		return fmt.Errorf("-size %q is not of the form 1280x720", *size)
	}
	spec.Audio = testkit.Audio(strings.TrimSuffix(*audio, "none"))
	spec.Container = strings.TrimPrefix(filepath.Ext(*out), ".")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return testkit.Generate(ctx, spec, *out)
}
