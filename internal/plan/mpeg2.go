package plan

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// encodeMPEG2 maps Mpeg2Settings to FFmpeg's encoder.
func encodeMPEG2(a *ask) (*encoding, error) {
	m := a.vd.CodecSettings.Mpeg2Settings
	e, err := a.encoding("mpeg2video", timing{
		control: string(m.FramerateControl), num: m.FramerateNumerator, den: m.FramerateDenominator,
		parControl: string(m.ParControl), parNum: m.ParNumerator, parDen: m.ParDenominator,
		convert: string(m.FramerateConversionAlgorithm), scan: string(m.ScanTypeConversionMode),
		interlace: string(m.InterlaceMode), telecine: string(m.Telecine),
	})
	if err != nil {
		return nil, err
	}
	e.rc = newRateControl(cmp.Or(string(m.RateControlMode), "VBR"), m.Bitrate, m.MaxBitrate, m.HrdBufferSize,
		m.HrdBufferInitialFillPercentage, nil, nil, e.geo.height)
	if m.HrdBufferSize == nil {
		e.rc.buffer = min(e.rc.buffer, 9_781_248) // the most that MPEG-2 High level has
	}
	if !mpeg2Rate(e.rate) {
		return nil, spool.Failf(spool.CodeIncompatible, "%s: MPEG-2 has no frame rate of %s. Choose 24000/1001, 24, 25, 30000/1001, 30, 50, 60000/1001 or 60 with framerateControl SPECIFIED.", a.at, e.rate)
	}
	e.args = []string{"-c:v", "mpeg2video"}
	e.pixFmt = "yuv420p"
	if m.CodecProfile == types.Mpeg2CodecProfileProfile422 || m.Syntax == types.Mpeg2SyntaxD10 {
		e.pixFmt = "yuv422p"
		e.args = append(e.args, "-profile:v", "0")
	}
	if level, ok := mpeg2Levels(m.CodecProfile)[m.CodecLevel]; ok {
		e.args = append(e.args, "-level:v", level)
	}
	var flags string
	if m.Syntax == types.Mpeg2SyntaxD10 {
		flags = a.d10(e)
	} else {
		flags = a.mpeg2GOP(e, m)
		e.args = append(e.args, "-b:v", bps(e.rc.bitrate), "-maxrate", bps(e.rc.max), "-bufsize", bps(e.rc.buffer),
			"-rc_init_occupancy", bps(int64(float64(e.rc.buffer)*e.rc.fill)))
		if e.rc.mode == "CBR" {
			e.args = append(e.args, "-minrate", bps(e.rc.bitrate))
		}
		if m.QualityTuningLevel == types.Mpeg2QualityTuningLevelMultiPass {
			e.passes = 2
		}
		e.args = append(e.args, mpeg2Quality(m)...)
	}
	if e.fields != "" {
		flags += "+ildct+ilme"
		top := map[string]string{"tff": "1", "bff": "0"}[e.fields]
		e.args = append(e.args, "-top", top, "-alternate_scan", "1")
	}
	e.flags = flags
	if a.segment > 0 {
		e.args = append(e.args, "-force_key_frames", forceKeys(a.segment, e.rate))
	}
	e.args = append(e.args, colorArgs(a.s, a.vd)...)
	return e, nil
}

// mpeg2Levels gives the codes of a profile's levels: 4:2:2 has its own two, and
// where it lacks one the encoder goes by the size (ISO/IEC 13818-2, tables 8-2 to 8-4).
func mpeg2Levels(profile types.Mpeg2CodecProfile) map[types.Mpeg2CodecLevel]string {
	if profile == types.Mpeg2CodecProfileProfile422 {
		return map[types.Mpeg2CodecLevel]string{types.Mpeg2CodecLevelMain: "5", types.Mpeg2CodecLevelHigh: "2"}
	}
	return map[types.Mpeg2CodecLevel]string{
		types.Mpeg2CodecLevelLow: "10", types.Mpeg2CodecLevelMain: "8", types.Mpeg2CodecLevelHigh1440: "6", types.Mpeg2CodecLevelHigh: "4",
	}
}

// mpeg2GOP gives the GOP's flags and adds its arguments.
func (a *ask) mpeg2GOP(e *encoding, m *types.Mpeg2Settings) (flags string) {
	size := 12
	if m.GopSize != nil && *m.GopSize > 0 {
		size = gopFrames(m.GopSize, cmp.Or(string(m.GopSizeUnits), "FRAMES"), e.rate)
	}
	bframes := 2
	if m.NumberBFramesBetweenReferenceFrames != nil {
		bframes = int(*m.NumberBFramesBetweenReferenceFrames)
	}
	e.args = append(e.args, "-g", strconv.Itoa(size), "-bf", strconv.Itoa(bframes))
	if m.DynamicSubGop == types.Mpeg2DynamicSubGopAdaptive && bframes > 0 {
		e.args = append(e.args, "-b_strategy", "1")
	}
	if n := aws.ToInt32(m.MinIInterval); n > 0 {
		e.args = append(e.args, "-keyint_min", strconv.Itoa(min(int(n), size)))
	}
	cut := m.SceneChangeDetect != types.Mpeg2SceneChangeDetectDisabled
	// the encoder closes all GOPs or none, and closes none that a cut may begin
	if cadence := m.GopClosedCadence; cadence == nil || *cadence != 0 {
		flags, cut = "+cgop", false
	}
	if !cut {
		e.args = append(e.args, "-sc_threshold", "1000000000")
	}
	return flags
}

// mpeg2Quality gives the arguments of quantisation.
func mpeg2Quality(m *types.Mpeg2Settings) []string {
	var args []string
	if bits, ok := strings.CutPrefix(string(m.IntraDcPrecision), "INTRA_DC_PRECISION_"); ok {
		args = append(args, "-dc", bits)
	}
	if q := string(m.AdaptiveQuantization); q != "" && q != "OFF" {
		strength := map[string]string{"LOW": "0.1", "MEDIUM": "0.2", "HIGH": "0.3"}[q]
		if m.SpatialAdaptiveQuantization != types.Mpeg2SpatialAdaptiveQuantizationDisabled {
			args = append(args, "-scplx_mask", strength)
		}
		if m.TemporalAdaptiveQuantization != types.Mpeg2TemporalAdaptiveQuantizationDisabled {
			args = append(args, "-tcplx_mask", strength)
		}
	}
	if n := aws.ToInt32(m.Softness); n > 16 {
		args = append(args, "-inter_matrix", quantMatrix(8, softer(int(n))), "-intra_matrix", quantMatrix(8, func(x, y int) int {
			if x+y == 0 {
				return 8
			}
			return max(16, softer(int(n))(x, y))
		}))
	}
	return args
}

// d10 makes an encoding that of SMPTE 356M: pictures of one size each, coded
// alone, at 30, 40 or 50 Mb/s.
func (a *ask) d10(e *encoding) (flags string) {
	rate := int64(50_000_000)
	for _, r := range []int64{30_000_000, 40_000_000} {
		if e.rc.bitrate <= r {
			rate = r
			break
		}
	}
	e.rc = rateControl{mode: "CBR", bitrate: rate, max: rate, buffer: rate / 25}
	e.args = append(e.args, "-b:v", bps(rate), "-minrate", bps(rate), "-maxrate", bps(rate), "-bufsize", bps(e.rc.buffer),
		"-rc_init_occupancy", bps(e.rc.buffer), "-g", "0", "-bf", "0", "-dc", "10", "-intra_vlc", "1", "-non_linear_quant", "1",
		"-ps", "1", "-qmin", "1", "-qmax", "12", "-sc_threshold", "1000000000")
	return "+low_delay"
}

// mpeg2Rate tells whether ISO 13818-2 has a code for a frame rate.
func mpeg2Rate(r spool.Rational) bool {
	for _, f := range []float64{24000.0 / 1001, 24, 25, 30000.0 / 1001, 30, 50, 60000.0 / 1001, 60} {
		if d := r.Float()/f - 1; d < 1e-6 && d > -1e-6 {
			return true
		}
	}
	return false
}

// softer gives the entries of a quantisation matrix of a softness 17..128: flat
// for the lowest frequencies, and rising in a plane to the highest.
func softer(softness int) func(x, y int) int {
	return func(x, y int) int { return min(255, 16+(softness-16)*(x+y)/14) }
}

// quantMatrix writes a quantisation matrix of n by n entries.
func quantMatrix(n int, at func(x, y int) int) string {
	var parts []string
	for y := range n {
		for x := range n {
			parts = append(parts, strconv.Itoa(at(x*7/(n-1), y*7/(n-1))))
		}
	}
	return strings.Join(parts, ",")
}
