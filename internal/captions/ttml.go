package captions

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a TTML document may hold, beside the bounds of all captions.
const (
	maxDepth    = 64
	maxElements = 400_000
)

// node is an element of a document, or text between elements.
type node struct {
	name     string // local name; "" for text
	space    string // name space of an element
	attrs    map[string]string
	text     string
	line     int
	children []*node
	parent   *node
}

// parseXML reads a document into a tree. A document type is refused, and with
// it every entity but those of XML itself.
func parseXML(data []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		return in, nil // the text is UTF-8 by now, whatever it says
	}
	root := &node{}
	at, depth, count := root, 0, 0
	for {
		line, _ := d.InputPos()
		tk, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				return nil, bad(syntax.Line, "the XML is broken: %s", syntax.Msg)
			}
			return nil, bad(line, "the XML is broken")
		}
		switch tk := tk.(type) {
		case xml.Directive:
			return nil, bad(line, "a document type is not taken")
		case xml.StartElement:
			if count++; count > maxElements {
				return nil, bad(line, "it has more than %d elements", maxElements)
			}
			if depth++; depth > maxDepth {
				return nil, bad(line, "its elements are nested more than %d deep", maxDepth)
			}
			n := &node{name: tk.Name.Local, space: tk.Name.Space, line: line, parent: at, attrs: map[string]string{}}
			for _, a := range tk.Attr {
				n.attrs[attrName(a)] = strings.TrimSpace(a.Value)
			}
			at.children = append(at.children, n)
			at = n
		case xml.EndElement:
			at, depth = at.parent, depth-1
		case xml.CharData:
			if at != root {
				at.children = append(at.children, &node{text: string(tk), line: line, parent: at})
			}
		}
	}
	if len(root.children) == 0 {
		return nil, bad(0, "it holds no XML")
	}
	return root.children[0], nil
}

// attrName tells the attributes apart that are called the same: xml:id and id
// are one, and those of TTML's parameters keep their own names.
func attrName(a xml.Attr) string {
	if strings.HasSuffix(a.Name.Space, "#metadata") || strings.Contains(a.Name.Space, "smpte-tt") {
		return "other:" + a.Name.Local
	}
	return a.Name.Local
}

// timing is how a document counts time.
type timing struct {
	frameRate float64
	tickRate  float64
	subFrames float64
}

func timingOf(tt *node) timing {
	t := timing{frameRate: 30, subFrames: 1}
	rate, ok := positive(tt.attrs["frameRate"])
	if ok {
		t.frameRate = rate
	}
	if m := strings.FieldsFunc(tt.attrs["frameRateMultiplier"], func(r rune) bool { return r == ' ' || r == ':' }); len(m) == 2 {
		if a, ok1 := positive(m[0]); ok1 {
			if b, ok2 := positive(m[1]); ok2 {
				t.frameRate *= a / b
			}
		}
	}
	if n, ok := positive(tt.attrs["subFrameRate"]); ok {
		t.subFrames = n
	}
	t.tickRate = 1
	if ok {
		t.tickRate = t.frameRate * t.subFrames
	}
	if n, ok := positive(tt.attrs["tickRate"]); ok {
		t.tickRate = n
	}
	return t
}

func positive(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && v > 0 && v < 1e9
}

// parse reads a time expression of TTML 1: a clock with a fraction or frames,
// or an offset with a unit.
func (t timing) parse(s string) (time.Duration, bool) {
	if strings.Contains(s, ":") {
		if parts := strings.Split(strings.Replace(s, ";", ":", 1), ":"); len(parts) == 4 {
			base, ok := clock(strings.Join(parts[:3], ":"))
			frames, sub, _ := strings.Cut(parts[3], ".")
			f, ok2 := digits(frames, 4)
			part := 0.0
			if sub != "" {
				n, ok3 := digits(sub, 4)
				part, ok2 = float64(n)/t.subFrames, ok2 && ok3
			}
			return base + seconds((float64(f)+part)/t.frameRate), ok && ok2
		}
		return clock(s)
	}
	for _, unit := range []struct {
		name string
		per  float64
	}{{"ms", 1000}, {"h", 1.0 / 3600}, {"m", 1.0 / 60}, {"s", 1}, {"f", t.frameRate}, {"t", t.tickRate}} {
		if n, ok := strings.CutSuffix(s, unit.name); ok {
			v, err := strconv.ParseFloat(n, 64)
			v /= unit.per
			return seconds(v), err == nil && v >= 0 && v <= maxTime.Seconds()
		}
	}
	return 0, false
}

func seconds(v float64) time.Duration { return time.Duration(v*1e9 + 0.5) }

// forever ends what has no end.
const forever = maxTime

// piece is text that is shown for one time.
type piece struct {
	text       string
	style      Style
	start, end time.Duration
}

type ttmlReader struct {
	timing
	collect
	styles, regions map[string]*node
	extent          [2]float64 // px of the root container; 0 when not said
	cells           [2]float64
	images          bool
	work            int // how many references have been followed
	shown           int // weight of the text in all times in which it is shown
}

// maxWork bounds what styles that refer to styles can make.
const maxWork = 5_000_000

// readTTML reads TTML 1 and what is made of it: DFXP, SMPTE-TT, EBU-TT, IMSC 1
// text. Animation and ruby have no meaning in captions as text.
func readTTML(data []byte) (Track, error) {
	root, err := parseXML([]byte(Decode(data)))
	if err != nil {
		return Track{}, err
	}
	if root.name != "tt" {
		return Track{}, bad(root.line, "it is no TTML: its root element is <%.40s> and not <tt>", root.name)
	}
	if root.attrs["timeBase"] == "clock" {
		return Track{}, bad(root.line, "the time base clock is not taken; media and smpte are")
	}
	r := &ttmlReader{timing: timingOf(root), styles: map[string]*node{}, regions: map[string]*node{}, cells: [2]float64{32, 15}}
	r.track.Language = root.attrs["lang"]
	if w, h, ok := pair(root.attrs["extent"], "px"); ok {
		r.extent = [2]float64{w, h}
	}
	if f := strings.Fields(root.attrs["cellResolution"]); len(f) == 2 {
		x, ok1 := positive(f[0])
		y, ok2 := positive(f[1])
		if ok1 && ok2 {
			r.cells = [2]float64{x, y}
		}
	}
	r.index(root)
	for _, c := range root.children {
		if c.name != "body" {
			continue
		}
		if err := r.walk(c, 0, forever, 0); err != nil {
			return Track{}, err
		}
	}
	if r.work > maxWork {
		return Track{}, bad(0, "its styles refer to each other too often")
	}
	if len(r.track.Cues) == 0 && r.images {
		return Track{}, bad(0, "its captions are images; text is needed")
	}
	return r.track, nil
}

func pair(s, unit string) (float64, float64, bool) {
	f := strings.Fields(s)
	if len(f) != 2 {
		return 0, 0, false
	}
	a, ok1 := strings.CutSuffix(f[0], unit)
	b, ok2 := strings.CutSuffix(f[1], unit)
	x, ok3 := positive(a)
	y, ok4 := positive(b)
	return x, y, ok1 && ok2 && ok3 && ok4
}

// index finds styles and regions by their names.
func (r *ttmlReader) index(n *node) {
	id := n.attrs["id"]
	switch n.name {
	case "style":
		if id != "" {
			r.styles[id] = n
		}
	case "region":
		if id != "" {
			r.regions[id] = n
		}
	}
	for _, c := range n.children {
		if c.name != "body" {
			r.index(c)
		}
	}
}

// interval gives when an element is active within its parent's time. after is
// where the one before it ended, in a sequence.
func (r *ttmlReader) interval(n *node, start, end, after time.Duration) (time.Duration, time.Duration, error) {
	base := start
	if n.parent != nil && n.parent.attrs["timeContainer"] == "seq" {
		base = after
	}
	from, to := base, end
	for _, name := range []string{"begin", "dur", "end"} {
		s := n.attrs[name]
		if s == "" {
			continue
		}
		d, ok := r.parse(s)
		if !ok {
			return 0, 0, bad(n.line, "%s=%.40q is no time like 00:00:01.000, 00:00:01:12 or 1.5s", name, s)
		}
		switch name {
		case "begin":
			from = base + d
		case "dur":
			to = min(to, from+d)
		case "end":
			to = min(to, base+d)
		}
	}
	return from, to, nil
}

// walk goes through body and div to the paragraphs.
func (r *ttmlReader) walk(n *node, start, end, after time.Duration) error {
	from, to, err := r.interval(n, start, end, after)
	if err != nil {
		return err
	}
	if n.attrs["other:backgroundImage"] != "" {
		r.images = true
	}
	if n.name == "p" {
		return r.paragraph(n, from, to)
	}
	last := from
	for _, c := range n.children {
		switch c.name {
		case "div", "p":
			if err := r.walk(c, from, to, last); err != nil {
				return err
			}
			if n.attrs["timeContainer"] == "seq" {
				if _, last, err = r.interval(c, from, to, last); err != nil {
					return err
				}
			}
		case "image":
			r.images = true
		}
	}
	return nil
}

// paragraph makes cues of a paragraph: one, or where its spans have times of
// their own one for each time in which another text is to be seen.
func (r *ttmlReader) paragraph(p *node, start, end time.Duration) error {
	var pieces []piece
	keep := space(p) == "preserve"
	if err := r.inline(p, start, end, r.style(p), keep, &pieces); err != nil {
		return err
	}
	size := 0
	times := []time.Duration{}
	for _, c := range pieces {
		times = append(times, c.start, c.end)
		size += len(c.text)
	}
	slices.Sort(times)
	times = slices.Compact(times)
	if size > maxCueBytes || len(times) > 500 || len(pieces) > 4000 {
		return bad(p.line, "the paragraph holds more than is shown at once")
	}
	place := r.place(p)
	for i := 0; i+1 < len(times); i++ {
		var b builder
		for _, c := range pieces {
			if c.start > times[i] || c.end < times[i+1] {
				continue
			}
			if r.shown += len(c.text) + spanWeight; r.shown > maxText {
				return tooMuch(p.line)
			}
			b.text(c.text, c.style)
		}
		if !keep {
			collapse(&b)
		}
		if err := r.add(p.line, Cue{Start: times[i], End: times[i+1], Lines: b.done(), Place: place}); err != nil {
			return err
		}
	}
	return nil
}

// inline collects the text of a paragraph.
func (r *ttmlReader) inline(n *node, start, end time.Duration, style Style, keep bool, out *[]piece) error {
	for _, c := range n.children {
		switch c.name {
		case "":
			text := c.text
			if !keep {
				text = strings.Map(func(x rune) rune {
					if x == '\n' || x == '\t' {
						return ' '
					}
					return x
				}, text)
			}
			if end > start {
				*out = append(*out, piece{text, style, start, end})
			}
		case "br":
			if end > start {
				*out = append(*out, piece{"\n", style, start, end})
			}
		case "span":
			if strings.HasPrefix(c.attrs["ruby"], "text") {
				continue
			}
			from, to, err := r.interval(c, start, end, start)
			if err != nil {
				return err
			}
			own := style
			r.merge(c, &own, 0)
			if err := r.inline(c, from, to, own, keep, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// collapse makes runs of blanks one blank, across spans.
func collapse(b *builder) {
	b.flush()
	for _, l := range b.lines {
		blank := true
		for i := range l {
			var t strings.Builder
			for _, x := range l[i].Text {
				if x == ' ' && blank {
					continue
				}
				blank = x == ' '
				t.WriteRune(x)
			}
			l[i].Text = t.String()
		}
	}
}

// space gives xml:space as it holds at an element.
func space(n *node) string {
	for ; n != nil; n = n.parent {
		if s := n.attrs["space"]; s != "" {
			return s
		}
	}
	return "default"
}

// style gives how an element's text is drawn: its region, then all around it
// from the outside in, then itself.
func (r *ttmlReader) style(n *node) Style {
	var s Style
	if region := r.region(n); region != nil {
		r.merge(region, &s, 0)
	}
	var chain []*node
	for at := n; at != nil && at.name != "tt"; at = at.parent {
		chain = append(chain, at)
	}
	for _, at := range slices.Backward(chain) {
		r.merge(at, &s, 0)
	}
	return s
}

// merge applies the styles that an element refers to, then its own.
func (r *ttmlReader) merge(n *node, s *Style, depth int) {
	if r.work++; depth > 8 || r.work > maxWork {
		return // styles that refer to each other in a ring
	}
	for i, id := range strings.Fields(n.attrs["style"]) {
		if ref := r.styles[id]; ref != nil && i < 16 {
			r.merge(ref, s, depth+1)
		}
	}
	if n.name == "region" {
		for _, c := range n.children {
			if c.name == "style" {
				r.merge(c, s, depth+1)
			}
		}
	}
	for name, v := range n.attrs {
		switch name {
		case "color":
			if c := parseColor(v); c != 0 {
				s.Color = c
			}
		case "fontStyle":
			s.Italic = v == "italic" || v == "oblique"
		case "fontWeight":
			s.Bold = v == "bold"
		case "textDecoration":
			s.Underline = strings.Contains(v, "underline") && !strings.Contains(v, "noUnderline")
		}
	}
}

// region finds the region that an element flows into.
func (r *ttmlReader) region(n *node) *node {
	for ; n != nil; n = n.parent {
		if id := n.attrs["region"]; id != "" {
			return r.regions[id]
		}
	}
	return nil
}

// value finds an attribute of layout at an element: its own, that of a style
// that it refers to, or that of one nested in it.
func (r *ttmlReader) value(n *node, name string, depth int) string {
	if r.work++; n == nil || depth > 8 || r.work > maxWork {
		return ""
	}
	if v := n.attrs[name]; v != "" {
		return v
	}
	if n.name == "region" {
		for _, c := range n.children {
			if c.name == "style" && c.attrs[name] != "" {
				return c.attrs[name]
			}
		}
	}
	for i, id := range strings.Fields(n.attrs["style"]) {
		if v := r.value(r.styles[id], name, depth+1); v != "" && i < 16 {
			return v
		}
	}
	return ""
}

// place gives where a paragraph stands. One whose region says neither where it
// begins nor which way its text is aligned stands where captions do.
func (r *ttmlReader) place(p *node) *Place {
	region := r.region(p)
	align := ""
	for n := p; n != nil && align == ""; n = n.parent {
		align = r.value(n, "textAlign", 0)
	}
	align = cmp.Or(align, r.value(region, "textAlign", 0))
	origin := cmp.Or(r.value(p, "origin", 0), r.value(region, "origin", 0))
	if origin == "" {
		if region == nil || r.value(region, "displayAlign", 0) != "before" {
			return nil
		}
		origin = "0% 0%"
	}
	x, y, ok := r.lengths(origin)
	if !ok {
		return nil
	}
	w, h, ok := r.lengths(cmp.Or(r.value(p, "extent", 0), r.value(region, "extent", 0)))
	if !ok {
		w, h = 100-x, 100-y
	}
	place := &Place{}
	switch align {
	case "center":
		place.X = x + w/2
	case "end", "right":
		place.X, place.Align = x+w, AlignEnd
	default:
		place.X, place.Align = x, AlignStart
	}
	switch r.value(region, "displayAlign", 0) {
	case "after":
		place.Y = y + h
	case "center":
		place.Y, place.Anchor = y+h/2, AnchorMiddle
	default:
		place.Y, place.Anchor = y, AnchorTop
	}
	place.X, place.Y = min(max(place.X, 0), 100), min(max(place.Y, 0), 100)
	return place
}

// lengths reads two lengths as percentages of the picture.
func (r *ttmlReader) lengths(s string) (float64, float64, bool) {
	f := strings.Fields(s)
	if len(f) != 2 {
		return 0, 0, false
	}
	var out [2]float64
	for i, v := range f {
		unit := strings.TrimLeft(v, "+-0123456789.")
		n, err := strconv.ParseFloat(strings.TrimSuffix(v, unit), 64)
		if err != nil || n < -1e6 || n > 1e6 {
			return 0, 0, false
		}
		switch unit {
		case "%", "rw", "rh":
		case "c":
			n *= 100 / r.cells[i]
		case "px":
			if r.extent[i] == 0 {
				return 0, 0, false
			}
			n *= 100 / r.extent[i]
		default:
			return 0, 0, false
		}
		out[i] = n
	}
	return out[0], out[1], true
}
