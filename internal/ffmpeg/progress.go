package ffmpeg

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Progress is one report of a running ffmpeg, about twice a second.
type Progress struct {
	Frames    int64         // written by the first video output; 0 without video
	OutTime   time.Duration // the latest timestamp written, from the outputs' start
	Speed     float64       // of OutTime against the clock; 0 unknown
	TotalSize int64         // bytes written to the first output; 0 unknown
	Done      bool          // the last report
}

// advanced tells whether anything moved since the report before.
func (p Progress) advanced(before Progress) bool {
	return p.Frames != before.Frames || p.OutTime != before.OutTime || p.TotalSize != before.TotalSize || p.Done
}

// maxProgressLine is far more than any line of ffmpeg's; the rest of a longer
// one is dropped.
const maxProgressLine = 4096

// progressReader takes what -progress writes: blocks of "key=value" lines, each
// ended by "progress=continue" or "progress=end".
type progressReader struct {
	onReport func(Progress)

	mu     sync.Mutex
	line   []byte
	block  Progress
	latest Progress
}

// Write takes the next bytes of the stream; it never fails.
func (r *progressReader) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		if len(r.line)+len(line) <= maxProgressLine {
			r.line = append(r.line, line...)
		}
		if whole {
			r.take(string(r.line))
			r.line = r.line[:0]
		}
		rest = after
	}
	return len(p), nil
}

func (r *progressReader) take(line string) {
	key, value, ok := strings.Cut(line, "=")
	if !ok {
		return
	}
	value = strings.TrimSpace(value)
	switch key {
	case "frame":
		r.block.Frames = count(value)
	case "out_time_us":
		r.block.OutTime = time.Duration(min(count(value), int64(1)<<53)) * time.Microsecond
	case "total_size":
		r.block.TotalSize = count(value)
	case "speed":
		speed, err := strconv.ParseFloat(strings.TrimSuffix(value, "x"), 64)
		if err != nil || speed < 0 || speed != speed {
			speed = 0
		}
		r.block.Speed = speed
	case "progress":
		r.block.Done = value == "end"
		r.mu.Lock()
		r.latest = r.block
		r.mu.Unlock()
		if r.onReport != nil {
			r.onReport(r.block)
		}
	}
}

// last gives the latest whole report.
func (r *progressReader) last() Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.latest
}

// count reads a number that may be "N/A" or a nonsensical minus.
func count(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
