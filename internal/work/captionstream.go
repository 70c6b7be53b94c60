package work

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"spool/internal/captions"
	"spool/internal/dash"
	"spool/internal/hls"
	"spool/internal/plan"
	"spool/internal/spool"
)

// captionStream writes the WebVTT segments and the playlist of captions of an HLS
// group. The other streams are there by then: their segments and timestamps are
// what it follows.
func (v *verifier) captionStream(g *plan.Group, o *plan.Output, children []child) (child, error) {
	lengths, origin := leader(g, children)
	return v.captionSegments(g, o, captionGrid(o, lengths, v.plan.Duration), origin)
}

// captionSegments writes captions for a grid of segments. origin is the
// timestamp of the programme's beginning in the streams that they go with.
func (v *verifier) captionSegments(g *plan.Group, o *plan.Output, grid []captions.Segment, origin time.Duration) (child, error) {
	track, err := v.track(o.Staged)
	if err != nil {
		return child{}, err
	}
	var segments []segment
	now := time.Now()
	err = captions.SegmentVTT(track, grid, origin.Nanoseconds()*9/100_000, o.Captions.Style, func(n int, data []byte) error {
		s := segment{
			name: fmt.Sprintf("%s_%05d.vtt", strings.TrimSuffix(o.Staged, ".json"), n+1), key: o.SegmentKey(n+1, now),
			length: grid[n].End - grid[n].Start, size: int64(len(data)),
		}
		segments = append(segments, s)
		if err := os.WriteFile(filepath.Join(v.dir, s.name), data, 0o600); err != nil {
			return fmt.Errorf("stage captions: %w", err)
		}
		return nil
	})
	if errors.Is(err, captions.ErrTooLarge) {
		return child{}, spool.Failf(spool.CodeIncompatible, "The captions of %s can't be segmented: %s.", o.Key, err)
	}
	if err != nil {
		return child{}, err
	}
	c := child{rendition: &hls.Rendition{
		Type: hls.RenditionSubtitles, Group: o.HLS.Rendition.Group, Name: o.HLS.Rendition.Name, Language: o.HLS.Rendition.Language,
		Default: o.HLS.Rendition.Default, AutoSelect: o.HLS.Rendition.AutoSelect || o.Captions.Accessible, URI: beside(g.Master.Key, o.Key),
	}}
	if o.Captions.Accessible {
		c.rendition.Characteristics = hls.Transcribes
	}
	for _, s := range segments {
		f, err := v.add(g, s.name, s.key, spool.FileSegment, "text/vtt", s.length)
		if err != nil {
			return child{}, err
		}
		c.output.Files = append(c.output.Files, f)
	}
	if g.Master.SegmentsOnly {
		return c, nil
	}
	m := *g.Master
	m.Encryption, m.SingleFile = nil, false // text is sent in the clear, and in files
	f, err := v.manifest(g, "child_"+strings.TrimSuffix(o.Staged, ".json")+".m3u8", o.Key, mediaPlaylist(&m, o, segments).String(), 0)
	if err != nil {
		return child{}, err
	}
	c.output.Paths = []string{f.URI}
	c.output.Files = append(c.output.Files, f)
	return c, nil
}

// track reads a track that a captions task staged.
func (v *verifier) track(name string) (captions.Track, error) {
	var t captions.Track
	data, err := os.ReadFile(filepath.Join(v.dir, name))
	if err != nil {
		return t, fmt.Errorf("read staged captions: %w", err)
	}
	if err := json.Unmarshal(data, &t); err != nil {
		return t, fmt.Errorf("read staged captions: %w", err)
	}
	return t, nil
}

// leader gives the lengths of the segments that captions follow, those of the
// first stream with a picture, or else of the first, and its first timestamp.
func leader(g *plan.Group, children []child) (lengths []time.Duration, origin time.Duration) {
	var first *child
	for i := range children {
		out := &g.Outputs[i]
		if out.Kind != plan.KindHLS {
			continue
		}
		if first == nil || out.Video != nil && first.variant.Width == 0 {
			first, origin = &children[i], out.HLS.Origin
		}
	}
	if first != nil {
		for _, s := range first.segments {
			lengths = append(lengths, s.length)
		}
	}
	return lengths, origin
}

// captionGrid gives the segments of captions beside those of these lengths.
func captionGrid(o *plan.Output, lengths []time.Duration, length time.Duration) []captions.Segment {
	var grid []captions.Segment
	var at time.Duration
	for _, l := range lengths {
		grid = append(grid, captions.Segment{Start: at, End: at + l})
		at += l
	}
	if at > 0 {
		length = at
	}
	if o.Captions.MatchVideo && len(grid) > 0 {
		return grid
	}
	grid = nil
	const large = plan.LargeSegment * time.Second
	for at := time.Duration(0); at < length || at == 0; at += large {
		grid = append(grid, captions.Segment{Start: at, End: min(at+large, max(length, time.Second))})
	}
	return grid
}

// packedCaptions takes the captions of a DASH or CMAF group that are not
// packaged into the result, and gives what becomes of each output in its HLS
// manifests.
func (v *verifier) packedCaptions(g *plan.Group, streams []packedStream, outputs []spool.Output) (map[int]child, error) {
	children := map[int]child{}
	var lengths []time.Duration
	for _, s := range streams {
		if s.video == nil && lengths != nil || s.plan.Trick || s.plan.Kind == "text" {
			continue
		}
		lengths = nil
		for _, seg := range s.segments {
			lengths = append(lengths, seg.length)
		}
		if s.video != nil {
			break
		}
	}
	for i := range g.Outputs {
		o := &g.Outputs[i]
		if o.Kind != plan.KindCaptionStream {
			continue
		}
		if f := o.Captions.File; f != nil {
			file, err := v.add(g, f.Staged, f.Key, spool.FileCaptions, f.ContentType, 0)
			if err != nil {
				return nil, err
			}
			outputs[i].Files = append(outputs[i].Files, file)
		}
		if o.HLS == nil {
			continue
		}
		c, err := v.captionSegments(g, o, captionGrid(o, lengths, v.plan.Duration), 0)
		if err != nil {
			return nil, err
		}
		c.output.Files = append(c.output.Files, outputs[i].Files...)
		outputs[i].Files, outputs[i].Paths = c.output.Files, c.output.Paths
		children[i] = c
	}
	return children, nil
}

// captionRepresentations tell of the captions of a group that are files of
// their own in a DASH manifest. some says of which outputs; nil is of all.
func (v *verifier) captionRepresentations(g *plan.Group, manifest string, some []int) []dash.Stream {
	var list []dash.Stream
	for i := range g.Outputs {
		o := &g.Outputs[i]
		if o.Kind != plan.KindCaptionStream || o.Captions.File == nil || some != nil && !slices.Contains(some, i) {
			continue
		}
		r := dash.Stream{
			ID: o.Captions.File.ID, Kind: dash.Text, Bandwidth: 256, MIME: o.Captions.File.ContentType,
			Language: o.Captions.Rendition.Language, Label: o.Captions.Rendition.Name, File: beside(manifest, o.Captions.File.Key),
			Roles: []string{textRole(o.Captions)},
		}
		if size, err := v.size(o.Captions.File.Staged); err == nil && v.plan.Duration > 0 {
			r.Bandwidth = max(1, int64(float64(8*size)/v.plan.Duration.Seconds()))
		}
		list = append(list, r)
	}
	return list
}

// textRole is subtitle of what is said, and caption of all that can be heard.
func textRole(c *plan.CaptionStream) string {
	if c.Accessible {
		return "caption"
	}
	return "subtitle"
}
