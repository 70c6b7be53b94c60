package plan

import (
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// box is a rectangle of a picture, px from its upper left corner.
type box struct{ x, y, w, h int }

// boxOf reads a rectangle in a picture of w×h. A side that is not given reaches
// to the edge; a rectangle without any member is none.
func boxOf(r *types.Rectangle, w, h int) (box, bool) {
	if r == nil || r.X == nil && r.Y == nil && r.Width == nil && r.Height == nil {
		return box{}, false
	}
	b := box{x: int(aws.ToInt32(r.X)), y: int(aws.ToInt32(r.Y))}
	b.w, b.h = max(0, w-b.x)&^1, max(0, h-b.y)&^1
	if r.Width != nil {
		b.w = int(*r.Width)
	}
	if r.Height != nil {
		b.h = int(*r.Height)
	}
	return b, true
}

// geometry is how a picture becomes the size of an output.
type geometry struct {
	width, height int            // px, of the output
	sar           spool.Rational // of the output
	scaleW        int            // size of the picture inside, px
	scaleH        int
	x, y          int // where it stands
	crop          box // what is shown of the source; zero: all
	fill          bool
	scaling       types.ScalingBehavior
	vd            *types.VideoDescription
	of            *source // which the above is for
}

// cropOf gives what is shown of a source: the input's crop wins over the
// output's (behaviour.md 5.2). An odd line or column is left out of pictures
// that are not scaled.
func cropOf(s *source, vd *types.VideoDescription) (box, error) {
	whole := box{w: s.width, h: s.height}
	c, ok := boxOf(s.input.Crop, s.width, s.height)
	if !ok {
		c, ok = boxOf(vd.Crop, s.width, s.height)
	}
	if !ok {
		return whole, nil
	}
	if c.w < 2 || c.h < 2 || c.x+c.w > s.width || c.y+c.h > s.height {
		return whole, spool.Failf(spool.CodeIncompatible, "Crop rectangle [%d,%d,%d,%d] lies outside input resolution [%dx%d].", c.w, c.h, c.x, c.y, s.width, s.height)
	}
	return c, nil
}

// newGeometry applies crop, position, width, height and scalingBehavior
// (behaviour.md 5.2, 5.3). Proportions are kept in what the viewer sees: pixel
// aspects are counted in.
func newGeometry(s *source, vd *types.VideoDescription, par spool.Rational) (geometry, error) {
	g := geometry{scaling: vd.ScalingBehavior, vd: vd, of: s, sar: par}
	w, h := int(aws.ToInt32(vd.Width)), int(aws.ToInt32(vd.Height))
	if !par.Valid() {
		g.sar = s.sar
	}
	crop, err := cropOf(s, vd)
	if err != nil {
		return g, err
	}
	// ratio of the picture in pixels of the output
	ratio := float64(crop.w) / float64(crop.h) * s.sar.Float() / g.sar.Float()
	g.width, g.height = w, h
	switch {
	case w == 0 && h == 0:
		g.width, g.height = crop.w&^1, crop.h&^1
		if g.sar != s.sar {
			g.width = even(float64(crop.h) * ratio)
		}
		if g.sar == s.sar {
			crop.w, crop.h = g.width, g.height
		}
		// the box is the picture's own: whatever the behaviour, it fits
		if !positioned(s, vd) {
			g.scaling = types.ScalingBehaviorStretchToOutput
		}
	case h == 0:
		g.height = even(float64(w) / ratio)
	case w == 0:
		g.width = even(float64(h) * ratio)
	}
	shrinks := g.scaling == types.ScalingBehaviorFit || g.scaling == types.ScalingBehaviorFitNoUpscale
	g = g.fitted(s, crop)
	if shrinks && !positioned(s, vd) {
		g.width, g.height, g.x, g.y = g.scaleW, g.scaleH, 0, 0
	}
	g.scaling = vd.ScalingBehavior
	return g.check()
}

// positioned tells whether the job says where the picture of a source stands.
func positioned(s *source, vd *types.VideoDescription) bool {
	_, ok := positionOf(s, vd, 2, 2)
	return ok
}

// positionOf gives where in an output of w×h the picture of a source stands: the
// input's position wins over the output's.
func positionOf(s *source, vd *types.VideoDescription, w, h int) (box, bool) {
	if p, ok := boxOf(s.input.Position, w, h); ok {
		return p, true
	}
	return boxOf(vd.Position, w, h)
}

// fitted puts what is shown of a source into the output's size.
func (g geometry) fitted(s *source, crop box) geometry {
	g.of, g.fill = s, false
	g.crop = crop
	if crop == (box{w: s.width, h: s.height}) {
		g.crop = box{}
	}
	if p, ok := positionOf(s, g.vd, g.width, g.height); ok {
		g.scaleW, g.scaleH, g.x, g.y = p.w, p.h, p.x, p.y
		return g
	}
	ratio := float64(crop.w) / float64(crop.h) * s.sar.Float() / g.sar.Float()
	switch g.scaling {
	case types.ScalingBehaviorStretchToOutput:
		g.scaleW, g.scaleH = g.width, g.height
	case types.ScalingBehaviorFill:
		g.fill = true
		g.scaleW, g.scaleH = cover(g.width, g.height, ratio)
	case types.ScalingBehaviorFitNoUpscale:
		g.scaleW, g.scaleH = fit(g.width, g.height, ratio)
		if g.scaleW > crop.w || g.scaleH > crop.h {
			g.scaleW, g.scaleH = fit(min(g.width, crop.w&^1), min(g.height, crop.h&^1), ratio)
		}
	default:
		g.scaleW, g.scaleH = fit(g.width, g.height, ratio)
	}
	// whole even positions
	g.x, g.y = (g.width-g.scaleW)/2&^1, (g.height-g.scaleH)/2&^1
	return g
}

// on gives the geometry for another source: the output keeps its size, and the
// picture is put into it as the scaling behaviour says.
func (g geometry) on(s *source) geometry {
	if s == g.of {
		return g
	}
	crop, err := cropOf(s, g.vd)
	if err != nil {
		crop = box{w: s.width, h: s.height} // fits said so before
	}
	if crop.w == g.width && crop.h == g.height && s.sar == g.sar {
		g.scaling = types.ScalingBehaviorStretchToOutput
	}
	return g.fitted(s, crop)
}

// fits tells whether crops and positions lie where they can, for every source.
func (g geometry) fits(sources []*source) error {
	for _, s := range sources {
		if _, err := cropOf(s, g.vd); err != nil {
			return err
		}
		if p, ok := positionOf(s, g.vd, g.width, g.height); ok && (p.w < 2 || p.h < 2 || p.x+p.w > g.width || p.y+p.h > g.height) {
			return spool.Failf(spool.CodeIncompatible, "Position rectangle [%d,%d,%d,%d] lies outside output resolution [%dx%d] for video_description [1].",
				p.w, p.h, p.x, p.y, g.width, g.height)
		}
	}
	return nil
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
	if c := g.crop; c != (box{}) {
		fs = append(fs, fmt.Sprintf("crop=%d:%d:%d:%d", c.w, c.h, c.x, c.y))
	}
	fs = append(fs, fmt.Sprintf("scale=%d:%d:flags=%s:out_range=%s", g.scaleW, g.scaleH, scaler, rng))
	switch {
	case g.scaleW == g.width && g.scaleH == g.height:
	case g.fill:
		fs = append(fs, fmt.Sprintf("crop=%d:%d", g.width, g.height))
	default:
		fs = append(fs, fmt.Sprintf("pad=%d:%d:%d:%d:black", g.width, g.height, g.x, g.y))
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
