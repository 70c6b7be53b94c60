package app

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"spool/internal/delivery"
	"spool/internal/mp4"
	"spool/internal/objects"
	"spool/internal/packager"
	"spool/internal/plan"
	"spool/internal/sandbox"
	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/internal/work"
)

// rung is one video output of a packaged group.
func rung(name, container, width, codec string) string {
	return fmt.Sprintf(`{"NameModifier":%q,"ContainerSettings":{"Container":%q},"VideoDescription":{"Width":%s,"CodecSettings":{%s}}}`, name, container, width, codec)
}

const (
	h264Fast = `"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":400000,"QualityTuningLevel":"SINGLE_PASS","NumberBFramesBetweenReferenceFrames":2}`
	aacLC    = `{"CodecSettings":{"Codec":"AAC","AacSettings":{"Bitrate":96000,"CodingMode":"CODING_MODE_2_0","SampleRate":48000}}}`
)

func soundOutput(name, container string) string {
	return fmt.Sprintf(`{"NameModifier":%q,"ContainerSettings":{"Container":%q},"AudioDescriptions":[%s]}`, name, container, aacLC)
}

// packedJob is a job with one group; settings are members of its settings
// object.
func packedJob(group, settings string, outputs ...string) string {
	object := map[string]string{"DASH_ISO_GROUP_SETTINGS": "DashIsoGroupSettings", "CMAF_GROUP_SETTINGS": "CmafGroupSettings", "MS_SMOOTH_GROUP_SETTINGS": "MsSmoothGroupSettings"}[group]
	return fmt.Sprintf(`{"Settings":{"Inputs":[{"FileInput":"s3://in/clip.mp4","AudioSelectors":{"Audio Selector 1":{"DefaultSelection":"DEFAULT"}}}],
		"OutputGroups":[{"OutputGroupSettings":{"Type":%q,%q:{"Destination":"s3://out/v/a b",%s}},"Outputs":[%s]}]}}`, group, object, settings, strings.Join(outputs, ","))
}

// ntscClip is a clip of a fractional rate, with beeps.
func ntscClip(t *testing.T) (string, testkit.ClipSpec) {
	t.Helper()
	testkit.NeedPackager(t)
	spec := testkit.ClipSpec{Seconds: 5, W: 320, H: 180, FPS: spool.Rational{Num: 30000, Den: 1001}, Audio: testkit.Stereo}
	return testkit.Clip(t, spec), spec
}

// finished runs a job to its end and gives what became of it.
func (b bench) finished(t *testing.T) work.Result {
	t.Helper()
	result, err := b.runner.Run(t.Context(), b.order, work.Observer{})
	var f *spool.Failure
	if errors.As(err, &f) {
		t.Fatalf("%v: %s", f, f.Detail)
	}
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (b bench) path(name string) string { return filepath.Join(b.local.dir, name) }

func (b bench) text(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(b.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// joined strings files together and gives the path of the whole.
func (b bench) joined(t *testing.T, names ...string) string {
	t.Helper()
	var whole []byte
	for _, name := range names {
		whole = append(whole, b.text(t, name)...)
	}
	path := filepath.Join(t.TempDir(), "whole.mp4")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// allFrames checks that a stream shows every frame of a clip, in order.
func allFrames(t *testing.T, path string, spec testkit.ClipSpec) {
	t.Helper()
	numbers := testkit.FrameNumbers(t, path)
	if len(numbers) != spec.Frames() {
		t.Fatalf("%s: %d frames instead of %d", filepath.Base(path), len(numbers), spec.Frames())
	}
	for n, number := range numbers {
		if n != number {
			t.Fatalf("%s: frame %d shows %d", filepath.Base(path), n, number)
		}
	}
}

// packedInSync checks that picture and sound of a clip lie where the clip has them:
// the picture to the frame, the sound within 5 ms of the clip's own.
func packedInSync(t *testing.T, clip, picture, sound string, spec testkit.ClipSpec) {
	t.Helper()
	flashes, beeps, want := testkit.Flashes(t, picture), testkit.Beeps(t, sound), testkit.Beeps(t, clip)
	due := spec.FlashTimes()
	if len(flashes) != len(due) || len(beeps) != len(due) {
		t.Fatalf("%d flashes and %d beeps instead of %d", len(flashes), len(beeps), len(due))
	}
	for i := range due {
		if off := (flashes[i] - due[i]).Abs(); off > 2*time.Millisecond {
			t.Errorf("flash %d is %v off", i, off)
		}
		if off := (beeps[i] - want[i]).Abs(); off > 5*time.Millisecond {
			t.Errorf("beep %d is %v off", i, off)
		}
	}
}

func TestDash(t *testing.T) {
	t.Parallel()
	clip, spec := ntscClip(t)
	b := newBench(t, packedJob("DASH_ISO_GROUP_SETTINGS", `"SegmentLength":2,"FragmentLength":1`,
		rung("_180p", "MPD", "320", h264Fast), rung("_90p", "MPD", "160", h264Fast), soundOutput("_audio", "MPD")), clip)
	result := b.finished(t)
	want := []string{
		"out/v/a b.mpd", "out/v/a b_180p_000000001.mp4", "out/v/a b_180p_000000002.mp4", "out/v/a b_180p_000000003.mp4", "out/v/a b_180pinit.mp4",
		"out/v/a b_90p_000000001.mp4", "out/v/a b_90p_000000002.mp4", "out/v/a b_90p_000000003.mp4", "out/v/a b_90pinit.mp4",
		"out/v/a b_audio_000000001.mp4", "out/v/a b_audio_000000002.mp4", "out/v/a b_audio_000000003.mp4", "out/v/a b_audioinit.mp4",
	}
	if got := b.published(t); !slices.Equal(got, want) {
		t.Fatalf("published %q", got)
	}
	g := result.Groups[0]
	if g.Type != spool.GroupDASH || !slices.Equal(g.Playlists, []string{"s3://out/v/a b.mpd"}) || len(g.Outputs) != 3 || len(g.Outputs[0].Paths) != 0 {
		told, _ := json.Marshal(g)
		t.Errorf("the group tells %s", told)
	}
	if o := g.Outputs[0]; o.Width != 320 || o.Frames != int64(spec.Frames()) || o.AverageBitrate == 0 {
		t.Errorf("the first output tells %+v", o)
	}
	if o := g.Outputs[2]; o.Width != 0 || math.Abs(o.Duration.Seconds()-5) > 0.05 || len(o.Files) != 4 {
		t.Errorf("the sound tells %+v", o)
	}
	for _, name := range []string{"_180p", "_90p"} {
		allFrames(t, b.joined(t, "out/v/a b"+name+"init.mp4", "out/v/a b"+name+"_000000001.mp4", "out/v/a b"+name+"_000000002.mp4", "out/v/a b"+name+"_000000003.mp4"), spec)
	}
	// a segment alone begins with its frame
	for n, first := range []int{0, 60, 120} {
		numbers := testkit.FrameNumbers(t, b.joined(t, "out/v/a b_180pinit.mp4", fmt.Sprintf("out/v/a b_180p_%09d.mp4", n+1)))
		if len(numbers) == 0 || numbers[0] != first {
			t.Errorf("segment %d begins with %v instead of %d", n+1, numbers[:min(1, len(numbers))], first)
		}
	}
	packedInSync(t, clip, b.joined(t, want[4], want[1], want[2], want[3]), b.joined(t, want[12], want[9], want[10], want[11]), spec)
	text := b.text(t, "out/v/a b.mpd")
	for _, part := range []string{`media="a%20b_180p_$Number%09d$.mp4" initialization="a%20b_180pinit.mp4" duration="60000" startNumber="1"`, `minBufferTime="PT2S"`, `duration="96000"`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is missing in\n%s", part, text)
		}
	}
}

func TestCmaf(t *testing.T) {
	t.Parallel()
	clip, spec := ntscClip(t)
	video := func(name, width string) string {
		return strings.Replace(rung(name, "CMFC", width, h264Fast), `"Container":"CMFC"`, `"Container":"CMFC","CmfcSettings":{"IFrameOnlyManifest":"INCLUDE"}`, 1)
	}
	b := newBench(t, packedJob("CMAF_GROUP_SETTINGS", `"SegmentLength":2,"FragmentLength":1,"WriteSegmentTimelineInRepresentation":"ENABLED","CodecSpecification":"RFC_6381",
		"AdditionalManifests":[{"ManifestNameModifier":"-small","SelectedOutputs":["_90p","_audio"]}]`,
		video("_180p", "320"), video("_90p", "160"), soundOutput("_audio", "CMFC")), clip)
	result := b.finished(t)
	var want []string
	for _, m := range []string{"-small.m3u8", "-small.mpd", ".m3u8", ".mpd"} {
		want = append(want, "out/v/a b"+m)
	}
	for _, s := range []struct{ name, ext string }{{"_180p", "cmfv"}, {"_90p", "cmfv"}, {"_audio", "cmfa"}} {
		want = append(want, "out/v/a b"+s.name+".m3u8")
		if s.ext == "cmfv" {
			want = append(want, "out/v/a b"+s.name+"_I-Frame.m3u8")
		}
		for n := range 3 {
			want = append(want, fmt.Sprintf("out/v/a b%s_%09d.%s", s.name, n+1, s.ext))
		}
		want = append(want, "out/v/a b"+s.name+"init."+s.ext)
	}
	slices.Sort(want)
	got := b.published(t)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("got  %q\nwant %q", got, want)
	}
	if p := result.Groups[0].Playlists; !slices.Equal(p, []string{"s3://out/v/a b.mpd", "s3://out/v/a b-small.mpd", "s3://out/v/a b.m3u8", "s3://out/v/a b-small.m3u8"}) {
		t.Errorf("the playlists are %q", p)
	}
	allFrames(t, b.joined(t, "out/v/a b_180pinit.cmfv", "out/v/a b_180p_000000001.cmfv", "out/v/a b_180p_000000002.cmfv", "out/v/a b_180p_000000003.cmfv"), spec)
	packedInSync(t, clip, b.joined(t, "out/v/a b_90pinit.cmfv", "out/v/a b_90p_000000001.cmfv", "out/v/a b_90p_000000002.cmfv", "out/v/a b_90p_000000003.cmfv"),
		b.joined(t, "out/v/a b_audioinit.cmfa", "out/v/a b_audio_000000001.cmfa", "out/v/a b_audio_000000002.cmfa", "out/v/a b_audio_000000003.cmfa"), spec)

	master := b.read(t, "v/a b.m3u8")
	wantLines(t, master, "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS",
		`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="program_audio_0",NAME="Alternate Audio",AUTOSELECT=YES,DEFAULT=YES,CHANNELS="2",URI="a%20b_audio.m3u8"`)
	if !regexp.MustCompile(`(?m)^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,VIDEO-RANGE=SDR,CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2",RESOLUTION=320x180,FRAME-RATE=29\.970,AUDIO="program_audio_0"$`).MatchString(master) {
		t.Errorf("no such variant in\n%s", master)
	}
	wantLines(t, b.read(t, "v/a b_180p.m3u8"), "#EXT-X-VERSION:6", `#EXT-X-MAP:URI="a%20b_180pinit.cmfv"`, "#EXTINF:2.002,", "a%20b_180p_000000003.cmfv")
	frames := b.read(t, "v/a b_180p_I-Frame.m3u8")
	if n := strings.Count(frames, "#EXT-X-BYTERANGE:"); n != 5 {
		t.Errorf("%d key frames are listed instead of 5:\n%s", n, frames)
	}
	// the bytes of a key frame, behind the header, show that frame
	m := regexp.MustCompile(`#EXT-X-BYTERANGE:(\d+)@(\d+)\na%20b_180p_000000002.cmfv`).FindAllStringSubmatch(frames, -1)
	if len(m) != 2 {
		t.Fatalf("the second segment has %d key frames", len(m))
	}
	size, _ := strconv.Atoi(m[1][1])
	offset, _ := strconv.Atoi(m[1][2])
	piece := filepath.Join(t.TempDir(), "key.mp4")
	if err := os.WriteFile(piece, []byte(b.text(t, "out/v/a b_180pinit.cmfv")+b.text(t, "out/v/a b_180p_000000002.cmfv")[offset:offset+size]), 0o600); err != nil {
		t.Fatal(err)
	}
	if numbers := testkit.FrameNumbers(t, piece, "-err_detect", "ignore_err"); len(numbers) == 0 || numbers[0] != 90 {
		t.Errorf("the fourth key frame shows %v", numbers)
	}
	if mpd := b.text(t, "out/v/a b.mpd"); !strings.Contains(mpd, `<S t="0" d="60060" r="1"/>`) {
		t.Errorf("no exact timeline in\n%s", mpd)
	}
	if mpd := b.text(t, "out/v/a b-small.mpd"); strings.Contains(mpd, "180p") || !strings.Contains(mpd, "90p") {
		t.Errorf("the additional manifest lists the wrong streams:\n%s", mpd)
	}
}

// TestCmafKeys: a static key decrypts to the clip, in both schemes, by what the
// manifests tell; and no key is published.
func TestCmafKeys(t *testing.T) {
	t.Parallel()
	clip, spec := ntscClip(t)
	const key = "00112233445566778899aabbccddeeff"
	for method, scheme := range map[string]string{"SAMPLE_AES": "cbcs", "AES_CTR": "cenc"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, packedJob("CMAF_GROUP_SETTINGS", fmt.Sprintf(`"SegmentLength":2,"FragmentLength":2,"SegmentControl":"SINGLE_FILE","Encryption":{"EncryptionMethod":%q,
				"Type":"STATIC_KEY","StaticKeyProvider":{"StaticKeyValue":%q,"Url":"https://keys.example.com/1"}}`, method, key),
				rung("_v", "CMFC", "160", h264Fast), soundOutput("_a", "CMFC")), clip)
			var shown string
			if _, err := b.runner.Run(t.Context(), b.order, work.Observer{Plan: func(p *plan.Plan) {
				text, _ := MarshalPlan(p)
				shown = string(text)
			}}); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(shown, key) {
				t.Error("the plan shows the key")
			}
			if got := b.published(t); !slices.Equal(got, []string{"out/v/a b.m3u8", "out/v/a b.mpd", "out/v/a b_a.cmfa", "out/v/a b_a.m3u8", "out/v/a b_v.cmfv", "out/v/a b_v.m3u8"}) {
				t.Errorf("published %q", got)
			}
			mpd := b.text(t, "out/v/a b.mpd")
			m := regexp.MustCompile(`value="` + scheme + `" cenc:default_KID="([0-9a-f-]{36})"`).FindStringSubmatch(mpd)
			if m == nil {
				t.Fatalf("the manifest tells of no key:\n%s", mpd)
			}
			playlist := b.read(t, "v/a b_v.m3u8")
			if !strings.Contains(playlist, map[string]string{"cbcs": `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="https://keys.example.com/1"`, "cenc": `#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="https://keys.example.com/1"`}[scheme]) ||
				!strings.Contains(playlist, `#EXT-X-MAP:URI="a%20b_v.cmfv",BYTERANGE=`) || strings.Count(playlist, "#EXT-X-BYTERANGE:") != 3 {
				t.Errorf("the playlist is\n%s", playlist)
			}
			if numbers := testkit.FrameNumbers(t, b.path("out/v/a b_v.cmfv")); slices.Equal(numbers, testkit.FrameNumbers(t, clip)) {
				t.Error("the stream can be seen without the key")
			}
			plain := unlocked(t, b.path("out/v/a b_v.cmfv"), m[1], key)
			allFrames(t, plain, spec)
		})
	}
}

// TestCaptionsBesideKeys: captions of an encrypted group are in the clear, and the
// job says so.
func TestCaptionsBesideKeys(t *testing.T) {
	t.Parallel()
	clip, _ := ntscClip(t)
	captions := func(name, kind string) string {
		return fmt.Sprintf(`{"NameModifier":%q,"ContainerSettings":{"Container":"CMFC"},"CaptionDescriptions":[{"CaptionSelectorName":"c","DestinationSettings":{"DestinationType":%q}}]}`, name, kind)
	}
	job := packedJob("CMAF_GROUP_SETTINGS", `"SegmentLength":2,"FragmentLength":2,"Encryption":{"EncryptionMethod":"SAMPLE_AES",
		"Type":"STATIC_KEY","StaticKeyProvider":{"StaticKeyValue":"00112233445566778899aabbccddeeff","Url":"https://keys.example.com/1"}}`,
		rung("_v", "CMFC", "160", h264Fast), captions("_w", "WEBVTT"), captions("_i", "IMSC"))
	job = strings.Replace(job, `"AudioSelectors"`, `"CaptionSelectors":{"c":{"SourceSettings":{"SourceType":"SRT","FileSourceSettings":{"SourceFile":"s3://in/captions.srt"}}}},"AudioSelectors"`, 1)
	b := newBench(t, job, clip)
	b.local.inputs["s3://in/captions.srt"] = b.keep(t, "1\n00:00:01,000 --> 00:00:03,000\nHello\n")
	result, err := b.runner.Run(t.Context(), b.order, work.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, w := range result.Warnings {
		if strings.Contains(w.Message, "not encrypted") {
			told = append(told, w.Pointer)
		}
	}
	if want := []string{"/outputGroups/0/outputs/1/captionDescriptions/0", "/outputGroups/0/outputs/2/captionDescriptions/0"}; !slices.Equal(told, want) {
		t.Errorf("warned of %q, want %q: %v", told, want, result.Warnings)
	}
	for name, key := range map[string]bool{"v/a b_v.m3u8": true, "v/a b_w.m3u8": false, "v/a b_i.m3u8": false} {
		if playlist := b.read(t, name); strings.Contains(playlist, "#EXT-X-KEY") != key {
			t.Errorf("%s is\n%s", name, playlist)
		}
	}
	if text := b.read(t, "v/a b_w_000000001.vtt"); !strings.Contains(text, "Hello") {
		t.Errorf("the captions are\n%s", text)
	}
}

// unlocked takes the encryption off a file with the packager, as a second
// opinion on its boxes.
func unlocked(t *testing.T, path, keyID, key string) string {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "in.mp4"), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	tool, err := packager.Find(t.Context(), sandbox.New())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tool.Run(t.Context(), packager.Command{
		Dir: dir, Args: []string{"in=in.mp4,stream=video,output=out.mp4"},
		Secrets: []string{"--enable_raw_key_decryption", "--keys=label=:key_id=" + strings.ReplaceAll(keyID, "-", "") + ":key=" + key},
	}); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "out.mp4")
}

// smoothSet is what a player knows of a stream.
type smoothSet struct {
	Name   string `xml:"Name,attr"`
	Type   string `xml:"Type,attr"`
	URL    string `xml:"Url,attr"`
	Levels []struct {
		Bitrate int64  `xml:"Bitrate,attr"`
		FourCC  string `xml:"FourCC,attr"`
		Private string `xml:"CodecPrivateData,attr"`
	} `xml:"QualityLevel"`
	Chunks []struct {
		T *uint64 `xml:"t,attr"`
		D uint64  `xml:"d,attr"`
	} `xml:"c"`
}

// TestSmooth fetches, as a player does, every fragment that the manifest lists,
// and checks that they are the whole of each file, in order and in sync.
func TestSmooth(t *testing.T) {
	t.Parallel()
	clip, spec := ntscClip(t)
	output := func(name, width, rate string) string {
		video := strings.Replace(rung(name, "ISMV", width, h264Fast), `"MaxBitrate":400000`, `"MaxBitrate":`+rate, 1)
		return strings.TrimSuffix(video, "}") + `,"AudioDescriptions":[` + aacLC + `]}`
	}
	b := newBench(t, packedJob("MS_SMOOTH_GROUP_SETTINGS", `"FragmentLength":2`, output("_180p", "320", "400000"), output("_90p", "160", "200000")), clip)
	result := b.finished(t)
	if got := b.published(t); !slices.Equal(got, []string{"out/v/a b.ism", "out/v/a b.ismc", "out/v/a b_180p.ismv", "out/v/a b_90p.ismv"}) {
		t.Fatalf("published %q", got)
	}
	g := result.Groups[0]
	if g.Type != spool.GroupMSS || !slices.Equal(g.Playlists, []string{"s3://out/v/a b.ism"}) || !slices.Equal(g.Outputs[1].Paths, []string{"s3://out/v/a b_90p.ismv"}) {
		t.Errorf("the group tells %+v", g)
	}
	folder, err := objects.OpenFolder(b.local.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	viewer := httptest.NewServer(delivery.New(delivery.Options{
		Objects: folder, Buckets: func(name string) bool { return name == "out" }, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}))
	defer viewer.Close()
	base := delivery.URL(viewer.URL, "out", "v/a b.ism")
	fetch := func(path string) (int, []byte, string) {
		resp, err := viewer.Client().Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, data, resp.Header.Get("Content-Type")
	}
	status, text, kind := fetch("/Manifest")
	if status != 200 || !strings.Contains(kind, "sstr") {
		t.Fatalf("the manifest: %d, %s", status, kind)
	}
	var manifest struct {
		Duration uint64      `xml:"Duration,attr"`
		Streams  []smoothSet `xml:"StreamIndex"`
	}
	if err := xml.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest.Streams) != 2 || len(manifest.Streams[0].Levels) != 2 || len(manifest.Streams[1].Levels) != 1 || manifest.Duration != 50_050_000 {
		t.Fatalf("the manifest is\n%s", text)
	}
	starts := map[string][]uint64{}
	for _, s := range manifest.Streams {
		for _, level := range s.Levels {
			next := uint64(0)
			for i, c := range s.Chunks {
				if c.T != nil {
					next = *c.T
				}
				if level.Bitrate == s.Levels[0].Bitrate {
					starts[s.Type] = append(starts[s.Type], next)
				}
				status, data, _ := fetch(fmt.Sprintf("/QualityLevels(%d)/Fragments(%s=%d)", level.Bitrate, s.Name, next))
				if status != 200 || len(data) < 100 || string(data[4:8]) != "moof" {
					t.Fatalf("fragment %d of %s at %d: status %d, %d bytes", i, s.Name, next, status, len(data))
				}
				next += c.D
			}
		}
	}
	if d := starts["video"]; !slices.Equal(d, []uint64{0, 20_020_000, 40_040_000}) {
		t.Errorf("the fragments of the picture begin at %v", d)
	}
	for _, path := range []string{"/QualityLevels(1)/Fragments(video=0)", "/QualityLevels(400000)/Fragments(video=90000000)", "/QualityLevels(400000)/Fragments(other=0)", "/Manifest2", "/../../private/x"} {
		if status, _, _ := fetch(path); status != 404 {
			t.Errorf("%s: status %d", path, status)
		}
	}
	for _, name := range []string{"_180p", "_90p"} {
		allFrames(t, b.path("out/v/a b"+name+".ismv"), spec)
	}
	// FFmpeg shows pictures with negative composition offsets later, by the most
	// negative of them; players don't. The sound has none.
	beeps, want := testkit.Beeps(t, b.path("out/v/a b_180p.ismv")), testkit.Beeps(t, clip)
	for i := range want {
		if i >= len(beeps) || (beeps[i]-want[i]).Abs() > 5*time.Millisecond {
			t.Errorf("the beeps are at %v instead of %v", beeps, want)
			break
		}
	}
	showsAtOnce(t, b.path("out/v/a b_180p.ismv"))
}

// showsAtOnce checks that every fragment of a file shows its first sample at its
// own time.
func showsAtOnce(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	h, err := mp4.ReadHeader(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	fragments, err := mp4.ReadFragments(f, info.Size(), h)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range fragments {
		if x.First != int64(x.Decode) || x.Earliest != x.First {
			t.Errorf("a fragment at %d shows its first sample at %d", x.Decode, x.First)
		}
	}
}
