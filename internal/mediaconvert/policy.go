package mediaconvert

import (
	"encoding/json"
	"slices"
	"strings"

	"spool/internal/spool"
)

// errDisallowed is the service's own message (behaviour.md 1.13).
const errDisallowed = "You specified an input location that your policy disallows. Specify an allowed input location and resubmit your job."

// CheckInputPolicy refuses complete settings that read from a place which the
// policy disallows: an input itself, or what is read beside it, such as sound,
// captions and images of their own. It is spool.ErrInvalid.
func CheckInputPolicy(settings json.RawMessage, p spool.InputPolicy) error {
	if p == (spool.InputPolicy{}) {
		return nil
	}
	var s map[string]any
	if err := json.Unmarshal(settings, &s); err != nil {
		return spool.Userf(spool.ErrInvalid, "The settings are no JSON object.")
	}
	var banned []string
	for _, b := range []struct {
		scheme string
		not    bool
	}{{"http://", p.NoHTTP}, {"https://", p.NoHTTPS}, {"s3://", p.NoS3}} {
		if b.not {
			banned = append(banned, b.scheme)
		}
	}
	for _, part := range []struct {
		name  string
		every bool
	}{
		// Below these every place is one that is read; below the others, where
		// most are written to or asked for keys, it is those of readMembers.
		{"inputs", true}, {"motionImageInserter", true}, {"availBlanking", true}, {"colorConversion3DLUTSettings", true},
		{"nielsenNonLinearWatermark", false}, {"outputGroups", false},
	} {
		if reads(s[part.name], banned, part.every) {
			return spool.Userf(spool.ErrInvalid, errDisallowed)
		}
	}
	return nil
}

// readMembers are the places of an output that its files are made from: images
// and the fonts of captions; of a watermark, its list of assets.
var readMembers = []string{
	"imageInserterInput", "fontFileBold", "fontFileBoldItalic", "fontFileItalic", "fontFileRegular", "adiFilename",
}

// reads tells whether a text below v begins with one of the schemes: every text
// counts, or only those of readMembers.
func reads(v any, schemes []string, every bool) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return reads(e, schemes, every) })
	case map[string]any:
		for name, e := range v {
			if reads(e, schemes, every || slices.Contains(readMembers, name)) {
				return true
			}
		}
	case string:
		return every && slices.ContainsFunc(schemes, func(scheme string) bool {
			return len(v) >= len(scheme) && strings.EqualFold(v[:len(scheme)], scheme)
		})
	}
	return false
}
