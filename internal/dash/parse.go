package dash

import (
	"encoding/xml"
	"fmt"
	"path"
	"strconv"
)

// Packed is one stream as a packager's manifest tells of it.
type Packed struct {
	// File is the initialization segment, or the one file of the stream.
	File        string
	Media       string // template of the segments; "" for one file
	Timescale   uint32
	Start       uint64   // ticks
	Segments    []uint64 // ticks; nil for one file, whose index tells
	Codecs      string   // RFC 6381
	Bandwidth   int64    // bits/s, as the packager measured it
	Channels    string   // value of the channel configuration
	ChannelURI  string   // its scheme
	Protection  []Protection
	Init, Index Range // of one file
}

// maxPackedSegments bounds what a timeline may repeat: two days in segments of a
// second are 172,800.
const maxPackedSegments = 1 << 20

// The elements of a packager's manifest, as far as they are read.
type xmlMPD struct {
	Type    string      `xml:"type,attr"`
	Periods []xmlPeriod `xml:"Period"`
}

type xmlPeriod struct {
	Sets []xmlSet `xml:"AdaptationSet"`
}

type xmlSet struct {
	Protection []xmlProtection `xml:"ContentProtection"`
	Streams    []xmlStream     `xml:"Representation"`
}

type xmlProtection struct {
	Scheme string `xml:"schemeIdUri,attr"`
	Value  string `xml:"value,attr"`
	KeyID  string `xml:"default_KID,attr"`
	PSSH   string `xml:"pssh"`
}

type xmlStream struct {
	Bandwidth int64  `xml:"bandwidth,attr"`
	Codecs    string `xml:"codecs,attr"`
	BaseURL   string `xml:"BaseURL"`
	Channels  struct {
		Scheme string `xml:"schemeIdUri,attr"`
		Value  string `xml:"value,attr"`
	} `xml:"AudioChannelConfiguration"`
	Protection []xmlProtection `xml:"ContentProtection"`
	Template   *struct {
		Timescale uint32 `xml:"timescale,attr"`
		Init      string `xml:"initialization,attr"`
		Media     string `xml:"media,attr"`
		Timeline  []struct {
			T *uint64 `xml:"t,attr"`
			D uint64  `xml:"d,attr"`
			R int64   `xml:"r,attr"`
		} `xml:"SegmentTimeline>S"`
	} `xml:"SegmentTemplate"`
	Base *struct {
		Timescale uint32 `xml:"timescale,attr"`
		Index     string `xml:"indexRange,attr"`
		Init      struct {
			Range string `xml:"range,attr"`
		} `xml:"Initialization"`
	} `xml:"SegmentBase"`
}

// Parse reads the manifest of a finished presentation that Shaka Packager wrote.
// Timelines with gaps are an error: the streams here have none.
func Parse(text []byte) ([]Packed, error) {
	var mpd xmlMPD
	if err := xml.Unmarshal(text, &mpd); err != nil {
		return nil, fmt.Errorf("it is no XML: %w", err)
	}
	if mpd.Type != "static" || len(mpd.Periods) != 1 {
		return nil, fmt.Errorf("it is of type %q with %d periods", mpd.Type, len(mpd.Periods))
	}
	var all []Packed
	for _, set := range mpd.Periods[0].Sets {
		for _, s := range set.Streams {
			p, err := s.packed()
			if err != nil {
				return nil, err
			}
			protection := set.Protection
			if len(s.Protection) > 0 {
				protection = s.Protection
			}
			for _, x := range protection {
				p.Protection = append(p.Protection, Protection(x))
			}
			all = append(all, p)
		}
	}
	return all, nil
}

func (s xmlStream) packed() (Packed, error) {
	p := Packed{
		File: path.Base(s.BaseURL), Codecs: s.Codecs, Bandwidth: s.Bandwidth,
		Channels: s.Channels.Value, ChannelURI: s.Channels.Scheme,
	}
	switch {
	case s.Template != nil:
		t := s.Template
		p.File, p.Media, p.Timescale = t.Init, t.Media, t.Timescale
		at := uint64(0)
		for i, e := range t.Timeline {
			if i == 0 && e.T != nil {
				at, p.Start = *e.T, *e.T
			}
			if e.T != nil && *e.T != at {
				return p, fmt.Errorf("the timeline of %s jumps from %d to %d", p.File, at, *e.T)
			}
			if e.R < 0 || e.R >= maxPackedSegments || len(p.Segments) > maxPackedSegments {
				return p, fmt.Errorf("the timeline of %s repeats %d times", p.File, e.R)
			}
			for range e.R + 1 {
				p.Segments = append(p.Segments, e.D)
				at += e.D
			}
		}
		if p.Timescale == 0 || len(p.Segments) == 0 {
			return p, fmt.Errorf("%s has no timeline", p.File)
		}
	case s.Base != nil:
		p.Timescale = s.Base.Timescale
		var err error
		if p.Init, err = parseRange(s.Base.Init.Range); err != nil {
			return p, err
		}
		if p.Index, err = parseRange(s.Base.Index); err != nil {
			return p, err
		}
	}
	return p, nil
}

func parseRange(text string) (Range, error) {
	var first, last int64
	if _, err := fmt.Sscanf(text, "%d-%d", &first, &last); err != nil || first < 0 || last < first {
		return Range{}, fmt.Errorf("%s is no range of bytes", strconv.Quote(text))
	}
	return Range{Offset: first, Size: last - first + 1}, nil
}
