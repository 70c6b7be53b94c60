package captions

import (
	"strings"
	"time"

	"spool/internal/spool"
)

// The layout of EBU Tech 3264: a general block and then blocks of text.
const (
	gsiBytes = 1024
	ttiBytes = 128
)

// readSTL reads EBU STL in Latin or Cyrillic letters. Times are timecodes.
func readSTL(data []byte) (Track, error) {
	if len(data) < gsiBytes || string(data[3:6]) != "STL" || string(data[8:11]) != ".01" {
		return Track{}, bad(0, "it is no EBU STL: it does not begin with a block of the Tech 3264 format")
	}
	fps, ok := digits(string(data[6:8]), 2)
	if !ok || fps != 25 && fps != 30 {
		return Track{}, bad(0, "it counts %.2q frames a second; STL has 25 or 30", data[6:8])
	}
	letters := string(data[12:14])
	if letters != "00" && letters != "01" && letters != "  " {
		return Track{}, bad(0, "its character table is %.2q; 00 (Latin) and 01 (Cyrillic) are read", letters)
	}
	var c collect
	var text []byte
	at := func(b []byte) time.Duration {
		return time.Duration(b[0])*time.Hour + time.Duration(b[1])*time.Minute + time.Duration(b[2])*time.Second +
			seconds(float64(b[3])/float64(fps))
	}
	for n, rest := 1, data[gsiBytes:]; len(rest) >= ttiBytes; n, rest = n+1, rest[ttiBytes:] {
		b := rest[:ttiBytes]
		if b[3] == 0xfe || b[15] == 1 { // user data; a comment
			continue
		}
		if b[5] > 23 || b[9] > 23 || b[6] > 59 || b[7] > 59 || b[10] > 59 || b[11] > 59 || int64(b[8]) >= fps || int64(b[12]) >= fps {
			return Track{}, bad(n, "block %d has no proper timecodes", n)
		}
		if text = append(text, b[16:]...); len(text) > maxCueBytes {
			return Track{}, bad(n, "block %d: the text goes on for too long", n)
		}
		if b[3] != 0xff {
			continue // it goes on in the next block
		}
		place := &Place{X: 50, Y: min(max(10+float64(b[13])*80/23, 10), 95), Anchor: AnchorTop}
		if b[13] > 12 || b[13] == 0 {
			place = nil // at the bottom, where captions stand anyway
		}
		if place != nil && b[14] == 1 {
			place.X, place.Align = 10, AlignStart
		} else if place != nil && b[14] == 3 {
			place.X, place.Align = 90, AlignEnd
		}
		if err := c.add(n, Cue{Start: at(b[5:9]), End: at(b[9:13]), Lines: stlText(text, letters == "01"), Place: place}); err != nil {
			return Track{}, err
		}
		text = text[:0]
	}
	return c.track, nil
}

// STLStart gives the timecode that an EBU STL file says its programme begins at.
func STLStart(data []byte) (time.Duration, bool) {
	if len(data) < gsiBytes {
		return 0, false
	}
	s := string(data[256:264])
	fps, ok := digits(string(data[6:8]), 2)
	if _, ok2 := digits(s, 8); !ok || !ok2 {
		return 0, false
	}
	return Timecode(s[:2]+":"+s[2:4]+":"+s[4:6]+":"+s[6:], spool.Rational{Num: fps, Den: 1})
}

// accents are the marks that come before their letter in ISO 6937.
var accents = map[byte]string{
	0xc1: "AÀaàEÈeèIÌiìOÒoòUÙuù", 0xc2: "AÁaáCĆcćEÉeéIÍiíLĹlĺNŃnńOÓoóRŔrŕSŚsśUÚuúYÝyýZŹzź",
	0xc3: "AÂaâCĈcĉEÊeêGĜgĝHĤhĥIÎiîJĴjĵOÔoôSŜsŝUÛuûWŴwŵYŶyŷ", 0xc4: "AÃaãIĨiĩNÑnñOÕoõUŨuũ",
	0xc5: "AĀaāEĒeēIĪiīOŌoōUŪuū", 0xc6: "AĂaăGĞgğUŬuŭ", 0xc7: "CĊcċEĖeėGĠgġIİZŻzż", 0xc8: "AÄaäEËeëIÏiïOÖoöUÜuüYŸyÿ",
	0xca: "AÅaåUŮuů", 0xcb: "CÇcçGĢKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţ", 0xcd: "OŐoőUŰuű", 0xce: "AĄaąEĘeęIĮiįUŲuų",
	0xcf: "CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzž",
}

// latin are the other characters of ISO 6937 above 0xa0; a blank is none.
var latin = []rune("\u00a0¡¢£$¥#§¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿                ―¹®©™♪¬¦    ⅛⅜⅝⅞ΩÆĐªĦ ĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\u00ad")

func stlText(b []byte, cyrillic bool) []Line {
	var out builder
	var style Style
	var s strings.Builder
	flush := func() {
		out.text(s.String(), style)
		s.Reset()
	}
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == 0x8f: // unused
		case c == 0x8a:
			s.WriteByte('\n')
		case c >= 0x80 && c <= 0x83:
			flush()
			if c < 0x82 {
				style.Italic = c == 0x80
			} else {
				style.Underline = c == 0x82
			}
		case c < 0x08: // teletext colours
			flush()
			style.Color = [8]Color{RGB(0), RGB(0xff0000), RGB(0x00ff00), RGB(0xffff00), RGB(0x0000ff), RGB(0xff00ff), RGB(0x00ffff), 0}[c]
			s.WriteByte(' ')
		case c < 0x20 || c >= 0x7f && c <= 0xa0:
		case c < 0x7f:
			s.WriteByte(c)
		case cyrillic:
			s.WriteRune(iso5(c))
		case accents[c] != "" && i+1 < len(b):
			s.WriteRune(accented(accents[c], rune(b[i+1])))
			i++
		case latin[c-0xa0] != ' ':
			s.WriteRune(latin[c-0xa0])
		}
	}
	flush()
	return out.done()
}

// accented finds a letter among pairs of one without its mark and one with it.
func accented(pairs string, letter rune) rune {
	list := []rune(pairs)
	for i := 0; i+1 < len(list); i += 2 {
		if list[i] == letter {
			return list[i+1]
		}
	}
	return letter
}

// iso5 is ISO 8859-5 above 0xa0.
func iso5(c byte) rune {
	switch c {
	case 0xad:
		return '\u00ad'
	case 0xf0:
		return '№'
	case 0xfd:
		return '§'
	}
	return 0x400 + rune(c-0xa0)
}
