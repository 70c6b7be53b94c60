package hls

import (
	"fmt"
	"strconv"
	"strings"
)

// Variant is one stream of a master playlist.
type Variant struct {
	Name             string   // path of its media playlist from the master's folder, not escaped
	Bandwidth        int64    // bits/s of its heaviest segment
	AverageBandwidth int64    // bits/s of the whole
	Codecs           []string // RFC 6381 forms
	Width, Height    int      // px; 0 without video
	FrameRate        float64  // per second; 0 without video
}

// Master is a master playlist.
type Master struct {
	Variants []Variant
	// LegacyCodecs writes H.264 codecs in the form of RFC 4281 (codecSpecification).
	LegacyCodecs bool
	// OmitResolution leaves the RESOLUTION attribute out (streamInfResolution).
	OmitResolution bool
}

// String writes the playlist in the shape of the service (behaviour.md 4.4).
func (m Master) String() string {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	for _, v := range m.Variants {
		fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d", v.Bandwidth, v.AverageBandwidth)
		if len(v.Codecs) > 0 {
			codecs := v.Codecs
			if m.LegacyCodecs {
				codecs = make([]string, len(v.Codecs))
				for i, c := range v.Codecs {
					codecs[i] = LegacyCodec(c)
				}
			}
			fmt.Fprintf(&b, ",CODECS=%q", strings.Join(codecs, ","))
		}
		if v.Width > 0 && !m.OmitResolution {
			fmt.Fprintf(&b, ",RESOLUTION=%dx%d", v.Width, v.Height)
		}
		if v.FrameRate > 0 {
			fmt.Fprintf(&b, ",FRAME-RATE=%.3f", v.FrameRate)
		}
		b.WriteString("\n" + Reference(v.Name) + "\n")
	}
	return b.String()
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
