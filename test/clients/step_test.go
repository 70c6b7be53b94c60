package clients

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// step is one call that a client makes, and what must come of it. Its texts may
// name what earlier steps kept as ${name}.
type step struct {
	op    string // the operation
	about string // what the case is about, as the subtest says it
	keys  string // who asks: owner (empty), nobody, or a name of keyring
	in    string // the input in JSON, with the names of the SDKs
	want  string // what the output must hold, see holds; empty: nothing of interest
	err   *refusal
	until bool     // asked again until the output holds what is wanted
	times int      // how often it is done, ${i} counting; 0: once
	size  int      // not 0: by the client's paginator, in pages of so many
	list  string   // of pages: the member that they list
	keeps []string // name=path.to.member of the output
	only  string   // part of the names of the clients that it is for
}

// refusal is an error that a call must end with.
type refusal struct {
	status  int
	code    string
	message string // exactly, or what must be in it after a "~"
	untyped bool   // the clients have no class for it
}

// The errors of the API (behaviour.md 1.2), and those of its front door, which no
// client has a class for.
var (
	badRequest = refusal{status: 400, code: "BadRequestException"}
	overQuota  = refusal{status: 402, code: "ServiceQuotaExceededException"}
	notFound   = refusal{status: 404, code: "NotFoundException"}
	conflict   = refusal{status: 409, code: "ConflictException"}

	unsigned       = refusal{status: 403, code: "MissingAuthenticationTokenException", untyped: true}
	wrongSignature = refusal{status: 403, code: "InvalidSignatureException", untyped: true}
	unknownKey     = refusal{status: 403, code: "UnrecognizedClientException", untyped: true}
	accessDenied   = refusal{status: 403, code: "AccessDeniedException", untyped: true}

	// clientSide is what the client itself does not send.
	clientSide = refusal{code: "ParamValidation", untyped: true}
)

// ok is a call that must go well.
func ok(op, about, in, want string) step { return step{op: op, about: about, in: in, want: want} }

// no is a call that must be refused, with these words.
func no(op, about, in string, kind refusal, message string) step {
	kind.message = message
	return step{op: op, about: about, in: in, err: &kind}
}

// until asks until the output holds what is wanted.
func until(op, about, in, want string) step {
	return step{op: op, about: about, in: in, want: want, until: true}
}

// paged walks through a list in pages, and wants the names or ids of all of them.
func paged(op, about, in string, size int, list, want string) step {
	return step{op: op, about: about, in: in, want: want, size: size, list: list}
}

// keep keeps members of the output for later steps.
func (s step) keep(members ...string) step { s.keeps = members; return s }

// by is done with other keys.
func (s step) by(keys string) step { s.keys = keys; return s }

// repeated is done often, ${i} being 1, 2 and so on.
func repeated(s step, times int) step { s.times = times; return s }

// forOnly is done by some clients only.
func (s step) forOnly(client string) step { s.only = client; return s }

// suite drives one client through all stories.
type suite struct {
	client driver
	ring   map[string]*keys
	kept   map[string]string
	done   map[string]*[2]int // by operation: how often it went well, and was refused
}

// filled puts what was kept in place.
func (s *suite) filled(t *testing.T, text string) string {
	t.Helper()
	return regexp.MustCompile(`\$\{[^}]+\}`).ReplaceAllStringFunc(text, func(name string) string {
		value, ok := s.kept[name[2:len(name)-1]]
		if !ok {
			t.Fatalf("no earlier step kept %s", name)
		}
		return value
	})
}

// run does one step.
func (s *suite) run(t *testing.T, st step) {
	t.Helper()
	who, ok := s.ring[st.keys]
	if !ok {
		t.Fatalf("nobody is called %q", st.keys)
	}
	s.kept["i"] = "1"
	c := call{Do: "call", Operation: st.op, Keys: who, Input: s.input(t, st)}
	if st.size > 0 {
		c.Do, c.Size = "pages", st.size
	}
	count := s.done[st.op]
	if count == nil {
		count = &[2]int{}
		s.done[st.op] = count
	}
	if st.err != nil {
		s.refused(t, c, *st.err)
		count[1]++
		return
	}
	for i := range max(st.times, 1) {
		s.kept["i"] = strconv.Itoa(i + 1)
		c.Input = s.input(t, st)
		s.goesWell(t, c, st)
	}
	count[0]++
}

// input gives the input of a step, with what was kept in its place.
func (s *suite) input(t *testing.T, st step) json.RawMessage {
	t.Helper()
	text := orElse(s.filled(t, st.in), "{}")
	if !json.Valid([]byte(text)) {
		t.Fatalf("the test itself is wrong: %s", text)
	}
	return json.RawMessage(text)
}

func (s *suite) goesWell(t *testing.T, c call, st step) {
	t.Helper()
	want := s.filled(t, st.want)
	tick := time.NewTicker(untilTick)
	defer tick.Stop()
	for end := time.Now().Add(untilWithin); ; <-tick.C {
		o := s.client.do(t, c)
		if o.Error != nil {
			t.Fatalf("%s %s is refused: %d %s: %s", st.op, c.Input, o.Status, o.Error.Code, o.Error.Message)
		}
		if known := statuses[st.op]; o.Status != 0 && o.Status != orElse(known, 200) {
			t.Errorf("%s is answered with %d", st.op, o.Status)
		}
		if st.size > 0 {
			s.paged(t, o, st, want)
			return
		}
		problem := holds(o.Output, want)
		if problem != "" && st.until && time.Now().Before(end) && !ended(o.Output) {
			continue
		}
		if problem != "" {
			document, _ := json.Marshal(o.Output)
			t.Errorf("%s %s: %s\n%.3000s", st.op, c.Input, problem, document)
		}
		s.keep(t, o.Output, st.keeps)
		return
	}
}

// statuses are those of success that are not 200 (behaviour.md 1.3).
var statuses = map[string]int{
	"CreateJob": 201, "CreateQueue": 201, "CreatePreset": 201, "CreateJobTemplate": 201, "StartJobsQuery": 201, "AssociateCertificate": 201,
	"CancelJob": 202, "DeleteQueue": 202, "DeletePreset": 202, "DeleteJobTemplate": 202, "DisassociateCertificate": 202, "CreateResourceShare": 202,
}

// ended tells whether nothing can become of a job or a query any more.
func ended(output map[string]any) bool {
	job, _ := output["Job"].(map[string]any)
	return slices.Contains([]any{"ERROR", "COMPLETE", "CANCELED"}, job["Status"]) || output["Status"] == "ERROR"
}

// keep finds members by their paths: Queue.Arn, or Jobs.0.Id.
func (s *suite) keep(t *testing.T, output map[string]any, members []string) {
	t.Helper()
	for _, member := range members {
		name, path, _ := strings.Cut(member, "=")
		var at any = output
		for part := range strings.SplitSeq(path, ".") {
			switch v := at.(type) {
			case map[string]any:
				at = v[part]
			case []any:
				var i int
				if _, err := fmt.Sscan(part, &i); err != nil || i >= len(v) {
					at = nil
					continue
				}
				at = v[i]
			default:
				at = nil
			}
		}
		text, ok := at.(string)
		if !ok {
			t.Fatalf("there is no text at %s of %v", path, output)
		}
		s.kept[name] = text
	}
}

// paged demands the names, ids or versions of what the pages list. A client that
// joins the pages gives one.
func (s *suite) paged(t *testing.T, o outcome, st step, want string) {
	t.Helper()
	found := []any{}
	for i, page := range o.Pages {
		members, _ := page.(map[string]any)
		list, _ := members[st.list].([]any)
		if joined := len(o.Pages) == 1; len(list) > st.size && !joined || len(list) < st.size && i < len(o.Pages)-1 {
			t.Errorf("page %d of pages of %d holds %d", i, st.size, len(list))
		}
		for _, element := range list {
			for _, name := range []string{"Id", "Name", "Version", "Url"} {
				if is, ok := element.(map[string]any)[name]; ok {
					found = append(found, is)
					break
				}
			}
		}
	}
	if problem := compare(found, parsed(want), ""); problem != "" {
		t.Errorf("%s in pages of %d: %s in %v", st.op, st.size, problem, found)
	}
}

func (s *suite) refused(t *testing.T, c call, want refusal) {
	t.Helper()
	o := s.client.do(t, c)
	if o.Error == nil {
		t.Fatalf("%s %s goes well, and should be refused with %s\n%.300v%.300v", c.Operation, c.Input, want.code, o.Output, o.Pages)
	}
	if o.Error.Code != want.code || o.Status != 0 && o.Status != want.status || o.Error.Typed == want.untyped && o.Status != 0 {
		t.Errorf("%s %s is refused with %d %s (of the client's own class: %v), not %d %s\n%s",
			c.Operation, c.Input, o.Status, o.Error.Code, o.Error.Typed, want.status, want.code, o.Error.Message)
	}
	message := s.filled(t, want.message)
	if part, some := strings.CutPrefix(message, "~"); some && !strings.Contains(o.Error.Message, part) || !some && strings.TrimSpace(o.Error.Message) != message {
		t.Errorf("%s %s is refused with the words\n  %s\nnot\n  %s", c.Operation, c.Input, o.Error.Message, message)
	}
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func parsed(text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return fmt.Sprintf("the test itself is wrong: %v in %s", err, text)
	}
	return v
}

// holds tells what is missing in an output: each member that is wanted must be
// there with its value, and others may be. Lists are wanted whole. A text that
// begins with "~" is one of
//
//	~any        whatever, but there
//	~absent     not there
//	~time       a time of the last hour
//	~has X      a list, one of whose elements is X in JSON
//	~not X      a list without X
//	~is REGEXP  a text of this form
//	~about N    a number within one in twenty of N
func holds(output map[string]any, want string) string {
	if want == "" {
		return ""
	}
	if output == nil {
		output = map[string]any{}
	}
	return compare(output, parsed(want), "")
}

func compare(got, want any, at string) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, not an object", at, got)
		}
		for name, value := range w {
			inner, there := g[name]
			if value == "~absent" {
				if there {
					return fmt.Sprintf("%s.%s is there: %v", at, name, inner)
				}
				continue
			}
			if !there {
				return fmt.Sprintf("%s.%s is missing", at, name)
			}
			if problem := compare(inner, value, at+"."+name); problem != "" {
				return problem
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s is %v, not %v", at, got, want)
		}
		for i := range w {
			if problem := compare(g[i], w[i], fmt.Sprintf("%s.%d", at, i)); problem != "" {
				return problem
			}
		}
		return ""
	case string:
		if strings.HasPrefix(w, "~") {
			return matches(got, w, at)
		}
	}
	if got != want {
		return fmt.Sprintf("%s is %v, not %v", at, got, want)
	}
	return ""
}

// matches compares with a text that begins with "~".
func matches(got any, want, at string) string {
	kind, value, _ := strings.Cut(want[1:], " ")
	good := false
	switch list, _ := got.([]any); kind {
	case "any":
		good = true
	case "time":
		text, _ := got.(string)
		when, err := time.Parse(time.RFC3339Nano, text)
		good = err == nil && time.Since(when).Abs() < time.Hour
	case "has", "not":
		wanted := parsed(value)
		has := slices.ContainsFunc(list, func(element any) bool { return compare(element, wanted, "") == "" })
		good = has == (kind == "has")
	case "is":
		text, _ := got.(string)
		good = regexp.MustCompile("^(?:" + value + ")$").MatchString(text)
	case "about":
		number, _ := got.(float64)
		var n float64
		_, err := fmt.Sscan(value, &n)
		good = err == nil && math.Abs(number-n) <= n/20
	}
	if good {
		return ""
	}
	return fmt.Sprintf("%s is %v, not %s", at, got, want)
}
