package plan

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// grid decides where the segments and fragments of a group begin
// (segmentLengthControl; behaviour.md 5.7). All streams of a group share it, so
// that players can go from one to another at every segment.
//
// It is made of whole seconds, unless the job asks for whole GOPs or for lengths
// that sound and picture have in common, or unless a codec has key frames at
// whole numbers of pictures only.
func (p *packing) grid(control string, og *types.OutputGroup) error {
	p.length = spool.Rational{Num: int64(p.segment), Den: 1}
	cadence := int64(p.segment)
	if p.fragment > 0 && p.segment%p.fragment == 0 {
		cadence = int64(p.fragment)
	}
	p.every = spool.Rational{Num: cadence, Den: 1}
	match, err := p.matchLength(p.i, &types.HlsGroupSettings{
		SegmentLength: aws.Int32(int32(p.segment)), SegmentLengthControl: types.HlsSegmentLengthControl(control),
	}, og)
	if err != nil {
		var f *spool.Failure
		if errors.As(err, &f) {
			f.Message = strings.Replace(f.Message, "hlsGroupSettings", p.object, 1)
		}
		return err
	}
	if match.Valid() {
		p.length, p.every, p.fragment = match, match, 0
	}
	for j := range og.Outputs {
		vd := og.Outputs[j].VideoDescription
		if vd == nil || match.Valid() {
			continue
		}
		enc, err := p.trial(vd)
		if err != nil {
			return err
		}
		gop := int64(0)
		if control == string(types.HlsSegmentLengthControlGopMultiple) {
			gop = int64(givenGOP(vd, enc.rate))
		}
		if enc.codec == "av1" && gop == 0 {
			gop = int64(math.Ceil(p.every.Float()*enc.rate.Float() - 1e-9))
		}
		if gop == 0 || enc.copies {
			continue
		}
		p.every = spool.Rational{Num: gop * enc.rate.Den, Den: enc.rate.Num}.Reduced()
		n := int64(math.Ceil(p.length.Float()/p.every.Float() - 0.01)) // an NTSC second is a thousandth longer
		p.length = spool.Rational{Num: n * p.every.Num, Den: p.every.Den}.Reduced()
		break
	}
	p.group.Pack.Segment = lengthOf(p.length)
	return nil
}

func lengthOf(r spool.Rational) time.Duration {
	return time.Duration(math.Round(r.Float() * float64(time.Second)))
}

// place puts key frames where the group's grid needs them.
func (p *packing) place(enc *encoding) {
	if enc == nil || enc.copies {
		return
	}
	frames := framesOf(p.every, enc.rate)
	for i, param := range enc.params {
		if enc.codec == "av1" && strings.HasPrefix(param, "keyint=") {
			enc.params[i] = fmt.Sprintf("keyint=%d", int64(math.Ceil(frames.Float()-1e-9)))
		}
	}
	if p.every.Den != 1 {
		enc.keysEvery(frames)
	}
}

// fragmentArgs are the packager's flags for the lengths of segments and fragments.
func (p *packing) fragmentArgs() []string {
	args := []string{"--segment_duration=" + gridLength(lengthOf(p.length))}
	if p.fragment <= 0 {
		return args
	}
	length := time.Duration(p.fragment) * time.Second
	if p.every.Den != 1 {
		n := math.Max(1, math.Round(float64(p.fragment)/p.every.Float()))
		length = time.Duration(math.Round(n * p.every.Float() * float64(time.Second)))
	}
	if length >= lengthOf(p.length) {
		return args
	}
	return append(args, "--fragment_duration="+gridLength(length))
}

// gridLength writes the length of a segment or fragment. Whole seconds are whole
// ticks of every stream and stay as they are: cut down by the ticks of text, which
// are milliseconds, they would make a segment too many of its last moments.
func gridLength(d time.Duration) string {
	if d%time.Second == 0 {
		return strconv.FormatFloat(d.Seconds(), 'f', 6, 64)
	}
	return short(d)
}
