package mediaconvert

import (
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// automated tells whether a group's renditions are chosen by the service
// (behaviour.md 5.8).
func automated(g *types.OutputGroup) bool {
	return g.AutomatedEncodingSettings != nil && g.AutomatedEncodingSettings.AbrSettings != nil
}

// allAutomated checks that automated ABR is used in all groups that have
// renditions, or in none.
func (c *checker) allAutomated() {
	some := false
	for i := range c.settings.OutputGroups {
		some = some || automated(&c.settings.OutputGroups[i])
	}
	for i := range c.settings.OutputGroups {
		g := &c.settings.OutputGroups[i]
		if some && !automated(g) && g.OutputGroupSettings != nil && g.OutputGroupSettings.Type != types.OutputGroupTypeFileGroupSettings {
			c.required("/outputGroups/"+itoa(i), "automatedEncodingSettings")
		}
	}
}

// automatedRate checks the two settings of a codec that automated ABR asks for;
// bitrates and quality it chooses itself.
func (c *checker) automatedRate(m members, at string) {
	for _, want := range [][2]string{{"qualityTuningLevel", "MULTI_PASS_HQ"}, {"rateControlMode", "QVBR"}} {
		switch given := m.text(want[0]); given {
		case want[1]:
		case "":
			c.required(at, want[0])
		default:
			c.add(at+"/"+want[0], "Must be %s", want[1])
		}
	}
}

// automatedGroup checks a group with automated ABR: one video output as the
// pattern of all renditions, and rules that can be followed together.
func (c *checker) automatedGroup(g group) {
	if !g.automated {
		return
	}
	at := g.at + "/automatedEncodingSettings"
	if g.kind == types.OutputGroupTypeFileGroupSettings {
		c.add(at, "Should be given only in a group of HLS, DASH, CMAF or Smooth Streaming")
	}
	var video *types.VideoDescription
	for i, o := range g.Outputs {
		if o.VideoDescription == nil {
			continue
		}
		here := g.at + "/outputs/" + itoa(i) + "/videoDescription"
		if video != nil {
			c.add(here, "Only one output of a group with automated ABR may have video: the renditions are made from it")
		}
		video = o.VideoDescription
		if video.ScalingBehavior == types.ScalingBehaviorFitNoUpscale {
			c.add(here+"/scalingBehavior", "Should not be FIT_NO_UPSCALE in a group with automated ABR")
		}
	}
	abr := g.AutomatedEncodingSettings.AbrSettings
	at += "/abrSettings"
	low, high := int32(600_000), int32(8_000_000)
	if abr.MinAbrBitrate != nil {
		low = *abr.MinAbrBitrate
	}
	if abr.MaxAbrBitrate != nil {
		high = *abr.MaxAbrBitrate
	}
	if low > high {
		c.add(at+"/maxAbrBitrate", "Should be greater than or equal to %d", low)
	}
	c.abrRules(abr, video, at)
}

// rendition is a size that a rule speaks of, and where.
type rendition struct {
	width, height int32
	at            string
}

func (c *checker) rendition(width, height *int32, at string) []rendition {
	c.both(at, "width", width, "height", height)
	if width == nil || height == nil {
		return nil
	}
	return []rendition{{*width, *height, at}}
}

// within tells whether a size fits into another.
func (r rendition) within(o rendition) bool { return r.width <= o.width && r.height <= o.height }

// abrRules checks the rules of automated ABR against each other.
func (c *checker) abrRules(abr *types.AutomatedAbrSettings, video *types.VideoDescription, at string) {
	var tops, bottoms, forced, allowed []rendition
	for i, r := range abr.Rules {
		here := at + "/rules/" + itoa(i)
		member := map[types.RuleType]string{
			types.RuleTypeMinTopRenditionSize: "minTopRenditionSize", types.RuleTypeMinBottomRenditionSize: "minBottomRenditionSize",
			types.RuleTypeForceIncludeRenditions: "forceIncludeRenditions", types.RuleTypeAllowedRenditions: "allowedRenditions",
		}[r.Type]
		there := true
		switch r.Type {
		case "":
			c.required(here, "type")
		case types.RuleTypeMinTopRenditionSize:
			if there = r.MinTopRenditionSize != nil; there {
				tops = append(tops, c.rendition(r.MinTopRenditionSize.Width, r.MinTopRenditionSize.Height, here+"/"+member)...)
			}
		case types.RuleTypeMinBottomRenditionSize:
			if there = r.MinBottomRenditionSize != nil; there {
				bottoms = append(bottoms, c.rendition(r.MinBottomRenditionSize.Width, r.MinBottomRenditionSize.Height, here+"/"+member)...)
			}
		case types.RuleTypeForceIncludeRenditions:
			there = r.ForceIncludeRenditions != nil
			if there {
				c.atLeast(here+"/"+member, len(r.ForceIncludeRenditions), 1)
			}
			for j, f := range r.ForceIncludeRenditions {
				forced = append(forced, c.rendition(f.Width, f.Height, here+"/"+member+"/"+itoa(j))...)
			}
		case types.RuleTypeAllowedRenditions:
			there = r.AllowedRenditions != nil
			if there {
				c.atLeast(here+"/"+member, len(r.AllowedRenditions), 1)
			}
			for j, a := range r.AllowedRenditions {
				allowed = append(allowed, c.rendition(a.Width, a.Height, here+"/"+member+"/"+itoa(j))...)
			}
		}
		if !there {
			c.required(here, member)
		}
	}
	if len(forced) > 0 && len(allowed) > 0 {
		c.add(at+"/rules", "FORCE_INCLUDE_RENDITIONS and ALLOWED_RENDITIONS exclude each other")
	}
	named := append(distinct(forced), distinct(allowed)...)
	most := 15
	if abr.MaxRenditions != nil {
		most = int(*abr.MaxRenditions)
	}
	if len(named) > most {
		c.add(at+"/rules", "The rules name %d renditions, more than the %d of maxRenditions", len(named), most)
	}
	for _, top := range tops {
		reached := len(named) == 0
		for _, r := range named {
			reached = reached || top.within(r)
		}
		if !reached {
			c.add(top.at, "One of the renditions that other rules name should have at least this size")
		}
	}
	for _, bottom := range bottoms {
		for _, r := range distinct(forced) {
			if !bottom.within(r) {
				c.add(r.at, "Should have at least the size of MIN_BOTTOM_RENDITION_SIZE")
			}
		}
		for _, top := range tops {
			if !bottom.within(top) {
				c.add(bottom.at, "Should not be larger than MIN_TOP_RENDITION_SIZE")
			}
		}
	}
	if video != nil && video.Width != nil && video.Height != nil {
		whole := rendition{width: *video.Width, height: *video.Height}
		for _, top := range tops {
			if !top.within(whole) {
				c.add(top.at, "Should not be larger than the output")
			}
		}
	}
}

// distinct leaves out sizes that came before: the service ignores them.
func distinct(list []rendition) []rendition {
	var kept []rendition
	seen := make(map[[2]int32]bool)
	for _, r := range list {
		if size := [2]int32{r.width, r.height}; !seen[size] {
			seen[size] = true
			kept = append(kept, r)
		}
	}
	return kept
}

// smoothRates checks that the videos of a Smooth Streaming group differ in
// bitrate, by which the clients tell them apart, in whole kilobits (behaviour.md
// 5.7).
func (c *checker) smoothRates(g group) {
	if g.kind != types.OutputGroupTypeMsSmoothGroupSettings {
		return
	}
	seen := make(map[int32]bool)
	for i, o := range g.Outputs {
		if o.VideoDescription == nil || o.VideoDescription.CodecSettings == nil || o.VideoDescription.CodecSettings.H264Settings == nil {
			continue
		}
		h := o.VideoDescription.CodecSettings.H264Settings
		at, rate := "bitrate", h.Bitrate
		if rate == nil {
			at, rate = "maxBitrate", h.MaxBitrate
		}
		if rate == nil {
			continue
		}
		if seen[*rate/1000] {
			c.add(g.at+"/outputs/"+itoa(i)+"/videoDescription/codecSettings/h264Settings/"+at, "Should be another one: an output of the group has this bitrate already, in whole kilobits")
		}
		seen[*rate/1000] = true
	}
}
