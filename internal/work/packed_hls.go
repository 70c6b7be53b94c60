package work

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"spool/internal/hls"
	"spool/internal/plan"
	"spool/internal/spool"
)

// packedPlaylists writes the media playlists of a CMAF group and gives what its
// master playlist says of each output.
func (v *verifier) packedPlaylists(g *plan.Group, streams []packedStream, outputs []spool.Output, captions map[int]child) ([]child, error) {
	var children []child
	for i := range g.Outputs {
		o := &g.Outputs[i]
		if c, ok := captions[i]; ok {
			children = append(children, c)
			continue
		}
		k := slices.IndexFunc(streams, func(s packedStream) bool { return s.output == o && !s.plan.Trick })
		if k < 0 || o.HLS == nil {
			return nil, v.unfinished("the output %d has no stream", i+1)
		}
		s := &streams[k]
		f, err := v.manifest(g, "child_"+s.plan.Staged+".m3u8", o.Key, s.playlist(g).String(), s.length)
		if err != nil {
			return nil, err
		}
		outputs[i].Files = append(outputs[i].Files, f)
		c := s.child(g)
		if o.HLS.IFrames != "" && s.video != nil {
			m := s.iframePlaylist(g)
			if f, err = v.manifest(g, "iframes_"+s.plan.Staged+".m3u8", o.IFrameKey(), m.String(), s.length); err != nil {
				return nil, err
			}
			outputs[i].Files = append(outputs[i].Files, f)
			c.iframes = s.iframes(g, m)
		}
		children = append(children, c)
	}
	return children, nil
}

// playlist writes the media playlist of a stream.
func (s *packedStream) playlist(g *plan.Group) hls.Media {
	m := g.Master
	media := hls.Media{
		Version: m.Version, IntegerDurations: m.IntegerDurations, SpecTargets: m.SpecTargets,
		ForbidClientCache: m.ForbidClientCache, BaseURL: m.BaseURL,
	}
	if k := keyLine(m.Encryption); k != nil && s.plan.Kind != "text" {
		media.Keys = []hls.Key{*k}
		if g.Pack.Encrypted != nil && g.Pack.Encrypted.Clear {
			media.ClearSegments = 1
		}
	}
	if g.Pack.Single {
		media.Map = &hls.Map{Name: beside(s.output.Key, s.plan.Media), Size: s.header}
	} else {
		media.Map = &hls.Map{Name: beside(s.output.Key, s.initKey(g))}
	}
	at := s.told.Start
	for n, seg := range s.segments {
		line := hls.Segment{Name: beside(s.output.Key, s.segmentKey(g, n, at)), Duration: seg.length}
		if g.Pack.Single {
			line.Offset, line.Size = seg.offset, seg.size
		}
		media.Segments = append(media.Segments, line)
		at += seg.ticks
	}
	return media
}

// segmentKey gives the key of the file that segment n, counted from 0, is in.
func (s *packedStream) segmentKey(g *plan.Group, n int, at uint64) string {
	if g.Pack.Single {
		return s.plan.Media
	}
	return s.mediaKey(g, n+1, at)
}

// iframePlaylist lists the key frames that fragments begin with: from the
// fragment's first byte to the frame's last (RFC 8216 4.3.3.6).
func (s *packedStream) iframePlaylist(g *plan.Group) hls.Media {
	media := s.playlist(g)
	media.IFramesOnly, media.Segments = true, nil
	var frames []hls.Segment
	var starts []uint64
	at, next := s.told.Start, uint64(0)
	for n, seg := range s.segments {
		for _, f := range seg.fragments {
			if f.Sync {
				frames = append(frames, hls.Segment{Name: beside(s.output.Key, s.segmentKey(g, n, at)), Offset: f.Offset, Size: f.SyncEnd - f.Offset})
				starts = append(starts, next)
			}
			next += f.Duration
		}
		at += seg.ticks
	}
	for i := range frames {
		end := next
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		frames[i].Duration = ticks(end-starts[i], s.track.Timescale)
	}
	media.Segments = frames
	return media
}

// iframes tells of a playlist of key frames in the master playlist.
func (s *packedStream) iframes(g *plan.Group, m hls.Media) *hls.IFrames {
	f := &hls.IFrames{
		Name: beside(g.Master.Key, s.output.IFrameKey()), VideoRange: s.video.Range,
		Codecs: []string{hlsCodec(s.told.Codecs)}, Width: s.video.Width, Height: s.video.Height,
	}
	var total int64
	for _, seg := range m.Segments {
		total += seg.Size
		if seg.Duration > 0 {
			f.Bandwidth = max(f.Bandwidth, int64(math.Ceil(float64(seg.Size*8)/seg.Duration.Seconds())))
		}
	}
	f.AverageBandwidth = min(f.Bandwidth, rate(total, s.length))
	return f
}

func rate(bytes int64, length time.Duration) int64 {
	if length <= 0 {
		return 0
	}
	return int64(float64(bytes*8) / length.Seconds())
}

// child tells what the master playlist says of a stream.
func (s *packedStream) child(g *plan.Group) child {
	o := s.output
	c := child{groups: o.HLS.AudioGroups}
	c.variant = hls.Variant{
		Name: beside(g.Master.Key, o.Key), Bandwidth: s.peak, AverageBandwidth: min(s.peak, s.average),
		Codecs: []string{hlsCodec(s.told.Codecs)}, NoClosedCaptions: g.Master.NoClosedCaptions,
	}
	if s.video != nil {
		c.variant.VideoRange, c.variant.Width, c.variant.Height = s.video.Range, s.video.Width, s.video.Height
		c.variant.FrameRate = s.video.FrameRate.Float()
	}
	if r := o.HLS.Rendition; r != nil {
		c.rendition = &hls.Rendition{
			Type: hls.RenditionAudio, Group: r.Group, Name: r.Name, Language: r.Language,
			Default: r.Default, AutoSelect: r.AutoSelect, URI: c.variant.Name,
		}
		if o.Captions != nil {
			c.rendition.Type, c.rendition.AutoSelect = hls.RenditionSubtitles, r.AutoSelect || o.Captions.Accessible
			if o.Captions.Accessible {
				c.rendition.Characteristics = hls.Transcribes
			}
		}
		if s.audio != nil {
			c.rendition.Channels = strconv.Itoa(s.audio.Channels)
		}
		if r.DescribesVideo {
			c.rendition.Characteristics = hls.DescribesVideo
		}
	}
	return c
}

// hlsCodec writes a codec as HLS players know it: by the name of its sample
// entry, which DASH writes small.
func hlsCodec(codec string) string {
	switch strings.ToLower(codec) {
	case "opus":
		return "Opus"
	case "flac":
		return "fLaC"
	}
	return codec
}
