package work

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spool/internal/captions"
	"spool/internal/hls"
	"spool/internal/plan"
	"spool/internal/spool"
)

// captionStream writes the WebVTT segments and the playlist of captions of an HLS
// group. The other streams are there by then: their segments and timestamps are
// what it follows.
func (v *verifier) captionStream(g *plan.Group, o *plan.Output, children []child) (child, error) {
	grid, origin := captionGrid(g, o, children, v.plan.Duration)
	track, err := v.track(o.Staged)
	if err != nil {
		return child{}, err
	}
	files := captions.SegmentVTT(track, grid, origin.Nanoseconds()*9/100_000, o.Captions.Style)
	var segments []segment
	now := time.Now()
	for n, data := range files {
		s := segment{
			name: fmt.Sprintf("%s_%05d.vtt", strings.TrimSuffix(o.Staged, ".json"), n+1), key: o.SegmentKey(n+1, now),
			length: grid[n].End - grid[n].Start, size: int64(len(data)),
		}
		if err := os.WriteFile(filepath.Join(v.dir, s.name), data, 0o600); err != nil {
			return child{}, fmt.Errorf("stage captions: %w", err)
		}
		segments = append(segments, s)
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

// captionGrid gives the segments of captions, and the timestamp of the
// programme's beginning in the streams that they go with.
func captionGrid(g *plan.Group, o *plan.Output, children []child, length time.Duration) ([]captions.Segment, time.Duration) {
	var leader *child // the first with a picture, or else the first
	var origin time.Duration
	for i := range children {
		out := &g.Outputs[i]
		if out.Kind != plan.KindHLS {
			continue
		}
		if leader == nil || out.Video != nil && leader.variant.Width == 0 {
			leader, origin = &children[i], out.HLS.Origin
		}
	}
	var grid []captions.Segment
	if leader != nil {
		var at time.Duration
		for _, s := range leader.segments {
			grid = append(grid, captions.Segment{Start: at, End: at + s.length})
			at += s.length
		}
		length = at
	}
	if o.Captions.MatchVideo && len(grid) > 0 {
		return grid, origin
	}
	grid = nil
	const large = plan.LargeSegment * time.Second
	for at := time.Duration(0); at < length || at == 0; at += large {
		grid = append(grid, captions.Segment{Start: at, End: min(at+large, max(length, time.Second))})
	}
	return grid, origin
}
