package work

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"spool/internal/spool"
)

// maxImage bounds the file of one inserted picture, in bytes.
const maxImage = 128 << 20

// imageOf looks at the head of a picture that a job inserts: what it is, and how
// large. Its format is what its bytes say, whatever it is called.
func imageOf(path, uri string) (spool.Media, error) {
	f, err := os.Open(path)
	if err != nil {
		return spool.Media{}, fmt.Errorf("open an image: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return spool.Media{}, fmt.Errorf("open an image: %w", err)
	}
	head := make([]byte, 32)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return spool.Media{}, fmt.Errorf("read an image: %w", err)
	}
	format, w, h := imageHead(head[:n])
	switch {
	case format == "":
		return spool.Media{}, spool.Failf(spool.CodeFileAccess, "Failed to download %s: it is no PNG, BMP or TGA image.", uri)
	case info.Size() > maxImage || w < 1 || h < 1 || w > spool.MaxPixels/h:
		return spool.Media{}, spool.Failf(spool.CodeFileAccess, "Failed to download %s: an image of %dx%d and %d bytes can't be inserted.", uri, w, h, info.Size())
	}
	return spool.Media{Format: format, Size: info.Size(), Video: []spool.VideoTrack{{Codec: format, Width: w, Height: h}}}, nil
}

// imageHead reads the first 32 bytes of an image: png, bmp, tga, or "" for what
// is none of them.
func imageHead(b []byte) (format string, w, h int) {
	if len(b) < 26 {
		return "", 0, 0
	}
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) && bytes.Equal(b[12:16], []byte("IHDR")):
		return "png", int(binary.BigEndian.Uint32(b[16:])), int(binary.BigEndian.Uint32(b[20:]))
	case bytes.HasPrefix(b, []byte("BM")):
		if size := binary.LittleEndian.Uint32(b[14:]); size == 12 { // OS/2
			return "bmp", int(binary.LittleEndian.Uint16(b[18:])), int(binary.LittleEndian.Uint16(b[20:]))
		}
		h := int(int32(binary.LittleEndian.Uint32(b[22:])))
		return "bmp", int(int32(binary.LittleEndian.Uint32(b[18:]))), max(h, -h) // negative: from the top
	case b[1] <= 1 && slices.Contains([]byte{1, 2, 3, 9, 10, 11}, b[2]) && slices.Contains([]byte{8, 15, 16, 24, 32}, b[16]):
		return "tga", int(binary.LittleEndian.Uint16(b[12:])), int(binary.LittleEndian.Uint16(b[14:]))
	}
	return "", 0, 0
}
