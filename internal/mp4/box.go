package mp4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Box is one box of a file.
type Box struct {
	Type   string // four characters; "uuid" for extended types
	Offset int64  // of its first byte
	Header int64  // bytes before its content
	Size   int64  // with the header
}

// End gives the offset after the box.
func (b Box) End() int64 { return b.Offset + b.Size }

// errBroken is wrapped by all that is wrong with a file.
var errBroken = errors.New("broken MP4")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errBroken, fmt.Sprintf(format, args...))
}

// maxBoxes bounds the boxes of one level: an hour in fragments of half a second
// has about 15,000.
const maxBoxes = 4 << 20

// Boxes calls f for each box at the top of a file of a size, until f gives an
// error. A box that goes beyond the end is an error.
func Boxes(r io.ReaderAt, size int64, f func(Box) error) error {
	var head [16]byte
	for at, n := int64(0), 0; at < size; n++ {
		if size-at < 8 || n == maxBoxes {
			return broken("%d bytes at %d are no box", size-at, at)
		}
		length := min(16, size-at)
		if _, err := r.ReadAt(head[:length], at); err != nil {
			return fmt.Errorf("read the box at %d: %w", at, err)
		}
		b := Box{Type: string(head[4:8]), Offset: at, Header: 8, Size: int64(binary.BigEndian.Uint32(head[:4]))}
		switch {
		case b.Size == 1 && length == 16:
			b.Header, b.Size = 16, int64(min(binary.BigEndian.Uint64(head[8:]), 1<<62))
		case b.Size == 0:
			b.Size = size - at
		}
		if b.Size < b.Header || b.Size > size-at {
			return broken("the box %q at %d has %d bytes of %d", b.Type, at, b.Size, size-at)
		}
		if err := f(b); err != nil {
			return err
		}
		at = b.End()
	}
	return nil
}

// maxHeader bounds a box that is read whole.
const maxHeader = 64 << 20

// load reads the content of a box.
func load(r io.ReaderAt, b Box) ([]byte, error) {
	n := b.Size - b.Header
	if n > maxHeader {
		return nil, broken("the box %q has %d bytes", b.Type, n)
	}
	data := make([]byte, n)
	if _, err := r.ReadAt(data, b.Offset+b.Header); err != nil {
		return nil, fmt.Errorf("read the box %q: %w", b.Type, err)
	}
	return data, nil
}

// children calls f for each box in the content of another.
func children(data []byte, f func(kind string, data []byte) error) error {
	for len(data) > 0 {
		if len(data) < 8 {
			return broken("%d bytes are no box", len(data))
		}
		size, header := uint64(binary.BigEndian.Uint32(data)), uint64(8)
		switch {
		case size == 1 && len(data) >= 16:
			size, header = binary.BigEndian.Uint64(data[8:]), 16
		case size == 0:
			size = uint64(len(data))
		}
		if size < header || size > uint64(len(data)) {
			return broken("the box %q has %d bytes of %d", data[4:8], size, len(data))
		}
		if err := f(string(data[4:8]), data[header:size]); err != nil {
			return err
		}
		data = data[size:]
	}
	return nil
}

// reader takes fields from the content of a box; after the end it gives zeros
// and remembers that.
type reader struct {
	data  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.short, r.data = true, nil
		return make([]byte, min(max(n, 0), 64))
	}
	out := r.data[:n]
	r.data = r.data[n:]
	return out
}

func (r *reader) skip(n int) { r.take(n) }

func (r *reader) u16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

// version takes version and flags of a full box.
func (r *reader) version() (version byte, flags uint32) {
	v := r.u32()
	return byte(v >> 24), v & 0xffffff
}

// long takes a number of 64 bits in version 1 and of 32 otherwise.
func (r *reader) long(version byte) uint64 {
	if version == 1 {
		return r.u64()
	}
	return uint64(r.u32())
}

func (r *reader) err(what string) error {
	if r.short {
		return broken("%s ends too early", what)
	}
	return nil
}
