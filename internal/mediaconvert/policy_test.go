package mediaconvert

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

func TestCheckInputPolicy(t *testing.T) {
	t.Parallel()
	input := `{"inputs":[{"fileInput":"s3://b/ok.mp4"},{"fileInput":%q}],"outputGroups":[{"outputGroupSettings":{"fileGroupSettings":{"destination":"s3://out/"}}}]}`
	for _, c := range []struct {
		name, settings string
		policy         spool.InputPolicy
		refused        bool
	}{
		{"no policy", fmt.Sprintf(input, "http://h/a.mp4"), spool.InputPolicy{}, false},
		{"http", fmt.Sprintf(input, "http://h/a.mp4"), spool.InputPolicy{NoHTTP: true}, true},
		{"in capitals", fmt.Sprintf(input, "HTTP://h/a.mp4"), spool.InputPolicy{NoHTTP: true}, true},
		{"https is not http", fmt.Sprintf(input, "https://h/a.mp4"), spool.InputPolicy{NoHTTP: true}, false},
		{"https", fmt.Sprintf(input, "https://h/a.mp4"), spool.InputPolicy{NoHTTPS: true}, true},
		{"the first input", fmt.Sprintf(input, "https://h/a.mp4"), spool.InputPolicy{NoS3: true}, true},
		{"destinations are no inputs", `{"inputs":[{"fileInput":"https://h/a"}],"outputGroups":[{"outputGroupSettings":{"fileGroupSettings":{"destination":"s3://out/"}}}]}`,
			spool.InputPolicy{NoS3: true}, false},
		{"captions beside", `{"inputs":[{"fileInput":"s3://b/k","captionSelectors":{"c":{"sourceSettings":{"fileSourceSettings":{"sourceFile":"http://h/c.srt"}}}}}]}`,
			spool.InputPolicy{NoHTTP: true}, true},
		{"sound beside", `{"inputs":[{"fileInput":"s3://b/k","audioSelectors":{"a":{"externalAudioFileInput":"https://h/a.wav"}}}]}`,
			spool.InputPolicy{NoHTTPS: true}, true},
		{"an image over an output", `{"outputGroups":[{"outputs":[{"videoDescription":{"videoPreprocessors":{"imageInserter":{"insertableImages":[{"imageInserterInput":"http://h/i.png"}]}}}}]}]}`,
			spool.InputPolicy{NoHTTP: true}, true},
	} {
		err := CheckInputPolicy([]byte(c.settings), c.policy)
		if (err != nil) != c.refused || err != nil && (!errors.Is(err, spool.ErrInvalid) || err.Error() != errDisallowed) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestPolicyLeaves: each leaf whose texts are places counts when it is read and
// does not when it is written to or asked for keys, wherever it stands. Which
// leaves are places is told by their patterns and names, so that new ones are
// not forgotten.
func TestPolicyLeaves(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`(?i)(file|filename|input|url|image|destination|xml|imps)(bold|italic|bolditalic|regular)?$`)
	elsewhere := regexp.MustCompile(`(^|/)(url|baseUrl|destination|logDestination|metadataDestination|kantarServerUrl|ticServerUrl|mccXml|sccXml)$`)
	read, written := 0, 0
	for _, s := range Support() {
		path := strings.Split(s.Path, "/")
		if scalarType(s.Path) != reflect.TypeFor[string]() || !named.MatchString(path[len(path)-1]) {
			continue
		}
		settings := reflect.New(reflect.TypeFor[types.JobSettings]())
		plant(settings.Elem(), path, func(v reflect.Value) { v.SetString("http://h/x.ttf") })
		err := CheckInputPolicy(encode(nil, settings), spool.InputPolicy{NoHTTP: true})
		// Below inputs there are no others.
		if want := !elsewhere.MatchString(s.Path); (err != nil) != want {
			t.Errorf("%s: %v", s.Path, err)
		} else if want {
			read++
		} else {
			written++
		}
	}
	if read < 20 || written < 10 {
		t.Errorf("only %d places that are read and %d others", read, written)
	}
	for member, r := range rules() {
		if _, name, _ := strings.Cut(member, "."); strings.Contains(r.pattern, "s3:") && !named.MatchString(name) {
			t.Errorf("%s is a place by its pattern, and not by its name", member)
		}
	}
}

func TestCheckReserved(t *testing.T) {
	t.Parallel()
	output := `{"outputGroups":[{"outputs":[{"videoDescription":%s}]}]}`
	at := "/outputGroups/0/outputs/0/videoDescription"
	for _, c := range []struct{ name, settings, mode, pointer string }{
		{"plain", fmt.Sprintf(output, `{"width":4096,"height":2160,"codecSettings":{"codec":"H_264","h264Settings":{"framerateConversionAlgorithm":"INTERPOLATE"}}}`), "PREFERRED", ""},
		{"upright 4K", fmt.Sprintf(output, `{"width":2160,"height":3840}`), "DISABLED", ""},
		{"8K", fmt.Sprintf(output, `{"width":7680,"height":4320}`), "", at},
		{"AV1", fmt.Sprintf(output, `{"codecSettings":{"codec":"AV1","av1Settings":{}}}`), "", at + "/codecSettings/codec"},
		{"Dolby Vision", fmt.Sprintf(output, `{"videoPreprocessors":{"dolbyVision":{"profile":"PROFILE_5"}}}`), "", at + "/videoPreprocessors/dolbyVision"},
		{"FrameFormer", fmt.Sprintf(output, `{"codecSettings":{"codec":"H_264","h264Settings":{"framerateConversionAlgorithm":"FRAMEFORMER"}}}`), "",
			at + "/codecSettings/h264Settings/framerateConversionAlgorithm"},
		{"automated ABR", `{"outputGroups":[{"automatedEncodingSettings":{"abrSettings":{}}}]}`, "", "/outputGroups/0/automatedEncodingSettings/abrSettings"},
		{"acceleration", `{}`, "ENABLED", "/accelerationSettings/mode"},
	} {
		err := CheckReserved([]byte(c.settings), c.mode)
		var problems spool.Problems
		switch {
		case c.pointer == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.pointer != "" && (!errors.As(err, &problems) || len(problems) != 1 || problems[0].Pointer != c.pointer):
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
