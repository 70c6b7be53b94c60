package captions

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"spool/internal/spool"
)

// Timed608 are the bytes of one frame of a field, with their parity bits.
type Timed608 struct {
	Frame  int64 // counted from 0
	B1, B2 byte
}

// Encoded608 is a track as CEA-608 data.
type Encoded608 struct {
	Pairs []Timed608 // in order, at most one for a frame
	// Lost counts the characters that CEA-608 has no code for; ? stands for them.
	Lost int
	// Late is how long after its time the latest caption comes: each frame carries
	// two characters, so text that follows too soon has to wait.
	Late time.Duration
}

// Times gives the pairs with their times instead of frames.
func (e Encoded608) Times(rate spool.Rational) []Pair {
	out := make([]Pair, len(e.Pairs))
	for i, p := range e.Pairs {
		out[i] = Pair{seconds(float64(p.Frame) / rate.Float()), p.B1, p.B2}
	}
	return out
}

// maxRows608 is how many rows a caption has at most: decoders need not have more.
const maxRows608 = 4

// Encode608 writes a track as pop-on captions of CC1, for frames of a rate of up
// to 30. Longer lines are wrapped at 32 columns; rows above the fourth are left out.
func Encode608(t Track, rate spool.Rational) Encoded608 {
	e := encoder608{used: map[int64][2]byte{}}
	frame := func(d time.Duration) int64 { return int64(math.Round(d.Seconds() * rate.Float())) }
	cues := t.Merged().Cues
	free := int64(0)
	for i, c := range cues {
		if i+1 < len(cues) && cues[i+1].Start < c.End {
			c.End = cues[i+1].Start // one caption at a time
		}
		show := frame(c.Start)
		load := e.load(c, 2)
		slots := e.before(free, show, len(load))
		if len(slots) < len(load) {
			load = e.load(c, 1) // codes once instead of twice
			slots = e.before(free, show, len(load))
		}
		for at := free; len(slots) < len(load); {
			slots = slots[:0]
			for ; len(slots) < len(load); at++ {
				if _, taken := e.used[at]; !taken {
					slots = append(slots, at)
				}
			}
		}
		for k, p := range load {
			e.used[slots[k]] = p
		}
		shown := show
		if n := len(slots); n > 0 {
			shown = max(show, slots[n-1]+1)
		}
		e.out.Late = max(e.out.Late, seconds(float64(shown-show)/rate.Float()))
		e.used[shown], e.used[shown+1] = [2]byte{0x14, 0x2f}, [2]byte{0x14, 0x2f}
		free = shown + 2
		end := max(frame(c.End), free)
		if i+1 == len(cues) || frame(cues[i+1].Start) > end+2 {
			e.used[end], e.used[end+1] = [2]byte{0x14, 0x2c}, [2]byte{0x14, 0x2c}
		}
	}
	for at, p := range e.used {
		e.out.Pairs = append(e.out.Pairs, Timed608{at, parity(p[0]), parity(p[1])})
	}
	slices.SortFunc(e.out.Pairs, func(a, b Timed608) int { return cmp.Compare(a.Frame, b.Frame) })
	e.out.Lost = e.lost
	return e.out
}

// parity sets the eighth bit so that the number of ones is odd.
func parity(b byte) byte {
	if bits.OnesCount8(b)%2 == 0 {
		return b | 0x80
	}
	return b
}

type encoder608 struct {
	out  Encoded608
	used map[int64][2]byte
	lost int
}

// before finds so many frames that carry nothing yet, the last ones from free on
// and before show.
func (e *encoder608) before(free, show int64, n int) []int64 {
	var out []int64
	for at := show - 1; at >= free && len(out) < n; at-- {
		if _, taken := e.used[at]; !taken {
			out = append(out, at)
		}
	}
	slices.Reverse(out)
	return out
}

// load writes what brings a caption into the memory that is not shown. Codes are
// sent so many times.
func (e *encoder608) load(c Cue, times int) [][2]byte {
	w := writer608{times: times}
	w.code(0x14, 0x20)
	w.code(0x14, 0x2e)
	rows := wrap608(c.Lines)
	top := rows608 - len(rows)
	if p := c.Place; p != nil {
		switch line := (p.Y - 10) * rows608 / 80; p.Anchor {
		case AnchorTop:
			top = int(math.Round(line))
		case AnchorMiddle:
			top = int(math.Round(line - float64(len(rows))/2))
		default:
			top = int(math.Round(line)) - len(rows)
		}
		top = min(max(top, 0), rows608-len(rows))
	}
	for i, l := range rows {
		w.row(top+i, column608(c.Place, utf8.RuneCountInString(l.Plain())), l)
	}
	if times == 2 {
		e.lost += w.lost
	}
	return w.out
}

// column608 gives where a row begins.
func column608(p *Place, width int) int {
	col := (columns608 - width) / 2
	if p != nil {
		at := (p.X - 10) * columns608 / 80
		switch p.Align {
		case AlignStart:
			col = int(math.Round(at))
		case AlignEnd:
			col = int(math.Round(at)) - width
		default:
			col = int(math.Round(at - float64(width)/2))
		}
	}
	return min(max(col, 0), columns608-width)
}

// wrap608 breaks lines so that each fits a row.
func wrap608(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		var row Line
		width := 0
		next := func() {
			if row = trimLine(row); len(row) > 0 {
				out = append(out, row)
			}
			row, width = nil, 0
		}
		for _, s := range l {
			for _, word := range strings.SplitAfter(s.Text, " ") {
				n := utf8.RuneCountInString(strings.TrimRight(word, " "))
				if width > 0 && width+n > columns608-1 {
					next()
				}
				for n > columns608-1 { // a word longer than a row
					r := []rune(word)
					row = append(row, Span{string(r[:columns608-1]), s.Style})
					next()
					word = string(r[columns608-1:])
					n = utf8.RuneCountInString(strings.TrimRight(word, " "))
				}
				if word != "" {
					row = append(row, Span{word, s.Style})
					width += utf8.RuneCountInString(word)
				}
			}
		}
		next()
	}
	return out[:min(len(out), maxRows608)]
}

// writer608 writes codes and text.
type writer608 struct {
	out   [][2]byte
	half  byte // the first of two characters, 0 when there is none
	times int
	lost  int
}

func (w *writer608) flush() {
	if w.half != 0 {
		w.out = append(w.out, [2]byte{w.half, 0})
		w.half = 0
	}
}

func (w *writer608) code(b1, b2 byte) {
	w.flush()
	for range w.times {
		w.out = append(w.out, [2]byte{b1, b2})
	}
}

func (w *writer608) char(b byte) {
	if w.half == 0 {
		w.half = b
		return
	}
	w.out = append(w.out, [2]byte{w.half, b})
	w.half = 0
}

// row writes one row from a column on.
func (w *writer608) row(row, col int, l Line) {
	styled := len(l) > 0 && l[0].Style != (Style{})
	if styled && col > 0 {
		col-- // a code for style takes a column
	}
	b1 := [rows608]byte{0x11, 0x11, 0x12, 0x12, 0x15, 0x15, 0x16, 0x16, 0x17, 0x17, 0x10, 0x13, 0x13, 0x14, 0x14}[row]
	b2 := byte(0x50 | col/4<<1)
	if low := [rows608]bool{1: true, 3: true, 5: true, 7: true, 9: true, 12: true, 14: true}; low[row] {
		b2 |= 0x20
	}
	w.code(b1, b2)
	if col%4 > 0 {
		w.code(0x17, byte(0x20+col%4))
	}
	now, blank := Style{}, false
	for _, s := range l {
		style := s.Style
		style.Bold = false // CEA-608 has none
		text := s.Text
		if style != now {
			if blank { // the code stands in place of the blank before it
				w.unblank()
			} else if strings.HasPrefix(text, " ") {
				text = text[1:]
			}
			w.style(style)
			now = style
		}
		for _, r := range text {
			w.rune(r)
			blank = r == ' '
		}
	}
	w.flush()
}

// unblank takes back a blank that was written last, where it still can be.
func (w *writer608) unblank() {
	if w.half == ' ' {
		w.half = 0
		return
	}
	if n := len(w.out); w.half == 0 && n > 0 && w.out[n-1][1] == ' ' && w.out[n-1][0] >= 0x20 {
		w.half = w.out[n-1][0]
		w.out = w.out[:n-1]
	}
}

// style writes the mid-row codes of a style.
func (w *writer608) style(s Style) {
	under := byte(0)
	if s.Underline {
		under = 1
	}
	color := nearest608(s.Color)
	if s.Italic {
		if color != 0 {
			w.code(0x11, 0x20|color<<1)
		}
		w.code(0x11, 0x2e|under)
		return
	}
	w.code(0x11, 0x20|color<<1|under)
}

func (w *writer608) rune(r rune) {
	c, ok := codes608[r]
	if !ok {
		switch r {
		case '…':
			for range 3 {
				w.char('.')
			}
			return
		case '–', '―':
			c = codes608['—']
		case '\u2028', '\u200e', '\u200f', '\u200b', '\u2060':
			return
		default:
			w.lost++
			c = code608{basic: '?'}
		}
	}
	if c.basic != 0 {
		w.char(c.basic)
	}
	if c.b1 != 0 {
		w.code(c.b1, c.b2)
	}
}
