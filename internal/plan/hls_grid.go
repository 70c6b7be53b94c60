package plan

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// hlsGrid gives the length of an output's segments, and puts key frames of its
// encode where they need some (segmentLengthControl; behaviour.md 5.7).
func hlsGrid(hs *types.HlsGroupSettings, o *types.Output, enc *encoding, match spool.Rational) spool.Rational {
	exact := spool.Rational{Num: int64(max(1, aws.ToInt32(hs.SegmentLength))), Den: 1}
	switch {
	case match.Valid():
		if enc != nil {
			enc.keysEvery(framesOf(match, enc.rate))
		}
		return match
	case hs.SegmentLengthControl != types.HlsSegmentLengthControlGopMultiple || enc == nil:
		return exact
	}
	gop := int64(givenGOP(o.VideoDescription, enc.rate))
	if gop == 0 {
		return exact // an automatic GOP follows the segments
	}
	length := framesOf(exact, enc.rate)
	n := (length.Num + gop*length.Den - 1) / (gop * length.Den) // rounded up
	enc.keysEvery(spool.Rational{Num: gop, Den: 1})
	return spool.Rational{Num: n * gop * enc.rate.Den, Den: enc.rate.Num}.Reduced()
}

// soundGrid gives the length of segments of sound alone: that of the group's
// first video, so that they begin together.
func (b *builder) soundGrid(hs *types.HlsGroupSettings, og *types.OutputGroup, match spool.Rational) spool.Rational {
	for j := range og.Outputs {
		if vd := og.Outputs[j].VideoDescription; vd != nil {
			if enc, err := b.trial(vd); err == nil {
				return hlsGrid(hs, &og.Outputs[j], enc, match)
			}
		}
	}
	return match
}

// framesOf gives how many pictures there are in a time; it need not be whole.
func framesOf(length, rate spool.Rational) spool.Rational {
	return spool.Rational{Num: length.Num * rate.Num, Den: length.Den * rate.Den}.Reduced()
}

// keysEvery forces key frames at other distances, in pictures, than the encoder
// was told. It counts pictures, as forceKeys does.
func (e *encoding) keysEvery(frames spool.Rational) {
	if i := slices.Index(e.args, "-force_key_frames"); i >= 0 && i+1 < len(e.args) {
		e.args = slices.Clone(e.args)
		e.args[i+1] = fmt.Sprintf("expr:gte(n,ceil(n_forced*%d/%d))", frames.Num, frames.Den)
	}
}

// givenGOP gives the distance of key frames that the job asks for, in pictures;
// 0 is none.
func givenGOP(vd *types.VideoDescription, rate spool.Rational) int {
	size, units := gopSettings(vd)
	if size == nil || *size <= 0 || units != "FRAMES" && units != "SECONDS" {
		return 0
	}
	return gopFrames(size, units, rate)
}

func gopSettings(vd *types.VideoDescription) (size *float64, units string) {
	switch c := vd.CodecSettings; {
	case c.H264Settings != nil:
		return c.H264Settings.GopSize, string(c.H264Settings.GopSizeUnits)
	case c.H265Settings != nil:
		return c.H265Settings.GopSize, string(c.H265Settings.GopSizeUnits)
	}
	return nil, ""
}

// keyGrid gives the distance of an output's key frames; forced says that each
// lies on the first picture at or after a multiple of it, whatever the encoder
// would do.
func keyGrid(hs *types.HlsGroupSettings, o *types.Output, rate, segment spool.Rational) (gop spool.Rational, forced bool) {
	frames := int64(givenGOP(o.VideoDescription, rate))
	own := spool.Rational{Num: frames * rate.Den, Den: rate.Num}.Reduced()
	switch hs.SegmentLengthControl {
	case types.HlsSegmentLengthControlMatch:
		return segment, true
	case types.HlsSegmentLengthControlGopMultiple:
		if frames > 0 {
			return own, true
		}
	}
	size, units := gopSettings(o.VideoDescription)
	if frames > 0 && units == "FRAMES" {
		return own, false
	}
	return spool.Rational{Num: int64(keyCadence(int(segment.Num/segment.Den), size, units)), Den: 1}, true
}

// matchLength gives the length of segments that end with a picture and with an
// audio frame alike, in every output of a group: the multiple nearest to what is
// asked for (segmentLengthControl MATCH). Audio frames are those of AAC at 48 kHz.
// The zero value: MATCH is not asked for.
func (b *builder) matchLength(i int, hs *types.HlsGroupSettings, og *types.OutputGroup) (spool.Rational, error) {
	if hs.SegmentLengthControl != types.HlsSegmentLengthControlMatch {
		return spool.Rational{}, nil
	}
	common := spool.Rational{Num: 1024, Den: 48000}.Reduced()
	videos, sounds := 0, 0
	for j := range og.Outputs {
		o := &og.Outputs[j]
		sounds += len(o.AudioDescriptions)
		if o.VideoDescription == nil {
			continue
		}
		enc, err := b.trial(o.VideoDescription)
		if err != nil {
			return common, err
		}
		videos++
		common = leastCommon(common, spool.Rational{Num: enc.rate.Den, Den: enc.rate.Num})
	}
	if videos == 0 || sounds == 0 {
		return common, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputGroupSettings/hlsGroupSettings/segmentLengthControl: MATCH needs an output with video and one with audio.", i)
	}
	n := int64(math.Round(float64(aws.ToInt32(hs.SegmentLength)) / common.Float()))
	return spool.Rational{Num: common.Num * max(1, n), Den: common.Den}.Reduced(), nil
}

// leastCommon gives the least common multiple of two lengths.
func leastCommon(a, b spool.Rational) spool.Rational {
	a, b = a.Reduced(), b.Reduced()
	return spool.Rational{Num: a.Num / gcd(a.Num, b.Num) * b.Num, Den: gcd(a.Den, b.Den)}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// programStart gives the time of the first picture for EXT-X-PROGRAM-DATE-TIME:
// the time of day is the output's timecode, the date timestampOffset's, or the
// day on which the job began (behaviour.md 5.1). Without a timecode of either
// kind it is when the job began.
func (b *builder) programStart() time.Time {
	day := b.facts.Started.UTC()
	at, ok := b.timeOf(b.startCode())
	if t := b.settings.TimecodeConfig; t != nil {
		if given, err := time.Parse(time.DateOnly, aws.ToString(t.TimestampOffset)); err == nil {
			day, ok = given, true
		}
	}
	if !ok {
		return day.Truncate(time.Millisecond)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC).Add(at).Truncate(time.Millisecond)
}

// startCode gives the output's first timecode; "" is none.
func (b *builder) startCode() string {
	var t types.TimecodeConfig
	if b.settings.TimecodeConfig != nil {
		t = *b.settings.TimecodeConfig
	}
	switch t.Source {
	case types.TimecodeSourceZerobased:
		return "00:00:00:00"
	case types.TimecodeSourceSpecifiedstart:
		return aws.ToString(t.Start)
	default:
		return b.first().media.Timecode
	}
}

// timeOf gives the time of day that a timecode stands for, at the rate of the
// programme.
func (b *builder) timeOf(code string) (time.Duration, bool) {
	t, _, ok := parseTimecode(code)
	if !ok {
		return 0, false
	}
	at := time.Duration(t.h)*time.Hour + time.Duration(t.m)*time.Minute + time.Duration(t.s)*time.Second
	if rate := b.prog.follow.rate; rate.Valid() {
		at += time.Duration(float64(t.f) / float64(nominal(rate)) * float64(time.Second))
	}
	return at, true
}
