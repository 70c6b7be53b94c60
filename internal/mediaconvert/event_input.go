package mediaconvert

import (
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

// The details of INPUT_INFORMATION, members in the order of the service's own
// sample (behaviour.md 3.2).
type inputDetail struct {
	ID    int          `json:"id"`
	URI   string       `json:"uri"`
	Audio []inputAudio `json:"audio"`
	Video []inputVideo `json:"video"`
}

type inputAudio struct {
	Channels   int    `json:"channels"`
	Codec      string `json:"codec"`
	Language   string `json:"language"`
	SampleRate int    `json:"sampleRate"`
	StreamID   int    `json:"streamId"`
}

type inputVideo struct {
	BitDepth      int     `json:"bitDepth"`
	Codec         string  `json:"codec"`
	ColorFormat   string  `json:"colorFormat"`
	FourCC        string  `json:"fourCC"`
	FrameRate     float64 `json:"frameRate"`
	Height        int     `json:"height"`
	InterlaceMode string  `json:"interlaceMode"`
	SAR           string  `json:"sar"`
	Standard      string  `json:"standard"`
	StreamID      int     `json:"streamId"`
	Width         int     `json:"width"`
}

// EventInputInformation tells what was found in the inputs: job.Inputs.
func EventInputInformation(job spool.Job, id spool.Identity, eventID string, now time.Time) spool.Event {
	inputs := make([]inputDetail, len(job.Inputs))
	for i, in := range job.Inputs {
		d := inputDetail{ID: i + 1, URI: in.URI, Audio: []inputAudio{}, Video: []inputVideo{}}
		for _, t := range in.Media.Audio {
			d.Audio = append(d.Audio, inputAudio{
				t.Channels, codecName(t.Codec), language(t.Language), t.SampleRate, t.Index + 1,
			})
		}
		for _, t := range in.Media.Video {
			d.Video = append(d.Video, videoDetail(t))
		}
		inputs[i] = d
	}
	return event(job, id, eventID, now, struct {
		common
		InputDetails []inputDetail `json:"inputDetails"`
	}{commonOf(job, id, "INPUT_INFORMATION", now), inputs})
}

func videoDetail(t spool.VideoTrack) inputVideo {
	rate := t.FrameRate
	if f := rate.Float(); !rate.Valid() || f > 1000 { // a time base rather than a rate
		rate = t.AvgFrameRate
	}
	sar := "1:1"
	if t.SampleAspect.Valid() {
		r := t.SampleAspect.Reduced()
		sar = strconv.FormatInt(r.Num, 10) + ":" + strconv.FormatInt(r.Den, 10)
	}
	return inputVideo{
		BitDepth: t.BitDepth, Codec: codecName(t.Codec), ColorFormat: colorFormat(t),
		FourCC: printable(t.CodecTag), FrameRate: round(rate.Float(), 3), Height: t.Height,
		InterlaceMode: interlaceMode(t.FieldOrder), SAR: sar, Standard: "UNSPECIFIED",
		StreamID: t.Index + 1, Width: t.Width,
	}
}

// codecNames maps FFmpeg's names to the service's. H_264 and AAC are of its own
// sample; the others follow the names of its settings and of Probe.
var codecNames = map[string]string{
	"h264": "H_264", "hevc": "H_265", "av1": "AV1", "vp8": "VP8", "vp9": "VP9",
	"mpeg1video": "MPEG1", "mpeg2video": "MPEG2", "mpeg4": "MP4V", "msmpeg4v3": "VFW",
	"prores": "PRORES", "mjpeg": "MJPEG", "jpeg2000": "JPEG2000", "theora": "THEORA",
	"qtrle": "QTRLE", "rawvideo": "UNCOMPRESSED", "dnxhd": "VC3", "vc1": "VC1",
	"aac": "AAC", "aac_latm": "AAC", "ac3": "AC3", "eac3": "EAC3", "mp2": "MP2", "mp3": "MP3",
	"flac": "FLAC", "opus": "OPUS", "vorbis": "VORBIS",
}

func codecName(codec string) string {
	if name, ok := codecNames[codec]; ok {
		return name
	}
	switch {
	case codec == "":
		return "UNKNOWN"
	case strings.HasPrefix(codec, "pcm_"):
		return "PCM"
	}
	return strings.ToUpper(codec)
}

func language(code string) string {
	if code == "" {
		return "UND"
	}
	return strings.ToUpper(code)
}

func colorFormat(t spool.VideoTrack) string {
	switch {
	case t.Chroma != "":
		return "YUV_" + strings.ReplaceAll(t.Chroma, ":", "")
	case strings.HasPrefix(t.PixelFormat, "rgb"), strings.HasPrefix(t.PixelFormat, "bgr"), strings.HasPrefix(t.PixelFormat, "gbr"):
		return "RGB"
	}
	return "UNSPECIFIED"
}

func interlaceMode(order string) string {
	switch order {
	case "tt", "tb":
		return "TOP_FIELD"
	case "bb", "bt":
		return "BOTTOM_FIELD"
	}
	return "PROGRESSIVE"
}

// printable keeps a four-character code that is text: FFmpeg writes the others
// as "[27][0][0][0]".
func printable(tag string) string {
	if len(tag) != 4 {
		return ""
	}
	return tag
}
