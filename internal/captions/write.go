package captions

import (
	"fmt"
	"strings"
	"time"

	"spool/internal/spool"
)

// WriteOptions say how a file is written.
type WriteOptions struct {
	Language string // BCP 47 or ISO 639, letters, digits and hyphens; others are left out
	// Styled keeps italics, colours and places (stylePassthrough); SCC always does.
	Styled bool
	VTT    VTTStyle // how WebVTT is styled; in place of Styled
	// FrameRate and DropFrame are those of an SCC file's timecodes; invalid is 29.97.
	FrameRate spool.Rational
	DropFrame bool
}

// Written tells what a format could not hold.
type Written struct {
	Lost int           // characters that have no code in CEA-608
	Late time.Duration // how long after its time the latest caption comes
}

// Write writes a track as a file.
func Write(kind Format, t Track, opts WriteOptions) ([]byte, Written, error) {
	opts.Language = tag(opts.Language)
	plain := t
	if !opts.Styled {
		plain = t.Plain()
	}
	switch kind {
	case SRT:
		return writeSRT(plain), Written{}, nil
	case WebVTT:
		if opts.VTT == VTTBare {
			t = plain
		}
		return writeVTT(t, opts.VTT), Written{}, nil
	case TTML, IMSC:
		return writeTTML(plain, opts.Language, kind == IMSC), Written{}, nil
	case SMI:
		return writeSMI(plain, opts.Language), Written{}, nil
	case STL, CC: // only read
	case SCC:
		data, e := writeSCC(t, opts.FrameRate, opts.DropFrame)
		return data, Written{Lost: e.Lost, Late: e.Late}, nil
	}
	return nil, Written{}, fmt.Errorf("captions of the format %q are not written", string(kind))
}

// tag keeps of a language tag what may stand in one.
func tag(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, s)
	if s == "" {
		return "und"
	}
	return s
}
