package hls

import (
	"bufio"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseMedia reads a finished media playlist. A playlist without EXT-X-ENDLIST or
// without segments is an error: its writer was interrupted (hostile-input.md).
// Names stay as they stand there.
func ParseMedia(text string) ([]Segment, error) {
	lines := bufio.NewScanner(strings.NewReader(text))
	if !lines.Scan() || strings.TrimSpace(lines.Text()) != "#EXTM3U" {
		return nil, fmt.Errorf("it does not begin with #EXTM3U")
	}
	var segments []Segment
	var next Segment
	ended, pending := false, false
	for n := 2; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		tag, value, _ := strings.Cut(line, ":")
		var err error
		switch {
		case tag == "#EXTINF":
			next.Duration, err = parseDuration(value)
			pending = true
		case tag == "#EXT-X-BYTERANGE":
			err = next.parseRange(value, segments)
		case line == "#EXT-X-ENDLIST":
			ended = true
		case line == "" || strings.HasPrefix(line, "#"):
		case !pending:
			err = fmt.Errorf("a segment without #EXTINF")
		default:
			next.Name = line
			segments = append(segments, next)
			next, pending = Segment{}, false
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch {
	case lines.Err() != nil:
		return nil, lines.Err()
	case !ended:
		return nil, fmt.Errorf("it has no #EXT-X-ENDLIST: the stream was cut off")
	case len(segments) == 0:
		return nil, fmt.Errorf("it lists no segments")
	}
	return segments, nil
}

func parseDuration(value string) (time.Duration, error) {
	value, _, _ = strings.Cut(value, ",")
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || seconds < 0 || math.IsNaN(seconds) || seconds > 1e6 {
		return 0, fmt.Errorf("bad duration %q", value)
	}
	return time.Duration(math.Round(seconds*1e6)) * time.Microsecond, nil
}

// parseRange reads "size" or "size@offset". Without an offset the bytes follow
// those of the segment before it (RFC 8216 4.3.2.2).
func (s *Segment) parseRange(value string, before []Segment) error {
	size, offset, given := strings.Cut(value, "@")
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64/2 {
		return fmt.Errorf("bad byte range %q", value)
	}
	s.Size = n
	if !given {
		if len(before) > 0 {
			last := before[len(before)-1]
			s.Offset = last.Offset + last.Size
		}
		return nil
	}
	if s.Offset, err = strconv.ParseInt(offset, 10, 64); err != nil || s.Offset < 0 || s.Offset > math.MaxInt64/2 {
		return fmt.Errorf("bad byte range %q", value)
	}
	return nil
}
