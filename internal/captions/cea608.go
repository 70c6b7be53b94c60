package captions

import (
	"strings"
	"time"
)

// Pair is two bytes of CEA-608 data of one field, and when they come. Parity
// bits may be set.
type Pair struct {
	At     time.Duration
	B1, B2 byte
}

// The characters of CEA-608 (CTA-608-E, tables 49 to 51).
var (
	basic608    = []rune(" !\"#$%&’()á+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[é]íóúabcdefghijklmnopqrstuvwxyzç÷Ññ█")
	special608  = []rune("®°½¿™¢£♪à\u00a0èâêîôû")
	spanish608  = []rune("ÁÉÓÚÜü‘¡*'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»")
	germanic608 = []rune("ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤¦ÅåØø┌┐└┘")
)

// colors608 are in the order of their codes; white is the default, so it is none.
var colors608 = []Color{0, RGB(0x00ff00), RGB(0x0000ff), RGB(0x00ffff), RGB(0xff0000), RGB(0xffff00), RGB(0xff00ff)}

const rows608, columns608 = 15, 32

type cell struct {
	r     rune // 0 is nothing: the picture shows through
	style Style
}

type screen [rows608][columns608]cell

type mode608 int

const (
	popOn mode608 = iota
	paintOn
	rollUp
	textMode
)

// decoder608 follows one channel of a field, and makes a cue of each text that
// was shown.
type decoder608 struct {
	second        bool // CC2 or CC4
	active        bool // the codes that come now are for this channel
	mode          mode608
	depth         int // rows of roll-up
	shown, hidden screen
	row, col      int
	style         Style
	last          [2]byte
	since         time.Duration // when what is shown began
	cues          []Cue
	other         bool // extended data, not captions
}

// Decode608 makes cues of the data of one field. second chooses CC2 or CC4. What
// is still shown at the end has an end far away.
func Decode608(pairs []Pair, second bool) []Cue {
	d := &decoder608{second: second, row: rows608 - 1, depth: 2, mode: popOn}
	var now time.Duration
	for _, p := range pairs {
		now = max(now, p.At)
		d.pair(p.B1&0x7f, p.B2&0x7f, now)
		if len(d.cues) > maxCues {
			break
		}
	}
	d.flush(forever)
	return d.cues
}

func (d *decoder608) pair(b1, b2 byte, now time.Duration) {
	switch {
	case b1 == 0 && b2 == 0:
		return
	case b1 < 0x10:
		d.other = b1 > 0 // extended data services until 0x0f or a caption code
		if b1 == 0x0f || b1 == 0 {
			d.other = false
		}
		return
	case b1 >= 0x20:
		d.last = [2]byte{}
		if d.active && !d.other && d.mode != textMode {
			d.put(rune608(b1), now)
			if b2 >= 0x20 {
				d.put(rune608(b2), now)
			}
		}
		return
	}
	d.other = false
	if d.last == [2]byte{b1, b2} {
		d.last = [2]byte{} // codes are sent twice
		return
	}
	d.last = [2]byte{b1, b2}
	if d.active = b1&0x08 != 0 == d.second; !d.active {
		return
	}
	b1 &^= 0x08
	switch {
	case b2 >= 0x40:
		if d.mode != textMode {
			d.address(b1, b2, now)
		}
	case (b1 == 0x14 || b1 == 0x15) && b2 >= 0x20 && b2 < 0x30:
		d.control(b2, now)
	case d.mode == textMode:
	case b1 == 0x11 && b2 >= 0x20 && b2 < 0x30:
		d.midrow(b2, now)
	case b1 == 0x11 && b2 >= 0x30:
		d.put(special608[b2-0x30], now)
	case b1 == 0x12 && b2 >= 0x20:
		d.replace(spanish608[b2-0x20], now)
	case b1 == 0x13 && b2 >= 0x20:
		d.replace(germanic608[b2-0x20], now)
	case b1 == 0x17 && b2 >= 0x21 && b2 <= 0x23:
		d.col = min(d.col+int(b2-0x20), columns608-1)
	}
}

func rune608(b byte) rune {
	if b < 0x20 {
		return ' '
	}
	return basic608[b-0x20]
}

// memory is where text is written now.
func (d *decoder608) memory() *screen {
	if d.mode == popOn {
		return &d.hidden
	}
	return &d.shown
}

func (d *decoder608) put(r rune, now time.Duration) {
	if d.mode != popOn && d.shown.empty() {
		d.since = now
	}
	d.memory()[d.row][d.col] = cell{r, d.style}
	d.col = min(d.col+1, columns608-1)
}

// replace puts a character of the extended sets in the place of the one before
// it, which decoders that don't know them show.
func (d *decoder608) replace(r rune, now time.Duration) {
	if d.col > 0 && (d.col < columns608-1 || d.memory()[d.row][d.col].r == 0) {
		d.col--
	}
	d.put(r, now)
}

func (d *decoder608) midrow(b2 byte, now time.Duration) {
	d.put(' ', now)
	n := b2 & 0x0f >> 1
	if n == 7 {
		d.style.Italic = true
	} else {
		d.style = Style{Color: colors608[n]}
	}
	d.style.Underline = b2&1 != 0
}

// address is a preamble address code: a row with either a colour or an indent.
func (d *decoder608) address(b1, b2 byte, now time.Duration) {
	row := [8]int{11, 1, 3, 12, 14, 5, 7, 9}[b1&7]
	if b2&0x20 != 0 && b1&7 != 0 {
		row++
	}
	row--
	if d.mode == rollUp && row != d.row {
		d.flush(now)
		d.move(row)
	}
	d.row, d.col = row, 0
	d.style = Style{Underline: b2&1 != 0}
	switch n := int(b2 & 0x1e >> 1); {
	case n < 7:
		d.style.Color = colors608[n]
	case n == 7:
		d.style.Italic = true
	default:
		d.col = (n - 8) * 4
	}
}

// move brings the rows of roll-up to another base row.
func (d *decoder608) move(base int) {
	var next screen
	for k := range d.depth {
		from, to := d.row-k, base-k
		if from >= 0 && to >= 0 {
			next[to] = d.shown[from]
		}
	}
	d.shown = next
}

func (d *decoder608) control(code byte, now time.Duration) {
	switch code {
	case 0x20: // resume caption loading
		d.mode = popOn
	case 0x21: // backspace
		if d.mode != textMode && d.col > 0 {
			d.col--
			d.memory()[d.row][d.col] = cell{}
		}
	case 0x24: // delete to end of row
		if d.mode != textMode {
			for c := d.col; c < columns608; c++ {
				d.memory()[d.row][c] = cell{}
			}
		}
	case 0x25, 0x26, 0x27: // roll-up with 2 to 4 rows
		if d.mode != rollUp {
			d.flush(now)
			d.shown, d.hidden = screen{}, screen{}
			d.row, d.col = rows608-1, 0
		}
		d.mode, d.depth = rollUp, int(code-0x23)
	case 0x29: // resume direct captioning
		d.flush(now)
		d.mode = paintOn
	case 0x2a, 0x2b: // text, not captions
		d.mode = textMode
	case 0x2c: // erase displayed memory
		d.flush(now)
		d.shown = screen{}
	case 0x2d: // carriage return
		if d.mode != rollUp {
			return
		}
		d.flush(now)
		for r := max(0, d.row-d.depth+1); r < d.row; r++ {
			d.shown[r] = d.shown[r+1]
		}
		for r := 0; r <= d.row-d.depth; r++ {
			d.shown[r] = [columns608]cell{}
		}
		d.shown[d.row] = [columns608]cell{}
		d.col, d.style = 0, Style{}
	case 0x2e: // erase non-displayed memory
		d.hidden = screen{}
	case 0x2f: // end of caption: what was loaded is shown
		d.flush(now)
		d.shown, d.hidden = d.hidden, d.shown
		d.mode, d.since = popOn, now
	}
}

func (s *screen) empty() bool {
	for _, row := range s {
		for _, c := range row {
			if c.r != 0 && c.r != ' ' {
				return false
			}
		}
	}
	return true
}

// flush makes cues of what was shown until now.
func (d *decoder608) flush(now time.Duration) {
	if now > d.since {
		for _, g := range d.shown.groups() {
			g.Start, g.End = d.since, now
			d.cues = append(d.cues, g)
		}
	}
	d.since = now
}

// groups makes a cue of each block of rows that follow each other.
func (s *screen) groups() []Cue {
	var out []Cue
	for top := 0; top < rows608; top++ {
		if s.width(top) == 0 {
			continue
		}
		bottom := top
		for bottom+1 < rows608 && s.width(bottom+1) > 0 {
			bottom++
		}
		out = append(out, s.group(top, bottom))
		top = bottom
	}
	return out
}

// width gives how many columns a row fills from its first character on.
func (s *screen) width(row int) int {
	first, last := s.extent(row)
	return last - first
}

func (s *screen) extent(row int) (first, last int) {
	first = columns608
	for c, v := range s[row] {
		if v.r != 0 && v.r != ' ' && v.r != '\u00a0' {
			first, last = min(first, c), c+1
		}
	}
	return min(first, last), last
}

func (s *screen) group(top, bottom int) Cue {
	var b builder
	left, right := columns608, 0
	lowest, highest := 2*columns608, 0 // twice the centre of rows
	for row := top; row <= bottom; row++ {
		first, last := s.extent(row)
		left, right = min(left, first), max(right, last)
		lowest, highest = min(lowest, first+last), max(highest, first+last)
		if row > top {
			b.text("\n", Style{})
		}
		for c := first; c < last; c++ {
			v := s[row][c]
			if v.r == 0 {
				v.r = ' '
			}
			b.text(string(v.r), v.style)
		}
	}
	x := func(column float64) float64 { return 10 + column*80/columns608 }
	place := &Place{}
	switch {
	case highest-lowest <= 4 && left > 0 && (bottom > top || lowest > columns608-6 && lowest < columns608+6):
		place.X = x(float64(highest+lowest) / 4)
	case right == columns608 && left > columns608/2:
		place.X, place.Align = x(columns608), AlignEnd
	default:
		place.X, place.Align = x(float64(left)), AlignStart
	}
	if top < rows608/2 {
		place.Y, place.Anchor = 10+float64(top)*80/rows608, AnchorTop
	} else {
		place.Y = 10 + float64(bottom+1)*80/rows608
	}
	return Cue{Lines: b.done(), Place: place}
}

// code608 is how a character is sent: one byte, or a pair that may have to follow
// a byte that it takes the place of.
type code608 struct {
	basic  byte // 0 when there is none
	b1, b2 byte
}

var codes608 = encoding608()

func encoding608() map[rune]code608 {
	m := map[rune]code608{'\'': {basic: 0x27}, '\u00a0': {basic: 0x20}}
	for i, r := range germanic608 {
		m[r] = code608{basic: plain608(r), b1: 0x13, b2: byte(0x20 + i)}
	}
	for i, r := range spanish608 {
		if r != '\'' {
			m[r] = code608{basic: plain608(r), b1: 0x12, b2: byte(0x20 + i)}
		}
	}
	for i, r := range special608 {
		if r != '\u00a0' {
			m[r] = code608{b1: 0x11, b2: byte(0x30 + i)}
		}
	}
	for i, r := range basic608 {
		m[r] = code608{basic: byte(0x20 + i)}
	}
	return m
}

// plain608 gives the basic character that is nearest to one of the extended sets.
func plain608(r rune) byte {
	for plain, likes := range map[byte]string{
		'A': "ÁÀÂÃÄÅ", 'a': "ãäå", 'C': "Ç", 'E': "ÉÈÊË", 'e': "ë", 'I': "ÍÌÎÏ", 'i': "ìï", 'O': "ÓÒÔÕÖØ", 'o': "òõöø",
		'U': "ÚÙÛÜ", 'u': "ùü", '"': "“”«»", '-': "—_~", '(': "{", ')': "}", '/': "\\|¦", 's': "ß", '$': "¤", 'Y': "¥", '!': "¡",
	} {
		if strings.ContainsRune(likes, r) {
			return plain
		}
	}
	switch r {
	case '‘':
		return 0x27
	case '*', '•':
		return '.'
	}
	return ' '
}

// nearest608 gives the code of the nearest of the colours that CEA-608 has.
func nearest608(c Color) byte {
	if c == 0 {
		return 0
	}
	best, least := 0, int64(1)<<40
	for i, k := range colors608 {
		if i == 0 {
			k = RGB(0xffffff)
		}
		var sum int64
		for _, shift := range []int{8, 16, 24} {
			d := int64(c>>shift&0xff) - int64(k>>shift&0xff)
			sum += d * d
		}
		if sum < least {
			best, least = i, sum
		}
	}
	return byte(best)
}
