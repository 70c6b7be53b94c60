package spool

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestProblemsText: the text of problems is bounded as a whole, and says how
// many are left out.
func TestProblemsText(t *testing.T) {
	t.Parallel()
	few := Problems{{Pointer: "/a", Message: "Bad."}, {Message: "Worse."}}
	if got := few.Error(); got != "/a: Bad. | Worse." {
		t.Errorf("two problems: %s", got)
	}
	var many Problems
	for range 100 {
		many = append(many, Problem{Pointer: "/a", Message: strings.Repeat("é", 1000)})
	}
	text := many.Error()
	if told := strings.Count(text, "/a: "); len(text) > 65<<10 || told != 32 || !strings.HasSuffix(text, "é | and 68 more") {
		t.Errorf("100 long problems: %d of them in %d bytes: …%s", told, len(text), text[len(text)-40:])
	}
	one := Problems{{Message: strings.Repeat("é", 1<<20)}, {Message: "x"}}
	if text := one.Error(); len(text) > 65<<10 || !utf8.ValidString(text) || !strings.HasSuffix(text, "… | and 1 more") {
		t.Errorf("a problem of 2 MB: %d bytes: …%s", len(text), text[len(text)-40:])
	}
}
