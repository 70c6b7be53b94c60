package mediaconvert

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// misplaced warns of settings that the support table calls honoured, but that
// have no effect beside the others that the user set. The settings are as he
// wrote them, checked and without defaults.
func misplaced(s *types.JobSettings) []spool.Warning {
	var list []spool.Warning
	warn := func(pointer, what string, value any, reason string) {
		if len(list) < maxProblems {
			list = append(list, spool.Warning{
				Code: spool.WarnSettingIgnored, Pointer: pointer, Message: fmt.Sprintf("%s %s has no effect here: %s.", what, shorten(fmt.Sprint(value), 60), reason),
			})
		}
	}
	for i, g := range s.OutputGroups {
		for j, o := range g.Outputs {
			at := "/outputGroups/" + itoa(i) + "/outputs/" + itoa(j)
			hls := g.OutputGroupSettings != nil && g.OutputGroupSettings.Type == types.OutputGroupTypeHlsGroupSettings
			if e := o.Extension; hls && e != nil && *e != "" && *e != extensions[types.ContainerTypeM3u8] {
				warn(at+"/extension", "extension", *e, "playlists end in .m3u8 and segments in .ts")
			}
			if member, fine := loneFineTune(o.VideoDescription); fine != 0 {
				warn(at+"/videoDescription/codecSettings/"+member+"/qvbrSettings/qvbrQualityLevelFineTune", "qvbrQualityLevelFineTune", fine,
					"it is a part of qvbrQualityLevel, which is not given")
			}
		}
	}
	return list
}

// loneFineTune gives the fine part of a quality level where the level itself is
// missing, and the codec's settings object that it is in; 0 for none.
func loneFineTune(v *types.VideoDescription) (member string, fine float64) {
	if v == nil || v.CodecSettings == nil {
		return "", 0
	}
	var level *int32
	var part *float64
	switch s := v.CodecSettings; {
	case s.H264Settings != nil && s.H264Settings.QvbrSettings != nil:
		q := s.H264Settings.QvbrSettings
		member, level, part = "h264Settings", q.QvbrQualityLevel, q.QvbrQualityLevelFineTune
	case s.H265Settings != nil && s.H265Settings.QvbrSettings != nil:
		q := s.H265Settings.QvbrSettings
		member, level, part = "h265Settings", q.QvbrQualityLevel, q.QvbrQualityLevelFineTune
	case s.Av1Settings != nil && s.Av1Settings.QvbrSettings != nil:
		q := s.Av1Settings.QvbrSettings
		member, level, part = "av1Settings", q.QvbrQualityLevel, q.QvbrQualityLevelFineTune
	}
	if level != nil || part == nil {
		return "", 0
	}
	return member, *part
}
