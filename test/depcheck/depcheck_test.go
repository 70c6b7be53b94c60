package depcheck

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// TestTheHouse checks this module.
func TestTheHouse(t *testing.T) {
	t.Parallel()
	found, err := CheckModule(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, sentence := range found {
		t.Error(sentence)
	}
}

// TestPageAgrees demands that the layout table of the architecture page and the
// rules say the same.
func TestPageAgrees(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z0-9/]+)` \\| ([A-Z]+) \\|")
	said := map[string]Kind{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		said[m[1]] = Kind(m[2])
	}
	for unit, kind := range units {
		if said[unit] != kind {
			t.Errorf("docs/architecture.md says %q of %s, the rules say %s: change both together", said[unit], unit, kind)
		}
	}
	for unit := range said {
		if _, ok := units[unit]; !ok {
			t.Errorf("docs/architecture.md lists %s, the rules do not", unit)
		}
	}
}

func TestWrongImportsAreCaught(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, says string }{
		{"internal/spool", "spool/internal/plan", "NOUNS import no package of this module"},
		{"internal/spool", "github.com/google/uuid", "only the standard library"},
		{"internal/spool", "os", "no input or output"},
		{"internal/plan", "os", "no input or output"},
		{"internal/plan", "os/exec", "no input or output"},
		{"internal/plan", "net/http", "no input or output"},
		{"internal/mediaconvert", "database/sql", "no input or output"},
		{"internal/sign", "net", "no input or output"},
		{"internal/plan", "spool/internal/ffmpeg", "PURE may import only NOUNS, PURE"},
		{"internal/work", "spool/internal/ffmpeg", "declare an interface"},
		{"internal/work", "spool/internal/jobs", "STAGE may import only NOUNS, PURE"},
		{"internal/jobs", "spool/internal/store", "declare an interface"},
		{"internal/jobapi", "spool/internal/store", "DOOR may import only NOUNS, PURE"},
		{"internal/jobapi", "spool/internal/videoapi", "a door decodes"},
		{"internal/ffmpeg", "spool/internal/sandbox", "a tool can be exchanged"},
		{"internal/store/migrate", "spool/internal/bus", "TOOL may import only NOUNS, PURE"},
		{"internal/config", "spool/internal/store", "says what is wanted"},
		{"internal/store", "spool/internal/config", "TOOL may import only"},
		{"internal/store", "spool/internal/app", "TOOL may import only"},
		{"internal/app", "spool/internal/testkit", "APP may import only"},
		{"internal/work", "spool/internal/testkit", "STAGE may import only"},
		{"internal/testkit", "spool/internal/ffmpeg", "must not be built from it"},
		{"cmd/spool", "spool/internal/store", "put the wiring into internal/app"},
		{"internal/helpers", "fmt", "no place in the layout"},
		{"internal/work", "spool/internal/helpers", "no place in the layout"},
	} {
		err := CheckImport(c.from, c.to)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s imports %s: got %v, want a sentence with %q", c.from, c.to, err, c.says)
		}
	}
}

func TestRightImportsPass(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"internal/plan", "net/url"}, {"internal/plan", "spool/internal/spool"}, {"internal/plan", "spool/internal/mediaconvert"},
		{"internal/mediaconvert", "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"},
		{"internal/store", "database/sql"}, {"internal/store", "spool/internal/store/migrate"}, {"internal/s3gate", "net/http"},
		{"internal/work", "spool/internal/plan"}, {"internal/app", "spool/internal/s3gate"}, {"cmd/spool", "spool/internal/app"},
		{"cmd/spool", "spool/internal/sandbox"}, {"internal/testkit/mkclip", "spool/internal/testkit"}, {"test/e2e", "spool/internal/testkit"},
	} {
		if err := CheckImport(c[0], c[1]); err != nil {
			t.Error(err)
		}
	}
}

// TestBudgetsAreChecked gives each budget a file that is over it.
func TestBudgetsAreChecked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\t_ = 0\n", MaxFunctionLines)
	methods := ""
	for i := range MaxInterfaceMethods + 1 {
		methods += fmt.Sprintf("\tM%d()\n", i)
	}
	for says, source := range map[string]string{
		"601 lines":              "package x\n" + strings.Repeat("\n", MaxFileLines-1) + "var x int",
		"the function f has":     "package x\nfunc f() {\n" + long + "}\n",
		"the interface I has":    "package x\n// I is.\ntype I interface {\n" + methods + "}\n",
		"F has no comment":       "package x\nfunc F() {}\n",
		"T has no comment":       "package x\ntype T int\n",
		"C has no comment":       "package x\nconst C = 1\n",
		"M has no comment":       "package x\n// T is.\ntype T int\nfunc (t *T) M() {}\n",
		"names no issue":         "package x\n// TODO: later\nvar x int\n",
		"internal/work/x.go: in": "package x\nimport _ \"spool/internal/store\"\n",
	} {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, "x.go", source, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		found := strings.Join(checkFile("internal/work/x.go", set, file), "\n")
		if !strings.Contains(found, says) {
			t.Errorf("want a sentence with %q, got %q", says, found)
		}
	}
}

// TestModuleIsRead plants wrong files in a module of its own: also those behind
// build tags are read, and tests may use what the product may not.
func TestModuleIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, source := range map[string]string{
		"internal/work/doc.go":       "// Package work is.\npackage work\n",
		"internal/work/x_windows.go": "//go:build windows\n\npackage work\n\nimport _ \"spool/internal/store\"\n",
		"internal/work/x_test.go":    "package work\n\nimport _ \"spool/internal/store\"\n",
		"internal/plan/x.go":         "package plan\n",
		"internal/helpers/x.go":      "// Package helpers is.\npackage helpers\n\nimport _ \"os\"\n",
		"node_modules/x/x.go":        "not Go",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := CheckModule(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"internal/work/x_windows.go: internal/work is STAGE", "the folder internal/helpers has no place", "internal/plan: the package has no doc comment"}
	if len(found) != len(want) {
		t.Fatalf("found %q", found)
	}
	for i, start := range want {
		if !strings.HasPrefix(found[i], start) {
			t.Errorf("found %q, want %q", found[i], start)
		}
	}
}
