package captions

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode"
	"unicode/utf16"
)

var errFont = errors.New("it is no TrueType font that can be read")

// FontFamily gives the name of the family that a TrueType file belongs to, by
// which the drawing asks for it.
func FontFamily(data []byte) (string, error) {
	u16 := func(b []byte, at int) int {
		if at < 0 || at+2 > len(b) {
			return 0
		}
		return int(binary.BigEndian.Uint16(b[at:]))
	}
	if len(data) < 12 || string(data[:4]) != "\x00\x01\x00\x00" && string(data[:4]) != "true" && string(data[:4]) != "OTTO" {
		return "", errFont
	}
	for i := range u16(data, 4) {
		entry := 12 + 16*i
		if entry+16 > len(data) {
			break
		}
		if string(data[entry:entry+4]) != "name" {
			continue
		}
		offset, size := binary.BigEndian.Uint32(data[entry+8:]), binary.BigEndian.Uint32(data[entry+12:])
		if uint64(offset)+uint64(size) > uint64(len(data)) {
			return "", errFont
		}
		table := data[offset : offset+size]
		strs, best := u16(table, 4), ""
		for k := range u16(table, 2) {
			rec := 6 + 12*k
			if rec+12 > len(table) {
				break
			}
			platform, name := u16(table, rec), u16(table, rec+6)
			from := strs + u16(table, rec+10)
			to := from + u16(table, rec+8)
			if name != 1 || to > len(table) {
				continue
			}
			text := table[from:to]
			if platform == 1 {
				if best == "" {
					best = windows1252(text)
				}
				continue
			}
			units := make([]uint16, len(text)/2)
			for n := range units {
				units[n] = binary.BigEndian.Uint16(text[2*n:])
			}
			best = string(utf16.Decode(units))
		}
		best = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) || r == ',' || r == '\\' {
				return -1
			}
			return r
		}, best)
		if best == "" {
			return "", errFont
		}
		return best, nil
	}
	return "", errFont
}
