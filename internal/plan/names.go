package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ids are the values that format identifiers stand for in names
// (behaviour.md 4.3).
type ids struct {
	file      string // first input's file name without extension
	started   time.Time
	videoRate int64 // bits/s, maximum for QVBR
	audioRate int64 // bits/s, sum
	width     int
	height    int
	fps       float64
	extension string
}

// where says which identifiers are known at a place.
type where int

const (
	inDestination where = iota
	inModifier
	inSegment // dates stay: they are those of each segment's completion
)

// expand replaces the format identifiers of a name. Unknown ones stay as they are.
func (v ids) expand(s string, at where) string {
	return replaceIDs(s, func(name string) (string, bool) { return v.lookup(name, at) })
}

// replaceIDs replaces $name$ from left to right where value knows the name; a
// dollar that begins no known identifier stays.
func replaceIDs(s string, value func(name string) (string, bool)) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "$")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "$")
		if closed {
			if v, known := value(name); known {
				out.WriteString(v)
				s = after
				continue
			}
		}
		out.WriteByte('$')
		s = rest
	}
}

func (v ids) lookup(name string, at where) (string, bool) {
	if value, ok := DateID(name, v.started); ok {
		if at == inSegment {
			return "$" + name + "$", true
		}
		return value, true
	}
	if name == "fn" {
		return v.file, true
	}
	if at == inDestination {
		return "", false
	}
	switch name {
	case "":
		return "$", true
	case "ex":
		return v.extension, true
	}
	id, pad, _ := strings.Cut(name, "%0")
	width := 0
	if pad != "" {
		n, err := strconv.Atoi(pad)
		if err != nil || n > 20 {
			return "", false
		}
		width = n
	}
	number, ok := map[string]int64{
		"rv": v.videoRate / 1000,
		"ra": v.audioRate, // the service's own example is not divided (4.3)
		"rc": (v.videoRate + v.audioRate) / 1000,
		"w":  int64(v.width),
		"h":  int64(v.height),
		"f":  int64(v.fps),
	}[id]
	if !ok {
		return "", false
	}
	return fmt.Sprintf("%0*d", width, number), true
}

// DateID gives the value of $dt$, $d$ and $t$ at a time, by bare name.
func DateID(name string, t time.Time) (string, bool) {
	switch name {
	case "dt":
		return t.UTC().Format("20060102T150405"), true
	case "d":
		return t.UTC().Format("20060102"), true
	case "t":
		return t.UTC().Format("150405"), true
	default:
		return "", false
	}
}

// ExpandDates replaces the date identifiers left in a segment name.
func ExpandDates(s string, t time.Time) string {
	return replaceIDs(s, func(name string) (string, bool) { return DateID(name, t) })
}
