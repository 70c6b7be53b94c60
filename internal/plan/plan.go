package plan

import (
	"fmt"
	"strings"
	"time"

	"spool/internal/captions"
	"spool/internal/spool"
)

// Plan is what a job will do.
type Plan struct {
	Inputs   []Input         `json:"inputs"`
	Tasks    []Task          `json:"tasks"` // in dependency order
	Groups   []Group         `json:"groups"`
	Duration time.Duration   `json:"duration"` // expected of the programme
	Warnings []spool.Warning `json:"warnings,omitempty"`
	Messages []string        `json:"messages,omitempty"` // what was decided for the user, and why
}

// Input is one source. Token stands for its path in arguments.
type Input struct {
	Token string `json:"token"` // $INPUT_0
	URI   string `json:"uri"`
}

// Work is the token that begins the name of every staged file in arguments:
// "$WORK/o0_1.mp4". The runner puts the job's staging folder in its place.
const Work = "$WORK"

// InputToken stands for the path of input i in arguments.
func InputToken(i int) string { return fmt.Sprintf("$INPUT_%d", i) }

// Task is one command. Args are everything after the runner's own prefix.
type Task struct {
	ID       string        `json:"id"`
	Tool     string        `json:"tool"` // ToolFFmpeg …
	Args     []string      `json:"args"`
	Frames   int64         `json:"frames"`   // of the first video output, for progress; 0 without video
	Duration time.Duration `json:"duration"` // expected, for progress and deadlines
	Pixels   int64         `json:"pixels"`   // of all pictures handled at once, for the memory limit
	Share    float64       `json:"share"`    // of the plan's work, for progress; all together make 1
	Captions *Captions     `json:"captions,omitempty"`
	Secrets  []string      `json:"-"` // arguments that nobody may see: they are in no plan that is shown
}

// The tools that run tasks.
const (
	ToolFFmpeg   = "ffmpeg"
	ToolPackager = "packager" // Shaka Packager
	ToolCaptions = "captions" // the runner itself: see Task.Captions
	// ToolCC reads closed captions out of pictures. Its arguments are the tokens of
	// the source and of the file that it leaves (captions.CC), and FFmpeg's names
	// of the source's format.
	ToolCC = "cc"
)

// Group is one output group.
type Group struct {
	Type    spool.GroupType `json:"type"`
	Bucket  string          `json:"bucket"`
	Master  *Master         `json:"master,omitempty"` // group-level manifest, for streaming groups
	Dash    *Dash           `json:"dash,omitempty"`   // DASH manifest, of DASH and CMAF groups
	Pack    *Pack           `json:"pack,omitempty"`   // of DASH and CMAF groups
	Smooth  *Smooth         `json:"smooth,omitempty"` // of Smooth Streaming groups
	Outputs []Output        `json:"outputs"`
	// Images for trick play, of HLS groups.
	Images []ImageSet `json:"images,omitempty"`
}

// OutputKind says in which form an output is staged.
type OutputKind string

// The forms of outputs.
const (
	KindFile    OutputKind = "file"    // one media file
	KindCapture OutputKind = "capture" // numbered images
	KindHLS     OutputKind = "hls"     // a playlist and its segments
	// KindCaptions is one file of captions.
	KindCaptions OutputKind = "captions"
	KindSmooth   OutputKind = "smooth" // one fragmented file of Smooth Streaming
	KindPacked   OutputKind = "packed" // segments or indexed files of the packager
	// KindCaptionStream is captions that go with the streams of a group: segments
	// and a playlist are made of a staged track.
	KindCaptionStream OutputKind = "captionStream"
)

// Output is one output of a group: what is staged, how it is called, and what
// it must be.
type Output struct {
	Kind   OutputKind `json:"kind"`
	Staged string     `json:"staged"` // name in the staging folder; a %07d pattern for captures, the playlist for HLS
	// Key is the object key of the file or the child playlist. For captures it
	// holds %07d where the number goes.
	Key string `json:"key"`
	// SegmentBase and SegmentModifier begin the keys of HLS segments; the time
	// identifiers of each segment's completion are still in the modifier.
	SegmentBase     string `json:"segmentBase,omitempty"`
	SegmentModifier string `json:"segmentModifier,omitempty"`
	ContentType     string `json:"contentType"`
	// Format is that of captions.
	Format   captions.Format `json:"format,omitempty"`
	Captions *CaptionStream  `json:"captions,omitempty"`
	// CaptionHints are what a DASH manifest says of the closed captions in the
	// picture: "CC1=eng;CC3=spa".
	CaptionHints string `json:"captionHints,omitempty"`
	// Duration is how long it is expected to play.
	Duration time.Duration    `json:"duration"`
	Video    *Video           `json:"video,omitempty"`
	Audio    []Audio          `json:"audio,omitempty"`
	Capture  *Capture         `json:"capture,omitempty"`
	Rate     *RateExpectation `json:"rate,omitempty"`
	HLS      *HLS             `json:"hls,omitempty"` // of HLS streams
	Logs     []LoudnessLog    `json:"logs,omitempty"`
	Packed   []Packed         `json:"packed,omitempty"`
	Smooth   []SmoothStream   `json:"smooth,omitempty"`
}

// LoudnessLog is what is written of how loud one sound of an output is: staged as
// the meter writes it, published as CSV.
type LoudnessLog struct {
	Staged string `json:"staged"`
	Key    string `json:"key"`
	Peaks  bool   `json:"peaks,omitempty"` // true peaks too
}

// Video is what the video stream of an output must be.
type Video struct {
	Codec     string         `json:"codec"` // FFmpeg's name
	Width     int            `json:"width"`
	Height    int            `json:"height"`
	FrameRate spool.Rational `json:"frameRate"`
	Frames    int64          `json:"frames"` // expected; exact only as far as the source tells its length
	// Fields is the order of the fields of an interlaced stream: tff or bff.
	Fields string `json:"fields,omitempty"`
	// FrameBytes is the size of one picture in a file that holds nothing but
	// pictures, so that no tool can tell what is in it.
	FrameBytes int64 `json:"frameBytes,omitempty"`
	// Copied: it is the input's own stream, with its timestamps and fields.
	Copied bool `json:"copied,omitempty"`
	// SampleAspect is the shape of a pixel, when it is not square.
	SampleAspect spool.Rational `json:"sampleAspect,omitzero"`
	Range        string         `json:"range,omitempty"` // of packaged streams: SDR, PQ or HLG
}

// Audio is what an audio stream of an output must be.
type Audio struct {
	Codec      string `json:"codec"`
	Channels   int    `json:"channels"`
	SampleRate int    `json:"sampleRate"`
	BitRate    int64  `json:"bitRate"`
}

// Capture is what a frame-capture output must be.
type Capture struct {
	Interval spool.Rational `json:"interval"` // seconds between captures
	Count    int64          `json:"count"`    // expected
	Max      int64          `json:"max,omitempty"`
}

// Least gives how many captures a programme of a length must have at least.
func (c Capture) Least(d time.Duration) int64 {
	return expectedCaptures(d, spool.Rational{Num: c.Interval.Den, Den: c.Interval.Num}, c.Max)
}

// RateExpectation is the bitrate cap that an output must keep: over any span
// of t seconds at most Max·t + Buffer bits.
type RateExpectation struct {
	Max    int64 `json:"max"`
	Buffer int64 `json:"buffer"`
}

// CaptureKey gives the object key of capture n, counted from 0.
func (o Output) CaptureKey(n int) string { return numbered(o.Key, n) }

// CaptureStaged gives the staged name of capture n, counted from 0.
func (o Output) CaptureStaged(n int) string { return numbered(o.Staged, n) }

// numbered puts a number where the last %07d stands: names may hold percent
// signs of their own.
func numbered(pattern string, n int) string {
	i := strings.LastIndex(pattern, "%07d")
	return pattern[:i] + fmt.Sprintf("%07d", n) + pattern[i+len("%07d"):]
}
