package plan

import (
	"cmp"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Codecs of cameras and editors: every picture is coded alone, in one of a few
// sizes, rates and amounts of bits.

// encodeVC3 maps Vc3Settings to FFmpeg's DNxHD encoder.
func encodeVC3(a *ask) (*encoding, error) {
	v := a.vd.CodecSettings.Vc3Settings
	e, err := a.encoding("dnxhd", timing{
		control: string(v.FramerateControl), num: v.FramerateNumerator, den: v.FramerateDenominator,
		convert: string(v.FramerateConversionAlgorithm), scan: string(v.ScanTypeConversionMode),
		interlace: string(v.InterlaceMode), telecine: string(v.Telecine),
	})
	if err != nil {
		return nil, err
	}
	mbits, ok := vc3Rate(e, v.Vc3Class)
	if !ok {
		return nil, spool.Failf(spool.CodeIncompatible,
			"%s: there is no VC-3 of the class %s with %dx%d pictures at %s a second. Choose 1920x1080 or, progressive and of 8 bits or at class 220, 1280x720, at 24000/1001, 25, 30000/1001, 50 or 60000/1001.",
			a.at, cmp.Or(v.Vc3Class, types.Vc3ClassClass1458bit), e.geo.width, e.geo.height, e.rate)
	}
	e.pixFmt = "yuv422p"
	if v.Vc3Class == types.Vc3ClassClass22010bit {
		e.pixFmt = "yuv422p10le"
	}
	e.args = []string{"-c:v", "dnxhd", "-b:v", fmt.Sprintf("%dM", mbits)}
	if e.fields != "" {
		e.flags += "+ildct"
	}
	e.rc = rateControl{mode: "CBR", bitrate: mbits * 1e6}
	e.args = append(e.args, colorArgs(a.s, a.vd)...)
	return e, nil
}

// vc3Rate gives the megabits per second of a class (SMPTE ST 2019-1), which name
// it only at 29.97 pictures of 1920x1080.
func vc3Rate(e *encoding, class types.Vc3Class) (int64, bool) {
	step := -1
	for i, f := range []float64{24000.0 / 1001, 25, 30000.0 / 1001, 50, 60000.0 / 1001} {
		if math.Abs(e.rate.Float()/f-1) < 0.002 {
			step = i
		}
	}
	low := class == types.Vc3ClassClass1458bit || class == ""
	if step < 0 || e.fields != "" && (step == 0 || step > 2) {
		return 0, false
	}
	switch {
	case e.geo.width == 1920 && e.geo.height == 1080 && low:
		return []int64{115, 120, 145, 240, 290}[step], true
	case e.geo.width == 1920 && e.geo.height == 1080:
		return []int64{175, 185, 220, 365, 440}[step], true
	case e.geo.width == 1280 && e.geo.height == 720 && e.fields == "" && low:
		return []int64{60, 60, 75, 120, 145}[step], true
	case e.geo.width == 1280 && e.geo.height == 720 && e.fields == "":
		return []int64{90, 90, 110, 180, 220}[step], true
	}
	return 0, false
}

// encodeAVCIntra maps AvcIntraSettings to x264's AVC-Intra.
func encodeAVCIntra(a *ask) (*encoding, error) {
	v := a.vd.CodecSettings.AvcIntraSettings
	e, err := a.encoding("h264", timing{
		control: string(v.FramerateControl), num: v.FramerateNumerator, den: v.FramerateDenominator,
		convert: string(v.FramerateConversionAlgorithm), scan: string(v.ScanTypeConversionMode),
		interlace: string(v.InterlaceMode), telecine: string(v.Telecine),
	})
	if err != nil {
		return nil, err
	}
	class := map[types.AvcIntraClass]int{types.AvcIntraClassClass50: 50, types.AvcIntraClassClass200: 200, types.AvcIntraClassClass4k2k: 300}[v.AvcIntraClass]
	return e, a.avcIntra(e, cmp.Or(class, 100), "panasonic")
}

// avcIntra ends an encoding of AVC-Intra (SMPTE RP 2027) of a class, as the
// cameras of a maker write it.
func (a *ask) avcIntra(e *encoding, class int, flavor string) error {
	type size struct{ w, h int }
	allowed := []size{{1920, 1080}, {1280, 720}}
	switch {
	case class == 50:
		allowed = []size{{1440, 1080}, {960, 720}}
	case class >= 300:
		allowed = []size{{3840, 2160}, {4096, 2160}}
	}
	known := false
	for _, s := range allowed {
		known = known || s.w == e.geo.width && s.h == e.geo.height
	}
	rate := false
	for _, f := range []float64{24000.0 / 1001, 25, 30000.0 / 1001, 50, 60000.0 / 1001} {
		rate = rate || math.Abs(e.rate.Float()/f-1) < 1e-6
	}
	if !known || !rate {
		return spool.Failf(spool.CodeIncompatible,
			"%s: there is no AVC-Intra of class %d with %dx%d pictures at %s a second. Its sizes are %dx%d and %dx%d, its rates 24000/1001, 25, 30000/1001, 50 and 60000/1001.",
			a.at, class, e.geo.width, e.geo.height, e.rate, allowed[0].w, allowed[0].h, allowed[1].w, allowed[1].h)
	}
	e.pixFmt = "yuv422p10le"
	if class == 50 {
		e.pixFmt = "yuv420p10le"
	}
	e.args = []string{"-c:v", "libx264"}
	if class >= 300 {
		e.args = append(e.args, "-preset", "veryfast")
	}
	e.option = "-x264-params"
	e.params = []string{fmt.Sprintf("avcintra-class=%d", class), "avcintra-flavor=" + flavor, "colorprim=bt709", "transfer=bt709", "colormatrix=bt709"}
	if e.fields != "" {
		e.flags += "+ildct+ilme"
		e.params = append(e.params, e.fields+"=1")
	}
	if a.segment > 0 {
		e.args = append(e.args, "-force_key_frames", forceKeys(a.segment, e.rate))
	}
	return nil
}

// encodeXAVC maps XavcSettings to x264 with the limits of Sony's profiles.
func encodeXAVC(a *ask) (*encoding, error) {
	v := a.vd.CodecSettings.XavcSettings
	k := timing{
		control: string(v.FramerateControl), num: v.FramerateNumerator, den: v.FramerateDenominator,
		convert: string(v.FramerateConversionAlgorithm),
	}
	if hd := v.XavcHdProfileSettings; hd != nil && v.Profile == types.XavcProfileXavcHd {
		k.interlace, k.telecine = string(hd.InterlaceMode), string(hd.Telecine)
	}
	e, err := a.encoding("h264", k)
	if err != nil {
		return nil, err
	}
	switch v.Profile {
	case types.XavcProfileXavcHdIntraCbg:
		class := 100
		if s := v.XavcHdIntraCbgProfileSettings; s != nil {
			class = cmp.Or(map[types.XavcHdIntraCbgProfileClass]int{types.XavcHdIntraCbgProfileClassClass50: 50, types.XavcHdIntraCbgProfileClassClass200: 200}[s.XavcClass], 100)
		}
		return e, a.avcIntra(e, class, "sony")
	case types.XavcProfileXavc4kIntraCbg, types.XavcProfileXavc4kIntraVbr:
		return e, a.xavc4KIntra(e, v)
	case types.XavcProfileXavc4k:
		return e, a.xavcLong(e, v, xavc4K(v))
	default:
		return e, a.xavcLong(e, v, xavcHD(v))
	}
}

// xavc4KIntra ends an encoding of XAVC 4K Intra. x264 knows the classes 300 and
// 480, and codes every picture with the same number of bits.
func (a *ask) xavc4KIntra(e *encoding, v *types.XavcSettings) error {
	class := types.Xavc4kIntraCbgProfileClass("")
	if s := v.Xavc4kIntraCbgProfileSettings; s != nil {
		class = s.XavcClass
	}
	if s := v.Xavc4kIntraVbrProfileSettings; s != nil && v.Profile == types.XavcProfileXavc4kIntraVbr {
		class = types.Xavc4kIntraCbgProfileClass(s.XavcClass)
		a.warn("profile", "profile XAVC_4K_INTRA_VBR has no effect here: every picture has the same number of bits, as with XAVC_4K_INTRA_CBG.")
	}
	if class == types.Xavc4kIntraCbgProfileClassClass100 {
		return spool.Failf(spool.CodeIncompatible, "%s: the encoder knows no XAVC 4K Intra of CLASS_100. Choose CLASS_300 or CLASS_480.", a.at)
	}
	n := 300
	if class == types.Xavc4kIntraCbgProfileClassClass480 {
		n = 480
	}
	return a.avcIntra(e, n, "sony")
}
