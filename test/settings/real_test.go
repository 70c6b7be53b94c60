package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/app"
	"spool/internal/testkit"
)

// sample is a setting that is set for real. before is what an output without it
// measures, after what one with it must.
type sample struct {
	path          string // in the output
	value         string // JSON
	with          []string
	measure       func(t testing.TB, file string) string
	before, after string
}

// samples are outputs of one job: a file each, of two seconds.
var samples = []sample{
	{"videoDescription/width", "160", nil, pictureSize, "320x180", "160x90"},
	{"videoDescription/height", "120", nil, pictureSize, "320x180", "214x120"},
	{"videoDescription/scalingBehavior", `"STRETCH_TO_OUTPUT"`, []string{"videoDescription/width=160", "videoDescription/height=160"}, pictureSize, "320x180", "160x160"},
	{"videoDescription/scalingBehavior", `"FIT"`, []string{"videoDescription/width=160", "videoDescription/height=160"}, pictureSize, "320x180", "160x90"},
	{h264At + "codecProfile", `"HIGH"`, nil, videoField("profile"), "Main", "High"},
	{h264At + "codecLevel", `"LEVEL_4_1"`, nil, videoField("level"), "30", "41"},
	{h264At + "framerateControl", `"SPECIFIED"`, []string{h264At + "framerateNumerator=15", h264At + "framerateDenominator=1"}, videoField("avg_frame_rate"), "30/1", "15/1"},
	{h264At + "parControl", `"SPECIFIED"`, []string{h264At + "parNumerator=4", h264At + "parDenominator=3"}, videoField("sample_aspect_ratio"), "1:1", "4:3"},
	{h264At + "gopSize", "12", []string{h264At + "gopSizeUnits=FRAMES"}, keyFrames, "1", "5"},
	{h264At + "gopSize", "0.5", []string{h264At + "gopSizeUnits=SECONDS"}, keyFrames, "1", "4"},
	{h264At + "numberBFramesBetweenReferenceFrames", "0", nil, videoField("has_b_frames"), "2", "0"},
	{h264At + "rateControlMode", `"CBR"`, []string{h264At + "bitrate=100000", h264At + "maxBitrate=-"}, smaller("base", 0.9), "no", "yes"},
	{h264At + "maxBitrate", "60000", nil, smaller("base", 0.9), "no", "yes"},
	{h264At + "qvbrSettings/qvbrQualityLevel", "2", nil, smaller("base", 0.7), "no", "yes"},
	{h264At + "entropyEncoding", `"CAVLC"`, nil, encoderOption("cabac"), "1", "0"},
	{h264At + "slices", "3", nil, encoderOption("slices"), "", "3"},
	{h264At + "adaptiveQuantization", `"OFF"`, nil, encoderOption("aq"), "1:1.00", "1:0.00"},
	{"containerSettings/mp4Settings/moovPlacement", `"NORMAL"`, nil, boxes, "moov mdat", "mdat moov"},
	{"extension", `"m4v"`, nil, extensionOf, ".mp4", ".m4v"},
	{aacAt + "sampleRate", "32000", nil, audioField("sample_rate"), "48000", "32000"},
	{aacAt + "codingMode", `"CODING_MODE_1_0"`, nil, audioField("channels"), "2", "1"},
	{aacAt + "bitrate", "64000", nil, smaller("base", 0.97), "no", "yes"},
	{"audioDescriptions/0/languageCode", `"DEU"`, []string{"audioDescriptions/0/languageCodeControl=USE_CONFIGURED"}, audioLanguage, "und", "deu"},
	{"audioDescriptions", "[]", nil, streams, "2", "1"},
}

const (
	h264At = "videoDescription/codecSettings/h264Settings/"
	aacAt  = "audioDescriptions/0/codecSettings/aacSettings/"
)

// TestReal runs a sample of honoured settings: each makes its output what it
// should be, and one without any of them is not so already.
func TestReal(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t)
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 2, W: 320, H: 180, Audio: testkit.Stereo})
	tree := fileJob.tree(t)
	plain := get(tree, []string{"outputGroups", "0", "outputs", "0"})
	outputs := []any{copyOf(t, plain)}
	set(outputs[0], []string{"nameModifier"}, "_base")
	for i, s := range samples {
		o := copyOf(t, plain)
		set(o, []string{"nameModifier"}, fmt.Sprintf("_%d", i))
		set(o, strings.Split(s.path, "/"), literal(s.value))
		for _, c := range s.with {
			name, text, _ := strings.Cut(c, "=")
			set(o, strings.Split(name, "/"), literal(text))
		}
		outputs = append(outputs, o)
	}
	set(tree, []string{"outputGroups", "0", "outputs"}, outputs)
	files := convert(t, tree, clip)
	byOutput := map[int]string{}
	for _, f := range files {
		byOutput[f.Output] = f.Path
	}
	for i, s := range samples {
		if got := s.measure(t, byOutput[0]); got != s.before {
			t.Errorf("without %s = %s: %q, not %q", s.path, s.value, got, s.before)
		}
		if got := s.measure(t, byOutput[i+1]); got != s.after {
			t.Errorf("%s = %s: %q, not %q", s.path, s.value, got, s.after)
		}
	}
}

// TestRealGroups does so with settings of HLS groups: each is a group of one job,
// and all are made from the same encode.
func TestRealGroups(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t)
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 2.5, W: 160, H: 90, Audio: testkit.Stereo})
	tree := hlsJob.tree(t)
	plain := get(tree, []string{"outputGroups", "0"})
	type change struct {
		name, value, manifest string // of the master, or of the child
		has, hasNot           string
	}
	changes := []change{
		{"segmentLength", "1", "child", "_00003.ts", "_00004.ts"},
		{"manifestDurationFormat", `"INTEGER"`, "child", "#EXTINF:3,", "#EXTINF:2.5"},
		{"streamInfResolution", `"EXCLUDE"`, "master", "CODECS=", "RESOLUTION="},
		{"clientCache", `"DISABLED"`, "child", "#EXT-X-ALLOW-CACHE:NO", "\x00"},
		{"outputSelection", `"SEGMENTS_ONLY"`, "master", "", "#EXTM3U"},
	}
	const at = "outputGroupSettings/hlsGroupSettings/"
	var groups []any
	for i, c := range append([]change{{}}, changes...) {
		g := copyOf(t, plain)
		set(g, strings.Split(at+"destination", "/"), fmt.Sprintf("s3://out/%d", i))
		if c.name != "" {
			set(g, strings.Split(at+c.name, "/"), literal(c.value))
		}
		groups = append(groups, g)
	}
	set(tree, []string{"outputGroups"}, groups)
	texts := map[string]string{} // "1 child" → the manifest
	for _, f := range convert(t, tree, clip) {
		if f.Kind != "manifest" {
			continue
		}
		text, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		kind := "child"
		if f.Output < 0 {
			kind = "master"
		}
		texts[fmt.Sprint(f.Group, " ", kind)] = string(text)
	}
	for i, c := range changes {
		base, text := texts["0 "+c.manifest], texts[fmt.Sprint(i+1, " ", c.manifest)]
		if base == "" || !strings.Contains(text, c.has) || strings.Contains(text, c.hasNot) {
			t.Errorf("%s = %s: has no %q, or %q:\n%s", c.name, c.value, c.has, c.hasNot, text)
		}
		if strings.Contains(base, c.has) && !strings.Contains(base, c.hasNot) {
			t.Errorf("%s: the base has %q already:\n%s", c.name, c.has, base)
		}
	}
}

// TestRealInputs does so with settings of inputs, a job each.
func TestRealInputs(t *testing.T) {
	t.Parallel()
	testkit.NeedTools(t)
	clip := testkit.Clip(t, testkit.ClipSpec{Seconds: 2, W: 160, H: 90, Audio: testkit.Stereo})
	for _, s := range []sample{
		{"inputs/0/videoSelector/rotate", `"DEGREES_90"`, nil, pictureSize, "160x90", "90x160"},
		{"inputs/0/inputClippings", `[{"startTimecode":"00:00:00:10","endTimecode":"00:00:00:29"}]`, []string{"inputs/0/timecodeSource=ZEROBASED"}, frameCount, "60", "20"},
		{"inputs/1", `{"fileInput":"s3://in/v.mp4","audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}},"videoSelector":{}}`, nil, frameCount, "60", "120"},
	} {
		for _, flipped := range []bool{false, true} {
			tree, want, inputs := fileJob.tree(t), s.before, []string{clip}
			if flipped {
				want = s.after
				set(tree, strings.Split(s.path, "/"), literal(s.value))
				for _, c := range s.with {
					name, text, _ := strings.Cut(c, "=")
					set(tree, strings.Split(name, "/"), literal(text))
				}
				if strings.HasPrefix(s.path, "inputs/1") {
					inputs = append(inputs, clip)
				}
			} else if s.before == "60" && s.path != "inputs/1" {
				continue // the last one measures it
			}
			if got := s.measure(t, convert(t, tree, inputs...)[0].Path); got != want {
				t.Errorf("%s (%v): %q, not %q", s.path, flipped, got, want)
			}
		}
	}
}

// convert runs a job on clips and gives its files.
func convert(t testing.TB, tree any, clips ...string) []app.ConvertOutput {
	t.Helper()
	job, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	result, err := app.Convert(t.Context(), app.ConvertOptions{Job: job, Inputs: clips, Dir: filepath.Join(t.TempDir(), "out"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("%v\n%s", err, job)
	}
	return result.Outputs
}

func copyOf(t testing.TB, v any) any {
	t.Helper()
	var again any
	if text, err := json.Marshal(v); err != nil || json.Unmarshal(text, &again) != nil {
		t.Fatal(err)
	}
	return again
}

// probe asks ffprobe for one thing of one stream.
func probe(t testing.TB, file, stream, entry string, more ...string) string {
	t.Helper()
	args := append([]string{"-v", "error", "-select_streams", stream, "-show_entries", entry, "-of", "default=nw=1:nk=1"}, more...)
	out, err := exec.CommandContext(t.Context(), "ffprobe", append(args, file)...).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", file, err)
	}
	return strings.TrimSpace(string(out))
}

func videoField(name string) func(testing.TB, string) string {
	return func(t testing.TB, file string) string { t.Helper(); return probe(t, file, "v:0", "stream="+name) }
}

func audioField(name string) func(testing.TB, string) string {
	return func(t testing.TB, file string) string { t.Helper(); return probe(t, file, "a:0", "stream="+name) }
}

func pictureSize(t testing.TB, file string) string {
	t.Helper()
	return strings.ReplaceAll(probe(t, file, "v:0", "stream=width,height"), "\n", "x")
}

func keyFrames(t testing.TB, file string) string {
	t.Helper()
	return fmt.Sprint(strings.Count(probe(t, file, "v:0", "packet=flags"), "K"))
}

func frameCount(t testing.TB, file string) string {
	t.Helper()
	return probe(t, file, "v:0", "stream=nb_read_packets", "-count_packets")
}

func audioLanguage(t testing.TB, file string) string {
	t.Helper()
	return probe(t, file, "a:0", "stream_tags=language")
}

func streams(t testing.TB, file string) string {
	t.Helper()
	return fmt.Sprint(len(strings.Fields(probe(t, file, "", "stream=index"))))
}

func extensionOf(_ testing.TB, file string) string { return filepath.Ext(file) }

// smaller tells whether a file is smaller than a share of the one with another
// modifier.
func smaller(than string, share float64) func(testing.TB, string) string {
	return func(t testing.TB, file string) string {
		t.Helper()
		other := filepath.Join(filepath.Dir(file), "a_"+than+".mp4")
		a, err := os.Stat(file)
		b, err2 := os.Stat(other)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if float64(a.Size()) < share*float64(b.Size()) {
			return "yes"
		}
		return "no"
	}
}

// encoderOption reads what x264 says in the stream of the options it ran with.
func encoderOption(name string) func(testing.TB, string) string {
	return func(t testing.TB, file string) string {
		t.Helper()
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		i := bytes.Index(data, []byte("options: "))
		if i < 0 {
			t.Fatalf("%s: no options", file)
		}
		options, _, _ := strings.Cut(string(data[i:min(i+1200, len(data))]), "\x00")
		for _, word := range strings.Fields(options) {
			if value, ok := strings.CutPrefix(word, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

// boxes gives the order of the index and the media.
func boxes(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Index(data, []byte("moov")) < bytes.Index(data, []byte("mdat")) {
		return "moov mdat"
	}
	return "mdat moov"
}
