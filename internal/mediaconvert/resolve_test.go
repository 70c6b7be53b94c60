package mediaconvert

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/spool"
)

// base is a job that is valid as it is: change takes a pointer and the JSON to
// put there; "-" removes.
const base = `{
 "role": "arn:aws:iam::111122223333:role/media",
 "settings": {
  "inputs": [{"fileInput": "s3://in/a.mp4", "audioSelectors": {"Audio Selector 1": {"defaultSelection": "DEFAULT"}}}],
  "outputGroups": [
   {"outputGroupSettings": {"type": "FILE_GROUP_SETTINGS", "fileGroupSettings": {"destination": "s3://out/f/"}},
    "outputs": [{
     "containerSettings": {"container": "MP4"},
     "videoDescription": {"width": 640, "height": 360, "codecSettings": {"codec": "H_264", "h264Settings": {"rateControlMode": "QVBR", "maxBitrate": 1000000}}},
     "audioDescriptions": [{"codecSettings": {"codec": "AAC", "aacSettings": {"bitrate": 96000, "codingMode": "CODING_MODE_2_0", "sampleRate": 48000}}}]}]},
   {"outputGroupSettings": {"type": "HLS_GROUP_SETTINGS", "hlsGroupSettings": {"destination": "s3://out/h/", "segmentLength": 6}},
    "outputs": [{
     "nameModifier": "_1", "containerSettings": {"container": "M3U8"},
     "videoDescription": {"codecSettings": {"codec": "H_264", "h264Settings": {"rateControlMode": "CBR", "bitrate": 1000000}}}}]}
  ]}}`

// The pointers that the tables use.
const (
	out0  = "/settings/outputGroups/0/outputs/0"
	vid0  = out0 + "/videoDescription"
	h264  = vid0 + "/codecSettings/h264Settings"
	aac0  = out0 + "/audioDescriptions/0/codecSettings/aacSettings"
	hls1  = "/settings/outputGroups/1/outputGroupSettings/hlsGroupSettings"
	cap0  = `{"codec":"FRAME_CAPTURE","frameCaptureSettings":{"framerateNumerator":1,"framerateDenominator":5}}`
	wrong = "Your job contains values for the following settings that are incompatible: Rate control mode, Bitrate, and Max bitrate. Adjust your settings and resubmit your job. Some valid combinations of settings are these: Set Rate control mode to QVBR, specify a value for Max bitrate, and don't specify a value for Bitrate. Or, set Rate control mode to CBR, specify a value for Bitrate, and don't specify a value for Max bitrate."
)

// changed gives base with changes: pairs of a pointer and JSON.
func changed(t testing.TB, changes ...string) []byte {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(base), &doc); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(changes); i += 2 {
		parts := strings.Split(strings.TrimPrefix(changes[i], "/"), "/")
		at := doc
		for _, p := range parts[:len(parts)-1] {
			if list, ok := at.([]any); ok {
				at = list[p[0]-'0']
			} else {
				at = at.(map[string]any)[p]
			}
		}
		last := parts[len(parts)-1]
		if changes[i+1] == "-" {
			delete(at.(map[string]any), last)
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(changes[i+1]), &v); err != nil {
			t.Fatalf("%s: %v", changes[i+1], err)
		}
		if list, ok := at.([]any); ok {
			list[last[0]-'0'] = v
		} else {
			at.(map[string]any)[last] = v
		}
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func resolve(data []byte, form Form) (spool.JobRequest, error) {
	r, err := DecodeRequest(data, form)
	if err != nil {
		return spool.JobRequest{}, err
	}
	return r.Resolve(nil)
}

// refusals are changes to base and the problem each must give (behaviour.md
// 6.2, 6.3).
var refusals = []struct {
	name   string
	change []string
	want   string // pointer: message, or its beginning when it ends in …
}{
	{"no settings", []string{"/settings", "-"}, "The 'settings' field is required."},
	{"no role", []string{"/role", "-"}, "The 'role' field is required."},
	{"no inputs", []string{"/settings/inputs", "-"}, "inputs is a required property"},
	{"empty inputs", []string{"/settings/inputs", "[]"}, "/inputs: Should have at least 1 items"},
	{"no file", []string{"/settings/inputs/0/fileInput", "-"}, "/inputs/0: fileInput is a required property"},
	{"file is no URL", []string{"/settings/inputs/0/fileInput", `"a.mp4"`}, "/inputs/0/fileInput: Should match the pattern ^s3://…"},
	{"file escapes", []string{"/settings/inputs/0/fileInput", `"s3://in/../a.mp4"`}, "/inputs/0/fileInput: Should name an object as s3://bucket/key: …"},
	{"folder as input", []string{"/settings/inputs/0/fileInput", `"s3://in/a/"`}, "/inputs/0/fileInput: Should name an object, not a folder"},
	{"clip without ends", []string{"/settings/inputs/0/inputClippings", `[{}]`}, `/inputs/0/inputClippings/0: Should match any schema defined in "anyOf"…`},
	{"crop", []string{"/settings/inputs/0/crop", `{"x":0,"y":0,"width":101,"height":100}`}, "/inputs/0/crop/width: Should be a multiple of 2"},
	{"position", []string{vid0 + "/position", `{"x":1,"y":0,"width":100,"height":100}`}, "/outputGroups/0/outputs/0/videoDescription/position/x: Should be a multiple of 2"},
	{"timecode start", []string{"/settings/inputs/0/timecodeStart", `"01:00:00:00"`}, "/inputs/0/timecodeSource: Must be SPECIFIEDSTART"},
	{"timecode start missing", []string{"/settings/inputs/0/timecodeSource", `"SPECIFIEDSTART"`}, "/inputs/0: timecodeStart is a required property"},
	{"no groups", []string{"/settings/outputGroups", "-"}, "outputGroups is a required property"},
	{"no outputs", []string{"/settings/outputGroups/0/outputs", "[]"}, "/outputGroups/0/outputs: Should have at least 1 items"},
	{"no group settings", []string{"/settings/outputGroups/0/outputGroupSettings", "-"}, "/outputGroups/0: outputGroupSettings is a required property"},
	{"wrong group settings", []string{"/settings/outputGroups/0/outputGroupSettings", `{"type":"FILE_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://o/"}}`},
		"/outputGroups/0/outputGroupSettings: fileGroupSettings is a required property"},
	{"no destination", []string{"/settings/outputGroups/0/outputGroupSettings/fileGroupSettings", "{}"}, "/outputGroups/0/outputGroupSettings/fileGroupSettings: destination is a required property"},
	{"destination scheme", []string{"/settings/outputGroups/0/outputGroupSettings/fileGroupSettings/destination", `"/tmp/x"`},
		`/outputGroups/0/outputGroupSettings/fileGroupSettings/destination: Should match the pattern ^s3:\/\/.*$`},
	{"destination escapes", []string{hls1 + "/destination", `"s3://out/../x"`}, "/outputGroups/1/outputGroupSettings/hlsGroupSettings/destination: Should be a place…"},
	{"no container", []string{out0 + "/containerSettings", "-"}, "/outputGroups/0/outputs/0: containerSettings is a required property"},
	{"container of another group", []string{out0 + "/containerSettings/container", `"M3U8"`}, `/outputGroups/0/outputs/0/containerSettings/container: Should be equal to one of the allowed values in ["MP4",…`},
	{"unknown container", []string{out0 + "/containerSettings/container", `"AVI"`}, `/outputGroups/0/outputs/0/containerSettings/container: Should be equal to one of the allowed values in ["F4V","GIF",…`},
	{"cslg for ctts 1", []string{out0 + "/containerSettings/mp4Settings", `{"cttsVersion":1}`}, "/outputGroups/0/outputs/0/containerSettings/mp4Settings/cslgAtom: Must be INCLUDE"},
	{"preset", []string{out0 + "/preset", `"p"`, out0 + "/containerSettings", "-"}, "/outputGroups/0/outputs/0/preset: There is no preset \"p\": …"},
	{"template", []string{"/jobTemplate", `"t"`}, "/jobTemplate: There is no job template \"t\": …"},
	{"no codec", []string{vid0 + "/codecSettings/codec", "-"}, "/outputGroups/0/outputs/0/videoDescription/codecSettings: codec is a required property"},
	{"no codec settings", []string{h264, "-"}, "/outputGroups/0/outputs/0/videoDescription/codecSettings: Should have at least 2 properties"},
	{"two codec settings", []string{vid0 + "/codecSettings/h265Settings", "{}"}, "/outputGroups/0/outputs/0/videoDescription/codecSettings: Should have at most 2 properties"},
	{"other codec", []string{vid0 + "/codecSettings/codec", `"H_265"`}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/codec: Must be H_264"},
	{"capture in MP4", []string{vid0 + "/codecSettings", cap0}, "/outputGroups/0/outputs/0/containerSettings/container: Must be RAW"},
	{"odd width", []string{vid0 + "/width", "641"}, "/outputGroups/0/outputs/0/videoDescription/width: Should be a multiple of 2"},
	{"narrow", []string{vid0 + "/width", "30"}, "/outputGroups/0/outputs/0/videoDescription/width: Should be greater than or equal to 32"},
	{"B-frames", []string{h264 + "/numberBFramesBetweenReferenceFrames", "8"}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/numberBFramesBetweenReferenceFrames: Should be less than or equal to 7"},
	{"profile", []string{h264 + "/codecProfile", `"ULTRA"`}, `/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/codecProfile: Should be equal to one of the allowed values in ["BASELINE","HIGH","HIGH_10BIT","HIGH_422","HIGH_422_10BIT","MAIN"]`},
	{"baseline", []string{h264 + "/codecProfile", `"BASELINE"`, h264 + "/entropyEncoding", `"CABAC"`}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/entropyEncoding: Must be CAVLC"},
	{"no mode", []string{h264 + "/rateControlMode", "-", h264 + "/maxBitrate", "-"}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings: rateControlMode is a required property"},
	{"QVBR with bitrate", []string{h264 + "/bitrate", "900000"}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings: " + wrong},
	{"QVBR without max", []string{h264 + "/maxBitrate", "-"}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings: " + wrong},
	{"CBR with max", []string{h264 + "/rateControlMode", `"CBR"`, h264 + "/bitrate", "900000"}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings: " + wrong},
	{"VBR without bitrate", []string{h264 + "/rateControlMode", `"VBR"`}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings: " + wrong},
	{"QVBR settings in VBR", []string{h264, `{"rateControlMode":"VBR","bitrate":1000000,"qvbrSettings":{"qvbrQualityLevel":7}}`},
		"/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/rateControlMode: Must be QVBR"},
	{"level rate", []string{h264 + "/codecLevel", `"LEVEL_3_1"`, h264 + "/maxBitrate", "16800001"}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/maxBitrate: Should be less than or equal to 16800000"},
	{"level size", []string{h264 + "/codecLevel", `"LEVEL_2"`}, "/outputGroups/0/outputs/0/videoDescription/width: Should be less than or equal to 272"},
	{"frame rate", []string{h264 + "/framerateControl", `"SPECIFIED"`}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings: framerateNumerator is a required property"},
	{"open GOPs in HLS", []string{"/settings/outputGroups/1/outputs/0/videoDescription/codecSettings/h264Settings/gopClosedCadence", "0"},
		"/outputGroups/1/outputs/0/videoDescription/codecSettings/h264Settings/gopClosedCadence: Should be greater than or equal to 1"},
	{"AV1 in HLS", []string{"/settings/outputGroups/1/outputs/0/videoDescription/codecSettings", `{"codec":"AV1","av1Settings":{"maxBitrate":100000}}`},
		`/outputGroups/1/outputs/0/videoDescription/codecSettings/codec: Should be equal to one of the allowed values in ["H_264","H_265"]`},
	{"AV1 slices", []string{vid0 + "/codecSettings", `{"codec":"AV1","av1Settings":{"maxBitrate":100000,"slices":3}}`},
		"/outputGroups/0/outputs/0/videoDescription/codecSettings/av1Settings/slices: Should be equal to one of the allowed values in [1,2,4,8,16,32]"},
	{"AAC rate", []string{aac0 + "/sampleRate", "-"}, "/outputGroups/0/outputs/0/audioDescriptions/0/codecSettings/aacSettings: sampleRate is a required property"},
	{"AAC mode", []string{aac0 + "/codingMode", "-"}, "/outputGroups/0/outputs/0/audioDescriptions/0/codecSettings/aacSettings: codingMode is a required property"},
	{"AAC bitrate", []string{aac0 + "/bitrate", "640000"}, "/outputGroups/0/outputs/0/audioDescriptions/0/codecSettings/aacSettings/bitrate: You specified a value for Bitrate that is not valid with the combination of Profile LC, Coding mode CODING_MODE_2_0, and Sample rate 48000 you selected. Specify a bitrate in the range of 64000-576000, …"},
	{"no such selector", []string{out0 + "/audioDescriptions/0/audioSourceName", `"Other"`, "/settings/inputs/0/audioSelectors", `{"One":{}}`},
		`/outputGroups/0/outputs/0/audioDescriptions/0/audioSourceName: No input has an audio selector "Other"…`},
	{"no modifier", []string{"/settings/outputGroups/1/outputs/0/nameModifier", "-"}, "/outputGroups/1/outputs/0: nameModifier is a required property"},
	{"modifier escapes", []string{out0 + "/nameModifier", `"/../../x"`}, "/outputGroups/0/outputs/0/nameModifier: Should give the output a possible name: …"},
	{"two captures, one name", []string{"/settings/outputGroups/0/outputs", `[{"containerSettings":{"container":"RAW"},"videoDescription":{"codecSettings":` + cap0 + `}},
		{"containerSettings":{"container":"RAW"},"videoDescription":{"codecSettings":` + cap0 + `}}]`}, "/outputGroups/0/outputs/1: nameModifier is a required property…"},
	{"manifest over child", []string{hls1 + "/destination", `"s3://out/f/a"`, "/settings/outputGroups/0/outputs/0/extension", `"m3u8"`},
		"/outputGroups/1/outputGroupSettings: The destination should be another one…"},
	{"encryption", []string{hls1 + "/encryption", `{"type":"SPEKE","encryptionMethod":"AES128","spekeKeyProvider":{"url":"https://k/"}}`}, "/outputGroups/1/outputGroupSettings/hlsGroupSettings/encryption/spekeKeyProvider: spekeKeyProvider: key servers (SPEKE) are not offered…"},
	{"watermark", []string{"/settings/kantarWatermark", `{"channelName":"x"}`}, "/kantarWatermark: kantarWatermark: watermarks are not offered…"},
	{"ad markers", []string{hls1 + "/adMarkers", `["ELEMENTAL"]`}, `/outputGroups/1/outputGroupSettings/hlsGroupSettings/adMarkers: adMarkers ["ELEMENTAL"]: ad markers…`},
	{"short segments", []string{hls1 + "/segmentLength", "0"}, "/outputGroups/1/outputGroupSettings/hlsGroupSettings/segmentLength: Should be greater than or equal to 1"},
	{"priority", []string{"/priority", "51"}, "/priority: Should be less than or equal to 50"},
	{"queue", []string{"/queue", `"arn:aws:mediaconvert:us-east-1:1:presets/x"`}, "/queue: Should be a name, or an ARN…"},
	{"interval", []string{"/statusUpdateInterval", `"SECONDS_5"`}, `/statusUpdateInterval: Should be equal to one of the allowed values in ["SECONDS_10",…`},
	{"hop wait", []string{"/hopDestinations", `[{"queue":"other"}]`}, "/hopDestinations/0: waitMinutes is a required property"},
	{"many hops", []string{"/hopDestinations", "[" + strings.Repeat(`{"queue":"other","waitMinutes":1},`, 50) + `{"queue":"other","waitMinutes":1}]`}, "/hopDestinations: Should have at most 50 items"},
	{"metadata key", []string{"/userMetadata", `{"aws:x":"y"}`}, "/userMetadata/aws:x: A key may not begin with aws:"},
	{"metadata value", []string{"/userMetadata", `{"x":"a\u0000b"}`}, "/userMetadata/x: A value may hold letters…"},
	{"token", []string{"/clientRequestToken", `"` + strings.Repeat("x", 65) + `"`}, "/clientRequestToken: Should have at most 64 ASCII characters"},
	{"type", []string{vid0 + "/width", `"640"`}, "/outputGroups/0/outputs/0/videoDescription/width: Should be of type integer, not string"},
	{"list", []string{"/settings/inputs", `{}`}, "/inputs: Should be of type array, not object"},
	{"unknown", []string{vid0 + "/witdh", "640"}, "/outputGroups/0/outputs/0/videoDescription/witdh: The member is not known; check its spelling or remove it."},
	{"Pascal on the wire", []string{"/settings/Inputs", "[]"}, "/Inputs: The member is not known; check its spelling or remove it."},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	if job, err := resolve([]byte(base), FormWire); err != nil || len(job.Warnings) > 0 {
		t.Fatalf("the base itself: %v %v", err, job.Warnings)
	}
	for _, tt := range refusals {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := resolve(changed(t, tt.change...), FormWire)
			var problems spool.Problems
			if !errors.As(err, &problems) || !errors.Is(err, spool.ErrInvalid) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			for _, p := range problems {
				if begin, cut := strings.CutSuffix(tt.want, "…"); p.String() == tt.want || cut && strings.HasPrefix(p.String(), begin) {
					return
				}
			}
			t.Errorf("got  %v\nwant %s", err, tt.want)
		})
	}
}

// TestAllAtOnce: several errors come together, joined as the service does.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	_, err := resolve(changed(t, "/priority", "51", h264+"/codecProfile", `"X"`, aac0+"/sampleRate", "-", out0+"/containerSettings", "-"), FormWire)
	var problems spool.Problems
	if !errors.As(err, &problems) || len(problems) != 4 || strings.Count(err.Error(), " | ") != 3 {
		t.Errorf("got %v", err)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change []string
		want   string // "" for none
	}{
		{"neutral", []string{h264 + "/telecine", `"NONE"`, h264 + "/softness", "0", vid0 + "/antiAlias", `"ENABLED"`}, ""},
		{"no effect", []string{"/settings/timecodeConfig", `{"source":"ZEROBASED"}`, "/settings/outputGroups/0/name", `"x"`}, ""},
		{"reserved queues are there", []string{"/simulateReservedQueue", `"ENABLED"`}, ""},
		{"as many hops as there may be", []string{"/hopDestinations", "[" + strings.Repeat(`{"queue":"other","waitMinutes":1},`, 49) + `{"queue":"other","waitMinutes":1}]`}, ""},
		{"telecine", []string{h264 + "/telecine", `"SOFT"`},
			"/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/telecine: telecine SOFT has no effect here: the encoder writes no pulldown flags."},
		{"subtree", []string{vid0 + "/videoPreprocessors", `{"dolbyVision":{"l6Mode":"PASSTHROUGH","profile":"PROFILE_5"}}`},
			"/outputGroups/0/outputs/0/videoDescription/videoPreprocessors/dolbyVision: dolbyVision has no effect here: Dolby Vision is not written."},
		{"extension of a playlist", []string{"/settings/outputGroups/1/outputs/0/extension", `"m3u8"`, out0 + "/extension", `"m4v"`}, ""},
		{"extension in HLS", []string{"/settings/outputGroups/1/outputs/0/extension", `"mp4"`},
			"/outputGroups/1/outputs/0/extension: extension mp4 has no effect here: playlists end in .m3u8 and segments in .ts."},
		{"quality", []string{h264 + "/qvbrSettings", `{"qvbrQualityLevel":7,"qvbrQualityLevelFineTune":0.33}`}, ""},
		{"fine tune alone", []string{h264 + "/qvbrSettings", `{"qvbrQualityLevelFineTune":0.33}`},
			"/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/qvbrSettings/qvbrQualityLevelFineTune: qvbrQualityLevelFineTune 0.33 has no effect here: it is a part of qvbrQualityLevel, which is not given."},
		{"fine tune alone, H.265", []string{vid0 + "/codecSettings", `{"codec":"H_265","h265Settings":{"rateControlMode":"QVBR","maxBitrate":1000000,"qvbrSettings":{"qvbrQualityLevelFineTune":0.5}}}`},
			"/outputGroups/0/outputs/0/videoDescription/codecSettings/h265Settings/qvbrSettings/qvbrQualityLevelFineTune: qvbrQualityLevelFineTune 0.5 has no effect here: it is a part of qvbrQualityLevel, which is not given."},
		{"fine tune alone, AV1", []string{vid0 + "/codecSettings", `{"codec":"AV1","av1Settings":{"maxBitrate":1000000,"qvbrSettings":{"qvbrQualityLevelFineTune":0.5}}}`},
			"/outputGroups/0/outputs/0/videoDescription/codecSettings/av1Settings/qvbrSettings/qvbrQualityLevelFineTune: qvbrQualityLevelFineTune 0.5 has no effect here: it is a part of qvbrQualityLevel, which is not given."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			job, err := resolve(changed(t, tt.change...), FormWire)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if len(job.Warnings) > 0 {
					t.Errorf("unexpected: %v", job.Warnings)
				}
				return
			}
			if len(job.Warnings) != 1 || job.Warnings[0].Code != spool.WarnSettingIgnored || job.Warnings[0].Pointer+": "+job.Warnings[0].Message != tt.want {
				t.Errorf("got  %v\nwant %s", job.Warnings, tt.want)
			}
		})
	}
}

// TestPIDs: defaults make way for what the user chose, so that no two streams
// share a PID; what he chose twice is refused.
func TestPIDs(t *testing.T) {
	t.Parallel()
	const at = "/settings/outputGroups/1/outputs/0/containerSettings/m3u8Settings"
	for given, want := range map[string][4]int32{ // PMT, video, the first two of the audio list (0: none)
		`{}`:                             {480, 481, 482, 483},
		`{"videoPid":482}`:               {480, 482, 483, 484},
		`{"videoPid":480}`:               {481, 480, 482, 483},
		`{"pmtPid":481}`:                 {481, 482, 483, 484},
		`{"audioPids":[483]}`:            {480, 481, 483, 0},
		`{"audioPids":[481,480]}`:        {483, 482, 481, 480},
		`{"pmtPid":490,"videoPid":500}`:  {490, 500, 482, 483},
		`{"videoPid":482,"pmtPid":483}`:  {483, 482, 484, 485},
		`{"videoPid":50,"audioPids":[]}`: {480, 50, 482, 483},
	} {
		job, err := resolve(changed(t, at, given), FormWire)
		if err != nil {
			t.Fatal(given, err)
		}
		s, err := DecodeSettings(job.Settings)
		if err != nil {
			t.Fatal(err)
		}
		m := s.OutputGroups[1].Outputs[0].ContainerSettings.M3u8Settings
		got := [4]int32{*m.PmtPid, *m.VideoPid, m.AudioPids[0]}
		if len(m.AudioPids) > 1 {
			got[3] = m.AudioPids[1]
		}
		if got != want {
			t.Errorf("%s: got %v, want %v", given, got, want)
		}
		seen := map[int32]bool{*m.PmtPid: true, *m.VideoPid: true}
		for _, pid := range m.AudioPids {
			if seen[pid] {
				t.Errorf("%s: %d twice", given, pid)
			}
			seen[pid] = true
		}
		if _, err := (&Request{Settings: s, form: FormFile}).Resolve(nil); err != nil {
			t.Errorf("%s: what was resolved is refused: %v", given, err)
		}
	}
	for given, want := range map[string]string{
		`{"videoPid":482,"audioPids":[482]}`: "/audioPids/0: Should be another PID: 482 is used already",
		`{"pmtPid":500,"videoPid":500}`:      "/videoPid: Should be another PID: 500 is used already",
	} {
		if _, err := resolve(changed(t, at, given), FormWire); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", given, err)
		}
	}
}

// TestRateMode: deployed templates leave the mode out.
func TestRateMode(t *testing.T) {
	t.Parallel()
	for rates, want := range map[string]string{
		`{"bitrate":1000000}`:                         "CBR",
		`{"bitrate":1000000,"maxBitrate":2000000}`:    "VBR",
		`{"maxBitrate":2000000,"qvbrSettings":{}}`:    "QVBR",
		`{"bitrate":1000000,"rateControlMode":"VBR"}`: "VBR",
	} {
		job, err := resolve(changed(t, h264, rates), FormWire)
		if err != nil {
			t.Fatal(rates, err)
		}
		s, err := DecodeSettings(job.Settings)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.OutputGroups[0].Outputs[0].VideoDescription.CodecSettings.H264Settings.RateControlMode; string(got) != want {
			t.Errorf("%s: got %s, want %s", rates, got, want)
		}
	}
}

// TestMembers: what becomes of the members beside settings.
func TestMembers(t *testing.T) {
	t.Parallel()
	_, err := resolve(changed(t, "/queue", `"arn:aws:mediaconvert:region:account_id:queues/catqueue"`, "/priority", "-7",
		"/userMetadata", `{"assetID":"3f0c6c8e","name":"Zoë's"}`, "/accelerationSettings", `{"mode":"PREFERRED"}`), FormWire)
	if err == nil {
		t.Error("an apostrophe is in none of the allowed characters")
	}
	job, err := resolve(changed(t, "/queue", `"arn:aws:mediaconvert:region:account_id:queues/catqueue"`, "/priority", "-7",
		"/userMetadata", `{"assetID":"3f0c6c8e","name":"Zoë"}`, "/accelerationSettings", `{"mode":"PREFERRED"}`), FormWire)
	if err != nil {
		t.Fatal(err)
	}
	if job.Queue != "catqueue" || job.Priority != -7 || job.UserMetadata["name"] != "Zoë" || job.AccelerationMode != "PREFERRED" ||
		job.StatusUpdateInterval != "SECONDS_60" || job.BillingTagsSource != "JOB" {
		t.Errorf("got %+v", job)
	}
	if bare, err := resolve([]byte(base), FormWire); err != nil || bare.Queue != spool.DefaultQueue || bare.AccelerationMode != "DISABLED" {
		t.Errorf("got %+v, %v", bare, err)
	}
}

// FuzzDecodeRequest: nothing panics; what resolves is the same after another
// trip over the wire, and resolves again.
func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(base), false)
	for _, tt := range refusals {
		f.Add(changed(f, tt.change...), false)
	}
	for _, doc := range fileForms {
		f.Add([]byte(doc.text), true)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "jobs", "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, file bool) {
		form := FormWire
		if file {
			form = FormFile
		}
		r, err := DecodeRequest(data, form)
		if err != nil {
			var problems spool.Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("an error that is no list of problems: %v", err)
			}
			return
		}
		job, err := r.Resolve(nil)
		if err != nil {
			return
		}
		settings, err := DecodeSettings(job.Settings)
		if err != nil {
			t.Fatalf("resolved settings do not decode: %v", err)
		}
		again, err := EncodeSettings(settings)
		if err != nil || string(again) != string(job.Settings) {
			t.Fatalf("not the same after a trip over the wire: %v\n%s\n%s", err, job.Settings, again)
		}
		twice, err := (&Request{Settings: settings, form: FormFile}).Resolve(nil)
		if err != nil || string(twice.Settings) != string(job.Settings) {
			t.Fatalf("resolving twice is not resolving once: %v\n%s\n%s", err, job.Settings, twice.Settings)
		}
	})
}
