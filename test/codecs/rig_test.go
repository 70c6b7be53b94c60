package codecs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spool/internal/testkit"
	"spool/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// want is one output and what must come out of it.
type want struct {
	name      string
	container string // members of containerSettings
	video     string // members of videoDescription beside codecSettings
	codec     string // members of codecSettings
	audio     bool   // AAC in stereo

	stream string   // codec, profile, pixel format and field order, as ffprobe says them
	frames int      // pictures
	shown  []int    // the numbers on them; nil: not looked at
	said   []string // what the encoder says of its options in the stream
}

// convert runs a job of one file group and gives the files of its outputs.
func convert(t *testing.T, source string, outputs []want) []string {
	t.Helper()
	list := make([]string, len(outputs))
	for i, o := range outputs {
		sound, video := "", ""
		if o.audio {
			sound = `,"audioDescriptions":[{"codecSettings":{"codec":"AAC","aacSettings":{"bitrate":96000,"codingMode":"CODING_MODE_2_0","sampleRate":48000}}}]`
		}
		if o.video != "" {
			video = "," + o.video
		}
		list[i] = fmt.Sprintf(`{"nameModifier":"_%d","containerSettings":{%s},"videoDescription":{"codecSettings":{%s}%s}%s}`, i, o.container, o.codec, video, sound)
	}
	dir := t.TempDir()
	job := filepath.Join(dir, "job.json")
	text := `{"settings":{"inputs":[{"fileInput":"s3://in/v.mp4","audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}}}],
		"outputGroups":[{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/v"}},"outputs":[` + strings.Join(list, ",") + `]}]}}`
	if err := os.WriteFile(job, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := harness.Spool(t, "convert", job, "-i", source, "-o", filepath.Join(dir, "out"), "--json")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), errs.String())
	}
	var result struct {
		Outputs []struct {
			Path   string
			Output int
		}
	}
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	files := make([]string, len(outputs))
	for _, o := range result.Outputs {
		files[o.Output] = o.Path
	}
	return files
}

// check looks at one file.
func (w want) check(t *testing.T, file string) {
	t.Helper()
	if w.stream == "" {
		return
	}
	v := testkit.Probe(t, file, "-count_frames").Of("video")
	if v == nil {
		t.Fatal("no video")
	}
	got := strings.Join([]string{v.Codec, v.Profile, v.PixFmt, v.FieldOrder}, " ")
	if got != w.stream {
		t.Errorf("is %q, want %q", got, w.stream)
	}
	if w.frames > 0 && v.FramesRead != fmt.Sprint(w.frames) {
		t.Errorf("%s frames, want %d", v.FramesRead, w.frames)
	}
	if w.shown != nil {
		if got := testkit.FrameNumbers(t, file); !slices.Equal(got, w.shown) {
			t.Errorf("shows %v, want %v", got, w.shown)
		}
	}
	if len(w.said) > 0 {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range w.said {
			if !bytes.Contains(data, []byte(s)) {
				t.Errorf("the encoder does not say %q", s)
			}
		}
	}
}

// packets gives what ffprobe says of each packet of the video.
func packets(t *testing.T, file string) []packet {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=dts_time,size,flags", "-of", "json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Packets []packet `json:"packets"`
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatal(err)
	}
	return said.Packets
}

type packet struct {
	DTS   json.Number `json:"dts_time"`
	Size  json.Number `json:"size"`
	Flags string      `json:"flags"`
}

// types gives the kind of every picture in order of display, lower case but for
// key frames: "IbbpIb".
func types(t *testing.T, file string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pict_type,key_frame", "-of", "csv=p=0", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var kinds strings.Builder
	for line := range strings.Lines(string(out)) {
		key, kind, _ := strings.Cut(strings.TrimSpace(line), ",")
		kind = strings.Trim(kind, ",")
		if key != "1" {
			kind = strings.ToLower(kind)
		}
		kinds.WriteString(kind)
	}
	return kinds.String()
}

// span gives the numbers from a to b.
func span(a, b int) []int {
	var list []int
	for n := a; n <= b; n++ {
		list = append(list, n)
	}
	return list
}
