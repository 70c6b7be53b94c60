package mediaconvert

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spool/internal/spool"
)

// Merging happens on documents, before anything is typed: what is given, be it
// 0 or DISABLED, and what is not given differ only there. The request wins over
// its job template, and that over the presets that outputs name (behaviour.md
// 1.12); defaults come last, in fillSettings.

// maxMerged bounds what merging may make of a request, in bytes about: a short
// template can name a long preset thousands of times.
const maxMerged = maxStored / 4

// merge lays one document over another. Objects merge key by key and lists of
// objects element by element, the longer list's rest being kept; anything else,
// a list of numbers or names too, is replaced as a whole.
func merge(over, under *node) *node {
	switch {
	case over == nil || over.kind == nodeNull:
		return under
	case under == nil || over.kind != under.kind:
		return over
	case over.kind == nodeObject:
		return mergeObjects(over, under)
	case over.kind == nodeList:
		return mergeLists(over, under)
	}
	return over
}

// choices are the members that say which of its neighbours an object may have,
// such as h264Settings beside the codec H_264.
var choices = []string{"codec", "container", "destinationType", "sourceType", "type"}

func mergeObjects(over, under *node) *node {
	for _, name := range choices {
		a, b := over.member(name), under.member(name)
		if a != nil && b != nil && a.kind == nodeString && b.kind == nodeString && a.text != b.text {
			return over // another codec: the settings of the one below mean nothing
		}
	}
	n := &node{kind: nodeObject, from: over.from}
	for i, key := range under.keys {
		n.keys = append(n.keys, key)
		n.list = append(n.list, merge(over.member(key), under.list[i]))
	}
	for i, key := range over.keys {
		if under.member(key) == nil {
			n.keys = append(n.keys, key)
			n.list = append(n.list, over.list[i])
		}
	}
	return n
}

func mergeLists(over, under *node) *node {
	objects := func(e *node) bool { return e.kind == nodeObject }
	if !slices.ContainsFunc(over.list, objects) && len(over.list) > 0 {
		return over
	}
	n := &node{kind: nodeList, from: over.from}
	for i := range max(len(over.list), len(under.list)) {
		switch {
		case i >= len(over.list):
			n.list = append(n.list, under.list[i])
		case i >= len(under.list):
			n.list = append(n.list, over.list[i])
		default:
			n.list = append(n.list, merge(over.list[i], under.list[i]))
		}
	}
	return n
}

// member gives a member of an object; nil when there is none.
func (n *node) member(name string) *node {
	if n == nil || n.kind != nodeObject {
		return nil
	}
	if i := slices.Index(n.keys, name); i >= 0 {
		return n.list[i]
	}
	return nil
}

// elements gives the elements of a list.
func (n *node) elements() []*node {
	if n == nil || n.kind != nodeList {
		return nil
	}
	return n.list
}

// mark notes where a document came from, such as "the preset web".
func (n *node) mark(from string) {
	n.from = from
	for _, e := range n.list {
		e.mark(from)
	}
}

// size is about how many bytes a document takes when it is written.
func (n *node) size() int {
	total := 4 + len(n.text)
	for _, key := range n.keys {
		total += 4 + len(key)
	}
	for _, e := range n.list {
		total += e.size()
	}
	return total
}

// at finds where a pointer leads, or the last thing there is on the way.
func (n *node) at(pointer string) *node {
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		var next *node
		if i, err := strconv.Atoi(part); err == nil && n.kind == nodeList {
			if i >= 0 && i < len(n.list) {
				next = n.list[i]
			}
		} else {
			next = n.member(strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~"))
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// merger fills a request's settings from the library.
type merger struct {
	lib      Library
	problems *problemList
	room     int // bytes that may still be added
	presets  map[string]*node
}

// template gives the job template that a request names; nil, with a problem,
// when there is none.
func (m *merger) template(nameOrARN string) (*spool.JobTemplate, *node, error) {
	before := len(m.problems.list)
	checkResource("/jobTemplate", nameOrARN, "jobTemplates", m.problems)
	if len(m.problems.list) > before {
		return nil, nil, nil
	}
	name := spool.ResourceName(nameOrARN)
	t, err := m.lib.JobTemplate(name)
	if errors.Is(err, spool.ErrNotFound) {
		m.problems.add("/jobTemplate", "There is no job template %.80q: name one that ListJobTemplates lists, or make it first", name)
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	n, err := m.document(t.Settings, "the job template "+t.Name)
	return &t, n, err
}

// document reads settings that are stored.
func (m *merger) document(settings []byte, from string) (*node, error) {
	n, err := parseTree(settings, maxStored, maxStoredN, m.problems)
	if err != nil {
		return nil, fmt.Errorf("read the settings of %s: %w", from, err)
	}
	n.mark(from)
	return n, nil
}

// outputs fills each output from the preset that it names.
func (m *merger) outputs(settings *node) error {
	for i, group := range settings.member("outputGroups").elements() {
		for j, o := range group.member("outputs").elements() {
			name := o.member("preset")
			if name == nil || name.kind != nodeString {
				continue
			}
			at := "/outputGroups/" + itoa(i) + "/outputs/" + itoa(j)
			if name.text == "" { // none, as in exports, or to put the template's away
				*o = *o.without("preset")
				continue
			}
			if o.member("containerSettings") != nil {
				continue // one or the other: checkSettings says so
			}
			preset, err := m.preset(name.text, at+"/preset")
			if err != nil {
				return err
			}
			if preset == nil {
				continue
			}
			if m.room -= preset.size(); m.room < 0 {
				m.problems.add(at+"/preset", "The settings are too long once the presets are filled in: use fewer outputs, or shorter presets")
				return nil
			}
			*o = *mergeObjects(o.without("preset"), preset)
		}
	}
	return nil
}

// without gives an object without a member.
func (n *node) without(name string) *node {
	i := slices.Index(n.keys, name)
	return &node{
		kind: nodeObject, from: n.from,
		keys: slices.Delete(slices.Clone(n.keys), i, i+1), list: slices.Delete(slices.Clone(n.list), i, i+1),
	}
}

// preset gives the settings of a preset; nil, with a problem, when there is none.
func (m *merger) preset(nameOrARN, at string) (*node, error) {
	before := len(m.problems.list)
	checkResource(at, nameOrARN, "presets", m.problems)
	if len(m.problems.list) > before {
		return nil, nil
	}
	name := spool.ResourceName(nameOrARN)
	if known, ok := m.presets[name]; ok {
		return known, nil
	}
	p, err := m.lib.Preset(name)
	if errors.Is(err, spool.ErrNotFound) {
		m.problems.add(at, "There is no preset %.80q: name one that ListPresets lists, or make it first", name)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, err := m.document(p.Settings, "the preset "+p.Name)
	if err == nil {
		m.presets[name] = n
	}
	return n, err
}
