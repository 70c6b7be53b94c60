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
			want: []Segment{{Name: "a_00001.ts", Duration: 10010 * time.Millisecond}, {Name: "a_00002.ts", Duration: 2500 * time.Millisecond}},
		},
		{
			name: "one file",
			text: "#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:100@8\na.ts\n#EXTINF:1,\n#EXT-X-BYTERANGE:50\na.ts\n#EXT-X-ENDLIST\n",
			want: []Segment{{Name: "a.ts", Duration: time.Second, Offset: 8, Size: 100}, {Name: "a.ts", Duration: time.Second, Offset: 108, Size: 50}},
		},
		{name: "nonsense range", text: "#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:-1@0\na.ts\n#EXT-X-ENDLIST\n", wantErr: "bad byte range"},
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
