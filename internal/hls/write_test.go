package hls_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/hls"
	"spool/internal/testkit"
)

var update = flag.Bool("update", false, "write the golden files anew")

const second = time.Second

func variants() []hls.Variant {
	return []hls.Variant{
		{Name: "v_360.m3u8", Bandwidth: 1200000, AverageBandwidth: 900000, Codecs: []string{"avc1.4d401e", "mp4a.40.2"}, Width: 640, Height: 360, FrameRate: 30000.0 / 1001},
		{Name: "v 720.m3u8", Bandwidth: 4200000, AverageBandwidth: 3900000, Codecs: []string{"avc1.64001f", "mp4a.40.2"}, Width: 1280, Height: 720, FrameRate: 30000.0 / 1001},
	}
}

func inGroups(audio, subtitles string) []hls.Variant {
	all := variants()
	for i := range all {
		all[i].Audio, all[i].Subtitles = audio, subtitles
	}
	return all
}

func english() hls.Rendition {
	return hls.Rendition{Type: hls.RenditionSubtitles, Group: "subs", Name: "English", Language: "eng", Default: true, URI: "v_en.m3u8"}
}

func masters() map[string]hls.Master {
	cmaf := inGroups("program_audio_0", "subs")
	for i := range cmaf {
		cmaf[i].VideoRange = "SDR"
	}
	cmaf[1].Codecs = []string{"av01.0.04M.08", "mp4a.40.2"}
	captioned := variants()
	captioned[0].ClosedCaptions, captioned[1].ClosedCaptions = "cc", "cc"
	none := variants()
	none[0].NoClosedCaptions, none[1].NoClosedCaptions = true, true
	return map[string]hls.Master{
		"muxed":     {Variants: variants()},
		"legacy":    {Variants: variants(), LegacyCodecs: true, OmitResolution: true},
		"subtitles": {Variants: inGroups("", "subs"), Renditions: []hls.Rendition{english()}},
		"audio": {Variants: inGroups("program_audio", ""), Renditions: []hls.Rendition{
			{Type: hls.RenditionAudio, Group: "program_audio", Name: "English", Language: "eng", Default: true, Channels: "2", URI: "a_en.m3u8"},
			{Type: hls.RenditionAudio, Group: "program_audio", Name: "What can \"be\" seen\n", Language: "eng", AutoSelect: true, Channels: "2", Characteristics: hls.DescribesVideo, URI: "a_dvs.m3u8"},
			{Type: hls.RenditionAudio, Group: "program_audio", Name: "中文", Language: "zho", Channels: "6", URI: "x:a.m3u8"},
		}},
		"cmaf": {Version: 6, Variants: cmaf, Renditions: []hls.Rendition{english(),
			{Type: hls.RenditionAudio, Group: "program_audio_0", Name: "Alternate Audio", Language: "eng", Default: true, Channels: "2", URI: "a.m3u8"}}},
		"captions": {Variants: captioned, Renditions: []hls.Rendition{
			{Type: hls.RenditionClosedCaptions, Group: "cc", Name: "English", Language: "eng", Default: true, InstreamID: "CC1"},
			{Type: hls.RenditionClosedCaptions, Group: "cc", Name: "Deutsch", Language: "deu", InstreamID: "CC2"},
		}},
		"no-captions": {Variants: none},
		"trick-play": {Variants: variants(),
			IFrames: []hls.IFrames{{Name: "v_360_I-Frame.m3u8", Bandwidth: 300000, AverageBandwidth: 200000, Codecs: []string{"avc1.4d401e"}, Width: 640, Height: 360}},
			Images:  []hls.Images{{Name: "v_tiles.m3u8", Bandwidth: 10000, AverageBandwidth: 9000, Width: 312, Height: 176}}},
		"offline":    {Variants: variants(), SessionKeys: []hls.Key{{Method: hls.KeySampleAES, URI: "https://k/1", Format: "com.apple.streamingkeydelivery", FormatVersions: "1"}}},
		"audio-only": {Variants: []hls.Variant{{Name: "a.m3u8", Bandwidth: 100000, AverageBandwidth: 96000, Codecs: []string{"mp4a.40.2"}}}},
	}
}

func medias() map[string]hls.Media {
	plain := []hls.Segment{{Name: "a b_00001.ts", Duration: 10010 * time.Millisecond}, {Name: "100%#?.ts", Duration: 2500 * time.Millisecond}, {Name: "x:y.ts", Duration: second}, {Name: "../o/é 1.ts", Duration: second}}
	ranges := []hls.Segment{{Name: "a.ts", Duration: 6 * second, Size: 5000}, {Name: "a.ts", Duration: 6 * second, Offset: 5000, Size: 4000}}
	key := hls.Key{Method: hls.KeyAES128, URI: "https://keys.example.com/1?a=b"}
	withIV := hls.Key{Method: hls.KeySampleAES, URI: "skd://1", IV: bytes.Repeat([]byte{0xab}, 16), Format: "com.apple.streamingkeydelivery", FormatVersions: "1/2"}
	return map[string]hls.Media{
		"odd":       {Segments: []hls.Segment{{Name: "a.ts", Duration: 2688 * time.Millisecond}, {Name: "b.ts", Duration: 1334666667}, {Name: "c.ts", Duration: 100 * second}}},
		"plain":     {Segments: plain},
		"integer":   {Segments: plain, IntegerDurations: true, SpecTargets: true, ForbidClientCache: true},
		"ranges":    {Segments: ranges},
		"base-url":  {Segments: plain, BaseURL: "https://cdn.example.com/v/"},
		"aes-128":   {Segments: plain, Keys: []hls.Key{key}},
		"sample":    {Segments: plain, Keys: []hls.Key{withIV}, ClearSegments: 1},
		"dated":     {Segments: plain, ProgramStart: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), ProgramPeriod: 12 * second},
		"dated-all": {Segments: ranges, ProgramStart: time.Date(2026, 11, 20, 10, 0, 0, 5e6, time.UTC)},
		"cmaf":      {Segments: []hls.Segment{{Name: "v_000000001.cmfv", Duration: 6 * second}}, Map: &hls.Map{Name: "vinit.cmfv"}},
		"cmaf-one":  {Segments: ranges, Map: &hls.Map{Name: "a.ts", Size: 800}, Independent: true},
		"i-frames-sample": {IFramesOnly: true, Keys: []hls.Key{{Method: hls.KeySampleAES, URI: "https://k/1"}}, Segments: []hls.Segment{
			{Name: "a.ts", Duration: second, Size: 10, IV: hls.SequenceIV(1)}, {Name: "a.ts", Duration: second, Size: 10, Offset: 20, IV: hls.SequenceIV(1)}, {Name: "b.ts", Duration: second, Size: 10, IV: hls.SequenceIV(2)}}},
		"i-frames": {Segments: ranges, IFramesOnly: true},
		"tiles": {Version: 7, Segments: []hls.Segment{{Name: "t_00001.jpg", Duration: 30 * second}},
			Tiles: &hls.Tiles{Width: 312, Height: 176, Columns: 5, Rows: 6, Interval: second}},
	}
}

// TestGolden holds every form of playlist against a golden file, and every one
// against the standard.
func TestGolden(t *testing.T) {
	t.Parallel()
	check := func(name, text string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, wrong := range testkit.LintPlaylist(text) {
				t.Errorf("%s\n%s", wrong, text)
			}
			file := filepath.Join("testdata", name+".m3u8")
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), text); d != "" {
				t.Errorf("%s differs (run with -update if it should):\n%s", file, d)
			}
		})
	}
	for name, m := range masters() {
		check("master-"+name, m.String())
	}
	for name, m := range medias() {
		check("media-"+name, m.String())
	}
}

// TestHostileNames writes names and texts that try to break out of their place.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{"a\n#EXT-X-ENDLIST", "\",URI=\"x", "\r", "a\u2028b", "\xff\xfe", "\uFEFF", "a\x00b", "$(x)", "#", "?a=b", "//host/x", "javascript:x", "\u0085"} {
		m := hls.Master{Variants: inGroups(evil+"g", ""), Renditions: []hls.Rendition{
			{Type: hls.RenditionAudio, Group: evil + "g", Name: evil, Language: evil, Channels: "2", Default: true, URI: evil + ".m3u8"},
		}}
		m.Variants[0].Name = evil + ".m3u8"
		for _, wrong := range testkit.LintPlaylist(m.String()) {
			t.Errorf("%q: %s\n%s", evil, wrong, m)
		}
		s := hls.Media{Segments: []hls.Segment{{Name: evil + ".ts", Duration: second}}}
		for _, wrong := range testkit.LintPlaylist(s.String()) {
			t.Errorf("%q: %s\n%s", evil, wrong, s)
		}
		k := hls.Media{Segments: []hls.Segment{{Name: "a.ts", Duration: second}}, BaseURL: evil, Keys: []hls.Key{{Method: hls.KeyAES128, URI: evil, Format: evil}}}
		if got := strings.Count(k.String(), "\n"); got != strings.Count(hls.Media{Segments: k.Segments, Keys: k.Keys[:1]}.String(), "\n") || strings.Count(k.String(), "#EXT-X-ENDLIST\n") != 1 {
			t.Errorf("%q: lines\n%s", evil, k)
		}
	}
}

// TestEncrypt decrypts what was encrypted with the standard library alone, at
// all lengths around a block and around the buffer.
func TestEncrypt(t *testing.T) {
	t.Parallel()
	key, iv := []byte("0123456789abcdef"), hls.SequenceIV(258)
	if !bytes.Equal(iv, append(make([]byte, 14), 1, 2)) {
		t.Errorf("vector %x", iv)
	}
	for _, n := range []int{0, 1, 15, 16, 17, 64<<10 - 1, 64 << 10, 64<<10 + 1, 200000} {
		plain := bytes.Repeat([]byte("segment"), n/7+1)[:n]
		var out bytes.Buffer
		if err := hls.Encrypt(&out, bytes.NewReader(plain), key, iv); err != nil {
			t.Fatal(err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		got := out.Bytes()
		if len(got) != n-n%16+16 {
			t.Fatalf("%d bytes became %d", n, len(got))
		}
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(got, got)
		fill := int(got[len(got)-1])
		if fill < 1 || fill > 16 || !bytes.Equal(got[len(got)-fill:], bytes.Repeat([]byte{byte(fill)}, fill)) || !bytes.Equal(got[:len(got)-fill], plain) {
			t.Errorf("%d bytes do not come back", n)
		}
	}
	if err := hls.Encrypt(&bytes.Buffer{}, &bytes.Buffer{}, key[:8], iv); err == nil {
		t.Error("a short key was taken")
	}
}
