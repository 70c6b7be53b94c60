package ffmpeg

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"spool/internal/spool"
)

// inspectMax bounds an inspection, which reads the whole file.
const inspectMax = 30 * time.Minute

// Inspection is what is really in a file that Spool made.
type Inspection struct {
	Format   string        // FFmpeg's demuxer name
	Duration time.Duration // of the container; of an image: one frame
	Start    time.Duration // first timestamp
	Size     int64         // bytes
	BitRate  int64         // bits/s of the whole file
	Streams  []StreamInfo
	Problems int // errors that reading it printed; 0 for a sound file
}

// StreamInfo is one stream of an Inspection.
type StreamInfo struct {
	Index       int
	Kind        string // video, audio, subtitle, data
	Codec       string // FFmpeg's name: h264
	Tag         string // avc1
	CodecString string // RFC 6381, for manifests: avc1.640028; "" unknown
	Profile     string
	Level       int // FFmpeg's number: 40 for H.264 4.0
	Language    string

	Width, Height int // px
	SampleAspect  spool.Rational
	PixelFormat   string
	BitDepth      int
	FrameRate     spool.Rational
	AvgFrameRate  spool.Rational
	FieldOrder    string
	Rotation      int // clockwise degrees

	Channels   int
	Layout     string
	SampleRate int // Hz

	Frames   int64 // packets counted by reading the file; one per frame of video
	Declared int64 // frames that the container declares; 0 unknown
	Start    time.Duration
	Duration time.Duration // 0 unknown
	BitRate  int64         // bits/s; 0 unknown
}

// Of gives the streams of one kind.
func (i Inspection) Of(kind string) []StreamInfo {
	var out []StreamInfo
	for _, s := range i.Streams {
		if s.Kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// Inspect reads a whole file that Spool made, a container, a bare stream, a JPEG,
// a GIF or an HLS playlist with its transport-stream segments, counts what is in it, and says so, for verification: nothing in it is believed from
// a header alone that can be counted. The path is absolute. Errors are
// ctx.Err(), a *spool.Failure when the file cannot be read (with its name
// instead of a URI), or anything else when ffprobe could not be started.
func (t *Tools) Inspect(ctx context.Context, path string) (Inspection, error) {
	size, head, err := look(path, path)
	if err != nil {
		return Inspection{}, err
	}
	p := &prober{tools: t, path: path, uri: path, head: head, size: size}
	out := &limitedBuffer{limit: maxProbeJSON}
	timeout := min(probeTimeout+time.Duration(size/readRate)*time.Second, inspectMax)
	said, log, err := p.inspect(ctx, timeout, out)
	if err != nil {
		return Inspection{}, err
	}
	var file wireFile
	if !out.over {
		err = json.Unmarshal(out.buf.Bytes(), &file)
	}
	if out.over || err != nil {
		return Inspection{}, fmt.Errorf("inspect %s: %w", path, firstError(err, errTooMuch))
	}
	if len(file.Streams) == 0 {
		return Inspection{}, withDetail(cannotOpen(spool.CodeDemux, path, "it has no streams"), "", log)
	}
	i := Inspection{
		Format: file.Format.Name, Duration: seconds(file.Format.Duration), Start: seconds(file.Format.Start),
		Size: size, BitRate: count(file.Format.BitRate), Problems: said.errorLines,
	}
	for _, s := range file.Streams {
		i.Streams = append(i.Streams, s.info())
	}
	return i, nil
}

// inspect asks ffprobe. An image is read by the demuxer that looks at nothing
// but this one file; the usual one would take the name for a pattern.
func (p *prober) inspect(ctx context.Context, timeout time.Duration, out io.Writer) (signs, *logReader, error) {
	url, err := FileURL(p.path)
	if err != nil {
		return signs{}, nil, err
	}
	input := InputGuards()
	switch {
	case isJPEG(p.head):
		input = append(guards("jpeg_pipe"), "-f", "jpeg_pipe")
	case bytes.HasPrefix(p.head, []byte("GIF89a")):
		input = append(guards("gif"), "-f", "gif")
	case bytes.HasPrefix(p.head, []byte{0, 0, 2, 0x80}): // VC-3 without a container
		input = append(guards("dnxhd"), "-f", "dnxhd")
	case isLOAS(p.head):
		input = append(guards("loas"), "-f", "loas")
	case isPlaylist(p.head):
		// Only Inspect opens playlists: those that Spool's own run wrote.
		input = append(guards("hls,mpegts"), "-f", "hls")
	}
	args := slices.Concat([]string{"-hide_banner", "-loglevel", "repeat+level+warning"}, input,
		[]string{"-of", "json", "-show_format", "-show_streams", "-show_data", "-count_packets", "-i", url})
	return p.run(ctx, timeout, p.tools.FFprobe, out, args)
}

func isJPEG(head []byte) bool {
	return len(head) >= 3 && head[0] == 0xff && head[1] == 0xd8 && head[2] == 0xff
}

// isLOAS tells of AAC in LATM without a container: frames begin with 0x2b7.
func isLOAS(head []byte) bool { return len(head) >= 2 && head[0] == 0x56 && head[1]&0xe0 == 0xe0 }

func isPlaylist(head []byte) bool { return bytes.HasPrefix(head, []byte("#EXTM3U")) }

func (s wireStream) info() StreamInfo {
	depth, _ := pixelFormat(s.PixelFormat)
	extradata, _ := parseHexDump(s.Extradata)
	return StreamInfo{
		Index: s.Index, Kind: s.Type, Codec: s.Codec, Tag: s.Tag,
		CodecString: codecString(s.Codec, s.Tag, s.Profile, extradata),
		Profile:     profile(s.Profile), Level: max(s.Level, 0), Language: language(s.Tags),
		Width: s.Width, Height: s.Height, SampleAspect: rational(s.SampleAspect),
		PixelFormat: s.PixelFormat, BitDepth: depth,
		FrameRate: rational(s.FrameRate), AvgFrameRate: rational(s.AvgFrameRate),
		FieldOrder: known(s.FieldOrder), Rotation: rotation(s.SideData),
		Channels: s.Channels, Layout: known(s.Layout), SampleRate: int(count(s.SampleRate)),
		Frames: count(s.Packets), Declared: count(s.Frames),
		Start: seconds(s.Start), Duration: s.length(), BitRate: count(s.BitRate),
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
