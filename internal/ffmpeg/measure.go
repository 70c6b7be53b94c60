package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

// Bounds of what a duration may be before it is measured.
const (
	minBitRate     = 4_000            // bits/s of a whole file with moving pictures or sound
	measureTimeout = 10 * time.Minute // reading every packet of a long recording without duration
	readRate       = 20 << 20         // bytes/s that any disk gives
)

// implausible tells whether a file's duration must be measured: it has none, or
// its bytes could hardly fill it (a live recording's header may say 143,165 s
// of one second).
func implausible(m spool.Media) bool {
	for _, v := range m.Video {
		if unlikely(v.Duration, m.Size) {
			return true
		}
	}
	for _, a := range m.Audio {
		if unlikely(a.Duration, m.Size) {
			return true
		}
	}
	return m.Duration <= 0 || unlikely(m.Duration, m.Size)
}

// endless tells whether a track does not say how long it is. FLV never does, and
// Matroska only in its tags. The file's duration does not stand for it: that is
// how long the longest track is, and more than the others hold.
func endless(m spool.Media) bool {
	for _, v := range m.Video {
		if v.Duration <= 0 {
			return true
		}
	}
	for _, a := range m.Audio {
		if a.Duration <= 0 {
			return true
		}
	}
	return false
}

func unlikely(d time.Duration, size int64) bool {
	return float64(size)*8 < d.Seconds()*minBitRate
}

// fromStart takes the empty time before the content off a duration that counts
// it: when the tracks, which all say where they lie, end that much earlier.
func fromStart(m *spool.Media) {
	if m.Start <= 0 || m.Duration <= m.Start {
		return
	}
	var end time.Duration
	for _, v := range m.Video {
		if v.Duration <= 0 {
			return
		}
		first := time.Duration(float64(v.FirstPTS) * v.TimeBase.Float() * float64(time.Second))
		end = max(end, first+v.Duration)
	}
	for _, a := range m.Audio {
		if a.Duration <= 0 {
			return
		}
		end = max(end, a.Start+a.Duration)
	}
	tolerance := max(300*time.Millisecond, m.Start/100)
	if (m.Duration-end).Abs() <= tolerance && m.Start > 2*tolerance {
		m.Duration -= m.Start
	}
}

// span is the time that a track's packets cover.
type span struct {
	start, end time.Duration
	last       time.Duration // timestamp of the latest packet
	packets    int64
}

// measure reads all packets and puts what they cover in the place of what the
// file says. Where the packets reach as far as the file says, its claims stay,
// and only tracks without a true one get theirs from the packets.
//
// A claim that could be true stays as well when the packets end before it: that
// is what shows how much is missing of an FLV, which no message tells of.
func (p *prober) measure(ctx context.Context, m *spool.Media) error {
	timeout := min(probeTimeout+time.Duration(p.size/readRate)*time.Second, measureTimeout)
	scan := &packetScan{spans: map[int]*span{}}
	said, _, err := p.ffprobe(ctx, timeout, scan, "-of", "csv=p=0", "-show_entries", "packet=stream_index,pts_time,duration_time")
	var failed *spool.Failure
	if err != nil && (!errors.As(err, &failed) || len(scan.spans) == 0 || failed.Code == spool.CodeTimeout) {
		return err
	}
	if said.truncated && m.Duration > 0 {
		p.truncated = true
		return nil // the claim stays: it shows how much is missing
	}
	whole := scan.whole(m)
	if whole.packets == 0 {
		return withDetail(spool.Failf(spool.CodeNoVideo, "Your input file [%s] doesn't have video that the transcoder can consume. It holds no media data.", p.uri), "", newLogReader())
	}
	measured := whole.end - whole.start
	if m.Duration > 0 && near(measured, m.Duration) { // it was true after all: a still picture, silence
		scan.mend(m, false)
		return nil
	}
	if !implausible(*m) && scan.length() < m.Duration {
		if near(scan.length(), m.Duration) { // a track that is not used, such as captions, lasts longest
			scan.mend(m, false)
		}
		return nil
	}
	m.Duration, m.BitRate = measured, 0
	if s := m.Duration.Seconds(); s > 0 {
		m.BitRate = int64(float64(m.Size) * 8 / s)
	}
	scan.mend(m, true)
	return nil
}

// near tells whether a claimed duration is as true as containers write it.
func near(measured, claimed time.Duration) bool {
	return (measured - claimed).Abs() <= max(300*time.Millisecond, claimed/100)
}

// mend gives tracks the length of their packets: all of them, or those that
// claim none or another one.
func (p *packetScan) mend(m *spool.Media, all bool) {
	for i := range m.Video {
		v := &m.Video[i]
		if s := p.spans[v.Index]; s != nil && (all || v.Duration <= 0 || !near(s.end-s.start, v.Duration)) {
			v.Duration, v.Frames = s.end-s.start, s.packets
		}
	}
	for i := range m.Audio {
		a := &m.Audio[i]
		if s := p.spans[a.Index]; s != nil && (all || a.Duration <= 0 || !near(s.end-s.start, a.Duration)) {
			a.Duration = s.end - s.start
		}
	}
}

// length gives what the packets of every track cover, used or not.
func (p *packetScan) length() time.Duration {
	var all span
	for _, s := range p.spans {
		all.include(*s)
	}
	return all.end - all.start
}

// whole gives what the packets of all tracks together cover. It also mends the
// ends of video tracks whose last packet has no duration.
func (p *packetScan) whole(m *spool.Media) span {
	var whole span
	for _, v := range m.Video {
		if s := p.spans[v.Index]; s != nil {
			if s.end <= s.last && v.AvgFrameRate.Valid() {
				s.end = s.last + time.Duration(float64(time.Second)/v.AvgFrameRate.Float())
			}
			whole.include(*s)
		}
	}
	for _, a := range m.Audio {
		if s := p.spans[a.Index]; s != nil {
			whole.include(*s)
		}
	}
	return whole
}

func (s *span) include(o span) {
	if s.packets == 0 {
		*s = o
		return
	}
	s.start, s.end = min(s.start, o.start), max(s.end, o.end)
	s.last = max(s.last, o.last)
	s.packets += o.packets
}

// packetScan reads ffprobe's "stream,pts,duration" lines as they come, and
// keeps only their spans: a long file has millions.
type packetScan struct {
	line  []byte
	spans map[int]*span
}

// Write takes the next bytes; it never fails.
func (p *packetScan) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		if len(p.line)+len(line) <= 1024 {
			p.line = append(p.line, line...)
		}
		if whole {
			p.take(string(p.line))
			p.line = p.line[:0]
		}
		rest = after
	}
	return len(b), nil
}

func (p *packetScan) take(line string) {
	fields := strings.Split(strings.TrimSpace(line), ",")
	if len(fields) < 3 {
		return
	}
	index, err := strconv.Atoi(fields[0])
	if err != nil || index < 0 || index >= spool.MaxStreams {
		return
	}
	s := p.spans[index]
	if s == nil {
		s = &span{}
		p.spans[index] = s
	}
	pts, ok := parseSeconds(fields[1])
	if !ok {
		s.packets++
		return
	}
	length := seconds(fields[2])
	if s.packets == 0 || pts < s.start {
		s.start = pts
	}
	if s.packets == 0 || pts > s.last {
		s.last = pts
	}
	if s.packets == 0 || pts+length > s.end {
		s.end = pts + length
	}
	s.packets++
}
