package mediaconvert

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// usedNames are the system presets that public projects name.
var usedNames = []string{
	"System-Generic_Hd_Mp4_Avc_Aac_16x9_1280x720p_24Hz_4.5Mbps", "System-Generic_Hd_Mp4_Avc_Aac_16x9_1920x1080p_24Hz_6Mbps",
	"System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_3.5Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_5.0Mbps",
	"System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_6.5Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_5.0Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_6.5Mbps",
	"System-Ott_Hls_Ts_Avc_Aac_16x9_1920x1080p_30Hz_8.5Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_1920x1080p_8.5Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_480x270p_0.4Mbps",
	"System-Ott_Hls_Ts_Avc_Aac_16x9_480x270p_15Hz_0.4Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_640x360p_0.6Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_640x360p_1.2Mbps",
	"System-Ott_Hls_Ts_Avc_Aac_16x9_640x360p_30Hz_0.6Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_640x360p_30Hz_1.2Mbps", "System-Ott_Hls_Ts_Avc_Aac_16x9_960x540p_3.5Mbps",
	"System-Ott_Hls_Ts_Avc_Aac_16x9_960x540p_30Hz_3.5Mbps",
}

var systemName = regexp.MustCompile(`_([0-9]+)x([0-9]+)p(?:_([0-9]+)Hz)?_([0-9.]+)Mbps$`)

// TestSystemPresets: each is what its name says, is a preset that a user could
// make, and resolves without a warning.
func TestSystemPresets(t *testing.T) {
	t.Parallel()
	list := SystemPresets()
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Name
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			made, err := DecodeCreatePreset([]byte(`{"name":"`+p.Name+`","settings":`+string(p.Settings)+`}`), FormWire)
			if err != nil || string(made.Settings) != string(p.Settings) {
				t.Fatalf("not as a user's: %v\n%s\n%s", err, p.Settings, made.Settings)
			}
			group := `"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/"}`
			if strings.Contains(p.Name, "_Hls_") {
				group = `"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/","segmentLength":3,"minSegmentLength":0}`
			}
			job, err := resolveWith(t, nil, `{"role":"r","settings":{"inputs":[{"fileInput":"s3://in/a.mp4"}],"outputGroups":[{"outputGroupSettings":{`+group+`},"outputs":[{"preset":"`+p.Name+`","nameModifier":"_x"}]}]}}`)
			if err != nil || len(job.Warnings) > 0 {
				t.Fatalf("%v, %v", err, job.Warnings)
			}
			settings, err := DecodeSettings(job.Settings)
			if err != nil {
				t.Fatal(err)
			}
			checkSystemName(t, p.Name, settings.OutputGroups[0].Outputs[0])
		})
	}
	if !slices.Equal(names, usedNames) {
		t.Errorf("got %q", names)
	}
}

func checkSystemName(t *testing.T, name string, o types.Output) {
	t.Helper()
	m := systemName.FindStringSubmatch(name)
	if m == nil {
		t.Fatalf("%s is no name of a system preset", name)
	}
	mbps, err := strconv.ParseFloat(m[4], 64)
	if err != nil {
		t.Fatal(err)
	}
	h := o.VideoDescription.CodecSettings.H264Settings
	rate := ""
	if h.FramerateControl == types.H264FramerateControlSpecified && *h.FramerateDenominator == 1 {
		rate = strconv.Itoa(int(*h.FramerateNumerator))
	}
	got := fmt.Sprintf("%dx%d %s %d", *o.VideoDescription.Width, *o.VideoDescription.Height, rate, *h.Bitrate)
	if want := fmt.Sprintf("%sx%s %s %d", m[1], m[2], m[3], int(mbps*1e6)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if container := o.ContainerSettings.Container; strings.Contains(name, "Hls_Ts") != (container == types.ContainerTypeM3u8) || strings.Contains(name, "Mp4") != (container == types.ContainerTypeMp4) {
		t.Errorf("its container is %s", container)
	}
	if len(o.AudioDescriptions) != 1 || o.AudioDescriptions[0].CodecSettings.Codec != types.AudioCodecAac {
		t.Error("its audio is not AAC")
	}
}

// TestSystemTemplates: a job that names the template and a destination gets the
// whole ladder, as tutorials use it (behaviour.md 1.12).
func TestSystemTemplates(t *testing.T) {
	t.Parallel()
	for _, tmpl := range SystemJobTemplates() {
		made, err := DecodeCreateJobTemplate([]byte(`{"name":"`+tmpl.Name+`","settings":`+string(tmpl.Settings)+`}`), FormWire)
		if err != nil || string(made.Settings) != string(tmpl.Settings) || tmpl.Type != spool.TypeSystem {
			t.Errorf("%s is not as a user's: %v\n%s\n%s", tmpl.Name, err, tmpl.Settings, made.Settings)
		}
	}
	job, err := resolveWith(t, nil, `{"role":"r","jobTemplate":"System-Ott_Hls_Ts_Avc_Aac","settings":{"inputs":[{"fileInput":"https://example.com/a.mp4"}],
		"outputGroups":[{"outputGroupSettings":{"hlsGroupSettings":{"destination":"s3://out/a/"}}}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := DecodeSettings(job.Settings)
	if err != nil {
		t.Fatal(err)
	}
	outputs := settings.OutputGroups[0].Outputs
	if len(outputs) != 8 {
		t.Fatalf("%d outputs", len(outputs))
	}
	for i, want := range []string{
		"480x270p_15Hz_400Kbps", "640x360p_30Hz_600Kbps", "640x360p_30Hz_1200Kbps", "960x540p_30Hz_3500Kbps",
		"1280x720p_30Hz_3500Kbps", "1280x720p_30Hz_5000Kbps", "1280x720p_30Hz_6500Kbps", "1920x1080p_30Hz_8500Kbps",
	} {
		o := outputs[i]
		h := o.VideoDescription.CodecSettings.H264Settings
		got := fmt.Sprintf("%dx%dp_%dHz_%dKbps", *o.VideoDescription.Width, *o.VideoDescription.Height, *h.FramerateNumerator, *h.Bitrate/1000)
		if got != want || *o.NameModifier != "_Ott_Hls_Ts_Avc_Aac_16x9_"+want {
			t.Errorf("output %d: %s, %s, want %s", i, got, *o.NameModifier, want)
		}
	}
}
