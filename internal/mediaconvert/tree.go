package mediaconvert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"spool/internal/spool"
)

// Bounds on a request, checked before anything typed is allocated: a small body
// of "{}" lists would otherwise become gigabytes (hostile-input.md).
const (
	// MaxBody is the most bytes a request body may have.
	MaxBody = 1 << 20

	maxDepth    = 32
	maxValues   = 60_000
	maxStored   = 16 << 20 // bytes of stored settings, which hold all defaults too
	maxStoredN  = 1_000_000
	maxList     = 5000 // elements of a list that listCaps does not name
	maxMembers  = 512  // members of an object
	maxKey      = 256  // characters of a key; tags and metadata have 128, and no selector is known to have a longer name
	maxProblems = 100  // problems listed in one answer
	maxPointer  = 1024 // bytes of a problem's pointer
	maxMessage  = 2048 // bytes of its message: the values of the longest enumeration are 1200
)

// listCaps bounds the lists that cost work rather than room; inputs are 150 and
// channels 64 by the service's own rule (behaviour.md 5.1, 5.6). The service has
// no bound that is known for the others, so theirs is far from any use. That of
// hops is ours too: each may become a change of queue, an event and a database row.
var listCaps = map[string]int{
	"inputs":                150,
	"outputGroups":          100,
	"outputs":               150,
	"inputChannels":         64,
	"inputChannelsFineTune": 64,
	"outputChannels":        64,
	"hopDestinations":       50,
}

type nodeKind int

const (
	nodeNull nodeKind = iota
	nodeBool
	nodeNumber
	nodeString
	nodeList
	nodeObject
)

// typeNames are the words of JSON schema for what stood in a document.
var typeNames = map[nodeKind]string{
	nodeNull: "null", nodeBool: "boolean", nodeNumber: "number",
	nodeString: "string", nodeList: "array", nodeObject: "object",
}

// node is one value of a parsed document.
type node struct {
	kind nodeKind
	text string   // of a string; the literal of a number or boolean
	keys []string // of an object, in order
	list []*node  // elements of a list or an object
	from string   // where it came from, such as "the preset web"; "" for the request
}

// treeReader builds a tree of nodes under the bounds above.
type treeReader struct {
	dec      *json.Decoder
	values   int // that may still come
	problems *problemList
	path     []step // from the root to the value that is being read
}

// step leads from an object or a list to one of its values. Pointers are put
// together from steps where a problem is told, not for each of the values: their
// length is the sender's choice.
type step struct {
	key   string
	index int // of a list, when there is no key
	list  bool
}

// pointer gives the pointer of the value that is being read, as trimSettings
// leaves it.
func (r *treeReader) pointer() string {
	var b []byte
	for _, s := range r.path {
		b = append(b, '/')
		if s.list {
			b = strconv.AppendInt(b, int64(s.index), 10)
		} else {
			b = append(b, escapePointer(s.key)...)
		}
	}
	return trimSettings(string(b))
}

// refuse ends the reading, with a problem of the value that is being read.
func (r *treeReader) refuse(format string, args ...any) error {
	only := &problemList{}
	only.add(r.pointer(), format, args...)
	return only.err()
}

// parseTree reads one JSON document of at most so many bytes and values. Errors
// of form come back as the error; duplicate keys are added to the problems.
func parseTree(data []byte, maxBytes, values int, problems *problemList) (*node, error) {
	if len(data) > maxBytes {
		return nil, spool.Problems{{Message: fmt.Sprintf("The request is %d bytes long; at most %d are accepted.", len(data), maxBytes)}}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // editors leave a byte order mark in exported files
	if !utf8.Valid(data) {
		return nil, spool.Problems{{Message: "The request is not valid UTF-8."}}
	}
	r := &treeReader{dec: json.NewDecoder(bytes.NewReader(data)), values: values, problems: problems}
	r.dec.UseNumber()
	root, err := r.value("", 0)
	if err == nil {
		if _, trailing := r.dec.Token(); trailing == nil || !errors.Is(trailing, io.EOF) {
			err = fmt.Errorf("there is text after the end of the document")
		}
	}
	if err != nil {
		var already spool.Problems
		if errors.As(err, &already) {
			return nil, already
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("the document ends too early")
		}
		return nil, spool.Problems{{Message: fmt.Sprintf("The request is not valid JSON, near byte %d: %v.", r.dec.InputOffset(), err)}}
	}
	return root, nil
}

func (r *treeReader) value(name string, depth int) (*node, error) {
	if r.values--; r.values < 0 {
		return nil, r.refuse("The request holds too many values.")
	}
	tok, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := tok.(type) {
	case nil:
		return &node{kind: nodeNull}, nil
	case bool:
		return &node{kind: nodeBool, text: strconv.FormatBool(t)}, nil
	case json.Number:
		return &node{kind: nodeNumber, text: t.String()}, nil
	case string:
		r.noNUL(t)
		return &node{kind: nodeString, text: t}, nil
	case json.Delim:
		if depth >= maxDepth {
			return nil, r.refuse("The request is nested more than %d levels deep.", maxDepth)
		}
		if t == '[' {
			return r.array(name, depth)
		}
		return r.object(depth)
	}
	return nil, fmt.Errorf("unexpected %v", tok)
}

// noNUL refuses the one character that databases keep in no text.
func (r *treeReader) noNUL(text string) {
	if strings.ContainsRune(text, 0) {
		r.problems.add(r.pointer(), "Should hold no NUL characters")
	}
}

func (r *treeReader) array(name string, depth int) (*node, error) {
	limit, ok := listCaps[lowerFirst(name)]
	if !ok {
		limit = maxList
	}
	n := &node{kind: nodeList}
	for i := 0; r.dec.More(); i++ {
		if i >= limit {
			return nil, r.refuse("Should have at most %d items", limit)
		}
		r.path = append(r.path, step{index: i, list: true})
		v, err := r.value(name, depth+1)
		if err != nil {
			return nil, err
		}
		r.path = r.path[:len(r.path)-1]
		n.list = append(n.list, v)
	}
	_, err := r.dec.Token()
	return n, err
}

func (r *treeReader) object(depth int) (*node, error) {
	n := &node{kind: nodeObject}
	seen := make(map[string]bool)
	for r.dec.More() {
		tok, err := r.dec.Token()
		if err != nil {
			return nil, err
		}
		key, ok := tok.(string)
		if !ok {
			return nil, fmt.Errorf("an object has a key that is no string")
		}
		if len(n.keys) >= maxMembers {
			return nil, r.refuse("Should have at most %d properties", maxMembers)
		}
		// Beyond this, the pointers of all that is below would be as long.
		if len(key) > maxKey && utf8.RuneCountInString(key) > maxKey {
			return nil, r.refuse("The name of a member is longer than %d characters: %.40s…", maxKey, key)
		}
		r.path = append(r.path, step{key: key})
		r.noNUL(key)
		v, err := r.value(key, depth+1)
		if err != nil {
			return nil, err
		}
		if seen[key] {
			r.problems.add(r.pointer(), "The member is given twice; keep one of them.")
		} else {
			seen[key] = true
			n.keys = append(n.keys, key)
			n.list = append(n.list, v)
		}
		r.path = r.path[:len(r.path)-1]
	}
	_, err := r.dec.Token()
	return n, err
}

// escapePointer writes one key as a part of a JSON pointer (RFC 6901).
func escapePointer(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// trimSettings makes a pointer into the whole request one into the settings, as
// the service writes them (behaviour.md 6.2).
func trimSettings(pointer string) string {
	for _, prefix := range []string{"/job", "/Job", "/settings", "/Settings"} {
		if rest, ok := strings.CutPrefix(pointer, prefix); ok && (rest == "" || rest[0] == '/') {
			pointer = rest
		}
	}
	return pointer
}

// problemList collects problems up to a bound.
type problemList struct {
	list spool.Problems
	lost []string // pointers of values that could not be read and stay absent
}

// unread adds a problem with a value that stays absent because of it.
func (p *problemList) unread(pointer, format string, args ...any) {
	p.add(pointer, format, args...)
	if len(p.lost) < maxProblems {
		p.lost = append(p.lost, shorten(pointer, maxPointer))
	}
}

// shorten cuts a text that is longer than so many bytes between two characters.
func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	const cut = "…"
	most -= len(cut)
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + cut
}

// add adds a problem. Its texts are cut: they may hold what the sender wrote, at
// any length.
func (p *problemList) add(pointer, format string, args ...any) {
	if len(p.list) >= maxProblems {
		return
	}
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	p.list = append(p.list, spool.Problem{Pointer: shorten(pointer, maxPointer), Message: shorten(message, maxMessage)})
}

func (p *problemList) err() error {
	if len(p.list) == 0 {
		return nil
	}
	return p.list
}
