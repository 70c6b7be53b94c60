package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// videoOverlays lays other videos upon the picture of a part: pictures in
// pictures, on the input's timeline (behaviour.md 5.2).
func (b *builder) videoOverlays(p *part, c canvas, at string) ([]filter, error) {
	var fs []filter
	for i := range p.src.input.VideoOverlays {
		f, err := b.videoOverlay(&p.src.input.VideoOverlays[i], p, c, fmt.Sprintf("%s/videoOverlays/%d", at, i))
		if err != nil {
			return nil, err
		}
		fs = append(fs, f...)
	}
	return fs, nil
}

// place is where and how large an overlaid video stands, px of the picture below.
type place struct{ x, y, w, h float64 }

func (b *builder) videoOverlay(o *types.VideoOverlay, p *part, c canvas, at string) ([]filter, error) {
	if o.Input == nil || aws.ToString(o.Input.FileInput) == "" {
		b.warn(spool.WarnOverlay, at, "The overlay names no file: nothing is shown.")
		return nil, nil
	}
	src, err := b.overlaySource(o.Input)
	if err != nil {
		return nil, err
	}
	parts, err := clippings(src, 0)
	if err != nil {
		return nil, err
	}
	if src.video == nil {
		return nil, spool.Failf(spool.CodeNoVideo, "%s: the overlay [%s] has no video.", at, src.uri)
	}
	repeat := o.Playback == types.VideoOverlayPlayBackModeRepeat
	if repeat && len(src.input.InputClippings) > 0 {
		b.warn(spool.WarnSettingIgnored, at+"/playback", "The clips of the overlay [%s] play once: only whole files are repeated.", src.uri)
		repeat = false
	}
	start, end := time.Duration(0), p.src.duration
	if o.StartTimecode != nil {
		start, _ = c.clock.at(*o.StartTimecode)
	}
	if o.EndTimecode != nil {
		if n, rate, ok := c.clock.frame(*o.EndTimecode); ok {
			end = frameMoment(n+1, rate)
		}
	}
	if end <= start {
		b.warn(spool.WarnOverlay, at, "The overlay [%s] is not shown: its time is not on the input's timeline.", src.uri)
		return nil, nil
	}
	start, end = start-c.from, end-c.from
	side := b.overlayChain(parts, repeat)
	crop := box{w: src.width, h: src.height}
	if k := o.Crop; k != nil {
		crop = cropOverlay(k, src)
		side += fmt.Sprintf(",crop=%d:%d:%d:%d", crop.w, crop.h, crop.x, crop.y)
	}
	first := placeOf(o.InitialPosition, p.src, crop, place{w: float64(crop.w), h: float64(crop.h)})
	x, y, moves := b.moves(o, p, c, first, crop, at)
	side += fmt.Sprintf(",scale=%d:%d:flags=bicubic,setsar=1/1,format=rgba", even(first.w), even(first.h))
	if op := o.InitialPosition; op != nil && op.Opacity != nil && *op.Opacity < 100 {
		side += fmt.Sprintf(",colorchannelmixer=aa=%.2f", float64(*op.Opacity)/100)
	}
	if start != 0 {
		side += fmt.Sprintf(",setpts=PTS+(%s)/TB", seconds(start))
	}
	side += c.convert(100)
	text := fmt.Sprintf("overlay=x=%s:y=%s:eval=init:format=%s:eof_action=pass", x, y, c.format())
	if moves {
		text = fmt.Sprintf("overlay=x='%s':y='%s':eval=frame:format=%s:eof_action=pass", x, y, c.format())
	}
	if repeat {
		text += ":shortest=1"
	}
	return []filter{{side: side, text: text + c.enabled(start, end, true)}}, nil
}

// overlaySource is the file of an overlay as a source.
func (b *builder) overlaySource(in *types.VideoOverlayInput) (*source, error) {
	uri := aws.ToString(in.FileInput)
	media, ok := b.facts.Media[uri]
	if !ok {
		return nil, fmt.Errorf("plan: nothing is known of the overlay %s", uri)
	}
	as := &types.Input{FileInput: in.FileInput, TimecodeSource: in.TimecodeSource, TimecodeStart: in.TimecodeStart}
	for _, k := range in.InputClippings {
		as.InputClippings = append(as.InputClippings, types.InputClipping{StartTimecode: k.StartTimecode, EndTimecode: k.EndTimecode})
	}
	return newSource(as, spool.InputInfo{URI: uri, Media: media})
}

// overlayChain opens the parts of an overlay and joins them.
func (b *builder) overlayChain(parts []*part, repeat bool) string {
	var chains []string
	var pads strings.Builder
	for _, p := range parts {
		p.whole = p.clip == nil
		p.input = b.input(p.src.uri, func(token string) []string {
			args := p.args(token)
			if repeat {
				args = append([]string{"-stream_loop", "-1"}, args...)
			}
			return args
		})
		var texts []string
		for _, f := range p.head() {
			texts = append(texts, f.text)
		}
		chain := p.pad() + strings.Join(texts, ",")
		if len(parts) == 1 {
			return chain
		}
		pad := fmt.Sprintf("[o%d]", p.input)
		chains = append(chains, chain+pad)
		pads.WriteString(pad)
	}
	return strings.Join(chains, ";") + ";" + fmt.Sprintf("%sconcat=n=%d:v=1:a=0", pads.String(), len(parts))
}

// cropOverlay gives what is shown of an overlay's picture.
func cropOverlay(k *types.VideoOverlayCrop, s *source) box {
	unit := func(n *int32, whole, none int) int {
		switch {
		case n == nil:
			return none
		case k.Unit == types.VideoOverlayUnitPercentage:
			return whole * int(*n) / 100
		default:
			return int(*n)
		}
	}
	x, y := min(unit(k.X, s.width, 0), s.width-2), min(unit(k.Y, s.height, 0), s.height-2)
	w, h := unit(k.Width, s.width, s.width-x), unit(k.Height, s.height, s.height-y)
	return box{x &^ 1, y &^ 1, max(2, min(w, s.width-x)&^1), max(2, min(h, s.height-y)&^1)}
}

// placeOf reads a position in the picture below. What it does not say is as
// before; one side of −1 keeps the overlay's proportions.
func placeOf(v *types.VideoOverlayPosition, below *source, crop box, before place) place {
	if v == nil {
		return before
	}
	unit := func(n *int32, whole int, none float64) float64 {
		switch {
		case n == nil:
			return none
		case v.Unit == types.VideoOverlayUnitPercentage && *n >= 0:
			return float64(whole) * float64(*n) / 100
		default:
			return float64(*n)
		}
	}
	q := place{unit(v.XPosition, below.width, before.x), unit(v.YPosition, below.height, before.y), unit(v.Width, below.width, before.w), unit(v.Height, below.height, before.h)}
	ratio := float64(crop.w) / float64(crop.h)
	switch {
	case q.w <= 0 && q.h <= 0:
		q.w, q.h = float64(crop.w), float64(crop.h)
	case q.w <= 0:
		q.w = q.h * ratio
	case q.h <= 0:
		q.h = q.w / ratio
	}
	return q
}

// moves writes where an overlay stands at each moment: it moves in a straight
// line in each transition. Its size and opacity stay.
func (b *builder) moves(o *types.VideoOverlay, p *part, c canvas, first place, crop box, at string) (x, y string, moves bool) {
	x, y = fmt.Sprintf("%.0f", first.x), fmt.Sprintf("%.0f", first.y)
	at0 := first
	for i, t := range o.Transitions {
		to := placeOf(t.EndPosition, p.src, crop, at0)
		here := fmt.Sprintf("%s/transitions/%d", at, i)
		start, ok1 := c.clock.at(aws.ToString(t.StartTimecode))
		end, ok2 := c.clock.at(aws.ToString(t.EndTimecode))
		if !ok1 || !ok2 || end < start {
			b.warn(spool.WarnOverlay, here, "The transition is left out: its times are not on the input's timeline.")
			continue
		}
		if t.EndPosition != nil && (t.EndPosition.Opacity != nil || to.w != first.w || to.h != first.h) {
			b.warn(spool.WarnSettingIgnored, here+"/endPosition", "The overlay moves, but its size and opacity stay.")
		}
		a, z := (start - c.from).Seconds(), (end - c.from).Seconds()
		x = moved(x, at0.x, to.x, a, z)
		y = moved(y, at0.y, to.y, a, z)
		at0, moves = to, true
	}
	return x, y, moves
}

// moved extends an expression of t by a straight way from one value to another
// between two moments.
func moved(before string, from, to, a, z float64) string {
	return fmt.Sprintf("if(lt(t,%.3f),%s,%.1f+(%.1f)*min(1,(t-%.3f)/%.3f))", a, before, from, to-from, a, max(z-a, 0.001))
}

// motionImage lays the moving image of the job upon every output, on its timeline.
func (b *builder) motionImage(c canvas) []filter {
	m := b.settings.MotionImageInserter
	if m == nil || aws.ToString(m.Input) == "" {
		return nil
	}
	start, begins := time.Duration(0), false
	if m.StartTime != nil {
		moment, ok := c.clock.at(*m.StartTime)
		if !ok {
			b.warn(spool.WarnOverlay, "/motionImageInserter/startTime", "The moving image [%s] is not inserted: the timeline has no timecode %s.", *m.Input, *m.StartTime)
			return nil
		}
		start, begins = moment-c.from, true
	}
	repeat := m.Playback == types.MotionImagePlaybackRepeat
	uri := *m.Input
	n := b.input(uri, func(token string) []string {
		if repeat {
			return append([]string{"-stream_loop", "-1"}, inputArgs(token)...)
		}
		return inputArgs(token)
	})
	index := 0
	if v := b.facts.Media[uri].Video; len(v) > 0 {
		index = v[0].Index
	}
	side := fmt.Sprintf("[%d:%d]setpts=PTS-STARTPTS", n, index)
	if f := m.Framerate; f != nil && aws.ToInt32(f.FramerateNumerator) > 0 && aws.ToInt32(f.FramerateDenominator) > 0 {
		side += fmt.Sprintf(",settb=AVTB,setpts=N*%d/%d/TB", *f.FramerateDenominator, *f.FramerateNumerator)
	}
	side += ",format=rgba"
	if start != 0 {
		side += fmt.Sprintf(",setpts=PTS+(%s)/TB", seconds(start))
	}
	var x, y int32
	if m.Offset != nil {
		x, y = aws.ToInt32(m.Offset.ImageX), aws.ToInt32(m.Offset.ImageY)
	}
	text := fmt.Sprintf("overlay=x=%d:y=%d:eval=init:format=%s:eof_action=pass", x, y, c.format())
	if repeat {
		text += ":shortest=1"
	}
	return []filter{{side: side + c.convert(100), text: text + c.enabled(start, 0, begins)}}
}
