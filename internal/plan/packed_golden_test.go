package plan_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"spool/internal/plan"
)

// packedGroupKinds are the groups that are packaged: type, settings object and
// container.
var packedGroupKinds = map[string][3]string{
	"dash":   {"DASH_ISO_GROUP_SETTINGS", "dashIsoGroupSettings", "MPD"},
	"cmaf":   {"CMAF_GROUP_SETTINGS", "cmafGroupSettings", "CMFC"},
	"smooth": {"MS_SMOOTH_GROUP_SETTINGS", "msSmoothGroupSettings", "ISMV"},
}

// packedCase is one job with a packaged group of a picture and a sound: what its
// settings become is written down.
type packedCase struct {
	name  string
	group string // members of the group's settings
	video string // members of the picture's codec settings
	box   string // members of the sound's container settings object
	first string // name modifier of the picture
	codec string // codec and settings of the picture, instead of H.264
}

func (c packedCase) lines(t *testing.T, kind string) []string {
	t.Helper()
	k := packedGroupKinds[kind]
	part := func(s string) string {
		if s != "" {
			return "," + s
		}
		return ""
	}
	group := c.group
	for _, name := range []string{"segmentLength", "fragmentLength"} {
		if !strings.Contains(group, `"`+name+`"`) && (kind != "smooth" || name == "fragmentLength") {
			group = strings.TrimSuffix(fmt.Sprintf(`%q:%d,`, name, map[string]int{"segmentLength": 6, "fragmentLength": 2}[name])+group, ",")
		}
	}
	codec := c.codec
	if codec == "" {
		codec = `"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000` + part(c.video) + `}`
	}
	modifier := c.first
	if modifier == "" {
		modifier = "_v"
	}
	box := fmt.Sprintf(`"container":%q`, k[2])
	sound := box
	if c.box != "" {
		sound += `,"` + strings.ToLower(k[2]) + `Settings":{` + c.box + `}`
	}
	second := "_a"
	if strings.Contains(modifier, "$Number$") {
		second = "_a_$Number$"
	}
	body := fmt.Sprintf(`{"Settings":{"inputs":[{"fileInput":"s3://in/v.mp4","audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}}}],
		"outputGroups":[{"outputGroupSettings":{"type":%q,%q:{"destination":"s3://out/v"%s}},"outputs":[
		{"nameModifier":%q,"containerSettings":{%s},"videoDescription":{"codecSettings":{%s}}},
		{"nameModifier":%q,"containerSettings":{%s},%s}]}]}}`, k[0], k[1], part(group), modifier, box, codec, second, sound, hlsTone)
	p, err := build(t, []byte(body), media(track(nil), stereo(1)))
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	return packedLines(t, p)
}

// packedLines writes what is to be read of a plan, a line for each fact.
func packedLines(t *testing.T, p *plan.Plan) []string {
	t.Helper()
	var lines []string
	write := func(prefix string, v any) {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal(data, &fields) != nil {
			return // null
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			lines = append(lines, fmt.Sprintf("%s %s %s", prefix, name, fields[name]))
		}
	}
	for _, task := range p.Tasks {
		switch {
		case task.ID == "encode":
			for i, a := range task.Args {
				if a == "-force_key_frames" || a == "-svtav1-params" {
					lines = append(lines, "encode "+a+" "+task.Args[i+1])
				}
			}
		case task.Tool == plan.ToolPackager:
			for _, a := range task.Args {
				if name, value, ok := strings.Cut(a, "="); ok && strings.HasPrefix(a, "--") {
					a = name + " = " + value
				}
				lines = append(lines, task.ID+" "+a)
			}
		default:
			at := slices.Index(task.Args, "-map")
			lines = append(lines, task.ID+" "+strings.Join(task.Args[max(0, at):], " "))
		}
	}
	g := p.Groups[0]
	write("dash", g.Dash)
	write("hls", g.Master)
	write("pack", g.Pack)
	write("smooth", g.Smooth)
	for i, o := range g.Outputs {
		for _, s := range o.Packed {
			write(fmt.Sprintf("stream%d", i), s)
		}
		write(fmt.Sprintf("playlist%d", i), o.HLS)
	}
	for _, w := range p.Warnings {
		lines = append(lines, "warning "+w.Pointer+" "+w.Message)
	}
	return lines
}

var packedCases = map[string][]packedCase{
	"dash": {
		{name: "long segments", group: `"segmentLength":30,"fragmentLength":3`},
		{name: "a fragment that fills no segment", group: `"segmentLength":5,"fragmentLength":2`},
		{name: "one file", group: `"segmentControl":"SINGLE_FILE"`},
		{name: "one file, on demand", group: `"segmentControl":"SINGLE_FILE","mpdProfile":"ON_DEMAND_PROFILE"`},
		{name: "whole GOPs", group: `"segmentLengthControl":"GOP_MULTIPLE"`, video: `"gopSize":50,"gopSizeUnits":"FRAMES"`},
		{name: "in step with the sound", group: `"segmentLengthControl":"MATCH"`, video: `"framerateControl":"SPECIFIED","framerateNumerator":25,"framerateDenominator":1`},
		{name: "AV1 takes no forced key frames", codec: `"codec":"AV1","av1Settings":{"rateControlMode":"QVBR","maxBitrate":1000000}`},
		{name: "the shortest last segment", group: `"minFinalSegmentLength":1.5`},
		{name: "signed offsets", group: `"videoCompositionOffsets":"SIGNED"`},
		{name: "exact timelines", group: `"writeSegmentTimelineInRepresentation":"ENABLED"`},
		{name: "a common timeline", group: `"dashManifestStyle":"COMPACT"`},
		{name: "a set for each frame rate", group: `"dashManifestStyle":"DISTINCT"`},
		{name: "HbbTV", group: `"hbbtvCompliance":"HBBTV_1_5"`},
		{name: "buffer", group: `"minBufferTime":1500`},
		{name: "the maximum as bandwidth", group: `"mpdManifestBandwidthType":"MAX"`},
		{name: "another place", group: `"baseUrl":"https://cdn.example.com/"`},
		{name: "Dolby's scheme", group: `"audioChannelConfigSchemeIdUri":"DOLBY_CHANNEL_CONFIGURATION"`},
		{name: "another manifest", group: `"additionalManifests":[{"manifestNameModifier":"-silent","selectedOutputs":["_v"]}]`},
		{name: "key frames for fast forward", group: `"dashIFrameTrickPlayNameModifier":"_trick"`},
		{name: "numbers in the name", first: "_v_$Number$"},
		{name: "a rate in the name, and a dollar", first: "_v_$Bandwidth$_$RepresentationID$_$h$_5$$"},
	},
	"cmaf": {
		{name: "HLS alone", group: `"writeDashManifest":"DISABLED"`},
		{name: "DASH alone", group: `"writeHlsManifest":"DISABLED"`},
		{name: "one file", group: `"segmentControl":"SINGLE_FILE"`},
		{name: "whole seconds", group: `"manifestDurationFormat":"INTEGER"`},
		{name: "plain codecs", group: `"codecSpecification":"RFC_6381"`},
		{name: "no sizes", group: `"streamInfResolution":"EXCLUDE"`},
		{name: "no caching", group: `"clientCache":"DISABLED"`},
		{name: "the standard's target", group: `"targetDurationCompatibilityMode":"SPEC_COMPLIANT"`},
		{name: "compressed", group: `"manifestCompression":"GZIP"`},
		{name: "a group of its own", box: `"audioGroupId":"sounds"`},
		{name: "described", box: `"descriptiveVideoServiceFlag":"FLAG"`},
		{name: "a variant", box: `"audioTrackType":"AUDIO_ONLY_VARIANT_STREAM"`},
		{name: "not chosen by itself", box: `"audioTrackType":"ALTERNATE_AUDIO_NOT_AUTO_SELECT"`},
		{name: "cbcs", group: `"encryption":{"encryptionMethod":"SAMPLE_AES","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://k/1"}}`},
		{name: "cenc with a clear lead and a vector", group: `"encryption":{"encryptionMethod":"AES_CTR","clearLead":"ENABLED","constantInitializationVector":"000102030405060708090a0b0c0d0e0f","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://k/1","keyFormat":"identity"}}`},
	},
	"smooth": {
		{name: "long fragments", group: `"fragmentLength":4`},
		{name: "whole GOPs", group: `"fragmentLengthControl":"GOP_MULTIPLE"`, video: `"gopSize":50,"gopSizeUnits":"FRAMES"`},
		{name: "wide text", group: `"manifestEncoding":"UTF16"`},
		{name: "another manifest", group: `"additionalManifests":[{"manifestNameModifier":"-silent","selectedOutputs":["_v"]}]`},
	},
}

// TestPackedGolden holds what each setting of packaged groups becomes: of each
// case, the lines that the plain one has not.
func TestPackedGolden(t *testing.T) {
	t.Parallel()
	for kind, cases := range packedCases {
		base := packedCase{}.lines(t, kind)
		text := strings.Builder{}
		text.WriteString("# plain\n  " + strings.Join(base, "\n  ") + "\n\n")
		for _, c := range cases {
			fmt.Fprintf(&text, "# %s\n", c.name)
			for _, s := range []string{c.group, c.video, c.codec, c.box, c.first} {
				if s != "" {
					text.WriteString(s + "\n")
				}
			}
			got := c.lines(t, kind)
			changed := false
			for _, line := range got {
				if !slices.Contains(base, line) {
					text.WriteString("  " + line + "\n")
					changed = true
				}
			}
			for _, line := range base {
				words := strings.SplitN(line, " ", 3)
				if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, words[0]+" "+words[1]) }) {
					text.WriteString("  no " + line + "\n")
					changed = true
				}
			}
			if !changed {
				t.Errorf("%s: %s changes nothing", kind, c.name)
			}
			for _, line := range got {
				if strings.Contains(line, "00112233445566778899aabbccddeeff") {
					t.Errorf("%s: %s shows the key: %s", kind, c.name, line)
				}
			}
			text.WriteString("\n")
		}
		golden(t, "packed-"+kind+".txt", text.String())
	}
}
