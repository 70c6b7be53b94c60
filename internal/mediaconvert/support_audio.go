package mediaconvert

const atAudioCodec = atAudio + "codecSettings/"

func (b tableBuilder) audio() {
	b.honour(atAudio, "audioSourceName", "the audio selector, group of selectors or dynamic selector that the sound comes from")
	b.honour(atAudio, "languageCode customLanguageCode languageCodeControl", "the language tag of the track")
	b.honour(atAudio, "streamName", "NAME of the rendition in HLS, Label in DASH; files have no place for it")
	b.only(atAudio, "audioType", "0 1 2 3", "the disposition of the track, which transport streams write as ISO 639 audio type", "only the types 1 to 3 can be written")
	b.honour(atAudio, "audioTypeControl", "whether the audio type of the input comes before audioType")
	b.honour(atAudio+"remixSettings/", "channelsIn channelsOut channelMapping/outputChannels/*/inputChannels channelMapping/outputChannels/*/inputChannelsFineTune", "pan filter, before codingMode or channels")
	b.ignore(atAudio+"remixSettings/", "audioDescriptionAudioChannel audioDescriptionDataChannel", "", noDescriptionMix)
	norm := atAudio + "audioNormalizationSettings/"
	b.honour(norm, "algorithm", "how loudness is measured before the gain is decided: BS.1770-1 has no gates, the later ones do")
	b.honour(norm, "algorithmControl", "CORRECT_AUDIO measures the whole and applies one gain; MEASURE_ONLY leaves the sound as it is")
	b.honour(norm, "targetLkfs", "volume filter: the gain brings the measured loudness to it")
	b.honour(norm, "correctionGateLevel", "sound that is quieter than this as a whole is not corrected")
	b.honour(norm, "truePeakLimiterThreshold", "alimiter filter at four times the sampling rate, where the gain would lift peaks above it")
	b.honour(norm, "peakCalculation", "true peaks in the loudness log")
	b.honour(norm, "loudnessLogging", "LOG publishes a CSV file beside the output, with a line for every 100 ms")
	tags := atAudio + "audioChannelTaggingSettings/"
	b.honour(tags, "channelTag channelTags", "the channel layout of QuickTime files; tags as many as channels, in the order of the format")
	b.ignore(atAudio+"audioPitchCorrectionSettings/", "slowPalPitchCorrection", "", "the programme keeps its speed")

	b.orRefuse(atAudioCodec, "codec", "AAC AC3 EAC3 MP2 MP3 OPUS VORBIS FLAC WAV AIFF PASSTHROUGH", "-c:a", "FFmpeg has no encoder for it")
	b.nothing(atAudioCodec+"ac4Settings/", "**", "the codec AC4 is refused")
	b.nothing(atAudioCodec+"eac3AtmosSettings/", "**", "the codec EAC3_ATMOS is refused")
	b.aac()
	b.dolby()
	b.plainCodecs()
}

const noDescriptionMix = "the data channel is not decoded: the description is mixed as channelMapping says, and the main sound is not lowered under it"

func (b tableBuilder) aac() {
	b.honour(atAAC, "bitrate", "-b:a")
	b.honour(atAAC, "sampleRate", "aresample filter")
	b.orRefuse(atAAC, "codecProfile", "LC HEV1 HEV2", "-profile:a; HEV1 and HEV2 need an FFmpeg with libfdk_aac: without it the sound is AAC-LC of the same bitrate, with a warning of the job", "FFmpeg has no encoder for xHE-AAC")
	b.honour(atAAC, "rateControlMode", "-b:a or -q:a")
	b.honour(atAAC, "vbrQuality", "-q:a 0.8, 1, 1.5 or 2: about 48, 64, 96 or 128 kb/s for each channel")
	b.only(atAAC, "codingMode", "CODING_MODE_1_0 CODING_MODE_2_0 CODING_MODE_5_1 CODING_MODE_1_1 CODING_MODE_AUTO", "channels, mixed with the levels of BS.775; with CODING_MODE_1_1 the two of a pair are coded apart", "one channel is written, without the control data for the receiver's mix")
	b.honour(atAAC, "specification", "MPEG2 is coded without the tools of MPEG-4, and raw files say so in their headers")
	b.honour(atAAC, "rawFormat", "-f latm or adts, in the container RAW")
	b.honour(atAAC, "audioDescriptionBroadcasterMix", "BROADCASTER_MIXED_AD writes audio type 3")
	b.nothing(atAAC, "loudnessMeasurementMode targetLoudnessRange rapInterval", "they belong to the XHE profile, which is refused")
}

func (b tableBuilder) dolby() {
	const noCompression = "the encoder writes no compression words: receivers play the full range"
	ac3, eac3 := atAudioCodec+"ac3Settings/", atAudioCodec+"eac3Settings/"
	for _, at := range []string{ac3, eac3} {
		b.honour(at, "bitrate", "-b:a")
		b.honour(at, "dialnorm", "-dialnorm")
		b.honour(at, "bitstreamMode", "-audio_service_type")
		b.honour(at, "lfeFilter", "lowpass filter at 120 Hz on the LFE channel")
		b.nothing(at, "sampleRate", "48000 is the only one there is")
		b.ignore(at, "dynamicRangeCompressionLine dynamicRangeCompressionRf", "", noCompression)
		b.ignore(at, "metadataControl", "USE_CONFIGURED", "the metadata of a Dolby input is not read; what the job says is written")
	}
	b.ignore(ac3, "dynamicRangeCompressionProfile", "", noCompression)
	b.only(ac3, "codingMode", "CODING_MODE_1_0 CODING_MODE_2_0 CODING_MODE_3_2_LFE CODING_MODE_AUTO", "channels, mixed with the levels of BS.775", "the two channels are coded apart, and signalled as a stereo pair")

	b.honour(eac3, "codingMode", "channels, mixed with the levels of BS.775")
	b.honour(eac3, "lfeControl", "NO_LFE codes 5.0 instead of 5.1")
	b.honour(eac3, "attenuationControl", "pan filter: surround channels 3 dB lower")
	b.honour(eac3, "dcFilter", "highpass filter at 3 Hz")
	b.honour(eac3, "passthroughControl", "WHEN_POSSIBLE copies an E-AC-3 track that is not cut, joined, remixed or corrected")
	b.honour(eac3, "stereoDownmix", "-dmix_mode")
	b.honour(eac3, "surroundExMode", "-dsurex_mode")
	b.honour(eac3, "surroundMode", "-dsur_mode, of stereo")
	b.honour(eac3, "loRoCenterMixLevel loRoSurroundMixLevel ltRtCenterMixLevel ltRtSurroundMixLevel", "-loro_cmixlev, -loro_surmixlev, -ltrt_cmixlev, -ltrt_surmixlev")
	b.ignore(eac3, "phaseControl", "NO_SHIFT", "the phase of the surround channels is not shifted")
}

func (b tableBuilder) plainCodecs() {
	mp2, mp3 := atAudioCodec+"mp2Settings/", atAudioCodec+"mp3Settings/"
	b.honour(mp2, "bitrate", "-b:a, the nearest that the standard has")
	b.honour(mp2, "audioDescriptionMix", "BROADCASTER_MIXED_AD writes audio type 3")
	b.honour(mp3, "bitrate", "-b:a, the nearest that the standard has")
	b.honour(mp3, "rateControlMode", "-b:a or -q:a")
	b.honour(mp3, "vbrQuality", "-q:a")
	b.honour(atAudioCodec+"opusSettings/", "bitrate", "-b:a")
	b.honour(atAudioCodec+"vorbisSettings/", "vbrQuality", "-q:a")
	for _, name := range []string{"mp2Settings/", "mp3Settings/", "opusSettings/", "vorbisSettings/", "flacSettings/", "wavSettings/", "aiffSettings/"} {
		b.honour(atAudioCodec+name, "channels", "channels, mixed with the levels of BS.775; 0 follows the source")
		b.honour(atAudioCodec+name, "sampleRate", "aresample filter")
	}
	for _, name := range []string{"flacSettings/", "wavSettings/", "aiffSettings/"} {
		b.honour(atAudioCodec+name, "bitDepth", "sample format, 16 or 24 bits")
	}
	b.only(atAudioCodec+"wavSettings/", "format", "RIFF RF64", "-rf64", "the header is the extensible one where it must be: with more than two channels or 16 bits")
}

// audioSelectors is the part of an input that chooses its sound.
func (b tableBuilder) audioSelectors() {
	b.honour(atAudioSel, "tracks", "audio tracks by number; several are stacked as channels in this order")
	b.honour(atAudioSel, "pids", "audio tracks by packet identifier or track id; several are stacked as channels in this order")
	b.honour(atAudioSel, "streams", "audio tracks by their number among all tracks; several are stacked as channels in this order")
	b.honour(atAudioSel, "languageCode customLanguageCode", "the first audio track of this language, with selectorType LANGUAGE_CODE; without one there is silence")
	b.orRefuse(atAudioSel, "selectorType", "TRACK PID LANGUAGE_CODE STREAM ALL_PCM", "says which of the selector's members finds the audio", "the renditions of HLS inputs are not read; the sound of the heaviest variant is")
	b.honour(atAudioSel, "defaultSelection", "DEFAULT is the selector for audio descriptions whose audioSourceName is not there")
	b.honour(atAudioSel, "offset", "milliseconds that the sound is moved by; later when positive")
	b.honour(atAudioSel, "externalAudioFileInput", "a file of its own, which begins with the first picture and is cut with it")
	b.honour(atAudioSel, "audioDurationCorrection", "atempo filter: the sound becomes as long as the picture; or aresample, which follows small deviations of its timestamps")
	b.honour(atAudioSel+"remixSettings/", "channelsIn channelsOut channelMapping/outputChannels/*/inputChannels channelMapping/outputChannels/*/inputChannelsFineTune", "pan filter, before what the output does")
	b.ignore(atAudioSel+"remixSettings/", "audioDescriptionAudioChannel audioDescriptionDataChannel", "", noDescriptionMix)
	b.refuse(atAudioSel+"hlsRenditionGroupSettings/", "**", "the renditions of HLS inputs are not read; the sound of the heaviest variant is")
	b.ignore(atAudioSel, "programSelection", "0 1", "Dolby E is not decoded")

	b.honour(atInput+"audioSelectorGroups/*/", "audioSelectorNames", "the channels of these selectors, stacked in this order; selectors of several channels each are mixed, unless there are remixSettings")
	dynamic := atInput + "dynamicAudioSelectors/*/"
	b.honour(dynamic, "selectorType languageCode", "every track, or every one of a language, becomes a track of the output")
	b.honour(dynamic, "offset", "milliseconds that the sound is moved by; later when positive")
	b.honour(dynamic, "externalAudioFileInput", "a file of its own, which begins with the first picture and is cut with it")
	b.honour(dynamic, "audioDurationCorrection", "as in audioSelectors")
}
