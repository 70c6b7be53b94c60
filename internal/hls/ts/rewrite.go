package ts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Tag is timed metadata.
type Tag struct {
	PTS  int64  // 90 kHz
	Data []byte // ID3
}

// Rewriter changes the segments of one stream, one after the other.
type Rewriter struct {
	// Tags to put in, in order of time, under TagPID.
	Tags   []Tag
	TagPID int

	counters map[int]*byte
	setups   map[int][]byte // of encrypted sound, by PID
	clock    int            // the stream that tags are timed by
}

// Segment copies a segment with its changes; samples is nil where it is not
// encrypted. Tags that are due after its last unit wait for the next segment.
func (r *Rewriter) Segment(dst io.Writer, src io.ReadSeeker, samples *SampleAES) error {
	if err := r.look(src); err != nil {
		return err
	}
	put := func(data []byte) error {
		_, err := dst.Write(data)
		return err
	}
	w := &walker{}
	w.unit = func(u *Unit) error {
		if samples != nil {
			if err := samples.unit(u); err != nil {
				return err
			}
		}
		if err := put(u.bytes(r.counter(u.PID))); err != nil {
			return err
		}
		// behind the unit, so that a key frame follows the tables as before
		for u.PID == r.clock && len(r.Tags) > 0 && r.Tags[0].PTS <= u.PTS {
			if err := put(r.Tags[0].unit(r.TagPID).bytes(r.counter(r.TagPID))); err != nil {
				return err
			}
			r.Tags = r.Tags[1:]
		}
		return nil
	}
	w.other = func(p []byte, pid int) error {
		if pid != w.pmt {
			return put(p)
		}
		program, err := r.change(w.program, samples)
		if err != nil {
			return err
		}
		payload, err := program.bytes()
		if err != nil {
			return err
		}
		return put(tablePacket(pid, payload, p[3]))
	}
	return w.walk(src)
}

var errEnough = errors.New("enough was seen")

// look finds out what must be known before the first programme map is written.
func (r *Rewriter) look(src io.ReadSeeker) error {
	if r.counters != nil {
		return nil
	}
	r.counters, r.setups, r.clock = map[int]*byte{}, map[int][]byte{}, -1
	w := &walker{other: func([]byte, int) error { return nil }}
	seen := map[int]bool{}
	w.unit = func(u *Unit) error {
		if r.clock < 0 {
			r.clock = w.program.clock
		}
		if k := encryptedKinds[u.Type]; k.name != "" && !seen[u.PID] {
			s, err := setup(u.Type, u.Data)
			if err != nil {
				return err
			}
			r.setups[u.PID] = s
		}
		if seen[u.PID] = true; len(seen) == len(w.program.entries) {
			return errEnough
		}
		return nil
	}
	if err := w.walk(src); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	_, err := src.Seek(0, io.SeekStart)
	return err
}

func (r *Rewriter) counter(pid int) *byte {
	if r.counters[pid] == nil {
		r.counters[pid] = new(byte)
	}
	return r.counters[pid]
}

// change makes the programme map say what is done to the streams.
func (r *Rewriter) change(p programme, samples *SampleAES) (programme, error) {
	p.entries = slices.Clone(p.entries)
	if samples != nil {
		for i, e := range p.entries {
			var err error
			if p.entries[i], err = samples.entry(e, r.setups[e.pid]); err != nil {
				return p, err
			}
		}
	}
	if r.TagPID == 0 {
		return p, nil
	}
	for _, e := range p.entries {
		if e.pid == r.TagPID {
			return p, fmt.Errorf("the PID %d is a stream's", r.TagPID)
		}
	}
	// metadata_pointer_descriptor and metadata_descriptor (ISO/IEC 13818-1 2.6.58, 2.6.60)
	const format = "\xff\xffID3 \xffID3 \x00"
	p.info = append(slices.Clone(p.info), descriptor(0x25, []byte(format+"\x1f"), binary.BigEndian.AppendUint16(nil, uint16(p.number)))...)
	p.entries = append(p.entries, entry{pid: r.TagPID, kind: TypeMetadata, descriptors: descriptor(0x26, []byte(format+"\x0f"))})
	return p, nil
}

// unit is the tag as a unit of its stream.
func (t Tag) unit(pid int) *Unit {
	header := append([]byte{0, 0, 1, 0xbd, 0xff, 0xff, 0x84, 0x80, 5}, putStamp(2, t.PTS)...)
	return &Unit{PID: pid, header: header, Data: t.Data}
}

// Sound copies the bare sound of a segment's first audio stream, after a tag
// that says when it begins (RFC 8216 3.4).
func Sound(dst io.Writer, src io.Reader) error {
	pid := -1
	err := Walk(src, func(u *Unit) error {
		if pid < 0 && slices.Contains([]byte{TypeAAC, TypeAC3, TypeEAC3}, u.Type) {
			if u.PTS == NoTime {
				return fmt.Errorf("the sound has no timestamp")
			}
			pid = u.PID
			if _, err := dst.Write(timestampTag(u.PTS)); err != nil {
				return err
			}
		}
		if u.PID != pid {
			return nil
		}
		if err := frames(u.Type, u.Data, func([]byte, int) {}); err != nil {
			return err
		}
		_, err := dst.Write(u.Data)
		return err
	})
	if err == nil && pid < 0 {
		err = fmt.Errorf("there is no sound")
	}
	return err
}

// Single copies one key frame, which lies between two offsets of a stream, as a
// stream of its own: the tables before it, and its packets.
func Single(dst io.Writer, data []byte) error {
	var tables bytes.Buffer
	done := false
	w := &walker{other: func(p []byte, _ int) error {
		if !done {
			tables.Write(p)
		}
		return nil
	}}
	w.unit = func(u *Unit) error {
		if done {
			return nil
		}
		done = true
		counter := byte(0)
		if _, err := dst.Write(tables.Bytes()); err != nil {
			return err
		}
		_, err := dst.Write(u.bytes(&counter))
		return err
	}
	err := w.walk(bytes.NewReader(data))
	if err == nil && !done {
		err = fmt.Errorf("there is no picture")
	}
	return err
}
