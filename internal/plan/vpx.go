package plan

import (
	"cmp"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// vpx is what the settings of VP8 and VP9 have in common.
type vpx struct {
	bitrate, most, buffer *int32
	gop                   *float64
	best                  bool // MULTI_PASS_HQ
}

// encodeVP8 maps Vp8Settings to libvpx.
func encodeVP8(a *ask) (*encoding, error) {
	v := a.vd.CodecSettings.Vp8Settings
	e, err := a.encoding("vp8", timing{
		control: string(v.FramerateControl), num: v.FramerateNumerator, den: v.FramerateDenominator,
		parControl: string(v.ParControl), parNum: v.ParNumerator, parDen: v.ParDenominator,
		convert: string(v.FramerateConversionAlgorithm),
	})
	if err != nil {
		return nil, err
	}
	e.args = []string{"-c:v", "libvpx"}
	a.vpx(e, vpx{v.Bitrate, v.MaxBitrate, v.HrdBufferSize, v.GopSize, v.QualityTuningLevel == types.Vp8QualityTuningLevelMultiPassHq})
	return e, nil
}

// encodeVP9 maps Vp9Settings to libvpx-vp9.
func encodeVP9(a *ask) (*encoding, error) {
	v := a.vd.CodecSettings.Vp9Settings
	e, err := a.encoding("vp9", timing{
		control: string(v.FramerateControl), num: v.FramerateNumerator, den: v.FramerateDenominator,
		parControl: string(v.ParControl), parNum: v.ParNumerator, parDen: v.ParDenominator,
		convert: string(v.FramerateConversionAlgorithm),
	})
	if err != nil {
		return nil, err
	}
	e.args = []string{"-c:v", "libvpx-vp9", "-row-mt", "1"}
	a.vpx(e, vpx{v.Bitrate, v.MaxBitrate, v.HrdBufferSize, v.GopSize, v.QualityTuningLevel == types.Vp9QualityTuningLevelMultiPassHq})
	return e, nil
}

// vpx ends an encoding of VP8 or VP9: variable rate in two passes, the only way
// there is (behaviour.md 5.4).
func (a *ask) vpx(e *encoding, v vpx) {
	e.pixFmt = "yuv420p"
	e.passes = 2
	rate := int64(aws.ToInt32(v.bitrate))
	e.rc = rateControl{mode: "VBR", bitrate: rate, max: cmp.Or(int64(aws.ToInt32(v.most)), 2*rate)}
	e.rc.buffer = cmp.Or(int64(aws.ToInt32(v.buffer)), 2*e.rc.max)
	speed := "2"
	if v.best {
		speed = "1"
	}
	size := gopFrames(v.gop, "FRAMES", e.rate)
	if v.gop == nil {
		size *= 2
	}
	e.args = append(e.args, "-b:v", bps(e.rc.bitrate), "-maxrate", bps(e.rc.max), "-bufsize", bps(e.rc.buffer),
		"-deadline", "good", "-cpu-used", speed, "-g", strconv.Itoa(size), "-auto-alt-ref", "1", "-lag-in-frames", "25")
	if a.segment > 0 {
		e.args = append(e.args, "-force_key_frames", forceKeys(a.segment, e.rate))
	}
	e.args = append(e.args, colorArgs(a.s, a.vd)...)
}
