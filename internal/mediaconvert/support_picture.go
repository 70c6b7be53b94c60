package mediaconvert

// timeline: what the inputs' and the outputs' timelines are read by.
func (b tableBuilder) timeline() {
	b.honour(atInput, "timecodeSource", "the timeline that inputClippings and overlays of the input are read on")
	b.honour(atInput, "timecodeStart", "the timecode of the first frame, with SPECIFIEDSTART")
	b.honour(atInput+"inputClippings/*/", "startTimecode endTimecode", "the part of the input that is decoded; both frames are in it")

	b.honour("timecodeConfig/", "source", "the timeline of timecodes burned in, overlays of outputs, EXT-X-PROGRAM-DATE-TIME and ID3 tags; 0 where EMBEDDED finds nothing")
	b.honour("timecodeConfig/", "start", "the timecode of the first frame, with SPECIFIEDSTART")
	b.honour("timecodeConfig/", "anchor", "the timecode that keeps its picture, of the first input, in outputs")
	b.honour("timecodeConfig/", "timestampOffset", "date of the first picture, in EXT-X-PROGRAM-DATE-TIME")
	b.honour(atVideo, "dropFrameTimecode", "timecodes at 29.97 and 59.94 leave numbers out, as clocks do")
}

// picture: what is done to pictures before they are encoded.
func (b tableBuilder) picture() {
	b.honour(atInput+"crop/", "x y width height", "crop filter, after rotation; wins over the output's crop")
	b.honour(atInput+"position/", "x y width height", "scale and pad filters put the picture there; wins over the output's position")
	b.honour(atVideo+"crop/", "x y width height", "crop filter before scaling, where the input has no crop of its own")
	b.honour(atVideo+"position/", "x y width height", "scale and pad filters put the picture there; scalingBehavior does nothing then")
	b.honour(atInput, "inputScanType", "PSF: pictures that are marked as fields are taken as whole")

	for at, line := range map[string]string{atInput: "the input's picture and timeline", atPre: "the output's picture and timeline"} {
		images := at + "imageInserter/insertableImages/*/"
		b.honour(images, "imageInserterInput", "PNG, BMP or TGA that the overlay filter lays upon "+line)
		b.honour(images, "imageX imageY width height", "overlay and scale filters; what overhangs is cut off")
		b.honour(images, "layer", "higher layers lie upon lower ones")
		b.honour(images, "opacity", "percent, 50 without; multiplied with the image's own alpha")
		b.honour(images, "startTime duration", "when the overlay filter works, on "+line)
		b.honour(images, "fadeIn fadeOut", "fade filter on the image's alpha")
		b.honour(at+"imageInserter/", "sdrReferenceWhiteLevel", "nits of the image's white in HDR pictures (zscale npl)")
	}
	burn := atPre + "timecodeBurnin/"
	b.honour(burn, "fontSize position prefix", "drawtext filter that counts with the output's pictures, from timecodeConfig's start")

	b.sources()
	b.deinterlacing()
	b.noise()
	b.colour()
}

// sources: what the picture is made from beside the input's first track.
func (b tableBuilder) sources() {
	b.honour(atVideo, "timecodeTrack", "a tmcd track in MP4 and MOV, from timecodeConfig's start")
	b.honour(atVideoSel, "pid", "the video track with this PID or track id")
	b.honour(atVideoSel, "selectorType streams", "with STREAM the video track that has this number among all tracks, from 1")
	b.honour(atVideoSel, "padVideo", "BLACK: black after the video for as long as its sound lasts (tpad)")
	b.honour(atVideoSel, "alphaBehavior", "REMAP_TO_LUMA: the alpha channel is what is seen (alphaextract)")
	at := atInput + "videoGenerator/"
	b.honour(at, "duration width height framerateNumerator framerateDenominator", "black of this length, size and rate; 540x360 at 29.97 without")
	b.honour(at, "imageInput", "an image instead of black, scaled to the size")
	b.honour(at, "channels sampleRate", "with either there is silence beside the picture; outputs choose its channels and rate")

	at = atInput + "videoOverlays/*/"
	b.honour(at+"input/", "fileInput", "the video that is laid upon the input's")
	b.honour(at+"input/", "timecodeSource timecodeStart", "the timeline of the overlay's clips")
	b.honour(at+"input/inputClippings/*/", "startTimecode endTimecode", "the parts of the overlay that are shown, exact to the frame")
	b.ignore(at+"input/audioSelectors/*/", "**", "", "the sound of overlays is not heard")
	b.honour(at+"crop/", "x y width height unit", "what is shown of the overlay's picture")
	b.honour(at+"initialPosition/", "xPosition yPosition width height unit opacity", "where and how large it stands; -1 keeps its proportions")
	b.honour(at, "startTimecode endTimecode", "when it is shown, on the input's timeline; both frames are in it")
	b.honour(at, "playback", "REPEAT: a whole file begins anew until endTimecode")
	b.honour(at+"transitions/*/", "startTimecode endTimecode", "when the overlay moves")
	b.honour(at+"transitions/*/endPosition/", "xPosition yPosition unit", "where it moves to, in a straight line")
	b.ignore(at+"transitions/*/endPosition/", "width height opacity", "", "overlays move, but their size and opacity stay")

	at = "motionImageInserter/"
	b.honour(at, "input", "a MOV with alpha that is laid upon every output")
	b.orRefuse(at, "insertionMode", "MOV", "the moving image is a file", "a sequence of PNG files can't be read; make a MOV file with alpha of it")
	b.honour(at, "playback", "REPEAT: it begins anew until the end")
	b.honour(at, "startTime", "when it begins, on the output's timeline")
	b.honour(at+"offset/", "imageX imageY", "where it stands")
	b.honour(at+"framerate/", "framerateNumerator framerateDenominator", "how fast it plays, instead of its own rate")
}

func (b tableBuilder) deinterlacing() {
	at := atPre + "deinterlacer/"
	b.honour(at, "mode", "DEINTERLACE: whole pictures of fields; INVERSE_TELECINE: fieldmatch and decimate; ADAPTIVE: fieldmatch, and what stays combed is deinterlaced")
	b.honour(at, "control", "NORMAL: pictures that are marked as interlaced; FORCE_ALL_FRAMES: all")
	b.honour(at, "algorithm", "INTERPOLATE: bwdif; INTERPOLATE_TICKER: estdif; BLEND, BLEND_TICKER: libpostproc lb, l5 (bwdif above 8 bits); LINEAR_INTERPOLATION: w3fdif")
}

func (b tableBuilder) noise() {
	b.only(atInput, "filterEnable", "FORCE AUTO DISABLE", "FORCE: deblock and hqdn3d with filterStrength; AUTO leaves the picture alone, as DISABLE does", "the input is not filtered")
	b.honour(atInput, "filterStrength", "of hqdn3d, with filterEnable FORCE")
	b.honour(atInput, "deblockFilter", "deblock filter before all else")
	b.honour(atInput, "denoiseFilter", "hqdn3d filter before all else")
	b.honour(atInput, "advancedInputFilter", "light hqdn3d filter before all else")
	b.honour(atInput+"advancedInputFilterSettings/", "sharpening addTexture", "cas and noise filters, with advancedInputFilter")

	at := atPre + "noiseReducer/"
	b.honour(at, "filter", "BILATERAL bilateral; MEAN avgblur; GAUSSIAN gblur; LANCZOS, SHARPEN unsharp; CONSERVE median; SPATIAL hqdn3d, nlmeans, smartblur; TEMPORAL hqdn3d, atadenoise")
	b.honour(at+"filterSettings/", "strength", "radius or amount of the filter")
	b.honour(at+"spatialFilterSettings/", "strength speed postFilterSharpenStrength", "below 0 nlmeans, at 0 hqdn3d, above smartblur; then unsharp")
	b.honour(at+"temporalFilterSettings/", "strength speed aggressiveMode postTemporalSharpening postTemporalSharpeningStrength", "below 0 atadenoise, else hqdn3d; then unsharp")
}

func (b tableBuilder) colour() {
	b.honour(atVideoSel, "colorSpace", "how the input's colours are meant, whatever it is tagged")
	b.honour(atVideoSel, "colorSpaceUsage", "FALLBACK: colorSpace only fills what the input does not say")
	b.honour(atVideoSel, "sampleRange", "how the input's range is meant, whatever it is tagged")
	b.honour("colorConversion3DLUTSettings/*/", "fileInput", "a .cube table for the lut3d filter, read through and written anew before FFmpeg sees it")
	b.honour("colorConversion3DLUTSettings/*/", "inputColorSpace outputColorSpace", "which conversions of colorSpaceConversion the table does")
	b.nothing("colorConversion3DLUTSettings/*/", "inputMasteringLuminance outputMasteringLuminance", "tables are chosen by their colour spaces alone")

	at := atPre + "colorCorrector/"
	b.honour(at, "brightness contrast saturation", "lutyuv filter; 50 changes nothing")
	b.honour(at, "hue", "hue filter, degrees")
	b.honour(at, "colorSpaceConversion", "zscale filter, and the tags of the output")
	b.honour(at, "hdrToSdrToneMapper", "tonemap filter: PRESERVE_DETAILS hable, VIBRANT mobius")
	b.honour(at, "sdrReferenceWhiteLevel", "nits of white (zscale npl)")
	b.honour(at, "maxLuminance", "nits of the brightest light, for the tone mapper; 1000 without")
	b.honour(at, "sampleRangeConversion", "LIMITED_RANGE_SQUEEZE: scaled, as without; NONE: the full range is kept; LIMITED_RANGE_CLIP: limiter filter")
	b.honour(at+"clipLimits/", "minimumYUV maximumYUV minimumRGBTolerance maximumRGBTolerance", "limiter filter; tolerances outside of 0 to 100 % can't be exceeded in RGB")
	b.honour(at+"hdr10Metadata/", "maxLuminance", "nits of the brightest light, for the tone mapper (in 0.0001 nits)")
	b.ignore(at+"hdr10Metadata/", "bluePrimaryX bluePrimaryY greenPrimaryX greenPrimaryY maxContentLightLevel maxFrameAverageLightLevel minLuminance redPrimaryX redPrimaryY whitePointX whitePointY", "",
		"HDR10 metadata is not written")
}
