package mediaconvert

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// SettingInfo is one row of the support table with what the API says of the
// setting, for people and programs.
type SettingInfo struct {
	Path    string       `json:"path"` // wire names; * for a list index or a map key
	Type    string       `json:"type"` // integer, number, boolean, text or enumeration
	List    bool         `json:"list,omitempty"`
	Min     *float64     `json:"min,omitempty"`
	Max     *float64     `json:"max,omitempty"`
	Pattern string       `json:"pattern,omitempty"`
	Verdict Verdict      `json:"verdict"`          // of most values where there are no Values
	Others  Verdict      `json:"others,omitempty"` // of the values that are neither in Values nor in Only
	Only    []string     `json:"only,omitempty"`   // what Verdict is for, of a setting that is no enumeration
	Values  []ValueInfo  `json:"values,omitempty"` // of an enumeration, all of them
	Neutral []string     `json:"neutral,omitempty"`
	How     string       `json:"how,omitempty"`
	Reason  string       `json:"reason,omitempty"`
	kind    reflect.Type // of one value
}

// ValueInfo is what is done with one value of an enumeration.
type ValueInfo struct {
	Value   string  `json:"value"`
	Verdict Verdict `json:"verdict"`
}

// Honours lists the values of an enumeration that are honoured.
func (s SettingInfo) Honours() []string {
	var list []string
	for _, v := range s.Values {
		if v.Verdict == Honoured {
			list = append(list, v.Value)
		}
	}
	return list
}

// Settings lists every leaf of JobSettings in order of their paths, with what is
// done with it. The list is shared: don't change it.
var Settings = sync.OnceValue(func() []SettingInfo {
	var list []SettingInfo
	for _, s := range Support() {
		list = append(list, describe(s))
	}
	slices.SortFunc(list, func(a, b SettingInfo) int { return strings.Compare(a.Path, b.Path) })
	return list
})

func describe(s Setting) SettingInfo {
	owner, member := memberAt(s.Path)
	kind := owner.Field(member.index).Type
	info := SettingInfo{Path: s.Path, Verdict: s.Verdict, How: s.How, Reason: s.Reason, Others: s.Else}
	for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice || kind.Kind() == reflect.Map {
		info.List = info.List || kind.Kind() == reflect.Slice
		kind = kind.Elem()
	}
	info.kind, info.Type = kind, typeName(kind)
	if r, ok := rules()[owner.Name()+"."+member.name]; ok {
		info.Min, info.Max, info.Pattern = r.min, r.max, r.pattern
	}
	if !isEnum(kind) {
		info.Only, info.Neutral = s.Values, s.Neutral
		return info
	}
	table := lookup(s.Path) // knows whether it is of the whole object
	for _, v := range enumValues(kind) {
		info.Values = append(info.Values, ValueInfo{v, table.verdict(v, true)})
	}
	return info
}

// memberAt gives the type that a path's last part is a member of, and the member.
func memberAt(path string) (owner reflect.Type, member wireField) {
	t := reflect.TypeFor[types.JobSettings]()
	for part := range strings.SplitSeq(path, "/") {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if part == "*" {
			t = t.Elem()
			continue
		}
		f, ok := fieldNamed(t, part)
		if !ok {
			panic("mediaconvert: no setting " + path)
		}
		owner, member, t = t, f, t.Field(f.index).Type
	}
	return owner, member
}

func typeName(t reflect.Type) string {
	switch {
	case isEnum(t):
		return "enumeration"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Float64:
		return "number"
	default:
		return "integer"
	}
}

// FindSettings gives the settings that a query means, in order of their paths: a
// path or the beginning, the end or any part of one, as wire names, as
// PascalCase, as a JSON pointer or with dots and brackets; or a value of an
// enumeration, where no path has it. What it names exactly comes alone; an empty
// query means all.
func FindSettings(query string) []SettingInfo {
	words := queryWords(query)
	var exact, below, part, value []SettingInfo
	for _, s := range Settings() {
		path := strings.Split(strings.ToLower(s.Path), "/")
		switch n, whole := aligned(path, words); {
		case n == len(path) && whole:
			exact = append(exact, s)
		case whole:
			below = append(below, s)
		case within(path, words):
			part = append(part, s)
		case len(words) == 1 && slices.ContainsFunc(s.Values, func(v ValueInfo) bool { return strings.EqualFold(v.Value, words[0]) }):
			value = append(value, s)
		}
	}
	for _, list := range [][]SettingInfo{exact, below, part} {
		if len(list) > 0 {
			return list
		}
	}
	return value
}

// queryWords cuts a query into the parts of a path, in lower case.
func queryWords(query string) []string {
	query = strings.NewReplacer("[]", "/*", "{}", "/*", "[", "/", "]", "", ".", "/").Replace(strings.ToLower(strings.TrimSpace(query)))
	words := slices.DeleteFunc(strings.Split(query, "/"), func(w string) bool { return w == "" })
	if len(words) > 0 && words[0] == "settings" {
		words = words[1:]
	}
	return words
}

// aligned follows the words down a path from its beginning, where the path's *
// takes any word and may be left out. It gives how many parts they use up, and
// whether they all fit.
func aligned(path, words []string) (used int, whole bool) {
	if len(words) == 0 {
		return 0, true
	}
	if len(path) == 0 {
		return 0, len(words) == 1 && isIndex(words[0]) // of a list of plain values
	}
	if path[0] == "*" || path[0] == words[0] {
		if n, ok := aligned(path[1:], words[1:]); ok {
			return n + 1, true
		}
	}
	if path[0] == "*" {
		if n, ok := aligned(path[1:], words); ok {
			return n + 1, true
		}
	}
	return 0, false
}

// within tells whether the words stand one after the other in a path, the first
// and the last perhaps as part of a name. Lists' * count for nothing.
func within(path, words []string) bool {
	bare := func(list []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(list), func(w string) bool { return w == "*" || isIndex(w) }), "/")
	}
	return strings.Contains(bare(path), bare(words))
}

func isIndex(word string) bool {
	_, err := strconv.ParseUint(word, 10, 16)
	return err == nil
}
