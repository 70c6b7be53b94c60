package settings

import "strings"

// The tables: a line for each setting that the support table calls honoured.
// See flips.set and flips.each for what stands in a line.

func (f *flips) inputs() {
	f.set(hlsJob, in0+"fileInput", "https://example.com/other.mp4")
	f.set(hlsJob, "followSource", 2, `/inputs/1={"fileInput":"s3://in/small.mp4"}`)
	f.each(hlsJob, vsel+"rotate", "DEGREE_0~AUTO")
	f.audioSelectors()
}

func (f *flips) groups() {
	const hls = group + "hlsGroupSettings/"
	f.set(fileJob, group+"type", "HLS_GROUP_SETTINGS", `+hlsGroupSettings={"destination":"s3://out/a","segmentLength":6,"minSegmentLength":0}`, "+fileGroupSettings=-", `+/outputGroups/0/outputs/0/containerSettings={"container":"M3U8"}`)
	f.set(fileJob, group+"fileGroupSettings/destination", "s3://out/b")
	f.set(hlsJob, hls+"destination", "s3://out/b")
	f.set(hlsJob, hls+"segmentLength", 4)
	f.set(hlsJob, hls+"minSegmentLength", 2)
	f.set(hlsJob, hls+"minFinalSegmentLength", 1.5)
	f.each(hlsJob, hls+"manifestDurationFormat")
	f.each(hlsJob, hls+"targetDurationCompatibilityMode")
	f.each(hlsJob, hls+"codecSpecification")
	f.each(hlsJob, hls+"streamInfResolution")
	f.each(hlsJob, hls+"clientCache")
	f.each(hlsJob, hls+"outputSelection")
}

// abr flips what automated ABR is told. Rules are found in their list by place.
func (f *flips) abr() {
	const at = "outputGroups/0/automatedEncodingSettings/abrSettings/"
	const rule = at + "rules/0/"
	f.set(abrJob, at+"minAbrBitrate", 3000000)
	f.set(abrJob, at+"maxAbrBitrate", 1000000)
	f.set(abrJob, at+"maxRenditions", 3)
	f.set(abrJob, at+"maxQualityLevel", 3)
	f.each(abrJob, rule+"type", `minTopRenditionSize={"width":1280,"height":720}`, `minBottomRenditionSize={"width":640,"height":360}`,
		`forceIncludeRenditions=[{"width":1280,"height":720},{"width":650,"height":366}]`, `allowedRenditions=[{"width":1280,"height":720},{"width":700,"height":394}]`, "/"+at+"maxAbrBitrate=1500000")
	for name, value := range map[string]int{"width": 800, "height": 450} {
		f.set(abrJob, rule+"minTopRenditionSize/"+name, value, "/"+at+"maxAbrBitrate=700000", "/"+rule+"type=MIN_TOP_RENDITION_SIZE", "width=100", "height=100")
		f.set(abrJob, rule+"minBottomRenditionSize/"+name, value, "/"+rule+"type=MIN_BOTTOM_RENDITION_SIZE", "width=100", "height=100")
		f.set(abrJob, rule+"forceIncludeRenditions/0/"+name, value, "/"+rule+"type=FORCE_INCLUDE_RENDITIONS", "width=640", "height=362")
		f.set(abrJob, rule+"allowedRenditions/0/"+name, value, "/"+rule+"type=ALLOWED_RENDITIONS", "width=640", "height=362")
	}
	f.each(abrJob, rule+"allowedRenditions/0/required", "/"+rule+"type=ALLOWED_RENDITIONS", "width=64", "height=36", `/`+rule+`allowedRenditions/1={"width":1280,"height":720}`, "/"+at+"minAbrBitrate=5000000")
}

func (f *flips) outputs() {
	f.set(hlsJob, out+"nameModifier", "_y")
	f.set(fileJob, out+"extension", "m4v")
	f.set(hlsJob, out+"outputSettings/hlsSettings/segmentModifier", "_$dt$")
	f.set(fileJob, box+"container", "MOV", "mp4Settings=-")
	f.set(fileJob, box+"container", "M2TS", "mp4Settings=-")
	f.set(fileJob, box+"container", "RAW", "mp4Settings=-", `+/outputGroups/0/outputs/0/videoDescription/codecSettings={`+captures+`}`, "/outputGroups/0/outputs/0/audioDescriptions=-")
	f.set(fileJob, box+"container", "M3U8", "mp4Settings=-", `+/outputGroups/0/outputGroupSettings={`+hlsGroup+`}`)
	f.each(fileJob, box+"mp4Settings/moovPlacement")
}

func (f *flips) video() {
	f.set(hlsJob, vid+"width", 640)
	f.set(hlsJob, vid+"height", 360)
	f.set(hlsJob, vid+"sharpness", 100)
	f.each(hlsJob, vid+"colorMetadata")
	f.each(hlsJob, vid+"scalingBehavior", "width=1600", "height=1600")
	f.set(fileJob, codec+"codec", "H_265", `+h265Settings={"rateControlMode":"QVBR","maxBitrate":3000000}`, "+h264Settings=-")
	f.set(fileJob, codec+"codec", "AV1", `+av1Settings={"rateControlMode":"QVBR","maxBitrate":3000000}`, "+h264Settings=-")
	f.set(captureJob, codec+"codec", "H_264", `+h264Settings={"rateControlMode":"QVBR","maxBitrate":3000000}`, "+frameCaptureSettings=-", `+/outputGroups/0/outputs/0/containerSettings={"container":"MP4"}`)
	for name, value := range map[string]any{"framerateNumerator": 2, "framerateDenominator": 3, "maxCaptures": 4, "quality": 90} {
		f.set(captureJob, codec+"frameCaptureSettings/"+name, value)
	}
	f.h26x(hlsJob, hlsVBRJob, codec+"h264Settings/")
	f.h26x(hlsH265Job, h265VBRJob, codec+"h265Settings/")
	f.h264(codec + "h264Settings/")
	f.h265(codec + "h265Settings/")
	f.av1(codec + "av1Settings/")
	f.codecs()
	f.files()
}

// h26x flips what H.264 and H.265 have in common.
func (f *flips) h26x(qvbr, vbr base, at string) {
	f.set(vbr, at+"bitrate", 1500000)
	f.set(qvbr, at+"maxBitrate", 2000000)
	f.each(qvbr, at+"rateControlMode", "CBR:bitrate=2000000", "CBR:maxBitrate=-", "VBR:bitrate=2000000")
	f.set(qvbr, at+"hrdBufferSize", 9000000)
	f.set(qvbr, at+"hrdBufferInitialFillPercentage", 50)
	f.set(qvbr, at+"qvbrSettings/qvbrQualityLevel", 5)
	f.set(qvbr, at+"qvbrSettings/qvbrQualityLevelFineTune", 0.66, "qvbrQualityLevel=8")
	f.rate(qvbr, at)
	f.each(qvbr, at+"parControl", "SPECIFIED:parNumerator=4", "SPECIFIED:parDenominator=3")
	f.set(qvbr, at+"parNumerator", 8, "+parControl=SPECIFIED", "+parDenominator=9")
	f.set(qvbr, at+"parDenominator", 15, "+parControl=SPECIFIED", "+parNumerator=16")
	f.set(qvbr, at+"gopSize", 75, "gopSizeUnits=FRAMES")
	f.each(qvbr, at+"gopSizeUnits", "gopSize=3")
	f.set(qvbr, at+"minIInterval", 12)
	f.each(qvbr, at+"sceneChangeDetect", "ENABLED~TRANSITION_DETECTION")
	f.set(qvbr, at+"numberBFramesBetweenReferenceFrames", 1)
	f.set(qvbr, at+"numberReferenceFrames", 2)
	f.each(qvbr, at+"gopBReference")
	f.each(qvbr, at+"dynamicSubGop")
	f.each(qvbr, at+"qualityTuningLevel")
	f.set(qvbr, at+"slices", 4)
	f.each(qvbr, at+"adaptiveQuantization")
}

// rate flips the frame rate, of any codec.
func (f *flips) rate(b base, at string) {
	f.each(b, at+"framerateControl", "SPECIFIED:framerateNumerator=25", "SPECIFIED:framerateDenominator=1")
	f.set(b, at+"framerateNumerator", 50, "framerateControl=SPECIFIED", "framerateNumerator=25", "framerateDenominator=1")
	f.set(b, at+"framerateDenominator", 2, "framerateControl=SPECIFIED", "framerateNumerator=50", "framerateDenominator=1")
}

func (f *flips) h264(at string) {
	f.each(hlsJob, at+"codecProfile", "BASELINE:entropyEncoding=CAVLC")
	f.each(hlsJob, at+"codecLevel", "maxBitrate=50000")
	f.each(hlsJob, at+"entropyEncoding")
	f.each(fileJob, at+"writeMp4PackagingType")
}

func (f *flips) h265(at string) {
	f.each(hlsH265Job, at+"codecProfile")
	f.each(hlsH265Job, at+"codecLevel", "maxBitrate=50000")
	f.each(fileH265Job, at+"writeMp4PackagingType")
}

func (f *flips) av1(at string) {
	f.set(av1Job, at+"maxBitrate", 1000000)
	f.set(av1Job, at+"gopSize", 60)
	f.set(av1Job, at+"slices", 4)
	f.set(av1Job, at+"qvbrSettings/qvbrQualityLevel", 4)
	f.set(av1Job, at+"qvbrSettings/qvbrQualityLevelFineTune", 0.66, "qvbrQualityLevel=8")
	for name := range strings.FieldsSeq("bitDepth filmGrainSynthesis spatialAdaptiveQuantization") {
		f.each(av1Job, at+name)
	}
	f.rate(av1Job, at)
}
