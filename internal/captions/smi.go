package captions

import (
	"fmt"
	"strings"
	"time"
)

// readSMI reads SAMI: SYNC points in milliseconds, each of which replaces what was
// shown. A file may hold several languages as classes; lang chooses one.
func readSMI(text, lang string) (Track, error) {
	if !strings.Contains(strings.ToLower(text[:min(len(text), 4096)]), "<sami") {
		return Track{}, bad(0, "it is no SAMI: it does not begin with <SAMI>")
	}
	syncs := find(text, "<sync")
	class, language := smiClass(text, syncs, lang)
	var c collect
	c.track.Language = language
	var open *Cue
	line, counted := 1, 0
	for i, at := range syncs {
		line += strings.Count(text[counted:at], "\n")
		counted = at
		stop := len(text)
		if i+1 < len(syncs) {
			stop = syncs[i+1]
		}
		head, body, ok := strings.Cut(text[at:stop], ">")
		ms, ok2 := digits(attr(head[len("<sync"):min(len(head), maxTag)], "start"), 9)
		start := time.Duration(ms) * time.Millisecond
		if !ok || !ok2 || start > maxTime {
			return Track{}, bad(line, "%.40q has no Start in milliseconds", head)
		}
		if end := strings.Index(strings.ToLower(body), "</body"); end >= 0 {
			body = body[:end]
		}
		if err := room(line, body); err != nil {
			return Track{}, err
		}
		shown, mine := smiText(body, class)
		if !mine {
			continue
		}
		if open != nil {
			open.End = start
			if err := c.add(line, *open); err != nil {
				return Track{}, err
			}
			open = nil
		}
		if len(shown) > 0 {
			open = &Cue{Start: start, Lines: shown}
		}
	}
	if open != nil { // nothing tells when the last text ends
		open.End = open.Start + 4*time.Second
		if err := c.add(line, *open); err != nil {
			return Track{}, err
		}
	}
	return c.track, nil
}

// find gives where a word stands, whatever its case.
func find(text, word string) []int {
	var out []int
	for at := 0; at+len(word) <= len(text) && len(out) <= 2*maxCues; {
		i := strings.IndexByte(text[at:], word[0])
		if i < 0 {
			break
		}
		at += i
		if at+len(word) <= len(text) && strings.EqualFold(text[at:at+len(word)], word) {
			out = append(out, at)
		}
		at++
	}
	return out
}

// smiClass chooses the class of the language asked for, or the first that text
// has; empty takes everything. The classes and their languages stand in the style
// sheet: .ENCC { Name: English; lang: en-US; }
func smiClass(text string, syncs []int, lang string) (class, language string) {
	head := text
	if len(syncs) > 0 {
		head = text[:syncs[0]]
	}
	first, firstLang := "", ""
	for range 100 {
		i := strings.IndexByte(head, '{')
		if i < 0 {
			break
		}
		j := strings.IndexByte(head[i:], '}')
		if j < 0 {
			break
		}
		words := strings.Fields(head[:i])
		rule := head[i+1 : i+j]
		head = head[i+j+1:]
		if len(words) == 0 || !strings.HasPrefix(words[len(words)-1], ".") {
			continue
		}
		name, tag := words[len(words)-1][1:], ""
		for _, d := range strings.Split(rule, ";") {
			if k, v, _ := strings.Cut(d, ":"); strings.EqualFold(strings.TrimSpace(k), "lang") {
				tag = strings.TrimSpace(v)
			}
		}
		if first == "" {
			first, firstLang = name, tag
		}
		if lang != "" && len(tag) >= 2 && strings.EqualFold(tag[:2], lang[:min(2, len(lang))]) {
			return name, tag
		}
	}
	return first, firstLang
}

// smiText reads what a SYNC shows in a class, and whether it speaks of that
// class at all.
func smiText(body, class string) ([]Line, bool) {
	ps := find(body, "<p")
	if len(ps) == 0 {
		return styled(strings.Join(strings.Fields(body), " "), Style{}, true), true
	}
	for i, at := range ps {
		stop := len(body)
		if i+1 < len(ps) {
			stop = ps[i+1]
		}
		head, text, ok := strings.Cut(body[at:stop], ">")
		if !ok {
			continue
		}
		own := attr(head[2:], "class")
		if class != "" && own != "" && !strings.EqualFold(own, class) {
			continue
		}
		return styled(strings.Join(strings.Fields(text), " "), Style{}, true), true
	}
	return nil, false
}

func writeSMI(t Track, lang string) []byte {
	var b strings.Builder
	class := strings.ToUpper(lang[:min(2, len(lang))]) + "CC"
	fmt.Fprintf(&b, "<SAMI>\n<HEAD>\n<STYLE TYPE=\"text/css\">\n<!--\nP { font-family: sans-serif; text-align: center; }\n"+
		".%s { Name: Captions; lang: %s; SAMIType: CC; }\n-->\n</STYLE>\n</HEAD>\n<BODY>\n", class, vttEscape(lang))
	cues := t.Merged().Cues
	for i, c := range cues {
		fmt.Fprintf(&b, "<SYNC Start=%d><P Class=%s>", c.Start.Round(time.Millisecond).Milliseconds(), class)
		for k, l := range c.Lines {
			if k > 0 {
				b.WriteString("<br>")
			}
			b.WriteString(wrap(l, vttEscape, func(c Color) (string, string) {
				return `<font color="` + c.hex() + `">`, "</font>"
			}))
		}
		b.WriteByte('\n')
		if i+1 == len(cues) || cues[i+1].Start > c.End {
			fmt.Fprintf(&b, "<SYNC Start=%d><P Class=%s>&nbsp;\n", c.End.Round(time.Millisecond).Milliseconds(), class)
		}
	}
	b.WriteString("</BODY>\n</SAMI>\n")
	return []byte(b.String())
}
