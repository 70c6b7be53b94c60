package mediaconvert

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"spool/internal/spool"
)

// Pointers as problems have them, without /settings.
const (
	pOut   = "/outputGroups/0/outputs/0"
	pVid   = pOut + "/videoDescription"
	pH264  = pVid + "/codecSettings/h264Settings"
	pAAC   = pOut + "/audioDescriptions/0/codecSettings/aacSettings"
	group0 = "/settings/outputGroups/0/outputGroupSettings"
)

// Parts that the tables are made of.
const (
	qvbr     = `"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000}}}`
	stereo   = `"audioDescriptions":[{"codecSettings":{"codec":"AAC","aacSettings":{"codingMode":"CODING_MODE_2_0","sampleRate":48000}}}]`
	deps     = ": Should match all dependencies: See other errors for more details | "
	vtt      = `{"c":{"sourceSettings":{"sourceType":"WEBVTT"}}}`
	embedded = `{"c":{"sourceSettings":{"sourceType":"EMBEDDED","embeddedSourceSettings":{}}}}`
	srtFile  = `{"c":{"sourceSettings":{"sourceType":"SRT","fileSourceSettings":{"sourceFile":"s3://in/captions.srt"}}}}`
	captions = "/settings/inputs/0/captionSelectors"
)

// one gives an output group of that type with outputs: pairs of a container and
// the rest of an output.
func one(kind, member, more string, outputs ...string) string {
	list := make([]string, 0, len(outputs)/2)
	for i := 0; i < len(outputs); i += 2 {
		list = append(list, `{"nameModifier":"_`+itoa(i/2)+`","containerSettings":{"container":"`+outputs[i]+`"},`+outputs[i+1]+`}`)
	}
	if more != "" {
		more = "," + more
	}
	return `{"outputGroupSettings":{"type":"` + kind + `","` + member + `":{"destination":"s3://o/x"` + more + `}},"outputs":[` + strings.Join(list, ",") + `]}`
}

func dashOf(more string, outputs ...string) string {
	return one("DASH_ISO_GROUP_SETTINGS", "dashIsoGroupSettings", more, outputs...)
}

func cmafOf(more string, outputs ...string) string {
	return one("CMAF_GROUP_SETTINGS", "cmafGroupSettings", more, outputs...)
}

func smoothOf(more string, outputs ...string) string {
	return one("MS_SMOOTH_GROUP_SETTINGS", "msSmoothGroupSettings", more, outputs...)
}

func hlsOf(more string, outputs ...string) string {
	return one("HLS_GROUP_SETTINGS", "hlsGroupSettings", more, outputs...)
}

func fileOf(outputs ...string) string {
	return one("FILE_GROUP_SETTINGS", "fileGroupSettings", "", outputs...)
}

// groups changes the output groups of the base job.
func groups(list ...string) []string {
	return []string{"/settings/outputGroups", "[" + strings.Join(list, ",") + "]"}
}

func video(codec, object, settings string) string {
	return `"videoDescription":{"codecSettings":{"codec":"` + codec + `","` + object + `":` + settings + `}}`
}

func audio(codec, object, settings string) string {
	return `"audioDescriptions":[{"codecSettings":{"codec":"` + codec + `","` + object + `":` + settings + `}}]`
}

func caption(kind, more string) string {
	return `"captionDescriptions":[{"captionSelectorName":"c","destinationSettings":{"destinationType":"` + kind + `"` + more + `}}]`
}

// TestServiceWords: what the service was seen to answer, to the letter (the rows
// of behaviour.md 6.2 that are real).
func TestServiceWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change []string
		want   string
	}{
		{"baseline", []string{h264 + "/codecProfile", `"BASELINE"`},
			pH264 + `/codecProfile` + deps + pH264 + `: Should match exactly one schema defined in "oneOf" | ` + pH264 + `: entropyEncoding is a required property | ` +
				pH264 + `/codecProfile: Should be equal to one of the allowed values in ["HIGH","HIGH_10BIT","HIGH_422","HIGH_422_10BIT","MAIN"]`},
		{"baseline with CABAC", []string{h264 + "/codecProfile", `"BASELINE"`, h264 + "/entropyEncoding", `"CABAC"`},
			pH264 + `/codecProfile` + deps + pH264 + `: Should match exactly one schema defined in "oneOf" | ` + pH264 + `/entropyEncoding: Must be CAVLC | ` +
				pH264 + `/codecProfile: Should be equal to one of the allowed values in ["HIGH","HIGH_10BIT","HIGH_422","HIGH_422_10BIT","MAIN"]`},
		{"wide at a level, 720", []string{h264 + "/codecLevel", `"LEVEL_3"`, vid0 + "/width", "768", vid0 + "/height", "576"}, pVid + "/width: Should be less than or equal to 720"},
		{"wide at a level, 576", []string{h264 + "/codecLevel", `"LEVEL_3"`, vid0 + "/width", "1280", vid0 + "/height", "720"}, pVid + "/width: Should be less than or equal to 576"},
		{"wide at a level, 752", []string{h264 + "/codecLevel", `"LEVEL_3"`, vid0 + "/width", "960", vid0 + "/height", "540"}, pVid + "/width: Should be less than or equal to 752"},
		{"wide at a level, 832", []string{h264 + "/codecLevel", `"LEVEL_3"`, vid0 + "/width", "848", vid0 + "/height", "490"}, pVid + "/width: Should be less than or equal to 832"},
		{"wide at a level, 1808", []string{h264 + "/codecLevel", `"LEVEL_3"`, vid0 + "/width", "1920", vid0 + "/height", "-"}, pVid + "/width: Should be less than or equal to 1808"},
		{"rate control", []string{h264 + "/bitrate", "900000"}, pH264 + ": " + wrong},
		{"AAC", []string{aac0 + "/bitrate", "20000"},
			pAAC + "/bitrate: You specified a value for Bitrate that is not valid with the combination of Profile LC, Coding mode CODING_MODE_2_0, and Sample rate 48000 you selected. Specify a bitrate in the range of 64000-576000, and resubmit your job For a list of supported bitrates, see: https://docs.aws.amazon.com/mediaconvert/latest/ug/aac-support.html"},
		{"AAC at 44.1 kHz", []string{aac0 + "/bitrate", "56000", aac0 + "/sampleRate", "44100"},
			pAAC + "/bitrate: You specified a value for Bitrate that is not valid with the combination of Profile LC, Coding mode CODING_MODE_2_0, and Sample rate 44100 you selected. Specify a bitrate in the range of 64000-512000, and resubmit your job For a list of supported bitrates, see: https://docs.aws.amazon.com/mediaconvert/latest/ug/aac-support.html"},
		{"AAC rate", []string{aac0 + "/sampleRate", "-"}, pAAC + ": sampleRate is a required property"},
		{"AAC mode", []string{aac0 + "/codingMode", "-"}, pAAC + ": codingMode is a required property"},
		{"level rate", []string{h264 + "/codecLevel", `"LEVEL_3_1"`, h264 + "/maxBitrate", "20000000"}, pH264 + "/maxBitrate: Should be less than or equal to 16800000"},
		{"burn-in settings of other captions", []string{captions, embedded, out0 + "/captionDescriptions", `[{"captionSelectorName":"c","destinationSettings":{"destinationType":"EMBEDDED","burninDestinationSettings":{}}}]`},
			pOut + "/captionDescriptions/0/destinationSettings/burninDestinationSettings" + deps + pOut + "/captionDescriptions/0/destinationSettings/destinationType: Must be BURN_IN"},
		{"B-frames", []string{h264 + "/numberBFramesBetweenReferenceFrames", "8"}, pH264 + "/numberBFramesBetweenReferenceFrames: Should be less than or equal to 7"},
		{"video codec", []string{vid0 + "/codecSettings", `{}`}, pVid + "/codecSettings: codec is a required property"},
		{"audio codec", []string{out0 + "/audioDescriptions/0/codecSettings", `{}`}, pOut + "/audioDescriptions/0/codecSettings: codec is a required property"},
		{"settings of another codec", []string{vid0 + "/codecSettings/codec", `"H_265"`}, pH264 + deps + pVid + "/codecSettings/codec: Must be H_264"},
		{"two codecs", []string{out0 + "/audioDescriptions/0/codecSettings/ac3Settings", "{}"}, pOut + "/audioDescriptions/0/codecSettings: Should have at most 2 properties"},
		{"no object", []string{h264, "-"}, pVid + "/codecSettings: Should have at least 2 properties"},
		{"loudness", []string{out0 + "/audioDescriptions/0/audioNormalizationSettings", `{"targetLkfs":23}`}, pOut + "/audioDescriptions/0/audioNormalizationSettings/targetLkfs: Should be less than or equal to 0"},
		{"odd position", []string{vid0 + "/position", `{"x":3,"y":0,"width":100,"height":100}`}, pVid + "/position/x: Should be a multiple of 2"},
		{"no outputs", []string{"/settings/outputGroups/0/outputs", "[]"}, "/outputGroups/0/outputs: Should have at least 1 items"},
		{"no container", []string{out0 + "/containerSettings", "-"}, pOut + ": containerSettings is a required property"},
		{"no settings", []string{"/settings", "-"}, "The 'settings' field is required."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := resolve(changed(t, tt.change...), FormWire); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// The pointers that only ruleCases use.
const (
	dashAt = "/outputGroups/0/outputGroupSettings/dashIsoGroupSettings"
	cmafAt = "/outputGroups/0/outputGroupSettings/cmafGroupSettings"
	abrAt  = "/outputGroups/0/automatedEncodingSettings/abrSettings"
	best   = `"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","qualityTuningLevel":"MULTI_PASS_HQ"}}}`
)

// auto gives a group with automated ABR, and more groups.
func auto(settings string, rest ...string) []string {
	return groups(append([]string{`{"automatedEncodingSettings":{"abrSettings":` + settings + `},` + strings.TrimPrefix(hlsOf("", "M3U8", best), "{")}, rest...)...)
}

// ruleCases are changes to the base job and all that must be said of each.
var ruleCases = []struct {
	name   string
	change []string
	want   string
}{
	// inputs
	{"two kinds of input", []string{"/settings/inputs/0/videoGenerator", `{"duration":1000}`}, `/inputs/0: Should match exactly one schema defined in "oneOf"`},
	{"half a generated picture", []string{"/settings/inputs", `[{"videoGenerator":{"width":640}}]`}, "/inputs/0/videoGenerator: height is a required property"},
	{"clips out of order", []string{"/settings/inputs/0/inputClippings", `[{"startTimecode":"00:00:10:00","endTimecode":"00:00:20:00"},{"startTimecode":"00:00:20:00","endTimecode":"00:00:30:00"}]`},
		"/inputs/0/inputClippings/1/startTimecode: Should be after the end of the clip before: clips stand in order and do not overlap"},
	{"open clips", []string{"/settings/inputs/0/inputClippings", `[{"startTimecode":"00:00:10:00"},{"endTimecode":"00:00:30:00"}]`},
		"/inputs/0/inputClippings/0: endTimecode is a required property | /inputs/0/inputClippings/1: startTimecode is a required property"},
	{"clip backwards", []string{"/settings/inputs/0/inputClippings", `[{"startTimecode":"00:00:10:01","endTimecode":"00:00:10:00"}]`}, "/inputs/0/inputClippings/0/endTimecode: Should not be before startTimecode"},
	{"empty clip", []string{"/settings/inputs/0/inputClippings", `[{}]`},
		`/inputs/0/inputClippings/0: Should match any schema defined in "anyOf" | /inputs/0/inputClippings/0: startTimecode is a required property | /inputs/0/inputClippings/0: endTimecode is a required property`},
	{"forced filter", []string{"/settings/inputs/0/filterEnable", `"FORCE"`, "/settings/inputs/0/filterStrength", "0"}, "/inputs/0/filterStrength: Should be greater than or equal to 1"},
	{"overlay without a place", []string{"/settings/inputs/0/imageInserter", `{"insertableImages":[{"imageInserterInput":"s3://in/logo.png","imageX":0}]}`}, "/inputs/0/imageInserter/insertableImages/0: imageY is a required property"},
	{"captions without a file", []string{captions, `{"c":{"sourceSettings":{"sourceType":"SRT"}}}`}, "/inputs/0/captionSelectors/c/sourceSettings: fileSourceSettings is a required property"},
	{"captions of another source", []string{captions, `{"c":{"sourceSettings":{"sourceType":"EMBEDDED","teletextSourceSettings":{}}}}`},
		"/inputs/0/captionSelectors/c/sourceSettings/teletextSourceSettings" + deps + "/inputs/0/captionSelectors/c/sourceSettings/sourceType: Must be TELETEXT"},
	{"start of the timeline", []string{"/settings/timecodeConfig", `{"source":"SPECIFIEDSTART"}`}, "/timecodeConfig: start is a required property"},
	{"too many lookup tables", []string{"/settings/colorConversion3DLUTSettings", "[" + strings.TrimSuffix(strings.Repeat(`{"fileInput":"s3://in/a/table.cube"},`, 9), ",") + "]"}, "/colorConversion3DLUTSettings: Should have at most 8 items"},

	// groups and containers
	{"settings of two groups", []string{group0 + "/hlsGroupSettings", `{"destination":"s3://o/"}`},
		"/outputGroups/0/outputGroupSettings/hlsGroupSettings" + deps + "/outputGroups/0/outputGroupSettings/type: Must be HLS_GROUP_SETTINGS"},
	{"MP4 in DASH", groups(dashOf("", "MP4", qvbr)), pOut + `/containerSettings/container: Should be equal to one of the allowed values in ["MPD","CMFC"]`},
	{"MPD in CMAF", groups(cmafOf("", "MPD", qvbr)), pOut + `/containerSettings/container: Should be equal to one of the allowed values in ["CMFC"]`},
	{"MP4 in Smooth Streaming", groups(smoothOf("", "MP4", qvbr)), pOut + `/containerSettings/container: Should be equal to one of the allowed values in ["ISMV"]`},
	{"settings of another container", []string{out0 + "/containerSettings/m3u8Settings", "{}"}, pOut + "/containerSettings/m3u8Settings" + deps + pOut + "/containerSettings/container: Must be M3U8"},
	{"VP9 in MP4", []string{vid0 + "/codecSettings", `{"codec":"VP9","vp9Settings":{"bitrate":1000000}}`}, pVid + `/codecSettings/codec: Should be equal to one of the allowed values in ["AV1","H_264","H_265"]`},
	{"H.264 in WebM", groups(fileOf("WEBM", qvbr)), pVid + `/codecSettings/codec: Should be equal to one of the allowed values in ["VP8","VP9"]`},
	{"H.265 in Smooth Streaming", groups(smoothOf("", "ISMV", video("H_265", "h265Settings", `{"rateControlMode":"CBR","bitrate":1000000}`))), pVid + `/codecSettings/codec: Should be equal to one of the allowed values in ["H_264"]`},
	{"WAV in MP4", []string{out0 + "/audioDescriptions/0/codecSettings", `{"codec":"WAV","wavSettings":{}}`}, pOut + `/audioDescriptions/0/codecSettings/codec: Should be equal to one of the allowed values in ["AAC","AC3","AC4","EAC3","EAC3_ATMOS","FLAC"]`},
	{"AAC in WebM", groups(fileOf("WEBM", stereo)), pOut + `/audioDescriptions/0/codecSettings/codec: Should be equal to one of the allowed values in ["OPUS","VORBIS"]`},
	{"video in Ogg", groups(fileOf("OGG", qvbr)), pVid + ": The container OGG takes no video"},
	{"audio in GIF", groups(fileOf("GIF", video("GIF", "gifSettings", "{}")+","+stereo)), pOut + "/audioDescriptions/0: The container GIF takes no audio"},
	{"nothing in an output", groups(fileOf("MP4", `"extension":"mp4"`)), pOut + `: Should match any schema defined in "anyOf" | ` + pOut + ": videoDescription is a required property | " +
		pOut + ": audioDescriptions is a required property | " + pOut + ": captionDescriptions is a required property"},
	{"on demand in pieces", groups(dashOf(`"mpdProfile":"ON_DEMAND_PROFILE"`, "MPD", qvbr)), dashAt + "/mpdProfile" + deps + dashAt + "/segmentControl: Must be SINGLE_FILE"},
	{"on demand in pieces, CMAF", groups(cmafOf(`"mpdProfile":"ON_DEMAND_PROFILE","segmentControl":"SEGMENTED_FILES"`, "CMFC", qvbr)), cmafAt + "/mpdProfile" + deps + cmafAt + "/segmentControl: Must be SINGLE_FILE"},
	{"DRM systems of DASH", groups(dashOf(`"encryption":{"spekeKeyProvider":{"systemIds":["`+strings.Repeat(`00000000-0000-0000-0000-000000000001","`, 2)+`00000000-0000-0000-0000-000000000001"]}}`, "MPD", qvbr)),
		dashAt + "/encryption/spekeKeyProvider/systemIds: Should have at most 2 items"},
	{"DRM systems of HLS", groups(hlsOf(`"encryption":{"type":"SPEKE","encryptionMethod":"SAMPLE_AES","spekeKeyProvider":{"systemIds":["`+strings.Repeat(`00000000-0000-0000-0000-000000000001","`, 3)+`00000000-0000-0000-0000-000000000001"]}}`, "M3U8", qvbr)),
		"/outputGroups/0/outputGroupSettings/hlsGroupSettings/encryption/spekeKeyProvider/systemIds: Should have at most 3 items"},
	{"three DRM systems of HLS, and no segments", groups(hlsOf(`"segmentLength":0,"encryption":{"type":"SPEKE","encryptionMethod":"SAMPLE_AES","spekeKeyProvider":{"systemIds":["`+strings.Repeat(`00000000-0000-0000-0000-000000000001","`, 2)+`00000000-0000-0000-0000-000000000001"]}}`, "M3U8", qvbr)),
		"/outputGroups/0/outputGroupSettings/hlsGroupSettings/segmentLength: Should be greater than or equal to 1"},
	{"encryption without a key", []string{hls1 + "/encryption", `{"type":"STATIC_KEY","encryptionMethod":"AES128","staticKeyProvider":{"url":"https://k/"}}`},
		"/outputGroups/1/outputGroupSettings/hlsGroupSettings/encryption/staticKeyProvider: staticKeyValue is a required property"},
	{"thumbnails", []string{hls1 + "/imageBasedTrickPlaySettings", `{"thumbnailWidth":100,"thumbnailHeight":51}`},
		"/outputGroups/1/outputGroupSettings/hlsGroupSettings/imageBasedTrickPlaySettings/thumbnailWidth: Should be a multiple of 8 | /outputGroups/1/outputGroupSettings/hlsGroupSettings/imageBasedTrickPlaySettings/thumbnailHeight: Should be a multiple of 2"},

	// names
	{"two files, one modifier", groups(`{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://o/x"}},"outputs":[{"nameModifier":"_a","containerSettings":{"container":"MP4"},` + qvbr + `},{"nameModifier":"_a","containerSettings":{"container":"MP4"},` + qvbr + `}]}`),
		"/outputGroups/0/outputs/1/nameModifier: Should be another one: /outputGroups/0/outputs/0/nameModifier writes s3://o/x_a.mp4 already"},
	{"two files, no modifier", groups(strings.ReplaceAll(fileOf("MP4", qvbr, "MOV", qvbr), `"nameModifier":"_1",`, "")), "/outputGroups/0/outputs/1: nameModifier is a required property"},
	{"two renditions, one modifier", groups(strings.ReplaceAll(dashOf("", "MPD", qvbr, "MPD", stereo), `"_1"`, `"_0"`)), "/outputGroups/0/outputs/1/nameModifier: Should be another one: /outputGroups/0/outputs/0 has it already"},
	{"numbers in one name only", groups(strings.ReplaceAll(dashOf("", "MPD", qvbr, "MPD", stereo), `"_1"`, `"a$Number$"`)), pOut + "/nameModifier: Should hold $Number$ or $Time$, as that of another output of the group does"},
	{"manifest like an output", []string{hls1 + "/additionalManifests", `[{"manifestNameModifier":"_1"},{"manifestNameModifier":"-a","selectedOutputs":["_2"]},{"manifestNameModifier":"-a"}]`},
		"/outputGroups/1/outputGroupSettings/hlsGroupSettings/additionalManifests/0/manifestNameModifier: Should be another one: an output or another manifest has it already | " +
			"/outputGroups/1/outputGroupSettings/hlsGroupSettings/additionalManifests/1/selectedOutputs/0: Should be the name modifier of an output of the group | " +
			"/outputGroups/1/outputGroupSettings/hlsGroupSettings/additionalManifests/2/manifestNameModifier: Should be another one: an output or another manifest has it already"},
	{"bitrates of Smooth Streaming", groups(smoothOf("", "ISMV", qvbr, "ISMV", strings.ReplaceAll(qvbr, "1000000", "1000999"))),
		"/outputGroups/0/outputs/1/videoDescription/codecSettings/h264Settings/maxBitrate: Should be another one: an output of the group has this bitrate already, in whole kilobits"},

	// video
	{"VP9 without a bitrate", groups(fileOf("WEBM", video("VP9", "vp9Settings", `{"rateControlMode":"VBR"}`))), pVid + "/codecSettings/vp9Settings: bitrate is a required property"},
	{"AV1 without a bound", []string{vid0 + "/codecSettings", `{"codec":"AV1","av1Settings":{"rateControlMode":"QVBR"}}`}, pVid + "/codecSettings/av1Settings: maxBitrate is a required property"},
	{"MPEG-2", groups(fileOf("M2TS", video("MPEG2", "mpeg2Settings", `{"rateControlMode":"CBR","bitrate":1000000,"maxBitrate":2000000}`))), pVid + "/codecSettings/mpeg2Settings: " + ratesWithoutQVBR},
	{"endless GOPs", groups(fileOf("WEBM", video("VP8", "vp8Settings", `{"bitrate":100000,"gopSize":0}`))), pVid + "/codecSettings/vp8Settings/gopSize: Should be greater than 0"},
	{"frame rate of ProRes", groups(fileOf("MOV", video("PRORES", "proresSettings", `{"codecProfile":"APPLE_PRORES_422","framerateControl":"SPECIFIED","framerateNumerator":25}`))), pVid + "/codecSettings/proresSettings: framerateDenominator is a required property"},
	{"slow PAL", []string{h264 + "/slowPal", `"ENABLED"`}, pH264 + "/slowPal" + deps + pH264 + "/framerateControl: Must be SPECIFIED"},
	{"size of burned-in timecodes", []string{vid0 + "/videoPreprocessors", `{"timecodeBurnin":{"fontSize":12}}`}, pVid + "/videoPreprocessors/timecodeBurnin/fontSize: Should be equal to one of the allowed values in [10,16,32,48]"},
	{"average in one pass", []string{h264 + "/qvbrSettings", `{"maxAverageBitrate":100000}`}, pH264 + "/qvbrSettings/maxAverageBitrate" + deps + pH264 + "/qualityTuningLevel: Must be MULTI_PASS_HQ"},
	{"H.265 level", []string{vid0 + "/codecSettings", `{"codec":"H_265","h265Settings":{"rateControlMode":"QVBR","maxBitrate":1000000,"codecLevel":"LEVEL_2"}}`, vid0 + "/width", "1280", vid0 + "/height", "720"}, pVid + "/width: Should be less than or equal to 168"},

	// audio
	{"AC3", groups(fileOf("RAW", audio("AC3", "ac3Settings", `{"bitrate":100000}`))), pOut + "/audioDescriptions/0/codecSettings/ac3Settings/bitrate: Should be a multiple of 8000"},
	{"EAC3", groups(fileOf("RAW", audio("EAC3", "eac3Settings", `{"bitrate":100000}`))), pOut + "/audioDescriptions/0/codecSettings/eac3Settings/bitrate: Should be a multiple of 8000"},
	{"AC3 at 44.1 kHz", groups(fileOf("RAW", audio("AC3", "ac3Settings", `{"sampleRate":44100}`))), pOut + "/audioDescriptions/0/codecSettings/ac3Settings/sampleRate: Should be greater than or equal to 48000"},
	{"MP3 with VBR", groups(fileOf("RAW", audio("MP3", "mp3Settings", `{"rateControlMode":"VBR"}`))), pOut + "/audioDescriptions/0/codecSettings/mp3Settings: vbrQuality is a required property"},
	{"Opus", groups(fileOf("WEBM", audio("OPUS", "opusSettings", `{"bitrate":90000,"sampleRate":44100}`))),
		pOut + "/audioDescriptions/0/codecSettings/opusSettings/bitrate: Should be a multiple of 8000 | " + pOut + "/audioDescriptions/0/codecSettings/opusSettings/sampleRate: Should be equal to one of the allowed values in [16000,24000,48000]"},
	{"WAV", groups(fileOf("RAW", audio("WAV", "wavSettings", `{"bitDepth":20}`))), pOut + "/audioDescriptions/0/codecSettings/wavSettings/bitDepth: Should be equal to one of the allowed values in [16,24]"},
	{"LATM in MP4", []string{aac0 + "/rawFormat", `"LATM_LOAS"`}, pAAC + "/rawFormat: Must be NONE"},
	{"channels", []string{out0 + "/audioDescriptions/0/remixSettings", `{"channelsIn":2,"channelsOut":3,"channelMapping":{"outputChannels":[{"inputChannels":[0]},{"inputChannels":[0,0]},{"inputChannelsFineTune":[0,7]}]}}`},
		pOut + "/audioDescriptions/0/remixSettings/channelMapping/outputChannels/2/inputChannelsFineTune/1: Should be less than or equal to 6 | " + pOut + "/audioDescriptions/0/remixSettings/channelsOut: Should be a multiple of 2 | " +
			pOut + "/audioDescriptions/0/remixSettings/channelMapping/outputChannels/0/inputChannels: Should have at least 2 items"},

	// captions
	{"captions from nowhere", []string{out0 + "/captionDescriptions", `[{"captionSelectorName":"c","destinationSettings":{"destinationType":"BURN_IN"}}]`}, pOut + `/captionDescriptions/0/captionSelectorName: No input has a caption selector "c"`},
	{"SRT in MP4", []string{captions, srtFile, out0 + "/captionDescriptions", `[{"captionSelectorName":"c","destinationSettings":{"destinationType":"SRT"}}]`},
		pOut + `/captionDescriptions/0/destinationSettings/destinationType: Should be equal to one of the allowed values in ["BURN_IN","EMBEDDED","EMBEDDED_PLUS_SCTE20","SCTE20_PLUS_EMBEDDED"]`},
	{"TTML in CMAF", append(groups(cmafOf("", "CMFC", caption("TTML", ""))), captions, vtt), pOut + `/captionDescriptions/0/destinationSettings/destinationType: Should be equal to one of the allowed values in ["BURN_IN","EMBEDDED","EMBEDDED_PLUS_SCTE20","SCTE20_PLUS_EMBEDDED","IMSC","WEBVTT"]`},
	{"teletext in HLS", append(groups(hlsOf("", "M3U8", qvbr+","+caption("TELETEXT", ""))), captions, vtt), pOut + "/captionDescriptions/0/destinationSettings/destinationType: destinationType TELETEXT: " + noCaptionDestination + ". | " + pOut + `/captionDescriptions/0/destinationSettings/destinationType: Should be equal to one of the allowed values in ["BURN_IN","EMBEDDED","EMBEDDED_PLUS_SCTE20","SCTE20_PLUS_EMBEDDED","WEBVTT"]`},
	{"SRT as embedded", append(groups(fileOf("MP4", qvbr+","+caption("EMBEDDED", ""))), captions, srtFile), pOut + "/captionDescriptions/0/destinationSettings/destinationType: SRT, WebVTT and TTML captions can't become EMBEDDED"},
	{"colour in figures", append(groups(fileOf("MP4", qvbr+","+caption("BURN_IN", `,"burninDestinationSettings":{"hexFontColor":"00FF00"}`))), captions, srtFile),
		pOut + "/captionDescriptions/0/destinationSettings/burninDestinationSettings/hexFontColor" + deps + pOut + "/captionDescriptions/0/destinationSettings/burninDestinationSettings/fontColor: Must be HEX"},
	{"colour without figures", append(groups(fileOf("MP4", qvbr+","+caption("BURN_IN", `,"burninDestinationSettings":{"fontColor":"HEX"}`))), captions, srtFile),
		pOut + "/captionDescriptions/0/destinationSettings/burninDestinationSettings: hexFontColor is a required property"},
	{"burned in twice", append(groups(fileOf("MP4", qvbr+`,"captionDescriptions":[{"captionSelectorName":"c","destinationSettings":{"destinationType":"BURN_IN"}},{"captionSelectorName":"c","destinationSettings":{"destinationType":"BURN_IN"}}]`)), captions, srtFile),
		pOut + "/captionDescriptions/1/destinationSettings/destinationType: Only one captions description of an output may be BURN_IN"},
	{"strict style from SRT", append(groups(hlsOf("", "M3U8", caption("WEBVTT", `,"webvttDestinationSettings":{"stylePassthrough":"STRICT"}`))), captions, srtFile),
		pOut + "/captionDescriptions/0/destinationSettings/webvttDestinationSettings/stylePassthrough: STRICT is for captions that come from WebVTT"},

	// automated ABR
	{"ABR of files", groups(`{"automatedEncodingSettings":{"abrSettings":{}},` + strings.TrimPrefix(fileOf("MP4", best), "{")), "/outputGroups/0/automatedEncodingSettings: Should be given only in a group of HLS, DASH, CMAF or Smooth Streaming"},
	{"ABR in one of two", auto("{}", dashOf("", "MPD", qvbr)), "/outputGroups/1: automatedEncodingSettings is a required property"},
	{"ABR in one pass", groups(`{"automatedEncodingSettings":{"abrSettings":{}},` + strings.TrimPrefix(hlsOf("", "M3U8", qvbr), "{")), pH264 + ": qualityTuningLevel is a required property"},
	{"ABR bitrates", auto(`{"minAbrBitrate":8000001}`), abrAt + "/maxAbrBitrate: Should be greater than or equal to 8000001"},
	{"ABR rules", auto(`{"maxRenditions":3,"rules":[{"type":"ALLOWED_RENDITIONS","allowedRenditions":[{"width":640,"height":360}]},{"type":"FORCE_INCLUDE_RENDITIONS","forceIncludeRenditions":[{"width":320}]},{"type":"MIN_TOP_RENDITION_SIZE","minTopRenditionSize":{"width":1280,"height":720}},{"type":"MIN_BOTTOM_RENDITION_SIZE"}]}`),
		abrAt + "/rules/1/forceIncludeRenditions/0: height is a required property | " + abrAt + "/rules/3: minBottomRenditionSize is a required property | " + abrAt + "/rules/2/minTopRenditionSize: One of the renditions that other rules name should have at least this size"},
	{"ABR of two videos", groups(`{"automatedEncodingSettings":{"abrSettings":{}},` + strings.TrimPrefix(hlsOf("", "M3U8", best, "M3U8", best), "{")), "/outputGroups/0/outputs/1/videoDescription: Only one output of a group with automated ABR may have video: the renditions are made from it"},
}

// TestRules: each rule refuses with all it has to say and nothing else.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, tt := range ruleCases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := resolve(changed(t, tt.change...), FormWire)
			var problems spool.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v\nwant %s", err, tt.want)
			}
			problems = slices.DeleteFunc(problems, func(p spool.Problem) bool {
				return strings.Contains(p.Message, noEncryption) || strings.Contains(p.Message, "SAMPLE_AES") || strings.Contains(p.Message, noSPEKE)
			})
			if problems.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", problems, tt.want)
			}
		})
	}
}

// TestAccepted: what the service takes is taken, built here or not.
func TestAccepted(t *testing.T) {
	t.Parallel()
	sidecar := func(kind string) string { return caption(kind, "") }
	for name, change := range map[string][]string{
		"DASH":                      groups(dashOf("", "MPD", qvbr, "MPD", stereo)),
		"DASH with one bare output": groups(strings.ReplaceAll(dashOf("", "MPD", qvbr, "MPD", stereo), `"nameModifier":"_1",`, "")),
		"DASH in CMFC":              groups(dashOf("", "CMFC", qvbr)),
		"DASH of VP9":               groups(dashOf("", "MPD", video("VP9", "vp9Settings", `{"bitrate":1000000}`))),
		"DASH on demand":            groups(dashOf(`"mpdProfile":"ON_DEMAND_PROFILE","segmentControl":"SINGLE_FILE"`, "MPD", qvbr)),
		"DASH numbered":             groups(strings.ReplaceAll(dashOf("", "MPD", qvbr, "MPD", stereo), `"_`, `"$Number$_`)),
		"DASH with TTML":            append(groups(dashOf("", "MPD", sidecar("TTML"))), captions, srtFile),
		"CMAF":                      groups(cmafOf(`"segmentLength":6,"fragmentLength":2`, "CMFC", qvbr, "CMFC", stereo)),
		"CMAF of AV1":               groups(cmafOf("", "CMFC", video("AV1", "av1Settings", `{"maxBitrate":1000000}`))),
		"CMAF with IMSC":            append(groups(cmafOf("", "CMFC", sidecar("IMSC"))), captions, srtFile),
		"Smooth Streaming":          groups(smoothOf("", "ISMV", qvbr, "ISMV", stereo, "ISMV", strings.ReplaceAll(qvbr, "1000000", "2000000"))),
		"HLS with WebVTT":           append(groups(hlsOf("", "M3U8", qvbr, "M3U8", sidecar("WEBVTT"))), captions, srtFile),
		"HLS with embedded":         append(groups(hlsOf("", "M3U8", qvbr+","+sidecar("EMBEDDED"))), captions, embedded),
		"HLS of raw audio":          groups(hlsOf("", "M3U8", qvbr, "RAW", stereo)),
		"HLS with variables":        groups(strings.ReplaceAll(hlsOf("", "M3U8", qvbr, "M3U8", stereo), `_1`, `_$h$`)),
		"equal variables":           groups(strings.ReplaceAll(strings.ReplaceAll(hlsOf("", "M3U8", qvbr, "M3U8", qvbr), `"_0"`, `"_$h$"`), `"_1"`, `"_$h$"`)),
		"more manifests":            {hls1 + "/additionalManifests", `[{"manifestNameModifier":"-few","selectedOutputs":["_1"]}]`},
		"WebM":                      groups(fileOf("WEBM", video("VP8", "vp8Settings", `{"bitrate":1000000}`)+","+audio("OPUS", "opusSettings", `{"bitrate":96000}`))),
		"MOV of ProRes":             groups(fileOf("MOV", video("PRORES", "proresSettings", `{"codecProfile":"APPLE_PRORES_422_HQ"}`)+","+audio("AIFF", "aiffSettings", `{"bitDepth":24}`))),
		"transport stream":          groups(fileOf("M2TS", video("MPEG2", "mpeg2Settings", `{"rateControlMode":"VBR","bitrate":1000000,"maxBitrate":2000000}`)+","+audio("MP2", "mp2Settings", `{"sampleRate":32000}`))),
		"MXF":                       groups(fileOf("MXF", video("XAVC", "xavcSettings", `{"profile":"XAVC_HD"}`)+","+audio("WAV", "wavSettings", `{"channels":8}`))),
		"F4V":                       groups(fileOf("F4V", qvbr+","+stereo)),
		"GIF":                       groups(fileOf("GIF", video("GIF", "gifSettings", `{}`))),
		"Ogg":                       groups(fileOf("OGG", audio("VORBIS", "vorbisSettings", `{"vbrQuality":-1}`))),
		"FLAC":                      groups(fileOf("RAW", audio("FLAC", "flacSettings", `{"bitDepth":24}`))),
		"MP3":                       groups(fileOf("RAW", audio("MP3", "mp3Settings", `{"rateControlMode":"CBR","bitrate":128000}`))),
		"raw H.264":                 groups(fileOf("RAW", qvbr)),
		"video passed through":      groups(fileOf("MP4", `"videoDescription":{"codecSettings":{"codec":"PASSTHROUGH"}},"audioDescriptions":[{"codecSettings":{"codec":"PASSTHROUGH"}}]`)),
		"sidecars beside a file":    append(groups(strings.ReplaceAll(fileOf("MP4", qvbr, "RAW", sidecar("SRT"), "RAW", sidecar("SCC")), `"_2"`, `"_0"`)), captions, srtFile),
		"burned in":                 append(groups(fileOf("MP4", qvbr+","+caption("BURN_IN", `,"burninDestinationSettings":{"fontColor":"HEX","hexFontColor":"00FF00CC"}`))), captions, srtFile),
		"captures beside a file":    groups(strings.ReplaceAll(strings.ReplaceAll(fileOf("MP4", qvbr, "RAW", `"videoDescription":{"codecSettings":`+cap0+`}`), `"nameModifier":"_0",`, ""), `"nameModifier":"_1",`, "")),
		"generated input":           {"/settings/inputs", `[{"videoGenerator":{"duration":10000,"width":640,"height":360}}]`},
		"clips":                     {"/settings/inputs/0/inputClippings", `[{"endTimecode":"00:00:10:00"},{"startTimecode":"00:00:10:01","endTimecode":"00:00:10:01"},{"startTimecode":"00:01:00;02@29.97"}]`},
		"two default selectors":     {"/settings/inputs/0/audioSelectors", `{"a":{"defaultSelection":"DEFAULT"},"b":{"defaultSelection":"DEFAULT"}}`},
		"custom language":           {"/settings/inputs/0/audioSelectors", `{"Audio Selector 1":{"selectorType":"LANGUAGE_CODE","customLanguageCode":"eng"}}`},
		"baseline":                  {h264 + "/codecProfile", `"BASELINE"`, h264 + "/entropyEncoding", `"CAVLC"`},
		"slow PAL":                  {h264 + "/slowPal", `"ENABLED"`, h264 + "/framerateControl", `"SPECIFIED"`, h264 + "/framerateNumerator", "25", h264 + "/framerateDenominator", "1"},
		"level":                     {h264 + "/codecLevel", `"LEVEL_3"`, vid0 + "/width", "720", vid0 + "/height", "576"},
		"AAC follows its input":     {aac0 + "/codingMode", `"CODING_MODE_AUTO"`},
		"AAC of an odd rate":        {aac0 + "/sampleRate", "96000", aac0 + "/bitrate", "1024000"},
		"AAC with VBR":              {aac0 + "/rateControlMode", `"VBR"`, aac0 + "/vbrQuality", `"LOW"`, aac0 + "/bitrate", "100000"},
		"stereo from 5.1":           {out0 + "/audioDescriptions/0/remixSettings", `{"channelsIn":3,"channelsOut":2,"channelMapping":{"outputChannels":[{"inputChannels":[0,-60,-3]},{"inputChannelsFineTune":[-60,0,-3.5]}]}}`},
		"automated ABR": groups(`{"automatedEncodingSettings":{"abrSettings":{"maxRenditions":5,"rules":[{"type":"MIN_BOTTOM_RENDITION_SIZE","minBottomRenditionSize":{"width":320,"height":180}},{"type":"FORCE_INCLUDE_RENDITIONS","forceIncludeRenditions":[{"width":640,"height":360},{"width":640,"height":360}]}]}},` +
			strings.TrimPrefix(hlsOf("", "M3U8", video("H_264", "h264Settings", `{"rateControlMode":"QVBR","qualityTuningLevel":"MULTI_PASS_HQ"}`), "M3U8", stereo), "{")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job, err := resolve(changed(t, change...), FormWire)
			if err != nil {
				t.Fatal(err)
			}
			settings, err := DecodeSettings(job.Settings)
			if err != nil {
				t.Fatal(err)
			}
			again, err := (&Request{Settings: settings, form: FormFile}).Resolve(nil)
			if err != nil || string(again.Settings) != string(job.Settings) {
				t.Errorf("resolving twice is not resolving once: %v\n%s\n%s", err, job.Settings, again.Settings)
			}
		})
	}
}

// TestCatalogRules: a preset or job template that could be valid in no job is
// refused when it is made; what a job may still add is not asked of it.
func TestCatalogRules(t *testing.T) {
	t.Parallel()
	preset := func(settings string) error {
		_, err := DecodeCreatePreset([]byte(`{"name":"p","settings":{`+settings+`}}`), FormWire)
		_, again := DecodeUpdatePreset([]byte(`{"settings":{` + settings + `}}`))
		if (err == nil) != (again == nil) {
			t.Errorf("%s: made %v, updated %v", settings, err, again)
		}
		return err
	}
	template := func(settings string) error {
		_, err := DecodeCreateJobTemplate([]byte(`{"name":"t","settings":{`+settings+`}}`), FormWire)
		return err
	}
	for _, tt := range []struct {
		name string
		err  error
		want string // "" for none
	}{
		{"codec of another container", preset(`"containerSettings":{"container":"WEBM"},` + qvbr), `/videoDescription/codecSettings/codec: Should be equal to one of the allowed values in ["VP8","VP9"]`},
		{"bitrates", preset(strings.Replace(qvbr, `"maxBitrate"`, `"bitrate":1,"maxBitrate"`, 1)), "/videoDescription/codecSettings/h264Settings/bitrate: Should be greater than or equal to 1000 | /videoDescription/codecSettings/h264Settings: " + wrong},
		{"a bitrate of AAC", preset(`"audioDescriptions":[{"codecSettings":{"codec":"AAC","aacSettings":{"bitrate":100000,"codingMode":"CODING_MODE_1_0","sampleRate":48000}}}]`),
			"/audioDescriptions/0/codecSettings/aacSettings/bitrate: You specified a value for Bitrate that is not valid with the combination of Profile LC, Coding mode CODING_MODE_1_0, and Sample rate 48000 you selected. Specify one of " + joinInts(aacBitrates, ", ") +
				", and resubmit your job For a list of supported bitrates, see: https://docs.aws.amazon.com/mediaconvert/latest/ug/aac-support.html"},
		{"half a preset", preset(`"videoDescription":{"codecSettings":{"codec":"H_264"}}`), ""},
		{"captions in a preset", preset(`"containerSettings":{"container":"M3U8"},` + strings.Replace(caption("WEBVTT", ""), `"captionSelectorName":"c",`, "", 1)), ""},
		{"a container of another group", template(`"outputGroups":[` + dashOf("", "MP4", qvbr) + `]`), pOut + `/containerSettings/container: Should be equal to one of the allowed values in ["MPD","CMFC"]`},
		{"clips of a template", template(`"inputs":[{"inputClippings":[{"startTimecode":"00:00:02:00","endTimecode":"00:00:01:00"}]}]`), "/inputs/0/inputClippings/0/endTimecode: Should not be before startTimecode"},
		{"half a template", template(`"outputGroups":[{"outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"segmentLength":6}},"outputs":[{"preset":"p"},{"preset":"p"}]}]`), ""},
	} {
		switch {
		case tt.want == "" && tt.err != nil, tt.want != "" && (tt.err == nil || tt.err.Error() != tt.want):
			t.Errorf("%s:\ngot  %v\nwant %s", tt.name, tt.err, tt.want)
		}
	}
}

// TestPairs: which codecs each container takes, as the service's table has it
// (behaviour.md 5.5). The others it names are refused.
func TestPairs(t *testing.T) {
	t.Parallel()
	const videos, audios = "H_264 H_265 AV1 VP8 VP9 MPEG2 PRORES GIF", "AAC AC3 EAC3 MP2 MP3 WAV AIFF OPUS VORBIS"
	for container, want := range map[string][2]string{ // of files, with ISMV, M3U8, MPD and CMFC in their groups
		"MP4": {"AV1 H_264 H_265", "AAC AC3 EAC3"}, "M2TS": {"H_264 H_265 MPEG2", "AAC AC3 EAC3 MP2 WAV"}, "M3U8": {"H_264 H_265", "AAC AC3 EAC3"},
		"MPD": {"AV1 H_264 H_265 VP8 VP9", "AAC AC3 EAC3"}, "CMFC": {"AV1 H_264 H_265", "AAC AC3 EAC3"}, "ISMV": {"H_264", "AAC AC3 EAC3"},
		"WEBM": {"VP8 VP9", "OPUS VORBIS"}, "MOV": {"H_264 H_265 MPEG2 PRORES", "AAC AC3 EAC3 WAV AIFF"}, "F4V": {"H_264 MPEG2", "AAC"},
		"RAW": {"H_264 H_265 AV1 MPEG2 PRORES", "AAC AC3 EAC3 MP2 MP3 WAV AIFF"}, "OGG": {"", "OPUS VORBIS"}, "GIF": {"GIF", ""},
	} {
		within := map[string]func(string, ...string) string{"M3U8": hlsOf, "MPD": dashOf, "CMFC": cmafOf, "ISMV": smoothOf}[container]
		if within == nil {
			within = func(_ string, outputs ...string) string { return fileOf(outputs...) }
		}
		try := func(kind, codec, allowed, output string) {
			_, err := resolve(changed(t, groups(within("", container, output))...), FormWire)
			fine := slices.Contains(strings.Fields(allowed), codec)
			if said := err != nil && (strings.Contains(err.Error(), "/codec: Should be equal to one of") || strings.Contains(err.Error(), "takes no "+kind)); fine == said {
				t.Errorf("%s in %s: %v", codec, container, err)
			}
		}
		for codec := range strings.FieldsSeq(videos) {
			object := map[string]string{"H_264": "h264", "H_265": "h265"}[codec]
			if object == "" {
				object = strings.ToLower(codec)
			}
			try("video", codec, want[0], video(codec, object+"Settings", "{}"))
		}
		for codec := range strings.FieldsSeq(audios) {
			try("audio", codec, want[1], audio(codec, strings.ToLower(codec)+"Settings", "{}"))
		}
	}
}
