package ffmpeg

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"math/bits"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"spool/internal/spool"
)

// Bounds of a description.
const (
	describeMeasure = 512 << 20 // bytes: a longer file is not read to its end for a length that it does not say
	timecodePackets = "%+#12"   // what is read for a timecode between the pictures
	headSize        = 4 << 10   // bytes; a Matroska header's document type lies in them
)

// Describe tells what a file says of itself, tracks that Spool could not decode
// included, for the Probe operation. The path is absolute; uri is what the user
// calls the file and stands in messages. Cover pictures and attached files are
// no tracks. A duration that is missing is measured where the file is whole and
// that does not take reading more than describeMeasure. A file that is not
// whole has holes where it is not known.
//
// Errors are as those of Probe.
func (t *Tools) Describe(ctx context.Context, path, uri string, whole bool) (spool.Media, error) {
	size, head, err := look(path, uri)
	if err != nil {
		return spool.Media{}, err
	}
	p := &prober{tools: t, path: path, uri: uri, head: head, size: size}
	file, err := p.describe(ctx)
	if err != nil {
		return spool.Media{}, err
	}
	media := p.all(file)
	if len(media.Video)+len(media.Audio)+len(media.Text)+len(media.Data) == 0 {
		return spool.Media{}, cannotOpen(spool.CodeDemux, uri, "it has no tracks")
	}
	fromStart(&media)
	if media.Brand, err = p.brand(file); err != nil {
		return spool.Media{}, err
	}
	if whole && !p.truncated && size <= describeMeasure && len(media.Video)+len(media.Audio) > 0 && (implausible(media) || endless(media)) {
		if err := p.measureTracks(ctx, &media); err != nil {
			return spool.Media{}, err
		}
	}
	if media.Timecode = timecodeOf(file); media.Timecode == "" {
		media.Timecode, err = p.pictureTimecode(ctx, media)
	}
	return media, err
}

// measureTracks is measure, after which no bit rate stands that went with a
// claimed length that was not true.
func (p *prober) measureTracks(ctx context.Context, m *spool.Media) error {
	claimed := map[int]time.Duration{}
	for _, v := range m.Video {
		claimed[v.Index] = v.Duration
	}
	for _, a := range m.Audio {
		claimed[a.Index] = a.Duration
	}
	if err := p.measure(ctx, m); err != nil {
		return err
	}
	for i, v := range m.Video {
		if d := claimed[v.Index]; d > 0 && !near(v.Duration, d) {
			m.Video[i].BitRate = 0
		}
	}
	for i, a := range m.Audio {
		if d := claimed[a.Index]; d > 0 && !near(a.Duration, d) {
			m.Audio[i].BitRate = 0
		}
	}
	return nil
}

// all takes every track.
func (p *prober) all(file wireFile) spool.Media {
	media := spool.Media{
		Format: file.Format.Name, Duration: seconds(file.Format.Duration),
		Start: seconds(file.Format.Start), Size: p.size, BitRate: count(file.Format.BitRate),
	}
	for _, s := range file.Streams {
		switch {
		case s.Type == "attachment", s.Disposition["attached_pic"] == 1:
		case s.Type == "video":
			v := s.video()
			v.CodedWidth, v.CodedHeight = max(s.CodedWidth, 0), max(s.CodedHeight, 0)
			media.Video = append(media.Video, v)
		case s.Type == "audio":
			a := s.audio()
			a.BitDepth = cmp.Or(s.SampleBits, int(count(s.RawBits)))
			media.Audio = append(media.Audio, a)
		default:
			d := s.text()
			d.CodecTag, d.Duration = printable(s.Tag), s.length()
			if s.Type == "subtitle" {
				media.Text = append(media.Text, d)
			} else {
				media.Data = append(media.Data, d)
			}
		}
	}
	return media
}

// brand tells apart what one demuxer reads under one name: MP4 from QuickTime,
// which may have no brand at all, and WebM from Matroska.
func (p *prober) brand(file wireFile) (string, error) {
	switch first, _, _ := strings.Cut(file.Format.Name, ","); first {
	case "mov":
		brand, given := file.Format.Tags["major_brand"]
		if !given {
			return "qt", nil
		}
		return strings.TrimSpace(printable(brand)), nil
	case "matroska":
		f, err := os.Open(p.path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		head, err := io.ReadAll(io.LimitReader(f, headSize))
		if docType(head) == "webm" {
			return "webm", err
		}
		return "matroska", err
	}
	return "", nil
}

// docType gives the document type of an EBML header: the element 42 82, a length
// in one to eight bytes, and the text.
func docType(head []byte) string {
	_, rest, found := bytes.Cut(head, []byte{0x42, 0x82})
	if !found || len(rest) == 0 || rest[0] == 0 {
		return ""
	}
	width := bits.LeadingZeros8(rest[0]) + 1
	if len(rest) < width {
		return ""
	}
	n := int(rest[width-1])
	if width == 1 {
		n &= 0x7f
	}
	if len(rest) < width+n {
		return ""
	}
	return strings.TrimRight(string(rest[width:width+n]), "\x00")
}

// timecodeForm is the only text that a timecode can have: tags are a stranger's.
var timecodeForm = regexp.MustCompile(`^(\d{2}:[0-5]\d:[0-5]\d)([:;.])(\d{2,3})$`)

// plainTimecode gives HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame; "" for what
// is no timecode.
func plainTimecode(s string) string {
	m := timecodeForm.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	separator := ":"
	if m[2] != ":" {
		separator = ";"
	}
	return m[1] + separator + m[3]
}

// timecodeOf gives the timecode that the container holds: of MXF's material
// package, or of a timecode track.
func timecodeOf(file wireFile) string {
	if tc := plainTimecode(file.Format.Tags["timecode"]); tc != "" {
		return tc
	}
	for _, s := range file.Streams {
		if tc := plainTimecode(s.Tags["timecode"]); tc != "" {
			return tc
		}
	}
	return ""
}

// withTimecode are the codecs whose pictures may carry one: in the header of a
// group of pictures, or in a message (SMPTE 12-1).
var withTimecode = []string{"mpeg1video", "mpeg2video", "h264", "hevc"}

// pictureTimecode gives the timecode that the first picture carries, if any.
func (p *prober) pictureTimecode(ctx context.Context, m spool.Media) (string, error) {
	if len(m.Video) == 0 || !slices.Contains(withTimecode, m.Video[0].Codec) {
		return "", nil
	}
	out := &limitedBuffer{limit: maxProbeJSON}
	_, _, err := p.ffprobe(ctx, probeTimeout, out, "-of", "json", "-select_streams", "v:0",
		"-read_intervals", timecodePackets, "-show_frames")
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	var said struct {
		Frames []struct {
			SideData []struct {
				Timecode  string `json:"timecode"`
				Timecodes []struct {
					Value string `json:"value"`
				} `json:"timecodes"`
			} `json:"side_data_list"`
		} `json:"frames"`
	}
	// Pictures that cannot be decoded carry none that can be read; that is for a
	// job to tell.
	if err != nil || out.over || json.Unmarshal(out.buf.Bytes(), &said) != nil || len(said.Frames) == 0 {
		return "", nil //nolint:nilerr // no timecode, see above
	}
	for _, side := range said.Frames[0].SideData {
		if tc := plainTimecode(side.Timecode); tc != "" {
			return tc, nil
		}
		if len(side.Timecodes) > 0 {
			if tc := plainTimecode(side.Timecodes[0].Value); tc != "" {
				return tc, nil
			}
		}
	}
	return "", nil
}
