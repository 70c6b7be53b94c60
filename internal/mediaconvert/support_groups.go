package mediaconvert

func (b tableBuilder) groups() {
	b.nothing(atGroup, "name customName", "it is a label")
	b.unbuilt(atGroup+"automatedEncodingSettings/", "**", "automated ABR is not built yet; list the outputs")
	b.so(atGroupSet, "type", "FILE_GROUP_SETTINGS HLS_GROUP_SETTINGS DASH_ISO_GROUP_SETTINGS CMAF_GROUP_SETTINGS", "the kind of group", notBuiltGroup)
	b.packedGroups()
	b.ignore(atGroupSet, "perFrameMetrics", "", "no reports are written")
	for _, group := range []string{atFile, atHLS} {
		at := group + "destinationSettings/s3Settings/"
		b.honour(group, "destination", "bucket, folder and first part of the names; its variables are filled in")
		b.refuse(at+"encryption/", "**", noStoredEncryption)
		b.ignore(at+"accessControl/", "cannedAcl", "", "who may read an object is set at the bucket")
		b.ignore(at, "storageClass", "STANDARD", "objects are stored in the bucket's own class")
	}
	b.hlsGroup()
}
