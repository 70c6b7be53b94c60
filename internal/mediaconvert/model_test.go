package mediaconvert

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// modelShape is one shape of the API's model.
type modelShape struct {
	Type     string
	Min, Max *json.Number
	Pattern  string
	Enum     []string
	Required []string
	Members  map[string]struct{ Shape, Wire string }
	Member   json.RawMessage
	Value    json.RawMessage
}

type apiModel struct {
	Shapes map[string]modelShape
}

func loadModel(t testing.TB) apiModel {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedDir(t, "mediaconvert"), "model.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m apiModel
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// element gives the shape of the elements of a list or map.
func (m apiModel) element(s modelShape) modelShape { return m.Shapes[m.elementName(s)] }

// structTypes lists all structures below a type.
func structTypes(t reflect.Type, found map[string]reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		structTypes(t.Elem(), found)
	case reflect.Struct:
		if _, ok := found[t.Name()]; ok || t == timeType {
			return
		}
		found[t.Name()] = t
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				structTypes(t.Field(i).Type, found)
			}
		}
	}
}

func settingsTypes() map[string]reflect.Type {
	found := make(map[string]reflect.Type)
	structTypes(reflect.TypeFor[types.JobSettings](), found)
	structTypes(reflect.TypeFor[types.JobTemplateSettings](), found)
	structTypes(reflect.TypeFor[types.PresetSettings](), found)
	structTypes(reflect.TypeFor[types.AccelerationSettings](), found)
	structTypes(reflect.TypeFor[types.HopDestination](), found)
	return found
}

// TestWireNames: the SDK's field names with a lower-case first letter are the
// model's wire names, and the SDK knows every member and enumeration value.
func TestWireNames(t *testing.T) {
	t.Parallel()
	m := loadModel(t)
	for name, typ := range settingsTypes() {
		shape, ok := m.Shapes[name]
		if !ok {
			t.Errorf("the model has no %s", name)
			continue
		}
		if len(shape.Members) != len(wireFields(typ)) {
			t.Errorf("%s: %d members in the model, %d in the SDK", name, len(shape.Members), len(wireFields(typ)))
		}
		for _, member := range shape.Members {
			f, ok := fieldNamed(typ, member.Wire)
			if !ok {
				t.Errorf("%s: the SDK has no %s", name, member.Wire)
				continue
			}
			target := m.Shapes[member.Shape]
			ft := typ.Field(f.index).Type
			if target.Type == "list" {
				target, ft = m.element(target), ft.Elem()
			}
			if isEnum(ft) != (len(target.Enum) > 0) {
				t.Errorf("%s.%s: enumeration in one, not in the other", name, member.Wire)
			}
			for _, v := range target.Enum {
				if !enumHas(ft, v) {
					t.Errorf("%s.%s: the SDK has no value %s", name, member.Wire, v)
				}
			}
		}
	}
}

// TestRanges: ranges.txt is what the model says. With -update it is written anew.
func TestRanges(t *testing.T) {
	t.Parallel()
	m := loadModel(t)
	var lines []string
	for name := range settingsTypes() {
		shape := m.Shapes[name]
		for _, member := range shape.Members {
			if words := m.rule(shape, member.Wire, member.Shape); len(words) > 0 {
				lines = append(lines, name+"."+member.Wire+" "+strings.Join(words, " "))
			}
		}
	}
	sort.Strings(lines)
	want := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile("ranges.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have := strings.Split(strings.TrimSuffix(rangesText, "\n"), "\n")
	sort.Strings(have)
	if !slices.Equal(have, lines) {
		t.Error("ranges.txt is not what the model says: run the test with -update")
	}
}

func (m apiModel) rule(parent modelShape, wire, shapeName string) []string {
	var words []string
	for member, ref := range parent.Members {
		if ref.Wire == wire && slices.Contains(parent.Required, member) {
			words = append(words, "required")
		}
	}
	s := m.Shapes[shapeName]
	if s.Type == "list" || s.Type == "map" {
		s = m.element(s)
	}
	low, high := "min", "max"
	if s.Type == "string" {
		low, high = "minlen", "maxlen"
	}
	if len(s.Enum) > 0 {
		return words
	}
	if s.Type == "double" {
		s.Min, s.Max = doubleRange(shapeName, m.Shapes[shapeName])
	}
	if s.Min != nil {
		words = append(words, fmt.Sprintf("%s=%s", low, *s.Min))
	}
	if s.Max != nil {
		words = append(words, fmt.Sprintf("%s=%s", high, *s.Max))
	}
	if s.Pattern != "" {
		words = append(words, "pattern="+s.Pattern)
	}
	return words
}

var doubleName = regexp.MustCompile(`^__(?:listOf__)?doubleMin(Negative)?([0-9]+)(?:Max(Negative)?([0-9]+))?$`)

// doubleRange gives the range of a fraction: the model holds it in the name of
// the shape only, such as __doubleMinNegative8Max0.
func doubleRange(name string, shape modelShape) (low, high *json.Number) {
	if shape.Type == "list" {
		_ = json.Unmarshal(shape.Member, &name)
	}
	parts := doubleName.FindStringSubmatch(name)
	if parts == nil {
		return nil, nil
	}
	signed := func(negative, digits string) *json.Number {
		if digits == "" {
			return nil
		}
		n := json.Number(digits)
		if negative != "" {
			n = "-" + n
		}
		return &n
	}
	return signed(parts[1], parts[2]), signed(parts[3], parts[4])
}

// TestRulesCompile: every pattern of the model is one that Go understands.
func TestRulesCompile(t *testing.T) {
	t.Parallel()
	known := settingsTypes()
	for name, r := range rules() {
		structure, member, _ := strings.Cut(name, ".")
		if _, ok := fieldNamed(known[structure], member); !ok {
			t.Errorf("ranges.txt names %s, which is not there", name)
		}
		if r.pattern != "" {
			matches(r.pattern, "s3://bucket/key")
		}
	}
}

// leafType gives the type of a leaf, nil for a subtree.
func leafType(path string) reflect.Type {
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
			return nil
		}
		t = t.Field(f.index).Type
	}
	return t
}
