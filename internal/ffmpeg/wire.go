package ffmpeg

import (
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

// wireFile is what ffprobe prints with -of json.
type wireFile struct {
	Format  wireFormat   `json:"format"`
	Streams []wireStream `json:"streams"`
}

type wireFormat struct {
	Name      string `json:"format_name"`
	Start     string `json:"start_time"`
	Duration  string `json:"duration"`
	Size      string `json:"size"`
	BitRate   string `json:"bit_rate"`
	NbStreams int    `json:"nb_streams"`

	Tags map[string]string `json:"tags"`
}

type wireStream struct {
	Index        int               `json:"index"`
	ID           string            `json:"id"` // "0x1f"
	Type         string            `json:"codec_type"`
	Codec        string            `json:"codec_name"`
	Tag          string            `json:"codec_tag_string"`
	Profile      string            `json:"profile"`
	Level        int               `json:"level"`
	Width        int               `json:"width"`
	Height       int               `json:"height"`
	CodedWidth   int               `json:"coded_width"`
	CodedHeight  int               `json:"coded_height"`
	PixelFormat  string            `json:"pix_fmt"`
	SampleAspect string            `json:"sample_aspect_ratio"`
	FieldOrder   string            `json:"field_order"`
	ColorRange   string            `json:"color_range"`
	ColorSpace   string            `json:"color_space"`
	Transfer     string            `json:"color_transfer"`
	Primaries    string            `json:"color_primaries"`
	RawBits      string            `json:"bits_per_raw_sample"`
	SampleBits   int               `json:"bits_per_sample"`
	FrameRate    string            `json:"r_frame_rate"`
	AvgFrameRate string            `json:"avg_frame_rate"`
	TimeBase     string            `json:"time_base"`
	StartPTS     int64             `json:"start_pts"`
	Start        string            `json:"start_time"`
	Duration     string            `json:"duration"`
	BitRate      string            `json:"bit_rate"`
	Frames       string            `json:"nb_frames"`
	Packets      string            `json:"nb_read_packets"`
	Channels     int               `json:"channels"`
	Layout       string            `json:"channel_layout"`
	SampleRate   string            `json:"sample_rate"`
	Extradata    string            `json:"extradata"`
	Disposition  map[string]int    `json:"disposition"`
	Tags         map[string]string `json:"tags"`
	SideData     []wireSideData    `json:"side_data_list"`
}

type wireSideData struct {
	Type     string  `json:"side_data_type"`
	Rotation float64 `json:"rotation"` // counter-clockwise degrees
}

// seconds reads ffprobe's decimal seconds exactly, to the nanosecond; 0 for
// "N/A" and for what no clock could hold.
func seconds(s string) time.Duration {
	d, _ := parseSeconds(s)
	return d
}

// maxSeconds is about 31 years: beyond it a timestamp is nonsense.
const maxSeconds = 1_000_000_000

func parseSeconds(s string) (time.Duration, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	n, err := strconv.ParseUint(whole, 10, 63)
	if err != nil || n > maxSeconds {
		return 0, false
	}
	d := time.Duration(n) * time.Second
	if fraction != "" {
		f, err := strconv.ParseUint((fraction + "000000000")[:9], 10, 63)
		if err != nil {
			return 0, false
		}
		d += time.Duration(f)
	}
	if negative {
		d = -d
	}
	return d, true
}

// rational reads "30000/1001" or "16:9"; the zero value for anything that is
// not two positive numbers.
func rational(s string) spool.Rational {
	a, b, ok := strings.Cut(s, "/")
	if !ok {
		a, b, ok = strings.Cut(s, ":")
	}
	if !ok {
		return spool.Rational{}
	}
	r := spool.Rational{Num: count(a), Den: count(b)}
	if !r.Valid() {
		return spool.Rational{}
	}
	return r
}

// known gives "" for the words by which FFmpeg says that it does not know.
func known(s string) string {
	switch s {
	case "unknown", "none", "unspecified", "reserved", "N/A":
		return ""
	}
	return s
}

// profile gives the name of a profile; where FFmpeg has only a number, "".
func profile(s string) string {
	if _, err := strconv.Atoi(s); err == nil {
		return ""
	}
	return known(s)
}

// length gives the length of a track. Matroska says it in a tag, as the time of
// the track's end.
func (s wireStream) length() time.Duration {
	if d := seconds(s.Duration); d > 0 {
		return d
	}
	parts := strings.Split(s.Tags["DURATION"], ":")
	if len(parts) != 3 {
		return 0
	}
	h, m := count(parts[0]), count(parts[1])
	rest, ok := parseSeconds(parts[2])
	if !ok || h > maxSeconds/3600 || m > 59 {
		return 0
	}
	end := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + rest
	return max(end-seconds(s.Start), 0)
}

// language takes the tag of a track: only what can be a language code, since
// the rest of the text is a stranger's. "und" means unknown.
func language(tags map[string]string) string {
	s := tags["language"]
	if s == "und" || len(s) < 2 || len(s) > 35 {
		return ""
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' {
			return ""
		}
	}
	return s
}

// rotation gives the clockwise quarter turn that a player applies. FFmpeg's
// matrix says counter-clockwise. Other angles than quarter turns, off by more
// than a degree, are left alone.
func rotation(side []wireSideData) int {
	for _, s := range side {
		if s.Type != "Display Matrix" || s.Rotation != s.Rotation {
			continue
		}
		clockwise := -s.Rotation
		for clockwise < 0 {
			clockwise += 360
		}
		for quarter := range 5 {
			if d := clockwise - float64(quarter*90); d > -1 && d < 1 {
				return quarter % 4 * 90
			}
		}
	}
	return 0
}

// streamID reads the PID or track number; 0 unknown.
func streamID(s string) int {
	n, err := strconv.ParseInt(s, 0, 32)
	if err != nil {
		return 0
	}
	return int(n)
}

func (s wireStream) video() spool.VideoTrack {
	depth, chroma := pixelFormat(s.PixelFormat)
	if depth == 0 {
		depth = int(count(s.RawBits))
	}
	aspect := rational(s.SampleAspect)
	if !aspect.Valid() {
		aspect = spool.Rational{Num: 1, Den: 1}
	}
	return spool.VideoTrack{
		Index: s.Index, ID: streamID(s.ID), Codec: s.Codec, CodecTag: printable(s.Tag),
		Profile: profile(s.Profile), Level: max(s.Level, 0),
		Width: s.Width, Height: s.Height, PixelFormat: s.PixelFormat, BitDepth: depth, Chroma: chroma,
		SampleAspect: aspect, FrameRate: rational(s.FrameRate), AvgFrameRate: rational(s.AvgFrameRate),
		FieldOrder: known(s.FieldOrder), Rotation: rotation(s.SideData),
		TimeBase: rational(s.TimeBase), FirstPTS: s.StartPTS,
		Duration: s.length(), Frames: count(s.Frames), BitRate: count(s.BitRate),
		ColorSpace: known(s.ColorSpace), Transfer: known(s.Transfer), Primaries: known(s.Primaries),
		Range: known(s.ColorRange), Language: language(s.Tags),
	}
}

func (s wireStream) audio() spool.AudioTrack {
	return spool.AudioTrack{
		Index: s.Index, ID: streamID(s.ID), Codec: s.Codec, Profile: profile(s.Profile),
		Channels: s.Channels, Layout: known(s.Layout), SampleRate: int(count(s.SampleRate)),
		BitRate: count(s.BitRate), Start: seconds(s.Start), Duration: s.length(),
		Language: language(s.Tags), Default: s.Disposition["default"] == 1, Type: s.audioType(),
	}
}

// audioType gives the ISO 639 audio type; 0 undefined.
func (s wireStream) audioType() int {
	for n, name := range []string{1: "clean_effects", 2: "hearing_impaired", 3: "visual_impaired"} {
		if s.Disposition[name] == 1 {
			return n
		}
	}
	return 0
}

func (s wireStream) text() spool.TextTrack {
	return spool.TextTrack{Index: s.Index, ID: streamID(s.ID), Codec: known(s.Codec), Language: language(s.Tags)}
}
