package mediaconvert

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// presetRequest is the body of CreatePreset; UpdatePreset takes the members but
// name and tags (behaviour.md 1.3).
type presetRequest struct {
	Name        *string
	Category    *string
	Description *string
	Settings    *types.PresetSettings
	Tags        map[string]string
}

// DecodeCreatePreset reads the body of CreatePreset, or in FormFile a preset as
// GetPreset and the console give it, alone or as {"Preset": {…}}, or its bare
// settings; a file may be without a name. The preset is of TypeCustom, its
// settings are checked against the model and kept as given, and its times are
// left to the caller. What is wrong comes back as spool.Problems, all at once,
// with pointers into the settings (other members: /name and so on).
func DecodeCreatePreset(body []byte, form Form) (spool.Preset, error) {
	var r presetRequest
	problems := &problemList{}
	b := catalogBody{form: form, wrapper: "preset"}
	if err := b.decode(body, reflect.ValueOf(&r).Elem(), problems); err != nil {
		return spool.Preset{}, err
	}
	p := spool.Preset{
		Type: spool.TypeCustom, Tags: r.Tags, Name: checkNewName(r.Name, form, problems),
		Category: deref(r.Category), Description: deref(r.Description),
	}
	if r.Settings == nil {
		requireSettings(problems)
	} else {
		checkPreset(r.Settings, problems)
	}
	p.Settings = encodePart(reflect.ValueOf(r.Settings))
	checkTags(r.Tags, problems)
	return p, problems.err()
}

// DecodeUpdatePreset reads the body of UpdatePreset; members that are not there
// stay nil. What is wrong comes back as spool.Problems.
func DecodeUpdatePreset(body []byte) (spool.PresetUpdate, error) {
	var r presetRequest
	problems := &problemList{}
	if err := (catalogBody{update: true}).decode(body, reflect.ValueOf(&r).Elem(), problems); err != nil {
		return spool.PresetUpdate{}, err
	}
	if r.Settings != nil {
		checkPreset(r.Settings, problems)
	}
	u := spool.PresetUpdate{Category: r.Category, Description: r.Description, Settings: encodePart(reflect.ValueOf(r.Settings))}
	return u, problems.err()
}

// catalogBody says what a body of a preset or job template may hold.
type catalogBody struct {
	form    Form
	wrapper string // of an exported one, in FormFile
	update  bool   // name and tags are not taken
}

// catalogAnswers are the members of presets and job templates that only answers
// have.
var catalogAnswers = map[string]bool{"arn": true, "createdAt": true, "lastUpdated": true, "type": true}

// decode reads a body into a request whose settings are a member, and checks
// it against the model. The error is for a body that is no object at all.
func (b catalogBody) decode(body []byte, request reflect.Value, problems *problemList) error {
	root, err := parseTree(body, MaxBody, maxValues, problems)
	if err != nil {
		return err
	}
	if root.kind != nodeObject {
		problems.add("", "The request should be a JSON object, not a JSON %s.", typeNames[root.kind])
		return problems.err()
	}
	if b.form == FormFile {
		root = unwrap(root, b.wrapper)
		settings, _ := fieldNamed(request.Type(), "settings")
		root = wrapBare(root, request.Type().Field(settings.index).Type.Elem(), "settings", "name")
	}
	only := memberRules{answers: catalogAnswers}
	if b.update {
		only.unknown = map[string]bool{"name": true, "tags": true}
	}
	(&decoder{form: b.form, problems: problems}).members(root, request, only)
	for _, f := range wireFields(request.Type()) {
		at := "/" + f.name
		if f.name == "settings" {
			at = ""
		}
		checkModel(request.Field(f.index), at, problems)
	}
	return nil
}

// encodePart writes a part of settings in wire form; nil for a nil pointer.
func encodePart(v reflect.Value) json.RawMessage {
	if v.IsNil() {
		return nil
	}
	return encode(nil, v)
}

func requireSettings(problems *problemList) {
	for _, p := range problems.list {
		if p.Pointer == "/settings" { // it is there, and no object
			return
		}
	}
	problems.add("", "The 'settings' field is required.")
}

// checkNewName gives the name of a preset or job template that is to be made.
func checkNewName(name *string, form Form, problems *problemList) string {
	if name == nil {
		if form == FormWire {
			problems.add("", "The 'name' field is required.")
		}
		return ""
	}
	checkName("/name", *name, problems)
	return *name
}

// checkName refuses names that could not stand in a path or an ARN.
func checkName(pointer, name string, problems *problemList) {
	switch {
	case name == "":
		problems.add(pointer, "Should have at least 1 characters")
	case len(name) > 256:
		problems.add(pointer, "Should have at most 256 characters")
	case strings.HasPrefix(name, "arn:") || strings.ContainsAny(name, "/?#%") || hasControl(name):
		problems.add(pointer, "A name may not begin with arn: nor hold a slash, ?, #, a percent sign or control characters")
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
