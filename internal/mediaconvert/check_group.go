package mediaconvert

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// groupObject is the settings object of a group, in what all types have alike.
type groupObject struct {
	name        string
	kind        types.OutputGroupType
	destination *string
	manifests   []extraManifest
	endings     []string // of the main manifests it writes
}

// extraManifest is an additional manifest.
type extraManifest struct {
	modifier *string
	outputs  []string // name modifiers
}

// groupObjects lists the settings objects that are given.
func groupObjects(s *types.OutputGroupSettings) []groupObject {
	var list []groupObject
	if f := s.FileGroupSettings; f != nil {
		list = append(list, groupObject{name: "fileGroupSettings", kind: types.OutputGroupTypeFileGroupSettings, destination: f.Destination})
	}
	if h := s.HlsGroupSettings; h != nil {
		o := groupObject{name: "hlsGroupSettings", kind: types.OutputGroupTypeHlsGroupSettings, destination: h.Destination, endings: []string{"m3u8"}}
		for _, m := range h.AdditionalManifests {
			o.manifests = append(o.manifests, extraManifest{m.ManifestNameModifier, m.SelectedOutputs})
		}
		list = append(list, o)
	}
	if d := s.DashIsoGroupSettings; d != nil {
		o := groupObject{name: "dashIsoGroupSettings", kind: types.OutputGroupTypeDashIsoGroupSettings, destination: d.Destination, endings: []string{"mpd"}}
		for _, m := range d.AdditionalManifests {
			o.manifests = append(o.manifests, extraManifest{m.ManifestNameModifier, m.SelectedOutputs})
		}
		list = append(list, o)
	}
	if m := s.CmafGroupSettings; m != nil {
		o := groupObject{name: "cmafGroupSettings", kind: types.OutputGroupTypeCmafGroupSettings, destination: m.Destination}
		if m.WriteHlsManifest != types.CmafWriteHLSManifestDisabled {
			o.endings = append(o.endings, "m3u8")
		}
		if m.WriteDashManifest != types.CmafWriteDASHManifestDisabled {
			o.endings = append(o.endings, "mpd")
		}
		for _, m := range m.AdditionalManifests {
			o.manifests = append(o.manifests, extraManifest{m.ManifestNameModifier, m.SelectedOutputs})
		}
		list = append(list, o)
	}
	if m := s.MsSmoothGroupSettings; m != nil {
		o := groupObject{name: "msSmoothGroupSettings", kind: types.OutputGroupTypeMsSmoothGroupSettings, destination: m.Destination, endings: []string{"ism"}}
		for _, m := range m.AdditionalManifests {
			o.manifests = append(o.manifests, extraManifest{m.ManifestNameModifier, m.SelectedOutputs})
		}
		list = append(list, o)
	}
	return list
}

// groupMembers names the settings object of each type of group.
var groupMembers = map[types.OutputGroupType]string{
	types.OutputGroupTypeFileGroupSettings:     "fileGroupSettings",
	types.OutputGroupTypeHlsGroupSettings:      "hlsGroupSettings",
	types.OutputGroupTypeDashIsoGroupSettings:  "dashIsoGroupSettings",
	types.OutputGroupTypeCmafGroupSettings:     "cmafGroupSettings",
	types.OutputGroupTypeMsSmoothGroupSettings: "msSmoothGroupSettings",
}

// group is one group as its outputs see it.
type group struct {
	*types.OutputGroup
	at          string
	kind        types.OutputGroupType // "" when unknown
	destination string                // "" when unknown
	automated   bool                  // automated ABR
}

func (c *checker) group(g *types.OutputGroup, at string) {
	view := group{OutputGroup: g, at: at, automated: automated(g)}
	var object groupObject
	if s := g.OutputGroupSettings; s == nil {
		c.required(at, "outputGroupSettings")
	} else {
		view.kind = s.Type
		object = c.groupSettings(s, at+"/outputGroupSettings")
		if object.destination != nil {
			view.destination = *object.destination
		}
	}
	switch {
	case g.Outputs == nil:
		c.required(at, "outputs")
	case len(g.Outputs) == 0:
		c.atLeast(at+"/outputs", 0, 1)
	}
	if view.destination != "" {
		for _, ending := range object.endings {
			c.claim(c.baseKey(view.destination)+"."+ending, at)
		}
	}
	for i := range g.Outputs {
		c.output(output{Output: &g.Outputs[i], at: at + "/outputs/" + itoa(i), group: view})
	}
	c.modifiers(view)
	c.extraManifests(view, object)
	c.dashNames(view)
	c.smoothRates(view)
	c.automatedGroup(view)
}

// groupSettings checks the settings of a group and gives the object of its type;
// an empty one where there is none, and no destination when it is not valid.
func (c *checker) groupSettings(s *types.OutputGroupSettings, at string) groupObject {
	if s.Type == "" {
		c.required(at, "type")
		return groupObject{}
	}
	member, known := groupMembers[s.Type]
	if !known {
		return groupObject{}
	}
	var own groupObject
	for _, o := range groupObjects(s) {
		if o.kind == s.Type {
			own = o
			continue
		}
		c.depends(at+"/"+o.name, at+"/type", string(o.kind))
	}
	if own.name == "" {
		c.required(at, member)
		return own
	}
	at += "/" + member
	switch d := own.destination; {
	case d == nil:
		c.required(at, "destination")
	case !c.destination(*d, at+"/destination"):
		own.destination = nil
	}
	switch s.Type {
	case types.OutputGroupTypeHlsGroupSettings:
		c.hlsGroup(s.HlsGroupSettings, at)
	case types.OutputGroupTypeDashIsoGroupSettings:
		c.dashGroup(s.DashIsoGroupSettings, at)
	case types.OutputGroupTypeCmafGroupSettings:
		c.cmafGroup(s.CmafGroupSettings, at)
	case types.OutputGroupTypeMsSmoothGroupSettings:
		if e := s.MsSmoothGroupSettings.Encryption; e != nil {
			c.speke(e.SpekeKeyProvider, 1, at+"/encryption")
		}
	}
	return own
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
	if f := h.MinFinalSegmentLength; f != nil && *f > float64(length) {
		c.add(at+"/minFinalSegmentLength", "Should be less than or equal to %d", length)
	}
	if m := h.MinSegmentLength; m != nil && *m > length {
		c.add(at+"/minSegmentLength", "Should be less than or equal to %d", length)
	}
	if t := h.ImageBasedTrickPlaySettings; t != nil {
		c.trickPlay(t.ThumbnailWidth, t.ThumbnailHeight, t.TileHeight, at+"/imageBasedTrickPlaySettings")
	}
	if e := h.Encryption; e != nil {
		at += "/encryption"
		switch {
		case e.EncryptionMethod != "" && e.Type == "":
			c.required(at, "type")
		case e.EncryptionMethod == "" && e.Type != "":
			c.required(at, "encryptionMethod") // nobody who gives a key wants the segments in the clear
		}
		if c.keyProviders(at, string(e.Type), e.StaticKeyProvider, e.SpekeKeyProvider != nil) {
			c.speke(e.SpekeKeyProvider, 3, at)
		}
	}
}

func (c *checker) dashGroup(d *types.DashIsoGroupSettings, at string) {
	if d.MpdProfile == types.DashIsoMpdProfileOnDemandProfile && d.SegmentControl != types.DashIsoSegmentControlSingleFile {
		c.depends(at+"/mpdProfile", at+"/segmentControl", "SINGLE_FILE")
	}
	if t := d.ImageBasedTrickPlaySettings; t != nil {
		c.trickPlay(t.ThumbnailWidth, t.ThumbnailHeight, t.TileHeight, at+"/imageBasedTrickPlaySettings")
	}
	if e := d.Encryption; e != nil {
		c.speke(e.SpekeKeyProvider, 2, at+"/encryption")
	}
}

func (c *checker) cmafGroup(m *types.CmafGroupSettings, at string) {
	if m.MpdProfile == types.CmafMpdProfileOnDemandProfile && m.SegmentControl != types.CmafSegmentControlSingleFile {
		c.depends(at+"/mpdProfile", at+"/segmentControl", "SINGLE_FILE")
	}
	if t := m.ImageBasedTrickPlaySettings; t != nil {
		c.trickPlay(t.ThumbnailWidth, t.ThumbnailHeight, t.TileHeight, at+"/imageBasedTrickPlaySettings")
	}
	if e := m.Encryption; e != nil {
		at += "/encryption"
		if c.keyProviders(at, string(e.Type), e.StaticKeyProvider, e.SpekeKeyProvider != nil) && e.SpekeKeyProvider != nil {
			at += "/spekeKeyProvider"
			c.atMost(at+"/dashSignaledSystemIds", len(e.SpekeKeyProvider.DashSignaledSystemIds), 3)
			c.atMost(at+"/hlsSignaledSystemIds", len(e.SpekeKeyProvider.HlsSignaledSystemIds), 3)
		}
	}
}

// trickPlay checks the steps of the sizes of thumbnails (behaviour.md 5.7).
func (c *checker) trickPlay(width, height, tiles *int32, at string) {
	c.multipleOf(at+"/thumbnailWidth", width, 8)
	c.multipleOf(at+"/thumbnailHeight", height, 2)
	if tiles != nil && *tiles > 1 {
		c.multipleOf(at+"/tileHeight", tiles, 2)
	}
}

// keyProviders checks that an encryption has the key provider of its type and
// that a static one has its key; true when its type is SPEKE (behaviour.md 5.10).
func (c *checker) keyProviders(at, kind string, static *types.StaticKeyProvider, speke bool) bool {
	switch kind {
	case "":
		if speke || static != nil {
			c.required(at, "type")
		}
	case "STATIC_KEY":
		if speke {
			c.depends(at+"/spekeKeyProvider", at+"/type", "SPEKE")
		}
		switch {
		case static == nil:
			c.required(at, "staticKeyProvider")
		case static.StaticKeyValue == nil:
			c.required(at+"/staticKeyProvider", "staticKeyValue")
		case static.Url == nil:
			c.required(at+"/staticKeyProvider", "url")
		}
	case "SPEKE":
		if static != nil {
			c.depends(at+"/staticKeyProvider", at+"/type", "STATIC_KEY")
		}
		if !speke {
			c.required(at, "spekeKeyProvider")
		}
		return true
	}
	return false
}

// speke checks how many DRM systems a group may have.
func (c *checker) speke(p *types.SpekeKeyProvider, systems int, at string) {
	if p != nil {
		c.atMost(at+"/spekeKeyProvider/systemIds", len(p.SystemIds), systems)
	}
}
