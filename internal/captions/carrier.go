package captions

import (
	"bytes"
	"math"

	"spool/internal/spool"
)

// maxTriplets is how many pairs a picture carries at most (CTA-708, 4.3): cc_count
// has five bits.
const maxTriplets = 31

// Carried are the pairs of each frame in the form of A/53: three bytes for each.
type Carried map[int64][]byte

// Carry adds the pairs of one of the four channels to the frames that are nearest
// to them, at a rate. What finds no room comes a frame later.
func (c Carried) Carry(pairs []Pair, channel int, rate spool.Rational) {
	kind := byte(0xfc | ccField1)
	if channel > 2 {
		kind = 0xfc | ccField2
	}
	var at int64
	for _, p := range pairs {
		at = max(at, int64(math.Round(p.At.Seconds()*rate.Float())))
		for len(c[at]) >= 3*maxTriplets {
			at++
		}
		c[at] = append(c[at], kind, parity(p.B1&0x7f), parity(p.B2&0x7f))
	}
}

// Carrier writes a video that has no picture to speak of, 16 by 16 pixels of
// gray, and closed captions with every frame: FFmpeg reads them from it and
// hands them on with the pictures that are laid over it. It is a stream of H.264 in
// the form of Annex B, at the rate of the frames.
func Carrier(carried Carried, frames int64) []byte {
	var b bytes.Buffer
	unit := func(kind byte, payload []byte) {
		b.Write([]byte{0, 0, 0, 1, kind})
		zeros := 0
		for _, c := range payload { // no three bytes look like a start code
			if zeros == 2 && c <= 3 {
				b.WriteByte(3)
				zeros = 0
			}
			b.WriteByte(c)
			if zeros++; c != 0 {
				zeros = 0
			}
		}
	}
	for n := range frames {
		if n%64 == 0 {
			unit(0x67, carrierSPS())
			unit(0x68, carrierPPS())
		}
		cc := carried[n]
		if len(cc) == 0 {
			cc = []byte{0xfc, 0x80, 0x80} // nothing is said
		}
		unit(0x06, captionSEI(cc))
		unit(0x65, carrierSlice(n))
	}
	return b.Bytes()
}

// captionSEI is the supplemental message that carries closed captions (ATSC A/53
// part 4, 6.2.3).
func captionSEI(triplets []byte) []byte {
	body := []byte{0xb5, 0x00, 0x31, 'G', 'A', '9', '4', 0x03, 0x40 | byte(len(triplets)/3), 0xff}
	body = append(append(body, triplets...), 0xff)
	return append(append([]byte{4, byte(len(body))}, body...), 0x80)
}

// bitWriter writes the fields of H.264.
type bitWriter struct {
	out  []byte
	free int // bits left in the last byte
}

func (w *bitWriter) bits(v uint32, n int) {
	for n--; n >= 0; n-- {
		if w.free == 0 {
			w.out, w.free = append(w.out, 0), 8
		}
		w.free--
		w.out[len(w.out)-1] |= byte(v>>n&1) << w.free
	}
}

// ue is an unsigned Exp-Golomb code.
func (w *bitWriter) ue(v uint32) {
	n := 0
	for (v+1)>>(n+1) > 0 {
		n++
	}
	w.bits(0, n)
	w.bits(v+1, n+1)
}

// end closes a unit: a one, and zeros up to the next byte.
func (w *bitWriter) end() []byte {
	w.bits(1, 1)
	return w.out
}

func carrierSPS() []byte {
	var w bitWriter
	w.bits(66, 8) // Baseline
	w.bits(0xc0, 8)
	w.bits(10, 8) // level 1
	w.ue(0)       // its number
	w.ue(4)       // frame numbers have 8 bits
	w.ue(2)       // pictures are shown in the order in which they are coded
	w.ue(0)       // reference frames
	w.bits(0, 1)
	w.ue(0)      // one macroblock wide
	w.ue(0)      // and high
	w.bits(1, 1) // frames, no fields
	w.bits(0, 1)
	w.bits(0, 1) // no cropping
	w.bits(0, 1) // no VUI
	return w.end()
}

func carrierPPS() []byte {
	var w bitWriter
	w.ue(0) // its number
	w.ue(0) // that of the SPS
	w.bits(0, 2)
	w.ue(0) // one slice group
	w.ue(0)
	w.ue(0)
	w.bits(0, 3)
	w.ue(0) // QP 26, se(0)
	w.ue(0)
	w.ue(0)
	w.bits(0, 3)
	return w.end()
}

// carrierSlice is a picture of one macroblock, predicted from nothing: gray.
func carrierSlice(n int64) []byte {
	var w bitWriter
	w.ue(0)             // its first macroblock
	w.ue(7)             // I, as all of the picture
	w.ue(0)             // the PPS
	w.bits(0, 8)        // frame number of an IDR picture
	w.ue(uint32(n & 1)) // neighbours have different ids
	w.bits(0, 2)        // how references are marked
	w.ue(0)             // QP, se(0)
	w.ue(3)             // macroblock: 16x16 from its mean, no coefficients
	w.ue(0)             // chroma from its mean
	w.ue(0)             // QP, se(0)
	w.bits(1, 1)        // no DC coefficients
	return w.end()
}
