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
	noEncryption = "this encryption is not offered; the output would be published in the clear"
	progressive  = "pictures are always progressive"

	noStoredEncryption = "encryption of stored objects is set at the bucket, not in a job"
)

func (b tableBuilder) job() {
	b.honour("", "followSource", "the input whose size, frame rate and shape outputs take that name none")
	b.ignore("", "adAvailOffset", "0", "no ad markers are written")
	b.refuse("availBlanking/", "**", noMarkers)
	b.refuse("esam/", "**", noMarkers)
	b.refuse("nielsenConfiguration/", "**", "Nielsen metadata is not offered")
	b.refuse("nielsenNonLinearWatermark/", "**", noWatermark)
	b.refuse("kantarWatermark/", "**", noWatermark)
	b.honour("timedMetadataInsertion/id3Insertions/*/", "id3 timecode", "an ID3 tag in HLS transport streams with timedMetadata PASSTHROUGH")
	b.ignore("extendedDataServices/", "**", "", "no caption data is written")
}
