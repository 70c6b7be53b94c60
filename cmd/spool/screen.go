package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// screen writes for a person: with colours and cut to the width on a terminal,
// plain and whole elsewhere.
type screen struct {
	w      io.Writer
	width  int // columns; 0: no terminal, nothing is cut
	colour bool
	now    time.Time
}

func newScreen(w io.Writer) *screen {
	s := &screen{w: w, now: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) { //nolint:gosec // a descriptor
		s.colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if width, _, err := term.GetSize(int(f.Fd())); err == nil { //nolint:gosec // a descriptor
			s.width = width
		}
	}
	return s
}

// The colours of a terminal, by what they say.
const (
	colourGood  = "32"
	colourBad   = "31"
	colourBusy  = "36"
	colourFaint = "2"
	colourHead  = "1"
)

func (s *screen) paint(colour, text string) string {
	if !s.colour || colour == "" || strings.TrimSpace(text) == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// statusColour is the colour of the states of jobs and queues.
func statusColour(status string) string {
	switch status {
	case "COMPLETE", "ACTIVE":
		return colourGood
	case "ERROR":
		return colourBad
	case "PROGRESSING":
		return colourBusy
	case "CANCELED", "PAUSED":
		return colourFaint
	}
	return ""
}

// textWidth measures texts in columns of a terminal: the same in every locale, with
// "…" and all that is as ambiguous one column wide, as terminals draw it.
var textWidth = &runewidth.Condition{StrictEmojiNeutral: true}

// column is one column of a table. Where the terminal is too narrow, those with
// cut are shortened, and those with spare left out when that is not enough.
type column struct {
	title string
	right bool
	cut   bool
	prose bool // is cut at its end, others in the middle
	spare bool
	paint func(cell string) string // gives a colour
}

// gap stands between two columns.
const gap = "  "

// table writes rows under titles, without the columns that hold nothing.
func (s *screen) table(columns []column, rows [][]string) {
	for r := range rows {
		for i := range rows[r] {
			rows[r][i] = plainText(rows[r][i])
		}
	}
	columns, rows = keep(columns, rows, func(i int) bool {
		return slices.ContainsFunc(rows, func(r []string) bool { return r[i] != "" })
	})
	widths := s.fit(columns, rows)
	for widths == nil {
		last := len(columns) - 1
		for last >= 0 && !columns[last].spare {
			last--
		}
		if last < 0 {
			widths = s.squeeze(columns, natural(columns, rows))
			break
		}
		columns, rows = keep(columns, rows, func(i int) bool { return i != last })
		widths = s.fit(columns, rows)
	}
	titles := make([]string, len(columns))
	head := make([]column, len(columns))
	for i, c := range columns {
		titles[i] = c.title
		head[i] = column{right: c.right, paint: func(string) string { return colourHead }}
	}
	s.row(head, widths, titles)
	for _, r := range rows {
		s.row(columns, widths, r)
	}
}

// keep gives the columns, and the cells below them, for which yes is true.
func keep(columns []column, rows [][]string, yes func(i int) bool) ([]column, [][]string) {
	var some []column
	cells := make([][]string, len(rows))
	for i, c := range columns {
		if !yes(i) {
			continue
		}
		some = append(some, c)
		for r := range rows {
			cells[r] = append(cells[r], rows[r][i])
		}
	}
	return some, cells
}

// natural gives the widths that the columns need.
func natural(columns []column, rows [][]string) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = textWidth.StringWidth(c.title)
		for _, r := range rows {
			widths[i] = max(widths[i], textWidth.StringWidth(r[i]))
		}
	}
	return widths
}

// least is how narrow a column may be cut.
const least = 14

// fit gives the widths of columns that fit the terminal, the last ones cut
// first; nil where they can't.
func (s *screen) fit(columns []column, rows [][]string) []int {
	widths := natural(columns, rows)
	if s.width == 0 {
		return widths
	}
	total := len(gap) * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for i := len(columns) - 1; i >= 0 && total > s.width; i-- {
		if columns[i].cut && widths[i] > least {
			less := min(total-s.width, widths[i]-least)
			widths[i] -= less
			total -= less
		}
	}
	if total > s.width {
		return nil
	}
	return widths
}

// hardly is what is left of a column that may be cut before one that may not
// is.
const hardly = 6

// squeeze takes what is too much from the columns that may be cut, and then
// from the others, down to least; the last ones first, so that the names go
// last. On a terminal narrower than that the lines break.
func (s *screen) squeeze(columns []column, widths []int) []int {
	excess := len(gap)*(len(widths)-1) - s.width
	for _, w := range widths {
		excess += w
	}
	for _, pass := range []struct {
		cut  bool
		down int
	}{{true, least}, {true, hardly}, {false, least}} {
		for i := len(widths) - 1; i >= 0; i-- {
			if columns[i].cut == pass.cut {
				less := max(0, min(excess, widths[i]-pass.down))
				widths[i] -= less
				excess -= less
			}
		}
	}
	return widths
}

func (s *screen) row(columns []column, widths []int, cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		if columns[i].prose {
			cell = textWidth.Truncate(cell, widths[i], "…")
		} else {
			cell = shorten(cell, widths[i])
		}
		pad := strings.Repeat(" ", max(0, widths[i]-textWidth.StringWidth(cell)))
		painted := cell
		if columns[i].paint != nil {
			painted = s.paint(columns[i].paint(cell), cell)
		}
		switch {
		case columns[i].right:
			line.WriteString(pad + painted)
		case i == len(cells)-1:
			line.WriteString(painted)
		default:
			line.WriteString(painted + pad)
		}
		if i < len(cells)-1 {
			line.WriteString(gap)
		}
	}
	fmt.Fprintln(s.w, strings.TrimRight(line.String(), " "))
}

// shorten takes the middle out of a text that is too wide: the ends tell places
// apart.
func shorten(text string, width int) string {
	if textWidth.StringWidth(text) <= width || width < 1 {
		return text
	}
	runes := []rune(text)
	head, tail := (width-1)/3, 0
	for cut := textWidth.StringWidth(string(runes[:min(head, len(runes))])); cut > (width-1)/3 && head > 0; {
		head--
		cut = textWidth.StringWidth(string(runes[:head]))
	}
	room := width - 1 - textWidth.StringWidth(string(runes[:head]))
	for tail < len(runes)-head && textWidth.StringWidth(string(runes[len(runes)-tail-1:])) <= room {
		tail++
	}
	return string(runes[:head]) + "…" + string(runes[len(runes)-tail:])
}

// plainText takes out of a stranger's text what would steer a terminal.
func plainText(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text)
}

// field writes "Title   value", for one thing in detail; nothing where the value
// is empty.
func (s *screen) field(title, value string) { s.coloured(title, value, "") }

func (s *screen) coloured(title, value, colour string) {
	if value == "" {
		return
	}
	fmt.Fprintf(s.w, "%s%s\n", s.paint(colourFaint, fmt.Sprintf("%-12s", title)), s.paint(colour, plainText(value)))
}

// ago says how long a time is past, as people say it.
func (s *screen) ago(t *time.Time) string {
	if t == nil {
		return ""
	}
	switch d := s.now.Sub(*t); {
	case d < 2*time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	case d < 60*24*time.Hour:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
	return t.Local().Format("2006-01-02")
}

// moment says a time in both ways.
func (s *screen) moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return s.ago(t) + " (" + t.Local().Format("2006-01-02 15:04:05") + ")"
}
