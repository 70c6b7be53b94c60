package plan_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spool/internal/mediaconvert"
	"spool/internal/plan"
	"spool/internal/spool"
)

// captionCase is one job: what its caption settings become is written down.
type captionCase struct {
	name     string
	source   string // sourceSettings of the selector; SRT from a file
	selector string // members of the selector beside it
	clips    string // members of the input
	kind     string // of the destination; BURN_IN
	dest     string // members of the destination's settings
	describe string // members of the description
	group    string // "": a file; "hls", "dash", "cmaf"
	settings string // members of the group's settings
	box      string // members of the container's settings
}

const captionFile = `{"sourceType":"SRT","fileSourceSettings":{"sourceFile":"s3://in/captions.srt"%s}}`

var captionCases = []captionCase{
	{name: "burn-in as it is without settings"},
	{name: "timeDelta in seconds", source: fmt.Sprintf(captionFile, `,"timeDelta":-2`)},
	{name: "timeDelta in milliseconds", source: fmt.Sprintf(captionFile, `,"timeDelta":1500,"timeDeltaUnits":"MILLISECONDS"`)},
	{name: "two clips", clips: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:02:00","endTimecode":"00:00:03:29"},{"startTimecode":"00:00:05:00"}],`},
	{name: "SCC counts from the input's timecode", source: `{"sourceType":"SCC","fileSourceSettings":{"sourceFile":"s3://in/captions.scc"}}`, clips: `"timecodeSource":"SPECIFIEDSTART","timecodeStart":"01:00:00:00",`},
	{name: "framerate of SCC", source: `{"sourceType":"SCC","fileSourceSettings":{"sourceFile":"s3://in/captions.scc","framerate":{"framerateNumerator":25,"framerateDenominator":1}}}`, kind: "SRT"},
	{name: "a 3GPP text track", source: `{"sourceType":"TT_3GPP"}`, kind: "SRT"},
	{name: "a SubRip track by its number", source: `{"sourceType":"SRT","trackSourceSettings":{"trackNumber":2}}`, kind: "SRT"},
	{name: "a track by the number of its stream", source: `{"sourceType":"SRT","trackSourceSettings":{"streamNumber":4}}`, kind: "SRT"},
	{name: "closed captions, CC3", source: `{"sourceType":"EMBEDDED","embeddedSourceSettings":{"source608ChannelNumber":3,"terminateCaptions":"DISABLED"}}`, kind: "SRT"},
	{name: "closed captions pass through", source: `{"sourceType":"EMBEDDED"}`, kind: "EMBEDDED"},
	{name: "closed captions in another channel", source: `{"sourceType":"EMBEDDED"}`, kind: "EMBEDDED", dest: `"destination608ChannelNumber":3`},
	{name: "SCC becomes closed captions", source: `{"sourceType":"SCC","fileSourceSettings":{"sourceFile":"s3://in/captions.scc"}}`, kind: "EMBEDDED"},
	{name: "alignment", dest: `"alignment":"LEFT"`}, {name: "xPosition and yPosition", dest: `"xPosition":40,"yPosition":380,"alignment":"CENTERED"`},
	{name: "fontSize and fontResolution", dest: `"fontSize":20,"fontResolution":192`}, {name: "fontColor", dest: `"fontColor":"YELLOW","applyFontColor":"ALL_TEXT"`},
	{name: "hexFontColor with an opacity", dest: `"fontColor":"HEX","hexFontColor":"11223380"`}, {name: "fontOpacity", dest: `"fontOpacity":128`},
	{name: "outline", dest: `"outlineColor":"RED","outlineSize":4`}, {name: "background", dest: `"backgroundColor":"BLACK","backgroundOpacity":192`},
	{name: "shadow", dest: `"shadowColor":"WHITE","shadowOpacity":255,"shadowXOffset":-3,"shadowYOffset":5`}, {name: "stylePassthrough", dest: `"stylePassthrough":"ENABLED"`},
	{name: "fallbackFont", dest: `"fallbackFont":"MONOSPACED_SERIF"`}, {name: "fontScript", dest: `"fontScript":"HANT"`},
	{name: "font files", dest: `"fontFileRegular":"s3://in/fonts/r.ttf","fontFileBold":"s3://in/fonts/b.ttf","fontFileItalic":"s3://in/fonts/i.ttf","fontFileBoldItalic":"s3://in/fonts/z.ttf"`},
	{name: "SRT", kind: "SRT", dest: `"stylePassthrough":"ENABLED"`}, {name: "WebVTT, strict", source: `{"sourceType":"WEBVTT","fileSourceSettings":{"sourceFile":"s3://in/captions.vtt"}}`, kind: "WEBVTT", dest: `"stylePassthrough":"STRICT"`},
	{name: "TTML", kind: "TTML", describe: `"languageCode":"FRA",`}, {name: "IMSC", kind: "IMSC", describe: `"customLanguageCode":"fr-CA",`}, {name: "SCC", kind: "SCC", dest: `"framerate":"FRAMERATE_23_97"`}, {name: "SAMI", kind: "SMI", selector: `"languageCode":"KOR",`},
	{name: "WebVTT in HLS", kind: "WEBVTT", group: "hls", describe: `"languageCode":"ENG","languageDescription":"English (SDH)",`, dest: `"accessibility":"ENABLED"`},
	{name: "captionSegmentLengthControl", kind: "WEBVTT", group: "hls", settings: `,"captionSegmentLengthControl":"MATCH_VIDEO"`},
	{name: "captions beside encrypted segments", kind: "WEBVTT", group: "hls", settings: `,"encryption":{"encryptionMethod":"AES128","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://k/1"}}`},
	{name: "captionLanguageSetting", source: `{"sourceType":"EMBEDDED"}`, kind: "EMBEDDED", group: "hls", settings: `,"captionLanguageSetting":"INSERT","captionLanguageMappings":[{"captionChannel":1,"languageCode":"ENG"},{"captionChannel":3,"languageCode":"SPA","languageDescription":"Castellano"}]`},
	{name: "WebVTT in DASH", kind: "WEBVTT", group: "dash"}, {name: "WebVTT in fragments", kind: "WEBVTT", group: "dash", box: `,"mpdSettings":{"captionContainerType":"FRAGMENTED_MP4"}`},
	{name: "IMSC in fragments", kind: "IMSC", group: "dash", box: `,"mpdSettings":{"captionContainerType":"FRAGMENTED_MP4"}`}, {name: "WebVTT in CMAF", kind: "WEBVTT", group: "cmaf"}, {name: "IMSC in CMAF", kind: "IMSC", group: "cmaf"},
}

// captionFilters are the parts of a filter graph that are there for captions.
var captionFilters = regexp.MustCompile(`\bass=[^,;\[]*|\[1:0\]scale=[^;]*neighbor[^;]*|\[x1\]\[x0\]overlay=[^,;\[]*`)

// job writes the case as a request.
func (c captionCase) job() string {
	kind := c.kind
	if kind == "" {
		kind = "BURN_IN"
	}
	source := c.source
	if source == "" {
		source = fmt.Sprintf(captionFile, "")
	}
	dest := ""
	if c.dest != "" {
		dest = fmt.Sprintf(`,%q:{%s}`, map[string]string{"BURN_IN": "burnin", "EMBEDDED": "embedded", "SRT": "srt", "WEBVTT": "webvtt", "TTML": "ttml", "IMSC": "imsc", "SCC": "scc"}[kind]+"DestinationSettings", c.dest)
	}
	describe := fmt.Sprintf(`"captionDescriptions":[{%s"captionSelectorName":"c","destinationSettings":{"destinationType":%q%s}}]`, c.describe, kind, dest)
	container, alone, group := "MP4", "RAW", `"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/v"}`
	switch c.group {
	case "hls":
		container, alone, group = "M3U8", "M3U8", `"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/v","segmentLength":4,"minSegmentLength":0`+c.settings+`}`
	case "dash":
		container, alone, group = "MPD", "MPD", `"type":"DASH_ISO_GROUP_SETTINGS","dashIsoGroupSettings":{"destination":"s3://out/v","segmentLength":4,"fragmentLength":2}`
	case "cmaf":
		container, alone, group = "CMFC", "CMFC", `"type":"CMAF_GROUP_SETTINGS","cmafGroupSettings":{"destination":"s3://out/v","segmentLength":4,"fragmentLength":2}`
	}
	video := fmt.Sprintf(`"containerSettings":{"container":%q},"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000}}}`, container)
	outputs := fmt.Sprintf(`{"nameModifier":"_v",%s},{"nameModifier":"_c","containerSettings":{"container":%q%s},%s}`, video, alone, c.box, describe)
	if kind == "BURN_IN" || kind == "EMBEDDED" {
		outputs = fmt.Sprintf(`{"nameModifier":"_v",%s,%s}`, video, describe)
	}
	return fmt.Sprintf(`{"role":"arn:aws:iam::000000000000:role/r","settings":{"inputs":[{%s"fileInput":"s3://in/v.mp4","captionSelectors":{"c":{%s"sourceSettings":%s}}}],"outputGroups":[{"outputGroupSettings":{%s},"outputs":[%s]}]}}`,
		c.clips, c.selector, source, group, outputs)
}

// lines writes what is to be read of a plan about captions.
func (c captionCase) lines(t *testing.T) string {
	t.Helper()
	req, err := mediaconvert.DecodeRequest([]byte(c.job()), mediaconvert.FormWire)
	if err != nil {
		t.Fatalf("%s: %v\n%s", c.name, err, c.job())
	}
	resolved, err := req.Resolve(nil)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	settings, err := mediaconvert.DecodeSettings(resolved.Settings)
	if err != nil {
		t.Fatal(err)
	}
	m := media(track(nil), stereo(0))
	m.Text = []spool.TextTrack{{Index: 2, Codec: "mov_text"}, {Index: 3, Codec: "subrip"}}
	facts := plan.Facts{Media: map[string]spool.Media{"s3://in/v.mp4": m}, Started: started}
	p, err := plan.Build(settings, facts)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	var b strings.Builder
	for i, in := range p.Inputs[1:] {
		fmt.Fprintf(&b, "reads %s as $INPUT_%d\n", in.URI, i+1)
	}
	for _, task := range p.Tasks {
		switch {
		case task.Captions != nil:
			for _, tr := range task.Captions.Tracks {
				for _, part := range tr.Parts {
					b.WriteString("part " + compact(t, part) + "\n")
				}
			}
			for _, f := range task.Captions.Files {
				b.WriteString("file " + compact(t, f) + "\n")
			}
		case strings.HasPrefix(task.ID, "extract"):
			args := plainArgs(task.Args)
			fmt.Fprintf(&b, "%s %s: %s\n", task.Tool, task.ID, strings.Join(args[max(0, len(args)-9):], " "))
		case task.ID == "encode":
			for _, want := range []string{"-filter_complex", "-a53cc", "-framerate"} {
				if at := slices.Index(task.Args, want); at >= 0 {
					value := task.Args[at+1]
					if want == "-filter_complex" { // what is done for captions in it
						value = strings.Join(captionFilters.FindAllString(value, -1), " … ")
					}
					if value != "" {
						fmt.Fprintf(&b, "encode %s %s\n", want, value)
					}
				}
			}
		case task.Tool == plan.ToolPackager:
			for _, a := range task.Args {
				if strings.Contains(a, "stream=text") {
					fmt.Fprintf(&b, "packager %s\n", a)
				}
			}
		}
	}
	for _, g := range p.Groups {
		if g.Master != nil && len(g.Master.ClosedCaptions) > 0 {
			b.WriteString("announces " + compact(t, g.Master.ClosedCaptions) + "\n")
		}
		for _, o := range g.Outputs {
			if o.Captions != nil || o.Kind == plan.KindCaptions {
				fmt.Fprintf(&b, "output %s %s %s\n", o.Kind, o.Key, compact(t, o.Captions))
			}
		}
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "warning %s %s\n", w.Pointer, w.Message)
	}
	return b.String()
}

// compact writes a value in one line, its members in order, without what is
// in every case alike.
func compact(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return string(data)
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "pointer" && name != "uri" {
			out = append(out, name+"="+string(fields[name]))
		}
	}
	return strings.Join(out, " ")
}

// TestCaptionsGolden: what each setting of captions becomes.
func TestCaptionsGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, c := range captionCases {
		fmt.Fprintf(&b, "== %s\n%s\n", c.name, c.lines(t))
	}
	golden(t, "captions.txt", b.String())
}
