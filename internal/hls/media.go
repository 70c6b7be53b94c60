package hls

import (
	"bytes"
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
	// Offset and Size are the bytes of the file that it is; Size 0 is the whole file.
	Offset, Size int64
	// IV is said with the keys before the segment, where it is not what players
	// take by themselves.
	IV []byte
}

// Map is the header that fMP4 segments need: an EXT-X-MAP line.
type Map struct {
	Name         string
	Offset, Size int64 // bytes of the file; Size 0 is the whole file
}

// Tiles says how thumbnails lie in the images of an images-only playlist.
type Tiles struct {
	Width, Height int           // px of one thumbnail
	Columns, Rows int           // thumbnails in an image
	Interval      time.Duration // between thumbnails
}

// Media is a media playlist of a finished stream.
type Media struct {
	// Version is the least EXT-X-VERSION; what the playlist holds may need more.
	Version  int
	Segments []Segment
	Map      *Map
	// Keys are the keys of the segments after the first ClearSegments.
	Keys          []Key
	ClearSegments int
	// IFramesOnly tells that every segment is one key frame.
	IFramesOnly bool
	// Tiles makes the playlist one of images for trick play.
	Tiles *Tiles
	// ProgramStart, when set, is the time of the first frame; it is told there and
	// again after each ProgramPeriod, at every segment if that is 0.
	ProgramStart  time.Time
	ProgramPeriod time.Duration
	// BaseURL, when set, begins every reference (baseUrl). It is the user's and
	// stays as it is.
	BaseURL string
	// IntegerDurations rounds EXTINF to whole seconds (manifestDurationFormat).
	IntegerDurations bool
	// SpecTargets rounds the target duration half up, as RFC 8216 4.3.3.1 asks,
	// instead of up (targetDurationCompatibilityMode).
	SpecTargets bool
	// ForbidClientCache adds EXT-X-ALLOW-CACHE:NO (clientCache DISABLED).
	ForbidClientCache bool
	// Independent adds EXT-X-INDEPENDENT-SEGMENTS.
	Independent bool
}

// String writes the playlist. Names become relative references.
func (m Media) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:%d\n", m.version())
	fmt.Fprintf(&b, "#EXT-X-TARGETDURATION:%d\n", m.target())
	b.WriteString("#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-PLAYLIST-TYPE:VOD\n")
	for _, head := range []struct {
		on   bool
		line string
	}{
		{m.Independent, "#EXT-X-INDEPENDENT-SEGMENTS"},
		{m.IFramesOnly, "#EXT-X-I-FRAMES-ONLY"},
		{m.Tiles != nil, "#EXT-X-IMAGES-ONLY"},
		{m.ForbidClientCache, "#EXT-X-ALLOW-CACHE:NO"},
	} {
		if head.on {
			b.WriteString(head.line + "\n")
		}
	}
	if m.Map != nil {
		var a attributes
		a.quoted("URI", m.reference(m.Map.Name))
		if m.Map.Size > 0 {
			a.quoted("BYTERANGE", fmt.Sprintf("%d@%d", m.Map.Size, m.Map.Offset))
		}
		b.WriteString("#EXT-X-MAP:" + a.String() + "\n")
	}
	var at, told time.Duration
	for n, s := range m.Segments {
		if n == m.ClearSegments || n > m.ClearSegments && !bytes.Equal(s.IV, m.Segments[n-1].IV) {
			for _, k := range m.Keys {
				if s.IV != nil {
					k.IV = s.IV
				}
				b.WriteString("#EXT-X-KEY:" + k.attributes() + "\n")
			}
		}
		if !m.ProgramStart.IsZero() && (n == 0 || at-told >= m.ProgramPeriod) {
			b.WriteString("#EXT-X-PROGRAM-DATE-TIME:" + m.ProgramStart.Add(at).UTC().Format("2006-01-02T15:04:05.000Z") + "\n")
			told = at
		}
		m.segment(&b, s)
		at += s.Duration
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	return b.String()
}

func (m Media) segment(b *strings.Builder, s Segment) {
	if m.IntegerDurations {
		fmt.Fprintf(b, "#EXTINF:%d,\n", int(math.Round(s.Duration.Seconds())))
	} else {
		fmt.Fprintf(b, "#EXTINF:%s,\n", decimal(s.Duration.Seconds()))
	}
	if s.Size > 0 {
		fmt.Fprintf(b, "#EXT-X-BYTERANGE:%d@%d\n", s.Size, s.Offset)
	}
	if t := m.Tiles; t != nil {
		var a attributes
		a.plain("RESOLUTION", fmt.Sprintf("%dx%d", t.Width, t.Height))
		a.plain("LAYOUT", fmt.Sprintf("%dx%d", t.Columns, t.Rows))
		a.plain("DURATION", decimal(t.Interval.Seconds()))
		b.WriteString("#EXT-X-TILES:" + a.String() + "\n")
	}
	b.WriteString(m.reference(s.Name) + "\n")
}

// decimal writes seconds to the microsecond, without zeros at the end.
func decimal(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 6, 64), "0"), ".")
}

// reference gives a name as the playlist says it.
func (m Media) reference(name string) string {
	if m.BaseURL == "" {
		return Reference(name)
	}
	// a name behind a prefix can't be taken for a scheme
	return line(m.BaseURL) + strings.TrimPrefix(Reference(name), "./")
}

// version gives the EXT-X-VERSION: 3 as the service, more where a tag needs it
// (RFC 8216 7).
func (m Media) version() int {
	v := max(3, m.Version)
	for _, s := range m.Segments {
		if s.Size > 0 {
			v = max(v, 4)
		}
	}
	switch {
	case m.Map != nil && !m.IFramesOnly:
		v = max(v, 6)
	case m.Map != nil:
		v = max(v, 5)
	case m.IFramesOnly:
		v = max(v, 4)
	}
	for _, k := range m.Keys {
		v = max(v, k.version())
	}
	return v
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
