package mediaconvert

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Verdict says what is done with a setting.
type Verdict string

// The verdicts on a setting.
const (
	Honoured Verdict = "honoured"  // the output follows it
	NoEffect Verdict = "no effect" // accepted in silence: it would change nothing in the output
	Ignored  Verdict = "ignored"   // accepted with a warning: the output would be another one on the service
	Refused  Verdict = "refused"   // answered with 400: ignoring it would do harm
)

// Setting is the entry of the support table for one leaf of JobSettings.
type Setting struct {
	Path    string   // wire names; * for a list index or a map key
	Verdict Verdict  // of Values, or of every value when Values is empty
	Values  []string // the values that the verdict is for
	Else    Verdict  // of the other values
	Neutral []string // values that ask for nothing and raise no warning; of a whole object, "{}" is the one without any
	How     string   // how it is honoured: the flag or the behaviour that follows it
	Reason  string   // what happens instead, or why there is no effect
}

// neutralValues ask for nothing where they are values of an enumeration that has
// an entry of its own. In a text they may be anything, a name too; and what is in
// an object with one entry for the whole can't be told from what makes it up.
var neutralValues = []string{"DISABLED", "DISABLE", "NONE", "OFF", "AUTO", "NORMAL", "FOLLOW", "DEFAULT", "EXCLUDE", "DONT_FLAG"}

// ignoredReason is said where the table has no better one.
const ignoredReason = "the output is made as if it were not set"

// Support lists every leaf of JobSettings with what is done with it, in order of
// their paths. The docs and `spool settings` are printed from it.
func Support() []Setting {
	var list []Setting
	leafPaths(reflect.TypeFor[types.JobSettings](), "", func(path string) {
		s := lookup(path)
		s.Path = path
		list = append(list, s)
	})
	return list
}

// leafPaths calls f for each leaf below a type. A list of scalars is one leaf.
func leafPaths(t reflect.Type, path string, f func(string)) {
	switch t.Kind() {
	case reflect.Pointer:
		leafPaths(t.Elem(), path, f)
	case reflect.Map:
		leafPaths(t.Elem(), path+"/*", f)
	case reflect.Slice:
		if scalar(t.Elem()) {
			f(strings.TrimPrefix(path, "/"))
			return
		}
		leafPaths(t.Elem(), path+"/*", f)
	case reflect.Struct:
		for _, field := range wireFields(t) {
			leafPaths(t.Field(field.index).Type, path+"/"+field.name, f)
		}
	default:
		f(strings.TrimPrefix(path, "/"))
	}
}

func scalar(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() != reflect.Struct && t.Kind() != reflect.Map && t.Kind() != reflect.Slice
}

// lookup finds the entry for a leaf: its own, or that of the nearest "/**" above.
func lookup(path string) Setting {
	table := supportTable()
	if s, ok := table[path]; ok {
		return s
	}
	for above := path; ; {
		i := strings.LastIndexByte(above, '/')
		if i < 0 {
			return Setting{Verdict: Ignored, Reason: ignoredReason}
		}
		above = above[:i]
		if s, ok := table[above+"/**"]; ok {
			return s
		}
	}
}

// verdict gives what is done with one value, of an enumeration or not.
func (s Setting) verdict(value string, enum bool) Verdict {
	v := s.Verdict
	if len(s.Values) > 0 && !slices.Contains(s.Values, value) {
		v = s.Else
	}
	if (v == Ignored || v == Refused) && (slices.Contains(s.Neutral, value) || enum && !s.whole() && slices.Contains(neutralValues, value)) {
		return NoEffect
	}
	return v
}

// whole tells whether an entry is that of an object with all that is in it.
func (s Setting) whole() bool { return strings.HasSuffix(s.Path, "/**") }

// supportCheck looks up every leaf that a user set.
type supportCheck struct {
	refused  *problemList
	warnings []spool.Warning
}

// support refuses what would do harm if ignored and gives a warning for each
// setting that has no effect here (DESIGN: no setting is silently ignored).
func support(s *types.JobSettings, problems *problemList) []spool.Warning {
	c := &supportCheck{refused: problems}
	c.walk(reflect.ValueOf(s), "", "")
	return c.warnings
}

func (c *supportCheck) walk(v reflect.Value, pointer, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.walk(v.Elem(), pointer, path)
		}
	case reflect.Struct:
		c.object(v, pointer, path)
		for _, f := range wireFields(v.Type()) {
			if member := v.Field(f.index); !absent(member) {
				c.walk(member, pointer+"/"+f.name, path+"/"+f.name)
			}
		}
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			c.walk(v.MapIndex(reflect.ValueOf(k)), pointer+"/"+escapePointer(k), path+"/*")
		}
	case reflect.Slice:
		if !scalar(v.Type().Elem()) {
			for i := range v.Len() {
				c.walk(v.Index(i), pointer+"/"+strconv.Itoa(i), path+"/*")
			}
			return
		}
		if v.Len() > 0 {
			c.leaf(v, pointer, path)
		}
	default:
		c.leaf(v, pointer, path)
	}
}

// object speaks of an object that the table has one entry for, whatever is in
// it: that it is there asks for something, but for what the entry calls neutral.
func (c *supportCheck) object(v reflect.Value, pointer, path string) {
	s, ok := supportTable()[strings.TrimPrefix(path, "/")+"/**"]
	if !ok || !s.sets(v) {
		return
	}
	c.say(s, s.Verdict, pointer, lastName(strings.TrimPrefix(path, "/")))
}

// sets tells whether an object asks for anything: one without a leaf does unless
// the entry says otherwise, others when one of their leaves is not neutral.
func (s Setting) sets(v reflect.Value) bool {
	if len(s.Neutral) == 0 {
		return true
	}
	leaves, others := 0, 0
	eachLeaf(v, func(leaf reflect.Value) {
		leaves++
		if text := valueText(leaf); text == "{}" || !slices.Contains(s.Neutral, text) {
			others++
		}
	})
	return others > 0 || leaves == 0 && !slices.Contains(s.Neutral, "{}")
}

// eachLeaf calls f for the leaves that are set below a value. An empty list is
// none.
func eachLeaf(v reflect.Value, f func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachLeaf(v.Elem(), f)
		}
	case reflect.Struct:
		for _, field := range wireFields(v.Type()) {
			if member := v.Field(field.index); !absent(member) {
				eachLeaf(member, f)
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			eachLeaf(v.MapIndex(k), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachLeaf(v.Index(i), f)
		}
	default:
		f(v)
	}
}

func (c *supportCheck) leaf(v reflect.Value, pointer, path string) {
	if isEnum(v.Type()) && !enumHas(v.Type(), v.String()) {
		return // the model's check speaks of it
	}
	s := lookup(strings.TrimPrefix(path, "/"))
	if s.whole() {
		return // object spoke of it
	}
	value := valueText(v)
	c.say(s, s.verdict(value, isEnum(v.Type())), pointer, pointer[strings.LastIndexByte(pointer, '/')+1:]+" "+value)
}

// say tells what is done with a setting, where that is not what was asked for.
func (c *supportCheck) say(s Setting, verdict Verdict, pointer, what string) {
	if verdict == Honoured || verdict == NoEffect {
		return
	}
	if verdict == Refused {
		c.refused.add(pointer, "%s: %s.", what, s.Reason)
		return
	}
	if len(c.warnings) < maxProblems {
		c.warnings = append(c.warnings, spool.Warning{
			Code: spool.WarnSettingIgnored, Pointer: pointer,
			Message: fmt.Sprintf("%s has no effect here: %s.", what, s.Reason),
		})
	}
}

// lastName gives the last part of a path that is a name.
func lastName(path string) string {
	path = strings.TrimSuffix(path, "/*")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// valueText writes a leaf as a user would: bare strings, JSON otherwise.
func valueText(v reflect.Value) string {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	var text string
	if v.Kind() == reflect.String {
		text = v.String()
	} else {
		text = string(encode(nil, v))
	}
	if r := []rune(text); len(r) > 60 {
		text = string(r[:60]) + "…"
	}
	return text
}

func itoa(i int) string { return strconv.Itoa(i) }
