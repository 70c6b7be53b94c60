package corpus

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"go.uber.org/goleak"

	"spool/internal/app"
	"spool/internal/mediaconvert"
	"spool/internal/sandbox"
	"spool/internal/spool"
	"spool/internal/testkit"
)

func TestMain(m *testing.M) {
	sandbox.Init()
	goleak.VerifyTestMain(m)
}

// few are run by every test run; SPOOL_CORPUS=all runs all, and any other value
// those that have it, or one of its parts between commas, in their name.
var few = []string{
	"systems/frames", "xjiaqing__media-convert-js-samples__video-transcoding-job-with-multi-outputs",
}

func runs(want, name string) bool {
	if want == "" {
		return slices.Contains(few, name)
	}
	return want == "all" || slices.ContainsFunc(strings.Split(want, ","), func(part string) bool { return strings.Contains(name, part) })
}

// row is what became of one document.
type row struct {
	name, groups, outcome string
	note                  string // what was changed, as this machine can't do it
	outputs               int
	seconds               float64
	deviations            []string
}

// TestCorpus runs the corpus. With SPOOL_CORPUS_REPORT it writes the table of
// results to that file.
func TestCorpus(t *testing.T) { //nolint:paralleltest // one document at a time: each takes the whole machine
	testkit.NeedTools(t)
	list := documents(t)
	names := newShelf(list)
	footage, short := newFootage(t, "4"), newFootage(t, "1.5")
	want := os.Getenv("SPOOL_CORPUS")
	done := make(map[[32]byte]row)
	table := make([]row, len(list))
	for _, later := range []bool{false, true} { // what takes long comes last
		for i, d := range list {
			if !runs(want, d.name) {
				continue
			}
			settings, err := d.resolve(names)
			if err != nil {
				table[i] = row{name: d.name, outcome: "refused", deviations: []string{reason(err)}}
				continue
			}
			if large(settings) != later {
				continue
			}
			note := place(t, settings)
			text, err := mediaconvert.EncodeSettings(settings)
			if err != nil {
				t.Fatal(err)
			}
			hash := sha256.Sum256(text)
			r, known := done[hash]
			if !known {
				in := footage
				if later {
					in = short
				}
				r = run(t, in, text, settings)
				done[hash] = r
			}
			r.name, r.note = d.name, note
			table[i] = r
			save(t, table)
			t.Logf("%s: %s, %d outputs, %.0f s %v", d.name, r.outcome, r.outputs, r.seconds, r.deviations)
			if r.outcome != "COMPLETE" || len(r.deviations) > 0 {
				t.Errorf("%s: %s %s", d.name, r.outcome, strings.Join(r.deviations, "; "))
			}
		}
	}
	if !slices.ContainsFunc(table, func(r row) bool { return r.name != "" }) {
		t.Fatalf("no document is called %s", want)
	}
}

// save writes the report, if it is wanted.
func save(t *testing.T, table []row) {
	t.Helper()
	file := os.Getenv("SPOOL_CORPUS_REPORT")
	if file == "" {
		return
	}
	if err := os.WriteFile(file, []byte(report(table)), 0o644); err != nil { //nolint:gosec // a page
		t.Fatal(err)
	}
}

func reason(err error) string {
	var problems spool.Problems
	if errors.As(err, &problems) && len(problems) > 0 {
		text := problems[0].String()
		if len(problems) > 1 {
			text += fmt.Sprintf(" (and %d more)", len(problems)-1)
		}
		return text
	}
	return err.Error()
}

// newFootage makes a bucket of everything that jobs read: a few seconds of real
// footage with speech and music, a picture, captions, a font and a song.
func newFootage(t *testing.T, seconds string) string {
	t.Helper()
	media := sharedDir(t, "media")
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	film := filepath.Join(media, "bbb-1080p24-aac51-12s.mp4")
	if os.Getenv("SPOOL_CORPUS") == "" {
		film, seconds = filepath.Join(media, "bbb-480p24-aac51-30s.mp4"), "1.5"
	}
	for _, args := range [][]string{
		{"-i", film, "-t", seconds, "-map", "0:v:0", "-map", "0:a:0", "-c:v", "libx264", "-crf", "16", "-preset", "veryfast", "-c:a", "aac", "-b:a", "384k", filepath.Join(in, "video.mp4")},
		{"-i", film, "-t", "3", "-map", "0:a:0", "-ac", "2", filepath.Join(in, "audio.mp3")},
		{"-f", "lavfi", "-i", "color=c=red@0.5:s=64x64,format=rgba", "-frames:v", "1", filepath.Join(in, "mark.png")},
	} {
		ffmpeg(t, args...)
	}
	fonts, _ := filepath.Glob("/usr/share/fonts/truetype/*/*.ttf")
	for from, to := range map[string]string{
		filepath.Join(media, "captions-english.srt"): "captions.srt", filepath.Join(media, "captions-imsc.ttml"): "captions.ttml",
		filepath.Join(media, "captions-popon.scc"): "captions.scc", cmp.Or(append(fonts, "")[0], "no font"): "font.ttf",
	} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(in, to), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func ffmpeg(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "error", "-y"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %v: %v: %s", args, err, out)
	}
}

// large tells whether a job has pictures of more than 1080 lines or a whole ladder:
// of those, less is encoded.
func large(s *types.JobSettings) bool {
	outputs := 0
	for _, g := range s.OutputGroups {
		for _, o := range g.Outputs {
			if o.VideoDescription == nil {
				continue
			}
			if outputs++; aws.ToInt32(o.VideoDescription.Height) > 1100 || outputs > 6 {
				return true
			}
		}
	}
	return false
}

// place points a job at the footage, and each of its groups at a folder of its
// own: what jobs call their buckets is theirs. Where FFmpeg has no encoder of
// HE-AAC, the job is measured as what it then becomes: AAC-LC.
func place(t *testing.T, s *types.JobSettings) (note string) {
	t.Helper()
	encoders, err := exec.CommandContext(t.Context(), "ffmpeg", "-hide_banner", "-encoders").Output()
	if err != nil {
		t.Fatal(err)
	}
	heAAC := bytes.Contains(encoders, []byte("libfdk_aac"))
	for i := range s.Inputs {
		in := &s.Inputs[i]
		if in.FileInput != nil {
			in.FileInput = aws.String("s3://in/video.mp4")
		}
		for name, sel := range in.AudioSelectors {
			if sel.ExternalAudioFileInput != nil {
				sel.ExternalAudioFileInput = aws.String("s3://in/audio.mp3")
				in.AudioSelectors[name] = sel
			}
		}
		for _, sel := range in.CaptionSelectors {
			if sel.SourceSettings != nil && sel.SourceSettings.FileSourceSettings != nil {
				sel.SourceSettings.FileSourceSettings.SourceFile = aws.String("s3://in/" + captionFile(sel.SourceSettings.SourceType))
			}
		}
		placeImages(in.ImageInserter)
	}
	for i := range s.OutputGroups {
		g := s.OutputGroups[i].OutputGroupSettings
		for _, destination := range []**string{
			destinationOf(g.FileGroupSettings, func(x *types.FileGroupSettings) **string { return &x.Destination }),
			destinationOf(g.HlsGroupSettings, func(x *types.HlsGroupSettings) **string { return &x.Destination }),
			destinationOf(g.DashIsoGroupSettings, func(x *types.DashIsoGroupSettings) **string { return &x.Destination }),
			destinationOf(g.CmafGroupSettings, func(x *types.CmafGroupSettings) **string { return &x.Destination }),
			destinationOf(g.MsSmoothGroupSettings, func(x *types.MsSmoothGroupSettings) **string { return &x.Destination }),
		} {
			if destination == nil || *destination == nil {
				continue
			}
			_, key, _ := strings.Cut(strings.TrimPrefix(**destination, "s3://"), "/")
			*destination = aws.String(fmt.Sprintf("s3://out/g%d/%s", i, key))
		}
		for j := range s.OutputGroups[i].Outputs {
			if v := s.OutputGroups[i].Outputs[j].VideoDescription; v != nil && v.VideoPreprocessors != nil {
				placeImages(v.VideoPreprocessors.ImageInserter)
			}
			for k := range s.OutputGroups[i].Outputs[j].CaptionDescriptions {
				placeFonts(&s.OutputGroups[i].Outputs[j].CaptionDescriptions[k])
			}
			for _, a := range s.OutputGroups[i].Outputs[j].AudioDescriptions {
				if a.CodecSettings == nil || a.CodecSettings.AacSettings == nil || heAAC {
					continue
				}
				if aac := a.CodecSettings.AacSettings; aac.CodecProfile == types.AacCodecProfileHev1 || aac.CodecProfile == types.AacCodecProfileHev2 {
					note = "with AAC-LC instead of " + string(aac.CodecProfile) + ", which this FFmpeg has no encoder of"
					aac.CodecProfile = types.AacCodecProfileLc
				}
			}
		}
	}
	return note
}

// captionFile is one of a kind.
func captionFile(kind types.CaptionSourceType) string {
	switch kind {
	case types.CaptionSourceTypeTtml, types.CaptionSourceTypeImsc, types.CaptionSourceTypeSmpteTt:
		return "captions.ttml"
	case types.CaptionSourceTypeScc:
		return "captions.scc"
	default:
		return "captions.srt"
	}
}

// placeFonts points captions that are burned in at the font that is there.
func placeFonts(c *types.CaptionDescription) {
	if c.DestinationSettings == nil || c.DestinationSettings.BurninDestinationSettings == nil {
		return
	}
	b := c.DestinationSettings.BurninDestinationSettings
	for _, font := range []**string{&b.FontFileRegular, &b.FontFileBold, &b.FontFileItalic, &b.FontFileBoldItalic} {
		if *font != nil {
			*font = aws.String("s3://in/font.ttf")
		}
	}
}

func placeImages(inserter *types.ImageInserter) {
	if inserter == nil {
		return
	}
	for i := range inserter.InsertableImages {
		inserter.InsertableImages[i].ImageInserterInput = aws.String("s3://in/mark.png")
	}
}

func destinationOf[T any](group *T, f func(*T) **string) **string {
	if group == nil {
		return nil
	}
	return f(group)
}

// run converts one job and measures what came of it.
func run(t *testing.T, footage string, text []byte, settings *types.JobSettings) row {
	t.Helper()
	r := row{groups: groupsOf(settings)}
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(footage, "in"), filepath.Join(dir, "in")); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	result, err := app.Convert(t.Context(), app.ConvertOptions{Job: text, Dir: dir, Log: slog.New(slog.DiscardHandler)})
	r.seconds = time.Since(began).Seconds()
	r.outcome = cmp.Or(result.Status, "not run")
	if err != nil {
		r.outcome = "ERROR"
		r.deviations = []string{err.Error()}
		return r
	}
	for i, g := range settings.OutputGroups {
		m := measure{t: t, dir: dir, settings: settings, result: result, index: i, group: &g, fps: 24}
		r.deviations = append(r.deviations, m.groupDeviations()...)
		r.outputs += len(g.Outputs)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	return r
}

func groupsOf(s *types.JobSettings) string {
	var kinds []string
	for _, g := range s.OutputGroups {
		kinds = append(kinds, strings.TrimSuffix(string(g.OutputGroupSettings.Type), "_GROUP_SETTINGS"))
	}
	return strings.Join(kinds, " ")
}

// report writes the table of results as a page.
func report(table []row) string {
	var b strings.Builder
	counts := map[string]int{}
	outputs := 0
	table = slices.DeleteFunc(slices.Clone(table), func(r row) bool { return r.name == "" })
	for _, r := range table {
		counts[r.outcome]++
		outputs += r.outputs
	}
	fmt.Fprintf(&b, `# Jobs of public projects

Jobs, presets and job templates that public projects use, each run on four seconds of real footage with 5.1 sound (one and a half where there are more than six videos or pictures of more than 1080 lines). Presets and templates are run through a
job that uses them; what their users fill in is filled in. Every output is measured against its settings with FFmpeg's own tools: codec, profile, level, size, frame rate,
GOP, B-frames, bitrate within the cap over the buffer's window, sound, container, names and manifests. `+"`make corpus`"+` runs all of them and writes this page.

%d complete, %d failed, %d refused as not valid; %d outputs.

| file | groups | outputs | result | deviations |
|---|---|---|---|---|
`, counts["COMPLETE"], len(table)-counts["COMPLETE"]-counts["refused"], counts["refused"], outputs)
	for _, r := range table {
		if r.note != "" {
			r.outcome += " " + r.note
		}
		text := strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(strings.Join(r.deviations, "; "))
		fmt.Fprintf(&b, "| %s | %s | %d | %s | %s |\n", r.name, r.groups, r.outputs, r.outcome, text)
	}
	return b.String()
}

// jsonOf reads what a tool prints.
func jsonOf[T any](t testing.TB, name string, args ...string) T {
	t.Helper()
	var v T
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return v
}
