package mediaconvert

func (b tableBuilder) groups() {
	b.nothing(atGroup, "name customName", "it is a label")
	b.abr(atGroup + "automatedEncodingSettings/abrSettings/")
	b.honour(atGroupSet, "type", "the kind of group")
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

// abr holds what automated ABR is told.
func (b tableBuilder) abr(at string) {
	b.honour(at, "minAbrBitrate maxAbrBitrate", "the lowest and the highest cap that a rendition gets")
	b.honour(at, "maxRenditions", "the renditions that are least missed are left out")
	b.honour(at, "maxQualityLevel", "the quality level of the largest rendition, and the most of the others")
	rule := at + "rules/*/"
	b.honour(rule, "type", "says which of the rule's members counts")
	b.honour(rule+"minTopRenditionSize/", "width height", "the best rendition is no smaller")
	b.honour(rule+"minBottomRenditionSize/", "width height", "no rendition is smaller")
	b.honour(rule+"forceIncludeRenditions/*/", "width height", "there is a rendition of this size, unless the source is smaller")
	b.honour(rule+"allowedRenditions/*/", "width height", "renditions have no other sizes")
	b.honour(rule+"allowedRenditions/*/", "required", "ENABLED: there is a rendition of this size, unless the source is smaller")
}
