package ffmpeg

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// codecCases hold extradata as FFmpeg 5.1 gives it for real files; the names
// follow from the standards by hand.
var codecCases = []struct {
	name, codec, tag, profile, extradata, want string
}{
	{"avcC", "h264", "avc1", "High", "0164 000c ffe1 001a 6764 000c acd9 4141", "avc1.64000c"},
	{"avcC baseline", "h264", "avc1", "Constrained Baseline", "0142 c01e ffe1 0000", "avc1.42c01e"},
	{"Annex B", "h264", "[27][0][0][0]", "High", "0000 0001 6764 000c acd9 4141 0000 0001 68eb e3cb", "avc1.64000c"},
	{"Annex B, delimiter and parameters first, short codes", "h264", "", "High", "0000 0109 f000 0001 68eb 0000 0167 4d40 28ab", "avc1.4d4028"},
	{"h264 without parameter set", "h264", "", "High", "0000 0001 68eb e3cb", ""},
	{"hvcC", "hevc", "hvc1", "Main", "0101 6000 0000 9000 0000 0000 3cf0 00fc", "hvc1.1.6.L60.90"},
	{"hvcC hev1 main 10 high tier", "hevc", "hev1", "Main 10", "0122 2000 0000 b000 0000 0000 9900", "hev1.2.4.H153.B0"},
	{"hvcC all constraints, profile space", "hevc", "", "", "0141 6000 0000 0102 0304 0506 5df0", "hvc1.A1.6.L93.1.2.3.4.5.6"},
	{"Annex B hevc, emulation prevention", "hevc", "", "Main", "0000 0001 4001 0c01 ffff 0000 0001 4201 01 01 6000 0003 0090 0000 0300 0003 003c a00a", "hvc1.1.6.L60.90"},
	{"hevc cut short", "hevc", "", "Main", "0000 0142 0101 0160", ""},
	{"AAC-LC", "aac", "mp4a", "LC", "1208 56e5 00", "mp4a.40.2"},
	{"AAC with SBR behind", "aac", "mp4a", "HE-AAC", "1308 56e5 9d", "mp4a.40.5"},
	{"HE-AAC explicit", "aac", "mp4a", "HE-AAC", "2b92 0800", "mp4a.40.5"},
	{"HE-AACv2 explicit", "aac", "mp4a", "HE-AACv2", "eb8a 0800", "mp4a.40.29"},
	{"xHE-AAC, escaped object type", "aac", "mp4a", "xHE-AAC", "f94a 4000", "mp4a.40.42"},
	{"ADTS", "aac", "", "LC", "", "mp4a.40.2"},
	{"ADTS, unknown profile", "aac", "", "4", "", ""},
	{"AV1 10 bit", "av1", "av01", "Main", "811f 4c00", "av01.0.31M.10"},
	{"AV1 8 bit", "av1", "av01", "Main", "8104 0c00 0a0b", "av01.0.04M.08"},
	{"AV1 professional 12 bit high tier", "av1", "av01", "Professional", "8150 e000", "av01.2.16H.12"},
	{"AV1 without av1C", "av1", "", "Main", "0a0b 0000", ""},
	{"E-AC-3", "eac3", "ec-3", "", "", "ec-3"},
	{"something else", "prores", "apcn", "Standard", "", ""},
}

func TestCodecString(t *testing.T) {
	t.Parallel()
	for _, c := range codecCases {
		if got := codecString(c.codec, c.tag, c.profile, unhex(t, c.extradata)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func dump(b []byte) string {
	var s strings.Builder
	s.WriteString("\n")
	for i := 0; i < len(b); i += 16 {
		line := b[i:min(i+16, len(b))]
		fmt.Fprintf(&s, "%08x: ", i)
		for j, c := range line {
			fmt.Fprintf(&s, "%02x", c)
			if j%2 == 1 {
				s.WriteByte(' ')
			}
		}
		text := bytes.Map(func(r rune) rune {
			if r < 0x20 || r > 0x7e {
				return '.'
			}
			return r
		}, line)
		s.WriteString(strings.Repeat(" ", 41-len(line)*2-len(line)/2))
		s.Write(text)
		s.WriteByte('\n')
	}
	return s.String()
}

func TestParseHexDump(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 15, 16, 17, 40} {
		want := bytes.Repeat([]byte(": "), n)[:n]
		got, ok := parseHexDump(dump(want))
		if !ok || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: got %x, %v", n, got, ok)
		}
	}
	for _, bad := range []string{"00000000: 123\n", "hello\n", "00000000: zz  ..\n"} {
		if _, ok := parseHexDump(bad); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzCodecString(f *testing.F) {
	for _, c := range codecCases {
		f.Add(c.codec, c.tag, c.profile, unhex(f, c.extradata))
	}
	f.Fuzz(func(t *testing.T, codec, tag, profile string, extradata []byte) {
		got := codecString(codec, tag, profile, extradata)
		for _, r := range got {
			if r <= ' ' || r > '~' || strings.ContainsRune(`",;=`, r) {
				t.Errorf("%q cannot stand in a manifest", got)
			}
		}
		if len(got) > 60 {
			t.Errorf("%q is too long", got)
		}
		parseHexDump(string(extradata))
		unescaped := unescape(extradata)
		if len(unescaped) > len(extradata) {
			t.Errorf("unescape grew %x", extradata)
		}
	})
}
