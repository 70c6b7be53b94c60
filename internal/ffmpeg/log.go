package ffmpeg

import (
	"bytes"
	"strings"
	"sync"
)

// Bounds of what is kept of a log, for the operator.
const (
	maxLogLine  = 500  // bytes of one line
	maxLogLines = 40   // the last ones
	maxReadLine = 8192 // bytes of a line that are looked at; the longest path fits
)

// signs are what the lines of a log said, as far as it matters here.
type signs struct {
	errorLines     int    // lines of level error and above, and warnings of corrupt data
	truncated      bool   // the input ends before it should
	diskFull       bool   // no room for an output
	noMemory       bool   // an allocation failed
	noMoov         bool   // ISO file without a moov box
	invalidData    bool   // an input could not be opened for what is in it
	notWhitelisted bool   // a container or protocol that is not let in
	tooManyStreams bool   // over -max_streams
	tooManyPixels  bool   // over -max_pixels, or absurd
	noDecoder      string // the codec that no decoder takes
	noEncoder      string // the encoder that does not exist
	encoderInit    bool   // an encoder refused its settings
	noStream       bool   // a -map matched nothing
	notFound       bool   // a file that should be there is not
	denied         bool   // a file that may not be opened
}

// logReader sorts the lines that ffmpeg and ffprobe print with
// "-loglevel repeat+level+…", and keeps the last ones.
type logReader struct {
	names []string // of files: what they are called says nothing about them

	mu    sync.Mutex
	line  []byte
	lines []string
	signs signs
}

// newLogReader makes one for a command line, whose file names are not read as
// messages: a file may be called "No space left on device.mp4".
func newLogReader(args ...string) *logReader {
	r := &logReader{}
	for _, a := range args {
		if strings.HasPrefix(a, "file:") {
			r.names = append(r.names, printable(a), printable(strings.TrimPrefix(a, "file:")))
		}
	}
	return r
}

// Write takes the next bytes; it never fails.
func (r *logReader) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		room := maxReadLine - len(r.line)
		r.line = append(r.line, line[:min(room, len(line))]...)
		if whole {
			r.flush()
		}
		rest = after
	}
	return len(p), nil
}

func (r *logReader) flush() {
	line := printable(string(r.line))
	r.line = r.line[:0]
	if line == "" {
		return
	}
	said := line
	for _, name := range r.names {
		said = strings.ReplaceAll(said, name, "file")
	}
	r.signs.read(said)
	line = strings.ToValidUTF8(line[:min(len(line), maxLogLine)], "")
	if len(r.lines) == maxLogLines {
		copy(r.lines, r.lines[1:])
		r.lines = r.lines[:maxLogLines-1]
	}
	r.lines = append(r.lines, line)
}

// close takes a last line that has no end.
func (r *logReader) close() signs {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
	return r.signs
}

// tail gives the last lines, for the operator's eyes only.
func (r *logReader) tail() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

// read adds what one line says. Several messages can share a line: FFmpeg 5.1
// forgets some line ends. So levels are looked for anywhere.
func (s *signs) read(line string) {
	low := strings.ToLower(line)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(low, p) {
				return true
			}
		}
		return false
	}
	corrupt := has("[warning]") && has("corrupt")
	if has("[error]", "[fatal]", "[panic]") || corrupt {
		s.errorLines++
	}
	set := func(sign *bool, parts ...string) { *sign = *sign || has(parts...) }
	set(&s.truncated, "file ended prematurely", "partial file", "moov atom not found", "premature end", "unexpected end of file")
	set(&s.diskFull, "no space left on device", "disk quota exceeded")
	set(&s.noMemory, "cannot allocate memory", "could not allocate memory", "malloc of size")
	set(&s.noMoov, "moov atom not found")
	set(&s.invalidData, "invalid data found when processing input", "error reading header")
	set(&s.notWhitelisted, "not on whitelist", "not on the whitelist")
	set(&s.tooManyStreams, "exceeds max_streams")
	set(&s.tooManyPixels, "exceeds specified max pixel count")
	set(&s.encoderInit, "error while opening encoder", "error initializing output stream")
	set(&s.noStream, "matches no streams")
	set(&s.notFound, "no such file or directory")
	set(&s.denied, "permission denied", "operation not permitted")
	if _, rest, ok := strings.Cut(low, "decoder (codec "); ok && has("not found for input stream") {
		name, _, _ := strings.Cut(rest, ")")
		s.noDecoder = plainName(name)
	}
	if _, rest, ok := strings.Cut(low, "unknown encoder '"); ok {
		name, _, _ := strings.Cut(rest, "'")
		s.noEncoder = plainName(name)
	}
}

// plainName makes a name out of a log fit for a user: letters, digits, "_" and
// "-" only, and not long.
func plainName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 40)]
}

// printable replaces control characters and broken UTF-8, so that a line from a
// hostile file cannot forge other lines or move a terminal's cursor.
func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}
