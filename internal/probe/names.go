package probe

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"spool/internal/spool"
)

// result puts a description into the API's names.
func result(m spool.Media, o spool.Object) spool.ProbeResult {
	r := spool.ProbeResult{
		Format: format(m), Duration: m.Duration, Timecode: m.Timecode,
		ETag: o.ETag, Size: m.Size, Modified: o.ModTime, MIMEType: o.ContentType,
	}
	// Index is FFmpeg's here; the API counts the tracks that there are.
	for _, v := range m.Video {
		r.Tracks = append(r.Tracks, videoTrack(v, r.Format))
	}
	for _, a := range m.Audio {
		r.Tracks = append(r.Tracks, audioTrack(a))
	}
	for _, t := range slices.Concat(m.Text, m.Data) {
		r.Tracks = append(r.Tracks, dataTrack(t))
	}
	slices.SortStableFunc(r.Tracks, func(a, b spool.ProbeTrack) int { return cmp.Compare(a.Index, b.Index) })
	for i := range r.Tracks {
		r.Tracks[i].Index = i + 1
	}
	return r
}

// formats are the API's names of what FFmpeg's demuxers read.
var formats = map[string]string{"mxf": "mxf", "wav": "wave", "w64": "wave", "avi": "avi", "mpegts": "mpegts"}

func format(m spool.Media) string {
	switch first, _, _ := strings.Cut(m.Format, ","); first {
	case "mov":
		if m.Brand == "qt" {
			return "quicktime"
		}
		return "mp4"
	case "matroska":
		return m.Brand
	default:
		return formats[first]
	}
}

func videoTrack(v spool.VideoTrack, format string) spool.ProbeTrack {
	rate := v.AvgFrameRate
	if !rate.Valid() {
		rate = v.FrameRate
	}
	rate = rate.Reduced()
	coded := v.FrameRate.Reduced()
	if !coded.Valid() {
		coded = rate
	}
	color := spool.ProbeColor{
		Primaries: enum(primaries, v.Primaries), Matrix: enum(matrices, v.ColorSpace), Transfer: enum(transfers, v.Transfer),
	}
	scan := "progressive"
	switch v.FieldOrder {
	case "":
		scan = ""
	case "tt", "bb", "tb", "bt":
		scan = "interlaced"
	}
	codec, known := videoCodecs[v.Codec]
	switch {
	case known:
	case strings.HasPrefix(v.Codec, "v210"), strings.HasPrefix(v.Codec, "v410"), strings.HasPrefix(v.Codec, "r10"), strings.HasPrefix(v.Codec, "r210"):
		codec = "UNCOMPRESSED"
	// Matroska holds the codecs of Windows as Video for Windows only.
	case format == "matroska" && (strings.HasPrefix(v.Codec, "wmv") || strings.HasPrefix(v.Codec, "msmpeg4") || v.Codec == "vc1"):
		codec = "VFW"
	default:
		codec = "UNKNOWN"
	}
	return spool.ProbeTrack{
		Index: v.Index, Type: spool.TrackVideo, Codec: codec, Duration: v.Duration,
		BitDepth: v.BitDepth, BitRate: v.BitRate, FrameRate: rate, Width: v.Width, Height: v.Height, Color: color,
		Coded: spool.ProbeCoded{
			Profile: v.Profile, Level: level(v.Codec, v.Level), Chroma: v.Chroma, ScanType: scan,
			Width: cmp.Or(v.CodedWidth, v.Width), Height: cmp.Or(v.CodedHeight, v.Height),
			BitDepth: v.BitDepth, FrameRate: coded, Color: color,
		},
	}
}

func audioTrack(a spool.AudioTrack) spool.ProbeTrack {
	codec, known := audioCodecs[a.Codec]
	if !known {
		codec = "UNKNOWN"
		if strings.HasPrefix(a.Codec, "pcm_") {
			codec = "PCM"
		}
	}
	t := spool.ProbeTrack{
		Index: a.Index, Type: spool.TrackAudio, Codec: codec, Duration: a.Duration, Language: iso3(a.Language),
		BitDepth: a.BitDepth, BitRate: a.BitRate, Channels: a.Channels, SampleRate: a.SampleRate,
	}
	if n := frameSamples(a); n > 0 {
		t.FrameRate = spool.Rational{Num: int64(a.SampleRate), Den: n}.Reduced()
	}
	return t
}

// frameSamples gives how many samples one frame of a codec has; 0 where that
// differs from frame to frame or is not known.
func frameSamples(a spool.AudioTrack) int64 {
	switch {
	case a.Codec == "aac" && a.Profile == "LC":
		return 1024
	case a.Codec == "aac" && strings.HasPrefix(a.Profile, "HE-AAC"):
		return 2048 // of the doubled rate that it plays at
	case a.Codec == "ac3":
		return 1536
	case a.Codec == "mp3" && a.SampleRate >= 32000:
		return 1152
	case a.Codec == "mp3":
		return 576
	}
	return 0
}

func dataTrack(t spool.TextTrack) spool.ProbeTrack {
	codec := "UNKNOWN"
	switch {
	case t.CodecTag == "c708":
		codec = "C708"
	case t.CodecTag == "c608", t.Codec == "eia_608":
		codec = "C608"
	case t.Codec == "webvtt":
		codec = "WEBVTT"
	}
	return spool.ProbeTrack{Index: t.Index, Type: spool.TrackData, Codec: codec, Duration: t.Duration, Language: iso3(t.Language)}
}

// iso3 gives the ISO 639-3 code of a language tag of any form; empty where it is
// none.
func iso3(tag string) string {
	if tag == "" {
		return ""
	}
	// Parse makes one code of the two that some languages have: fra of fre.
	parsed, err := language.Parse(tag)
	if err != nil {
		return ""
	}
	base, confidence := parsed.Base()
	if code := base.ISO3(); confidence == language.Exact && code != "und" && code != "ZZZ" {
		return code
	}
	return ""
}

// level writes FFmpeg's number of a level as the codec's standard names it.
func level(codec string, n int) string {
	if n <= 0 {
		return ""
	}
	switch codec {
	case "h264":
		if n == 9 {
			return "1b"
		}
		return fmt.Sprintf("%d.%d", n/10, n%10)
	case "vp9":
		return fmt.Sprintf("%d.%d", n/10, n%10)
	case "hevc":
		return fmt.Sprintf("%d.%d", n/30, n%30/3)
	case "av1":
		if n > 23 {
			return ""
		}
		return fmt.Sprintf("%d.%d", 2+n>>2, n&3)
	case "mpeg2video":
		return map[int]string{4: "High", 6: "High 1440", 8: "Main", 10: "Low"}[n]
	case "mpeg4":
		return fmt.Sprint(n)
	}
	return ""
}

// unspecified is what a file says that says nothing of its colours.
const unspecified = "UNSPECIFIED"

func enum(names map[string]string, ffmpeg string) string {
	if name, ok := names[ffmpeg]; ok {
		return name
	}
	return unspecified
}

// The API's enums by FFmpeg's names.
var (
	videoCodecs = map[string]string{
		"h264": "AVC", "hevc": "HEVC", "av1": "AV1", "vp8": "VP8", "vp9": "VP9",
		"mpeg1video": "MPEG1", "mpeg2video": "MPEG2", "mpeg4": "MP4V", "prores": "PRORES",
		"mjpeg": "MJPEG", "jpeg2000": "JPEG2000", "qtrle": "QTRLE", "theora": "THEORA", "rawvideo": "UNCOMPRESSED",
	}
	audioCodecs = map[string]string{
		"aac": "AAC", "ac3": "AC3", "eac3": "EAC3", "flac": "FLAC", "mp3": "MP3", "opus": "OPUS", "vorbis": "VORBIS",
	}
	primaries = map[string]string{
		"bt709": "ITU_709", "bt470m": "ITU_470M", "bt470bg": "ITU_470BG", "smpte170m": "SMPTE_170M", "smpte240m": "SMPTE_240M",
		"film": "GENERIC_FILM", "bt2020": "ITU_2020", "smpte428": "SMPTE_428_1", "smpte431": "SMPTE_431_2",
		"smpte432": "SMPTE_EG_432_1", "ebu3213": "EBU_3213_E", "jedec-p22": "EBU_3213_E",
	}
	matrices = map[string]string{
		"gbr": "RGB", "bt709": "ITU_709", "fcc": "FCC", "bt470bg": "ITU_470BG", "smpte170m": "SMPTE_170M",
		"smpte240m": "SMPTE_240M", "ycgco": "YCgCo", "bt2020nc": "ITU_2020_NCL", "bt2020c": "ITU_2020_CL",
		"smpte2085": "SMPTE_2085", "chroma-derived-nc": "CD_NCL", "chroma-derived-c": "CD_CL", "ictcp": "ITU_2100ICtCp",
	}
	transfers = map[string]string{
		"bt709": "ITU_709", "bt470m": "ITU_470M", "gamma22": "ITU_470M", "bt470bg": "ITU_470BG", "gamma28": "ITU_470BG",
		"smpte170m": "SMPTE_170M", "smpte240m": "SMPTE_240M", "linear": "LINEAR", "log100": "LOG10_2", "log316": "LOC10_2_5",
		"iec61966-2-4": "IEC_61966_2_4", "bt1361e": "ITU_1361", "iec61966-2-1": "IEC_61966_2_1",
		"bt2020-10": "ITU_2020_10bit", "bt2020-12": "ITU_2020_12bit", "smpte2084": "SMPTE_2084", "smpte428": "SMPTE_428_1",
		"arib-std-b67": "ARIB_B67",
	}
)
