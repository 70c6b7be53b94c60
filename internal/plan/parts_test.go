package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"pgregory.net/rapid"

	"spool/internal/spool"
)

// TestConstantRate holds the choice of rate for what real files declare
// (r_frame_rate, avg_frame_rate).
func TestConstantRate(t *testing.T) {
	t.Parallel()
	q := func(n, d int64) spool.Rational { return spool.Rational{Num: n, Den: d} }
	for _, tc := range []struct {
		name         string
		r, avg, want spool.Rational
	}{
		{"constant", q(30000, 1001), q(30000, 1001), q(30000, 1001)},
		{"phone with a long frame", q(30000, 1001), q(37200, 1241), q(30000, 1001)},
		{"phone that dropped frames", q(30, 1), q(140000, 5087), q(30, 1)},
		{"timescale 600, variable", q(600, 1), q(24600, 1469), q(30, 1)},
		{"screen recording", q(57600, 1), q(3628800, 502589), q(30, 1)},
		{"field-coded stream", q(60000, 1001), q(30000, 1001), q(30000, 1001)},
		{"transport stream without an average", q(24, 1), q(0, 0), q(24, 1)},
		{"nothing known", q(0, 0), q(0, 0), q(30000, 1001)},
		{"variable, about 60", q(90000, 1), q(5990, 100), q(60000, 1001)},
		{"ten a second", q(10, 1), q(10, 1), q(10, 1)},
	} {
		got := constantRate(&spool.VideoTrack{FrameRate: tc.r, AvgFrameRate: tc.avg})
		if got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestGeometry holds the examples of behaviour.md 5.3, and more.
func TestGeometry(t *testing.T) {
	t.Parallel()
	square := spool.Rational{Num: 1, Den: 1}
	for _, tc := range []struct {
		name           string
		w, h           int
		sar            spool.Rational
		outW, outH     int32
		scaling        types.ScalingBehavior
		par            spool.Rational
		wantW, wantH   int
		scaleW, scaleH int
	}{
		{"follow", 1280, 720, square, 0, 0, "", spool.Rational{}, 1280, 720, 1280, 720},
		{"one side", 1920, 1080, square, 1280, 0, "", spool.Rational{}, 1280, 720, 1280, 720},
		{"fit and pad", 1280, 720, square, 640, 480, types.ScalingBehaviorDefault, spool.Rational{}, 640, 480, 640, 360},
		{"stretch", 1280, 720, square, 640, 480, types.ScalingBehaviorStretchToOutput, spool.Rational{}, 640, 480, 640, 480},
		{"fit", 200, 200, square, 300, 400, types.ScalingBehaviorFit, spool.Rational{}, 300, 300, 300, 300},
		{"fit without upscale", 400, 400, square, 200, 300, types.ScalingBehaviorFitNoUpscale, spool.Rational{}, 200, 200, 200, 200},
		{"small stays", 100, 50, square, 200, 300, types.ScalingBehaviorFitNoUpscale, spool.Rational{}, 100, 50, 100, 50},
		{"fill", 200, 200, square, 300, 400, types.ScalingBehaviorFill, spool.Rational{}, 300, 400, 400, 400},
		{"odd", 427, 241, square, 0, 0, "", spool.Rational{}, 426, 240, 426, 240},
		{"854 into 16:9 has no hairline", 854, 480, square, 1280, 720, "", spool.Rational{}, 1280, 720, 1280, 720},
		{"anamorphic follows", 720, 480, spool.Rational{Num: 32, Den: 27}, 0, 0, "", spool.Rational{}, 720, 480, 720, 480},
		{"anamorphic to square", 720, 480, spool.Rational{Num: 32, Den: 27}, 640, 360, "", square, 640, 360, 640, 360},
	} {
		s := &source{input: &types.Input{}, width: tc.w, height: tc.h, sar: tc.sar}
		vd := &types.VideoDescription{ScalingBehavior: tc.scaling}
		if tc.outW > 0 {
			vd.Width = aws.Int32(tc.outW)
		}
		if tc.outH > 0 {
			vd.Height = aws.Int32(tc.outH)
		}
		g, err := newGeometry(s, vd, tc.par)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if g.width != tc.wantW || g.height != tc.wantH || g.scaleW != tc.scaleW || g.scaleH != tc.scaleH {
			t.Errorf("%s: got %dx%d of %dx%d, want %dx%d of %dx%d", tc.name, g.width, g.height, g.scaleW, g.scaleH, tc.wantW, tc.wantH, tc.scaleW, tc.scaleH)
		}
	}
}

// TestGeometryProperties: whatever the sizes, the output is even, the picture
// lies inside it, or covers it where it fills.
func TestGeometryProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &source{
			input: &types.Input{},
			width: rapid.IntRange(2, 8192).Draw(t, "w"), height: rapid.IntRange(2, 8192).Draw(t, "h"),
			sar: spool.Rational{Num: rapid.Int64Range(1, 64).Draw(t, "num"), Den: rapid.Int64Range(1, 64).Draw(t, "den")},
		}
		vd := &types.VideoDescription{
			ScalingBehavior: rapid.SampledFrom([]types.ScalingBehavior{"DEFAULT", "FIT", "FIT_NO_UPSCALE", "FILL", "STRETCH_TO_OUTPUT"}).Draw(t, "scaling"),
			Width:           aws.Int32(2 * rapid.Int32Range(16, 4096).Draw(t, "outW")),
			Height:          aws.Int32(2 * rapid.Int32Range(16, 4096).Draw(t, "outH")),
		}
		g, err := newGeometry(s, vd, spool.Rational{})
		if err != nil {
			return
		}
		if g.width%2+g.height%2+g.scaleW%2+g.scaleH%2 != 0 {
			t.Fatalf("odd: %+v", g)
		}
		inside := g.scaleW <= g.width && g.scaleH <= g.height
		covers := g.scaleW >= g.width && g.scaleH >= g.height
		if g.fill && !covers || !g.fill && !inside {
			t.Fatalf("%+v", g)
		}
	})
}

func TestExpand(t *testing.T) {
	t.Parallel()
	v := ids{
		file: "cat", started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), videoRate: 5000000, audioRate: 96000,
		width: 1280, height: 720, fps: 59.94, extension: "m3u8",
	}
	for _, tc := range []struct {
		in, want string
		at       where
	}{
		{"_$h$p", "_720p", inModifier},
		{"_$h%05$", "_00720", inModifier},
		{"$fn$-$w$x$h$@$f$", "cat-1280x720@59", inModifier},
		{"$rv$_$ra$_$rc$", "5000_96000_5096", inModifier},
		{"$$5", "$5", inModifier},
		{"$dt$-$d$-$t$", "20260102T030405-20260102-030405", inModifier},
		{"$dt$", "$dt$", inSegment},
		{"s3://b/$fn$/$h$/$d$", "s3://b/cat/$h$/20260102", inDestination},
		{"$nope$ and $", "$nope$ and $", inModifier},
		{"$h%0999$", "$h%0999$", inModifier},
	} {
		if got := v.expand(tc.in, tc.at); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.in, got, tc.want)
		}
	}
}

// TestJPEGTables: a higher quality never has a coarser table.
func TestJPEGTables(t *testing.T) {
	t.Parallel()
	last := [64]int{}
	for q := 100; q >= 1; q-- {
		for i, v := range strings.Split(jpegTable(lumaTable, q), ",") {
			var n int
			for _, c := range v {
				n = 10*n + int(c-'0')
			}
			if n < 1 || n > 255 || n < last[i] {
				t.Fatalf("quality %d, entry %d: %d after %d", q, i, n, last[i])
			}
			last[i] = n
		}
	}
}

func TestExpectedCaptures(t *testing.T) {
	t.Parallel()
	thirty := spool.Rational{Num: 30, Den: 1}
	for _, tc := range []struct {
		d     time.Duration
		rate  spool.Rational
		limit int64
		want  int64
	}{
		{10010 * time.Millisecond, thirty, 0, 301}, // 300 frames at 29.97 (split-notes)
		{10 * time.Second, thirty, 0, 300},
		{10 * time.Second, spool.Rational{Num: 1, Den: 5}, 0, 2},
		{10 * time.Second, thirty, 1, 1},
		{0, thirty, 0, 1},
	} {
		if got := expectedCaptures(tc.d, tc.rate, tc.limit); got != tc.want {
			t.Errorf("%s at %s, at most %d: got %d, want %d", tc.d, tc.rate, tc.limit, got, tc.want)
		}
	}
}

func TestNumbered(t *testing.T) {
	t.Parallel()
	o := Output{Key: "100%07d%.%07d.jpg", Staged: "g0_o1_%07d.jpg"}
	if o.CaptureKey(12) != "100%07d%.0000012.jpg" || o.CaptureStaged(0) != "g0_o1_0000000.jpg" {
		t.Error(o.CaptureKey(12), o.CaptureStaged(0))
	}
}

// TestColors: a tag that FFmpeg reads under one name and writes under another
// is translated, and one that it can't write is left out.
func TestColors(t *testing.T) {
	t.Parallel()
	s := &source{video: &spool.VideoTrack{ColorSpace: "bt470bg", Transfer: "bt470bg", Primaries: "ebu3213"}}
	got := strings.Join(colorArgs(s, &types.VideoDescription{}), " ")
	if want := "-color_range tv -colorspace bt470bg -color_trc gamma28"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := colorArgs(s, &types.VideoDescription{ColorMetadata: types.ColorMetadataIgnore}); got != nil {
		t.Errorf("with IGNORE: %q", got)
	}
}

// TestPIDs: what the job does not say goes on the next free PID.
func TestPIDs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		m3u8 *types.M3u8Settings
		want string
	}{
		{nil, "0:481 1:482 2:483"},
		{&types.M3u8Settings{VideoPid: aws.Int32(482)}, "0:482 1:483 2:484"},
		{&types.M3u8Settings{AudioPids: []int32{483}}, "0:481 1:483 2:482"},
	} {
		o := &types.Output{ContainerSettings: &types.ContainerSettings{M3u8Settings: tc.m3u8}}
		var got []string
		args := newTransport(o, &encoding{}, make([]sound, 2)).args()
		for i, a := range args {
			if a == "-streamid" {
				got = append(got, args[i+1])
			}
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

// TestStackedTracks: every track of a selector lies on the timeline by itself
// before channels are mixed; they need not begin together.
func TestStackedTracks(t *testing.T) {
	t.Parallel()
	g := graph{prog: &programme{parts: []*part{{src: &source{zero: time.Second}, whole: true}}}}
	g.sound(sound{takes: []take{{lines: []line{
		{stream: 1, channels: 1, shift: time.Second, mix: matrix{{1}, {0}}},
		{stream: 3, channels: 1, shift: time.Second, mix: matrix{{0}, {1}}},
	}}}, channels: 2, layout: "stereo", rate: 48000})
	want := "[0:1]asetpts=PTS-(1.000000)/TB,aresample=48000:async=1:first_pts=0,pan=stereo|c0=c0|c1=0*c0[t0_0];" +
		"[0:3]asetpts=PTS-(1.000000)/TB,aresample=48000:async=1:first_pts=0,pan=stereo|c0=0*c0|c1=c0[t0_1];" +
		"[t0_0][t0_1]amix=inputs=2:normalize=0[a0]"
	if got := g.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
