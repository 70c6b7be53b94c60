package captions

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"strings"
)

// writeTTML writes TTML 1 that is IMSC 1 text at the same time. With profile it
// says so, as players that ask for IMSC want it.
func writeTTML(t Track, lang string, profile bool) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"` +
		` xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:timeBase="media"`)
	if profile {
		b.WriteString(` ttp:profile="http://www.w3.org/ns/ttml/profile/imsc1/text" ttp:cellResolution="32 15"`)
	}
	fmt.Fprintf(&b, ` xml:lang="%s">`+"\n<head>\n<styling>\n", xmlText(cmp.Or(lang, t.Language)))
	b.WriteString(`<style xml:id="s" tts:fontFamily="proportionalSansSerif" tts:fontSize="100%" tts:color="#ffffff"/>` +
		"\n</styling>\n<layout>\n" +
		`<region xml:id="r0" tts:origin="10% 10%" tts:extent="80% 80%" tts:displayAlign="after" tts:textAlign="center"/>` + "\n")
	regions := map[Place]string{}
	for _, c := range t.Cues {
		if c.Place == nil || regions[*c.Place] != "" || len(regions) >= 1000 {
			continue
		}
		id := fmt.Sprintf("r%d", len(regions)+1)
		regions[*c.Place] = id
		b.WriteString(region(id, *c.Place))
	}
	b.WriteString("</layout>\n</head>\n<body style=\"s\">\n<div>\n")
	for _, c := range t.Cues {
		id := "r0"
		if c.Place != nil {
			id = cmp.Or(regions[*c.Place], id)
		}
		fmt.Fprintf(&b, `<p begin="%s" end="%s" region="%s">`, stamp(c.Start, "."), stamp(c.End, "."), id)
		for i, l := range c.Lines {
			if i > 0 {
				b.WriteString("<br/>")
			}
			for _, s := range l {
				span(&b, s)
			}
		}
		b.WriteString("</p>\n")
	}
	b.WriteString("</div>\n</body>\n</tt>\n")
	return []byte(b.String())
}

func span(b *strings.Builder, s Span) {
	if s.Style == (Style{}) {
		b.WriteString(xmlText(s.Text))
		return
	}
	b.WriteString("<span")
	if s.Style.Italic {
		b.WriteString(` tts:fontStyle="italic"`)
	}
	if s.Style.Bold {
		b.WriteString(` tts:fontWeight="bold"`)
	}
	if s.Style.Underline {
		b.WriteString(` tts:textDecoration="underline"`)
	}
	if c := s.Style.Color; c != 0 {
		b.WriteString(` tts:color="` + c.hex())
		if c&0xff != 0xff {
			fmt.Fprintf(b, "%02x", uint8(c))
		}
		b.WriteString(`"`)
	}
	b.WriteString(">" + xmlText(s.Text) + "</span>")
}

// region makes a box of which the place is the side that the text keeps to.
func region(id string, p Place) string {
	half := min(p.X, 100-p.X)
	x, w, align := p.X-half, 2*half, "center"
	switch p.Align {
	case AlignStart:
		x, w, align = p.X, 100-p.X, "start"
	case AlignEnd:
		x, w, align = 0, p.X, "end"
	case AlignCenter:
	}
	y, h, display := 0.0, p.Y, "after"
	switch half := min(p.Y, 100-p.Y); p.Anchor {
	case AnchorTop:
		y, h, display = p.Y, 100-p.Y, "before"
	case AnchorMiddle:
		y, h, display = p.Y-half, 2*half, "center"
	case AnchorBottom:
	}
	return fmt.Sprintf(`<region xml:id="%s" tts:origin="%s%% %s%%" tts:extent="%s%% %s%%" tts:displayAlign="%s" tts:textAlign="%s" tts:overflow="visible"/>`+"\n",
		id, number(x), number(y), number(w), number(h), display, align)
}

// xmlText escapes text for elements and attributes.
func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
