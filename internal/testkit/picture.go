package testkit

import (
	"fmt"
	"io"
	"math"
	"time"
)

// The block that flashes, in shares of the picture.
const (
	blockX0, blockX1 = 0.72, 0.94
	blockY0, blockY1 = 0.66, 0.90
)

// canvas draws the frames of one clip as yuv420p.
type canvas struct {
	spec       ClipSpec
	w, h       int
	cw, ch     int    // size of the chroma planes
	luma       []byte // background, twice as wide as the picture, h rows
	chroma     []byte // the same for both chroma planes: cw*2, ch rows
	frame      []byte
	fontScale  int
	flashUntil time.Duration
	flashes    []time.Duration // still to come
}

// drawClip writes all frames of a clip, one after the other.
func drawClip(spec ClipSpec, to io.Writer) error {
	c := newCanvas(spec)
	for n := range spec.Frames() {
		c.draw(n)
		if _, err := to.Write(c.frame); err != nil {
			return fmt.Errorf("write frame %d: %w", n, err)
		}
	}
	return nil
}

func newCanvas(spec ClipSpec) *canvas {
	c := &canvas{spec: spec, w: spec.W, h: spec.H, cw: (spec.W + 1) / 2, ch: (spec.H + 1) / 2}
	c.frame = make([]byte, c.w*c.h+2*c.cw*c.ch)
	c.fontScale = max(1, c.w/200)
	c.flashes = spec.FlashTimes()
	c.paintBackground()
	return c
}

// paintBackground makes a texture that repeats after the picture's width, so
// that a moving window of it is a smooth pan: soft waves, like a landscape, with
// fine grain, like a camera. It is never darker than 70, so that it is told
// from black bars.
func (c *canvas) paintBackground() {
	c.luma = make([]byte, 2*c.w*c.h)
	seed := uint32(1)
	for y := range c.h {
		v := float64(y) / float64(c.h)
		for x := range c.w {
			u := 2 * math.Pi * float64(x) / float64(c.w)
			level := 128 + 25*math.Sin(u+3*v) + 15*math.Sin(3*u-7*v) + 8*math.Sin(11*u+20*v)
			seed = seed*1664525 + 1013904223
			level += float64(seed>>24)/32 - 4
			b := byte(level)
			c.luma[y*2*c.w+x], c.luma[y*2*c.w+c.w+x] = b, b
		}
	}
	c.chroma = make([]byte, 2*c.cw*c.ch)
	for y := range c.ch {
		for x := range c.cw {
			u := 2 * math.Pi * float64(x) / float64(c.cw)
			b := byte(128 + 40*math.Sin(u+2*float64(y)/float64(c.ch)))
			c.chroma[y*2*c.cw+x], c.chroma[y*2*c.cw+c.cw+x] = b, b
		}
	}
}

// draw makes frame n.
func (c *canvas) draw(n int) {
	at := c.spec.FrameTime(n)
	shift := int(at.Seconds()*float64(c.w)/8) % c.w
	for y := range c.h {
		copy(c.frame[y*c.w:(y+1)*c.w], c.luma[y*2*c.w+shift:])
	}
	cb, cr := c.frame[c.w*c.h:c.w*c.h+c.cw*c.ch], c.frame[c.w*c.h+c.cw*c.ch:]
	for y := range c.ch {
		row := c.chroma[y*2*c.cw : (y+1)*2*c.cw]
		copy(cb[y*c.cw:(y+1)*c.cw], row[shift/2:])
		copy(cr[y*c.cw:(y+1)*c.cw], row[(c.w-shift)/2%c.cw:])
	}
	c.drawBall(at)
	c.drawStrip(n)
	c.drawBlock(at)
	c.drawClock(n, at)
}

// drawBall moves a disc along a curve: motion in every direction.
func (c *canvas) drawBall(at time.Duration) {
	s := at.Seconds()
	r := c.h / 12
	cx := int(float64(c.w) * (0.35 + 0.25*math.Sin(2.1*s)))
	cy := int(float64(c.h) * (0.6 + 0.2*math.Cos(3.3*s)))
	for y := max(0, cy-r); y < min(c.h, cy+r); y++ {
		half := int(math.Sqrt(float64(r*r - (y-cy)*(y-cy))))
		c.fill(cx-half, y, cx+half, y+1, 210, 90, 200)
	}
}

func (c *canvas) drawStrip(n int) {
	height := (c.h + stripShare - 1) / stripShare
	for i, white := range codeOf(n) {
		level := byte(levelBlack)
		if white {
			level = levelWhite
		}
		c.fill(i*c.w/codeCells, 0, (i+1)*c.w/codeCells, height, level, 128, 128)
	}
}

func (c *canvas) drawBlock(at time.Duration) {
	if len(c.flashes) > 0 && at >= c.flashes[0] {
		c.flashUntil = c.flashes[0] + flashLength
		c.flashes = c.flashes[1:]
	}
	level := byte(levelBlack)
	if at < c.flashUntil {
		level = levelWhite
	}
	w, h := float64(c.w), float64(c.h)
	c.fill(int(blockX0*w), int(blockY0*h), int(blockX1*w), int(blockY1*h), level, 128, 128)
}

// drawClock writes hh:mm:ss.fff and the frame's number.
func (c *canvas) drawClock(n int, at time.Duration) {
	ms := at.Milliseconds()
	text := fmt.Sprintf("%02d:%02d:%02d.%03d #%d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000, n)
	s := c.fontScale
	x0, y0 := c.w/20, c.h/stripShare+c.h/20
	c.fill(x0-2*s, y0-2*s, x0+len(text)*6*s+s, y0+9*s, levelBlack, 128, 128)
	for i := range len(text) {
		glyph := font[text[i]]
		for row, bits := range glyph {
			for col := range 5 {
				if bits>>(4-col)&1 == 1 {
					x, y := x0+(i*6+col)*s, y0+row*s
					c.fill(x, y, x+s, y+s, levelWhite, 128, 128)
				}
			}
		}
	}
}

// fill paints a box, cut to the picture.
func (c *canvas) fill(x0, y0, x1, y1 int, luma, cb, cr byte) {
	x0, y0, x1, y1 = max(0, x0), max(0, y0), min(c.w, x1), min(c.h, y1)
	if x0 >= x1 || y0 >= y1 {
		return
	}
	for y := y0; y < y1; y++ {
		set(c.frame[y*c.w+x0:y*c.w+x1], luma)
	}
	u, v := c.frame[c.w*c.h:c.w*c.h+c.cw*c.ch], c.frame[c.w*c.h+c.cw*c.ch:]
	for y := y0 / 2; y < (y1+1)/2; y++ {
		set(u[y*c.cw+x0/2:y*c.cw+(x1+1)/2], cb)
		set(v[y*c.cw+x0/2:y*c.cw+(x1+1)/2], cr)
	}
}

func set(row []byte, to byte) {
	for i := range row {
		row[i] = to
	}
}

// font holds the glyphs of the clock, five columns by seven rows, the leftmost
// column in bit 4.
var font = map[byte][7]byte{
	'0': {0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110},
	'1': {0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110},
	'2': {0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111},
	'3': {0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110},
	'4': {0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010},
	'5': {0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110},
	'6': {0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110},
	'7': {0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000},
	'8': {0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110},
	'9': {0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100},
	':': {0b00000, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100, 0b00000},
	'.': {0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100},
	'#': {0b01010, 0b01010, 0b11111, 0b01010, 0b11111, 0b01010, 0b01010},
	' ': {},
}
