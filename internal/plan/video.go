package plan

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// encoding is one video encode: how the picture is made and how it is coded.
type encoding struct {
	codec  string // FFmpeg's codec name
	args   []string
	rate   spool.Rational // output frame rate
	geo    geometry
	pixFmt string
	scaler string
	rc     rateControl
	post   []filter // what is done to the joined programme at the output's size
	frames int64    // between key frames, at most; 0 unknown

	vd   *types.VideoDescription
	full bool // full range: JPEG
}

// encoder turns one codec's settings into an encoding. segment is the length
// of segments in seconds, 0 for unsegmented outputs.
type encoder func(s *source, vd *types.VideoDescription, segment int) (*encoding, error)

func encoderOf(codec types.VideoCodec) (encoder, bool) {
	e, ok := map[types.VideoCodec]encoder{
		types.VideoCodecH264: encodeH264,
		types.VideoCodecH265: encodeH265,
		types.VideoCodecAv1:  encodeAV1,
	}[codec]
	return e, ok
}

// outputRate applies framerateControl (behaviour.md 5.4).
func outputRate(s *source, control string, num, den *int32) spool.Rational {
	r := spool.Rational{Num: int64(aws.ToInt32(num)), Den: int64(aws.ToInt32(den))}
	if control == "SPECIFIED" && r.Valid() {
		return r.Reduced()
	}
	return s.rate
}

// pixelAspect applies parControl; the zero value follows the source.
func pixelAspect(control string, num, den *int32) spool.Rational {
	r := spool.Rational{Num: int64(aws.ToInt32(num)), Den: int64(aws.ToInt32(den))}
	if control == "SPECIFIED" && r.Valid() {
		return r.Reduced()
	}
	return spool.Rational{}
}

// colorArgs tag the output as the source is tagged; untagged sources stay so.
// colorMetadata IGNORE leaves the tags out (behaviour.md 5.3).
func colorArgs(s *source, vd *types.VideoDescription) []string {
	if s.video == nil || vd.ColorMetadata == types.ColorMetadataIgnore {
		return nil
	}
	args := []string{"-color_range", "tv"}
	for _, tag := range []struct{ flag, value string }{
		{"-colorspace", s.video.ColorSpace},
		{"-color_trc", transferNames(s.video.Transfer)},
		{"-color_primaries", s.video.Primaries},
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
