package mediaconvert

import (
	"reflect"
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
// (behaviour.md 6.2, 6.3). The codecs in bare need none. True when the object
// can be looked into.
func (c *checker) codec(at, codec string, known bool, objects []codecObject, bare ...string) bool {
	if codec == "" {
		c.required(at, "codec")
		return false
	}
	given, own := 0, false
	for _, o := range objects {
		if o.there {
			given++
			own = own || o.codec == codec
		}
	}
	switch {
	case given > 1: // all that the service says then
		c.add(at, "Should have at most 2 properties")
	case given == 0 && known && !c.partial && !slices.Contains(bare, codec):
		c.add(at, "Should have at least 2 properties")
	case given == 1 && known && !own:
		for _, o := range objects {
			if o.there {
				c.depends(at+"/"+o.name, at+"/codec", o.codec)
			}
		}
	}
	return own
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

func (c *checker) video(v *types.VideoDescription, o output, at string) {
	c.multipleOf(at+"/width", v.Width, 2)
	c.multipleOf(at+"/height", v.Height, 2)
	c.rectangle(v.Crop, at+"/crop")
	c.rectangle(v.Position, at+"/position")
	if p := v.VideoPreprocessors; p != nil {
		c.images(p.ImageInserter, at+"/videoPreprocessors/imageInserter")
		if t := p.TimecodeBurnin; t != nil {
			c.oneOfInts(at+"/videoPreprocessors/timecodeBurnin/fontSize", t.FontSize, 10, 16, 32, 48)
		}
	}
	s := v.CodecSettings
	if s == nil {
		if o.Preset == nil {
			c.required(at, "codecSettings")
		}
		return
	}
	codecs := at + "/codecSettings"
	own := c.codec(codecs, string(s.Codec), slices.Contains(s.Codec.Values(), s.Codec), videoObjects(s), "PASSTHROUGH")
	c.videoPair(s.Codec, o, codecs+"/codec")
	if o.group.automated && s.Codec != types.VideoCodecH264 && s.Codec != types.VideoCodecH265 {
		c.add(codecs+"/codec", "Should be equal to one of the allowed values in %s", listOf([]types.VideoCodec{"H_264", "H_265"}))
	}
	if !own {
		return
	}
	codecMembers(s, func(name string, m members) {
		c.clock(m, codecs+"/"+name)
		c.rate(m, string(s.Codec), o.group.automated, codecs+"/"+name)
		c.gop(m, string(s.Codec), o, codecs+"/"+name)
	})
	switch s.Codec {
	case types.VideoCodecH264:
		c.h264(s.H264Settings, v, at)
	case types.VideoCodecH265:
		c.size(v, h265Frames[s.H265Settings.CodecLevel], 8, at)
	case types.VideoCodecAv1:
		c.oneOfInts(codecs+"/av1Settings/slices", s.Av1Settings.Slices, 1, 2, 4, 8, 16, 32)
	}
}

// members reads the settings object of a codec by the names of its members:
// what codecs have in common they spell alike.
type members struct{ v reflect.Value }

// codecMembers calls f with the settings object of the codec, if it is there.
func codecMembers(s *types.VideoCodecSettings, f func(name string, m members)) {
	for _, object := range videoObjects(s) {
		if object.there && object.codec == string(s.Codec) {
			m, _ := members{reflect.ValueOf(s).Elem()}.object(object.name)
			f(object.name, m)
		}
	}
}

func (m members) field(name string) (reflect.Value, bool) {
	if f, ok := fieldNamed(m.v.Type(), name); ok {
		return m.v.Field(f.index), true
	}
	return reflect.Value{}, false
}

// text gives a member that is a word; "" when it is not there.
func (m members) text(name string) string {
	if f, ok := m.field(name); ok && f.Kind() == reflect.String {
		return f.String()
	}
	return ""
}

// int gives a member that is a whole number; nil when it is not there.
func (m members) int(name string) *int32 {
	f, _ := m.field(name)
	if f.IsValid() && f.CanInterface() {
		n, _ := f.Interface().(*int32)
		return n
	}
	return nil
}

// float gives a member that is a number; nil when it is not there.
func (m members) float(name string) *float64 {
	f, _ := m.field(name)
	if f.IsValid() && f.CanInterface() {
		n, _ := f.Interface().(*float64)
		return n
	}
	return nil
}

// object gives a member that is an object; an empty one when it is not there.
func (m members) object(name string) (members, bool) {
	if f, ok := m.field(name); ok && f.Kind() == reflect.Pointer && !f.IsNil() {
		return members{f.Elem()}, true
	}
	return members{}, false
}

// maxFrameRate is the most frames per second an output may have.
const maxFrameRate = 300

// clock checks frame rate and pixel shape: what is SPECIFIED is given
// (behaviour.md 5.4).
func (c *checker) clock(m members, at string) {
	num, den := m.int("framerateNumerator"), m.int("framerateDenominator")
	if m.text("framerateControl") == "SPECIFIED" {
		c.both(at, "framerateNumerator", num, "framerateDenominator", den)
		if num != nil && den != nil && *den > 0 && float64(*num)/float64(*den) > maxFrameRate {
			c.add(at+"/framerateNumerator", "The frame rate should be at most %d frames per second", maxFrameRate)
		}
	}
	if m.text("parControl") == "SPECIFIED" {
		c.both(at, "parNumerator", m.int("parNumerator"), "parDenominator", m.int("parDenominator"))
	}
	if m.text("slowPal") == "ENABLED" {
		switch {
		case m.text("framerateControl") != "SPECIFIED":
			c.depends(at+"/slowPal", at+"/framerateControl", "SPECIFIED")
		case num != nil && den != nil && int64(*num) != 25*int64(*den):
			c.add(at+"/framerateNumerator", "The frame rate should be 25 frames per second with slowPal ENABLED")
		}
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

// The service's own sentences on bitrates that do not fit their mode (behaviour.md
// 6.2), and the same for the codecs without QVBR.
const (
	incompatibleRates = "Your job contains values for the following settings that are incompatible: Rate control mode, Bitrate, and Max bitrate. Adjust your settings and resubmit your job. Some valid combinations of settings are these: "
	ratesWithQVBR     = incompatibleRates + "Set Rate control mode to QVBR, specify a value for Max bitrate, and don't specify a value for Bitrate. Or, set Rate control mode to CBR, specify a value for Bitrate, and don't specify a value for Max bitrate."
	ratesWithoutQVBR  = incompatibleRates + "Set Rate control mode to VBR, and specify a value for Bitrate. Or, set Rate control mode to CBR, specify a value for Bitrate, and don't specify a value for Max bitrate."
)

// maxFineTune is the most that a quality level may be raised by: the next one is
// 1 above.
const maxFineTune = 0.99

// rate checks the combinations of rate control mode, bitrate and max bitrate
// (behaviour.md 5.4).
func (c *checker) rate(m members, codec string, automated bool, at string) {
	mode, bitrate, most := m.text("rateControlMode"), m.int("bitrate"), m.int("maxBitrate")
	sentence := ratesWithQVBR
	switch codec {
	case "AV1": // QVBR is the only mode
		if most == nil {
			c.required(at, "maxBitrate")
		}
	case "VP8", "VP9": // VBR is
		if bitrate == nil {
			c.required(at, "bitrate")
		}
	case "MPEG2":
		sentence = ratesWithoutQVBR
		fallthrough
	case "H_264", "H_265":
		switch resolved := rateMode(mode, bitrate, most); {
		case automated:
			c.automatedRate(m, at)
		case !slices.Contains([]string{"CBR", "VBR", "QVBR", ""}, resolved): // no mode, and told so: nothing follows from it
		case resolved == "":
			c.required(at, "rateControlMode")
		case resolved == "CBR" && most != nil, resolved == "QVBR" && bitrate != nil,
			!c.partial && (resolved == "QVBR" && most == nil || resolved != "QVBR" && bitrate == nil):
			c.add(at, "%s", sentence)
		}
	}
	if bitrate != nil && most != nil && mode != "CBR" && mode != "QVBR" && *most < *bitrate {
		c.add(at+"/maxBitrate", "Should be greater than or equal to %d", *bitrate)
	}
	q, ok := m.object("qvbrSettings")
	if !ok {
		return
	}
	if mode == "CBR" || mode == "VBR" {
		c.depends(at+"/qvbrSettings", at+"/rateControlMode", "QVBR")
	}
	if q.int("maxAverageBitrate") != nil && m.text("qualityTuningLevel") != "MULTI_PASS_HQ" {
		c.depends(at+"/qvbrSettings/maxAverageBitrate", at+"/qualityTuningLevel", "MULTI_PASS_HQ")
	}
	if f := q.float("qvbrQualityLevelFineTune"); f != nil && *f > maxFineTune && *f <= 1 { // the model speaks of more
		c.add(at+"/qvbrSettings/qvbrQualityLevelFineTune", "Should be less than or equal to %s", number(maxFineTune))
	}
}

// maxGop is the most frames or seconds that a GOP may have.
const maxGop = 100000

// gop checks the size of GOPs, and that those of a segmented output can be
// closed (behaviour.md 5.4).
func (c *checker) gop(m members, codec string, o output, at string) {
	if size := m.float("gopSize"); size != nil {
		whole := m.text("gopSizeUnits") == "SECONDS" || slices.Contains([]string{"AV1", "VP8", "VP9"}, codec)
		switch {
		case *size == 0 && whole:
			c.add(at+"/gopSize", "Should be greater than 0")
		case *size > maxGop:
			c.add(at+"/gopSize", "Should be less than or equal to %d", maxGop)
		}
	}
	if n := m.int("gopClosedCadence"); n != nil && *n == 0 && o.group.kind != "" && o.group.kind != types.OutputGroupTypeFileGroupSettings {
		c.add(at+"/gopClosedCadence", "Should be greater than or equal to 1")
	}
}

func (c *checker) h264(h *types.H264Settings, v *types.VideoDescription, at string) {
	own := at + "/codecSettings/h264Settings"
	if h.CodecProfile == types.H264CodecProfileBaseline && h.EntropyEncoding != types.H264EntropyEncodingCavlc {
		// The four sentences of the service, in its order (behaviour.md 6.2).
		c.add(own+"/codecProfile", "Should match all dependencies: See other errors for more details")
		c.add(own, `Should match exactly one schema defined in "oneOf"`)
		if h.EntropyEncoding == "" {
			c.required(own, "entropyEncoding")
		} else {
			c.add(own+"/entropyEncoding", "Must be CAVLC")
		}
		c.add(own+"/codecProfile", "Should be equal to one of the allowed values in %s", listOf(slices.DeleteFunc(
			h.CodecProfile.Values(), func(p types.H264CodecProfile) bool { return p == types.H264CodecProfileBaseline })))
	}
	limit, ok := h264Levels[h.CodecLevel]
	if !ok {
		return
	}
	c.size(v, limit.frame, 16, at)
	most := limit.rate * h264Factor(h.CodecProfile)
	if h.MaxBitrate != nil && int64(*h.MaxBitrate) > most {
		c.add(own+"/maxBitrate", "Should be less than or equal to %d", most)
	}
	if h.Bitrate != nil && int64(*h.Bitrate) > most {
		c.add(own+"/bitrate", "Should be less than or equal to %d", most)
	}
}

// h264Factor is what a kilobit of the table of levels stands for. The service
// allows 1200 bits (the NAL figure): 16800000 at LEVEL_3_1, as observed in
// behaviour.md 5.4; higher profiles get the factors of ITU-T H.264 table A-2.
func h264Factor(p types.H264CodecProfile) int64 {
	switch {
	case p == types.H264CodecProfileHigh:
		return 1500
	case p == types.H264CodecProfileHigh10bit:
		return 3600
	case strings.HasPrefix(string(p), "HIGH_422"):
		return 4800
	}
	return 1200
}
