package work

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spool/internal/hls"
	"spool/internal/plan"
	"spool/internal/spool"
)

// child is one proven stream of an HLS group.
type child struct {
	output  spool.Output
	variant hls.Variant
}

// segment is one staged segment.
type segment struct {
	name     string
	length   time.Duration
	finished time.Time
	size     int64
}

// stream proves one HLS stream, names its segments, and writes its playlist.
func (v *verifier) stream(ctx context.Context, g *plan.Group, o *plan.Output) (child, error) {
	segments, err := v.segments(o)
	if err != nil {
		return child{}, err
	}
	if err := v.boundaries(g, o, segments); err != nil {
		return child{}, err
	}
	got, err := v.tools.Inspect(ctx, filepath.Join(v.dir, o.Staged))
	if err != nil {
		return child{}, v.unreadable(ctx, o.Staged, err)
	}
	video, err := v.streams(o.Staged, o, got)
	if err != nil {
		return child{}, err
	}
	length := got.Duration
	if video != nil {
		length = frameTime(video.Frames, o.Video.FrameRate)
	}
	if err := v.length(o.Staged, o.Duration, length); err != nil {
		return child{}, err
	}
	if segments, err = v.mergeTail(g.Master, segments); err != nil {
		return child{}, err
	}
	c := child{output: describe(o, video, got, length)}
	media := hls.Media{
		IntegerDurations:  g.Master.IntegerDurations,
		SpecTargets:       g.Master.SpecTargets,
		ForbidClientCache: g.Master.ForbidClientCache,
	}
	var total int64
	for n, s := range segments {
		key := o.SegmentKey(n+1, s.finished)
		f, err := v.add(g, s.name, key, spool.FileSegment, "video/mp2t", s.length)
		if err != nil {
			return child{}, err
		}
		c.output.Files = append(c.output.Files, f)
		media.Segments = append(media.Segments, hls.Segment{Name: beside(o.Key, key), Duration: s.length})
		total += s.size
		if s.length > 0 {
			c.variant.Bandwidth = max(c.variant.Bandwidth, int64(math.Ceil(float64(s.size*8)/s.length.Seconds())))
		}
	}
	if video != nil && c.output.AverageBitrate == 0 {
		// transport streams do not say; what the audio takes is known
		c.output.AverageBitrate = max(0, int64(float64(total*8)/length.Seconds())-audioRate(o))
	}
	c.variant.Name = beside(g.Master.Key, o.Key)
	c.variant.AverageBandwidth = int64(float64(total*8) / length.Seconds())
	if video != nil {
		c.variant.Width, c.variant.Height, c.variant.FrameRate = video.Width, video.Height, o.Video.FrameRate.Float()
	}
	for _, s := range got.Streams {
		if s.CodecString != "" {
			c.variant.Codecs = append(c.variant.Codecs, s.CodecString)
		}
	}
	if g.Master.SegmentsOnly {
		return c, nil
	}
	f, err := v.manifest(g, "child_"+o.Staged, o.Key, media.String(), length)
	if err != nil {
		return child{}, err
	}
	c.output.Paths = []string{f.URI}
	c.output.Files = append(c.output.Files, f)
	return c, nil
}

// segments reads the staged playlist and looks at every file it names.
func (v *verifier) segments(o *plan.Output) ([]segment, error) {
	text, err := os.ReadFile(filepath.Join(v.dir, o.Staged))
	if err != nil {
		return nil, v.unfinished("the playlist %s is missing", o.Staged)
	}
	listed, err := hls.ParseMedia(string(text))
	if err != nil {
		return nil, v.unfinished("the playlist %s is broken: %v", o.Staged, err)
	}
	prefix := strings.TrimSuffix(o.Staged, ".m3u8")
	segments := make([]segment, len(listed))
	for n, s := range listed {
		name := filepath.Base(s.Name)
		if name != fmt.Sprintf("%s_%05d.ts", prefix, n+1) {
			return nil, v.unfinished("the playlist %s names %q", o.Staged, name)
		}
		size, err := v.size(name)
		if err != nil {
			return nil, err
		}
		info, err := os.Lstat(filepath.Join(v.dir, name))
		if err != nil {
			return nil, fmt.Errorf("look at a segment: %w", err)
		}
		segments[n] = segment{name: name, length: s.Duration, finished: info.ModTime(), size: size}
	}
	return segments, nil
}

// boundaries checks that every segment begins on the first frame at or after
// its multiple of the segment length.
func (v *verifier) boundaries(g *plan.Group, o *plan.Output, segments []segment) error {
	if o.Video == nil {
		return nil
	}
	rate := o.Video.FrameRate.Float()
	var at time.Duration
	for n, s := range segments {
		frame := math.Ceil(float64(n*g.Master.SegmentSeconds)*rate - 1e-6)
		if off := math.Abs(at.Seconds() - frame/rate); off > 0.5/rate+0.001 {
			return v.unfinished("segment %d of %s begins at %.3f s instead of %.3f s", n+1, o.Staged, at.Seconds(), frame/rate)
		}
		at += s.length
	}
	return nil
}

// mergeTail joins a last segment that is shorter than allowed to the one before
// it (minFinalSegmentLength). Transport streams may be joined byte by byte.
func (v *verifier) mergeTail(m *plan.Master, segments []segment) ([]segment, error) {
	last := len(segments) - 1
	if last < 1 || segments[last].length.Seconds() >= m.MinSegment {
		return segments, nil
	}
	into, err := os.OpenFile(filepath.Join(v.dir, segments[last-1].name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("join the last segments: %w", err)
	}
	defer into.Close()
	from, err := os.Open(filepath.Join(v.dir, segments[last].name))
	if err != nil {
		return nil, fmt.Errorf("join the last segments: %w", err)
	}
	defer from.Close()
	if _, err := io.Copy(into, from); err != nil {
		return nil, fmt.Errorf("join the last segments: %w", err)
	}
	joined := &segments[last-1]
	joined.length += segments[last].length
	joined.size += segments[last].size
	joined.finished = segments[last].finished
	return segments[:last], nil
}

// manifest stages a playlist of ours and takes it into the result.
func (v *verifier) manifest(g *plan.Group, name, key, text string, length time.Duration) (spool.OutputFile, error) {
	if err := os.WriteFile(filepath.Join(v.dir, name), bytes.NewBufferString(text).Bytes(), 0o600); err != nil {
		return spool.OutputFile{}, fmt.Errorf("stage a playlist: %w", err)
	}
	return v.add(g, name, key, spool.FileManifest, "application/vnd.apple.mpegurl", length)
}

// master writes the group's master playlist and gives its URI.
func (v *verifier) master(g *plan.Group, children []child) (string, error) {
	m := hls.Master{LegacyCodecs: g.Master.LegacyCodecs, OmitResolution: g.Master.OmitResolution}
	for _, c := range children {
		m.Variants = append(m.Variants, c.variant)
	}
	name := fmt.Sprintf("master_%d.m3u8", len(v.groups))
	f, err := v.manifest(g, name, g.Master.Key, m.String(), 0)
	return f.URI, err
}

func audioRate(o *plan.Output) (sum int64) {
	for _, a := range o.Audio {
		sum += a.BitRate
	}
	return sum
}
