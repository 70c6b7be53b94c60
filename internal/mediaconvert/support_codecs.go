package mediaconvert

import "strings"

const (
	converts   = "DUPLICATE_DROP INTERPOLATE FRAMEFORMER"
	keepsSpeed = "the programme keeps its speed, and pictures are repeated or left out"
)

// clock holds what the settings of codecs say of frame rate and pixels.
func (b tableBuilder) clock(at, names string) {
	for name := range strings.FieldsSeq(names) {
		switch name {
		case "framerateControl":
			b.honour(at, "framerateControl framerateNumerator framerateDenominator", "fps filter")
		case "framerateConversionAlgorithm":
			if strings.Contains(at, "gif") {
				b.honour(at, name, "INTERPOLATE: framerate filter")
				break
			}
			b.only(at, name, converts, "INTERPOLATE: framerate filter; FRAMEFORMER: minterpolate", keepsSpeed)
			if !strings.Contains(at, "av1") && !strings.Contains(at, "vp") {
				b.ignore(at, "slowPal", "", "the programme keeps its speed, and pictures are repeated to reach the frame rate")
			}
		case "parControl":
			b.honour(at, "parControl parNumerator parDenominator", "setsar filter; proportions are kept")
		}
	}
}

// fields holds what the settings of codecs say of interlacing.
func (b tableBuilder) fields(at, names string) {
	for name := range strings.FieldsSeq(names) {
		switch name {
		case "interlaceMode":
			b.honour(at, name, "interlace and setfield filters, and the encoder's interlaced mode")
		case "scanTypeConversionMode":
			b.honour(at, name, "INTERLACED_OPTIMIZE: both fields of a picture are of pictures of their own, where the input has twice as many")
		case "telecine":
			b.only(at, name, "NONE HARD", "HARD: telecine filter, of 23.976 to 29.97 interlaced", "the encoder writes no pulldown flags")
		}
	}
}

// intermediates are the codecs of broadcasters and editors, and those of the web
// beside AV1.
func (b tableBuilder) intermediates() {
	const (
		noReports = "no reports are written"
		gop       = "-g"
	)
	for name := range strings.FieldsSeq("vp8Settings/ vp9Settings/") {
		at := atCodec + name
		b.clock(at, "framerateControl framerateConversionAlgorithm parControl")
		b.honour(at, "rateControlMode", "VBR, the only one there is: two passes")
		b.honour(at, "bitrate", "-b:v")
		b.honour(at, "maxBitrate", "-maxrate; twice the bitrate without it")
		b.honour(at, "hrdBufferSize", "-bufsize")
		b.honour(at, "gopSize", gop)
		b.honour(at, "qualityTuningLevel", "-cpu-used")
	}
	at := atCodec + "proresSettings/"
	b.clock(at, "framerateControl framerateConversionAlgorithm parControl")
	b.fields(at, "interlaceMode scanTypeConversionMode telecine")
	b.honour(at, "codecProfile", "-profile:v")
	b.honour(at, "chromaSampling", "-pix_fmt yuv444p10le or yuv422p10le of the 4444 profiles")
	b.ignore(at, "perFrameMetrics", "", noReports)

	at = atCodec + "vc3Settings/"
	b.clock(at, "framerateControl framerateConversionAlgorithm")
	b.fields(at, "interlaceMode scanTypeConversionMode telecine")
	b.honour(at, "vc3Class", "-b:v and -pix_fmt of the class")

	at = atCodec + "avcIntraSettings/"
	b.clock(at, "framerateControl framerateConversionAlgorithm")
	b.fields(at, "interlaceMode scanTypeConversionMode telecine")
	b.honour(at, "avcIntraClass", "avcintra-class; CLASS_4K_2K is x264's class 300")
	b.ignore(at+"avcIntraUhdSettings/", "qualityTuningLevel", "SINGLE_PASS", "every picture has the same number of bits, in one pass")
	b.ignore(at, "perFrameMetrics", "", noReports)

	at = atCodec + "uncompressedSettings/"
	b.clock(at, "framerateControl framerateConversionAlgorithm")
	b.fields(at, "interlaceMode scanTypeConversionMode telecine")
	b.honour(at, "fourcc", "-pix_fmt; MOV files hold the same samples in packed form, as players know no other there")

	at = atCodec + "gifSettings/"
	b.clock(at, "framerateControl framerateConversionAlgorithm")

	b.mpeg2(atCodec + "mpeg2Settings/")
	b.xavc(atCodec + "xavcSettings/")
}

func (b tableBuilder) mpeg2(at string) {
	b.clock(at, "framerateControl framerateConversionAlgorithm parControl")
	b.fields(at, "interlaceMode scanTypeConversionMode telecine")
	b.honour(at, "rateControlMode", "CBR: -minrate as well")
	b.honour(at, "bitrate", "-b:v")
	b.honour(at, "maxBitrate", "-maxrate")
	b.honour(at, "hrdBufferSize", "-bufsize")
	b.honour(at, "hrdBufferInitialFillPercentage", "-rc_init_occupancy")
	b.ignore(at, "hrdBufferFinalFillPercentage", "0", "the buffer ends as it ends")
	b.honour(at, "gopSize gopSizeUnits", "-g")
	b.honour(at, "gopClosedCadence", "0: GOPs may be open; else all are closed")
	b.honour(at, "minIInterval", "-keyint_min")
	b.honour(at, "sceneChangeDetect", "-sc_threshold; closed GOPs begin at their cadence only")
	b.honour(at, "numberBFramesBetweenReferenceFrames", "-bf")
	b.honour(at, "dynamicSubGop", "ADAPTIVE: -b_strategy 1")
	b.honour(at, "codecProfile", "-profile:v and -pix_fmt")
	b.honour(at, "codecLevel", "-level:v")
	b.honour(at, "intraDcPrecision", "-dc")
	b.honour(at, "syntax", "D_10: the bitrates, quantisation and single pictures of SMPTE 356M")
	b.honour(at, "qualityTuningLevel", "MULTI_PASS: two passes")
	b.honour(at, "softness", "-intra_matrix and -inter_matrix above 16")
	b.honour(at, "adaptiveQuantization", "-scplx_mask and -tcplx_mask")
	b.honour(at, "spatialAdaptiveQuantization", "DISABLED: no -scplx_mask")
	b.honour(at, "temporalAdaptiveQuantization", "DISABLED: no -tcplx_mask")
	b.ignore(at, "perFrameMetrics", "", "no reports are written")
}

func (b tableBuilder) xavc(at string) {
	b.clock(at, "framerateControl framerateConversionAlgorithm")
	b.honour(at, "profile", "the sizes, bitrates and parameters of the profile; XAVC_4K_INTRA_VBR has pictures of one size, of which the job warns")
	b.honour(at, "entropyEncoding", "CAVLC: cabac=0")
	b.honour(at, "softness", "cqm")
	b.honour(at, "adaptiveQuantization", "aq-mode and aq-strength")
	b.honour(at, "spatialAdaptiveQuantization", "DISABLED: aq-mode=0")
	b.honour(at, "temporalAdaptiveQuantization", "DISABLED: mbtree=0")
	b.ignore(at, "perFrameMetrics", "", "no reports are written")
	for name := range strings.FieldsSeq("xavcHdProfileSettings/ xavc4kProfileSettings/") {
		b.honour(at+name, "bitrateClass", "-b:v")
		b.honour(at+name, "flickerAdaptiveQuantization", "ipratio=1.2, where adaptiveQuantization is not AUTO")
		b.honour(at+name, "gopBReference", "b-pyramid")
		b.honour(at+name, "gopClosedCadence", "0: open-gop=1")
		b.honour(at+name, "hrdBufferSize", "-bufsize")
		b.honour(at+name, "qualityTuningLevel", "-preset; MULTI_PASS_HQ: two passes")
		b.honour(at+name, "slices", "slices")
	}
	b.honour(at, "xavc4kProfileSettings/codecProfile", "-profile:v and -pix_fmt")
	b.fields(at+"xavcHdProfileSettings/", "interlaceMode telecine")
	b.honour(at, "xavcHdIntraCbgProfileSettings/xavcClass", "avcintra-class")
	b.orRefuse(at, "xavc4kIntraCbgProfileSettings/xavcClass xavc4kIntraVbrProfileSettings/xavcClass", "CLASS_300 CLASS_480", "avcintra-class", "the encoder knows the classes 300 and 480 of this profile")
}
