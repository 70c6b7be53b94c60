package testkit

import (
	"strings"
	"testing"
)

// TestLintPlaylist makes sure that the lint finds what is wrong.
func TestLintPlaylist(t *testing.T) {
	t.Parallel()
	media := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.4,\na.ts\n#EXT-X-ENDLIST\n"
	master := "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-STREAM-INF:BANDWIDTH=2,AVERAGE-BANDWIDTH=1,CODECS=\"a,b\",AUDIO=\"g\"\na.m3u8\n" +
		"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"g\",NAME=\"n\",DEFAULT=YES,AUTOSELECT=YES,URI=\"b.m3u8\"\n"
	for _, good := range []string{media, master} {
		if wrong := LintPlaylist(good); wrong != nil {
			t.Errorf("%v in\n%s", wrong, good)
		}
	}
	for _, c := range []struct{ in, old, new, want string }{
		{media, "#EXT-X-ENDLIST\n", "", "no end"},
		{media, "6.4", "6.5", "longer than the target"},
		{media, "VERSION:3", "VERSION:2", "needs version 3"},
		{media, "a.ts", "a b.ts", "not a URI"},
		{media, "a.ts", "a:b.ts", "strange scheme"},
		{media, "#EXTINF:6.4,\n", "", "no tag announces"},
		{media, "#EXTINF", "#EXT-X-NEW:1\n#EXTINF", "unknown tag"},
		{media, "#EXTINF", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=12\n#EXTINF", "bad value"},
		{media, "#EXTINF", "#EXT-X-MAP:URI=\"k\"\n#EXTINF", "needs version 6"},
		{media, "#EXTINF", "#EXT-X-VERSION:3\n#EXTINF", "comes twice"},
		{master, "AVERAGE-BANDWIDTH=1", "AVERAGE-BANDWIDTH=3", "average 3"},
		{master, "BANDWIDTH=2,", "", "BANDWIDTH is missing"},
		{master, "AUDIO=\"g\"", "AUDIO=\"h\"", "which there is not"},
		{master, "AUTOSELECT=YES", "AUTOSELECT=NO", "may not be selected"},
		{master, "a.m3u8\n", "", "between"},
		{master, "\"a,b\"", "\"a\"b", "something follows"},
		{master, "CODECS", "CODEX", "unknown attribute"},
		{master, "#EXT-X-MEDIA", "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"g\",NAME=\"n\",URI=\"c\"\n#EXT-X-MEDIA", "two renditions"},
	} {
		bad := strings.Replace(c.in, c.old, c.new, 1)
		if got := strings.Join(LintPlaylist(bad), "; "); !strings.Contains(got, c.want) {
			t.Errorf("%q is not found in\n%s\nbut %q", c.want, bad, got)
		}
	}
}
