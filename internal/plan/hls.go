package plan

import (
	"crypto/sha256"
	"fmt"
	"path"
	"strings"
	"time"

	"spool/internal/spool"
)

// Master says how to write an HLS group's playlists (behaviour.md 4.4, 5.7).
type Master struct {
	Key            string `json:"key"`
	Version        int    `json:"version,omitempty"` // the least EXT-X-VERSION
	SegmentSeconds int    `json:"segmentSeconds"`
	// MinSegment is the shortest last segment, in seconds; a shorter one joins
	// the one before it.
	MinSegment        float64 `json:"minSegment,omitempty"`
	IntegerDurations  bool    `json:"integerDurations,omitempty"`
	SpecTargets       bool    `json:"specTargets,omitempty"`       // round target durations half up instead of up
	LegacyCodecs      bool    `json:"legacyCodecs,omitempty"`      // RFC 4281 forms
	OmitResolution    bool    `json:"omitResolution,omitempty"`    // no RESOLUTION attribute
	ForbidClientCache bool    `json:"forbidClientCache,omitempty"` // EXT-X-ALLOW-CACHE:NO
	SegmentsOnly      bool    `json:"segmentsOnly,omitempty"`      // no playlists are published
	SingleFile        bool    `json:"singleFile,omitempty"`        // segments are byte ranges of one file
	Gzip              bool    `json:"gzip,omitempty"`              // playlists are compressed
	BaseURL           string  `json:"baseUrl,omitempty"`           // begins the names in media playlists
	// ProgramStart is the time of the first picture; it is told again after each
	// ProgramSeconds, with every segment if that is 0.
	ProgramStart   *time.Time `json:"programStart,omitempty"`
	ProgramSeconds int        `json:"programSeconds,omitempty"`
	// More master playlists, each of some of the outputs.
	More []MoreMaster `json:"more,omitempty"`
	// NoClosedCaptions says CLOSED-CAPTIONS=NONE.
	NoClosedCaptions bool `json:"noClosedCaptions,omitempty"`
	// ClosedCaptions are announced for the variants with a picture.
	ClosedCaptions []ClosedCaptions `json:"closedCaptions,omitempty"`
	Encryption     *Encryption      `json:"encryption,omitempty"`
}

// ClosedCaptions is one channel of captions within the pictures.
type ClosedCaptions struct {
	Channel  int    `json:"channel"` // CC1 to CC4
	Language string `json:"language,omitempty"`
	Name     string `json:"name"`
}

// keys gives the keys of all master playlists.
func (m *Master) keys() []string {
	keys := []string{m.Key}
	for _, more := range m.More {
		keys = append(keys, more.Key)
	}
	return keys
}

// MoreMaster is a further master playlist of an HLS group.
type MoreMaster struct {
	Key     string `json:"key"`
	Outputs []int  `json:"outputs"` // of the group
}

// Encryption says how the segments of an HLS group are encrypted.
type Encryption struct {
	SampleAES bool   `json:"sampleAES,omitempty"` // samples instead of whole segments
	CTR       bool   `json:"ctr,omitempty"`       // samples by AES in counter mode
	Key       Secret `json:"key,omitempty"`       // 32 hex digits
	IV        string `json:"iv,omitempty"`        // 32 hex digits; "" is each segment's number
	TellIV    bool   `json:"tellIV,omitempty"`    // in the playlists
	URI       string `json:"uri"`                 // of the key, for players
	Format    string `json:"format,omitempty"`
	Versions  string `json:"versions,omitempty"`
	// Session announces the key in the master playlist too.
	Session bool `json:"session,omitempty"`
}

// Secret is a text that the runner needs and nobody may see: a plan that is
// printed or stored shows only whether two are the same.
type Secret string

// MarshalJSON writes the beginning of the secret's SHA-256.
func (s Secret) MarshalJSON() ([]byte, error) {
	sum := sha256.Sum256([]byte(s))
	return fmt.Appendf(nil, `"hidden:%x"`, sum[:4]), nil
}

// HLS says what one stream of an HLS group is.
type HLS struct {
	// Segment is the distance of the grid that segments begin on, in seconds:
	// each begins with the first key frame at or after a multiple of it.
	Segment spool.Rational `json:"segment"`
	// Origin is the timestamp of the first picture in transport streams.
	Origin time.Duration `json:"origin"`
	// Digits of the segments' numbers; 0 is five.
	Digits int `json:"digits,omitempty"`
	// Extension of the segments: ts, or that of raw audio (aac, ac3, ec3).
	Extension string `json:"extension"`
	// Folder of the segments from that of the playlist, "" is the same; PerFolder
	// segments go into each numbered folder below it, all into one if it is 0.
	Folder    string `json:"folder,omitempty"`
	PerFolder int    `json:"perFolder,omitempty"`
	// IFrames says how the key frames have a playlist of their own: "" not at all,
	// "ranges" of the segments, or "files".
	IFrames string `json:"iFrames,omitempty"`
	// Metadata, when set, is written into the stream.
	Metadata *Metadata `json:"metadata,omitempty"`
	// AudioGroups of renditions that go with a variant.
	AudioGroups []string `json:"audioGroups,omitempty"`
	// Rendition, when set, makes the stream one rendition of a group instead of
	// a variant.
	Rendition *Rendition `json:"rendition,omitempty"`

	language  string // of its first sound
	mezzanine string // the staged file of its video
}

// The forms of playlists of key frames.
const (
	IFrameRanges = "ranges"
	IFrameFiles  = "files"
)

// Metadata is what a transport stream carries of timed metadata, as ID3 tags.
type Metadata struct {
	PID int `json:"pid"`
	// Frame is PRIV or TDRL, with the time of day at each Period from the first
	// picture on, which is at Start; "" is none.
	Frame  string        `json:"frame,omitempty"`
	Period time.Duration `json:"period,omitempty"`
	Start  time.Time     `json:"start,omitzero"`
	// Tags of the job's own, in order of time.
	Tags []MetadataTag `json:"tags,omitempty"`
}

// MetadataTag is one ID3 tag of the job.
type MetadataTag struct {
	At   time.Duration `json:"at"` // from the first picture
	Data []byte        `json:"data"`
}

// IFrameKey gives the object key of the playlist of key frames, and IFrameFile
// that of key frame n, counted from 1 (behaviour.md 4.4).
func (o Output) IFrameKey() string { return strings.TrimSuffix(o.Key, ".m3u8") + "_I-Frame.m3u8" }

// IFrameFile gives the object key of the file of key frame n, counted from 1.
func (o Output) IFrameFile(n int) string {
	return fmt.Sprintf("%s_I-Frame_%05d.ts", o.segmentBase(n), n)
}

// Rendition is an alternative of a group of renditions (EXT-X-MEDIA).
type Rendition struct {
	Group      string `json:"group"`
	Name       string `json:"name"`
	Language   string `json:"language,omitempty"`
	Default    bool   `json:"default,omitempty"`
	AutoSelect bool   `json:"autoSelect,omitempty"`
	// DescribesVideo marks audio that tells what can be seen.
	DescribesVideo bool `json:"describesVideo,omitempty"`
}

// SegmentKey gives the object key of HLS segment n, counted from 1, that was
// finished at a time.
func (o Output) SegmentKey(n int, finished time.Time) string {
	digits := o.HLS.Digits
	if digits == 0 {
		digits = 5
	}
	return fmt.Sprintf("%s%s_%0*d.%s", o.segmentBase(n), ExpandDates(o.SegmentModifier, finished), digits, n, o.HLS.Extension)
}

// SingleKey gives the object key of the one file that holds all segments.
func (o Output) SingleKey(finished time.Time) string {
	return o.segmentBase(1) + ExpandDates(o.SegmentModifier, finished) + "." + o.HLS.Extension
}

// segmentBase begins the key of segment n with its folders.
func (o Output) segmentBase(n int) string {
	if o.HLS.Folder == "" {
		return o.SegmentBase
	}
	dir, name := path.Split(o.SegmentBase)
	dir += o.HLS.Folder + "/"
	if o.HLS.PerFolder > 0 {
		dir += fmt.Sprintf("%05d/", 1+(n-1)/o.HLS.PerFolder)
	}
	return dir + name
}
