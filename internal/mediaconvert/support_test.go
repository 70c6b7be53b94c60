package mediaconvert

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// TestNeverIgnored: what would do harm if it were left out is refused.
func TestNeverIgnored(t *testing.T) {
	t.Parallel()
	for pointer, change := range map[string][]string{
		"/outputGroups/1/outputGroupSettings/hlsGroupSettings/encryption/type": {hls1 + "/encryption", `{"encryptionMethod":"AES128","type":"SPEKE","spekeKeyProvider":{"resourceId":"r","systemIds":[],"url":"https://k/"}}`},
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

// spokenOf lists the pointers that are named for settings: of problems and of
// warnings.
func spokenOf(s *types.JobSettings) []string {
	refused := &problemList{}
	var list []string
	for _, w := range support(s, refused) {
		list = append(list, w.Pointer)
	}
	for _, p := range refused.list {
		list = append(list, p.Pointer)
	}
	return list
}

// planted is the pointer of what plant sets at a path.
func planted(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if part != "*" {
			continue
		}
		parts[i] = "0"
		if t := objectType(strings.Join(strings.Split(path, "/")[:i], "/")); t.Kind() == reflect.Map {
			parts[i] = defaultSelector
		}
	}
	return "/" + strings.Join(parts, "/")
}

// objectType gives the type of the object, list or map at a path.
func objectType(path string) reflect.Type {
	t := reflect.TypeFor[types.JobSettings]()
	for part := range strings.SplitSeq(path, "/") {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if part == "*" {
			t = t.Elem()
			continue
		}
		f, ok := fieldNamed(t, part)
		if !ok {
			panic("no member " + part + " of " + path)
		}
		t = t.Field(f.index).Type
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// TestSupportSpeaks: whatever the table has one word for is spoken of when it is
// there, be it an object without members, or with one that says AUTO or 0; only
// what the table itself calls neutral is passed over.
func TestSupportSpeaks(t *testing.T) {
	t.Parallel()
	speaks := func(path string, named string, set func(reflect.Value), what string) {
		t.Helper()
		s := &types.JobSettings{}
		plant(reflect.ValueOf(s).Elem(), strings.Split(path, "/"), set)
		for _, g := range s.OutputGroups { // of others, their type is spoken of
			if g.OutputGroupSettings != nil && g.OutputGroupSettings.Type == "" {
				g.OutputGroupSettings.Type = types.OutputGroupTypeFileGroupSettings
			}
		}
		at := planted(named)
		if got := spokenOf(s); !slices.Contains(got, at) {
			t.Errorf("%s: %s is set, and only %v spoken of", at, what, got)
		}
	}
	active := func(v Verdict) bool { return v == Refused || v == Ignored }
	objects, leaves := 0, 0
	for path, s := range supportTable() {
		if above, whole := strings.CutSuffix(path, "/**"); whole && active(s.Verdict) && !slices.Contains(s.Neutral, "{}") {
			objects++
			if kind := objectType(above).Kind(); kind != reflect.Struct {
				t.Errorf("%s is no object but a %v", above, kind)
				continue
			}
			speaks(above, above, nil, "{}")
		}
	}
	known := make(map[string]bool) // objects that the table speaks of, or of something in them
	for _, leaf := range Support() {
		for at := leaf.Path; lookup(leaf.Path).Path != "" && at != ""; {
			known[at] = true
			at = at[:max(strings.LastIndexByte(at, '/'), 0)]
		}
	}
	for _, leaf := range Support() {
		if i := strings.LastIndexByte(leaf.Path, '/'); i > 0 && !known[leaf.Path[:i]] {
			t.Errorf("%s: nothing of it is in the table, so that {} is not spoken of", leaf.Path[:i])
		}
	}
	words := append([]string{"", "x", "STANDARD", "0"}, neutralValues...)
	for _, leaf := range Support() {
		s := lookup(leaf.Path)
		above, whole := strings.CutSuffix(s.Path, "/**")
		if !whole {
			above = leaf.Path
		}
		list := leafType(leaf.Path).Kind() == reflect.Slice
		kind := scalarType(leaf.Path)
		for _, word := range words {
			fits := kind.Kind() == reflect.String && (!isEnum(kind) || enumHas(kind, word)) || kind.Kind() == reflect.Int32 && word == "0"
			neutral := slices.Contains(s.Neutral, word) || !whole && isEnum(kind) && !list && slices.Contains(neutralValues, word)
			verdict := s.Verdict
			if len(s.Values) > 0 && !slices.Contains(s.Values, word) {
				verdict = s.Else
			}
			if !fits || neutral || !active(verdict) {
				continue
			}
			leaves++
			speaks(leaf.Path, above, func(v reflect.Value) {
				if v.Kind() == reflect.String {
					v.SetString(word)
				}
			}, word)
		}
	}
	if objects < 20 || leaves < 500 {
		t.Errorf("only %d objects and %d leaves", objects, leaves)
	}
}

// TestMuxerWarnings: a value that the muxer or the encoder does not follow is
// warned of, and those that exported jobs carry are not.
func TestMuxerWarnings(t *testing.T) {
	t.Parallel()
	const h265 = `{"codec":"H_265","h265Settings":{"rateControlMode":"QVBR","maxBitrate":1000000,%s}}`
	for _, tt := range []struct{ at, member, usual, other string }{
		{"m3u8Settings", "pcrPid", "481", "490"}, {"m2tsSettings", "nullPacketBitrate", "0", "100"},
		{"h265Settings", "tilePadding", `"NONE"`, `"PADDED"`}, {"h265Settings", "tileWidth", "", "256"}, {"h265Settings", "tileHeight", "", "64"},
	} {
		for value, want := range map[string]bool{tt.usual: false, tt.other: true} {
			if value == "" {
				continue
			}
			member := fmt.Sprintf("%q:%s", tt.member, value)
			change, at := []string{out0 + "/containerSettings", fmt.Sprintf(`{"container":"M2TS",%q:{%s}}`, tt.at, member)}, "containerSettings/"
			if tt.at == "h265Settings" {
				change, at = []string{vid0 + "/codecSettings", fmt.Sprintf(h265, member)}, "videoDescription/codecSettings/"
			}
			r, err := DecodeRequest(changed(t, change...), FormWire)
			if err != nil {
				t.Errorf("%s: %v", member, err)
				continue
			}
			pointer := "/outputGroups/0/outputs/0/" + at + tt.at + "/" + tt.member
			if got := spokenOf(r.Settings); slices.Contains(got, pointer) != want || !want && len(got) > 0 {
				t.Errorf("%s %s: %v is spoken of", tt.at, member, got)
			}
		}
	}
}

// TestEmptyAsks: what asks for something without a value in it is not left out
// in silence, and lists without elements ask for nothing.
func TestEmptyAsks(t *testing.T) {
	t.Parallel()
	in0, group0 := "/inputs/0/", "/outputGroups/0/"
	video := group0 + "outputs/0/videoDescription/"
	type row struct {
		change []string
		want   string // the pointer; "" for none
	}
	rows := []row{
		{[]string{vid0 + "/videoPreprocessors", `{"partnerWatermarking":{"nexguardFileMarkerSettings":{"strength":"DEFAULT"}}}`}, video + "videoPreprocessors/partnerWatermarking"},
		{[]string{"/settings/kantarWatermark", `{}`}, "/kantarWatermark"},
		{[]string{"/settings/nielsenNonLinearWatermark", `{}`}, "/nielsenNonLinearWatermark"},
		{[]string{"/settings/inputs/0/audioSelectors", `{"One":{"hlsRenditionGroupSettings":{}}}`}, in0 + "audioSelectors/One/hlsRenditionGroupSettings"},
		{[]string{"/settings/inputs/0/decryptionSettings", `{"encryptedDecryptionKey":"{}"}`}, in0 + "decryptionSettings"},
		{[]string{"/settings/inputs/0/crop", `{}`, "/settings/inputs/0/position", `{}`, vid0 + "/crop", `{}`, vid0 + "/position", `{}`,
			"/settings/inputs/0/decryptionSettings", `{}`, "/settings/motionImageInserter", `{"offset":{}}`}, ""},
		{[]string{"/settings/inputs/0/videoOverlays", `[]`, "/settings/inputs/0/inputClippings", `[]`, "/settings/inputs/0/audioSelectorGroups", `{}`,
			"/settings/inputs/0/imageInserter", `{"insertableImages":[]}`, "/settings/timedMetadataInsertion", `{"id3Insertions":[]}`, out0 + "/captionDescriptions", `[]`}, ""},
	}
	for _, tt := range rows {
		r, err := DecodeRequest(changed(t, tt.change...), FormWire)
		if err != nil {
			t.Errorf("%v: %v", tt.change, err)
			continue
		}
		got := spokenOf(r.Settings)
		if tt.want == "" && len(got) > 0 || tt.want != "" && !slices.Equal(got, []string{tt.want}) {
			t.Errorf("%v: %v is spoken of, not %s", tt.change, got, tt.want)
		}
	}
}
