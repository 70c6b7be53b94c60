package mediaconvert

import "strings"

func (b tableBuilder) video() {
	b.honour(atVideo, "width height sharpness colorMetadata")
	b.only(atVideo, "scalingBehavior", "DEFAULT STRETCH_TO_OUTPUT FIT FIT_NO_UPSCALE FILL", "the picture is fitted and padded, as with DEFAULT")
	b.nothing(atVideo, "antiAlias", "anti-aliasing is always on")
	b.nothing(atVideo, "dropFrameTimecode", noTimecode)
	b.ignore(atVideo, "timecodeInsertion timecodeTrack", "", "no timecode is written")
	b.ignore(atVideo, "afdSignaling respondToAfd", "", "AFD values are neither followed nor written")
	b.nothing(atVideo, "fixedAfd", "AFD values are not written")
	b.ignore(atVideo, "chromaPositionMode", "", "the chroma position is that of the scaler")
	b.unbuiltFilled(atVideo+"crop/", "cropping is not built yet")
	b.unbuiltFilled(atVideo+"position/", "positioning is not built yet")
	b.unbuiltFilled(atPre+"imageInserter/", noOverlay)
	b.refuse(atPre+"partnerWatermarking/", "**", noWatermark)
	b.ignore(atPre+"timecodeBurnin/", "**", "", "no timecode is burned in")
	b.ignore(atPre+"deinterlacer/", "**", "", "the picture is not deinterlaced")
	b.ignore(atPre+"noiseReducer/", "**", "", "the picture is not denoised")
	b.ignore(atPre+"colorCorrector/", "**", "", "colours are not corrected")
	b.ignore(atPre+"dolbyVision/", "**", "", "Dolby Vision is not written")
	b.ignore(atPre+"hdr10Plus/", "**", "", "HDR10+ is not written")

	const codecs = "this video codec is not built yet; H_264, H_265, AV1 and FRAME_CAPTURE are"
	b.so(atCodec, "codec", "H_264 H_265 AV1 FRAME_CAPTURE", codecs)
	for name := range strings.FieldsSeq("avcIntraSettings gifSettings mpeg2Settings passthroughSettings proresSettings uncompressedSettings vc3Settings vp8Settings vp9Settings xavcSettings") {
		b.unbuilt(atCodec+name+"/", "**", codecs)
	}
	b.honour(atCodec+"frameCaptureSettings/", "framerateNumerator framerateDenominator maxCaptures quality")
	b.h26x(atCodec + "h264Settings/")
	b.h26x(atCodec + "h265Settings/")
	b.h264(atCodec + "h264Settings/")
	b.h265(atCodec + "h265Settings/")
	b.av1(atCodec + "av1Settings/")
}

// h26x holds what H.264 and H.265 have in common.
func (b tableBuilder) h26x(at string) {
	b.honour(at, "rateControlMode bitrate maxBitrate hrdBufferSize hrdBufferInitialFillPercentage qvbrSettings/qvbrQualityLevel qvbrSettings/qvbrQualityLevelFineTune")
	b.ignore(at, "qvbrSettings/maxAverageBitrate", "", "maxBitrate alone bounds the rate")
	b.honour(at, "framerateControl framerateNumerator framerateDenominator parControl parNumerator parDenominator")
	b.honour(at, "gopSize gopSizeUnits minIInterval sceneChangeDetect numberBFramesBetweenReferenceFrames numberReferenceFrames gopBReference dynamicSubGop")
	b.honour(at, "qualityTuningLevel codecProfile codecLevel slices adaptiveQuantization writeMp4PackagingType")
	b.only(at, "gopClosedCadence", "1", "every GOP is closed, as with 1")
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
	b.honour(at, "entropyEncoding")
	b.nothing(at, "fieldEncoding", progressive)
	b.ignore(at, "softness", "0", "the quantisation matrix is flat")
	b.ignore(at, "syntax", "", "the stream follows no RP2027 restrictions")
	b.ignore(at, "repeatPps", "", "parameter sets come with key frames only")
	b.ignore(at, "saliencyAwareEncoding", "", "bits are not shifted by saliency")
}

func (b tableBuilder) h265(at string) {
	b.ignore(at, "tiles", "", "the picture is not cut into tiles")
	b.ignore(at, "tileWidth tileHeight tilePadding", "", "the picture is not cut into tiles")
	b.ignore(at, "treeBlockSize mvTemporalPredictor mvOverPictureBoundaries sampleAdaptiveOffsetFilterMode", "ENABLED", "the encoder's own choice is used")
	b.ignore(at, "temporalIds alternateTransferFunctionSei", "", "they are not written")
	b.ignore(at, "deblocking", "ENABLED", "the deblocking filter stays on")
}

func (b tableBuilder) av1(at string) {
	b.honour(at, "rateControlMode maxBitrate qvbrSettings/qvbrQualityLevel qvbrSettings/qvbrQualityLevelFineTune")
	b.honour(at, "framerateControl framerateNumerator framerateDenominator gopSize bitDepth slices spatialAdaptiveQuantization filmGrainSynthesis")
	b.ignore(at, "framerateConversionAlgorithm", "DUPLICATE_DROP", "frames are duplicated or dropped")
	b.ignore(at, "numberBFramesBetweenReferenceFrames adaptiveQuantization", "", "the encoder's own choice is used")
	b.ignore(at, "perFrameMetrics", "", "no reports are written")
}

func (b tableBuilder) audio() {
	b.honour(atAudio, "audioSourceName languageCode customLanguageCode languageCodeControl")
	b.nothing(atAudio, "streamName", "audio stays beside the video, so that no manifest lists it by a name")
	b.ignore(atAudio+"remixSettings/", "**", "", "channels are mixed by codingMode alone")
	b.ignore(atAudio+"audioNormalizationSettings/", "**", "", "loudness is left as it is")
	b.ignore(atAudio+"audioChannelTaggingSettings/", "**", "", "channels have the tags of their layout")
	b.ignore(atAudio+"audioPitchCorrectionSettings/", "**", "", "the audio is not slowed down")
	b.nothing(atAudio, "audioType", "audioTypeControl decides whether it is written, and it is not")
	b.ignore(atAudio, "audioTypeControl", "FOLLOW_INPUT", "no audio type is written")

	const codecs = "this audio codec is not built yet; AAC is"
	at := atAudio + "codecSettings/"
	b.so(at, "codec", "AAC", codecs)
	for name := range strings.FieldsSeq("ac3Settings ac4Settings aiffSettings eac3AtmosSettings eac3Settings flacSettings mp2Settings mp3Settings opusSettings vorbisSettings wavSettings") {
		b.unbuilt(at+name+"/", "**", codecs)
	}
	b.honour(atAAC, "bitrate sampleRate")
	b.only(atAAC, "codecProfile", "LC", "the audio is encoded as AAC-LC, which more players know")
	b.only(atAAC, "rateControlMode", "CBR", "the audio is encoded at its bitrate")
	b.nothing(atAAC, "vbrQuality", "the audio is encoded at its bitrate")
	b.so(atAAC, "codingMode", "CODING_MODE_1_0 CODING_MODE_2_0 CODING_MODE_5_1", "this coding mode is not built yet; CODING_MODE_1_0, CODING_MODE_2_0 and CODING_MODE_5_1 are")
	b.ignore(atAAC, "specification", "MPEG4", "the audio is MPEG-4 AAC")
	b.ignore(atAAC, "rawFormat", "", "AAC is written into the container's own form")
	b.ignore(atAAC, "audioDescriptionBroadcasterMix", "", "the flag is not written")
	b.nothing(atAAC, "loudnessMeasurementMode targetLoudnessRange rapInterval", "they belong to the XHE profile, which is not written")
}
