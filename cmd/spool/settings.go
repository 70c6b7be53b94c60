package main

//go:generate sh -c "go run . settings --page > ../../docs/settings.md"

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"spool/internal/mediaconvert"
)

// settingsCmd prints the support table: what is done with each setting of a job.
type settingsCmd struct {
	Path    string `arg:"" optional:"" help:"A setting: its path or a part of one, as wire names, in PascalCase, as a JSON pointer or with dots; or a value, such as MULTI_PASS_HQ. Without it: all."`
	Verdict string `placeholder:"WORD" enum:"honoured,no-effect,ignored,refused," default:"" help:"Only those with this verdict: honoured, no-effect, ignored or refused."`
	JSON    bool   `help:"Print JSON, a list also where one setting is meant." xor:"form"`
	Page    bool   `hidden:"" help:"Print docs/settings.md." xor:"form"`
}

// Run prints what is done with the settings that are meant; status 2 where no
// setting is.
func (c *settingsCmd) Run(s *streams) error {
	if c.Page {
		return settingsPage(s.out, mediaconvert.Settings())
	}
	list := mediaconvert.FindSettings(c.Path)
	if len(list) == 0 {
		return &statusError{exitRequest, fmt.Errorf("no setting and no value is called %s: spool settings lists all of them, and a part of a name finds those that have it", plainText(c.Path))}
	}
	if c.Verdict != "" {
		list = slices.DeleteFunc(slices.Clone(list), func(i mediaconvert.SettingInfo) bool { return !hasVerdict(i, c.Verdict) })
	}
	if c.JSON {
		if list == nil {
			list = []mediaconvert.SettingInfo{}
		}
		data, err := json.MarshalIndent(list, "", "  ")
		if err == nil {
			_, err = fmt.Fprintf(s.out, "%s\n", data)
		}
		return err
	}
	if len(list) == 1 {
		printSetting(newScreen(s.out), list[0])
		return nil
	}
	printSettings(newScreen(s.out), list)
	return nil
}

// hasVerdict tells whether a verdict is that of a setting or of one of its values.
func hasVerdict(i mediaconvert.SettingInfo, verdict string) bool {
	verdict = strings.ReplaceAll(verdict, "-", " ")
	return string(i.Verdict) == verdict || string(i.Others) == verdict
}

// verdictColour is the colour of what is done with a setting.
func verdictColour(verdict string) string {
	switch word, _, _ := strings.Cut(verdict, ","); mediaconvert.Verdict(word) {
	case mediaconvert.Honoured:
		return colourGood
	case mediaconvert.Refused:
		return colourBad
	case mediaconvert.Ignored:
		return colourBusy
	default:
		return colourFaint
	}
}

// verdictText is what is done with a setting, in a word or a few.
func verdictText(i mediaconvert.SettingInfo) string {
	if i.Others != "" {
		return string(i.Verdict) + ", else " + string(i.Others)
	}
	return string(i.Verdict)
}

// settingText says how a setting is honoured, and why as far as it is not.
func settingText(i mediaconvert.SettingInfo) string {
	return strings.Join(slices.DeleteFunc([]string{i.How, i.Reason}, func(s string) bool { return s == "" }), "; ")
}

// rangeText says what values a setting may have that is no enumeration.
func rangeText(i mediaconvert.SettingInfo) string {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case i.Min != nil && i.Max != nil && *i.Min == *i.Max:
		return number(*i.Min)
	case i.Min != nil && i.Max != nil:
		return number(*i.Min) + " to " + number(*i.Max)
	case i.Min != nil:
		return "from " + number(*i.Min)
	case i.Max != nil:
		return "up to " + number(*i.Max)
	}
	return ""
}

// printSetting shows one setting with all of its values.
func printSetting(s *screen, i mediaconvert.SettingInfo) {
	s.field("setting", i.Path)
	kind := i.Type
	if i.List {
		kind = "list of " + map[string]string{"enumeration": "values", "integer": "integers", "number": "numbers", "text": "texts", "boolean": "booleans"}[i.Type]
	}
	s.field("type", kind)
	s.field("range", rangeText(i))
	s.field("pattern", i.Pattern)
	s.coloured("verdict", verdictText(i), verdictColour(verdictText(i)))
	s.field("how", i.How)
	s.field("why", i.Reason)
	if i.Others != "" && i.Values == nil {
		s.field("honoured", strings.Join(i.Only, " "))
	}
	if i.Values == nil {
		s.field("no effect", strings.Join(i.Neutral, " "))
		return
	}
	title := "values"
	width := 0
	for _, v := range i.Values {
		width = max(width, len(v.Value))
	}
	for _, v := range i.Values {
		word := s.paint(verdictColour(string(v.Verdict)), string(v.Verdict))
		fmt.Fprintf(s.w, "%s%-*s%s%s\n", s.paint(colourFaint, fmt.Sprintf("%-12s", title)), width, v.Value, gap, word)
		title = ""
	}
}

// printSettings shows many: a heading for each object, a line for each setting.
func printSettings(s *screen, list []mediaconvert.SettingInfo) {
	columns := []column{{title: "setting"}, {title: "verdict", paint: verdictColour}, {title: "how or why", cut: true, prose: true}}
	rows := make([][]string, len(list))
	counts := map[string]int{}
	for n, i := range list {
		_, name := i.Split()
		rows[n] = []string{"  " + name, verdictText(i), settingText(i)}
		counts[verdictText(i)]++
	}
	widths := s.fit(columns, rows)
	if widths == nil {
		widths = s.squeeze(columns, natural(columns, rows))
	}
	was := ""
	for n, i := range list {
		if object, _ := i.Split(); n == 0 || object != was {
			fmt.Fprintln(s.w, s.paint(colourHead, objectName(object)))
			was = object
		}
		s.row(columns, widths, rows[n])
	}
	words := make([]string, 0, len(counts))
	for word, n := range counts {
		words = append(words, fmt.Sprintf("%d %s", n, word))
	}
	slices.SortFunc(words, func(a, b string) int {
		return counts[b[strings.IndexByte(b, ' ')+1:]] - counts[a[strings.IndexByte(a, ' ')+1:]]
	})
	fmt.Fprintf(s.w, "\n%d settings: %s\n", len(list), strings.Join(words, "; "))
}

// objectName is how an object is called that settings stand in.
func objectName(path string) string { return cmp.Or(path, "the job's settings") }

// settingsPage writes docs/settings.md.
func settingsPage(w io.Writer, list []mediaconvert.SettingInfo) error {
	var b strings.Builder
	counts := map[mediaconvert.Verdict]int{}
	for _, i := range list {
		counts[i.Verdict]++
	}
	fmt.Fprintf(&b, pageHead, thousands(len(list)), counts[mediaconvert.Honoured], counts[mediaconvert.NoEffect], counts[mediaconvert.Ignored], counts[mediaconvert.Refused])
	b.WriteString(pageCount)
	was := ""
	for n, i := range list {
		object, name := i.Split()
		if n == 0 || object != was {
			fmt.Fprintf(&b, "\n## %s\n\n| setting | values | what is done |\n|---|---|---|\n", strings.ReplaceAll(objectName(object), "*", `\*`))
			was = object
		}
		fmt.Fprintf(&b, "| `%s` | %s | **%s**: %s |\n", name, valuesCell(i), verdictText(i), escapeCell(settingText(i)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const pageHead = `# Settings of a job

This page is printed from the table that requests are checked against (` + "`internal/mediaconvert/support*.go`" + `), as is ` + "`spool settings`" + `, which
finds a setting by any part of its path and knows each value:

    spool settings codecProfile
    spool settings /outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/gopSize
    spool settings MULTI_PASS_HQ --json

A server answers the same at ` + "`GET /api/v1/settings?path=…`" + `. Each of the %s rows has one of these verdicts:

- **honoured** (%d): the output follows it. Where only some values are, the row says what becomes of the others.
- **no effect** (%d): accepted in silence, as it changes nothing in the output.
- **ignored** (%d): accepted with a warning that names it, in the job and in a NEW_WARNING event; the output would be another one on the service.
  Values that ask for nothing, such as ` + "`DISABLED`" + ` or a default that exported jobs carry, raise none.
- **refused** (%d): answered with 400 and the setting's pointer, since ignoring it would do harm.
`

const pageCount = `
There are more rows than settings: the API's model has 963 settings with one value and 29 lists of values, each counted once for the kind of object
that it belongs to. Some kinds of objects stand at several places, such as a rectangle for cropping, and what is done may differ between them: every
place has its row.

In paths, ` + "`*`" + ` is a place in a list or a name in a map.
`

// manyValues are more than a cell of the page should hold.
const manyValues = 24

// valuesCell says what values a setting may have.
func valuesCell(i mediaconvert.SettingInfo) string {
	if i.Values == nil {
		text := i.Type
		if r := rangeText(i); r != "" {
			text = r
		}
		if i.List {
			text = "list of " + text
		}
		if len(i.Only) > 0 {
			text += "; honoured: " + codes(i.Only)
		}
		return text
	}
	var listed []string
	for _, v := range i.Values {
		if i.Others == "" || v.Verdict == mediaconvert.Honoured {
			listed = append(listed, v.Value)
		}
	}
	if len(listed) > manyValues {
		return fmt.Sprintf("%d values", len(listed))
	}
	if rest := len(i.Values) - len(listed); rest > 0 {
		return fmt.Sprintf("honoured: %s; others: %d", codes(listed), rest)
	}
	return codes(listed)
}

func codes(list []string) string { return "`" + strings.Join(list, "` `") + "`" }

func escapeCell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`).Replace(text)
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
