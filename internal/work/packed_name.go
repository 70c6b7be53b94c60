package work

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"spool/internal/dash"
	"spool/internal/plan"
	"spool/internal/spool"
)

// namePacked names the files of a group's streams and takes them into the
// result. It gives what became of each output.
func (v *verifier) namePacked(g *plan.Group, streams []packedStream) ([]spool.Output, error) {
	outputs := make([]spool.Output, len(g.Outputs))
	for k := range streams {
		s := &streams[k]
		var done *spool.Output
		for i := range g.Outputs {
			if &g.Outputs[i] == s.output {
				done = &outputs[i]
			}
		}
		if err := v.nameStream(g, s, done); err != nil {
			return nil, err
		}
		if s.plan.Trick {
			continue
		}
		if s.video != nil || done.Width == 0 && s.audio != nil {
			done.Duration = s.length
		}
		if s.video != nil {
			done.Width, done.Height, done.Frames = s.video.Width, s.video.Height, s.samples
			done.VideoCodec, done.AverageBitrate = s.video.Codec, s.average
		} else if s.audio != nil {
			done.AudioCodecs = append(done.AudioCodecs, s.audio.Codec)
		}
	}
	return outputs, nil
}

// nameStream names the files of one stream.
func (v *verifier) nameStream(g *plan.Group, s *packedStream, done *spool.Output) error {
	add := func(staged, key string, kind spool.FileKind, length time.Duration) error {
		f, err := v.add(g, staged, key, kind, s.plan.ContentType, length)
		done.Files = append(done.Files, f)
		return err
	}
	if g.Pack.Single {
		return add(s.plan.StagedInit(true), s.plan.Media, spool.FileMedia, s.length)
	}
	if err := add(s.plan.StagedInit(false), s.initKey(g), spool.FileSegment, 0); err != nil {
		return err
	}
	seen := map[string]bool{}
	at := s.told.Start
	for n, seg := range s.segments {
		key := s.mediaKey(g, n+1, at)
		if seen[key] {
			return spool.Failf(spool.CodeIncompatible, "Two segments would be called [%s]. Use $Number$ or $Time$ in the name modifier.", spool.S3URI(g.Bucket, key))
		}
		seen[key] = true
		if err := add(seg.staged, key, spool.FileSegment, seg.length); err != nil {
			return err
		}
		at += seg.ticks
	}
	return nil
}

// initKey gives the key of the initialization segment.
func (s *packedStream) initKey(*plan.Group) string { return s.plan.Init }

// mediaKey gives the key of segment n, counted from 1, that begins at a time.
func (s *packedStream) mediaKey(g *plan.Group, n int, at uint64) string {
	return dash.Fill(s.plan.Media, dash.Values{Representation: s.plan.ID, Bandwidth: s.bandwidth(g), Number: int64(n), Time: at})
}

// bandwidth is what the DASH manifest says of a stream, and what $Bandwidth$
// stands for in names.
func (s *packedStream) bandwidth(g *plan.Group) int64 {
	if g.Dash != nil && g.Dash.MaxBandwidth && s.video != nil && !s.plan.Trick && s.output.Rate != nil {
		return s.output.Rate.Max
	}
	return s.average
}

// packedManifests writes what tells players of the group, and gives the URIs.
func (v *verifier) packedManifests(g *plan.Group, streams []packedStream, outputs []spool.Output) ([]string, error) {
	var uris []string
	captions, err := v.packedCaptions(g, streams, outputs)
	if err != nil {
		return nil, err
	}
	if g.Dash != nil {
		told, err := v.dashManifests(g, streams)
		if err != nil {
			return nil, err
		}
		uris = append(uris, told...)
	}
	if g.Master != nil {
		children, err := v.packedPlaylists(g, streams, outputs, captions)
		if err != nil {
			return nil, err
		}
		masters, err := v.masters(g, children, nil)
		if err != nil {
			return nil, err
		}
		uris = append(uris, masters...)
	}
	return uris, nil
}

// dashManifests writes the group's DASH manifests and gives their URIs.
func (v *verifier) dashManifests(g *plan.Group, streams []packedStream) ([]string, error) {
	uri, err := v.dashManifest(g, fmt.Sprintf("dash_%d.mpd", len(v.groups)), g.Dash.Key, streams, nil)
	if err != nil {
		return nil, err
	}
	uris := []string{uri}
	for k, more := range g.Dash.More {
		some := slices.DeleteFunc(slices.Clone(streams), func(s packedStream) bool {
			return !slices.ContainsFunc(more.Outputs, func(n int) bool { return &g.Outputs[n] == s.output })
		})
		if uri, err = v.dashManifest(g, fmt.Sprintf("dash_%d_%d.mpd", len(v.groups), k), more.Key, some, more.Outputs); err != nil {
			return nil, err
		}
		uris = append(uris, uri)
	}
	return uris, nil
}

func (v *verifier) dashManifest(g *plan.Group, name, key string, streams []packedStream, some []int) (string, error) {
	d := g.Dash
	m := dash.Manifest{
		Profiles: d.Profiles, MinBuffer: d.MinBuffer, BaseURL: d.BaseURL, Style: d.Style, Duration: period(streams),
	}
	for i := range streams {
		m.Streams = append(m.Streams, streams[i].representation(g, key, m.Duration))
	}
	m.Streams = append(m.Streams, v.captionRepresentations(g, key, some)...)
	f, err := v.manifest(g, name, key, m.String(), m.Duration)
	return f.URI, err
}

// period is how long a presentation lasts: as long as its picture, and without
// one as its sound. A sound may end a part of a frame later.
func period(streams []packedStream) time.Duration {
	var picture, all time.Duration
	for _, s := range streams {
		if s.plan.Trick || s.plan.Kind == "text" {
			continue
		}
		all = max(all, s.length)
		if s.video != nil {
			picture = max(picture, s.length)
		}
	}
	return cmp.Or(picture, all)
}

// representation tells of a stream in a DASH manifest.
func (s *packedStream) representation(g *plan.Group, manifest string, period time.Duration) dash.Stream {
	d := g.Dash
	r := dash.Stream{
		ID: s.plan.ID, Kind: dash.Kind(s.plan.Kind), Bandwidth: s.bandwidth(g), MIME: s.plan.ContentType, Codecs: s.told.Codecs,
		Language: s.plan.Language, Label: s.plan.Label, TrickPlay: s.plan.Trick, Protection: s.told.Protection,
	}
	if s.video != nil {
		r.Width, r.Height, r.FrameRate = s.video.Width, s.video.Height, s.video.FrameRate
		r.SampleAspect = s.video.SampleAspect
		if s.output.CaptionHints != "" {
			r.Accessibility = []dash.Descriptor{{Scheme: "urn:scte:dash:cc:cea-608:2015", Value: s.output.CaptionHints}}
		}
		if s.plan.Trick {
			r.FrameRate = spool.Rational{} // one for each key frame
		}
	} else if s.audio == nil {
		r.Roles = []string{textRole(s.output.Captions)}
	} else {
		r.SampleRate, r.Channels = s.audio.SampleRate, s.audio.Channels
		r.ChannelScheme, r.ChannelValue = channels(*s.audio, d.DolbyChannels)
		if !s.plan.Alternate {
			r.Roles = []string{"main"}
		}
	}
	if g.Pack.Single {
		r.Base = &dash.Base{
			File: beside(manifest, s.plan.Media), Timescale: s.track.Timescale, Init: s.told.Init, Index: s.told.Index,
		}
		return r
	}
	t := &dash.Template{
		Init: beside(manifest, s.initKey(g)), Media: beside(manifest, s.plan.Media),
		Timescale: s.track.Timescale, Start: s.told.Start,
	}
	for _, seg := range s.segments {
		t.Segments = append(t.Segments, seg.ticks)
	}
	if !d.Timeline && !dash.Uses(t.Media, dash.IDTime) && s.plan.Kind != "text" { // of which ticks are so long that they add up
		t.Nominal = dash.Nominal(t.Segments, uint64(g.Pack.Segment.Seconds()*float64(s.track.Timescale)), inTicks(period, s.track.Timescale))
	}
	r.Template = t
	return r
}

// Schemes of AudioChannelConfiguration. The first is the service's own choice
// (audioChannelConfigSchemeIdUri).
const (
	mpegChannels  = "urn:mpeg:mpegB:cicp:ChannelConfiguration"
	dolbyChannels = "tag:dolby.com,2014:dash:audio_channel_configuration:2011"
)

// channels describes the loudspeakers of a sound.
func channels(a plan.Audio, dolby bool) (scheme, value string) {
	if dolby && (a.Codec == "ac3" || a.Codec == "eac3") {
		// bits from the highest: L, C, R, Ls, Rs, …, LFE is the lowest
		return dolbyChannels, map[int]string{1: "4000", 2: "A000", 6: "F801"}[a.Channels]
	}
	// the channel configurations of ISO/IEC 23001-8 are the number of channels up
	// to 6; eight are 7.1, the twelfth
	value = fmt.Sprint(a.Channels)
	if a.Channels == 8 {
		value = "12"
	}
	return mpegChannels, value
}

// appendFile adds one staged file to another. Names of segments come with a
// styp box, which may stand before any of them.
func appendFile(into, from string) error {
	w, err := os.OpenFile(into, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("join the last segments: %w", err)
	}
	r, err := os.Open(from)
	if err != nil {
		return errors.Join(fmt.Errorf("join the last segments: %w", err), w.Close())
	}
	defer r.Close()
	_, err = io.Copy(w, r)
	if err = errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("join the last segments: %w", err)
	}
	return nil
}

// contentTypes of the manifests, by the end of their names.
var contentTypes = map[string]string{
	".m3u8": "application/vnd.apple.mpegurl",
	".mpd":  "application/dash+xml",
	".ism":  "application/vnd.ms-sstr+xml",
	".ismc": "application/vnd.ms-sstr+xml",
}

func contentType(key string) string {
	return contentTypes[key[max(0, strings.LastIndexByte(key, '.')):]]
}
