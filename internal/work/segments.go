package work

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"spool/internal/hls"
	"spool/internal/plan"
)

// leastTail is the shortest last segment of sound alone: what is left over when
// frames of sound don't end where pictures do is no segment of its own.
const leastTail = 300 * time.Millisecond

// mergeTail joins a last segment that is shorter than allowed to the one before
// it (minFinalSegmentLength). Transport streams may be joined byte by byte.
func (v *verifier) mergeTail(m *plan.Master, o *plan.Output, segments []segment) ([]segment, error) {
	least := time.Duration(m.MinSegment * float64(time.Second))
	if o.Video == nil {
		least = max(least, leastTail)
	}
	last := len(segments) - 1
	if last < 1 || segments[last].length >= least {
		return segments, nil
	}
	joined := &segments[last-1]
	if err := v.join(joined.name, segments[last].name); err != nil {
		return nil, fmt.Errorf("join the last segments: %w", err)
	}
	joined.length += segments[last].length
	joined.size += segments[last].size
	joined.finished = segments[last].finished
	return segments[:last], nil
}

// join writes one staged file to the end of another.
func (v *verifier) join(into, from string) error {
	dst, err := os.OpenFile(filepath.Join(v.dir, into), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	src, err := os.Open(filepath.Join(v.dir, from))
	if err != nil {
		return errors.Join(err, dst.Close())
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, src.Close(), dst.Close())
}

// seal makes of proven segments what is published: it encrypts them, and puts
// them into one file where that is asked for.
func (v *verifier) seal(m *plan.Master, o *plan.Output, segments []segment) ([]segment, error) {
	for n := range segments {
		if m.Encryption == nil || m.Encryption.SampleAES {
			break
		}
		if err := v.encrypt(m.Encryption, &segments[n], n+1); err != nil {
			return nil, fmt.Errorf("encrypt a segment: %w", err)
		}
	}
	if !m.SingleFile {
		return segments, nil
	}
	whole := "single_" + segments[0].name
	key := o.SingleKey(segments[len(segments)-1].finished)
	var offset int64
	for n := range segments {
		s := &segments[n]
		if err := v.join(whole, s.name); err != nil {
			return nil, fmt.Errorf("put the segments into one file: %w", err)
		}
		if err := os.Remove(filepath.Join(v.dir, s.name)); err != nil { // the disk would have to hold all twice
			return nil, fmt.Errorf("put the segments into one file: %w", err)
		}
		s.name, s.key, s.offset = whole, key, offset
		offset += s.size
	}
	if size, err := v.size(whole); err != nil || size != offset {
		return nil, v.unfinished("the file of all segments has %d bytes instead of %d", size, offset)
	}
	return segments, nil
}

// encrypt replaces a staged segment, number n, by its encrypted form.
func (v *verifier) encrypt(e *plan.Encryption, s *segment, n int) error {
	key, iv, err := keyOf(e, n)
	if err != nil {
		return err
	}
	want := s.size - s.size%16 + 16
	if err := v.replace(s, s.name, func(dst *os.File, src *os.File) error { return hls.Encrypt(dst, src, key, iv) }); err != nil {
		return err
	}
	if s.size != want {
		return v.unfinished("the encrypted segment %s has %d bytes instead of %d", s.name, s.size, want)
	}
	return nil
}

// replace makes another file of a segment, and puts it in its place under a name
// that may be another.
func (v *verifier) replace(s *segment, name string, convert func(dst, src *os.File) error) error {
	from := filepath.Join(v.dir, s.name)
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	temp := from + ".new"
	dst, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return errors.Join(err, src.Close())
	}
	err = convert(dst, src)
	if err = errors.Join(err, src.Close(), dst.Close()); err != nil {
		return err
	}
	if err := os.Remove(from); err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(v.dir, name)); err != nil {
		return err
	}
	s.name = name
	s.size, err = v.size(name)
	return err
}

// keyOf gives the key and the vector of segment n.
func keyOf(e *plan.Encryption, n int) (key, iv []byte, err error) {
	if key, err = hex.DecodeString(string(e.Key)); err != nil {
		return nil, nil, fmt.Errorf("the key is not hexadecimal: %w", err)
	}
	if e.IV == "" {
		return key, hls.SequenceIV(n), nil
	}
	iv, err = hex.DecodeString(e.IV)
	return key, iv, err
}
