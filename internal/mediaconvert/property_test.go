package mediaconvert

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

var (
	propertyCases = flag.Int("property.cases", 300, "how many random settings TestProperty makes; with a thousand or more, TestEveryLeaf tries all values")
	propertySeed  = flag.Uint64("property.seed", 0, "the seed of the first of them; 0: a random one")
)

// TestProperty: random settings that the model and the rules allow are taken,
// are the same after a trip over the wire, and resolve to themselves; with one
// thing made wrong they are refused with a pointer to it.
func TestProperty(t *testing.T) {
	t.Parallel()
	m := loadModel(t)
	cases, first := *propertyCases, firstSeed(t)
	if testing.Short() {
		cases = min(cases, 200)
	}
	kinds := map[string]int{}
	for i := range uint64(cases) {
		seed := first + i
		g := newMaker(t, m, seed)
		doc := g.settings()
		if !checkValid(t, seed, doc) {
			continue
		}
		bad, how := g.mutate(clone(doc).(map[string]any))
		kinds[how.kind]++
		checkBroken(t, seed, bad, how)
		if t.Failed() && i > 50 {
			t.Fatal("enough")
		}
	}
	t.Logf("%d settings; made wrong: %v", cases, kinds)
	if cases >= 1000 && len(kinds) < 15 {
		t.Errorf("some kinds of mistakes were never made: %v", kinds)
	}
}

// firstSeed gives the seed of the first case, and says which it is.
func firstSeed(t *testing.T) uint64 {
	t.Helper()
	first := *propertySeed
	if first == 0 {
		first = rand.Uint64N(1 << 40)
	}
	t.Logf("the first seed is %d", first)
	return first
}

func clone(v any) any {
	var copied any
	raw, _ := json.Marshal(v)
	_ = json.Unmarshal(raw, &copied)
	return copied
}

func requestOf(settings any) []byte {
	raw, _ := json.Marshal(map[string]any{"role": "arn:aws:iam::111122223333:role/media", "settings": settings})
	return raw
}

func checkValid(t *testing.T, seed uint64, doc map[string]any) bool {
	t.Helper()
	body := requestOf(doc)
	r, err := DecodeRequest(body, FormWire)
	if err != nil {
		t.Errorf("seed %d: valid settings are not read: %v\n%s", seed, err, body)
		return false
	}
	raw, err := EncodeSettings(r.Settings)
	var back any
	if err == nil {
		err = json.Unmarshal(raw, &back)
	}
	if err != nil || !reflect.DeepEqual(clone(doc), back) {
		t.Errorf("seed %d: not the same after a trip over the wire: %v\n%s", seed, err, cmp.Diff(clone(doc), back))
	}
	job, err := r.Resolve(nil)
	if err != nil {
		t.Errorf("seed %d: valid settings are refused: %v\n%s", seed, err, body)
		return false
	}
	settings, err := DecodeSettings(job.Settings)
	if err != nil {
		t.Errorf("seed %d: resolved settings are not read: %v", seed, err)
		return false
	}
	again, err := (&Request{Settings: settings, form: FormFile}).Resolve(nil)
	if err != nil || string(again.Settings) != string(job.Settings) {
		t.Errorf("seed %d: resolving twice is not resolving once: %v\n%s", seed, err, cmp.Diff(string(job.Settings), string(again.Settings)))
	}
	return true
}

// mistake is what was made wrong, and what must be said of it.
type mistake struct{ kind, pointer, message string }

func checkBroken(t *testing.T, seed uint64, doc map[string]any, how mistake) {
	t.Helper()
	r, err := DecodeRequest(requestOf(doc), FormWire)
	if err == nil {
		_, err = r.Resolve(nil)
	}
	var problems spool.Problems
	if !errors.As(err, &problems) {
		t.Errorf("seed %d: %s at %s is taken: %v", seed, how.kind, how.pointer, err)
		return
	}
	if !slices.ContainsFunc(problems, func(p spool.Problem) bool {
		return p.Pointer == how.pointer && strings.HasPrefix(p.Message, how.message)
	}) {
		t.Errorf("seed %d: %s: want %s: %s…\ngot %v", seed, how.kind, how.pointer, how.message, problems)
	}
}

// place is one value in a document.
type place struct {
	pointer string
	shape   string
	value   any
	set     func(any)
}

// places lists all values below one, with their shapes.
func (g *maker) places(v any, shape, pointer string, set func(any)) []place {
	list := []place{{pointer, shape, v, set}}
	s := g.model.Shapes[shape]
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedNames(v) {
			name := ""
			if s.Type == "map" {
				name = elementName(s)
			}
			for _, ref := range s.Members {
				if ref.Wire == key {
					name = ref.Shape
				}
			}
			list = append(list, g.places(v[key], name, pointer+"/"+key, func(to any) { v[key] = to })...)
		}
	case []any:
		for i := range v {
			list = append(list, g.places(v[i], elementName(s), pointer+"/"+itoa(i), func(to any) { v[i] = to })...)
		}
	}
	return list
}

// needed are members that a structure can't be without whatever else it holds.
var needed = map[string]string{
	"OutputGroup": "outputGroupSettings outputs", "OutputGroupSettings": "type", "Output": "containerSettings", "ContainerSettings": "container",
	"VideoCodecSettings": "codec", "AudioCodecSettings": "codec", "AacSettings": "sampleRate codingMode", "AudioDescription": "codecSettings", "VideoDescription": "codecSettings",
	"JobSettings": "inputs outputGroups", "CaptionSourceSettings": "sourceType", "CaptionSelector": "sourceSettings", "CaptionDescription": "captionSelectorName",
	"FileGroupSettings": "destination", "HlsGroupSettings": "destination", "DashIsoGroupSettings": "destination", "CmafGroupSettings": "destination", "MsSmoothGroupSettings": "destination",
	"InsertableImage": "imageX imageY imageInserterInput", "Vp8Settings": "bitrate", "Vp9Settings": "bitrate", "Av1Settings": "maxBitrate", "AutomatedAbrRule": "type",
	"H264Settings": "", "H265Settings": "",
}

// longLists are the bounds of lists and maps that the rules hold.
var longLists = map[string]int{
	"__listOfInput": 150, "__listOfColorConversion3DLUTSetting": 8, "__listOfHlsAdditionalManifest": 10, "__listOfDashAdditionalManifest": 10,
	"__listOfCmafAdditionalManifest": 10, "__listOfMsSmoothAdditionalManifest": 10, "__mapOfCaptionSelector": 100,
}

// mutate makes one thing wrong in a document of settings.
func (g *maker) mutate(doc map[string]any) (map[string]any, mistake) {
	all := g.places(doc, "JobSettings", "", nil)
	kinds := []func(place) (mistake, bool){
		g.wrongEnum, g.outOfRange, g.wrongLength, g.wrongText, g.missingMember, g.unknownMember, g.wrongType, g.longList, g.nullElement, g.fraction, g.tooLarge, g.wrongContainer,
	}
	for {
		kind := pick(g, kinds...)
		for _, i := range g.rnd.Perm(len(all)) {
			if how, ok := kind(all[i]); ok {
				return doc, how
			}
		}
	}
}

func (g *maker) wrongEnum(p place) (mistake, bool) {
	s := g.model.Shapes[p.shape]
	if len(s.Enum) == 0 {
		return mistake{}, false
	}
	p.set(pick(g, "NO_SUCH_VALUE", "", strings.ToLower(s.Enum[0])+"x"))
	return mistake{"an unknown value", p.pointer, `Should be equal to one of the allowed values in ["` + s.Enum[0] + `"`}, true
}

func (g *maker) outOfRange(p place) (mistake, bool) {
	s := g.model.Shapes[p.shape]
	low, high := s.Min, s.Max
	switch s.Type {
	case "double":
		low, high = doubleRange(p.shape, s)
	case "integer":
	default:
		return mistake{}, false
	}
	least, most := limits(low, high, math.MinInt32, math.MaxInt32)
	if high != nil && most < math.MaxInt32 && (low == nil || g.chance(0.5)) {
		p.set(most + 1)
		return mistake{"too much", p.pointer, "Should be less than or equal to " + high.String()}, true
	}
	if low != nil && least > math.MinInt32 {
		p.set(least - 1)
		return mistake{"too little", p.pointer, "Should be greater than or equal to " + low.String()}, true
	}
	return mistake{}, false
}

func (g *maker) wrongLength(p place) (mistake, bool) {
	s := g.model.Shapes[p.shape]
	if s.Type != "string" || s.Max == nil && s.Min == nil || len(s.Enum) > 0 {
		return mistake{}, false
	}
	least, most := limits(s.Min, s.Max, 0, 0)
	if s.Max != nil && (least == 0 || g.chance(0.5)) {
		p.set(strings.Repeat("é", int(most)+1))
		return mistake{"a long text", p.pointer, fmt.Sprintf("Should have at most %d characters", int(most))}, true
	}
	if least == 0 {
		return mistake{}, false
	}
	p.set(strings.Repeat("é", int(least)-1))
	return mistake{"a short text", p.pointer, fmt.Sprintf("Should have at least %d characters", int(least))}, true
}

func (g *maker) wrongText(p place) (mistake, bool) {
	s := g.model.Shapes[p.shape]
	if s.Pattern == "" {
		return mistake{}, false
	}
	re := regexp.MustCompile(s.Pattern)
	least, most := limits(s.Min, s.Max, 0, math.MaxInt32)
	for _, bad := range []string{"é!\n", "é!\né!\né!\né!\n", "ftp://in/a.mp4", strings.Repeat("!", int(least)), "é"} {
		if n := float64(len([]rune(bad))); n >= least && n <= most && !re.MatchString(bad) {
			p.set(bad)
			return mistake{"another text", p.pointer, "Should match the pattern "}, true
		}
	}
	return mistake{}, false
}

func (g *maker) missingMember(p place) (mistake, bool) {
	m, ok := p.value.(map[string]any)
	if !ok {
		return mistake{}, false
	}
	for name := range strings.FieldsSeq(needed[p.shape]) {
		if m[name] != nil && g.chance(0.6) {
			if g.chance(0.5) {
				delete(m, name)
			} else {
				m[name] = nil
			}
			return mistake{"a missing member", p.pointer, name + " is a required property"}, true
		}
	}
	return mistake{}, false
}

func (g *maker) unknownMember(p place) (mistake, bool) {
	m, ok := p.value.(map[string]any)
	if !ok || g.model.Shapes[p.shape].Type != "structure" {
		return mistake{}, false
	}
	m["noSuchMember"] = pick[any](g, 1.0, "x", map[string]any{})
	return mistake{"an unknown member", p.pointer + "/noSuchMember", "The member is not known"}, true
}

func (g *maker) wrongType(p place) (mistake, bool) {
	if p.set == nil {
		return mistake{}, false
	}
	want := map[string]string{"structure": "object", "map": "object", "list": "array", "string": "string", "integer": "integer", "double": "number"}[g.model.Shapes[p.shape].Type]
	others := map[string]any{"object": map[string]any{}, "array": []any{}, "string": "1", "number": 1.0, "boolean": true}
	delete(others, strings.Replace(want, "integer", "number", 1))
	names := sortedNames(others)
	name := pick(g, names...)
	p.set(others[name])
	return mistake{"another type", p.pointer, "Should be of type " + want + ", not " + name}, true
}

func (g *maker) longList(p place) (mistake, bool) {
	most := longLists[p.shape]
	switch v := p.value.(type) {
	case []any:
		if most == 0 || len(v) == 0 {
			return mistake{}, false
		}
		long := make([]any, most+1)
		for i := range long {
			long[i] = v[0]
		}
		p.set(long)
		return mistake{"a long list", p.pointer, fmt.Sprintf("Should have at most %d items", most)}, true
	case map[string]any:
		if most == 0 {
			return mistake{}, false
		}
		for i := 0; len(v) <= most; i++ {
			v["More "+itoa(i)] = v["Name 1"]
		}
		return mistake{"a large map", p.pointer, fmt.Sprintf("Should have at most %d properties", most)}, true
	}
	return mistake{}, false
}

func (g *maker) nullElement(p place) (mistake, bool) {
	list, ok := p.value.([]any)
	if !ok || len(list) == 0 {
		return mistake{}, false
	}
	i := g.rnd.IntN(len(list))
	list[i] = nil
	return mistake{"a null element", p.pointer + "/" + itoa(i), "Should not be null"}, true
}

func (g *maker) fraction(p place) (mistake, bool) {
	if g.model.Shapes[p.shape].Type != "integer" {
		return mistake{}, false
	}
	p.set(p.value.(float64) + 0.5)
	return mistake{"a fraction", p.pointer, "Should be of type integer, not "}, true
}

func (g *maker) tooLarge(p place) (mistake, bool) {
	if g.model.Shapes[p.shape].Type != "integer" {
		return mistake{}, false
	}
	p.set(pick(g, 2147483648.0, -2147483649, 1e300))
	return mistake{"a number beyond 32 bits", p.pointer, "Should be of type integer"}, true
}

// wrongContainer takes the container of another group.
func (g *maker) wrongContainer(p place) (mistake, bool) {
	if p.shape != "OutputGroup" {
		return mistake{}, false
	}
	m := p.value.(map[string]any)
	kind := m["outputGroupSettings"].(map[string]any)["type"].(string)
	output := m["outputs"].([]any)[0].(map[string]any)
	container := "MP4"
	if kind == "FILE_GROUP_SETTINGS" {
		container = "ISMV"
	}
	output["containerSettings"] = map[string]any{"container": container}
	return mistake{"the container of another group", p.pointer + "/outputs/0/containerSettings/container", `Should be equal to one of the allowed values in ["`}, true
}

// TestPropertyParts: settings that come in parts, outputs from presets and the
// rest from a job template, are taken as such (see shelf) and become what they
// are when they come whole.
func TestPropertyParts(t *testing.T) {
	t.Parallel()
	m := loadModel(t)
	first := firstSeed(t)
	for seed := first; seed < first+uint64(min((*propertyCases+4)/5, 200)); seed++ {
		doc := newMaker(t, m, seed).settings()
		whole, err := resolve(requestOf(doc), FormWire)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		lib := shelf{}
		request := takeApart(t, clone(doc).(map[string]any), lib)
		parts, err := resolveWith(t, lib, string(request))
		if err != nil {
			t.Fatalf("seed %d: in parts: %v\n%s\n%v", seed, err, request, lib)
		}
		if string(parts.Settings) != string(whole.Settings) {
			t.Fatalf("seed %d: in parts it is another job:\n%s", seed, cmp.Diff(string(whole.Settings), string(parts.Settings)))
		}
	}
}

// takeApart puts what presets and templates may hold of settings into a library
// and gives a request for the rest.
func takeApart(t *testing.T, doc map[string]any, lib shelf) []byte {
	t.Helper()
	write := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for i, g := range doc["outputGroups"].([]any) {
		for j, o := range g.(map[string]any)["outputs"].([]any) {
			output, preset, name := o.(map[string]any), map[string]any{}, fmt.Sprintf("preset-%d-%d", i, j)
			for _, member := range []string{"containerSettings", "videoDescription", "audioDescriptions"} {
				if v, ok := output[member]; ok {
					preset[member] = v
					delete(output, member)
				}
			}
			lib[name] = write(preset)
			output["preset"] = name
		}
	}
	var own []any
	for _, in := range doc["inputs"].([]any) {
		given := map[string]any{}
		for _, member := range []string{"fileInput", "videoGenerator", "decryptionSettings", "supplementalImps", "tamsSettings"} {
			if v, ok := in.(map[string]any)[member]; ok {
				given[member] = v
				delete(in.(map[string]any), member)
			}
		}
		own = append(own, given)
	}
	lib["template"] = `{"settings":` + write(doc) + `}`
	return []byte(`{"role":"r","jobTemplate":"template","settings":` + write(map[string]any{"inputs": own}) + `}`)
}

// TestMakerKnowsAll: what the maker sets to rights are structures that there are,
// and every structure of settings can be made.
func TestMakerKnowsAll(t *testing.T) {
	t.Parallel()
	m := loadModel(t)
	g := newMaker(t, m, 7)
	known := settingsTypes()
	for name := range g.fixes {
		if _, ok := known[name]; !ok {
			t.Errorf("a fix for %s, which is no structure", name)
		}
	}
	for name, list := range needed {
		for member := range strings.FieldsSeq(list) {
			if _, ok := fieldNamed(known[name], member); !ok {
				t.Errorf("%s has no %s", name, member)
			}
		}
	}
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		raw, err := json.Marshal(g.structure(name, 1))
		if err != nil {
			t.Fatal(err)
		}
		root, err := parseTree(raw, MaxBody, maxValues, &problemList{})
		if err != nil {
			t.Fatal(err)
		}
		problems := &problemList{}
		v := reflect.New(known[name])
		(&decoder{form: FormWire, problems: problems}).decode(root, v.Elem(), "")
		checkModel(v, "", problems)
		if err := problems.err(); err != nil {
			t.Errorf("%s with all its members: %v\n%s", name, err, raw)
		}
	}
}
