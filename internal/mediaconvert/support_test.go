package mediaconvert

import (
	"strings"
	"testing"

	"spool/internal/spool"
)

// unbuiltSettings lists what of a resolved job can't be run yet.
func unbuiltSettings(t *testing.T, job spool.JobRequest) spool.Problems {
	t.Helper()
	settings, err := DecodeSettings(job.Settings)
	if err != nil {
		t.Fatal(err)
	}
	return UnbuiltSettings(settings)
}

// TestUnbuilt: what the service takes is taken, and what can't be run yet is
// said, once, with its pointer.
func TestUnbuilt(t *testing.T) {
	t.Parallel()
	if job, err := resolve([]byte(base), FormWire); err != nil || unbuiltSettings(t, job) != nil {
		t.Fatalf("the base job: %v, %v", err, unbuiltSettings(t, job))
	}
	const subtitles = `{"c":{"sourceSettings":{"sourceType":"SRT","fileSourceSettings":{"sourceFile":"s3://in/a/captions.srt"}}}}`
	const dash = `[{"outputGroupSettings":{"type":"DASH_ISO_GROUP_SETTINGS","dashIsoGroupSettings":{"destination":"s3://o/","segmentLength":4}},
		"outputs":[{"nameModifier":"_v","containerSettings":{"container":"MPD"},"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000}}},
			"captionDescriptions":[{"captionSelectorName":"c","destinationSettings":{"destinationType":"WEBVTT"}}]}]}]`
	for _, tt := range []struct {
		name   string
		change []string
		want   string // the beginning
	}{
		{"second input", []string{"/settings/inputs", `[{"fileInput":"s3://in/a.mp4"},{"fileInput":"s3://in/b.mp4"}]`}, "/inputs/1: More than one input is not built yet"},
		{"clipping", []string{"/settings/inputs/0/inputClippings", `[{"startTimecode":"00:00:01:00","endTimecode":"00:00:02:00"}]`}, "/inputs/0/inputClippings/0: inputClippings: clipping is not built yet"},
		{"DASH", []string{"/settings/inputs/0/captionSelectors", subtitles, "/settings/outputGroups", dash}, "/outputGroups/0/outputGroupSettings/type: type DASH_ISO_GROUP_SETTINGS: only FILE_GROUP_SETTINGS and HLS_GROUP_SETTINGS are built so far."},
		{"codec", []string{vid0 + "/codecSettings", `{"codec":"VP9","vp9Settings":{"rateControlMode":"VBR","bitrate":1000000}}`, out0 + "/containerSettings/container", `"WEBM"`, out0 + "/audioDescriptions", "-"},
			"/outputGroups/0/outputs/0/containerSettings/container: container WEBM: this container is not built yet"},
		{"RAW video", []string{out0 + "/containerSettings/container", `"RAW"`}, "/outputGroups/0/outputs/0/containerSettings/container: container RAW is built for FRAME_CAPTURE only so far."},
		{"AC3", []string{out0 + "/audioDescriptions/0/codecSettings", `{"codec":"AC3","ac3Settings":{}}`}, "/outputGroups/0/outputs/0/audioDescriptions/0/codecSettings/codec: codec AC3: this audio codec is not built yet"},
		{"PIDs", []string{"/settings/inputs/0/audioSelectors", `{"One":{"pids":[482],"defaultSelection":"DEFAULT"}}`}, "/inputs/0/audioSelectors/One/pids: pids [482]: audio is selected by tracks"},
		{"captions", []string{"/settings/inputs/0/captionSelectors", subtitles, out0 + "/captionDescriptions", `[{"captionSelectorName":"c","destinationSettings":{"destinationType":"BURN_IN"}}]`}, "/outputGroups/0/outputs/0/captionDescriptions/0: captionDescriptions: captions are not built yet"},
		{"crop", []string{"/settings/inputs/0/crop", `{"x":0,"y":0,"width":100,"height":100}`}, "/inputs/0/crop: crop: cropping is not built yet."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			job, err := resolve(changed(t, tt.change...), FormWire)
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			missing := unbuiltSettings(t, job)
			if len(missing) == 0 || !strings.HasPrefix(missing[0].String(), tt.want) {
				t.Fatalf("got  %v\nwant %s", missing, tt.want)
			}
			if tt.name == "DASH" && (len(missing) != 1 || len(job.Warnings) > 0) {
				t.Errorf("more than one sentence for a group that is not built: %v, %v", missing, job.Warnings)
			}
		})
	}
}

// TestNeverIgnored: what would do harm if it were left out is refused, inside of
// output groups that are not built too.
func TestNeverIgnored(t *testing.T) {
	t.Parallel()
	for pointer, change := range map[string][]string{
		"/outputGroups/1/outputGroupSettings/hlsGroupSettings/encryption": {hls1 + "/encryption", `{"encryptionMethod":"AES128","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899AABBCCDDEEFF","url":"https://k/"}}`},
		"/outputGroups/0/outputGroupSettings/cmafGroupSettings/encryption": {"/settings/outputGroups/0/outputGroupSettings",
			`{"type":"CMAF_GROUP_SETTINGS","cmafGroupSettings":{"destination":"s3://o/","encryption":{"type":"SPEKE","encryptionMethod":"SAMPLE_AES"}}}`},
		"/outputGroups/1/outputGroupSettings/hlsGroupSettings/adMarkers": {hls1 + "/adMarkers", `["ELEMENTAL"]`},
		"/kantarWatermark": {"/settings/kantarWatermark", `{"channelName":"a"}`},
	} {
		_, err := resolve(changed(t, change...), FormWire)
		if err == nil || !strings.Contains(err.Error(), pointer+": ") {
			t.Errorf("%s: got %v", pointer, err)
		}
	}
}
