package plan

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// clippings makes the parts of one input, number i: the whole of it, or its
// clips in order (behaviour.md 5.2). Both frames that a clip names are in it; a
// start or an end that is not named is that of the input.
func clippings(s *source, i int) ([]*part, error) {
	if len(s.input.InputClippings) == 0 {
		return []*part{{src: s, length: s.duration, pointer: fmt.Sprintf("/inputs/%d", i)}}, nil
	}
	c, ok := s.timeline()
	if !ok {
		return nil, notFound(s.input.InputClippings[0], i)
	}
	parts := make([]*part, len(s.input.InputClippings))
	for k, clip := range s.input.InputClippings {
		p, err := s.clip(c, clip, i)
		if err != nil {
			return nil, err
		}
		p.clip = &s.input.InputClippings[k]
		p.pointer = fmt.Sprintf("/inputs/%d/inputClippings/%d", i, k)
		parts[k] = p
	}
	return parts, nil
}

// timeline gives the clock of an input; false where it is EMBEDDED and the file
// has no timecode.
func (s *source) timeline() (clock, bool) {
	c := clock{rate: s.rate, span: s.duration}
	if s.video == nil && s.input.VideoGenerator == nil {
		c.rate = spool.Rational{Num: 100, Den: 1} // hundredths, where only sound is
	}
	ok := true
	switch s.input.TimecodeSource {
	case types.InputTimecodeSourceZerobased:
	case types.InputTimecodeSourceSpecifiedstart:
		c.start, _, ok = parseTimecode(aws.ToString(s.input.TimecodeStart))
	default:
		c.start, _, ok = parseTimecode(s.media.Timecode)
	}
	return c, ok
}

// clip makes the part of one clip of input i.
func (s *source) clip(c clock, clip types.InputClipping, i int) (*part, error) {
	p := &part{src: s, length: s.duration}
	if clip.StartTimecode != nil {
		at, ok := c.at(*clip.StartTimecode)
		if !ok || at >= s.duration {
			return nil, notFound(clip, i)
		}
		p.from = at
	}
	end := s.duration
	if clip.EndTimecode != nil {
		n, rate, ok := c.frame(*clip.EndTimecode)
		if !ok {
			return nil, notFound(clip, i)
		}
		end = frameMoment(n+1, rate)
		p.short = end > s.duration+time.Second/2
		end = min(end, s.duration)
	}
	if p.length = end - p.from; p.length <= 0 {
		return nil, notFound(clip, i)
	}
	return p, nil
}

// notFound is the failure of a clip that lies outside of input i.
func notFound(clip types.InputClipping, i int) error {
	start, end := aws.ToString(clip.StartTimecode), aws.ToString(clip.EndTimecode)
	if end == "" {
		return spool.Failf(spool.CodeClipping, "The clipping start timecode [%s] was not found in input number [%d]", start, i+1)
	}
	return spool.Failf(spool.CodeClipping, "The clipping region [%s] to [%s] was not found in input number [%d]", start, end, i+1)
}

// warnShort tells of clips that end after their input does: they are shorter
// than what was asked for.
func (b *builder) warnShort() {
	for _, p := range b.prog.parts {
		if p.short {
			b.warn(spool.WarnClipShort, p.pointer+"/endTimecode", "The input [%s] ends before %s: the clip ends with it.", p.src.uri, aws.ToString(p.clip.EndTimecode))
		}
	}
}
