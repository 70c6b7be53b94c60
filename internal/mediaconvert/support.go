package mediaconvert

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

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
	Unbuilt  Verdict = "not built" // accepted, as the service does; the job fails and says so, before any work
)

// Setting is the entry of the support table for one leaf of JobSettings.
type Setting struct {
	Path    string   // wire names; * for a list index or a map key
	Verdict Verdict  // of Values, or of every value when Values is empty
	Values  []string // the values that the verdict is for
	Else    Verdict  // of the other values
	Neutral []string // values that ask for nothing and raise no warning
	Reason  string   // what happens instead, or why there is no effect
}

// neutralValues ask for nothing wherever they stand.
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

// verdict gives what is done with one value.
func (s Setting) verdict(value string) Verdict {
	v := s.Verdict
	if len(s.Values) > 0 && !slices.Contains(s.Values, value) {
		v = s.Else
	}
	if (v == Ignored || v == Refused || v == Unbuilt) && (slices.Contains(s.Neutral, value) || slices.Contains(neutralValues, value)) {
		return NoEffect
	}
	return v
}

// supportCheck looks up every leaf that a user set.
type supportCheck struct {
	refused  *problemList
	unbuilt  *problemList
	warnings []spool.Warning
	said     map[string]bool // subtrees that were spoken of
	groups   map[int]bool    // output groups whose type is not built
}

// support refuses what would do harm if ignored and gives a warning for each
// setting that has no effect here (DESIGN: no setting is silently ignored).
func support(s *types.JobSettings, problems *problemList) []spool.Warning {
	c := newSupportCheck(s)
	c.walk(reflect.ValueOf(s), "", "")
	for _, p := range c.refused.list {
		problems.add(p.Pointer, "%s", p.Message)
	}
	return c.warnings
}

// UnbuiltSettings lists the settings of a job that the service knows and that
// can't be run here yet, nil when there are none. Such a job is accepted, and
// fails before any work: what is asked for is never left out silently.
func UnbuiltSettings(s *types.JobSettings) spool.Problems {
	c := newSupportCheck(s)
	if len(s.Inputs) > 1 {
		c.unbuilt.add("/inputs/1", "More than one input is not built yet: give each its own job, or join them first.")
	}
	for i, g := range s.OutputGroups {
		for j, o := range g.Outputs {
			if k := o.ContainerSettings; k != nil && k.Container == types.ContainerTypeRaw && !c.groups[i] && !isFrameCapture(o.VideoDescription) {
				c.unbuilt.add("/outputGroups/"+itoa(i)+"/outputs/"+itoa(j)+"/containerSettings/container", "container RAW is built for FRAME_CAPTURE only so far.")
			}
		}
	}
	c.walk(reflect.ValueOf(s), "", "")
	said := make(map[string]bool)
	for _, p := range c.unbuilt.list {
		said[p.Pointer] = true
	}
	return slices.DeleteFunc(c.unbuilt.list, func(p spool.Problem) bool {
		// The codec says it all; its settings beside it need no sentence.
		beside := p.Pointer[:strings.LastIndexByte(p.Pointer, '/')+1]
		return strings.HasSuffix(p.Pointer, "Settings") && (said[beside+"codec"] || said[beside+"container"])
	})
}

func newSupportCheck(s *types.JobSettings) *supportCheck {
	c := &supportCheck{refused: &problemList{}, unbuilt: &problemList{}, said: make(map[string]bool), groups: make(map[int]bool)}
	for i, g := range s.OutputGroups {
		if g.OutputGroupSettings != nil && lookup(atGroupSet+"type").verdict(string(g.OutputGroupSettings.Type)) == Unbuilt {
			c.groups[i] = true
		}
	}
	return c
}

// covered tells whether a pointer is below an output group of a type that is not
// built: one sentence is enough for all of it.
func (c *supportCheck) covered(pointer string) bool {
	rest, ok := strings.CutPrefix(pointer, "/outputGroups/")
	index, below, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(index)
	return ok && err == nil && c.groups[i] && below != "outputGroupSettings/type"
}

func (c *supportCheck) walk(v reflect.Value, pointer, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.walk(v.Elem(), pointer, path)
		}
	case reflect.Struct:
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

func (c *supportCheck) leaf(v reflect.Value, pointer, path string) {
	if isEnum(v.Type()) && !enumHas(v.Type(), v.String()) {
		return // the model's check speaks of it
	}
	s := lookup(strings.TrimPrefix(path, "/"))
	value := valueText(v)
	verdict := s.verdict(value)
	if verdict == Honoured || verdict == NoEffect || verdict != Refused && c.covered(pointer) {
		return
	}
	what := pointer[strings.LastIndexByte(pointer, '/')+1:] + " " + value
	if above, whole := strings.CutSuffix(s.Path, "/**"); whole {
		// One sentence for the whole object, at the object.
		pointer = cutPointer(pointer, strings.Count(above, "/")+1)
		what = lastName(above)
		if c.said[pointer] {
			return
		}
		c.said[pointer] = true
	}
	if verdict == Refused {
		c.refused.add(pointer, "%s: %s.", what, s.Reason)
		return
	}
	if verdict == Unbuilt {
		c.unbuilt.add(pointer, "%s: %s.", what, s.Reason)
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

// cutPointer keeps the first n parts of a pointer.
func cutPointer(pointer string, n int) string {
	at := 0
	for range n {
		i := strings.IndexByte(pointer[at+1:], '/')
		if i < 0 {
			return pointer
		}
		at += i + 1
	}
	return pointer[:at]
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

// tableBuilder writes the support table.
type tableBuilder struct{ table map[string]Setting }

func (b tableBuilder) add(prefix, names string, s Setting) {
	for name := range strings.FieldsSeq(names) {
		s.Path = prefix + name
		if _, twice := b.table[s.Path]; twice {
			panic("mediaconvert: support table names " + s.Path + " twice")
		}
		b.table[s.Path] = s
	}
}

// honour: every value is honoured.
func (b tableBuilder) honour(prefix, names string) {
	b.add(prefix, names, Setting{Verdict: Honoured})
}

// only: these values are honoured, others ignored with a warning.
func (b tableBuilder) only(prefix, name, values, reason string) {
	b.add(prefix, name, Setting{Verdict: Honoured, Values: strings.Fields(values), Else: Ignored, Reason: reason})
}

// so: these values are built so far, others not.
func (b tableBuilder) so(prefix, name, values, reason string) {
	b.add(prefix, name, Setting{Verdict: Honoured, Values: strings.Fields(values), Else: Unbuilt, Reason: reason})
}

// nothing: no value changes the output.
func (b tableBuilder) nothing(prefix, names, reason string) {
	b.add(prefix, names, Setting{Verdict: NoEffect, Reason: reason})
}

// ignore: warned of, but for the neutral values.
func (b tableBuilder) ignore(prefix, names, neutral, reason string) {
	b.add(prefix, names, Setting{Verdict: Ignored, Neutral: strings.Fields(neutral), Reason: reason})
}

// unbuilt: the job fails, but for values that are neutral everywhere.
func (b tableBuilder) unbuilt(prefix, names, reason string) {
	b.add(prefix, names, Setting{Verdict: Unbuilt, Reason: reason})
}

// refuse: answered with 400, but for values that are neutral everywhere.
func (b tableBuilder) refuse(prefix, names, reason string) {
	b.add(prefix, names, Setting{Verdict: Refused, Reason: reason})
}

var supportTable = sync.OnceValue(func() map[string]Setting {
	b := tableBuilder{make(map[string]Setting)}
	b.job()
	b.inputs()
	b.groups()
	b.outputs()
	b.video()
	b.audio()
	return b.table
})

func itoa(i int) string { return strconv.Itoa(i) }
