package captions

import (
	"bufio"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// CC is closed-caption data as pictures carry it (ATSC A/53): lines of the time
// of a picture in seconds and its bytes in hexadecimal, three for each pair.
// It is made by AppendCC.
const CC Format = "cc"

// The kinds of pairs, in the low bits of their first byte (CTA-708, 4.3).
const (
	ccValid  = 4
	ccField1 = 0
	ccField2 = 1
)

// AppendCC adds the pairs of one picture to data in the form of CC: those of
// CEA-608 that say anything.
func AppendCC(data []byte, at time.Duration, triplets []byte) []byte {
	begun := false
	for ; len(triplets) >= 3; triplets = triplets[3:] {
		if triplets[0]&ccValid == 0 || triplets[0]&3 > ccField2 || triplets[1]&0x7f == 0 && triplets[2]&0x7f == 0 {
			continue
		}
		if !begun {
			begun = true
			data = strconv.AppendFloat(data, at.Seconds(), 'f', 6, 64)
			data = append(data, ' ')
		}
		data = hex.AppendEncode(data, triplets[:3])
	}
	if begun {
		data = append(data, '\n')
	}
	return data
}

// Pairs reads the CEA-608 data of a file of SCC or CC that one of the four
// channels is in: all of its field.
func Pairs(kind Format, data []byte, opts ReadOptions) ([]Pair, error) {
	if len(data) > MaxBytes {
		return nil, bad(0, "it has %d bytes; at most %d are read", len(data), MaxBytes)
	}
	switch kind {
	case SCC:
		return pairsSCC(Decode(data), opts)
	case CC:
		return pairsCC(string(data), opts.Channel)
	default:
		return nil, bad(0, "captions of the format %q hold no CEA-608", string(kind))
	}
}

func pairsCC(text string, channel int) ([]Pair, error) {
	field := byte(ccField1)
	if channel > 2 {
		field = ccField2
	}
	var pairs []Pair
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		at, digits, _ := strings.Cut(lines.Text(), " ")
		seconds, err1 := strconv.ParseFloat(at, 64)
		data, err2 := hex.DecodeString(digits)
		if err1 != nil || err2 != nil || !(seconds > -1e6 && seconds < 1e6) {
			return nil, bad(n, "it is no closed-caption data")
		}
		for ; len(data) >= 3; data = data[3:] {
			if data[0]&3 == field {
				pairs = append(pairs, Pair{time.Duration(seconds * 1e9), data[1], data[2]})
			}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, bad(0, "it is no closed-caption data: %v", err)
	}
	return pairs, nil
}

// read608 makes cues of the data of a field.
func read608(pairs []Pair, channel int) (Track, error) {
	var c collect
	for _, cue := range Decode608(pairs, channel > 0 && channel%2 == 0) {
		if err := c.add(0, cue); err != nil {
			return Track{}, err
		}
	}
	return c.track, nil
}

// ToChannel makes data of one channel that of another, 1 to 4.
func ToChannel(pairs []Pair, from, to int) []Pair {
	if from == to {
		return pairs
	}
	out := make([]Pair, 0, len(pairs))
	for _, p := range pairs {
		if b := p.B1 & 0x7f; b >= 0x10 && b < 0x20 {
			b &^= 0x08 // the channel within the field
			if to%2 == 0 {
				b |= 0x08
			}
			// control codes have names of their own in each field
			if low := p.B2 & 0x7f; low >= 0x20 && low < 0x30 && (b&^0x08 == 0x14 || b&^0x08 == 0x15) {
				b = b&^0x01 | byte(to-1)/2
			}
			p.B1 = b
		}
		out = append(out, p)
	}
	return out
}

// Erase is the code that clears what is shown, sent twice.
func Erase(channel int, at time.Duration) []Pair {
	p := ToChannel([]Pair{{at, 0x14, 0x2c}}, 0, max(channel, 1))[0]
	return []Pair{p, p}
}
