package mediaconvert

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// extensions are the default extensions of the containers (behaviour.md 4.2),
// and of the files that streaming groups write for an output.
var extensions = map[types.ContainerType]string{
	types.ContainerTypeMp4: "mp4", types.ContainerTypeMov: "mov", types.ContainerTypeM2ts: "m2ts",
	types.ContainerTypeM3u8: "m3u8", types.ContainerTypeMxf: "mxf", types.ContainerTypeWebm: "webm",
	types.ContainerTypeGif: "gif", types.ContainerTypeF4v: "f4v", types.ContainerTypeOgg: "ogg", types.ContainerTypeY4m: "y4m",
}

// baseKey gives the common beginning of the objects of a group: the destination
// itself, or with the first input's name when it ends in a slash (4.1).
func (c *checker) baseKey(destination string) string {
	_, key, _ := spool.ParseS3URI(destination)
	if key != "" && !strings.HasSuffix(key, "/") {
		return destination
	}
	base := "output"
	if len(c.settings.Inputs) > 0 && c.settings.Inputs[0].FileInput != nil {
		if b := spool.BaseName(*c.settings.Inputs[0].FileInput); b != "" {
			base = b
		}
	}
	return strings.TrimSuffix(destination, "/") + "/" + base
}

// modifiers checks that the outputs of a group can be told apart: more than one
// need name modifiers, and so does every child playlist beside its main one
// (behaviour.md 4.2, 6.3). Deployed jobs show what the service lets pass: in a
// file group a sequence of captures without one beside one file, and in a group
// whose manifest is no playlist one output without.
func (c *checker) modifiers(g group) {
	captures, bare := 0, 0
	for _, o := range g.Outputs {
		if isFrameCapture(o.VideoDescription) {
			captures++
		}
		if o.NameModifier == nil || *o.NameModifier == "" {
			bare++
		}
	}
	seen := make(map[string]int)
	for i, o := range g.Outputs {
		at := g.at + "/outputs/" + itoa(i)
		if o.NameModifier == nil || *o.NameModifier == "" {
			alike := len(g.Outputs)
			switch {
			case g.kind == types.OutputGroupTypeHlsGroupSettings, g.kind == types.OutputGroupTypeCmafGroupSettings:
				alike++ // the main playlist
			case g.kind != types.OutputGroupTypeFileGroupSettings:
				alike = bare
			case isFrameCapture(o.VideoDescription):
				alike = captures
			default:
				alike = len(g.Outputs) - captures
			}
			if alike > 1 {
				c.required(at, "nameModifier")
			}
			continue
		}
		first, twice := seen[*o.NameModifier]
		switch {
		case !twice:
			seen[*o.NameModifier] = i
			if g.destination != "" && (g.kind == types.OutputGroupTypeHlsGroupSettings || g.kind == types.OutputGroupTypeCmafGroupSettings) {
				c.claim(c.baseKey(g.destination)+*o.NameModifier+".m3u8", at+"/nameModifier")
			}
		case g.kind != types.OutputGroupTypeFileGroupSettings && !varies(*o.NameModifier): // files are compared whole
			c.add(at+"/nameModifier", "Should be another one: %s/outputs/%d has it already", g.at, first)
		}
	}
}

// varies tells whether a name holds an identifier that stands for something else
// in each output, such as $h$ (behaviour.md 4.3).
func varies(name string) bool {
	for _, same := range []string{"$dt$", "$d$", "$t$", "$fn$", "$$"} {
		name = strings.ReplaceAll(name, same, "")
	}
	return strings.Contains(name, "$")
}

// outputName checks the parts of an output's name and that no two outputs write
// the same object (behaviour.md 4.7, 6.3).
func (c *checker) outputName(o output) {
	modifier := ""
	if o.NameModifier != nil {
		modifier = *o.NameModifier
	}
	extension := ""
	if s := o.ContainerSettings; s != nil {
		extension = extensions[s.Container]
	}
	if o.Extension != nil {
		if strings.ContainsAny(*o.Extension, "/\\") || hasControl(*o.Extension) {
			c.add(o.at+"/extension", "Should be the ending of a file name, without slashes or control characters")
			return
		}
		if *o.Extension != "" && o.group.kind == types.OutputGroupTypeFileGroupSettings {
			extension = *o.Extension
		}
	}
	segment := ""
	if s := o.OutputSettings; s != nil && s.HlsSettings != nil && s.HlsSettings.SegmentModifier != nil {
		segment = *s.HlsSettings.SegmentModifier
	}
	if o.group.destination == "" {
		return
	}
	longest := o.at + "/nameModifier"
	if segment != "" {
		longest = o.at + "/outputSettings/hlsSettings/segmentModifier"
	}
	name := c.baseKey(o.group.destination) + modifier
	if !c.keyIs(name+"."+extension, o.at+"/nameModifier") || !c.keyIs(name+segment+"_00001.ts", longest) {
		return
	}
	if o.group.kind != types.OutputGroupTypeFileGroupSettings || varies(modifier) {
		return // modifiers compares those
	}
	if extension == "" {
		extension = rawExtension(o)
	}
	if isFrameCapture(o.VideoDescription) {
		name += ".0000000"
	}
	at := o.at
	if modifier != "" {
		at += "/nameModifier"
	}
	c.claim(name+"."+extension, at)
}

// rawExtension gives what a RAW file of an output is called by: its captures'
// or captions' format, or its codec.
func rawExtension(o output) string {
	switch v := o.VideoDescription; {
	case isFrameCapture(v):
		return "jpg"
	case v != nil && v.CodecSettings != nil:
		return strings.ToLower(string(v.CodecSettings.Codec))
	}
	if len(o.AudioDescriptions) > 0 && o.AudioDescriptions[0].CodecSettings != nil {
		return strings.ToLower(string(o.AudioDescriptions[0].CodecSettings.Codec))
	}
	if len(o.CaptionDescriptions) > 0 && o.CaptionDescriptions[0].DestinationSettings != nil {
		return strings.ToLower(string(o.CaptionDescriptions[0].DestinationSettings.DestinationType))
	}
	return ""
}

// keyIs checks that a name is one an object can have.
func (c *checker) keyIs(uri, at string) bool {
	_, key, err := spool.ParseS3URI(uri)
	if err == nil {
		err = spool.CheckKey(key)
	}
	if err != nil {
		c.add(at, "Should give the output a possible name: %v", err)
		return false
	}
	return true
}

// claim notes an object as written by an output or, as a manifest, by a group.
func (c *checker) claim(key, at string) {
	first, taken := c.keys[key]
	switch {
	case c.partial: // a job may still change the names
	case !taken:
		c.keys[key] = at
	case strings.HasSuffix(at, "odifier"):
		c.add(at, "Should be another one: %s writes %s already", first, key)
	case strings.Contains(at, "/outputs/"):
		c.add(at, "nameModifier is a required property: %s writes %s already", first, key)
	default:
		c.add(at+"/outputGroupSettings", "The destination should be another one: %s writes %s already", first, key)
	}
}

// extraManifests checks the additional manifests of a group: at most ten, with
// modifiers that differ from each other and from those of the outputs, of
// outputs that there are (behaviour.md 4.4).
func (c *checker) extraManifests(g group, o groupObject) {
	at := g.at + "/outputGroupSettings/" + o.name + "/additionalManifests"
	c.atMost(at, len(o.manifests), 10)
	var names []string
	for _, out := range g.Outputs {
		if out.NameModifier != nil {
			names = append(names, *out.NameModifier)
		}
	}
	taken := slices.Clone(names)
	for i, m := range o.manifests {
		here := at + "/" + itoa(i)
		switch {
		case m.modifier == nil:
			c.required(here, "manifestNameModifier")
		case slices.Contains(taken, *m.modifier):
			c.add(here+"/manifestNameModifier", "Should be another one: an output or another manifest has it already")
		default:
			taken = append(taken, *m.modifier)
			if g.destination != "" && c.keyIs(c.baseKey(g.destination)+*m.modifier+".m3u8", here+"/manifestNameModifier") {
				for _, ending := range o.endings {
					c.claim(c.baseKey(g.destination)+*m.modifier+"."+ending, here+"/manifestNameModifier")
				}
			}
		}
		for j, name := range m.outputs {
			if !slices.Contains(names, name) {
				c.add(here+"/selectedOutputs/"+itoa(j), "Should be the name modifier of an output of the group")
			}
		}
	}
}

// dashNames checks that all names of a DASH group number their segments alike:
// one with $Number$ or $Time$ asks for it in all (behaviour.md 4.3).
func (c *checker) dashNames(g group) {
	if g.kind != types.OutputGroupTypeDashIsoGroupSettings {
		return
	}
	numbers := func(o types.Output) bool {
		return o.NameModifier != nil && (strings.Contains(*o.NameModifier, "$Number$") || strings.Contains(*o.NameModifier, "$Time$"))
	}
	if !slices.ContainsFunc(g.Outputs, numbers) {
		return
	}
	for i, o := range g.Outputs {
		if !numbers(o) {
			c.add(g.at+"/outputs/"+itoa(i)+"/nameModifier", "Should hold $Number$ or $Time$, as that of another output of the group does")
		}
	}
}

func isFrameCapture(v *types.VideoDescription) bool {
	return v != nil && v.CodecSettings != nil && v.CodecSettings.Codec == types.VideoCodecFrameCapture
}
