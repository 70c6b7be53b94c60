package mediaconvert

import (
	"cmp"
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
	Path    string      `json:"path"` // wire names; * for a list index or a map key
	Type    string      `json:"type"` // integer, number, boolean, text or enumeration
	List    bool        `json:"list,omitempty"`
	Min     *float64    `json:"min,omitempty"`
	Max     *float64    `json:"max,omitempty"`
	Pattern string      `json:"pattern,omitempty"`
	Verdict Verdict     `json:"verdict"`          // of most values where there are no Values
	Others  Verdict     `json:"others,omitempty"` // of the values that are neither in Values nor in Only
	Only    []string    `json:"only,omitempty"`   // what Verdict is for, of a setting that is no enumeration
	Values  []ValueInfo `json:"values,omitempty"` // of an enumeration, all of them
	Neutral []string    `json:"neutral,omitempty"`
	How     string      `json:"how,omitempty"`
	Reason  string      `json:"reason,omitempty"`
	parts   []string    // of the path, in lower case, see aligned
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

// Settings lists every leaf of JobSettings with what is done with it, in order of
// the objects that they stand in and then of their names. The list is shared:
// don't change it.
var Settings = sync.OnceValue(func() []SettingInfo {
	var list []SettingInfo
	for _, s := range Support() {
		list = append(list, describe(s))
	}
	slices.SortFunc(list, func(a, b SettingInfo) int {
		above, name := a.Split()
		other, its := b.Split()
		return cmp.Or(strings.Compare(above, other), strings.Compare(name, its))
	})
	return list
})

// Split parts a path into that of the object, "" for the job's settings
// themselves, and the setting's name.
func (s SettingInfo) Split() (object, name string) {
	if i := strings.LastIndexByte(s.Path, '/'); i >= 0 {
		return s.Path[:i], s.Path[i+1:]
	}
	return "", s.Path
}

func describe(s Setting) SettingInfo {
	owner, member, parts := memberAt(s.Path)
	kind := owner.Field(member.index).Type
	info := SettingInfo{Path: s.Path, Verdict: s.Verdict, How: s.How, Reason: s.Reason, Others: s.Else}
	for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice || kind.Kind() == reflect.Map {
		info.List = info.List || kind.Kind() == reflect.Slice
		kind = kind.Elem()
	}
	info.parts, info.Type = parts, typeName(kind)
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

// memberAt gives the type that a path's last part is a member of, the member, and
// the path's parts as queries are compared with them.
func memberAt(path string) (owner reflect.Type, member wireField, parts []string) {
	t := reflect.TypeFor[types.JobSettings]()
	for part := range strings.SplitSeq(path, "/") {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if part == "*" {
			parts = append(parts, map[bool]string{true: anyKey, false: anyIndex}[t.Kind() == reflect.Map])
			t = t.Elem()
			continue
		}
		f, ok := fieldNamed(t, part)
		if !ok {
			panic("mediaconvert: no setting " + path)
		}
		parts = append(parts, strings.ToLower(part))
		owner, member, t = t, f, t.Field(f.index).Type
	}
	return owner, member, parts
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

// FindSettings gives the settings that a query means, in the order of Settings: a
// path or the beginning, the end or any part of one, as wire names, as
// PascalCase, as a JSON pointer or with dots and brackets; or a value of an
// enumeration, where no path has it. What it names exactly comes alone; an empty
// query means all.
func FindSettings(query string) []SettingInfo {
	words := queryWords(query)
	var tiers [5][]SettingInfo
	for _, s := range Settings() {
		if tier := s.tier(words); tier < len(tiers) {
			tiers[tier] = append(tiers[tier], s)
		}
	}
	for _, list := range tiers {
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// tier says how well words name a setting: 0 as its path, 1 as the object that
// it is in, 2 as the end of its path, 3 as a part, 4 as one of its values, and
// 5 not at all.
func (s SettingInfo) tier(words []string) int {
	used, whole := aligned(s.parts, words)
	switch {
	case whole && used == len(s.parts):
		return 0
	case whole:
		return 1
	}
	inside := false
	for i := 1; i < len(s.parts); i++ {
		if s.parts[i] == anyIndex || s.parts[i] == anyKey {
			continue
		}
		used, whole := aligned(s.parts[i:], words)
		if whole && used == len(s.parts)-i && len(words) > 1 {
			return 2
		}
		inside = inside || whole
	}
	switch {
	case inside || strings.Contains(bare(s.parts), bare(words)):
		return 3
	case len(words) == 1 && slices.ContainsFunc(s.Values, func(v ValueInfo) bool { return strings.EqualFold(v.Value, words[0]) }):
		return 4
	}
	return 5
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

// What stands in a setting's parts for a place in a list, and for a name in a map.
const (
	anyIndex = "#"
	anyKey   = "*"
)

// aligned follows the words down the parts of a path from its beginning. Places
// in lists and names in maps may be left out. It gives how many parts the words
// use up, and whether they all fit.
func aligned(parts, words []string) (used int, whole bool) {
	if len(words) == 0 {
		return 0, true
	}
	if len(parts) == 0 {
		return 0, len(words) == 1 && isIndex(words[0]) // of a list of plain values
	}
	part := parts[0]
	free := part == anyIndex || part == anyKey
	if free {
		if n, ok := aligned(parts[1:], words); ok {
			return n + 1, true
		}
	}
	if part == words[0] || part == anyKey || free && (words[0] == "*" || isIndex(words[0])) {
		if n, ok := aligned(parts[1:], words[1:]); ok {
			return n + 1, true
		}
	}
	return 0, false
}

// bare writes words without what stands for a place in a list.
func bare(words []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == anyKey || w == anyIndex || isIndex(w) }), "/")
}

func isIndex(word string) bool {
	_, err := strconv.ParseUint(word, 10, 16)
	return err == nil
}
