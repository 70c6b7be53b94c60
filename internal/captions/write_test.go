package captions

import (
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample has what the formats differ in: styles, colours, places, characters that
// are syntax somewhere, cues of one time, and cues that touch.
func sample() Track {
	line := func(text string, s Style) Line { return Line{{Text: text, Style: s}} }
	return Track{Language: "en", Cues: []Cue{
		{Start: 1 * time.Second, End: 2500 * time.Millisecond, Lines: []Line{line("Tom & <Jerry> {run}", Style{}), line("¿Qué? naïve", Style{Italic: true})}},
		{Start: 2500 * time.Millisecond, End: 4 * time.Second, Lines: []Line{{{Text: "red", Style: Style{Color: RGB(0xff0000)}}, {Text: " and bold", Style: Style{Bold: true}}}},
			Place: &Place{X: 50, Y: 10, Anchor: AnchorTop}},
		{Start: 6 * time.Second, End: 7 * time.Second, Lines: []Line{line("left", Style{Underline: true})}, Place: &Place{X: 10, Y: 90, Align: AlignStart}},
		{Start: 8 * time.Second, End: 9 * time.Second, Lines: []Line{line("below", Style{})}, Place: &Place{X: 50, Y: 90}},
		{Start: 8 * time.Second, End: 9 * time.Second, Lines: []Line{line("above", Style{Color: RGB(0x00ffff)})}, Place: &Place{X: 50, Y: 10, Anchor: AnchorTop}},
	}}
}

// Every format is written as its golden file says, and read again as it was.
func TestWrite(t *testing.T) {
	t.Parallel()
	x, y := 40, 60
	for _, tc := range []struct {
		name string
		kind Format
		opts WriteOptions
		look *Look
	}{
		{name: "styled.srt", kind: SRT, opts: WriteOptions{Styled: true}},
		{name: "plain.srt", kind: SRT},
		{name: "styled.vtt", kind: WebVTT, opts: WriteOptions{VTT: VTTStyled}},
		{name: "merge.vtt", kind: WebVTT, opts: WriteOptions{VTT: VTTMerge}},
		{name: "plain.vtt", kind: WebVTT},
		{name: "styled.ttml", kind: TTML, opts: WriteOptions{Styled: true, Language: "en"}},
		{name: "plain.ttml", kind: TTML, opts: WriteOptions{Language: "fr-CA"}},
		{name: "imsc.xml", kind: IMSC, opts: WriteOptions{Styled: true, Language: "en"}},
		{name: "styled.smi", kind: SMI, opts: WriteOptions{Styled: true, Language: "en"}},
		{name: "drop.scc", kind: SCC, opts: WriteOptions{DropFrame: true}},
		{name: "film.scc", kind: SCC, opts: WriteOptions{FrameRate: spool.Rational{Num: 24, Den: 1}}},
		{name: "default.ass", look: &Look{Width: 640, Height: 360, Font: "sans-serif", Color: RGB(0xffffff), OutlineColor: RGB(0), Outline: -1}},
		{name: "styled.ass", look: &Look{Width: 640, Height: 360, Font: "Some, Font", FontSize: 30, Color: RGB(0xffff00), OutlineColor: RGB(0xff), Outline: 3,
			Background: 0x00000080, Shadow: RGB(0), ShadowX: 2, ShadowY: -1, Styled: true}},
		{name: "placed.ass", look: &Look{Width: 640, Height: 360, Font: "serif", Color: RGB(0xffffff), OutlineColor: RGB(0), X: &x, Y: &y, Left: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []byte
			if tc.look != nil {
				got = WriteASS(sample(), *tc.look)
			} else {
				var err error
				if got, _, err = Write(tc.kind, sample(), tc.opts); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join("testdata", tc.name)
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

// What a format can say comes back from it.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind Format
		opts WriteOptions
		near time.Duration
	}{
		{WebVTT, WriteOptions{VTT: VTTStyled}, 0},
		{TTML, WriteOptions{Styled: true, Language: "en"}, 0},
		{IMSC, WriteOptions{Styled: true, Language: "en"}, 0},
		{SRT, WriteOptions{Styled: true}, 0},
		{SMI, WriteOptions{Styled: true, Language: "en"}, 0},
		{SCC, WriteOptions{DropFrame: true}, 17 * time.Millisecond},
	} {
		data, written, err := Write(tc.kind, sample(), tc.opts)
		if err != nil {
			t.Fatal(err)
		}
		if written.Lost != 0 || written.Late > tc.near {
			t.Errorf("%s: %+v", tc.kind, written)
		}
		got, err := Read(tc.kind, data, ReadOptions{})
		if err != nil {
			t.Errorf("%s: %v", tc.kind, err)
			continue
		}
		want := sample()
		if tc.kind == SRT || tc.kind == SMI {
			want = want.Merged()
		}
		if tc.kind == SCC {
			got, want = got.Merged(), want.Merged()
		}
		if len(got.Cues) != len(want.Cues) {
			t.Errorf("%s: %d cues, want %d\n%s", tc.kind, len(got.Cues), len(want.Cues), strings.Join(show(got), "\n"))
			continue
		}
		for i, c := range got.Cues {
			w := want.Cues[i]
			text := w.Plain()
			if tc.kind == SCC {
				text = strings.ReplaceAll(text, "\u00a0", " ")
			}
			if c.Plain() != text || (c.Start-w.Start).Abs() > tc.near || (c.End-w.End).Abs() > tc.near {
				t.Errorf("%s: cue %d is %q, want %q", tc.kind, i, show(Track{Cues: []Cue{c}}), show(Track{Cues: []Cue{w}}))
			}
			if tc.kind == WebVTT || tc.kind == TTML || tc.kind == IMSC {
				if d := cmp.Diff(w.Place, c.Place); d != "" && w.Place != nil {
					t.Errorf("%s: cue %d stands elsewhere: %s", tc.kind, i, d)
				}
				if d := cmp.Diff(w.Lines, uncolored(c.Lines)); d != "" {
					t.Errorf("%s: cue %d: %s", tc.kind, i, d)
				}
			}
		}
	}
}

// uncolored takes the default colour away that TTML says outright.
func uncolored(lines []Line) []Line {
	for _, l := range lines {
		for i := range l {
			if l[i].Style.Color == RGB(0xffffff) {
				l[i].Style.Color = 0
			}
		}
	}
	return lines
}

func TestSegmentVTT(t *testing.T) {
	t.Parallel()
	track := Track{Cues: []Cue{
		{Start: time.Second, End: 11 * time.Second, Lines: []Line{{{Text: "long"}}}},
		{Start: 5 * time.Second, End: 10 * time.Second, Lines: []Line{{{Text: "to the edge"}}}},
		{Start: 25 * time.Second, End: 26 * time.Second, Lines: []Line{{{Text: "late"}}}},
	}}
	s := time.Second
	var got []string
	err := SegmentVTT(track, []Segment{{0, 10 * s}, {10 * s, 20 * s}, {20 * s, 30 * s}}, 1<<33+126000, VTTPlain, func(n int, data []byte) error {
		if n != len(got) {
			t.Errorf("segment %d comes after %d", n, len(got))
		}
		got = append(got, string(data))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const head = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\n\n"
	const long = "00:00:01.000 --> 00:00:11.000\nlong\n\n"
	want := []string{
		head + long + "00:00:05.000 --> 00:00:10.000\nto the edge\n\n", head + long,
		head + "00:00:25.000 --> 00:00:26.000\nlate\n\n",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestStrictVTT(t *testing.T) {
	t.Parallel()
	const in = "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\nx\n00:00:01.000 --> 00:00:02.000 region:a vertical:rl\n<v Bob>A<00:00:01.500> &amp; b</v>\n\n"
	track, err := Read(WebVTT, []byte(in), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := Write(WebVTT, track, WriteOptions{VTT: VTTStrict})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(in, string(out)); d != "" {
		t.Error(d)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	track := sample()
	s := time.Second
	got := Join(track.Cut(Clip{From: 2 * s, To: 3 * s, At: 0}), track.Cut(Clip{From: 6500 * time.Millisecond, To: 20 * s, At: s}))
	want := []string{
		"00:00:00.000 00:00:00.500 Tom & <Jerry> {run}|¿Qué? naïve", "00:00:00.500 00:00:01.000 red and bold",
		"00:00:01.000 00:00:01.500 left", "00:00:02.500 00:00:03.500 below", "00:00:02.500 00:00:03.500 above",
	}
	if d := cmp.Diff(want, show(got.Plain())); d != "" {
		t.Error(d)
	}
	if got := show(track.Shift(-2 * s).Plain())[0]; got != "00:00:00.000 00:00:00.500 Tom & <Jerry> {run}|¿Qué? naïve" {
		t.Error(got)
	}
}

// Text that follows too fast for two characters a frame comes late, and is told.
func TestEncode608(t *testing.T) {
	t.Parallel()
	var track Track
	for i := range 20 {
		at := time.Duration(i) * 200 * time.Millisecond
		track.Cues = append(track.Cues, Cue{Start: at, End: at + 200*time.Millisecond, Lines: []Line{{{Text: strings.Repeat("word ", 20) + "日本"}}}})
	}
	e := Encode608(track, ntsc)
	if e.Late < time.Second || e.Lost == 0 {
		t.Errorf("late by %s, %d characters lost", e.Late, e.Lost)
	}
	for i, p := range e.Pairs {
		if i > 0 && p.Frame <= e.Pairs[i-1].Frame {
			t.Fatalf("two pairs for frame %d", p.Frame)
		}
	}
}

// readers are fuzzed by what every result must be: readable again when written.
func fuzz(f *testing.F, kind Format) {
	f.Helper()
	for _, tc := range readCases {
		if tc.kind == kind {
			f.Add([]byte(tc.text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		track, err := Read(kind, data, ReadOptions{})
		if err != nil {
			return
		}
		for i, c := range track.Cues {
			if c.End <= c.Start || c.Start < 0 || len(c.Lines) == 0 || i > 0 && c.Start < track.Cues[i-1].Start {
				t.Fatalf("cue %d: %+v", i, c)
			}
		}
		if len(track.Cues) == 0 || len(track.Cues) > 100 {
			return
		}
		for _, w := range []struct {
			kind Format
			opts WriteOptions
		}{{WebVTT, WriteOptions{VTT: VTTStyled}}, {WebVTT, WriteOptions{VTT: VTTStrict}}, {TTML, WriteOptions{Styled: true}}, {SRT, WriteOptions{Styled: true}}, {SMI, WriteOptions{}}} {
			out, _, err := Write(w.kind, track, w.opts)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Read(w.kind, out, ReadOptions{})
			if err != nil {
				t.Fatalf("%s can't be read again: %v\n%q", w.kind, err, out)
			}
			if w.kind == TTML && xml.Unmarshal(out, new(struct{})) != nil {
				t.Fatalf("broken XML\n%q", out)
			}
			if len(again.Cues) > len(track.Cues)+1 {
				t.Fatalf("%s: %d cues became %d\n%q", w.kind, len(track.Cues), len(again.Cues), out)
			}
		}
		WriteASS(track, Look{Width: 320, Height: 180, Styled: true})
	})
}

func FuzzSRT(f *testing.F)    { fuzz(f, SRT) }
func FuzzWebVTT(f *testing.F) { fuzz(f, WebVTT) }
func FuzzTTML(f *testing.F)   { fuzz(f, TTML) }
func FuzzSCC(f *testing.F)    { fuzz(f, SCC) }
func FuzzSMI(f *testing.F)    { fuzz(f, SMI) }
func FuzzSTL(f *testing.F)    { fuzz(f, STL) }

func FuzzFontFamily(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00name\x00\x00\x00\x00\x00\x00\x00\x1c\x00\x00\x00\x20"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if name, err := FontFamily(data); err == nil && name == "" {
			t.Error("a font without a name and without an error")
		}
	})
}
