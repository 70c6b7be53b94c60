package plan

import (
	"cmp"
	"fmt"
	"math"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// rateControl is what the three encoders' settings have in common.
type rateControl struct {
	mode    string // QVBR | VBR | CBR
	bitrate int64  // bits/s; VBR and CBR
	max     int64  // bits/s; QVBR, and VBR if given
	buffer  int64  // bits
	fill    float64
	level   float64 // 1..10 with thirds; QVBR
}

func newRateControl(mode string, bitrate, maxRate, buffer, fill, level *int32, fine *float64, height int) rateControl {
	rc := rateControl{
		mode:    mode,
		bitrate: int64(aws.ToInt32(bitrate)),
		max:     int64(aws.ToInt32(maxRate)),
		fill:    0.9,
	}
	if fill != nil {
		rc.fill = float64(*fill) / 100
	}
	if mode == "CBR" {
		rc.max = rc.bitrate
	}
	if rc.max == 0 {
		rc.max = rc.bitrate + rc.bitrate/2
	}
	rc.buffer = cmp.Or(int64(aws.ToInt32(buffer)), 2*rc.max)
	rc.level = float64(aws.ToInt32(level))
	if rc.level == 0 {
		rc.level = autoLevel(height)
	} else if fine != nil {
		rc.level = math.Min(10, rc.level+math.Floor(*fine*3+0.01)/3) // rounded down to thirds
	}
	return rc
}

// autoLevel is the quality level of QVBR when the job names none, after the
// service's own advice by picture height (behaviour.md 5.4).
func autoLevel(height int) float64 {
	switch {
	case height >= 1000:
		return 9
	case height >= 700:
		return 8
	default:
		return 7
	}
}

// expectation is the cap that the output is held to, nil without one.
func (rc rateControl) expectation() *RateExpectation {
	if rc.max == 0 {
		return nil
	}
	return &RateExpectation{Max: rc.max, Buffer: rc.buffer}
}

// crf interpolates a constant-quality factor from those at level 10 and per
// level below.
func (rc rateControl) crf(at10, perLevel, most float64) string {
	f := math.Min(most, at10+(10-rc.level)*perLevel)
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

func bps(n int64) string { return strconv.FormatInt(n, 10) }

// gop is what the encoders need to know of key frames.
type gop struct {
	size     int // frames between key frames, at most
	min      int // frames, at least; 0: the encoder's choice
	bframes  int // −1: the encoder's choice
	refs     int // 0: the encoder's choice
	pyramid  bool
	adaptive bool
	cut      bool // key frames at scene changes
	slices   int
	closed   int // one GOP in so many is closed; 0: none
}

// closedGOPs applies gopClosedCadence: all are closed unless the job says more.
func closedGOPs(cadence *int32) int {
	if cadence == nil {
		return 1
	}
	return int(*cadence)
}

// open is x264's and x265's parameter.
func (g gop) open() string {
	if g.closed == 1 {
		return "open-gop=0"
	}
	return "open-gop=1"
}

// keys are the arguments that force key frames: where segments begin, and where
// a GOP is to be closed among open ones.
func (a *ask) keys(e *encoding, g gop, size *float64, units string) []string {
	switch {
	case a.segment > 0 && g.closed == 1:
		return []string{"-forced-idr", "1", "-force_key_frames", forceKeys(keyCadence(a.segment, size, units), e.rate)}
	case a.segment > 0:
		return []string{"-forced-idr", "1", "-force_key_frames", forceKeys(a.segment, e.rate)}
	case g.closed > 1:
		return []string{"-forced-idr", "1", "-force_key_frames", fmt.Sprintf("expr:gte(n,n_forced*%d)", g.closed*g.size)}
	}
	return nil
}

// thinner is the filter that makes a picture cheaper to code.
func thinner(f *types.BandwidthReductionFilter) []filter {
	if f == nil {
		return nil
	}
	var fs []filter
	if strength, ok := map[types.BandwidthReductionFilterStrength]string{
		types.BandwidthReductionFilterStrengthLow: "1.5", types.BandwidthReductionFilterStrengthAuto: "2.5",
		types.BandwidthReductionFilterStrengthMedium: "4", types.BandwidthReductionFilterStrengthHigh: "6",
	}[f.Strength]; ok {
		fs = append(fs, plain("hqdn3d="+strength)...)
	}
	if amount, ok := map[types.BandwidthReductionFilterSharpening]string{
		types.BandwidthReductionFilterSharpeningLow: "0.3", types.BandwidthReductionFilterSharpeningMedium: "0.6",
		types.BandwidthReductionFilterSharpeningHigh: "1",
	}[f.Sharpening]; ok && len(fs) > 0 {
		fs = append(fs, plain("unsharp=5:5:"+amount+":5:5:0")...)
	}
	return fs
}

// gopFrames gives the distance of key frames. Automatic is two seconds: short
// enough to seek and switch rungs, long enough to cost little.
func gopFrames(size *float64, units string, rate spool.Rational) int {
	switch {
	case units == "FRAMES" && size != nil && *size > 0:
		return max(1, int(math.Round(*size)))
	case units == "SECONDS" && size != nil && *size > 0:
		return max(1, int(math.Round(*size*rate.Float())))
	default:
		return max(1, int(math.Ceil(2*rate.Float())))
	}
}

// keyCadence gives the seconds between forced key frames for segments of a
// length: those of the GOP where whole GOPs fill a segment, so that groups with
// other segment lengths can share the encode, and the segment's otherwise.
func keyCadence(segment int, size *float64, units string) int {
	gop := 2.0 // automatic, see gopFrames
	switch {
	case units == "FRAMES" && size != nil:
		return segment
	case units == "SECONDS" && size != nil:
		gop = *size
	}
	if n := int(gop); n > 0 && float64(n) == gop && segment%n == 0 {
		return n
	}
	return segment
}

// forceKeys is the argument of -force_key_frames that puts a key frame on the
// first picture at or after every whole multiple of the segment length. It
// counts frames, not seconds: exact in doubles for every rate.
func forceKeys(segmentSeconds int, rate spool.Rational) string {
	return "expr:gte(n,ceil(n_forced*" + strconv.Itoa(segmentSeconds) + "*" +
		strconv.FormatInt(rate.Num, 10) + "/" + strconv.FormatInt(rate.Den, 10) + "))"
}
