package plan

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// newGenerator is the source that a video generator makes: black, or a still
// image, without sound or with silence (behaviour.md 5.2). i is the input's number.
func newGenerator(in *types.Input, i int) (*source, error) {
	g := in.VideoGenerator
	s := &source{
		input: in, width: blackWidth, height: blackHeight, sar: spool.Rational{Num: 1, Den: 1},
		rate: spool.Rational{Num: 30000, Den: 1001}, duration: time.Duration(aws.ToInt32(g.Duration)) * time.Millisecond,
	}
	if g.Width != nil && g.Height != nil {
		s.width, s.height = int(*g.Width), int(*g.Height)
	}
	if r := (spool.Rational{Num: int64(aws.ToInt32(g.FramerateNumerator)), Den: int64(aws.ToInt32(g.FramerateDenominator))}); r.Valid() {
		s.rate = r.Reduced()
	}
	if s.duration <= 0 {
		return nil, spool.Failf(spool.CodeIncompatible, "/inputs/%d/videoGenerator: a duration is missing: how long the generated video is, in milliseconds.", i)
	}
	return s, nil
}

// generatesSound tells whether a generator makes silence beside its picture.
func (s *source) generatesSound() bool {
	g := s.input.VideoGenerator
	return g != nil && (g.Channels != nil || g.SampleRate != nil)
}

// still tells the image that a generator shows, "" for black.
func (s *source) still() string {
	if s.input.VideoGenerator == nil {
		return ""
	}
	return aws.ToString(s.input.VideoGenerator.ImageInput)
}

// stillHead makes a stream of an image.
func (p *part) stillHead() []filter {
	s := p.src
	return plain(
		fmt.Sprintf("scale=%d:%d:flags=bicubic:out_color_matrix=bt709:out_range=tv", s.width, s.height), "format=yuv420p", "setsar=1/1",
		"settb=AVTB", "loop=loop=-1:size=1:start=0", fmt.Sprintf("setpts=N/(%s)/TB", s.rate),
		fmt.Sprintf("trim=end=%.6f", p.length.Seconds()),
	)
}
