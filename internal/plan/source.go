package plan

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// source is the input as the outputs see it: which tracks, which size, which
// rate, and where its timeline begins.
type source struct {
	input    *types.Input
	uri      string
	media    spool.Media
	video    *spool.VideoTrack // nil: the outputs get black
	rotate   int               // clockwise degrees to turn the picture
	width    int               // px, after rotation
	height   int
	sar      spool.Rational // after rotation
	rate     spool.Rational // of constant-rate outputs that follow the source
	duration time.Duration  // of the video, or of the audio without one
	// zero is where the outputs' timeline begins, counted from the container's
	// first timestamp: at the first decoded picture, so that capture 0 and
	// frame 0 are that picture. Audio before it is dropped, a gap is filled.
	zero time.Duration
	// found is the order of fields that the file does not tell: tff, bff or "".
	found  string
	padded bool     // black follows the video, as long as its sound lasts
	marks  []filter // tell the filters how the colours are meant, where the job says so
}

// Sizes and rate of the black picture that stands in for missing video
// (behaviour.md 5.2, videoGenerator).
const (
	blackWidth  = 540
	blackHeight = 360
)

func newSource(in *types.Input, info spool.InputInfo) (*source, error) {
	s := &source{input: in, uri: info.URI, media: info.Media, sar: spool.Rational{Num: 1, Den: 1}}
	if len(info.Media.Video) == 0 {
		if len(info.Media.Audio) == 0 {
			return nil, spool.Failf(spool.CodeNoVideo, "Your input file [%s] doesn't have video that the transcoder can consume.", info.URI)
		}
		s.width, s.height = blackWidth, blackHeight
		s.rate = spool.Rational{Num: 30000, Den: 1001}
		s.duration = cmp.Or(info.Media.Audio[0].Duration, info.Media.Duration)
		s.zero = info.Media.Audio[0].Start - info.Media.Start
		return s, nil
	}
	v, err := selectVideo(in, info)
	if err != nil {
		return nil, err
	}
	v, s.marks = retag(v, in.VideoSelector)
	s.video = v
	s.width, s.height = v.Width, v.Height
	if v.SampleAspect.Valid() {
		s.sar = v.SampleAspect.Reduced()
	}
	s.rotate = rotation(in, v)
	if s.rotate == 90 || s.rotate == 270 {
		s.width, s.height = s.height, s.width
		s.sar = spool.Rational{Num: s.sar.Den, Den: s.sar.Num}
	}
	s.rate = constantRate(v)
	s.duration = cmp.Or(v.Duration, info.Media.Duration)
	if v.TimeBase.Valid() {
		first := float64(v.FirstPTS) * v.TimeBase.Float()
		s.zero = time.Duration(math.Round(first*1e6))*time.Microsecond - info.Media.Start
	}
	s.pad()
	return s, nil
}

// selectVideo finds the track that the input's videoSelector means: by its PID, or
// by its number among all tracks with selectorType STREAM; else the first.
func selectVideo(in *types.Input, info spool.InputInfo) (*spool.VideoTrack, error) {
	sel := in.VideoSelector
	tracks := info.Media.Video
	if sel == nil {
		return &tracks[0], nil
	}
	if sel.Pid != nil {
		for i := range tracks {
			if tracks[i].ID == int(*sel.Pid) {
				return &tracks[i], nil
			}
		}
		return nil, spool.Failf(spool.CodeNoVideo, "No video found with PID [%d] in the input [%s].", *sel.Pid, info.URI)
	}
	if sel.SelectorType == types.VideoSelectorTypeStream && len(sel.Streams) > 0 {
		for i := range tracks {
			if tracks[i].Index == int(sel.Streams[0])-1 {
				return &tracks[i], nil
			}
		}
		return nil, spool.Failf(spool.CodeNoVideo, "No video found for stream index [%d] in the input [%s].", sel.Streams[0], info.URI)
	}
	return &tracks[0], nil
}

// pad makes a source as long as its sound, if that is longer and padVideo asks
// for black there.
func (s *source) pad() {
	sel := s.input.VideoSelector
	if sel == nil || sel.PadVideo != types.PadVideoBlack || len(s.media.Audio) == 0 {
		return
	}
	a := s.media.Audio[0]
	if d := cmp.Or(a.Duration, s.media.Duration) + a.Start - s.media.Start - s.zero; d > s.duration+time.Second/20 {
		s.duration, s.padded = d, true
	}
}

// rotation gives the clockwise degrees to turn the picture. The default
// ignores the file's metadata (behaviour.md 5.2).
func rotation(in *types.Input, v *spool.VideoTrack) int {
	if in.VideoSelector == nil {
		return 0
	}
	switch in.VideoSelector.Rotate {
	case types.InputRotateAuto:
		return v.Rotation
	case types.InputRotateDegrees90:
		return 90
	case types.InputRotateDegrees180:
		return 180
	case types.InputRotateDegrees270:
		return 270
	default:
		return 0
	}
}

// hasPicture tells whether there is something to see, if only a generated picture.
func (s *source) hasPicture() bool { return s.video != nil || s.input.VideoGenerator != nil }

// adopt gives a source that has only sound the black picture that stands in for
// its video: of the same size and rate as the programme's.
func (s *source) adopt(follow *source) {
	if s.hasPicture() || s == follow {
		return
	}
	s.width, s.height, s.sar, s.rate = follow.width, follow.height, follow.sar, follow.rate
}

func (s *source) interlaced() bool {
	if s.video == nil || s.psf() {
		return false
	}
	return s.found != "" || slices.Contains([]string{"tt", "bb", "tb", "bt"}, s.video.FieldOrder)
}

// The rates that cameras and programmes mean when their files say nearly that.
var standardRates = []spool.Rational{
	{Num: 24000, Den: 1001}, {Num: 24, Den: 1}, {Num: 25, Den: 1}, {Num: 30000, Den: 1001},
	{Num: 30, Den: 1}, {Num: 48, Den: 1}, {Num: 50, Den: 1}, {Num: 60000, Den: 1001}, {Num: 60, Den: 1},
	{Num: 15, Den: 1}, {Num: 10, Den: 1}, {Num: 12, Den: 1}, {Num: 120, Den: 1},
}

// constantRate chooses the rate at which a source is encoded when the job
// follows it. FFmpeg's r_frame_rate is exact for constant-rate files but is a
// common multiple of all intervals for variable ones (600, 57600, 90000), and
// twice the frame rate for field-coded streams; there the average decides.
func constantRate(v *spool.VideoTrack) spool.Rational {
	r, avg := v.FrameRate, v.AvgFrameRate
	switch {
	case !r.Valid() && !avg.Valid():
		return spool.Rational{Num: 30000, Den: 1001}
	case !avg.Valid():
		return snapRate(r)
	case !r.Valid():
		return snapRate(avg)
	}
	rf, af := r.Float(), avg.Float()
	switch fields := math.Abs(rf-2*af) < 0.01*rf; {
	case fields:
		return snapRate(avg)
	case rf <= 120 && af > rf/2:
		return r.Reduced()
	case af < leastVariable.Float():
		return leastVariable
	default:
		return snapRate(avg)
	}
}

// leastVariable is the least rate for sources of variable rate: a screen
// recording with seven pictures a second on average still moves at full rate
// now and then, and repeated pictures cost next to nothing.
var leastVariable = spool.Rational{Num: 30, Den: 1}

// snapRate takes the nearest standard rate within 1 %, and otherwise rounds to
// thousandths, which every container's timescale can carry.
func snapRate(r spool.Rational) spool.Rational {
	f := r.Float()
	best, bestOff := spool.Rational{}, 0.01
	for _, s := range standardRates {
		if off := math.Abs(s.Float()-f) / f; off < bestOff {
			best, bestOff = s, off
		}
	}
	if best.Valid() {
		return best
	}
	f = min(max(f, 1), 120)
	return spool.Rational{Num: int64(math.Round(f * 1000)), Den: 1000}.Reduced()
}

// framesIn gives the number of ticks of a rate in a duration, to the nearest.
func framesIn(d time.Duration, rate spool.Rational) int64 {
	return max(1, int64(math.Round(d.Seconds()*rate.Float())))
}
