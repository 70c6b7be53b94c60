package ffmpeg_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/ffmpeg"
	"spool/internal/spool"
)

const uri = "s3://uploads/a name.mp4"

func probe(t *testing.T, path string) spool.Media {
	t.Helper()
	m, err := tools(t).Probe(t.Context(), path, uri)
	if err != nil {
		var f *spool.Failure
		if errors.As(err, &f) {
			t.Fatalf("probe: %v\n%s", f, f.Detail)
		}
		t.Fatalf("probe: %v", err)
	}
	return m
}

func about(d, want, off time.Duration) bool { return (d - want).Abs() <= off }

var picture = []string{"-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30000/1001:duration=2"}

var sound = []string{"-f", "lavfi", "-i", "sine=frequency=500:sample_rate=44100:duration=2"}

func TestProbeGenerated(t *testing.T) {
	t.Parallel()
	path := clip(t, "plain.mp4", slices.Concat(sound, picture, []string{"-map", "0", "-map", "1", "-c:v", "libx264", "-pix_fmt", "yuv420p",
		"-c:a", "aac", "-ac", "2", "-metadata:s:a:0", "language=fra"})...)
	m := probe(t, path)
	if len(m.Video) != 1 || len(m.Audio) != 1 || !about(m.Duration, 2*time.Second, 50*time.Millisecond) {
		t.Fatalf("media %+v", m)
	}
	v, a := m.Video[0], m.Audio[0]
	if v.Index != 1 || v.Codec != "h264" || v.Width != 320 || v.Height != 180 || v.BitDepth != 8 || v.Chroma != "4:2:0" ||
		v.FrameRate != (spool.Rational{Num: 30000, Den: 1001}) || v.Frames != 60 || v.FirstPTS != 0 || v.TimeBase.Num != 1 || v.Rotation != 0 {
		t.Errorf("video %+v", v)
	}
	if a.Index != 0 || a.Codec != "aac" || a.Channels != 2 || a.Layout != "stereo" || a.SampleRate != 44100 || a.Language != "fra" || !a.Default {
		t.Errorf("audio %+v", a)
	}
}

// TestFirstPTS compares with what the frames of a whole decode begin with.
func TestFirstPTS(t *testing.T) {
	t.Parallel()
	shifted := clip(t, "late.ts", slices.Concat(picture, []string{"-c:v", "mpeg2video", "-g", "15", "-bf", "2", "-output_ts_offset", "7"})...)
	m := probe(t, shifted)
	v := m.Video[0]
	at := time.Duration(float64(v.FirstPTS) * v.TimeBase.Float() * float64(time.Second))
	// The muxer adds 1.4 s, and one frame for the reordering.
	if !about(at, 8400*time.Millisecond, 80*time.Millisecond) || !about(m.Start, at, 80*time.Millisecond) || !about(m.Duration, 2*time.Second, 80*time.Millisecond) {
		t.Errorf("first frame at %v, start %v, duration %v", at, m.Start, m.Duration)
	}
	// An MP4 whose content begins after 5 s of nothing: the nothing is not part of the duration.
	gap := clip(t, "gap.mp4", slices.Concat(picture, []string{"-c:v", "libx264", "-output_ts_offset", "5"})...)
	m = probe(t, gap)
	if !about(m.Start, 5*time.Second, 80*time.Millisecond) || !about(m.Duration, 2*time.Second, 80*time.Millisecond) {
		t.Errorf("start %v, duration %v", m.Start, m.Duration)
	}
}

func TestDurationIsMeasured(t *testing.T) {
	t.Parallel()
	// A live recording: the header was written before the length was known.
	live := clip(t, "live.webm", slices.Concat(picture, sound, []string{"-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-live", "1"})...)
	m := probe(t, live)
	if !about(m.Duration, 2*time.Second, 60*time.Millisecond) || m.Video[0].Frames != 60 || !about(m.Video[0].Duration, 2*time.Second, 60*time.Millisecond) || m.BitRate == 0 {
		t.Errorf("media %+v", m)
	}
	// Hardly any bytes, but true: the claim stays.
	still := clip(t, "still.mp4", "-f", "lavfi", "-i", "color=black:size=64x64:rate=1:duration=3600", "-c:v", "libx264", "-x264-params", "keyint=100000")
	m = probe(t, still)
	if m.Duration != time.Hour || m.Video[0].Frames != 3600 {
		t.Errorf("duration %v, frames %d", m.Duration, m.Video[0].Frames)
	}
	// Cut short: the claim stays too, because it shows what is missing.
	cut := clip(t, "cut.mp4", slices.Concat(picture, []string{"-c:v", "libx264", "-b:v", "2M", "-movflags", "+faststart"})...)
	info, err := os.Stat(cut)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(cut, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	if m = probe(t, cut); !about(m.Duration, 2*time.Second, 50*time.Millisecond) || m.Video[0].Frames != 60 {
		t.Errorf("duration %v, frames %d", m.Duration, m.Video[0].Frames)
	}
}

// TestTrackWithoutDuration: a container that speaks of the whole file only says
// how long its longest track is.
func TestTrackWithoutDuration(t *testing.T) {
	t.Parallel()
	uneven := slices.Concat(picture, []string{"-f", "lavfi", "-i", "sine=sample_rate=44100:duration=3.5"}, []string{"-c:v", "libx264", "-b:v", "1M", "-c:a", "aac"})
	check := func(name, path string) {
		t.Helper()
		m := probe(t, path)
		if !about(m.Duration, 3500*time.Millisecond, 100*time.Millisecond) || !about(m.Video[0].Duration, 2*time.Second, 60*time.Millisecond) ||
			m.Video[0].Frames != 60 || !about(m.Audio[0].Duration, 3500*time.Millisecond, 60*time.Millisecond) {
			t.Errorf("%s: media %+v", name, m)
		}
	}
	flv := clip(t, "uneven.flv", uneven...)
	check("FLV", flv)
	mkv := clip(t, "uneven.mkv", uneven...)
	b, err := os.ReadFile(mkv)
	if err != nil {
		t.Fatal(err)
	}
	for range bytes.Count(b, []byte("DURATION")) {
		patch(t, mkv, "DURATION", "WHATEVER")
	}
	check("Matroska without tags", mkv)
	// Cut off, which no message tells of: the claim stays, and nothing is said of
	// the tracks, so that the claim is asked of them.
	info, err := os.Stat(flv)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(flv, info.Size()/3); err != nil {
		t.Fatal(err)
	}
	if m := probe(t, flv); !about(m.Duration, 3500*time.Millisecond, 100*time.Millisecond) || m.Video[0].Duration != 0 || m.Audio[0].Duration != 0 {
		t.Errorf("cut off: media %+v", m)
	}
}

func TestTracksThatAreLeftOut(t *testing.T) {
	t.Parallel()
	cover := clip(t, "cover.jpg", "-f", "lavfi", "-i", "testsrc2=size=100x100", "-frames:v", "1")
	song := clip(t, "song.m4a", slices.Concat(sound, []string{"-i", "file:" + cover, "-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "copy", "-disposition:v:0", "attached_pic"})...)
	m := probe(t, song)
	if len(m.Video) != 0 || len(m.Audio) != 1 {
		t.Errorf("media %+v", m)
	}
	// A codec that exists but that no decoder takes.
	odd := clip(t, "odd.mp4", slices.Concat(picture, []string{"-c:v", "libx264", "-tag:v", "avc1"})...)
	patch(t, odd, "avc1", "ap4h")
	patch(t, odd, "avcC", "free")
	if _, err := tools(t).Probe(t.Context(), odd, uri); err == nil {
		t.Error("H.264 called ProRes was taken")
	}
}

// patch replaces the last occurrence of a text in a file.
func patch(t *testing.T, path, old, new string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.LastIndex(b, []byte(old))
	if i < 0 {
		t.Fatalf("no %q in %s", old, path)
	}
	copy(b[i:], new)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestProbeRefuses(t *testing.T) {
	t.Parallel()
	good := clip(t, "good.mp4", slices.Concat(picture, []string{"-c:v", "mpeg4"})...)
	dir := filepath.Dir(good)
	secret := "file:" + good
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	hls := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n#EXTINF:2,\n" + secret + "\n#EXT-X-ENDLIST\n"
	dash := `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>` + secret + `</BaseURL></Representation></AdaptationSet></Period></MPD>`
	concat := "ffconcat version 1.0\nfile '" + secret + "'\n"
	svg := `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><image href="` + secret + `"/></svg>`
	many := slices.Concat(picture)
	for range 40 {
		many = append(many, "-map", "0")
	}
	truncated := clip(t, "cut.mp4", slices.Concat(picture, []string{"-c:v", "mpeg4"})...)
	if err := os.Truncate(truncated, 20_000); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path string
		code int
		says string
	}{
		"absent":       {filepath.Join(dir, "absent.mp4"), spool.CodeFileOpen, "does not exist"},
		"folder":       {dir, spool.CodeFileOpen, "not a regular file"},
		"empty":        {write("empty.mp4", ""), spool.CodeFileAccess, "file is empty"},
		"one byte":     {write("one", "x"), spool.CodeFileAccess, "No parser found"},
		"text as mp4":  {write("text.mp4", strings.Repeat("just words. ", 500)), spool.CodeFileAccess, "No parser found"},
		"text":         {write("text", strings.Repeat("just words. ", 500)), spool.CodeFileAccess, ""},
		"zeros":        {write("zeros.mp4", strings.Repeat("\x00", 100_000)), spool.CodeFileAccess, "No parser found"},
		"hls as mp4":   {write("hls.mp4", hls), spool.CodeFileAccess, ""},
		"hls":          {write("hls", hls), spool.CodeFileAccess, "not accepted"},
		"dash":         {write("dash", dash), spool.CodeFileAccess, ""},
		"concat":       {write("concat", concat), spool.CodeFileAccess, ""},
		"svg":          {write("svg.svg", svg), spool.CodeFileAccess, ""},
		"no moov":      {truncated, spool.CodeDemux, "no moov box found in file"},
		"40 tracks":    {clip(t, "many.mp4", append(many, "-c:v", "mpeg4", "-t", "0.1")...), spool.CodeFileAccess, "more than 32 tracks"},
		"huge picture": {clip(t, "huge.mp4", "-f", "lavfi", "-i", "color=black:size=12000x12000", "-frames:v", "1", "-c:v", "ffv1", "-f", "matroska"), spool.CodeUnsupportedCodec, "pixels"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tools(t).Probe(t.Context(), c.path, uri)
			f := failure(t, err, c.code)
			if !strings.Contains(f.Message, c.says) || !strings.Contains(f.Message, uri) {
				t.Errorf("message %q", f.Message)
			}
			if strings.Contains(f.Message, dir) {
				t.Errorf("message %q shows a path of this machine", f.Message)
			}
		})
	}
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	good := clip(t, "good.mp4", slices.Concat(picture, []string{"-c:v", "mpeg4"})...)
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"-report", "-i", "http:x.mp4", "subfile,,start,0,end,0,,:x", "img%d.mp4", "a:b.mp4", "line\nbreak.mp4",
		"quote'\".mkv", "[x],;\\.mp4", "été 東京.mov", "$(id).mp4", "concat:a|b", strings.Repeat("n", 255), "\xff\xfe.mp4"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if m := probe(t, path); len(m.Video) != 1 || m.Video[0].Frames != 60 {
			t.Errorf("%q: %+v", name, m)
		}
		if i, err := tools(t).Inspect(t.Context(), path); err != nil || len(i.Streams) != 1 {
			t.Errorf("%q: %+v, %v", name, i, err)
		}
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
			t.Errorf("%q: the folder holds %v", name, left)
		}
	}
	// A picture's name is taken for a pattern by a demuxer that is not let in.
	pattern := filepath.Join(t.TempDir(), "img%d.png")
	if err := os.WriteFile(pattern, b, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = tools(t).Probe(t.Context(), pattern, uri)
	failure(t, err, spool.CodeFileAccess)
	if _, err := tools(t).Probe(t.Context(), "relative.mp4", uri); err == nil {
		t.Error("a relative path was taken")
	}
}

func TestProbeIsCanceled(t *testing.T) {
	t.Parallel()
	good := clip(t, "good.mp4", slices.Concat(picture, []string{"-c:v", "mpeg4"})...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tools(t).Probe(ctx, good, uri); !errors.Is(err, context.Canceled) {
		t.Errorf("Probe gave %v", err)
	}
	if _, err := tools(t).Inspect(ctx, good); !errors.Is(err, context.Canceled) {
		t.Errorf("Inspect gave %v", err)
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	h264 := []string{"-c:v", "libx264", "-profile:v", "main", "-level", "3.1", "-pix_fmt", "yuv420p"}
	for name, c := range map[string]struct {
		args         []string
		video, audio string
		frames       int64
	}{
		"a.mp4":  {slices.Concat(picture, sound, h264, []string{"-c:a", "aac"}), "avc1.4d401f", "mp4a.40.2", 60},
		"a.ts":   {slices.Concat(picture, sound, h264, []string{"-c:a", "aac"}), "avc1.4d401f", "mp4a.40.2", 60},
		"h.mp4":  {slices.Concat(picture, []string{"-c:v", "libx265", "-tag:v", "hvc1", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=error"}), "hvc1.2.4.L60.90", "", 60},
		"h.ts":   {slices.Concat(picture, []string{"-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=error"}), "hvc1.2.4.L60.90", "", 60},
		"av.mp4": {slices.Concat(picture, []string{"-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p"}), "av01.0.00M.08", "", 60},
		"p.jpg":  {slices.Concat(picture, []string{"-frames:v", "1"}), "", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, name, c.args...)
			got, err := tools(t).Inspect(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			v := got.Of("video")
			if len(v) != 1 || v[0].CodecString != c.video || v[0].Frames != c.frames || v[0].Width != 320 || v[0].Height != 180 || got.Problems != 0 || got.Size == 0 {
				t.Errorf("inspection %+v", got)
			}
			if c.frames > 1 && !about(got.Duration, 2*time.Second, 60*time.Millisecond) {
				t.Errorf("duration %v", got.Duration)
			}
			a := got.Of("audio")
			if c.audio == "" && len(a) != 0 || c.audio != "" && (len(a) != 1 || a[0].CodecString != c.audio || a[0].Channels != 1 || a[0].SampleRate != 44100) {
				t.Errorf("audio %+v", a)
			}
		})
	}
	t.Run("cut", func(t *testing.T) {
		t.Parallel()
		path := clip(t, "cut.mp4", slices.Concat(picture, h264, []string{"-movflags", "+faststart"})...)
		if err := os.Truncate(path, 15_000); err != nil {
			t.Fatal(err)
		}
		got, err := tools(t).Inspect(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if v := got.Of("video")[0]; v.Frames >= 60 || v.Declared != 60 || got.Problems == 0 {
			t.Errorf("inspection %+v", got)
		}
	})
	t.Run("empty", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "empty.mp4")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := tools(t).Inspect(t.Context(), path)
		failure(t, err, spool.CodeFileAccess)
	})
}

func TestFindSaysWhatToDo(t *testing.T) {
	t.Setenv(ffmpeg.EnvFFmpeg, filepath.Join(t.TempDir(), "absent"))
	if _, err := ffmpeg.Find(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "install") {
		t.Errorf("error %v", err)
	}
}
