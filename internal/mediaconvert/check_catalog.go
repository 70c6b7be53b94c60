package mediaconvert

import "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

// checkPreset checks the settings of a preset by the rules for an output: what
// could be valid in no job is refused before a job fails by it. An output may add
// whatever is missing, and which group it will be in is not known.
func checkPreset(s *types.PresetSettings, problems *problemList) {
	o := types.Output{ContainerSettings: s.ContainerSettings, VideoDescription: s.VideoDescription, AudioDescriptions: s.AudioDescriptions}
	for _, d := range s.CaptionDescriptions {
		o.CaptionDescriptions = append(o.CaptionDescriptions, types.CaptionDescription{DestinationSettings: d.DestinationSettings})
	}
	c := &checker{problems: problems, settings: &types.JobSettings{}, keys: make(map[string]string), partial: true}
	c.output(output{Output: &o})
}

// checkTemplate checks the settings of a job template by the rules for a job. A
// job may add whatever is missing, and presets are filled in then too.
func checkTemplate(s *types.JobTemplateSettings, problems *problemList) {
	c := &checker{problems: problems, settings: &types.JobSettings{}, keys: make(map[string]string), partial: true}
	for i, in := range s.Inputs {
		c.input(&types.Input{
			TimecodeSource: in.TimecodeSource, TimecodeStart: in.TimecodeStart, InputClippings: in.InputClippings, Crop: in.Crop, Position: in.Position,
			ImageInserter: in.ImageInserter, AudioSelectors: in.AudioSelectors, CaptionSelectors: in.CaptionSelectors, VideoOverlays: in.VideoOverlays,
			FilterEnable: in.FilterEnable, FilterStrength: in.FilterStrength,
		}, "/inputs/"+itoa(i))
	}
	for i := range s.OutputGroups {
		c.group(&s.OutputGroups[i], "/outputGroups/"+itoa(i))
	}
}
