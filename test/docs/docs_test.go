// Package docs_test holds the pages to the truth: their examples are tried, and
// what they point at must be there.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spool/internal/config"
	"spool/internal/spool"
	"spool/internal/testkit"
)

// TestConfigurationPage demands every pattern and variable.
func TestConfigurationPage(t *testing.T) {
	t.Parallel()
	page := read(t, filepath.Join(testkit.ModuleRoot(t), "docs", "configuration.md"))
	for _, name := range spool.PatternNames() {
		if !strings.Contains(page, "`{"+name+"}`") {
			t.Errorf("docs/configuration.md does not say what {%s} is", name)
		}
	}
	for _, name := range config.Environment() {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/configuration.md does not name %s", name)
		}
	}
}

// TestLinks follows every relative link of every page.
func TestLinks(t *testing.T) {
	t.Parallel()
	root := testkit.ModuleRoot(t)
	link := regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	code := regexp.MustCompile("(?ms)^```.*?^```$") // has brackets of its own
	for _, page := range pages(t, root) {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, page), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s points at %s, which is not there", page, m[1])
			}
		}
	}
}

// TestArchitecturePage demands the subjects and streams of the code.
func TestArchitecturePage(t *testing.T) {
	t.Parallel()
	page := read(t, filepath.Join(testkit.ModuleRoot(t), "docs", "architecture.md"))
	for _, name := range []string{
		spool.StreamObjects, spool.StreamWork, spool.StreamReports, spool.StreamEvents,
		spool.SubjectObject, spool.SubjectWork, spool.SubjectReport, spool.SubjectEvent,
		spool.SubjectProgress, spool.SubjectCancel, spool.SubjectMayPublish, spool.SubjectHello,
	} {
		if !strings.Contains(page, "`"+name) {
			t.Errorf("docs/architecture.md does not name %s", name)
		}
	}
	for _, s := range []spool.JobStatus{spool.JobSubmitted, spool.JobProgressing} {
		for _, to := range []spool.JobStatus{spool.JobSubmitted, spool.JobProgressing, spool.JobComplete, spool.JobError, spool.JobCanceled} {
			checkArrow(t, page, string(s), string(to), s.CanMove(to))
		}
	}
	all := []spool.VideoStatus{spool.VideoIngest, spool.VideoEncode, spool.VideoProcess, spool.VideoComplete, spool.VideoError}
	for _, s := range all {
		for _, to := range all {
			checkArrow(t, page, string(s), string(to), s.CanMove(to))
		}
	}
}

// checkArrow demands that the drawing has an arrow exactly where the machine has one.
func checkArrow(t *testing.T, page, from, to string, can bool) {
	t.Helper()
	drawn := slices.ContainsFunc(strings.Split(page, "\n"), func(line string) bool {
		line, _, _ = strings.Cut(strings.TrimSpace(line), ":")
		return line == from+" --> "+to
	})
	if drawn != can {
		t.Errorf("docs/architecture.md: arrow %s --> %s drawn: %v, in the code: %v", from, to, drawn, can)
	}
}

func pages(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"*.md", "docs/*.md", "deploy/*.md", "examples/*/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, files...)
	}
	if len(found) < 4 {
		t.Fatalf("only the pages %q were found", found)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
