package mediaconvert

import "strings"

func (b tableBuilder) video() {
	b.honour(atVideo, "width height", "scale to these pixels; one of them follows from the other, and none means the input's")
	b.honour(atVideo, "sharpness", "the kernel of scale: bilinear up to 30, bicubic, lanczos above 80")
	b.honour(atVideo, "colorMetadata", "INSERT: -color_primaries, -color_trc and -colorspace")
	b.only(atVideo, "scalingBehavior", "DEFAULT STRETCH_TO_OUTPUT FIT FIT_NO_UPSCALE FILL", "scale with pad (DEFAULT), alone (STRETCH_TO_OUTPUT), to a smaller output (FIT) or with crop (FILL)", "the picture is fitted and padded, as with DEFAULT")
	b.nothing(atVideo, "antiAlias", "anti-aliasing is always on")
	b.nothing(atVideo, "dropFrameTimecode", noTimecode)
	b.ignore(atVideo, "timecodeInsertion timecodeTrack", "", "no timecode is written")
	b.ignore(atVideo, "afdSignaling respondToAfd", "", "AFD values are neither followed nor written")
	b.nothing(atVideo, "fixedAfd", "AFD values are not written")
	b.ignore(atVideo, "chromaPositionMode", "", "the chroma position is that of the scaler")
	b.honour(atVideo+"crop/", "x y width height", "crop filter before scaling, where the input has no crop of its own")
	b.honour(atVideo+"position/", "x y width height", "scale and pad filters put the picture there; scalingBehavior does nothing then")
	b.unbuiltFilled(atPre+"imageInserter/", noOverlay)
	b.refuse(atPre+"partnerWatermarking/", "**", noWatermark)
	b.ignore(atPre+"timecodeBurnin/", "**", "", "no timecode is burned in")
	b.ignore(atPre+"deinterlacer/", "**", "", "the picture is not deinterlaced")
	b.ignore(atPre+"noiseReducer/", "**", "", "the picture is not denoised")
	b.ignore(atPre+"colorCorrector/", "**", "", "colours are not corrected")
	b.ignore(atPre+"dolbyVision/", "**", "", "Dolby Vision is not written")
	b.ignore(atPre+"hdr10Plus/", "**", "", "HDR10+ is not written")

	const codecs = "this video codec is not built yet; H_264, H_265, AV1 and FRAME_CAPTURE are"
	b.so(atCodec, "codec", "H_264 H_265 AV1 FRAME_CAPTURE", "-c:v libx264, libx265, libsvtav1 or mjpeg", codecs)
	for name := range strings.FieldsSeq("avcIntraSettings gifSettings mpeg2Settings passthroughSettings proresSettings uncompressedSettings vc3Settings vp8Settings vp9Settings xavcSettings") {
		b.unbuilt(atCodec+name+"/", "**", codecs)
	}
	b.honour(atCodec+"frameCaptureSettings/", "framerateNumerator framerateDenominator", "select takes the first picture and then one each denominator/numerator seconds")
	b.honour(atCodec+"frameCaptureSettings/", "maxCaptures", "-frames:v")
	b.honour(atCodec+"frameCaptureSettings/", "quality", "-q:v")
	b.h26x(atCodec + "h264Settings/")
	b.h26x(atCodec + "h265Settings/")
	b.h264(atCodec + "h264Settings/")
	b.h265(atCodec + "h265Settings/")
	b.av1(atCodec + "av1Settings/")
}

// h26x holds what H.264 and H.265 have in common.
func (b tableBuilder) h26x(at string) {
	b.honour(at, "rateControlMode", "QVBR: -crf under -maxrate; VBR: -b:v under -maxrate; CBR: -b:v, -maxrate the same")
	b.honour(at, "bitrate", "-b:v")
	b.honour(at, "maxBitrate", "-maxrate")
	b.honour(at, "hrdBufferSize", "-bufsize; twice the highest rate without it")
	b.honour(at, "hrdBufferInitialFillPercentage", "vbv-init")
	b.honour(at, "qvbrSettings/qvbrQualityLevel qvbrSettings/qvbrQualityLevelFineTune", "-crf")
	b.ignore(at, "qvbrSettings/maxAverageBitrate", "", "maxBitrate alone bounds the rate")
	b.honour(at, "framerateControl framerateNumerator framerateDenominator", "fps filter")
	b.honour(at, "parControl parNumerator parDenominator", "setsar filter; proportions are kept")
	b.honour(at, "gopSize gopSizeUnits", "keyint")
	b.honour(at, "minIInterval", "min-keyint, up to half of keyint")
	b.honour(at, "sceneChangeDetect", "scenecut; TRANSITION_DETECTION is as ENABLED")
	b.honour(at, "numberBFramesBetweenReferenceFrames", "bframes")
	b.honour(at, "numberReferenceFrames", "ref")
	b.honour(at, "gopBReference", "b-pyramid")
	b.honour(at, "dynamicSubGop", "b-adapt; STATIC switches it off")
	b.honour(at, "qualityTuningLevel", "-preset")
	b.honour(at, "codecProfile", "-profile:v and -pix_fmt")
	b.honour(at, "codecLevel", "-level:v or level-idc")
	b.honour(at, "slices", "slices")
	b.honour(at, "adaptiveQuantization", "aq-mode and aq-strength")
	b.honour(at, "writeMp4PackagingType", "-tag:v")
	b.only(at, "gopClosedCadence", "1", "open-gop=0", "every GOP is closed, as with 1")
	b.ignore(at, "hrdBufferFinalFillPercentage", "0", "the buffer ends as it ends")
	b.ignore(at, "spatialAdaptiveQuantization temporalAdaptiveQuantization", "ENABLED", "adaptiveQuantization alone says how strongly quality is shifted")
	b.ignore(at, "flickerAdaptiveQuantization", "", "adaptiveQuantization alone says how strongly quality is shifted")
	b.ignore(at, "framerateConversionAlgorithm", "DUPLICATE_DROP", "frames are duplicated or dropped")
	b.ignore(at, "interlaceMode", "PROGRESSIVE", progressive)
	b.nothing(at, "scanTypeConversionMode", progressive)
	b.ignore(at, "telecine slowPal", "", "the frame rate is converted by duplicating or dropping frames")
	b.ignore(at, "unregisteredSeiTimecode", "", "no timecode is written")
	b.nothing(at, "endOfStreamMarkers", "no markers are written, as with SUPPRESS; players find the end without")
	b.ignore(at, "perFrameMetrics", "", "no reports are written")
	b.ignore(at+"bandwidthReductionFilter/", "**", "", "the picture is not filtered")
}

func (b tableBuilder) h264(at string) {
	b.honour(at, "entropyEncoding", "CAVLC: cabac=0")
	b.nothing(at, "fieldEncoding", progressive)
	b.ignore(at, "softness", "0", "the quantisation matrix is flat")
	b.ignore(at, "syntax", "", "the stream follows no RP2027 restrictions")
	b.ignore(at, "repeatPps", "", "parameter sets come with key frames only")
	b.ignore(at, "saliencyAwareEncoding", "", "bits are not shifted by saliency")
}

func (b tableBuilder) h265(at string) {
	b.ignore(at, "tiles", "", "the picture is not cut into tiles")
	b.ignore(at, "tileWidth tileHeight tilePadding", "", "the picture is not cut into tiles")
	b.ignore(at, "treeBlockSize sampleAdaptiveOffsetFilterMode", "", "the encoder's own choice is used")
	b.ignore(at, "mvTemporalPredictor mvOverPictureBoundaries", "ENABLED", "the encoder's own choice is used")
	b.ignore(at, "temporalIds alternateTransferFunctionSei", "", "they are not written")
	b.ignore(at, "deblocking", "ENABLED", "the deblocking filter stays on")
}

func (b tableBuilder) av1(at string) {
	b.honour(at, "rateControlMode", "QVBR, the only one there is: -crf under a cap")
	b.honour(at, "maxBitrate", "mbr, with room for how much the encoder overshoots")
	b.honour(at, "qvbrSettings/qvbrQualityLevel qvbrSettings/qvbrQualityLevelFineTune", "-crf")
	b.honour(at, "framerateControl framerateNumerator framerateDenominator", "fps filter")
	b.honour(at, "gopSize", "keyint")
	b.honour(at, "bitDepth", "-pix_fmt yuv420p or yuv420p10le")
	b.honour(at, "slices", "tile-columns")
	b.honour(at, "spatialAdaptiveQuantization", "DISABLED: aq-mode=0")
	b.honour(at, "filmGrainSynthesis", "film-grain")
	b.ignore(at, "framerateConversionAlgorithm", "DUPLICATE_DROP", "frames are duplicated or dropped")
	b.ignore(at, "numberBFramesBetweenReferenceFrames adaptiveQuantization", "", "the encoder's own choice is used")
	b.ignore(at, "perFrameMetrics", "", "no reports are written")
}
