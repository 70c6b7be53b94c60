package mediaconvert

import (
	"encoding/json"
	"fmt"

	"spool/internal/spool"
)

// The largest picture that is not yet 8K: 4096x2160, upright or not.
const (
	longest4K  = 4096
	shortest4K = 2160
)

// CheckReserved refuses what a reserved queue does not run (behaviour.md 1.8):
// 8K outputs, accelerated transcoding, automated ABR, AV1, Dolby Vision and
// FrameFormer. Settings are complete; acceleration is the mode asked for, of
// which PREFERRED falls back. All that is wrong comes back as spool.Problems.
func CheckReserved(settings json.RawMessage, acceleration string) error {
	var s struct {
		OutputGroups []struct {
			AutomatedEncodingSettings struct {
				AbrSettings json.RawMessage `json:"abrSettings"`
			} `json:"automatedEncodingSettings"`
			Outputs []struct {
				VideoDescription reservedVideo `json:"videoDescription"`
			} `json:"outputs"`
		} `json:"outputGroups"`
	}
	if err := json.Unmarshal(settings, &s); err != nil {
		return spool.Userf(spool.ErrInvalid, "The settings are no JSON object.")
	}
	problems := &problemList{}
	refuse := func(pointer, what string) {
		problems.add(pointer, "Reserved queues don't run jobs with %s. Use an on-demand queue, or remove it", what)
	}
	if acceleration == "ENABLED" {
		refuse("/accelerationSettings/mode", "accelerated transcoding")
	}
	for i, g := range s.OutputGroups {
		group := fmt.Sprintf("/outputGroups/%d", i)
		if len(g.AutomatedEncodingSettings.AbrSettings) > 0 {
			refuse(group+"/automatedEncodingSettings/abrSettings", "automated ABR")
		}
		for j, o := range g.Outputs {
			o.VideoDescription.check(fmt.Sprintf("%s/outputs/%d/videoDescription", group, j), refuse)
		}
	}
	return problems.err()
}

// reservedVideo is what of a video description a reserved queue looks at.
type reservedVideo struct {
	Width              int                        `json:"width"`
	Height             int                        `json:"height"`
	CodecSettings      map[string]json.RawMessage `json:"codecSettings"`
	VideoPreprocessors struct {
		DolbyVision json.RawMessage `json:"dolbyVision"`
	} `json:"videoPreprocessors"`
}

func (v reservedVideo) check(at string, refuse func(pointer, what string)) {
	if max(v.Width, v.Height) > longest4K || min(v.Width, v.Height) > shortest4K {
		refuse(at, "8K outputs")
	}
	if len(v.VideoPreprocessors.DolbyVision) > 0 {
		refuse(at+"/videoPreprocessors/dolbyVision", "Dolby Vision")
	}
	if string(v.CodecSettings["codec"]) == `"AV1"` {
		refuse(at+"/codecSettings/codec", "AV1")
	}
	for name, raw := range v.CodecSettings {
		var codec struct {
			Algorithm string `json:"framerateConversionAlgorithm"`
		}
		if json.Unmarshal(raw, &codec) == nil && codec.Algorithm == "FRAMEFORMER" { // the codec's name is no object
			refuse(at+"/codecSettings/"+name+"/framerateConversionAlgorithm", "FrameFormer")
		}
	}
}
