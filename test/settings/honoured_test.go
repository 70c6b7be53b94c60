package settings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"spool/internal/mediaconvert"
)

// flip is one setting of a base job set to other values.
type flip struct {
	base  base
	path  string
	value any  // nil: every value of the enumeration that the table calls honoured
	each  bool // of an enumeration
	with  []string
}

// flips collects them. The tables are in the other files, a line for each
// setting.
type flips struct{ list []flip }

// set flips a setting to one value. The plan must change.
//
// Companions are what the value needs beside it, "name=JSON" or "name=text":
// they are there without the flip too, so that the setting alone makes the
// difference; with a plus in front, "+name=…", only beside the flipped value,
// where one is not valid without the other. "name=-" removes; the setting's own
// name gives it another value to be flipped from. A name that begins
// with a slash is a path from the root, others stand in the setting's object.
func (f *flips) set(b base, path string, value any, companions ...string) {
	f.list = append(f.list, flip{base: b, path: path, value: value, with: companions})
}

// each flips an enumeration to each of its values that are honoured: no two of
// them may give the same plan. Companions with "VALUE:" in front are for that
// value only; "A~B" allows A to be planned as B.
func (f *flips) each(b base, path string, companions ...string) {
	f.list = append(f.list, flip{base: b, path: path, each: true, with: companions})
}

// allFlips are those of all tables.
func allFlips() []flip {
	f := &flips{}
	f.inputs()
	f.timeline()
	f.picture()
	f.groups()
	f.abr()
	f.outputs()
	f.hls()
	f.transportStreams()
	f.packed()
	f.video()
	f.audio()
	f.captions()
	return f.list
}

// elsewhere are honoured leaves that no flip can prove; where they are proven
// instead.
var elsewhere = map[string]string{
	"outputGroups/*/outputs/*/audioDescriptions/*/audioChannelTaggingSettings/channelTag":  "which tags make which layout: the tests of plan",
	"outputGroups/*/outputs/*/audioDescriptions/*/audioChannelTaggingSettings/channelTags": "which tags make which layout: the tests of plan",
	"colorConversion3DLUTSettings/*/inputColorSpace":                                       "all tables for other colours give the same plan: the golden plans of colours, and TestLUTs of plan",
	"colorConversion3DLUTSettings/*/outputColorSpace":                                      "as inputColorSpace",
	"outputGroups/*/outputs/*/preset":                                                      "its settings are merged into the output before anything is planned: the tests of mediaconvert",
}

// trees gives the job with a value, and the one without it.
func (f flip) trees(t testing.TB, value any) (changed, without any) {
	t.Helper()
	changed, without = f.base.tree(t), f.base.tree(t)
	parent := f.path[:strings.LastIndexByte(f.path, '/')+1]
	for _, c := range f.with {
		of, rest, isFor := strings.Cut(c, ":")
		if name, _, _ := strings.Cut(c, "="); isFor && !strings.Contains(of, "=") && name != "" {
			if of != fmt.Sprint(value) {
				continue
			}
			c = rest
		}
		name, text, ok := strings.Cut(c, "=")
		if !ok {
			continue // "A~B"
		}
		name, only := strings.CutPrefix(name, "+")
		at, fromRoot := strings.CutPrefix(name, "/")
		if !fromRoot {
			at = parent + name
		}
		set(changed, strings.Split(at, "/"), literal(text))
		if !only {
			set(without, strings.Split(at, "/"), literal(text))
		}
	}
	set(changed, strings.Split(f.path, "/"), value)
	return changed, without
}

// literal reads the value of a companion; a new one each time, for trees share
// nothing.
func literal(text string) any {
	if text == "-" {
		return nil
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	return v
}

// values are those that a flip is for.
func (f flip) values(t testing.TB) []any {
	t.Helper()
	if !f.each {
		return []any{f.value}
	}
	var list []any
	for _, v := range infoOf(t, f.path).Honours() {
		list = append(list, v)
	}
	return list
}

// infoOf gives the table's row for a path of a job.
func infoOf(t testing.TB, path string) mediaconvert.SettingInfo {
	t.Helper()
	at := row(path)
	for _, s := range mediaconvert.Settings() {
		if s.Path == at {
			return s
		}
	}
	t.Fatalf("%s is no setting", path)
	return mediaconvert.SettingInfo{}
}

// same tells whether two values of a setting may give the same plan.
func (f flip) same(a, b string) bool {
	return slices.Contains(f.with, a+"~"+b) || slices.Contains(f.with, b+"~"+a)
}

func (f flip) check(t *testing.T) {
	plans := map[string]string{} // plan → value
	for _, value := range f.values(t) {
		changed, without := f.trees(t, value)
		after, err := planOf(changed)
		if err != nil {
			t.Errorf("%s = %v: %v", f.path, value, err)
			continue
		}
		if !f.each {
			before, err := planOf(without)
			if err != nil {
				t.Errorf("%s: the job without the flip: %v", f.path, err)
			} else if before == after {
				t.Errorf("%s = %v changes nothing in the plan", f.path, value)
			}
			continue
		}
		if other, twice := plans[after]; twice && !f.same(other, value.(string)) {
			t.Errorf("%s: %s and %s give the same plan", f.path, other, value)
		}
		if _, twice := plans[after]; !twice {
			plans[after] = value.(string)
		}
	}
}

// TestHonoured flips every honoured setting, and every honoured value of an
// enumeration, in a base job, and demands that the plan changes; a setting that
// the table calls honoured and that no line flips is named.
func TestHonoured(t *testing.T) {
	t.Parallel()
	proven := map[string]map[string]bool{} // row → values
	for _, f := range allFlips() {
		at := row(f.path)
		if at == "" {
			t.Fatalf("%s is no setting", f.path)
		}
		if proven[at] == nil {
			proven[at] = map[string]bool{}
		}
		for _, v := range f.values(t) {
			proven[at][fmt.Sprint(v)] = true
		}
		if was, ok := get(f.base.tree(t), strings.Split(f.path, "/")).(string); ok && !f.each {
			proven[at][was] = true // the plan differs from its
		}
		t.Run(f.path, func(t *testing.T) {
			t.Parallel()
			f.check(t)
		})
	}
	for _, s := range mediaconvert.Settings() {
		missing := unproven(s, proven[s.Path])
		switch {
		case elsewhere[s.Path] != "" && proven[s.Path] != nil:
			t.Errorf("%s is both proven here and elsewhere", s.Path)
		case elsewhere[s.Path] == "" && missing != "":
			t.Error(missing)
		}
	}
}

// manyValues are so many that one flip is enough: languages.
const manyValues = 60

// unproven says what of a setting the table calls honoured without a flip.
func unproven(s mediaconvert.SettingInfo, proven map[string]bool) string {
	if s.Verdict != mediaconvert.Honoured {
		if proven != nil {
			return s.Path + " is flipped, but the table does not call it honoured"
		}
		return ""
	}
	honoured := s.Honours()
	if s.Values == nil {
		honoured = s.Only
	}
	if len(honoured) == 1 { // others are spoken of: there is nothing to flip it to
		return ""
	}
	if proven == nil {
		return s.Path + " is called honoured, but no line flips it"
	}
	if s.Values == nil {
		return ""
	}
	missing := slices.DeleteFunc(honoured, func(v string) bool { return proven[v] })
	if len(missing) > 0 && len(honoured) <= manyValues {
		return fmt.Sprintf("%s: %v are called honoured, but no line flips to them", s.Path, missing)
	}
	return ""
}
