package mediaconvert

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

// shelf is a library of documents in file form, by name.
type shelf map[string]string

func (s shelf) Preset(name string) (spool.Preset, error) {
	text, ok := s[name]
	if !ok {
		return SystemLibrary().Preset(name)
	}
	p, err := DecodeCreatePreset([]byte(text), FormFile)
	p.Name = name
	return p, err
}

func (s shelf) JobTemplate(name string) (spool.JobTemplate, error) {
	text, ok := s[name]
	if !ok {
		return SystemLibrary().JobTemplate(name)
	}
	t, err := DecodeCreateJobTemplate([]byte(text), FormFile)
	t.Name = name
	return t, err
}

func resolveWith(t *testing.T, lib Library, request string) (spool.JobRequest, error) {
	t.Helper()
	r, err := DecodeRequest([]byte(request), FormWire)
	if err != nil {
		t.Fatal(err)
	}
	return r.Resolve(lib)
}

// at gives what stands at a pointer of a document, as JSON; "" when nothing does.
func at(t *testing.T, doc json.RawMessage, pointer string) string {
	t.Helper()
	problems := &problemList{}
	n, err := parseTree(doc, maxStored, maxStoredN, problems)
	if err != nil {
		t.Fatal(err)
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if n.kind == nodeList {
			i := int(part[0] - '0')
			if i >= len(n.list) {
				return ""
			}
			n = n.list[i]
			continue
		}
		if n = n.member(part); n == nil {
			return ""
		}
	}
	switch n.kind {
	case nodeList:
		parts := make([]string, len(n.list))
		for i, e := range n.list {
			parts[i] = e.text
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		return n.text
	}
}

// mergeShelf holds a template with two groups, whose outputs name presets or
// say all themselves.
var mergeShelf = shelf{
	"hd": `{"containerSettings":{"container":"MP4","mp4Settings":{"moovPlacement":"NORMAL"}},
		"videoDescription":{"width":1280,"height":720,"sharpness":0,"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":5000000,"slices":4,"adaptiveQuantization":"OFF"}}},
		"audioDescriptions":[{"languageCode":"ENG","codecSettings":{"codec":"AAC","aacSettings":{"bitrate":96000,"codingMode":"CODING_MODE_2_0","sampleRate":48000}}},
			{"languageCode":"DEU","codecSettings":{"codec":"AAC","aacSettings":{"bitrate":64000,"codingMode":"CODING_MODE_1_0","sampleRate":48000}}}]}`,
	"hls": `{"containerSettings":{"container":"M3U8","m3u8Settings":{"audioPids":[482,483,484]}},"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"CBR","bitrate":1000000}}}}`,
	"bad": `{"containerSettings":{"container":"MP4"},"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR"}}}}`,
	"nightly": `{"queue":"night","priority":-7,"accelerationSettings":{"mode":"PREFERRED"},"statusUpdateInterval":"SECONDS_30","hopDestinations":[{"queue":"day","waitMinutes":5}],
		"settings":{"followSource":1,"inputs":[{"timecodeSource":"ZEROBASED","audioSelectors":{"Audio Selector 1":{"tracks":[1,3],"offset":5,"defaultSelection":"DEFAULT"}}}],
		"outputGroups":[
			{"name":"Files","outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://template/f/"}},
				"outputs":[{"preset":"hd","nameModifier":"-hd"},{"preset":"hd","nameModifier":"-sd","videoDescription":{"width":640,"height":360}}]},
			{"name":"HLS","outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://template/h/","segmentLength":4,"minSegmentLength":0}},
				"outputs":[{"preset":"hls","nameModifier":"_1"}]}]}}`,
	"wrong": `{"settings":{"outputGroups":[{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/"}},"outputs":[{"preset":"bad"},{"preset":"gone","nameModifier":"x"}]}]}}`,
}

const templateJob = `{"role":"r","jobTemplate":"nightly","settings":{"inputs":[{"fileInput":"s3://in/a.mp4"}]}}`

// TestMerge: what the request says wins over its template, that over the
// presets, and those over the defaults; lists merge by position.
func TestMerge(t *testing.T) {
	t.Parallel()
	const (
		file = "/outputGroups/0/outputGroupSettings/fileGroupSettings/destination"
		hls  = "/outputGroups/1/outputGroupSettings/hlsGroupSettings"
		vid  = "/outputGroups/0/outputs/0/videoDescription"
	)
	in := func(more string) string {
		return strings.Replace(templateJob, `"inputs":[{"fileInput":"s3://in/a.mp4"}]`, `"inputs":[{"fileInput":"s3://in/a.mp4"}],`+more, 1)
	}
	for _, tt := range []struct {
		name, request string
		want          map[string]string
	}{
		{"template and presets alone", templateJob, map[string]string{
			"/inputs/0/fileInput": "s3://in/a.mp4", "/inputs/0/timecodeSource": "ZEROBASED", file: "s3://template/f/", hls + "/segmentLength": "4",
			vid + "/width": "1280", vid + "/sharpness": "0", vid + "/codecSettings/h264Settings/adaptiveQuantization": "OFF",
			"/outputGroups/0/outputs/0/containerSettings/mp4Settings/moovPlacement": "NORMAL", "/outputGroups/0/outputs/0/nameModifier": "-hd",
			"/outputGroups/0/outputs/1/videoDescription/width": "640", "/outputGroups/0/outputs/1/videoDescription/codecSettings/h264Settings/slices": "4",
			"/outputGroups/0/outputs/0/audioDescriptions/1/languageCode": "DEU", "/outputGroups/0/outputs/0/preset": "",
			"/outputGroups/0/outputs/2": "", vid + "/antiAlias": "ENABLED",
		}},
		{"a destination alone", in(`"outputGroups":[{"outputGroupSettings":{"fileGroupSettings":{"destination":"s3://mine/"}}}]`), map[string]string{
			file: "s3://mine/", "/outputGroups/0/name": "Files", vid + "/width": "1280", hls + "/destination": "s3://template/h/",
		}},
		{"zero and DISABLED are values", in(`"outputGroups":[{},{"outputGroupSettings":{"hlsGroupSettings":{"minSegmentLength":2}},"outputs":[{"videoDescription":{"sharpness":0,"timecodeInsertion":"DISABLED"}}]}]`), map[string]string{
			hls + "/minSegmentLength": "2", "/outputGroups/1/outputs/0/videoDescription/sharpness": "0",
		}},
		{"a field over a preset", in(`"outputGroups":[{"outputs":[{"videoDescription":{"height":0},"audioDescriptions":[{},{"languageCode":"FRA"}]}]}]`), map[string]string{}},
		{"fields over a preset", in(`"outputGroups":[{"outputs":[{"videoDescription":{"height":480,"codecSettings":{"h264Settings":{"maxBitrate":900000}}},"audioDescriptions":[{},{"languageCode":"FRA"}]}]}]`), map[string]string{
			vid + "/height": "480", vid + "/width": "1280", vid + "/codecSettings/h264Settings/maxBitrate": "900000", vid + "/codecSettings/h264Settings/slices": "4",
			"/outputGroups/0/outputs/0/audioDescriptions/0/languageCode": "ENG", "/outputGroups/0/outputs/0/audioDescriptions/1/languageCode": "FRA",
			"/outputGroups/0/outputs/0/audioDescriptions/1/codecSettings/aacSettings/bitrate": "64000",
		}},
		{"another preset", in(`"outputGroups":[{"outputs":[{},{"preset":"arn:aws:mediaconvert:us-east-1:111122223333:presets/hd","videoDescription":{"width":320,"height":180}}]}]`), map[string]string{
			"/outputGroups/0/outputs/1/videoDescription/width": "320", "/outputGroups/0/outputs/1/nameModifier": "-sd",
		}},
		{"a longer list appends", in(`"outputGroups":[{"outputs":[{},{},{"preset":"hd","nameModifier":"-3"}]}]`), map[string]string{
			"/outputGroups/0/outputs/1/nameModifier": "-sd", "/outputGroups/0/outputs/2/nameModifier": "-3", "/outputGroups/0/outputs/2/videoDescription/width": "1280",
		}},
		{"a list of numbers is one value", strings.Replace(templateJob, `"s3://in/a.mp4"`, `"s3://in/a.mp4","audioSelectors":{"Audio Selector 1":{"tracks":[2]},"More":{"tracks":[3]}}`, 1), map[string]string{
			"/inputs/0/audioSelectors/Audio Selector 1/tracks": "[2]", "/inputs/0/audioSelectors/Audio Selector 1/offset": "5", "/inputs/0/audioSelectors/More/tracks": "[3]",
		}},
		{"another codec replaces the settings of the first", in(`"outputGroups":[{"outputs":[{"videoDescription":{"codecSettings":{"codec":"H_265","h265Settings":{"rateControlMode":"QVBR","maxBitrate":700000}}}}]}]`), map[string]string{
			vid + "/codecSettings/h264Settings": "", vid + "/codecSettings/h265Settings/maxBitrate": "700000", vid + "/width": "1280",
		}},
		{"an empty preset is none", in(`"outputGroups":[{"outputs":[{},{"preset":"","containerSettings":{"container":"MP4"},"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":3000}}}}]}]`), map[string]string{
			"/outputGroups/0/outputs/1/videoDescription/codecSettings/h264Settings/maxBitrate": "3000", "/outputGroups/0/outputs/1/preset": "", "/outputGroups/0/outputs/1/audioDescriptions/0": "",
		}},
		{"null is nothing", in(`"outputGroups":[{"name":null,"outputs":null}]`), map[string]string{"/outputGroups/0/name": "Files", vid + "/width": "1280"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			job, err := resolveWith(t, mergeShelf, tt.request)
			if len(tt.want) == 0 {
				if err == nil {
					t.Error("a height of 0 was accepted: the preset's stood in for it")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for pointer, want := range tt.want {
				if got := at(t, job.Settings, pointer); got != want {
					t.Errorf("%s = %q, want %q", pointer, got, want)
				}
			}
			again, err := resolveWith(t, nil, `{"role":"r","settings":`+string(job.Settings)+`}`)
			if err != nil {
				t.Fatalf("the merged settings do not stand alone: %v", err)
			}
			if diff := cmp.Diff(string(job.Settings), string(again.Settings)); diff != "" {
				t.Errorf("(-once +twice)\n%s", diff)
			}
		})
	}
}

// TestMergeMembers: the members beside settings are the template's where the
// request gives none.
func TestMergeMembers(t *testing.T) {
	t.Parallel()
	job, err := resolveWith(t, mergeShelf, templateJob)
	if err != nil {
		t.Fatal(err)
	}
	if job.JobTemplate != "nightly" || job.Queue != "night" || job.Priority != -7 || job.AccelerationMode != "PREFERRED" || job.StatusUpdateInterval != "SECONDS_30" ||
		!cmp.Equal(job.Hops, []spool.Hop{{Queue: "day", WaitMinutes: 5}}) {
		t.Errorf("the template's members: %+v", job)
	}
	loud := shelf{"loud": `{"accelerationSettings":{"mode":"ENABLED"},"settings":` + mergeShelf["nightly"][strings.Index(mergeShelf["nightly"], `{"followSource"`):], "hd": mergeShelf["hd"], "hls": mergeShelf["hls"]}
	noisy, err := resolveWith(t, loud, strings.Replace(templateJob, "nightly", "loud", 1))
	if err != nil || len(noisy.Warnings) != 1 || !strings.HasSuffix(noisy.Warnings[0].Message, "(from the job template loud)") {
		t.Errorf("a warning of what the template says: %v, %v", err, noisy.Warnings)
	}
	const arn = "arn:aws:mediaconvert:us-east-1:111122223333:jobTemplates/nightly"
	own := strings.NewReplacer(`"nightly"`, `"`+arn+`","queue":"other","priority":0,"accelerationSettings":{"mode":"DISABLED"},"statusUpdateInterval":"SECONDS_60","hopDestinations":[]`).Replace(templateJob)
	if job, err = resolveWith(t, mergeShelf, own); err != nil {
		t.Fatal(err)
	}
	if job.JobTemplate != arn || job.Queue != "other" || job.Priority != 0 || job.AccelerationMode != "DISABLED" || job.StatusUpdateInterval != "SECONDS_60" || len(job.Hops) != 0 {
		t.Errorf("the request's own members: %+v", job)
	}
}

// TestMergeProblems: a problem with what came from elsewhere says where from.
func TestMergeProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, request string
		want          []string
	}{
		{"no template", `{"role":"r","jobTemplate":"gone","settings":{}}`, []string{`/jobTemplate: There is no job template "gone": name one that ListJobTemplates lists, or make it first`}},
		{"another kind", `{"role":"r","jobTemplate":"arn:aws:mediaconvert:us-east-1:1:presets/hd","settings":{}}`, []string{`/jobTemplate: Should be a name, or an ARN such as`}},
		{"no settings on the wire", `{"role":"r","jobTemplate":"nightly"}`, []string{"The 'settings' field is required."}},
		{"no input", `{"role":"r","jobTemplate":"nightly","settings":{}}`, []string{"/inputs/0: fileInput is a required property (from the job template nightly)"}},
		{"wrong in a preset, and none", `{"role":"r","jobTemplate":"wrong","settings":{"inputs":[{"fileInput":"s3://in/a.mp4"}]}}`, []string{
			`/outputGroups/0/outputs/1/preset: There is no preset "gone": name one that ListPresets lists, or make it first (from the job template wrong)`,
			"/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings: Your job contains values for the following settings that are incompatible: Rate control mode, Bitrate, and Max bitrate. Adjust your settings and resubmit your job. ",
			"/outputGroups/0/outputs/0: nameModifier is a required property (from the job template wrong)",
		}},
		{"a preset beside a container", `{"role":"r","jobTemplate":"nightly","settings":{"inputs":[{"fileInput":"s3://in/a.mp4"}],"outputGroups":[{"outputs":[{"containerSettings":{"container":"MP4"}}]}]}}`,
			[]string{`/outputGroups/0/outputs/0: Should match exactly one schema defined in "oneOf": preset or containerSettings`}},
		{"a hop to the queue that is left", `{"role":"r","jobTemplate":"nightly","queue":"day","settings":{"inputs":[{"fileInput":"s3://in/a.mp4"}]}}`,
			[]string{"/hopDestinations/0/queue: Should be another queue than the one the job is submitted to (from the job template nightly)"}},
		{"a selector that no input has", `{"role":"r","jobTemplate":"nightly","settings":{"inputs":[{"fileInput":"s3://in/a.mp4","audioSelectors":{"Audio Selector 1":{"defaultSelection":"NOT_DEFAULT"}}}],"outputGroups":[{"outputs":[{"audioDescriptions":[{"audioSourceName":"x"}]}]}]}}`,
			[]string{`/outputGroups/0/outputs/0/audioDescriptions/0/audioSourceName: No input has an audio selector "x", and none has the default selection DEFAULT`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := resolveWith(t, mergeShelf, tt.request)
			var problems spool.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v", err)
			}
			if len(problems) != len(tt.want) {
				t.Errorf("%d problems, want %d: %v", len(problems), len(tt.want), problems)
			}
			for i := range min(len(problems), len(tt.want)) {
				if !strings.HasPrefix(problems[i].String(), tt.want[i]) {
					t.Errorf("got  %s\nwant %s", problems[i], tt.want[i])
				}
			}
		})
	}
}

// TestMergeBounds: a short request can't become a huge one.
func TestMergeBounds(t *testing.T) {
	t.Parallel()
	long := shelf{"long": `{"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"CBR","bitrate":1000000}}},"audioDescriptions":[{"streamName":"` + strings.Repeat("x", 900_000) + `"}]}`}
	outputs := strings.TrimSuffix(strings.Repeat(`{"preset":"long"},`, 100), ",")
	_, err := resolveWith(t, long, `{"role":"r","settings":{"inputs":[{"fileInput":"s3://in/a.mp4"}],"outputGroups":[{"outputs":[`+outputs+`]}]}}`)
	if err == nil || !strings.Contains(err.Error(), "/preset: The settings are too long once the presets are filled in") {
		t.Errorf("got %.300v", err)
	}
}

// TestFilledBounds: what defaults make of a request is bounded too.
func TestFilledBounds(t *testing.T) {
	t.Parallel()
	many := shelf{"many": `{"containerSettings":{"container":"M3U8"},` + qvbr + `}`}
	var list []string
	for i := range 80 {
		var outputs []string
		for j := range 150 {
			outputs = append(outputs, `{"preset":"many","nameModifier":"_`+itoa(j)+`"}`)
		}
		list = append(list, `{"outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/g`+itoa(i)+`/"}},"outputs":[`+strings.Join(outputs, ",")+`]}`)
	}
	request := func(groups []string) string {
		return `{"role":"r","settings":{"inputs":[{"fileInput":"s3://in/a.mp4"}],"outputGroups":[` + strings.Join(groups, ",") + `]}}`
	}
	if job, err := resolveWith(t, many, request(list[:1])); err != nil || len(job.Settings) > maxStored {
		t.Errorf("one group: %.300v", err)
	}
	_, err := resolveWith(t, many, request(list))
	if err == nil || err.Error() != "The settings are too long once the defaults are filled in: use fewer outputs." {
		t.Errorf("got %.300v", err)
	}
}

// TestOneRound: what can't be read and what is wrong with the rest come at once,
// and nothing that only follows from the first.
func TestOneRound(t *testing.T) {
	t.Parallel()
	_, err := resolve(changed(t, "/role", "7", "/priority", "99", h264+"/maxBitrate", `"5"`, h264+"/slices", "99", vid0+"/widht", "640", hls1+"/segmentLength", "0",
		"/settings/inputs/0/audioSelectors", "null", "/settings/outputGroups/1/outputs/0/nameModifier", "[]"), FormWire)
	want := []string{
		"/role: Should be of type string, not number",
		"/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/maxBitrate: Should be of type integer, not string",
		"/outputGroups/0/outputs/0/videoDescription/widht: The member is not known; check its spelling or remove it.",
		"/outputGroups/1/outputs/0/nameModifier: Should be of type string, not array",
		"/priority: Should be less than or equal to 50",
		"/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/slices: Should be less than or equal to 32",
		"/outputGroups/1/outputGroupSettings/hlsGroupSettings/segmentLength: Should be greater than or equal to 1",
	}
	var problems spool.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	got := map[string]bool{}
	for _, p := range problems {
		got[p.String()] = true
	}
	for _, w := range want {
		if !got[w] {
			t.Errorf("not said: %s", w)
		}
		delete(got, w)
	}
	for p := range got {
		t.Errorf("said too: %s", p)
	}
}

// FuzzMerge: whatever a request, its template and a preset hold, nothing panics,
// an error is a list of problems, and what resolves stands alone.
func FuzzMerge(f *testing.F) {
	for _, template := range []string{"nightly", "wrong"} {
		for _, preset := range []string{"hd", "hls", "bad"} {
			f.Add(templateJob, mergeShelf[template], mergeShelf[preset])
		}
	}
	f.Add(`{"settings":{"inputs":[{}],"outputGroups":[{"outputs":[{"preset":"p"},7]}]},"jobTemplate":"t"}`, `{"settings":{"inputs":[{},{}],"outputGroups":[{"outputs":[]}]}}`, `{"audioDescriptions":[]}`)
	f.Fuzz(func(t *testing.T, request, template, preset string) {
		r, err := DecodeRequest([]byte(request), FormFile)
		if err != nil {
			return
		}
		lib := fuzzShelf{template, preset}
		job, err := r.Resolve(lib)
		if err != nil {
			var problems spool.Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("an error that is no list of problems: %v", err)
			}
			return
		}
		settings, err := DecodeSettings(job.Settings)
		if err != nil {
			t.Fatalf("resolved settings do not decode: %v", err)
		}
		again, err := (&Request{Settings: settings, form: FormFile}).Resolve(nil)
		if err != nil || string(again.Settings) != string(job.Settings) {
			t.Fatalf("resolving twice is not resolving once: %v\n%s\n%s", err, job.Settings, again.Settings)
		}
	})
}

// fuzzShelf has one template and one preset, under every name, as far as they
// could have been made.
type fuzzShelf struct{ template, preset string }

func (s fuzzShelf) Preset(string) (spool.Preset, error) {
	p, err := DecodeCreatePreset([]byte(s.preset), FormFile)
	if err != nil || p.Settings == nil {
		return spool.Preset{}, spool.ErrNotFound
	}
	return p, nil
}

func (s fuzzShelf) JobTemplate(string) (spool.JobTemplate, error) {
	tmpl, err := DecodeCreateJobTemplate([]byte(s.template), FormFile)
	if err != nil || tmpl.Settings == nil {
		return spool.JobTemplate{}, spool.ErrNotFound
	}
	return tmpl, nil
}
