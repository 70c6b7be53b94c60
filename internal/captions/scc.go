package captions

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

// ntsc is the frame rate that SCC files count in unless they are said to count
// in another.
var ntsc = spool.Rational{Num: 30000, Den: 1001}

// Timecode gives the moment of a timecode HH:MM:SS:FF, whose last colon is a
// semicolon where frame numbers are dropped, counted from 00:00:00:00.
func Timecode(s string, rate spool.Rational) (time.Duration, bool) {
	if len(s) != 11 || s[2] != ':' || s[5] != ':' || !strings.ContainsRune(":;.,", rune(s[8])) || !rate.Valid() {
		return 0, false
	}
	var f [4]int64
	for i := range f {
		n, ok := digits(s[3*i:3*i+2], 2)
		if !ok {
			return 0, false
		}
		f[i] = n
	}
	nominal := int64(math.Round(rate.Float()))
	if f[0] > 99 || f[1] > 59 || f[2] > 59 || f[3] >= nominal {
		return 0, false
	}
	minutes := f[0]*60 + f[1]
	n := (minutes*60+f[2])*nominal + f[3]
	if s[8] != ':' && rate.Den == 1001 {
		n -= nominal / 15 * (minutes - minutes/10)
	}
	return seconds(float64(n) / rate.Float()), true
}

// timecode writes the timecode of a frame.
func timecode(n int64, rate spool.Rational, drop bool) string {
	nominal := int64(math.Round(rate.Float()))
	colon := ":"
	if drop {
		colon = ";"
		skip := nominal / 15
		ten := 600*nominal - 9*skip // frames in ten minutes
		tens, rest := n/ten, n%ten
		n += 9 * skip * tens
		if rest >= 60*nominal {
			n += skip * (1 + (rest-60*nominal)/(60*nominal-skip))
		}
	}
	return fmt.Sprintf("%02d:%02d:%02d%s%02d", n/nominal/3600, n/nominal/60%60, n/nominal%60, colon, n%nominal)
}

// pairsSCC reads a Scenarist file: lines of a timecode and pairs of bytes, each
// of which takes a frame.
func pairsSCC(text string, opts ReadOptions) ([]Pair, error) {
	lines := strings.Split(text, "\n")
	at := 0
	for at < len(lines) && strings.TrimSpace(lines[at]) == "" {
		at++
	}
	if at == len(lines) || !strings.HasPrefix(strings.TrimSpace(lines[at]), "Scenarist_SCC V1.0") {
		return nil, bad(at+1, "it is no SCC: it does not begin with Scenarist_SCC V1.0")
	}
	rate := opts.FrameRate
	if !rate.Valid() {
		rate = ntsc
	}
	var pairs []Pair
	for i := at + 1; i < len(lines); i++ {
		words := strings.Fields(lines[i])
		if len(words) == 0 {
			continue
		}
		start, ok := Timecode(words[0], rate)
		if !ok {
			return nil, bad(i+1, "%.20q is no timecode of %s frames a second", words[0], strconv.FormatFloat(rate.Float(), 'f', -1, 64))
		}
		for k, w := range words[1:] {
			v, err := strconv.ParseUint(w, 16, 16)
			if err != nil || len(w) != 4 {
				return nil, bad(i+1, "%.20q is not four hexadecimal digits", w)
			}
			pairs = append(pairs, Pair{start + seconds(float64(k)/rate.Float()), byte(v >> 8), byte(v)})
		}
	}
	return pairs, nil
}

// writeSCC writes pop-on captions. It tells how many characters were lost.
func writeSCC(t Track, rate spool.Rational, drop bool) ([]byte, Encoded608) {
	if !rate.Valid() {
		rate = ntsc
	}
	e := Encode608(t, rate)
	var b strings.Builder
	b.WriteString("Scenarist_SCC V1.0\n")
	for i, p := range e.Pairs {
		if i == 0 || p.Frame != e.Pairs[i-1].Frame+1 {
			fmt.Fprintf(&b, "\n\n%s\t", timecode(p.Frame, rate, drop))
		} else {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%02x%02x", p.B1, p.B2)
	}
	b.WriteString("\n")
	return []byte(b.String()), e
}
