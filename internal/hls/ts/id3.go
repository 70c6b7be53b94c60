package ts

import (
	"encoding/binary"
	"strings"
)

// Frame is one frame of an ID3v2.4 tag.
type Frame struct {
	ID   string // four letters
	Data []byte
}

// Private is a frame of an owner of one's own.
func Private(owner string, data []byte) Frame {
	return Frame{"PRIV", append(append([]byte(owner), 0), data...)}
}

// Released is the time of release, "2026-05-04T10:00:00": how timed metadata
// says what time it is.
func Released(time string) Frame { return Frame{"TDRL", append([]byte{3}, time...)} }

// ID3 writes a tag.
func ID3(list ...Frame) []byte {
	var body []byte
	for _, f := range list {
		body = append(body, (f.ID + "    ")[:4]...)
		body = append(body, synchsafe(len(f.Data))...)
		body = append(append(body, 0, 0), f.Data...)
	}
	return append(append([]byte("ID3\x04\x00\x00"), synchsafe(len(body))...), body...)
}

// synchsafe writes a length in four bytes of seven bits.
func synchsafe(n int) []byte {
	return []byte{byte(n >> 21 & 0x7f), byte(n >> 14 & 0x7f), byte(n >> 7 & 0x7f), byte(n & 0x7f)}
}

// timestampOwner marks the frame with which raw audio segments begin (RFC 8216
// 3.4).
const timestampOwner = "com.apple.streaming.transportStreamTimestamp"

func timestampTag(pts int64) []byte {
	return ID3(Private(timestampOwner, binary.BigEndian.AppendUint64(nil, uint64(pts)&(1<<33-1))))
}

// Whole tells whether bytes are one or more whole ID3v2 tags, as far as their
// lengths say.
func Whole(b []byte) bool {
	for len(b) > 0 {
		if len(b) < 10 || !strings.HasPrefix(string(b), "ID3") || (b[6]|b[7]|b[8]|b[9])&0x80 != 0 {
			return false
		}
		n := 10 + int(b[6])<<21 + int(b[7])<<14 + int(b[8])<<7 + int(b[9])
		if b[5]&0x10 != 0 {
			n += 10 // a footer
		}
		if n > len(b) {
			return false
		}
		b = b[n:]
	}
	return true
}
