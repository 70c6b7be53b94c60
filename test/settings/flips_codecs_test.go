package settings

import "strings"

// The bases of codecs, each alone in a file.
var (
	vp8Job    = job(fileGroup, `"container":"WEBM"`, `"codec":"VP8","vp8Settings":{"rateControlMode":"VBR","bitrate":1000000}`, "")
	vp9Job    = job(fileGroup, `"container":"WEBM"`, `"codec":"VP9","vp9Settings":{"rateControlMode":"VBR","bitrate":1000000}`, "")
	proresJob = job(fileGroup, `"container":"MOV"`, `"codec":"PRORES","proresSettings":{}`, "")
	mpeg2Job  = job(fileGroup, `"container":"MXF","mxfSettings":{}`, `"codec":"MPEG2","mpeg2Settings":{"rateControlMode":"VBR","bitrate":8000000,"maxBitrate":9000000}`, "")
	vc3Job    = job(fileGroup, `"container":"MOV"`, `"codec":"VC3","vc3Settings":{}`, "")
	intraJob  = job(fileGroup, `"container":"MXF"`, `"codec":"AVC_INTRA","avcIntraSettings":{}`, "")
	xavcJob   = job(fileGroup, `"container":"MXF"`, `"codec":"XAVC","xavcSettings":{"profile":"XAVC_HD","xavcHdProfileSettings":{}}`, "")
	xavc4KJob = job(fileGroup, `"container":"MXF"`, `"codec":"XAVC","xavcSettings":{"profile":"XAVC_4K","xavc4kProfileSettings":{}}`, "")
	plainJob  = job(fileGroup, `"container":"Y4M"`, `"codec":"UNCOMPRESSED","uncompressedSettings":{}`, "")
	gifJob    = job(fileGroup, `"container":"GIF"`, `"codec":"GIF","gifSettings":{}`, "")
	f264Job   = job(fileGroup, `"container":"MP4"`, h264QVBR, "")
	f4vJob    = job(fileGroup, `"container":"F4V","f4vSettings":{}`, h264QVBR, "")
)

// Inputs that a flip needs; see sources.
const (
	full   = "/inputs/0/fileInput=s3://in/full.mp4"
	uhd    = "/inputs/0/fileInput=s3://in/uhd.mp4"
	fields = "/inputs/0/fileInput=s3://in/fields.ts"
	film   = "/inputs/0/fileInput=s3://in/film.mp4"
	hlg    = "/inputs/0/fileInput=s3://in/hlg.mp4"
)

func (f *flips) codecs() {
	for object, b := range map[string]base{"vp8Settings/": vp8Job, "vp9Settings/": vp9Job} {
		at := codec + object
		f.clock(b, at, "")
		f.par(b, at)
		f.each(b, at+"rateControlMode")
		f.set(b, at+"bitrate", 700000)
		f.set(b, at+"maxBitrate", 1500000)
		f.set(b, at+"hrdBufferSize", 1500000)
		f.set(b, at+"gopSize", 75)
		f.each(b, at+"qualityTuningLevel")
	}
	f.clock(proresJob, codec+"proresSettings/", "")
	f.par(proresJob, codec+"proresSettings/")
	f.interlace(proresJob, codec+"proresSettings/")
	f.each(proresJob, codec+"proresSettings/codecProfile")
	f.each(proresJob, codec+"proresSettings/chromaSampling", "codecProfile=APPLE_PRORES_4444")

	f.clock(vc3Job, codec+"vc3Settings/", full)
	f.each(vc3Job, codec+"vc3Settings/vc3Class", full)
	f.each(vc3Job, codec+"vc3Settings/interlaceMode", full)
	f.telecine(vc3Job, codec+"vc3Settings/", "INTERLACED", "/"+vid+"width=1920", "/"+vid+"height=1080")

	f.clock(intraJob, codec+"avcIntraSettings/", full)
	f.each(intraJob, codec+"avcIntraSettings/avcIntraClass", full, "CLASS_50:/"+vid+"width=1440", "CLASS_50:/"+vid+"height=1080",
		"CLASS_4K_2K:/"+vid+"width=3840", "CLASS_4K_2K:/"+vid+"height=2160")
	f.each(intraJob, codec+"avcIntraSettings/interlaceMode", "/inputs/0/fileInput=s3://in/full-bottom.ts", "FOLLOW_TOP_FIELD~BOTTOM_FIELD", "FOLLOW_BOTTOM_FIELD~BOTTOM_FIELD", "FOLLOW_TOP_FIELD~FOLLOW_BOTTOM_FIELD")
	f.telecine(intraJob, codec+"avcIntraSettings/", "TOP_FIELD", "/"+vid+"width=1920", "/"+vid+"height=1080")

	f.clock(plainJob, codec+"uncompressedSettings/", "")
	f.each(plainJob, codec+"uncompressedSettings/fourcc")
	f.each(plainJob, codec+"uncompressedSettings/interlaceMode")
	f.telecine(plainJob, codec+"uncompressedSettings/", "INTERLACED")

	f.clock(gifJob, codec+"gifSettings/", "")
	for _, name := range []string{"h264Settings/", "h265Settings/"} {
		b := map[string]base{"h264Settings/": hlsJob, "h265Settings/": hlsH265Job}[name]
		f.each(b, codec+name+"framerateConversionAlgorithm", "framerateControl=SPECIFIED", "framerateNumerator=50", "framerateDenominator=1")
		f.set(b, codec+name+"gopClosedCadence", 2)
		f.each(b, codec+name+"bandwidthReductionFilter/strength")
		f.each(b, codec+name+"bandwidthReductionFilter/sharpening", "strength=LOW")
		f.set(b, codec+name+"qvbrSettings/maxAverageBitrate", 900000, "/"+codec+name+"qualityTuningLevel=MULTI_PASS_HQ")
		for aq := range strings.FieldsSeq("spatialAdaptiveQuantization temporalAdaptiveQuantization flickerAdaptiveQuantization") {
			f.each(b, codec+name+aq, "adaptiveQuantization=HIGH")
		}
	}
	f.each(av1Job, codec+"av1Settings/framerateConversionAlgorithm", "framerateControl=SPECIFIED", "framerateNumerator=50", "framerateDenominator=1")
	f.set(av1Job, codec+"av1Settings/numberBFramesBetweenReferenceFrames", 7)
	f.each(av1Job, codec+"av1Settings/adaptiveQuantization")
	f.interlace(hlsJob, codec+"h264Settings/")
	f.each(hlsJob, codec+"h264Settings/repeatPps")
	f.each(hlsJob, codec+"h264Settings/fieldEncoding", "interlaceMode=TOP_FIELD", "PAFF~MBAFF")
	f.set(hlsJob, codec+"h264Settings/softness", 40, "codecProfile=HIGH")
	for tool := range strings.FieldsSeq("deblocking mvTemporalPredictor sampleAdaptiveOffsetFilterMode temporalIds treeBlockSize") {
		f.each(hlsH265Job, codec+"h265Settings/"+tool)
	}
	f.each(hlsH265Job, codec+"h265Settings/alternateTransferFunctionSei", hlg)
	f.mpeg2(codec + "mpeg2Settings/")
	f.xavc(codec + "xavcSettings/")
}

// clock flips the frame rate and how it is reached, of any codec.
func (f *flips) clock(b base, at, input string) {
	if input == "" {
		input = "/inputs/0/fileInput=s3://in/v.mp4"
	}
	f.each(b, at+"framerateControl", input, "SPECIFIED:framerateNumerator=50", "SPECIFIED:framerateDenominator=1")
	f.set(b, at+"framerateNumerator", 50, input, "framerateControl=SPECIFIED", "framerateNumerator=25", "framerateDenominator=1")
	f.set(b, at+"framerateDenominator", 2, input, "framerateControl=SPECIFIED", "framerateNumerator=50", "framerateDenominator=1")
	f.each(b, at+"framerateConversionAlgorithm", input, "framerateControl=SPECIFIED", "framerateNumerator=50", "framerateDenominator=1")
}

func (f *flips) par(b base, at string) {
	f.each(b, at+"parControl", "SPECIFIED:parNumerator=4", "SPECIFIED:parDenominator=3")
	f.set(b, at+"parNumerator", 8, "+parControl=SPECIFIED", "+parDenominator=9")
	f.set(b, at+"parDenominator", 15, "+parControl=SPECIFIED", "+parNumerator=16")
}

// interlace flips what codecs with all kinds of fields have. Followed fields are
// those of the input, bottom first.
func (f *flips) interlace(b base, at string) {
	f.each(b, at+"interlaceMode", fields, "FOLLOW_TOP_FIELD~BOTTOM_FIELD", "FOLLOW_BOTTOM_FIELD~BOTTOM_FIELD", "FOLLOW_TOP_FIELD~FOLLOW_BOTTOM_FIELD")
	f.telecine(b, at, "TOP_FIELD")
}

func (f *flips) telecine(b base, at, interlaced string, more ...string) {
	more = append(more, "interlaceMode="+interlaced, "framerateControl=SPECIFIED")
	f.each(b, at+"telecine", append(more, film, "framerateNumerator=30000", "framerateDenominator=1001")...)
	f.each(b, at+"scanTypeConversionMode", append(more, "/inputs/0/fileInput=s3://in/fast.mp4", "framerateNumerator=25", "framerateDenominator=1")...)
}

func (f *flips) mpeg2(at string) {
	f.clock(mpeg2Job, at, "")
	f.par(mpeg2Job, at)
	f.interlace(mpeg2Job, at)
	f.each(mpeg2Job, at+"rateControlMode", "CBR:maxBitrate=-")
	f.set(mpeg2Job, at+"bitrate", 7000000)
	f.set(mpeg2Job, at+"maxBitrate", 8500000)
	f.set(mpeg2Job, at+"hrdBufferSize", 1500000)
	f.set(mpeg2Job, at+"hrdBufferInitialFillPercentage", 50)
	f.set(mpeg2Job, at+"gopSize", 15)
	f.each(mpeg2Job, at+"gopSizeUnits", "gopSize=2")
	f.set(mpeg2Job, at+"gopClosedCadence", 0)
	f.set(mpeg2Job, at+"minIInterval", 5)
	f.each(mpeg2Job, at+"sceneChangeDetect", "gopClosedCadence=0")
	f.set(mpeg2Job, at+"numberBFramesBetweenReferenceFrames", 1)
	f.each(mpeg2Job, at+"dynamicSubGop")
	f.each(mpeg2Job, at+"codecProfile")
	f.each(mpeg2Job, at+"codecLevel")
	f.each(mpeg2Job, at+"intraDcPrecision")
	f.each(mpeg2Job, at+"syntax")
	f.each(mpeg2Job, at+"qualityTuningLevel")
	f.set(mpeg2Job, at+"softness", 40)
	f.each(mpeg2Job, at+"adaptiveQuantization")
	f.each(mpeg2Job, at+"spatialAdaptiveQuantization", "adaptiveQuantization=HIGH")
	f.each(mpeg2Job, at+"temporalAdaptiveQuantization", "adaptiveQuantization=HIGH")
}

func (f *flips) xavc(at string) {
	f.clock(xavcJob, at, full)
	f.each(xavcJob, at+"profile", full, "XAVC_4K:/"+vid+"width=3840", "XAVC_4K:/"+vid+"height=2160",
		"XAVC_4K_INTRA_CBG:/"+vid+"width=3840", "XAVC_4K_INTRA_CBG:/"+vid+"height=2160",
		"XAVC_4K_INTRA_VBR:/"+vid+"width=3840", "XAVC_4K_INTRA_VBR:/"+vid+"height=2160", "XAVC_4K_INTRA_CBG~XAVC_4K_INTRA_VBR")
	f.each(xavcJob, at+"entropyEncoding", full, "AUTO~CABAC")
	f.set(xavcJob, at+"softness", 40, full)
	f.each(xavcJob, at+"adaptiveQuantization", full)
	f.each(xavcJob, at+"spatialAdaptiveQuantization", full, "adaptiveQuantization=HIGH")
	f.each(xavcJob, at+"temporalAdaptiveQuantization", full, "adaptiveQuantization=HIGH")
	for object, b := range map[string]base{"xavcHdProfileSettings/": xavcJob, "xavc4kProfileSettings/": xavc4KJob} {
		input := map[bool]string{true: uhd, false: full}[strings.Contains(object, "4k")]
		own := at + object
		f.each(b, own+"bitrateClass", input)
		f.each(b, own+"flickerAdaptiveQuantization", input, "/"+at+"adaptiveQuantization=HIGH")
		f.each(b, own+"gopBReference", input)
		f.set(b, own+"gopClosedCadence", 0, input)
		f.set(b, own+"hrdBufferSize", 9000000, input)
		f.each(b, own+"qualityTuningLevel", input)
		f.set(b, own+"slices", 10, input)
	}
	f.each(xavc4KJob, at+"xavc4kProfileSettings/codecProfile", uhd)
	f.each(xavcJob, at+"xavcHdProfileSettings/interlaceMode", "/inputs/0/fileInput=s3://in/full-bottom.ts", "FOLLOW_TOP_FIELD~BOTTOM_FIELD", "FOLLOW_BOTTOM_FIELD~BOTTOM_FIELD", "FOLLOW_TOP_FIELD~FOLLOW_BOTTOM_FIELD")
	f.each(xavcJob, at+"xavcHdProfileSettings/telecine", film, "interlaceMode=TOP_FIELD", "/"+vid+"width=1920", "/"+vid+"height=1080",
		"/"+at+"framerateControl=SPECIFIED", "/"+at+"framerateNumerator=30000", "/"+at+"framerateDenominator=1001")
	f.each(xavcJob, at+"xavcHdIntraCbgProfileSettings/xavcClass", full, "/"+at+"profile=XAVC_HD_INTRA_CBG", "/"+at+"xavcHdProfileSettings=-",
		"CLASS_50:/"+vid+"width=1440", "CLASS_50:/"+vid+"height=1080")
	f.each(xavcJob, at+"xavc4kIntraCbgProfileSettings/xavcClass", uhd, "/"+at+"profile=XAVC_4K_INTRA_CBG", "/"+at+"xavcHdProfileSettings=-")
	f.each(xavcJob, at+"xavc4kIntraVbrProfileSettings/xavcClass", uhd, "/"+at+"profile=XAVC_4K_INTRA_VBR", "/"+at+"xavcHdProfileSettings=-")
}

// files flips the settings of containers of files.
func (f *flips) files() {
	alone := func(container, codecs string) {
		f.set(fileJob, box+"container", container, "mp4Settings=-", `+/outputGroups/0/outputs/0/videoDescription/codecSettings={`+codecs+`}`, "/outputGroups/0/outputs/0/audioDescriptions=-")
	}
	alone("MXF", `"codec":"MPEG2","mpeg2Settings":{"rateControlMode":"VBR","bitrate":8000000}`)
	alone("WEBM", `"codec":"VP8","vp8Settings":{"rateControlMode":"VBR","bitrate":1000000}`)
	alone("F4V", h264QVBR)
	alone("GIF", `"codec":"GIF","gifSettings":{}`)
	alone("Y4M", `"codec":"UNCOMPRESSED","uncompressedSettings":{}`)
	for value, codecs := range map[string]string{
		"VP8":          `"WEBM"|"vp8Settings":{"rateControlMode":"VBR","bitrate":1000000}`,
		"VP9":          `"WEBM"|"vp9Settings":{"rateControlMode":"VBR","bitrate":1000000}`,
		"PRORES":       `"MOV"|"proresSettings":{}`,
		"MPEG2":        `"MOV"|"mpeg2Settings":{"rateControlMode":"VBR","bitrate":1000000}`,
		"VC3":          `"MOV"|"vc3Settings":{}`,
		"AVC_INTRA":    `"MOV"|"avcIntraSettings":{}`,
		"XAVC":         `"MOV"|"xavcSettings":{}`,
		"UNCOMPRESSED": `"MOV"|"uncompressedSettings":{}`,
		"PASSTHROUGH":  `"MP4"|"passthroughSettings":{}`,
		"GIF":          `"GIF"|"gifSettings":{}`,
	} {
		container, settings, _ := strings.Cut(codecs, "|")
		name, object, _ := strings.Cut(settings, ":")
		f.set(f264Job, codec+"codec", value, full, "+h264Settings=-", "+"+strings.Trim(name, `"`)+"="+object, "+/"+box+"container="+container)
	}
	f.each(f4vJob, box+"f4vSettings/moovPlacement")
	f.each(mpeg2Job, box+"mxfSettings/profile")
	f.set(fileJob, box+"mp4Settings/cttsVersion", 1, "cslgAtom=INCLUDE")
	f.each(job(fileGroup, `"container":"MOV","movSettings":{}`, `"codec":"MPEG2","mpeg2Settings":{"rateControlMode":"VBR","bitrate":8000000}`, ""), box+"movSettings/mpeg2FourCCControl")
	f.set(fileJob, box+"mp4Settings/mp4MajorBrand", "mp42")
}
