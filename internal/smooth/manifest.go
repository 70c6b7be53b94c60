package smooth

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Timescale is the number of ticks per second of all times here.
const Timescale = 10_000_000

// Presentation is one video on demand.
type Presentation struct {
	Duration uint64 // ticks
	Client   string // path of the players' manifest from that of the server's
	Streams  []Stream
}

// Kind is what a stream is of.
type Kind string

// The kinds of streams.
const (
	Video Kind = "video"
	Audio Kind = "audio"
)

// Stream is one choice of a viewer, in several qualities with the same fragments.
type Stream struct {
	Kind     Kind
	Name     string // unique, of letters, digits and "_"
	Language string // "" is not said
	Chunks   []Chunk
	Levels   []Level
}

// Chunk is the time of one fragment.
type Chunk struct{ Time, Duration uint64 }

// Level is one quality of a stream.
type Level struct {
	Bitrate int64  // bits/s, unique in its stream
	FourCC  string // H264, AACL
	Private []byte // what the decoder must know
	Width   int    // px
	Height  int

	SampleRate, Channels, Bits int

	File  string // path from the folder of the server's manifest
	Track uint32
}

// ForPlayers writes the manifest for players.
func (p Presentation) ForPlayers() string {
	w := &writer{}
	w.line(0, `<SmoothStreamingMedia MajorVersion="2" MinorVersion="0" TimeScale="%d" Duration="%d">`, Timescale, p.Duration)
	for _, s := range p.Streams {
		attrs := fmt.Sprintf(`Type="%s" Name="%s"`, s.Kind, escape(s.Name))
		if s.Language != "" {
			attrs += fmt.Sprintf(` Language="%s"`, escape(s.Language))
		}
		if s.Kind == Video {
			width, height := 0, 0
			for _, l := range s.Levels {
				width, height = max(width, l.Width), max(height, l.Height)
			}
			attrs += fmt.Sprintf(` MaxWidth="%d" MaxHeight="%d" DisplayWidth="%d" DisplayHeight="%d"`, width, height, width, height)
		}
		w.line(1, `<StreamIndex %s TimeScale="%d" Chunks="%d" QualityLevels="%d" Url="QualityLevels({bitrate})/Fragments(%s={start time})">`,
			attrs, Timescale, len(s.Chunks), len(s.Levels), escape(s.Name))
		for i, l := range s.Levels {
			own := fmt.Sprintf(`MaxWidth="%d" MaxHeight="%d"`, l.Width, l.Height)
			if s.Kind == Audio {
				own = fmt.Sprintf(`SamplingRate="%d" Channels="%d" BitsPerSample="%d" PacketSize="%d" AudioTag="255"`,
					l.SampleRate, l.Channels, l.Bits, l.Channels*l.Bits/8)
			}
			w.line(2, `<QualityLevel Index="%d" Bitrate="%d" FourCC="%s" %s CodecPrivateData="%s"/>`,
				i, l.Bitrate, l.FourCC, own, strings.ToUpper(hex.EncodeToString(l.Private)))
		}
		next := uint64(0)
		for i, c := range s.Chunks {
			if i == 0 || c.Time != next {
				w.line(2, `<c t="%d" d="%d"/>`, c.Time, c.Duration)
			} else {
				w.line(2, `<c d="%d"/>`, c.Duration)
			}
			next = c.Time + c.Duration
		}
		w.line(1, `</StreamIndex>`)
	}
	w.line(0, `</SmoothStreamingMedia>`)
	return w.b.String()
}

// ForServer writes the manifest for servers.
func (p Presentation) ForServer() string {
	w := &writer{}
	w.line(0, `<smil xmlns="http://www.w3.org/2001/SMIL20/Language">`)
	w.line(1, `<head>`)
	w.line(2, `<meta name="clientManifestRelativePath" content="%s"/>`, escape(p.Client))
	w.line(1, `</head>`)
	w.line(1, `<body>`)
	w.line(2, `<switch>`)
	for _, s := range p.Streams {
		for _, l := range s.Levels {
			language := ""
			if s.Language != "" {
				language = fmt.Sprintf(` systemLanguage="%s"`, escape(s.Language))
			}
			w.line(3, `<%s src="%s" systemBitrate="%d"%s>`, s.Kind, escape(l.File), l.Bitrate, language)
			w.line(4, `<param name="trackID" value="%d" valuetype="data"/>`, l.Track)
			w.line(4, `<param name="trackName" value="%s" valuetype="data"/>`, escape(s.Name))
			w.line(3, `</%s>`, s.Kind)
		}
	}
	w.line(2, `</switch>`)
	w.line(1, `</body>`)
	w.line(0, `</smil>`)
	return w.b.String()
}

// Encoded writes a manifest as bytes, with the XML declaration of its encoding.
func Encoded(text string, wide bool) []byte {
	if !wide {
		return []byte(`<?xml version="1.0" encoding="utf-8"?>` + "\n" + text)
	}
	out := []byte{0xff, 0xfe} // the mark of little endian
	for _, u := range utf16.Encode([]rune(`<?xml version="1.0" encoding="utf-16"?>` + "\n" + text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// PrivateH264 gives the parameter sets of an avcC box as a Smooth player wants
// them: each behind a start code.
func PrivateH264(avcC []byte) ([]byte, error) {
	short := fmt.Errorf("the decoder configuration of %d bytes ends too early", len(avcC))
	if len(avcC) < 7 || avcC[0] != 1 {
		return nil, short
	}
	var out []byte
	rest, count := avcC[6:], int(avcC[5]&0x1f)
	for range 2 { // sequence, then picture parameter sets
		for ; count > 0; count-- {
			if len(rest) < 2 {
				return nil, short
			}
			n := int(binary.BigEndian.Uint16(rest))
			if len(rest) < 2+n {
				return nil, short
			}
			out = append(append(out, 0, 0, 0, 1), rest[2:2+n]...)
			rest = rest[2+n:]
		}
		if len(rest) == 0 {
			break
		}
		count, rest = int(rest[0]), rest[1:]
	}
	return out, nil
}

type writer struct{ b strings.Builder }

func (w *writer) line(depth int, format string, args ...any) {
	w.b.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&w.b, format+"\n", args...)
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder does not fail
	return b.String()
}

// Server is what a server's manifest says.
type Server struct {
	Client string // path of the players' manifest from its folder
	Tracks []Track
}

// Track is one quality of one stream.
type Track struct {
	Name    string // of the stream
	Bitrate int64
	File    string // path from the manifest's folder
	ID      uint32
}

// Find gives the track that a request is for.
func (s Server) Find(name string, bitrate int64) (Track, bool) {
	i := slices.IndexFunc(s.Tracks, func(t Track) bool { return t.Name == name && t.Bitrate == bitrate })
	if i < 0 {
		return Track{}, false
	}
	return s.Tracks[i], true
}

// ParseServer reads a server's manifest.
func ParseServer(data []byte) (Server, error) {
	type media struct {
		Src     string `xml:"src,attr"`
		Bitrate int64  `xml:"systemBitrate,attr"`
		Params  []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"param"`
	}
	var smil struct {
		Meta []struct {
			Name    string `xml:"name,attr"`
			Content string `xml:"content,attr"`
		} `xml:"head>meta"`
		Video []media `xml:"body>switch>video"`
		Audio []media `xml:"body>switch>audio"`
	}
	if err := xml.Unmarshal(narrow(data), &smil); err != nil {
		return Server{}, fmt.Errorf("it is no SMIL: %w", err)
	}
	var s Server
	for _, m := range smil.Meta {
		if m.Name == "clientManifestRelativePath" {
			s.Client = m.Content
		}
	}
	add := func(kind Kind, list []media) error {
		for _, m := range list {
			t := Track{Name: string(kind), Bitrate: m.Bitrate, File: m.Src}
			for _, p := range m.Params {
				switch p.Name {
				case "trackName":
					t.Name = p.Value
				case "trackID":
					id, err := strconv.ParseUint(p.Value, 10, 32)
					if err != nil {
						return fmt.Errorf("%q is no track", p.Value)
					}
					t.ID = uint32(id)
				}
			}
			s.Tracks = append(s.Tracks, t)
		}
		return nil
	}
	if err := add(Video, smil.Video); err != nil {
		return s, err
	}
	if err := add(Audio, smil.Audio); err != nil {
		return s, err
	}
	if s.Client == "" || len(s.Tracks) == 0 {
		return s, fmt.Errorf("it names no tracks, or no manifest for players")
	}
	return s, nil
}

// narrow gives a text of either encoding as UTF-8, without the declaration that
// would speak of another.
func narrow(data []byte) []byte {
	text := string(data)
	if len(data) >= 2 && data[0] == 0xff && data[1] == 0xfe {
		units := make([]uint16, 0, len(data)/2)
		for i := 2; i+1 < len(data); i += 2 {
			units = append(units, binary.LittleEndian.Uint16(data[i:]))
		}
		text = string(utf16.Decode(units))
	}
	if strings.HasPrefix(text, "<?xml") {
		if _, rest, ok := strings.Cut(text, "?>"); ok {
			text = rest
		}
	}
	return []byte(text)
}

// Request is what a player asks for below the name of a server's manifest.
type Request struct {
	Manifest bool
	Bitrate  int64
	Stream   string
	Time     uint64 // ticks
}

// ParseRequest reads the part of a path after "….ism/": "Manifest", or
// "QualityLevels(500000)/Fragments(video=0)".
func ParseRequest(path string) (Request, bool) {
	if strings.EqualFold(path, "manifest") {
		return Request{Manifest: true}, true
	}
	level, fragment, ok := strings.Cut(path, "/")
	rate, ok1 := within(level, "QualityLevels(")
	what, ok2 := within(fragment, "Fragments(")
	if !ok || !ok1 || !ok2 {
		return Request{}, false
	}
	rate, _, _ = strings.Cut(rate, ",") // custom attributes may follow
	name, at, ok := strings.Cut(what, "=")
	bitrate, err1 := strconv.ParseInt(rate, 10, 64)
	time, err2 := strconv.ParseUint(at, 10, 63)
	return Request{Bitrate: bitrate, Stream: name, Time: time}, ok && err1 == nil && err2 == nil
}

func within(text, open string) (string, bool) {
	if len(text) <= len(open) || !strings.EqualFold(text[:len(open)], open) || text[len(text)-1] != ')' {
		return "", false
	}
	return text[len(open) : len(text)-1], true
}
