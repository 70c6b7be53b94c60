package plan

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// av1CapShare is the part of maxBitrate given to SVT-AV1 as its own cap. Its
// capped-quality mode of 1.4 overshoots what it is told by up to two fifths
// over the buffer's window on noise; with this share the cap itself is held.
const av1CapShare = 0.7

// encodeAV1 maps Av1Settings to SVT-AV1.
func encodeAV1(s *source, vd *types.VideoDescription, segment int) (*encoding, error) {
	a := vd.CodecSettings.Av1Settings
	e := &encoding{codec: "av1", scaler: scaler(vd), pixFmt: "yuv420p"}
	if a.BitDepth == types.Av1BitDepthBit10 {
		e.pixFmt = "yuv420p10le"
	}
	e.rate = outputRate(s, string(a.FramerateControl), a.FramerateNumerator, a.FramerateDenominator)
	var err error
	if e.geo, err = newGeometry(s, vd, pixelAspect("", nil, nil)); err != nil {
		return nil, err
	}
	var level *int32
	var fine *float64
	if a.QvbrSettings != nil {
		level, fine = a.QvbrSettings.QvbrQualityLevel, a.QvbrSettings.QvbrQualityLevelFineTune
	}
	e.rc = newRateControl("QVBR", nil, a.MaxBitrate, nil, nil, level, fine, e.geo.height)
	keyint := gopFrames(a.GopSize, "FRAMES", e.rate)
	if a.GopSize == nil {
		keyint *= 2 // AV1 pays more for a key frame; four seconds
	}
	if segment > 0 {
		// the encoder ends a GOP where the segment ends: it takes no forced key frames in this mode
		keyint = gopFrames(nil, "", e.rate)
	}
	params := []string{
		fmt.Sprintf("mbr=%d", max(1, int(float64(e.rc.max)*av1CapShare/1000))),
		"keyint=" + strconv.Itoa(keyint),
	}
	if n := aws.ToInt32(a.Slices); n > 1 {
		params = append(params, "tile-columns="+strconv.Itoa(bits.Len32(uint32(n))-1))
	}
	if a.SpatialAdaptiveQuantization == types.Av1SpatialAdaptiveQuantizationDisabled {
		params = append(params, "aq-mode=0")
	}
	if a.FilmGrainSynthesis == types.Av1FilmGrainSynthesisEnabled {
		params = append(params, "film-grain=8")
	}
	e.args = []string{
		"-c:v", "libsvtav1", "-preset", "8", "-crf", e.rc.crf(20, 5, 63),
		"-svtav1-params", strings.Join(params, ":"),
	}
	e.args = append(e.args, colorArgs(s, vd)...)
	return e, nil
}
