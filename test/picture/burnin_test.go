package picture_test

import (
	"testing"

	"spool/internal/testkit"
)

// TestBurnin: the timecode in the picture counts with the output's pictures, over
// the join of two clips and over the numbers that drop-frame leaves out; it stands
// where it should, behind its prefix.
func TestBurnin(t *testing.T) {
	t.Parallel()
	const w, h = 128, 96
	path := flat(t, "gray.mov", "0x808080", append([]string{"-r", "30000/1001"}, sdr...)...)
	burn := func(members object) object {
		return object{"videoPreprocessors": object{"timecodeBurnin": members}}
	}
	run := func(start string, more ...object) done {
		clips := []object{{"startTimecode": "00:00:00:00", "endTimecode": "00:00:00:04"}, {"startTimecode": "00:00:00:10", "endTimecode": "00:00:00:14"}}
		return job{
			files: []string{path}, inputs: []object{{"inputClippings": clips}}, outputs: append([]object{burn(object{"fontSize": 16, "position": "TOP_LEFT"})}, more...),
			more: object{"timecodeConfig": object{"source": "SPECIFIEDSTART", "start": start}},
		}.run(t)
	}
	frame := func(d done, n, k int) []byte { return pixels(t, d.file(n), (float64(k)-0.4)*1001/30000, w, h) }
	nasty := burn(object{"fontSize": 10, "position": "BOTTOM_LEFT", "prefix": `a'b:c,d;[e]\f%g={h} `})
	a := run("00:00:59:25", burn(object{"fontSize": 16, "position": "BOTTOM_RIGHT"}), nasty)
	b := run("00:01:00:02")
	if e := difference(frame(a, 0, 5), frame(b, 0, 0)); e > 1 {
		t.Errorf("5 pictures after 00:00:59;25 comes 00:01:00;02, but the pictures differ by %.2f", e)
	}
	if e := difference(frame(a, 0, 4), frame(b, 0, 0)); e < 0.05 {
		t.Errorf("the timecode stands still: %.2f", e)
	}
	if e := difference(frame(a, 0, 9), frame(run("00:01:00:06"), 0, 0)); e > 1 {
		t.Errorf("after the join it does not go on: off by %.2f", e)
	}
	gray := make([]byte, w*h*3)
	for i := range gray {
		gray[i] = 128
	}
	for n, written := range map[int][2]string{0: {"above", "below"}, 1: {"below", "above"}, 2: {"below", "above"}} {
		pix := frame(a, n, 0)
		halves := map[string]float64{"above": difference(cut(pix, w, 0, 0, w, 40), gray[:w*40*3]), "below": difference(cut(pix, w, 0, h-40, w, 40), gray[:w*40*3])}
		if halves[written[0]] < 4 || halves[written[1]] > 2 {
			t.Errorf("output %d: the timecode stands %s, but there it changes the picture by %.1f, and %s by %.1f", n, written[0], halves[written[0]], written[1], halves[written[1]])
		}
	}
	if e := difference(frame(a, 2, 0), frame(a, 1, 0)); e < 2 {
		t.Error("the prefix is not there")
	}
	if got := testkit.FrameTimes(t, a.file(0)); len(got) != 10 {
		t.Errorf("%d pictures instead of 10", len(got))
	}
}
