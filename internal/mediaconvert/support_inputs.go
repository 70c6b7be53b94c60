package mediaconvert

func (b tableBuilder) inputs() {
	b.honour(atInput, "fileInput", "the file that is fetched and decoded")
	b.refuseFilled(atInput+"decryptionSettings/", "their key lies with a key service of AWS; give the file in the clear")
	b.refuse(atInput+"tamsSettings/", "**", "TAMS inputs are not offered; give a file")
	b.refuse(atInput, "supplementalImps", "IMF packages are not offered; give a file")
	b.refuse(atInput+"multiViewSettings/*/", "**", "no encoder here writes multi-view video; one eye alone would be seen")
	b.ignore(atInput, "dolbyVisionMetadataXml", "", "Dolby Vision is not written")
	b.captionInputs()
	b.ignore(atInput, "psiControl", "USE_PSI", "the tables of the transport stream are used")
	b.ignore(atInput, "programNumber", "1", "the best program of the input is used")

	b.honour(atVideoSel, "rotate", "transpose and flip filters; AUTO follows the display matrix, which is not followed otherwise")
	b.ignore(atVideoSel, "programNumber", "0 1", "the best program of the input is used")
	b.ignore(atVideoSel, "embeddedTimecodeOverride", "", noTimecode)
	b.ignore(atVideoSel, "maxLuminance", "", "HDR metadata is that of the input")
	b.ignore(atVideoSel+"hdr10Metadata/", "**", "", "HDR metadata is that of the input")

	b.audioSelectors()
}
