package plan

import (
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"

	"spool/internal/spool"
)

// timing is what the settings of all codecs have in common: frame rate, shape of
// pixels, and interlacing (behaviour.md 5.4). Values are the API's; "" where a
// codec has no such setting.
type timing struct {
	control             string // framerateControl
	num, den            *int32
	parControl          string
	parNum, parDen      *int32
	convert             string // framerateConversionAlgorithm
	interlace, telecine string
	scan                string // scanTypeConversionMode
}

// encoding begins an encoding of a codec: its rate and shape.
func (a *ask) encoding(codec string, k timing) (*encoding, error) {
	e := &encoding{codec: codec, scaler: scaler(a.vd)}
	e.rate = outputRate(a.s, k.control, k.num, k.den)
	var err error
	if e.geo, err = newGeometry(a.s, a.vd, pixelAspect(k.parControl, k.parNum, k.parDen)); err != nil {
		return nil, err
	}
	a.convert(e, k)
	a.interlace(e, k)
	return e, nil
}

// convert chooses how pictures are made for a frame rate that is not the source's.
func (a *ask) convert(e *encoding, k timing) {
	if off := math.Abs(e.rate.Float()/a.s.rate.Float() - 1); off < 1e-6 {
		return
	}
	switch k.convert {
	case "INTERPOLATE": // blends the two nearest pictures
		e.convert = "framerate=fps=" + e.rate.String() + ":interp_start=0:interp_end=255:scene=8"
	case "FRAMEFORMER": // moves parts of pictures along their motion
		e.convert = "minterpolate=fps=" + e.rate.String() + ":mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1"
	}
}

// interlace makes the output interlaced, if it should be. Both fields are of one
// picture, as with basic interlacing; of two where the source has so many: its
// own fields, or twice the output's pictures and INTERLACED_OPTIMIZE.
func (a *ask) interlace(e *encoding, k timing) {
	if k.telecine != "" && k.telecine != "NONE" {
		a.pulldown(e, k)
	}
	e.fields = fieldOrder(a.s, k.interlace)
	if e.fields == "" || e.drawn.Valid() {
		return
	}
	moving := a.s.rate.Float() // moments that the source shows in a second
	if a.s.interlaced() {
		moving *= 2
	}
	twice := spool.Rational{Num: 2 * e.rate.Num, Den: e.rate.Den}.Reduced()
	if math.Abs(moving/twice.Float()-1) < 0.01 && (a.s.interlaced() || k.scan == "INTERLACED_OPTIMIZE") {
		e.drawn = twice
		e.convert = ""
		e.moving = true
		lowpass := "linear" // a line's width of detail would flicker
		if a.s.interlaced() {
			lowpass = "off" // as it is in the source's own lines
		}
		e.last = append(e.last, filter{text: "interlace=scan=" + e.fields + ":lowpass=" + lowpass})
	}
	e.last = append(e.last, filter{text: "setfield=" + e.fields})
}

// fieldOrder gives the order of the output's fields, "" of progressive ones.
func fieldOrder(s *source, mode string) string {
	source := ""
	if s.interlaced() {
		source = map[string]string{"tt": "tff", "tb": "tff", "bb": "bff", "bt": "bff"}[s.video.FieldOrder]
	}
	switch mode {
	case "TOP_FIELD", "INTERLACED":
		return "tff"
	case "BOTTOM_FIELD":
		return "bff"
	case "FOLLOW_TOP_FIELD":
		if source == "" {
			return "tff"
		}
		return source
	case "FOLLOW_BOTTOM_FIELD":
		if source == "" {
			return "bff"
		}
		return source
	default:
		return ""
	}
}

// pulldown makes 29.97 interlaced pictures of 23.976 whole ones: 3:2 pulldown.
func (a *ask) pulldown(e *encoding, k timing) {
	film := a.s.rate.Float()
	fits := math.Abs(film-24) < 0.1 && math.Abs(e.rate.Float()-30000.0/1001) < 0.001
	switch {
	case k.telecine != "HARD": // no encoder writes pulldown flags; the table says so
	case !fits || fieldOrder(a.s, k.interlace) == "":
		a.warn("telecine", "telecine HARD has no effect here: it makes interlaced pictures at 30000/1001 out of 24000/1001 or 24 a second.")
	default:
		first := map[string]string{"tff": "top", "bff": "bottom"}[fieldOrder(a.s, k.interlace)]
		e.drawn = spool.Rational{Num: 24000, Den: 1001}
		e.convert = ""
		e.last = append(e.last, plain("telecine=first_field="+first+":pattern=23", "setfield="+fieldOrder(a.s, k.interlace))...)
	}
}

// outputRate applies framerateControl (behaviour.md 5.4).
func outputRate(s *source, control string, num, den *int32) spool.Rational {
	r := spool.Rational{Num: int64(aws.ToInt32(num)), Den: int64(aws.ToInt32(den))}
	if control == "SPECIFIED" && r.Valid() {
		return r.Reduced()
	}
	return s.rate
}

// pixelAspect applies parControl; the zero value follows the source.
func pixelAspect(control string, num, den *int32) spool.Rational {
	r := spool.Rational{Num: int64(aws.ToInt32(num)), Den: int64(aws.ToInt32(den))}
	if control == "SPECIFIED" && r.Valid() {
		return r.Reduced()
	}
	return spool.Rational{}
}
