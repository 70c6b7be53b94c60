package hls

import (
	"fmt"
	"strconv"
	"strings"
)

// Bounds on playlists that come from outside.
const (
	// MaxPlaylist is the largest playlist that is read, in bytes.
	MaxPlaylist = 4 << 20
	maxSegments = 50_000
	maxVersion  = 4 // behaviour.md 5.2
)

// forbidden are the tags that playlists of inputs may not have (behaviour.md
// 5.2), and what they would ask for that can't be done with segments joined.
var forbidden = []string{
	"#EXT-X-KEY", "#EXT-X-PROGRAM-DATE-TIME", "#EXT-X-DATERANGE", "#EXT-X-I-FRAMES-ONLY", "#EXT-X-I-FRAME-STREAM-INF",
	"#EXT-X-SESSION-DATA", "#EXT-X-SESSION-KEY", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-START", "#EXT-X-MAP", "#EXT-X-DISCONTINUITY",
}

// Input is a playlist that a job reads.
type Input struct {
	// Variant is the reference of the media playlist with the highest bandwidth,
	// of a master playlist; "" of a media playlist.
	Variant  string
	Segments []Segment // names are references, as they stand there
}

// ParseInput reads a playlist of an input: transport stream segments of a
// finished stream, in the clear. Its errors say what in it is not taken.
func ParseInput(text string) (Input, error) {
	if len(text) > MaxPlaylist {
		return Input{}, fmt.Errorf("it is larger than %d bytes", MaxPlaylist)
	}
	var in Input
	var best int64 = -1
	ended, next := false, int64(-1)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		tag, value, _ := strings.Cut(line, ":")
		for _, f := range forbidden {
			if tag == f {
				return in, fmt.Errorf("the tag %s is not taken in inputs", tag)
			}
		}
		switch {
		case tag == "#EXT-X-VERSION":
			if n, err := strconv.Atoi(value); err != nil || n > maxVersion {
				return in, fmt.Errorf("its version is %q; %d is the highest that is taken", value, maxVersion)
			}
		case line == "#EXT-X-ENDLIST", tag == "#EXT-X-PLAYLIST-TYPE" && value == "VOD":
			ended = true
		case tag == "#EXT-X-STREAM-INF":
			next = bandwidth(value)
		case line != "" && !strings.HasPrefix(line, "#") && next >= 0:
			if next > best {
				best, in.Variant = next, line
			}
			next = -1
		}
	}
	if in.Variant != "" {
		return in, nil
	}
	if !ended {
		return in, fmt.Errorf("it has neither #EXT-X-ENDLIST nor #EXT-X-PLAYLIST-TYPE:VOD: the stream goes on")
	}
	if !strings.Contains(text, "#EXT-X-ENDLIST") {
		text += "\n#EXT-X-ENDLIST\n"
	}
	segments, err := ParseMedia(strings.TrimPrefix(text, "\ufeff"))
	if err == nil && len(segments) > maxSegments {
		err = fmt.Errorf("it lists more than %d segments", maxSegments)
	}
	in.Segments = segments
	return in, err
}

// bandwidth reads BANDWIDTH from an attribute list; 0 is none.
func bandwidth(list string) int64 {
	for list != "" {
		name, rest, ok := strings.Cut(list, "=")
		if !ok {
			return 0
		}
		end := strings.IndexByte(rest, ',')
		if strings.HasPrefix(rest, `"`) {
			closing := strings.IndexByte(rest[1:], '"')
			if closing < 0 {
				return 0
			}
			end = strings.IndexByte(rest[closing+2:], ',')
			if end >= 0 {
				end += closing + 2
			}
		}
		value := rest
		list = ""
		if end >= 0 {
			value, list = rest[:end], rest[end+1:]
		}
		if strings.TrimSpace(name) == "BANDWIDTH" {
			n, err := strconv.ParseInt(value, 10, 63)
			if err != nil || n < 0 {
				return 0
			}
			return n
		}
	}
	return 0
}
