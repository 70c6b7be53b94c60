package plan

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/dash"
	"spool/internal/spool"
)

// cmafVersion is the EXT-X-VERSION of CMAF groups (behaviour.md 4.4).
const cmafVersion = 6

// cmafGroup plans a CMAF group: one set of segments, and the manifests of HLS and
// DASH over it.
func (b *builder) cmafGroup(i int, og *types.OutputGroup) error {
	cs := og.OutputGroupSettings.CmafGroupSettings
	bucket, base, err := b.destination(aws.ToString(cs.Destination))
	if err != nil {
		return err
	}
	p := &packing{
		builder: b, i: i, base: base, object: "cmafGroupSettings", trick: aws.ToString(cs.DashIFrameTrickPlayNameModifier), cmaf: true, hls: cs.WriteHlsManifest != types.CmafWriteHLSManifestDisabled,
		single:   cs.SegmentControl == types.CmafSegmentControlSingleFile,
		segment:  int(cmp.Or(aws.ToInt32(cs.SegmentLength), 10)),
		fragment: int(cmp.Or(aws.ToInt32(cs.FragmentLength), 2)),
		signed:   cs.VideoCompositionOffsets == types.CmafVideoCompositionOffsetsSigned,
	}
	p.group = Group{Type: spool.GroupCMAF, Bucket: bucket, Pack: &Pack{
		Manifest:   fmt.Sprintf("g%d.mpd", i),
		Single:     p.single,
		Segment:    time.Duration(p.segment) * time.Second,
		MinSegment: time.Duration(aws.ToFloat64(cs.MinFinalSegmentLength) * float64(time.Second)),
	}}
	if cs.WriteDashManifest != types.CmafWriteDASHManifestDisabled {
		p.group.Dash = cmafDash(cs, base, p.segment)
	}
	if err := p.encryption(cs.Encryption); err != nil {
		return err
	}
	if err := p.grid(string(cs.SegmentLengthControl), og); err != nil {
		return err
	}
	if err := p.outputs(og); err != nil {
		return err
	}
	if p.hls {
		p.group.Master = &Master{
			Key:               base + ".m3u8",
			Version:           cmafVersion,
			SegmentSeconds:    p.segment,
			IntegerDurations:  cs.ManifestDurationFormat == types.CmafManifestDurationFormatInteger,
			SpecTargets:       cs.TargetDurationCompatibilityMode == types.CmafTargetDurationCompatibilityModeSpecCompliant,
			LegacyCodecs:      cs.CodecSpecification != types.CmafCodecSpecificationRfc6381,
			OmitResolution:    cs.StreamInfResolution == types.CmafStreamInfResolutionExclude,
			ForbidClientCache: cs.ClientCache == types.CmafClientCacheDisabled,
			Gzip:              cs.ManifestCompression == types.CmafManifestCompressionGzip,
			BaseURL:           aws.ToString(cs.BaseUrl),
			SingleFile:        p.single,
			Encryption:        p.announce,
		}
		if err := p.renditions(og); err != nil {
			return err
		}
	}
	if err := p.moreDash(og, cmafManifests(cs.AdditionalManifests)); err != nil {
		return err
	}
	b.warnClear(i, &p.group)
	b.plan.Groups = append(b.plan.Groups, p.group)
	return nil
}

func cmafManifests(list []types.CmafAdditionalManifest) []types.HlsAdditionalManifest {
	var all []types.HlsAdditionalManifest
	for _, a := range list {
		all = append(all, types.HlsAdditionalManifest{ManifestNameModifier: a.ManifestNameModifier, SelectedOutputs: a.SelectedOutputs})
	}
	return all
}

// moreDash plans the additional DASH manifests of a group.
func (p *packing) moreDash(og *types.OutputGroup, list []types.HlsAdditionalManifest) error {
	if p.group.Dash == nil {
		return nil
	}
	like := types.OutputGroup{
		OutputGroupSettings: &types.OutputGroupSettings{HlsGroupSettings: &types.HlsGroupSettings{AdditionalManifests: list}}, Outputs: og.Outputs,
	}
	var m Master
	err := p.moreMasters(p.i, &like, p.base, &m)
	for k := range m.More {
		m.More[k].Key = strings.TrimSuffix(m.More[k].Key, ".m3u8") + ".mpd"
	}
	p.group.Dash.More = m.More
	return err
}

func cmafDash(cs *types.CmafGroupSettings, base string, segment int) *Dash {
	d := &Dash{
		Key:          base + ".mpd",
		Profiles:     []dash.Profile{dash.Main},
		Style:        dash.Style(cmp.Or(string(cs.DashManifestStyle), string(dash.Basic))),
		Timeline:     cs.WriteSegmentTimelineInRepresentation == types.CmafWriteSegmentTimelineInRepresentationEnabled || cs.DashManifestStyle != "",
		MinBuffer:    time.Duration(aws.ToInt32(cs.MinBufferTime)) * time.Millisecond,
		BaseURL:      aws.ToString(cs.BaseUrl),
		MaxBandwidth: cs.MpdManifestBandwidthType == types.CmafMpdManifestBandwidthTypeMax,
	}
	if cs.MpdProfile == types.CmafMpdProfileOnDemandProfile {
		d.Profiles[0] = dash.OnDemand
	}
	d.MinBuffer = cmp.Or(d.MinBuffer, time.Duration(segment)*time.Second)
	return d
}

// renditions says which outputs are renditions in the HLS manifests: as in an HLS
// group, whose settings the outputs of a CMAF group have in their container
// (behaviour.md 5.5).
func (p *packing) renditions(og *types.OutputGroup) error {
	cs := og.OutputGroupSettings.CmafGroupSettings
	like := types.OutputGroup{
		OutputGroupSettings: &types.OutputGroupSettings{HlsGroupSettings: &types.HlsGroupSettings{}},
		Outputs:             append([]types.Output{}, og.Outputs...),
	}
	named := false // some output says which group it is of
	for j := range og.Outputs {
		s := cmfc(&og.Outputs[j])
		named = named || aws.ToString(s.AudioGroupId) != "" || aws.ToString(s.AudioRenditionSets) != ""
	}
	sounds := 0
	for j := range og.Outputs {
		s := cmfc(&og.Outputs[j])
		h := types.HlsSettings{
			AudioGroupId: s.AudioGroupId, AudioRenditionSets: s.AudioRenditionSets,
			AudioTrackType:              types.HlsAudioTrackType(s.AudioTrackType),
			DescriptiveVideoServiceFlag: types.HlsDescriptiveVideoServiceFlag(s.DescriptiveVideoServiceFlag),
		}
		if out := &p.group.Outputs[j]; !named && out.Video == nil && len(out.Audio) > 0 && s.AudioTrackType != types.CmfcAudioTrackTypeAudioOnlyVariantStream {
			h.AudioGroupId = aws.String(fmt.Sprintf("%s_%d", defaultAudioGroup, sounds))
			sounds++
		}
		like.Outputs[j].OutputSettings = &types.OutputSettings{HlsSettings: &h}
	}
	if sounds > 0 && !hasVideo(p.group.Outputs) {
		for j := range like.Outputs {
			like.Outputs[j].OutputSettings.HlsSettings.AudioGroupId = nil // nothing that they could go with
		}
	}
	like.OutputGroupSettings.HlsGroupSettings.AdditionalManifests = cmafManifests(cs.AdditionalManifests)
	warned := len(p.plan.Warnings)
	p.audioGroups(p.i, &like, p.group.Outputs)
	for w := range p.plan.Warnings[warned:] {
		at := &p.plan.Warnings[warned+w].Pointer
		*at = strings.Replace(*at, "outputSettings/hlsSettings", "containerSettings/cmfcSettings", 1)
	}
	return p.moreMasters(p.i, &like, p.base, p.group.Master)
}

func hasVideo(outs []Output) bool {
	for _, o := range outs {
		if o.Video != nil {
			return true
		}
	}
	return false
}

// cmfc gives the CMFC settings of an output, empty ones where it has none.
func cmfc(o *types.Output) types.CmfcSettings {
	if o.ContainerSettings == nil || o.ContainerSettings.CmfcSettings == nil {
		return types.CmfcSettings{}
	}
	return *o.ContainerSettings.CmfcSettings
}
