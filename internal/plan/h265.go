package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// encodeH265 maps H265Settings to x265.
func encodeH265(a *ask) (*encoding, error) {
	h := a.vd.CodecSettings.H265Settings
	k := timing{
		control: string(h.FramerateControl), num: h.FramerateNumerator, den: h.FramerateDenominator,
		parControl: string(h.ParControl), parNum: h.ParNumerator, parDen: h.ParDenominator,
		convert: string(h.FramerateConversionAlgorithm),
	}
	e, err := a.encoding("hevc", k)
	if err != nil {
		return nil, err
	}
	var level *int32
	var fine *float64
	if h.QvbrSettings != nil {
		level, fine = h.QvbrSettings.QvbrQualityLevel, h.QvbrSettings.QvbrQualityLevelFineTune
	}
	e.rc = newRateControl(string(h.RateControlMode), h.Bitrate, h.MaxBitrate, h.HrdBufferSize,
		h.HrdBufferInitialFillPercentage, level, fine, e.geo.height)
	g := gop{
		size:     gopFrames(h.GopSize, string(h.GopSizeUnits), e.rate),
		min:      int(aws.ToInt32(h.MinIInterval)),
		bframes:  -1,
		refs:     int(aws.ToInt32(h.NumberReferenceFrames)),
		pyramid:  h.GopBReference != types.H265GopBReferenceDisabled,
		adaptive: h.DynamicSubGop != types.H265DynamicSubGopStatic,
		cut:      h.SceneChangeDetect != types.H265SceneChangeDetectDisabled,
		slices:   int(aws.ToInt32(h.Slices)),
	}
	if h.NumberBFramesBetweenReferenceFrames != nil {
		g.bframes = int(*h.NumberBFramesBetweenReferenceFrames)
	}
	g.closed = closedGOPs(h.GopClosedCadence)
	profile, pixFmt := h265Profile(h.CodecProfile)
	e.pixFmt = pixFmt
	e.args = []string{"-c:v", "libx265", "-preset", h265Preset(h.QualityTuningLevel), "-profile:v", profile}
	if e.rc.mode == "QVBR" {
		e.args = append(e.args, "-crf", e.rc.crf(15, 3.3, 51))
	} else {
		e.args = append(e.args, "-b:v", bps(e.rc.bitrate))
	}
	e.option, e.params = "-x265-params", x265Params(h, g, e.rc)
	if h.QualityTuningLevel == types.H265QualityTuningLevelMultiPassHq && e.rc.mode != "QVBR" {
		e.passes = 2
	}
	// x265 would make a plain I frame of a key frame soon after another
	e.args = append(e.args, a.keys(e, g, h.GopSize, string(h.GopSizeUnits))...)
	e.post = append(e.post, thinner(h.BandwidthReductionFilter)...)
	e.args = append(e.args, colorArgs(a.s, a.vd)...)
	if h.AlternateTransferFunctionSei == types.H265AlternateTransferFunctionSeiEnabled {
		alternateTransfer(e)
	}
	e.params = append(e.params, h265Light(a.s, e)...)
	tag := "hev1"
	if h.WriteMp4PackagingType == types.H265WriteMp4PackagingTypeHvc1 {
		tag = "hvc1"
	}
	e.args = append(e.args, "-tag:v", tag)
	return e, nil
}

// alternateTransfer says HLG in a message of its own, and BT.2020's transfer where
// displays without HLG look (ETSI TS 103 433).
func alternateTransfer(e *encoding) {
	for i, arg := range e.args {
		if arg == "arib-std-b67" {
			e.args[i] = "bt2020-10"
			e.params = append(e.params, "atc-sei=18")
		}
	}
}

func h265Preset(q types.H265QualityTuningLevel) string {
	switch q {
	case types.H265QualityTuningLevelSinglePassHq:
		return "medium"
	case types.H265QualityTuningLevelMultiPassHq:
		return "slow"
	default:
		return "fast"
	}
}

func h265Profile(p types.H265CodecProfile) (profile, pixFmt string) {
	name := string(p)
	switch {
	case strings.HasPrefix(name, "MAIN_422_10BIT"):
		return "main422-10", "yuv422p10le"
	case strings.HasPrefix(name, "MAIN_422_8BIT"):
		return "main422-10", "yuv422p"
	case strings.HasPrefix(name, "MAIN10"):
		return "main10", "yuv420p10le"
	default:
		return "main", "yuv420p"
	}
}

func x265Params(h *types.H265Settings, g gop, rc rateControl) []string {
	ps := []string{
		"log-level=warning", "keyint=" + strconv.Itoa(g.size), g.open(),
		fmt.Sprintf("vbv-maxrate=%d", rc.max/1000), fmt.Sprintf("vbv-bufsize=%d", rc.buffer/1000),
		fmt.Sprintf("vbv-init=%.2f", rc.fill),
	}
	if g.min > 0 {
		ps = append(ps, "min-keyint="+strconv.Itoa(min(g.min, g.size)))
	}
	if !g.cut {
		ps = append(ps, "scenecut=0")
	}
	if g.bframes >= 0 {
		ps = append(ps, "bframes="+strconv.Itoa(g.bframes))
	}
	if !g.pyramid {
		ps = append(ps, "b-pyramid=0")
	}
	switch {
	case !g.adaptive:
		ps = append(ps, "b-adapt=0")
	case h265Preset(h.QualityTuningLevel) == "fast": // which has a fixed number of B frames
		ps = append(ps, "b-adapt=1")
	}
	if g.refs > 0 {
		ps = append(ps, "ref="+strconv.Itoa(g.refs))
	}
	if g.slices > 1 {
		ps = append(ps, "slices="+strconv.Itoa(g.slices))
	}
	ps = append(ps, h265Tools(h)...)
	if strings.HasSuffix(string(h.CodecProfile), "_HIGH") {
		ps = append(ps, "high-tier=1")
	} else {
		ps = append(ps, "high-tier=0")
	}
	if lvl, ok := strings.CutPrefix(string(h.CodecLevel), "LEVEL_"); ok {
		ps = append(ps, "level-idc="+strings.ReplaceAll(lvl, "_", "."))
	}
	if rc.mode == "CBR" {
		ps = append(ps, "strict-cbr=1")
	}
	return ps
}

// h265Tools gives x265's parameters of single coding tools.
func h265Tools(h *types.H265Settings) []string {
	var ps []string
	if strength, ok := aqStrength(string(h.AdaptiveQuantization)); ok {
		if h.SpatialAdaptiveQuantization == types.H265SpatialAdaptiveQuantizationDisabled {
			ps = append(ps, "aq-mode=0")
		} else {
			ps = append(ps, "aq-mode=2", "aq-strength="+strength)
		}
		if h.TemporalAdaptiveQuantization == types.H265TemporalAdaptiveQuantizationDisabled {
			ps = append(ps, "cutree=0")
		}
		if h.FlickerAdaptiveQuantization == types.H265FlickerAdaptiveQuantizationEnabled {
			ps = append(ps, "ipratio=1.2")
		}
	}
	for _, tool := range []struct {
		asked bool
		param string
	}{
		{h.SampleAdaptiveOffsetFilterMode == types.H265SampleAdaptiveOffsetFilterModeOff, "sao=0"},
		{h.SampleAdaptiveOffsetFilterMode == types.H265SampleAdaptiveOffsetFilterModeAdaptive, "limit-sao=1"},
		{h.Deblocking == types.H265DeblockingDisabled, "no-deblock=1"},
		{h.TreeBlockSize == types.H265TreeBlockSizeTreeSize32x32, "ctu=32"},
		{h.MvTemporalPredictor == types.H265MvTemporalPredictorDisabled, "temporal-mvp=0"},
		{h.TemporalIds == types.H265TemporalIdsEnabled, "temporal-layers=1"},
		{h.SceneChangeDetect == types.H265SceneChangeDetectTransitionDetection, "rc-lookahead=50"},
	} {
		if tool.asked {
			ps = append(ps, tool.param)
		}
	}
	return ps
}

// h265Light gives x265 the source's mastering metadata, where the output is of the
// same kind of light.
func h265Light(s *source, e *encoding) []string {
	if s.video == nil || s.video.HDR == nil || !slices.Contains(e.args, "smpte2084") || !strings.Contains(e.pixFmt, "10") {
		return nil
	}
	h := s.video.HDR
	ps := []string{"hdr10=1"}
	if h.MaxLuminance > 0 {
		ps = append(ps, fmt.Sprintf("master-display=G(%d,%d)B(%d,%d)R(%d,%d)WP(%d,%d)L(%d,%d)", h.Green[0], h.Green[1],
			h.Blue[0], h.Blue[1], h.Red[0], h.Red[1], h.White[0], h.White[1], h.MaxLuminance, h.MinLuminance))
	}
	if h.MaxCLL > 0 {
		ps = append(ps, fmt.Sprintf("max-cll=%d,%d", h.MaxCLL, h.MaxFALL))
	}
	return ps
}
