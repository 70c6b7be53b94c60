package settings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/plan"
	"spool/internal/spool"
)

// A base is a job in which settings are flipped.
type base struct {
	video string // members of codecSettings
	file  bool   // a file group instead of an HLS group
}

const (
	h264Base    = `"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":3000000}`
	h264VBR     = `"codec":"H_264","h264Settings":{"rateControlMode":"VBR","bitrate":2000000,"maxBitrate":3000000}`
	h265Base    = `"codec":"H_265","h265Settings":{"rateControlMode":"QVBR","maxBitrate":3000000}`
	h265VBR     = `"codec":"H_265","h265Settings":{"rateControlMode":"VBR","bitrate":2000000,"maxBitrate":3000000}`
	av1Base     = `"codec":"AV1","av1Settings":{"rateControlMode":"QVBR","maxBitrate":3000000}`
	captureBase = `"codec":"FRAME_CAPTURE","frameCaptureSettings":{"framerateNumerator":1,"framerateDenominator":1,"maxCaptures":9,"quality":50}`
)

func (b base) job() string {
	group := `"outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/a","segmentLength":6,"minSegmentLength":0}}`
	container := `"container":"M3U8","m3u8Settings":{}`
	audio := `,"audioDescriptions":[{"audioSourceName":"Audio Selector 1","codecSettings":{"codec":"AAC","aacSettings":{"bitrate":96000,"codingMode":"CODING_MODE_2_0","sampleRate":48000}}}]`
	if b.file {
		group = `"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/a"}}`
		container = `"container":"MP4","mp4Settings":{}`
	}
	if strings.Contains(b.video, "FRAME_CAPTURE") {
		container, audio = `"container":"RAW"`, ""
	}
	return `{"inputs":[{"fileInput":"s3://in/v.mp4","audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}},"videoSelector":{}}],
		"outputGroups":[{` + group + `,"outputs":[{"nameModifier":"_x","containerSettings":{` + container + `},"videoDescription":{"codecSettings":{` + b.video + `}}` + audio + `}]}]}`
}

// A flip sets one or more leaves to other values than the base has. The first
// path is the one that is proven; the others are what it needs beside it.
type flip struct {
	base base
	set  map[string]any
}

const (
	out   = "outputGroups/0/outputs/0/"
	vid   = out + "videoDescription/"
	codec = vid + "codecSettings/"
	aac   = out + "audioDescriptions/0/codecSettings/aacSettings/"
	hls   = "outputGroups/0/outputGroupSettings/hlsGroupSettings/"
)

// h26x flips what H.264 and H.265 have in common.
func h26x(codecBase, vbr, at string) map[string]flip {
	b, v := base{video: codecBase}, base{video: vbr}
	flips := map[string]flip{}
	one := func(b base, name string, value any, more ...any) {
		set := map[string]any{at + name: value}
		for i := 0; i < len(more); i += 2 {
			set[at+more[i].(string)] = more[i+1]
		}
		flips[at+name] = flip{b, set}
	}
	one(v, "bitrate", 1500000)
	one(b, "maxBitrate", 2000000)
	one(b, "rateControlMode", "CBR", "bitrate", 2000000, "maxBitrate", nil)
	one(b, "hrdBufferSize", 9000000)
	one(b, "hrdBufferInitialFillPercentage", 50)
	one(b, "qvbrSettings/qvbrQualityLevel", 5)
	one(b, "qvbrSettings/qvbrQualityLevelFineTune", 0.66, "qvbrSettings/qvbrQualityLevel", 8)
	one(b, "framerateControl", "SPECIFIED", "framerateNumerator", 25, "framerateDenominator", 1)
	one(b, "framerateNumerator", 50, "framerateControl", "SPECIFIED", "framerateDenominator", 1)
	one(b, "framerateDenominator", 2, "framerateControl", "SPECIFIED", "framerateNumerator", 50)
	one(b, "parControl", "SPECIFIED", "parNumerator", 4, "parDenominator", 3)
	one(b, "parNumerator", 8, "parControl", "SPECIFIED", "parDenominator", 9)
	one(b, "parDenominator", 15, "parControl", "SPECIFIED", "parNumerator", 16)
	one(b, "gopSize", 90, "gopSizeUnits", "FRAMES")
	one(b, "gopSizeUnits", "SECONDS", "gopSize", 3)
	one(b, "minIInterval", 12)
	one(b, "sceneChangeDetect", "DISABLED")
	one(b, "numberBFramesBetweenReferenceFrames", 1)
	one(b, "numberReferenceFrames", 2)
	one(b, "gopBReference", "DISABLED")
	one(b, "dynamicSubGop", "STATIC")
	one(b, "qualityTuningLevel", "MULTI_PASS_HQ")
	one(b, "slices", 4)
	one(b, "adaptiveQuantization", "HIGHER")
	return flips
}

func allFlips() map[string]flip {
	b := base{video: h264Base}
	file := base{video: h264Base, file: true}
	capture := base{video: captureBase, file: true}
	h264, h265, av1 := codec+"h264Settings/", codec+"h265Settings/", codec+"av1Settings/"
	flips := map[string]flip{}
	for _, group := range []map[string]flip{h26x(h264Base, h264VBR, h264), h26x(h265Base, h265VBR, h265)} {
		for k, v := range group {
			flips[k] = v
		}
	}
	add := func(b base, path string, value any, more ...any) {
		set := map[string]any{path: value}
		for i := 0; i < len(more); i += 2 {
			set[more[i].(string)] = more[i+1]
		}
		flips[path] = flip{b, set}
	}
	two := []any{map[string]any{"fileInput": "s3://in/v.mp4"}, map[string]any{"fileInput": "s3://in/w.mp4"}}
	add(b, "followSource", 2, "inputs", two)
	add(b, h264+"codecProfile", "HIGH")
	add(b, h264+"codecLevel", "LEVEL_4_1")
	add(b, h264+"entropyEncoding", "CAVLC")
	add(file, h264+"writeMp4PackagingType", "AVC3")
	add(base{video: h265Base}, h265+"codecProfile", "MAIN10_HIGH")
	add(base{video: h265Base}, h265+"codecLevel", "LEVEL_5_1")
	add(base{video: h265Base, file: true}, h265+"writeMp4PackagingType", "HVC1")
	for name, value := range map[string]any{
		"bitDepth": "BIT_10", "maxBitrate": 1000000, "gopSize": 60, "slices": 4, "filmGrainSynthesis": "ENABLED",
		"spatialAdaptiveQuantization": "DISABLED", "qvbrSettings/qvbrQualityLevel": 4,
	} {
		add(base{video: av1Base, file: true}, av1+name, value)
	}
	add(base{video: av1Base, file: true}, av1+"qvbrSettings/qvbrQualityLevelFineTune", 0.66, av1+"qvbrSettings/qvbrQualityLevel", 8)
	add(base{video: av1Base, file: true}, av1+"framerateControl", "SPECIFIED", av1+"framerateNumerator", 25, av1+"framerateDenominator", 1)
	add(base{video: av1Base, file: true}, av1+"framerateNumerator", 50, av1+"framerateControl", "SPECIFIED", av1+"framerateDenominator", 1)
	add(base{video: av1Base, file: true}, av1+"framerateDenominator", 2, av1+"framerateControl", "SPECIFIED", av1+"framerateNumerator", 50)
	for name, value := range map[string]any{"framerateNumerator": 2, "framerateDenominator": 3, "maxCaptures": 4, "quality": 90} {
		add(capture, codec+"frameCaptureSettings/"+name, value)
	}
	add(b, vid+"width", 640)
	add(b, vid+"height", 360)
	add(b, vid+"sharpness", 100)
	add(b, vid+"colorMetadata", "IGNORE")
	add(b, vid+"scalingBehavior", "FILL", vid+"width", 640, vid+"height", 640)
	add(b, out+"nameModifier", "_y")
	add(file, out+"extension", "m4v")
	add(b, out+"outputSettings/hlsSettings/segmentModifier", "_$dt$")
	add(b, aac+"bitrate", 128000)
	add(b, aac+"codingMode", "CODING_MODE_1_0")
	add(b, aac+"sampleRate", 44100)
	addGroups(add, b, file)
	addInputs(add, b)
	return flips
}

func addGroups(add func(base, string, any, ...any), b, file base) {
	add(b, hls+"destination", "s3://out/b")
	add(b, hls+"segmentLength", 4)
	add(b, hls+"minSegmentLength", 2)
	add(b, hls+"minFinalSegmentLength", 1.5)
	add(b, hls+"manifestDurationFormat", "INTEGER")
	add(b, hls+"targetDurationCompatibilityMode", "SPEC_COMPLIANT")
	add(b, hls+"codecSpecification", "RFC_6381")
	add(b, hls+"streamInfResolution", "EXCLUDE")
	add(b, hls+"clientCache", "DISABLED")
	add(b, hls+"outputSelection", "SEGMENTS_ONLY")
	add(file, "outputGroups/0/outputGroupSettings/fileGroupSettings/destination", "s3://out/b")
	add(file, out+"containerSettings/mp4Settings/moovPlacement", "NORMAL")
	add(b, out+"containerSettings/m3u8Settings/pmtPid", 500)
	add(b, out+"containerSettings/m3u8Settings/videoPid", 501)
	add(b, out+"containerSettings/m3u8Settings/audioPids", []any{502})
}

func addInputs(add func(base, string, any, ...any), b base) {
	const sel = "inputs/0/audioSelectors/Audio Selector 1/"
	add(b, "inputs/0/fileInput", "https://example.com/other.mp4")
	add(b, "inputs/0/videoSelector/rotate", "DEGREES_90")
	add(b, sel+"tracks", []any{2})
	add(b, sel+"offset", 250)
	add(b, sel+"selectorType", "LANGUAGE_CODE", sel+"languageCode", "FRA")
	add(b, sel+"languageCode", "FRA", sel+"selectorType", "LANGUAGE_CODE")
	add(b, sel+"defaultSelection", "NOT_DEFAULT", "inputs/0/audioSelectors/Other", map[string]any{"defaultSelection": "DEFAULT", "tracks": []any{2}},
		out+"audioDescriptions/0/audioSourceName", "Missing")
	add(b, out+"audioDescriptions/0/audioSourceName", "Second", "inputs/0/audioSelectors/Second", map[string]any{"tracks": []any{2}})
	add(b, out+"audioDescriptions/0/languageCode", "DEU", out+"audioDescriptions/0/languageCodeControl", "USE_CONFIGURED")
	add(b, out+"audioDescriptions/0/languageCodeControl", "USE_CONFIGURED", out+"audioDescriptions/0/languageCode", "ITA")
	add(b, out+"audioDescriptions/0/customLanguageCode", "gsw", out+"audioDescriptions/0/languageCodeControl", "USE_CONFIGURED")
}

// structural leaves choose which other settings there are; they have tests of
// their own.
var structural = map[string]string{
	"outputGroups/*/outputs/*/preset":                                                        "its settings are merged into the output before anything is planned",
	"inputs/*/videoSelector/colorSpace":                                                      "only FOLLOW is honoured, which is the base",
	"outputGroups/*/outputGroupSettings/type":                                                "the kind of group; golden plans",
	"outputGroups/*/outputs/*/containerSettings/container":                                   "the kind of container; golden plans",
	"outputGroups/*/outputs/*/videoDescription/codecSettings/codec":                          "the codec; golden plans",
	"outputGroups/*/outputs/*/audioDescriptions/*/codecSettings/codec":                       "the codec; golden plans",
	"outputGroups/*/outputs/*/audioDescriptions/*/codecSettings/aacSettings/codecProfile":    "only LC is honoured, which is the base",
	"outputGroups/*/outputs/*/audioDescriptions/*/codecSettings/aacSettings/rateControlMode": "only CBR is honoured, which is the base",
	"outputGroups/*/outputs/*/videoDescription/codecSettings/av1Settings/rateControlMode":    "QVBR is the only one there is",
	"outputGroups/*/outputGroupSettings/hlsGroupSettings/segmentControl":                     "only SEGMENTED_FILES is honoured, which is the base",
	"outputGroups/*/outputGroupSettings/hlsGroupSettings/directoryStructure":                 "only SINGLE_DIRECTORY is honoured, which is the base",
	"outputGroups/*/outputGroupSettings/hlsGroupSettings/segmentLengthControl":               "only EXACT is honoured, which is the base",
	"outputGroups/*/outputs/*/videoDescription/codecSettings/h264Settings/gopClosedCadence":  "only 1 is honoured, which is the base",
	"outputGroups/*/outputs/*/videoDescription/codecSettings/h265Settings/gopClosedCadence":  "only 1 is honoured, which is the base",
}

func source() []spool.InputInfo {
	track := func(i int, lang string) spool.AudioTrack {
		return spool.AudioTrack{Index: i, Codec: "aac", Channels: 2, SampleRate: 48000, Duration: 20 * time.Second, Language: lang}
	}
	return []spool.InputInfo{{URI: "s3://in/v.mp4", Media: spool.Media{
		Duration: 20 * time.Second,
		Video: []spool.VideoTrack{{
			Codec: "h264", Width: 1280, Height: 720, FrameRate: spool.Rational{Num: 30, Den: 1}, AvgFrameRate: spool.Rational{Num: 30, Den: 1},
			Duration: 20 * time.Second, ColorSpace: "bt709", Range: "tv",
		}},
		Audio: []spool.AudioTrack{track(1, "eng"), track(2, "fre")},
	}}}
}

// planOf plans a job given as a JSON tree.
func planOf(t *testing.T, tree map[string]any) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{"settings": tree, "role": "arn:aws:iam::000000000000:role/r"})
	if err != nil {
		t.Fatal(err)
	}
	req, err := mediaconvert.DecodeRequest(data, mediaconvert.FormWire)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	resolved, err := req.Resolve(nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	for _, w := range resolved.Warnings {
		t.Errorf("honoured, and yet a warning: %+v", w)
	}
	settings, err := mediaconvert.DecodeSettings(resolved.Settings)
	if err != nil {
		t.Fatal(err)
	}
	inputs := source()
	facts := plan.Facts{Media: map[string]spool.Media{}, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	for _, s := range plan.Sources(settings) {
		m := inputs[0].Media
		if s.URI == "s3://in/w.mp4" { // a second input, of another size
			m.Video = slices.Clone(m.Video)
			m.Video[0].Width, m.Video[0].Height = 640, 360
		}
		facts.Media[s.URI] = m
	}
	p, err := plan.Build(settings, facts)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// set puts a value at a path of a JSON tree; nil removes what is there.
func set(node any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if list, ok := node.([]any); ok {
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(list) {
			panic(fmt.Sprintf("no element %s", path[0]))
		}
		list[i] = set(list[i], path[1:], value)
		return list
	}
	m, ok := node.(map[string]any)
	if !ok {
		m = map[string]any{}
	}
	if len(path) == 1 && value == nil {
		delete(m, path[0])
		return m
	}
	m[path[0]] = set(m[path[0]], path[1:], value)
	return m
}

func tree(t *testing.T, b base) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(b.job()), &m); err != nil {
		t.Fatalf("%v\n%s", err, b.job())
	}
	return m
}

// TestHonoured flips every honoured setting in a base job and demands that the
// plan changes; a setting that the table calls honoured and that has no flip
// here fails too.
func TestHonoured(t *testing.T) {
	t.Parallel()
	flips := allFlips()
	proven := map[string]bool{}
	for path, f := range flips {
		proven[pattern(path)] = true
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			changed := tree(t, f.base)
			// Everything else that the flip needs goes in first, so that the
			// setting itself is what makes the difference.
			without := tree(t, f.base)
			for p, v := range f.set {
				set(changed, strings.Split(p, "/"), v)
				if p != path && !needs(path, p) {
					set(without, strings.Split(p, "/"), v)
				}
			}
			if planOf(t, changed) == planOf(t, without) {
				t.Errorf("%s = %v changes nothing in the plan", path, f.set[path])
			}
		})
	}
	for _, s := range mediaconvert.Support() {
		if s.Verdict == mediaconvert.Honoured && !proven[s.Path] && structural[s.Path] == "" {
			t.Errorf("%s is called honoured, but nothing here proves it", s.Path)
		}
	}
	for path := range structural {
		if proven[path] {
			t.Errorf("%s is both structural and proven", path)
		}
	}
}

// needs tells that a neighbour is only valid together with the setting.
func needs(path, neighbour string) bool {
	for _, s := range []string{"rateControlMode", "framerateControl", "parControl", "framerateNumerator", "framerateDenominator", "parNumerator", "parDenominator", "qvbrQualityLevelFineTune", "gopSizeUnits", "gopSize", "selectorType", "languageCode", "defaultSelection", "audioSourceName"} {
		if strings.HasSuffix(path, "/"+s) {
			return !strings.HasSuffix(neighbour, "qvbrQualityLevel")
		}
	}
	return false
}

// pattern writes a concrete path with * for indices and map keys.
func pattern(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if _, err := strconv.Atoi(p); err == nil || i > 0 && parts[i-1] == "audioSelectors" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}
