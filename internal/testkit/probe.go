package testkit

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// Probed is what ffprobe says of a file; the texts are ffprobe's own.
type Probed struct {
	Format  ProbedFormat   `json:"format"`
	Streams []ProbedStream `json:"streams"`
}

// ProbedFormat is the container.
type ProbedFormat struct {
	Name      string            `json:"format_name"`
	Duration  string            `json:"duration"`   // seconds
	StartTime string            `json:"start_time"` // seconds
	Size      string            `json:"size"`       // bytes
	BitRate   string            `json:"bit_rate"`   // bits/s
	Tags      map[string]string `json:"tags"`
}

// ProbedStream is one stream.
type ProbedStream struct {
	Index         int               `json:"index"`
	Type          string            `json:"codec_type"`
	Codec         string            `json:"codec_name"`
	CodecTag      string            `json:"codec_tag_string"`
	Profile       string            `json:"profile"`
	Level         int               `json:"level"`
	Width         int               `json:"width"`
	Height        int               `json:"height"`
	SampleAspect  string            `json:"sample_aspect_ratio"`
	PixFmt        string            `json:"pix_fmt"`
	FieldOrder    string            `json:"field_order"`
	FrameRate     string            `json:"r_frame_rate"`
	AvgFrameRate  string            `json:"avg_frame_rate"`
	TimeBase      string            `json:"time_base"`
	StartTime     string            `json:"start_time"`
	Duration      string            `json:"duration"`
	BitRate       string            `json:"bit_rate"`
	Frames        string            `json:"nb_frames"`
	FramesRead    string            `json:"nb_read_frames"` // with "-count_frames"
	Channels      int               `json:"channels"`
	ChannelLayout string            `json:"channel_layout"`
	SampleRate    string            `json:"sample_rate"`
	ColorSpace    string            `json:"color_space"`
	ColorTransfer string            `json:"color_transfer"`
	ColorRange    string            `json:"color_range"`
	Tags          map[string]string `json:"tags"`
	SideData      []struct {
		Type     string `json:"side_data_type"`
		Rotation int    `json:"rotation"` // counter-clockwise degrees
	} `json:"side_data_list"`
}

// Of gives the first stream of a type: "video", "audio", "subtitle"; nil when
// there is none.
func (p Probed) Of(kind string) *ProbedStream {
	for i := range p.Streams {
		if p.Streams[i].Type == kind {
			return &p.Streams[i]
		}
	}
	return nil
}

// Seconds gives the duration of the container, 0 when it does not say.
func (p Probed) Seconds() float64 {
	seconds, err := strconv.ParseFloat(p.Format.Duration, 64)
	if err != nil {
		return 0
	}
	return seconds
}

// Probe asks ffprobe about a file or playlist. Further options may be given,
// such as "-count_frames".
func Probe(t testing.TB, path string, options ...string) Probed {
	t.Helper()
	NeedTools(t, "ffprobe")
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	args := append([]string{"-v", "error", "-of", "json", "-show_format", "-show_streams"}, options...)
	out, err := exec.CommandContext(ctx, "ffprobe", append(args, path)...).Output()
	if err != nil {
		words := ""
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			words = lastLines(string(exit.Stderr))
		}
		t.Fatalf("testkit: ffprobe %s: %v: %s", path, err, words)
	}
	var p Probed
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatalf("testkit: ffprobe %s: %v", path, err)
	}
	return p
}

var psnrAverage = regexp.MustCompile(`PSNR .*average:(\S+)`)

// PSNR gives the mean peak signal-to-noise ratio in dB of two videos, frame by
// frame in order whatever their timestamps; the first is scaled to the size of
// the second. It is +Inf where they are the same, and stops with the shorter.
func PSNR(t testing.TB, path, reference string) float64 {
	t.Helper()
	NeedTools(t, "ffmpeg")
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	const inOrder = "settb=1/1000,setpts=N*40"
	graph := "[0:v:0]" + inOrder + "[a0];[1:v:0]" + inOrder + "[b0];[a0][b0]scale2ref=flags=bicubic[a1][b1];" +
		"[a1]setsar=1,format=yuv420p[a];[b1]setsar=1,format=yuv420p[b];[a][b]psnr=shortest=1"
	out, err := exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info",
		"-i", path, "-i", reference, "-lavfi", graph, "-fps_mode", "passthrough", "-f", "null", "-").CombinedOutput()
	if err != nil {
		t.Fatalf("testkit: PSNR of %s and %s: %v: %s", path, reference, err, lastLines(string(out)))
	}
	m := psnrAverage.FindSubmatch(out)
	if m == nil {
		t.Fatalf("testkit: PSNR of %s and %s: no figure: %s", path, reference, lastLines(string(out)))
	}
	db, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		t.Fatalf("testkit: PSNR of %s and %s: %v", path, reference, err)
	}
	return db
}
