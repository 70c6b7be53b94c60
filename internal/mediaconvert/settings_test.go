package mediaconvert

import (
	"slices"
	"testing"
)

// TestFindSettings: a path alone gives its setting alone, an object what is in
// it, a part all that have it, and a value those that can be set to it.
func TestFindSettings(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{
		"": 1100, "  ": 1100, "/": 1100,
		"outputGroups/*/name":                       1, // and not customName
		"inputs/3/audioSelectors/My own/tracks":     1,
		"inputs/3/audioSelectors/My own/tracks/2":   1,
		"inputs/3/audioSelectors/My own/tracks/2/3": 0,
		"inputs/0/crop":                             4,
		"/inputs/0/crop/":                           4,
		"Settings.TimecodeConfig":                   4,
		"mp4Settings/cslgAtom":                      1,
		"videoDescription/crop":                     4,
		"outputs/nameModifier":                      1,
		"MULTI_PASS_HQ":                             6,
		"multi_pass_hq":                             6,
		"outputGroups[0].outputs[0].preset":         1,
		"motionImageInserter/offset/imageX":         1,
		"nothing/like/this":                         0,
		"x\x00":                                     0,
		"captionSelectors/captions 1/sourceSettings/fileSourceSettings/framerate": 2,
	} {
		if got := FindSettings(query); len(got) != want {
			var paths []string
			for _, s := range got[:min(len(got), 8)] {
				paths = append(paths, s.Path)
			}
			t.Errorf("%q: %d settings, not %d: %v", query, len(got), want, paths)
		}
	}
}

// FuzzFindSettings: what it finds is in the list, once and in its order.
func FuzzFindSettings(f *testing.F) {
	for _, s := range []string{"", "a", "/inputs/0/crop", "Settings.Inputs[]", "*/*/*", "0/0/0/0/0/0"} {
		f.Add(s)
	}
	all := Settings()
	f.Fuzz(func(t *testing.T, query string) {
		last := -1
		for _, s := range FindSettings(query) {
			i := slices.IndexFunc(all, func(o SettingInfo) bool { return o.Path == s.Path })
			if i <= last {
				t.Fatalf("%q: %s out of order", query, s.Path)
			}
			last = i
		}
	})
}

// TestSettingVerdicts: each value of an enumeration has the verdict that a job
// with it gets.
func TestSettingVerdicts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path, value string
		want        Verdict
	}{
		{"outputGroups/*/outputGroupSettings/type", "HLS_GROUP_SETTINGS", Honoured},
		{"outputGroups/*/outputs/*/videoDescription/antiAlias", "DISABLED", NoEffect},
		{"kantarWatermark/logDestination", "", Refused},
		{"outputGroups/*/outputs/*/containerSettings/mp4Settings/moovPlacement", "NORMAL", Honoured},
	} {
		info := FindSettings(tt.path)[0]
		got := info.Verdict
		for _, v := range info.Values {
			if v.Value == tt.value {
				got = v.Verdict
			}
		}
		if got != tt.want {
			t.Errorf("%s %s: %s, not %s", tt.path, tt.value, got, tt.want)
		}
	}
	for _, s := range Settings() {
		if (s.Type == "enumeration") != (len(s.Values) > 0) {
			t.Errorf("%s: an enumeration with %d values", s.Path, len(s.Values))
		}
		if s.Verdict == Honoured && s.Values != nil && len(s.Honours()) == 0 {
			t.Errorf("%s: honoured, but no value is", s.Path)
		}
	}
}
