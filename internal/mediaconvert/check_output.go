package mediaconvert

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// output is one output in its group.
type output struct {
	*types.Output
	at    string
	group group
}

func (c *checker) output(o output) {
	if o.Preset == nil {
		c.container(o)
		if o.VideoDescription == nil && len(o.AudioDescriptions) == 0 && len(o.CaptionDescriptions) == 0 {
			c.anyOf(o.at, "videoDescription", "audioDescriptions", "captionDescriptions")
		}
	} else if o.ContainerSettings != nil {
		c.add(o.at, `Should match exactly one schema defined in "oneOf": preset or containerSettings`)
	}
	if v := o.VideoDescription; v != nil {
		c.video(v, o, o.at+"/videoDescription")
	}
	for i := range o.AudioDescriptions {
		c.audio(&o.AudioDescriptions[i], o, o.at+"/audioDescriptions/"+itoa(i))
	}
	c.captions(o)
	c.outputName(o)
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
	if !slices.Contains(s.Container.Values(), s.Container) {
		return // the model's check speaks of it
	}
	if allowed, ok := groupContainers[o.group.kind]; ok && !slices.Contains(allowed, s.Container) {
		c.add(at+"/container", "Should be equal to one of the allowed values in %s", listOf(allowed))
	}
	for _, object := range []struct {
		name      string
		there     bool
		container types.ContainerType
	}{
		{"cmfcSettings", s.CmfcSettings != nil, types.ContainerTypeCmfc},
		{"f4vSettings", s.F4vSettings != nil, types.ContainerTypeF4v},
		{"m2tsSettings", s.M2tsSettings != nil, types.ContainerTypeM2ts},
		{"m3u8Settings", s.M3u8Settings != nil, types.ContainerTypeM3u8},
		{"movSettings", s.MovSettings != nil, types.ContainerTypeMov},
		{"mp4Settings", s.Mp4Settings != nil, types.ContainerTypeMp4},
		{"mpdSettings", s.MpdSettings != nil, types.ContainerTypeMpd},
		{"mxfSettings", s.MxfSettings != nil, types.ContainerTypeMxf},
	} {
		if object.there && object.container != s.Container {
			c.depends(at+"/"+object.name, at+"/container", string(object.container))
		}
	}
	if m := s.Mp4Settings; m != nil && m.CttsVersion != nil && *m.CttsVersion == 1 && m.CslgAtom != types.Mp4CslgAtomInclude {
		c.depends(at+"/mp4Settings/cttsVersion", at+"/mp4Settings/cslgAtom", "INCLUDE")
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

// containerOf gives the container of an output; "" when it is not known.
func containerOf(o output) types.ContainerType {
	if o.ContainerSettings == nil {
		return ""
	}
	return o.ContainerSettings.Container
}

// Which codecs a container takes (behaviour.md 5.5). What is newer than the
// service's table stands where its kin does: AC4 and EAC3_ATMOS beside EAC3,
// FLAC in MP4 and its fragments. MOV takes H.265 as players do; MXF and RAW have
// no list of video there, and take what such files can hold.
var (
	containerVideo = map[types.ContainerType][]types.VideoCodec{
		types.ContainerTypeMp4:  {"AV1", "H_264", "H_265"},
		types.ContainerTypeM2ts: {"H_264", "H_265", "MPEG2"},
		types.ContainerTypeM3u8: {"H_264", "H_265"},
		types.ContainerTypeMpd:  {"AV1", "H_264", "H_265", "VP8", "VP9"},
		types.ContainerTypeCmfc: {"AV1", "H_264", "H_265"},
		types.ContainerTypeIsmv: {"H_264"},
		types.ContainerTypeWebm: {"VP8", "VP9"},
		types.ContainerTypeMov:  {"AVC_INTRA", "H_264", "H_265", "MPEG2", "PRORES", "UNCOMPRESSED", "VC3", "XAVC"},
		types.ContainerTypeMxf:  {"AVC_INTRA", "H_264", "H_265", "MPEG2", "PRORES", "UNCOMPRESSED", "VC3", "XAVC"},
		types.ContainerTypeF4v:  {"H_264", "MPEG2"},
		types.ContainerTypeGif:  {"GIF"},
		types.ContainerTypeY4m:  {"UNCOMPRESSED"},
		types.ContainerTypeRaw:  {"AV1", "AVC_INTRA", "FRAME_CAPTURE", "H_264", "H_265", "MPEG2", "PRORES", "UNCOMPRESSED", "VC3", "XAVC"},
		types.ContainerTypeOgg:  {},
	}
	containerAudio = map[types.ContainerType][]types.AudioCodec{
		types.ContainerTypeMp4:  {"AAC", "AC3", "AC4", "EAC3", "EAC3_ATMOS", "FLAC"},
		types.ContainerTypeM2ts: {"AAC", "AC3", "AC4", "EAC3", "EAC3_ATMOS", "MP2", "WAV"},
		types.ContainerTypeM3u8: {"AAC", "AC3", "AC4", "EAC3", "EAC3_ATMOS"},
		types.ContainerTypeMpd:  {"AAC", "AC3", "AC4", "EAC3", "EAC3_ATMOS", "FLAC"},
		types.ContainerTypeCmfc: {"AAC", "AC3", "AC4", "EAC3", "EAC3_ATMOS", "FLAC"},
		types.ContainerTypeIsmv: {"AAC", "AC3", "EAC3"},
		types.ContainerTypeWebm: {"OPUS", "VORBIS"},
		types.ContainerTypeMov:  {"AAC", "AC3", "AIFF", "EAC3", "EAC3_ATMOS", "WAV"},
		types.ContainerTypeMxf:  {"AIFF", "WAV"},
		types.ContainerTypeF4v:  {"AAC"},
		types.ContainerTypeOgg:  {"FLAC", "OPUS", "VORBIS"},
		types.ContainerTypeRaw:  {"AAC", "AC3", "AC4", "AIFF", "EAC3", "EAC3_ATMOS", "FLAC", "MP2", "MP3", "WAV"},
		types.ContainerTypeGif:  {},
		types.ContainerTypeY4m:  {},
	}
)

// videoPair checks that the container of an output takes the codec of its video.
func (c *checker) videoPair(codec types.VideoCodec, o output, at string) {
	allowed, ok := containerVideo[containerOf(o)]
	switch {
	case !ok || !slices.Contains(codec.Values(), codec):
	case codec == types.VideoCodecFrameCapture && containerOf(o) != types.ContainerTypeRaw:
		c.depends(at, o.at+"/containerSettings/container", "RAW")
	case codec == types.VideoCodecFrameCapture && o.group.kind == types.OutputGroupTypeHlsGroupSettings:
		c.depends(at, o.group.at+"/outputGroupSettings/type", "FILE_GROUP_SETTINGS")
	case codec == types.VideoCodecPassthrough && len(allowed) > 1, slices.Contains(allowed, codec):
	case len(allowed) == 0:
		c.add(o.at+"/videoDescription", "The container %s takes no video", containerOf(o))
	default:
		c.add(at, "Should be equal to one of the allowed values in %s", listOf(allowed))
	}
}

// audioPair checks that the container of an output takes the codec of its audio.
func (c *checker) audioPair(codec types.AudioCodec, o output, description, at string) {
	allowed, ok := containerAudio[containerOf(o)]
	switch {
	case isFrameCapture(o.VideoDescription):
		c.add(description, "An output with FRAME_CAPTURE takes no audio")
	case !ok || !slices.Contains(codec.Values(), codec):
	case len(allowed) == 0:
		c.add(description, "The container %s takes no audio", containerOf(o))
	case codec == types.AudioCodecPassthrough, slices.Contains(allowed, codec):
	default:
		c.add(at, "Should be equal to one of the allowed values in %s", listOf(allowed))
	}
}
