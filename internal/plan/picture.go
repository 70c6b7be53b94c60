package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// head prepares the picture of a part for all outputs: it is cut out of its
// input and turned.
func (p *part) head() []filter {
	s := p.src
	if s.still() != "" {
		return p.stillHead()
	}
	if s.video == nil {
		return nil
	}
	var fs []filter
	if p.whole {
		fs = plain("setpts=PTS-STARTPTS")
	} else {
		// a quarter of a frame keeps rounding away from the edges (split-notes.md)
		quarter := 0.25 / s.rate.Float()
		fs = plain(
			fmt.Sprintf("trim=start=%.6f:end=%.6f", p.shift().Seconds()-quarter, (p.shift()+p.length).Seconds()-quarter),
			fmt.Sprintf("setpts=PTS-(%.6f)/TB", p.shift().Seconds()),
		)
	}
	fs = append(fs, s.marks...)
	if sel := s.input.VideoSelector; sel != nil && sel.AlphaBehavior == types.AlphaBehaviorRemapToLuma && hasAlpha(s.video.PixelFormat) {
		fs = append(fs, plain("alphaextract")...)
	}
	if s.psf() {
		fs = append(fs, plain("setfield=prog")...)
	}
	if s.turnedFields() {
		fs = append(fs, plain("bwdif=mode=send_frame:deint=interlaced")...) // fields don't survive a turn
	}
	switch s.rotate {
	case 90:
		fs = append(fs, plain("transpose=clock")...)
	case 180:
		fs = append(fs, plain("hflip", "vflip")...)
	case 270:
		fs = append(fs, plain("transpose=cclock")...)
	}
	fs = append(fs, inputFilters(s.input)...)
	if len(p.overlays) == 0 {
		return fs
	}
	// the overlay filter says that the last picture ends as it begins; one more
	// lets the next filter see how long it is
	return slices.Concat(fs, p.overlays, plain("tpad=stop=1:stop_mode=clone"))
}

// hasAlpha tells whether pictures of a format have an alpha channel.
func hasAlpha(format string) bool {
	for _, prefix := range []string{"yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16", "pal8"} {
		if strings.HasPrefix(format, prefix) {
			return true
		}
	}
	return false
}

// pad gives the pad that the part's picture comes from. A source without video
// shows black.
func (p *part) pad() string {
	s := p.src
	if s.still() != "" {
		return fmt.Sprintf("[%d:0]", p.input)
	}
	if s.video == nil {
		return fmt.Sprintf("color=c=black:s=%dx%d:r=%s:d=%.6f,setsar=%d/%d", s.width, s.height, s.rate, p.length.Seconds(), s.sar.Num, s.sar.Den)
	}
	return fmt.Sprintf("[%d:%d]", p.input, s.video.Index)
}

// picture completes an encode with what is done to its picture: at is the pointer
// of its videoDescription.
func (b *builder) picture(e *encoding, vd *types.VideoDescription, at string) error {
	e.b, e.vd = b, vd
	e.keepFull = fullRange(b.prog.follow, vd)
	if err := e.geo.fits(b.prog.sources); err != nil {
		return err
	}
	pre := preprocessors(vd)
	c := canvas{
		clock: b.outputClock(e), pixFmt: e.pixFmt, full: e.ranged(),
		colors: targetColors(b.prog.follow, vd).guessed(e.geo.height),
	}
	e.post = slices.Concat(b.overlays(pre.ImageInserter, c, at+"/videoPreprocessors/imageInserter"), b.motionImage(c), e.post)
	if e.drawn.Valid() { // the numbers are those of finished pictures
		e.last = append(e.last, b.burnin(pre.TimecodeBurnin, e)...)
	} else {
		e.post = append(e.post, b.burnin(pre.TimecodeBurnin, e)...)
	}
	return nil
}

// early is what an encode does to a part at its own rate and size.
func (e *encoding) early(p *part) []filter {
	return append(e.deinterlace(p.src), reduceNoise(preprocessors(e.vd).NoiseReducer)...)
}

// place makes a part's picture the output's.
func (e *encoding) place(p *part) []filter {
	var fs []filter
	geo := e.geo.on(p.src).filters(e.scaler, e.ranged())
	if corrector(e.vd).SampleRangeConversion == types.SampleRangeConversionLimitedRangeClip && p.src.video != nil {
		fs = plain("setparams=range=tv") // the numbers stay, and are clipped later
	}
	return append(append(fs, plain(geo...)...), e.b.recolor(e, p.src)...)
}
