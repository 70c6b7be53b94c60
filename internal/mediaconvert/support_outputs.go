package mediaconvert

func (b tableBuilder) outputs() {
	b.honour(atOutput, "nameModifier", "follows the destination's name in every file name of the output")
	b.honour(atOutput, "extension", "the end of the file's name")
	b.honour(atOutput, "preset", "its settings are merged into the output before all else")
	b.captionOutputs()

	b.hlsOutput()

	b.honour(atContainer, "container", "-f of the muxer; RAW: that of the codec's bare stream; MPD and CMFC: Shaka Packager")
	b.honour(atContainer+"f4vSettings/", "moovPlacement", "PROGRESSIVE_DOWNLOAD: -movflags +faststart")
	b.only(atContainer+"mxfSettings/", "profile", "D_10 OP1A", "-f mxf_d10 or mxf", "the file is of the operational pattern 1a, with what the codec writes")
	b.ignore(atContainer+"mxfSettings/", "afdSignaling", "NO_COPY", "AFD values are not written")
	b.ignore(atContainer+"mxfSettings/", "uncompressedAudioWrapping", "", "the audio is wrapped as broadcast wave")
	b.ignore(atContainer+"mxfSettings/xavcProfileSettings/", "**", "", "the file is of the operational pattern 1a, with what the codec writes")
	b.packedContainers()
	mp4, mov := atContainer+"mp4Settings/", atContainer+"movSettings/"
	b.honour(mp4, "moovPlacement", "PROGRESSIVE_DOWNLOAD: -movflags +faststart")
	b.nothing(mp4, "cslgAtom", "none is written: it sums up the table of display times, which players read")
	b.nothing(mp4, "freeSpaceBox", "files that begin with their index have an empty box after it either way, which players skip")
	b.honour(mp4, "cttsVersion", "1: -movflags +negative_cts_offsets")
	b.honour(mp4, "audioDuration", "MATCH_VIDEO_DURATION pads or trims the sound, and holds the programme to its length")
	b.honour(mp4, "mp4MajorBrand", "-brand")
	b.ignore(mp4, "c2paManifest", "EXCLUDE", "signed provenance (C2PA) is not offered")
	b.nothing(mp4, "certificateSecret signingKmsKey", "signed provenance (C2PA) is not offered")
	b.nothing(mov, "cslgAtom", "none is written: it sums up the table of display times, which players read")
	b.ignore(mov, "clapAtom", "", "the atom is not written")
	b.ignore(mov, "paddingControl", "", "no padding is written")
	b.ignore(mov, "reference", "SELF_CONTAINED", "the file contains its media")
	b.honour(mov, "mpeg2FourCCControl", "MPEG: -tag:v m2v1; XDCAM: the muxer's tags, which are those of XDCAM where the stream is one")

	b.transportStreams()
}
