package captions

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// quick fails when a file that is small took long: what it costs to read must go
// with its size, and what these files cost otherwise are minutes.
func quick(t *testing.T) {
	t.Helper()
	start := time.Now()
	t.Cleanup(func() {
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// A style sheet is read once, and not for each cue, tag or selector that it is for.
func TestLargeStyleSheet(t *testing.T) {
	t.Parallel()
	quick(t)
	rules := "::cue" + strings.Repeat(", ::cue", 10_000) + " { " + strings.Repeat("color: red;", 12_000) + " }\n"
	cues := strings.Repeat("00:01.000 --> 00:02.000\n<b>A</b>\n\n", 20_000)
	got, err := Read(WebVTT, []byte("WEBVTT\n\nSTYLE\n"+rules+"\n"+cues), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("00:00:01.000 00:00:02.000 <#ff0000><b>A</b></>", show(got)[19_999]); d != "" {
		t.Error(d)
	}
	_, err = Read(WebVTT, []byte("WEBVTT\n\nSTYLE\n"+rules+"\nSTYLE\n"+rules+"\n"+cues), ReadOptions{})
	if err == nil || !strings.Contains(err.Error(), "blocks have more than 256 KB together") {
		t.Errorf("the error is %v", err)
	}
}

// No text of a cue can begin a line of its own in any format.
func TestControlCharacters(t *testing.T) {
	t.Parallel()
	const doc = `<tt xmlns="http://www.w3.org/ns/ttml"><body xml:space="preserve"><p begin="1s" end="2s">A&#13;Dialogue: 0,0:00:01.00,0:00:02.00,Text,,0,0,0,,B&#13;&#13;00:00:03.000 --&gt; 00:00:04.000&#13;C` +
		"\u0085" + `D</p></body></tt>`
	track, err := Read(TTML, []byte(doc), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"00:00:01.000 00:00:02.000 A|Dialogue: 0,0:00:01.00,0:00:02.00,Text,,0,0,0,,B|00:00:03.000 --> 00:00:04.000|CD"}
	if d := cmp.Diff(want, show(track)); d != "" {
		t.Error(d)
	}
	look := Look{Width: 640, Height: 360, Font: "A\rB\u0085C"}
	hand := Track{Cues: []Cue{{End: time.Second, Lines: []Line{{{Text: "A\r\nDialogue: 0\u0085B\x1b"}}}}}}
	for _, text := range []Track{track, hand} {
		ass := string(WriteASS(text, look))
		if strings.ContainsAny(ass, "\r\u0085\x1b") || strings.Count(ass, "\nDialogue:") != 1 || !strings.Contains(ass, "Style: Text,ABC,") {
			t.Errorf("the text made events or control characters:\n%q", ass)
		}
	}
	for kind, style := range map[Format]VTTStyle{SRT: "", WebVTT: VTTBare, TTML: "", SMI: ""} {
		data, _, err := Write(kind, track, WriteOptions{VTT: style})
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read(kind, data, ReadOptions{})
		if err != nil || len(again.Cues) != 1 {
			t.Errorf("%s: %v, %d cues:\n%q", kind, err, len(again.Cues), data)
		}
	}
}

// No text is read as a line of times where nothing can be escaped.
func TestArrows(t *testing.T) {
	t.Parallel()
	text := "00:00:03.000 ---> 00:00:04.000 -----> --->--> -> >"
	track := Track{Cues: []Cue{{Start: time.Second, End: 2 * time.Second, Lines: []Line{{{Text: text}}}}}}
	for kind, style := range map[Format]VTTStyle{SRT: "", WebVTT: VTTBare} {
		for _, styled := range []bool{false, true} {
			data, _, err := Write(kind, track, WriteOptions{VTT: style, Styled: styled})
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(data), "-->"); n != 1 {
				t.Errorf("%s: %d arrows in\n%s", kind, n, data)
			}
		}
	}
}

// What a paragraph's spans show again and again is bounded, be it text or blanks.
func TestAmplifiedText(t *testing.T) {
	t.Parallel()
	quick(t)
	for _, filler := range []string{"x", " ", "<br/>"} {
		var b strings.Builder
		b.WriteString(`<tt xmlns="http://www.w3.org/ns/ttml"><body>`)
		for range 40 {
			b.WriteString(`<p begin="0s" end="500s">` + strings.Repeat(filler, 3000))
			for k := range 400 {
				fmt.Fprintf(&b, `<span end="%ds">a</span>`, k+1)
			}
			b.WriteString("</p>")
		}
		b.WriteString("</body></tt>")
		_, err := Read(TTML, []byte(b.String()), ReadOptions{})
		if err == nil || !strings.Contains(err.Error(), "its cues have more than 32 MB of text together") {
			t.Errorf("%q: the error is %v", filler, err)
		}
	}
}

// Styles that change with each letter are bounded too.
func TestManySpans(t *testing.T) {
	t.Parallel()
	cue := "00:01.000 --> 00:02.000\n" + strings.Repeat("<i>a</i>b", 3000) + "\n\n"
	_, err := Read(WebVTT, []byte("WEBVTT\n\n"+strings.Repeat(cue, 200)), ReadOptions{})
	if err == nil || !strings.Contains(err.Error(), "its cues have more than 32 MB of text together") {
		t.Errorf("the error is %v", err)
	}
}

// Captions that stand in every segment end in an error, and each segment is given
// away before the next is made.
func TestSegmentsTooLarge(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 8000)
	var track Track
	for range 2000 {
		track.Cues = append(track.Cues, Cue{End: time.Hour, Lines: []Line{{{Text: text}}}})
	}
	var segments []Segment
	for n := range 100 {
		at := time.Duration(n) * time.Second
		segments = append(segments, Segment{at, at + time.Second})
	}
	count, total := 0, 0
	err := SegmentVTT(track, segments, 0, VTTPlain, func(_ int, data []byte) error {
		count, total = count+1, total+len(data)
		return nil
	})
	if !errors.Is(err, ErrTooLarge) || count == 0 || total > maxSegments {
		t.Errorf("the error is %v after %d segments of %d bytes", err, count, total)
	}
	full := errors.New("the disk is full")
	if err := SegmentVTT(track, segments, 0, VTTPlain, func(int, []byte) error { return full }); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

// The timecodes of STL are those of one day.
func TestHoursSTL(t *testing.T) {
	t.Parallel()
	data := make([]byte, gsiBytes+ttiBytes)
	copy(data[3:], "STL25.01")
	copy(data[12:], "00")
	block := data[gsiBytes:]
	block[3] = 0xff
	copy(block[16:], "A\x8f")
	for _, at := range []int{5, 9} {
		copy(block[5:], []byte{1, 0, 0, 0, 23, 59, 0, 0})
		if got, err := Read(STL, data, ReadOptions{}); err != nil || len(got.Cues) != 1 {
			t.Fatalf("%v: %v", got, err)
		}
		block[at] = 24
		if _, err := Read(STL, data, ReadOptions{}); err == nil || !strings.Contains(err.Error(), "block 1 has no proper timecodes") {
			t.Errorf("hour 24: %v", err)
		}
	}
}
