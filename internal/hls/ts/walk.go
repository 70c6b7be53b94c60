package ts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxUnit bounds one access unit, in bytes.
const maxUnit = 64 << 20

// Unit is what one PES packet carries: a picture, or some frames of sound.
type Unit struct {
	PID  int
	Type byte // of the stream, as the programme map has it
	Key  bool // decoding can begin here
	// Offset is where the packets of the tables before it begin, Start its own
	// first packet, End the end of its last one: bytes from the beginning.
	Offset, Start, End int64
	PTS, DTS           int64 // in 90 kHz; NoTime
	Data               []byte

	header     []byte // of the PES packet
	adaptation []byte // of the first packet
	tables     []byte // packets that stood in the middle of it
}

// Walk calls a function for each unit of a transport stream, in order. The
// function may not keep the unit's slices. Its error ends the walk.
func Walk(r io.Reader, visit func(*Unit) error) error {
	return (&walker{unit: visit, other: func([]byte, int) error { return nil }}).walk(r)
}

// walker reads packets. Those of no stream go to other, with the PID of the
// programme map once it is known.
type walker struct {
	unit  func(*Unit) error
	other func(packet []byte, pid int) error

	pmt     int
	program programme
	kinds   map[int]byte
	open    *Unit
	pos     int64
	before  int64 // where the run of tables before this packet begins; −1 is none
}

func (w *walker) walk(r io.Reader) error {
	w.pmt, w.before, w.kinds = -1, -1, map[int]byte{}
	buf := make([]byte, Size*512)
	for {
		n, err := io.ReadFull(r, buf)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if n%Size != 0 {
			return fmt.Errorf("it ends in the middle of a packet, at byte %d", w.pos+int64(n))
		}
		for at := 0; at < n; at += Size {
			if err := w.packet(buf[at : at+Size]); err != nil {
				return fmt.Errorf("at byte %d: %w", w.pos, err)
			}
			w.pos += Size
		}
		if last {
			return w.close()
		}
	}
}

func (w *walker) packet(p []byte) error {
	if p[0] != sync {
		return fmt.Errorf("not a packet")
	}
	pid := pidOf(p)
	kind, known := w.kinds[pid]
	if !known || !hasPayload(p) { // the clock alone is no part of a unit
		return w.table(p, pid)
	}
	adaptation, payload, err := split(p)
	if err != nil {
		return err
	}
	if begins(p) {
		if err := w.close(); err != nil {
			return err
		}
		u := &Unit{PID: pid, Type: kind, Offset: w.pos, Start: w.pos, adaptation: append([]byte{}, trimmed(adaptation)...)}
		if w.before >= 0 {
			u.Offset = w.before
		}
		u.Key = len(adaptation) > 0 && adaptation[0]&0x40 != 0
		w.open = u
	}
	w.before = -1
	u := w.open
	if u == nil || u.PID != pid {
		return fmt.Errorf("the packets of two streams are mixed")
	}
	u.Data = append(u.Data, payload...)
	u.End = w.pos + Size
	if len(u.Data) > maxUnit {
		return fmt.Errorf("a unit of more than %d bytes", maxUnit)
	}
	return nil
}

// table takes a packet that is of no stream.
func (w *walker) table(p []byte, pid int) error {
	if begins(p) && (pid == 0 || pid == w.pmt) {
		_, payload, err := split(p)
		if err != nil {
			return err
		}
		if pid == 0 {
			if w.pmt, err = readPAT(payload); err != nil {
				return err
			}
		} else {
			if w.program, err = readPMT(payload); err != nil {
				return err
			}
			for _, e := range w.program.entries {
				w.kinds[e.pid] = e.kind
			}
		}
	}
	if w.before < 0 {
		w.before = w.pos
	}
	if w.open != nil {
		w.open.tables = append(w.open.tables, p...)
		return nil
	}
	return w.other(p, pid)
}

// close ends the unit that is being read.
func (w *walker) close() error {
	u := w.open
	if u == nil {
		return nil
	}
	w.open = nil
	if err := u.parse(); err != nil {
		return err
	}
	if err := w.unit(u); err != nil {
		return err
	}
	for at := 0; at < len(u.tables); at += Size {
		if err := w.other(u.tables[at:at+Size], pidOf(u.tables[at:])); err != nil {
			return err
		}
	}
	return nil
}

// parse takes the PES header off the data.
func (u *Unit) parse() error {
	d := u.Data
	if len(d) < 9 || d[0] != 0 || d[1] != 0 || d[2] != 1 || len(d) < 9+int(d[8]) {
		return fmt.Errorf("a unit of the PID %d has no PES header", u.PID)
	}
	n := 9 + int(d[8])
	u.PTS, u.DTS = NoTime, NoTime
	if d[7]&0x80 != 0 && d[8] >= 5 {
		u.PTS = stamp(d[9:])
		u.DTS = u.PTS
	}
	if d[7]&0xc0 == 0xc0 && d[8] >= 10 {
		u.DTS = stamp(d[14:])
	}
	u.header, u.Data = d[:n:n], d[n:]
	if length := int(binary.BigEndian.Uint16(u.header[4:])); length > 0 {
		length -= n - 6
		if length > len(u.Data) || length < 0 {
			return fmt.Errorf("a unit of the PID %d is cut off", u.PID)
		}
		u.Data = u.Data[:length]
	}
	return nil
}

// bytes writes the unit as packets. Data may have changed.
func (u *Unit) bytes(counter *byte) []byte {
	header := append([]byte{}, u.header...)
	length := len(header) - 6 + len(u.Data)
	if binary.BigEndian.Uint16(header[4:]) == 0 || length > 0xffff {
		length = 0
	}
	binary.BigEndian.PutUint16(header[4:], uint16(length))
	return packets(u.PID, u.adaptation, append(header, u.Data...), counter)
}
