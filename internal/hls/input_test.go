package hls_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/hls"
)

func TestParseInput(t *testing.T) {
	t.Parallel()
	master := "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-STREAM-INF:CODECS=\"a,BANDWIDTH=9\",BANDWIDTH=100\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900\nsub/high.m3u8?x=1\n#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=1000\nnone.m3u8\n"
	media := "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:6,\n#EXT-X-BYTERANGE:10@5\na.ts\n#EXTINF:3.5,\nb.ts\n"
	got, err := hls.ParseInput(master)
	if err != nil || got.Variant != "sub/high.m3u8?x=1" || got.Segments != nil {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = hls.ParseInput(media)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]hls.Segment{{Name: "a.ts", Duration: 6 * time.Second, Offset: 5, Size: 10}, {Name: "b.ts", Duration: 3500 * time.Millisecond}}, got.Segments); d != "" {
		t.Error(d)
	}
	for name, c := range map[string]struct{ text, want string }{
		"encrypted":   {strings.Replace(media, "#EXTINF", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF", 1), "#EXT-X-KEY"},
		"fMP4":        {strings.Replace(media, "#EXTINF", "#EXT-X-MAP:URI=\"i\"\n#EXTINF", 1), "#EXT-X-MAP"},
		"independent": {strings.Replace(master, "#EXT-X-STREAM", "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-STREAM", 1), "#EXT-X-INDEPENDENT-SEGMENTS"},
		"version":     {strings.Replace(media, "#EXT-X-TARGET", "#EXT-X-VERSION:6\n#EXT-X-TARGET", 1), "version"},
		"live":        {strings.Replace(media, "#EXT-X-PLAYLIST-TYPE:VOD\n", "", 1), "goes on"},
		"nothing":     {"", "goes on"},
		"no playlist": {strings.Replace(media, "#EXTM3U\n", "", 1), "#EXTM3U"},
		"too large":   {strings.Repeat("#\n", hls.MaxPlaylist), "larger"},
		"too many":    {"#EXTM3U\n" + strings.Repeat("#EXTINF:1,\na\n", 50_001) + "#EXT-X-ENDLIST\n", "more than 50000"},
	} {
		if _, err := hls.ParseInput(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want one about %q", name, err, c.want)
		}
	}
}

func FuzzParseInput(f *testing.F) {
	f.Add("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=\"\n")
	f.Add("#EXTM3U\n#EXT-X-STREAM-INF:A=\"x\",BANDWIDTH=1\na\n")
	f.Add("#EXTM3U\n#EXTINF:1,\na\n#EXT-X-ENDLIST\n")
	f.Fuzz(func(t *testing.T, text string) {
		in, err := hls.ParseInput(text)
		if err == nil && in.Variant == "" && len(in.Segments) == 0 {
			t.Error("nothing and no error")
		}
	})
}
