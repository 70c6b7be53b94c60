package mediaconvert

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"spool/internal/spool"
)

// The system presets and job templates have the service's names, as far as
// public projects use them (behaviour.md 1.12). The service does not publish
// their settings: here they are what the names say, at a constant bitrate, with
// the keyframes, buffers and audio of the public presets that are modelled on
// them.

// rung is a system preset.
type rung struct {
	width, height int // pixels
	hertz         int // frames per second; 0: those of the source
	mbps          string
	bitrate       int    // of the video, bits/s: what mbps says
	profile       string // of H.264
	audio         int    // bits/s
}

const (
	ottPrefix = "System-Ott_Hls_Ts_Avc_Aac_16x9_"
	mp4Prefix = "System-Generic_Hd_Mp4_Avc_Aac_16x9_"

	ottTemplate = "System-Ott_Hls_Ts_Avc_Aac"
)

// ottRungs are the rungs of the HLS ladder, lowest first. Each is there twice:
// with its frame rate, and under the older name that follows the source's.
var ottRungs = []rung{
	{480, 270, 15, "0.4", 400_000, "MAIN", 64_000},
	{640, 360, 30, "0.6", 600_000, "MAIN", 64_000},
	{640, 360, 30, "1.2", 1_200_000, "MAIN", 96_000},
	{960, 540, 30, "3.5", 3_500_000, "HIGH", 96_000},
	{1280, 720, 30, "3.5", 3_500_000, "HIGH", 96_000},
	{1280, 720, 30, "5.0", 5_000_000, "HIGH", 96_000},
	{1280, 720, 30, "6.5", 6_500_000, "HIGH", 96_000},
	{1920, 1080, 30, "8.5", 8_500_000, "HIGH", 128_000},
}

var mp4Rungs = []rung{
	{1280, 720, 24, "4.5", 4_500_000, "HIGH", 160_000},
	{1920, 1080, 24, "6", 6_000_000, "HIGH", 160_000},
}

// name gives what follows the prefix: 640x360p_30Hz_1.2Mbps.
func (r rung) name() string {
	rate := ""
	if r.hertz > 0 {
		rate = fmt.Sprintf("_%dHz", r.hertz)
	}
	return fmt.Sprintf("%dx%dp%s_%sMbps", r.width, r.height, rate, r.mbps)
}

// preset gives the rung in a container, with a keyframe every so many seconds.
func (r rung) preset(prefix, container, category string, gop int) spool.Preset {
	rate, words := `"framerateControl":"INITIALIZE_FROM_SOURCE"`, "the source's frame rate"
	if r.hertz > 0 {
		rate = fmt.Sprintf(`"framerateControl":"SPECIFIED","framerateDenominator":1,"framerateNumerator":%d`, r.hertz)
		words = fmt.Sprintf("%d Hz", r.hertz)
	}
	settings := fmt.Sprintf(`{"audioDescriptions":[{"audioSourceName":%q,"audioTypeControl":"FOLLOW_INPUT","codecSettings":{"aacSettings":`+
		`{"bitrate":%d,"codecProfile":"LC","codingMode":"CODING_MODE_2_0","rateControlMode":"CBR","sampleRate":48000},"codec":"AAC"},"languageCodeControl":"FOLLOW_INPUT"}],`+
		`"containerSettings":%s,"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"adaptiveQuantization":"HIGH","bitrate":%d,`+
		`"codecLevel":"AUTO","codecProfile":%q,"entropyEncoding":"CABAC",%s,"gopClosedCadence":1,"gopSize":%d,"gopSizeUnits":"SECONDS",`+
		`"hrdBufferInitialFillPercentage":90,"hrdBufferSize":%d,"interlaceMode":"PROGRESSIVE","numberBFramesBetweenReferenceFrames":3,`+
		`"parControl":"SPECIFIED","parDenominator":1,"parNumerator":1,"qualityTuningLevel":"SINGLE_PASS_HQ","rateControlMode":"CBR","sceneChangeDetect":"ENABLED","slices":1}},`+
		`"height":%d,"scalingBehavior":"DEFAULT","sharpness":50,"timecodeInsertion":"DISABLED","width":%d}}`,
		defaultSelector, r.audio, container, r.bitrate, r.profile, rate, gop, 2*r.bitrate, r.height, r.width)
	return spool.Preset{
		Name: prefix + r.name(), Category: category, Type: spool.TypeSystem, Settings: json.RawMessage(settings),
		Description: fmt.Sprintf("16:9, %dx%d, %s, %s Mb/s, H.264 and AAC", r.width, r.height, words, r.mbps),
	}
}

var systemPresets = sync.OnceValue(func() []spool.Preset {
	const (
		m3u8 = `{"container":"M3U8","m3u8Settings":{"audioFramesPerPes":4,"audioPids":[482,483,484,485,486,487,488,489,490,491,492],"pmtPid":480,"videoPid":481}}`
		mp4  = `{"container":"MP4","mp4Settings":{"cslgAtom":"EXCLUDE","freeSpaceBox":"EXCLUDE","moovPlacement":"PROGRESSIVE_DOWNLOAD"}}`
	)
	var list []spool.Preset
	for _, r := range ottRungs {
		list = append(list, r.preset(ottPrefix, m3u8, "OTT-HLS", 3))
		r.hertz = 0
		list = append(list, r.preset(ottPrefix, m3u8, "OTT-HLS", 3))
	}
	for _, r := range mp4Rungs {
		list = append(list, r.preset(mp4Prefix, mp4, "MP4", 2))
	}
	slices.SortFunc(list, func(a, b spool.Preset) int { return cmp.Compare(a.Name, b.Name) })
	return list
})

var systemTemplates = sync.OnceValue(func() []spool.JobTemplate {
	outputs := ""
	for i, r := range ottRungs {
		if i > 0 {
			outputs += ","
		}
		outputs += fmt.Sprintf(`{"nameModifier":"_Ott_Hls_Ts_Avc_Aac_16x9_%dx%dp_%dHz_%dKbps","preset":%q}`, r.width, r.height, r.hertz, r.bitrate/1000, ottPrefix+r.name())
	}
	settings := `{"adAvailOffset":0,"outputGroups":[{"name":"Apple HLS","outputGroupSettings":{"hlsGroupSettings":{"captionLanguageSetting":"OMIT","clientCache":"ENABLED",` +
		`"codecSpecification":"RFC_4281","directoryStructure":"SINGLE_DIRECTORY","manifestCompression":"NONE","manifestDurationFormat":"INTEGER","minSegmentLength":0,` +
		`"outputSelection":"MANIFESTS_AND_SEGMENTS","programDateTime":"EXCLUDE","programDateTimePeriod":600,"segmentControl":"SEGMENTED_FILES","segmentLength":3,` +
		`"streamInfResolution":"INCLUDE","timedMetadataId3Frame":"PRIV","timedMetadataId3Period":10},"type":"HLS_GROUP_SETTINGS"},"outputs":[` + outputs + `]}]}`
	return []spool.JobTemplate{{
		Name: ottTemplate, Category: "OTT-HLS", Type: spool.TypeSystem, Settings: json.RawMessage(settings),
		Description: "Apple HLS, 16:9, 480x270 to 1920x1080, 0.4 to 8.5 Mb/s, H.264 and AAC; the job says the destination",
	}}
})

// SystemPresets are the presets that Spool brings along, of TypeSystem, in order
// of their names.
func SystemPresets() []spool.Preset { return slices.Clone(systemPresets()) }

// SystemJobTemplates are the job templates that Spool brings along, of
// TypeSystem, in order of their names.
func SystemJobTemplates() []spool.JobTemplate { return slices.Clone(systemTemplates()) }
