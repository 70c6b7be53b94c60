package settings

// An HLS group that is encrypted, with audio renditions, and a transport stream
// that is a file.
var (
	hlsKeyJob = job(`"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/a","segmentLength":6,"encryption":{
		"encryptionMethod":"AES128","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://keys.example.com/1"}}}`, m3u8, h264QVBR, aac)
	hlsSoundJob = job(hlsGroup, m3u8, "", aac)
	hlsMuteJob  = job(hlsGroup, m3u8, h264QVBR, "")
	m2tsJob     = job(fileGroup, `"container":"M2TS","m2tsSettings":{}`, h264QVBR, aac)
)

func (f *flips) hls() {
	const (
		hls     = group + "hlsGroupSettings/"
		key     = hls + "encryption/"
		set     = out + "outputSettings/hlsSettings/"
		another = `/outputGroups/0/outputs/1={"nameModifier":"_v","containerSettings":{"container":"M3U8"},"videoDescription":{"codecSettings":{` + h264QVBR + `}}}`
	)
	f.each(hlsJob, hls+"segmentLengthControl", "/"+codec+"h264Settings/gopSize=75", "/"+codec+"h264Settings/gopSizeUnits=FRAMES")
	f.each(hlsJob, hls+"segmentControl")
	f.each(hlsJob, hls+"directoryStructure")
	f.set(hlsJob, hls+"segmentsPerSubdirectory", 100, "directoryStructure=SUBDIRECTORY_PER_STREAM")
	f.each(hlsJob, hls+"programDateTime")
	f.set(hlsJob, hls+"programDateTimePeriod", 60, "programDateTime=INCLUDE")
	f.each(hlsJob, hls+"manifestCompression")
	f.set(hlsJob, hls+"baseUrl", "https://cdn.example.com/")
	const mappings = `/outputGroups/0/outputGroupSettings/hlsGroupSettings/captionLanguageMappings=[{"captionChannel":1,"languageCode":"ENG"}]`
	f.each(hlsJob, hls+"captionLanguageSetting", mappings)
	for name, value := range map[string]any{"captionChannel": 3, "languageCode": "FRA", "languageDescription": "Commentary"} {
		f.set(hlsJob, hls+"captionLanguageMappings/0/"+name, value, mappings, "/outputGroups/0/outputGroupSettings/hlsGroupSettings/captionLanguageSetting=INSERT")
	}
	f.set(hlsJob, hls+"captionLanguageMappings/0/customLanguageCode", "gsw", `/outputGroups/0/outputGroupSettings/hlsGroupSettings/captionLanguageMappings=[{"captionChannel":1}]`,
		"/outputGroups/0/outputGroupSettings/hlsGroupSettings/captionLanguageSetting=INSERT")
	images := hls + "imageBasedTrickPlaySettings/"
	f.each(hlsJob, hls+"imageBasedTrickPlay", "ADVANCED:+imageBasedTrickPlaySettings/thumbnailWidth=160")
	for name, value := range map[string]any{"thumbnailWidth": 240, "thumbnailHeight": 120, "tileWidth": 7, "tileHeight": 8} {
		f.set(hlsJob, images+name, value, "/"+hls+"imageBasedTrickPlay=ADVANCED")
	}
	f.each(hlsJob, images+"intervalCadence", "/"+hls+"imageBasedTrickPlay=ADVANCED", "thumbnailInterval=3.5")
	f.set(hlsJob, images+"thumbnailInterval", 2.5, "/"+hls+"imageBasedTrickPlay=ADVANCED", "intervalCadence=FOLLOW_CUSTOM", "thumbnailInterval=3.5")
	const passed = "/" + box + "m3u8Settings/timedMetadata=PASSTHROUGH"
	f.each(hlsJob, hls+"timedMetadataId3Frame", passed)
	f.set(hlsJob, hls+"timedMetadataId3Period", 3, passed, "timedMetadataId3Frame=PRIV")
	f.set(hlsJob, hls+"timestampDeltaMilliseconds", 30, passed, "timedMetadataId3Frame=PRIV")
	f.each(hlsJob, box+"m3u8Settings/timedMetadata", "/"+hls+"timedMetadataId3Frame=TDRL")
	f.set(hlsJob, box+"m3u8Settings/timedMetadataPid", 600, "timedMetadata=PASSTHROUGH", "/"+hls+"timedMetadataId3Frame=TDRL")
	const tag, later = "SUQzBAAAAAAAFVREUkwAAAALAAADMjAyNi0wNS0wNA==", "SUQzBAAAAAAAFVREUkwAAAALAAADMjAyNi0wNS0wNQ=="
	f.set(hlsJob, "timedMetadataInsertion/id3Insertions/0/id3", tag, passed, "timecode=00:00:02:00", "id3="+later, "/timecodeConfig/source=ZEROBASED")
	f.set(hlsJob, "timedMetadataInsertion/id3Insertions/0/timecode", "00:00:03:00", passed, "timecode=00:00:02:00", "id3="+tag, "/timecodeConfig/source=ZEROBASED")
	const dated = "/" + hls + "programDateTime=INCLUDE"
	f.each(hlsJob, "timecodeConfig/source", dated, "SPECIFIEDSTART:+start=10:00:00:00")
	f.set(hlsJob, "timecodeConfig/start", "11:00:00:00", dated, "source=SPECIFIEDSTART", "start=10:00:00:00")
	f.set(hlsJob, "timecodeConfig/timestampOffset", "2026-05-05", dated, "source=ZEROBASED")
	f.set(hlsJob, hls+"additionalManifests/0/manifestNameModifier", "-few", "selectedOutputs=[\"_x\"]", "manifestNameModifier=-some")
	f.set(hlsJob, hls+"additionalManifests/0/selectedOutputs", []any{"_v"}, "manifestNameModifier=-few", "selectedOutputs=[\"_x\"]", another)

	f.set(hlsKeyJob, key+"constantInitializationVector", "000102030405060708090a0b0c0d0e0f")
	f.each(hlsKeyJob, key+"encryptionMethod")
	f.each(hlsKeyJob, key+"initializationVectorInManifest", "constantInitializationVector=000102030405060708090a0b0c0d0e0f")
	f.each(hlsKeyJob, key+"offlineEncrypted")
	f.set(hlsKeyJob, key+"staticKeyProvider/staticKeyValue", "ffeeddccbbaa99887766554433221100")
	f.set(hlsKeyJob, key+"staticKeyProvider/url", "https://keys.example.com/2")
	f.set(hlsKeyJob, key+"staticKeyProvider/keyFormat", "com.example.keys")
	f.set(hlsKeyJob, key+"staticKeyProvider/keyFormatVersions", "1/2")

	f.set(hlsSoundJob, set+"audioGroupId", "sounds", "audioTrackType=ALTERNATE_AUDIO_AUTO_SELECT")
	f.set(hlsMuteJob, set+"audioRenditionSets", "two", rendition("1", "one"), rendition("2", "two"), "audioRenditionSets=one")
	f.each(hlsSoundJob, set+"audioTrackType")
	f.each(hlsSoundJob, set+"audioOnlyContainer")
	f.each(hlsJob, set+"iFrameOnlyManifest")
	f.each(hlsSoundJob, set+"descriptiveVideoServiceFlag", "audioGroupId=sounds")
}

// rendition is a companion: an output that is an audio rendition of a group.
func rendition(index, name string) string {
	return "/outputGroups/0/outputs/" + index + `={"nameModifier":"_` + name + `","containerSettings":{"container":"M3U8"},"outputSettings":{"hlsSettings":{"audioGroupId":"` + name +
		`"}},"audioDescriptions":[{"codecSettings":{` + aac + `}}]}`
}

func (f *flips) transportStreams() {
	for at, b := range map[string]base{box + "m3u8Settings/": hlsJob, box + "m2tsSettings/": m2tsJob} {
		f.set(b, at+"pmtPid", 500)
		f.set(b, at+"videoPid", 501)
		f.set(b, at+"audioPids", []any{502})
		f.set(b, at+"programNumber", 7)
		f.set(b, at+"transportStreamId", 7)
		f.set(b, at+"audioFramesPerPes", 2)
		f.set(b, at+"patInterval", 50)
		f.set(b, at+"pmtInterval", 50)
		f.each(b, at+"pcrControl", "maxPcrInterval=40")
		f.set(b, at+"maxPcrInterval", 60, "pcrControl=CONFIGURED_PCR_PERIOD")
		f.set(b, at+"ptsOffset", 10, "ptsOffsetMode=SECONDS")
		f.each(b, at+"ptsOffsetMode", "ptsOffset=10")
	}
	f.set(hlsJob, box+"m3u8Settings/audioPtsOffsetDelta", 40, "ptsOffsetMode=MILLISECONDS", "ptsOffset=1000")
	m2ts := box + "m2tsSettings/"
	f.set(m2tsJob, m2ts+"bitrate", 8000000)
	f.each(m2tsJob, m2ts+"rateMode", "bitrate=8000000")
	f.each(m2tsJob, m2ts+"dvbSdtSettings/outputSdt", "serviceName=One")
	f.set(m2tsJob, m2ts+"dvbSdtSettings/serviceName", "Two", "outputSdt=SDT_MANUAL")
	f.set(m2tsJob, m2ts+"dvbSdtSettings/serviceProviderName", "Two", "outputSdt=SDT_MANUAL")
	f.set(m2tsJob, m2ts+"dvbSdtSettings/sdtInterval", 100, "outputSdt=SDT_MANUAL")
	f.set(m2tsJob, m2ts+"dvbNitSettings/networkId", 99)
}
