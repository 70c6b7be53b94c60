package settings

import "strings"

// Groups that are cut by Shaka Packager.
const (
	dashGroup = `"type":"DASH_ISO_GROUP_SETTINGS","dashIsoGroupSettings":{"destination":"s3://out/a","segmentLength":6,"fragmentLength":2}`
	mpd       = `"container":"MPD"`
	cmafGroup = `"type":"CMAF_GROUP_SETTINGS","cmafGroupSettings":{"destination":"s3://out/a","segmentLength":6,"fragmentLength":2}`
	cmfc      = `"container":"CMFC","cmfcSettings":{}`
	cmafKey   = `"type":"CMAF_GROUP_SETTINGS","cmafGroupSettings":{"destination":"s3://out/a","segmentLength":6,"encryption":{
		"encryptionMethod":"SAMPLE_AES","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://keys.example.com/1"}}}`
)

var (
	dashJob      = job(dashGroup, mpd, h264QVBR, aac)
	smoothJob    = job(`"type":"MS_SMOOTH_GROUP_SETTINGS","msSmoothGroupSettings":{"destination":"s3://out/a","fragmentLength":2}`, `"container":"ISMV"`, h264QVBR, aac)
	cmafJob      = job(cmafGroup, cmfc, h264QVBR, "")
	cmafSoundJob = job(cmafGroup, cmfc, "", aac)
	cmafKeyJob   = job(cmafKey, cmfc, h264QVBR, "")
)

func (f *flips) packed() {
	const dash = group + "dashIsoGroupSettings/"
	f.set(fileJob, group+"type", "DASH_ISO_GROUP_SETTINGS", `+dashIsoGroupSettings={"destination":"s3://out/a","segmentLength":6,"fragmentLength":2}`, "+fileGroupSettings=-", `+/outputGroups/0/outputs/0/containerSettings={"container":"MPD"}`)
	f.set(fileJob, box+"container", "MPD", "mp4Settings=-", `+/outputGroups/0/outputGroupSettings={`+dashGroup+`}`)
	f.set(dashJob, box+"container", "CMFC")
	f.segments(dashJob, dash)
	f.dashManifest(dashJob, dash)
	f.each(dashJob, dash+"hbbtvCompliance")
	f.each(dashJob, dash+"audioChannelConfigSchemeIdUri")
	f.each(dashJob, box+"mpdSettings/audioDuration")
	f.cmaf()
	f.smooth()
}

func (f *flips) smooth() {
	const (
		mss   = group + "msSmoothGroupSettings/"
		other = `/outputGroups/0/outputs/1={"nameModifier":"_v","containerSettings":{"container":"ISMV"},"videoDescription":{"codecSettings":{` + h264VBR + `}},"audioDescriptions":[{"codecSettings":{` + aac + `}}]}`
	)
	f.set(fileJob, group+"type", "MS_SMOOTH_GROUP_SETTINGS", `+msSmoothGroupSettings={"destination":"s3://out/a","fragmentLength":2}`, "+fileGroupSettings=-", `+/outputGroups/0/outputs/0/containerSettings={"container":"ISMV"}`)
	f.set(hlsJob, group+"type", "FILE_GROUP_SETTINGS", `+fileGroupSettings={"destination":"s3://out/a"}`, "+hlsGroupSettings=-", `+/outputGroups/0/outputs/0/containerSettings={"container":"MP4"}`)
	f.set(fileJob, box+"container", "ISMV", "mp4Settings=-", `+/outputGroups/0/outputGroupSettings={"type":"MS_SMOOTH_GROUP_SETTINGS","msSmoothGroupSettings":{"destination":"s3://out/a","fragmentLength":2}}`)
	f.set(smoothJob, mss+"destination", "s3://out/b")
	f.set(smoothJob, mss+"fragmentLength", 4)
	f.each(smoothJob, mss+"fragmentLengthControl", "/"+codec+"h264Settings/gopSize=50", "/"+codec+"h264Settings/gopSizeUnits=FRAMES")
	f.each(smoothJob, mss+"manifestEncoding")
	f.each(smoothJob, mss+"audioDeduplication", other)
	f.set(smoothJob, mss+"additionalManifests/0/manifestNameModifier", "-few", "selectedOutputs=[\"_x\"]", "manifestNameModifier=-some")
	f.set(smoothJob, mss+"additionalManifests/0/selectedOutputs", []any{"_x"}, "manifestNameModifier=-few", "selectedOutputs=[\"_v\"]", other)
}

func (f *flips) cmaf() {
	const (
		cmaf  = group + "cmafGroupSettings/"
		key   = cmaf + "encryption/"
		set   = box + "cmfcSettings/"
		sound = `/outputGroups/0/outputs/1={"nameModifier":"_s","containerSettings":{"container":"CMFC","cmfcSettings":{"audioGroupId":"g"}},"audioDescriptions":[{"codecSettings":{` + aac + `}}]}`
		other = `/outputGroups/0/outputs/1={"nameModifier":"_v","containerSettings":{"container":"CMFC","cmfcSettings":{}},"videoDescription":{"codecSettings":{` + h264QVBR + `}}}`
	)
	f.set(fileJob, group+"type", "CMAF_GROUP_SETTINGS", `+cmafGroupSettings={"destination":"s3://out/a","segmentLength":6}`, "+fileGroupSettings=-", `+/outputGroups/0/outputs/0/containerSettings={"container":"CMFC"}`)
	f.segments(cmafJob, cmaf)
	f.dashManifest(cmafJob, cmaf)
	for _, name := range []string{"writeHlsManifest", "writeDashManifest", "manifestDurationFormat", "codecSpecification", "streamInfResolution", "clientCache", "targetDurationCompatibilityMode", "manifestCompression"} {
		f.each(cmafJob, cmaf+name)
	}
	f.each(cmafKeyJob, key+"encryptionMethod")
	f.each(cmafKeyJob, key+"clearLead")
	f.set(cmafKeyJob, key+"constantInitializationVector", "000102030405060708090a0b0c0d0e0f")
	f.each(cmafKeyJob, key+"initializationVectorInManifest", "constantInitializationVector=000102030405060708090a0b0c0d0e0f")
	f.set(cmafKeyJob, key+"staticKeyProvider/staticKeyValue", "ffeeddccbbaa99887766554433221100")
	f.set(cmafKeyJob, key+"staticKeyProvider/url", "https://keys.example.com/2")
	f.set(cmafKeyJob, key+"staticKeyProvider/keyFormat", "com.example.keys")
	f.set(cmafKeyJob, key+"staticKeyProvider/keyFormatVersions", "1/2")
	f.set(cmafJob, key+"type", "STATIC_KEY", `+encryptionMethod=SAMPLE_AES`, `+staticKeyProvider={"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://keys.example.com/1"}`)

	f.each(cmafJob, set+"audioDuration", sound)
	f.set(cmafJob, set+"audioRenditionSets", "g", sound, strings.Replace(strings.Replace(strings.Replace(sound, "outputs/1", "outputs/2", 1), `"_s"`, `"_t"`, 1), `"g"`, `"h"`, 1))
	f.each(cmafJob, set+"iFrameOnlyManifest")
	f.set(cmafSoundJob, set+"audioGroupId", "sounds", other)
	f.each(cmafSoundJob, set+"audioTrackType", other, "audioGroupId=g")
	f.each(cmafSoundJob, set+"descriptiveVideoServiceFlag", other)
}

// segments flips what DASH and CMAF groups are cut by.
func (f *flips) segments(b base, at string) {
	f.set(b, at+"destination", "s3://out/b")
	f.set(b, at+"segmentLength", 4)
	f.set(b, at+"fragmentLength", 3)
	f.set(b, at+"minFinalSegmentLength", 1.5)
	f.each(b, at+"segmentControl")
	f.each(b, at+"segmentLengthControl", "/"+codec+"h264Settings/gopSize=75", "/"+codec+"h264Settings/gopSizeUnits=FRAMES",
		`/outputGroups/0/outputs/1={"nameModifier":"_s","containerSettings":{"container":"CMFC"},"audioDescriptions":[{"codecSettings":{`+aac+`}}]}`)
	f.each(b, at+"videoCompositionOffsets")
}

// dashManifest flips what DASH manifests are written by.
func (f *flips) dashManifest(b base, at string) {
	f.set(b, at+"baseUrl", "https://cdn.example.com/")
	f.set(b, at+"minBufferTime", 1500)
	f.each(b, at+"mpdProfile", "segmentControl=SINGLE_FILE")
	f.each(b, at+"mpdManifestBandwidthType")
	f.each(b, at+"writeSegmentTimelineInRepresentation")
	f.each(b, at+"dashManifestStyle")
	f.set(b, at+"dashIFrameTrickPlayNameModifier", "_trick")
	f.set(b, at+"additionalManifests/0/manifestNameModifier", "-few", "selectedOutputs=[\"_x\"]", "manifestNameModifier=-some")
	f.set(b, at+"additionalManifests/0/selectedOutputs", []any{"_x"}, "manifestNameModifier=-few", "selectedOutputs=[\"_v\"]",
		`/outputGroups/0/outputs/1={"nameModifier":"_v","containerSettings":{"container":"CMFC"},"videoDescription":{"codecSettings":{`+h264QVBR+`}}}`)
}
