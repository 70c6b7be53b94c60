package dash

import (
	"time"

	"spool/internal/spool"
)

// Profile is what a manifest says it keeps to.
type Profile string

// The profiles.
const (
	Main     Profile = "urn:mpeg:dash:profile:isoff-main:2011"
	OnDemand Profile = "urn:mpeg:dash:profile:isoff-on-demand:2011"
	// HbbTV is added to another (hbbtvCompliance).
	HbbTV Profile = "urn:hbbtv:dash:profile:isoff-live:2012,urn:mpeg:dash:profile:isoff-live:2011"
)

// Style says where SegmentTimelines are written (dashManifestStyle).
type Style string

// The styles. Full has no documented meaning: every segment gets an entry of
// its own in each Representation.
const (
	Basic    Style = "BASIC"    // in each Representation
	Compact  Style = "COMPACT"  // in the AdaptationSet, where Representations share one
	Distinct Style = "DISTINCT" // the same, with an AdaptationSet for each frame rate
	Full     Style = "FULL"
)

// Manifest is a static presentation of one period.
type Manifest struct {
	Profiles  []Profile
	Duration  time.Duration
	MinBuffer time.Duration
	BaseURL   string // the user's, as it is; "" none
	Style     Style
	Streams   []Stream // in the order of the outputs
}

// Kind is what a stream is of.
type Kind string

// The kinds of streams.
const (
	Video  Kind = "video"
	Audio  Kind = "audio"
	Text   Kind = "text"
	Images Kind = "image" // tiles of thumbnails
)

// Stream is one Representation. Those that players may switch between share an
// AdaptationSet; see sets.
type Stream struct {
	ID        string // unique in the manifest
	Kind      Kind
	Bandwidth int64 // bits/s
	MIME      string
	Codecs    string // RFC 6381

	Width, Height int
	FrameRate     spool.Rational
	SampleAspect  spool.Rational // 1:1 when it is not valid

	SampleRate int
	Channels   int
	// ChannelScheme and ChannelValue describe the layout of the loudspeakers.
	ChannelScheme, ChannelValue string

	Language      string // RFC 5646; "" is not said
	Label         string // as people see it
	Roles         []string
	Accessibility []Descriptor
	Essential     []Descriptor // properties that a player must know to use the set
	// TrickPlay marks key frames only, for fast forward, of the video set before.
	TrickPlay  bool
	Protection []Protection

	// One of these tells where the media are.
	Template *Template
	Base     *Base
	File     string // path of the one file from the manifest's folder, not escaped
}

// Descriptor is a scheme with a value.
type Descriptor struct{ Scheme, Value string }

// Protection is a ContentProtection element.
type Protection struct {
	Scheme string // schemeIdUri
	Value  string // "" is not said
	KeyID  string // cenc:default_KID, with hyphens; "" is not said
	PSSH   string // base64; "" is not said
}

// Template tells of segments that are files of their own.
type Template struct {
	Init      string // path from the manifest's folder, not escaped; "" none
	Media     string // template of the paths, see Fill
	Timescale uint32 // ticks per second
	// Segments are the lengths of the segments in ticks, one after the other from
	// Start.
	Start    uint64
	Segments []uint64
	// Nominal, when set, is the approximate length that is told instead of the
	// exact ones.
	Nominal uint64
	// Offset is the media time at which the period begins, ticks.
	Offset uint64
}

// Base tells of one file with a segment index.
type Base struct {
	File      string // path from the manifest's folder, not escaped
	Timescale uint32
	Init      Range
	Index     Range
}

// Range is a span of bytes.
type Range struct{ Offset, Size int64 }

// Nominal gives a length that stands for segments without a timeline: their
// number must follow from it and the length of the period, and each must begin
// near its multiple. asked is the length that the job asks for. It is 0 when
// there is none, and an exact timeline is needed.
func Nominal(segments []uint64, asked, total uint64) uint64 {
	n := uint64(len(segments))
	if n == 0 || total == 0 {
		return 0
	}
	for _, d := range []uint64{asked, segments[0]} {
		if d == 0 || (total+d-1)/d != n {
			continue
		}
		var at, off uint64
		for i, s := range segments {
			due := uint64(i) * d
			off = max(off, max(at, due)-min(at, due))
			at += s
		}
		// a tenth of a segment is what a player's look-ahead makes up for
		if off*10 <= d {
			return d
		}
	}
	return 0
}
