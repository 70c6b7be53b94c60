package mp4

import (
	"io"
)

// Header is what a file says before its samples: its moov box.
type Header struct {
	Size   int64 // bytes up to the end of the moov box
	Tracks []Track
}

// Track is one track.
type Track struct {
	ID        uint32
	Timescale uint32 // ticks per second
	Handler   string // vide, soun, text, subt
	// Entry is the form of its samples, of encrypted ones the original: avc1, mp4a.
	Entry string
	// Scheme is how its samples are encrypted: cenc, cbcs; "" not at all.
	Scheme string
	// Shift is the media time at which its presentation begins, in ticks: what an
	// edit list cuts off, such as the delay of reordered pictures.
	Shift int64
	// Config is the decoder's configuration: the content of the avcC or hvcC box,
	// of AAC the AudioSpecificConfig; nil where another.
	Config []byte

	Width, Height int // px
	Channels      int
	SampleRate    int

	defaultDuration, defaultSize, defaultFlags uint32
}

// Track gives the track of an id, nil when there is none.
func (h Header) Track(id uint32) *Track {
	for i := range h.Tracks {
		if h.Tracks[i].ID == id {
			return &h.Tracks[i]
		}
	}
	return nil
}

// ReadHeader reads the moov box of a file, of an initialization segment too.
func ReadHeader(r io.ReaderAt, size int64) (Header, error) {
	var h Header
	err := Boxes(r, size, func(b Box) error {
		if b.Type != "moov" {
			return nil
		}
		if h.Size > 0 {
			return broken("there are two moov boxes")
		}
		data, err := load(r, b)
		if err != nil {
			return err
		}
		h.Size = b.End()
		return h.moov(data)
	})
	switch {
	case err != nil:
		return Header{}, err
	case h.Size == 0:
		return Header{}, broken("there is no moov box")
	}
	return h, nil
}

func (h *Header) moov(data []byte) error {
	if err := children(data, func(kind string, data []byte) error {
		if kind != "trak" {
			return nil
		}
		var t Track
		err := t.read(data)
		h.Tracks = append(h.Tracks, t)
		return err
	}); err != nil {
		return err
	}
	return children(data, func(kind string, data []byte) error {
		if kind != "mvex" {
			return nil
		}
		return children(data, func(kind string, data []byte) error {
			if kind != "trex" {
				return nil
			}
			r := reader{data: data}
			r.version()
			t := h.Track(r.u32())
			r.u32()
			duration, size, flags := r.u32(), r.u32(), r.u32()
			if t != nil {
				t.defaultDuration, t.defaultSize, t.defaultFlags = duration, size, flags
			}
			return r.err("trex")
		})
	})
}

// read takes what matters of a trak box and the boxes in it.
func (t *Track) read(data []byte) error {
	return children(data, func(kind string, data []byte) error {
		r := reader{data: data}
		switch kind {
		case "edts", "mdia", "minf", "stbl":
			return t.read(data)
		case "tkhd":
			version, _ := r.version()
			r.skip(8)
			if version == 1 {
				r.skip(8)
			}
			t.ID = r.u32()
		case "mdhd":
			version, _ := r.version()
			r.skip(8)
			if version == 1 {
				r.skip(8)
			}
			t.Timescale = r.u32()
		case "hdlr":
			r.skip(8)
			t.Handler = string(r.take(4))
		case "elst":
			return t.edits(&r)
		case "stsd":
			r.skip(8)
			if r.short {
				break
			}
			return children(r.data, func(kind string, data []byte) error {
				if t.Entry != "" {
					return nil // further entries are for changes within the track
				}
				t.Entry = kind
				return t.entry(data)
			})
		}
		return r.err(kind)
	})
}

// edits reads the edit list: the first edit that shows something counts.
func (t *Track) edits(r *reader) error {
	version, _ := r.version()
	for n := r.u32(); n > 0 && !r.short; n-- {
		r.long(version)
		start := int64(r.long(version))
		if version == 0 {
			start = int64(int32(start))
		}
		r.u32()
		if start >= 0 {
			t.Shift = start
			break
		}
	}
	return r.err("elst")
}

// entry reads a sample entry.
func (t *Track) entry(data []byte) error {
	r := reader{data: data}
	r.skip(8) // reserved, and the index of the data
	switch t.Handler {
	case "vide":
		r.skip(16)
		t.Width, t.Height = int(r.u16()), int(r.u16())
		r.skip(50)
	case "soun":
		r.skip(8)
		t.Channels = int(r.u16())
		r.skip(6)
		t.SampleRate = int(r.u32() >> 16)
	default:
		return r.err("the sample entry")
	}
	if err := r.err("the sample entry"); err != nil {
		return err
	}
	return children(r.data, func(kind string, data []byte) error {
		switch kind {
		case "avcC", "hvcC":
			t.Config = data
		case "esds":
			t.Config = specificConfig(data)
		case "sinf":
			return children(data, t.protection)
		}
		return nil
	})
}

func (t *Track) protection(kind string, data []byte) error {
	r := reader{data: data}
	switch kind {
	case "frma":
		t.Entry = string(r.take(4))
	case "schm":
		r.version()
		t.Scheme = string(r.take(4))
	}
	return r.err(kind)
}

// specificConfig finds the AudioSpecificConfig in an esds box: the descriptor 5
// in the descriptor 4 in the descriptor 3. Nil when it has none.
func specificConfig(data []byte) []byte {
	r := reader{data: data}
	r.version()
	for !r.short && len(r.data) > 0 {
		tag, size := r.take(1)[0], 0
		for range 4 {
			b := r.take(1)[0]
			size = size<<7 | int(b&0x7f)
			if b&0x80 == 0 {
				break
			}
		}
		switch tag {
		case 3:
			r.skip(2)
			flags := r.take(1)[0]
			if flags&0xe0 != 0 {
				return nil // dependencies and addresses are for streams over networks
			}
		case 4:
			r.skip(13)
		case 5:
			if config := r.take(size); !r.short {
				return config
			}
		default:
			r.skip(size)
		}
	}
	return nil
}
