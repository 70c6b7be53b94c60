package settings

import "strings"

// captionJob has a video with burned-in captions and a file of captions.
func captionJob(source, kind string) base {
	return base(`{"inputs":[{"fileInput":"s3://in/v.mp4","audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}},"captionSelectors":{"c":{"sourceSettings":` + source + `},
		"d":{"sourceSettings":{"sourceType":"SRT","fileSourceSettings":{"sourceFile":"s3://in/others.srt"}}}}}],
		"outputGroups":[{"outputGroupSettings":{` + fileGroup + `},"outputs":[
		{"nameModifier":"_c","containerSettings":{"container":"RAW"},"captionDescriptions":[{"captionSelectorName":"c","destinationSettings":{"destinationType":"` + kind + `"}}]},
		{"nameModifier":"_v","containerSettings":{` + mp4 + `},"videoDescription":{"codecSettings":{` + h264QVBR + `}}}]}]}`)
}

const (
	srtSource = `{"sourceType":"SRT","fileSourceSettings":{"sourceFile":"s3://in/captions.srt"}}`
	sccSource = `{"sourceType":"SCC","fileSourceSettings":{"sourceFile":"s3://in/captions.scc"}}`
	csel      = in0 + "captionSelectors/c/"
	csrc      = csel + "sourceSettings/"
	cdest     = capt + "destinationSettings/"
)

// captions flips where captions come from and how they are written.
func (f *flips) captions() {
	srt, scc := captionJob(srtSource, "SRT"), captionJob(sccSource, "SRT")
	f.set(srt, csel+"languageCode", "FRA")
	f.set(srt, csel+"customLanguageCode", "gsw")
	f.each(srt, csrc+"sourceType", "SRT~SRT", "TTML~SMPTE_TT", "TTML~IMSC", "IMSC~SMPTE_TT", "NULL_SOURCE:+fileSourceSettings=-", "EMBEDDED:+fileSourceSettings=-", "TT_3GPP:+fileSourceSettings=-")
	file := csrc + "fileSourceSettings/"
	f.set(srt, file+"sourceFile", "s3://in/another.srt")
	f.set(srt, file+"timeDelta", 3)
	f.each(srt, file+"timeDeltaUnits", "timeDelta=3")
	f.set(scc, file+"framerate/framerateNumerator", 25, "framerateNumerator=24", "framerateDenominator=1")
	f.set(scc, file+"framerate/framerateDenominator", 1, "framerateNumerator=24000", "framerateDenominator=1001", "framerateNumerator=25")

	f.set(srt, capt+"captionSelectorName", "d")
	f.set(srt, capt+"languageCode", "DEU")
	f.set(srt, capt+"customLanguageCode", "gsw")
	f.each(srt, cdest+"destinationType", "BURN_IN:/outputGroups/0/outputs/0/containerSettings={"+mp4+"}", "BURN_IN:/outputGroups/0/outputs/0/videoDescription={\"codecSettings\":{"+h264QVBR+"}}",
		"EMBEDDED:/outputGroups/0/outputs/0/containerSettings={"+mp4+"}", "EMBEDDED:/outputGroups/0/outputs/0/videoDescription={\"codecSettings\":{"+h264QVBR+"}}",
		`EMBEDDED:/inputs/0/captionSelectors/c/sourceSettings=`+sccSource)
	f.each(srt, cdest+"srtDestinationSettings/stylePassthrough")
	for kind, object := range map[string]string{"TTML": "ttml", "IMSC": "imsc"} {
		f.each(captionJob(srtSource, kind), cdest+object+"DestinationSettings/stylePassthrough")
	}
	f.each(captionJob(`{"sourceType":"WEBVTT","fileSourceSettings":{"sourceFile":"s3://in/captions.vtt"}}`, "WEBVTT"), cdest+"webvttDestinationSettings/stylePassthrough")
	f.each(captionJob(srtSource, "SCC"), cdest+"sccDestinationSettings/framerate")
	tracks, embedded := captionJob(`{"sourceType":"SRT","trackSourceSettings":{"trackNumber":2}}`, "SRT"), captionJob(`{"sourceType":"EMBEDDED"}`, "SRT")
	f.set(tracks, csrc+"trackSourceSettings/trackNumber", 3)
	f.set(tracks, csrc+"trackSourceSettings/streamNumber", 6)
	f.set(embedded, csrc+"embeddedSourceSettings/source608ChannelNumber", 3)
	f.each(embedded, csrc+"embeddedSourceSettings/terminateCaptions")

	carried := base(strings.Replace(string(embedded), `{"container":"RAW"}`, `{`+mp4+`},"videoDescription":{"codecSettings":{`+h264QVBR+`}}`, 1))
	carried = base(strings.Replace(string(carried), `"destinationType":"SRT"`, `"destinationType":"EMBEDDED","embeddedDestinationSettings":{}`, 1))
	f.set(carried, cdest+"embeddedDestinationSettings/destination608ChannelNumber", 3)

	stream := base(`{"inputs":[{"fileInput":"s3://in/v.mp4","captionSelectors":{"c":{"sourceSettings":` + srtSource + `}}}],"outputGroups":[{"outputGroupSettings":{` + hlsGroup + `},"outputs":[
		{"nameModifier":"_c","containerSettings":{` + m3u8 + `},"captionDescriptions":[{"captionSelectorName":"c","destinationSettings":{"destinationType":"WEBVTT","webvttDestinationSettings":{}}}]},
		{"nameModifier":"_v","containerSettings":{` + m3u8 + `},"videoDescription":{"codecSettings":{` + h264QVBR + `}}}]}]}`)
	f.each(stream, group+"hlsGroupSettings/captionSegmentLengthControl")
	f.set(stream, capt+"languageDescription", "Deutsch")
	f.each(stream, cdest+"webvttDestinationSettings/accessibility")
	packed := base(strings.NewReplacer(hlsGroup, `"type":"DASH_ISO_GROUP_SETTINGS","dashIsoGroupSettings":{"destination":"s3://out/a","segmentLength":6,"fragmentLength":2}`, `{`+m3u8+`}`, `{"container":"MPD","mpdSettings":{}}`,
		"WEBVTT", "IMSC", "webvttD", "imscD").Replace(string(stream)))
	f.each(packed, box+"mpdSettings/captionContainerType")
	hinted := base(strings.NewReplacer(fileGroup, `"type":"DASH_ISO_GROUP_SETTINGS","dashIsoGroupSettings":{"destination":"s3://out/a","segmentLength":6,"fragmentLength":2}`, `{`+mp4+`}`, `{"container":"MPD","mpdSettings":{}}`).Replace(string(carried)))
	f.each(hinted, box+"mpdSettings/accessibilityCaptionHints")
	f.each(packed, cdest+"imscDestinationSettings/accessibility")
	f.burnIn()
}

// burnIn flips how captions are drawn.
func (f *flips) burnIn() {
	job := base(`{"inputs":[{"fileInput":"s3://in/v.mp4","captionSelectors":{"c":{"sourceSettings":` + sccSource + `}}}],
		"outputGroups":[{"outputGroupSettings":{` + fileGroup + `},"outputs":[{"containerSettings":{` + mp4 + `},"videoDescription":{"codecSettings":{` + h264QVBR + `}},
		"captionDescriptions":[{"captionSelectorName":"c","destinationSettings":{"destinationType":"BURN_IN","burninDestinationSettings":{}}}]}]}]}`)
	burn := cdest + "burninDestinationSettings/"
	f.each(job, burn+"alignment", "AUTO~")
	for _, name := range []string{"xPosition", "yPosition", "fontSize", "outlineSize"} {
		f.set(job, burn+name, 7)
	}
	f.set(job, burn+"fontOpacity", 100)
	f.set(job, burn+"fontResolution", 300, "fontSize=20")
	f.set(job, burn+"hexFontColor", "12345678", "fontColor=HEX", "hexFontColor=00ff00")
	f.each(job, burn+"fontColor", `HEX:+hexFontColor="123456"`)
	f.each(job, burn+"applyFontColor", "fontColor=YELLOW", "stylePassthrough=ENABLED")
	f.each(job, burn+"outlineColor", "AUTO~BLACK")
	f.each(job, burn+"backgroundColor", "backgroundOpacity=128", "AUTO~NONE", "NONE~AUTO")
	f.set(job, burn+"backgroundOpacity", 99, "backgroundColor=BLACK")
	f.each(job, burn+"shadowColor", "shadowOpacity=128", "AUTO~NONE", "NONE~AUTO")
	f.set(job, burn+"shadowOpacity", 99, "shadowColor=BLACK")
	f.set(job, burn+"shadowXOffset", 5, "shadowColor=BLACK", "shadowOpacity=99")
	f.set(job, burn+"shadowYOffset", -5, "shadowColor=BLACK", "shadowOpacity=99")
	f.each(job, burn+"stylePassthrough")
	f.each(job, burn+"fallbackFont", "BEST_MATCH~PROPORTIONAL_SANSSERIF", "PROPORTIONAL_SANSSERIF~BEST_MATCH")
	f.each(job, burn+"fontScript")
	f.each(job, burn+"teletextSpacing", "AUTO~PROPORTIONAL", "PROPORTIONAL~AUTO")
	four := []string{"fontFileRegular=s3://in/one-font.ttf", "fontFileBold=s3://in/one-font.ttf", "fontFileItalic=s3://in/one-font.ttf", "fontFileBoldItalic=s3://in/one-font.ttf"}
	for _, name := range []string{"fontFileRegular", "fontFileBold", "fontFileItalic", "fontFileBoldItalic"} {
		f.set(job, burn+name, "s3://in/another-font.ttf", four...)
	}
}
