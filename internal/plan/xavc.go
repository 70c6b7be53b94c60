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

// xavcLongGOP is what the two long-GOP profiles of XAVC differ in.
type xavcLongGOP struct {
	widths  []int
	height  int
	mbits   int
	profile string
	pixFmt  string
	level   string
	bRef    bool
	cadence *int32
	buffer  *int32
	tuning  string
	slices  int32
	flicker bool
}

func xavcHD(v *types.XavcSettings) xavcLongGOP {
	x := xavcLongGOP{widths: []int{1920, 1440}, height: 1080, mbits: 35, profile: "high", pixFmt: "yuv420p", level: "4.2", slices: 4}
	s := v.XavcHdProfileSettings
	if s == nil {
		return x
	}
	x.mbits = cmp.Or(map[types.XavcHdProfileBitrateClass]int{types.XavcHdProfileBitrateClassBitrateClass25: 25, types.XavcHdProfileBitrateClassBitrateClass50: 50}[s.BitrateClass], x.mbits)
	x.bRef = s.GopBReference == types.XavcGopBReferenceEnabled
	x.cadence, x.buffer, x.tuning = s.GopClosedCadence, s.HrdBufferSize, string(s.QualityTuningLevel)
	x.slices = cmp.Or(aws.ToInt32(s.Slices), x.slices)
	x.flicker = s.FlickerAdaptiveQuantization == types.XavcFlickerAdaptiveQuantizationEnabled
	return x
}

func xavc4K(v *types.XavcSettings) xavcLongGOP {
	x := xavcLongGOP{widths: []int{3840, 4096}, height: 2160, mbits: 100, profile: "high", pixFmt: "yuv420p", level: "5.2", slices: 8}
	s := v.Xavc4kProfileSettings
	if s == nil {
		return x
	}
	x.mbits = cmp.Or(map[types.Xavc4kProfileBitrateClass]int{types.Xavc4kProfileBitrateClassBitrateClass140: 140, types.Xavc4kProfileBitrateClassBitrateClass200: 200}[s.BitrateClass], x.mbits)
	if s.CodecProfile == types.Xavc4kProfileCodecProfileHigh422 {
		x.profile, x.pixFmt = "high422", "yuv422p10le"
	}
	x.bRef = s.GopBReference == types.XavcGopBReferenceEnabled
	x.cadence, x.buffer, x.tuning = s.GopClosedCadence, s.HrdBufferSize, string(s.QualityTuningLevel)
	x.slices = cmp.Or(aws.ToInt32(s.Slices), x.slices)
	x.flicker = s.FlickerAdaptiveQuantization == types.XavcFlickerAdaptiveQuantizationEnabled
	return x
}

// xavcLong ends an encoding of XAVC with GOPs of half a second.
func (a *ask) xavcLong(e *encoding, v *types.XavcSettings, x xavcLongGOP) error {
	fits := false
	for _, w := range x.widths {
		fits = fits || e.geo.width == w && e.geo.height == x.height
	}
	if !fits {
		return spool.Failf(spool.CodeIncompatible, "%s: pictures of the profile %s are %d or %d by %d, and not %dx%d. Set width and height.",
			a.at, v.Profile, x.widths[0], x.widths[1], x.height, e.geo.width, e.geo.height)
	}
	rate := int32(x.mbits) * 1_000_000
	e.rc = newRateControl("VBR", &rate, &rate, x.buffer, nil, nil, nil, e.geo.height)
	e.pixFmt = x.pixFmt
	preset := map[string]string{"SINGLE_PASS": "veryfast", "MULTI_PASS_HQ": "slow"}[x.tuning]
	e.args = append([]string{"-c:v", "libx264", "-preset", cmp.Or(preset, "medium"), "-profile:v", x.profile, "-level:v", x.level}, h264Rate(e.rc)...)
	if x.tuning == "MULTI_PASS_HQ" {
		e.passes = 2
	}
	keyint := max(1, int(math.Round(e.rate.Float()/2)))
	e.option = "-x264-params"
	e.params = []string{"keyint=" + strconv.Itoa(keyint), "bframes=2", "b-adapt=0", "slices=" + strconv.Itoa(int(x.slices)), fmt.Sprintf("vbv-init=%.2f", e.rc.fill), "nal-hrd=vbr", "aud=1"}
	if !x.bRef {
		e.params = append(e.params, "b-pyramid=none")
	}
	if n := x.cadence; n != nil && *n == 0 && a.segment == 0 {
		e.params = append(e.params, "open-gop=1")
	} else {
		e.params = append(e.params, "open-gop=0")
	}
	if v.EntropyEncoding == types.XavcEntropyEncodingCavlc {
		e.params = append(e.params, "cabac=0")
	}
	e.params = append(e.params, h264Quality(quantisation{
		adaptive: string(v.AdaptiveQuantization), spatial: string(v.SpatialAdaptiveQuantization),
		temporal: string(v.TemporalAdaptiveQuantization), flicker: x.flicker, softness: int(aws.ToInt32(v.Softness)), high: true,
	})...)
	if e.fields != "" {
		e.flags += "+ildct+ilme"
		e.params = append(e.params, e.fields+"=1")
	}
	if a.segment > 0 {
		e.args = append(e.args, "-forced-idr", "1", "-force_key_frames", forceKeys(a.segment, e.rate))
	}
	e.args = append(e.args, colorArgs(a.s, a.vd)...)
	return nil
}
