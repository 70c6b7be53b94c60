package ts

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// SampleAES encrypts the samples of transport streams as players of SAMPLE-AES
// expect it ("MPEG-2 Stream Encryption Format for HTTP Live Streaming"). Tables,
// headers and the beginnings of samples stay readable.
type SampleAES struct {
	block cipher.Block
	iv    []byte
}

// NewSampleAES takes a key and a vector of 16 bytes.
func NewSampleAES(key, iv []byte) (*SampleAES, error) {
	block, err := aes.NewCipher(key)
	if err != nil || len(key) != 16 || len(iv) != aes.BlockSize {
		return nil, fmt.Errorf("a key and a vector of 16 bytes are needed, not of %d and %d", len(key), len(iv))
	}
	return &SampleAES{block, iv}, nil
}

// kinds of encrypted streams by their plain ones, with the words that say so.
var encryptedKinds = map[byte]struct {
	kind            byte
	indicator, name string
}{
	TypeH264: {0xdb, "zavc", ""},
	TypeAAC:  {0xcf, "aacd", "zaac"},
	TypeAC3:  {0xc1, "ac3d", "zac3"},
	TypeEAC3: {0xc2, "ec3d", "zec3"},
}

// entry changes a stream of the programme map. setup is what its decoder needs
// to know, of sound.
func (s *SampleAES) entry(e entry, setup []byte) (entry, error) {
	k, ok := encryptedKinds[e.kind]
	if !ok {
		if e.kind == TypeMetadata {
			return e, nil
		}
		return e, fmt.Errorf("SAMPLE-AES knows no streams of the type 0x%02x", e.kind)
	}
	e.kind = k.kind
	d := descriptor(0x0f, []byte(k.indicator))
	if k.name != "" {
		d = append(d, descriptor(0x05, []byte("apad"), []byte(k.name), []byte{0, 0, 1, byte(len(setup))}, setup)...)
	}
	e.descriptors = append(d, e.descriptors...)
	return e, nil
}

// unit encrypts what a unit carries.
func (s *SampleAES) unit(u *Unit) error {
	switch u.Type {
	case TypeH264:
		u.Data = s.pictures(u.Data)
	case TypeAAC, TypeAC3, TypeEAC3:
		return frames(u.Type, u.Data, func(frame []byte, header int) {
			s.sound(frame[header:])
		})
	}
	return nil
}

// leader is how much of a frame of sound stays clear after its header.
const leader = 16

// sound encrypts a frame of sound in place: all whole blocks after the leader.
func (s *SampleAES) sound(frame []byte) {
	if len(frame) < 2*leader {
		return
	}
	end := len(frame) - len(frame)%aes.BlockSize
	cipher.NewCBCEncrypter(s.block, s.iv).CryptBlocks(frame[leader:end], frame[leader:end])
}

// Of a coded slice, 32 bytes stay clear; then one block in ten is encrypted.
// Short slices stay clear altogether.
const (
	clearStart  = 32
	shortSlice  = 48
	blockStride = 10 * aes.BlockSize
)

// pictures encrypts the slices of a picture.
func (s *SampleAES) pictures(data []byte) []byte {
	out := make([]byte, 0, len(data)+len(data)/64)
	walkNALs(data, func(startCode, nal []byte) {
		out = append(out, startCode...)
		kind := byte(0)
		if len(nal) > 0 {
			kind = nal[0] & 0x1f
		}
		if kind != 1 && kind != 5 || len(nal) <= shortSlice {
			out = append(out, nal...)
			return
		}
		sealed := append([]byte{}, nal...)
		mode := cipher.NewCBCEncrypter(s.block, s.iv)
		for at := clearStart; len(sealed)-at > aes.BlockSize; at += blockStride {
			mode.CryptBlocks(sealed[at:at+aes.BlockSize], sealed[at:at+aes.BlockSize])
		}
		out = escape(out, sealed)
	})
	return out
}

// walkNALs calls f for each NAL unit with the start code before it, zeros
// included.
func walkNALs(data []byte, f func(startCode, nal []byte)) {
	from, code := -1, 0 // of the unit being read, and of its start code
	for i := 0; i+3 <= len(data); i++ {
		if data[i] != 0 || data[i+1] != 0 || data[i+2] != 1 {
			continue
		}
		start := i
		for start > max(0, from) && data[start-1] == 0 {
			start--
		}
		if from >= 0 {
			f(data[code:from], data[from:start])
		} else {
			start = 0
		}
		code, from = start, i+3
		i += 2
	}
	if from >= 0 {
		f(data[code:from], data[from:])
	} else {
		f(nil, data)
	}
}

// escape appends bytes with emulation prevention: nothing in them may look like
// a start code.
func escape(out, data []byte) []byte {
	zeros := 0
	for _, c := range data {
		if zeros >= 2 && c <= 3 {
			out = append(out, 3)
			zeros = 0
		}
		out = append(out, c)
		if c == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return out
}
