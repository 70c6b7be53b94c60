package mediaconvert

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// Which kinds of captions come from which settings object of a selector
// (behaviour.md 5.2).
var captionFiles = []types.CaptionSourceType{"SCC", "TTML", "STL", "SRT", "SMI", "SMPTE_TT", "IMSC", "WEBVTT"}

// captionSource checks where a caption selector takes its captions from: its
// type is never guessed, and the settings are those of the type.
func (c *checker) captionSource(s *types.CaptionSourceSettings, at string) {
	if s == nil {
		c.required(at, "sourceSettings")
		return
	}
	at += "/sourceSettings"
	if s.SourceType == "" {
		c.required(at, "sourceType")
		return
	}
	if !slices.Contains(s.SourceType.Values(), s.SourceType) {
		return // the model's check speaks of it
	}
	for _, o := range []struct {
		name  string
		there bool
		kinds []types.CaptionSourceType
	}{
		{"ancillarySourceSettings", s.AncillarySourceSettings != nil, []types.CaptionSourceType{"ANCILLARY"}},
		{"dvbSubSourceSettings", s.DvbSubSourceSettings != nil, []types.CaptionSourceType{"DVB_SUB"}},
		{"embeddedSourceSettings", s.EmbeddedSourceSettings != nil, []types.CaptionSourceType{"EMBEDDED", "SCTE20"}},
		{"fileSourceSettings", s.FileSourceSettings != nil, captionFiles},
		{"teletextSourceSettings", s.TeletextSourceSettings != nil, []types.CaptionSourceType{"TELETEXT"}},
		{"webvttHlsSourceSettings", s.WebvttHlsSourceSettings != nil, []types.CaptionSourceType{"WEBVTT"}},
	} {
		switch {
		case !o.there || slices.Contains(o.kinds, s.SourceType):
		case len(o.kinds) == 1:
			c.depends(at+"/"+o.name, at+"/sourceType", string(o.kinds[0]))
		default:
			c.add(at+"/"+o.name, "Should match all dependencies: See other errors for more details")
			c.add(at+"/sourceType", "Should be equal to one of the allowed values in %s", listOf(o.kinds))
		}
	}
	switch s.SourceType {
	case "SCC", "STL", "SRT", "SMI", "SMPTE_TT", "TTML": // never inside a video but as a track
		switch f := s.FileSourceSettings; {
		case f == nil && s.TrackSourceSettings == nil:
			c.required(at, "fileSourceSettings")
		case f != nil && f.SourceFile == nil:
			c.required(at+"/fileSourceSettings", "sourceFile")
		}
	}
}

// Captions that are part of the picture or of its stream go with any video;
// sidecars go where their group or container has a place for them (behaviour.md
// 5.9). Embedded captions may stand in DASH and CMAF: manifests announce them
// there (accessibilityCaptionHints).
var (
	embeddedKinds = []types.CaptionDestinationType{"BURN_IN", "EMBEDDED", "EMBEDDED_PLUS_SCTE20", "SCTE20_PLUS_EMBEDDED"}
	groupCaptions = map[types.OutputGroupType][]types.CaptionDestinationType{
		types.OutputGroupTypeHlsGroupSettings:      append(slices.Clone(embeddedKinds), "WEBVTT"),
		types.OutputGroupTypeDashIsoGroupSettings:  append(slices.Clone(embeddedKinds), "IMSC", "TTML", "WEBVTT"),
		types.OutputGroupTypeCmafGroupSettings:     append(slices.Clone(embeddedKinds), "IMSC", "WEBVTT"),
		types.OutputGroupTypeMsSmoothGroupSettings: {"BURN_IN", "TTML"},
	}
	fileCaptions = map[types.ContainerType][]types.CaptionDestinationType{
		types.ContainerTypeMp4:  embeddedKinds,
		types.ContainerTypeMov:  embeddedKinds,
		types.ContainerTypeF4v:  embeddedKinds,
		types.ContainerTypeM2ts: append(slices.Clone(embeddedKinds), "DVB_SUB", "TELETEXT"),
		types.ContainerTypeMxf:  append(slices.Clone(embeddedKinds), "TELETEXT"),
		types.ContainerTypeRaw:  append(slices.Clone(embeddedKinds), "IMSC", "SCC", "SMI", "SRT", "TTML", "WEBVTT"),
		types.ContainerTypeWebm: {"BURN_IN"},
		types.ContainerTypeGif:  {"BURN_IN"},
		types.ContainerTypeY4m:  {"BURN_IN"},
		types.ContainerTypeOgg:  {},
	}
)

func (c *checker) captions(o output) {
	burned := false
	for i := range o.CaptionDescriptions {
		d := &o.CaptionDescriptions[i]
		at := o.at + "/captionDescriptions/" + itoa(i)
		kind := types.CaptionDestinationTypeEmbedded
		if s := d.DestinationSettings; s != nil {
			if s.DestinationType != "" {
				kind = s.DestinationType
			}
			c.captionObjects(s, kind, at+"/destinationSettings")
		}
		at += "/destinationSettings/destinationType"
		if kind == types.CaptionDestinationTypeBurnIn {
			if burned {
				c.add(at, "Only one captions description of an output may be BURN_IN")
			}
			burned = true
		}
		allowed, ok := groupCaptions[o.group.kind]
		if o.group.kind == types.OutputGroupTypeFileGroupSettings {
			allowed, ok = fileCaptions[containerOf(o)]
		}
		if ok && slices.Contains(kind.Values(), kind) && !slices.Contains(allowed, kind) {
			c.add(at, "Should be equal to one of the allowed values in %s", listOf(allowed))
		} else {
			c.captionPlace(o, kind, at)
		}
		c.captionSelector(d, kind, o.at+"/captionDescriptions/"+itoa(i))
	}
}

// captionObjects checks that the settings objects are those of the destination's
// type (behaviour.md 6.2), and what is in them.
func (c *checker) captionObjects(s *types.CaptionDestinationSettings, kind types.CaptionDestinationType, at string) {
	for _, o := range []struct {
		name  string
		there bool
		kinds []types.CaptionDestinationType
	}{
		{"burninDestinationSettings", s.BurninDestinationSettings != nil, []types.CaptionDestinationType{"BURN_IN"}},
		{"dvbSubDestinationSettings", s.DvbSubDestinationSettings != nil, []types.CaptionDestinationType{"DVB_SUB"}},
		{"embeddedDestinationSettings", s.EmbeddedDestinationSettings != nil, embeddedKinds[1:]},
		{"imscDestinationSettings", s.ImscDestinationSettings != nil, []types.CaptionDestinationType{"IMSC"}},
		{"sccDestinationSettings", s.SccDestinationSettings != nil, []types.CaptionDestinationType{"SCC"}},
		{"srtDestinationSettings", s.SrtDestinationSettings != nil, []types.CaptionDestinationType{"SRT"}},
		{"teletextDestinationSettings", s.TeletextDestinationSettings != nil, []types.CaptionDestinationType{"TELETEXT"}},
		{"ttmlDestinationSettings", s.TtmlDestinationSettings != nil, []types.CaptionDestinationType{"TTML"}},
		{"webvttDestinationSettings", s.WebvttDestinationSettings != nil, []types.CaptionDestinationType{"WEBVTT"}},
	} {
		switch {
		case !o.there || slices.Contains(o.kinds, kind) || !slices.Contains(kind.Values(), kind):
		case len(o.kinds) == 1:
			c.depends(at+"/"+o.name, at+"/destinationType", string(o.kinds[0]))
		default:
			c.add(at+"/"+o.name, "Should match all dependencies: See other errors for more details")
			c.add(at+"/destinationType", "Should be equal to one of the allowed values in %s", listOf(o.kinds))
		}
	}
	if b := s.BurninDestinationSettings; b != nil {
		c.font(string(b.FontColor), b.HexFontColor, []*string{b.FontFileBold, b.FontFileBoldItalic, b.FontFileItalic, b.FontFileRegular}, at+"/burninDestinationSettings")
	}
	if d := s.DvbSubDestinationSettings; d != nil {
		c.font(string(d.FontColor), d.HexFontColor, []*string{d.FontFileBold, d.FontFileBoldItalic, d.FontFileItalic, d.FontFileRegular}, at+"/dvbSubDestinationSettings")
	}
}

// font checks how captions are drawn: a colour in figures goes with HEX, and
// font files come four together (behaviour.md 5.9).
func (c *checker) font(color string, hex *string, files []*string, at string) {
	switch {
	case color == "HEX" && hex == nil:
		c.required(at, "hexFontColor")
	case color != "HEX" && hex != nil:
		c.depends(at+"/hexFontColor", at+"/fontColor", "HEX")
	}
	if slices.ContainsFunc(files, func(f *string) bool { return f != nil }) {
		for i, name := range []string{"fontFileBold", "fontFileBoldItalic", "fontFileItalic", "fontFileRegular"} {
			if files[i] == nil {
				c.required(at, name)
			}
		}
	}
}

// captionPair refuses captions that can't be read here, and those that can't be
// embedded (behaviour.md 5.9): only captions that are CEA-608 already can.
func (c *checker) captionPair(d *types.CaptionDescription, kind types.CaptionDestinationType, sources []types.CaptionSourceType, at string) {
	text := func(t types.CaptionSourceType) bool { return t == "SRT" || t == "WEBVTT" || t == "TTML" }
	other := func(t types.CaptionSourceType) bool { return t != "SCC" && t != "EMBEDDED" && t != "NULL_SOURCE" }
	embedded := kind != types.CaptionDestinationTypeBurnIn && slices.Contains(embeddedKinds, kind)
	switch {
	case embedded && slices.ContainsFunc(sources, text):
		c.add(at+"/destinationSettings/destinationType", "SRT, WebVTT and TTML captions can't become %s", kind)
		return
	case embedded && slices.ContainsFunc(sources, other):
		c.add(at+"/destinationSettings/destinationType", "Only SCC and EMBEDDED captions can become %s", kind)
		return
	}
	for i, in := range c.settings.Inputs {
		s, ok := in.CaptionSelectors[*d.CaptionSelectorName]
		if !ok || s.SourceSettings == nil {
			continue
		}
		from := "/inputs/" + itoa(i) + "/captionSelectors/" + escapePointer(*d.CaptionSelectorName) + "/sourceSettings"
		switch k := s.SourceSettings; {
		case k.SourceType == "TELETEXT" || k.SourceType == "DVB_SUB" || k.SourceType == "ANCILLARY" || k.SourceType == "SCTE20":
			c.add(from+"/sourceType", "Captions of the type %s are not read here; give them as a file, embedded, or as a text track", k.SourceType)
		case k.WebvttHlsSourceSettings != nil:
			c.add(from+"/webvttHlsSourceSettings", "Captions of HLS renditions are not read here; give them as a file")
		case k.FileSourceSettings == nil && (k.SourceType == "IMSC" || k.SourceType == "TTML" || k.SourceType == "SMPTE_TT" || k.SourceType == "SCC" || k.SourceType == "SMI" || k.SourceType == "STL"):
			c.add(from+"/fileSourceSettings", "Captions of the type %s are read from files only", k.SourceType)
		}
	}
}

// captionPlace refuses captions where they have no place: those within the
// picture need one that is encoded by an encoder that knows them, and files of
// captions an output of their own (behaviour.md 5.9).
func (c *checker) captionPlace(o output, kind types.CaptionDestinationType, at string) {
	drawn := slices.Contains(embeddedKinds, kind) || kind == "DVB_SUB" || kind == "TELETEXT"
	if !drawn {
		if o.group.kind == types.OutputGroupTypeMsSmoothGroupSettings {
			c.add(at, "TTML captions of Smooth Streaming are not written here; BURN_IN ones are, and a DASH, CMAF or HLS group has captions of its own")
			return
		}
		if o.VideoDescription != nil || len(o.AudioDescriptions) > 0 || len(o.CaptionDescriptions) > 1 {
			c.add(at, "Captions of the type %s need an output of their own, without video, audio and other captions", kind)
		}
		return
	}
	if o.VideoDescription == nil {
		if o.Preset != nil {
			return // which has it
		}
		c.add(at, "Captions of the type %s need an output with video", kind)
		return
	}
	if o.VideoDescription.CodecSettings == nil {
		return
	}
	switch codec := o.VideoDescription.CodecSettings.Codec; {
	case kind == "BURN_IN" && codec == types.VideoCodecPassthrough:
		c.add(at, "Captions can't be drawn into a picture that is passed through")
	case kind == "EMBEDDED" && codec != "" && codec != types.VideoCodecH264 && codec != types.VideoCodecMpeg2 && codec != types.VideoCodecPassthrough:
		c.add(at, "Captions can be embedded in H_264 and MPEG2 only here, not in %s", codec)
	}
}

// captionSelector checks that an input has the captions that are asked for, in
// a form that the destination can be made from (behaviour.md 5.9, 6.3).
func (c *checker) captionSelector(d *types.CaptionDescription, kind types.CaptionDestinationType, at string) {
	if d.CaptionSelectorName == nil {
		c.required(at, "captionSelectorName")
		return
	}
	var sources []types.CaptionSourceType
	for _, in := range c.settings.Inputs {
		if s, ok := in.CaptionSelectors[*d.CaptionSelectorName]; ok && s.SourceSettings != nil {
			sources = append(sources, s.SourceSettings.SourceType)
		} else if ok {
			return // another problem speaks of it
		}
	}
	if len(sources) == 0 {
		if len(c.settings.Inputs) > 0 {
			c.add(at+"/captionSelectorName", "No input has a caption selector %.80q", *d.CaptionSelectorName)
		}
		return
	}
	c.captionPair(d, kind, sources, at)
	if s := d.DestinationSettings; s != nil && s.WebvttDestinationSettings != nil && kind == types.CaptionDestinationTypeWebvtt &&
		s.WebvttDestinationSettings.StylePassthrough == types.WebvttStylePassthroughStrict && !slices.Contains(sources, "WEBVTT") {
		c.add(at+"/destinationSettings/webvttDestinationSettings/stylePassthrough", "STRICT is for captions that come from WebVTT")
	}
}
