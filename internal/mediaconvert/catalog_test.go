package mediaconvert

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

const (
	presetSettings = `{"audioDescriptions":[{"codecSettings":{"aacSettings":{"bitrate":96000,"codingMode":"CODING_MODE_2_0","sampleRate":48000},"codec":"AAC"}}],` +
		`"containerSettings":{"container":"MP4","mp4Settings":{}},` +
		`"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"maxBitrate":1000000,"rateControlMode":"QVBR","softness":0}},"height":360,"width":640}}`
	templateSettings = `{"inputs":[{"timecodeSource":"ZEROBASED"}],"outputGroups":[{"name":"File","outputGroupSettings":{"fileGroupSettings":{"destination":"s3://out/t/"},"type":"FILE_GROUP_SETTINGS"},"outputs":[{"preset":"web"}]}]}`
)

// pascal writes the members of a document as the CLI and the console do.
func pascal(t *testing.T, doc string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		t.Fatal(err)
	}
	var turn func(any) any
	turn = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			m := make(map[string]any)
			for k, e := range v {
				m[strings.ToUpper(k[:1])+k[1:]] = turn(e)
			}
			return m
		case []any:
			for i := range v {
				v[i] = turn(v[i])
			}
		}
		return v
	}
	raw, err := json.Marshal(turn(v))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestDecodePreset: a preset is read in all of its forms, and its settings stay
// as they were given.
func TestDecodePreset(t *testing.T) {
	t.Parallel()
	wire := `{"name":"web","category":"c","description":"d","settings":` + presetSettings + `,"tags":{"team":"a"}}`
	got := `{"arn":"arn:aws:mediaconvert:us-east-1:1:presets/web","createdAt":1712252726,"lastUpdated":1712252726,"type":"CUSTOM","name":"web","category":"c","description":"d","settings":` + presetSettings + `}`
	for _, tt := range []struct {
		name, text string
		form       Form
		want       spool.Preset
	}{
		{"wire", wire, FormWire, spool.Preset{Name: "web", Category: "c", Description: "d", Tags: map[string]string{"team": "a"}}},
		{"file", wire, FormFile, spool.Preset{Name: "web", Category: "c", Description: "d", Tags: map[string]string{"team": "a"}}},
		{"get-preset", `{"Preset":` + pascal(t, got) + `}`, FormFile, spool.Preset{Name: "web", Category: "c", Description: "d"}},
		{"answer on the wire", `{"preset":` + got + `}`, FormFile, spool.Preset{Name: "web", Category: "c", Description: "d"}},
		{"bare settings", pascal(t, presetSettings), FormFile, spool.Preset{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := DecodeCreatePreset([]byte(tt.text), tt.form)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Type, tt.want.Settings = spool.TypeCustom, json.RawMessage(presetSettings)
			if diff := cmp.Diff(tt.want, p); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDecodeJobTemplate(t *testing.T) {
	t.Parallel()
	priority, hop := -7, 3
	body := `{"name":"web","category":"c","description":"d","queue":"arn:aws:mediaconvert:us-east-1:111122223333:queues/night","priority":-7,` +
		`"accelerationSettings":{"mode":"PREFERRED"},"statusUpdateInterval":"SECONDS_30","hopDestinations":[{"waitMinutes":5},{"queue":"day","waitMinutes":9,"priority":3}],"settings":` + templateSettings + `}`
	want := spool.JobTemplate{
		Name: "web", Category: "c", Description: "d", Type: spool.TypeCustom, Settings: json.RawMessage(templateSettings), Queue: "night", Priority: &priority,
		AccelerationMode: "PREFERRED", StatusUpdateInterval: "SECONDS_30",
		Hops: []spool.Hop{{Queue: "Default", WaitMinutes: 5}, {Queue: "day", WaitMinutes: 9, Priority: &hop}},
	}
	for _, tt := range []struct {
		text string
		form Form
	}{{body, FormWire}, {`{"JobTemplate":` + pascal(t, body) + `}`, FormFile}, {pascal(t, body), FormFile}} {
		got, err := DecodeCreateJobTemplate([]byte(tt.text), tt.form)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%.20s (-want +got)\n%s", tt.text, diff)
		}
	}
	bare, err := DecodeCreateJobTemplate([]byte(pascal(t, templateSettings)), FormFile)
	if err != nil || string(bare.Settings) != templateSettings || bare.Name != "" || bare.Priority != nil || bare.Hops != nil {
		t.Errorf("bare settings: %+v, %v", bare, err)
	}
}

// TestDecodeUpdates: what is not in the body stays nil, and leaves the member as
// it is.
func TestDecodeUpdates(t *testing.T) {
	t.Parallel()
	category, queue, mode, interval, priority := "", "night", "DISABLED", "SECONDS_10", 0
	for text, want := range map[string]spool.JobTemplateUpdate{
		`{}`:              {},
		`{"category":""}`: {Category: &category},
		`{"queue":"night","priority":0,"accelerationSettings":{"mode":"DISABLED"},"statusUpdateInterval":"SECONDS_10","hopDestinations":[]}`: {
			Queue: &queue, Priority: &priority, AccelerationMode: &mode, StatusUpdateInterval: &interval, Hops: []spool.Hop{},
		},
		`{"settings":` + templateSettings + `}`: {Settings: json.RawMessage(templateSettings)},
	} {
		got, err := DecodeUpdateJobTemplate([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
	for text, want := range map[string]spool.PresetUpdate{
		`{}`:                                  {},
		`{"category":""}`:                     {Category: &category},
		`{"settings":` + presetSettings + `}`: {Settings: json.RawMessage(presetSettings)},
	} {
		got, err := DecodeUpdatePreset([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
}

// TestCatalogProblems: all that is wrong with a body is said at once, with
// pointers into its settings.
func TestCatalogProblems(t *testing.T) {
	t.Parallel()
	createPreset := func(b []byte) error { _, err := DecodeCreatePreset(b, FormWire); return err }
	updatePreset := func(b []byte) error { _, err := DecodeUpdatePreset(b); return err }
	createTemplate := func(b []byte) error { _, err := DecodeCreateJobTemplate(b, FormWire); return err }
	updateTemplate := func(b []byte) error { _, err := DecodeUpdateJobTemplate(b); return err }
	for _, tt := range []struct {
		name   string
		decode func([]byte) error
		text   string
		want   []string
	}{
		{"no members", createPreset, `{}`, []string{"The 'name' field is required.", "The 'settings' field is required."}},
		{"no object", createPreset, `[]`, []string{"The request should be a JSON object, not a JSON array."}},
		{"settings no object", createPreset, `{"name":"a","settings":1}`, []string{"/settings: Should be of type object, not number"}},
		{"Pascal on the wire", createPreset, `{"Name":"a","settings":{}}`, []string{"/Name: The member is not known; check its spelling or remove it.", "The 'name' field is required."}},
		{"many", createPreset, `{"name":"a/b","settings":{"containerSettings":{"container":"X"},"inputs":[],"videoDescription":{"width":2,"height":"2"},"audioDescriptions":[{"audioType":256}]},"tags":{"aws:x":"y"}}`,
			[]string{
				"/inputs: The member is not known; check its spelling or remove it.",
				"/videoDescription/height: Should be of type integer, not string",
				"/audioDescriptions/0/audioType: Should be less than or equal to 255",
				`/containerSettings/container: Should be equal to one of the allowed values in ["`,
				"/videoDescription/width: Should be greater than or equal to 32",
				"/name: A name may not begin with arn: nor hold a slash,",
				"/tags/aws:x: A key may not begin with aws:",
			}},
		{"name and tags stay", updatePreset, `{"name":"a","tags":{},"settings":{"audioDescriptions":[1]}}`,
			[]string{"/name: The member is not known;", "/tags: The member is not known;", "/audioDescriptions/0: Should be of type object, not number"}},
		{"template", createTemplate, `{"name":"t","priority":51,"queue":"arn:aws:x","statusUpdateInterval":"SECONDS_1","accelerationSettings":{},"hopDestinations":[{"waitMinutes":0,"priority":-51}],"settings":{"inputs":[{"fileInput":"s3://b/k"}],"followSource":0}}`,
			[]string{
				"/inputs/0/fileInput: The member is not known;",
				"/accelerationSettings: mode is a required property",
				"/hopDestinations/0/priority: Should be greater than or equal to -50",
				"/followSource: Should be greater than or equal to 1",
				"/statusUpdateInterval: Should be equal to one of the allowed values in",
				"/queue: Should be a name, or an ARN such as",
				"/priority: Should be less than or equal to 50",
				"/hopDestinations/0/waitMinutes: Should be greater than or equal to 1",
			}},
		{"hop to its own queue", createTemplate, `{"name":"t","queue":"q","hopDestinations":[{"waitMinutes":1,"queue":"q"}],"settings":{}}`,
			[]string{"/hopDestinations/0/queue: Should be another queue than the one the job is submitted to"}},
		{"update a template", updateTemplate, `{"name":"t","role":"r","priority":-51}`,
			[]string{"/name: The member is not known;", "/role: The member is not known;", "/priority: Should be greater than or equal to -50"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.decode([]byte(tt.text))
			var problems spool.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v", err)
			}
			for _, want := range tt.want {
				if !slices.ContainsFunc(problems, func(p spool.Problem) bool { return strings.HasPrefix(p.String(), want) }) {
					t.Errorf("no problem begins with %q", want)
				}
			}
			if len(problems) != len(tt.want) {
				t.Errorf("%d problems, want %d:\n%v", len(problems), len(tt.want), problems)
			}
		})
	}
}
