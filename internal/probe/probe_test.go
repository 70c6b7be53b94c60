package probe_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"spool/internal/objects"
	"spool/internal/probe"
	"spool/internal/spool"
)

var (
	picture = []string{"-f", "lavfi", "-i", "testsrc=s=320x240:r=25:d=2"}
	ntsc    = []string{"-f", "lavfi", "-i", "testsrc=s=352x240:r=30000/1001:d=2"}
	tone    = []string{"-f", "lavfi", "-i", "sine=d=2:r=48000"}
)

func args(parts ...any) []string {
	var all []string
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			all = append(all, strings.Fields(p)...)
		case []string:
			all = append(all, p...)
		}
	}
	return all
}

// TestContainers probes files of every container by S3 and by HTTP, and compares
// with what ffprobe says of them.
func TestContainers(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	subtitles := filepath.Join(t.TempDir(), "s.vtt")
	if err := os.WriteFile(subtitles, []byte("WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, format, timecode string
		tracks                 string
		args                   []string
	}{
		{"a.mp4", "mp4", "", "video AVC, audio AAC fra", args(picture, tone, "-c:v libx264 -pix_fmt yuv420p -c:a aac -metadata:s:a:0 language=fre")},
		{"a.mov", "quicktime", "01:02:03:04", "video AVC, audio PCM deu, data UNKNOWN eng", args(picture, tone, "-c:v libx264 -pix_fmt yuv420p -c:a pcm_s16le -timecode 01:02:03:04 -metadata:s:a:0 language=ger")},
		{"drop.mov", "quicktime", "00:10:00;02", "video PRORES, data UNKNOWN eng", args(ntsc, "-c:v prores_ks -timecode 00:10:00;02")},
		{"a.mkv", "matroska", "", "video HEVC, audio AC3 eng", args(picture, tone, "-c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=none -c:a ac3 -metadata:s:a:0 language=eng")},
		{"a.webm", "webm", "", "video VP9, audio OPUS, data WEBVTT", args(picture, tone, "-i", []string{subtitles}, "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus -c:s webvtt")},
		{"a.mxf", "mxf", "01:00:00;00", "video MPEG2, audio PCM", args(ntsc, tone, "-c:v mpeg2video -pix_fmt yuv420p -c:a pcm_s16le -timecode 01:00:00;00")},
		{"a.ts", "mpegts", "", "video AVC, audio AAC", args(picture, tone, "-c:v libx264 -pix_fmt yuv420p -c:a aac")},
		{"gop.ts", "mpegts", "02:00:00;00", "video MPEG2, audio MP3", args(ntsc, tone, "-c:v mpeg2video -pix_fmt yuv420p -c:a libmp3lame -timecode 02:00:00;00")},
		{"a.wav", "wave", "", "audio PCM", args(tone, "-c:a pcm_s24le")},
		{"a.avi", "avi", "", "video MP4V, audio MP3", args(picture, tone, "-c:v mpeg4 -c:a libmp3lame")},
		{"a.flac", "", "", "audio FLAC", args(tone)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := encode(t, c.name, c.args...)
			want := ffprobe(t, path)
			s3, web := r.put(t, c.name, path)
			for _, uri := range []string{s3, web} {
				got, err := r.Probe(t.Context(), uri)
				if err != nil {
					t.Fatalf("%s: %v", uri, err)
				}
				var tracks []string
				for i, tr := range got.Tracks {
					if tr.Index != i+1 {
						t.Errorf("%s: track %d has the index %d", uri, i, tr.Index)
					}
					tracks = append(tracks, strings.TrimSpace(tr.Type+" "+tr.Codec+" "+tr.Language))
				}
				if said := strings.Join(tracks, ", "); got.Format != c.format || got.Timecode != c.timecode || said != c.tracks {
					t.Errorf("%s: format %q, timecode %q, tracks %s; want %q, %q, %s", uri, got.Format, got.Timecode, said, c.format, c.timecode, c.tracks)
				}
				compare(t, uri, got, want)
				checkPlace(t, uri, path, got)
			}
		})
	}
}

// compare holds a result against ffprobe's own facts.
func compare(t *testing.T, uri string, got spool.ProbeResult, want facts) {
	t.Helper()
	seconds := func(s string) float64 {
		f, _ := strconv.ParseFloat(s, 64)
		return f
	}
	if d := got.Duration.Seconds() - seconds(want.Format.Duration); math.Abs(d) > 0.02 {
		t.Errorf("%s: the duration is %v; ffprobe says %s", uri, got.Duration, want.Format.Duration)
	}
	if len(got.Tracks) != len(want.Streams) {
		t.Fatalf("%s: %d tracks; ffprobe says %d", uri, len(got.Tracks), len(want.Streams))
	}
	for i, s := range want.Streams {
		tr := got.Tracks[i]
		if (s.Type == "video" || s.Type == "audio") && tr.Duration <= 0 {
			t.Errorf("%s: track %d has no duration", uri, i)
		}
		if s.Duration != "" && math.Abs(tr.Duration.Seconds()-seconds(s.Duration)) > 0.001 {
			t.Errorf("%s: track %d lasts %v; ffprobe says %s", uri, i, tr.Duration, s.Duration)
		}
		switch s.Type {
		case "video":
			if tr.Width != s.Width || tr.Height != s.Height || tr.FrameRate.String() != s.Rate || tr.Coded.Chroma == "" || tr.BitDepth == 0 {
				t.Errorf("%s: %+v; ffprobe says %+v", uri, tr, s)
			}
		case "audio":
			if tr.Channels != s.Channels || fmt.Sprint(tr.SampleRate) != s.Sampling || s.Bits > 0 && tr.BitDepth != s.Bits {
				t.Errorf("%s: %+v; ffprobe says %+v", uri, tr, s)
			}
		}
	}
}

// checkPlace compares what is said of the file's place.
func checkPlace(t *testing.T, uri, path string, got spool.ProbeResult) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Size != info.Size() || time.Since(got.Modified).Abs() > time.Hour || got.MIMEType == "" {
		t.Errorf("%s: size %d of %d, modified %v, type %q", uri, got.Size, info.Size(), got.Modified, got.MIMEType)
	}
}

// TestCodecFacts checks what codecs say of themselves.
func TestCodecFacts(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for _, c := range []struct {
		name string
		args []string
		want spool.ProbeCoded
	}{
		{"h264.mp4", args(picture, "-c:v libx264 -pix_fmt yuv420p -profile:v main -level 3.1"),
			spool.ProbeCoded{Profile: "Main", Level: "3.1", Chroma: "4:2:0", ScanType: "progressive", Width: 320, Height: 240, BitDepth: 8}},
		{"interlaced.mp4", args(picture, "-c:v libx264 -pix_fmt yuv422p -flags +ildct+ilme -x264opts tff=1 -level 4"),
			spool.ProbeCoded{Profile: "High 4:2:2", Level: "4.0", Chroma: "4:2:2", ScanType: "interlaced", Width: 320, Height: 240, BitDepth: 8}},
		{"hdr.mp4", args(picture, "-c:v libx265 -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -x265-params log-level=none:level-idc=4.1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"),
			spool.ProbeCoded{Profile: "Main 10", Level: "4.1", Chroma: "4:2:0", ScanType: "progressive", Width: 320, Height: 240, BitDepth: 10,
				Color: spool.ProbeColor{Primaries: "ITU_2020", Matrix: "ITU_2020_NCL", Transfer: "SMPTE_2084"}}},
		{"mpeg2.mpg.ts", args(picture, "-c:v mpeg2video -pix_fmt yuv420p"),
			spool.ProbeCoded{Profile: "Main", Level: "Main", Chroma: "4:2:0", ScanType: "progressive", Width: 320, Height: 240, BitDepth: 8}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s3, _ := r.put(t, c.name, encode(t, c.name, c.args...))
			got, err := r.Probe(t.Context(), s3)
			if err != nil {
				t.Fatal(err)
			}
			if c.want.Color == (spool.ProbeColor{}) {
				c.want.Color = spool.ProbeColor{Primaries: "UNSPECIFIED", Matrix: "UNSPECIFIED", Transfer: "UNSPECIFIED"}
			}
			coded := got.Tracks[0].Coded
			if coded.FrameRate.Float() < 25 || coded.FrameRate.Float() > 50 {
				t.Errorf("coded frame rate %v", coded.FrameRate)
			}
			coded.FrameRate = spool.Rational{}
			if coded != c.want {
				t.Errorf("got  %+v\nwant %+v", coded, c.want)
			}
			if got.Tracks[0].Color != c.want.Color {
				t.Errorf("colours %+v", got.Tracks[0].Color)
			}
		})
	}
}

// TestLongFilesByParts probes files longer than what is fetched whole, with the
// index at either end and in the middle, and counts the bytes sent.
func TestLongFilesByParts(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	path := encode(t, "end.mov", args("-f lavfi -i testsrc=s=640x360:r=25:d=4 -f lavfi -i sine=d=4 -c:v rawvideo -pix_fmt uyvy422 -c:a aac")...)
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(body) < 24<<20 {
		t.Fatalf("the clip has %d bytes: too short for this test", len(body))
	}
	front := encode(t, "front.mov", "-i", path, "-c", "copy", "-movflags", "+faststart")
	// The index between the pictures and a long free box.
	free := make([]byte, 20<<20)
	copy(free, []byte{1, 0x40, 0, 0, 'f', 'r', 'e', 'e'})
	r.putBytes(t, "middle.mov", append(bytes.Clone(body), free...))
	r.put(t, "end.mov", path)
	r.put(t, "front.mov", front)
	r.put(t, "long.mkv", encode(t, "long.mkv", "-i", path, "-c", "copy"))
	r.put(t, "long.ts", encode(t, "long.ts", args("-f lavfi -i testsrc=s=640x360:r=25:d=8,noise=alls=60:allf=t -f lavfi -i sine=d=8 -c:v mpeg2video -q:v 1 -g 1 -c:a aac")...))
	for _, name := range []string{"end.mov", "front.mov", "middle.mov", "long.mkv", "long.ts"} {
		want, err := r.Probe(t.Context(), "s3://uploads/"+name)
		if err != nil {
			t.Fatal(err)
		}
		before := r.sent.Load()
		got, err := r.Probe(t.Context(), r.web.URL+"/"+name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want.ETag, got.ETag, want.MIMEType, got.MIMEType = "", "", "", ""
		want.Modified, got.Modified = time.Time{}, time.Time{}
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s: by parts\n%+v\nwhole\n%+v", name, got, want)
		}
		// What lies in buffers when a connection is closed was sent too.
		if sent := r.sent.Load() - before; sent > 20<<20 || sent >= got.Size {
			t.Errorf("%s: %d of %d bytes were sent", name, sent, got.Size)
		}
	}
}

// TestRefusals checks the kinds and the sentences of what cannot be probed.
func TestRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	guarded := newRig(t, func(_ *probe.Options, f *objects.FetchOptions) { f.AllowPrivate = false })
	small := newRig(t, func(_ *probe.Options, f *objects.FetchOptions) { f.MaxBytes = 1000 })
	forbidding := newRig(t, func(o *probe.Options, _ *objects.FetchOptions) { o.Policies = policy{NoHTTP: true, NoS3: true} })
	good := encode(t, "good.mp4", args(picture, "-c:v libx264")...)
	_, goodWeb := small.put(t, "good.mp4", good)
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	r.putBytes(t, "text.mp4", []byte("Dear sir or madam,\nthis is a letter.\n"))
	r.putBytes(t, "empty.mp4", nil)
	r.putBytes(t, "zeroes.mp4", make([]byte, 10_000))
	r.putBytes(t, "noindex.mp4", whole[:len(whole)/3])
	r.putBytes(t, "list.mp4", []byte("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://"+good+"\n#EXT-X-ENDLIST\n"))
	r.putBytes(t, "concat.mp4", []byte("ffconcat version 1.0\nfile '"+good+"'\n"))
	if err := os.Symlink(good, filepath.Join(r.folder.Root(), "uploads", "link.mp4")); err != nil {
		t.Fatal(err)
	}
	const disallowed = "You specified an input location that your policy disallows. Specify an allowed input location and resubmit your job."
	for _, c := range []struct {
		rig  *rig
		uri  string
		kind error
		says string
	}{
		{r, "s3://uploads/nothing.mp4", spool.ErrNotFound, "There is no object s3://uploads/nothing.mp4."},
		{r, "s3://nowhere/x.mp4", spool.ErrNotFound, "nowhere"},
		{r, "s3://uploads/../x.mp4", spool.ErrInvalid, ".."},
		{r, "s3://uploads/", spool.ErrInvalid, "key"},
		{r, "s3://", spool.ErrInvalid, "fileUrl"},
		{r, "file:///etc/passwd", spool.ErrInvalid, "Give an s3://bucket/key, http:// or https:// URL."},
		{r, "/etc/passwd", spool.ErrInvalid, "fileUrl"},
		{r, "", spool.ErrInvalid, "fileUrl"},
		{r, "s3://uploads/link.mp4", spool.ErrInvalid, "symbolic link"},
		{r, "s3://uploads/text.mp4", spool.ErrInvalid, "No parser found for container"},
		{r, "s3://uploads/empty.mp4", spool.ErrInvalid, "the file is empty"},
		{r, "s3://uploads/zeroes.mp4", spool.ErrInvalid, "Unable to open input file"},
		{r, "s3://uploads/noindex.mp4", spool.ErrInvalid, "no moov box found in file"},
		{r, "s3://uploads/list.mp4", spool.ErrInvalid, "Unable to open input file"},
		{r, "s3://uploads/concat.mp4", spool.ErrInvalid, "Unable to open input file"},
		{r, r.web.URL + "/text.mp4", spool.ErrInvalid, "No parser found for container"},
		{r, r.web.URL + "/nothing.mp4", spool.ErrNotFound, "not found"},
		{r, "http://169.254.169.254/latest/meta-data/", spool.ErrForbidden, "The server address is not allowed"},
		{r, "http://user:secret@127.0.0.1/x.mp4", spool.ErrInvalid, "malformed"},
		{guarded, guarded.web.URL + "/good.mp4", spool.ErrForbidden, "The server address is not allowed"},
		{small, goodWeb, spool.ErrInvalid, "larger than the 1000 bytes allowed"},
		{forbidding, "s3://uploads/good.mp4", spool.ErrInvalid, disallowed},
		{forbidding, goodWeb, spool.ErrInvalid, disallowed},
		{forbidding, "HTTP://example.com/x", spool.ErrInvalid, disallowed},
	} {
		_, err := c.rig.Probe(t.Context(), c.uri)
		var user *spool.UserError
		if !errors.As(err, &user) || !errors.Is(err, c.kind) || !strings.Contains(user.Message, c.says) {
			t.Errorf("%s: %v (%T); want %v with %q", c.uri, err, err, c.kind, c.says)
			continue
		}
		if strings.Contains(user.Message, good) || strings.Contains(user.Message, r.staging) || strings.Contains(user.Message, "secret") || strings.ContainsAny(user.Message, "\n\x1b") {
			t.Errorf("%s: the message is not for users: %q", c.uri, user.Message)
		}
		t.Logf("%-40s %s", c.uri, user.Message)
	}
}

// TestBounds checks that a probe ends in time, that only so many run at once,
// and that one whose client left ends.
func TestBounds(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}, 8), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked <- struct{}{}
		select {
		case <-release:
		case <-q.Context().Done():
		}
	}))
	defer slow.Close()
	defer close(release)
	r := newRig(t, func(o *probe.Options, _ *objects.FetchOptions) { o.AtOnce, o.Deadline = 1, 500*time.Millisecond })

	ended := make(chan error, 1)
	go func() {
		_, err := r.Probe(t.Context(), slow.URL+"/x.mp4?X-Amz-Signature=abc")
		ended <- err
	}()
	<-asked
	if err := <-ended; !errors.Is(err, spool.ErrInvalid) || !strings.Contains(err.Error(), "could not be read within 500ms") || strings.Contains(err.Error(), "abc") {
		t.Errorf("a server that does not answer: %v", err)
	}
	if _, err := r.Probe(t.Context(), "s3://uploads/nothing.mp4"); !errors.Is(err, spool.ErrNotFound) {
		t.Errorf("the only place is not free again: %v", err)
	}
}

// TestThrottled fills every slot.
func TestThrottled(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 8)
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		asked <- struct{}{}
		<-q.Context().Done()
	}))
	defer slow.Close()
	r := newRig(t, func(o *probe.Options, _ *objects.FetchOptions) { o.AtOnce, o.Deadline = 1, 5*time.Second })
	first, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := r.Probe(first, slow.URL)
		ended <- err
	}()
	<-asked
	if _, err := r.Probe(t.Context(), "s3://uploads/x.mp4"); !errors.Is(err, spool.ErrThrottled) {
		t.Errorf("one more than there are places for: %v", err)
	}
	leave()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("a client that left: %v", err)
	}
}
