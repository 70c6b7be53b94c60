package dash

import (
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

// String writes the manifest.
func (m Manifest) String() string {
	w := &writer{}
	w.b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	profiles := make([]string, len(m.Profiles))
	for i, p := range m.Profiles {
		profiles[i] = string(p)
	}
	a := attrs{}.
		with("xmlns", "urn:mpeg:dash:schema:mpd:2011").
		with("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance").
		when(m.protected(), "xmlns:cenc", "urn:mpeg:cenc:2013").
		with("xsi:schemaLocation", "urn:mpeg:dash:schema:mpd:2011 http://standards.iso.org/ittf/PubliclyAvailableStandards/MPEG-DASH_schema_files/DASH-MPD.xsd").
		with("profiles", strings.Join(profiles, ",")).
		with("type", "static").
		with("minBufferTime", period(m.MinBuffer)).
		with("mediaPresentationDuration", period(m.Duration))
	w.open("MPD", a)
	if m.BaseURL != "" {
		w.text("BaseURL", m.BaseURL)
	}
	w.open("Period", attrs{}.with("id", "1").with("start", "PT0S").with("duration", period(m.Duration)))
	video := 0
	for i, s := range m.sets() {
		if s.streams[0].Kind == Video && !s.streams[0].TrickPlay {
			video = i + 1
		}
		w.set(i+1, video, s)
	}
	w.close("Period")
	w.close("MPD")
	return w.b.String()
}

func (m Manifest) protected() bool {
	return slices.ContainsFunc(m.Streams, func(s Stream) bool { return len(s.Protection) > 0 })
}

// set is one AdaptationSet.
type set struct {
	streams []Stream
	shared  *Template // the timeline that all share, nil for one in each
	full    bool      // no repetitions
}

// sets puts together the streams that a player may switch between.
func (m Manifest) sets() []set {
	var sets []set
	for _, s := range m.Streams {
		if i := slices.IndexFunc(sets, func(other set) bool { return m.together(other.streams[0], s) }); i >= 0 {
			sets[i].streams = append(sets[i].streams, s)
			continue
		}
		sets = append(sets, set{streams: []Stream{s}, full: m.Style == Full})
	}
	if m.Style == Compact || m.Style == Distinct {
		for i := range sets {
			sets[i].share()
		}
	}
	return sets
}

// together tells whether two streams are the same thing at different rates.
func (m Manifest) together(a, b Stream) bool {
	if a.Kind != b.Kind || a.Kind == Images || a.Kind == Text || a.TrickPlay != b.TrickPlay || a.MIME != b.MIME ||
		family(a.Codecs) != family(b.Codecs) || a.Language != b.Language || a.Label != b.Label ||
		!slices.Equal(a.Roles, b.Roles) || !slices.Equal(a.Protection, b.Protection) {
		return false
	}
	switch a.Kind {
	case Video:
		return m.Style != Distinct || a.FrameRate.Reduced() == b.FrameRate.Reduced()
	default:
		return a.Channels == b.Channels && a.SampleRate == b.SampleRate
	}
}

// family is the part of a codec's name that tells which decoder it needs.
func family(codecs string) string {
	f, _, _ := strings.Cut(codecs, ".")
	return f
}

// share finds the timeline that the most streams of a set have in common; a
// stream with another keeps its own (behaviour.md 5.7).
func (s *set) share() {
	best := 0
	for _, a := range s.streams {
		n := 0
		for _, b := range s.streams {
			if sameTimeline(a.Template, b.Template) {
				n++
			}
		}
		if n > best {
			best, s.shared = n, a.Template
		}
	}
}

func sameTimeline(a, b *Template) bool {
	return a != nil && b != nil && a.Timescale == b.Timescale && a.Start == b.Start && a.Offset == b.Offset && slices.Equal(a.Segments, b.Segments)
}

// set writes an AdaptationSet. video is the id of the last set of moving
// pictures, which trick play belongs to.
func (w *writer) set(id, video int, s set) {
	first := s.streams[0]
	a := attrs{}.with("id", strconv.Itoa(id)).
		with("contentType", string(first.Kind)).
		with("mimeType", first.MIME).
		when(first.Language != "", "lang", first.Language)
	if first.Kind == Video || first.Kind == Audio {
		a = a.with("segmentAlignment", "true").with("subsegmentAlignment", "true").
			with("startWithSAP", "1").with("subsegmentStartsWithSAP", "1").with("bitstreamSwitching", "false")
	}
	if first.Kind == Video {
		a = a.with("maxWidth", strconv.Itoa(most(s.streams, func(s Stream) int { return s.Width }))).
			with("maxHeight", strconv.Itoa(most(s.streams, func(s Stream) int { return s.Height }))).
			with("par", aspect(first))
	}
	w.open("AdaptationSet", a)
	for _, p := range first.Protection {
		w.protection(p)
	}
	if first.TrickPlay {
		w.descriptor("EssentialProperty", Descriptor{"http://dashif.org/guidelines/trickmode", strconv.Itoa(video)})
	}
	for _, d := range first.Essential {
		w.descriptor("EssentialProperty", d)
	}
	if first.Label != "" {
		w.text("Label", first.Label)
	}
	for _, d := range first.Accessibility {
		w.descriptor("Accessibility", d)
	}
	for _, r := range first.Roles {
		w.descriptor("Role", Descriptor{"urn:mpeg:dash:role:2011", r})
	}
	if s.shared != nil {
		w.template(&Template{Timescale: s.shared.Timescale, Start: s.shared.Start, Segments: s.shared.Segments, Offset: s.shared.Offset}, s.full)
	}
	for _, r := range s.streams {
		w.stream(r, s)
	}
	w.close("AdaptationSet")
}

func most(streams []Stream, of func(Stream) int) int {
	n := 0
	for _, s := range streams {
		n = max(n, of(s))
	}
	return n
}

// aspect gives the shape of the picture as it is shown.
func aspect(s Stream) string {
	r := spool.Rational{Num: int64(s.Width), Den: int64(s.Height)}
	if s.SampleAspect.Valid() {
		r = spool.Rational{Num: r.Num * s.SampleAspect.Num, Den: r.Den * s.SampleAspect.Den}
	}
	r = r.Reduced()
	// a rung rounded to even sizes is off by a little: the common shapes are meant
	for _, c := range []spool.Rational{{Num: 16, Den: 9}, {Num: 4, Den: 3}, {Num: 9, Den: 16}} {
		if math.Abs(r.Float()/c.Float()-1) < 0.01 {
			r = c
		}
	}
	return fmt.Sprintf("%d:%d", r.Num, r.Den)
}

func (w *writer) stream(s Stream, of set) {
	a := attrs{}.with("id", s.ID)
	if s.Width > 0 {
		a = a.with("width", strconv.Itoa(s.Width)).with("height", strconv.Itoa(s.Height))
	}
	if s.Kind == Video {
		sar := spool.Rational{Num: 1, Den: 1}
		if s.SampleAspect.Valid() {
			sar = s.SampleAspect.Reduced()
		}
		a = a.when(s.FrameRate.Valid(), "frameRate", frameRate(s.FrameRate)).with("sar", fmt.Sprintf("%d:%d", sar.Num, sar.Den))
	}
	a = a.with("bandwidth", strconv.FormatInt(max(1, s.Bandwidth), 10)).when(s.Codecs != "", "codecs", s.Codecs)
	if s.SampleRate > 0 {
		a = a.with("audioSamplingRate", strconv.Itoa(s.SampleRate))
	}
	w.open("Representation", a)
	if s.ChannelScheme != "" {
		w.descriptor("AudioChannelConfiguration", Descriptor{s.ChannelScheme, s.ChannelValue})
	}
	switch {
	case s.Template != nil:
		t := *s.Template
		if of.shared != nil && sameTimeline(of.shared, s.Template) {
			t.Segments = nil // the set tells them
		}
		w.template(&t, of.full)
	case s.Base != nil:
		b := s.Base
		w.text("BaseURL", reference(Literal(b.File)))
		w.open("SegmentBase", attrs{}.with("indexRange", b.Index.String()).with("timescale", strconv.FormatUint(uint64(b.Timescale), 10)))
		w.empty("Initialization", attrs{}.with("range", b.Init.String()))
		w.close("SegmentBase")
	case s.File != "":
		w.text("BaseURL", reference(Literal(s.File)))
	}
	w.close("Representation")
}

func (w *writer) template(t *Template, full bool) {
	a := attrs{}.with("timescale", strconv.FormatUint(uint64(t.Timescale), 10)).
		when(t.Media != "", "media", reference(t.Media)).
		when(t.Init != "", "initialization", reference(Literal(t.Init)))
	if t.Nominal > 0 && len(t.Segments) > 0 {
		a = a.with("duration", strconv.FormatUint(t.Nominal, 10))
	}
	a = a.when(t.Media == "" || !Uses(t.Media, IDTime), "startNumber", "1").
		when(t.Offset > 0, "presentationTimeOffset", strconv.FormatUint(t.Offset, 10))
	if len(t.Segments) == 0 || t.Nominal > 0 {
		w.empty("SegmentTemplate", a)
		return
	}
	w.open("SegmentTemplate", a)
	w.open("SegmentTimeline", nil)
	at := t.Start
	for i := 0; i < len(t.Segments); {
		d, n := t.Segments[i], 1
		for !full && i+n < len(t.Segments) && t.Segments[i+n] == d {
			n++
		}
		s := attrs{}.when(i == 0 || full, "t", strconv.FormatUint(at, 10)).with("d", strconv.FormatUint(d, 10)).
			when(n > 1, "r", strconv.Itoa(n-1))
		w.empty("S", s)
		at += d * uint64(n)
		i += n
	}
	w.close("SegmentTimeline")
	w.close("SegmentTemplate")
}

func (w *writer) protection(p Protection) {
	a := attrs{}.with("schemeIdUri", p.Scheme).when(p.Value != "", "value", p.Value).when(p.KeyID != "", "cenc:default_KID", p.KeyID)
	if p.PSSH == "" {
		w.empty("ContentProtection", a)
		return
	}
	w.open("ContentProtection", a)
	w.text("cenc:pssh", p.PSSH)
	w.close("ContentProtection")
}

func (w *writer) descriptor(name string, d Descriptor) {
	w.empty(name, attrs{}.with("schemeIdUri", d.Scheme).when(d.Value != "", "value", d.Value))
}

// String writes a range as HTTP does: both ends are in it.
func (r Range) String() string { return fmt.Sprintf("%d-%d", r.Offset, r.Offset+r.Size-1) }

// frameRate writes whole rates as one number.
func frameRate(r spool.Rational) string {
	r = r.Reduced()
	if r.Den == 1 {
		return strconv.FormatInt(r.Num, 10)
	}
	return r.String()
}

// period writes a length as xs:duration, to the millisecond.
func period(d time.Duration) string {
	return "PT" + strconv.FormatFloat(math.Round(d.Seconds()*1000)/1000, 'f', -1, 64) + "S"
}

// writer writes XML with two spaces for each level.
type writer struct {
	b     strings.Builder
	depth int
}

// attrs are attributes in order: name, value, name, value.
type attrs []string

func (a attrs) with(name, value string) attrs { return append(a, name, value) }

func (a attrs) when(on bool, name, value string) attrs {
	if !on {
		return a
	}
	return a.with(name, value)
}

func (w *writer) tag(name string, a attrs, end string) {
	w.b.WriteString(strings.Repeat("  ", w.depth) + "<" + name)
	for i := 0; i < len(a); i += 2 {
		w.b.WriteString(" " + a[i] + `="` + escape(a[i+1]) + `"`)
	}
	w.b.WriteString(end)
}

func (w *writer) open(name string, a attrs) {
	w.tag(name, a, ">\n")
	w.depth++
}

func (w *writer) close(name string) {
	w.depth--
	w.b.WriteString(strings.Repeat("  ", w.depth) + "</" + name + ">\n")
}

func (w *writer) empty(name string, a attrs) { w.tag(name, a, "/>\n") }

func (w *writer) text(name, text string) {
	w.tag(name, nil, ">"+escape(text)+"</"+name+">\n")
}

// escape makes any text fit for XML; what XML has no form for is replaced.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder does not fail
	return b.String()
}
