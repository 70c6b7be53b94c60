package plan

import (
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// geometry is how a picture becomes the size of an output.
type geometry struct {
	width, height int            // px, of the output
	sar           spool.Rational // of the output
	scaleW        int            // size of the picture inside, px
	scaleH        int
	cropOnly      bool // the picture only loses an odd line or column
	fill          bool // cover the output and cut what overhangs
	scaling       types.ScalingBehavior
	of            *source // which the above is for
}

// newGeometry applies width, height and scalingBehavior (behaviour.md 5.3).
// Proportions are kept in what the viewer sees: pixel aspects are counted in.
func newGeometry(s *source, vd *types.VideoDescription, par spool.Rational) (geometry, error) {
	w, h := int(aws.ToInt32(vd.Width)), int(aws.ToInt32(vd.Height))
	if !par.Valid() {
		par = s.sar
	}
	// ratio of the picture in pixels of the output
	ratio := float64(s.width) / float64(s.height) * s.sar.Float() / par.Float()
	g := geometry{sar: par, scaling: vd.ScalingBehavior, of: s}
	samePAR := par == s.sar
	switch {
	case w == 0 && h == 0:
		if samePAR {
			g.width, g.height = s.width&^1, s.height&^1
			g.cropOnly = g.width != s.width || g.height != s.height
		} else {
			g.height = s.height &^ 1
			g.width = even(float64(s.height) * ratio)
		}
		g.scaleW, g.scaleH = g.width, g.height
		return g.check()
	case h == 0:
		h = even(float64(w) / ratio)
	case w == 0:
		w = even(float64(h) * ratio)
	}
	g.width, g.height = w, h
	switch vd.ScalingBehavior {
	case types.ScalingBehaviorStretchToOutput:
		g.scaleW, g.scaleH = w, h
	case types.ScalingBehaviorFill:
		g.fill = true
		g.scaleW, g.scaleH = cover(w, h, ratio)
	case types.ScalingBehaviorFit:
		g.scaleW, g.scaleH = fit(w, h, ratio)
		g.width, g.height = g.scaleW, g.scaleH
	case types.ScalingBehaviorFitNoUpscale:
		g.scaleW, g.scaleH = fit(w, h, ratio)
		if g.scaleW > s.width || g.scaleH > s.height {
			g.scaleW, g.scaleH = fit(s.width&^1, s.height&^1, ratio)
		}
		g.width, g.height = g.scaleW, g.scaleH
	default:
		g.scaleW, g.scaleH = fit(w, h, ratio)
	}
	return g.check()
}

// on gives the geometry for another source: the output keeps its size, and the
// picture is put into it as the scaling behaviour says.
func (g geometry) on(s *source) geometry {
	if s == g.of || s.width == g.of.width && s.height == g.of.height && s.sar == g.of.sar {
		return g
	}
	ratio := float64(s.width) / float64(s.height) * s.sar.Float() / g.sar.Float()
	g.cropOnly, g.fill, g.of = false, false, s
	switch g.scaling {
	case types.ScalingBehaviorStretchToOutput:
		g.scaleW, g.scaleH = g.width, g.height
	case types.ScalingBehaviorFill:
		g.fill = true
		g.scaleW, g.scaleH = cover(g.width, g.height, ratio)
	case types.ScalingBehaviorFitNoUpscale:
		g.scaleW, g.scaleH = fit(min(g.width, even(float64(s.width))), min(g.height, even(float64(s.height))), ratio)
	default:
		g.scaleW, g.scaleH = fit(g.width, g.height, ratio)
	}
	return g
}

func (g geometry) check() (geometry, error) {
	if g.width < 2 || g.height < 2 || g.scaleW < 2 || g.scaleH < 2 {
		return g, spool.Failf(spool.CodeIncompatible, "Invalid resolution [%d x %d]. The picture would vanish.", g.width, g.height)
	}
	return g, nil
}

// even rounds to the nearest even number, at least 2 (behaviour.md 5.3).
func even(f float64) int { return max(2, 2*int(math.Round(f/2))) }

// fit gives the largest even size of a ratio inside w×h. A side within a pixel
// pair of the box takes the box's: no hairline bars.
func fit(w, h int, ratio float64) (int, int) {
	if fw := float64(h) * ratio; fw <= float64(w)+1 {
		return min(w, even(fw)), h
	}
	return w, min(h, even(float64(w)/ratio))
}

// cover gives the smallest even size of a ratio that covers w×h.
func cover(w, h int, ratio float64) (int, int) {
	if fw := float64(h) * ratio; fw >= float64(w) {
		return max(w, even(fw)), h
	}
	return w, max(h, even(float64(w)/ratio))
}

// filters writes the geometry as FFmpeg filters. Full-range sources become
// limited range unless full is set (JPEG).
func (g geometry) filters(scaler string, full bool) []string {
	rng := "tv"
	if full {
		rng = "pc"
	}
	var fs []string
	if g.cropOnly {
		fs = append(fs, fmt.Sprintf("crop=%d:%d:0:0", g.width, g.height))
	}
	fs = append(fs, fmt.Sprintf("scale=%d:%d:flags=%s:out_range=%s", g.scaleW, g.scaleH, scaler, rng))
	if g.fill && (g.scaleW != g.width || g.scaleH != g.height) {
		fs = append(fs, fmt.Sprintf("crop=%d:%d", g.width, g.height))
	}
	if !g.fill && (g.scaleW != g.width || g.scaleH != g.height) {
		// pad's default offsets are whole even positions only when rounded here
		x, y := (g.width-g.scaleW)/2&^1, (g.height-g.scaleH)/2&^1
		fs = append(fs, fmt.Sprintf("pad=%d:%d:%d:%d:black", g.width, g.height, x, y))
	}
	return append(fs, fmt.Sprintf("setsar=%d/%d", g.sar.Num, g.sar.Den))
}

// scaler maps sharpness 0..100 to a kernel: softer to sharper (behaviour.md 5.3).
func scaler(vd *types.VideoDescription) string {
	sharp := int32(50)
	if vd.Sharpness != nil {
		sharp = *vd.Sharpness
	}
	switch {
	case sharp <= 30:
		return "bilinear"
	case sharp > 80:
		return "lanczos"
	default:
		return "bicubic"
	}
}
