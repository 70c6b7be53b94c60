package captions

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// readSRT reads SubRip. A cue is found by its line of times, so that missing
// numbers and blank lines in a text do no harm.
func readSRT(text string) (Track, error) {
	lines := strings.Split(text, "\n")
	type head struct {
		at         int // index of the line of times
		start, end time.Duration
	}
	var heads []head
	for i, l := range lines {
		if !strings.Contains(l, "-->") {
			continue
		}
		start, end, ok := srtTimes(l)
		if !ok {
			if afterNumber(lines, i) {
				return Track{}, bad(i+1, "%.60q is no pair of times like 00:00:01,000 --> 00:00:02,000", l)
			}
			continue // an arrow in the text
		}
		heads = append(heads, head{i, start, end})
	}
	if len(heads) == 0 {
		return Track{}, bad(0, "it is no SRT: no line of times like 00:00:01,000 --> 00:00:02,000 is in it")
	}
	var c collect
	for k, h := range heads {
		stop := len(lines)
		if k+1 < len(heads) {
			stop = heads[k+1].at
			if afterNumber(lines, stop) {
				stop--
			}
		}
		raw := strings.Join(lines[h.at+1:max(stop, h.at+1)], "\n")
		if err := room(h.at+1, raw); err != nil {
			return Track{}, err
		}
		body, place := srtPlace(raw)
		cue := Cue{Start: h.start, End: h.end, Lines: styled(body, Style{}, true), Place: place}
		if err := c.add(h.at+1, cue); err != nil {
			return Track{}, err
		}
	}
	return c.track, nil
}

// afterNumber tells whether the line before i is a number alone.
func afterNumber(lines []string, i int) bool {
	if i == 0 {
		return false
	}
	_, ok := digits(strings.TrimSpace(lines[i-1]), 9)
	return ok
}

func srtTimes(l string) (start, end time.Duration, ok bool) {
	from, to, _ := strings.Cut(l, "-->")
	words := strings.Fields(to) // coordinates may follow
	if len(words) == 0 {
		return 0, 0, false
	}
	start, ok1 := clock(strings.TrimSpace(from))
	end, ok2 := clock(words[0])
	return start, end, ok1 && ok2
}

// srtPlace takes the overrides of ASS out of a text: {\an8} says where it
// stands, the others have no meaning here.
func srtPlace(s string) (string, *Place) {
	var place *Place
	var b strings.Builder
	for {
		i := strings.Index(s, "{\\")
		if i < 0 {
			break
		}
		j := strings.IndexByte(s[i:min(len(s), i+maxTag)], '}')
		if j < 0 {
			b.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		for _, o := range strings.Split(s[i+2:i+j], "\\") {
			if n, ok := strings.CutPrefix(o, "an"); ok && len(n) == 1 && n >= "1" && n <= "9" && place == nil {
				place = numpad(int(n[0] - '0'))
			}
		}
		b.WriteString(s[:i])
		s = s[i+j+1:]
	}
	return b.String() + s, place
}

// numpad gives the place that ASS calls by the keys of a number pad; 2, bottom
// centre, is none.
func numpad(n int) *Place {
	if n == 2 {
		return nil
	}
	p := Place{X: 50, Y: 95}
	switch (n - 1) % 3 {
	case 0:
		p.X, p.Align = 5, AlignStart
	case 2:
		p.X, p.Align = 95, AlignEnd
	}
	switch (n - 1) / 3 {
	case 1:
		p.Y, p.Anchor = 50, AnchorMiddle
	case 2:
		p.Y, p.Anchor = 5, AnchorTop
	}
	return &p
}

// key gives the number of the pad that is nearest to a place.
func (p *Place) key() int {
	if p == nil {
		return 2
	}
	n := 2
	switch p.Align {
	case AlignStart:
		n = 1
	case AlignEnd:
		n = 3
	case AlignCenter:
	}
	switch {
	case p.Y < 40:
		return n + 6
	case p.Y < 60:
		return n + 3
	}
	return n
}

func writeSRT(t Track) []byte {
	var b strings.Builder
	for i, c := range t.Merged().Cues {
		fmt.Fprintf(&b, "%d\n%s --> %s\n", i+1, stamp(c.Start, ","), stamp(c.End, ","))
		if k := c.Place.key(); k != 2 {
			fmt.Fprintf(&b, "{\\an%d}", k)
		}
		for _, l := range c.Lines {
			b.WriteString(wrap(l, srtText, func(c Color) (string, string) {
				return `<font color="` + c.hex() + `">`, "</font>"
			}))
			b.WriteByte('\n')
		}
		b.WriteByte('\n')
	}
	if b.Len() == 0 {
		return []byte("\n") // a file without cues is a file still
	}
	return []byte(b.String())
}

// arrow is what is read as the middle of a line of times, with all the hyphens
// before it: one that is cut out of more of them would leave another.
var arrow = regexp.MustCompile("--+>")

// srtText keeps text from being read as times: SRT can't escape anything.
func srtText(s string) string { return arrow.ReplaceAllLiteralString(s, "->") }

// stamp writes hours, minutes, seconds and milliseconds.
func stamp(d time.Duration, point string) string {
	ms := d.Round(time.Millisecond).Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d%s%03d", ms/3600000, ms/60000%60, ms/1000%60, point, ms%1000)
}
