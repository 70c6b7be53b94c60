package work

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spool/internal/hls"
	"spool/internal/hls/ts"
	"spool/internal/plan"
	"spool/internal/spool"
)

// tsTicks gives a time in 90 kHz.
func tsTicks(d time.Duration) int64 { return int64(math.Round(d.Seconds() * 90000)) }

// change makes of FFmpeg's transport streams what its muxer can't: bare sound,
// encrypted samples and timed metadata.
func (v *verifier) change(m *plan.Master, o *plan.Output, segments []segment) error {
	if o.HLS.Extension != "ts" {
		for n := range segments {
			name := strings.TrimSuffix(segments[n].name, ".ts") + "." + o.HLS.Extension
			if err := v.replace(&segments[n], name, func(dst, src *os.File) error { return ts.Sound(dst, src) }); err != nil {
				return v.unchanged(segments[n].name, err)
			}
		}
		return nil
	}
	samples := m.Encryption != nil && m.Encryption.SampleAES
	if !samples && o.HLS.Metadata == nil {
		return nil
	}
	r := ts.Rewriter{}
	if d := o.HLS.Metadata; d != nil {
		var length time.Duration
		for _, s := range segments {
			length += s.length
		}
		r.TagPID, r.Tags = d.PID, tagsOf(d, o.HLS.Origin, length)
	}
	for n := range segments {
		s := &segments[n]
		var aes *ts.SampleAES
		if samples {
			key, iv, err := keyOf(m.Encryption, n+1)
			if err != nil {
				return err
			}
			if aes, err = ts.NewSampleAES(key, iv); err != nil {
				return err
			}
		}
		before, err := v.units(s.name)
		if err != nil {
			return v.unchanged(s.name, err)
		}
		tagged := len(r.Tags)
		if err := v.replace(s, s.name, func(dst, src *os.File) error { return r.Segment(dst, src, aes) }); err != nil {
			return v.unchanged(s.name, err)
		}
		after, err := v.units(s.name)
		if err != nil {
			return v.unchanged(s.name, err)
		}
		if want := before + tagged - len(r.Tags); after != want {
			return v.unfinished("the changed segment %s has %d units instead of %d", s.name, after, want)
		}
	}
	return nil
}

// unchanged tells of a transport stream that could not be changed.
func (v *verifier) unchanged(name string, err error) error {
	var failure *spool.Failure
	if errors.As(err, &failure) || errors.Is(err, os.ErrNotExist) {
		return err
	}
	return v.unfinished("the segment %s can't be changed: %v", name, err)
}

// units counts what a staged transport stream carries.
func (v *verifier) units(name string) (int, error) {
	f, err := os.Open(filepath.Join(v.dir, name))
	if err != nil {
		return 0, err
	}
	n := 0
	err = ts.Walk(f, func(*ts.Unit) error { n++; return nil })
	return n, errors.Join(err, f.Close())
}

// utcOwner marks the private frames that tell the time of day.
const utcOwner = "com.elementaltechnologies.timestamp.utc"

// tagsOf writes the timed metadata of a stream.
func tagsOf(d *plan.Metadata, origin, length time.Duration) []ts.Tag {
	var tags []ts.Tag
	own := d.Tags
	add := func(at time.Duration, data []byte) {
		tags = append(tags, ts.Tag{PTS: tsTicks(origin + at), Data: data})
	}
	for at := time.Duration(0); d.Frame != "" && at < length; at += d.Period {
		for len(own) > 0 && own[0].At < at {
			add(own[0].At, own[0].Data)
			own = own[1:]
		}
		now := d.Start.Add(at).UTC()
		frame := ts.Released(now.Format("2006-01-02T15:04:05"))
		if d.Frame == "PRIV" {
			frame = ts.Private(utcOwner, []byte(now.Format("2006-01-02T15:04:05.000Z")))
		}
		add(at, ts.ID3(frame))
	}
	for _, t := range own {
		add(t.At, t.Data)
	}
	return tags
}

// keyFrame is one key frame of a stream.
type keyFrame struct {
	segment int // index
	offset  int64
	size    int64
	at      time.Duration // from the first picture
	length  time.Duration // to the next one
	staged  string        // the file that it is alone in, if it is
}

// keyFrames finds the key frames of a stream, where they are asked for, and puts
// each into a file of its own, where that is.
func (v *verifier) keyFrames(o *plan.Output, segments []segment, length time.Duration) ([]keyFrame, error) {
	if o.HLS.IFrames == "" {
		return nil, nil
	}
	var frames []keyFrame
	for n, s := range segments {
		f, err := os.Open(filepath.Join(v.dir, s.name))
		if err != nil {
			return nil, err
		}
		err = ts.Walk(f, func(u *ts.Unit) error {
			if !u.Key || u.Type != ts.TypeH264 && u.Type != ts.TypeH265 && u.Type != 0xdb {
				return nil
			}
			at := time.Duration(float64(u.PTS)/90000*float64(time.Second)) - o.HLS.Origin
			frames = append(frames, keyFrame{segment: n, offset: u.Offset, size: u.End - u.Offset, at: at})
			return nil
		})
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, v.unchanged(s.name, err)
		}
	}
	for i := range frames {
		next := length
		if i+1 < len(frames) {
			next = frames[i+1].at
		}
		if frames[i].length = next - frames[i].at; frames[i].length <= 0 {
			return nil, v.unfinished("the key frames of %s are out of order", o.Staged)
		}
		if o.HLS.IFrames != plan.IFrameFiles {
			continue
		}
		if err := v.single(&frames[i], segments[frames[i].segment].name, fmt.Sprintf("i%05d_%s.ts", i+1, strings.TrimSuffix(o.Staged, ".m3u8"))); err != nil {
			return nil, v.unchanged(o.Staged, err)
		}
	}
	if len(frames) == 0 || frames[0].at > time.Millisecond || frames[0].at < -time.Millisecond {
		return nil, v.unfinished("%s does not begin with a key frame", o.Staged)
	}
	return frames, nil
}

// single stages a key frame as a file.
func (v *verifier) single(k *keyFrame, from, name string) error {
	f, err := os.Open(filepath.Join(v.dir, from))
	if err != nil {
		return err
	}
	data := make([]byte, k.size)
	_, err = f.ReadAt(data, k.offset)
	if err = errors.Join(err, f.Close()); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var out bytes.Buffer
	if err := ts.Single(&out, data); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(v.dir, name), out.Bytes(), 0o600); err != nil {
		return err
	}
	k.staged, k.size, k.offset = name, int64(out.Len()), 0
	return nil
}

// addKeyFrames writes the playlist of the key frames, and takes their files into
// the result.
func (v *verifier) addKeyFrames(g *plan.Group, o *plan.Output, segments []segment, frames []keyFrame, c *child) error {
	if len(frames) == 0 {
		return nil
	}
	list := mediaPlaylist(g.Master, o, nil)
	list.IFramesOnly = true
	line := &hls.IFrames{
		Name: beside(g.Master.Key, o.IFrameKey()), Width: c.variant.Width, Height: c.variant.Height, Codecs: c.variant.Codecs[:min(1, len(c.variant.Codecs))],
	}
	var total int64
	var length time.Duration
	for i := range frames {
		k := &frames[i]
		s := hls.Segment{Duration: k.length}
		if e := g.Master.Encryption; e != nil && e.SampleAES && e.IV == "" {
			s.IV = hls.SequenceIV(k.segment + 1) // the number here is another than the segment's
		}
		if k.staged == "" {
			in := segments[k.segment]
			s.Name, s.Offset, s.Size = beside(o.Key, in.key), in.offset+k.offset, k.size
		} else {
			file := segment{name: k.staged, size: k.size, key: o.IFrameFile(i + 1)}
			if e := g.Master.Encryption; e != nil && !e.SampleAES {
				if err := v.encrypt(e, &file, i+1); err != nil {
					return fmt.Errorf("encrypt a key frame: %w", err)
				}
			}
			f, err := v.add(g, file.name, file.key, spool.FileSegment, segmentTypes["ts"], k.length)
			if err != nil {
				return err
			}
			c.output.Files = append(c.output.Files, f)
			s.Name = beside(o.Key, file.key)
		}
		list.Segments = append(list.Segments, s)
		total += k.size
		length += k.length
		line.Bandwidth = max(line.Bandwidth, int64(math.Ceil(float64(k.size*8)/k.length.Seconds())))
	}
	line.AverageBandwidth = min(line.Bandwidth, int64(float64(total*8)/length.Seconds()))
	if g.Master.SegmentsOnly {
		return nil
	}
	f, err := v.manifest(g, "iframes_"+o.Staged, o.IFrameKey(), list.String(), length)
	if err != nil {
		return err
	}
	c.output.Files = append(c.output.Files, f)
	c.iframes = line
	return nil
}
