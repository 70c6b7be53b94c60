package mediaconvert

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// groupMembers names the settings object of each type of group.
var groupMembers = map[types.OutputGroupType]string{
	types.OutputGroupTypeFileGroupSettings:     "fileGroupSettings",
	types.OutputGroupTypeHlsGroupSettings:      "hlsGroupSettings",
	types.OutputGroupTypeDashIsoGroupSettings:  "dashIsoGroupSettings",
	types.OutputGroupTypeCmafGroupSettings:     "cmafGroupSettings",
	types.OutputGroupTypeMsSmoothGroupSettings: "msSmoothGroupSettings",
}

// groupContainers are the containers each type of group takes (behaviour.md 5.5).
var groupContainers = map[types.OutputGroupType][]types.ContainerType{
	types.OutputGroupTypeHlsGroupSettings:      {types.ContainerTypeM3u8, types.ContainerTypeRaw},
	types.OutputGroupTypeDashIsoGroupSettings:  {types.ContainerTypeMpd, types.ContainerTypeCmfc},
	types.OutputGroupTypeCmafGroupSettings:     {types.ContainerTypeCmfc},
	types.OutputGroupTypeMsSmoothGroupSettings: {types.ContainerTypeIsmv},
	types.OutputGroupTypeFileGroupSettings: {
		types.ContainerTypeMp4, types.ContainerTypeMov, types.ContainerTypeM2ts, types.ContainerTypeMxf,
		types.ContainerTypeWebm, types.ContainerTypeF4v, types.ContainerTypeRaw, types.ContainerTypeGif,
		types.ContainerTypeOgg, types.ContainerTypeY4m,
	},
}

func (c *checker) group(g *types.OutputGroup, at string) {
	var kind types.OutputGroupType
	destination := ""
	if s := g.OutputGroupSettings; s == nil {
		c.required(at, "outputGroupSettings")
	} else {
		kind = s.Type
		destination = c.groupSettings(s, at+"/outputGroupSettings")
	}
	switch {
	case g.Outputs == nil:
		c.required(at, "outputs")
	case len(g.Outputs) == 0:
		c.add(at+"/outputs", "Should have at least 1 items")
	}
	if kind == types.OutputGroupTypeHlsGroupSettings && destination != "" {
		c.claim(c.baseKey(destination)+".m3u8", at)
	}
	for i := range g.Outputs {
		o := output{Output: &g.Outputs[i], at: at + "/outputs/" + itoa(i), group: kind, count: len(g.Outputs), destination: destination}
		c.output(o)
	}
}

// groupSettings checks the settings of a group and gives its destination, ""
// when there is none or it is not valid.
func (c *checker) groupSettings(s *types.OutputGroupSettings, at string) string {
	if s.Type == "" {
		c.required(at, "type")
		return ""
	}
	member, known := groupMembers[s.Type]
	if !known {
		return ""
	}
	given := map[string]*string{}
	var objects []string
	note := func(name string, destination *string) {
		objects, given[name] = append(objects, name), destination
	}
	if f := s.FileGroupSettings; f != nil {
		note("fileGroupSettings", f.Destination)
	}
	if h := s.HlsGroupSettings; h != nil {
		note("hlsGroupSettings", h.Destination)
		c.hlsGroup(h, at+"/hlsGroupSettings")
	}
	if d := s.DashIsoGroupSettings; d != nil {
		note("dashIsoGroupSettings", d.Destination)
	}
	if m := s.CmafGroupSettings; m != nil {
		note("cmafGroupSettings", m.Destination)
	}
	if m := s.MsSmoothGroupSettings; m != nil {
		note("msSmoothGroupSettings", m.Destination)
	}
	for _, name := range objects {
		if name != member {
			c.add(at+"/"+name, "Should be given only with its own type, not with %s", s.Type)
		}
	}
	destination, ok := given[member]
	switch {
	case !ok:
		c.required(at, member)
	case destination == nil:
		c.required(at+"/"+member, "destination")
	case c.destination(*destination, at+"/"+member+"/destination"):
		return *destination
	}
	return ""
}

// destination checks the place a group writes to. The scheme is checked by the
// model's pattern.
func (c *checker) destination(uri, at string) bool {
	if !strings.HasPrefix(uri, "s3://") {
		return false
	}
	_, key, err := spool.ParseS3URI(uri)
	if err == nil && key != "" {
		err = spool.CheckKey(key)
	}
	if err != nil {
		c.add(at, "Should be a place such as s3://bucket/folder/: %v", err)
		return false
	}
	return true
}

func (c *checker) hlsGroup(h *types.HlsGroupSettings, at string) {
	length := int32(10)
	if h.SegmentLength != nil {
		length = *h.SegmentLength
	}
	if f := h.MinFinalSegmentLength; f != nil && *f < 0 {
		c.add(at+"/minFinalSegmentLength", "Should be greater than or equal to 0")
	} else if f != nil && *f > float64(length) {
		c.add(at+"/minFinalSegmentLength", "Should be less than or equal to %d", length)
	}
	if m := h.MinSegmentLength; m != nil && *m > length {
		c.add(at+"/minSegmentLength", "Should be less than or equal to %d", length)
	}
}

// output is one output in its group.
type output struct {
	*types.Output
	at          string
	group       types.OutputGroupType // "" when unknown
	count       int                   // outputs in the group
	destination string                // "" when unknown
}

func (c *checker) output(o output) {
	if o.Preset == nil {
		c.container(o)
		if o.VideoDescription == nil && len(o.AudioDescriptions) == 0 && len(o.CaptionDescriptions) == 0 {
			c.add(o.at, `Should match any schema defined in "anyOf": videoDescription, audioDescriptions or captionDescriptions is required`)
		}
	} else if o.ContainerSettings != nil {
		c.add(o.at, `Should match exactly one schema defined in "oneOf": preset or containerSettings`)
	}
	if v := o.VideoDescription; v != nil {
		c.video(v, o, o.at+"/videoDescription")
	}
	if isFrameCapture(o.VideoDescription) && len(o.AudioDescriptions) > 0 {
		c.add(o.at+"/audioDescriptions", "An output with FRAME_CAPTURE should have no audio")
	}
	for i := range o.AudioDescriptions {
		c.audio(&o.AudioDescriptions[i], o.at+"/audioDescriptions/"+itoa(i))
	}
	c.outputName(o)
}

func (c *checker) container(o output) {
	s := o.ContainerSettings
	if s == nil {
		c.required(o.at, "containerSettings")
		return
	}
	at := o.at + "/containerSettings"
	if s.Container == "" {
		c.required(at, "container")
		return
	}
	if allowed, ok := groupContainers[o.group]; ok && slices.Contains(s.Container.Values(), s.Container) && !slices.Contains(allowed, s.Container) {
		c.add(at+"/container", `Should be equal to one of the allowed values in ["%s"] for %s`, joinTypes(allowed), o.group)
	}
	for _, object := range []struct {
		name      string
		there     bool
		container types.ContainerType
	}{
		{"mp4Settings", s.Mp4Settings != nil, types.ContainerTypeMp4},
		{"movSettings", s.MovSettings != nil, types.ContainerTypeMov},
		{"m2tsSettings", s.M2tsSettings != nil, types.ContainerTypeM2ts},
		{"m3u8Settings", s.M3u8Settings != nil, types.ContainerTypeM3u8},
		{"cmfcSettings", s.CmfcSettings != nil, types.ContainerTypeCmfc},
		{"f4vSettings", s.F4vSettings != nil, types.ContainerTypeF4v},
		{"mpdSettings", s.MpdSettings != nil, types.ContainerTypeMpd},
		{"mxfSettings", s.MxfSettings != nil, types.ContainerTypeMxf},
	} {
		if object.there && object.container != s.Container {
			c.add(at+"/container", "Must be %s", object.container)
		}
	}
	if m := s.Mp4Settings; m != nil && m.CttsVersion != nil && *m.CttsVersion == 1 && m.CslgAtom != types.Mp4CslgAtomInclude {
		c.add(at+"/mp4Settings/cslgAtom", "Must be INCLUDE")
	}
	c.pids(s, at)
}

// pids checks that no packet identifier of a transport stream is used twice.
func (c *checker) pids(s *types.ContainerSettings, at string) {
	check := func(at string, pmt, video *int32, audio []int32) {
		seen := map[int32]bool{}
		take := func(pid int32, at string) {
			if seen[pid] {
				c.add(at, "Should be another PID: %d is used already", pid)
			}
			seen[pid] = true
		}
		if pmt != nil {
			take(*pmt, at+"/pmtPid")
		}
		if video != nil {
			take(*video, at+"/videoPid")
		}
		for i, pid := range audio {
			take(pid, at+"/audioPids/"+itoa(i))
		}
	}
	if m := s.M3u8Settings; m != nil {
		check(at+"/m3u8Settings", m.PmtPid, m.VideoPid, m.AudioPids)
	}
	if m := s.M2tsSettings; m != nil {
		check(at+"/m2tsSettings", m.PmtPid, m.VideoPid, m.AudioPids)
	}
}

func joinTypes[T ~string](list []T) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = string(v)
	}
	return strings.Join(parts, `","`)
}
