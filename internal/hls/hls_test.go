package hls

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseMedia(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text, wantErr string
		want                []Segment
	}{
		{
			name: "as FFmpeg writes it",
			text: "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.010000,\na_00001.ts\n#EXTINF:2.5,\na_00002.ts\n#EXT-X-ENDLIST\n",
			want: []Segment{{"a_00001.ts", 10010 * time.Millisecond}, {"a_00002.ts", 2500 * time.Millisecond}},
		},
		{name: "killed writer", text: "#EXTM3U\n#EXTINF:10,\na.ts\n", wantErr: "no #EXT-X-ENDLIST"},
		{name: "disk full", text: "", wantErr: "#EXTM3U"},
		{name: "empty", text: "#EXTM3U\n#EXT-X-ENDLIST\n", wantErr: "no segments"},
		{name: "no duration", text: "#EXTM3U\na.ts\n#EXT-X-ENDLIST\n", wantErr: "line 2"},
		{name: "nonsense duration", text: "#EXTM3U\n#EXTINF:NaN,\na.ts\n#EXT-X-ENDLIST\n", wantErr: "bad duration"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseMedia(tc.text)
			if tc.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
					t.Fatalf("error %v, want one about %q", err, tc.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMedia(t *testing.T) {
	t.Parallel()
	m := Media{Segments: []Segment{{"a b_00001.ts", 10010 * time.Millisecond}, {"100%#?.ts", 2500 * time.Millisecond}, {"x:y.ts", time.Second}, {"../o/é 1.ts", time.Second}}}
	want := `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:11
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:10.01,
a%20b_00001.ts
#EXTINF:2.5,
100%25%23%3F.ts
#EXTINF:1,
./x:y.ts
#EXTINF:1,
../o/%C3%A9%201.ts
#EXT-X-ENDLIST
`
	if d := cmp.Diff(want, m.String()); d != "" {
		t.Error(d)
	}
	m.IntegerDurations, m.SpecTargets, m.ForbidClientCache = true, true, true
	for _, part := range []string{"TARGETDURATION:10\n", "#EXTINF:10,\n", "#EXTINF:3,\n", "#EXT-X-ALLOW-CACHE:NO\n"} {
		if !strings.Contains(m.String(), part) {
			t.Errorf("%q is missing in\n%s", part, m)
		}
	}
}

func TestMaster(t *testing.T) {
	t.Parallel()
	m := Master{Variants: []Variant{
		{Name: "v_360.m3u8", Bandwidth: 1200000, AverageBandwidth: 900000, Codecs: []string{"avc1.4d401e", "mp4a.40.2"}, Width: 640, Height: 360, FrameRate: 30000.0 / 1001},
		{Name: "a.m3u8", Bandwidth: 100000, AverageBandwidth: 96000, Codecs: []string{"mp4a.40.2"}},
	}}
	want := `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=1200000,AVERAGE-BANDWIDTH=900000,CODECS="avc1.4d401e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=29.970
v_360.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=96000,CODECS="mp4a.40.2"
a.m3u8
`
	if d := cmp.Diff(want, m.String()); d != "" {
		t.Error(d)
	}
	m.LegacyCodecs, m.OmitResolution = true, true
	if got := m.String(); !strings.Contains(got, `CODECS="avc1.77.30,mp4a.40.2",FRAME-RATE`) {
		t.Error(got)
	}
}

func TestLegacyCodec(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"avc1.42001e": "avc1.66.30", "avc1.4d401f": "avc1.4d401f", "avc1.640028": "avc1.640028",
		"mp4a.40.2": "mp4a.40.2", "avc1.zz": "avc1.zz",
	} {
		if got := LegacyCodec(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func FuzzParseMedia(f *testing.F) {
	f.Add("#EXTM3U\n#EXTINF:10,\na.ts\n#EXT-X-ENDLIST\n")
	f.Add("#EXTM3U\n#EXTINF:1e300,\na.ts\n#EXT-X-ENDLIST\n")
	f.Fuzz(func(t *testing.T, text string) {
		segments, err := ParseMedia(text)
		if err == nil && len(segments) == 0 {
			t.Error("no segments and no error")
		}
	})
}
