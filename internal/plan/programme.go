package plan

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// programme is what all outputs show: parts of the inputs, one after the other.
type programme struct {
	sources  []*source // of the inputs, in order
	parts    []*part
	follow   *source // gives the size, rate and shape of outputs that name none
	duration time.Duration
}

// part is a stretch of one input.
type part struct {
	src    *source
	input  int           // index of its -i in the encode command
	from   time.Duration // where it begins, from the source's first picture
	length time.Duration
	start  time.Duration // where it begins in the programme
	// whole: it is the only part and nothing is cut off. Its length is only what
	// the file declares, so that it is not held to it: the file is read to its end.
	whole bool
	short bool // its input ends before the clip does
	// pointer names the input, or its clip.
	pointer string
	clip    *types.InputClipping // nil: the whole input
	// overlays are laid upon the input's picture.
	overlays []filter
}

// seekMargin is how much is decoded before a part, and dropped: what lies before
// the first key frame can't be shown, and timestamps are not exact everywhere
// (split-notes.md). Formats without an index are entered anywhere: a key frame
// comes within streamMargin.
const (
	seekMargin   = 1500 * time.Millisecond
	streamMargin = 12 * time.Second
)

// indexed are the formats whose index knows the key frames, by the first of the
// names of their demuxer.
var indexed = []string{"mov", "matroska", "avi", "mxf", "asf", "gxf"}

// readMargin is how much is read beyond a part's end: sound may come that much
// later in the file than the picture beside it.
const readMargin = 5 * time.Second

// seek is how far into the file reading begins.
func (p *part) seek() time.Duration {
	margin := streamMargin
	if name, _, _ := strings.Cut(p.src.media.Format, ","); slices.Contains(indexed, name) {
		margin = seekMargin
	}
	return max(0, p.from+p.src.zero-margin)
}

// shift is the timestamp, as the encode command sees it, at which the part begins.
func (p *part) shift() time.Duration { return p.src.zero + p.from - p.seek() }

// frames gives how many pictures of a rate the part takes in the programme. Both
// ends are rounded where they lie in the whole, so that nothing adds up over
// many parts.
func (p *part) frames(rate spool.Rational) int64 {
	tick := func(d time.Duration) int64 { return int64(math.Round(d.Seconds() * rate.Float())) }
	return tick(p.start+p.length) - tick(p.start)
}

// args are those of its input in the encode command.
func (p *part) args(token string) []string {
	var args []string
	if s := p.seek(); s > 0 {
		args = append(args, "-ss", seconds(s))
	}
	if !p.whole {
		args = append(args, "-t", seconds(p.shift()+p.length+readMargin))
	}
	return append(args, inputArgs(token)...)
}

// seconds writes a duration as FFmpeg reads it, to the microsecond.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }

// newProgramme puts the inputs one after the other.
func newProgramme(settings *types.JobSettings, facts Facts) (*programme, error) {
	sources := make([]*source, len(settings.Inputs))
	p := &programme{sources: sources}
	for i := range settings.Inputs {
		in := &settings.Inputs[i]
		src, err := sourceOf(in, i, facts)
		if err != nil {
			return nil, err
		}
		src.found = foundFields(facts.Findings[fieldTaskID(i)])
		sources[i] = src
		parts, err := clippings(src, i)
		if err != nil {
			return nil, err
		}
		p.parts = append(p.parts, parts...)
	}
	if len(sources) == 0 {
		return nil, spool.Failf(spool.CodeIncompatible, "/inputs: the job has no input.")
	}
	p.parts[0].whole = !sources[0].padded && len(p.parts) == 1 && len(settings.Inputs[0].InputClippings) == 0 && !matchesVideo(settings)
	for _, part := range p.parts {
		part.start = p.duration
		p.duration += part.length
	}
	p.follow = follow(sources, int(aws.ToInt32(settings.FollowSource)))
	for _, s := range sources {
		s.adopt(p.follow)
	}
	return p, nil
}

// sourceOf is the source that input i is.
func sourceOf(in *types.Input, i int, facts Facts) (*source, error) {
	if in.VideoGenerator != nil {
		return newGenerator(in, i)
	}
	uri := aws.ToString(in.FileInput)
	media, ok := facts.Media[uri]
	if !ok {
		return nil, fmt.Errorf("plan: nothing is known of input %d", i)
	}
	return newSource(in, spool.InputInfo{URI: uri, Media: media})
}

// follow chooses the source that outputs follow which name no size or rate:
// number n from 1, else the first, and in place of one without video the first
// that has some (behaviour.md 5.1).
func follow(sources []*source, n int) *source {
	chosen := sources[0]
	if n >= 1 && n <= len(sources) {
		chosen = sources[n-1]
	}
	if chosen.hasPicture() {
		return chosen
	}
	for _, s := range sources {
		if s.hasPicture() {
			return s
		}
	}
	return chosen
}

// joined tells whether parts are cut or put together, so that each must have
// exactly its length.
func (p *programme) joined() bool { return !p.parts[0].whole }

// frames gives how many pictures of a rate the programme has.
func (p *programme) frames(rate spool.Rational) int64 {
	if !p.joined() {
		return framesIn(p.duration, rate)
	}
	var n int64
	for _, part := range p.parts {
		n += part.frames(rate)
	}
	return max(1, n)
}

// interlaced tells whether any part is.
func (p *programme) interlaced() bool {
	return slices.ContainsFunc(p.parts, func(part *part) bool { return part.src.interlaced() })
}
