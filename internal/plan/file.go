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

// containerOf gives how the file of an output is written (behaviour.md 4.2, 5.5).
func containerOf(o *types.Output) (container, bool) {
	if o.ContainerSettings.Container == types.ContainerTypeRaw {
		return rawOf(o)
	}
	if mxf := o.ContainerSettings.MxfSettings; mxf != nil && mxf.Profile == types.MxfProfileD10 && o.ContainerSettings.Container == types.ContainerTypeMxf {
		return container{"mxf_d10", "mxf", "application/mxf"}, true
	}
	k, ok := map[types.ContainerType]container{
		types.ContainerTypeMp4:  {"mp4", "mp4", "video/mp4"},
		types.ContainerTypeMov:  {"mov", "mov", "video/quicktime"},
		types.ContainerTypeM2ts: {"mpegts", "m2ts", "video/mp2t"},
		types.ContainerTypeMxf:  {"mxf", "mxf", "application/mxf"},
		types.ContainerTypeWebm: {"webm", "webm", "video/webm"},
		types.ContainerTypeF4v:  {"f4v", "f4v", "video/mp4"},
		types.ContainerTypeOgg:  {"ogg", "ogg", "audio/ogg"},
		types.ContainerTypeGif:  {"gif", "gif", "image/gif"},
		types.ContainerTypeY4m:  {"yuv4mpegpipe", "y4m", "video/x-yuv4mpeg"},
	}[o.ContainerSettings.Container]
	return k, ok
}

// rawOf gives how a stream is written that has no container.
func rawOf(o *types.Output) (container, bool) {
	if o.VideoDescription == nil || o.VideoDescription.CodecSettings == nil {
		return container{}, false
	}
	k, ok := map[types.VideoCodec]container{
		types.VideoCodecH264:         {"h264", "h264", "video/h264"},
		types.VideoCodecAvcIntra:     {"h264", "h264", "video/h264"},
		types.VideoCodecXavc:         {"h264", "h264", "video/h264"},
		types.VideoCodecH265:         {"hevc", "h265", "video/h265"},
		types.VideoCodecAv1:          {"obu", "obu", "video/av1"},
		types.VideoCodecMpeg2:        {"mpeg2video", "m2v", "video/mpeg"},
		types.VideoCodecVc3:          {"dnxhd", "dnxhd", "application/octet-stream"},
		types.VideoCodecUncompressed: {"rawvideo", "yuv", "application/octet-stream"},
	}[o.VideoDescription.CodecSettings.Codec]
	return k, ok
}

// unwritable says why FFmpeg can't write a codec to a container that the service
// pairs it with; "" where it can.
func unwritable(box types.ContainerType, codec types.VideoCodec) string {
	switch {
	case box == types.ContainerTypeMxf && codec == types.VideoCodecH265:
		return "FFmpeg writes no H.265 to MXF. Choose the container MOV or MP4."
	case box == types.ContainerTypeF4v && codec == types.VideoCodecMpeg2:
		return "FFmpeg writes no MPEG-2 to F4V. Choose the codec H_264, or the container MOV or M2TS."
	case box == types.ContainerTypeRaw && codec == types.VideoCodecProres:
		return "there is no bare form of ProRes. Choose the container MOV."
	}
	return ""
}

// fileOutput plans one media file.
func (b *builder) fileOutput(i, j int, o *types.Output, base string) (Output, error) {
	kind, ok := containerOf(o)
	var own []string
	if o.ContainerSettings.Container == types.ContainerTypeRaw && o.VideoDescription == nil && len(o.AudioDescriptions) == 1 {
		kind, own, ok = soundFile(o.AudioDescriptions[0].CodecSettings)
		copies := o.AudioDescriptions[0].CodecSettings.Codec == types.AudioCodecPassthrough
		ok = ok || copies // which kind, only the source tells
	}
	if !ok {
		return Output{}, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d/containerSettings/container: FFmpeg writes no %s of this output.", i, j, o.ContainerSettings.Container)
	}
	if o.ContainerSettings.Container == types.ContainerTypeMxf && o.VideoDescription == nil {
		return Output{}, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: MXF files need video; write audio alone as RAW, MP4 or M2TS.", i, j)
	}
	enc, sounds, out, err := b.encodes(i, j, o, 0)
	if err != nil {
		return out, err
	}
	if kind.format == "" {
		if kind, ok = bareSound(sounds[0].expect.Codec); !ok {
			return out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: the audio codec [%s] can't be passed through into a RAW file.", i, j, sounds[0].expect.Codec)
		}
	}
	ext := cmp.Or(aws.ToString(o.Extension), kind.extension)
	names := b.names(enc, sounds, ext)
	out.Kind = KindFile
	out.Staged = fmt.Sprintf("g%d_o%d.%s", i, j, kind.extension)
	out.Key = base + names.expand(aws.ToString(o.NameModifier), inModifier) + "." + ext
	out.ContentType = kind.contentType
	if enc == nil && (kind.format == "mp4" || kind.format == "webm") {
		out.ContentType = "audio/" + kind.format
	}
	if err := spool.CheckKey(out.Key); err != nil {
		return out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", i, j, err)
	}
	b.outputs = append(b.outputs, b.streamArgs(enc, sounds)...)
	b.outputs = append(b.outputs, own...)
	switch kind.format {
	case "mpegts":
		b.outputs = append(b.outputs, newTransport(o, enc, sounds).file(o.ContainerSettings.M2tsSettings)...)
	}
	b.outputs = append(b.outputs, b.timecodeTrack(kind, enc)...)
	b.outputs = append(b.outputs, muxArgs(o, kind, enc)...)
	b.outputs = append(b.outputs, "-f", kind.format, Work+"/"+out.Staged)
	return out, nil
}

// muxArgs are the arguments of a file's muxer.
func muxArgs(o *types.Output, kind container, enc *encoding) []string {
	var args []string
	switch kind.format {
	case "mp4", "mov", "f4v":
		if enc != nil && !enc.copies {
			args = append(args, "-video_track_timescale", timescale(enc.rate))
		}
		flags := ""
		if !moovLast(o.ContainerSettings) {
			flags += "+faststart"
		}
		mp4 := o.ContainerSettings.Mp4Settings
		if mp4 != nil && aws.ToInt32(mp4.CttsVersion) == 1 {
			flags += "+negative_cts_offsets"
		}
		mov := o.ContainerSettings.MovSettings
		if enc != nil && enc.codec == "mpeg2video" && (mov == nil || mov.Mpeg2FourCCControl != types.MovMpeg2FourCCControlXdcam) {
			args = append(args, "-tag:v", "m2v1")
		}
		if flags != "" {
			args = append(args, "-movflags", flags)
		}
		if mp4 != nil && majorBrand(aws.ToString(mp4.Mp4MajorBrand)) {
			args = append(args, "-brand", *mp4.Mp4MajorBrand)
		}
	}
	return args
}

// moovLast tells whether the index of a file comes after what it indexes.
func moovLast(c *types.ContainerSettings) bool {
	return c.Mp4Settings != nil && c.Mp4Settings.MoovPlacement == types.Mp4MoovPlacementNormal ||
		c.F4vSettings != nil && c.F4vSettings.MoovPlacement == types.F4vMoovPlacementNormal
}

// majorBrand tells whether a text can be the major brand of a file: four
// letters, digits or spaces, not all spaces.
func majorBrand(s string) bool {
	if len(s) != 4 || strings.TrimSpace(s) == "" {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != ' ' {
			return false
		}
	}
	return true
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
