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

// Shorthands for paths. Companions that begin with a slash are paths from the
// root; others stand in the same object as the setting.
const (
	in0   = "inputs/0/"
	vsel  = in0 + "videoSelector/"
	asel  = in0 + "audioSelectors/Audio Selector 1/"
	group = "outputGroups/0/outputGroupSettings/"
	out   = "outputGroups/0/outputs/0/"
	box   = out + "containerSettings/"
	vid   = out + "videoDescription/"
	pre   = vid + "videoPreprocessors/"
	codec = vid + "codecSettings/"
	aud   = out + "audioDescriptions/0/"
	acod  = aud + "codecSettings/"
	capt  = out + "captionDescriptions/0/"
)

// base is a job in which settings are flipped.
type base string

// Parts of base jobs.
const (
	h264QVBR = `"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":3000000}`
	h264VBR  = `"codec":"H_264","h264Settings":{"rateControlMode":"VBR","bitrate":2000000,"maxBitrate":3000000}`
	h265QVBR = `"codec":"H_265","h265Settings":{"rateControlMode":"QVBR","maxBitrate":3000000}`
	h265VBR  = `"codec":"H_265","h265Settings":{"rateControlMode":"VBR","bitrate":2000000,"maxBitrate":3000000}`
	av1QVBR  = `"codec":"AV1","av1Settings":{"rateControlMode":"QVBR","maxBitrate":3000000}`
	captures = `"codec":"FRAME_CAPTURE","frameCaptureSettings":{"framerateNumerator":1,"framerateDenominator":1,"maxCaptures":9,"quality":50}`
	aac      = `"codec":"AAC","aacSettings":{"bitrate":96000,"codingMode":"CODING_MODE_2_0","sampleRate":48000}`

	hlsGroup  = `"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/a","segmentLength":6,"minSegmentLength":0}`
	fileGroup = `"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/a"}`
	m3u8      = `"container":"M3U8","m3u8Settings":{}`
	mp4       = `"container":"MP4","mp4Settings":{}`
)

// The jobs: an HLS stream, and files of their own.
var (
	hlsJob      = job(hlsGroup, m3u8, h264QVBR, aac)
	hlsVBRJob   = job(hlsGroup, m3u8, h264VBR, aac)
	hlsH265Job  = job(hlsGroup, m3u8, h265QVBR, aac)
	h265VBRJob  = job(hlsGroup, m3u8, h265VBR, aac)
	fileJob     = job(fileGroup, mp4, h264QVBR, aac)
	fileH265Job = job(fileGroup, mp4, h265QVBR, aac)
	av1Job      = job(fileGroup, mp4, av1QVBR, aac)
	fieldsJob   = base(strings.Replace(string(hlsJob), "s3://in/v.mp4", "s3://in/fields.ts", 1))
	captureJob  = job(fileGroup, `"container":"RAW"`, captures, "")
	abrJob      = base(strings.Replace(string(job(hlsGroup, m3u8, `"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","qualityTuningLevel":"MULTI_PASS_HQ"}`, aac)),
		`"outputGroups":[{`, `"outputGroups":[{"automatedEncodingSettings":{"abrSettings":{}},`, 1))
)

// job writes a base job of one output from the members of its parts; without
// video or audio where those are empty.
func job(group, container, video, audio string) base {
	if video != "" {
		video = `,"videoDescription":{"codecSettings":{` + video + `}}`
	}
	if audio != "" {
		audio = `,"audioDescriptions":[{"audioSourceName":"Audio Selector 1","codecSettings":{` + audio + `}}]`
	}
	return base(`{"inputs":[{"fileInput":"s3://in/v.mp4","audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}},"videoSelector":{}}],
		"outputGroups":[{"outputGroupSettings":{` + group + `},"outputs":[{"nameModifier":"_x","containerSettings":{` + container + `}` + video + audio + `}]}]}`)
}

// sources are what is found in the files that jobs name; all others are like
// the first.
func sources() map[string]spool.Media {
	track := func(i int, lang string) spool.AudioTrack {
		return spool.AudioTrack{Index: i, ID: 481 + i, Codec: "aac", Channels: 2, SampleRate: 48000, Duration: 20 * time.Second, Language: lang}
	}
	first := spool.Media{
		Duration: 20 * time.Second, Timecode: "01:00:00:00",
		Video: []spool.VideoTrack{{
			Codec: "h264", Width: 1280, Height: 720, FrameRate: spool.Rational{Num: 30, Den: 1}, AvgFrameRate: spool.Rational{Num: 30, Den: 1},
			Duration: 20 * time.Second, ColorSpace: "bt709", Range: "tv",
		}, { // a second angle
			Index: 3, ID: 77, Codec: "h264", Width: 640, Height: 360, FrameRate: spool.Rational{Num: 30, Den: 1}, AvgFrameRate: spool.Rational{Num: 30, Den: 1},
			FieldOrder: "progressive", Duration: 20 * time.Second, ColorSpace: "bt709", Range: "tv",
		}},
		Audio: []spool.AudioTrack{track(1, "eng"), track(2, "fre")},
		Text:  []spool.TextTrack{{Index: 3, Codec: "mov_text"}, {Index: 4, Codec: "subrip"}, {Index: 5, Codec: "subrip"}},
	}
	change := func(f func(v *spool.VideoTrack)) spool.Media {
		m := first
		m.Video = slices.Clone(m.Video)
		f(&m.Video[0])
		return m
	}
	sound := func(f func(m *spool.Media)) spool.Media {
		m := first
		m.Format = "mov,mp4,m4a,3gp,3g2,mj2"
		m.Audio = slices.Clone(m.Audio)
		f(&m)
		return m
	}
	drifting := sound(func(m *spool.Media) { m.Audio[0].Duration += 200 * time.Millisecond })
	uncompressed := sound(func(m *spool.Media) {
		m.Audio[0].Codec, m.Audio[1].Codec = "pcm_s16le", "pcm_s16le"
		m.Audio[0].Type = 2
	})
	dolby := sound(func(m *spool.Media) {
		m.Audio[0].Codec, m.Audio[0].Channels, m.Audio[0].Layout = "eac3", 6, "5.1(side)"
	})
	return map[string]spool.Media{
		"s3://in/v.mp4": first,
		"s3://in/full.mp4": change(func(v *spool.VideoTrack) {
			v.Width, v.Height = 1920, 1080
			v.FrameRate, v.AvgFrameRate = spool.Rational{Num: 25, Den: 1}, spool.Rational{Num: 25, Den: 1}
		}),
		"s3://in/full-bottom.ts": change(func(v *spool.VideoTrack) {
			v.Width, v.Height, v.FieldOrder = 1920, 1080, "bb"
			v.FrameRate, v.AvgFrameRate = spool.Rational{Num: 25, Den: 1}, spool.Rational{Num: 25, Den: 1}
		}),
		"s3://in/uhd.mp4": change(func(v *spool.VideoTrack) {
			v.Width, v.Height = 3840, 2160
			v.FrameRate, v.AvgFrameRate = spool.Rational{Num: 25, Den: 1}, spool.Rational{Num: 25, Den: 1}
		}),
		"s3://in/alpha.mov": change(func(v *spool.VideoTrack) { v.PixelFormat = "yuva444p10le" }),
		"s3://in/fields.ts": change(func(v *spool.VideoTrack) { v.FieldOrder = "bb" }),
		"s3://in/fast.mp4": change(func(v *spool.VideoTrack) {
			v.FrameRate, v.AvgFrameRate = spool.Rational{Num: 50, Den: 1}, spool.Rational{Num: 50, Den: 1}
		}),
		"s3://in/film.mp4": change(func(v *spool.VideoTrack) {
			v.FrameRate, v.AvgFrameRate = spool.Rational{Num: 24000, Den: 1001}, spool.Rational{Num: 24000, Den: 1001}
		}),
		"s3://in/hlg.mp4": change(func(v *spool.VideoTrack) {
			v.Transfer, v.Primaries, v.ColorSpace = "arib-std-b67", "bt2020", "bt2020nc"
		}),
		"s3://in/drift.mp4": drifting,
		"s3://in/pcm.mov":   uncompressed,
		"s3://in/eac3.mp4":  dolby,
		"s3://in/small.mp4": change(func(v *spool.VideoTrack) { v.Width, v.Height = 640, 360 }),
	}
}

// finding is what a task of the survey is taken to have found.
func finding(task plan.Task) string {
	var text strings.Builder
	if task.ID == "abr" {
		// a packet for each of the encodes that measure sizes, largest first
		bytes := 2e6
		for i := range strings.Count(strings.Join(task.Args, " "), "-crf:v:") {
			fmt.Fprintf(&text, "%d, 0, 0, 1, %d, 0x0\n", i, int(bytes))
			bytes /= 1.7
		}
		return text.String()
	}
	// 5 s at −20 LKFS and 5 s at −40: the gates leave the quiet half out
	for i := range 100 {
		level := -20.0 - 20*float64(i/50)
		fmt.Fprintf(&text, "frame:%d pts:0 pts_time:%d\nlavfi.r128.M=%.3f\nlavfi.r128.true_peak=0.800\n", i, i/10, level)
	}
	return text.String()
}

// planOf plans a job given as a JSON tree. It gives an error for a job that is
// not valid, and one with warnings: what is honoured raises none.
func planOf(tree any) (string, error) {
	data, err := json.Marshal(map[string]any{"settings": tree, "role": "arn:aws:iam::000000000000:role/r"})
	if err != nil {
		return "", err
	}
	req, err := mediaconvert.DecodeRequest(data, mediaconvert.FormWire)
	if err != nil {
		return "", err
	}
	resolved, err := req.Resolve(nil)
	if err != nil {
		return "", err
	}
	if len(resolved.Warnings) > 0 {
		return "", fmt.Errorf("honoured, and yet there are warnings: %v", resolved.Warnings)
	}
	settings, err := mediaconvert.DecodeSettings(resolved.Settings)
	if err != nil {
		return "", err
	}
	facts := plan.Facts{Media: map[string]spool.Media{}, Findings: map[string]string{}, Encoders: []string{plan.EncoderFDK}, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	known := sources()
	for _, s := range plan.Sources(settings) {
		if !s.Probe {
			continue
		}
		m, ok := known[s.URI]
		if !ok {
			m = known["s3://in/v.mp4"]
		}
		facts.Media[s.URI] = m
	}
	survey, err := plan.Survey(settings, facts)
	if err != nil {
		return "", err
	}
	for _, task := range survey {
		facts.Findings[task.ID] = finding(task)
	}
	p, err := plan.Build(settings, facts)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal([]any{survey, p})
	return string(text), err
}

// set puts a value at a path of a JSON tree, making what is not there; nil
// removes what is.
func set(node any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	i, err := strconv.Atoi(path[0])
	list, isList := node.([]any)
	if isList || err == nil && node == nil {
		if err != nil || i > len(list) {
			panic(fmt.Sprintf("no element %s", path[0]))
		}
		if i == len(list) {
			list = append(list, nil)
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

// get reads a value of a JSON tree, nil where there is none.
func get(node any, path []string) any {
	for _, p := range path {
		switch n := node.(type) {
		case map[string]any:
			node = n[p]
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i >= len(n) {
				return nil
			}
			node = n[i]
		default:
			return nil
		}
	}
	return node
}

func (b base) tree(t testing.TB) any {
	t.Helper()
	var m any
	if err := json.Unmarshal([]byte(b), &m); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return m
}

// row gives the path of the support table that a path of a job stands for:
// there, * is a list index or a map key.
func row(path string) string {
	parts := strings.Split(path, "/")
	for _, s := range mediaconvert.Settings() {
		other := strings.Split(s.Path, "/")
		if len(other) != len(parts) {
			continue
		}
		if slices.EqualFunc(parts, other, func(a, b string) bool { return b == "*" || a == b }) {
			return s.Path
		}
	}
	return ""
}
