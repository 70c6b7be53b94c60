package plan

import "fmt"

// head prepares the picture of a part for all outputs: it is cut out of its
// input, deinterlaced and turned.
func (p *part) head() []filter {
	s := p.src
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
	if s.interlaced() {
		fs = append(fs, plain("bwdif=mode=send_frame:deint=interlaced")...)
	}
	switch s.rotate {
	case 90:
		fs = append(fs, plain("transpose=clock")...)
	case 180:
		fs = append(fs, plain("hflip", "vflip")...)
	case 270:
		fs = append(fs, plain("transpose=cclock")...)
	}
	return fs
}

// pad gives the pad that the part's picture comes from. An input without video
// shows black.
func (p *part) pad(follow *source) (pad string, black bool) {
	if p.src.video == nil {
		return fmt.Sprintf("color=c=black:s=%dx%d:r=%s:d=%.6f", follow.width, follow.height, follow.rate, p.length.Seconds()), true
	}
	return fmt.Sprintf("[%d:%d]", p.input, p.src.video.Index), false
}
