package mediaconvert

import (
	"bytes"
	"reflect"
	"unicode/utf8"
)

// readBody reads the small body of an operation into a structure, with what is
// wrong in its form: unknown and repeated members, wrong types, values of no
// enumeration. No body is an object without members, as clients send either. An
// error means that there is nothing to check any further.
func readBody(data []byte, into any) (*problemList, error) {
	problems := &problemList{}
	if len(bytes.TrimSpace(data)) == 0 {
		data = []byte("{}")
	}
	root, err := parseTree(data, MaxBody, maxValues, problems)
	if err != nil {
		return problems, err
	}
	if root.kind != nodeObject {
		problems.add("", "The request should be a JSON object, not a JSON %s.", typeNames[root.kind])
		return problems, problems.err()
	}
	v := reflect.ValueOf(into).Elem()
	(&decoder{form: FormWire, problems: problems}).decode(root, v, "")
	checkModel(v, "", problems)
	return problems, nil
}

// requireMember says of a member of the request itself that it is missing, in
// the service's words (behaviour.md 6.2).
func (p *problemList) requireMember(name string, given bool) {
	if given {
		return
	}
	for _, known := range p.list { // what can't be read is not missing too
		if known.Pointer == "/"+name {
			return
		}
	}
	p.add("", "The '%s' field is required.", name)
}

// checkText checks a text that is kept and shown: its length in characters, and
// that it is printable.
func checkText(pointer, text string, longest int, problems *problemList) {
	switch {
	case utf8.RuneCountInString(text) > longest:
		problems.add(pointer, "Should have at most %d characters", longest)
	case hasControl(text):
		problems.add(pointer, "Should hold no control characters")
	}
}
