package mediaconvert

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
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

	"spool/internal/spool"
)

// sharedDir gives a folder of the material that is kept beside the repository,
// or skips the test.
func sharedDir(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv("SPOOL_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(append([]string{root}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no shared material at %s: set SPOOL_SHARED", dir)
	}
	return dir
}

// TestSystems: the jobs of the systems of this slice resolve.
func TestSystems(t *testing.T) {
	t.Parallel()
	dir := sharedDir(t, "systems")
	for _, name := range []string{"frames", "vod-hls", "cattube", "abr-hls"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join(dir, name, "job.json"))
			if err != nil {
				t.Fatal(err)
			}
			r, err := DecodeRequest(data, FormFile)
			if err != nil {
				t.Fatal(err)
			}
			job, err := r.Resolve(nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range job.Warnings {
				t.Errorf("unexpected warning: %s: %s", w.Pointer, w.Message)
			}
		})
	}
}

// corpusFile is one document of the corpus: a job, a preset or a template.
type corpusFile struct {
	name string // without .json
	kind string // of INDEX.tsv: job, job settings, preset settings, template
	data []byte // placeholders filled
}

// corpus reads all jobs, presets and templates of public projects, and the jobs
// of the systems.
func corpus(t *testing.T) []corpusFile {
	t.Helper()
	dir := sharedDir(t, "jobs")
	index, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var list []corpusFile
	read := func(name, kind, file string) {
		if strings.HasSuffix(name, "CreateJobTemplate") { // settings of a template
			kind = "template"
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, corpusFile{name, kind, fillPlaceholders(t, data)})
	}
	for i, line := range strings.Split(strings.TrimSpace(string(index)), "\n") {
		if fields := strings.Split(line, "\t"); i > 0 {
			read(strings.TrimSuffix(fields[0], ".json"), fields[1], filepath.Join(dir, fields[0]))
		}
	}
	if len(list) < 80 {
		t.Fatalf("only %d jobs in %s", len(list), dir)
	}
	for _, name := range []string{"abr-hls", "cattube", "frames", "vod-full", "vod-hls"} {
		read("systems/"+name, "job", filepath.Join(sharedDir(t, "systems"), name, "job.json"))
	}
	return list
}

// fillPlaceholders puts sensible values where the projects' own code does, or
// their users should: <expr:…> is code that was cut out; <your-…>, INPUT_BUCKET
// and the like are for the reader. Constants of Go's SDK become the values they
// stand for; what stands for an object is left out; text goes by its member. A
// document without inputs gets one.
func fillPlaceholders(t *testing.T, data []byte) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &doc); err != nil {
		t.Fatal(err)
	}
	doc = fillValue("", doc).(map[string]any)
	for _, settings := range []any{doc["Settings"], doc["settings"], doc} {
		if m, ok := settings.(map[string]any); ok && m["OutputGroups"] != nil && m["Inputs"] == nil && m["inputs"] == nil && doc["Name"] == nil {
			m["Inputs"] = []any{map[string]any{"FileInput": placeholderValues["fileInput"]}}
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
			return placeholderValues[member]
		}
		if constant, ok := strings.CutPrefix(strings.TrimSuffix(v, ">"), "<expr:mediaconvert."); ok {
			return sdkConstants()[plainName(constant)]
		}
		if strings.HasPrefix(v, "<") {
			return placeholderValues[member]
		}
	}
	return v
}

// placeholderValues are the values for members; others are left out.
var placeholderValues = map[string]any{
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

// sdkConstants gives the values of the constants of Go's SDK, by their names
// without underscores and in lower case.
var sdkConstants = sync.OnceValue(func() map[string]any {
	constants := make(map[string]any)
	for _, t := range settingsTypes() {
		for i := range t.NumField() {
			ft := t.Field(i).Type
			for ft.Kind() == reflect.Pointer || ft.Kind() == reflect.Slice {
				ft = ft.Elem()
			}
			if isEnum(ft) {
				for _, v := range enumValues(ft) {
					constants[plainName(ft.Name()+v)] = v
				}
			}
		}
	}
	return constants
})

func plainName(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }

// corpusShelf keeps the presets and templates of the corpus under the names that
// its jobs and templates use.
func corpusShelf(files []corpusFile) shelf {
	s := shelf{
		// The template of a project that does not publish it, as its job needs it.
		"xjiaqing-mc-job-1": `{"outputGroups":[{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{}},"outputs":[{"nameModifier":"_v","containerSettings":{"container":"MP4"},
			"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR"}}}},{"nameModifier":"_c"}]}]}`,
	}
	for _, f := range files {
		_, preset, isPreset := strings.Cut(f.name, "_presets__")
		_, template, isTemplate := strings.Cut(f.name, "_mediaconvert_templates_")
		switch {
		case isPreset:
			s["_"+preset] = string(f.data)
		case isTemplate:
			s[template] = string(f.data)
		case strings.Contains(f.name, "_templates_Amplify_Video_"):
			s["Amplify_Video_"+f.name[strings.LastIndex(f.name, "Amplify_Video_")+len("Amplify_Video_"):]] = string(f.data)
		case strings.HasSuffix(f.name, "javascript_example_code_mediaconvert_emc_create_jobtemplate"):
			s["TEMPLATE_NAME"] = string(f.data)
		}
	}
	return s
}

// resolve resolves the job that a document is, or one that uses it. A preset or
// template that could not be made is refused like a job.
func (f corpusFile) resolve(t *testing.T, s shelf) (spool.JobRequest, error) {
	t.Helper()
	s = maps.Clone(s)
	s[f.name] = string(f.data)
	data := f.data
	switch f.kind {
	case "preset settings":
		p, err := s.Preset(f.name)
		if err != nil {
			return spool.JobRequest{}, err
		}
		data = []byte(f.usePreset(t, p))
	case "template":
		tmpl, err := s.JobTemplate(f.name)
		if err != nil {
			return spool.JobRequest{}, err
		}
		data = fmt.Appendf(nil, `{"jobTemplate":%q,"settings":{"inputs":[{"fileInput":"s3://in/video.mp4"}],"outputGroups":[%s]}}`, f.name, destinations(t, tmpl))
	}
	r, err := DecodeRequest(data, FormFile)
	if err != nil {
		return spool.JobRequest{}, err
	}
	if name, ok := strings.CutPrefix(f.name, "awslabs__amplify-video__"); ok && strings.Contains(name, "InputLambda") {
		// The project's function sends these with the template of the same kind.
		kind := strings.TrimSuffix(name[strings.LastIndex(name, "InputLambda_")+len("InputLambda_"):], "_settings")
		r.JobTemplate = "Amplify_Video_" + strings.ToUpper(kind)
	}
	if r.JobTemplate != "" && r.Settings != nil && len(r.Settings.OutputGroups) == 0 {
		// So do others, with the template's groups and their destinations.
		tmpl, err := s.JobTemplate(r.JobTemplate)
		if err != nil {
			return spool.JobRequest{}, err
		}
		groups, err := DecodeSettings([]byte(`{"outputGroups":[` + destinations(t, tmpl) + `]}`))
		if err != nil {
			return spool.JobRequest{}, err
		}
		r.Settings.OutputGroups = groups.OutputGroups
	}
	return r.Resolve(s)
}

// usePreset is a job with one output of a preset, in a group of its kind.
func (f corpusFile) usePreset(t *testing.T, p spool.Preset) string {
	t.Helper()
	kinds := map[string]string{"M3U8": "HLS_GROUP_SETTINGS", "MPD": "DASH_ISO_GROUP_SETTINGS", "CMFC": "CMAF_GROUP_SETTINGS"}
	kind := types.OutputGroupType(cmp.Or(kinds[at(t, p.Settings, "/containerSettings/container")], "FILE_GROUP_SETTINGS"))
	lengths := map[types.OutputGroupType]string{
		types.OutputGroupTypeHlsGroupSettings:     `,"segmentLength":6,"minSegmentLength":0`,
		types.OutputGroupTypeDashIsoGroupSettings: `,"segmentLength":6,"fragmentLength":2`,
		types.OutputGroupTypeCmafGroupSettings:    `,"segmentLength":6,"fragmentLength":2`,
	}
	return fmt.Sprintf(`{"inputs":[{"fileInput":"s3://in/video.mp4"}],"outputGroups":[{"outputGroupSettings":{"type":%q,%q:{"destination":"s3://out/folder/"%s}},"outputs":[{"preset":%q,"nameModifier":"_x"}]}]}`,
		kind, groupMembers[kind], lengths[kind], f.name)
}

// destinations gives output groups that add a destination to each of a
// template's.
func destinations(t *testing.T, tmpl spool.JobTemplate) string {
	t.Helper()
	settings, err := parseTree(tmpl.Settings, maxStored, maxStoredN, &problemList{})
	if err != nil {
		t.Fatal(err)
	}
	var groups []string
	for i, g := range settings.member("outputGroups").elements() {
		group := "{}"
		if kind := g.member("outputGroupSettings").member("type"); kind != nil {
			group = fmt.Sprintf(`{"outputGroupSettings":{%q:{"destination":"s3://out/folder%d/"}}}`, groupMembers[types.OutputGroupType(kind.text)], i)
		}
		groups = append(groups, group)
	}
	return strings.Join(groups, ",")
}

// TestCorpus: every job of public projects is accepted, or refused with pointers
// to what is wrong with it; the outcomes are held in a golden file. -v prints the
// reasons.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files := corpus(t)
	named := corpusShelf(files)
	var table strings.Builder
	counts := make(map[string]int)
	for _, f := range files {
		_, err := f.resolve(t, named)
		outcome, said := "accepted", spool.Problems(nil)
		if err != nil {
			outcome = "refused"
			if !errors.As(err, &said) || len(said) == 0 {
				t.Errorf("%s: an error that is no list of problems: %v", f.name, err)
			}
		}
		counts[outcome]++
		fmt.Fprintf(&table, "%s\t%s\n", f.name, outcome)
		for _, p := range said {
			if p.Message == "" || p.Pointer != "" && p.Pointer[0] != '/' {
				t.Errorf("%s: bad problem %+v", f.name, p)
			}
			fmt.Fprintf(&table, "\t%s\n", cmp.Or(p.Pointer, "the whole"))
			t.Logf("%s: %s: %v", f.name, outcome, p)
		}
	}
	t.Logf("%v\n%s", counts, table.String())
	goldenText(t, "corpus.txt", table.String())
}
