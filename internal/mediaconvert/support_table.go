package mediaconvert

// The support table: what is done with each leaf of JobSettings. What is not
// named here is ignored with a warning. Keep it in step with plan: a setting
// is "honoured" when plan reads it.

const (
	atInput     = "inputs/*/"
	atAudioSel  = atInput + "audioSelectors/*/"
	atVideoSel  = atInput + "videoSelector/"
	atGroup     = "outputGroups/*/"
	atGroupSet  = atGroup + "outputGroupSettings/"
	atFile      = atGroupSet + "fileGroupSettings/"
	atHLS       = atGroupSet + "hlsGroupSettings/"
	atOutput    = atGroup + "outputs/*/"
	atContainer = atOutput + "containerSettings/"
	atVideo     = atOutput + "videoDescription/"
	atCodec     = atVideo + "codecSettings/"
	atAudio     = atOutput + "audioDescriptions/*/"
	atAAC       = atAudio + "codecSettings/aacSettings/"
	atPre       = atVideo + "videoPreprocessors/"
)

const (
	noTimecode   = "no timecode is written, and nothing is clipped by it"
	noWatermark  = "watermarks are not offered; ignoring one would publish the video without it"
	noMarkers    = "ad markers and their signals are not offered"
	noCaptions   = "captions are not built yet; without them the output would not be what you ask for"
	noOverlay    = "overlays are not built yet; without them the picture would not be what you ask for"
	noEncryption = "encryption is not built yet; the output would be published in the clear"
	progressive  = "pictures are always progressive"

	noStoredEncryption = "encryption of stored objects is set at the bucket, not in a job"

	notBuiltGroup = "only FILE_GROUP_SETTINGS and HLS_GROUP_SETTINGS are built so far"
)

func (b tableBuilder) job() {
	b.nothing("timecodeConfig/", "source start anchor timestampOffset", noTimecode)
	b.honour("", "followSource")
	b.ignore("", "adAvailOffset", "0", "no ad markers are written")
	b.refuse("availBlanking/", "**", noMarkers)
	b.refuse("esam/", "**", noMarkers)
	b.refuse("nielsenConfiguration/", "**", "Nielsen metadata is not offered")
	b.refuse("nielsenNonLinearWatermark/", "**", noWatermark)
	b.refuse("kantarWatermark/", "**", noWatermark)
	b.unbuiltFilled("motionImageInserter/", noOverlay)
	b.unbuiltFilled("timedMetadataInsertion/", "timed metadata is not built yet")
	b.ignore("extendedDataServices/", "**", "", "no caption data is written")
	b.ignore("colorConversion3DLUTSettings/*/", "**", "", "no lookup table is applied")
}

func (b tableBuilder) inputs() {
	b.honour(atInput, "fileInput")
	b.nothing(atInput, "timecodeSource timecodeStart", noTimecode)
	b.unbuilt(atInput+"inputClippings/*/", "**", "clipping is not built yet; the whole input would be converted")
	b.unbuiltFilled(atInput+"crop/", "cropping is not built yet")
	b.unbuiltFilled(atInput+"position/", "positioning is not built yet")
	b.unbuiltFilled(atInput+"imageInserter/", noOverlay)
	b.unbuilt(atInput+"videoOverlays/*/", "**", noOverlay)
	b.unbuilt(atInput+"videoGenerator/", "**", "the video generator is not built yet; give a file")
	b.unbuiltFilled(atInput+"decryptionSettings/", "decryption is not built yet")
	b.unbuilt(atInput+"audioSelectorGroups/*/", "**", "audio selector groups are not built yet; name one selector with its tracks")
	b.unbuilt(atInput+"dynamicAudioSelectors/*/", "**", "dynamic audio selectors are not built yet; name one selector with its tracks")
	b.unbuilt(atInput+"tamsSettings/", "**", "TAMS inputs are not offered")
	b.unbuilt(atInput, "supplementalImps", "IMF inputs are not offered")
	b.unbuilt(atInput+"multiViewSettings/*/", "**", "multi-view video is not offered")
	b.ignore(atInput, "dolbyVisionMetadataXml", "", "Dolby Vision is not written")
	b.nothing(atInput+"captionSelectors/*/", "**", "no output asks for captions: where one does, the job fails")
	b.ignore(atInput, "filterEnable", "AUTO DISABLE", "the input is not filtered")
	b.ignore(atInput, "filterStrength", "0", "the input is not filtered")
	b.ignore(atInput, "deblockFilter denoiseFilter advancedInputFilter", "", "the input is not filtered")
	b.ignore(atInput+"advancedInputFilterSettings/", "**", "", "the input is not filtered")
	b.ignore(atInput, "psiControl", "USE_PSI", "the tables of the transport stream are used")
	b.ignore(atInput, "programNumber", "1", "the best program of the input is used")
	b.ignore(atInput, "inputScanType", "", progressive)

	b.honour(atVideoSel, "rotate")
	b.only(atVideoSel, "colorSpace", "FOLLOW", "colours are taken as the input declares them")
	b.ignore(atVideoSel, "colorSpaceUsage", "FORCE", "the job's colour space wins over the input's")
	b.ignore(atVideoSel, "alphaBehavior", "DISCARD", "the alpha channel is discarded")
	b.ignore(atVideoSel, "programNumber", "0 1", "the best program of the input is used")
	b.ignore(atVideoSel, "pid streams selectorType", "", "the first video track is used")
	b.ignore(atVideoSel, "sampleRange", "", "the range is the one that the input declares")
	b.ignore(atVideoSel, "padVideo", "", "the video is not padded")
	b.ignore(atVideoSel, "embeddedTimecodeOverride", "", noTimecode)
	b.ignore(atVideoSel, "maxLuminance", "", "HDR metadata is that of the input")
	b.ignore(atVideoSel+"hdr10Metadata/", "**", "", "HDR metadata is that of the input")

	b.honour(atAudioSel, "tracks defaultSelection offset languageCode")
	b.so(atAudioSel, "selectorType", "TRACK LANGUAGE_CODE", "audio is selected by TRACK or LANGUAGE_CODE only; another track would be heard")
	b.unbuilt(atAudioSel, "pids streams", "audio is selected by tracks or languageCode only; another track would be heard")
	b.unbuilt(atAudioSel, "customLanguageCode", "audio is selected by tracks or languageCode only; another track would be heard")
	b.unbuilt(atAudioSel, "externalAudioFileInput", "audio from a file of its own is not built yet; other sound would be heard")
	b.unbuilt(atAudioSel+"hlsRenditionGroupSettings/", "**", "HLS inputs are not accepted")
	b.ignore(atAudioSel, "programSelection", "0 1", "Dolby E is not decoded")
	b.ignore(atAudioSel, "audioDurationCorrection", "", "the audio is placed by its timestamps")
	b.ignore(atAudioSel+"remixSettings/", "**", "", "channels are mixed by the output's codingMode")
}

func (b tableBuilder) groups() {
	b.nothing(atGroup, "name customName", "it is a label")
	b.unbuilt(atGroup+"automatedEncodingSettings/", "**", "automated ABR is not built yet; list the outputs")
	b.so(atGroupSet, "type", "FILE_GROUP_SETTINGS HLS_GROUP_SETTINGS", notBuiltGroup)
	for _, name := range []string{"dashIsoGroupSettings", "cmafGroupSettings", "msSmoothGroupSettings"} {
		b.unbuilt(atGroupSet+name+"/", "**", notBuiltGroup)
		b.refuse(atGroupSet+name+"/encryption/", "**", noEncryption)
		b.refuse(atGroupSet+name+"/destinationSettings/s3Settings/encryption/", "**", noStoredEncryption)
	}
	b.ignore(atGroupSet, "perFrameMetrics", "", "no reports are written")
	for _, group := range []string{atFile, atHLS} {
		at := group + "destinationSettings/s3Settings/"
		b.honour(group, "destination")
		b.refuse(at+"encryption/", "**", noStoredEncryption)
		b.ignore(at+"accessControl/", "cannedAcl", "", "who may read an object is set at the bucket")
		b.ignore(at, "storageClass", "STANDARD", "objects are stored in the bucket's own class")
	}

	b.honour(atHLS, "segmentLength minSegmentLength minFinalSegmentLength manifestDurationFormat codecSpecification streamInfResolution outputSelection clientCache targetDurationCompatibilityMode")
	b.only(atHLS, "segmentControl", "SEGMENTED_FILES", "segments are files of their own")
	b.only(atHLS, "directoryStructure", "SINGLE_DIRECTORY", "all segments go into one directory")
	b.nothing(atHLS, "segmentsPerSubdirectory", "there are no subdirectories")
	b.ignore(atHLS, "segmentLengthControl", "EXACT", "segments have exactly the asked length")
	b.nothing(atHLS, "progressiveWriteHlsManifest", "manifests are published once, when the job is complete; a finished job has the same ones either way")
	b.nothing(atHLS, "programDateTimePeriod", "no date and time are written")
	b.ignore(atHLS, "programDateTime", "", "no date and time are written")
	b.ignore(atHLS, "captionLanguageSetting", "OMIT", "there are no captions to announce")
	b.nothing(atHLS, "captionSegmentLengthControl", "there are no captions")
	b.nothing(atHLS+"captionLanguageMappings/*/", "**", "there are no captions")
	b.nothing(atHLS, "timedMetadataId3Period", "no timed metadata is written")
	b.ignore(atHLS, "timedMetadataId3Frame", "PRIV", "no timed metadata is written")
	b.ignore(atHLS, "timestampDeltaMilliseconds", "0", "no timed metadata is written")
	b.nothing(atHLS, "audioOnlyHeader", "audio-only segments are transport streams")
	b.ignore(atHLS, "manifestCompression", "", "manifests are written as plain text")
	b.ignore(atHLS, "baseUrl", "", "manifests name their segments relatively")
	b.ignore(atHLS, "imageBasedTrickPlay", "", "no trick-play images are written")
	b.nothing(atHLS+"imageBasedTrickPlaySettings/", "**", "no trick-play images are written")
	b.ignore(atHLS+"additionalManifests/*/", "**", "", "one main manifest is written")
	b.refuse(atHLS, "adMarkers", noMarkers)
	b.refuse(atHLS+"encryption/", "**", noEncryption)
}

func (b tableBuilder) outputs() {
	b.honour(atOutput, "nameModifier extension")
	b.honour(atOutput, "preset")
	b.unbuilt(atOutput+"captionDescriptions/*/", "**", noCaptions)

	hls := atOutput + "outputSettings/hlsSettings/"
	b.honour(hls, "segmentModifier")
	b.ignore(hls, "audioGroupId audioRenditionSets", "program_audio", "audio stays beside the video in each stream")
	b.ignore(hls, "audioTrackType", "", "audio stays beside the video in each stream")
	b.nothing(hls, "audioOnlyContainer", "audio-only segments are transport streams, which every player that takes raw AAC takes too")
	b.ignore(hls, "iFrameOnlyManifest", "", "no I-frame playlist is written")
	b.ignore(hls, "descriptiveVideoServiceFlag", "", "the flag is not written")

	b.so(atContainer, "container", "MP4 MOV M2TS RAW M3U8", "this container is not built yet; MP4, MOV, M2TS, M3U8 and RAW frame capture are")
	for _, name := range []string{"cmfcSettings", "f4vSettings", "mpdSettings", "mxfSettings"} {
		b.unbuilt(atContainer+name+"/", "**", "this container is not built yet; MP4, MOV, M2TS, M3U8 and RAW frame capture are")
	}
	for _, name := range []string{"cmfcSettings/", "mpdSettings/"} {
		b.refuse(atContainer+name, "scte35Esam scte35Source", noMarkers)
	}
	mp4, mov := atContainer+"mp4Settings/", atContainer+"movSettings/"
	b.honour(mp4, "moovPlacement")
	b.ignore(mp4, "cslgAtom", "", "the atom is not written; players do without")
	b.ignore(mp4, "freeSpaceBox", "", "no free-space box is written")
	b.ignore(mp4, "cttsVersion", "0", "version 0 is written")
	b.ignore(mp4, "audioDuration", "DEFAULT_CODEC_DURATION", "the audio keeps its own length")
	b.ignore(mp4, "mp4MajorBrand", "isom mp42", "the major brand is isom")
	b.unbuilt(mp4, "c2paManifest certificateSecret signingKmsKey", "signed provenance (C2PA) is not offered")
	b.ignore(mov, "cslgAtom", "", "the atom is not written; players do without")
	b.ignore(mov, "clapAtom", "", "the atom is not written")
	b.ignore(mov, "paddingControl", "", "no padding is written")
	b.ignore(mov, "reference", "SELF_CONTAINED", "the file contains its media")
	b.nothing(mov, "mpeg2FourCCControl", "no MPEG-2 video is written")

	m3u8, m2ts := atContainer+"m3u8Settings/", atContainer+"m2tsSettings/"
	b.honour(m3u8, "pmtPid videoPid audioPids")
	b.ignore(m2ts, "pmtPid videoPid audioPids", "", "the muxer chooses the PIDs of transport-stream files")
	for _, ts := range []string{m3u8, m2ts} {
		b.nothing(ts, "privateMetadataPid scte35Pid timedMetadataPid", "nothing is written under this PID")
		b.refuse(ts, "scte35Source", noMarkers)
		b.refuse(ts, "nielsenId3", "Nielsen metadata is not offered")
		b.ignore(ts, "programNumber", "1", "the program number is 1")
		b.ignore(ts, "transportStreamId", "1", "the transport stream id is 1")
		b.ignore(ts, "audioFramesPerPes", "4", "the muxer chooses how much audio goes into a packet")
		b.ignore(ts, "patInterval pmtInterval", "0", "the muxer chooses how often the tables come")
		b.ignore(ts, "maxPcrInterval", "0", "the muxer chooses how often the clock is written")
		b.ignore(ts, "pcrControl", "PCR_EVERY_PES_PACKET", "the muxer chooses how often the clock is written")
		b.ignore(ts, "pcrPid", "481", "the video carries the clock")
		b.ignore(ts, "audioDuration", "DEFAULT_CODEC_DURATION", "the audio keeps its own length")
		b.ignore(ts, "audioPtsOffsetDelta", "0", "audio and video keep their places")
		b.ignore(ts, "ptsOffset", "", "the muxer chooses where the clock begins")
	}
	b.ignore(m3u8, "timedMetadata", "", "no timed metadata is written")
	b.nothing(m2ts, "dvbSubPids dvbTeletextPid audioBufferModel", "nothing is written that it speaks of")
	b.nothing(m2ts, "bufferModel", "packets are interleaved by time without a buffer model, as with NONE; it changes their order only")
	b.ignore(m2ts, "bitrate nullPacketBitrate", "0", "the stream has no null packets: its rate is that of its contents")
	b.ignore(m2ts, "rateMode", "VBR", "the stream has no null packets: its rate is that of its contents")
	b.refuse(m2ts+"scte35Esam/", "**", noMarkers)
	b.ignore(m2ts+"dvbSdtSettings/", "**", "", "the muxer's own table is written")
	b.ignore(m2ts+"dvbNitSettings/", "**", "", "the table is not written")
	b.ignore(m2ts+"dvbTdtSettings/", "**", "", "the table is not written")
}
