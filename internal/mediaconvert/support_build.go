package mediaconvert

import (
	"strings"
	"sync"
)

// tableBuilder writes the support table.
type tableBuilder struct{ table map[string]Setting }

func (b tableBuilder) add(prefix, names string, s Setting) {
	for name := range strings.FieldsSeq(names) {
		s.Path = prefix + name
		if _, twice := b.table[s.Path]; twice {
			panic("mediaconvert: support table names " + s.Path + " twice")
		}
		b.table[s.Path] = s
	}
}

// honour: every value is honoured, and how.
func (b tableBuilder) honour(prefix, names, how string) {
	b.add(prefix, names, Setting{Verdict: Honoured, How: how})
}

// only: these values are honoured, and how; others are ignored with a warning.
func (b tableBuilder) only(prefix, names, values, how, reason string) {
	b.add(prefix, names, Setting{Verdict: Honoured, Values: strings.Fields(values), Else: Ignored, How: how, Reason: reason})
}

// orRefuse: these values are honoured, and how; others are answered with 400.
func (b tableBuilder) orRefuse(prefix, names, values, how, reason string) {
	b.add(prefix, names, Setting{Verdict: Honoured, Values: strings.Fields(values), Else: Refused, How: how, Reason: reason})
}

// nothing: no value changes the output.
func (b tableBuilder) nothing(prefix, names, reason string) {
	b.add(prefix, names, Setting{Verdict: NoEffect, Reason: reason})
}

// ignore: warned of, but for the neutral values.
func (b tableBuilder) ignore(prefix, names, neutral, reason string) {
	b.add(prefix, names, Setting{Verdict: Ignored, Neutral: strings.Fields(neutral), Reason: reason})
}

// refuseFilled is refuse for an object whose members or elements say what to do,
// so that an empty one, as request builders write it, asks for nothing.
func (b tableBuilder) refuseFilled(object, reason string) {
	b.add(object, "**", Setting{Verdict: Refused, Neutral: []string{"{}"}, Reason: reason})
}

// refuse: answered with 400, but for neutral values of an enumeration.
func (b tableBuilder) refuse(prefix, names, reason string) {
	b.add(prefix, names, Setting{Verdict: Refused, Reason: reason})
}

var supportTable = sync.OnceValue(func() map[string]Setting {
	b := tableBuilder{make(map[string]Setting)}
	b.job()
	b.inputs()
	b.timeline()
	b.picture()
	b.groups()
	b.outputs()
	b.video()
	b.audio()
	return b.table
})
