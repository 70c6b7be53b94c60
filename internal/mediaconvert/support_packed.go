package mediaconvert

// packedGroups are the groups that Shaka Packager cuts, and Smooth Streaming.
func (b tableBuilder) packedGroups() {
	const atDASH = atGroupSet + "dashIsoGroupSettings/"
	b.segments(atDASH)
	b.dashManifest(atDASH)
	b.honour(atDASH, "hbbtvCompliance", "HBBTV_1_5 adds HbbTV's profile to the manifest")
	b.honour(atDASH, "audioChannelConfigSchemeIdUri", "the scheme of AudioChannelConfiguration of Dolby audio")
	b.refuse(atDASH+"encryption/", "**", noSPEKE+"; CMAF groups take one, and write DASH manifests too")

	for _, name := range []string{"cmafGroupSettings", "msSmoothGroupSettings"} {
		b.unbuilt(atGroupSet+name+"/", "**", notBuiltGroup)
		b.refuse(atGroupSet+name+"/encryption/", "**", noEncryption)
		b.refuse(atGroupSet+name+"/destinationSettings/s3Settings/encryption/", "**", noStoredEncryption)
	}
}

// segments are the settings that DASH and CMAF groups cut by.
func (b tableBuilder) segments(at string) {
	b.honour(at, "destination", "bucket, folder and first part of the names; its variables are filled in")
	b.honour(at, "segmentLength", "--segment_duration, and key frames at multiples of it")
	b.honour(at, "fragmentLength", "--fragment_duration, and key frames at multiples of it")
	b.honour(at, "segmentControl", "SINGLE_FILE writes one indexed file for each stream")
	b.honour(at, "minFinalSegmentLength", "a shorter last segment is joined to the one before")
	b.ignore(at, "segmentLengthControl", "EXACT", "segments have exactly the asked length")
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
	b.ignore(at, "dashIFrameTrickPlayNameModifier", "", "no trick-play stream is written")
	b.ignore(at, "imageBasedTrickPlay", "", "no trick-play images are written")
	b.nothing(at+"imageBasedTrickPlaySettings/", "**", "no trick-play images are written")
	b.ignore(at+"additionalManifests/*/", "**", "", "one manifest is written")
}
