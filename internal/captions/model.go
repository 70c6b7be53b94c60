package captions

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Track is the captions of one language.
type Track struct {
	// Language is how the file names it ("en", "fr-CA"), or empty.
	Language string `json:"language,omitempty"`
	// Blocks are the STYLE and REGION blocks of a WebVTT file, as they stand there.
	Blocks []string `json:"blocks,omitempty"`
	// Cues are in the order of their starts.
	Cues []Cue `json:"cues"`
}

// Cue is one text for one time.
type Cue struct {
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"` // always after Start
	Lines []Line        `json:"lines"`
	// Place says where it stands; nil is bottom centre.
	Place *Place `json:"place,omitempty"`
	// VTT is what only WebVTT can say, for writing it again unchanged.
	VTT *VTT `json:"vtt,omitempty"`
}

// VTT is a cue as a WebVTT file holds it.
type VTT struct {
	ID       string `json:"id,omitempty"`
	Settings string `json:"settings,omitempty"`
	Payload  string `json:"payload"`
}

// Line is one line of a cue.
type Line []Span

// Span is text of one style. It holds no line break.
type Span struct {
	Text  string `json:"text"`
	Style Style  `json:"style,omitzero"`
}

// Style is how text is drawn.
type Style struct {
	Italic    bool  `json:"italic,omitempty"`
	Bold      bool  `json:"bold,omitempty"`
	Underline bool  `json:"underline,omitempty"`
	Color     Color `json:"color,omitempty"`
}

// Color is RRGGBBAA with the opacity last; 0 is none given.
type Color uint32

// RGB makes an opaque colour of 0xRRGGBB.
func RGB(rgb uint32) Color { return Color(rgb<<8 | 0xff) }

// Align says which side of the text its place's X is.
type Align string

// The sides of a text, and its middle.
const (
	AlignCenter Align = ""
	AlignStart  Align = "start"
	AlignEnd    Align = "end"
)

// Anchor says which edge of the text its place's Y is.
type Anchor string

// The edges of a text, and its middle.
const (
	AnchorBottom Anchor = ""
	AnchorTop    Anchor = "top"
	AnchorMiddle Anchor = "middle"
)

// Place is a point of the picture and which point of the text lies on it.
type Place struct {
	X      float64 `json:"x"` // % of the picture's width
	Y      float64 `json:"y"` // % of its height
	Align  Align   `json:"align,omitempty"`
	Anchor Anchor  `json:"anchor,omitempty"`
}

// Plain gives the text of a line.
func (l Line) Plain() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Plain gives the text of a cue, its lines parted by line feeds.
func (c Cue) Plain() string {
	lines := make([]string, len(c.Lines))
	for i, l := range c.Lines {
		lines[i] = l.Plain()
	}
	return strings.Join(lines, "\n")
}

// Clip is a span of an input's timeline and where it begins in the programme.
type Clip struct {
	From time.Duration `json:"from"` // of the input
	To   time.Duration `json:"to"`   // of the input
	At   time.Duration `json:"at"`   // of the programme
}

// Shift moves all cues in time. What ends at or before 0 is left out, and what
// begins before 0 is cut.
func (t Track) Shift(by time.Duration) Track {
	if by == 0 {
		return t
	}
	out := t
	out.Cues = make([]Cue, 0, len(t.Cues))
	for _, c := range t.Cues {
		c.Start, c.End = max(0, c.Start+by), c.End+by
		if c.End > c.Start {
			out.Cues = append(out.Cues, c)
		}
	}
	return out
}

// Cut takes what is in a clip to its place in the programme.
func (t Track) Cut(clip Clip) Track {
	out := t
	out.Cues = nil
	for _, c := range t.Cues {
		c.Start, c.End = max(c.Start, clip.From), min(c.End, clip.To)
		if c.End <= c.Start {
			continue
		}
		c.Start, c.End = c.Start-clip.From+clip.At, c.End-clip.From+clip.At
		out.Cues = append(out.Cues, c)
	}
	return out
}

// Join puts tracks of one programme together.
func Join(tracks ...Track) Track {
	var out Track
	seen := map[string]bool{}
	for _, t := range tracks {
		out.Language = cmp.Or(out.Language, t.Language)
		for _, b := range t.Blocks {
			if !seen[b] {
				seen[b] = true
				out.Blocks = append(out.Blocks, b)
			}
		}
		out.Cues = append(out.Cues, t.Cues...)
	}
	out.sort()
	return out
}

// sort brings the cues into the order of their starts; those of one moment stay
// as they were.
func (t *Track) sort() {
	slices.SortStableFunc(t.Cues, func(a, b Cue) int { return cmp.Compare(a.Start, b.Start) })
}

// Plain gives a track without style and position: text alone (stylePassthrough
// DISABLED).
func (t Track) Plain() Track {
	out := Track{Language: t.Language, Cues: make([]Cue, len(t.Cues))}
	for i, c := range t.Cues {
		out.Cues[i] = Cue{Start: c.Start, End: c.End, Lines: make([]Line, len(c.Lines))}
		for j, l := range c.Lines {
			out.Cues[i].Lines[j] = Line{{Text: l.Plain()}}
		}
	}
	return out
}

// Merged joins cues of the very same time into one, the higher one first: for
// formats in which only one cue is shown at a time.
func (t Track) Merged() Track {
	out := t
	out.Cues = nil
	for i := 0; i < len(t.Cues); {
		j := i + 1
		for j < len(t.Cues) && t.Cues[j].Start == t.Cues[i].Start && t.Cues[j].End == t.Cues[i].End {
			j++
		}
		same := slices.Clone(t.Cues[i:j])
		slices.SortStableFunc(same, func(a, b Cue) int { return cmp.Compare(height(a), height(b)) })
		c := same[0]
		for _, next := range same[1:] {
			c.Lines = append(slices.Clone(c.Lines), next.Lines...)
			c.VTT = nil
		}
		out.Cues = append(out.Cues, c)
		i = j
	}
	return out
}

func height(c Cue) float64 {
	if c.Place == nil {
		return 100
	}
	return c.Place.Y
}

// builder collects lines of spans while a text is read.
type builder struct {
	lines []Line
	run   strings.Builder // what the last line goes on with, all of one style
	style Style
}

// text adds text, and is the one way into spans: what leaves it has no character
// that some format takes for the end of a line.
func (b *builder) text(s string, style Style) {
	for i, part := range strings.Split(printable(s), "\n") {
		if i > 0 || len(b.lines) == 0 {
			b.flush()
			b.lines = append(b.lines, nil)
		}
		if part == "" {
			continue
		}
		if b.style != style {
			b.flush()
		}
		b.style = style
		b.run.WriteString(part)
	}
}

// flush makes a span of the text of one style.
func (b *builder) flush() {
	if b.run.Len() == 0 {
		return
	}
	line := &b.lines[len(b.lines)-1]
	*line = append(*line, Span{Text: b.run.String(), Style: b.style})
	b.run.Reset()
}

// printable makes a line feed of a carriage return, and leaves out the other
// control characters but the tab.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		}
		return r
	}, s)
}

// done gives the lines without the blank ones around and between them, and
// without blanks around each.
func (b *builder) done() []Line {
	b.flush()
	var out []Line
	for _, l := range b.lines {
		if l = trimLine(l); len(l) > 0 {
			out = append(out, l)
		}
	}
	return out
}

func trimLine(l Line) Line {
	for len(l) > 0 {
		if l[0].Text = strings.TrimLeft(l[0].Text, " \t\u00a0"); l[0].Text != "" {
			break
		}
		l = l[1:]
	}
	for len(l) > 0 {
		last := &l[len(l)-1]
		if last.Text = strings.TrimRight(last.Text, " \t\u00a0"); last.Text != "" {
			break
		}
		l = l[:len(l)-1]
	}
	return l
}
