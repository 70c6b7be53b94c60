package mediaconvert

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// extensions are the default extensions of the containers (behaviour.md 4.2).
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

// outputName checks the parts of an output's name and that no two outputs write
// the same object (behaviour.md 4.7, 6.3). Outputs of a streaming group need a
// modifier always: the bare name is that of the main manifest.
func (c *checker) outputName(o output) {
	modifier := ""
	if o.NameModifier != nil {
		modifier = *o.NameModifier
	}
	if modifier == "" && o.group == types.OutputGroupTypeHlsGroupSettings {
		c.required(o.at, "nameModifier")
		return
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
		if *o.Extension != "" && o.group == types.OutputGroupTypeFileGroupSettings {
			extension = *o.Extension
		}
	}
	segment := ""
	if s := o.OutputSettings; s != nil && s.HlsSettings != nil && s.HlsSettings.SegmentModifier != nil {
		segment = *s.HlsSettings.SegmentModifier
	}
	if o.destination == "" {
		return
	}
	name := c.baseKey(o.destination) + modifier
	if !c.keyIs(name+"."+extension, o.at+"/nameModifier") || !c.keyIs(name+segment+"_00001.ts", o.at+"/outputSettings/hlsSettings/segmentModifier") {
		return
	}
	if isFrameCapture(o.VideoDescription) {
		if extension == "" {
			extension = "jpg"
		}
		name += ".0000000"
	}
	at := o.at
	if modifier != "" {
		at += "/nameModifier"
	}
	c.claim(name+"."+extension, at)
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

// claim notes an object as written by an output.
func (c *checker) claim(key, at string) {
	first, taken := c.keys[key]
	switch {
	case !taken:
		c.keys[key] = at
	case strings.HasSuffix(at, "/nameModifier"):
		c.add(at, "Should be another one: %s writes %s already", first, key)
	case strings.Contains(at, "/outputs/"):
		c.add(at, "nameModifier is a required property: %s writes %s already", first, key)
	default:
		c.add(at+"/outputGroupSettings", "The destination should be another one: %s writes %s already", first, key)
	}
}

func isFrameCapture(v *types.VideoDescription) bool {
	return v != nil && v.CodecSettings != nil && v.CodecSettings.Codec == types.VideoCodecFrameCapture
}
