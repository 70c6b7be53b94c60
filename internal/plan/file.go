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

// container is how FFmpeg writes a kind of file.
type container struct {
	format, extension, contentType string
}

func containerOf(c types.ContainerType) (container, bool) {
	k, ok := map[types.ContainerType]container{
		types.ContainerTypeMp4:  {"mp4", "mp4", "video/mp4"},
		types.ContainerTypeMov:  {"mov", "mov", "video/quicktime"},
		types.ContainerTypeM2ts: {"mpegts", "m2ts", "video/mp2t"},
		types.ContainerTypeOgg:  {"ogg", "ogg", "audio/ogg"},
	}[c]
	return k, ok
}

// fileOutput plans one media file.
func (b *builder) fileOutput(i, j int, o *types.Output, base string) (Output, error) {
	kind, ok := containerOf(o.ContainerSettings.Container)
	var own []string
	if o.ContainerSettings.Container == types.ContainerTypeRaw && len(o.AudioDescriptions) == 1 {
		kind, own, ok = soundFile(o.AudioDescriptions[0].CodecSettings)
	}
	if !ok {
		return Output{}, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d/containerSettings/container: %s is not built yet.", i, j, o.ContainerSettings.Container)
	}
	enc, sounds, out, err := b.encodes(i, j, o, 0)
	if err != nil {
		return out, err
	}
	ext := cmp.Or(aws.ToString(o.Extension), kind.extension)
	names := b.names(enc, sounds, ext)
	out.Kind = KindFile
	out.Staged = fmt.Sprintf("g%d_o%d.%s", i, j, kind.extension)
	out.Key = base + names.expand(aws.ToString(o.NameModifier), inModifier) + "." + ext
	out.ContentType = kind.contentType
	if enc == nil && strings.HasPrefix(kind.contentType, "video/mp4") {
		out.ContentType = "audio/mp4"
	}
	if err := spool.CheckKey(out.Key); err != nil {
		return out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", i, j, err)
	}
	b.outputs = append(b.outputs, b.streamArgs(enc, sounds)...)
	b.outputs = append(b.outputs, own...)
	switch kind.format {
	case "mpegts":
		b.outputs = append(b.outputs, newTransport(o, enc, sounds).file(o.ContainerSettings.M2tsSettings)...)
	case "mp4", "mov":
		if enc != nil {
			b.outputs = append(b.outputs, "-video_track_timescale", timescale(enc.rate))
		}
		mp4 := o.ContainerSettings.Mp4Settings
		if mp4 == nil || mp4.MoovPlacement != types.Mp4MoovPlacementNormal {
			b.outputs = append(b.outputs, "-movflags", "+faststart")
		}
	}
	b.outputs = append(b.outputs, "-f", kind.format, Work+"/"+out.Staged)
	return out, nil
}

// timescale gives ticks per second in which every frame of a rate is whole.
func timescale(r spool.Rational) string {
	n := r.Num
	for n < 10000 {
		n *= 10
	}
	return strconv.FormatInt(n, 10)
}

func (b *builder) fileGroup(i int, og *types.OutputGroup) error {
	bucket, base, err := b.destination(aws.ToString(og.OutputGroupSettings.FileGroupSettings.Destination))
	if err != nil {
		return err
	}
	g := Group{Type: spool.GroupFile, Bucket: bucket}
	for j := range og.Outputs {
		o := &og.Outputs[j]
		var out Output
		switch {
		case isCapture(o):
			out, err = b.captureOutput(i, j, o, base)
		case isSidecar(o):
			out, err = b.sidecarOutput(i, j, o, base)
		default:
			out, err = b.fileOutput(i, j, o, base)
		}
		if err != nil {
			return err
		}
		g.Outputs = append(g.Outputs, out)
	}
	b.plan.Groups = append(b.plan.Groups, g)
	return nil
}

func isCapture(o *types.Output) bool {
	return o.VideoDescription != nil && o.VideoDescription.CodecSettings != nil &&
		o.VideoDescription.CodecSettings.Codec == types.VideoCodecFrameCapture
}

func (b *builder) captureOutput(i, j int, o *types.Output, base string) (Output, error) {
	e, c, err := captureOf(b.prog, o.VideoDescription)
	if err != nil {
		return Output{}, err
	}
	if err := b.picture(e, o.VideoDescription, fmt.Sprintf("/outputGroups/%d/outputs/%d/videoDescription", i, j)); err != nil {
		return Output{}, err
	}
	ext := cmp.Or(aws.ToString(o.Extension), "jpg")
	names := ids{
		file: spool.BaseName(b.first().uri), started: b.facts.Started, width: e.geo.width, height: e.geo.height,
		fps: e.rate.Float(), extension: ext,
	}
	out := Output{
		Kind: KindCapture, Staged: fmt.Sprintf("g%d_o%d_%%07d.jpg", i, j),
		Key:         base + names.expand(aws.ToString(o.NameModifier), inModifier) + ".%07d." + ext,
		ContentType: "image/jpeg", Capture: c, Duration: b.prog.duration,
		Video: &Video{Codec: e.codec, Width: e.geo.width, Height: e.geo.height, FrameRate: e.rate, Frames: c.Count},
	}
	if err := spool.CheckKey(out.Key); err != nil {
		return Output{}, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", i, j, err)
	}
	label := b.graph.capture(e, c)
	b.outputs = append(b.outputs, "-map", label)
	b.outputs = append(b.outputs, e.args...)
	b.outputs = append(b.outputs, "-fps_mode", "passthrough", "-an", "-sn", "-dn", "-f", "image2",
		"-start_number", "0", Work+"/"+out.Staged)
	b.count(out.Video)
	return out, nil
}
