package mediaconvert

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// codecObject is one settings object in codecSettings and the codec it belongs to.
type codecObject struct {
	name  string
	codec string
	there bool
}

// codec checks that there is a codec and exactly its own settings object
// (behaviour.md 6.2, 6.3).
func (c *checker) codec(at, codec string, objects []codecObject, bare ...string) bool {
	if codec == "" {
		c.required(at, "codec")
		return false
	}
	given := 0
	for _, o := range objects {
		if !o.there {
			continue
		}
		if given++; o.codec != codec {
			c.add(at+"/codec", "Must be %s", o.codec)
		}
	}
	switch {
	case given > 1:
		c.add(at, "Should have at most 2 properties")
	case given == 0 && !slices.Contains(bare, codec):
		c.add(at, "Should have at least 2 properties")
	}
	return given == 1
}

func videoObjects(s *types.VideoCodecSettings) []codecObject {
	return []codecObject{
		{"av1Settings", "AV1", s.Av1Settings != nil}, {"avcIntraSettings", "AVC_INTRA", s.AvcIntraSettings != nil},
		{"frameCaptureSettings", "FRAME_CAPTURE", s.FrameCaptureSettings != nil}, {"gifSettings", "GIF", s.GifSettings != nil},
		{"h264Settings", "H_264", s.H264Settings != nil}, {"h265Settings", "H_265", s.H265Settings != nil},
		{"mpeg2Settings", "MPEG2", s.Mpeg2Settings != nil}, {"passthroughSettings", "PASSTHROUGH", s.PassthroughSettings != nil},
		{"proresSettings", "PRORES", s.ProresSettings != nil}, {"uncompressedSettings", "UNCOMPRESSED", s.UncompressedSettings != nil},
		{"vc3Settings", "VC3", s.Vc3Settings != nil}, {"vp8Settings", "VP8", s.Vp8Settings != nil},
		{"vp9Settings", "VP9", s.Vp9Settings != nil}, {"xavcSettings", "XAVC", s.XavcSettings != nil},
	}
}

// containerCodecs are the video codecs of each container that is built
// (behaviour.md 5.5; MOV takes H.265 besides, as players do).
var containerCodecs = map[types.ContainerType][]types.VideoCodec{
	types.ContainerTypeMp4:  {types.VideoCodecH264, types.VideoCodecH265, types.VideoCodecAv1},
	types.ContainerTypeM2ts: {types.VideoCodecH264, types.VideoCodecH265, types.VideoCodecMpeg2},
	types.ContainerTypeM3u8: {types.VideoCodecH264, types.VideoCodecH265},
	types.ContainerTypeMov:  {types.VideoCodecH264, types.VideoCodecH265, types.VideoCodecMpeg2, types.VideoCodecProres},
}

func (c *checker) video(v *types.VideoDescription, o output, at string) {
	c.even(v.Width, at+"/width")
	c.even(v.Height, at+"/height")
	c.rectangle(v.Crop, at+"/crop")
	c.rectangle(v.Position, at+"/position")
	s := v.CodecSettings
	if s == nil {
		if o.Preset == nil {
			c.required(at, "codecSettings")
		}
		return
	}
	at += "/codecSettings"
	c.codec(at, string(s.Codec), videoObjects(s))
	if o.ContainerSettings != nil {
		c.videoContainer(s.Codec, o.ContainerSettings.Container, o.group, at+"/codec")
	}
	switch {
	case s.H264Settings != nil && s.Codec == types.VideoCodecH264:
		c.h264(s.H264Settings, v, o, at+"/h264Settings")
	case s.H265Settings != nil && s.Codec == types.VideoCodecH265:
		c.h265(s.H265Settings, o, at+"/h265Settings")
	case s.Av1Settings != nil && s.Codec == types.VideoCodecAv1:
		c.av1(s.Av1Settings, at+"/av1Settings")
	}
}

// videoContainer checks which codec may go into which container. RAW is built
// for frame capture only, and frame capture goes into RAW files only (4.6).
func (c *checker) videoContainer(codec types.VideoCodec, container types.ContainerType, group types.OutputGroupType, at string) {
	raw, capture := container == types.ContainerTypeRaw, codec == types.VideoCodecFrameCapture
	switch allowed, ok := containerCodecs[container]; {
	case codec == "" || container == "":
	case capture && !raw:
		c.add(at, "FRAME_CAPTURE should be in the container RAW, not in %s", container)
	case capture && group == types.OutputGroupTypeHlsGroupSettings:
		c.add(at, "FRAME_CAPTURE should be in a group of type FILE_GROUP_SETTINGS")
	case ok && !slices.Contains(allowed, codec):
		c.add(at, `Should be equal to one of the allowed values in ["%s"] for the container %s`, joinTypes(allowed), container)
	}
}

// motion holds the members that H.264, H.265 and AV1 settings share.
type motion struct {
	mode                string
	bitrate, maxBitrate *int32
	qvbr                bool     // qvbrSettings is given
	maxAverage          *int32   // qvbrSettings.maxAverageBitrate
	fine                *float64 // qvbrSettings.qvbrQualityLevelFineTune
	tuning              string
	rateControl         string // framerateControl
	rateNum, rateDen    *int32
	parControl          string
	parNum, parDen      *int32
	gopSize             *float64
	gopUnits            string
	gopClosed           *int32
}

func (c *checker) motion(m motion, o output, at string) {
	c.rate(m, at)
	if m.rateControl == "SPECIFIED" {
		c.both(at, "framerateNumerator", m.rateNum, "framerateDenominator", m.rateDen)
		if m.rateNum != nil && m.rateDen != nil && *m.rateDen > 0 && float64(*m.rateNum)/float64(*m.rateDen) > 300 {
			c.add(at+"/framerateNumerator", "The frame rate should be at most 300 frames per second")
		}
	}
	if m.parControl == "SPECIFIED" {
		c.both(at, "parNumerator", m.parNum, "parDenominator", m.parDen)
	}
	if m.gopSize != nil && (*m.gopSize < 0 || *m.gopSize == 0 && m.gopUnits == "SECONDS" || *m.gopSize > 100000) {
		c.add(at+"/gopSize", "Should be greater than 0 and at most 100000")
	}
	if m.gopClosed != nil && *m.gopClosed == 0 && o.group != types.OutputGroupTypeFileGroupSettings {
		c.add(at+"/gopClosedCadence", "Should be greater than or equal to 1")
	}
}

func (c *checker) both(at, one string, a *int32, two string, b *int32) {
	if a == nil {
		c.required(at, one)
	}
	if b == nil {
		c.required(at, two)
	}
}

// rateMode gives the rate control mode. Deployed templates leave it out: then it
// follows from the bitrates that are given, and is "" without any.
func rateMode(mode string, bitrate, maxBitrate *int32) string {
	switch {
	case mode != "":
		return mode
	case bitrate != nil && maxBitrate != nil:
		return "VBR"
	case bitrate != nil:
		return "CBR"
	case maxBitrate != nil:
		return "QVBR"
	}
	return ""
}

// rate checks the combinations of rate control mode, bitrate and max bitrate
// (behaviour.md 5.4). The first sentences are the service's own (6.2).
func (c *checker) rate(m motion, at string) {
	const incompatible = "Your job contains values for the following settings that are incompatible: Rate control mode, Bitrate, and Max bitrate. Adjust your settings and resubmit your job. "
	switch rateMode(m.mode, m.bitrate, m.maxBitrate) {
	case "":
		c.required(at, "rateControlMode")
	case "CBR":
		if m.bitrate == nil || m.maxBitrate != nil {
			c.add(at, incompatible+"CBR needs bitrate and takes no maxBitrate.")
		}
	case "VBR":
		if m.bitrate == nil {
			c.add(at, incompatible+"VBR needs bitrate.")
		} else if m.maxBitrate != nil && *m.maxBitrate < *m.bitrate {
			c.add(at, incompatible+"maxBitrate should not be less than bitrate.")
		}
	case "QVBR":
		if m.maxBitrate == nil || m.bitrate != nil {
			c.add(at, incompatible+"QVBR needs maxBitrate and takes no bitrate.")
		}
	}
	if m.qvbr && (m.mode == "CBR" || m.mode == "VBR") {
		c.add(at+"/qvbrSettings", "Should be given only when rateControlMode is QVBR")
	}
	if m.maxAverage != nil && m.tuning != "MULTI_PASS_HQ" {
		c.add(at+"/qvbrSettings/maxAverageBitrate", "Should be given only when qualityTuningLevel is MULTI_PASS_HQ")
	}
	if f := m.fine; f != nil && (*f < 0 || *f > 0.99) {
		c.add(at+"/qvbrSettings/qvbrQualityLevelFineTune", "Should be between 0 and 0.99")
	}
}

func (c *checker) h264(h *types.H264Settings, v *types.VideoDescription, o output, at string) {
	m := motion{
		mode: string(h.RateControlMode), bitrate: h.Bitrate, maxBitrate: h.MaxBitrate, tuning: string(h.QualityTuningLevel),
		rateControl: string(h.FramerateControl), rateNum: h.FramerateNumerator, rateDen: h.FramerateDenominator,
		parControl: string(h.ParControl), parNum: h.ParNumerator, parDen: h.ParDenominator,
		gopSize: h.GopSize, gopUnits: string(h.GopSizeUnits), gopClosed: h.GopClosedCadence,
	}
	if q := h.QvbrSettings; q != nil {
		m.qvbr, m.maxAverage, m.fine = true, q.MaxAverageBitrate, q.QvbrQualityLevelFineTune
	}
	c.motion(m, o, at)
	if h.CodecProfile == types.H264CodecProfileBaseline && h.EntropyEncoding != types.H264EntropyEncodingCavlc {
		c.add(at+"/entropyEncoding", "Must be CAVLC")
	}
	c.h264Level(h, v, at)
}

// h264Levels are the limits of ITU-T H.264 table A-1: the most macroblocks in a
// frame, and the most kilobits per second of the Baseline and Main profiles.
var h264Levels = map[types.H264CodecLevel]struct{ frame, rate int64 }{
	"LEVEL_1": {99, 64}, "LEVEL_1_1": {396, 192}, "LEVEL_1_2": {396, 384}, "LEVEL_1_3": {396, 768},
	"LEVEL_2": {396, 2000}, "LEVEL_2_1": {792, 4000}, "LEVEL_2_2": {1620, 4000},
	"LEVEL_3": {1620, 10000}, "LEVEL_3_1": {3600, 14000}, "LEVEL_3_2": {5120, 20000},
	"LEVEL_4": {8192, 20000}, "LEVEL_4_1": {8192, 50000}, "LEVEL_4_2": {8704, 50000},
	"LEVEL_5": {22080, 135000}, "LEVEL_5_1": {36864, 240000}, "LEVEL_5_2": {36864, 240000},
}

// h264Level checks size and rate against the level. The service allows 1200 bits
// per kilobit of the table (the NAL figure): 16800000 at LEVEL_3_1, as observed
// in behaviour.md 5.4; higher profiles get the factors of table A-2.
func (c *checker) h264Level(h *types.H264Settings, v *types.VideoDescription, at string) {
	limit, ok := h264Levels[h.CodecLevel]
	if !ok {
		return
	}
	factor := int64(1200)
	switch {
	case h.CodecProfile == types.H264CodecProfileHigh:
		factor = 1500
	case h.CodecProfile == types.H264CodecProfileHigh10bit:
		factor = 3600
	case strings.HasPrefix(string(h.CodecProfile), "HIGH_422"):
		factor = 4800
	}
	most := limit.rate * factor
	if h.MaxBitrate != nil && int64(*h.MaxBitrate) > most {
		c.add(at+"/maxBitrate", "Should be less than or equal to %d", most)
	}
	if h.Bitrate != nil && int64(*h.Bitrate) > most {
		c.add(at+"/bitrate", "Should be less than or equal to %d", most)
	}
	if v.Width != nil && v.Height != nil {
		if blocks := int64(*v.Width+15) / 16 * (int64(*v.Height+15) / 16); blocks > limit.frame {
			c.add(at+"/codecLevel", "%s is too low for %dx%d", h.CodecLevel, *v.Width, *v.Height)
		}
	}
}

func (c *checker) h265(h *types.H265Settings, o output, at string) {
	m := motion{
		mode: string(h.RateControlMode), bitrate: h.Bitrate, maxBitrate: h.MaxBitrate, tuning: string(h.QualityTuningLevel),
		rateControl: string(h.FramerateControl), rateNum: h.FramerateNumerator, rateDen: h.FramerateDenominator,
		parControl: string(h.ParControl), parNum: h.ParNumerator, parDen: h.ParDenominator,
		gopSize: h.GopSize, gopUnits: string(h.GopSizeUnits), gopClosed: h.GopClosedCadence,
	}
	if q := h.QvbrSettings; q != nil {
		m.qvbr, m.maxAverage, m.fine = true, q.MaxAverageBitrate, q.QvbrQualityLevelFineTune
	}
	c.motion(m, o, at)
}

// av1 checks AV1 settings; QVBR is its only mode and thus its default.
func (c *checker) av1(a *types.Av1Settings, at string) {
	m := motion{
		mode: "QVBR", maxBitrate: a.MaxBitrate,
		rateControl: string(a.FramerateControl), rateNum: a.FramerateNumerator, rateDen: a.FramerateDenominator,
		gopSize: a.GopSize, gopUnits: "FRAMES",
	}
	if q := a.QvbrSettings; q != nil {
		m.qvbr, m.fine = true, q.QvbrQualityLevelFineTune
	}
	c.motion(m, output{group: types.OutputGroupTypeFileGroupSettings}, at)
	if n := a.Slices; n != nil && !slices.Contains([]int32{1, 2, 4, 8, 16, 32}, *n) {
		c.add(at+"/slices", "Should be equal to one of the allowed values in [1,2,4,8,16,32]")
	}
}
