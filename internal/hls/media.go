package hls

import (
	"bufio"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Segment is one entry of a media playlist.
type Segment struct {
	Name     string // path from the playlist's folder, not escaped
	Duration time.Duration
}

// Media is a media playlist of a finished stream.
type Media struct {
	Segments []Segment
	// IntegerDurations rounds EXTINF to whole seconds (manifestDurationFormat).
	IntegerDurations bool
	// SpecTargets rounds the target duration half up, as RFC 8216 4.3.3.1 asks,
	// instead of up (targetDurationCompatibilityMode).
	SpecTargets bool
	// ForbidClientCache adds EXT-X-ALLOW-CACHE:NO (clientCache DISABLED).
	ForbidClientCache bool
}

// ParseMedia reads a finished media playlist with one file per segment. A
// playlist without EXT-X-ENDLIST or without segments is an error: its writer
// was interrupted (hostile-input.md).
func ParseMedia(text string) ([]Segment, error) {
	lines := bufio.NewScanner(strings.NewReader(text))
	if !lines.Scan() || strings.TrimSpace(lines.Text()) != "#EXTM3U" {
		return nil, fmt.Errorf("it does not begin with #EXTM3U")
	}
	var segments []Segment
	var length time.Duration
	ended, pending := false, false
	for n := 2; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, "#EXTINF:"):
			value, _, _ := strings.Cut(strings.TrimPrefix(line, "#EXTINF:"), ",")
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil || seconds < 0 || math.IsNaN(seconds) || seconds > 1e6 {
				return nil, fmt.Errorf("line %d: bad duration %q", n, value)
			}
			length, pending = time.Duration(math.Round(seconds*1e6))*time.Microsecond, true
		case line == "#EXT-X-ENDLIST":
			ended = true
		case line == "" || strings.HasPrefix(line, "#"):
		case !pending:
			return nil, fmt.Errorf("line %d: a segment without #EXTINF", n)
		default:
			segments = append(segments, Segment{Name: line, Duration: length})
			pending = false
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

// String writes the playlist. Names become relative references.
func (m Media) String() string {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:3\n")
	fmt.Fprintf(&b, "#EXT-X-TARGETDURATION:%d\n", m.target())
	b.WriteString("#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-PLAYLIST-TYPE:VOD\n")
	if m.ForbidClientCache {
		b.WriteString("#EXT-X-ALLOW-CACHE:NO\n")
	}
	for _, s := range m.Segments {
		if m.IntegerDurations {
			fmt.Fprintf(&b, "#EXTINF:%d,\n", int(math.Round(s.Duration.Seconds())))
		} else {
			fmt.Fprintf(&b, "#EXTINF:%s,\n", strconv.FormatFloat(s.Duration.Seconds(), 'f', -1, 64))
		}
		b.WriteString(Reference(s.Name) + "\n")
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	return b.String()
}

// target gives the target duration: the longest segment in whole seconds. A
// segment that ends a fraction of a frame late does not count as a second more.
func (m Media) target() int {
	longest := 0.0
	for _, s := range m.Segments {
		longest = max(longest, s.Duration.Seconds())
	}
	if m.SpecTargets {
		return max(1, int(math.Floor(longest+0.5)))
	}
	return max(1, int(math.Ceil(longest-0.001)))
}

// Reference writes a relative path as a URI reference: everything in a part that
// could be taken for syntax is escaped (behaviour.md 4.7).
func Reference(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	if strings.Contains(parts[0], ":") {
		parts[0] = "./" + parts[0] // otherwise "a:b" would be a URI of the scheme a
	}
	return strings.Join(parts, "/")
}
