package captions

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Look says how captions are drawn into a picture (behaviour.md 5.9).
type Look struct {
	Width  int `json:"width"` // px of the picture
	Height int `json:"height"`

	Font     string `json:"font"`               // the name of a family
	FontSize int    `json:"fontSize,omitempty"` // px; 0 is by the size of the picture
	Color    Color  `json:"color"`
	// ColorAll puts Color in the place of colours that the captions have themselves;
	// otherwise it stands for text that has none, or is white.
	ColorAll     bool  `json:"colorAll,omitempty"`
	OutlineColor Color `json:"outlineColor"`
	Outline      int   `json:"outline"`    // px; -1 is by the size of the text
	Background   Color `json:"background"` // 0 is none
	Shadow       Color `json:"shadow"`     // 0 is none
	ShadowX      int   `json:"shadowX,omitempty"`
	ShadowY      int   `json:"shadowY,omitempty"`

	Left     bool `json:"left,omitempty"`     // at the left side instead of the centre
	Centered bool `json:"centered,omitempty"` // in the centre, wherever the captions stand themselves
	X        *int `json:"x,omitempty"`        // px from the left side to the text's left edge
	Y        *int `json:"y,omitempty"`        // px from the top to the text's top edge
	// Styled keeps the styles and places of the captions (stylePassthrough).
	Styled bool `json:"styled,omitempty"`
	// Aspect is how wide a pixel is to its height; 0 is square.
	Aspect float64 `json:"aspect,omitempty"`
}

// Same tells whether two looks draw the same.
func (l Look) Same(o Look) bool {
	at := func(p *int) int {
		if p == nil {
			return -1 << 40
		}
		return *p
	}
	same := at(l.X) == at(o.X) && at(l.Y) == at(o.Y)
	l.X, l.Y, o.X, o.Y = nil, nil, nil, nil
	return same && l == o
}

// Size gives the height of a line of text in px.
func (l Look) Size() int {
	if l.FontSize > 0 {
		return l.FontSize
	}
	return max(min(l.Width, l.Height)*6/100, 8)
}

// assColor writes a colour as ASS does, whose last byte is how transparent it is.
func assColor(c Color) string {
	return fmt.Sprintf("&H%02X%02X%02X%02X", 0xff-c&0xff, c>>8&0xff, c>>16&0xff, c>>24&0xff)
}

// WriteASS writes captions as they are to be drawn into a picture.
func WriteASS(t Track, l Look) []byte {
	var b strings.Builder
	size := l.Size()
	outline := float64(l.Outline)
	if l.Outline < 0 {
		outline = max(float64(size)/16, 1)
	}
	font := strings.Map(func(r rune) rune {
		if r == ',' || unicode.IsControl(r) {
			return -1
		}
		return r
	}, l.Font)
	fmt.Fprintf(&b, "[Script Info]\nScriptType: v4.00+\nPlayResX: %d\nPlayResY: %d\nScaledBorderAndShadow: yes\nWrapStyle: 0\nYCbCr Matrix: None\n\n", l.Width, l.Height)
	b.WriteString("[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n")
	side, foot, wide := l.Width/20, l.Height/20, 100
	if l.Aspect > 0 {
		wide = min(max(int(100/l.Aspect+0.5), 10), 1000)
	}
	style := func(name string, text, border, back Color, kind int, outline float64) {
		fmt.Fprintf(&b, "Style: %s,%s,%d,%s,%s,%s,%s,0,0,0,0,%d,100,0,0,%d,%.2f,0,2,%d,%d,%d,1\n",
			name, font, size, assColor(text), assColor(text), assColor(border), assColor(back), wide, kind, outline, side, side, foot)
	}
	style("Text", l.Color, l.OutlineColor, l.Shadow, 1, outline)
	style("Box", 0, l.Background, l.Background, 3, max(outline, float64(size)/8))
	b.WriteString("\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n")
	if !l.Styled {
		t = t.Plain().Merged()
	}
	for _, c := range t.Cues {
		where := l.where(c.Place)
		if l.Background&0xff != 0 {
			fmt.Fprintf(&b, "Dialogue: 0,%s,%s,Box,,0,0,0,,{%s\\shad0}%s\n", assTime(c.Start), assTime(c.End), where, l.text(c, false))
		}
		shadow := ""
		if l.Shadow&0xff != 0 {
			shadow = fmt.Sprintf("\\xshad%d\\yshad%d", clampShadow(l.ShadowX), clampShadow(l.ShadowY))
		}
		fmt.Fprintf(&b, "Dialogue: 1,%s,%s,Text,,0,0,0,,{%s%s}%s\n", assTime(c.Start), assTime(c.End), where, shadow, l.text(c, true))
	}
	return []byte(b.String())
}

func clampShadow(v int) int { return min(max(v, -1000), 1000) }

// where says at which point of the picture which point of the text lies.
func (l Look) where(p *Place) string {
	if l.X == nil && l.Y == nil {
		if p == nil || !l.Styled || l.Left || l.Centered {
			if l.Left {
				return "\\an1"
			}
			return "\\an2"
		}
		n := 2
		switch p.Align {
		case AlignStart:
			n = 1
		case AlignEnd:
			n = 3
		case AlignCenter:
		}
		switch p.Anchor {
		case AnchorMiddle:
			n += 3
		case AnchorTop:
			n += 6
		case AnchorBottom:
		}
		return fmt.Sprintf("\\an%d\\pos(%.1f,%.1f)", n, p.X*float64(l.Width)/100, p.Y*float64(l.Height)/100)
	}
	n, x, y := 2, l.Width/2, l.Height-l.Height/20
	if l.Left {
		n, x = 1, l.Width/20
	}
	if l.X != nil { // the text keeps to it as it is aligned
		x = min(*l.X, 100_000)
		if !l.Centered {
			n = 1
		}
	}
	if l.Y != nil {
		n, y = n+6, min(*l.Y, 100_000)
	}
	return fmt.Sprintf("\\an%d\\pos(%d,%d)", n, x, y)
}

// text writes the lines of a cue. Colours are left out of what only measures the
// box behind the text.
func (l Look) text(c Cue, colors bool) string {
	var b strings.Builder
	for i, line := range c.Lines {
		if i > 0 {
			b.WriteString("\\N")
		}
		for _, s := range line {
			tags := ""
			if s.Style.Italic {
				tags += "\\i1"
			}
			if s.Style.Bold {
				tags += "\\b1"
			}
			if s.Style.Underline {
				tags += "\\u1"
			}
			if k := s.Style.Color; k != 0 && colors && !l.ColorAll && k>>8 != 0xffffff {
				tags += fmt.Sprintf("\\1c&H%02X%02X%02X&\\1a&H%02X&", k>>8&0xff, k>>16&0xff, k>>24&0xff, 0xff-k&0xff)
			}
			if tags == "" || !l.Styled {
				b.WriteString(assText(s.Text))
				continue
			}
			b.WriteString("{" + tags + "}" + assText(s.Text) + "{\\i0\\b0\\u0")
			if colors {
				fmt.Fprintf(&b, "\\1c&H%02X%02X%02X&\\1a&H%02X&", l.Color>>8&0xff, l.Color>>16&0xff, l.Color>>24&0xff, 0xff-l.Color&0xff)
			}
			b.WriteString("}")
		}
	}
	return b.String()
}

// assText keeps text from being read as overrides or line breaks: a word joiner
// parts a backslash from what follows.
func assText(s string) string { return assEscape.Replace(printable(s)) }

var assEscape = strings.NewReplacer("\\", "\\\u2060", "{", "\\{", "}", "\\}", "\n", " ")

// assTime writes a time in hundredths. It is cut and not rounded, so that the
// picture of the very moment has the text.
func assTime(d time.Duration) string {
	cs := d.Milliseconds() / 10
	return fmt.Sprintf("%d:%02d:%02d.%02d", cs/360000, cs/6000%60, cs/100%60, cs%100)
}
