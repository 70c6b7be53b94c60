package captions

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readVTT reads WebVTT (https://www.w3.org/TR/webvtt1/): cues with their
// settings, STYLE and REGION blocks, NOTEs, and the X-TIMESTAMP-MAP of HLS,
// which is left aside: the times of a cue are its own.
func readVTT(text string) (Track, error) {
	lines := strings.Split(text, "\n")
	if first := lines[0]; first != "WEBVTT" && !strings.HasPrefix(first, "WEBVTT ") && !strings.HasPrefix(first, "WEBVTT\t") {
		return Track{}, bad(1, "it is no WebVTT: it does not begin with WEBVTT")
	}
	var c collect
	sheet := styleSheet{}
	i := 1
	for i < len(lines) && lines[i] != "" { // the rest of the header
		if lang, ok := strings.CutPrefix(lines[i], "Language:"); ok {
			c.track.Language = strings.TrimSpace(lang)
		}
		if strings.Contains(lines[i], "-->") {
			break
		}
		i++
	}
	for i < len(lines) {
		if lines[i] == "" {
			i++
			continue
		}
		from := i
		for i < len(lines) && lines[i] != "" && (i == from || i == from+1 && !strings.Contains(lines[from], "-->") || !strings.Contains(lines[i], "-->")) {
			i++
		}
		if err := vttBlock(&c, sheet, lines[from:i], from+1); err != nil {
			return Track{}, err
		}
	}
	return c.track, nil
}

// vttBlock reads one block of lines, the first of which has a number.
func vttBlock(c *collect, sheet styleSheet, block []string, line int) error {
	id, at := "", 0
	if !strings.Contains(block[0], "-->") {
		head := strings.TrimRight(block[0], " \t")
		switch {
		case head == "STYLE" || head == "REGION":
			text := strings.Join(block, "\n")
			if c.blocks += len(text); len(c.track.Blocks) >= 1000 || c.blocks > maxBlockBytes {
				return bad(line, "its STYLE and REGION blocks have more than %d KB together, or are more than 1000", maxBlockBytes>>10)
			}
			c.track.Blocks = append(c.track.Blocks, text)
			if head == "STYLE" {
				sheet.add(strings.Join(block[1:], "\n"))
			}
			return nil
		case len(block) < 2 || !strings.Contains(block[1], "-->"):
			return nil // a NOTE, or what a later version of the format has
		}
		id, at = block[0], 1
	}
	from, rest, _ := strings.Cut(block[at], "-->")
	to, settings, _ := strings.Cut(strings.TrimLeft(strings.ReplaceAll(rest, "\t", " "), " "), " ")
	start, ok1 := clock(strings.TrimSpace(from))
	end, ok2 := clock(to)
	if !ok1 || !ok2 {
		return bad(line+at, "%.60q is no pair of times like 00:01.000 --> 00:02.000", block[at])
	}
	payload := strings.Join(block[at+1:], "\n")
	if err := room(line+at, payload+id+settings); err != nil {
		return err
	}
	settings = strings.Join(strings.Fields(settings), " ")
	return c.add(line+at, Cue{
		Start: start, End: end, Lines: vttText(payload, sheet), Place: vttPlace(settings),
		VTT: &VTT{ID: id, Settings: settings, Payload: payload},
	})
}

// vttText reads the payload of a cue.
func vttText(payload string, sheet styleSheet) []Line {
	var b builder
	base := Style{}
	sheet.apply("", &base)
	stack, opened := []Style{base}, []string{""}
	for _, tk := range tokens(payload, true) {
		now := stack[len(stack)-1]
		switch {
		case tk.tag == "":
			if opened[len(opened)-1] != "rt" { // what is written small above ruby text has no place here
				b.text(tk.text, now)
			}
		case tk.end:
			for i := len(opened) - 1; i > 0; i-- {
				if opened[i] == tk.tag || tk.tag == "/" {
					stack, opened = stack[:i], opened[:i]
					break
				}
			}
		case len(stack) > 100 || tk.tag == "!":
		default:
			switch tk.tag {
			case "i":
				now.Italic = true
			case "b":
				now.Bold = true
			case "u":
				now.Underline = true
			}
			sheet.apply(tk.tag, &now)
			classes, _, _ := strings.Cut(tk.attrs, " ")
			for _, class := range strings.Split(classes, ".") {
				if rgb, ok := vttColors[class]; ok {
					now.Color = RGB(rgb)
				}
				if class != "" {
					sheet.apply("."+class, &now)
				}
			}
			stack, opened = append(stack, now), append(opened, tk.tag)
		}
	}
	return b.done()
}

// vttColors are the classes of WebVTT 5 that colour text.
var vttColors = map[string]uint32{
	"white": 0xffffff, "lime": 0x00ff00, "cyan": 0x00ffff, "red": 0xff0000,
	"yellow": 0xffff00, "magenta": 0xff00ff, "blue": 0x0000ff, "black": 0x000000,
}

// styleSheet is what STYLE blocks change by what they select: "" for all text, a
// tag's name, or a class with its point. Rules are read once and not for each cue.
type styleSheet map[string]*change

func (s styleSheet) add(css string) {
	css = uncomment(css)
	for range 1000 {
		head, rest, ok := strings.Cut(css, "{")
		if !ok {
			return
		}
		body, tail, ok := strings.Cut(rest, "}")
		if !ok {
			return
		}
		css = tail
		var rule change
		rule.css(body)
		for _, sel := range strings.Split(head, ",") {
			sel = strings.TrimSpace(sel)
			rest, ok := strings.CutPrefix(sel, "::cue")
			if !ok {
				continue
			}
			what := strings.TrimSuffix(strings.TrimPrefix(rest, "("), ")")
			if s[what] == nil && len(what) <= 64 && len(s) < 200 {
				s[what] = &change{}
			}
			if s[what] != nil {
				s[what].merge(rule)
			}
		}
	}
}

func (s styleSheet) apply(what string, style *Style) {
	if c := s[what]; c != nil {
		c.apply(style)
	}
}

// uncomment puts a blank in the place of each comment of CSS.
func uncomment(css string) string {
	var b strings.Builder
	for {
		text, rest, ok := strings.Cut(css, "/*")
		b.WriteString(text)
		if !ok {
			return b.String()
		}
		b.WriteByte(' ')
		if _, css, ok = strings.Cut(rest, "*/"); !ok {
			return b.String()
		}
	}
}

// vttPlace reads the settings of a cue: line, position and align. A cue that has
// none of them stands at the bottom.
func vttPlace(settings string) *Place {
	p := Place{X: 50, Y: 95}
	var said, positioned, lined bool
	for _, s := range strings.Fields(settings) {
		name, value, _ := strings.Cut(s, ":")
		value, side, _ := strings.Cut(value, ",")
		switch name {
		case "align":
			switch value {
			case "start", "left":
				p.Align, said = AlignStart, true
			case "end", "right":
				p.Align, said = AlignEnd, true
			}
		case "position":
			if x, ok := percent(value); ok {
				p.X, said, positioned = x, true, true
			}
			_ = side
		case "line":
			if y, ok := percent(value); ok {
				p.Y, said, lined = y, true, true
				switch side {
				case "end":
					p.Anchor = AnchorBottom
				case "center":
					p.Anchor = AnchorMiddle
				default:
					p.Anchor = AnchorTop
				}
			} else if n, err := strconv.Atoi(value); err == nil && n != -1 && n > -100 && n < 100 {
				said, lined = true, true
				p = p.row(n)
			}
		}
	}
	if !said {
		return nil
	}
	if !positioned {
		switch p.Align {
		case AlignStart:
			p.X = 0
		case AlignEnd:
			p.X = 100
		case AlignCenter:
		}
	}
	// A line that begins near the bottom would leave the picture with its
	// second row: browsers move it up, and so does this.
	if lined && p.Anchor == AnchorTop && p.Y > 80 {
		p.Y, p.Anchor = 95, AnchorBottom
	}
	return &p
}

// row puts a place on a line counted from the top (0, 1, …) or from the bottom
// (-1, -2, …), each as high as a browser draws them.
func (p Place) row(n int) Place {
	const rowHeight = 100.0 / 15
	if n >= 0 {
		p.Y, p.Anchor = min(float64(n)*rowHeight, 95), AnchorTop
	} else {
		p.Y, p.Anchor = max(100+float64(n+1)*rowHeight, 10), AnchorBottom
	}
	return p
}

func percent(s string) (float64, bool) {
	n, ok := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(n, 64)
	return v, ok && err == nil && v >= 0 && v <= 100
}

// VTTStyle says how much of the style WebVTT is written with.
type VTTStyle string

// How much of the style is written.
const (
	VTTPlain  VTTStyle = ""       // text alone
	VTTStyled VTTStyle = "styled" // italics, colours and places
	VTTMerge  VTTStyle = "merge"  // places alone, in the player's own style
	VTTStrict VTTStyle = "strict" // cues that came from WebVTT as they stand there
	// VTTBare escapes nothing: Shaka Packager takes text for what it is when it
	// makes TTML of it.
	VTTBare VTTStyle = "bare"
)

func writeVTT(t Track, style VTTStyle) []byte {
	var b strings.Builder
	b.WriteString("WEBVTT\n\n")
	vttBody(&b, t, style)
	return []byte(b.String())
}

// vttBody writes everything but the header.
func vttBody(b *strings.Builder, t Track, style VTTStyle) {
	if style == VTTStrict {
		for _, block := range t.Blocks {
			b.WriteString(block + "\n\n")
		}
	} else if style == VTTStyled {
		vttStyles(b, t)
	}
	for _, c := range t.Cues {
		if style == VTTStrict && c.VTT != nil {
			if c.VTT.ID != "" {
				b.WriteString(c.VTT.ID + "\n")
			}
			fmt.Fprintf(b, "%s --> %s", stamp(c.Start, "."), stamp(c.End, "."))
			if c.VTT.Settings != "" {
				b.WriteString(" " + c.VTT.Settings)
			}
			b.WriteString("\n" + c.VTT.Payload + "\n\n")
			continue
		}
		fmt.Fprintf(b, "%s --> %s", stamp(c.Start, "."), stamp(c.End, "."))
		if style != VTTPlain {
			b.WriteString(vttSettings(c.Place))
		}
		b.WriteByte('\n')
		for _, l := range c.Lines {
			switch style {
			case VTTStyled:
				b.WriteString(wrap(l, vttEscape, vttColor))
			case VTTBare:
				b.WriteString(srtText(l.Plain()))
			case VTTPlain, VTTMerge, VTTStrict:
				b.WriteString(vttEscape(l.Plain()))
			}
			b.WriteByte('\n')
		}
		b.WriteByte('\n')
	}
}

// vttStyles writes rules for the colours that WebVTT has no class for.
func vttStyles(b *strings.Builder, t Track) {
	var seen []Color
	for _, c := range t.Cues {
		for _, l := range c.Lines {
			for _, s := range l {
				if s.Style.Color != 0 && vttClass(s.Style.Color) == "" && len(seen) < 200 && !contains(seen, s.Style.Color) {
					seen = append(seen, s.Style.Color)
				}
			}
		}
	}
	if len(seen) == 0 {
		return
	}
	b.WriteString("STYLE\n")
	for _, c := range seen {
		fmt.Fprintf(b, "::cue(.c%s) { color: %s; }\n", c.hex()[1:], c.hex())
	}
	b.WriteByte('\n')
}

func contains(list []Color, c Color) bool {
	for _, v := range list {
		if v == c {
			return true
		}
	}
	return false
}

func vttClass(c Color) string {
	for name, rgb := range vttColors {
		if c>>8 == Color(rgb) {
			return name
		}
	}
	return ""
}

func vttColor(c Color) (open, end string) {
	name := vttClass(c)
	if name == "" {
		name = "c" + c.hex()[1:]
	}
	return "<c." + name + ">", "</c>"
}

var vttEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

func vttSettings(p *Place) string {
	if p == nil {
		return ""
	}
	s := " line:" + number(p.Y) + "%"
	switch p.Anchor {
	case AnchorBottom:
		s += ",end"
	case AnchorMiddle:
		s += ",center"
	case AnchorTop:
	}
	s += " position:" + number(p.X) + "%"
	if p.Align != AlignCenter {
		s += " align:" + string(p.Align)
	}
	return s
}

// number writes a percentage with at most two digits after the point.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Segment is a span of the programme that one file of captions is for.
type Segment struct {
	Start, End time.Duration
}

// ErrTooLarge is of captions of which every segment repeats so much that the
// segments together are no longer of a sensible size.
var ErrTooLarge = errors.New("the WebVTT segments have more than 256 MB together: too many captions are shown for too long")

// maxSegments is how many bytes all segments of a track have at most.
const maxSegments = 256 << 20

// SegmentVTT writes one WebVTT file for each segment (RFC 8216 3.5), which are in
// order, and gives each to put as it is done. A cue that lies in several stands in
// each of them with its whole time, so that a player may begin anywhere. mpegts is
// the 90 kHz timestamp that the programme's first moment has in the media segments.
// Errors are ErrTooLarge and those of put.
func SegmentVTT(t Track, segments []Segment, mpegts int64, style VTTStyle, put func(n int, data []byte) error) error {
	part := Track{Language: t.Language, Blocks: t.Blocks}
	next, total := 0, 0
	for i, s := range segments {
		part.Cues = slices.DeleteFunc(part.Cues, func(c Cue) bool { return c.End <= s.Start })
		for ; next < len(t.Cues) && t.Cues[next].Start < s.End; next++ {
			if t.Cues[next].End > s.Start {
				part.Cues = append(part.Cues, t.Cues[next])
			}
		}
		var b strings.Builder
		fmt.Fprintf(&b, "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:%d,LOCAL:00:00:00.000\n\n", mpegts&(1<<33-1))
		vttBody(&b, part, style)
		if total += b.Len(); total > maxSegments {
			return ErrTooLarge
		}
		if err := put(i, []byte(b.String())); err != nil {
			return err
		}
	}
	return nil
}
