package captions

import (
	"cmp"
	"strconv"
	"strings"
)

// token is a piece of text with tags: either text or one tag.
type token struct {
	text  string // entities are replaced
	tag   string // lower case; "" for text
	end   bool   // </tag>
	attrs string // what follows the tag's name, as it stands
	raw   string // the whole tag
}

// tokens cuts text with tags into pieces. What looks like no tag is text.
func tokens(s string, entities bool) []token {
	var out []token
	text := func(t string) {
		if entities {
			t = unescape(t)
		}
		if t != "" {
			out = append(out, token{text: t})
		}
	}
	from := 0
	for {
		i := strings.IndexByte(s[from:], '<')
		if i < 0 {
			break
		}
		i += from
		j := strings.IndexByte(s[i:min(len(s), i+maxTag)], '>')
		tk, ok := token{}, false
		if j > 0 {
			tk, ok = tagOf(s[i+1 : i+j])
			tk.raw = s[i : i+j+1]
		}
		if !ok {
			from = i + 1
			continue
		}
		text(s[:i])
		out = append(out, tk)
		s, from = s[i+j+1:], 0
	}
	text(s)
	return out
}

// maxTag is how many bytes a tag has at most.
const maxTag = 512

// tagOf reads what stands between < and >: a name that begins with a letter, a
// timestamp of WebVTT, or a comment.
func tagOf(inner string) (token, bool) {
	var tk token
	if rest, ok := strings.CutPrefix(inner, "/"); ok {
		tk.end, inner = true, rest
	}
	if inner == "" {
		tk.tag = "/"
		return tk, tk.end // </> ends the innermost one
	}
	c := inner[0] | 0x20
	if c >= 'a' && c <= 'z' {
		n := strings.IndexAny(inner, " \t\n.=")
		if n < 0 {
			n = len(inner)
		}
		tk.tag, tk.attrs = strings.ToLower(strings.TrimSuffix(inner[:n], "/")), inner[n:]
		return tk, len(tk.tag) < 20
	}
	if _, ok := clock(inner); ok || strings.HasPrefix(inner, "!--") {
		return token{tag: "!"}, true
	}
	return tk, false
}

var named = strings.NewReplacer(
	"&lt;", "<", "&gt;", ">", "&nbsp;", "\u00a0", "&quot;", `"`, "&apos;", "'",
	"&lrm;", "\u200e", "&rlm;", "\u200f", "&amp;", "&",
)

// unescape replaces the entities that captions know, and numbered ones.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	if strings.Contains(s, "&#") {
		var b strings.Builder
		for {
			i := strings.Index(s, "&#")
			if i < 0 {
				break
			}
			b.WriteString(s[:i])
			r, n := numbered(s[i:])
			b.WriteString(r)
			s = s[i+n:]
		}
		s = b.String() + s
	}
	return named.Replace(s)
}

// numbered reads an entity like &#233; or &#xe9; and how long it is. What is
// none stays as it is.
func numbered(s string) (string, int) {
	j := strings.IndexByte(s[:min(len(s), 10)], ';')
	if j < 0 {
		return s[:2], 2
	}
	digits, base := s[2:j], 10
	if len(digits) > 1 && digits[0]|0x20 == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	switch {
	case err != nil:
		return s[:2], 2
	case n < ' ' || n == 0x7f:
		return "", j + 1
	}
	return string(rune(n)), j + 1
}

// attr finds an attribute of a tag, quoted or not.
func attr(attrs, name string) string {
	low := strings.ToLower(attrs)
	for from := 0; ; {
		i := strings.Index(low[from:], name)
		if i < 0 {
			return ""
		}
		i += from
		from = i + len(name)
		if i > 0 && !strings.ContainsRune(" \t\n\"'", rune(attrs[i-1])) {
			continue
		}
		v, ok := strings.CutPrefix(strings.TrimLeft(attrs[from:], " \t\n"), "=")
		if !ok {
			continue
		}
		v = strings.TrimLeft(v, " \t\n")
		if v != "" && (v[0] == '"' || v[0] == '\'') {
			v, _, _ = strings.Cut(v[1:], v[:1])
			return v
		}
		if n := strings.IndexAny(v, " \t\n/"); n >= 0 {
			v = v[:n]
		}
		return v
	}
}

// htmlColors are the colours that captions call by name: those of CSS 1, and the
// ones that WebVTT has classes for.
var htmlColors = map[string]uint32{
	"white": 0xffffff, "black": 0x000000, "red": 0xff0000, "lime": 0x00ff00, "blue": 0x0000ff,
	"yellow": 0xffff00, "cyan": 0x00ffff, "aqua": 0x00ffff, "magenta": 0xff00ff, "fuchsia": 0xff00ff,
	"green": 0x008000, "navy": 0x000080, "teal": 0x008080, "maroon": 0x800000, "purple": 0x800080,
	"olive": 0x808000, "gray": 0x808080, "grey": 0x808080, "silver": 0xc0c0c0, "orange": 0xffa500,
}

// parseColor reads a colour as HTML, CSS and TTML write it; 0 when it is none.
func parseColor(s string) Color {
	s = strings.ToLower(strings.TrimSpace(s))
	if c, ok := htmlColors[s]; ok {
		return RGB(c)
	}
	if inner, ok := strings.CutPrefix(s, "rgb"); ok {
		return functionColor(inner)
	}
	hex, hash := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(hex, 16, 32)
	switch {
	case err != nil:
		return 0
	case len(hex) == 6:
		return RGB(uint32(n))
	case len(hex) == 8:
		return Color(n)
	case len(hex) == 3 && hash:
		return RGB(uint32(n>>8*0x110000 | n>>4&15*0x1100 | n&15*0x11))
	}
	return 0
}

// functionColor reads (r,g,b) and a(r,g,b,a): TTML has the opacity in 0..255 and
// CSS in 0..1.
func functionColor(s string) Color {
	s = strings.TrimPrefix(s, "a")
	s, ok := strings.CutPrefix(s, "(")
	s, closed := strings.CutSuffix(s, ")")
	parts := strings.Split(s, ",")
	if !ok || !closed || len(parts) < 3 || len(parts) > 4 {
		return 0
	}
	var c uint32
	for i, p := range parts {
		v, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || !(v >= 0 && v <= 255) {
			return 0
		}
		if i == 3 && v <= 1 {
			v *= 255
		}
		c = c<<8 | uint32(v)
	}
	if len(parts) == 3 {
		return RGB(c)
	}
	return Color(c)
}

// hex writes a colour as #rrggbb.
func (c Color) hex() string {
	const digits = "0123456789abcdef"
	b := []byte("#000000")
	for i := range 6 {
		b[1+i] = digits[c>>(28-4*i)&15]
	}
	return string(b)
}

// styleTags are those of HTML that captions are written with; others are text.
var styleTags = map[string]bool{"i": true, "em": true, "b": true, "strong": true, "u": true, "s": true, "font": true, "span": true,
	"p": true, "div": true, "c": true, "v": true, "ruby": true, "rt": true, "rp": true, "body": true, "!": true}

// styled reads text with the tags of HTML that SRT and SAMI have.
func styled(s string, base Style, entities bool) []Line {
	var b builder
	stack := []Style{base}
	opened := []string{""}
	for _, tk := range tokens(s, entities) {
		now := stack[len(stack)-1]
		switch {
		case tk.tag == "":
			b.text(tk.text, now)
		case tk.tag == "br":
			b.text("\n", now)
		case !styleTags[tk.tag]:
			b.text(tk.raw, now) // <Jerry> is a name
		case tk.end:
			for i := len(opened) - 1; i > 0; i-- {
				if opened[i] == tk.tag {
					stack, opened = append(stack[:i], stack[i+1:]...), append(opened[:i], opened[i+1:]...)
					break
				}
			}
		case len(stack) > 100:
		default:
			next := now
			switch tk.tag {
			case "i", "em":
				next.Italic = true
			case "b", "strong":
				next.Bold = true
			case "u":
				next.Underline = true
			case "font", "span":
				if c := parseColor(attr(tk.attrs, "color")); c != 0 {
					next.Color = c
				}
				var own change
				own.css(attr(tk.attrs, "style"))
				own.apply(&next)
			}
			stack, opened = append(stack, next), append(opened, tk.tag)
		}
	}
	return b.done()
}

// change is what CSS declarations make of a Style; nil and 0 leave it as it is.
type change struct {
	italic, bold, underline *bool
	color                   Color
}

// css adds declarations to a change; a later one takes the place of an earlier one.
func (c *change) css(declarations string) {
	for _, d := range strings.Split(declarations, ";") {
		name, value, _ := strings.Cut(d, ":")
		value = strings.ToLower(strings.TrimSpace(value))
		var on bool
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "color":
			if k := parseColor(value); k != 0 {
				c.color = k
			}
		case "font-style":
			on = value == "italic" || value == "oblique"
			c.italic = &on
		case "font-weight":
			on = value == "bold" || value == "bolder" || value == "700"
			c.bold = &on
		case "text-decoration":
			on = strings.Contains(value, "underline")
			c.underline = &on
		}
	}
}

// merge adds a later change.
func (c *change) merge(o change) {
	c.italic, c.bold, c.underline = cmp.Or(o.italic, c.italic), cmp.Or(o.bold, c.bold), cmp.Or(o.underline, c.underline)
	c.color = cmp.Or(o.color, c.color)
}

func (c *change) apply(s *Style) {
	if c.italic != nil {
		s.Italic = *c.italic
	}
	if c.bold != nil {
		s.Bold = *c.bold
	}
	if c.underline != nil {
		s.Underline = *c.underline
	}
	if c.color != 0 {
		s.Color = c.color
	}
}

// wrap writes spans with tags that open and close around each span.
func wrap(l Line, escape func(string) string, color func(Color) (open, end string)) string {
	var b strings.Builder
	for _, s := range l {
		var tail string
		put := func(on bool, open, end string) {
			if on {
				b.WriteString(open)
				tail = end + tail
			}
		}
		if s.Style.Color != 0 {
			open, end := color(s.Style.Color)
			put(open != "", open, end)
		}
		put(s.Style.Bold, "<b>", "</b>")
		put(s.Style.Italic, "<i>", "</i>")
		put(s.Style.Underline, "<u>", "</u>")
		b.WriteString(escape(s.Text))
		b.WriteString(tail)
	}
	return b.String()
}
