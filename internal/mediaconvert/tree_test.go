package mediaconvert

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"spool/internal/spool"
)

// allocated gives how many bytes f took in passing. It is for tests that are not
// parallel: others would count too.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func zeros(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("0,", n), ",") + "]" }

// TestLongKeys: what a key costs does not grow with the values that are below
// it, and one that nobody needs is refused before they are read.
func TestLongKeys(t *testing.T) { // not parallel: it counts what the whole process allocates
	wide := "[" + strings.TrimSuffix(strings.Repeat(zeros(4900)+",", 10), ",") + "]"
	deep := strings.Repeat(`{"`+strings.Repeat("a", maxKey)+`":`, 20) + wide + strings.Repeat("}", 20)
	selector := func(name string) string {
		return string(changed(t, "/settings/inputs/0/audioSelectors", `{"`+name+`":{"tracks":`+zeros(4999)+`}}`))
	}
	for _, tt := range []struct{ name, body, want string }{
		{"above many values", `{"` + strings.Repeat("a", 20_000) + `":` + wide + `}`, "The name of a member is longer than 256 characters: " + strings.Repeat("a", 40) + "…"},
		{"many, above many values", deep, "The member is not known"},
		{"of a selector", selector(strings.Repeat("é", 20_000)), "/inputs/0/audioSelectors: The name of a member is longer than 256 characters: "},
		{"the longest of a selector", selector(strings.Repeat("é", maxKey)), "tracks/9: Should be greater than or equal to 1 | "},
	} {
		var err error
		took := allocated(func() {
			var r *Request
			if r, err = DecodeRequest([]byte(tt.body), FormWire); err == nil {
				_, err = r.Resolve(nil)
			}
		})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %.300v\nwant …%s…", tt.name, err, tt.want)
		}
		if took > 64<<20 {
			t.Errorf("%s: %d bytes of request took %d MB", tt.name, len(tt.body), took>>20)
		}
	}
	if err := DecodeDescribeEndpoints([]byte(`{"` + strings.Repeat("a", maxKey) + `":1}`)); err == nil || !strings.Contains(err.Error(), "The member is not known") {
		t.Errorf("a key of the greatest length: %v", err)
	}
}

// TestLongProblems: however long what is wrong is, and however much, the answer
// stays one that can be read.
func TestLongProblems(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("é", maxKey)
	bad := `{"role":"arn:aws:iam::111122223333:role/media","settings":{"inputs":[{"audioSelectors":{`
	for i := range 300 {
		bad += `"` + itoa(i) + key[:2*(maxKey-3)] + `":{"tracks":"` + strings.Repeat("x", 1000) + `"},`
	}
	bad = strings.TrimSuffix(bad, ",") + `}}]}}`
	r, err := DecodeRequest([]byte(bad), FormWire)
	if err == nil {
		_, err = r.Resolve(nil)
	}
	var problems spool.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("not refused: %v", err)
	}
	checkProblems(t, err)
	if n := len(err.Error()); n > 65<<10 {
		t.Errorf("an answer of %d bytes", n)
	}

	list := &problemList{}
	list.unread("/"+strings.Repeat("é/", 1<<20), "%s", strings.Repeat("é", 1<<20))
	p := list.list[0]
	if len(p.Pointer) > maxPointer || len(p.Message) > maxMessage || !utf8.ValidString(p.String()) || !strings.HasSuffix(p.Message, "é…") || list.lost[0] != p.Pointer {
		t.Errorf("a problem of %d and %d bytes", len(p.Pointer), len(p.Message))
	}
	for _, s := range Support() {
		if leaf := scalarType(s.Path); isEnum(leaf) && len(enumMessage(leaf)) > maxMessage {
			t.Errorf("%s: the values are cut", s.Path)
		}
	}
}

// TestManyWarnings: warnings have the same bounds as problems: they are kept with
// the job, and each answer has them.
func TestManyWarnings(t *testing.T) {
	t.Parallel()
	var outputs []string
	for i := range 150 {
		outputs = append(outputs, `{"nameModifier":"_`+itoa(i)+`","extension":"`+strings.Repeat("é", 100)+`","containerSettings":{"container":"M3U8"},`+qvbr+`}`)
	}
	job, err := resolve(changed(t, "/settings/outputGroups/1/outputs", "["+strings.Join(outputs, ",")+"]"), FormWire)
	if err != nil {
		t.Fatal(err)
	}
	if len(job.Warnings) != maxProblems || len(job.Warnings[0].Message) > 200 || !utf8.ValidString(job.Warnings[0].Message) {
		t.Errorf("%d warnings, the first: %s", len(job.Warnings), job.Warnings[0].Message)
	}
}
