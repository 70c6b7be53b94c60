package mp4

import (
	"encoding/binary"
	"errors"
	"io"
)

// Fragment is one track's part of a movie fragment.
type Fragment struct {
	Track    uint32
	Offset   int64  // of the moof box
	Size     int64  // up to the end of the mdat box, bytes
	Decode   uint64 // decode time of the first sample, in the track's ticks
	Duration uint64 // of all samples, ticks
	Samples  int
	// First is the presentation time of the first sample, in ticks, with the
	// track's Shift taken off; it is below 0 for what is cut off.
	First int64
	// Earliest is the same of the sample that is shown first.
	Earliest int64
	Sync     bool  // the first sample is a key frame
	SyncEnd  int64 // offset after the first sample
	Keys     int   // key frames in it
	// Absolute tells that the time comes from a tfxd box, as in Smooth Streaming.
	Absolute bool
}

// ReadFragments reads the fragments of a file, of a media segment too, whose
// tracks a header tells of.
func ReadFragments(r io.ReaderAt, size int64, h Header) ([]Fragment, error) {
	var all []Fragment
	pending := 0 // fragments whose mdat has not come yet
	err := Boxes(r, size, func(b Box) error {
		switch b.Type {
		case "moof":
			if pending > 0 {
				return broken("the moof box at %d has no mdat box", all[len(all)-1].Offset)
			}
			data, err := load(r, b)
			if err != nil {
				return err
			}
			found, err := readMoof(data, b, h)
			if err != nil {
				return err
			}
			all, pending = append(all, found...), len(found)
		case "mdat":
			for i := len(all) - pending; i < len(all); i++ {
				all[i].Size = b.End() - all[i].Offset
				if all[i].SyncEnd > b.End() {
					return broken("the samples of the moof box at %d go beyond its mdat box", all[i].Offset)
				}
			}
			pending = 0
		}
		return nil
	})
	if err == nil && pending > 0 {
		err = broken("the moof box at %d has no mdat box", all[len(all)-1].Offset)
	}
	return all, err
}

func readMoof(data []byte, b Box, h Header) ([]Fragment, error) {
	var found []Fragment
	err := children(data, func(kind string, data []byte) error {
		if kind != "traf" {
			return nil
		}
		f := traf{header: h, f: Fragment{Offset: b.Offset, Size: b.Size}}
		if err := children(data, f.box); err != nil {
			return err
		}
		if f.track == nil {
			return broken("a fragment at %d has no tfhd box", b.Offset)
		}
		if f.f.Samples > 0 {
			f.f.First += int64(f.f.Decode) - f.track.Shift
			f.f.Earliest += int64(f.f.Decode) - f.track.Shift
			found = append(found, f.f)
		}
		return nil
	})
	return found, err
}

// traf is one fragment while it is read.
type traf struct {
	header Header
	track  *Track
	f      Fragment

	duration, size, flags uint32 // defaults
	runs                  int
}

// tfxd is the extended type of the box in which Smooth Streaming tells a
// fragment's time.
var tfxd = [16]byte{0x6d, 0x1d, 0x9b, 0x05, 0x42, 0xd5, 0x44, 0xe6, 0x80, 0xe2, 0x14, 0x1d, 0xaf, 0xf7, 0x57, 0xb2}

func (t *traf) box(kind string, data []byte) error {
	r := reader{data: data}
	switch kind {
	case "tfhd":
		_, flags := r.version()
		t.f.Track = r.u32()
		if t.track = t.header.Track(t.f.Track); t.track == nil {
			return broken("a fragment is of track %d, which there is not", t.f.Track)
		}
		t.duration, t.size, t.flags = t.track.defaultDuration, t.track.defaultSize, t.track.defaultFlags
		if flags&0x1 != 0 {
			r.skip(8)
		}
		if flags&0x2 != 0 {
			r.skip(4)
		}
		for _, d := range []struct {
			bit  uint32
			into *uint32
		}{{0x8, &t.duration}, {0x10, &t.size}, {0x20, &t.flags}} {
			if flags&d.bit != 0 {
				*d.into = r.u32()
			}
		}
	case "tfdt":
		version, _ := r.version()
		t.f.Decode = r.long(version)
	case "uuid":
		if len(data) >= 16 && [16]byte(data[:16]) == tfxd {
			r.skip(16)
			version, _ := r.version()
			t.f.Decode, t.f.Absolute = r.long(version), true
		}
	case "trun":
		if t.track == nil {
			return broken("a trun box comes before its tfhd box")
		}
		return t.trun(&r)
	}
	return r.err(kind)
}

// notSync is the bit of a sample's flags that says it is no key frame.
const notSync = 0x10000

func (t *traf) trun(r *reader) error {
	version, flags := r.version()
	count := int(r.u32())
	fields := 0
	for _, bit := range []uint32{0x100, 0x200, 0x400, 0x800} {
		if flags&bit != 0 {
			fields++
		}
	}
	offset := int64(0)
	if flags&0x1 != 0 {
		offset = int64(int32(r.u32()))
	}
	first, hasFirst := uint32(0), flags&0x4 != 0
	if hasFirst {
		first = r.u32()
	}
	if r.short || fields > 0 && count > len(r.data)/(4*fields) || fields == 0 && count > 1<<20 {
		return broken("a trun box tells of %d samples and ends before", count)
	}
	for n := range count {
		sampleFlags := t.flags
		duration, size, shift := t.duration, t.size, int64(0)
		if flags&0x100 != 0 {
			duration = r.u32()
		}
		if flags&0x200 != 0 {
			size = r.u32()
		}
		if flags&0x400 != 0 {
			sampleFlags = r.u32()
		}
		if n == 0 && hasFirst {
			sampleFlags = first
		}
		if flags&0x800 != 0 {
			v := r.u32()
			shift = int64(v)
			if version > 0 {
				shift = int64(int32(v))
			}
		}
		at := int64(t.f.Duration) + shift
		sync := sampleFlags&notSync == 0
		if t.f.Samples == 0 {
			t.f.First, t.f.Earliest, t.f.Sync = at, at, sync
			t.f.SyncEnd = t.f.Offset + offset + int64(size)
		}
		t.f.Earliest = min(t.f.Earliest, at)
		if sync {
			t.f.Keys++
		}
		t.f.Samples++
		t.f.Duration += uint64(duration)
	}
	t.runs++
	return r.err("trun")
}

// Index is the segment index of a file (sidx).
type Index struct {
	Offset, Size int64 // of the box
	Timescale    uint32
	Start        uint64 // presentation time of the first part, ticks
	Parts        []Part
}

// Part is one entry of a segment index.
type Part struct {
	Offset, Size int64 // bytes of the file
	Duration     uint32
	Key          bool // it begins with a key frame
}

// ErrNoIndex means that a file has no segment index.
var ErrNoIndex = errors.New("there is no segment index")

// ReadIndex reads the first segment index of a file. An index of other indexes
// is not read.
func ReadIndex(r io.ReaderAt, size int64) (Index, error) {
	var x Index
	err := Boxes(r, size, func(b Box) error {
		if b.Type != "sidx" || x.Size > 0 {
			return nil
		}
		data, err := load(r, b)
		if err != nil {
			return err
		}
		x.Offset, x.Size = b.Offset, b.Size
		return x.read(data, size)
	})
	if err == nil && x.Size == 0 {
		err = ErrNoIndex
	}
	return x, err
}

func (x *Index) read(data []byte, size int64) error {
	r := reader{data: data}
	version, _ := r.version()
	r.u32()
	x.Timescale = r.u32()
	x.Start = r.long(version)
	at := x.Offset + x.Size + int64(min(r.long(version), 1<<62))
	r.u16()
	count := int(r.u16())
	if r.short || x.Timescale == 0 || len(r.data) < 12*count {
		return broken("the segment index ends too early")
	}
	for ; count > 0; count-- {
		row := r.take(12)
		what := binary.BigEndian.Uint32(row)
		if what&0x80000000 != 0 {
			return broken("the segment index tells of further indexes")
		}
		p := Part{Offset: at, Size: int64(what & 0x7fffffff), Duration: binary.BigEndian.Uint32(row[4:]), Key: row[8]&0x80 != 0}
		if at += p.Size; at < 0 || at > size {
			return broken("the segment index goes beyond the file")
		}
		x.Parts = append(x.Parts, p)
	}
	return nil
}
