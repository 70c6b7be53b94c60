package plan

import (
	"cmp"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/dash"
	"spool/internal/spool"
)

// dashGroup plans a DASH ISO group.
func (b *builder) dashGroup(i int, og *types.OutputGroup) error {
	ds := og.OutputGroupSettings.DashIsoGroupSettings
	bucket, base, err := b.destination(aws.ToString(ds.Destination))
	if err != nil {
		return err
	}
	p := &packing{
		builder: b, i: i, base: base, object: "dashIsoGroupSettings", trick: aws.ToString(ds.DashIFrameTrickPlayNameModifier),
		single:   ds.SegmentControl == types.DashIsoSegmentControlSingleFile,
		segment:  int(cmp.Or(aws.ToInt32(ds.SegmentLength), 30)),
		fragment: int(cmp.Or(aws.ToInt32(ds.FragmentLength), 2)),
		signed:   ds.VideoCompositionOffsets == types.DashIsoVideoCompositionOffsetsSigned,
		cmaf:     len(og.Outputs) > 0 && og.Outputs[0].ContainerSettings != nil && og.Outputs[0].ContainerSettings.Container == types.ContainerTypeCmfc,
	}
	d := &Dash{
		Key:           base + ".mpd",
		Profiles:      []dash.Profile{dash.Main},
		Style:         dash.Style(cmp.Or(string(ds.DashManifestStyle), string(dash.Basic))),
		Timeline:      ds.WriteSegmentTimelineInRepresentation == types.DashIsoWriteSegmentTimelineInRepresentationEnabled || ds.DashManifestStyle != "",
		MinBuffer:     time.Duration(aws.ToInt32(ds.MinBufferTime)) * time.Millisecond,
		BaseURL:       aws.ToString(ds.BaseUrl),
		MaxBandwidth:  ds.MpdManifestBandwidthType == types.DashIsoMpdManifestBandwidthTypeMax,
		DolbyChannels: ds.AudioChannelConfigSchemeIdUri == types.DashIsoGroupAudioChannelConfigSchemeIdUriDolbyChannelConfiguration,
	}
	if ds.MpdProfile == types.DashIsoMpdProfileOnDemandProfile {
		d.Profiles[0] = dash.OnDemand
	}
	if ds.HbbtvCompliance == types.DashIsoHbbtvComplianceHbbtv15 {
		d.Profiles = append(d.Profiles, dash.HbbTV)
	}
	d.MinBuffer = cmp.Or(d.MinBuffer, time.Duration(p.segment)*time.Second)
	p.group = Group{Type: spool.GroupDASH, Bucket: bucket, Dash: d, Pack: &Pack{
		Manifest:   fmt.Sprintf("g%d.mpd", i),
		Single:     p.single,
		Segment:    time.Duration(p.segment) * time.Second,
		MinSegment: time.Duration(aws.ToFloat64(ds.MinFinalSegmentLength) * float64(time.Second)),
	}}
	if err := p.grid(string(ds.SegmentLengthControl), og); err != nil {
		return err
	}
	if err := p.outputs(og); err != nil {
		return err
	}
	var more []types.HlsAdditionalManifest
	for _, a := range ds.AdditionalManifests {
		more = append(more, types.HlsAdditionalManifest{ManifestNameModifier: a.ManifestNameModifier, SelectedOutputs: a.SelectedOutputs})
	}
	if err := p.moreDash(og, more); err != nil {
		return err
	}
	b.plan.Groups = append(b.plan.Groups, p.group)
	return nil
}
