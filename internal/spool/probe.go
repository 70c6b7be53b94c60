package spool

import "time"

// ProbeResult is what the Probe operation tells of one file, in the names that
// the API gives them (behaviour.md 1.17). Where a text is empty or a number 0,
// the file does not say.
type ProbeResult struct {
	Format   string        // mp4 | quicktime | matroska | webm | mxf | wave | avi | mpegts; empty: another one
	Duration time.Duration // of the whole file
	Timecode string        // of the first frame, HH:MM:SS:FF, drop-frame HH:MM:SS;FF; empty: none
	Tracks   []ProbeTrack  // in the order of their Index

	ETag     string    // without quotes; empty: unknown
	Size     int64     // bytes
	Modified time.Time // zero: unknown
	MIMEType string    // as the place it lies at says; empty: unknown
}

// The types of a ProbeTrack.
const (
	TrackVideo = "video"
	TrackAudio = "audio"
	TrackData  = "data" // captions, timecode and all other tracks
)

// ProbeTrack is one track of a probed file.
type ProbeTrack struct {
	Index    int           // from 1
	Type     string        // TrackVideo | TrackAudio | TrackData
	Codec    string        // of the API's enum Codec: AVC, AAC, WEBVTT …; UNKNOWN for those it has no name for
	Duration time.Duration // 0 unknown
	Language string        // of sound and data: ISO 639-3; empty: none given

	BitDepth  int      // bits per sample; of sound only where the codec has one, as PCM does
	BitRate   int64    // bits/s
	FrameRate Rational // of video; of sound where its codec has frames of one length

	Width  int // of video, px
	Height int
	Color  ProbeColor
	Coded  ProbeCoded // of video

	Channels   int // of sound
	SampleRate int // of sound, Hz
}

// ProbeColor is how the colours of a video track are coded, in the API's enums;
// UNSPECIFIED where the file does not say.
type ProbeColor struct {
	Primaries string // enum ColorPrimaries: ITU_709
	Matrix    string // enum MatrixCoefficients: ITU_709
	Transfer  string // enum TransferCharacteristics: SMPTE_2084
}

// ProbeCoded is what the codec's own headers say of a video track.
type ProbeCoded struct {
	Profile       string // High, Main 10 …
	Level         string // 4.1
	Chroma        string // 4:2:0
	ScanType      string // progressive | interlaced
	Width, Height int    // px, as coded
	BitDepth      int    // bits per sample
	FrameRate     Rational
	Color         ProbeColor
}
