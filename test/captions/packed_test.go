package captions_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/captions"
	"spool/internal/testkit"
)

var ttmlDocument = regexp.MustCompile(`(?s)<\?xml.*?</tt>`)

// TestDASH: captions beside the segments of DASH and CMAF groups: as one file, as
// WebVTT segments for HLS, and in fragmented MP4.
func TestDASH(t *testing.T) {
	t.Parallel()
	testkit.NeedPackager(t)
	fragmented := func(o object) object {
		o["containerSettings"].(object)["mpdSettings"] = object{"captionContainerType": "FRAGMENTED_MP4"}
		return o
	}
	language := func(code string, o object) object {
		o["captionDescriptions"].([]object)[0]["languageCode"] = code
		return o
	}
	group := func(kind, settings, destination string, outputs ...object) object {
		return object{"outputs": outputs, "outputGroupSettings": object{"type": kind + "_GROUP_SETTINGS", settings: object{"destination": destination, "segmentLength": 2, "fragmentLength": 1}}}
	}
	d := job{
		files:  []string{gray(t, 6)},
		inputs: []object{{"captionSelectors": object{"c": from("SRT", "captions.srt"), "scc": from("SCC", "captions.scc")}}},
		groups: []object{
			group("DASH_ISO", "dashIsoGroupSettings", "s3://out/d",
				func() object {
					o := video("MPD", "_v", described("scc", "EMBEDDED", nil))
					o["containerSettings"].(object)["mpdSettings"] = object{"accessibilityCaptionHints": "INCLUDE"}
					o["captionDescriptions"].([]object)[0]["languageCode"] = "ENG"
					return o
				}(),
				language("ENG", sidecar("MPD", "_w", described("c", "WEBVTT", nil))),
				language("FRA", sidecar("MPD", "_t", described("c", "TTML", nil))),
				language("DEU", fragmented(sidecar("MPD", "_i", described("c", "IMSC", object{"stylePassthrough": "ENABLED"})))),
				language("SPA", fragmented(sidecar("MPD", "_f", described("c", "WEBVTT", nil))))),
			group("CMAF", "cmafGroupSettings", "s3://out/c",
				video("CMFC", "_v"),
				language("ENG", sidecar("CMFC", "_w", described("c", "WEBVTT", object{"accessibility": "ENABLED"}))),
				language("DEU", sidecar("CMFC", "_i", described("c", "IMSC", nil)))),
		},
		more: map[string]string{"in/captions.srt": english, "in/captions.scc": "Scenarist_SCC V1.0\n\n00:00:01;00\t9420 9420 9470 9470 c8e5 ecec ef80 942f 942f\n"},
	}.run(t)
	want := []string{"500 1500 first words", "2200 3000 second|of two lines", "3400 5000 third & last"}
	for name, kind := range map[string]captions.Format{"d_w.vtt": captions.WebVTT, "d_t.ttml": captions.TTML, "c_w.vtt": captions.WebVTT, "c_w_000000001.vtt": captions.WebVTT} {
		if got := cues(t, kind, d.read(t, name)); !closeCues(got, want, 1) {
			t.Errorf("%s: %s", name, cmp.Diff(want, got))
		}
	}
	for _, pattern := range []string{"d_i_*.mp4", "c_i_*.cmft"} {
		segments, err := filepath.Glob(d.path(pattern))
		if err != nil || len(segments) != 3 {
			t.Errorf("%s: %v, %v", pattern, segments, err)
		}
		var all []string
		for _, s := range segments {
			data, err := os.ReadFile(s)
			if err != nil {
				t.Fatal(err)
			}
			for _, document := range ttmlDocument.FindAllString(string(data), -1) {
				for _, c := range cues(t, captions.TTML, document) {
					if len(all) == 0 || all[len(all)-1] != c {
						all = append(all, c)
					}
				}
			}
		}
		texts := func(list []string) (out []string) {
			for _, c := range list {
				f := strings.SplitN(c, " ", 3)
				out = append(out, strings.Join(f[:1], " ")+" "+strings.Join(strings.Fields(strings.ReplaceAll(f[2], "|", " ")), " "))
			}
			return out
		}
		if fmt.Sprint(texts(all)) != fmt.Sprint(texts(want)) {
			t.Errorf("%s: %s", pattern, cmp.Diff(want, all))
		}
	}
	mpd := d.read(t, "d.mpd")
	for _, part := range []string{`mimeType="text/vtt" lang="eng"`, "<BaseURL>d_w.vtt</BaseURL>", `mimeType="application/ttml+xml" lang="fra"`, `codecs="stpp"`, `codecs="wvtt"`, `value="subtitle"`,
		`<Accessibility schemeIdUri="urn:scte:dash:cc:cea-608:2015" value="CC1=eng"/>`} {
		if !strings.Contains(mpd, part) {
			t.Errorf("the DASH manifest has no %s:\n%s", part, mpd)
		}
	}
	if mpd := d.read(t, "c.mpd"); !strings.Contains(mpd, `value="caption"`) || !strings.Contains(mpd, "<BaseURL>c_w.vtt</BaseURL>") {
		t.Errorf("the CMAF group's DASH manifest:\n%s", mpd)
	}
	master := d.read(t, "c.m3u8")
	for _, part := range []string{`SUBTITLES="subs"`, `URI="c_w.m3u8"`, `NAME="German",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,LANGUAGE="deu",URI="c_i.m3u8"`} {
		if !strings.Contains(master, part) {
			t.Errorf("the master playlist has no %s:\n%s", part, master)
		}
	}
}
