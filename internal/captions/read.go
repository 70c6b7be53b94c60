package captions

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"spool/internal/spool"
)

// Format is a kind of captions file.
type Format string

// The formats that are read or written.
const (
	SRT    Format = "srt"
	WebVTT Format = "vtt"
	TTML   Format = "ttml" // also DFXP, SMPTE-TT, EBU-TT and IMSC 1 text
	IMSC   Format = "imsc" // TTML that says it is IMSC 1 text
	SCC    Format = "scc"
	SMI    Format = "smi"
	STL    Format = "stl" // EBU Tech 3264; only read
)

// What a captions file may hold: a feature film has some 2,000 cues in 200 KB.
const (
	MaxBytes    = 16 << 20
	maxCues     = 100_000
	maxCueBytes = 32 << 10 // with markup
	maxCueRunes = 8192
	maxTime     = 100 * time.Hour
	// maxBlockBytes bounds the STYLE and REGION blocks of a WebVTT file together:
	// each of its segments may repeat them.
	maxBlockBytes = 256 << 10
	// maxText bounds the weight of all cues together: spans that are shown at many
	// times make many cues of little text in a TTML file. A span weighs its bytes
	// and what holds it.
	maxText    = 32 << 20
	spanWeight = 64
)

// SyntaxError says where a file is not what it should be.
type SyntaxError struct {
	Line    int // counted from 1; 0 is the file as a whole
	Message string
}

// Error tells the line, where there is one, and what is wrong with it.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

func bad(line int, format string, args ...any) error {
	return &SyntaxError{Line: line, Message: fmt.Sprintf(format, args...)}
}

// ReadOptions say what a file does not.
type ReadOptions struct {
	// FrameRate is that of an SCC file's timecodes; invalid is 29.97.
	FrameRate spool.Rational
	// Language chooses among those of a SAMI file: "en" or "eng"; empty is the first.
	Language string
	// Channel chooses among the four of CEA-608, CC1 to CC4; 0 is the first.
	Channel int
}

// Read reads a captions file. Times are those that the file says, which for SCC
// and STL are timecodes. Errors are *SyntaxError.
func Read(kind Format, data []byte, opts ReadOptions) (Track, error) {
	if len(data) > MaxBytes {
		return Track{}, bad(0, "it has %d bytes; at most %d are read", len(data), MaxBytes)
	}
	var t Track
	var err error
	switch kind {
	case SRT:
		t, err = readSRT(Decode(data))
	case WebVTT:
		t, err = readVTT(Decode(data))
	case TTML, IMSC:
		t, err = readTTML(data)
	case SCC:
		var pairs []Pair
		if pairs, err = pairsSCC(Decode(data), opts); err == nil {
			t, err = read608(pairs, opts.Channel)
		}
	case SMI:
		t, err = readSMI(Decode(data), opts.Language)
	case STL:
		t, err = readSTL(data)
	case CC:
		var pairs []Pair
		if pairs, err = pairsCC(string(data), opts.Channel); err == nil {
			t, err = read608(pairs, opts.Channel)
		}
	default:
		return Track{}, bad(0, "captions of the format %q are not read", string(kind))
	}
	if err != nil {
		return Track{}, err
	}
	t.sort()
	return t, nil
}

// Decode turns the bytes of a text file into text with line feeds alone: UTF-8 or UTF-16
// by its byte order mark or by what it looks like, Windows-1252 otherwise.
func Decode(data []byte) string {
	var s string
	switch {
	case len(data) >= 3 && string(data[:3]) == "\xef\xbb\xbf":
		s = strings.ToValidUTF8(string(data[3:]), "\ufffd")
	case len(data) >= 2 && data[0] == 0xff && data[1] == 0xfe:
		s = wide(data[2:], binary.LittleEndian)
	case len(data) >= 2 && data[0] == 0xfe && data[1] == 0xff:
		s = wide(data[2:], binary.BigEndian)
	case len(data) >= 4 && data[0] != 0 && data[1] == 0 && data[2] != 0 && data[3] == 0:
		s = wide(data, binary.LittleEndian)
	case len(data) >= 4 && data[0] == 0 && data[1] != 0 && data[2] == 0 && data[3] != 0:
		s = wide(data, binary.BigEndian)
	case utf8.Valid(data):
		s = string(data)
	default:
		s = windows1252(data)
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0xfeff {
			return -1
		}
		return r
	}, s)
}

func wide(data []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units))
}

// high1252 are the characters that Windows-1252 has where Latin-1 has controls.
var high1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

func windows1252(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		if c >= 0x80 && c < 0xa0 {
			b.WriteRune(high1252[c-0x80])
		} else {
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}

// clock reads [hours:]minutes:seconds with a fraction after a point or a comma.
func clock(s string) (time.Duration, bool) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	whole, fraction, _ := strings.Cut(strings.Replace(parts[len(parts)-1], ",", ".", 1), ".")
	parts[len(parts)-1] = whole
	var total int64
	for i, p := range parts {
		n, ok := digits(p, 6)
		if !ok || i > 0 && n > 59 {
			return 0, false
		}
		total = total*60 + n
	}
	d := time.Duration(total) * time.Second
	if fraction != "" {
		n, ok := digits(fraction, 9)
		if !ok {
			return 0, false
		}
		d += time.Duration(math.Round(float64(n) * math.Pow10(9-len(fraction))))
	}
	return d, d <= maxTime
}

// digits reads a number of at most so many decimal digits, without a sign.
func digits(s string, most int) (int64, bool) {
	if s == "" || len(s) > most || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// room refuses the text of a cue that is far too long to be one.
func room(line int, body string) error {
	if len(body) > maxCueBytes {
		return bad(line, "the cue has %d bytes; at most %d are read", len(body), maxCueBytes)
	}
	return nil
}

// collect adds cues, and refuses too many of them or too long ones.
type collect struct {
	track  Track
	weight int // of the spans
	blocks int // bytes of the STYLE and REGION blocks
}

func (c *collect) add(line int, cue Cue) error {
	if cue.End <= cue.Start || len(cue.Lines) == 0 {
		return nil // nothing is shown
	}
	if len(c.track.Cues) >= maxCues {
		return bad(line, "it has more than %d cues", maxCues)
	}
	n := 0
	for _, l := range cue.Lines {
		for _, s := range l {
			n += utf8.RuneCountInString(s.Text)
			c.weight += len(s.Text) + spanWeight
		}
	}
	if n > maxCueRunes {
		return bad(line, "the cue has %d characters; at most %d are shown", n, maxCueRunes)
	}
	if c.weight > maxText {
		return tooMuch(line)
	}
	c.track.Cues = append(c.track.Cues, cue)
	return nil
}

func tooMuch(line int) error {
	return bad(line, "its cues have more than %d MB of text together", maxText>>20)
}
