package plan

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// hlsGroup plans an HLS group with transport-stream segments.
func (b *builder) hlsGroup(i int, og *types.OutputGroup) error {
	hs := og.OutputGroupSettings.HlsGroupSettings
	bucket, base, err := b.destination(aws.ToString(hs.Destination))
	if err != nil {
		return err
	}
	m := &Master{
		Key:               base + ".m3u8",
		SegmentSeconds:    int(cmp.Or(aws.ToInt32(hs.SegmentLength), 10)),
		MinSegment:        max(float64(aws.ToInt32(hs.MinSegmentLength)), aws.ToFloat64(hs.MinFinalSegmentLength)),
		IntegerDurations:  hs.ManifestDurationFormat == types.HlsManifestDurationFormatInteger,
		SpecTargets:       hs.TargetDurationCompatibilityMode == types.HlsTargetDurationCompatibilityModeSpecCompliant,
		LegacyCodecs:      hs.CodecSpecification != types.HlsCodecSpecificationRfc6381,
		OmitResolution:    hs.StreamInfResolution == types.HlsStreamInfResolutionExclude,
		ForbidClientCache: hs.ClientCache == types.HlsClientCacheDisabled,
		SegmentsOnly:      hs.OutputSelection == types.HlsOutputSelectionSegmentsOnly,
	}
	g := Group{Type: spool.GroupHLS, Bucket: bucket, Master: m}
	for j := range og.Outputs {
		out, err := b.hlsOutput(i, j, &og.Outputs[j], base, m.SegmentSeconds)
		if err != nil {
			return err
		}
		g.Outputs = append(g.Outputs, out)
	}
	b.plan.Groups = append(b.plan.Groups, g)
	return nil
}

func (b *builder) hlsOutput(i, j int, o *types.Output, base string, segment int) (Output, error) {
	enc, sounds, out, err := b.encodes(i, j, o, segment)
	if err != nil {
		return out, err
	}
	names := b.names(enc, sounds, "m3u8")
	name := base + names.expand(aws.ToString(o.NameModifier), inModifier)
	modifier := ""
	if o.OutputSettings != nil && o.OutputSettings.HlsSettings != nil {
		modifier = names.expand(aws.ToString(o.OutputSettings.HlsSettings.SegmentModifier), inSegment)
	}
	out.Kind = KindHLS
	out.Staged = fmt.Sprintf("g%d_o%d.m3u8", i, j)
	out.Key = name + ".m3u8"
	out.SegmentBase, out.SegmentModifier = name, modifier
	out.ContentType = "application/vnd.apple.mpegurl"
	if err := spool.CheckKey(out.SegmentKey(1, b.facts.Started)); err != nil {
		return out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", i, j, err)
	}
	args := b.copyArgs(enc, sounds)
	args = append(args, tsPIDs(o, enc != nil, len(sounds))...)
	args = append(args,
		"-f", "hls", "-hls_time", hlsTime(segment), "-hls_list_size", "0", "-hls_playlist_type", "vod",
		"-hls_segment_type", "mpegts", "-start_number", "1",
		"-hls_segment_filename", Work+"/"+strings.TrimSuffix(out.Staged, ".m3u8")+"_%05d.ts",
		Work+"/"+out.Staged)
	b.packages = append(b.packages, Task{ID: fmt.Sprintf("package_g%d_o%d", i, j), Tool: ToolFFmpeg, Args: args, Duration: out.Duration})
	return out, nil
}

// hlsTime is the segment length for FFmpeg's muxer, half a tick of its 90 kHz
// clock short: a key frame that lies exactly on the boundary may be rounded
// before it.
func hlsTime(seconds int) string { return strconv.FormatFloat(float64(seconds)-0.000006, 'f', 6, 64) }

// tsPIDs gives the program's PIDs: the service's defaults or the job's
// (behaviour.md 5.5).
func tsPIDs(o *types.Output, video bool, sounds int) []string {
	pmt, vid, audio := int32(480), int32(481), []int32(nil)
	if o.ContainerSettings != nil && o.ContainerSettings.M3u8Settings != nil {
		m := o.ContainerSettings.M3u8Settings
		pmt = cmp.Or(aws.ToInt32(m.PmtPid), pmt)
		vid = cmp.Or(aws.ToInt32(m.VideoPid), vid)
		audio = m.AudioPids
	}
	var args []string
	index := 0
	if video {
		args = append(args, "-streamid", fmt.Sprintf("%d:%d", index, vid))
		index++
	}
	taken := map[int32]bool{pmt: true, vid: video}
	next := int32(482)
	for k := range sounds {
		if k < len(audio) {
			taken[audio[k]] = true
		}
	}
	for k := range sounds {
		for taken[next] {
			next++
		}
		pid := next
		if k < len(audio) {
			pid = audio[k]
		}
		taken[pid] = true
		args = append(args, "-streamid", fmt.Sprintf("%d:%d", index+k, pid))
	}
	return append(args, "-hls_segment_options", fmt.Sprintf("mpegts_pmt_start_pid=%d", pmt))
}
