package captions_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"spool/internal/app"
	"spool/internal/captions"
	"spool/internal/sandbox"
	"spool/internal/spool"
	"spool/internal/testkit"
)

func TestMain(m *testing.M) {
	testkit.UsePackager()
	sandbox.Init()
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

type object = map[string]any

// job is one run: settings in the wire form, the inputs, and the files that its
// settings name, by their keys ("in/captions.srt").
type job struct {
	inputs []object
	files  []string
	groups []object
	more   map[string]string
}

type done struct {
	result app.ConvertResult
	err    error
	dir    string
}

func (d done) path(name string) string { return filepath.Join(d.dir, "out", name) }

func (d done) read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(d.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (d done) warned(code int) string {
	for _, w := range d.result.Warnings {
		if w.Code == code {
			return w.Message
		}
	}
	return ""
}

func (d done) failure() (int, string) {
	var f *spool.Failure
	if errors.As(d.err, &f) {
		return f.Code, f.Message
	}
	return 0, fmt.Sprint(d.err)
}

func (j job) try(t testing.TB) done {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg", "ffprobe")
	dir := t.TempDir()
	for name, text := range j.more {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range j.inputs {
		in["fileInput"] = "s3://in/v.mp4"
		if in["timecodeSource"] == nil {
			in["timecodeSource"] = "ZEROBASED"
		}
	}
	data, err := json.Marshal(object{"role": "arn:aws:iam::000000000000:role/r", "settings": object{"inputs": j.inputs, "outputGroups": j.groups}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := app.Convert(t.Context(), app.ConvertOptions{Job: data, Inputs: j.files, Dir: dir, Log: slog.New(slog.DiscardHandler)})
	return done{r, err, dir}
}

func (j job) run(t testing.TB) done {
	t.Helper()
	d := j.try(t)
	if d.err != nil {
		t.Fatalf("%v", d.err)
	}
	return d
}

// from is a caption selector that reads a file.
func from(kind, file string, more ...any) object {
	f := object{"sourceFile": "s3://in/" + file}
	for i := 0; i+1 < len(more); i += 2 {
		f[more[i].(string)] = more[i+1]
	}
	return object{"sourceSettings": object{"sourceType": kind, "fileSourceSettings": f}}
}

// described is a caption description with settings of its destination.
func described(selector, kind string, settings object) object {
	d := object{"destinationType": kind}
	names := map[string]string{"BURN_IN": "burnin", "SRT": "srt", "WEBVTT": "webvtt", "TTML": "ttml", "IMSC": "imsc", "SCC": "scc", "EMBEDDED": "embedded"}
	if settings != nil {
		d[names[kind]+"DestinationSettings"] = settings
	}
	return object{"captionSelectorName": selector, "destinationSettings": d}
}

// video is an output with a picture of 320x180 that keeps every pixel nearly.
func video(container, modifier string, describe ...object) object {
	o := object{
		"nameModifier": modifier, "containerSettings": object{"container": container},
		"videoDescription": object{"width": 320, "height": 180, "codecSettings": object{"codec": "H_264", "h264Settings": object{
			"rateControlMode": "QVBR", "maxBitrate": 4000000, "qualityTuningLevel": "SINGLE_PASS", "qvbrSettings": object{"qvbrQualityLevel": 10},
			"gopSize": 1, "gopSizeUnits": "SECONDS",
		}}},
	}
	if describe != nil {
		o["captionDescriptions"] = describe
	}
	return o
}

// sidecar is an output of captions alone.
func sidecar(container, modifier string, d object) object {
	return object{"nameModifier": modifier, "containerSettings": object{"container": container}, "captionDescriptions": []object{d}}
}

func files(outputs ...object) object {
	return object{"outputGroupSettings": object{"type": "FILE_GROUP_SETTINGS", "fileGroupSettings": object{"destination": "s3://out/v"}}, "outputs": outputs}
}

func hlsGroup(settings object, outputs ...object) object {
	settings["destination"] = "s3://out/index"
	return object{"outputGroupSettings": object{"type": "HLS_GROUP_SETTINGS", "hlsGroupSettings": settings}, "outputs": outputs}
}

// gray makes a clip of one colour, so that what is drawn into it is seen.
func gray(t testing.TB, seconds int) string {
	t.Helper()
	testkit.NeedTools(t, "ffmpeg")
	path := filepath.Join(t.TempDir(), "gray.mp4")
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i",
		fmt.Sprintf("color=c=0x606060:s=320x180:r=25:d=%d", seconds), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// frames decodes a video to RGB pictures of 320x180.
func frames(t testing.TB, path string) [][]byte {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", path, "-vf", "scale=320:180:flags=area,format=rgb24", "-fps_mode", "passthrough", "-f", "rawvideo", "-")
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	const size = 320 * 180 * 3
	var list [][]byte
	for data := out.Bytes(); len(data) >= size; data = data[size:] {
		list = append(list, data[:size])
	}
	return list
}

// box is what was drawn in a picture: its edges, and how many of its points are
// nearly of a colour.
type box struct {
	left, top, right, bottom int
	drawn                    int
}

// drawn finds the points of a picture that differ from the gray by more than a
// codec makes of it.
func drawn(pix []byte) box {
	b := box{left: 320, top: 180}
	for y := range 180 {
		for x := range 320 {
			p := pix[(y*320+x)*3:]
			off := 0.0
			for c := range 3 {
				off = max(off, math.Abs(float64(p[c])-0x60))
			}
			if off > 40 {
				b.left, b.right, b.top, b.bottom = min(b.left, x), max(b.right, x), min(b.top, y), max(b.bottom, y)
				b.drawn++
			}
		}
	}
	return b
}

// like counts the points that are nearly of a colour.
func like(pix []byte, r, g, b int) int {
	n := 0
	for i := 0; i+2 < len(pix); i += 3 {
		if near(pix[i], r) && near(pix[i+1], g) && near(pix[i+2], b) {
			n++
		}
	}
	return n
}

func near(v byte, want int) bool { return math.Abs(float64(v)-float64(want)) < 60 }

// spans gives when something is drawn, by frames of 25 a second: [first, last].
func spans(list [][]byte) [][2]int {
	var out [][2]int
	for n, pix := range list {
		if drawn(pix).drawn < 10 {
			continue
		}
		if k := len(out) - 1; k >= 0 && out[k][1] == n-1 {
			out[k][1] = n
		} else {
			out = append(out, [2]int{n, n})
		}
	}
	return out
}

// cues reads a file back, in short: "start end text" in milliseconds.
func cues(t testing.TB, kind captions.Format, text string) []string {
	t.Helper()
	track, err := captions.Read(kind, []byte(text), captions.ReadOptions{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return short(track)
}

func short(track captions.Track) []string {
	list := []string{}
	for _, c := range track.Merged().Cues {
		list = append(list, fmt.Sprintf("%d %d %s", c.Start.Milliseconds(), c.End.Milliseconds(), strings.ReplaceAll(c.Plain(), "\n", "|")))
	}
	return list
}

// close tells whether two lists of cues say the same within so many ms.
func closeCues(got, want []string, within int) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		g, w := strings.SplitN(got[i], " ", 3), strings.SplitN(want[i], " ", 3)
		for k := range 2 {
			a, err1 := strconv.Atoi(g[k])
			b, err2 := strconv.Atoi(w[k])
			if err1 != nil || err2 != nil || a-b > within || b-a > within {
				return false
			}
		}
		if g[2] != w[2] {
			return false
		}
	}
	return true
}

var mapLine = regexp.MustCompile(`X-TIMESTAMP-MAP=MPEGTS:(\d+),LOCAL:00:00:00.000`)

// firstPTS gives the first timestamp of the picture in a transport stream, in ticks of 90 kHz.
func firstPTS(t testing.TB, path string) int64 {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts", "-of", "csv=p=0", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	least := int64(math.MaxInt64)
	for _, line := range strings.Fields(string(out)) {
		if n, err := strconv.ParseInt(strings.Trim(line, ","), 10, 64); err == nil {
			least = min(least, n)
		}
	}
	return least
}

const second = time.Second
