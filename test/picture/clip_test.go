package picture_test

import (
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// source is what most jobs here read.
var source = testkit.ClipSpec{Seconds: 6, W: 320, H: 180, FPS: spool.Rational{Num: 30, Den: 1}, Audio: testkit.Stereo, GOP: 45}

// TestClippings: exactly the frames that the timecodes name, both included, with
// the sound that belongs to them.
func TestClippings(t *testing.T) {
	t.Parallel()
	clip := func(start, end string) object {
		c := object{}
		if start != "" {
			c["startTimecode"] = start
		}
		if end != "" {
			c["endTimecode"] = end
		}
		return c
	}
	ntsc := spool.Rational{Num: 30000, Den: 1001}
	for name, tc := range map[string]struct {
		spec  testkit.ClipSpec
		input object
		clips []object
		want  []int
	}{
		"middle":         {source, nil, []object{clip("00:00:01:10", "00:00:02:09")}, span(40, 69)},
		"one frame":      {source, nil, []object{clip("00:00:03:07", "00:00:03:07")}, span(97, 97)},
		"open end":       {source, nil, []object{clip("00:00:05:00", "")}, span(150, 179)},
		"open start":     {source, nil, []object{clip("", "00:00:00:19")}, span(0, 19)},
		"three":          {source, nil, []object{clip("00:00:00:00", "00:00:00:09"), clip("00:00:02:00", "00:00:02:09"), clip("00:00:05:20", "00:00:05:29")}, append(append(span(0, 9), span(60, 69)...), span(170, 179)...)},
		"specified":      {source, object{"timecodeSource": "SPECIFIEDSTART", "timecodeStart": "10:00:00:00"}, []object{clip("10:00:01:00", "10:00:01:14")}, span(30, 44)},
		"past midnight":  {source, object{"timecodeSource": "SPECIFIEDSTART", "timecodeStart": "23:59:59:00"}, []object{clip("00:00:00:05", "00:00:00:14")}, span(35, 44)},
		"another rate":   {source, nil, []object{clip("00:00:02:05@25", "00:00:02:09@25")}, span(66, 71)},
		"longer than it": {source, nil, []object{clip("00:00:05:15", "00:01:00:00")}, span(165, 179)},
		"29.97 from TS, starting at 10 s": {testkit.ClipSpec{Seconds: 6, W: 320, H: 180, FPS: ntsc, Audio: testkit.Stereo, Container: "ts", StartAt: 10, GOP: 90}, nil,
			[]object{clip("00:00:03:00", "00:00:03:29")}, span(90, 119)},
		"embedded drop-frame": {testkit.ClipSpec{Seconds: 6, W: 320, H: 180, FPS: ntsc, Container: "mov", Extra: []string{"-timecode", "00:00:58;00"}},
			object{"timecodeSource": "EMBEDDED"}, []object{clip("00:00:59;20", "00:01:00;11")}, span(50, 69)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := object{"inputClippings": tc.clips}
			for k, v := range tc.input {
				in[k] = v
			}
			sound := tc.spec.Audio != testkit.NoAudio
			d := job{inputs: []object{in}, files: []string{testkit.Clip(t, tc.spec)}, sound: sound}.run(t)
			needFrames(t, d.file(0), tc.want)
			if sound {
				length := time.Duration(float64(len(tc.want)) / tc.spec.FPS.Float() * 1e9)
				if got := testkit.SoundDuration(t, d.file(0)); (got - length).Abs() > 22*time.Millisecond { // a frame of AAC
					t.Errorf("the sound lasts %v, the picture %v", got, length)
				}
			}
			if short := d.warned(spool.WarnClipShort); short != (name == "longer than it") {
				t.Errorf("the warning of a short clip came: %v", short)
			}
		})
	}
}

// TestClipSync: the beep stays with the flash in every clip.
func TestClipSync(t *testing.T) {
	t.Parallel()
	clips := []object{{"startTimecode": "00:00:00:20", "endTimecode": "00:00:01:19"}, {"startTimecode": "00:00:03:15", "endTimecode": "00:00:05:15"}}
	d := job{inputs: []object{{"inputClippings": clips}}, files: []string{testkit.Clip(t, source)}, sound: true}.run(t)
	flashes, beeps := testkit.Flashes(t, d.file(0)), testkit.Beeps(t, d.file(0))
	if len(flashes) != 3 || len(beeps) != 3 {
		t.Fatalf("flashes %v, beeps %v; three of each were expected", flashes, beeps)
	}
	for i := range flashes {
		if (flashes[i] - beeps[i]).Abs() > 5*time.Millisecond {
			t.Errorf("flash %d at %v, beep at %v", i, flashes[i], beeps[i])
		}
	}
}

// TestClipFailures: what no input has is a failure with the service's code.
func TestClipFailures(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		input object
		want  string
	}{
		"after the end":        {object{"inputClippings": []object{{"startTimecode": "00:00:06:00"}}}, "The clipping start timecode [00:00:06:00] was not found in input number [1]"},
		"region after the end": {object{"inputClippings": []object{{"startTimecode": "00:01:00:00", "endTimecode": "00:02:00:00"}}}, "The clipping region [00:01:00:00] to [00:02:00:00] was not found in input number [1]"},
		"no such frame":        {object{"inputClippings": []object{{"startTimecode": "00:00:01:30"}}}, "was not found"},
		"nothing embedded":     {object{"timecodeSource": "EMBEDDED", "inputClippings": []object{{"startTimecode": "00:00:01:00"}}}, "was not found"},
		"before the start": {object{"timecodeSource": "SPECIFIEDSTART", "timecodeStart": "01:00:00:00", "inputClippings": []object{{"endTimecode": "00:30:00:00"}}},
			"was not found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := job{inputs: []object{tc.input}, files: []string{testkit.Clip(t, source)}}.try(t)
			if code, message := d.failure(); code != spool.CodeClipping || !strings.Contains(message, tc.want) {
				t.Errorf("got %d: %s", code, message)
			}
		})
	}
}
