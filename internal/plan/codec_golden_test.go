package plan_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spool/internal/mediaconvert"
	"spool/internal/plan"
	"spool/internal/spool"
)

// codecBase is an output in which settings are changed.
type codecBase struct {
	name, codec, settings, container string
	media                            spool.Media
}

// codecCases are lists of settings, a case for each line: members of the codec's
// settings, of the video description behind a slash, of the container's settings
// behind "box ". What they add to the plan, and what they take away, is written
// down.
var codecCases = []struct {
	base  codecBase
	cases string
}{
	{codecBase{"h264", "H_264", `"rateControlMode":"QVBR","maxBitrate":3000000`, "MP4", media(track(nil))}, h264Cases},
	{codecBase{"h264-fields", "H_264", `"rateControlMode":"QVBR","maxBitrate":3000000`, "MP4", fieldsOf("bb", 30000, 1001)}, fieldCases},
	{codecBase{"h264-50p", "H_264", `"rateControlMode":"QVBR","maxBitrate":3000000`, "MP4", fieldsOf("progressive", 50, 1)}, `
"interlaceMode":"TOP_FIELD","framerateControl":"SPECIFIED","framerateNumerator":25,"framerateDenominator":1
"interlaceMode":"TOP_FIELD","scanTypeConversionMode":"INTERLACED_OPTIMIZE","framerateControl":"SPECIFIED","framerateNumerator":25,"framerateDenominator":1`},
	{codecBase{"h264-film", "H_264", `"rateControlMode":"QVBR","maxBitrate":3000000`, "MP4", fieldsOf("progressive", 24000, 1001)}, `
"telecine":"HARD","interlaceMode":"TOP_FIELD","framerateControl":"SPECIFIED","framerateNumerator":30000,"framerateDenominator":1001
"telecine":"HARD","framerateControl":"SPECIFIED","framerateNumerator":30000,"framerateDenominator":1001
"telecine":"SOFT","interlaceMode":"TOP_FIELD","framerateControl":"SPECIFIED","framerateNumerator":30000,"framerateDenominator":1001`},
	{codecBase{"h265", "H_265", `"rateControlMode":"QVBR","maxBitrate":3000000`, "MP4", media(track(nil))}, h265Cases},
	{codecBase{"h265-hdr", "H_265", `"rateControlMode":"QVBR","maxBitrate":3000000`, "MP4", hdrMedia("smpte2084")}, `
"codecProfile":"MAIN10_MAIN"
"codecProfile":"MAIN10_MAIN"|"colorMetadata":"IGNORE"`},
	{codecBase{"h265-hlg", "H_265", `"rateControlMode":"QVBR","maxBitrate":3000000`, "MP4", hdrMedia("arib-std-b67")}, `
"codecProfile":"MAIN10_MAIN","alternateTransferFunctionSei":"ENABLED"`},
	{codecBase{"av1", "AV1", `"maxBitrate":3000000`, "MP4", media(track(nil))}, av1Cases},
	{codecBase{"vp8", "VP8", `"bitrate":1000000`, "WEBM", media(track(nil))}, `
"maxBitrate":1500000,"hrdBufferSize":1000000
"gopSize":60,"qualityTuningLevel":"MULTI_PASS_HQ"`},
	{codecBase{"vp9", "VP9", `"bitrate":1000000`, "WEBM", media(track(nil))}, `
"maxBitrate":1500000,"hrdBufferSize":1000000
"gopSize":60,"qualityTuningLevel":"MULTI_PASS_HQ"`},
	{codecBase{"prores", "PRORES", ``, "MOV", media(track(nil))}, `
"codecProfile":"APPLE_PRORES_422_PROXY"
"codecProfile":"APPLE_PRORES_422_LT"
"codecProfile":"APPLE_PRORES_422"
"codecProfile":"APPLE_PRORES_422_HQ"
"codecProfile":"APPLE_PRORES_4444"
"codecProfile":"APPLE_PRORES_4444_XQ","chromaSampling":"PRESERVE_444_SAMPLING"
"interlaceMode":"BOTTOM_FIELD"
box "container":"MXF"
box "container":"RAW"`},
	{codecBase{"mpeg2", "MPEG2", `"rateControlMode":"VBR","bitrate":8000000,"maxBitrate":9000000`, "MXF", media(track(nil))}, mpeg2Cases},
	{codecBase{"vc3", "VC3", ``, "MOV", fullHD(25, 1)}, `
"vc3Class":"CLASS_220_8BIT"
"vc3Class":"CLASS_220_10BIT"
"interlaceMode":"INTERLACED"
"framerateControl":"SPECIFIED","framerateNumerator":24,"framerateDenominator":1
|"width":1280,"height":720
|"width":640,"height":360`},
	{codecBase{"avcintra", "AVC_INTRA", ``, "MXF", fullHD(25, 1)}, `
"avcIntraClass":"CLASS_200"
"avcIntraClass":"CLASS_50"|"width":1440,"height":1080
"avcIntraClass":"CLASS_4K_2K"|"width":3840,"height":2160
"interlaceMode":"TOP_FIELD"
"avcIntraClass":"CLASS_50"`},
	{codecBase{"xavc", "XAVC", `"profile":"XAVC_HD"`, "MXF", fullHD(25, 1)}, `
"xavcHdProfileSettings":{"bitrateClass":"BITRATE_CLASS_50","slices":8,"gopBReference":"ENABLED","gopClosedCadence":0}
"xavcHdProfileSettings":{"interlaceMode":"TOP_FIELD","qualityTuningLevel":"MULTI_PASS_HQ","hrdBufferSize":20000000}
"entropyEncoding":"CAVLC","softness":30,"adaptiveQuantization":"HIGH","temporalAdaptiveQuantization":"DISABLED"
"profile":"XAVC_HD_INTRA_CBG","xavcHdIntraCbgProfileSettings":{"xavcClass":"CLASS_200"}
"profile":"XAVC_4K","xavc4kProfileSettings":{"bitrateClass":"BITRATE_CLASS_140","codecProfile":"HIGH_422"}|"width":3840,"height":2160
"profile":"XAVC_4K_INTRA_CBG","xavc4kIntraCbgProfileSettings":{"xavcClass":"CLASS_480"}|"width":3840,"height":2160`},
	{codecBase{"uncompressed", "UNCOMPRESSED", ``, "MOV", media(track(nil))}, `
"fourcc":"I422"
"fourcc":"I444"
"interlaceMode":"INTERLACED"
box "container":"Y4M"
box "container":"RAW"
box "container":"MXF"`},
	{codecBase{"gif", "GIF", ``, "GIF", media(track(nil))}, `
"framerateControl":"SPECIFIED","framerateNumerator":10,"framerateDenominator":1
"framerateControl":"SPECIFIED","framerateNumerator":60,"framerateDenominator":1
"framerateControl":"SPECIFIED","framerateNumerator":50,"framerateDenominator":1,"framerateConversionAlgorithm":"INTERPOLATE"`},
	{codecBase{"passthrough", "PASSTHROUGH", ``, "MP4", media(track(nil))}, `
box "container":"M2TS"
box "container":"WEBM"`},
	{codecBase{"passthrough-late", "PASSTHROUGH", ``, "MP4", media(track(func(v *spool.VideoTrack) { v.FirstPTS = 6000 }))}, `
"frameControl":"NEAREST_IFRAME"`},
	{codecBase{"files", "H_264", `"rateControlMode":"QVBR","maxBitrate":3000000`, "MP4", media(track(nil))}, `
box "container":"MP4","mp4Settings":{"moovPlacement":"NORMAL"}
box "container":"MP4","mp4Settings":{"cttsVersion":1,"cslgAtom":"INCLUDE"}
box "container":"MP4","mp4Settings":{"mp4MajorBrand":"mp42"}
box "container":"MP4","mp4Settings":{"mp4MajorBrand":"-y a"}
box "container":"MOV"
box "container":"MXF"
box "container":"F4V","f4vSettings":{"moovPlacement":"NORMAL"}
box "container":"MXF","mxfSettings":{"profile":"XDCAM"}
box "container":"RAW"`},
}

const h264Cases = `
"rateControlMode":"VBR","bitrate":2000000
"rateControlMode":"CBR","bitrate":2000000,"maxBitrate":null
"rateControlMode":"VBR","bitrate":2000000,"qualityTuningLevel":"MULTI_PASS_HQ"
"hrdBufferSize":4000000,"hrdBufferInitialFillPercentage":50
"qvbrSettings":{"qvbrQualityLevel":7}
"qvbrSettings":{"qvbrQualityLevel":7,"qvbrQualityLevelFineTune":0.66}
"qualityTuningLevel":"SINGLE_PASS"
"qualityTuningLevel":"MULTI_PASS_HQ"
"gopSize":48,"gopSizeUnits":"FRAMES"
"gopSize":2.5,"gopSizeUnits":"SECONDS"
"gopClosedCadence":0
"gopClosedCadence":3,"gopSize":20,"gopSizeUnits":"FRAMES"
"minIInterval":12
"sceneChangeDetect":"DISABLED"
"sceneChangeDetect":"TRANSITION_DETECTION"
"numberBFramesBetweenReferenceFrames":0
"numberBFramesBetweenReferenceFrames":5,"gopBReference":"DISABLED","dynamicSubGop":"STATIC"
"numberReferenceFrames":5
"numberReferenceFrames":6,"codecLevel":"LEVEL_3_1"
"codecLevel":"LEVEL_4_1"
"codecLevel":"LEVEL_3","maxBitrate":1000000
"slices":4
"codecProfile":"BASELINE","entropyEncoding":"CAVLC"
"codecProfile":"HIGH"
"codecProfile":"HIGH_10BIT"
"codecProfile":"HIGH_422"
"codecProfile":"HIGH_422_10BIT"
"entropyEncoding":"CAVLC"
"adaptiveQuantization":"OFF"
"adaptiveQuantization":"MAX"
"adaptiveQuantization":"HIGH","spatialAdaptiveQuantization":"DISABLED"
"adaptiveQuantization":"HIGH","temporalAdaptiveQuantization":"DISABLED"
"adaptiveQuantization":"HIGH","flickerAdaptiveQuantization":"ENABLED"
"softness":16,"codecProfile":"HIGH"
"softness":60,"codecProfile":"HIGH"
"softness":60
"repeatPps":"ENABLED"
"bandwidthReductionFilter":{"strength":"MEDIUM","sharpening":"LOW"}
"bandwidthReductionFilter":{"strength":"AUTO"}
"writeMp4PackagingType":"AVC3"
"framerateControl":"SPECIFIED","framerateNumerator":24,"framerateDenominator":1
"framerateControl":"SPECIFIED","framerateNumerator":60,"framerateDenominator":1,"framerateConversionAlgorithm":"INTERPOLATE"
"framerateControl":"SPECIFIED","framerateNumerator":60,"framerateDenominator":1,"framerateConversionAlgorithm":"FRAMEFORMER"
"framerateControl":"SPECIFIED","framerateNumerator":60,"framerateDenominator":1,"framerateConversionAlgorithm":"MAINTAIN_FRAME_COUNT"
"framerateControl":"SPECIFIED","framerateNumerator":25,"framerateDenominator":1,"slowPal":"ENABLED"
"parControl":"SPECIFIED","parNumerator":4,"parDenominator":3
"interlaceMode":"TOP_FIELD"
"interlaceMode":"BOTTOM_FIELD","fieldEncoding":"MBAFF"
|"colorMetadata":"IGNORE"`

const fieldCases = `
"interlaceMode":"FOLLOW_TOP_FIELD"
"interlaceMode":"TOP_FIELD"
"interlaceMode":"PROGRESSIVE"`

const h265Cases = `
"rateControlMode":"VBR","bitrate":2000000
"rateControlMode":"CBR","bitrate":2000000,"maxBitrate":null
"rateControlMode":"VBR","bitrate":2000000,"qualityTuningLevel":"MULTI_PASS_HQ"
"qualityTuningLevel":"SINGLE_PASS_HQ"
"codecProfile":"MAIN_HIGH","codecLevel":"LEVEL_5_1"
"codecProfile":"MAIN10_MAIN"
"codecProfile":"MAIN_422_8BIT_MAIN"
"codecProfile":"MAIN_422_10BIT_HIGH"
"gopClosedCadence":0
"sampleAdaptiveOffsetFilterMode":"OFF"
"sampleAdaptiveOffsetFilterMode":"ADAPTIVE"
"deblocking":"DISABLED"
"treeBlockSize":"TREE_SIZE_32X32"
"mvTemporalPredictor":"DISABLED"
"temporalIds":"ENABLED"
"alternateTransferFunctionSei":"ENABLED"
"writeMp4PackagingType":"HVC1"
"adaptiveQuantization":"HIGH","temporalAdaptiveQuantization":"DISABLED","flickerAdaptiveQuantization":"ENABLED"
"adaptiveQuantization":"HIGH","spatialAdaptiveQuantization":"DISABLED"
"sceneChangeDetect":"TRANSITION_DETECTION"
"dynamicSubGop":"STATIC","numberBFramesBetweenReferenceFrames":3,"slices":4
box "container":"MXF"`

const av1Cases = `
"qvbrSettings":{"qvbrQualityLevel":7}
"bitDepth":"BIT_10"
"gopSize":97,"slices":4
"filmGrainSynthesis":"ENABLED"
"spatialAdaptiveQuantization":"DISABLED"
"adaptiveQuantization":"OFF"
"numberBFramesBetweenReferenceFrames":0
"numberBFramesBetweenReferenceFrames":3
"numberBFramesBetweenReferenceFrames":7
"numberBFramesBetweenReferenceFrames":15`

const mpeg2Cases = `
"rateControlMode":"CBR","bitrate":8000000,"maxBitrate":null
"codecProfile":"PROFILE_422","codecLevel":"HIGH","intraDcPrecision":"INTRA_DC_PRECISION_10"
"gopSize":0.5,"gopSizeUnits":"SECONDS"
"gopClosedCadence":0,"sceneChangeDetect":"ENABLED","minIInterval":4
"numberBFramesBetweenReferenceFrames":1,"dynamicSubGop":"ADAPTIVE"
"hrdBufferSize":1835008,"hrdBufferInitialFillPercentage":75
"qualityTuningLevel":"MULTI_PASS"
"softness":40
"adaptiveQuantization":"HIGH"
"adaptiveQuantization":"LOW","spatialAdaptiveQuantization":"DISABLED"
"interlaceMode":"TOP_FIELD"
"syntax":"D_10"
"framerateControl":"SPECIFIED","framerateNumerator":48,"framerateDenominator":1
box "container":"MXF","mxfSettings":{"profile":"D_10"}
box "container":"MOV","movSettings":{"mpeg2FourCCControl":"XDCAM"}
box "container":"RAW"
box "container":"F4V"`

func fieldsOf(order string, num, den int64) spool.Media {
	return media(track(func(v *spool.VideoTrack) {
		v.FieldOrder = order
		v.FrameRate = spool.Rational{Num: num, Den: den}
		v.AvgFrameRate = v.FrameRate
	}))
}

func fullHD(num, den int64) spool.Media {
	return media(track(func(v *spool.VideoTrack) {
		v.Width, v.Height = 1920, 1080
		v.FrameRate = spool.Rational{Num: num, Den: den}
		v.AvgFrameRate = v.FrameRate
	}))
}

func hdrMedia(transfer string) spool.Media {
	return media(track(func(v *spool.VideoTrack) {
		v.PixelFormat, v.BitDepth, v.Transfer, v.Primaries, v.ColorSpace = "yuv420p10le", 10, transfer, "bt2020", "bt2020nc"
		v.HDR = &spool.HDR10{Red: [2]int64{34000, 16000}, Green: [2]int64{13250, 34500}, Blue: [2]int64{7500, 3000}, White: [2]int64{15635, 16450},
			MaxLuminance: 10000000, MinLuminance: 50, MaxCLL: 1000, MaxFALL: 400}
	}))
}

// tokens are what is compared of a plan: each argument with its flag, private
// parameters and filters one by one.
func (c codecBase) tokens(t *testing.T, line string) (all []string, failed string) {
	t.Helper()
	container := `"container":"` + c.container + `"`
	video, description := line, ""
	if rest, ok := strings.CutPrefix(line, "box "); ok {
		container, video = rest, ""
	} else if before, after, ok := strings.Cut(line, "|"); ok {
		video, description = before, ","+after
	}
	object := strings.ToLower(strings.ReplaceAll(c.codec, "_", "")) + "Settings"
	if c.codec == "AVC_INTRA" {
		object = "avcIntraSettings"
	}
	settings := strings.Trim(c.settings+","+video, ",")
	body := fmt.Sprintf(`{"role":"arn:aws:iam::000000000000:role/r","settings":{"inputs":[{"fileInput":"s3://in/v.mp4"}],"outputGroups":[
		{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/v"}},"outputs":[{"containerSettings":{%s},
		"videoDescription":{"codecSettings":{"codec":"%s","%s":{%s}}%s}}]}]}}`, container, c.codec, object, settings, description)
	req, err := mediaconvert.DecodeRequest(lastOfEach([]byte(body)), mediaconvert.FormWire)
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	resolved, err := req.Resolve(nil)
	if err != nil {
		return nil, "400 " + err.Error()
	}
	s, err := mediaconvert.DecodeSettings(resolved.Settings)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(s, plan.Facts{Media: map[string]spool.Media{"s3://in/v.mp4": c.media}, Started: started})
	if err != nil {
		return nil, "job error " + err.Error()
	}
	for _, w := range append(resolved.Warnings, p.Warnings...) {
		all = append(all, "warning: "+w.Message)
	}
	for _, task := range p.Tasks {
		prefix := ""
		if task.ID != "encode" {
			prefix = task.ID + ": "
		}
		all = append(all, argTokens(prefix, task.Args)...)
	}
	o := p.Groups[0].Outputs[0]
	return append(all, "key "+o.Key, "type "+o.ContentType, fmt.Sprintf("proof %+v", *o.Video)), ""
}

var separators = regexp.MustCompile(`[;,]`)

func argTokens(prefix string, args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		flag := args[i]
		if i+1 == len(args) || !strings.HasPrefix(flag, "-") || strings.HasPrefix(args[i+1], "-") && len(args[i+1]) > 3 {
			out = append(out, prefix+flag)
			continue
		}
		i++
		switch {
		case strings.HasSuffix(flag, "-params"):
			for p := range strings.SplitSeq(args[i], ":") {
				out = append(out, prefix+flag+" "+p)
			}
		case flag == "-filter_complex":
			for _, f := range separators.Split(args[i], -1) {
				out = append(out, prefix+"filter "+f)
			}
		default:
			out = append(out, prefix+flag+" "+args[i])
		}
	}
	return out
}

// lastOfEach keeps the last of members that are there twice, and no null ones.
func lastOfEach(body []byte) []byte {
	var tree any
	if json.Unmarshal(body, &tree) != nil {
		return body
	}
	var clean func(v any)
	clean = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, member := range v {
				if member == nil {
					delete(v, k)
				}
				clean(member)
			}
		case []any:
			for _, member := range v {
				clean(member)
			}
		}
	}
	clean(tree)
	out, err := json.Marshal(tree)
	if err != nil {
		return body
	}
	return out
}

// TestCodecs holds what each setting of the video codecs and of their files
// becomes against golden files.
func TestCodecs(t *testing.T) {
	t.Parallel()
	total := 0
	for _, group := range codecCases {
		total += strings.Count(group.cases, "\n")
		t.Run(group.base.name, func(t *testing.T) {
			t.Parallel()
			base, failed := group.base.tokens(t, "")
			if failed != "" {
				t.Fatal(failed)
			}
			var b strings.Builder
			fmt.Fprintf(&b, "%s %s in %s\n", group.base.codec, group.base.settings, group.base.container)
			for _, token := range base {
				fmt.Fprintf(&b, "    %s\n", token)
			}
			for line := range strings.SplitSeq(strings.TrimSpace(group.cases), "\n") {
				fmt.Fprintf(&b, "\n%s\n", line)
				tokens, failed := group.base.tokens(t, line)
				if failed != "" {
					fmt.Fprintf(&b, "  = %s\n", failed)
					continue
				}
				for _, token := range without(base, tokens) {
					fmt.Fprintf(&b, "  - %s\n", token)
				}
				for _, token := range without(tokens, base) {
					fmt.Fprintf(&b, "  + %s\n", token)
				}
			}
			golden(t, "codec-"+group.base.name+".txt", b.String())
		})
	}
	if total < 150 {
		t.Errorf("only %d cases", total)
	}
}

// without gives the tokens of a list that another has not, as often as it has not.
func without(list, other []string) []string {
	other = slices.Clone(other)
	var left []string
	for _, token := range list {
		if i := slices.Index(other, token); i >= 0 {
			other = slices.Delete(other, i, i+1)
			continue
		}
		left = append(left, token)
	}
	return left
}
