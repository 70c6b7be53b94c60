package config

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// reader walks a YAML tree and notes what is wrong with it, instead of giving
// up at the first mistake as decoding into structs does.
type reader struct {
	file     string
	problems []placed
	warnings []Problem
}

type placed struct {
	line, column int // 0: not in the file
	Problem
}

// fail notes a mistake at a node.
func (r *reader) fail(n ast.Node, format string, args ...any) {
	var tk *token.Token
	if n != nil {
		tk = n.GetToken()
		if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
			tk = m.Values[0].Key.GetToken() // the mapping's own token is its first colon
		}
	}
	r.failToken(tk, format, args...)
}

// warn notes what is no mistake but should be known.
func (r *reader) warn(n ast.Node, format string, args ...any) {
	r.fail(n, format, args...)
	last := len(r.problems) - 1
	r.warnings = append(r.warnings, r.problems[last].Problem)
	r.problems = r.problems[:last]
}

func (r *reader) failToken(tk *token.Token, format string, args ...any) {
	p := placed{Problem: Problem{Where: r.file, Message: fmt.Sprintf(format, args...)}}
	if tk != nil && tk.Position != nil {
		p.line, p.column = tk.Position.Line, tk.Position.Column
		p.Where = fmt.Sprintf("%s:%d:%d", r.file, p.line, p.column)
	}
	r.problems = append(r.problems, p)
}

// failAt notes a mistake outside of the file.
func (r *reader) failAt(where, format string, args ...any) {
	r.problems = append(r.problems, placed{Problem: Problem{Where: where, Message: fmt.Sprintf(format, args...)}})
}

// sorted gives the problems in the order of the file, those outside of it last.
func (r *reader) sorted() Problems {
	key := func(n int) int {
		if n == 0 {
			return math.MaxInt
		}
		return n
	}
	slices.SortStableFunc(r.problems, func(a, b placed) int {
		if d := key(a.line) - key(b.line); d != 0 {
			return d
		}
		return a.column - b.column
	})
	out := make(Problems, len(r.problems))
	for i, p := range r.problems {
		out[i] = p.Problem
	}
	return out
}

// parse gives the one document of a file; nil when it is empty or broken.
func (r *reader) parse(data []byte) ast.Node {
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey()) // duplicates are found below, all of them
	if err != nil {
		var located interface {
			error
			GetToken() *token.Token
			GetMessage() string
		}
		if errors.As(err, &located) {
			r.failToken(located.GetToken(), "not valid YAML: %s", located.GetMessage())
		} else {
			r.failAt(r.file, "not valid YAML: %v", err)
		}
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			r.fail(doc.Body, "a second document begins here: write one only")
			return nil
		}
		body = doc.Body
	}
	return body
}

// fields says what to do with each key of a mapping.
type fields map[string]func(ast.Node)

// mapping reads a mapping whose keys are all known; what names it in messages.
func (r *reader) mapping(n ast.Node, what string, known fields) {
	values, ok := r.entries(n, what)
	if !ok {
		return
	}
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	r.each(values, what, func(key *ast.MappingValueNode, name string) {
		read, ok := known[name]
		if !ok {
			r.fail(key.Key, "%s: unknown key %q%s; known are: %s", what, name, hint(name, names), strings.Join(names, ", "))
			return
		}
		if key.Value == nil || key.Value.Type() == ast.NullType {
			r.fail(key.Key, "%s: %q has no value: give one or leave the key out", what, name)
			return
		}
		read(key.Value)
	})
}

// each calls fn for each entry, and notes keys that are no texts or stand twice.
func (r *reader) each(values []*ast.MappingValueNode, what string, fn func(*ast.MappingValueNode, string)) {
	seen := map[string]int{}
	for _, v := range values {
		name, ok := scalar(v.Key)
		if !ok {
			r.fail(v.Key, "%s: the key must be a plain name", what)
			continue
		}
		if line, dup := seen[name]; dup {
			r.fail(v.Key, "%s: the key %q stands here a second time, first in line %d: keep one", what, name, line)
			continue
		}
		seen[name] = v.Key.GetToken().Position.Line
		fn(v, name)
	}
}

func (r *reader) entries(n ast.Node, what string) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	r.wrong(n, what, "a mapping (key: value)")
	return nil, false
}

func (r *reader) wrong(n ast.Node, what, wanted string) {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		r.fail(n, "%s: YAML anchors, aliases and tags are not read here: write the value out", what)
	default:
		r.fail(n, "%s must be %s, not %s", what, wanted, kindName(n))
	}
}

func kindName(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	}
	if s, ok := scalar(n); ok {
		return strconv.Quote(s)
	}
	return "a " + strings.ToLower(n.Type().String())
}

// scalar gives the text of a plain or quoted value as it was written.
func scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode:
		return v.Token.Value, true
	case *ast.FloatNode:
		return v.Token.Value, true
	case *ast.BoolNode:
		return v.Token.Value, true
	}
	return "", false
}

// list calls fn for each element.
func (r *reader) list(n ast.Node, what string, fn func(i int, n ast.Node)) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.wrong(n, what, "a list (- …)")
		return
	}
	for i, v := range seq.Values {
		if v == nil || v.Type() == ast.NullType {
			r.fail(v, "%s: element %d is empty: fill it or take it away", what, i+1)
			continue
		}
		fn(i, v)
	}
}

// text reads a value that check accepts. Numbers count as text: an account is one.
func (r *reader) text(n ast.Node, what string, to *string, check func(string) error) bool {
	s, ok := scalar(n)
	if !ok {
		r.wrong(n, what, "a text")
		return false
	}
	if check != nil {
		if err := check(s); err != nil {
			r.fail(n, "%s: %v", what, err)
			return false
		}
	}
	*to = s
	return true
}

func (r *reader) boolean(n ast.Node, what string, to *bool) {
	v, ok := n.(*ast.BoolNode)
	if !ok {
		r.wrong(n, what, "true or false")
		return
	}
	*to = v.Value
}

func (r *reader) integer(n ast.Node, what string, lowest, highest int, to *int) {
	if v, ok := n.(*ast.IntegerNode); ok {
		i, err := strconv.Atoi(strings.ReplaceAll(v.Token.Value, "_", ""))
		if err == nil && i >= lowest && i <= highest {
			*to = i
			return
		}
	}
	r.wrong(n, what, fmt.Sprintf("a whole number from %d to %d", lowest, highest))
}

func (r *reader) duration(n ast.Node, what string, lowest, highest time.Duration, to *time.Duration) {
	s, ok := scalar(n)
	if d, err := time.ParseDuration(s); ok && err == nil && d >= lowest && d <= highest {
		*to = d
		return
	}
	r.wrong(n, what, fmt.Sprintf("a duration from %s to %s with its unit, such as 90s, 30m or 2h", lowest, highest))
}

// size reads a number of bytes: 1048576, 64MiB, 10GB.
func (r *reader) size(n ast.Node, what string, to *int64) {
	s, _ := scalar(n)
	digits := strings.TrimRight(s, "KMGTiB")
	units := map[string]float64{"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
	unit, ok := units[s[len(digits):]]
	number, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if !ok || err != nil || !(number*unit >= 1 && number*unit < 1<<60) {
		r.wrong(n, what, "a size of at least one byte, such as 500MiB or 64GiB")
		return
	}
	*to = int64(number * unit)
}

// plain turns a tree into what encoding/json writes: for a job written inline.
func (r *reader) plain(n ast.Node, what string) any {
	switch v := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		values, _ := r.entries(n, what)
		out := map[string]any{}
		r.each(values, what, func(e *ast.MappingValueNode, name string) {
			if e.Value == nil {
				r.fail(e.Key, "%s: %q has no value", what, name)
				return
			}
			out[name] = r.plain(e.Value, what)
		})
		return out
	case *ast.SequenceNode:
		out := make([]any, 0, len(v.Values))
		for _, e := range v.Values {
			out = append(out, r.plain(e, what))
		}
		return out
	case *ast.StringNode:
		return v.Value
	case *ast.LiteralNode:
		return v.Value.Value
	case *ast.IntegerNode:
		return v.Value
	case *ast.FloatNode:
		return v.Value
	case *ast.BoolNode:
		return v.Value
	case *ast.NullNode:
		r.fail(n, "%s: null is no setting: leave the key out", what)
		return nil
	}
	r.wrong(n, what, "a mapping, list, text, number, true or false")
	return nil
}

// hint names the known key that was probably meant.
func hint(name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(strings.ToLower(name), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		previous := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := previous
			if a[i-1] != b[j-1] {
				cost++
			}
			previous = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
