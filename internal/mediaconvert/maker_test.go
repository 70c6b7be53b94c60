package mediaconvert

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// maker makes random settings out of the model's shapes, as documents. What the
// model does not say, the rules between settings, its fixes put right.
type maker struct {
	t     testing.TB
	model apiModel
	rnd   *rand.Rand
	fixes map[string]func(map[string]any) // by the name of a structure
}

func newMaker(t testing.TB, m apiModel, seed uint64) *maker {
	t.Helper()
	g := &maker{t: t, model: m, rnd: rand.New(rand.NewPCG(seed, 1))}
	g.fixes = map[string]func(map[string]any){
		"AacSettings": g.fixAAC, "Ac3Settings": g.fixSteps("bitrate", 8000), "Eac3Settings": g.fixSteps("bitrate", 8000),
		"OpusSettings": g.fixOpus, "Mp2Settings": g.fixOneOf("sampleRate", 32000, 44100, 48000), "Mp3Settings": g.fixMP3,
		"WavSettings": g.fixOneOf("bitDepth", 16, 24), "AiffSettings": g.fixOneOf("bitDepth", 16, 24), "FlacSettings": g.fixOneOf("bitDepth", 16, 24),
		"TimecodeBurnin": g.fixOneOf("fontSize", 10, 16, 32, 48), "Rectangle": g.fixSteps("x y width height", 2),
		"RemixSettings": g.fixRemix, "AudioSelector": g.fixAudioSelector, "InsertableImage": g.fixImage,
		"CaptionSelector": g.fixCaptionSelector, "CaptionSourceSettings": g.fixCaptionSource, "BurninDestinationSettings": g.fixFont, "DvbSubDestinationSettings": g.fixFont,
		"TimecodeConfig": g.fixStart("source", "start"), "VideoOverlayInput": g.fixOverlayInput,
		"Input": g.fixInput, "InputVideoGenerator": g.fixGenerator,
		"H264Settings": g.fixH26x, "H265Settings": g.fixH26x, "Mpeg2Settings": g.fixMPEG2, "Vp8Settings": g.fixVP, "Vp9Settings": g.fixVP, "Av1Settings": g.fixAV1,
		"H264QvbrSettings": g.fixQVBR, "H265QvbrSettings": g.fixQVBR, "Av1QvbrSettings": g.fixQVBR,
		"AvcIntraSettings": g.fixClock, "FrameCaptureSettings": g.fixClock, "GifSettings": g.fixClock, "ProresSettings": g.fixClock, "UncompressedSettings": g.fixClock, "Vc3Settings": g.fixClock, "XavcSettings": g.fixClock,
		"VideoDescription": g.fixVideo, "HlsGroupSettings": g.fixHLS, "DashIsoGroupSettings": g.fixDASH, "CmafGroupSettings": g.fixDASH,
		"HlsImageBasedTrickPlaySettings": g.fixTrickPlay, "DashIsoImageBasedTrickPlaySettings": g.fixTrickPlay, "CmafImageBasedTrickPlaySettings": g.fixTrickPlay,
		"Mp4Settings": g.fixMP4, "M2tsSettings": g.fixPIDs, "M3u8Settings": g.fixPIDs,
	}
	return g
}

func (g *maker) chance(p float64) bool { return g.rnd.Float64() < p }

// pick gives one of a list.
func pick[T any](g *maker, list ...T) T { return list[g.rnd.IntN(len(list))] }

// value makes a value of a shape.
func (g *maker) value(shape string) any {
	s, ok := g.model.Shapes[shape]
	if !ok {
		g.t.Fatalf("the model has no shape %s", shape)
	}
	switch s.Type {
	case "structure":
		return g.structure(shape, 0.3)
	case "list":
		list := make([]any, 1+g.rnd.IntN(3))
		for i := range list {
			list[i] = g.value(elementName(s))
		}
		return list
	case "map":
		m := map[string]any{}
		for i := range 1 + g.rnd.IntN(2) {
			m["Name "+itoa(i+1)] = g.value(elementName(s))
		}
		return m
	case "string":
		return g.text(shape, s)
	case "integer", "long":
		low, high := limits(s.Min, s.Max, math.MinInt32, math.MaxInt32)
		return pick(g, low, high, low+float64(g.rnd.Int64N(int64(high-low)+1)))
	case "double":
		low, high := limits(doubleRangeOf(shape, s, 0), doubleRangeOf(shape, s, 1), 0, 1000)
		return pick(g, low, high, low+math.Floor((high-low)*g.rnd.Float64()*100)/100)
	case "boolean":
		return g.chance(0.5)
	}
	g.t.Fatalf("no values of type %s", s.Type)
	return nil
}

func elementName(s modelShape) string {
	raw := s.Member
	if s.Type == "map" {
		raw = s.Value
	}
	var name string
	_ = json.Unmarshal(raw, &name)
	return name
}

func doubleRangeOf(shape string, s modelShape, side int) *json.Number {
	low, high := doubleRange(shape, s)
	return []*json.Number{low, high}[side]
}

// limits gives a range in numbers; without one it is the range given.
func limits(low, high *json.Number, least, most float64) (float64, float64) {
	if low != nil {
		least, _ = low.Float64()
		most = max(least, most)
	}
	if high != nil {
		most, _ = high.Float64()
		least = min(least, most)
	}
	return least, most
}

// structure makes a structure with about that part of its members.
func (g *maker) structure(shape string, part float64, without ...string) map[string]any {
	s := g.model.Shapes[shape]
	names := make([]string, 0, len(s.Members))
	for name := range s.Members {
		names = append(names, name)
	}
	sort.Strings(names) // so that a seed always makes the same
	m := map[string]any{}
	for _, name := range names {
		ref := s.Members[name]
		if (slices.Contains(s.Required, name) || g.chance(part)) && !slices.Contains(without, ref.Wire) {
			m[ref.Wire] = g.value(ref.Shape)
		}
	}
	if fix := g.fixes[shape]; fix != nil {
		fix(m)
	}
	return m
}

// texts are values for the patterns of the model; the first that matches the
// pattern and the lengths is taken, after a random start.
var texts = []string{
	"s3://in/a.mp4", "https://example.com/a/b.mp4", "s3://in/long/logo.png", "https://example.com/long/logo.png?a=b&c=d", "s3://in/long/logo.tga", "s3://in/long/table.cube",
	"s3://in/long/clip.mov", "s3://in/long/a001.png", "s3://in/long/a.srt", "s3://in/long/a.vtt", "s3://in/long/a.xml", "s3://in/fonts/a.ttf", "s3://in/imf/ASSETMAP.xml", "s3://in/imf/",
	"00:00:01:00", "01:02:03;04", "23:59:59:01", "24:00:00:00", "2026-02-23", "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff", "888", "eng", "ENG", "pt-BR",
	"00FF00", "00FF00CC", "eu-west-1", "us-gov-1", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAA", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=", "QUJD", "0x1F", "12345", "identity", "com.example.key",
	"1/2/3", "https://keys.example.com/v1", "https://x.kantarmedia.com/", "my-secret", "A plain text", "arn:aws:acm:eu-west-1:111122223333:certificate/x",
	"arn:aws:kms:eu-west-1:111122223333:key/00112233-4455-6677-8899-aabbccddeeff", "arn:aws:events:eu-west-1:111122223333:connection/tams/00112233-4455-6677-8899-aabbccddeeff",
	"[0:0_10:0)", "_", "<ManifestConfirmConditionNotification></ManifestConfirmConditionNotification>", "<x:SignalProcessingNotification/>",
}

func (g *maker) text(shape string, s modelShape) string {
	if len(s.Enum) > 0 {
		return pick(g, s.Enum...)
	}
	least, most := limits(s.Min, s.Max, 0, 12)
	if s.Pattern == "" {
		n := int(least) + g.rnd.IntN(int(min(most-least, 20))+1)
		return strings.Repeat("aZ9é 字", n/6+1)[:0] + string([]rune(strings.Repeat("aZ9é字b", n/6+1))[:n])
	}
	_, most = limits(s.Min, s.Max, 0, math.MaxInt32)
	re := regexp.MustCompile(s.Pattern)
	start := g.rnd.IntN(len(texts))
	for i := range texts {
		v := texts[(start+i)%len(texts)]
		if len(v) >= int(least) && len(v) <= int(most) && re.MatchString(v) {
			return v
		}
	}
	g.t.Fatalf("no text for %s: %s", shape, s.Pattern)
	return ""
}

// The groups by their types, with the containers in the order of the model.
var madeGroups = []types.OutputGroupType{
	types.OutputGroupTypeFileGroupSettings, types.OutputGroupTypeHlsGroupSettings, types.OutputGroupTypeDashIsoGroupSettings,
	types.OutputGroupTypeCmafGroupSettings, types.OutputGroupTypeMsSmoothGroupSettings,
}

// settings makes whole settings that are valid.
func (g *maker) settings() map[string]any {
	s := g.structure("JobSettings", 0.2, "inputs", "outputGroups", "followSource", "colorConversion3DLUTSettings")
	inputs := make([]any, 1+g.rnd.IntN(3))
	for i := range inputs {
		inputs[i] = g.structure("Input", 0.25)
	}
	s["inputs"] = inputs
	if g.chance(0.2) {
		s["followSource"] = float64(1 + g.rnd.IntN(len(inputs)))
	}
	if g.chance(0.1) {
		s["colorConversion3DLUTSettings"] = g.value("__listOfColorConversion3DLUTSetting")
	}
	automated := g.chance(0.15)
	list := make([]any, 1+g.rnd.IntN(3))
	for i := range list {
		list[i] = g.group(i, automated)
	}
	s["outputGroups"] = list
	g.drop(s, "")
	return s
}

func (g *maker) group(index int, automated bool) map[string]any {
	kind := pick(g, madeGroups...)
	if automated && kind == types.OutputGroupTypeFileGroupSettings {
		kind = types.OutputGroupTypeHlsGroupSettings
	}
	member := groupMembers[kind]
	object := g.structure(strings.ToUpper(member[:1])+member[1:], 0.3)
	object["destination"] = "s3://out/group" + itoa(index) + pick(g, "/", "/name", "/a b/$dt$")
	m := g.structure("OutputGroup", 0.4, "outputs", "outputGroupSettings", "automatedEncodingSettings")
	m["outputGroupSettings"] = map[string]any{"type": string(kind), member: object}
	if g.chance(0.2) {
		m["outputGroupSettings"].(map[string]any)["perFrameMetrics"] = []any{"PSNR"}
	}
	outputs := make([]any, 1+g.rnd.IntN(3))
	for i := range outputs {
		outputs[i] = g.output(kind, i, automated)
	}
	if automated {
		m["automatedEncodingSettings"] = map[string]any{"abrSettings": g.abr()}
	}
	m["outputs"] = outputs
	if list, ok := object["additionalManifests"].([]any); ok {
		for i, e := range list {
			manifest := e.(map[string]any)
			manifest["manifestNameModifier"] = "-more" + itoa(i)
			manifest["selectedOutputs"] = []any{"_0"}
		}
	}
	return m
}

// abr makes the settings of automated ABR, with rules that go together.
func (g *maker) abr() map[string]any {
	s := g.structure("AutomatedAbrSettings", 0.3, "rules", "minAbrBitrate", "maxAbrBitrate")
	if g.chance(0.5) {
		s["minAbrBitrate"], s["maxAbrBitrate"] = 200000.0, 5000000.0
	}
	if g.chance(0.5) {
		size := func(w, h float64) map[string]any { return map[string]any{"width": w, "height": h} }
		s["rules"] = []any{
			map[string]any{"type": "MIN_BOTTOM_RENDITION_SIZE", "minBottomRenditionSize": size(64, 36)},
			map[string]any{"type": "FORCE_INCLUDE_RENDITIONS", "forceIncludeRenditions": []any{size(64, 64), size(128, 72)}},
			map[string]any{"type": "MIN_TOP_RENDITION_SIZE", "minTopRenditionSize": size(128, 72)},
		}
	}
	return s
}

// output makes an output of a group. With automated ABR the first alone has video.
func (g *maker) output(kind types.OutputGroupType, index int, automated bool) map[string]any {
	allowed := slices.DeleteFunc(slices.Clone(groupContainers[kind]), func(c types.ContainerType) bool {
		return automated && c == types.ContainerTypeRaw
	})
	container := pick(g, allowed...)
	o := map[string]any{"nameModifier": "_" + itoa(index), "containerSettings": g.container(container)}
	if g.chance(0.2) {
		o["extension"] = "ext" + itoa(index)
	}
	if g.chance(0.3) {
		o["outputSettings"] = g.value("OutputSettings")
	}
	videos, audios := containerVideo[container], containerAudio[container]
	audios = slices.DeleteFunc(slices.Clone(audios), func(c types.AudioCodec) bool {
		return lookup(atAudioCodec+"codec").verdict(string(c), true) == Refused
	})
	if automated {
		videos = []types.VideoCodec{"H_264", "H_265"}
		if container == types.ContainerTypeIsmv {
			videos = videos[:1]
		}
	}
	hasVideo := len(videos) > 0 && g.chance(0.7)
	if automated {
		hasVideo = index == 0
	}
	capture := false
	if hasVideo {
		codec := pick(g, videos...)
		if codec == types.VideoCodecFrameCapture && kind != types.OutputGroupTypeFileGroupSettings {
			codec = types.VideoCodecH264
		}
		capture = codec == types.VideoCodecFrameCapture
		v := g.structure("VideoDescription", 0.3, "codecSettings")
		v["codecSettings"] = g.videoCodec(codec, kind, index, automated)
		if automated && v["scalingBehavior"] == "FIT_NO_UPSCALE" {
			delete(v, "scalingBehavior")
		}
		if automated {
			v["width"], v["height"] = 1280.0, 720.0
		}
		o["videoDescription"] = v
	}
	if len(audios) > 0 && !capture && (!hasVideo || g.chance(0.6)) {
		a := g.structure("AudioDescription", 0.3, "codecSettings", "audioSourceName")
		a["codecSettings"] = g.audioCodec(pick(g, audios...), container)
		a["audioSourceName"] = "Name 1"
		o["audioDescriptions"] = []any{a}
	}
	captionKinds := groupCaptions[kind]
	if kind == types.OutputGroupTypeFileGroupSettings {
		captionKinds = fileCaptions[container]
	}
	captionKinds = g.placed(captionKinds, o, kind)
	if len(captionKinds) > 0 && !capture && (len(o) == 2 || g.chance(0.3)) {
		o["captionDescriptions"] = []any{g.caption(pick(g, captionKinds...))}
	}
	if o["videoDescription"] == nil && o["audioDescriptions"] == nil && o["captionDescriptions"] == nil {
		if automated && index == 0 || len(audios) == 0 {
			return g.output(kind, index, automated)
		}
		o["audioDescriptions"] = []any{map[string]any{"audioSourceName": "Name 1", "codecSettings": g.audioCodec(audios[0], container)}}
	}
	return o
}

func (g *maker) container(c types.ContainerType) map[string]any {
	s := map[string]any{"container": string(c)}
	member := strings.ToLower(string(c)) + "Settings"
	for _, ref := range g.model.Shapes["ContainerSettings"].Members {
		if ref.Wire == member && g.chance(0.6) {
			s[member] = g.structure(ref.Shape, 0.3)
		}
	}
	return s
}

func (g *maker) videoCodec(codec types.VideoCodec, kind types.OutputGroupType, index int, automated bool) map[string]any {
	s := map[string]any{"codec": string(codec)}
	for _, o := range videoObjects(&types.VideoCodecSettings{}) {
		if o.codec != string(codec) {
			continue
		}
		object := g.structure(strings.ToUpper(o.name[:1])+o.name[1:], 0.3)
		if n, ok := object["gopClosedCadence"].(float64); ok && n == 0 && kind != types.OutputGroupTypeFileGroupSettings {
			object["gopClosedCadence"] = 1.0
		}
		if kind == types.OutputGroupTypeMsSmoothGroupSettings || automated { // bitrates must differ
			delete(object, "bitrate")
			object["rateControlMode"], object["maxBitrate"] = "QVBR", float64(1000000*(index+1))
			delete(object, "codecLevel")
		}
		if automated {
			delete(object, "maxBitrate")
			object["qualityTuningLevel"] = "MULTI_PASS_HQ"
		}
		s[o.name] = object
	}
	return s
}

func (g *maker) audioCodec(codec types.AudioCodec, container types.ContainerType) map[string]any {
	s := map[string]any{"codec": string(codec)}
	for _, o := range audioObjects(&types.AudioCodecSettings{}) {
		if o.codec == string(codec) {
			object := g.structure(strings.ToUpper(o.name[:1])+o.name[1:], 0.3)
			if container != types.ContainerTypeRaw {
				delete(object, "rawFormat")
			}
			s[o.name] = object
		}
	}
	return s
}

// placed leaves the kinds of captions that an output has a place for: its picture,
// if it is coded by what knows them, or an output of their own.
func (g *maker) placed(kinds []types.CaptionDestinationType, o map[string]any, group types.OutputGroupType) []types.CaptionDestinationType {
	alone := o["videoDescription"] == nil && o["audioDescriptions"] == nil
	codec := ""
	if v, ok := o["videoDescription"].(map[string]any); ok {
		codec, _ = v["codecSettings"].(map[string]any)["codec"].(string)
	}
	return slices.DeleteFunc(slices.Clone(kinds), func(k types.CaptionDestinationType) bool {
		switch k {
		case "BURN_IN":
			return codec == "" || codec == "PASSTHROUGH"
		case "EMBEDDED":
			return codec != "H_264" && codec != "MPEG2"
		default:
			return !alone || group == types.OutputGroupTypeMsSmoothGroupSettings || lookup(atCaptionDest+"destinationType").verdict(string(k), true) == Refused
		}
	})
}

// caption makes captions from the selector that all inputs have.
func (g *maker) caption(kind types.CaptionDestinationType) map[string]any {
	d := g.structure("CaptionDescription", 0.3, "destinationSettings")
	d["captionSelectorName"] = "Name 1"
	s := map[string]any{"destinationType": string(kind)}
	member := map[types.CaptionDestinationType]string{
		"BURN_IN": "burnin", "DVB_SUB": "dvbSub", "EMBEDDED": "embedded", "IMSC": "imsc", "SCC": "scc", "SRT": "srt", "TELETEXT": "teletext", "TTML": "ttml", "WEBVTT": "webvtt",
	}[kind]
	if member != "" && g.chance(0.6) {
		name := member + "DestinationSettings"
		s[name] = g.structure(strings.ToUpper(name[:1])+name[1:], 0.4)
		if s[name].(map[string]any)["stylePassthrough"] == "STRICT" {
			delete(s[name].(map[string]any), "stylePassthrough")
		}
	}
	d["destinationSettings"] = s
	return d
}

// drop takes out of a document what is refused because ignoring it would do
// harm, see Support: that is no question of validity.
func (g *maker) drop(v any, path string) bool {
	switch v := v.(type) {
	case map[string]any:
		if supportTable()[path+"/**"].Verdict == Refused {
			return false
		}
		for key, e := range v {
			name := key
			if strings.HasPrefix(key, "Name ") {
				name = "*"
			}
			if !g.drop(e, strings.TrimPrefix(path+"/"+name, "/")) {
				delete(v, key)
			}
		}
	case []any:
		if len(v) > 0 {
			if _, object := v[0].(map[string]any); object {
				all := true
				for _, e := range v {
					all = g.drop(e, path+"/*") && all
				}
				return all
			}
		}
		return lookup(path).Verdict != Refused
	default:
		text, ok := v.(string)
		if !ok {
			text = strconv.FormatFloat(v.(float64), 'g', -1, 64)
		}
		return lookup(path).verdict(text, isEnum(scalarType(path))) != Refused
	}
	return true
}
