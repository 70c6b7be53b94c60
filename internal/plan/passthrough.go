package plan

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// holds are the codecs that FFmpeg copies into each kind of file.
var holds = map[types.ContainerType][]string{
	types.ContainerTypeMp4:  {"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video"},
	types.ContainerTypeMov:  {"h264", "hevc", "mpeg4", "mpeg2video", "prores", "dnxhd", "mjpeg"},
	types.ContainerTypeM2ts: {"h264", "hevc", "mpeg2video"},
	types.ContainerTypeM3u8: {"h264", "hevc"},
	types.ContainerTypeMpd:  {"h264", "hevc", "av1", "vp9"},
	types.ContainerTypeCmfc: {"h264", "hevc", "av1"},
	types.ContainerTypeIsmv: {"h264"},
	types.ContainerTypeMxf:  {"h264", "mpeg2video", "dnxhd", "prores"},
	types.ContainerTypeWebm: {"vp8", "vp9", "av1"},
}

// encodePassthrough copies the input's video as it is. That takes one input, whole:
// a copy can neither begin between key frames nor be joined to another.
func encodePassthrough(a *ask) (*encoding, error) {
	prog := a.b.prog
	v := a.s.video
	switch {
	case v == nil:
		return nil, spool.Failf(spool.CodeNoVideo, "%s: the input has no video to pass through.", a.at)
	case prog.joined():
		return nil, spool.Failf(spool.CodeIncompatible, "%s: video is passed through of one whole input only. Leave clips and further inputs out, or choose a codec.", a.at)
	case a.box != "" && !slices.Contains(holds[a.box], v.Codec):
		return nil, spool.Failf(spool.CodeIncompatible, "%s: the container %s can't hold the input's video [%s]. Choose another container, or a codec.", a.at, a.box, v.Codec)
	}
	e := &encoding{codec: v.Codec, rate: a.s.rate, scaler: scaler(a.vd), copies: true, args: []string{"-c:v", "copy"}}
	var err error
	if e.geo, err = newGeometry(a.s, &types.VideoDescription{}, spool.Rational{}); err != nil {
		return nil, err
	}
	e.geo.width, e.geo.height = v.Width, v.Height
	if a.s.zero != 0 {
		// the sound begins with the first picture
		e.args = append(e.args, "-bsf:v", "setts=pts=PTS-STARTPTS:dts=DTS-STARTPTS")
	}
	if v.Codec == "hevc" && a.box != types.ContainerTypeM2ts {
		e.args = append(e.args, "-tag:v", "hvc1")
	}
	return e, nil
}
