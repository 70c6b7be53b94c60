package corpus

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// document is one file of the corpus.
type document struct {
	name string // without .json
	kind string // of INDEX.tsv: job, job settings, preset settings, template
	data []byte // placeholders filled
}

// sharedDir gives a folder of the material that is kept beside the repository,
// or skips the test.
func sharedDir(t testing.TB, name string) string {
	t.Helper()
	dir := filepath.Join(cmp.Or(os.Getenv("SPOOL_SHARED"), filepath.Join("..", "..", "..", "shared")), name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no shared material at %s: set SPOOL_SHARED", dir)
	}
	return dir
}

// documents reads the corpus.
func documents(t testing.TB) []document {
	t.Helper()
	dir := sharedDir(t, "jobs")
	index, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var list []document
	read := func(name, kind, file string) {
		if strings.HasSuffix(name, "CreateJobTemplate") { // settings of a template
			kind = "template"
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, document{name, kind, fill(t, data)})
	}
	for i, line := range strings.Split(strings.TrimSpace(string(index)), "\n") {
		if fields := strings.Split(line, "\t"); i > 0 {
			read(strings.TrimSuffix(fields[0], ".json"), fields[1], filepath.Join(dir, fields[0]))
		}
	}
	for _, name := range []string{"abr-hls", "cattube", "frames", "vod-full", "vod-hls"} {
		read("systems/"+name, "job", filepath.Join(sharedDir(t, "systems"), name, "job.json"))
	}
	return list
}

// fill puts sensible values where the projects' own code does, or their users
// should: <expr:…> is code that was cut out, <your-…> is for the reader.
func fill(t testing.TB, data []byte) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &doc); err != nil {
		t.Fatal(err)
	}
	doc = fillValue("", doc).(map[string]any)
	for _, settings := range []any{doc["Settings"], doc["settings"], doc} {
		if m, ok := settings.(map[string]any); ok && m["OutputGroups"] != nil && m["Inputs"] == nil && m["inputs"] == nil && doc["Name"] == nil {
			m["Inputs"] = []any{map[string]any{"FileInput": fillings["fileInput"]}}
		}
	}
	filled, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return filled
}

// places are the members that name places, and what such a name looks like.
var places = map[string]*regexp.Regexp{
	"fileInput": regexp.MustCompile(`^(s3://[^/]+/.+|https?://.+)$`), "destination": regexp.MustCompile(`^s3://[^/]+`),
}

var blank = regexp.MustCompile(`<[A-Z0-9_]+>`)

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func fillValue(member string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e = fillValue(lowerFirst(k), e); e == nil {
				delete(v, k)
				continue
			}
			v[k] = e
		}
	case []any:
		for i, e := range v {
			v[i] = fillValue(member, e)
		}
	case string:
		if place := places[member]; place != nil {
			if filled := blank.ReplaceAllString(v, "blank"); place.MatchString(filled) {
				return filled
			}
			return fillings[member]
		}
		if constant, ok := strings.CutPrefix(strings.TrimSuffix(v, ">"), "<expr:mediaconvert."); ok {
			return constants()[plainName(constant)]
		}
		if strings.HasPrefix(v, "<") {
			return fillings[member]
		}
	}
	return v
}

// fillings are the values for members; others are left out.
var fillings = map[string]any{
	"fileInput": "s3://in/video.mp4", "destination": "s3://out/folder/", "role": "arn:aws:iam::111122223333:role/media", "queue": "Default",
	"sourceFile": "s3://in/captions.srt", "externalAudioFileInput": "s3://in/audio.mp3", "imageInserterInput": "s3://in/mark.png",
	"fontFileRegular": "s3://in/font.ttf", "fontFileBold": "s3://in/font.ttf", "fontFileItalic": "s3://in/font.ttf", "fontFileBoldItalic": "s3://in/font.ttf",
	"jobTemplate": "720p_avc_aac_16x9_qvbr", "rotate": "DEGREE_0", "guid": "guid", "workflow": "workflow", "scalingBehavior": "FIT",
	"sampleRate": 48000, "waitMinutes": 15, "framerateDenominator": 10, "width": 192, "height": 108, "audio Selector 1": map[string]any{},
	"outputGroups": []any{map[string]any{
		"OutputGroupSettings": map[string]any{"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": map[string]any{"Destination": "s3://out/folder/"}},
		"Outputs":             []any{map[string]any{"Preset": "System-Generic_Hd_Mp4_Avc_Aac_16x9_1280x720p_24Hz_4.5Mbps"}},
	}},
}

func plainName(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }

// constants gives the values of the constants of Go's SDK, by their names without
// underscores and in lower case.
var constants = sync.OnceValue(func() map[string]any {
	found := make(map[string]any)
	seen := make(map[reflect.Type]bool)
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if seen[t] {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Struct:
			for i := range t.NumField() {
				walk(t.Field(i).Type)
			}
		case reflect.String:
			if m := reflect.Zero(t).MethodByName("Values"); m.IsValid() {
				values := m.Call(nil)[0]
				for i := range values.Len() {
					found[plainName(t.Name()+values.Index(i).String())] = values.Index(i).String()
				}
			}
		}
	}
	walk(reflect.TypeFor[types.JobSettings]())
	return found
})

// shelf keeps presets and templates under the names that jobs use.
type shelf map[string][]byte

// Preset implements mediaconvert.Library.
func (s shelf) Preset(name string) (spool.Preset, error) {
	text, ok := s[name]
	if !ok {
		return mediaconvert.SystemLibrary().Preset(name)
	}
	p, err := mediaconvert.DecodeCreatePreset(text, mediaconvert.FormFile)
	p.Name = name
	return p, err
}

// JobTemplate implements mediaconvert.Library.
func (s shelf) JobTemplate(name string) (spool.JobTemplate, error) {
	text, ok := s[name]
	if !ok {
		return mediaconvert.SystemLibrary().JobTemplate(name)
	}
	t, err := mediaconvert.DecodeCreateJobTemplate(text, mediaconvert.FormFile)
	t.Name = name
	return t, err
}

func newShelf(list []document) shelf {
	s := shelf{
		// The template of a project that does not publish it, as its job needs it.
		"xjiaqing-mc-job-1": []byte(`{"outputGroups":[{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{}},"outputs":[{"nameModifier":"_v","containerSettings":{"container":"MP4"},
			"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR"}}}},{"nameModifier":"_c"}]}]}`),
	}
	for _, d := range list {
		_, preset, isPreset := strings.Cut(d.name, "_presets__")
		_, template, isTemplate := strings.Cut(d.name, "_mediaconvert_templates_")
		switch {
		case isPreset:
			s["_"+preset] = d.data
		case isTemplate:
			s[template] = d.data
		case strings.Contains(d.name, "_templates_Amplify_Video_"):
			s["Amplify_Video_"+d.name[strings.LastIndex(d.name, "Amplify_Video_")+len("Amplify_Video_"):]] = d.data
		case strings.HasSuffix(d.name, "javascript_example_code_mediaconvert_emc_create_jobtemplate"):
			s["TEMPLATE_NAME"] = d.data
		}
	}
	return s
}

// members are the settings objects of the kinds of groups.
var members = map[string]string{
	"FILE_GROUP_SETTINGS": "fileGroupSettings", "HLS_GROUP_SETTINGS": "hlsGroupSettings", "DASH_ISO_GROUP_SETTINGS": "dashIsoGroupSettings",
	"CMAF_GROUP_SETTINGS": "cmafGroupSettings", "MS_SMOOTH_GROUP_SETTINGS": "msSmoothGroupSettings",
}

// resolve gives the settings of the job that a document is, or of one that uses
// it; an error where the service would refuse it.
func (d document) resolve(s shelf) (*types.JobSettings, error) {
	s = maps.Clone(s)
	s[d.name] = d.data
	data := d.data
	switch d.kind {
	case "preset settings":
		p, err := s.Preset(d.name)
		if err != nil {
			return nil, err
		}
		data = usePreset(d.name, p)
	case "template":
		tmpl, err := s.JobTemplate(d.name)
		if err != nil {
			return nil, err
		}
		data = fmt.Appendf(nil, `{"jobTemplate":%q,"settings":{"inputs":[{"fileInput":"s3://in/video.mp4"}],"outputGroups":[%s]}}`, d.name, destinations(tmpl))
	}
	r, err := mediaconvert.DecodeRequest(data, mediaconvert.FormFile)
	if err != nil {
		return nil, err
	}
	if name, ok := strings.CutPrefix(d.name, "awslabs__amplify-video__"); ok && strings.Contains(name, "InputLambda") {
		// The project's function sends these with the template of the same kind.
		kind := strings.TrimSuffix(name[strings.LastIndex(name, "InputLambda_")+len("InputLambda_"):], "_settings")
		r.JobTemplate = "Amplify_Video_" + strings.ToUpper(kind)
	}
	if r.JobTemplate != "" && r.Settings != nil && len(r.Settings.OutputGroups) == 0 {
		// So do others, with the template's groups and their destinations.
		tmpl, err := s.JobTemplate(r.JobTemplate)
		if err != nil {
			return nil, err
		}
		groups, err := mediaconvert.DecodeSettings([]byte(`{"outputGroups":[` + destinations(tmpl) + `]}`))
		if err != nil {
			return nil, err
		}
		r.Settings.OutputGroups = groups.OutputGroups
	}
	job, err := r.Resolve(s)
	if err != nil {
		return nil, err
	}
	return mediaconvert.DecodeSettings(job.Settings)
}

// usePreset is a job with one output of a preset, in a group of its kind.
func usePreset(name string, p spool.Preset) []byte {
	var settings struct {
		ContainerSettings struct{ Container string }
	}
	_ = json.Unmarshal(p.Settings, &settings) // it was decoded before
	kinds := map[string]string{"M3U8": "HLS_GROUP_SETTINGS", "MPD": "DASH_ISO_GROUP_SETTINGS", "CMFC": "CMAF_GROUP_SETTINGS"}
	kind := cmp.Or(kinds[settings.ContainerSettings.Container], "FILE_GROUP_SETTINGS")
	lengths := map[string]string{
		"HLS_GROUP_SETTINGS": `,"segmentLength":2,"minSegmentLength":0`, "DASH_ISO_GROUP_SETTINGS": `,"segmentLength":2,"fragmentLength":2`, "CMAF_GROUP_SETTINGS": `,"segmentLength":2,"fragmentLength":2`,
	}
	return fmt.Appendf(nil, `{"inputs":[{"fileInput":"s3://in/video.mp4"}],"outputGroups":[{"outputGroupSettings":{"type":%q,%q:{"destination":"s3://out/folder/"%s}},"outputs":[{"preset":%q,"nameModifier":"_x"}]}]}`,
		kind, members[kind], lengths[kind], name)
}

// destinations gives output groups that add a destination to each of a
// template's.
func destinations(tmpl spool.JobTemplate) string {
	var settings struct {
		OutputGroups []struct{ OutputGroupSettings struct{ Type string } }
	}
	_ = json.Unmarshal(tmpl.Settings, &settings) // it was decoded before
	groups := make([]string, len(settings.OutputGroups))
	for i, g := range settings.OutputGroups {
		groups[i] = "{}"
		if kind := g.OutputGroupSettings.Type; kind != "" {
			groups[i] = fmt.Sprintf(`{"outputGroupSettings":{%q:{"destination":"s3://out/folder%d/"}}}`, members[kind], i)
		}
	}
	return strings.Join(groups, ",")
}
