package mediaconvert

import "strings"

func (b tableBuilder) audio() {
	b.honour(atAudio, "audioSourceName", "the audio selector that the sound comes from")
	b.honour(atAudio, "languageCode customLanguageCode languageCodeControl", "the language tag of the track")
	b.nothing(atAudio, "streamName", "audio stays beside the video, so that no manifest lists it by a name")
	b.ignore(atAudio+"remixSettings/", "**", "", "channels are mixed by codingMode alone")
	b.ignore(atAudio+"audioNormalizationSettings/", "**", "", "loudness is left as it is")
	b.ignore(atAudio+"audioChannelTaggingSettings/", "**", "", "channels have the tags of their layout")
	b.ignore(atAudio+"audioPitchCorrectionSettings/", "**", "", "the audio is not slowed down")
	b.nothing(atAudio, "audioType", "audioTypeControl decides whether it is written, and it is not")
	b.ignore(atAudio, "audioTypeControl", "FOLLOW_INPUT", "no audio type is written")

	const codecs = "this audio codec is not built yet; AAC is"
	at := atAudio + "codecSettings/"
	b.so(at, "codec", "AAC", "-c:a aac", codecs)
	for name := range strings.FieldsSeq("ac3Settings ac4Settings aiffSettings eac3AtmosSettings eac3Settings flacSettings mp2Settings mp3Settings opusSettings vorbisSettings wavSettings") {
		b.unbuilt(at+name+"/", "**", codecs)
	}
	b.honour(atAAC, "bitrate", "-b:a")
	b.honour(atAAC, "sampleRate", "aresample filter")
	b.only(atAAC, "codecProfile", "LC", "-profile:a aac_low", "the audio is encoded as AAC-LC, which more players know")
	b.only(atAAC, "rateControlMode", "CBR", "-b:a", "the audio is encoded at its bitrate")
	b.nothing(atAAC, "vbrQuality", "the audio is encoded at its bitrate")
	b.so(atAAC, "codingMode", "CODING_MODE_1_0 CODING_MODE_2_0 CODING_MODE_5_1", "aformat filter", "this coding mode is not built yet; CODING_MODE_1_0, CODING_MODE_2_0 and CODING_MODE_5_1 are")
	b.ignore(atAAC, "specification", "MPEG4", "the audio is MPEG-4 AAC")
	b.ignore(atAAC, "rawFormat", "", "AAC is written into the container's own form")
	b.ignore(atAAC, "audioDescriptionBroadcasterMix", "", "the flag is not written")
	b.nothing(atAAC, "loudnessMeasurementMode targetLoudnessRange rapInterval", "they belong to the XHE profile, which is not written")
}
