package testkit

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// videoCodecs are the encoder options of each codec, quick and good enough for
// the number strip to be beyond doubt.
var videoCodecs = map[string][]string{
	"h264":   {"-c:v", "libx264", "-preset", "veryfast", "-crf", "18"},
	"hevc":   {"-c:v", "libx265", "-preset", "ultrafast", "-crf", "20", "-x265-params", "log-level=error"},
	"vp8":    {"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "4M"},
	"vp9":    {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-b:v", "4M"},
	"av1":    {"-c:v", "libsvtav1", "-preset", "12", "-crf", "30"},
	"mpeg2":  {"-c:v", "mpeg2video", "-q:v", "3"},
	"prores": {"-c:v", "prores_ks", "-profile:v", "0"},
	"ffv1":   {"-c:v", "ffv1", "-level", "3"},
	"mjpeg":  {"-c:v", "mjpeg", "-q:v", "3"},
}

// containers are the muxer options of each container.
var containers = map[string][]string{
	"mp4":  {"-f", "mp4", "-movflags", "+faststart"},
	"mov":  {"-f", "mov"},
	"mkv":  {"-f", "matroska"},
	"webm": {"-f", "webm"},
	"ts":   {"-f", "mpegts"},
}

// channels is the number of channels of each sound.
var channels = map[Audio]int{NoAudio: 0, Mono: 1, Stereo: 2, Surround: 6}

// turns are the filters that store an upright picture such that a player's
// clockwise rotation makes it upright again.
var turns = map[int]string{90: "transpose=cclock", 180: "hflip,vflip", 270: "transpose=clock"}

// Generate makes a clip at path, without any cache.
func Generate(ctx context.Context, spec ClipSpec, path string) error {
	spec = spec.withDefaults()
	if err := spec.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "spool-clip-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sound := ""
	if spec.Audio != NoAudio {
		sound = filepath.Join(dir, "sound.wav")
		if err := writeSound(spec, sound); err != nil {
			return fmt.Errorf("write sound: %w", err)
		}
	}
	if spec.Rotate == 0 {
		return encodeClip(ctx, spec, sound, path)
	}
	// FFmpeg 5.1 writes a rotation only when it copies a stream, and takes it
	// counter-clockwise.
	flat := filepath.Join(dir, "flat."+spec.Container)
	if err := encodeClip(ctx, spec, sound, flat); err != nil {
		return err
	}
	args := []string{"-i", "file:" + flat, "-map", "0", "-c", "copy",
		"-metadata:s:v:0", "rotate=" + strconv.Itoa(360-spec.Rotate)}
	if spec.StartAt != 0 {
		args = append(args, "-copyts")
	}
	args = append(append(args, containers[spec.Container]...), "file:"+path)
	return runFFmpeg(ctx, nil, args)
}

// encodeClip feeds the drawn frames to FFmpeg.
func encodeClip(ctx context.Context, spec ClipSpec, sound, path string) error {
	args := []string{"-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", fmt.Sprintf("%dx%d", spec.W, spec.H),
		"-framerate", spec.FPS.String(), "-i", "pipe:0"}
	if sound != "" {
		args = append(args, "-i", "file:"+sound)
	}
	args = append(args, streamMaps(spec)...)
	args = append(args, videoOptions(spec)...)
	args = append(args, audioOptions(spec)...)
	args = append(args, spec.Extra...)
	if spec.StartAt != 0 {
		args = append(args, "-output_ts_offset", strconv.FormatFloat(spec.StartAt, 'f', -1, 64))
	}
	args = append(append(args, containers[spec.Container]...), "file:"+path)

	frames, feed := io.Pipe()
	go func() { feed.CloseWithError(drawClip(spec, feed)) }()
	err := runFFmpeg(ctx, frames, args)
	frames.Close() // ends the drawing when FFmpeg gave up early
	return err
}

func streamMaps(spec ClipSpec) []string {
	switch {
	case spec.Audio == NoAudio:
		return []string{"-map", "0:v"}
	case spec.AudioFirst:
		return []string{"-map", "1:a", "-map", "0:v"}
	default:
		return []string{"-map", "0:v", "-map", "1:a"}
	}
}

func videoOptions(spec ClipSpec) []string {
	// Drawn in BT.709 limited range; said so, as cameras do.
	var filters []string
	opts := append([]string{}, videoCodecs[spec.Codec]...)
	opts = append(opts, "-pix_fmt", spec.PixFmt)
	if spec.VFR {
		// A step is 90000/F ticks; the places are quarters of a step.
		places := make([]string, len(vfrPlaces))
		for i, p := range vfrPlaces {
			places[i] = fmt.Sprintf("eq(mod(N\\,8)\\,%d)*%g", i, p)
		}
		filters = append(filters, fmt.Sprintf("settb=1/90000,setpts=round((floor(N/8)*8+%s)*90000*%d/%d)",
			strings.Join(places, "+"), spec.FPS.Den, spec.FPS.Num))
		opts = append(opts, "-fps_mode", "passthrough", "-enc_time_base", "1:90000")
		if spec.Container == "mp4" || spec.Container == "mov" {
			opts = append(opts, "-video_track_timescale", "90000")
		}
	}
	if turn, ok := turns[spec.Rotate]; ok {
		filters = append(filters, turn)
	}
	if spec.SAR.Valid() {
		filters = append(filters, fmt.Sprintf("setsar=%d/%d", spec.SAR.Num, spec.SAR.Den))
	}
	if spec.Interlaced {
		filters = append(filters, "setfield=tff")
		opts = append(opts, "-flags", "+ilme+ildct")
		if spec.Codec == "h264" {
			opts = append(opts, "-x264-params", "tff=1")
		}
	}
	if len(filters) > 0 {
		opts = append(opts, "-filter:v", strings.Join(filters, ","))
	}
	if spec.GOP > 0 {
		opts = append(opts, "-g", strconv.Itoa(spec.GOP))
	}
	if spec.Codec == "hevc" && (spec.Container == "mp4" || spec.Container == "mov") {
		opts = append(opts, "-tag:v", "hvc1")
	}
	return append(opts, "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")
}

func audioOptions(spec ClipSpec) []string {
	switch {
	case spec.Audio == NoAudio:
		return nil
	case spec.Container == "webm":
		return []string{"-c:a", "libopus", "-b:a", "128k"}
	default:
		return []string{"-c:a", "aac", "-b:a", strconv.Itoa(max(96, 64*channels[spec.Audio])) + "k"}
	}
}

// runFFmpeg runs FFmpeg to its end; the error carries its last words.
func runFFmpeg(ctx context.Context, stdin io.Reader, args []string) error {
	args = append([]string{"-hide_banner", "-loglevel", "error", "-y"}, args...)
	cmd := exec.CommandContext(ctx, "ffmpeg", args...)
	cmd.Stdin = stdin
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("ffmpeg %s: %w: %s", strings.Join(args, " "), err, lastLines(string(out)))
	}
	return nil
}

// lastLines gives the last five lines of a text.
func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}
