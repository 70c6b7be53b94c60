package smooth_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/smooth"
)

var update = flag.Bool("update", false, "write the golden files anew")

func presentation() smooth.Presentation {
	private, _ := hex.DecodeString("1190")
	return smooth.Presentation{
		Duration: 50_050_000, Client: "a b & c.ismc",
		Streams: []smooth.Stream{
			{
				Kind: smooth.Video, Name: "video", Chunks: []smooth.Chunk{{0, 20_020_000}, {20_020_000, 20_020_000}, {40_040_000, 10_010_000}},
				Levels: []smooth.Level{
					{Bitrate: 1_500_000, FourCC: "H264", Private: []byte{0, 0, 0, 1, 0x67}, Width: 640, Height: 360, File: "a b & c_360.ismv", Track: 1},
					{Bitrate: 400_000, FourCC: "H264", Private: []byte{0, 0, 0, 1, 0x67}, Width: 320, Height: 180, File: "a b & c_180.ismv", Track: 1},
				},
			},
			{
				Kind: smooth.Audio, Name: "audio_eng", Language: "eng", Chunks: []smooth.Chunk{{0, 19_840_000}, {19_840_001, 30_000_000}},
				Levels: []smooth.Level{{Bitrate: 96_000, FourCC: "AACL", Private: private, SampleRate: 48000, Channels: 2, Bits: 16, File: "a b & c_360.ismv", Track: 2}},
			},
		},
	}
}

func TestManifests(t *testing.T) {
	t.Parallel()
	for name, got := range map[string]string{"client.ismc": presentation().ForPlayers(), "server.ism": presentation().ForServer()} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	want := smooth.Server{Client: "a b & c.ismc", Tracks: []smooth.Track{
		{"video", 1_500_000, "a b & c_360.ismv", 1}, {"video", 400_000, "a b & c_180.ismv", 1}, {"audio_eng", 96_000, "a b & c_360.ismv", 2},
	}}
	for _, wide := range []bool{false, true} {
		data := smooth.Encoded(presentation().ForServer(), wide)
		if bytes.HasPrefix(data, []byte{0xff, 0xfe}) != wide {
			t.Errorf("wide %t: it begins with % x", wide, data[:2])
		}
		got, err := smooth.ParseServer(data)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	if _, ok := want.Find("video", 96_000); ok {
		t.Error("found a track of another stream")
	}
	for _, bad := range []string{"", "<smil/>", "<html></html>", "<smil><head><meta name='clientManifestRelativePath' content='x'/></head></smil>"} {
		if _, err := smooth.ParseServer([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]smooth.Request{
		"Manifest": {Manifest: true}, "manifest": {Manifest: true},
		"QualityLevels(500000)/Fragments(video=20020000)":     {Bitrate: 500_000, Stream: "video", Time: 20_020_000},
		"qualitylevels(96000,x=1)/fragments(audio_eng=0)":     {Bitrate: 96_000, Stream: "audio_eng"},
		"QualityLevels(96000)/Fragments(audio=i)":             {},
		"QualityLevels(96000)/Fragments(audio=-1)":            {},
		"QualityLevels(96000)/Fragments(audio)":               {},
		"QualityLevels(96000)":                                {},
		"QualityLevels()/Fragments(video=0)":                  {},
		"QualityLevels(1)/Fragments(video=0)/../../../secret": {},
		"": {}, "other": {},
	} {
		got, ok := smooth.ParseRequest(path)
		if ok != (want != smooth.Request{}) || ok && got != want {
			t.Errorf("%q: got %+v, %t", path, got, ok)
		}
	}
}

func TestPrivateH264(t *testing.T) {
	t.Parallel()
	avcC := []byte{1, 0x4d, 0x40, 0x1e, 0xff, 0xe1, 0, 3, 0x67, 0x4d, 0x40, 1, 0, 2, 0x68, 0xee}
	got, err := smooth.PrivateH264(avcC)
	if err != nil || !bytes.Equal(got, []byte{0, 0, 0, 1, 0x67, 0x4d, 0x40, 0, 0, 0, 1, 0x68, 0xee}) {
		t.Errorf("got % x, %v", got, err)
	}
	for n := range avcC {
		if _, err := smooth.PrivateH264(avcC[:n]); err == nil && n < 11 {
			t.Errorf("%d bytes are enough", n)
		}
	}
}

func FuzzParseServer(f *testing.F) {
	f.Add(smooth.Encoded(presentation().ForServer(), true))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := smooth.ParseServer(data)
		if err == nil && len(s.Tracks) == 0 {
			t.Error("no tracks and no error")
		}
	})
}
