package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// outputClock is the clock of an output's timeline (behaviour.md 5.1): what
// timecodes burned in and written count from, and what overlays are placed by.
func (b *builder) outputClock(e *encoding) clock {
	c := clock{rate: e.rate, span: b.prog.duration}
	fps := nominal(e.rate)
	tc := b.settings.TimecodeConfig
	if tc == nil {
		tc = &types.TimecodeConfig{}
	}
	switch tc.Source {
	case types.TimecodeSourceZerobased:
	case types.TimecodeSourceSpecifiedstart:
		c.start, _, _ = parseTimecode(aws.ToString(tc.Start))
	default:
		first := b.prog.parts[0]
		embedded, _, ok := parseTimecode(first.src.media.Timecode)
		if !ok {
			break
		}
		// the first picture shown may lie within the input
		own := nominal(first.src.rate)
		n := embedded.frames(own, embedded.drop) + framesUntil(first.from, first.src.rate)
		at := timecodeAt(n, own, embedded.drop)
		at.f = int(int64(at.f) * fps / own)
		c.start = at
	}
	c.start.drop = dropFrame(e.vd, e.rate)
	if anchor := aws.ToString(tc.Anchor); anchor != "" {
		c.start = b.anchored(anchor, c)
	}
	return c
}

// anchored gives the start with which the picture that has the anchor's timecode
// in the first input has it in the output too.
func (b *builder) anchored(anchor string, c clock) timecode {
	first := b.prog.parts[0]
	line, ok := first.src.timeline()
	at, found := line.at(anchor)
	t, _, parsed := parseTimecode(anchor)
	if !ok || !found || !parsed {
		return c.start
	}
	fps := nominal(c.rate)
	return timecodeAt(t.frames(fps, c.start.drop)-framesUntil(at-first.from, c.rate), fps, c.start.drop)
}

// framesUntil counts the frames of a rate before a moment.
func framesUntil(d time.Duration, rate spool.Rational) int64 {
	return int64(d.Seconds()*rate.Float() + 0.5)
}

// dropFrame tells whether an output counts in drop-frame: by default where its
// rate is 29.97 or 59.94 (behaviour.md 5.3).
func dropFrame(vd *types.VideoDescription, rate spool.Rational) bool {
	return rate.Den == 1001 && rate.Num%30000 == 0 && vd.DropFrameTimecode != types.DropFrameTimecodeDisabled
}

// burnin writes the timecode into the picture, counted from the output's first.
func (b *builder) burnin(t *types.TimecodeBurnin, e *encoding) []filter {
	if t == nil {
		return nil
	}
	size := int32(16)
	if t.FontSize != nil {
		size = *t.FontSize
	}
	const margin = 8 // px from the edges
	position := string(t.Position)
	if position == "" {
		position = string(types.TimecodeBurninPositionTopCenter)
	}
	row, column, _ := strings.Cut(position, "_")
	x := map[string]string{"LEFT": fmt.Sprint(margin), "CENTER": "(w-tw)/2", "RIGHT": fmt.Sprintf("w-tw-%d", margin)}[column]
	y := map[string]string{"TOP": fmt.Sprint(margin), "MIDDLE": "(h-lh)/2", "BOTTOM": fmt.Sprintf("h-lh-%d", margin)}[row]
	start := b.outputClock(e).start
	return plain(fmt.Sprintf("drawtext=font=Mono:expansion=none:text=%s:timecode=%s:timecode_rate=%s:fontsize=%d:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=2:x=%s:y=%s",
		quoteText(aws.ToString(t.Prefix)), quoteText(start.String()), e.rate, size, x, y))
}

// quoteText writes a text of printable ASCII such that a filter takes it as it
// is, whatever is in it; other characters are left out. It is escaped twice: for
// the filter's own options, then for the graph around it.
func quoteText(text string) string {
	var option strings.Builder
	for _, r := range text {
		switch {
		case r < ' ' || r > '~':
			continue
		case strings.ContainsRune(`\':`, r):
			option.WriteByte('\\')
		}
		option.WriteRune(r)
	}
	var graph strings.Builder
	for _, r := range option.String() {
		if strings.ContainsRune(`\'[],; `, r) {
			graph.WriteByte('\\')
		}
		graph.WriteRune(r)
	}
	return graph.String()
}

// timecodeTrack writes the timecode of the first picture into a file that has a
// track for it, if the output asks for that.
func (b *builder) timecodeTrack(kind container, e *encoding) []string {
	if e == nil || e.vd == nil || e.vd.TimecodeTrack != types.TimecodeTrackEnabled {
		return nil
	}
	switch kind.format {
	case "mov":
		return []string{"-timecode", b.outputClock(e).start.String()}
	case "mp4":
		return []string{"-timecode", b.outputClock(e).start.String(), "-write_tmcd", "1"}
	}
	return nil
}
