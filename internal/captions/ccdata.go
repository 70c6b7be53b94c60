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

// readCC reads what AppendCC made, and decodes one of the four channels.
func readCC(text string, channel int) (Track, error) {
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
			return Track{}, bad(n, "it is no closed-caption data")
		}
		for ; len(data) >= 3; data = data[3:] {
			if data[0]&3 == field {
				pairs = append(pairs, Pair{time.Duration(seconds * 1e9), data[1], data[2]})
			}
		}
	}
	if err := lines.Err(); err != nil {
		return Track{}, bad(0, "it is no closed-caption data: %v", err)
	}
	// Fields say which channel a code is for, and times may begin anywhere: those
	// before the first picture are negative only when they are moved.
	var c collect
	for _, cue := range Decode608(pairs, channel%2 == 0 && channel > 0) {
		if err := c.add(0, cue); err != nil {
			return Track{}, err
		}
	}
	return c.track, nil
}
