package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

// timecode is a moment as editors write it: HH:MM:SS:FF.
type timecode struct {
	h, m, s, f int
	drop       bool // HH:MM:SS;FF: drop-frame
}

// parseTimecode reads HH:MM:SS:FF or HH:MM:SS;FF with an optional "@fps" or
// "@fps:den" behind it (behaviour.md 5.2). rate is that of the suffix, or zero.
func parseTimecode(text string) (t timecode, rate spool.Rational, ok bool) {
	text, suffix, given := strings.Cut(text, "@")
	if len(text) != len("00:00:00:00") || text[2] != ':' || text[5] != ':' || text[8] != ':' && text[8] != ';' {
		return t, rate, false
	}
	for i, part := range []*int{&t.h, &t.m, &t.s, &t.f} {
		tens, ones := text[3*i]-'0', text[3*i+1]-'0'
		if tens > 9 || ones > 9 {
			return t, rate, false
		}
		*part = int(10*tens + ones)
	}
	t.drop = text[8] == ';'
	if given {
		rate, ok = parseRate(suffix)
		return t, rate, ok
	}
	return t, rate, true
}

// parseRate reads "25", "29.97" or "30000:1001". A decimal that means a standard
// rate is that rate.
func parseRate(text string) (spool.Rational, bool) {
	num, den, fraction := strings.Cut(text, ":")
	n, err := strconv.ParseFloat(num, 64)
	if err != nil || n <= 0 || n > 1e7 {
		return spool.Rational{}, false
	}
	d := int64(1)
	if fraction {
		if d, err = strconv.ParseInt(den, 10, 32); err != nil || d <= 0 {
			return spool.Rational{}, false
		}
	}
	if n == math.Trunc(n) {
		return spool.Rational{Num: int64(n), Den: d}.Reduced(), true
	}
	return snapRate(spool.Rational{Num: int64(math.Round(n * 1000)), Den: 1000 * d}), true
}

// nominal is the whole number of frames that timecodes count in a second.
func nominal(rate spool.Rational) int64 { return max(1, int64(math.Round(rate.Float()))) }

// frames counts the frames from 00:00:00:00 on, at a nominal rate. Drop-frame
// leaves out the first two numbers (at 60: four) of each minute but every tenth;
// it is known for multiples of 30 only.
func (t timecode) frames(fps int64, drop bool) int64 {
	minutes := int64(60*t.h + t.m)
	n := (60*minutes+int64(t.s))*fps + int64(t.f)
	if drop && fps%30 == 0 {
		n -= fps / 15 * (minutes - minutes/10)
	}
	return n
}

// timecodeAt is the timecode of frame n; it wraps after a day.
func timecodeAt(n, fps int64, drop bool) timecode {
	drop = drop && fps%30 == 0
	if drop {
		left := fps / 15
		ten := 600*fps - 9*left // frames in ten minutes
		n = ((n % (144 * ten)) + 144*ten) % (144 * ten)
		tens, rest := n/ten, n%ten
		n += 9 * left * tens
		if rest >= left {
			n += left * ((rest - left) / (60*fps - left))
		}
	}
	day := 24 * 3600 * fps
	n = ((n % day) + day) % day
	second := n / fps
	return timecode{h: int(second / 3600), m: int(second / 60 % 60), s: int(second % 60), f: int(n % fps), drop: drop}
}

// String writes HH:MM:SS:FF, drop-frame HH:MM:SS;FF.
func (t timecode) String() string {
	mark := ':'
	if t.drop {
		mark = ';'
	}
	return fmt.Sprintf("%02d:%02d:%02d%c%02d", t.h, t.m, t.s, mark, t.f)
}

// clock turns timecodes of one timeline into frames counted from its beginning.
type clock struct {
	start timecode       // of the first frame
	rate  spool.Rational // frames per second, exact
	span  time.Duration  // of the timeline
}

// frame gives the frame, counted from the beginning, that has a timecode, and the
// rate of that count. A timecode before the beginning is meant after midnight.
// ok is false for one that no frame can have.
func (c clock) frame(text string) (n int64, rate spool.Rational, ok bool) {
	t, rate, ok := parseTimecode(text)
	if !ok {
		return 0, rate, false
	}
	if !rate.Valid() {
		rate = c.rate
	}
	fps := nominal(rate)
	if int64(t.f) >= fps || t.m > 59 || t.s > 59 {
		return 0, rate, false
	}
	drop := t.drop || c.start.drop
	n = t.frames(fps, drop) - c.start.frames(fps, drop)
	if n < 0 {
		// midnight lies between, unless the timeline is too short for that
		n += (timecode{h: 24}).frames(fps, drop)
		return n, rate, frameMoment(n, rate) < c.span
	}
	return n, rate, true
}

// at gives the moment of a timecode, counted from the beginning.
func (c clock) at(text string) (time.Duration, bool) {
	n, rate, ok := c.frame(text)
	return frameMoment(n, rate), ok
}

// frameMoment is when frame n of a rate begins.
func frameMoment(n int64, rate spool.Rational) time.Duration {
	if !rate.Valid() {
		return 0
	}
	return time.Duration(math.Round(float64(n) * float64(rate.Den) / float64(rate.Num) * 1e9))
}
