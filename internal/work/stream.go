package work

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"spool/internal/hls"
	"spool/internal/plan"
	"spool/internal/spool"
)

// child is one proven stream of an HLS group.
type child struct {
	output    spool.Output
	variant   hls.Variant
	rendition *hls.Rendition // instead of a variant
	groups    []string       // of audio renditions that go with the variant
	iframes   *hls.IFrames   // its playlist of key frames, if it has one
	segments  []segment
}

// segment is one staged segment.
type segment struct {
	name     string // of the staged file
	key      string // of the object
	length   time.Duration
	finished time.Time
	offset   int64 // in the file; 0 but for single files
	size     int64
}

// stream proves one HLS stream, names its segments, and writes its playlist.
func (v *verifier) stream(ctx context.Context, g *plan.Group, o *plan.Output) (child, error) {
	if err := v.space(0); err != nil { // segments are joined, encrypted and written anew
		return child{}, err
	}
	segments, err := v.segments(o)
	if err != nil {
		return child{}, err
	}
	if err := v.boundaries(o, segments); err != nil {
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
	if segments, err = v.mergeTail(g.Master, o, segments); err != nil {
		return child{}, err
	}
	for n := range segments {
		segments[n].key = o.SegmentKey(n+1, segments[n].finished)
	}
	c := child{output: describe(o, video, got, length), groups: o.HLS.AudioGroups}
	if err := v.change(g.Master, o, segments); err != nil {
		return child{}, err
	}
	frames, err := v.keyFrames(o, segments, length)
	if err != nil {
		return child{}, err
	}
	if segments, err = v.seal(g.Master, o, segments); err != nil {
		return child{}, err
	}
	c.segments = segments
	if err := v.addSegments(g, o, segments, &c); err != nil {
		return child{}, err
	}
	var total int64
	for _, s := range segments {
		total += s.size
		if s.length > 0 {
			c.variant.Bandwidth = max(c.variant.Bandwidth, int64(math.Ceil(float64(s.size*8)/s.length.Seconds())))
		}
	}
	if video != nil && c.output.AverageBitrate == 0 {
		// transport streams do not say; what the audio takes is known
		c.output.AverageBitrate = max(0, int64(float64(total*8)/length.Seconds())-audioRate(o))
	}
	v.describeStream(g, o, video, got, &c)
	if err := v.addKeyFrames(g, o, segments, frames, &c); err != nil {
		return child{}, err
	}
	c.variant.AverageBandwidth = min(c.variant.Bandwidth, int64(float64(total*8)/length.Seconds()))
	if g.Master.SegmentsOnly {
		return c, nil
	}
	f, err := v.manifest(g, "child_"+o.Staged, o.Key, mediaPlaylist(g.Master, o, segments).String(), length)
	if err != nil {
		return child{}, err
	}
	c.output.Paths = []string{f.URI}
	c.output.Files = append(c.output.Files, f)
	return c, nil
}

// addSegments takes the segments' files into the result, each once.
func (v *verifier) addSegments(g *plan.Group, o *plan.Output, segments []segment, c *child) error {
	for n, s := range segments {
		if n > 0 && s.name == segments[n-1].name {
			c.output.Files[len(c.output.Files)-1].Duration += s.length
			continue
		}
		f, err := v.add(g, s.name, s.key, spool.FileSegment, segmentTypes[o.HLS.Extension], s.length)
		if err != nil {
			return err
		}
		c.output.Files = append(c.output.Files, f)
	}
	return nil
}

// segmentTypes are the content types of segments by their extension.
var segmentTypes = map[string]string{"ts": "video/mp2t", "aac": "audio/aac", "ac3": "audio/ac3", "ec3": "audio/eac3"}

// describeStream fills in what the master playlist says of a stream.
func (v *verifier) describeStream(g *plan.Group, o *plan.Output, video *Stream, got Inspection, c *child) {
	c.variant.Name = beside(g.Master.Key, o.Key)
	c.variant.NoClosedCaptions = g.Master.NoClosedCaptions
	if video != nil {
		c.variant.Width, c.variant.Height, c.variant.FrameRate = video.Width, video.Height, o.Video.FrameRate.Float()
	}
	for _, s := range got.Streams {
		if s.CodecString != "" && !slices.Contains(c.variant.Codecs, s.CodecString) {
			c.variant.Codecs = append(c.variant.Codecs, s.CodecString)
		}
	}
	r := o.HLS.Rendition
	if r == nil {
		return
	}
	c.rendition = &hls.Rendition{
		Type: hls.RenditionAudio, Group: r.Group, Name: r.Name, Language: r.Language,
		Default: r.Default, AutoSelect: r.AutoSelect, URI: c.variant.Name,
	}
	if len(o.Audio) > 0 {
		c.rendition.Channels = strconv.Itoa(o.Audio[0].Channels)
	}
	if r.DescribesVideo {
		c.rendition.Characteristics = hls.DescribesVideo
	}
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
func (v *verifier) boundaries(o *plan.Output, segments []segment) error {
	if o.Video == nil || o.Video.Copied { // a copy is cut at the input's own key frames
		return nil
	}
	rate := o.Video.FrameRate.Float()
	var at time.Duration
	for n, s := range segments {
		frame := math.Ceil(float64(n)*o.HLS.Segment.Float()*rate - 1e-6)
		if off := math.Abs(at.Seconds() - frame/rate); off > 0.5/rate+0.001 {
			return v.unfinished("segment %d of %s begins at %.3f s instead of %.3f s", n+1, o.Staged, at.Seconds(), frame/rate)
		}
		at += s.length
	}
	return nil
}

func audioRate(o *plan.Output) (sum int64) {
	for _, a := range o.Audio {
		sum += a.BitRate
	}
	return sum
}
