package mediaconvert

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// TestSupportTable: the table speaks only of settings and values that exist,
// and every leaf has an entry that says how it is honoured or why it is not.
func TestSupportTable(t *testing.T) {
	t.Parallel()
	leaves := Support()
	paths := make(map[string]bool, len(leaves))
	counts := make(map[Verdict]int)
	for _, s := range leaves {
		paths[s.Path] = true
		counts[s.Verdict]++
		checkEntry(t, s)
	}
	for path, s := range supportTable() {
		above, subtree := strings.CutSuffix(path, "/**")
		found := paths[path]
		for leaf := range paths {
			found = found || subtree && strings.HasPrefix(leaf, above+"/")
		}
		if !found {
			t.Errorf("the table names %s, which is no setting", path)
		}
		if subtree || !found {
			continue
		}
		if typ := scalarType(path); isEnum(typ) {
			for _, v := range append(slices.Clone(s.Values), s.Neutral...) {
				if !enumHas(typ, v) {
					t.Errorf("%s has no value %s", path, v)
				}
			}
		}
	}
	t.Logf("%d leaves: %v", len(leaves), counts)
}

func checkEntry(t *testing.T, s Setting) {
	t.Helper()
	if lookup(s.Path).Path == "" {
		t.Errorf("%s is not in the table: say in support*.go what is done with it", s.Path)
	}
	if s.Verdict == Honoured != (s.How != "") {
		t.Errorf("%s: how it is honoured is said exactly where it is", s.Path)
	}
	if (s.Verdict != Honoured || len(s.Values) > 0) != (s.Reason != "") {
		t.Errorf("%s: %s; a reason stands exactly where something is not honoured", s.Path, s.Verdict)
	}
	if (len(s.Values) > 0) != (s.Else != "") || s.Else == s.Verdict {
		t.Errorf("%s: %v have the verdict %s and the others %q", s.Path, s.Values, s.Verdict, s.Else)
	}
	for _, text := range []string{s.How, s.Reason} {
		if len(text) > 160 || strings.HasSuffix(text, ".") || strings.ContainsAny(text, "|\n`") {
			t.Errorf("%s: a text for a row of a table, without a full stop: %q", s.Path, text)
		}
	}
}

// TestModelLeaves: the leaves that the table is made for are those of the API's
// model, and all of them.
func TestModelLeaves(t *testing.T) {
	t.Parallel()
	m := loadModel(t)
	want := make(map[string]bool)
	m.leaves("JobSettings", "", want)
	have := make(map[string]bool)
	for _, s := range Support() {
		have[s.Path] = true
	}
	for path := range want {
		if !have[path] {
			t.Errorf("the model has %s, and the table does not", path)
		}
	}
	for path := range have {
		if !want[path] {
			t.Errorf("the table has %s, and the model does not", path)
		}
	}
}

// leaves collects the paths of all leaves below a shape.
func (m apiModel) leaves(name, path string, found map[string]bool) {
	s := m.Shapes[name]
	switch s.Type {
	case "structure":
		for _, member := range s.Members {
			m.leaves(member.Shape, path+"/"+member.Wire, found)
		}
	case "list", "map":
		element := m.elementName(s)
		if kind := m.Shapes[element].Type; s.Type == "list" && kind != "structure" && kind != "list" && kind != "map" {
			found[strings.TrimPrefix(path, "/")] = true
			return
		}
		m.leaves(element, path+"/*", found)
	default:
		found[strings.TrimPrefix(path, "/")] = true
	}
}

// elementName gives the name of the shape of the elements of a list or map.
func (m apiModel) elementName(s modelShape) string {
	raw := s.Member
	if s.Type == "map" {
		raw = s.Value
	}
	var name string
	if json.Unmarshal(raw, &name) != nil {
		var ref struct{ Shape string }
		_ = json.Unmarshal(raw, &ref)
		name = ref.Shape
	}
	return name
}

// TestLeafCount: the table has a row for every place where a setting can stand,
// more than the API has settings: kinds of objects that stand at several places
// have rows at each of them, and lists of plain values have a row too.
func TestLeafCount(t *testing.T) {
	t.Parallel()
	members := make(map[string]bool) // of each kind of object once
	lists := 0
	found := make(map[string]reflect.Type)
	structTypes(reflect.TypeFor[types.JobSettings](), found)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		for _, f := range wireFields(found[name]) {
			typ := found[name].Field(f.index).Type
			switch {
			case typ.Kind() == reflect.Slice && scalar(typ.Elem()):
				lists++
			case scalar(typ):
				members[name+"."+f.name] = true
			}
		}
	}
	if rows := len(Support()); len(members) != 963 || lists != 29 || rows != 1100 {
		t.Errorf("%d settings, %d lists of plain values, %d rows: the pages say 963, 29 and 1,100", len(members), lists, rows)
	}
}

// TestUsage: every setting that public projects use is in the table, and of the
// values that they use, most are honoured. -v says which are not.
func TestUsage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(sharedDir(t, "mediaconvert"), "usage.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	followed, spoken := 0, 0
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if !strings.HasPrefix(fields[0], "Settings.") || len(fields) < 5 {
			continue
		}
		found := FindSettings(fields[0])
		if len(found) != 1 {
			t.Errorf("%s: %d rows", fields[0], len(found))
			continue
		}
		s, others := lookup(found[0].Path), []string(nil)
		for value := range strings.SplitSeq(fields[4], ";") {
			value = strings.TrimSpace(value[:max(0, strings.LastIndexByte(value, '('))])
			if kind := scalarType(found[0].Path); isEnum(kind) && !enumHas(kind, value) {
				continue // what a program puts in
			}
			if v := s.verdict(value, found[0].Values != nil); v != Honoured && v != NoEffect {
				others = append(others, value+" "+string(v))
			}
		}
		if followed++; len(others) > 0 {
			followed--
			spoken++
			t.Logf("%s: %v", fields[0], others)
		}
	}
	t.Logf("%d settings are followed in all that projects use, %d are not", followed, spoken)
	if followed < 300 {
		t.Errorf("only %d settings are followed", followed)
	}
}
