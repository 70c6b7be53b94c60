package mediaconvert

func (b tableBuilder) outputs() {
	b.honour(atOutput, "nameModifier", "follows the destination's name in every file name of the output")
	b.honour(atOutput, "extension", "the end of the file's name")
	b.honour(atOutput, "preset", "its settings are merged into the output before all else")
	b.unbuilt(atOutput+"captionDescriptions/*/", "**", noCaptions)

	hls := atOutput + "outputSettings/hlsSettings/"
	b.honour(hls, "segmentModifier", "follows nameModifier in the names of segments")
	b.ignore(hls, "audioGroupId audioRenditionSets", "program_audio", "audio stays beside the video in each stream")
	b.ignore(hls, "audioTrackType", "", "audio stays beside the video in each stream")
	b.nothing(hls, "audioOnlyContainer", "audio-only segments are transport streams, which every player that takes raw AAC takes too")
	b.ignore(hls, "iFrameOnlyManifest", "", "no I-frame playlist is written")
	b.ignore(hls, "descriptiveVideoServiceFlag", "", "the flag is not written")

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

	m3u8, m2ts := atContainer+"m3u8Settings/", atContainer+"m2tsSettings/"
	b.honour(m3u8, "pmtPid", "-mpegts_pmt_start_pid")
	b.honour(m3u8, "videoPid audioPids", "-streamid")
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
		b.ignore(ts, "ptsOffset ptsOffsetMode", "", "the muxer chooses where the clock begins")
		b.ignore(ts, "dataPTSControl", "", "no data streams are written")
	}
	b.ignore(m3u8, "timedMetadata", "", "no timed metadata is written")
	b.nothing(m2ts, "dvbSubPids dvbTeletextPid audioBufferModel", "nothing is written that it speaks of")
	b.nothing(m2ts, "bufferModel", "packets are interleaved by time without a buffer model, as with NONE; it changes their order only")
	b.ignore(m2ts, "ebpAudioInterval ebpPlacement minEbpInterval forceTsVideoEbpOrder", "", "no boundary points are marked in the stream")
	b.ignore(m2ts, "segmentationMarkers segmentationStyle segmentationTime fragmentTime", "", "no boundary points are marked in the stream")
	b.ignore(m2ts, "esRateInPes", "", "packets carry no rate of their stream")
	b.ignore(m2ts, "klvMetadata", "", "data streams of the input are not copied")
	b.nothing(m2ts, "preventBufferUnderflow", "packets are interleaved by time without a buffer model")
	b.ignore(m2ts, "bitrate nullPacketBitrate", "0", "the stream has no null packets: its rate is that of its contents")
	b.ignore(m2ts, "rateMode", "VBR", "the stream has no null packets: its rate is that of its contents")
	b.refuse(m2ts+"scte35Esam/", "**", noMarkers)
	b.ignore(m2ts+"dvbSdtSettings/", "**", "", "the muxer's own table is written")
	b.ignore(m2ts+"dvbNitSettings/", "**", "", "the table is not written")
	b.ignore(m2ts+"dvbTdtSettings/", "**", "", "the table is not written")
}
