package plan

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// encodeH264 maps H264Settings to x264.
func encodeH264(a *ask) (*encoding, error) {
	h := a.vd.CodecSettings.H264Settings
	e, err := a.encoding("h264", timing{
		control: string(h.FramerateControl), num: h.FramerateNumerator, den: h.FramerateDenominator,
		parControl: string(h.ParControl), parNum: h.ParNumerator, parDen: h.ParDenominator,
		convert: string(h.FramerateConversionAlgorithm), scan: string(h.ScanTypeConversionMode),
		interlace: string(h.InterlaceMode), telecine: string(h.Telecine),
	})
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
		pyramid:  h.GopBReference != types.H264GopBReferenceDisabled,
		adaptive: h.DynamicSubGop != types.H264DynamicSubGopStatic,
		cut:      h.SceneChangeDetect != types.H264SceneChangeDetectDisabled,
		slices:   int(aws.ToInt32(h.Slices)),
	}
	if h.NumberBFramesBetweenReferenceFrames != nil {
		g.bframes = int(*h.NumberBFramesBetweenReferenceFrames)
	}
	g.closed = closedGOPs(h.GopClosedCadence)
	profile, pixFmt := h264Profile(h.CodecProfile)
	if n := aws.ToInt32(h.Softness); n > 0 && !strings.HasPrefix(profile, "high") {
		a.warn("softness", "softness %d has no effect here: the profile %s has no quantisation matrices. Choose a HIGH profile.", n, strings.ToUpper(profile))
	}
	a.level264(e, h, &g)
	e.pixFmt = pixFmt
	e.args = append([]string{"-c:v", "libx264", "-preset", h264Preset(h.QualityTuningLevel), "-profile:v", profile}, h264Rate(e.rc)...)
	e.option, e.params = "-x264-params", x264Params(h, g, e.rc, profile)
	if lvl, ok := strings.CutPrefix(string(h.CodecLevel), "LEVEL_"); ok {
		e.args = append(e.args, "-level:v", strings.ReplaceAll(lvl, "_", "."))
	}
	e.args = append(e.args, a.keys(e, g, h.GopSize, string(h.GopSizeUnits))...)
	if h.RepeatPps == types.H264RepeatPpsEnabled {
		e.flags += "+global_header"
		e.args = append(e.args, "-bsf:v", "dump_extra=freq=all")
	}
	e.post = append(e.post, thinner(h.BandwidthReductionFilter)...)
	if h.WriteMp4PackagingType == types.H264WriteMp4PackagingTypeAvc3 {
		e.args = append(e.args, "-tag:v", "avc3")
	}
	if e.fields != "" {
		e.flags += "+ildct+ilme"
		e.params = append(e.params, e.fields+"=1")
	}
	if h.QualityTuningLevel == types.H264QualityTuningLevelMultiPassHq && e.rc.mode != "QVBR" {
		e.passes = 2
	}
	e.args = append(e.args, colorArgs(a.s, a.vd)...)
	return e, nil
}

// h264Preset maps tuning levels to presets: each level spends about twice the
// time of the one before.
func h264Preset(q types.H264QualityTuningLevel) string {
	switch q {
	case types.H264QualityTuningLevelSinglePass:
		return "veryfast"
	case types.H264QualityTuningLevelMultiPassHq:
		return "slow"
	default:
		return "medium"
	}
}

func h264Profile(p types.H264CodecProfile) (profile, pixFmt string) {
	switch p {
	case types.H264CodecProfileBaseline:
		return "baseline", "yuv420p"
	case types.H264CodecProfileHigh:
		return "high", "yuv420p"
	case types.H264CodecProfileHigh10bit:
		return "high10", "yuv420p10le"
	case types.H264CodecProfileHigh422:
		return "high422", "yuv422p"
	case types.H264CodecProfileHigh42210bit:
		return "high422", "yuv422p10le"
	default:
		return "main", "yuv420p"
	}
}

func h264Rate(rc rateControl) []string {
	vbv := []string{"-maxrate", bps(rc.max), "-bufsize", bps(rc.buffer)}
	if rc.mode == "QVBR" {
		return append([]string{"-crf", rc.crf(12, 3.3, 51)}, vbv...)
	}
	return append([]string{"-b:v", bps(rc.bitrate)}, vbv...)
}

func x264Params(h *types.H264Settings, g gop, rc rateControl, profile string) []string {
	ps := []string{"keyint=" + strconv.Itoa(g.size), g.open()}
	if g.min > 0 {
		ps = append(ps, "min-keyint="+strconv.Itoa(min(g.min, g.size/2+1)))
	}
	if !g.cut {
		ps = append(ps, "scenecut=0")
	}
	if h.SceneChangeDetect == types.H264SceneChangeDetectTransitionDetection {
		ps = append(ps, "rc-lookahead=60")
	}
	if profile != "baseline" {
		if g.bframes >= 0 {
			ps = append(ps, "bframes="+strconv.Itoa(g.bframes))
		}
		if !g.pyramid {
			ps = append(ps, "b-pyramid=none")
		}
		if !g.adaptive {
			ps = append(ps, "b-adapt=0")
		}
	}
	if g.refs > 0 {
		ps = append(ps, "ref="+strconv.Itoa(g.refs))
	}
	if g.slices > 1 {
		ps = append(ps, "slices="+strconv.Itoa(g.slices))
	}
	if h.EntropyEncoding == types.H264EntropyEncodingCavlc || profile == "baseline" {
		ps = append(ps, "cabac=0")
	}
	ps = append(ps, h264Quality(quantisation{
		adaptive: string(h.AdaptiveQuantization), spatial: string(h.SpatialAdaptiveQuantization),
		temporal: string(h.TemporalAdaptiveQuantization),
		flicker:  h.FlickerAdaptiveQuantization == types.H264FlickerAdaptiveQuantizationEnabled,
		softness: int(aws.ToInt32(h.Softness)), high: strings.HasPrefix(profile, "high"),
	})...)
	ps = append(ps, fmt.Sprintf("vbv-init=%.2f", rc.fill))
	if rc.mode == "CBR" {
		ps = append(ps, "nal-hrd=cbr")
	}
	return ps
}

// quantisation is where an encoder is to spend its bits within a programme.
type quantisation struct {
	adaptive          string // OFF, LOW …, AUTO: the rest but softness is for the others
	spatial, temporal string
	flicker           bool
	softness          int
	high              bool // the profile has matrices
}

// h264Quality gives x264's parameters of quantisation: within a picture (aq),
// over time (mbtree), and of key frames against their neighbours (ipratio).
func h264Quality(q quantisation) []string {
	var ps []string
	if strength, ok := aqStrength(q.adaptive); ok {
		if q.spatial == "DISABLED" {
			ps = append(ps, "aq-mode=0")
		} else {
			ps = append(ps, "aq-mode=1", "aq-strength="+strength)
		}
		if q.temporal == "DISABLED" {
			ps = append(ps, "mbtree=0")
		}
		if q.flicker {
			ps = append(ps, "ipratio=1.2")
		}
	}
	switch {
	case !q.high || q.softness == 0:
	case q.softness <= 16:
		ps = append(ps, "cqm=jvt")
	default:
		ps = append(ps, "cqm4="+quantMatrix(4, softer(q.softness)), "cqm8="+quantMatrix(8, softer(q.softness)))
	}
	return ps
}

// aqStrength maps adaptive quantisation to x264's and x265's strength; AUTO
// leaves it to the encoder.
func aqStrength(level string) (string, bool) {
	s, ok := map[string]string{
		"OFF": "0", "LOW": "0.5", "MEDIUM": "0.8", "HIGH": "1.0", "HIGHER": "1.2", "MAX": "1.5",
	}[cmp.Or(level, "AUTO")]
	return s, ok
}
