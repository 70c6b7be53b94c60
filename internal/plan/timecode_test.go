package plan

import (
	"testing"

	"pgregory.net/rapid"

	"spool/internal/spool"
)

// TestTimecodes: known pairs of timecode and frame.
func TestTimecodes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		fps  int64
		n    int64
	}{
		{"00:00:00:00", 30, 0},
		{"00:00:59;29", 30, 1799},
		{"00:01:00;02", 30, 1800}, // two numbers are left out
		{"00:10:00;00", 30, 17982},
		{"01:00:00;00", 30, 107892},
		{"01:00:00:00", 30, 108000},
		{"00:01:00;04", 60, 3600},
		{"01:00:00;00", 25, 90000}, // no drop-frame at 25
		{"23:59:59:23", 24, 24*3600*24 - 1},
	} {
		c, _, ok := parseTimecode(tc.text)
		if n := c.frames(tc.fps, c.drop); !ok || n != tc.n {
			t.Errorf("%s at %d: got %d, want %d", tc.text, tc.fps, n, tc.n)
		}
		if got := timecodeAt(tc.n, tc.fps, c.drop); got.h != c.h || got.m != c.m || got.s != c.s || got.f != c.f {
			t.Errorf("frame %d at %d: got %s, want %s", tc.n, tc.fps, got, tc.text)
		}
	}
	for _, bad := range []string{"", "00:00:00", "00:00:00.00", "aa:00:00:00", "00:00:00:00@", "00:00:00:00@0", "00:00:00:00@25:0", "00:00:00:00@1e9"} {
		if _, _, ok := parseTimecode(bad); ok {
			t.Errorf("%q is taken for a timecode", bad)
		}
	}
	for text, want := range map[string]spool.Rational{
		"25": {Num: 25, Den: 1}, "29.97": {Num: 30000, Den: 1001}, "30000:1001": {Num: 30000, Den: 1001}, "12.5": {Num: 25, Den: 2},
	} {
		if got, ok := parseRate(text); !ok || got != want {
			t.Errorf("@%s: got %s, want %s", text, got, want)
		}
	}
}

// TestTimecodeRoundTrip: each frame of a day has one timecode, and it has the frame.
func TestTimecodeRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fps := rapid.SampledFrom([]int64{10, 24, 25, 30, 50, 60, 120}).Draw(t, "fps")
		drop := rapid.Bool().Draw(t, "drop")
		n := rapid.Int64Range(0, 86000*fps).Draw(t, "n")
		c := timecodeAt(n, fps, drop)
		if got := c.frames(fps, c.drop); got != n {
			t.Fatalf("frame %d is %s, which is frame %d", n, c, got)
		}
		if read, _, ok := parseTimecode(c.String()); fps <= 60 && (!ok || read != c) {
			t.Fatalf("%s is read as %s", c, read)
		}
	})
}
