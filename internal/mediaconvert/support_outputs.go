package mediaconvert

func (b tableBuilder) outputs() {
	b.honour(atOutput, "nameModifier", "follows the destination's name in every file name of the output")
	b.honour(atOutput, "extension", "the end of the file's name")
	b.honour(atOutput, "preset", "its settings are merged into the output before all else")
	b.captionOutputs()

	b.hlsOutput()

	b.so(atContainer, "container", "MP4 MOV M2TS RAW M3U8", "-f mp4, mov, mpegts, image2 or hls", "this container is not built yet; MP4, MOV, M2TS, M3U8 and RAW frame capture are")
	for _, name := range []string{"cmfcSettings", "f4vSettings", "mpdSettings", "mxfSettings"} {
		b.unbuilt(atContainer+name+"/", "**", "this container is not built yet; MP4, MOV, M2TS, M3U8 and RAW frame capture are")
	}
	for _, name := range []string{"cmfcSettings/", "mpdSettings/"} {
		b.refuse(atContainer+name, "scte35Esam scte35Source", noMarkers)
	}
	mp4, mov := atContainer+"mp4Settings/", atContainer+"movSettings/"
	b.honour(mp4, "moovPlacement", "PROGRESSIVE_DOWNLOAD: -movflags +faststart")
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

	b.transportStreams()
}
