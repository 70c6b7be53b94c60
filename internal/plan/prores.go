package plan

import (
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// encodeProRes maps ProresSettings to FFmpeg's ProRes encoders.
func encodeProRes(a *ask) (*encoding, error) {
	p := a.vd.CodecSettings.ProresSettings
	e, err := a.encoding("prores", timing{
		control: string(p.FramerateControl), num: p.FramerateNumerator, den: p.FramerateDenominator,
		parControl: string(p.ParControl), parNum: p.ParNumerator, parDen: p.ParDenominator,
		convert: string(p.FramerateConversionAlgorithm), scan: string(p.ScanTypeConversionMode),
		interlace: string(p.InterlaceMode), telecine: string(p.Telecine),
	})
	if err != nil {
		return nil, err
	}
	profile := map[types.ProresCodecProfile]string{
		types.ProresCodecProfileAppleProres422Proxy: "0",
		types.ProresCodecProfileAppleProres422Lt:    "1",
		types.ProresCodecProfileAppleProres422Hq:    "3",
		types.ProresCodecProfileAppleProres4444:     "4",
		types.ProresCodecProfileAppleProres4444Xq:   "5",
	}[p.CodecProfile]
	if profile == "" {
		profile = "2" // standard
	}
	e.pixFmt = "yuv422p10le"
	if profile >= "4" && p.ChromaSampling == types.ProresChromaSamplingPreserve444Sampling {
		e.pixFmt = "yuv444p10le"
	}
	e.args = []string{"-c:v", "prores_ks", "-profile:v", profile, "-vendor", "apl0"}
	if a.box == types.ContainerTypeMxf {
		// The one whose profile the MXF muxer understands, and it codes no 4444 XQ
		// and no fields.
		if profile >= "4" || e.fields != "" {
			return nil, spool.Failf(spool.CodeIncompatible, "%s: FFmpeg writes progressive ProRes 422 to MXF only. Choose the container MOV.", a.at)
		}
		e.args = []string{"-c:v", "prores_aw", "-profile:v", profile}
	}
	if e.fields != "" {
		e.flags += "+ildct"
	}
	e.args = append(e.args, colorArgs(a.s, a.vd)...)
	return e, nil
}
