package ffmpeg

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		out, version string
		ok           bool
	}{
		{"ffmpeg version 5.1.9-0+deb12u1 Copyright (c)\n", "5.1.9-0+deb12u1", true},
		{"ffprobe version 7.0 Copyright\n", "7.0", true},
		{"ffmpeg version n6.1.1 Copyright\n", "n6.1.1", true},
		{"ffmpeg version 5.0.1 Copyright\n", "5.0.1", false},
		{"ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright\nlibavutil      58. 70.100\n", "4.4.2-0ubuntu0.22.04.1", false},
		{"ffmpeg version N-109542-g1bf1 Copyright\nlibavutil      57. 44.100 / 57. 44.100\n", "N-109542-g1bf1", true},
		{"ffmpeg version git-2020-01-01 Copyright\nlibavutil      56. 38.100 / 56. 38.100\n", "git-2020-01-01", false},
		{"ffmpeg version N-1 Copyright\n", "N-1", false},
		{"bash: ffmpeg: no\n", "unknown", false},
	} {
		if version, ok := parseVersion(c.out); version != c.version || ok != c.ok {
			t.Errorf("%q: got %q, %v", c.out, version, ok)
		}
	}
}

func TestProgressReader(t *testing.T) {
	t.Parallel()
	var got []Progress
	r := &progressReader{onReport: func(p Progress) { got = append(got, p) }}
	text := "frame=0\nout_time_us=-9223372036854775808\ntotal_size=N/A\nspeed=N/A\nprogress=continue\n" +
		"frame=12\nfps=3.5\nout_time_us=1500000\nout_time=00:00:01.500000\ntotal_size=48\nspeed= 1.5x\n" +
		strings.Repeat("x", 10_000) + "\nprogress=end\n"
	for i := range text { // in the smallest pieces
		if n, err := r.Write([]byte(text[i : i+1])); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	want := []Progress{{}, {Frames: 12, OutTime: 1500 * time.Millisecond, Speed: 1.5, TotalSize: 48, Done: true}}
	if !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
	if !got[1].advanced(got[0]) || (Progress{Speed: 1}).advanced(Progress{Speed: 2}) {
		t.Error("only frames, time and size are an advance")
	}
}

func TestSigns(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]signs{
		"[matroska,webm @ 0x1] [error] File ended prematurely":                                        {errorLines: 1, truncated: true},
		"[mov,mp4 @ 0x1] [error] stream 0, offset 0x30: partial file":                                 {errorLines: 1, truncated: true},
		"[mov,mp4 @ 0x1] [error] moov atom not found":                                                 {errorLines: 1, truncated: true, noMoov: true},
		"[warning] file:x.ts: corrupt decoded frame in stream 0":                                      {errorLines: 1},
		"[warning] Guessed Channel Layout for Input Stream #0.0 : mono":                               {},
		"av_interleaved_write_frame(): [error] No space left on device":                               {errorLines: 1, diskFull: true},
		"[error] Decoder (codec none) not found for input stream #0:1":                                {errorLines: 1, noDecoder: "none"},
		"[fatal] Unknown encoder 'lib<x>264'":                                                         {errorLines: 1, noEncoder: "libx264"},
		"[fatal] Stream map '0:v' matches no streams.":                                                {errorLines: 1, noStream: true},
		"[hls @ 0x1] [error] Format not on whitelist 'mov,mp4'":                                       {errorLines: 1, notWhitelisted: true},
		"[file @ 0x1] [error] Protocol 'http' not on whitelist 'file'!":                               {errorLines: 1, notWhitelisted: true},
		"[h264 @ 0x1] [IMGUTILS @ 0x2] [error] Picture size 9x9 exceeds specified max pixel count 10": {errorLines: 1, tooManyPixels: true},
	} {
		var got signs
		got.read(line)
		if got != want {
			t.Errorf("%s: got %+v, want %+v", line, got, want)
		}
	}
}

func TestNamesAreNotMessages(t *testing.T) {
	t.Parallel()
	name := "file:/in/" + strings.Repeat("x", 1000) + "/No space left on device.mp4"
	log := newLogReader("-i", name)
	if _, err := log.Write([]byte("[error] " + name + ": Invalid data found when processing input\n")); err != nil {
		t.Fatal(err)
	}
	if said := log.close(); said != (signs{errorLines: 1, invalidData: true}) {
		t.Errorf("got %+v", said)
	}
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	log := newLogReader()
	for range 1000 {
		if _, err := log.Write([]byte(strings.Repeat("[error] \x1b[31m\u202e", 1000) + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.Write([]byte("[error] no line end")); err != nil {
		t.Fatal(err)
	}
	if said := log.close(); said.errorLines != 1001 {
		t.Errorf("%d error lines", said.errorLines)
	}
	tail := log.tail()
	if len(tail) > maxLogLines*(maxLogLine+1) || strings.ContainsAny(tail, "\x1b\u202e") || !strings.HasSuffix(tail, "no line end") {
		t.Errorf("tail of %d bytes: %.80q", len(tail), tail)
	}
}

func TestParseSeconds(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{
		"0.066733": 66733 * time.Microsecond, "10": 10 * time.Second, "-0.5": -500 * time.Millisecond,
		"1.0000000009": time.Second, "N/A": 0, "": 0, "1e9": 0, "99999999999.0": 0, "1.-5": 0, "--1": 0, "nan": 0,
	} {
		if got := seconds(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	for counterClockwise, want := range map[float64]int{-90: 90, 90: 270, 180: 180, -180: 180, 0: 0, -89.5: 90, 45: 0, 270: 90, math.NaN(): 0} {
		if got := rotation([]wireSideData{{Type: "CPB"}, {Type: "Display Matrix", Rotation: counterClockwise}}); got != want {
			t.Errorf("%v: got %d, want %d", counterClockwise, got, want)
		}
	}
}

func TestPixelFormat(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"yuv420p": "4:2:0", "yuvj420p": "4:2:0", "yuv422p10le": "4:2:2", "yuva444p12le": "4:4:4", "nv12": "4:2:0",
		"p010le": "4:2:0", "p216le": "4:2:2", "gbrp10le": "4:4:4", "gray16be": "4:0:0", "rgb24": "4:4:4", "yuv440p": "4:4:0", "vaapi": "",
	} {
		if _, got := pixelFormat(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]int{"yuv420p": 8, "yuv422p10le": 10, "p010le": 10, "p216le": 16, "gbrp10le": 10, "gray16be": 16, "": 0} {
		if got, _ := pixelFormat(name); got != want {
			t.Errorf("%s: got %d bits, want %d", name, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{"eng": "eng", "und": "", "pt-BR": "pt-BR", "e": "", "a\nb": "", strings.Repeat("a", 40): ""} {
		if got := language(map[string]string{"language": tag}); got != want {
			t.Errorf("%q: got %q", tag, got)
		}
	}
}

func TestParseFirstFrame(t *testing.T) {
	t.Parallel()
	f, ok := parseFirstFrame("#software: x\n#tb 0: 1/30000\n#dimensions 0: 320x180\n0,       2002,       2002,     1001,  1166400, 0x00408e67\n0, 1, 1, 1, 1, 0x0\n")
	want := firstFrame{timeBase: spool.Rational{Num: 1, Den: 30000}, pts: 2002, width: 320, height: 180}
	if !ok || f != want {
		t.Errorf("got %+v, %v", f, ok)
	}
	for _, bad := range []string{"", "#tb 0: 1/30\n#dimensions 0: 3x3\n", "0, 0, 0, 1, 1, 0x0\n", "#tb 0: 1/0\n#dimensions 0: 3x3\n0, 0, 0, 1, 1, 0x0\n",
		"#tb 0: 1/30\n#dimensions 0: 3x3\n0, -9223372036854775808, -9223372036854775808, 1, 1, 0x0\n"} {
		if _, ok := parseFirstFrame(bad); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestPacketScan(t *testing.T) {
	t.Parallel()
	scan := &packetScan{spans: map[int]*span{}}
	text := "0,0.100000,0.040000\n1,N/A,N/A\n0,0.050000,0.040000\n0,0.180000,N/A\n99,0,0\n-1,0,0\nrubbish\n0,0.140000,0.040000"
	for _, piece := range strings.SplitAfter(text+"\n", "0") {
		_, _ = scan.Write([]byte(piece))
	}
	ms := time.Millisecond
	want := span{start: 50 * ms, end: 180 * ms, last: 180 * ms, packets: 4}
	if got := scan.spans[0]; got == nil || *got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if len(scan.spans) != 2 {
		t.Errorf("%d streams", len(scan.spans))
	}
}

// FuzzReaders feeds every parser of a tool's output with anything.
func FuzzReaders(f *testing.F) {
	f.Add("frame=1\nprogress=end\n")
	f.Add("[error] Decoder (codec x) not found for input stream\n")
	f.Add("#tb 0: 1/30\n#dimensions 0: 3x3\n0, 0, 0, 1, 1, 0x0\n")
	f.Add("0,1.5,0.04\n")
	f.Fuzz(func(t *testing.T, text string) {
		log := newLogReader()
		_, _ = log.Write([]byte(text))
		said := log.close()
		if plainName(said.noDecoder) != said.noDecoder || plainName(said.noEncoder) != said.noEncoder {
			t.Errorf("names %q, %q", said.noDecoder, said.noEncoder)
		}
		progress := &progressReader{}
		_, _ = progress.Write([]byte(text))
		if p := progress.last(); p.Frames < 0 || p.OutTime < 0 || p.TotalSize < 0 || !(p.Speed >= 0) {
			t.Errorf("progress %+v", p)
		}
		_, _ = (&packetScan{spans: map[int]*span{}}).Write([]byte(text))
		parseFirstFrame(text)
		parseVersion(text)
		parseTable(text, func(string) bool { return true })
		pixelFormat(text)
		seconds(text)
		if _, ok := parseSeconds(text); ok && strings.ContainsAny(text, "eE") {
			t.Errorf("%q was taken", text)
		}
	})
}
