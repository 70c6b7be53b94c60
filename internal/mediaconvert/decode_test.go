package mediaconvert

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
)

// fileForms are the ways a job file may be written; want is the first input's file.
var fileForms = []struct{ name, text, want string }{
	{"Pascal request", `{"Role":"r","Settings":{"Inputs":[{"FileInput":"s3://b/k","AudioSelectors":{"audio Selector":{"Tracks":[1]}}}]},"UserMetadata":{"Kept":"v"}}`, "s3://b/k"},
	{"camel request", `{"role":"r","settings":{"inputs":[{"fileInput":"s3://b/k"}]}}`, "s3://b/k"},
	{"bare Pascal settings", `{"Inputs":[{"FileInput":"s3://b/k"}],"OutputGroups":[]}`, "s3://b/k"},
	{"bare camel settings", `{"inputs":[{"fileInput":"s3://b/k"}]}`, "s3://b/k"},
	{"export", `{"Job":{"Arn":"a","Id":"1","CreatedAt":"2023-01-01T00:00:00","Status":"COMPLETE","Timing":{},"Messages":{"Info":[]},"Role":"r","Settings":{"Inputs":[{"FileInput":"s3://b/k"}]}}}`, "s3://b/k"},
	{"bare export", `{"arn":"a","id":"1","createdAt":1680707229,"role":"r","settings":{"inputs":[{"fileInput":"s3://b/k"}]}}`, "s3://b/k"},
	{"byte order mark", "\ufeff" + `{"inputs":[{"fileInput":"s3://b/k"}]}`, "s3://b/k"},
	{"null members", `{"settings":{"inputs":[{"fileInput":"s3://b/k","crop":null}]},"queue":null}`, "s3://b/k"},
}

func TestFileForms(t *testing.T) {
	t.Parallel()
	for _, tt := range fileForms {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := DecodeRequest([]byte(tt.text), FormFile)
			if err != nil {
				t.Fatal(err)
			}
			if got := *r.Settings.Inputs[0].FileInput; got != tt.want {
				t.Errorf("got %q", got)
			}
			if tt.name == "Pascal request" {
				if _, ok := r.Settings.Inputs[0].AudioSelectors["audio Selector"]; !ok || r.UserMetadata["Kept"] != "v" {
					t.Errorf("the keys of maps were changed: %v %v", r.Settings.Inputs[0].AudioSelectors, r.UserMetadata)
				}
			}
		})
	}
}

func TestBadDocuments(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	many := `{"settings":{"inputs":[` + strings.TrimSuffix(strings.Repeat("{},", 151), ",") + `]}}`
	for _, tt := range []struct {
		name, text, want string
		form             Form
	}{
		{"empty", "", "The request is not valid JSON, near byte 0: the document ends too early.", FormWire},
		{"cut", `{"settings":{`, "the document ends too early", FormWire},
		{"list", `[]`, "The request should be a JSON object, not a JSON array.", FormWire},
		{"trailing", `{} {}`, "there is text after the end", FormWire},
		{"not UTF-8", "{\"a\":\"\xff\"}", "not valid UTF-8", FormWire},
		{"deep", deep, "nested more than 32 levels deep", FormWire},
		{"too many inputs", many, "/inputs: Should have at most 150 items", FormWire},
		{"too big", `{"a":"` + strings.Repeat("x", MaxBody) + `"}`, "at most 1048576 are accepted", FormWire},
		{"too many values", `{"settings":{"inputs":[` + strings.TrimSuffix(strings.Repeat(`{"a":[`+strings.TrimSuffix(strings.Repeat("1,", 250), ",")+`],"b":[`+strings.TrimSuffix(strings.Repeat("1,", 250), ",")+`]},`, 150), ",") + `]}}`,
			"too many values", FormWire},
		{"twice", `{"role":"r","settings":{"inputs":[{"fileInput":"a","fileInput":"b"}]}}`, "/inputs/0/fileInput: The member is given twice; keep one of them.", FormWire},
		{"twice in two spellings", `{"Settings":{"Inputs":[{"fileInput":"a","FileInput":"b"}]}}`, "/inputs/0/fileInput: The member is given twice; keep one of them.", FormFile},
		{"null element", `{"role":"r","settings":{"inputs":[null]}}`, "/inputs/0: Should not be null", FormWire},
		{"fraction", `{"role":"r","priority":1.5}`, "/priority: Should be of type integer, not 1.5", FormWire},
		{"huge", `{"role":"r","priority":99999999999}`, "/priority: Should be of type integer", FormWire},
		{"infinite", `{"role":"r","settings":{"outputGroups":[{"outputs":[{"videoDescription":{"codecSettings":{"h264Settings":{"gopSize":1e999}}}}]}]}}`, "gopSize: Should be of type number", FormWire},
		{"settings no object", `{"role":"r","settings":5}`, "/settings: Should be of type object, not number", FormWire},
		{"slash in key", `{"role":"r","settings":{"inputs":[{"audioSelectors":{"a/b~c":{"x":1}}}]}}`, "/inputs/0/audioSelectors/a~1b~0c/x: The member is not known", FormWire},
		{"response member on the wire", `{"role":"r","status":"COMPLETE"}`, "/status: The member is not known", FormWire},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := resolve([]byte(tt.text), tt.form)
			var problems spool.Problems
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %.300v, want %s", err, tt.want)
			}
		})
	}
}

// TestAbsentAndLong: null is as absent, in maps too; lists may be as long as
// the service's own, and a bound names its list.
func TestAbsentAndLong(t *testing.T) {
	t.Parallel()
	r, err := DecodeRequest([]byte(`{"role":"r","tags":{"key alone":null},"settings":{"inputs":[{"fileInput":"s3://b/k","audioSelectors":{"a":null,"b":{}},"inputClippings":null}]}}`), FormWire)
	if err != nil {
		t.Fatal(err)
	}
	if in := r.Settings.Inputs[0]; len(in.AudioSelectors) != 1 || in.InputClippings != nil {
		t.Errorf("got %+v", in)
	}
	if v, ok := r.Tags["key alone"]; !ok || v != "" {
		t.Errorf("got tags %v", r.Tags)
	}
	list := func(element string, n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
	}
	for _, tt := range []struct {
		at, element string
		fine        int
		want        string // of one more; "" where there is no bound to try
	}{
		{"/settings/inputs", `{"fileInput":"s3://b/k"}`, 150, "/inputs: Should have at most 150 items"},
		{"/settings/inputs/0/inputClippings", `{"startTimecode":"00:00:00:00"}`, 600, ""},
		{"/settings/inputs/0/imageInserter", `{"imageX":0}`, 1000, ""},
		{"/settings/timedMetadataInsertion", `{"id3":"QUJD"}`, 3000, ""},
		{"/settings/outputGroups/0/outputs", `{"nameModifier":"_"}`, 150, "/outputGroups/0/outputs: Should have at most 150 items"},
	} {
		body := func(n int) []byte {
			value := list(tt.element, n)
			switch {
			case strings.HasSuffix(tt.at, "imageInserter"):
				value = `{"insertableImages":` + value + `}`
			case strings.HasSuffix(tt.at, "Insertion"):
				value = `{"id3Insertions":` + value + `}`
			}
			return changed(t, tt.at, value)
		}
		if _, err := DecodeRequest(body(tt.fine), FormWire); err != nil {
			t.Errorf("%s with %d elements: %.200v", tt.at, tt.fine, err)
		}
		if tt.want == "" {
			continue
		}
		if _, err := DecodeRequest(body(tt.fine+1), FormWire); err == nil || err.Error() != tt.want {
			t.Errorf("got %.200v, want %s", err, tt.want)
		}
	}
}

// TestWholeNumbers: 90.0 is an integer, as in JSON schema.
func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	r, err := DecodeRequest([]byte(`{"priority":-5.0,"role":"r"}`), FormWire)
	if err != nil || *r.Priority != -5 {
		t.Errorf("got %v, %v", r, err)
	}
}

func TestNewJobID(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1712252725875)
	seen := map[string]bool{}
	for range 100 {
		id := NewJobID(now, rand.Uint32)
		if !regexp.MustCompile(`^1712252725875-[a-z0-9]{6}$`).MatchString(id) {
			t.Fatal(id)
		}
		seen[id] = true
	}
	if len(seen) < 99 {
		t.Error("the ids repeat")
	}
	if id := NewJobID(time.UnixMilli(5), func() uint32 { return 0 }); id != fmt.Sprintf("%013d-aaaaaa", 5) {
		t.Error(id)
	}
}

// TestStrings: a text has the same form whether or not it needs no escapes.
func TestStrings(t *testing.T) {
	t.Parallel()
	texts := []string{"", "s3://in/a b&c<d>.mp4", "é", "\u2028", "a\xffb"}
	for c := range 256 {
		texts = append(texts, "a"+string([]byte{byte(c)})+"b")
	}
	for _, s := range texts {
		want, err := marshal(s)
		if got := appendString([]byte("x"), s); err != nil || string(got) != "x"+string(want) {
			t.Errorf("%q: got %s, want x%s", s, got, want)
		}
	}
}
