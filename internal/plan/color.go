package plan

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// colors say how the numbers of a picture are meant, in FFmpeg's names; "" is
// what is not known.
type colors struct {
	matrix, primaries, transfer string
}

const (
	pq  = "smpte2084"
	hlg = "arib-std-b67"
	dci = "smpte428"
)

// colorSpaces are the colour spaces of the API.
var colorSpaces = map[string]colors{
	"REC_601":   {"smpte170m", "smpte170m", "smpte170m"},
	"REC_709":   {"bt709", "bt709", "bt709"},
	"HDR10":     {"bt2020nc", "bt2020", pq},
	"HLG_2020":  {"bt2020nc", "bt2020", hlg},
	"P3DCI":     {"bt709", "smpte431", dci},
	"P3D65_SDR": {"bt709", "smpte432", "bt709"},
	"P3D65_HDR": {"bt2020nc", "smpte432", pq},
}

// spaceNamed gives the colour space that REC_709 or FORCE_709 name.
func spaceNamed(name string) (colors, bool) {
	name = strings.TrimPrefix(name, "FORCE_")
	if name == "601" || name == "709" {
		name = "REC_" + name
	}
	c, ok := colorSpaces[name]
	return c, ok
}

// hdr tells whether the picture has a high dynamic range.
func (c colors) hdr() bool { return c.transfer == pq || c.transfer == hlg }

// known tells whether enough is known of a picture to convert it.
func (c colors) known() bool { return c.matrix != "" && c.primaries != "" && c.transfer != "" }

// colorsOf are those that a track is tagged with.
func colorsOf(v *spool.VideoTrack) colors {
	if v == nil {
		return colors{}
	}
	tag := func(s string) string {
		if s == "unknown" || s == "reserved" {
			return ""
		}
		return s
	}
	return colors{tag(v.ColorSpace), tag(v.Primaries), tag(v.Transfer)}
}

// guessed fills what is not known as players do: by the height of the picture.
func (c colors) guessed(height int) colors {
	def := colors{"bt709", "bt709", "bt709"}
	if height < 720 {
		def = colors{"smpte170m", "smpte170m", "smpte170m"}
	}
	if c.transfer == pq || c.transfer == hlg || c.primaries == "bt2020" {
		def = colors{"bt2020nc", "bt2020", "bt2020-10"}
	}
	return colors{cmp.Or(c.matrix, def.matrix), cmp.Or(c.primaries, def.primaries), cmp.Or(c.transfer, def.transfer)}
}

// retag applies what the job says of an input's colours (behaviour.md 5.2): with
// FORCE, the default, it wins over the file's own tags; with FALLBACK only what
// the file does not say is filled. It gives the filter that tells the others.
func retag(v *spool.VideoTrack, sel *types.VideoSelector) (*spool.VideoTrack, []filter) {
	if sel == nil {
		return v, nil
	}
	c, forced := spaceNamed(string(sel.ColorSpace))
	if was := colorsOf(v); forced && sel.ColorSpaceUsage == types.ColorSpaceUsageFallback {
		c = colors{cmp.Or(was.matrix, c.matrix), cmp.Or(was.primaries, c.primaries), cmp.Or(was.transfer, c.transfer)}
		forced = c != was
	}
	rng := ""
	switch sel.SampleRange {
	case types.InputSampleRangeFullRange:
		rng = "pc"
	case types.InputSampleRangeLimitedRange:
		rng = "tv"
	}
	if !forced && rng == "" {
		return v, nil
	}
	tagged := *v
	var params []string
	if rng != "" {
		tagged.Range = rng
		params = append(params, "range="+rng)
	}
	if forced {
		tagged.ColorSpace, tagged.Primaries, tagged.Transfer = c.matrix, c.primaries, c.transfer
		params = append(params, "colorspace="+c.matrix, "color_primaries="+c.primaries, "color_trc="+c.transfer)
	}
	return &tagged, plain("setparams=" + strings.Join(params, ":"))
}

// corrector gives the colour corrector of an output, empty where it has none.
func corrector(vd *types.VideoDescription) *types.ColorCorrector {
	if vd == nil || vd.VideoPreprocessors == nil || vd.VideoPreprocessors.ColorCorrector == nil {
		return &types.ColorCorrector{}
	}
	return vd.VideoPreprocessors.ColorCorrector
}

// targetColors are those of an output: what the corrector converts to, or those of
// the source that outputs follow.
func targetColors(follow *source, vd *types.VideoDescription) colors {
	if c, ok := spaceNamed(string(corrector(vd).ColorSpaceConversion)); ok {
		return c
	}
	return colorsOf(follow.video)
}

// fullRange tells whether an output keeps the full range of its source: where
// the job says in so many words that the range is not converted.
func fullRange(follow *source, vd *types.VideoDescription) bool {
	return follow.video != nil && follow.video.Range == "pc" && corrector(vd).SampleRangeConversion == types.SampleRangeConversionNone
}

// recolor brings a source's picture to an output's colours and corrects it. It
// comes after scaling.
func (b *builder) recolor(e *encoding, s *source) []filter {
	if s.video == nil || b == nil {
		return nil // black stays black, and what is only measured needs no colours
	}
	cc := corrector(e.vd)
	to := targetColors(b.prog.follow, e.vd)
	asked := cc.ColorSpaceConversion != "" && cc.ColorSpaceConversion != types.ColorSpaceConversionNone
	from := colorsOf(s.video)
	if asked || from.known() && to.known() {
		from = from.guessed(s.height)
	}
	var fs []filter
	switch lut := b.lut(from, to); {
	case from == to || !asked && !(from.known() && to.known()):
	case lut != "":
		fs = plain(lutFilters(lut, from, to, e.ranged())...)
	default:
		fs = plain(conversion(from, to, e.ranged(), cc)...)
	}
	return append(fs, plain(correction(cc, e.pixFmt)...)...)
}

// ranged tells whether the output's numbers have the full range.
func (e *encoding) ranged() bool { return e.full || e.keepFull }

// conversion writes the filters that turn one colour space into another. Where
// high dynamic range becomes standard range the tone mapper does its work.
func conversion(from, to colors, full bool, cc *types.ColorCorrector) []string {
	white := int32(100)
	if cc.SdrReferenceWhiteLevel != nil {
		white = *cc.SdrReferenceWhiteLevel
	}
	in := fmt.Sprintf("min=%s:pin=%s:rin=%s", zimgMatrix(from.matrix), zimgPrimaries(from.primaries), zimgRange(full))
	out := fmt.Sprintf("m=%s:p=%s:r=%s", zimgMatrix(to.matrix), zimgPrimaries(to.primaries), zimgRange(full))
	const light = "gbrpf32le"
	var fs []string
	if from.transfer == dci {
		// zscale has no DCI curve: its light is made by hand
		fs = append(fs, fmt.Sprintf("zscale=%s:tin=bt709:m=gbr:p=%s:t=bt709:r=full,format=gbrp16le", in, from.primaries), dciCurve(true))
		in = fmt.Sprintf("min=gbr:pin=%s:rin=full", from.primaries)
		from.transfer = "linear"
	}
	in += ":tin=" + zimgTransfer(from.transfer)
	switch {
	case from.hdr() && !to.hdr():
		peak := float64(1000)
		if cc.MaxLuminance != nil && *cc.MaxLuminance > 0 {
			peak = float64(*cc.MaxLuminance)
		} else if m := cc.Hdr10Metadata; m != nil && aws.ToInt32(m.MaxLuminance) > 0 {
			peak = float64(*m.MaxLuminance) / 10000
		}
		mapper := "hable:desat=0"
		if cc.HdrToSdrToneMapper == types.HDRToSDRToneMapperVibrant {
			mapper = "mobius:desat=0"
		}
		fs = append(fs,
			fmt.Sprintf("zscale=%s:t=linear:npl=%d", in, white), "format="+light,
			"zscale=p="+zimgPrimaries(to.primaries),
			fmt.Sprintf("tonemap=tonemap=%s:peak=%.3f", mapper, max(1, peak/float64(white))))
		in = fmt.Sprintf("min=gbr:pin=%s:tin=linear:rin=full", zimgPrimaries(to.primaries))
	case from.hdr() != to.hdr():
		in += fmt.Sprintf(":npl=%d", white)
	}
	if to.transfer == dci {
		return append(fs,
			fmt.Sprintf("zscale=%s:m=gbr:p=%s:t=linear:r=full,format=gbrp16le", in, to.primaries), dciCurve(false),
			fmt.Sprintf("zscale=min=gbr:pin=%s:tin=bt709:rin=full:t=bt709:%s", to.primaries, out))
	}
	return append(fs, fmt.Sprintf("zscale=%s:%s:t=%s", in, out, zimgTransfer(to.transfer)))
}

// dciCurve is the transfer of SMPTE 428-1 on 16-bit RGB, or its inverse.
func dciCurve(inverse bool) string {
	curve := "65535*pow(val/65535*48/52.37,1/2.6)"
	if inverse {
		curve = "65535*52.37/48*pow(val/65535,2.6)"
	}
	return fmt.Sprintf("lutrgb=r='clip(%[1]s,0,65535)':g='clip(%[1]s,0,65535)':b='clip(%[1]s,0,65535)'", curve)
}

// The names that zscale and scale have for what FFmpeg calls otherwise.
func zimgMatrix(m string) string {
	switch m {
	case "bt709", "fcc", "bt470bg", "smpte170m", "ycgco", "bt2020nc", "bt2020c", "ictcp", "gbr":
		return m
	default:
		return "bt709"
	}
}

func zimgPrimaries(p string) string {
	switch p {
	case "bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020", "smpte428", "smpte431", "smpte432", "ebu3213":
		return p
	default:
		return "bt709"
	}
}

func zimgTransfer(t string) string {
	switch t {
	case "bt709", "bt470m", "bt470bg", "smpte170m", "linear", "log100", "log316", "bt2020-10", "bt2020-12", pq, "iec61966-2-4", "iec61966-2-1", hlg:
		return t
	case "gamma22":
		return "bt470m"
	case "gamma28":
		return "bt470bg"
	default:
		return "bt709"
	}
}

func zimgRange(full bool) string {
	if full {
		return "full"
	}
	return "limited"
}

func swsMatrix(m string) string {
	switch m {
	case "smpte170m", "bt470bg":
		return "bt601"
	case "bt2020nc", "bt2020c":
		return "bt2020"
	case "smpte240m", "fcc":
		return m
	default:
		return "bt709"
	}
}

// correction writes brightness, contrast, saturation and hue, for which 50, 50,
// 50 and 0 change nothing, and the limits that the numbers keep. Everything is
// done on the picture's own depth.
func correction(cc *types.ColorCorrector, pixFmt string) []string {
	value := func(n *int32) float64 {
		if n == nil {
			return 50
		}
		return float64(*n)
	}
	var fs []string
	bright, contrast, saturation := value(cc.Brightness), value(cc.Contrast), value(cc.Saturation)
	if bright != 50 || contrast != 50 || saturation != 50 {
		fs = append(fs, "format="+pixFmt, fmt.Sprintf(
			"lutyuv=y='clip((val-(minval+maxval)/2)*%.3f+(minval+maxval)/2+%.3f*(maxval-minval),minval,maxval)':u='clip((val-(minval+maxval)/2)*%.3f+(minval+maxval)/2,minval,maxval)':v='clip((val-(minval+maxval)/2)*%.3f+(minval+maxval)/2,minval,maxval)'",
			contrast/50, (bright-50)/100, saturation/50, saturation/50))
	}
	if cc.Hue != nil && *cc.Hue != 0 {
		fs = append(fs, fmt.Sprintf("hue=h=%d", *cc.Hue))
	}
	depth := 8
	if strings.Contains(pixFmt, "10") {
		depth = 10
	}
	if cc.SampleRangeConversion == types.SampleRangeConversionLimitedRangeClip {
		fs = append(fs, fmt.Sprintf("limiter=min=%d:max=%d:planes=1", 16<<(depth-8), 235<<(depth-8)), fmt.Sprintf("limiter=min=%d:max=%d:planes=6", 16<<(depth-8), 240<<(depth-8)))
	}
	return append(fs, clipLimits(cc.ClipLimits, pixFmt, depth)...)
}

// clipLimits keeps luma and chroma between limits given in 10 bits, and red,
// green and blue between limits given in percent.
func clipLimits(c *types.ClipLimits, pixFmt string, depth int) []string {
	if c == nil {
		return nil
	}
	var fs []string
	if least, most := percent(c.MinimumRGBTolerance, 0), percent(c.MaximumRGBTolerance, 100); least > 0 || most < 100 {
		fs = append(fs, "format=gbrp10le", fmt.Sprintf("limiter=min=%d:max=%d:planes=7", least*1023/100, most*1023/100), "format="+pixFmt)
	}
	if c.MinimumYUV != nil || c.MaximumYUV != nil {
		least, most := percent(c.MinimumYUV, 0), percent(c.MaximumYUV, 1023)
		fs = append(fs, fmt.Sprintf("limiter=min=%d:max=%d:planes=7", least>>(10-depth), most>>(10-depth)))
	}
	return fs
}

func percent(n *int32, none int) int {
	if n == nil {
		return none
	}
	return max(0, int(*n))
}
