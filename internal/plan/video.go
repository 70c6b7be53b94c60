package plan

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// encoding is one video encode: how the picture is made and how it is coded.
type encoding struct {
	codec  string         // FFmpeg's codec name
	args   []string       // of the encoder, but for its private parameters
	params []string       // private parameters, "key=value"
	flags  string         // of -flags, "+cgop"
	option string         // the option that takes them, such as -x264-params
	rate   spool.Rational // output frame rate
	geo    geometry
	pixFmt string
	scaler string
	rc     rateControl
	post   []filter // what is done to the joined programme at the output's size

	b        *builder
	keepFull bool // the source's full range is kept
	vd       *types.VideoDescription
	full     bool // full range: JPEG

	last    []filter       // what makes the encoder's form of the finished picture: fields, a palette
	drawn   spool.Rational // rate at which pictures are made, where last changes it; else zero
	convert string         // filter that makes new pictures between the source's, else "": some are repeated or left out
	fields  string         // order of an interlaced output's fields: tff, bff or ""
	moving  bool           // every field of an interlaced source shows a moment of its own
	passes  int            // 2: a first pass measures
	index   int            // of the stream among those of its task, once it is mapped
	copies  bool           // the input\'s own video, not coded again
	raw     int64          // bytes of one picture of files that hold nothing else; else 0
}

// coding gives all arguments of the encoder.
func (e *encoding) coding() []string {
	args := slices.Clone(e.args)
	params := e.params
	if e.passes == 2 {
		pass, own := e.passArgs(2)
		args, params = append(args, pass...), slices.Concat(params, own)
	}
	if e.flags != "" {
		args = append(args, "-flags", e.flags)
	}
	if len(params) > 0 {
		args = append(args, e.option, strings.Join(params, ":"))
	}
	return args
}

// ask is what one output asks of an encoder.
type ask struct {
	b       *builder
	s       *source // that outputs follow
	vd      *types.VideoDescription
	at      string // pointer of the codec's settings
	segment int    // seconds; 0 for unsegmented outputs
	box     types.ContainerType
}

// warn tells of a codec's setting that is not followed.
func (a *ask) warn(setting, format string, args ...any) {
	a.b.warn(spool.WarnSettingIgnored, a.at+"/"+setting, format, args...)
}

// encoder turns one codec's settings into an encoding.
type encoder func(a *ask) (*encoding, error)

// encoderOf gives the encoder of a codec and the name of its settings; nil where
// there is none.
func encoderOf(codec types.VideoCodec) (encoder, string) {
	switch codec {
	case types.VideoCodecH264:
		return encodeH264, "h264Settings"
	case types.VideoCodecH265:
		return encodeH265, "h265Settings"
	case types.VideoCodecAv1:
		return encodeAV1, "av1Settings"
	case types.VideoCodecVp8:
		return encodeVP8, "vp8Settings"
	case types.VideoCodecVp9:
		return encodeVP9, "vp9Settings"
	case types.VideoCodecProres:
		return encodeProRes, "proresSettings"
	case types.VideoCodecMpeg2:
		return encodeMPEG2, "mpeg2Settings"
	case types.VideoCodecVc3:
		return encodeVC3, "vc3Settings"
	case types.VideoCodecAvcIntra:
		return encodeAVCIntra, "avcIntraSettings"
	case types.VideoCodecXavc:
		return encodeXAVC, "xavcSettings"
	case types.VideoCodecUncompressed:
		return encodeUncompressed, "uncompressedSettings"
	case types.VideoCodecPassthrough:
		return encodePassthrough, "passthroughSettings"
	case types.VideoCodecGif:
		return encodeGIF, "gifSettings"
	default:
		return nil, ""
	}
}

// trial plans an encode that is not made, for what it says of rate and size.
func (b *builder) trial(vd *types.VideoDescription) (*encoding, error) {
	encode, _ := encoderOf(vd.CodecSettings.Codec)
	if encode == nil {
		return nil, spool.Failf(spool.CodeIncompatible, "The codec %s can't be used here.", vd.CodecSettings.Codec)
	}
	quiet := &builder{settings: b.settings, facts: b.facts, prog: b.prog, plan: &Plan{}}
	e, err := encode(&ask{b: quiet, s: b.prog.follow, vd: vd, segment: 1})
	if err != nil {
		return nil, err
	}
	e.b, e.vd, e.keepFull = quiet, vd, fullRange(b.prog.follow, vd)
	return e, nil
}

// colorArgs tag the output as the source is tagged; untagged sources stay so.
// colorMetadata IGNORE leaves the tags out (behaviour.md 5.3).
func colorArgs(s *source, vd *types.VideoDescription) []string {
	if s.video == nil || vd.ColorMetadata == types.ColorMetadataIgnore {
		return nil
	}
	args := []string{"-color_range", "tv"}
	if fullRange(s, vd) {
		args[1] = "pc"
	}
	c := targetColors(s, vd)
	for _, tag := range []struct{ flag, value string }{
		{"-colorspace", c.matrix},
		{"-color_trc", transferNames(c.transfer)},
		{"-color_primaries", c.primaries},
	} {
		if value, ok := colorNames[tag.value]; ok {
			args = append(args, tag.flag, value)
		}
	}
	return args
}

// transferNames gives the encoder's name of a transfer characteristic: ffprobe
// says bt470m and bt470bg of two that -color_trc only knows by their gamma.
func transferNames(probed string) string {
	switch probed {
	case "bt470m":
		return "gamma22"
	case "bt470bg":
		return "gamma28"
	default:
		return probed
	}
}

// colorNames are the tags that FFmpeg's encoders take; others are left out.
var colorNames = func() map[string]string {
	names := map[string]string{}
	for _, n := range []string{
		"bt709", "fcc", "smpte170m", "smpte240m", "ycgco", "bt2020nc", "bt2020c", "ictcp",
		"gamma22", "gamma28", "linear", "log100", "log316", "iec61966-2-4", "bt1361e", "iec61966-2-1",
		"bt2020-10", "bt2020-12", "smpte2084", "smpte428", "arib-std-b67",
		"bt470m", "bt470bg", "film", "bt2020", "smpte431", "smpte432",
	} {
		names[n] = n
	}
	return names
}()
