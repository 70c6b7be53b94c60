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
	// Below inputs and motion images every place is one that is read; below
	// outputs, where most are written to, it is those of images.
	if reads(s["inputs"], banned, true) || reads(s["motionImageInserter"], banned, true) || reads(s["outputGroups"], banned, false) {
		return spool.Userf(spool.ErrInvalid, errDisallowed)
	}
	return nil
}

// reads tells whether a text below v begins with one of the schemes: every text
// counts, or only the places of images.
func reads(v any, schemes []string, every bool) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return reads(e, schemes, every) })
	case map[string]any:
		for name, e := range v {
			if reads(e, schemes, every || name == "imageInserterInput") {
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
