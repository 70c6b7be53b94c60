package work

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"spool/internal/hls"
	"spool/internal/plan"
	"spool/internal/spool"
)

// playlistType is the content type of playlists.
const playlistType = "application/vnd.apple.mpegurl"

// mediaPlaylist writes the playlist of one stream.
func mediaPlaylist(m *plan.Master, o *plan.Output, segments []segment) hls.Media {
	media := hls.Media{
		IntegerDurations:  m.IntegerDurations,
		SpecTargets:       m.SpecTargets,
		ForbidClientCache: m.ForbidClientCache,
		BaseURL:           m.BaseURL,
		ProgramPeriod:     time.Duration(m.ProgramSeconds) * time.Second,
	}
	if m.ProgramStart != nil {
		media.ProgramStart = *m.ProgramStart
	}
	if k := keyLine(m.Encryption); k != nil {
		media.Keys = []hls.Key{*k}
	}
	for _, s := range segments {
		line := hls.Segment{Name: beside(o.Key, s.key), Duration: s.length}
		if m.SingleFile {
			line.Offset, line.Size = s.offset, s.size
		}
		media.Segments = append(media.Segments, line)
	}
	return media
}

// keyLine says where players find the key; nil without encryption.
func keyLine(e *plan.Encryption) *hls.Key {
	if e == nil {
		return nil
	}
	k := &hls.Key{Method: hls.KeyAES128, URI: e.URI, Format: e.Format, FormatVersions: e.Versions}
	if e.SampleAES {
		k.Method = hls.KeySampleAES
	}
	if e.CTR {
		k.Method = hls.KeySampleAESCTR
	}
	if e.TellIV && e.IV != "" {
		k.IV, _ = hex.DecodeString(e.IV) // it was read before, to encrypt with it
	}
	return k
}

// manifest stages a playlist of ours and takes it into the result.
func (v *verifier) manifest(g *plan.Group, name, key, text string, length time.Duration) (spool.OutputFile, error) {
	data := []byte(text)
	if g.Master != nil && g.Master.Gzip {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(data); err != nil {
			return spool.OutputFile{}, fmt.Errorf("compress a playlist: %w", err)
		}
		if err := w.Close(); err != nil {
			return spool.OutputFile{}, fmt.Errorf("compress a playlist: %w", err)
		}
		data = b.Bytes()
	}
	if err := os.WriteFile(filepath.Join(v.dir, name), data, 0o600); err != nil {
		return spool.OutputFile{}, fmt.Errorf("stage a playlist: %w", err)
	}
	f, err := v.add(g, name, key, spool.FileManifest, cmp.Or(contentType(key), playlistType), length)
	if err == nil && g.Master != nil && g.Master.Gzip {
		v.manifests[len(v.manifests)-1].ContentEncoding = "gzip"
	}
	return f, err
}

// masters writes the group's master playlists and gives their URIs.
func (v *verifier) masters(g *plan.Group, children []child, images []hls.Images) ([]string, error) {
	if g.Master.SegmentsOnly {
		return nil, nil
	}
	uri, err := v.master(g, fmt.Sprintf("master_%d.m3u8", len(v.groups)), g.Master.Key, children, images)
	if err != nil {
		return nil, err
	}
	uris := []string{uri}
	for k, more := range g.Master.More {
		var some []child
		for _, n := range more.Outputs {
			some = append(some, children[n])
		}
		if uri, err = v.master(g, fmt.Sprintf("master_%d_%d.m3u8", len(v.groups), k), more.Key, some, images); err != nil {
			return nil, err
		}
		uris = append(uris, uri)
	}
	return uris, nil
}

func (v *verifier) master(g *plan.Group, name, key string, children []child, images []hls.Images) (string, error) {
	m := hls.Master{Images: images, Version: g.Master.Version, LegacyCodecs: g.Master.LegacyCodecs, OmitResolution: g.Master.OmitResolution}
	if e := g.Master.Encryption; e != nil && e.Session {
		m.SessionKeys = []hls.Key{*keyLine(e)}
	}
	for _, c := range children {
		if c.rendition != nil {
			m.Renditions = append(m.Renditions, *c.rendition)
			continue
		}
		m.Variants = append(m.Variants, inGroups(c, children)...)
		if c.iframes != nil {
			m.IFrames = append(m.IFrames, *c.iframes)
		}
	}
	for i, cc := range g.Master.ClosedCaptions {
		m.Renditions = append(m.Renditions, hls.Rendition{
			Type: hls.RenditionClosedCaptions, Group: "cc", Name: cc.Name, Language: cc.Language, Default: i == 0, AutoSelect: true,
			InstreamID: fmt.Sprintf("CC%d", cc.Channel),
		})
		for n := range m.Variants {
			if m.Variants[n].Width > 0 {
				m.Variants[n].ClosedCaptions = "cc"
			}
		}
	}
	for _, r := range m.Renditions {
		for i := range m.Variants {
			if r.Type == hls.RenditionSubtitles {
				m.Variants[i].Subtitles = r.Group
			}
		}
	}
	f, err := v.manifest(g, name, key, m.String(), 0)
	return f.URI, err
}

// inGroups gives a variant once for each group of audio renditions that goes
// with it. Its bandwidth and codecs are those of the heaviest of them too (RFC
// 8216 4.3.4.2).
func inGroups(c child, children []child) []hls.Variant {
	var list []hls.Variant
	for _, group := range c.groups {
		variant := c.variant
		variant.Codecs = slices.Clone(variant.Codecs)
		var peak, mean int64
		found := false
		for _, r := range children {
			if r.rendition == nil || r.rendition.Type != hls.RenditionAudio || r.rendition.Group != group {
				continue
			}
			found = true
			peak, mean = max(peak, r.variant.Bandwidth), max(mean, r.variant.AverageBandwidth)
			for _, codec := range r.variant.Codecs {
				if !slices.Contains(variant.Codecs, codec) {
					variant.Codecs = append(variant.Codecs, codec)
				}
			}
		}
		if !found {
			continue // an additional manifest without the group's outputs
		}
		variant.Audio = group
		variant.Bandwidth += peak
		variant.AverageBandwidth += mean
		list = append(list, variant)
	}
	if list == nil {
		return []hls.Variant{c.variant}
	}
	return list
}
