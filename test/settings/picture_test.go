package settings

// timeline flips what the inputs' timelines are cut and read by.
func (f *flips) timeline() {
	const (
		clip  = `/inputs/0/inputClippings=[{"startTimecode":"00:00:02:00","endTimecode":"00:00:07:00"}]`
		start = "/inputs/0/timecodeStart=00:00:00:00"
		own   = "/inputs/0/timecodeSource=SPECIFIEDSTART"
	)
	f.each(hlsJob, in0+"timecodeSource", "SPECIFIEDSTART:+timecodeStart=01:00:01:00", `/inputs/0/inputClippings=[{"endTimecode":"01:00:07:00"}]`)
	f.set(hlsJob, in0+"timecodeStart", "00:00:01:00", clip, own, start)
	f.set(hlsJob, in0+"inputClippings/0/startTimecode", "00:00:03:00", clip, own, start)
	f.set(hlsJob, in0+"inputClippings/0/endTimecode", "00:00:08:00", clip, own, start)

	rectangle := map[string]any{"x": 20, "y": 30, "width": 200, "height": 100}
	for name, value := range rectangle {
		for _, at := range []string{in0, vid} {
			const beside = `={"x":0,"y":0,"width":320,"height":160}`
			f.set(hlsJob, at+"crop/"+name, value, "/"+at+"crop"+beside)
			f.set(hlsJob, at+"position/"+name, value, "/"+at+"position"+beside)
		}
	}
}

// picture flips what is done to pictures before they are encoded.
func (f *flips) picture() {
	const (
		logo    = `={"insertableImages":[{"imageInserterInput":"s3://in/logo.png","imageX":10,"imageY":20},{"imageInserterInput":"s3://in/other.png","imageX":0,"imageY":0,"layer":3}]}`
		correct = pre + "colorCorrector/"
		noise   = pre + "noiseReducer/"
	)
	for _, at := range []string{in0 + "imageInserter", pre + "imageInserter"} {
		first := at + "/insertableImages/0/"
		zero := []string{"/" + at + logo, "/inputs/0/timecodeSource=ZEROBASED", `/timecodeConfig={"source":"ZEROBASED"}`}
		f.set(hlsJob, first+"imageInserterInput", "s3://in/third.png", zero...)
		for name, value := range map[string]any{"imageX": 30, "imageY": 40, "width": 50, "height": 60, "layer": 9, "opacity": 70, "startTime": "00:00:03:00", "duration": 4000, "fadeIn": 500} {
			f.set(hlsJob, first+name, value, zero...)
		}
		f.set(hlsJob, first+"fadeOut", 500, append(zero, "duration=2000")...)
		f.set(hlsJob, at+"/sdrReferenceWhiteLevel", 203, "/"+at+logo, "/inputs/0/videoSelector/colorSpace=HDR10")
	}
	f.set(hlsJob, pre+"timecodeBurnin/fontSize", 32)
	f.each(hlsJob, pre+"timecodeBurnin/position")
	f.set(hlsJob, pre+"timecodeBurnin/prefix", "take 1: ")
	burn := "/" + pre + `timecodeBurnin={"fontSize":10}`
	f.each(hlsJob, "timecodeConfig/source", burn, "SPECIFIEDSTART:start=02:00:00:00")
	f.set(hlsJob, "timecodeConfig/start", "03:00:00:00", burn, "source=SPECIFIEDSTART", "start=02:00:00:00")
	f.set(hlsJob, "timecodeConfig/anchor", "01:00:05:00", burn, "source=ZEROBASED")
	f.each(hlsJob, vid+"dropFrameTimecode", burn, "/"+codec+"h264Settings/framerateControl=SPECIFIED", "/"+codec+"h264Settings/framerateNumerator=30000", "/"+codec+"h264Settings/framerateDenominator=1001")

	f.sources()
	f.each(fieldsJob, in0+"inputScanType")
	f.each(fieldsJob, pre+"deinterlacer/mode")
	f.each(fieldsJob, pre+"deinterlacer/control")
	f.each(fieldsJob, pre+"deinterlacer/algorithm")

	f.each(hlsJob, in0+"filterEnable", "AUTO~DISABLE", "filterStrength=2")
	f.set(hlsJob, in0+"filterStrength", 4, "filterEnable=FORCE", "filterStrength=2")
	f.each(hlsJob, in0+"deblockFilter")
	f.each(hlsJob, in0+"denoiseFilter")
	f.each(hlsJob, in0+"advancedInputFilter")
	f.each(hlsJob, in0+"advancedInputFilterSettings/sharpening", "/inputs/0/advancedInputFilter=ENABLED")
	f.each(hlsJob, in0+"advancedInputFilterSettings/addTexture", "/inputs/0/advancedInputFilter=ENABLED")
	f.each(hlsJob, noise+"filter", `filterSettings={"strength":2}`)
	f.set(hlsJob, noise+"filterSettings/strength", 3, "/"+noise+"filter=GAUSSIAN")
	for name, value := range map[string]any{"strength": 9, "speed": -1, "postFilterSharpenStrength": 2} {
		f.set(hlsJob, noise+"spatialFilterSettings/"+name, value, "/"+noise+"filter=SPATIAL")
	}
	temporal := "/" + noise + "filter=TEMPORAL"
	for name, value := range map[string]any{"strength": 9, "speed": -1, "aggressiveMode": 2} {
		f.set(hlsJob, noise+"temporalFilterSettings/"+name, value, temporal)
	}
	f.each(hlsJob, noise+"temporalFilterSettings/postTemporalSharpening", temporal, "strength=4")
	f.each(hlsJob, noise+"temporalFilterSettings/postTemporalSharpeningStrength", temporal, "postTemporalSharpening=ENABLED")

	f.each(hlsJob, vsel+"colorSpace")
	f.each(hlsJob, vsel+"colorSpaceUsage", "colorSpace=REC_601")
	f.each(hlsJob, vsel+"sampleRange")
	for name, value := range map[string]any{"brightness": 60, "contrast": 60, "saturation": 60, "hue": 20} {
		f.set(hlsJob, correct+name, value)
	}
	f.each(hlsJob, correct+"colorSpaceConversion", "NONE~FORCE_709", "/inputs/0/videoSelector/colorSpace=REC_709")
	down := []string{"/" + correct + "colorSpaceConversion=FORCE_709", "/inputs/0/videoSelector/colorSpace=HDR10"}
	f.each(hlsJob, correct+"hdrToSdrToneMapper", down...)
	f.set(hlsJob, correct+"sdrReferenceWhiteLevel", 203, down...)
	f.set(hlsJob, correct+"maxLuminance", 4000, down...)
	f.set(hlsJob, correct+"hdr10Metadata/maxLuminance", 40000000, down...)
	f.each(hlsJob, correct+"sampleRangeConversion", "/inputs/0/videoSelector/sampleRange=FULL_RANGE")
	for name, value := range map[string]any{"minimumYUV": 64, "maximumYUV": 940, "minimumRGBTolerance": 5, "maximumRGBTolerance": 95} {
		f.set(hlsJob, correct+"clipLimits/"+name, value)
	}
	lut := `/colorConversion3DLUTSettings=[{"fileInput":"s3://in/a.cube"}]`
	convert := "/" + correct + "colorSpaceConversion=FORCE_601"
	f.set(hlsJob, "colorConversion3DLUTSettings/0/fileInput", "s3://in/b.cube", lut, convert)
}

// sources flips what the picture is made from beside the input's first track.
func (f *flips) sources() {
	f.each(fileJob, vid+"timecodeTrack")
	f.set(hlsJob, vsel+"pid", 77)
	f.each(hlsJob, vsel+"selectorType", "streams=[4]")
	f.set(hlsJob, vsel+"streams", []any{4}, "selectorType=STREAM")
	f.each(hlsJob, vsel+"padVideo", "/inputs/0/fileInput=s3://in/drift.mp4")
	f.each(hlsJob, vsel+"alphaBehavior", "/inputs/0/fileInput=s3://in/alpha.mov")
	gen := []string{"/inputs/0/fileInput=-", `/inputs/0/videoGenerator={"duration":5000,"width":320,"height":180,"framerateNumerator":25,"framerateDenominator":1}`}
	for name, value := range map[string]any{"duration": 3000, "width": 640, "height": 360, "framerateNumerator": 50, "framerateDenominator": 2, "channels": 2, "sampleRate": 48000, "imageInput": "s3://in/still.png"} {
		f.set(hlsJob, in0+"videoGenerator/"+name, value, gen...)
	}
	const o = in0 + "videoOverlays/0/"
	over := []string{"/inputs/0/timecodeSource=ZEROBASED", `/inputs/0/videoOverlays=[{"input":{"fileInput":"s3://in/small.mp4","timecodeSource":"SPECIFIEDSTART","timecodeStart":"00:00:00:00",
		"inputClippings":[{"startTimecode":"00:00:01:00","endTimecode":"00:00:05:00"}]},"initialPosition":{"xPosition":10,"yPosition":20,"width":30,"height":40},"crop":{"x":2,"y":4,"width":100,"height":100},
		"startTimecode":"00:00:01:00","endTimecode":"00:00:09:00","transitions":[{"startTimecode":"00:00:02:00","endTimecode":"00:00:03:00","endPosition":{"xPosition":50,"yPosition":60}}]}]`}
	f.set(hlsJob, o+"input/fileInput", "s3://in/full.mp4", over...)
	f.each(hlsJob, o+"input/timecodeSource", append(over, "/inputs/0/videoOverlays/0/input/timecodeStart=-", `/inputs/0/videoOverlays/0/input/inputClippings=[{"endTimecode":"01:00:05:00"}]`, "SPECIFIEDSTART:+timecodeStart=01:00:01:00")...)
	f.set(hlsJob, o+"input/timecodeStart", "00:00:00:10", over...)
	f.set(hlsJob, o+"input/inputClippings/0/startTimecode", "00:00:02:00", over...)
	f.set(hlsJob, o+"input/inputClippings/0/endTimecode", "00:00:04:00", over...)
	f.set(hlsJob, o+"startTimecode", "00:00:01:10", over...)
	f.set(hlsJob, o+"endTimecode", "00:00:08:00", over...)
	f.each(hlsJob, o+"playback", append(over, "/inputs/0/videoOverlays/0/input/inputClippings=-")...)
	for name, value := range map[string]any{"x": 20, "y": 22, "width": 50, "height": 52} {
		f.set(hlsJob, o+"crop/"+name, value, over...)
	}
	for name, value := range map[string]any{"xPosition": 70, "yPosition": 71, "width": 72, "height": 74, "opacity": 50} {
		f.set(hlsJob, o+"initialPosition/"+name, value, over...)
	}
	f.each(hlsJob, o+"crop/unit", over...)
	f.each(hlsJob, o+"initialPosition/unit", over...)
	f.set(hlsJob, o+"transitions/0/startTimecode", "00:00:02:10", over...)
	f.set(hlsJob, o+"transitions/0/endTimecode", "00:00:04:10", over...)
	f.set(hlsJob, o+"transitions/0/endPosition/xPosition", 90, over...)
	f.set(hlsJob, o+"transitions/0/endPosition/yPosition", 90, over...)
	f.each(hlsJob, o+"transitions/0/endPosition/unit", over...)

	motion := `/motionImageInserter={"input":"s3://in/alpha.mov","insertionMode":"MOV","offset":{"imageX":1,"imageY":2}}`
	zero := `/timecodeConfig={"source":"ZEROBASED"}`
	f.set(hlsJob, "motionImageInserter/input", "s3://in/other.mov", motion)
	f.each(hlsJob, "motionImageInserter/playback", motion)
	f.set(hlsJob, "motionImageInserter/startTime", "00:00:01:00", motion, zero)
	f.set(hlsJob, "motionImageInserter/offset/imageX", 30, motion)
	f.set(hlsJob, "motionImageInserter/offset/imageY", 40, motion)
	f.set(hlsJob, "motionImageInserter/framerate/framerateNumerator", 25, motion, "framerateDenominator=1", "framerateNumerator=50")
	f.set(hlsJob, "motionImageInserter/framerate/framerateDenominator", 2, motion, "framerateNumerator=50", "framerateDenominator=1")
}
