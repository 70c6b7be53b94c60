package plan

import (
	"fmt"
	"math/bits"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// av1CapShare is the part of maxBitrate given to SVT-AV1 as its own cap. Its
// capped-quality mode of 1.4 overshoots what it is told by up to two fifths
// over the buffer's window on noise; with this share the cap itself is held.
const av1CapShare = 0.7

// encodeAV1 maps Av1Settings to SVT-AV1.
func encodeAV1(a *ask) (*encoding, error) {
	v := a.vd.CodecSettings.Av1Settings
	e, err := a.encoding("av1", timing{
		control: string(v.FramerateControl), num: v.FramerateNumerator, den: v.FramerateDenominator,
		convert: string(v.FramerateConversionAlgorithm),
	})
	if err != nil {
		return nil, err
	}
	e.pixFmt = "yuv420p"
	if v.BitDepth == types.Av1BitDepthBit10 {
		e.pixFmt = "yuv420p10le"
	}
	var level *int32
	var fine *float64
	if v.QvbrSettings != nil {
		level, fine = v.QvbrSettings.QvbrQualityLevel, v.QvbrSettings.QvbrQualityLevelFineTune
	}
	e.rc = newRateControl("QVBR", nil, v.MaxBitrate, nil, nil, level, fine, e.geo.height)
	keyint := gopFrames(v.GopSize, "FRAMES", e.rate)
	if v.GopSize == nil {
		keyint *= 2 // AV1 pays more for a key frame; four seconds
	}
	if a.segment > 0 {
		// the encoder ends a GOP where the segment ends: it takes no forced key frames in this mode
		keyint = gopFrames(nil, "", e.rate)
	}
	params := []string{
		fmt.Sprintf("mbr=%d", max(1, int(float64(e.rc.max)*av1CapShare/1000))),
		"keyint=" + strconv.Itoa(keyint),
	}
	if n := aws.ToInt32(v.Slices); n > 1 {
		params = append(params, "tile-columns="+strconv.Itoa(bits.Len32(uint32(n))-1))
	}
	if v.SpatialAdaptiveQuantization == types.Av1SpatialAdaptiveQuantizationDisabled || v.AdaptiveQuantization == types.Av1AdaptiveQuantizationOff {
		params = append(params, "aq-mode=0")
	}
	if n := v.NumberBFramesBetweenReferenceFrames; n != nil {
		params = append(params, av1Pyramid(int(*n)))
	}
	if v.FilmGrainSynthesis == types.Av1FilmGrainSynthesisEnabled {
		params = append(params, "film-grain=8")
	}
	e.args = []string{
		"-c:v", "libsvtav1", "-preset", "8", "-crf", e.rc.crf(20, 5, 63),
	}
	e.option, e.params = "-svtav1-params", params
	e.args = append(e.args, colorArgs(a.s, a.vd)...)
	return e, nil
}

// av1Pyramid gives the parameter for so many B frames in a row: the encoder has
// pyramids of 3, 7 and 15, and an order without any.
func av1Pyramid(bframes int) string {
	switch {
	case bframes == 0:
		return "pred-struct=1"
	case bframes <= 3:
		return "hierarchical-levels=2"
	case bframes <= 7:
		return "hierarchical-levels=3"
	default:
		return "hierarchical-levels=4"
	}
}
