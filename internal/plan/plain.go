package plan

import (
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// encodeUncompressed writes pictures as they are. QuickTime files hold them in
// packed form, since players know no other there; the samples are the same.
func encodeUncompressed(a *ask) (*encoding, error) {
	u := a.vd.CodecSettings.UncompressedSettings
	if u == nil {
		u = &types.UncompressedSettings{}
	}
	e, err := a.encoding("rawvideo", timing{
		control: string(u.FramerateControl), num: u.FramerateNumerator, den: u.FramerateDenominator,
		convert: string(u.FramerateConversionAlgorithm), scan: string(u.ScanTypeConversionMode),
		interlace: string(u.InterlaceMode), telecine: string(u.Telecine),
	})
	if err != nil {
		return nil, err
	}
	type form struct {
		planar, packed, codec string
		half                  int64 // bytes of two pixels
	}
	f := map[types.UncompressedFourcc]form{
		types.UncompressedFourccI422: {"yuv422p", "uyvy422", "rawvideo", 4},
		types.UncompressedFourccI444: {"yuv444p", "yuv444p", "v308", 6},
	}[u.Fourcc]
	if f.half == 0 {
		f = form{"yuv420p", "yuv420p", "yuv4", 3}
	}
	e.pixFmt, e.args = f.planar, []string{"-c:v", "rawvideo"}
	switch a.box {
	case types.ContainerTypeY4m:
		e.args = []string{"-c:v", "wrapped_avframe"}
	case types.ContainerTypeMov:
		e.codec, e.pixFmt, e.args = f.codec, f.packed, []string{"-c:v", f.codec}
	case types.ContainerTypeMxf:
		return nil, spool.Failf(spool.CodeIncompatible, "%s: FFmpeg writes no uncompressed video to MXF. Choose the container MOV, Y4M or RAW.", a.at)
	case types.ContainerTypeRaw:
		e.raw = int64(e.geo.width) * int64(e.geo.height) / 2 * f.half
	}
	e.args = append(e.args, colorArgs(a.s, a.vd)...)
	return e, nil
}

// encodeGIF writes an animated GIF. Every picture has a palette of its own: one
// for all would need the whole programme in memory.
func encodeGIF(a *ask) (*encoding, error) {
	g := a.vd.CodecSettings.GifSettings
	if g == nil {
		g = &types.GifSettings{}
	}
	e, err := a.encoding("gif", timing{
		control: string(g.FramerateControl), num: g.FramerateNumerator, den: g.FramerateDenominator,
		convert: string(g.FramerateConversionAlgorithm),
	})
	if err != nil {
		return nil, err
	}
	// The format counts in hundredths of a second, and players show what lasts
	// less than two of them far too slowly.
	const most = 50
	if e.rate.Float() > most {
		a.warn("framerateControl", "The frame rate %s has no effect here: GIF files show at most %d pictures a second.", e.rate, most)
		e.rate = spool.Rational{Num: most, Den: 1}
	}
	e.last = append(e.last, filter{fork: "palettegen=stats_mode=single", text: "paletteuse=new=1:dither=bayer:bayer_scale=3"})
	e.pixFmt = "pal8"
	e.args = []string{"-c:v", "gif", "-loop", "0"}
	return e, nil
}
