package footage

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"spool/internal/testkit"
	"spool/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// broken are the files that must fail, and with which code.
var broken = map[string]int{
	"broken-4k-bytes.mp4": 1075, "gopro-truncated-no-moov.mp4": 1075, "mp4-malformed-free-box.mp4": 1075,
	"mp4-sample-table-chunk-out-of-range.mp4": 1075, "not-a-video-text.mp4": 1075, "zero-length.webm": 1010,
	"mkv-truncated-8-subs.mkv": 1076,
}

// result is what `spool convert --json` prints.
type result struct {
	Status    string
	ErrorCode int
	Outputs   []output
}

type output struct {
	Path, Kind    string
	Group, Output int
	Frames        int64
}

func convert(t *testing.T, job, input, dir string) (result, int) {
	t.Helper()
	cmd := harness.Spool(t, "convert", job, "-i", input, "-o", dir, "--json")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	status := 0
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("status %d, no result: %v\n%s%s", status, err, out.String(), errs.String())
	}
	return r, status
}

// facts are what ffprobe says of a source, independently of the product.
type facts struct {
	width, height int // before rotation
	turned        bool
	video, audio  bool
	seconds       float64 // of the video's packets, of the audio's without video
}

func look(t *testing.T, file string) facts {
	t.Helper()
	var info struct {
		Streams []struct {
			Index       int    `json:"index"`
			Type        string `json:"codec_type"`
			Codec       string `json:"codec_name"`
			Width       int    `json:"width"`
			Height      int    `json:"height"`
			Channels    int    `json:"channels"`
			Disposition struct {
				Picture int `json:"attached_pic"`
			} `json:"disposition"`
			Side []struct {
				Rotation float64 `json:"rotation"`
			} `json:"side_data_list"`
		} `json:"streams"`
	}
	if err := json.Unmarshal(probe(t, file, "-show_streams", "-of", "json"), &info); err != nil {
		t.Fatal(err)
	}
	var f facts
	stream := -1
	for _, s := range info.Streams {
		switch {
		case s.Type == "video" && !f.video && s.Disposition.Picture == 0 && s.Codec != "":
			f.video, f.width, f.height, stream = true, s.Width, s.Height, s.Index
			for _, side := range s.Side {
				f.turned = f.turned || math.Abs(math.Mod(side.Rotation, 180)) == 90
			}
		case s.Type == "audio" && s.Channels > 0:
			if f.audio = true; stream < 0 {
				stream = s.Index
			}
		}
	}
	first, last := math.Inf(1), math.Inf(-1)
	lines := probe(t, file, "-select_streams", strconv.Itoa(stream), "-show_entries", "packet=pts_time,duration_time,flags", "-of", "csv=p=0")
	for line := range strings.SplitSeq(string(lines), "\n") {
		fields := strings.Split(line, ",")
		pts, err := strconv.ParseFloat(fields[0], 64)
		if err != nil || len(fields) < 3 || strings.Contains(fields[2], "D") {
			continue
		}
		length, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			length = 0
		}
		first, last = min(first, pts), max(last, pts+length)
	}
	f.seconds = last - first
	return f
}

func probe(t *testing.T, file string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffprobe", append([]string{"-v", "error"}, append(args, "-i", "file:"+file)...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", file, err)
	}
	return out
}

// systems are the jobs, and how much encoding, in seconds of 1080p, a source may
// take in an ordinary run. SPOOL_FOOTAGE=all runs everything.
var systems = []struct {
	name   string
	budget float64
	rungs  float64 // of fixed size, in pictures of 1080p; 0: the output is as large as the source
}{
	{"vod-hls", 0.8, 0}, {"frames", 0.25, 0}, {"abr-hls", 0.3, 0.8}, {"cattube", 0.06, 0},
}

// TestFootage runs every file of the footage.
func TestFootage(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t)
	dir := testkit.Shared(t, "media")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, e := range entries {
		if slices.Contains([]string{".tsv", ".srt", ".vtt", ".scc", ".ttml"}, filepath.Ext(e.Name())) {
			continue
		}
		seen++
		file := filepath.Join(dir, e.Name())
		t.Run(e.Name(), func(t *testing.T) {
			if code, bad := broken[e.Name()]; bad {
				fails(t, file, code)
				return
			}
			f := look(t, file)
			for _, s := range systems {
				cost := f.seconds * cmp.Or(s.rungs, float64(max(f.width*f.height, 1))/(1920*1080))
				t.Run(s.name, func(t *testing.T) {
					if cost > s.budget && os.Getenv("SPOOL_FOOTAGE") != "all" {
						t.Skipf("%.1f s of 1080p is more than an ordinary run takes; SPOOL_FOOTAGE=all runs it", cost)
					}
					holds(t, s.name, file, f)
				})
			}
		})
	}
	if seen < 40 {
		t.Errorf("only %d files", seen)
	}
}

// fails: a clean error of the right code, a message for a person, no file left.
func fails(t *testing.T, file string, code int) {
	out := t.TempDir()
	r, status := convert(t, job(t, "vod-hls"), file, out)
	if status != 1 || r.Status != "ERROR" || r.ErrorCode != code {
		t.Errorf("status %d, %s %d; want a failure of code %d", status, r.Status, r.ErrorCode, code)
	}
	if left := tree(t, out); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func job(t *testing.T, system string) string {
	return filepath.Join(testkit.ModuleRoot(t), "examples", system, "job.json")
}

func tree(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// want is what one output of a system must be.
type want struct {
	codec         string
	width, height int // 0: the source's, even
	turn          bool
	audio         bool
}

var wants = map[string][]want{
	"vod-hls": {{codec: "h264", turn: true}},
	"frames":  {{codec: "h264", audio: true}},
	"abr-hls": {{"h264", 640, 360, false, true}, {"h264", 960, 540, false, true}, {"h264", 1280, 720, false, true}},
	"cattube": {{codec: "hevc", audio: true}, {"av1", 256, 144, false, true}},
}

func holds(t *testing.T, system, file string, f facts) {
	out := t.TempDir()
	r, status := convert(t, job(t, system), file, out)
	if status != 0 || r.Status != "COMPLETE" {
		t.Fatalf("status %d, %s %d", status, r.Status, r.ErrorCode)
	}
	slack := max(0.3, f.seconds/100)
	for i, w := range wants[system] {
		at := slices.IndexFunc(r.Outputs, func(o output) bool {
			return o.Output == i && o.Group == 0 && (o.Kind == "media" || o.Kind == "manifest")
		})
		if at < 0 {
			t.Fatalf("no output %d in %+v", i, r.Outputs)
		}
		o := r.Outputs[at]
		width, height := w.width, w.height
		if width == 0 {
			width, height = size(f, w.turn)
		}
		got := decoded(t, playable(t, o.Path))
		if got.codec != w.codec || got.width != width || got.height != height {
			t.Errorf("%s is %s %dx%d, want %s %dx%d", o.Path, got.codec, got.width, got.height, w.codec, width, height)
		}
		if math.Abs(got.seconds-f.seconds) > slack {
			t.Errorf("%s plays %.3f s, the source %.3f s", o.Path, got.seconds, f.seconds)
		}
		if int64(got.frames) != o.Frames {
			t.Errorf("%s decodes to %d frames, the result says %d", o.Path, got.frames, o.Frames)
		}
		if got.audio != (w.audio && f.audio) {
			t.Errorf("%s has audio: %t, want %t", o.Path, got.audio, w.audio && f.audio)
		}
		if got.format != "yuv420p" {
			t.Errorf("%s is %s: not every player takes that", o.Path, got.format)
		}
	}
	if system == "frames" {
		captures(t, r, f)
	}
}

func size(f facts, turn bool) (w, h int) {
	if !f.video {
		return 540, 360 // the black picture of audio-only sources
	}
	w, h = f.width&^1, f.height&^1
	if turn && f.turned {
		w, h = h, w
	}
	return w, h
}

func captures(t *testing.T, r result, f facts) {
	n := 0
	for _, o := range r.Outputs {
		if o.Kind == "image" {
			n++
		}
	}
	if want := f.seconds * 30; math.Abs(float64(n)-want) > max(0.3, f.seconds/100)*30+1 {
		t.Errorf("%d captures of %.3f s at 30 a second", n, f.seconds)
	}
}

// playable gives a file that ffprobe opens from disk: it takes the references of
// a playlist for file names as they are, so they get plain ones.
func playable(t *testing.T, file string) string {
	t.Helper()
	if filepath.Ext(file) != ".m3u8" {
		return file
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, err := url.PathUnescape(line)
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = fmt.Sprintf("%d.ts", i)
		if err := os.Symlink(filepath.Join(filepath.Dir(file), name), filepath.Join(dir, lines[i])); err != nil {
			t.Fatal(err)
		}
	}
	plain := filepath.Join(dir, "plain.m3u8")
	if err := os.WriteFile(plain, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return plain
}

// media is what a full decode of an output gives.
type media struct {
	codec, format string
	width, height int
	frames        int
	seconds       float64
	audio         bool
}

func decoded(t *testing.T, file string) media {
	t.Helper()
	var info struct {
		Streams []struct {
			Type     string `json:"codec_type"`
			Codec    string `json:"codec_name"`
			Format   string `json:"pix_fmt"`
			Width    int    `json:"width"`
			Height   int    `json:"height"`
			Frames   string `json:"nb_read_frames"`
			Rate     string `json:"avg_frame_rate"`
			RealRate string `json:"r_frame_rate"`
		} `json:"streams"`
	}
	if err := json.Unmarshal(probe(t, file, "-count_frames", "-show_streams", "-of", "json"), &info); err != nil {
		t.Fatal(err)
	}
	var m media
	for _, s := range info.Streams {
		switch s.Type {
		case "video":
			m.codec, m.format, m.width, m.height = s.Codec, s.Format, s.Width, s.Height
			m.frames, _ = strconv.Atoi(s.Frames)
			var num, den float64
			if _, err := fmt.Sscanf(s.Rate, "%f/%f", &num, &den); err != nil || num == 0 {
				if _, err := fmt.Sscanf(s.RealRate, "%f/%f", &num, &den); err != nil {
					t.Fatalf("%s: no frame rate", file)
				}
			}
			m.seconds = float64(m.frames) * den / num
		case "audio":
			m.audio = true
		}
	}
	return m
}
