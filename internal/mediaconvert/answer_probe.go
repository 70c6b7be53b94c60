package mediaconvert

import (
	"math"
	"time"

	"spool/internal/spool"
)

// The answer of Probe (behaviour.md 1.17). What is not known is left out.
type (
	wireProbe struct {
		Metadata      wireMetadata  `json:"metadata"`
		Container     wireContainer `json:"container"`
		TrackMappings []wireMapping `json:"trackMappings"`
	}
	wireMetadata struct {
		FileSize     int64  `json:"fileSize,omitempty"` // bytes
		ETag         string `json:"eTag,omitempty"`
		LastModified int64  `json:"lastModified,omitempty"` // seconds since 1970
		MIMEType     string `json:"mimeType,omitempty"`
	}
	wireContainer struct {
		Format        string      `json:"format,omitempty"`
		Duration      float64     `json:"duration,omitempty"` // seconds
		StartTimecode string      `json:"startTimecode,omitempty"`
		Tracks        []wireTrack `json:"tracks"`
	}
	wireTrack struct {
		Index    int             `json:"index"`
		Codec    string          `json:"codec,omitempty"`
		Duration float64         `json:"duration,omitempty"` // seconds
		Type     string          `json:"trackType"`
		Video    *wireVideoTrack `json:"videoProperties,omitempty"` // exactly one of the three
		Audio    *wireAudioTrack `json:"audioProperties,omitempty"`
		Data     *wireDataTrack  `json:"dataProperties,omitempty"`
	}
	wireRate struct {
		Numerator   int64 `json:"numerator"`
		Denominator int64 `json:"denominator"`
	}
	wireColor struct {
		Primaries string `json:"colorPrimaries,omitempty"`
		Matrix    string `json:"matrixCoefficients,omitempty"`
		Transfer  string `json:"transferCharacteristics,omitempty"`
	}
	wireVideoTrack struct {
		FrameRate *wireRate `json:"frameRate,omitempty"`
		Width     int       `json:"width,omitempty"`
		Height    int       `json:"height,omitempty"`
		BitDepth  int       `json:"bitDepth,omitempty"`
		BitRate   int64     `json:"bitRate,omitempty"`
		wireColor
		CodecMetadata wireCoded `json:"codecMetadata"`
	}
	wireCoded struct {
		Profile   string    `json:"profile,omitempty"`
		Level     string    `json:"level,omitempty"`
		Chroma    string    `json:"chromaSubsampling,omitempty"`
		ScanType  string    `json:"scanType,omitempty"`
		Width     int       `json:"width,omitempty"`
		Height    int       `json:"height,omitempty"`
		BitDepth  int       `json:"bitDepth,omitempty"`
		FrameRate *wireRate `json:"codedFrameRate,omitempty"`
		wireColor
	}
	wireAudioTrack struct {
		FrameRate  *wireRate `json:"frameRate,omitempty"`
		BitDepth   int       `json:"bitDepth,omitempty"`
		BitRate    int64     `json:"bitRate,omitempty"`
		Channels   int       `json:"channels,omitempty"`
		SampleRate int       `json:"sampleRate,omitempty"` // Hz
		Language   string    `json:"languageCode,omitempty"`
	}
	wireDataTrack struct {
		Language string `json:"languageCode,omitempty"`
	}
	wireMapping struct {
		Video []int `json:"videoTrackIndexes"`
		Audio []int `json:"audioTrackIndexes"`
		Data  []int `json:"dataTrackIndexes"`
	}
)

// ProbeAnswer writes the answer of Probe, one result for each file in the order
// of the request.
func ProbeAnswer(results []spool.ProbeResult) ([]byte, error) {
	list := make([]wireProbe, len(results))
	for i, r := range results {
		list[i] = toWireProbe(r)
	}
	return marshal(struct {
		ProbeResults []wireProbe `json:"probeResults"`
	}{list})
}

func toWireProbe(r spool.ProbeResult) wireProbe {
	w := wireProbe{
		Metadata:  wireMetadata{r.Size, r.ETag, seconds(r.Modified), r.MIMEType},
		Container: wireContainer{r.Format, inSeconds(r.Duration), r.Timecode, make([]wireTrack, len(r.Tracks))},
	}
	mapping := wireMapping{[]int{}, []int{}, []int{}}
	for i, t := range r.Tracks {
		w.Container.Tracks[i] = toWireTrack(t)
		switch t.Type {
		case spool.TrackVideo:
			mapping.Video = append(mapping.Video, t.Index)
		case spool.TrackAudio:
			mapping.Audio = append(mapping.Audio, t.Index)
		default:
			mapping.Data = append(mapping.Data, t.Index)
		}
	}
	w.TrackMappings = []wireMapping{mapping}
	return w
}

func toWireTrack(t spool.ProbeTrack) wireTrack {
	w := wireTrack{Index: t.Index, Codec: t.Codec, Duration: inSeconds(t.Duration), Type: t.Type}
	switch t.Type {
	case spool.TrackVideo:
		w.Video = &wireVideoTrack{
			toWireRate(t.FrameRate), t.Width, t.Height, t.BitDepth, t.BitRate, wireColor(t.Color),
			wireCoded{
				t.Coded.Profile, t.Coded.Level, t.Coded.Chroma, t.Coded.ScanType, t.Coded.Width, t.Coded.Height,
				t.Coded.BitDepth, toWireRate(t.Coded.FrameRate), wireColor(t.Coded.Color),
			},
		}
	case spool.TrackAudio:
		w.Audio = &wireAudioTrack{toWireRate(t.FrameRate), t.BitDepth, t.BitRate, t.Channels, t.SampleRate, t.Language}
	default:
		w.Data = &wireDataTrack{t.Language}
	}
	return w
}

// toWireRate leaves out a rate that is unknown, or that the API's 32-bit
// members can't hold.
func toWireRate(r spool.Rational) *wireRate {
	if r = r.Reduced(); !r.Valid() || r.Num > math.MaxInt32 || r.Den > math.MaxInt32 {
		return nil
	}
	return &wireRate{r.Num, r.Den}
}

// inSeconds gives seconds to the millisecond: a file says no more.
func inSeconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
