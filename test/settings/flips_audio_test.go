package settings

import "strings"

// The jobs of this file: an audio file of each codec, and QuickTime with sound.
var (
	ac3Job    = soundJob("RAW", `"codec":"AC3","ac3Settings":{"codingMode":"CODING_MODE_2_0"}`)
	eac3Job   = soundJob("RAW", `"codec":"EAC3","eac3Settings":{"codingMode":"CODING_MODE_3_2"}`)
	mp2Job    = soundJob("RAW", `"codec":"MP2","mp2Settings":{"bitrate":192000,"channels":2}`)
	mp3Job    = soundJob("RAW", `"codec":"MP3","mp3Settings":{"bitrate":128000,"channels":2}`)
	opusJob   = soundJob("OGG", `"codec":"OPUS","opusSettings":{}`)
	vorbisJob = soundJob("OGG", `"codec":"VORBIS","vorbisSettings":{}`)
	flacJob   = soundJob("RAW", `"codec":"FLAC","flacSettings":{"bitDepth":16}`)
	wavJob    = soundJob("RAW", `"codec":"WAV","wavSettings":{"bitDepth":16}`)
	aiffJob   = soundJob("RAW", `"codec":"AIFF","aiffSettings":{"bitDepth":16}`)
	aacRawJob = soundJob("RAW", aac)
	loudJob   = base(strings.Replace(string(fileJob), `"codecSettings":{`+aac, `"audioNormalizationSettings":{"algorithm":"ITU_BS_1770_4","algorithmControl":"CORRECT_AUDIO"},"codecSettings":{`+aac, 1))
)

func soundJob(container, codec string) base {
	return job(fileGroup, `"container":"`+container+`"`, "", codec)
}

const (
	mapping = `channelMapping={"outputChannels":[{"inputChannels":[0,-60]},{"inputChannels":[-60,0]}]}`
	fine    = `channelMapping={"outputChannels":[{"inputChannelsFineTune":[0,-60]},{"inputChannelsFineTune":[-60,0]}]}`
)

func (f *flips) audioSelectors() {
	f.set(hlsJob, asel+"tracks", []any{2})
	f.set(hlsJob, asel+"pids", []any{483}, "selectorType=PID", "pids=[482]")
	f.set(hlsJob, asel+"streams", []any{3}, "selectorType=STREAM", "streams=[2]")
	f.set(hlsJob, asel+"offset", 250)
	f.each(hlsJob, asel+"selectorType", "/inputs/0/fileInput=s3://in/pcm.mov", "tracks=[1]", "languageCode=FRA", "pids=[483]", "streams=[3]", "PID~LANGUAGE_CODE", "STREAM~LANGUAGE_CODE", "PID~STREAM")
	f.set(hlsJob, asel+"languageCode", "FRA", "selectorType=LANGUAGE_CODE", "languageCode=ENG")
	f.set(hlsJob, asel+"customLanguageCode", "fra", "selectorType=LANGUAGE_CODE", "customLanguageCode=eng")
	f.set(hlsJob, asel+"defaultSelection", "NOT_DEFAULT", `/inputs/0/audioSelectors/Other={"defaultSelection":"DEFAULT","tracks":[2]}`, "/"+aud+"audioSourceName=Missing")
	f.set(hlsJob, asel+"externalAudioFileInput", "s3://in/sound.wav")
	f.each(hlsJob, asel+"audioDurationCorrection", "/inputs/0/fileInput=s3://in/drift.mp4", "AUTO~TRACK")
	f.remix(asel + "remixSettings/")
	const group = in0 + "audioSelectorGroups/"
	f.set(hlsJob, group+"Both/audioSelectorNames", []any{"Audio Selector 1", "Second"}, `/inputs/0/audioSelectors/Second={"tracks":[2]}`, "/"+aud+"audioSourceName=Both",
		`/inputs/0/audioSelectorGroups/Both={"audioSelectorNames":["Second"]}`)
	dynamic := func(name string, value any, all string) {
		f.set(hlsJob, in0+"dynamicAudioSelectors/All/"+name, value, "/"+aud+"audioSourceName=All", "/inputs/0/dynamicAudioSelectors/All="+all, "/inputs/0/fileInput=s3://in/drift.mp4")
	}
	f.each(hlsJob, in0+"dynamicAudioSelectors/All/selectorType", "/"+aud+"audioSourceName=All", "languageCode=FRA")
	dynamic("languageCode", "ENG", `{"selectorType":"LANGUAGE_CODE","languageCode":"FRA"}`)
	dynamic("offset", 100, `{"selectorType":"ALL_TRACKS"}`)
	dynamic("externalAudioFileInput", "s3://in/sound.wav", `{"selectorType":"ALL_TRACKS"}`)
	f.each(hlsJob, in0+"dynamicAudioSelectors/All/audioDurationCorrection", "/"+aud+"audioSourceName=All", "selectorType=ALL_TRACKS", "/inputs/0/fileInput=s3://in/drift.mp4", "AUTO~TRACK")
}

// remix flips the settings of a channel mapping.
func (f *flips) remix(at string) {
	f.set(fileJob, at+"channelsIn", 1)
	f.set(fileJob, at+"channelsOut", 1)
	f.set(fileJob, at+"channelMapping/outputChannels/0/inputChannels", []any{-6, 0}, "/"+at+mapping)
	f.set(fileJob, at+"channelMapping/outputChannels/0/inputChannelsFineTune", []any{-1.5, -60}, "/"+at+fine)
}

func (f *flips) audio() {
	f.set(hlsJob, aud+"audioSourceName", "Second", `/inputs/0/audioSelectors/Second={"tracks":[2]}`)
	f.set(hlsJob, aud+"languageCode", "DEU", "languageCodeControl=USE_CONFIGURED")
	f.set(cmafSoundJob, aud+"streamName", "Commentary")
	f.each(hlsJob, aud+"languageCodeControl", "languageCode=ITA")
	f.set(hlsJob, aud+"customLanguageCode", "gsw", "languageCodeControl=USE_CONFIGURED")
	for _, n := range []int{1, 2, 3} {
		f.set(hlsJob, aud+"audioType", n, "audioTypeControl=USE_CONFIGURED")
	}
	f.set(hlsJob, aud+"audioType", 0, "audioTypeControl=USE_CONFIGURED", "audioType=3")
	f.each(hlsJob, aud+"audioTypeControl", "audioType=3", "/inputs/0/fileInput=s3://in/pcm.mov")
	f.remix(aud + "remixSettings/")
	norm := aud + "audioNormalizationSettings/"
	f.each(loudJob, norm+"algorithm", "ITU_BS_1770_2~ITU_BS_1770_3", "ITU_BS_1770_2~ITU_BS_1770_4")
	f.each(loudJob, norm+"algorithmControl")
	f.set(loudJob, norm+"targetLkfs", -16)
	f.set(loudJob, norm+"correctionGateLevel", -10)
	f.set(loudJob, norm+"truePeakLimiterThreshold", -3, "targetLkfs=-16")
	f.each(loudJob, norm+"peakCalculation", "loudnessLogging=LOG")
	f.each(loudJob, norm+"loudnessLogging")
	f.each(fileJob, box+"mp4Settings/audioDuration")
	f.each(m2tsJob, box+"m2tsSettings/audioDuration")
	f.each(hlsJob, box+"m3u8Settings/audioDuration")
	f.audioCodecs()
}

func (f *flips) audioCodecs() {
	for _, c := range []base{ac3Job, eac3Job, mp2Job, mp3Job, flacJob, wavJob, aiffJob, soundJob("RAW", `"codec":"PASSTHROUGH"`)} {
		name := c.codecName()
		if name == "PASSTHROUGH" {
			f.set(fileJob, acod+"codec", name, "+aacSettings=-")
			continue
		}
		f.set(aacRawJob, acod+"codec", name, "+aacSettings=-", "+"+strings.ToLower(name)+"Settings={}")
	}
	f.set(fileJob, box+"container", "OGG", "mp4Settings=-", "+/outputGroups/0/outputs/0/videoDescription=-", `+/outputGroups/0/outputs/0/audioDescriptions/0/codecSettings={"codec":"OPUS","opusSettings":{}}`)
	f.set(vorbisJob, acod+"codec", "OPUS", "+vorbisSettings=-", "+opusSettings={}")
	f.set(opusJob, acod+"codec", "VORBIS", "+opusSettings=-", "+vorbisSettings={}")
	f.aac()
	f.dolby()
	for at, b := range map[string]base{"mp2Settings/": mp2Job, "mp3Settings/": mp3Job, "opusSettings/": opusJob, "vorbisSettings/": vorbisJob, "flacSettings/": flacJob, "wavSettings/": wavJob, "aiffSettings/": aiffJob} {
		f.set(b, acod+at+"channels", 1)
		rate := 44100
		if b == opusJob {
			rate = 24000
		}
		f.set(b, acod+at+"sampleRate", rate)
	}
	for at, b := range map[string]base{"flacSettings/": flacJob, "wavSettings/": wavJob, "aiffSettings/": aiffJob} {
		f.set(b, acod+at+"bitDepth", 24)
	}
	f.set(mp2Job, acod+"mp2Settings/bitrate", 128000)
	f.each(mp2Job, acod+"mp2Settings/audioDescriptionMix")
	f.set(mp3Job, acod+"mp3Settings/bitrate", 192000)
	f.each(mp3Job, acod+"mp3Settings/rateControlMode", "vbrQuality=2")
	f.set(mp3Job, acod+"mp3Settings/vbrQuality", 0, "rateControlMode=VBR", "vbrQuality=4")
	f.set(opusJob, acod+"opusSettings/bitrate", 64000)
	f.set(vorbisJob, acod+"vorbisSettings/vbrQuality", 8)
	f.each(wavJob, acod+"wavSettings/format")
}

func (f *flips) aac() {
	at := acod + "aacSettings/"
	f.set(hlsJob, at+"bitrate", 128000)
	f.each(hlsJob, at+"codingMode", "bitrate=256000", "CODING_MODE_2_0~CODING_MODE_AUTO")
	f.set(hlsJob, at+"sampleRate", 44100)
	f.each(fileJob, at+"codecProfile", "bitrate=64000")
	f.each(fileJob, at+"rateControlMode", "vbrQuality=LOW")
	f.each(fileJob, at+"vbrQuality", "rateControlMode=VBR")
	f.each(fileJob, at+"specification")
	f.each(aacRawJob, at+"rawFormat")
	f.each(fileJob, at+"audioDescriptionBroadcasterMix")
}

func (f *flips) dolby() {
	ac3, eac3 := acod+"ac3Settings/", acod+"eac3Settings/"
	for at, b := range map[string]base{ac3: ac3Job, eac3: eac3Job} {
		f.set(b, at+"bitrate", 256000)
		f.set(b, at+"dialnorm", 24)
		f.each(b, at+"bitstreamMode")
	}
	f.each(ac3Job, ac3+"lfeFilter", "codingMode=CODING_MODE_3_2_LFE")
	f.each(eac3Job, eac3+"lfeFilter")
	f.each(ac3Job, ac3+"codingMode", "CODING_MODE_2_0~CODING_MODE_AUTO", "bitrate=384000")
	f.each(eac3Job, eac3+"codingMode", "CODING_MODE_2_0~CODING_MODE_AUTO", "bitrate=384000")
	f.each(eac3Job, eac3+"attenuationControl", "/inputs/0/fileInput=s3://in/eac3.mp4")
	for name := range strings.FieldsSeq("lfeControl dcFilter stereoDownmix surroundExMode") {
		f.each(eac3Job, eac3+name)
	}
	f.each(eac3Job, eac3+"surroundMode", "codingMode=CODING_MODE_2_0")
	f.each(eac3Job, eac3+"passthroughControl", "/inputs/0/fileInput=s3://in/eac3.mp4")
	for name := range strings.FieldsSeq("loRoCenterMixLevel loRoSurroundMixLevel ltRtCenterMixLevel ltRtSurroundMixLevel") {
		f.set(eac3Job, eac3+name, -4.5)
	}
}

// codecName reads the codec of a base's sound.
func (b base) codecName() string {
	_, rest, _ := strings.Cut(string(b), `"codec":"`)
	name, _, _ := strings.Cut(rest, `"`)
	return name
}
