package ts

import (
	"encoding/binary"
	"fmt"
)

// Size is the length of a packet in bytes.
const Size = 188

const sync = 0x47

// NoTime stands for a timestamp that is not there.
const NoTime = int64(-1)

func pidOf(p []byte) int       { return int(binary.BigEndian.Uint16(p[1:]) & 0x1fff) }
func begins(p []byte) bool     { return p[1]&0x40 != 0 }
func hasPayload(p []byte) bool { return p[3]&0x10 != 0 }

// split gives the adaptation field, without its length, and the payload.
func split(p []byte) (adaptation, payload []byte, err error) {
	at := 4
	if p[3]&0x20 != 0 {
		n := int(p[4])
		if at += 1 + n; at > Size {
			return nil, nil, fmt.Errorf("an adaptation field of %d bytes", n)
		}
		adaptation = p[5:at]
	}
	if hasPayload(p) {
		payload = p[at:]
	}
	return adaptation, payload, nil
}

// packets cuts data into packets of one PID. The first one carries what the
// adaptation field says before its stuffing, flags first; nil is none.
func packets(pid int, adaptation, data []byte, counter *byte) []byte {
	var out []byte
	for first := true; first || len(data) > 0; first = false {
		p := make([]byte, 4, Size)
		p[0], p[1], p[2], p[3] = sync, byte(pid>>8), byte(pid), 0x10|*counter&0x0f
		*counter = (*counter + 1) & 0x0f
		var field []byte
		if first {
			p[1] |= 0x40
			field = adaptation
		}
		room := Size - 4
		if len(field) > 0 {
			room -= 1 + len(field)
		}
		n := min(room, len(data))
		if stuff := room - n; stuff > 0 || len(field) > 0 {
			p[3] |= 0x20
			switch {
			case len(field) > 0:
				field = append(append([]byte{}, field...), filler(stuff)...)
			case stuff == 1:
				field = []byte{} // the length alone
			default:
				field = append([]byte{0}, filler(stuff-2)...)
			}
			p = append(append(p, byte(len(field))), field...)
		}
		out = append(append(out, p...), data[:n]...)
		data = data[n:]
	}
	return out
}

func filler(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = 0xff
	}
	return b
}

// trimmed gives an adaptation field without its stuffing.
func trimmed(field []byte) []byte {
	if len(field) == 0 {
		return nil
	}
	n := 1
	flags := field[0]
	if flags&0x10 != 0 {
		n += 6 // PCR
	}
	if flags&0x08 != 0 {
		n += 6 // original PCR
	}
	if flags&0x04 != 0 {
		n++ // splice countdown
	}
	if flags&0x03 != 0 {
		return field // private data or an extension: all of it stays
	}
	if n > len(field) {
		return nil
	}
	if n == 1 && flags == 0 {
		return nil
	}
	return field[:n]
}

// stamp reads a timestamp of a PES header.
func stamp(b []byte) int64 {
	return int64(b[0]>>1&7)<<30 | int64(b[1])<<22 | int64(b[2]>>1)<<15 | int64(b[3])<<7 | int64(b[4]>>1)
}

// putStamp writes one, with the four bits that begin it.
func putStamp(prefix byte, t int64) []byte {
	return []byte{
		prefix<<4 | byte(t>>29)&0x0e | 1, byte(t >> 22), byte(t>>14)&0xfe | 1, byte(t >> 7), byte(t<<1)&0xfe | 1,
	}
}
