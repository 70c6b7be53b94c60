package mediaconvert

// packedGroups are the groups that Shaka Packager cuts, and Smooth Streaming.
func (b tableBuilder) packedGroups() {
	const atDASH = atGroupSet + "dashIsoGroupSettings/"
	b.segments(atDASH)
	b.dashManifest(atDASH)
	b.honour(atDASH, "hbbtvCompliance", "HBBTV_1_5 adds HbbTV's profile to the manifest")
	b.honour(atDASH, "audioChannelConfigSchemeIdUri", "the scheme of AudioChannelConfiguration of Dolby audio")
	b.refuse(atDASH+"encryption/", "**", noSPEKE+"; CMAF groups take one, and write DASH manifests too")

	b.cmafGroup(atGroupSet + "cmafGroupSettings/")

	b.smoothGroup(atGroupSet + "msSmoothGroupSettings/")
}

func (b tableBuilder) smoothGroup(at string) {
	b.honour(at, "destination", "bucket, folder and first part of the names; its variables are filled in")
	b.honour(at, "fragmentLength", "-min_frag_duration, and key frames at multiples of it")
	b.honour(at, "fragmentLengthControl", "GOP_MULTIPLE: fragments are as many whole GOPs as fill the length")
	b.honour(at, "manifestEncoding", "UTF16 writes both manifests so")
	b.honour(at, "audioDeduplication", "COMBINE_DUPLICATE_STREAMS leaves a sound out of files after the first that has it")
	b.honour(at+"additionalManifests/*/", "manifestNameModifier", "a further pair of manifests, named so")
	b.honour(at+"additionalManifests/*/", "selectedOutputs", "the outputs that the manifest lists")
	b.refuse(at+"encryption/", "**", "keys of Smooth Streaming groups come from a SPEKE key server, which is not offered")
	b.refuse(at+"destinationSettings/s3Settings/encryption/", "**", noStoredEncryption)
	b.ignore(at+"destinationSettings/s3Settings/accessControl/", "cannedAcl", "", "who may read an object is set at the bucket")
	b.ignore(at+"destinationSettings/s3Settings/", "storageClass", "STANDARD", "objects are stored in the bucket's own class")
}

func (b tableBuilder) cmafGroup(at string) {
	b.segments(at)
	b.dashManifest(at)
	b.honour(at, "writeHlsManifest writeDashManifest", "DISABLED leaves the manifests of that kind out")
	b.honour(at, "manifestDurationFormat", "EXTINF in whole seconds or with fractions")
	b.honour(at, "codecSpecification", "the form of CODECS in EXT-X-STREAM-INF")
	b.honour(at, "streamInfResolution", "EXCLUDE leaves RESOLUTION out of EXT-X-STREAM-INF")
	b.honour(at, "clientCache", "DISABLED writes EXT-X-ALLOW-CACHE:NO")
	b.honour(at, "targetDurationCompatibilityMode", "EXT-X-TARGETDURATION is rounded to the nearest second or up")
	b.honour(at, "manifestCompression", "GZIP: manifests are compressed and carry Content-Encoding: gzip")
	key := at + "encryption/"
	b.honour(key, "encryptionMethod", "--protection_scheme: SAMPLE_AES is cbcs, AES_CTR is cenc")
	b.orRefuse(key, "type", "STATIC_KEY", "--enable_raw_key_encryption with the key that is given", noSPEKE)
	b.honour(key, "constantInitializationVector", "--iv of SAMPLE_AES; without it, and with AES_CTR, where streams that share one could be read without the key, the packager draws them")
	b.honour(key, "initializationVectorInManifest", "EXCLUDE leaves IV out of EXT-X-KEY")
	b.honour(key, "clearLead", "ENABLED: --clear_lead, the first segment is not encrypted")
	b.honour(key+"staticKeyProvider/", "staticKeyValue", "--keys; its id in DASH, default_KID, is made from it")
	b.honour(key+"staticKeyProvider/", "url", "URI of EXT-X-KEY")
	b.honour(key+"staticKeyProvider/", "keyFormat keyFormatVersions", "KEYFORMAT and KEYFORMATVERSIONS of EXT-X-KEY")
	b.refuse(key+"spekeKeyProvider/", "**", noSPEKE)
}

// packedContainers are the settings of single outputs of these groups.
func (b tableBuilder) packedContainers() {
	const provenance = "signed provenance (C2PA) is not offered"
	for _, name := range []string{"cmfcSettings/", "mpdSettings/"} {
		at := atContainer + name
		b.honour(at, "audioDuration", "MATCH_VIDEO_DURATION: sound is filled with silence or cut to the picture's length")
		b.refuse(at, "scte35Esam scte35Source", noMarkers)
		b.ignore(at, "timedMetadata klvMetadata", "NONE", "no timed metadata is written")
		b.nothing(at, "timedMetadataBoxVersion timedMetadataSchemeIdUri timedMetadataValue manifestMetadataSignaling", "no timed metadata is written")
		b.ignore(at, "c2paManifest", "EXCLUDE", provenance)
		b.nothing(at, "certificateSecret signingKmsKey", provenance)
	}
	at := atContainer + "cmfcSettings/"
	b.honour(at, "audioGroupId", "GROUP-ID of the audio rendition that the output is; without it program_audio_0, program_audio_1 …")
	b.honour(at, "audioRenditionSets", "AUDIO of the stream's EXT-X-STREAM-INF, one for each group that there is")
	b.honour(at, "audioTrackType", "EXT-X-MEDIA with its DEFAULT and AUTOSELECT, or EXT-X-STREAM-INF for AUDIO_ONLY_VARIANT_STREAM")
	b.honour(at, "descriptiveVideoServiceFlag", "FLAG writes CHARACTERISTICS of EXT-X-MEDIA")
	b.honour(at, "iFrameOnlyManifest", "INCLUDE writes a playlist of the key frames, as byte ranges, and EXT-X-I-FRAME-STREAM-INF")
	b.honour(atContainer+"mpdSettings/", "accessibilityCaptionHints", "INCLUDE: an Accessibility element tells of the CEA-608 captions in the picture")
	b.honour(atContainer+"mpdSettings/", "captionContainerType", "RAW: one file beside the segments; FRAGMENTED_MP4: wvtt or stpp in segments")
}

// segments are the settings that DASH and CMAF groups cut by.
func (b tableBuilder) segments(at string) {
	b.honour(at, "destination", "bucket, folder and first part of the names; its variables are filled in")
	b.honour(at, "segmentLength", "--segment_duration, and key frames at multiples of it")
	b.honour(at, "fragmentLength", "--fragment_duration, and key frames at multiples of it")
	b.honour(at, "segmentControl", "SINGLE_FILE writes one indexed file for each stream")
	b.honour(at, "minFinalSegmentLength", "a shorter last segment is joined to the one before")
	b.honour(at, "segmentLengthControl", "EXACT: at multiples of the length; GOP_MULTIPLE: the length is rounded up to whole GOPs; MATCH: to whole pictures and audio frames")
	b.honour(at, "videoCompositionOffsets", "SIGNED: -movflags negative_cts_offsets before packaging, instead of an edit list")
	b.refuse(at+"destinationSettings/s3Settings/encryption/", "**", noStoredEncryption)
	b.ignore(at+"destinationSettings/s3Settings/accessControl/", "cannedAcl", "", "who may read an object is set at the bucket")
	b.ignore(at+"destinationSettings/s3Settings/", "storageClass", "STANDARD", "objects are stored in the bucket's own class")
}

// dashManifest are the settings of DASH manifests.
func (b tableBuilder) dashManifest(at string) {
	b.honour(at, "baseUrl", "BaseURL at the top of the manifest")
	b.honour(at, "minBufferTime", "minBufferTime of the manifest")
	b.honour(at, "mpdProfile", "profiles of the manifest")
	b.honour(at, "mpdManifestBandwidthType", "bandwidth is the job's maximum or the measured average")
	b.nothing(at, "ptsOffsetHandlingForBFrames", "the first timestamp is zero with B-frames too: an edit list, or signed offsets, take their delay off")
	b.honour(at, "writeSegmentTimelineInRepresentation", "a SegmentTimeline with exact lengths instead of duration")
	b.honour(at, "dashManifestStyle", "where SegmentTimeline stands: in each Representation, or once in each AdaptationSet")
	b.honour(at, "dashIFrameTrickPlayNameModifier", "trick_play_factor=1: a stream of the key frames, named so, in a set of its own for fast forward")
	b.ignore(at, "imageBasedTrickPlay", "", "no trick-play images are written")
	b.nothing(at+"imageBasedTrickPlaySettings/", "**", "no trick-play images are written")
	b.honour(at+"additionalManifests/*/", "manifestNameModifier", "a further manifest, named so")
	b.honour(at+"additionalManifests/*/", "selectedOutputs", "the outputs that the manifest lists")
}
