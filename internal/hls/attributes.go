package hls

import (
	"fmt"
	"strings"
)

// attributes builds an attribute list (RFC 8216 4.2).
type attributes struct{ b strings.Builder }

// plain adds an attribute whose value is a number or a word of ours.
func (a *attributes) plain(name string, value any) {
	if a.b.Len() > 0 {
		a.b.WriteByte(',')
	}
	fmt.Fprintf(&a.b, "%s=%v", name, value)
}

// quoted adds an attribute that holds text.
func (a *attributes) quoted(name, value string) { a.plain(name, `"`+quotable(value)+`"`) }

// quotedIf adds an attribute that holds text, unless there is none.
func (a *attributes) quotedIf(name, value string) {
	if value != "" {
		a.quoted(name, value)
	}
}

// flag adds YES or NO.
func (a *attributes) flag(name string, on bool) {
	word := "NO"
	if on {
		word = "YES"
	}
	a.plain(name, word)
}

func (a *attributes) String() string { return a.b.String() }

// quotable gives a text as it may stand between double quotes: a quoted string
// can hold neither quotes nor ends of lines, and knows no escapes (RFC 8216 4.2).
func quotable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r < ' ' || r == 0x7f || r == '\u0085' || r == '\u2028' || r == '\u2029' || r == '\uFEFF' || r == '\uFFFD':
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(s, ""))
}

// line gives a text as it may stand in a line of its own.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
