package testkit

// The number strip is one row of cells over the whole width at the top of the
// picture, a ninth of the height: a start mark (white, black, white), sixteen
// bits of the frame's number, four check bits, and the end mark (white, black,
// white). White is 1, most significant bit first. The marks give the levels to
// compare with, so that neither range conversion nor tone mapping matters; and
// they make the strip end in white, so that black bars can be found.
const (
	markCells  = 3
	numberBits = 16
	checkBits  = 4
	codeCells  = markCells + numberBits + checkBits + markCells
	stripShare = 9 // the strip is 1/9 of the height
)

// Gray levels as drawn, limited range.
const (
	levelBlack = 16
	levelWhite = 235
)

// checkOf gives four check bits: each nibble is turned by its place before the
// sum, so that swapped nibbles are noticed too.
func checkOf(number int) int {
	sum := 0x5
	for i := range numberBits / 4 {
		nibble := number >> (4 * i) & 0xf
		sum = (sum*3 + nibble + i) & 0xf
	}
	return sum
}

// codeOf gives the cells of a frame's number, true for white. Numbers wrap at 65536.
func codeOf(number int) [codeCells]bool {
	number &= 1<<numberBits - 1
	var cells [codeCells]bool
	cells[0], cells[2] = true, true
	cells[codeCells-3], cells[codeCells-1] = true, true
	for i := range numberBits {
		cells[markCells+i] = number>>(numberBits-1-i)&1 == 1
	}
	check := checkOf(number)
	for i := range checkBits {
		cells[markCells+numberBits+i] = check>>(checkBits-1-i)&1 == 1
	}
	return cells
}

// gray is a picture of 8-bit luma with a turn: at(x, y) reads it as if it had
// been turned clockwise by turn quarter turns.
type gray struct {
	pix  []byte
	w, h int // as stored
	turn int
	// The part that is picture, not black bars, in turned coordinates.
	x0, y0, x1, y1 int
}

func (g *gray) size() (w, h int) {
	if g.turn%2 == 1 {
		return g.h, g.w
	}
	return g.w, g.h
}

func (g *gray) at(x, y int) int {
	switch g.turn {
	case 1:
		x, y = y, g.h-1-x
	case 2:
		x, y = g.w-1-x, g.h-1-y
	case 3:
		x, y = g.w-1-y, x
	}
	return int(g.pix[y*g.w+x])
}

// mean gives the mean level of a box in shares of the picture's active part.
func (g *gray) mean(x0, y0, x1, y1 float64) float64 {
	w, h := float64(g.x1-g.x0), float64(g.y1-g.y0)
	ax, bx := g.x0+int(x0*w), g.x0+int(x1*w)
	ay, by := g.y0+int(y0*h), g.y0+int(y1*h)
	bx, by = max(bx, ax+1), max(by, ay+1)
	sum, n := 0, 0
	for y := ay; y < by && y < g.y1; y++ {
		for x := ax; x < bx && x < g.x1; x++ {
			sum += g.at(x, y)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return float64(sum) / float64(n)
}

// findActive sets the active part: the smallest box that holds everything
// clearly brighter than black.
func (g *gray) findActive() {
	const dark = 64
	w, h := g.size()
	g.x0, g.y0, g.x1, g.y1 = w, h, 0, 0
	for y := range h {
		for x := range w {
			if g.at(x, y) > dark {
				g.x0, g.x1 = min(g.x0, x), max(g.x1, x+1)
				g.y0, g.y1 = min(g.y0, y), max(g.y1, y+1)
			}
		}
	}
}

// reading is what is read from one frame.
type reading struct {
	number int  // −1 where the strip cannot be read
	flash  bool // whether the block is white; false where number is −1
	turn   int  // clockwise quarter turns that made the picture upright
}

// readFrame reads the strip and the block of one frame in whichever of the four
// turns the marks and the check bits are right. The turn of the frame before is
// tried first.
func readFrame(pix []byte, w, h, firstTurn int) reading {
	for i := range 4 {
		g := &gray{pix: pix, w: w, h: h, turn: (firstTurn + i) % 4}
		g.findActive()
		if g.x1 <= g.x0 || g.y1 <= g.y0 {
			break
		}
		if r, ok := g.read(); ok {
			r.turn = g.turn
			return r
		}
	}
	return reading{number: -1}
}

func (g *gray) read() (reading, bool) {
	var levels [codeCells]float64
	for i := range codeCells {
		// The middle of the cell: its edges are smeared by scaling and coding.
		x := float64(i) / codeCells
		levels[i] = g.mean(x+0.3/codeCells, 0.25/stripShare, x+0.7/codeCells, 0.7/stripShare)
	}
	white := (levels[0] + levels[2] + levels[codeCells-3] + levels[codeCells-1]) / 4
	black := (levels[1] + levels[codeCells-2]) / 2
	if white-black < 48 {
		return reading{}, false
	}
	middle := (white + black) / 2
	var bits int
	for i := markCells; i < codeCells-markCells; i++ {
		bits <<= 1
		if levels[i] > middle {
			bits |= 1
		}
	}
	number, check := bits>>checkBits, bits&(1<<checkBits-1)
	marks := levels[0] > middle && levels[1] < middle && levels[2] > middle &&
		levels[codeCells-3] > middle && levels[codeCells-2] < middle && levels[codeCells-1] > middle
	if !marks || check != checkOf(number) {
		return reading{}, false
	}
	block := g.mean(blockX0+0.05, blockY0+0.05, blockX1-0.05, blockY1-0.05)
	return reading{number: number, flash: block > middle}, true
}
