package ts

import (
	"encoding/binary"
	"fmt"
)

// Types of streams in programme maps.
const (
	TypeAAC      = 0x0f
	TypeMetadata = 0x15
	TypeH264     = 0x1b
	TypeH265     = 0x24
	TypeAC3      = 0x81
	TypeEAC3     = 0x87
)

// entry is one stream of a programme map.
type entry struct {
	pid         int
	kind        byte
	descriptors []byte
}

// programme is a programme map.
type programme struct {
	number, version, clock int // clock is the PID of the PCR
	info                   []byte
	entries                []entry
}

// section gives the one section that a packet's payload begins with, without its
// checksum.
func section(payload []byte, id byte) ([]byte, error) {
	if len(payload) < 1 || len(payload) < 1+int(payload[0])+3 {
		return nil, fmt.Errorf("a table is cut off")
	}
	s := payload[1+payload[0]:]
	n := 3 + int(binary.BigEndian.Uint16(s[1:])&0x0fff)
	if s[0] != id || n > len(s) || n < 12 {
		return nil, fmt.Errorf("a table of the id %d and %d bytes: one of %d in one packet is expected", s[0], n, id)
	}
	return s[:n-4], nil
}

// readPAT gives the PID of the first programme's map.
func readPAT(payload []byte) (int, error) {
	s, err := section(payload, 0)
	if err != nil {
		return 0, err
	}
	for at := 8; at+4 <= len(s); at += 4 {
		if binary.BigEndian.Uint16(s[at:]) != 0 {
			return int(binary.BigEndian.Uint16(s[at+2:]) & 0x1fff), nil
		}
	}
	return 0, fmt.Errorf("there is no programme")
}

func readPMT(payload []byte) (programme, error) {
	s, err := section(payload, 2)
	if err != nil {
		return programme{}, err
	}
	p := programme{
		number: int(binary.BigEndian.Uint16(s[3:])), version: int(s[5] >> 1 & 0x1f),
		clock: int(binary.BigEndian.Uint16(s[8:]) & 0x1fff),
	}
	at := 12 + int(binary.BigEndian.Uint16(s[10:])&0x0fff)
	if len(s) < 12 || at > len(s) {
		return p, fmt.Errorf("a programme map is cut off")
	}
	p.info = s[12:at]
	for at+5 <= len(s) {
		e := entry{kind: s[at], pid: int(binary.BigEndian.Uint16(s[at+1:]) & 0x1fff)}
		end := at + 5 + int(binary.BigEndian.Uint16(s[at+3:])&0x0fff)
		if end > len(s) {
			return p, fmt.Errorf("a programme map is cut off")
		}
		e.descriptors = s[at+5 : end]
		p.entries = append(p.entries, e)
		at = end
	}
	return p, nil
}

// bytes writes the map as the payload of a packet.
func (p programme) bytes() ([]byte, error) {
	body := []byte{byte(p.number >> 8), byte(p.number), 0xc1 | byte(p.version<<1), 0, 0, 0xe0 | byte(p.clock>>8), byte(p.clock)}
	body = append(append(body, 0xf0|byte(len(p.info)>>8), byte(len(p.info))), p.info...)
	for _, e := range p.entries {
		n := len(e.descriptors)
		body = append(body, e.kind, 0xe0|byte(e.pid>>8), byte(e.pid), 0xf0|byte(n>>8), byte(n))
		body = append(body, e.descriptors...)
	}
	n := len(body) + 4
	s := append([]byte{2, 0xb0 | byte(n>>8), byte(n)}, body...)
	s = binary.BigEndian.AppendUint32(s, checksum(s))
	if len(s) > Size-5 {
		return nil, fmt.Errorf("a programme map of %d bytes does not fit into one packet", len(s))
	}
	return append([]byte{0}, s...), nil
}

// packet writes a payload that is a table as one packet.
func tablePacket(pid int, payload []byte, counter byte) []byte {
	p := append([]byte{sync, 0x40 | byte(pid>>8), byte(pid), 0x10 | counter&0x0f}, payload...)
	return append(p, filler(Size-len(p))...)
}

// checksum is the CRC of tables (ISO/IEC 13818-1 annex A).
func checksum(b []byte) uint32 {
	crc := uint32(0xffffffff)
	for _, c := range b {
		crc ^= uint32(c) << 24
		for range 8 {
			if crc&0x80000000 != 0 {
				crc = crc<<1 ^ 0x04c11db7
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// descriptor writes one: tag, length, content.
func descriptor(tag byte, content ...[]byte) []byte {
	d := []byte{tag, 0}
	for _, c := range content {
		d = append(d, c...)
	}
	d[1] = byte(len(d) - 2)
	return d
}
