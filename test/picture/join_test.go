package picture_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// TestJoin: inputs of other sizes, rates, shapes and turns, one without sound and
// one without picture: each shows its own frames for as long as it lasts, and the
// sound stays with the picture.
func TestJoin(t *testing.T) {
	t.Parallel()
	files := []testkit.ClipSpec{
		{Seconds: 2, W: 320, H: 180, Audio: testkit.Stereo},
		{Seconds: 2, W: 160, H: 120, FPS: spool.Rational{Num: 15, Den: 1}, Audio: testkit.Stereo},
		{Seconds: 1, W: 320, H: 180},
		{Seconds: 2, W: 240, H: 240, Audio: testkit.Mono, Rotate: 90, SAR: spool.Rational{Num: 4, Den: 3}},
		{Seconds: 2, W: 320, H: 180, Container: "ts", StartAt: 5, Audio: testkit.Stereo},
	}
	var want []int
	j := job{sound: true}
	for _, spec := range files {
		j.files = append(j.files, testkit.Clip(t, spec))
		j.inputs = append(j.inputs, object{"videoSelector": object{"rotate": "AUTO"}})
		want = append(want, spec.Shown(spool.Rational{Num: 30, Den: 1})...)
	}
	d := j.run(t)
	needFrames(t, d.file(0), want)
	got := testkit.Probe(t, d.file(0))
	if got.Streams[0].Width != 320 || got.Streams[0].Height != 180 {
		t.Errorf("the output is %dx%d, not as the first input", got.Streams[0].Width, got.Streams[0].Height)
	}
	flashes, beeps := testkit.Flashes(t, d.file(0)), testkit.Beeps(t, d.file(0))
	if len(flashes) != 4 || len(beeps) != 4 {
		t.Fatalf("flashes %v, beeps %v; four of each were expected", flashes, beeps)
	}
	for i := range flashes {
		if (flashes[i] - beeps[i]).Abs() > 5*time.Millisecond {
			t.Errorf("flash %d at %v, beep at %v", i, flashes[i], beeps[i])
		}
	}
}

// TestManyInputs: twenty inputs and twice as many clips come in order.
func TestManyInputs(t *testing.T) {
	t.Parallel()
	path := testkit.Clip(t, source)
	j := job{sound: true, outputs: []object{{}, {"width": 160}}}
	var want []int
	for n := range 20 {
		from := n * 7
		j.files = append(j.files, path)
		j.inputs = append(j.inputs, object{"inputClippings": []object{
			{"startTimecode": timecode(from), "endTimecode": timecode(from + 4)},
			{"startTimecode": timecode(from + 20), "endTimecode": timecode(from + 22)},
		}})
		want = slices.Concat(want, span(from, from+4), span(from+20, from+22))
	}
	d := j.run(t)
	needFrames(t, d.file(0), want)
	needFrames(t, d.file(1), want)
}

func timecode(frame int) string { return fmt.Sprintf("00:00:%02d:%02d", frame/30, frame%30) }

// TestCropAndPosition: what is cropped away is not shown, and the picture stands
// where the job says, with black around it.
func TestCropAndPosition(t *testing.T) {
	t.Parallel()
	const w, h = 320, 180
	path := testkit.Clip(t, testkit.ClipSpec{Seconds: 1, W: w, H: h})
	d := job{files: []string{path}, outputs: []object{
		{},
		{"crop": object{"x": 160, "y": 60, "width": 120, "height": 100}},
		{"position": object{"x": 100, "y": 40, "width": 160, "height": 90}},
		{"crop": object{"x": 160, "y": 60, "width": 120, "height": 100}, "position": object{"x": 20, "y": 10, "width": 120, "height": 100}, "width": w, "height": h},
	}}.run(t)
	all := pixels(t, d.file(0), 0.5, w, h)
	cropped := pixels(t, d.file(1), 0.5, 120, 100)
	if e := difference(cut(all, w, 160, 60, 120, 100), cropped); e > 4 {
		t.Errorf("the cropped picture is another one: off by %.1f a pixel", e)
	}
	placed := pixels(t, d.file(2), 0.5, w, h)
	small := pixels(t, d.file(0), 0.5, 160, 90)
	if e := difference(cut(placed, w, 100, 40, 160, 90), small); e > 8 {
		t.Errorf("the picture does not stand where it should: off by %.1f a pixel", e)
	}
	for name, outside := range map[string][]byte{"left": cut(placed, w, 0, 0, 96, h), "right": cut(placed, w, 264, 0, 56, h), "above": cut(placed, w, 0, 0, w, 36), "below": cut(placed, w, 0, 134, w, 46)} {
		if e := difference(outside, make([]byte, len(outside))); e > 3 {
			t.Errorf("%s of the picture is not black: %.1f", name, e)
		}
	}
	both := pixels(t, d.file(3), 0.5, w, h)
	if e := difference(cut(both, w, 20, 10, 120, 100), cropped); e > 4 {
		t.Errorf("cropped and placed, the picture is another one: off by %.1f a pixel", e)
	}
}

// cut takes a part of an RGB picture.
func cut(pix []byte, width, x, y, w, h int) []byte {
	out := make([]byte, 0, w*h*3)
	for row := y; row < y+h; row++ {
		out = append(out, pix[(row*width+x)*3:(row*width+x+w)*3]...)
	}
	return out
}

// difference is the mean distance of two pictures' bytes.
func difference(a, b []byte) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return 255
	}
	sum := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		sum += max(d, -d)
	}
	return float64(sum) / float64(len(a))
}
