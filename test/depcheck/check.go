package depcheck

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The budgets of one file, function and interface.
const (
	MaxFileLines        = 600
	MaxFunctionLines    = 100
	MaxInterfaceMethods = 5
)

// skipped are folders without sources of the house.
var skipped = []string{".git", ".cache", "node_modules", "testdata", "bin", "spool-data"}

// CheckModule reads all Go files below root, those of every build tag included,
// and gives one sentence for each broken rule, in order of files.
func CheckModule(root string) ([]string, error) {
	var found []string
	folders := map[string]*folder{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(skipped, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			found = append(found, fmt.Sprintf("%s cannot be parsed: %v", name, err))
			return nil
		}
		found = append(found, checkFile(name, set, file)...)
		noteFolder(folders, name, file)
		return nil
	})
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		if _, _, err := unitOf(dir); err != nil {
			found = append(found, err.Error())
		}
		if f := folders[dir]; f.product && !f.documented {
			found = append(found, dir+": the package has no doc comment. The rule: every package says what it is and what it never does, because that is where a reader begins. Write it in doc.go")
		}
	}
	return found, err
}

// folder is what is known of the package in one folder.
type folder struct {
	product    bool // has a file that is not a test
	documented bool
}

func noteFolder(folders map[string]*folder, name string, file *ast.File) {
	dir := dirOf(name)
	f := folders[dir]
	if f == nil {
		f = &folder{}
		folders[dir] = f
	}
	if !strings.HasSuffix(name, "_test.go") {
		f.product = true
		f.documented = f.documented || file.Doc != nil
	}
}

func dirOf(name string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i]
	}
	return "."
}

// checkFile gives the broken rules of one file.
func checkFile(name string, set *token.FileSet, file *ast.File) []string {
	if ast.IsGenerated(file) {
		return checkImports(name, file)
	}
	found := checkImports(name, file)
	if lines := set.File(file.Pos()).LineCount(); lines > MaxFileLines {
		found = append(found, fmt.Sprintf("%s has %d lines; the budget is %d. A file is read whole or not at all: split it by noun", name, lines, MaxFileLines))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if lines := set.Position(n.End()).Line - set.Position(n.Pos()).Line + 1; lines > MaxFunctionLines {
				found = append(found, fmt.Sprintf("%s: the function %s has %d lines; the budget is %d. Give its steps names of their own", name, n.Name.Name, lines, MaxFunctionLines))
			}
		case *ast.TypeSpec:
			if i, ok := n.Type.(*ast.InterfaceType); ok && methods(i) > MaxInterfaceMethods {
				found = append(found, fmt.Sprintf("%s: the interface %s has %d methods; the budget is %d. Ask only for what you call, or split it by caller", name, n.Name.Name, methods(i), MaxInterfaceMethods))
			}
		}
		return true
	})
	if !strings.HasSuffix(name, "_test.go") {
		found = append(found, undocumented(name, file)...)
	}
	return append(found, checkComments(name, file)...)
}

// checkImports judges the imports. A test file may import any package: tests run
// against the real parts. The product must not import the test kit.
func checkImports(name string, file *ast.File) []string {
	if _, _, err := unitOf(dirOf(name)); err != nil {
		return nil // said once for the whole folder
	}
	var found []string
	isTest := strings.HasSuffix(name, "_test.go")
	for _, spec := range file.Imports {
		to, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			found = append(found, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		if isTest && strings.HasPrefix(to, Module+"/internal/") || isTest && !strings.HasPrefix(to, Module+"/") {
			continue
		}
		if err := CheckImport(dirOf(name), to); err != nil {
			found = append(found, fmt.Sprintf("%s: %v", name, err))
		}
	}
	return found
}

func methods(i *ast.InterfaceType) int {
	count := 0
	for _, field := range i.Methods.List {
		count += max(1, len(field.Names))
	}
	return count
}

// undocumented gives the exported names without a comment. In a group of
// constants or variables the group's comment is enough.
func undocumented(name string, file *ast.File) []string {
	var found []string
	miss := func(what string) {
		found = append(found, fmt.Sprintf("%s: %s has no comment. The rule: every exported name says what it is, with units, shapes and errors", name, what))
	}
	if file.Name.Name == "main" {
		return nil
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || ast.IsExported(receiver(d))) {
				miss(d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() && s.Doc == nil && d.Doc == nil {
						miss(s.Name.Name)
					}
				case *ast.ValueSpec:
					if s.Names[0].IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
						miss(s.Names[0].Name)
					}
				}
			}
		}
	}
	return found
}

// receiver gives the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

var todo = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
var todoWithIssue = regexp.MustCompile(`\b(TODO|FIXME)\(#\d+\)`)

// checkComments refuses promises that nobody will find again.
func checkComments(name string, file *ast.File) []string {
	var found []string
	if strings.HasPrefix(name, "test/depcheck/") {
		return nil
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if todo.MatchString(c.Text) && !todoWithIssue.MatchString(c.Text) {
				found = append(found, fmt.Sprintf("%s: %q names no issue. Write TODO(#n), or do it", name, strings.TrimSpace(c.Text)))
			}
		}
	}
	return found
}
