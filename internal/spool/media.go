package spool

import (
	"strconv"
	"time"
)

// Rational is a fraction. The zero value means unknown.
type Rational struct {
	Num int64 `json:"num"`
	Den int64 `json:"den"`
}

// Valid tells whether the fraction is known and positive.
func (r Rational) Valid() bool { return r.Num > 0 && r.Den > 0 }

// Float gives the fraction as a number, 0 when unknown.
func (r Rational) Float() float64 {
	if r.Den == 0 {
		return 0
	}
	return float64(r.Num) / float64(r.Den)
}

// String writes the fraction as FFmpeg reads it: "30000/1001".
func (r Rational) String() string {
	return strconv.FormatInt(r.Num, 10) + "/" + strconv.FormatInt(r.Den, 10)
}

// Reduced divides both parts by their greatest common divisor.
func (r Rational) Reduced() Rational {
	a, b := r.Num, r.Den
	for b != 0 {
		a, b = b, a%b
	}
	if a < 0 {
		a = -a
	}
	if a == 0 {
		return r
	}
	return Rational{r.Num / a, r.Den / a}
}

// Media is what a probe found in one input.
type Media struct {
	Format   string        `json:"format"`   // FFmpeg's demuxer name, such as "mov,mp4,m4a,3gp,3g2,mj2"
	Duration time.Duration `json:"duration"` // of the container; 0 when it does not say
	Start    time.Duration `json:"start"`    // first timestamp of the container
	Size     int64         `json:"size"`     // bytes
	BitRate  int64         `json:"bitRate"`  // bits/s
	Video    []VideoTrack  `json:"video,omitempty"`
	Audio    []AudioTrack  `json:"audio,omitempty"`
	Text     []TextTrack   `json:"text,omitempty"`

	Timecode string `json:"timecode,omitempty"` // of the first frame: HH:MM:SS:FF, drop-frame HH:MM:SS;FF

	// What only a description has, as the Probe operation needs it; so have the
	// tracks' CodedWidth, CodedHeight, BitDepth of sound, CodecTag and Duration of text.
	Brand string      `json:"brand,omitempty"` // MP4 and QuickTime: major brand, "qt" of QuickTime; Matroska: document type, webm or matroska
	Data  []TextTrack `json:"data,omitempty"`  // tracks of no other kind
}

// VideoTrack is one video stream; cover pictures and tracks without a decodable
// picture are left out.
type VideoTrack struct {
	Index        int           `json:"index"` // FFmpeg's stream index
	ID           int           `json:"id"`    // PID or track id; 0 unknown
	Codec        string        `json:"codec"` // FFmpeg's name: h264
	CodecTag     string        `json:"codecTag,omitempty"`
	Profile      string        `json:"profile,omitempty"`
	Level        int           `json:"level,omitempty"`
	Width        int           `json:"width"` // coded size as displayed before rotation, px
	Height       int           `json:"height"`
	PixelFormat  string        `json:"pixelFormat"`
	BitDepth     int           `json:"bitDepth"`
	Chroma       string        `json:"chroma"`         // "4:2:0"
	SampleAspect Rational      `json:"sampleAspect"`   // 1:1 when unknown
	FrameRate    Rational      `json:"frameRate"`      // r_frame_rate
	AvgFrameRate Rational      `json:"avgFrameRate"`   // avg_frame_rate
	FieldOrder   string        `json:"fieldOrder"`     // progressive, tt, bb, tb, bt, ""
	Rotation     int           `json:"rotation"`       // clockwise degrees a player applies: 0, 90, 180, 270
	TimeBase     Rational      `json:"timeBase"`       // of FirstPTS
	FirstPTS     int64         `json:"firstPTS"`       // of the first decoded frame, in TimeBase
	Duration     time.Duration `json:"duration"`       // 0 unknown
	Frames       int64         `json:"frames"`         // declared or counted; 0 unknown
	BitRate      int64         `json:"bitRate"`        // bits/s; 0 unknown
	ColorSpace   string        `json:"colorSpace"`     // FFmpeg's names; "" unknown
	Transfer     string        `json:"colorTransfer"`  // smpte2084 (PQ), arib-std-b67 (HLG), bt709 …
	Primaries    string        `json:"colorPrimaries"` // bt2020, bt709 …
	Range        string        `json:"colorRange"`     // tv | pc | ""
	Language     string        `json:"language,omitempty"`
	HDR          *HDR10        `json:"hdr,omitempty"` // of the first picture; nil without

	CodedWidth  int `json:"codedWidth,omitempty"` // px; 0 unknown
	CodedHeight int `json:"codedHeight,omitempty"`
}

// HDR10 is the static metadata of HDR pictures: the display they were mastered on
// (SMPTE ST 2086) and how bright they are (CTA 861.3). Zero means unknown.
type HDR10 struct {
	Red          [2]int64 `json:"red"` // x and y, in units of 0.00002
	Green        [2]int64 `json:"green"`
	Blue         [2]int64 `json:"blue"`
	White        [2]int64 `json:"white"`
	MaxLuminance int64    `json:"maxLuminance"` // in units of 0.0001 cd/m²
	MinLuminance int64    `json:"minLuminance"`
	MaxCLL       int64    `json:"maxCLL"` // cd/m²
	MaxFALL      int64    `json:"maxFALL"`
}

// AudioTrack is one audio stream with at least one channel.
type AudioTrack struct {
	Index      int           `json:"index"`
	ID         int           `json:"id"`
	Codec      string        `json:"codec"`
	Profile    string        `json:"profile,omitempty"`
	Channels   int           `json:"channels"`
	Layout     string        `json:"layout,omitempty"`
	SampleRate int           `json:"sampleRate"`         // Hz
	BitDepth   int           `json:"bitDepth,omitempty"` // bits per sample; 0 where the codec has none
	BitRate    int64         `json:"bitRate"`
	Start      time.Duration `json:"start"`
	Duration   time.Duration `json:"duration"`
	Language   string        `json:"language,omitempty"`
	Default    bool          `json:"default"`
	Type       int           `json:"type,omitempty"` // of ISO 639: 1 clean effects, 2 for the hearing impaired, 3 for the visually impaired
}

// TextTrack is one subtitle stream.
type TextTrack struct {
	Index    int           `json:"index"`
	ID       int           `json:"id"`
	Codec    string        `json:"codec"`
	CodecTag string        `json:"codecTag,omitempty"`
	Duration time.Duration `json:"duration,omitempty"` // 0 unknown
	Language string        `json:"language,omitempty"`
}

// InputInfo is one input of a job and what was found in it.
type InputInfo struct {
	URI   string `json:"uri"`
	Media Media  `json:"media"`
}
