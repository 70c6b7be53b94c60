package mediaconvert

import "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

func fillVideo(v *types.VideoDescription) {
	fill(&v.ScalingBehavior, types.ScalingBehaviorDefault)
	fillPtr(&v.Sharpness, 50)
	fill(&v.AntiAlias, types.AntiAliasEnabled)
	fill(&v.ColorMetadata, types.ColorMetadataInsert)
	fill(&v.RespondToAfd, types.RespondToAfdNone)
	fill(&v.AfdSignaling, types.AfdSignalingNone)
	fill(&v.TimecodeInsertion, types.VideoTimecodeInsertionDisabled)
	fill(&v.DropFrameTimecode, types.DropFrameTimecodeEnabled)
	switch s := v.CodecSettings; s.Codec {
	case types.VideoCodecH264:
		fillH264(s.H264Settings)
	case types.VideoCodecH265:
		fillH265(s.H265Settings)
	case types.VideoCodecAv1:
		fillAV1(s.Av1Settings)
	case types.VideoCodecFrameCapture:
		fillCapture(s.FrameCaptureSettings)
	}
}

// fillCapture fills in frame capture. What the service does without a rate is not
// sourced, so a rate stays absent then, and the plan chooses.
func fillCapture(s *types.FrameCaptureSettings) {
	fillPtr(&s.Quality, 80)
	fillPtr(&s.MaxCaptures, 10000000)
	if s.FramerateNumerator != nil || s.FramerateDenominator != nil {
		fillPtr(&s.FramerateNumerator, 1)
		fillPtr(&s.FramerateDenominator, 1)
	}
}

func fillH264(h *types.H264Settings) {
	h.RateControlMode = types.H264RateControlMode(rateMode(string(h.RateControlMode), h.Bitrate, h.MaxBitrate))
	fill(&h.QualityTuningLevel, types.H264QualityTuningLevelSinglePassHq)
	fill(&h.CodecProfile, types.H264CodecProfileMain)
	fill(&h.CodecLevel, types.H264CodecLevelAuto)
	fill(&h.EntropyEncoding, types.H264EntropyEncodingCabac)
	fill(&h.FramerateControl, types.H264FramerateControlInitializeFromSource)
	fill(&h.FramerateConversionAlgorithm, types.H264FramerateConversionAlgorithmDuplicateDrop)
	fill(&h.ParControl, types.H264ParControlInitializeFromSource)
	fill(&h.InterlaceMode, types.H264InterlaceModeProgressive)
	fill(&h.Telecine, types.H264TelecineNone)
	fill(&h.SlowPal, types.H264SlowPalDisabled)
	fill(&h.ScanTypeConversionMode, types.H264ScanTypeConversionModeInterlaced)
	fill(&h.SceneChangeDetect, types.H264SceneChangeDetectEnabled)
	fill(&h.DynamicSubGop, types.H264DynamicSubGopAdaptive)
	fill(&h.GopBReference, types.H264GopBReferenceEnabled)
	fill(&h.Syntax, types.H264SyntaxDefault)
	fill(&h.FieldEncoding, types.H264FieldEncodingPaff)
	fill(&h.RepeatPps, types.H264RepeatPpsDisabled)
	fill(&h.UnregisteredSeiTimecode, types.H264UnregisteredSeiTimecodeDisabled)
	fill(&h.EndOfStreamMarkers, types.H264EndOfStreamMarkersInclude)
	fill(&h.WriteMp4PackagingType, types.H264WriteMp4PackagingTypeAvc1)
	fillPtr(&h.Softness, 0)
	fillPtr(&h.Slices, 1)
	fillPtr(&h.HrdBufferInitialFillPercentage, 90)
	if h.RateControlMode == types.H264RateControlModeQvbr {
		fillPtr(&h.QvbrSettings, types.H264QvbrSettings{})
	}
	fillGop(&h.GopSize, (*string)(&h.GopSizeUnits))
	fill(&h.AdaptiveQuantization, types.H264AdaptiveQuantizationAuto)
	if h.AdaptiveQuantization != types.H264AdaptiveQuantizationAuto {
		fill(&h.SpatialAdaptiveQuantization, types.H264SpatialAdaptiveQuantizationEnabled)
		fill(&h.TemporalAdaptiveQuantization, types.H264TemporalAdaptiveQuantizationEnabled)
		fill(&h.FlickerAdaptiveQuantization, types.H264FlickerAdaptiveQuantizationDisabled)
	}
}

func fillH265(h *types.H265Settings) {
	h.RateControlMode = types.H265RateControlMode(rateMode(string(h.RateControlMode), h.Bitrate, h.MaxBitrate))
	fill(&h.QualityTuningLevel, types.H265QualityTuningLevelSinglePass)
	fill(&h.CodecProfile, types.H265CodecProfileMainMain)
	fill(&h.CodecLevel, types.H265CodecLevelAuto)
	fill(&h.FramerateControl, types.H265FramerateControlInitializeFromSource)
	fill(&h.FramerateConversionAlgorithm, types.H265FramerateConversionAlgorithmDuplicateDrop)
	fill(&h.ParControl, types.H265ParControlInitializeFromSource)
	fill(&h.InterlaceMode, types.H265InterlaceModeProgressive)
	fill(&h.Telecine, types.H265TelecineNone)
	fill(&h.SlowPal, types.H265SlowPalDisabled)
	fill(&h.ScanTypeConversionMode, types.H265ScanTypeConversionModeInterlaced)
	fill(&h.SceneChangeDetect, types.H265SceneChangeDetectEnabled)
	fill(&h.DynamicSubGop, types.H265DynamicSubGopAdaptive)
	fill(&h.GopBReference, types.H265GopBReferenceEnabled)
	fill(&h.Deblocking, types.H265DeblockingEnabled)
	fill(&h.Tiles, types.H265TilesDisabled)
	fill(&h.TemporalIds, types.H265TemporalIdsDisabled)
	fill(&h.AlternateTransferFunctionSei, types.H265AlternateTransferFunctionSeiDisabled)
	fill(&h.UnregisteredSeiTimecode, types.H265UnregisteredSeiTimecodeDisabled)
	fill(&h.EndOfStreamMarkers, types.H265EndOfStreamMarkersInclude)
	fill(&h.WriteMp4PackagingType, types.H265WriteMp4PackagingTypeHev1)
	fillPtr(&h.Slices, 1)
	fillPtr(&h.HrdBufferInitialFillPercentage, 90)
	if h.RateControlMode == types.H265RateControlModeQvbr {
		fillPtr(&h.QvbrSettings, types.H265QvbrSettings{})
	}
	fillGop(&h.GopSize, (*string)(&h.GopSizeUnits))
	fill(&h.AdaptiveQuantization, types.H265AdaptiveQuantizationAuto)
	if h.AdaptiveQuantization != types.H265AdaptiveQuantizationAuto {
		fill(&h.SpatialAdaptiveQuantization, types.H265SpatialAdaptiveQuantizationEnabled)
		fill(&h.TemporalAdaptiveQuantization, types.H265TemporalAdaptiveQuantizationEnabled)
		fill(&h.FlickerAdaptiveQuantization, types.H265FlickerAdaptiveQuantizationDisabled)
	}
}

// fillGop: without units a given size is in frames, as it was before AUTO came;
// with units but no size it is the console's 90 frames, or 2 seconds.
func fillGop(size **float64, units *string) {
	if *units == "" {
		*units = "FRAMES"
		if *size == nil {
			*units = "AUTO"
		}
	}
	switch {
	case *units == "FRAMES" && (*size == nil || **size == 0):
		n := 90.0
		*size = &n
	case *units == "SECONDS":
		fillPtr(size, 2)
	}
}

func fillAV1(a *types.Av1Settings) {
	fill(&a.RateControlMode, types.Av1RateControlModeQvbr)
	fillPtr(&a.QvbrSettings, types.Av1QvbrSettings{})
	fill(&a.BitDepth, types.Av1BitDepthBit8)
	fill(&a.FramerateControl, types.Av1FramerateControlInitializeFromSource)
	fill(&a.FramerateConversionAlgorithm, types.Av1FramerateConversionAlgorithmDuplicateDrop)
	fill(&a.SpatialAdaptiveQuantization, types.Av1SpatialAdaptiveQuantizationEnabled)
	fill(&a.FilmGrainSynthesis, types.Av1FilmGrainSynthesisDisabled)
}
