package mediaconvert

import (
	_ "embed"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// ranges.txt holds the ranges, lengths, patterns and required members of the
// API's model, one member per line: "AacSettings.bitrate min=6000 max=1024000".
// A test compares it with the model.
//
//go:embed ranges.txt
var rangesText string

// rule is what the model demands of one member, or of each element of a list.
type rule struct {
	required       bool
	min, max       *float64
	minLen, maxLen *int
	pattern        string
}

var rules = sync.OnceValue(func() map[string]rule {
	m := make(map[string]rule)
	for line := range strings.Lines(rangesText) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		m[name] = parseRule(rest)
	}
	return m
})

func parseRule(text string) rule {
	var r rule
	for text != "" {
		if p, ok := strings.CutPrefix(text, "pattern="); ok { // last, and may hold spaces
			r.pattern = p
			break
		}
		word, rest, _ := strings.Cut(text, " ")
		text = rest
		key, value, _ := strings.Cut(word, "=")
		f, err := strconv.ParseFloat(value, 64)
		if key != "required" && err != nil {
			panic(fmt.Sprintf("mediaconvert: ranges.txt: %q", word))
		}
		n := int(f)
		switch key {
		case "required":
			r.required = true
		case "min":
			r.min = &f
		case "max":
			r.max = &f
		case "minlen":
			r.minLen = &n
		case "maxlen":
			r.maxLen = &n
		}
	}
	return r
}

var patternCache sync.Map // string → *regexp.Regexp

func matches(pattern, s string) bool {
	re, ok := patternCache.Load(pattern)
	if !ok {
		re, _ = patternCache.LoadOrStore(pattern, regexp.MustCompile(pattern))
	}
	return re.(*regexp.Regexp).MatchString(s)
}

// checkModel walks a structure and checks every member against the model.
func checkModel(v reflect.Value, pointer string, problems *problemList) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			checkModel(v.Elem(), pointer, problems)
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkModel(v.Index(i), pointer+"/"+strconv.Itoa(i), problems)
		}
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			checkModel(v.MapIndex(reflect.ValueOf(k)), pointer+"/"+escapePointer(k), problems)
		}
	case reflect.String:
		if isEnum(v.Type()) && v.Len() > 0 && !enumHas(v.Type(), v.String()) {
			problems.add(pointer, "%s", enumMessage(v.Type()))
		}
	case reflect.Struct:
		for _, f := range wireFields(v.Type()) {
			member, at := v.Field(f.index), pointer+"/"+f.name
			r, ruled := rules()[v.Type().Name()+"."+f.name]
			if absent(member) {
				if r.required {
					problems.add(pointer, "%s is a required property", f.name)
				}
				continue
			}
			if ruled {
				r.check(member, at, problems)
			}
			checkModel(member, at, problems)
		}
	}
}

// check tells what of a value breaks the rule.
func (r rule) check(v reflect.Value, at string, problems *problemList) {
	switch v.Kind() {
	case reflect.Pointer:
		r.check(v.Elem(), at, problems)
	case reflect.Slice:
		for i := range v.Len() {
			r.check(v.Index(i), at+"/"+strconv.Itoa(i), problems)
		}
	case reflect.Int32, reflect.Int64:
		r.checkNumber(float64(v.Int()), at, problems)
	case reflect.Float64:
		r.checkNumber(v.Float(), at, problems)
	case reflect.String:
		n := utf8.RuneCountInString(v.String())
		switch {
		case r.minLen != nil && n < *r.minLen:
			problems.add(at, "Should have at least %d characters", *r.minLen)
		case r.maxLen != nil && n > *r.maxLen:
			problems.add(at, "Should have at most %d characters", *r.maxLen)
		case r.pattern != "" && !matches(r.pattern, v.String()):
			problems.add(at, "Should match the pattern %s", r.pattern)
		}
	}
}

func (r rule) checkNumber(f float64, at string, problems *problemList) {
	switch {
	case r.min != nil && f < *r.min:
		problems.add(at, "Should be greater than or equal to %s", number(*r.min))
	case r.max != nil && f > *r.max:
		problems.add(at, "Should be less than or equal to %s", number(*r.max))
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func sortedKeys(v reflect.Value) []string {
	keys := make([]string, 0, v.Len())
	for _, k := range v.MapKeys() {
		keys = append(keys, k.String())
	}
	slices.Sort(keys)
	return keys
}
