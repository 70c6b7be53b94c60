package ffmpeg

import (
	"encoding/hex"
	"fmt"
	"math/bits"
	"strings"
)

// codecString gives the RFC 6381 name of a track from its codec, as FFmpeg
// names it, its profile and its extradata, which may be in the form of MP4
// (avcC, hvcC, av1C, AudioSpecificConfig) or of transport streams (Annex B,
// none for ADTS). It gives "" where it cannot tell.
//
// Sources: ISO/IEC 14496-15 annex E (avc1, hvc1), RFC 6381 3.3 (mp4a), "AV1
// Codec ISO Media File Format Binding" section 5.
func codecString(codec, tag, profile string, extradata []byte) string {
	switch codec {
	case "h264":
		return avcString(extradata)
	case "hevc":
		return hevcString(tag, extradata)
	case "aac":
		return aacString(profile, extradata)
	case "av1":
		return av1String(extradata)
	case "mp3":
		return "mp4a.40.34"
	case "ac3":
		return "ac-3"
	case "eac3":
		return "ec-3"
	case "opus":
		return "opus"
	case "flac":
		return "fLaC"
	}
	return ""
}

// avcString needs three bytes: profile, constraints, level. avcC has them after
// its version; Annex B in the sequence parameter set.
func avcString(b []byte) string {
	if len(b) >= 4 && b[0] == 1 {
		return fmt.Sprintf("avc1.%02x%02x%02x", b[1], b[2], b[3])
	}
	for _, nal := range nalUnits(b) {
		if len(nal) >= 4 && nal[0]&0x1f == 7 {
			return fmt.Sprintf("avc1.%02x%02x%02x", nal[1], nal[2], nal[3])
		}
	}
	return ""
}

// hevcString reads the 12 bytes of general profile, tier and level: they stand
// after the version in hvcC, and in Annex B after the first byte of the
// sequence parameter set's payload.
func hevcString(tag string, b []byte) string {
	name := "hvc1"
	if tag == "hev1" {
		name = "hev1"
	}
	if len(b) >= 13 && b[0] == 1 {
		return hevcName(name, b[1:13])
	}
	for _, nal := range nalUnits(b) {
		if len(nal) < 3 || nal[0]>>1&0x3f != 33 {
			continue
		}
		if payload := unescape(nal[2:]); len(payload) >= 13 {
			return hevcName(name, payload[1:13])
		}
	}
	return ""
}

func hevcName(name string, ptl []byte) string {
	compat := uint32(ptl[1])<<24 | uint32(ptl[2])<<16 | uint32(ptl[3])<<8 | uint32(ptl[4])
	var s strings.Builder
	fmt.Fprintf(&s, "%s.%s%d.%X.", name, [4]string{"", "A", "B", "C"}[ptl[0]>>6], ptl[0]&0x1f, bits.Reverse32(compat))
	s.WriteByte("LH"[ptl[0]>>5&1])
	fmt.Fprintf(&s, "%d", ptl[11])
	constraints := ptl[5:11]
	for len(constraints) > 0 && constraints[len(constraints)-1] == 0 {
		constraints = constraints[:len(constraints)-1]
	}
	for _, c := range constraints {
		fmt.Fprintf(&s, ".%X", c)
	}
	return s.String()
}

// aacString reads the object type of an AudioSpecificConfig (ISO/IEC 14496-3
// 1.6.2.1). Plain AAC that announces SBR behind it is HE-AAC. ADTS streams have
// no config: FFmpeg's name of the profile must do.
func aacString(profile string, b []byte) string {
	if len(b) < 2 {
		object := map[string]int{"Main": 1, "LC": 2, "SSR": 3, "LTP": 4, "HE-AAC": 5, "HE-AACv2": 29}[profile]
		if object == 0 {
			return ""
		}
		return fmt.Sprintf("mp4a.40.%d", object)
	}
	object := int(b[0] >> 3)
	if object == 31 {
		object = 32 + int(b[0]&7)<<3 + int(b[1]>>5)
	}
	if object == 2 && len(b) >= 5 && b[2] == 0x56 && b[3]&0xe0 == 0xe0 && b[3]&0x1f == 5 && b[4]&0x80 != 0 {
		object = 5
	}
	if object == 0 {
		return ""
	}
	return fmt.Sprintf("mp4a.40.%d", object)
}

// av1String reads av1C.
func av1String(b []byte) string {
	if len(b) < 4 || b[0] != 0x81 {
		return ""
	}
	depth := 8
	switch {
	case b[2]&0x60 == 0x60:
		depth = 12
	case b[2]&0x40 != 0:
		depth = 10
	}
	return fmt.Sprintf("av01.%d.%02d%c.%02d", b[1]>>5, b[1]&0x1f, "MH"[b[2]>>7], depth)
}

// nalUnits splits an Annex B stream at its start codes (00 00 01).
func nalUnits(b []byte) [][]byte {
	var units [][]byte
	start := -1
	for i := 0; i+3 <= len(b); i++ {
		if b[i] != 0 || b[i+1] != 0 || b[i+2] != 1 {
			continue
		}
		if start >= 0 {
			units = append(units, b[start:i])
		}
		start = i + 3
		i += 2
	}
	if start >= 0 {
		units = append(units, b[start:])
	}
	return units
}

// unescape takes out the emulation prevention bytes: 00 00 03 means 00 00.
func unescape(b []byte) []byte {
	out := make([]byte, 0, len(b))
	zeros := 0
	for _, c := range b {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		if c == 0 {
			zeros++
		} else {
			zeros = 0
		}
		out = append(out, c)
	}
	return out
}

// parseHexDump reads ffprobe's -show_data: lines of "offset: xxxx xxxx …  text",
// sixteen bytes each. The text may hold anything, so hex ends at two spaces. It
// gives false when the dump is broken.
func parseHexDump(dump string) ([]byte, bool) {
	var out []byte
	for line := range strings.Lines(dump) {
		_, rest, ok := strings.Cut(line, ": ")
		if !ok {
			if strings.TrimSpace(line) != "" {
				return nil, false
			}
			continue
		}
		digits, _, _ := strings.Cut(rest, "  ")
		b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(digits), " ", ""))
		if err != nil {
			return nil, false
		}
		out = append(out, b...)
	}
	return out, true
}
