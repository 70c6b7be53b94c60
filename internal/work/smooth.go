package work

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"spool/internal/mp4"
	"spool/internal/plan"
	"spool/internal/smooth"
	"spool/internal/spool"
)

// smoothOutput is one proven file of a Smooth Streaming group.
type smoothOutput struct {
	plan    *plan.Output
	streams []smoothStream
}

type smoothStream struct {
	plan   *plan.SmoothStream
	track  mp4.Track
	chunks []smooth.Chunk
	frames int64
	length time.Duration
}

// smoothFile proves one file of a Smooth Streaming group and takes it into the
// result.
func (v *verifier) smoothFile(_ context.Context, g *plan.Group, o *plan.Output) (smoothOutput, spool.Output, error) {
	proven := smoothOutput{plan: o}
	var done spool.Output
	err := v.readStaged(o.Staged, func(f *os.File, size int64) error {
		h, err := mp4.ReadHeader(f, size)
		if err != nil {
			return err
		}
		fragments, err := mp4.ReadFragments(f, size, h)
		if err != nil {
			return err
		}
		if len(h.Tracks) != len(o.Smooth) {
			return v.unfinished("%s has %d tracks instead of %d", o.Staged, len(h.Tracks), len(o.Smooth))
		}
		for k := range o.Smooth {
			s := smoothStream{plan: &o.Smooth[k], track: h.Tracks[o.Smooth[k].Index]}
			if err := v.smoothStream(o, &s, fragments); err != nil {
				return err
			}
			proven.streams = append(proven.streams, s)
		}
		return nil
	})
	if err != nil {
		return proven, done, err
	}
	for _, s := range proven.streams {
		if done.Duration == 0 || s.plan.Kind == "video" {
			done.Duration = s.length
		}
		if s.plan.Kind == "video" {
			done.Width, done.Height, done.Frames, done.VideoCodec = o.Video.Width, o.Video.Height, s.frames, o.Video.Codec
		} else {
			done.AudioCodecs = append(done.AudioCodecs, o.Audio[s.plan.Track].Codec)
		}
	}
	f, err := v.add(g, o.Staged, o.Key, spool.FileMedia, o.ContentType, done.Duration)
	if err != nil {
		return proven, done, err
	}
	if o.Video != nil {
		done.AverageBitrate = max(0, rate(f.Size, done.Duration)-audioRate(o))
	}
	done.Paths, done.Files = []string{f.URI}, []spool.OutputFile{f}
	return proven, done, nil
}

// smoothStream checks that a track's fragments follow each other from the
// beginning, each with a key frame first.
func (v *verifier) smoothStream(o *plan.Output, s *smoothStream, fragments []mp4.Fragment) error {
	video := s.plan.Kind == "video"
	switch {
	case s.track.Timescale != smooth.Timescale:
		return v.unfinished("%s has the timescale %d", o.Staged, s.track.Timescale)
	case video && (entryCodecs[s.track.Entry] != o.Video.Codec || s.track.Width != o.Video.Width || s.track.Height != o.Video.Height):
		return v.unfinished("%s holds %s %dx%d", o.Staged, s.track.Entry, s.track.Width, s.track.Height)
	case !video && entryCodecs[s.track.Entry] != o.Audio[s.plan.Track].Codec:
		return v.unfinished("%s holds %s", o.Staged, s.track.Entry)
	}
	var next uint64
	for _, f := range fragments {
		if f.Track != s.track.ID {
			continue
		}
		// times are rounded to ticks of 0.1 µs, fragment by fragment
		if !f.Absolute || max(f.Decode, next)-min(f.Decode, next) > 10 || video && !f.Sync {
			return v.unfinished("a fragment of %s begins at %d instead of %d", o.Staged, f.Decode, next)
		}
		s.chunks = append(s.chunks, smooth.Chunk{Time: f.Decode, Duration: f.Duration})
		s.frames += int64(f.Samples)
		next = f.Decode + f.Duration
	}
	if len(s.chunks) == 0 {
		return v.unfinished("%s has no fragments", o.Staged)
	}
	s.length = ticks(next, smooth.Timescale)
	want := o.Duration
	if video {
		s.length = frameTime(s.frames, o.Video.FrameRate)
	} else if o.Video != nil {
		want = min(want, s.length)
	}
	return v.length(o.Staged, want, s.length)
}

// smoothManifests writes the manifests of a Smooth Streaming group and gives the
// URIs of the servers' ones.
func (v *verifier) smoothManifests(g *plan.Group, outputs []smoothOutput) ([]string, error) {
	uri, err := v.smoothPair(g, fmt.Sprintf("smooth_%d", len(v.groups)), g.Smooth.Server, outputs)
	if err != nil {
		return nil, err
	}
	uris := []string{uri}
	for k, more := range g.Smooth.More {
		var some []smoothOutput
		for _, n := range more.Outputs {
			some = append(some, outputs[n])
		}
		if uri, err = v.smoothPair(g, fmt.Sprintf("smooth_%d_%d", len(v.groups), k), more.Key, some); err != nil {
			return nil, err
		}
		uris = append(uris, uri)
	}
	return uris, nil
}

func (v *verifier) smoothPair(g *plan.Group, name, key string, outputs []smoothOutput) (string, error) {
	p := smooth.Presentation{Client: filepath.Base(key) + "c"}
	for _, o := range outputs {
		for i := range o.streams {
			if err := v.smoothLevel(&p, key, o, &o.streams[i]); err != nil {
				return "", err
			}
		}
	}
	for _, s := range p.Streams {
		last := s.Chunks[len(s.Chunks)-1]
		if end := last.Time + last.Duration; s.Kind == smooth.Video || len(p.Streams) == 1 {
			p.Duration = max(p.Duration, end)
		}
	}
	if p.Duration == 0 {
		last := p.Streams[0].Chunks[len(p.Streams[0].Chunks)-1]
		p.Duration = last.Time + last.Duration
	}
	server, err := v.xmlManifest(g, name+".ism", key, smooth.Encoded(p.ForServer(), g.Smooth.Wide))
	if err != nil {
		return "", err
	}
	_, err = v.xmlManifest(g, name+".ismc", key+"c", smooth.Encoded(p.ForPlayers(), g.Smooth.Wide))
	return server.URI, err
}

func (v *verifier) xmlManifest(g *plan.Group, name, key string, data []byte) (spool.OutputFile, error) {
	if err := os.WriteFile(filepath.Join(v.dir, name), data, 0o600); err != nil {
		return spool.OutputFile{}, fmt.Errorf("stage a manifest: %w", err)
	}
	return v.add(g, name, key, spool.FileManifest, contentType(key), 0)
}

// smoothLevel adds a quality to the stream that it is one of. A sound that is in
// several files is listed once: a player asks for it by name and bitrate.
func (v *verifier) smoothLevel(p *smooth.Presentation, key string, o smoothOutput, s *smoothStream) error {
	level := smooth.Level{Bitrate: s.plan.Bitrate, File: beside(key, o.plan.Key), Track: s.track.ID}
	name := "video"
	if s.plan.Kind == "video" {
		private, err := smooth.PrivateH264(s.track.Config)
		if err != nil {
			return v.unfinished("%s: %v", o.plan.Staged, err)
		}
		level.FourCC, level.Private, level.Width, level.Height = "H264", private, s.track.Width, s.track.Height
	} else {
		a := o.plan.Audio[s.plan.Track]
		name = smoothName(s.plan)
		level.FourCC, level.Private = "AACL", s.track.Config
		level.SampleRate, level.Channels, level.Bits = a.SampleRate, a.Channels, 16
	}
	i := slices.IndexFunc(p.Streams, func(x smooth.Stream) bool { return x.Name == name })
	if i < 0 {
		p.Streams = append(p.Streams, smooth.Stream{
			Kind: smooth.Kind(s.plan.Kind), Name: name, Language: s.plan.Language, Chunks: s.chunks, Levels: []smooth.Level{level},
		})
		return nil
	}
	stream := &p.Streams[i]
	if slices.ContainsFunc(stream.Levels, func(l smooth.Level) bool {
		return l.Bitrate == level.Bitrate && l.Channels == level.Channels && bytes.Equal(l.Private, level.Private)
	}) && s.plan.Kind == "audio" {
		return nil
	}
	if slices.ContainsFunc(stream.Levels, func(l smooth.Level) bool { return l.Bitrate == level.Bitrate }) {
		return spool.Failf(spool.CodeIncompatible, "Two outputs of the Smooth Streaming group have the bitrate %d: players could not tell them apart.", level.Bitrate)
	}
	if s.plan.Kind == "video" && len(stream.Chunks) != len(s.chunks) {
		return v.unfinished("%s has %d fragments, another quality %d", o.plan.Staged, len(s.chunks), len(stream.Chunks))
	}
	stream.Levels = append(stream.Levels, level)
	return nil
}

var notName = regexp.MustCompile(`[^A-Za-z0-9]+`)

// smoothName names a sound for players' requests: by its language, and by its
// own name if it has one.
func smoothName(s *plan.SmoothStream) string {
	name := "audio"
	for _, part := range []string{s.Language, s.Name} {
		if part = strings.Trim(notName.ReplaceAllString(part, "_"), "_"); part != "" {
			name += "_" + part
		}
	}
	return name
}
