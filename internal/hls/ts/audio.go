package ts

import (
	"encoding/binary"
	"fmt"
)

// frames calls f for each frame of sound, with the length of its header that
// stays clear.
func frames(kind byte, data []byte, f func(frame []byte, header int)) error {
	for len(data) > 0 {
		n, header, err := frame(kind, data)
		if err != nil {
			return err
		}
		f(data[:n], header)
		data = data[n:]
	}
	return nil
}

// frame gives the length of the frame that data begins with.
func frame(kind byte, b []byte) (length, header int, err error) {
	switch {
	case kind == TypeAAC && len(b) >= 7 && b[0] == 0xff && b[1]&0xf6 == 0xf0:
		length, header = int(b[3]&3)<<11|int(b[4])<<3|int(b[5]>>5), 7
		if b[1]&1 == 0 {
			header = 9 // with a checksum
		}
	case kind == TypeEAC3 && len(b) >= 6 && b[0] == 0x0b && b[1] == 0x77:
		length = 2 * (int(binary.BigEndian.Uint16(b[2:])&0x07ff) + 1)
	case kind == TypeAC3 && len(b) >= 6 && b[0] == 0x0b && b[1] == 0x77:
		length = ac3Length(b[4])
	}
	if length <= header || length > len(b) {
		return 0, 0, fmt.Errorf("a frame of sound (type 0x%02x) can't be read", kind)
	}
	return length, header, nil
}

// ac3Rates are the bitrates of AC-3 in kb/s (ETSI TS 102 366 table 4.13).
var ac3Rates = []int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640}

// ac3Length gives the bytes of a frame from the byte that has rate and size.
func ac3Length(b byte) int {
	size := int(b & 0x3f)
	if size/2 >= len(ac3Rates) {
		return 0
	}
	rate := ac3Rates[size/2]
	switch b >> 6 {
	case 0: // 48 kHz
		return rate * 4
	case 1: // 44.1 kHz
		return 2 * (rate*96000/44100 + size&1)
	case 2: // 32 kHz
		return rate * 6
	}
	return 0
}

// setup gives what SAMPLE-AES tells of a stream of sound in the programme map,
// from its first frame.
func setup(kind byte, first []byte) ([]byte, error) {
	n, _, err := frame(kind, first)
	if err != nil {
		return nil, err
	}
	switch kind {
	case TypeAAC: // an AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1)
		object, rate := first[2]>>6+1, first[2]>>2&0x0f
		channels := first[2]&1<<2 | first[3]>>6
		return []byte{object<<3 | rate>>1, rate<<7 | channels<<3}, nil
	case TypeAC3:
		return append([]byte{}, first[:min(n, 10)]...), nil
	default:
		return eac3Setup(first[:n]), nil
	}
}

// eac3Setup writes the content of an EC3SpecificBox for one independent stream
// (ETSI TS 102 366 F.6).
func eac3Setup(f []byte) []byte {
	bits := uint(0)
	read := func(n uint) uint32 {
		v := uint32(0)
		for range n {
			v = v<<1 | uint32(f[bits/8]>>(7-bits%8)&1)
			bits++
		}
		return v
	}
	bits = 16
	read(5) // stream type and id
	size := read(11)
	fscod := read(2)
	blocks := uint32(6)
	if fscod == 3 {
		read(2)
	} else if n := read(2); n < 3 {
		blocks = n + 1
	}
	acmod, lfe, bsid := read(3), read(1), read(5)
	rate := uint32(48000)
	if fscod < 3 {
		rate = [3]uint32{48000, 44100, 32000}[fscod]
	}
	kbps := (size + 1) * 16 * rate / (blocks * 256) / 1000
	v := kbps << 3 // one independent substream
	return []byte{byte(v >> 8), byte(v), byte(fscod<<6 | bsid<<1), byte(acmod<<1 | lfe), 0}
}
