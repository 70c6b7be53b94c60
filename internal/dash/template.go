package dash

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Values are what the identifiers of a segment template stand for
// (ISO/IEC 23009-1, table 16).
type Values struct {
	Representation string
	Bandwidth      int64
	Number         int64
	Time           uint64
}

// The identifiers of segment templates.
const (
	IDNumber         = "Number"
	IDTime           = "Time"
	IDBandwidth      = "Bandwidth"
	IDRepresentation = "RepresentationID"
)

// Literal writes a text so that no part of it is an identifier of a template.
func Literal(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// Fill gives the name that a template stands for. What is no identifier stays.
func Fill(template string, v Values) string {
	return walk(template, func(text string) string { return text }, func(name string) (string, bool) { return v.of(name) })
}

// Uses tells whether an identifier is in a template.
func Uses(template, id string) bool {
	found := false
	walk(template, func(text string) string { return text }, func(name string) (string, bool) {
		found = found || name == id || strings.HasPrefix(name, id+"%0")
		return "", name != ""
	})
	return found
}

// reference writes a template as a reference in a manifest: its literal parts
// are escaped, its identifiers stay.
func reference(template string) string {
	out := walk(template, func(text string) string {
		parts := strings.Split(text, "/")
		for i, p := range parts {
			parts[i] = url.PathEscape(p)
		}
		// PathEscape leaves dollars alone, which a template must not.
		return strings.ReplaceAll(strings.Join(parts, "/"), "$", "$$")
	}, func(name string) (string, bool) {
		if name == "" {
			return "$$", true
		}
		return "$" + name + "$", true
	})
	if before, _, _ := strings.Cut(out, "/"); strings.Contains(before, ":") {
		out = "./" + out // otherwise "a:b" would be a URI of the scheme a
	}
	return out
}

// walk splits a template at its dollars. "$$" is the identifier "".
func walk(template string, text func(string) string, id func(string) (string, bool)) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(template, "$")
		out.WriteString(text(before))
		if !ok {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "$")
		if !closed {
			out.WriteString(text("$" + rest))
			return out.String()
		}
		value, known := id(name)
		if !known {
			value = text("$" + name + "$")
		}
		out.WriteString(value)
		template = after
	}
}

func (v Values) of(name string) (string, bool) {
	if name == "" {
		return "$", true
	}
	id, pad, padded := strings.Cut(name, "%0")
	width := 0
	if padded {
		n, err := strconv.Atoi(strings.TrimSuffix(pad, "d"))
		if err != nil || n < 1 || n > 20 || !strings.HasSuffix(pad, "d") {
			return "", false
		}
		width = n
	}
	switch id {
	case IDNumber:
		return fmt.Sprintf("%0*d", width, v.Number), true
	case IDTime:
		return fmt.Sprintf("%0*d", width, v.Time), true
	case IDBandwidth:
		return fmt.Sprintf("%0*d", width, v.Bandwidth), true
	case IDRepresentation:
		return v.Representation, !padded
	}
	return "", false
}
