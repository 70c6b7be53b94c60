package dash_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/dash"
	"spool/internal/spool"
)

var update = flag.Bool("update", false, "write the golden files anew")

func video(id string, w, h int, rate spool.Rational, segments ...uint64) dash.Stream {
	return dash.Stream{
		ID: id, Kind: dash.Video, Bandwidth: int64(w * 1000), MIME: "video/mp4", Codecs: "avc1.4d401e", Width: w, Height: h, FrameRate: rate,
		Template: &dash.Template{Init: "a_" + id + "init.mp4", Media: "a_" + id + "_$Number%09d$.mp4", Timescale: 30000, Segments: segments},
	}
}

func audio(id, language string) dash.Stream {
	return dash.Stream{
		ID: id, Kind: dash.Audio, Bandwidth: 96000, MIME: "audio/mp4", Codecs: "mp4a.40.2", SampleRate: 48000, Channels: 2,
		ChannelScheme: "urn:mpeg:mpegB:cicp:ChannelConfiguration", ChannelValue: "2", Language: language, Roles: []string{"main"},
		Template: &dash.Template{Init: "a_" + id + "init.mp4", Media: "a_" + id + "_$Number%09d$.mp4", Timescale: 48000, Segments: []uint64{192512, 191488}},
	}
}

var (
	ntsc = spool.Rational{Num: 30000, Den: 1001}
	pal  = spool.Rational{Num: 25, Den: 1}
)

func manifests() map[string]dash.Manifest {
	base := func(style dash.Style, streams ...dash.Stream) dash.Manifest {
		return dash.Manifest{Profiles: []dash.Profile{dash.Main}, Duration: 9009 * time.Millisecond, MinBuffer: 4 * time.Second, Style: style, Streams: streams}
	}
	ladder := func() []dash.Stream {
		return []dash.Stream{
			video("1", 640, 360, ntsc, 120120, 120120, 30030), video("2", 320, 180, ntsc, 120120, 120120, 30030),
			video("3", 160, 90, pal, 120000, 120000, 30000), audio("4", "en"), audio("5", "fr"),
		}
	}
	approximate := base(dash.Basic, ladder()[0], ladder()[3])
	approximate.Streams[0].Template.Nominal = 120120
	approximate.BaseURL = "https://cdn.example/a&b/"
	approximate.Profiles = append(approximate.Profiles, dash.HbbTV)

	single := base(dash.Basic, ladder()[0], ladder()[3])
	single.Profiles = []dash.Profile{dash.OnDemand}
	for i := range single.Streams {
		s := &single.Streams[i]
		s.Base = &dash.Base{File: "a b$_" + s.ID + ".mp4", Timescale: s.Template.Timescale, Init: dash.Range{Size: 874}, Index: dash.Range{Offset: 874, Size: 56}}
		s.Template = nil
	}

	protected := base(dash.Basic, ladder()[0])
	protected.Streams[0].Protection = []dash.Protection{
		{Scheme: "urn:mpeg:dash:mp4protection:2011", Value: "cbcs", KeyID: "00112233-4455-6677-8899-aabbccddeeff"},
		{Scheme: "urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b", PSSH: "AAAANHBzc2g="},
	}

	extras := base(dash.Basic, ladder()[0], ladder()[3])
	trick := video("t", 640, 360, ntsc, 240240, 30030)
	trick.TrickPlay = true
	tiles := dash.Stream{
		ID: "i", Kind: dash.Images, Bandwidth: 12000, MIME: "image/jpeg", Width: 3120, Height: 1760,
		Essential: []dash.Descriptor{{Scheme: "http://dashif.org/guidelines/thumbnail_tile", Value: "10x10"}},
		Template:  &dash.Template{Media: "a_tile_$Number%09d$.jpg", Timescale: 1, Segments: []uint64{100}, Nominal: 100},
	}
	text := dash.Stream{
		ID: "v", Kind: dash.Text, Bandwidth: 256, MIME: "text/vtt", Language: "en", Label: `English <"CC">`, Roles: []string{"subtitle"},
		Accessibility: []dash.Descriptor{{Scheme: "urn:tva:metadata:cs:AudioPurposeCS:2007", Value: "2"}}, File: "a_en.vtt",
	}
	extras.Streams = append(extras.Streams, trick, tiles, text)

	timed := base(dash.Basic, ladder()[0])
	timed.Streams[0].Template.Media = "a_$Time$_$$5_$RepresentationID$ é.mp4"
	timed.Streams[0].Template.Start, timed.Streams[0].Template.Offset = 2002, 2002
	timed.Streams[0].SampleAspect = spool.Rational{Num: 4, Den: 3}

	return map[string]dash.Manifest{
		"basic": base(dash.Basic, ladder()...), "compact": base(dash.Compact, ladder()...),
		"distinct": base(dash.Distinct, ladder()...), "full": base(dash.Full, ladder()[:1]...),
		"approximate": approximate, "single-file": single, "protected": protected, "extras": extras, "timed": timed,
	}
}

func TestManifests(t *testing.T) {
	t.Parallel()
	for name, m := range manifests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", name+".mpd")
			if *update {
				if err := os.WriteFile(path, []byte(m.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), m.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	v := dash.Values{Representation: "3", Bandwidth: 96000, Number: 7, Time: 120120}
	for template, want := range map[string]string{
		"a_$Number%09d$.mp4":                    "a_000000007.mp4",
		"a_$Number$.mp4":                        "a_7.mp4",
		"$RepresentationID$/$Bandwidth$/$Time$": "3/96000/120120",
		"5$$ and $Number$":                      "5$ and 7",
		"$unknown$_$Number%x$":                  "$unknown$_$Number%x$",
		"$Number":                               "$Number",
		dash.Literal("$Number$"):                "$Number$",
	} {
		if got := dash.Fill(template, v); got != want {
			t.Errorf("%s: got %s, want %s", template, got, want)
		}
	}
	if !dash.Uses("a_$Time$", dash.IDTime) || dash.Uses("a_$$Time$$", dash.IDTime) || !dash.Uses("$Number%05d$", dash.IDNumber) {
		t.Error("Uses finds the wrong identifiers")
	}
}

func TestNominal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name               string
		segments           []uint64
		asked, total, want uint64
	}{
		{"sound near the grid", []uint64{192512, 191488, 192512, 50000}, 192000, 626512, 192000},
		{"frames near the grid", []uint64{120120, 120120, 45045}, 120000, 285285, 120000},
		{"whole frames to the end", []uint64{120120, 120120}, 120000, 240240, 120120},
		{"a joined tail", []uint64{120, 120, 150}, 120, 390, 0},
		{"a period that tells of one more", []uint64{120, 120}, 120, 241, 0},
		{"far off", []uint64{100, 160, 100}, 120, 360, 0},
		{"one", []uint64{50}, 120, 50, 120},
		{"none", nil, 120, 120, 0},
	} {
		if got := dash.Nominal(tc.segments, tc.asked, tc.total); got != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.want)
		}
	}
}

const packed = `<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013" type="static" mediaPresentationDuration="PT7.007S">
 <Period id="0"><AdaptationSet id="0" contentType="video">
  <ContentProtection value="cbcs" schemeIdUri="urn:mpeg:dash:mp4protection:2011" cenc:default_KID="0011"/>
  <ContentProtection schemeIdUri="urn:uuid:1077"><cenc:pssh>AAAA</cenc:pssh></ContentProtection>
  <Representation id="0" bandwidth="277206" codecs="avc1.64000d" mimeType="video/mp4">
   <SegmentTemplate timescale="30000" initialization="vinit.mp4" media="v_$Number%09d$.mp4" startNumber="1">
    <SegmentTimeline><S t="0" d="120120" r="1"/><S t="240240" d="30030"/></SegmentTimeline></SegmentTemplate></Representation></AdaptationSet>
  <AdaptationSet id="1" contentType="audio"><Representation id="1" bandwidth="99012" codecs="mp4a.40.2" mimeType="audio/mp4">
   <AudioChannelConfiguration schemeIdUri="urn:x" value="2"/><BaseURL>a.mp4</BaseURL>
   <SegmentBase indexRange="833-888" timescale="48000"><Initialization range="0-832"/></SegmentBase></Representation></AdaptationSet></Period></MPD>`

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := dash.Parse([]byte(packed))
	if err != nil {
		t.Fatal(err)
	}
	want := []dash.Packed{
		{
			File: "vinit.mp4", Media: "v_$Number%09d$.mp4", Timescale: 30000, Segments: []uint64{120120, 120120, 30030},
			Codecs: "avc1.64000d", Bandwidth: 277206,
			Protection: []dash.Protection{{Scheme: "urn:mpeg:dash:mp4protection:2011", Value: "cbcs", KeyID: "0011"}, {Scheme: "urn:uuid:1077", PSSH: "AAAA"}},
		},
		{
			File: "a.mp4", Timescale: 48000, Codecs: "mp4a.40.2", Bandwidth: 99012, Channels: "2", ChannelURI: "urn:x",
			Init: dash.Range{Size: 833}, Index: dash.Range{Offset: 833, Size: 56},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for name, change := range map[string][2]string{
		"a gap":        {`t="240240"`, `t="240241"`},
		"endless":      {` r="1"`, ` r="99999999999"`},
		"live":         {`type="static"`, `type="dynamic"`},
		"no range":     {`"833-888"`, `"888-833"`},
		"no timescale": {`timescale="30000"`, ``},
		"cut":          {`</MPD>`, ``},
	} {
		if _, err := dash.Parse([]byte(strings.Replace(packed, change[0], change[1], 1))); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What is written is read back as it was meant.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	m := manifests()["basic"]
	got, err := dash.Parse([]byte(m.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(m.Streams) {
		t.Fatalf("%d streams of %d", len(got), len(m.Streams))
	}
	for i, s := range m.Streams {
		if !slices.Equal(got[i].Segments, s.Template.Segments) || got[i].File != s.Template.Init {
			t.Errorf("stream %d: %v instead of %v", i, got[i], s.Template)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(packed))
	f.Fuzz(func(t *testing.T, text []byte) {
		streams, err := dash.Parse(text)
		if err != nil {
			return
		}
		for _, s := range streams {
			if s.Media != "" && len(s.Segments) == 0 {
				t.Error("a template without segments")
			}
		}
	})
}

func FuzzFill(f *testing.F) {
	f.Add("a_$Number%09d$.mp4")
	f.Fuzz(func(t *testing.T, text string) {
		if got := dash.Fill(dash.Literal(text), dash.Values{Number: 1}); got != text {
			t.Errorf("a literal %q became %q", text, got)
		}
	})
}
