package captions_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/captions"
	"spool/internal/spool"
	"spool/internal/testkit"
)

const english = `1
00:00:00,500 --> 00:00:01,500
first <i>words</i>

2
00:00:02,200 --> 00:00:03,000
{\an8}second
of two lines

3
00:00:03,400 --> 00:00:05,000
third & last
`

// TestSidecars: captions of each kind of file become each other one, cut and
// moved with the clips of two inputs, in their styles where that is asked for.
func TestSidecars(t *testing.T) {
	t.Parallel()
	clip := gray(t, 4)
	clips := func(list ...string) []object {
		var out []object
		for i := 0; i < len(list); i += 2 {
			out = append(out, object{"startTimecode": list[i], "endTimecode": list[i+1]})
		}
		return out
	}
	styled := object{"stylePassthrough": "ENABLED"}
	d := job{
		files: []string{clip, clip},
		inputs: []object{
			// the first second and a half, and from 2.0 to 3.0
			{"inputClippings": clips("00:00:00:00", "00:00:00:24", "00:00:02:00", "00:00:02:24"), "captionSelectors": object{"c": from("SRT", "captions.srt")}},
			// all of it, a second later
			{"captionSelectors": object{"c": from("SRT", "captions.srt", "timeDelta", 1000, "timeDeltaUnits", "MILLISECONDS")}},
		},
		groups: []object{files(
			sidecar("RAW", "_s", described("c", "SRT", nil)), sidecar("RAW", "_i", described("c", "SRT", styled)),
			sidecar("RAW", "_v", described("c", "WEBVTT", styled)), sidecar("RAW", "_t", described("c", "TTML", nil)),
			sidecar("RAW", "_m", described("c", "IMSC", styled)), sidecar("RAW", "_a", described("c", "SMI", nil)), sidecar("RAW", "_c", described("c", "SCC", nil)),
			video("MP4", "_p"),
		)},
		more: map[string]string{"in/captions.srt": english},
	}.run(t)
	want := []string{
		"500 1000 first words", "1200 2000 second|of two lines",
		"3500 4500 first words", "5200 6000 second|of two lines",
	}
	for name, kind := range map[string]captions.Format{
		"v_s.srt": captions.SRT, "v_i.srt": captions.SRT, "v_v.vtt": captions.WebVTT, "v_t.ttml": captions.TTML, "v_m.xml": captions.TTML, "v_a.smi": captions.SMI,
	} {
		if got := cues(t, kind, d.read(t, name)); !closeCues(got, want, 1) {
			t.Errorf("%s: %s", name, cmp.Diff(want, got))
		}
	}
	if got := cues(t, captions.SCC, d.read(t, "v_c.scc")); !closeCues(got, want, 40) {
		t.Errorf("SCC: %s", cmp.Diff(want, got))
	}
	for name, part := range map[string]string{"v_i.srt": "<i>words</i>", "v_v.vtt": "line:5% position:50%\nsecond", "v_m.xml": "profile/imsc1/text"} {
		if !strings.Contains(d.read(t, name), part) {
			t.Errorf("%s has no %q:\n%s", name, part, d.read(t, name))
		}
	}
	if text := d.read(t, "v_s.srt"); strings.ContainsAny(text, "<{") {
		t.Errorf("style was passed through unasked:\n%s", text)
	}
	if got := testkit.Probe(t, d.path("v_p.mp4")).Seconds(); got < 5.9 || got > 6.1 {
		t.Errorf("the picture lasts %g s, not 6", got)
	}
}

// TestTimecodes: what SCC says are timecodes of the input's timeline.
func TestTimecodes(t *testing.T) {
	t.Parallel()
	clip := gray(t, 3)
	track := captions.Track{Cues: []captions.Cue{{Start: second, End: 2 * second, Lines: []captions.Line{{{Text: "at one"}}}}}}
	data, _, err := captions.Write(captions.SCC, track.Shift(3600*second), captions.WriteOptions{FrameRate: spool.Rational{Num: 25, Den: 1}})
	if err != nil {
		t.Fatal(err)
	}
	rate := object{"framerateNumerator": 25, "framerateDenominator": 1}
	d := job{
		files:  []string{clip},
		inputs: []object{{"timecodeSource": "SPECIFIEDSTART", "timecodeStart": "01:00:00:00", "captionSelectors": object{"c": from("SCC", "captions.scc", "framerate", rate)}}},
		groups: []object{files(sidecar("RAW", "_s", described("c", "SRT", nil)), video("MP4", "_p"))},
		more:   map[string]string{"in/captions.scc": string(data)},
	}.run(t)
	if got := cues(t, captions.SRT, d.read(t, "v_s.srt")); !closeCues(got, []string{"1000 2000 at one"}, 40) {
		t.Error(got)
	}
	// on a timeline from zero, they come an hour after the end
	d = job{
		files:  []string{clip},
		inputs: []object{{"captionSelectors": object{"c": from("SCC", "captions.scc", "framerate", rate)}}},
		groups: []object{files(sidecar("RAW", "_s", described("c", "SRT", nil)), video("MP4", "_p"))},
		more:   map[string]string{"in/captions.scc": string(data)},
	}.run(t)
	if d.warned(spool.WarnNoCaptions) == "" {
		t.Error("no captions are left, and nothing is said")
	}
}

// TestHLS: captions have a playlist and segments of their own, in step with the
// transport streams.
func TestHLS(t *testing.T) {
	t.Parallel()
	d := job{
		files:  []string{gray(t, 6)},
		inputs: []object{{"captionSelectors": object{"c": from("SRT", "captions.srt"), "d": from("SRT", "captions.srt", "timeDelta", 1)}}},
		groups: []object{
			hlsGroup(object{"segmentLength": 2, "minSegmentLength": 0, "captionSegmentLengthControl": "MATCH_VIDEO"},
				video("M3U8", "_v"),
				sidecar("M3U8", "vtt", object{"captionSelectorName": "c", "languageCode": "ENG", "languageDescription": "English (SDH)", "destinationSettings": object{
					"destinationType": "WEBVTT", "webvttDestinationSettings": object{"accessibility": "ENABLED"}}}),
				sidecar("M3U8", "fr", object{"captionSelectorName": "d", "languageCode": "FRA", "destinationSettings": object{"destinationType": "WEBVTT"}})),
			func() object {
				g := hlsGroup(object{"segmentLength": 2, "minSegmentLength": 0}, video("M3U8", "_v"), sidecar("M3U8", "vtt", described("c", "WEBVTT", nil)))
				g["outputGroupSettings"].(object)["hlsGroupSettings"].(object)["destination"] = "s3://out/large"
				return g
			}(),
		},
		more: map[string]string{"in/captions.srt": english},
	}.run(t)
	master := d.read(t, "index.m3u8")
	for _, part := range []string{
		`,SUBTITLES="subs"` + "\nindex_v.m3u8",
		`#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English (SDH)",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,LANGUAGE="eng",CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound",URI="indexvtt.m3u8"`,
		`#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="French",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,LANGUAGE="fra",URI="indexfr.m3u8"`,
	} {
		if !strings.Contains(master, part) {
			t.Errorf("the master playlist has no %s:\n%s", part, master)
		}
	}
	if faults := testkit.LintPlaylist(master); len(faults) > 0 {
		t.Error(faults)
	}
	want := []string{"500 1500 first words", "2200 3000 second|of two lines", "3400 5000 third & last"}
	var all []string
	for n := 1; n <= 3; n++ {
		text := d.read(t, fmt.Sprintf("indexvtt_%05d.vtt", n))
		found := mapLine.FindStringSubmatch(text)
		if pts := fmt.Sprint(firstPTS(t, d.path("index_v_00001.ts"))); found == nil || found[1] != pts {
			t.Errorf("segment %d is mapped by %q; the picture begins at %s", n, found, pts)
		}
		for _, c := range cues(t, captions.WebVTT, text) {
			if len(all) == 0 || all[len(all)-1] != c {
				all = append(all, c)
			}
		}
	}
	if !closeCues(all, want, 1) {
		t.Error(cmp.Diff(want, all))
	}
	// the third lies in two segments, and stands in both
	if text := d.read(t, "indexvtt_00002.vtt"); !strings.Contains(text, "third") {
		t.Errorf("a cue over the boundary is missing in the first of its segments:\n%s", text)
	}
	if large := d.read(t, "largevtt.m3u8"); !strings.Contains(large, "#EXTINF:6,\nlargevtt_00001.vtt\n#EXT-X-ENDLIST") {
		t.Errorf("captions have one segment for five minutes:\n%s", large)
	}
}

// TestBurnIn: text is drawn in its time and place, in the asked look.
func TestBurnIn(t *testing.T) {
	t.Parallel()
	const text = "1\n00:00:00,520 --> 00:00:01,200\n<font color=\"#ff0000\">HHHHHH</font>\n\n2\n00:00:02,000 --> 00:00:02,400\n{\\an7}HHHHHH\n"
	burn := func(settings object) object { return described("c", "BURN_IN", settings) }
	d := job{
		files:  []string{gray(t, 3)},
		inputs: []object{{"captionSelectors": object{"c": from("SRT", "captions.srt")}}},
		groups: []object{files(
			video("MP4", "_default", burn(nil)),
			video("MP4", "_styled", burn(object{"stylePassthrough": "ENABLED", "fontSize": 30})),
			video("MP4", "_placed", burn(object{"fontColor": "YELLOW", "fontSize": 40, "outlineSize": 0, "alignment": "LEFT", "xPosition": 20, "yPosition": 30})),
			video("MP4", "_boxed", burn(object{"backgroundColor": "WHITE", "backgroundOpacity": 255, "fontColor": "HEX", "hexFontColor": "0000FF", "outlineSize": 0, "fontSize": 30})),
			video("MP4", "_shadow", burn(object{"shadowColor": "WHITE", "shadowOpacity": 255, "shadowXOffset": 0, "shadowYOffset": -30, "fontColor": "BLACK", "outlineSize": 0})),
			video("MP4", "_thick", burn(object{"outlineColor": "GREEN", "outlineSize": 6})),
			video("MP4", "_faint", burn(object{"fontOpacity": 0})),
			video("MP4", "_none"),
		)},
		more: map[string]string{"in/captions.srt": text},
	}.run(t)
	pictures := map[string][][]byte{}
	for _, name := range []string{"default", "styled", "placed", "boxed", "shadow", "thick", "faint", "none"} {
		pictures[name] = frames(t, d.path("v_"+name+".mp4"))
	}
	if got := fmt.Sprint(spans(pictures["default"])); got != "[[13 29] [50 59]]" {
		t.Errorf("text is seen in the frames %s, not [[13 29] [50 59]]", got)
	}
	for _, name := range []string{"none", "faint"} {
		if got := spans(pictures[name]); got != nil {
			t.Errorf("%s: something is drawn in %v", name, got)
		}
	}
	at := func(name string, n int) ([]byte, box) {
		pix := pictures[name][n]
		return pix, drawn(pix)
	}
	pix, b := at("default", 20)
	if like(pix, 255, 255, 255) < 8 || like(pix, 0, 0, 0) < 20 || b.top < 140 || b.bottom > 178 || b.left+b.right < 310 || b.left+b.right > 330 {
		t.Errorf("default: not white with a black outline at the bottom centre: %+v, white %d, black %d", b, like(pix, 255, 255, 255), like(pix, 0, 0, 0))
	}
	if _, second := at("default", 55); second.top < 140 {
		t.Errorf("default: a place was passed through unasked: %+v", second)
	}
	if pix, _ := at("styled", 20); like(pix, 255, 0, 0) < 20 {
		t.Error("styled: the text is not red")
	}
	if _, b := at("styled", 55); b.bottom > 60 || b.left > 40 {
		t.Errorf("styled: the second is not at the top left: %+v", b)
	}
	if pix, b := at("placed", 20); like(pix, 255, 255, 0) < 200 || b.left < 18 || b.left > 30 || b.top < 30 || b.top > 50 || b.bottom-b.top < 20 {
		t.Errorf("placed: %+v, yellow %d", b, like(pix, 255, 255, 0))
	}
	if pix, _ := at("boxed", 20); like(pix, 255, 255, 255) < 150 || like(pix, 0, 0, 255) < 10 {
		t.Errorf("boxed: white %d, blue %d", like(pix, 255, 255, 255), like(pix, 0, 0, 255))
	}
	if pix, b := at("shadow", 20); like(pix, 255, 255, 255) < 20 || b.top > 140 {
		t.Errorf("shadow: %+v, white %d", b, like(pix, 255, 255, 255))
	}
	if pix, _ := at("thick", 20); like(pix, 0, 255, 0) < 150 {
		t.Errorf("thick: green %d", like(pix, 0, 255, 0))
	}
}

// TestBadFile: a file that is not what it is said to be ends the job with the
// service's words, and the line.
func TestBadFile(t *testing.T) {
	t.Parallel()
	d := job{
		files:  []string{gray(t, 1)},
		inputs: []object{{"captionSelectors": object{"c": from("SRT", "captions.srt")}}},
		groups: []object{files(sidecar("RAW", "_s", described("c", "SRT", nil)), video("MP4", "_p"))},
		more:   map[string]string{"in/captions.srt": "1\n00:00:01,000 --> soon\nx\n"},
	}.try(t)
	code, message := d.failure()
	if code != spool.CodeFileAccess || !strings.Contains(message, "does not appear to be the correct type") || !strings.Contains(message, "line 2") {
		t.Errorf("%d: %s", code, message)
	}
}

// embedded makes a clip whose pictures carry closed captions of CC1, and one
// with text tracks beside them.
func embedded(t testing.TB, seconds int) string {
	t.Helper()
	track := captions.Track{Cues: []captions.Cue{
		{Start: second, End: 2 * second, Lines: []captions.Line{{{Text: "CARRIED"}}}},
		{Start: 2500 * second / 1000, End: 60 * second, Lines: []captions.Line{{{Text: "TO THE END"}}}},
	}}
	rate := spool.Rational{Num: 25, Den: 1}
	dir := t.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	carried := captions.Carried{}
	carried.Carry(captions.Encode608(track, rate).Times(rate), 1, rate)
	write("cc.h264", captions.Carrier(carried, int64(25*seconds)))
	write("a.srt", []byte("1\n00:00:00,400 --> 00:00:01,400\nfirst track\n"))
	write("b.srt", []byte("1\n00:00:00,600 --> 00:00:01,600\n<i>second</i> track\n"))
	cmd := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-framerate", "25", "-f", "h264", "-i", "cc.h264",
		"-f", "lavfi", "-i", fmt.Sprintf("color=c=0x606060:s=320x180:r=25:d=%d", seconds), "-i", "a.srt", "-i", "b.srt",
		"-filter_complex", "[0]scale=320:180[c];[c][1]overlay=format=yuv420[v]", "-map", "[v]", "-map", "2", "-map", "3",
		"-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "50", "-c:s", "mov_text", "v.mp4")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return filepath.Join(dir, "v.mp4")
}

// TestInside: captions inside of inputs are read, cut and joined as those of
// files are, to the very picture that shows them.
func TestInside(t *testing.T) {
	t.Parallel()
	clip := embedded(t, 4)
	selectors := object{
		"cc":   object{"sourceSettings": object{"sourceType": "EMBEDDED"}},
		"none": object{"sourceSettings": object{"sourceType": "EMBEDDED", "embeddedSourceSettings": object{"source608ChannelNumber": 3}}},
		"text": object{"sourceSettings": object{"sourceType": "TT_3GPP", "trackSourceSettings": object{"trackNumber": 2}}},
	}
	d := job{
		files: []string{clip, clip},
		inputs: []object{
			{"captionSelectors": selectors},
			{"captionSelectors": selectors, "inputClippings": []object{{"startTimecode": "00:00:01:10"}}},
		},
		groups: []object{files(
			sidecar("RAW", "_c", described("cc", "SRT", nil)), sidecar("RAW", "_n", described("none", "WEBVTT", nil)),
			sidecar("RAW", "_t", described("text", "WEBVTT", object{"stylePassthrough": "ENABLED"})),
			video("MP4", "_v", described("cc", "BURN_IN", nil)),
		)},
	}.run(t)
	want := []string{"1000 2000 CARRIED", "2500 4000 TO THE END", "4000 4600 CARRIED", "5100 6600 TO THE END"}
	if got := cues(t, captions.SRT, d.read(t, "v_c.srt")); !closeCues(got, want, 40) {
		t.Error(cmp.Diff(want, got))
	}
	if got := cues(t, captions.WebVTT, d.read(t, "v_n.vtt")); len(got) > 0 {
		t.Errorf("CC3 has nothing, and %q was found", got)
	}
	if got := cues(t, captions.WebVTT, d.read(t, "v_t.vtt")); !closeCues(got, []string{"600 1600 second track", "4000 4200 second track"}, 20) {
		t.Error(got)
	}
	if text := d.read(t, "v_t.vtt"); !strings.Contains(text, "<i>second</i>") {
		t.Errorf("the style is gone:\n%s", text)
	}
	if got := fmt.Sprint(spans(frames(t, d.path("v_v.mp4")))); got != "[[25 49] [63 114] [128 164]]" {
		t.Errorf("text is seen in the frames %s", got)
	}
}

// carriedCues reads closed captions out of a finished video by FFmpeg's own decoder.
func carriedCues(t testing.TB, path, field string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-data_field", field, "-f", "lavfi", "-i", "movie="+filepath.Base(path)+"[out0+subcc]", "-map", "s", "-f", "srt", "-")
	cmd.Dir = filepath.Dir(path)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		return nil
	}
	track, err := captions.Read(captions.SRT, out, captions.ReadOptions{})
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return short(track)
}

// TestEmbedded: closed captions of the input and of SCC files are in the
// pictures of outputs, of the asked channel, and nowhere else.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	track := captions.Track{Cues: []captions.Cue{{Start: second, End: 2 * second, Lines: []captions.Line{{{Text: "from a file"}}}}}}
	scc, _, err := captions.Write(captions.SCC, track, captions.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	clip := embedded(t, 4)
	slow := func(o object) object {
		h := o["videoDescription"].(object)["codecSettings"].(object)["h264Settings"].(object)
		h["framerateControl"], h["framerateNumerator"], h["framerateDenominator"] = "SPECIFIED", 24, 1
		return o
	}
	d := job{
		files: []string{clip},
		inputs: []object{{"inputClippings": []object{{"startTimecode": "00:00:00:05"}}, "captionSelectors": object{
			"cc": object{"sourceSettings": object{"sourceType": "EMBEDDED"}}, "scc": from("SCC", "captions.scc"),
		}}},
		groups: []object{
			files(
				video("MP4", "_same", described("cc", "EMBEDDED", nil)),
				slow(video("MP4", "_rate", described("cc", "EMBEDDED", nil))),
				video("MP4", "_file", described("scc", "EMBEDDED", object{"destination608ChannelNumber": 3}), described("cc", "EMBEDDED", nil)),
				video("MP4", "_none"),
			),
			hlsGroup(object{"segmentLength": 2, "minSegmentLength": 0, "captionLanguageSetting": "INSERT", "captionLanguageMappings": []object{
				{"captionChannel": 1, "languageCode": "ENG", "languageDescription": "English CC"}}}, video("M3U8", "_v", described("cc", "EMBEDDED", nil))),
		},
		more: map[string]string{"in/captions.scc": string(scc)},
	}.run(t)
	own := []string{"800 1800 CARRIED", "2320 4000 TO THE END"}
	for _, name := range []string{"same", "rate", "file"} {
		got := carriedCues(t, d.path("v_"+name+".mp4"), "first")
		for i := range got { // the last is on until the end
			if strings.HasSuffix(got[i], "TO THE END") {
				got[i] = "2320 4000 TO THE END"
			}
		}
		if !closeCues(got, own, 42) {
			t.Errorf("%s: %s", name, cmp.Diff(own, got))
		}
	}
	if got := carriedCues(t, d.path("v_file.mp4"), "second"); !closeCues(got, []string{"800 1800 from a file"}, 42) {
		t.Errorf("the second field: %q", got)
	}
	if got := carriedCues(t, d.path("v_none.mp4"), "first"); len(got) > 0 {
		t.Errorf("captions that were not asked for: %q", got)
	}
	for name, want := range map[string]int{"same": 95, "rate": 91, "file": 95, "none": 95} {
		if got := len(frames(t, d.path("v_"+name+".mp4"))); got != want {
			t.Errorf("%s has %d pictures, not %d", name, got, want)
		}
	}
	if pix := frames(t, d.path("v_file.mp4"))[10]; drawn(pix).drawn > 0 {
		t.Error("the carrier is seen")
	}
	master := d.read(t, "index.m3u8")
	for _, part := range []string{`CLOSED-CAPTIONS="cc"`, `#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",LANGUAGE="eng",NAME="English CC",AUTOSELECT=YES,DEFAULT=YES,INSTREAM-ID="CC1"`} {
		if !strings.Contains(master, part) {
			t.Errorf("the master playlist has no %s:\n%s", part, master)
		}
	}
}
