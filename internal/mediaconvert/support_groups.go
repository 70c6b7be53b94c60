package mediaconvert

func (b tableBuilder) groups() {
	b.nothing(atGroup, "name customName", "it is a label")
	b.unbuilt(atGroup+"automatedEncodingSettings/", "**", "automated ABR is not built yet; list the outputs")
	b.so(atGroupSet, "type", "FILE_GROUP_SETTINGS HLS_GROUP_SETTINGS", "the kind of group", notBuiltGroup)
	for _, name := range []string{"dashIsoGroupSettings", "cmafGroupSettings", "msSmoothGroupSettings"} {
		b.unbuilt(atGroupSet+name+"/", "**", notBuiltGroup)
		b.refuse(atGroupSet+name+"/encryption/", "**", noEncryption)
		b.refuse(atGroupSet+name+"/destinationSettings/s3Settings/encryption/", "**", noStoredEncryption)
	}
	b.ignore(atGroupSet, "perFrameMetrics", "", "no reports are written")
	for _, group := range []string{atFile, atHLS} {
		at := group + "destinationSettings/s3Settings/"
		b.honour(group, "destination", "bucket, folder and first part of the names; its variables are filled in")
		b.refuse(at+"encryption/", "**", noStoredEncryption)
		b.ignore(at+"accessControl/", "cannedAcl", "", "who may read an object is set at the bucket")
		b.ignore(at, "storageClass", "STANDARD", "objects are stored in the bucket's own class")
	}

	b.honour(atHLS, "segmentLength", "key frames and cuts are at multiples of this length")
	b.honour(atHLS, "minSegmentLength minFinalSegmentLength", "a shorter last segment is joined to the one before")
	b.honour(atHLS, "manifestDurationFormat", "EXTINF in whole seconds or with fractions")
	b.honour(atHLS, "codecSpecification", "the form of CODECS in EXT-X-STREAM-INF")
	b.honour(atHLS, "streamInfResolution", "EXCLUDE leaves RESOLUTION out of EXT-X-STREAM-INF")
	b.honour(atHLS, "outputSelection", "SEGMENTS_ONLY publishes no manifests")
	b.honour(atHLS, "clientCache", "DISABLED writes EXT-X-ALLOW-CACHE:NO")
	b.honour(atHLS, "targetDurationCompatibilityMode", "EXT-X-TARGETDURATION is rounded to the nearest second or up")
	b.only(atHLS, "segmentControl", "SEGMENTED_FILES", "each segment is a file", "segments are files of their own")
	b.only(atHLS, "directoryStructure", "SINGLE_DIRECTORY", "all segments lie beside the manifests", "all segments go into one directory")
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
