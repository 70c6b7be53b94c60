// Command quality holds the pictures of `spool convert` against plain ffmpeg
// runs of the same encoder and preset, for each rung of the ladder that the
// vod-full system asks for: PSNR and SSIM at equal bitrates, as Bjøntegaard's
// difference of rates in percent (below 0: fewer bits for the same picture).
//
// Both see the same scaled source, the same GOP and the same VBV. It prints a
// Markdown table. What is compared is measured from the files alone.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

// rung is one rendition of the ladder of vod-full.
type rung struct {
	width, height int
	max           int // bits/s
}

var ladder = []rung{{480, 270, 400_000}, {640, 360, 1_500_000}, {960, 540, 3_500_000}, {1280, 720, 6_000_000}}

// The points of each curve: QVBR levels of ours, constant rate factors of the
// plain run, both from poor to good.
var (
	levels  = []int{4, 5, 6, 7}
	factors = []int{32, 28, 25, 22}
)

func run(ctx context.Context) error {
	program := flag.String("spool", "bin/spool", "the program")
	seconds := flag.Float64("seconds", 6, "how much of each clip is used")
	flag.Parse()
	if flag.NArg() == 0 {
		return errors.New("name one or more clips to encode")
	}
	dir, err := os.MkdirTemp("", "spool-quality-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Println("| clip | rung | mode | BD-rate by PSNR % | BD-rate by SSIM % | our points (kb/s: PSNR, SSIM) | plain points |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, clip := range flag.Args() {
		source := filepath.Join(dir, "source.mkv")
		if err := ffmpeg(ctx, "-i", clip, "-t", seconds2(*seconds), "-an", "-c:v", "ffv1", "-pix_fmt", "yuv420p", "-y", source); err != nil {
			return err
		}
		for _, r := range ladder {
			for _, mode := range []string{"QVBR", "VBR"} {
				if err := compare(ctx, *program, dir, filepath.Base(clip), source, r, mode); err != nil {
					return fmt.Errorf("%s %dp %s: %w", clip, r.height, mode, err)
				}
			}
		}
	}
	return nil
}

func seconds2(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

// point is one encode.
type point struct{ rate, psnr, ssim float64 }

func (p point) String() string {
	return fmt.Sprintf("%.0f: %.2f, %.4f", p.rate/1000, p.psnr, p.ssim)
}

func compare(ctx context.Context, program, dir, clip, source string, r rung, mode string) error {
	ours, err := encodeOurs(ctx, program, dir, source, r, mode)
	if err != nil {
		return err
	}
	theirs, err := encodePlain(ctx, dir, source, r, mode)
	if err != nil {
		return err
	}
	var a, b []point
	for i := range ours {
		p, err := measure(ctx, source, ours[i], r)
		if err != nil {
			return err
		}
		q, err := measure(ctx, source, theirs[i], r)
		if err != nil {
			return err
		}
		a, b = append(a, p), append(b, q)
	}
	byPSNR := bdRate(b, a, func(p point) float64 { return p.psnr })
	bySSIM := bdRate(b, a, func(p point) float64 { return -10 * math.Log10(1-p.ssim) })
	fmt.Printf("| %s | %dp | %s | %+.2f | %+.2f | %s | %s |\n", clip, r.height, mode, byPSNR, bySSIM, join(a), join(b))
	return nil
}

func join(ps []point) string {
	text := make([]string, len(ps))
	for i, p := range ps {
		text[i] = p.String()
	}
	return strings.Join(text, "; ")
}

// rates are the average bitrates of the points of VBR, of a rung's cap.
func rates(r rung) []int {
	return []int{r.max * 2 / 10, r.max * 3 / 10, r.max * 45 / 100, r.max * 6 / 10}
}

// encodeOurs runs one job with an output for each point.
func encodeOurs(ctx context.Context, program, dir, source string, r rung, mode string) ([]string, error) {
	var outputs []any
	for i, level := range levels {
		codec := map[string]any{
			"rateControlMode": mode, "maxBitrate": r.max, "gopSize": 2, "gopSizeUnits": "SECONDS", "codecProfile": "HIGH",
		}
		if mode == "QVBR" {
			codec["qualityTuningLevel"] = "SINGLE_PASS_HQ"
			codec["qvbrSettings"] = map[string]any{"qvbrQualityLevel": level}
		} else {
			codec["qualityTuningLevel"] = "MULTI_PASS_HQ"
			codec["bitrate"] = rates(r)[i]
		}
		outputs = append(outputs, map[string]any{
			"nameModifier":      "_" + strconv.Itoa(i),
			"containerSettings": map[string]any{"container": "MP4"},
			"videoDescription": map[string]any{
				"width": r.width, "height": r.height, "scalingBehavior": "STRETCH_TO_OUTPUT",
				"codecSettings": map[string]any{"codec": "H_264", "h264Settings": codec},
			},
		})
	}
	job := map[string]any{
		"inputs": []any{map[string]any{"fileInput": "s3://in/source.mkv"}},
		"outputGroups": []any{map[string]any{
			"outputGroupSettings": map[string]any{"type": "FILE_GROUP_SETTINGS", "fileGroupSettings": map[string]any{"destination": "s3://out/x"}},
			"outputs":             outputs,
		}},
	}
	text, err := json.Marshal(job)
	if err != nil {
		return nil, err
	}
	file, out := filepath.Join(dir, "job.json"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(out); err != nil {
		return nil, err
	}
	if err := command(ctx, program, "convert", file, "-i", source, "-o", out, "--json"); err != nil {
		return nil, err
	}
	var made []string
	for i := range levels {
		made = append(made, filepath.Join(out, "out", "x_"+strconv.Itoa(i)+".mp4"))
	}
	return made, nil
}

// encodePlain is what an engineer would type.
func encodePlain(ctx context.Context, dir, source string, r rung, mode string) ([]string, error) {
	var made []string
	for i := range factors {
		out := filepath.Join(dir, fmt.Sprintf("plain_%d.mp4", i))
		made = append(made, out)
		args := []string{
			"-i", source, "-vf", fmt.Sprintf("scale=%d:%d:flags=bicubic", r.width, r.height), "-c:v", "libx264", "-profile:v", "high",
			"-maxrate", strconv.Itoa(r.max), "-bufsize", strconv.Itoa(2 * r.max),
			"-force_key_frames", "expr:gte(t,n_forced*2)", "-y",
		}
		if mode == "QVBR" {
			args = append(args, "-preset", "medium", "-crf", strconv.Itoa(factors[i]), out)
			if err := ffmpeg(ctx, args...); err != nil {
				return nil, err
			}
			continue
		}
		args = append(args, "-preset", "slow", "-b:v", strconv.Itoa(rates(r)[i]), "-passlogfile", filepath.Join(dir, "plain"))
		for pass, end := range [][]string{{"-pass", "1", "-f", "null", "-"}, {"-pass", "2", out}} {
			if err := ffmpeg(ctx, append(append([]string{}, args...), end...)...); err != nil {
				return nil, fmt.Errorf("pass %d: %w", pass+1, err)
			}
		}
	}
	return made, nil
}

var (
	psnrLine = regexp.MustCompile(`PSNR y:([0-9.]+)`)
	ssimLine = regexp.MustCompile(`SSIM Y:([0-9.]+)`)
)

// measure holds an encode against the scaled source, frame by frame.
func measure(ctx context.Context, source, file string, r rung) (point, error) {
	graph := fmt.Sprintf("[1:v]scale=%d:%d:flags=bicubic,settb=1/25,setpts=N,split[a][b];[0:v]settb=1/25,setpts=N,split[c][d];[c][a]psnr;[d][b]ssim", r.width, r.height)
	cmd := exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-nostats", "-i", file, "-i", source, "-lavfi", graph, "-f", "null", "-")
	log, err := cmd.CombinedOutput()
	if err != nil {
		return point{}, fmt.Errorf("measure %s: %w\n%s", file, err, log)
	}
	psnr, ssim := psnrLine.FindSubmatch(log), ssimLine.FindSubmatch(log)
	if psnr == nil || ssim == nil {
		return point{}, fmt.Errorf("measure %s: no figures\n%s", file, log)
	}
	said, err := exec.CommandContext(ctx, "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=size,duration_time", "-of", "csv=p=0", file).Output()
	if err != nil {
		return point{}, fmt.Errorf("probe %s: %w", file, err)
	}
	var bits, length float64
	for line := range strings.Lines(string(said)) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		if len(fields) < 2 {
			continue
		}
		bits += 8 * number(fields[1])
		length += number(fields[0])
	}
	if length == 0 {
		return point{}, fmt.Errorf("probe %s: no packets", file)
	}
	return point{rate: bits / length, psnr: number(string(psnr[1])), ssim: number(string(ssim[1]))}, nil
}

func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return f
}

// bdRate is Bjøntegaard's difference of rates in percent (VCEG-M33) between two
// curves of four points each: the cubic through the points gives the logarithm of
// the rate for a quality, and the mean distance over the common qualities counts.
func bdRate(base, test []point, quality func(point) float64) float64 {
	low := math.Max(least(base, quality), least(test, quality))
	high := math.Min(most(base, quality), most(test, quality))
	if high <= low {
		return math.NaN()
	}
	const steps = 1000
	var sum float64
	for i := range steps {
		q := low + (high-low)*(float64(i)+0.5)/steps
		sum += logRate(test, quality, q) - logRate(base, quality, q)
	}
	return (math.Exp(sum/steps) - 1) * 100
}

func least(ps []point, quality func(point) float64) float64 {
	l := math.Inf(1)
	for _, p := range ps {
		l = math.Min(l, quality(p))
	}
	return l
}

func most(ps []point, quality func(point) float64) float64 {
	m := math.Inf(-1)
	for _, p := range ps {
		m = math.Max(m, quality(p))
	}
	return m
}

// logRate is the polynomial through all points, at a quality.
func logRate(ps []point, quality func(point) float64, q float64) float64 {
	var sum float64
	for i, p := range ps {
		term := math.Log(p.rate)
		for j, other := range ps {
			if i != j {
				term *= (q - quality(other)) / (quality(p) - quality(other))
			}
		}
		sum += term
	}
	return sum
}

func ffmpeg(ctx context.Context, args ...string) error {
	return command(ctx, "ffmpeg", append([]string{"-hide_banner", "-loglevel", "error", "-nostdin"}, args...)...)
}

func command(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, cmp.Or(said.String(), "it said nothing"))
	}
	return nil
}
