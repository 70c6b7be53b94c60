package spool

import "time"

// GroupType is the kind of an output group as events name it.
type GroupType string

// The kinds of output groups (behaviour.md 3.2).
const (
	GroupFile GroupType = "FILE_GROUP"
	GroupHLS  GroupType = "HLS_GROUP"
	GroupDASH GroupType = "DASH_ISO_GROUP"
	GroupCMAF GroupType = "CMAF_GROUP"
	GroupMSS  GroupType = "MS_SMOOTH_GROUP"
)

// OutputGroup is what one output group became, in job order.
type OutputGroup struct {
	Type      GroupType `json:"type"`
	Playlists []string  `json:"playlists,omitempty"` // s3:// URIs of group-level manifests
	Outputs   []Output  `json:"outputs"`
}

// Output is what one output became. Paths holds what the COMPLETE event lists
// (the media file, the child playlist, or only the last capture); Files holds
// every object that was published for it.
type Output struct {
	Paths          []string      `json:"paths"`
	Duration       time.Duration `json:"duration"`
	Width          int           `json:"width,omitempty"`  // px; 0 without video
	Height         int           `json:"height,omitempty"` // px
	AverageBitrate int64         `json:"averageBitrate,omitempty"`
	QVBR           *QVBRStats    `json:"qvbr,omitempty"`
	Frames         int64         `json:"frames,omitempty"`   // video frames
	Captures       int64         `json:"captures,omitempty"` // images, for frame capture
	VideoCodec     string        `json:"videoCodec,omitempty"`
	AudioCodecs    []string      `json:"audioCodecs,omitempty"`
	Files          []OutputFile  `json:"files"`
}

// QVBRStats are the quality figures of a QVBR output, on the scale 1..10.
type QVBRStats struct {
	Avg         float64       `json:"avg"`
	Min         float64       `json:"min"`
	Max         float64       `json:"max"`
	MinLocation time.Duration `json:"minLocation"`
	MaxLocation time.Duration `json:"maxLocation"`
}

// FileKind says what an output file is.
type FileKind string

// The kinds of output files.
const (
	FileMedia    FileKind = "media"
	FileSegment  FileKind = "segment"
	FileManifest FileKind = "manifest"
	FileImage    FileKind = "image"
	FileReport   FileKind = "report" // figures about an output, such as its loudness
	FileCaptions FileKind = "captions"
)

// OutputFile is one published object.
type OutputFile struct {
	URI         string        `json:"uri"` // s3://bucket/key
	Kind        FileKind      `json:"kind"`
	ContentType string        `json:"contentType"`
	Size        int64         `json:"size"`
	Duration    time.Duration `json:"duration,omitempty"`
}
