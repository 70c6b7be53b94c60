package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"spool/internal/spool"
)

// decode checks a video track by decoding it up to the first frame, and takes
// from that frame what the plan must be able to rely on: its timestamp and its
// size. Declared sizes are no ground for refusing a file: one that declares
// 32000×32000 can hold 320×180, and the other way round. What counts is the
// size of the pictures that come out of the decoder, and the decoder itself is
// held to spool.MaxPixels.
//
// Tracks after the main one are not decoded; their declared size must be
// within the bound.
func (p *prober) decode(ctx context.Context, v spool.VideoTrack, main bool) (spool.VideoTrack, error) {
	if !main {
		if v.Width > spool.MaxPixels/v.Height {
			return v, tooLarge(p.uri)
		}
		return v, nil
	}
	url, err := FileURL(p.path)
	if err != nil {
		return v, err
	}
	args := slices.Concat([]string{
		"-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+warning",
		"-threads", "1", "-noautorotate", "-copyts",
	}, InputGuards(), []string{
		"-i", url, "-map", "0:" + strconv.Itoa(v.Index), "-frames:v", "1",
		// Without these two the timestamp would be rounded to the frame rate's grid.
		"-fps_mode", "passthrough", "-enc_time_base", "-1",
		"-f", "framecrc", "-",
	})
	out := &limitedBuffer{limit: 64 << 10}
	said, log, err := p.run(ctx, probeTimeout, p.tools.FFmpeg, out, args)
	var failed *spool.Failure
	if err != nil && !errors.As(err, &failed) {
		return v, err
	}
	if failed != nil && failed.Code == spool.CodeTimeout {
		return v, err
	}
	first, ok := parseFirstFrame(out.buf.String())
	switch {
	case !ok && said.tooManyPixels:
		return v, withDetail(tooLarge(p.uri), fmt.Sprintf("stream %d declares %dx%d", v.Index, v.Width, v.Height), log)
	case !ok && said.noDecoder != "":
		return v, withDetail(spool.Failf(spool.CodeUnsupportedCodec, "Video codec [%s] is not a supported input video codec", plainName(v.Codec)), "", log)
	case !ok:
		f := spool.Failf(spool.CodeNoVideo, "Your input file [%s] doesn't have video that the transcoder can consume. No picture of track [%d] could be decoded.", p.uri, v.Index+1)
		return v, withDetail(f, "", log)
	}
	v.TimeBase, v.FirstPTS = first.timeBase, first.pts
	v.Width, v.Height = first.width, first.height
	return v, nil
}

// firstFrame is what the framecrc muxer tells of the first frame.
type firstFrame struct {
	timeBase      spool.Rational
	pts           int64
	width, height int
}

// parseFirstFrame reads the framecrc muxer's text: "#tb 0: 1/30",
// "#dimensions 0: 320x180", then "0, dts, pts, duration, size, crc" per frame.
// It gives false when there is no frame.
func parseFirstFrame(text string) (firstFrame, bool) {
	var f firstFrame
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "#tb 0:"); ok {
			f.timeBase = rational(strings.TrimSpace(rest))
			continue
		}
		if rest, ok := strings.CutPrefix(line, "#dimensions 0:"); ok {
			w, h, _ := strings.Cut(strings.TrimSpace(rest), "x")
			f.width, f.height = int(min(count(w), math.MaxInt32)), int(min(count(h), math.MaxInt32))
			continue
		}
		fields := strings.Split(line, ",")
		if strings.HasPrefix(line, "#") || len(fields) < 6 {
			continue
		}
		pts, err := strconv.ParseInt(strings.TrimSpace(fields[2]), 10, 64)
		if err != nil || pts == math.MinInt64 {
			return f, false
		}
		f.pts = pts
		return f, f.timeBase.Valid() && f.width > 0 && f.height > 0
	}
	return f, false
}
