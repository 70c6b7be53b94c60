package hls

import (
	"fmt"
	"strconv"
	"strings"
)

// Master is a master playlist. It writes its lines in the order of the service:
// the variants, then the renditions, then the playlists for trick play
// (behaviour.md 4.4).
type Master struct {
	// Version is the least EXT-X-VERSION: 0 for groups of transport streams, 6
	// for CMAF groups. A rendition or a key that needs more gets more.
	Version    int
	Variants   []Variant
	Renditions []Rendition
	IFrames    []IFrames
	Images     []Images
	// SessionKeys are announced with EXT-X-SESSION-KEY (offlineEncrypted).
	SessionKeys []Key
	// LegacyCodecs writes H.264 codecs in the form of RFC 4281 (codecSpecification).
	LegacyCodecs bool
	// OmitResolution leaves the RESOLUTION attribute out (streamInfResolution).
	OmitResolution bool
}

// Variant is one stream of a master playlist.
type Variant struct {
	Name             string   // path of its media playlist from the master's folder, not escaped
	Bandwidth        int64    // bits/s of its heaviest segment
	AverageBandwidth int64    // bits/s of the whole
	VideoRange       string   // SDR, HLG or PQ; "" is not said
	Codecs           []string // RFC 6381 forms
	Width, Height    int      // px; 0 without video
	FrameRate        float64  // per second; 0 without video
	// Groups of renditions that go with it; "" is none.
	Audio, Subtitles, ClosedCaptions string
	// NoClosedCaptions says CLOSED-CAPTIONS=NONE (captionLanguageSetting).
	NoClosedCaptions bool
}

// RenditionType is the TYPE of an EXT-X-MEDIA line.
type RenditionType string

// The types of renditions.
const (
	RenditionAudio          RenditionType = "AUDIO"
	RenditionSubtitles      RenditionType = "SUBTITLES"
	RenditionClosedCaptions RenditionType = "CLOSED-CAPTIONS"
)

// Characteristics of renditions (RFC 8216 4.3.4.1).
const (
	// DescribesVideo marks audio that tells what can be seen.
	DescribesVideo = "public.accessibility.describes-video"
	// Transcribes marks subtitles that tell all that can be heard.
	Transcribes = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"
)

// Rendition is one alternative of a group: an EXT-X-MEDIA line.
type Rendition struct {
	Type            RenditionType
	Group           string // GROUP-ID
	Name            string // as people see it
	Language        string // "" is not said
	Default         bool
	AutoSelect      bool
	Forced          bool   // subtitles only
	Channels        string // audio only: "2"; "" is not said
	Characteristics string
	InstreamID      string // closed captions only: CC1 to CC4
	// URI is the path of its media playlist from the master's folder, not
	// escaped; "" when it is in the variants themselves.
	URI string
}

// IFrames is a playlist of key frames only: an EXT-X-I-FRAME-STREAM-INF line.
type IFrames struct {
	Name             string
	Bandwidth        int64
	AverageBandwidth int64
	VideoRange       string
	Codecs           []string
	Width, Height    int
}

// Images is a playlist of images for trick play: an EXT-X-IMAGE-STREAM-INF line.
type Images struct {
	Name             string
	Bandwidth        int64
	AverageBandwidth int64
	Width, Height    int // px of one thumbnail
}

// String writes the playlist.
func (m Master) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-INDEPENDENT-SEGMENTS\n", m.version())
	for _, k := range m.SessionKeys {
		b.WriteString("#EXT-X-SESSION-KEY:" + k.attributes() + "\n")
	}
	for _, v := range m.Variants {
		b.WriteString("#EXT-X-STREAM-INF:" + m.variant(v) + "\n" + Reference(v.Name) + "\n")
	}
	for _, r := range m.Renditions {
		b.WriteString("#EXT-X-MEDIA:" + r.attributes() + "\n")
	}
	for _, f := range m.IFrames {
		b.WriteString("#EXT-X-I-FRAME-STREAM-INF:" + m.iframes(f) + "\n")
	}
	for _, i := range m.Images {
		b.WriteString("#EXT-X-IMAGE-STREAM-INF:" + i.attributes() + "\n")
	}
	return b.String()
}

// version gives the EXT-X-VERSION: what the service writes for the kind of
// group, more where a line needs it. 4 is the service's for alternate audio, 5
// for a described-video flag (behaviour.md 5.7), 7 the standard's for captions
// that are called by service (RFC 8216 7).
func (m Master) version() int {
	v := max(3, m.Version)
	for _, r := range m.Renditions {
		switch {
		case strings.HasPrefix(r.InstreamID, "SERVICE"):
			v = max(v, 7)
		case r.Type == RenditionAudio && r.Characteristics != "":
			v = max(v, 5)
		case r.Type == RenditionAudio:
			v = max(v, 4)
		}
	}
	if len(m.IFrames) > 0 {
		v = max(v, 4)
	}
	for _, k := range m.SessionKeys {
		v = max(v, k.version())
	}
	return v
}

func (m Master) codecs(list []string) string {
	out := make([]string, 0, len(list))
	for _, c := range list {
		if m.LegacyCodecs {
			c = LegacyCodec(c)
		}
		out = append(out, c)
	}
	return strings.Join(out, ",")
}

func (m Master) variant(v Variant) string {
	var a attributes
	a.plain("BANDWIDTH", v.Bandwidth)
	a.plain("AVERAGE-BANDWIDTH", v.AverageBandwidth)
	if v.VideoRange != "" {
		a.plain("VIDEO-RANGE", v.VideoRange)
	}
	a.quotedIf("CODECS", m.codecs(v.Codecs))
	if v.Width > 0 && !m.OmitResolution {
		a.plain("RESOLUTION", fmt.Sprintf("%dx%d", v.Width, v.Height))
	}
	if v.FrameRate > 0 {
		a.plain("FRAME-RATE", strconv.FormatFloat(v.FrameRate, 'f', 3, 64))
	}
	a.quotedIf("AUDIO", v.Audio)
	a.quotedIf("SUBTITLES", v.Subtitles)
	switch {
	case v.ClosedCaptions != "":
		a.quoted("CLOSED-CAPTIONS", v.ClosedCaptions)
	case v.NoClosedCaptions:
		a.plain("CLOSED-CAPTIONS", "NONE")
	}
	return a.String()
}

// attributes writes a rendition in the order of the captured masters, which
// differs between the types.
func (r Rendition) attributes() string {
	var a attributes
	a.plain("TYPE", string(r.Type))
	a.quoted("GROUP-ID", r.Group)
	if r.Type == RenditionSubtitles {
		a.quoted("NAME", r.Name)
		a.flag("DEFAULT", r.Default)
		a.flag("AUTOSELECT", r.AutoSelect || r.Default)
		a.flag("FORCED", r.Forced)
		a.quotedIf("LANGUAGE", r.Language)
	} else {
		a.quotedIf("LANGUAGE", r.Language)
		a.quoted("NAME", r.Name)
		a.flag("AUTOSELECT", r.AutoSelect || r.Default)
		a.flag("DEFAULT", r.Default)
		a.quotedIf("CHANNELS", r.Channels)
		a.quotedIf("INSTREAM-ID", r.InstreamID)
	}
	a.quotedIf("CHARACTERISTICS", r.Characteristics)
	if r.URI != "" {
		a.quoted("URI", Reference(r.URI))
	}
	return a.String()
}

func (m Master) iframes(f IFrames) string {
	var a attributes
	a.plain("BANDWIDTH", f.Bandwidth)
	a.plain("AVERAGE-BANDWIDTH", f.AverageBandwidth)
	if f.VideoRange != "" {
		a.plain("VIDEO-RANGE", f.VideoRange)
	}
	a.quotedIf("CODECS", m.codecs(f.Codecs))
	if f.Width > 0 && !m.OmitResolution {
		a.plain("RESOLUTION", fmt.Sprintf("%dx%d", f.Width, f.Height))
	}
	a.quoted("URI", Reference(f.Name))
	return a.String()
}

func (i Images) attributes() string {
	var a attributes
	a.plain("BANDWIDTH", i.Bandwidth)
	a.plain("AVERAGE-BANDWIDTH", i.AverageBandwidth)
	a.plain("RESOLUTION", fmt.Sprintf("%dx%d", i.Width, i.Height))
	a.quoted("CODECS", "jpeg")
	a.quoted("URI", Reference(i.Name))
	return a.String()
}

// LegacyCodec writes an H.264 codec string as RFC 4281 samples of the service
// do: decimals with dots for Baseline and Main up to level 3.0, unchanged
// otherwise (behaviour.md 4.4).
func LegacyCodec(codec string) string {
	hex, ok := strings.CutPrefix(codec, "avc1.")
	if !ok || len(hex) != 6 {
		return codec
	}
	profile, err1 := strconv.ParseUint(hex[:2], 16, 8)
	level, err2 := strconv.ParseUint(hex[4:], 16, 8)
	if err1 != nil || err2 != nil || (profile != 66 && profile != 77) || level > 30 {
		return codec
	}
	return fmt.Sprintf("avc1.%d.%d", profile, level)
}
