package plan

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// abrCase is a job with automated ABR and a source.
type abrCase struct {
	abr     string // members of abrSettings
	video   string // members of the pattern's videoDescription, with a comma at the end
	codec   string // H_265; H_264 otherwise
	w, h    int    // of the source; 1920x1080
	bitrate int64  // of the source; unknown without it
	bits    float64
}

// settings writes the job: an HLS group, with the settings' defaults filled in.
func (c abrCase) settings(t testing.TB) *types.JobSettings {
	t.Helper()
	codec, member := "H_264", "h264Settings"
	if c.codec == "H_265" {
		codec, member = c.codec, "h265Settings"
	}
	doc := fmt.Sprintf(`{"role":"r","settings":{"inputs":[{"fileInput":"s3://in/v.mp4","videoSelector":{}}],"outputGroups":[{
		"automatedEncodingSettings":{"abrSettings":{%s}},
		"outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/a","segmentLength":6,"minSegmentLength":0}},
		"outputs":[{"nameModifier":"_v","containerSettings":{"container":"M3U8"},"videoDescription":{%s"codecSettings":{"codec":%q,%q:{"rateControlMode":"QVBR","qualityTuningLevel":"MULTI_PASS_HQ"}}}}]}]}}`,
		c.abr, c.video, codec, member)
	req, err := mediaconvert.DecodeRequest([]byte(doc), mediaconvert.FormWire)
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := req.Resolve(nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	s, err := mediaconvert.DecodeSettings(resolved.Settings)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// facts are a source of 60 s whose pictures take bits per second at abrCRF in
// 1080p, less in smaller sizes by the power that footage shows.
func (c abrCase) facts(t testing.TB, s *types.JobSettings) Facts {
	t.Helper()
	w, h := c.w, c.h
	if w == 0 {
		w, h = 1920, 1080
	}
	f := Facts{Started: time.Unix(0, 0), Media: map[string]spool.Media{"s3://in/v.mp4": {
		Duration: time.Minute,
		Video: []spool.VideoTrack{{Codec: "h264", FieldOrder: "progressive", Width: w, Height: h, FrameRate: spool.Rational{Num: 25, Den: 1}, AvgFrameRate: spool.Rational{Num: 25, Den: 1},
			Duration: time.Minute, BitRate: c.bitrate}},
	}}}
	prog, err := newProgramme(s, f)
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := Survey(s, f)
	if err != nil || len(tasks) != 1 || tasks[0].ID != abrTask {
		t.Fatalf("the survey: %v, %v", tasks, err)
	}
	probes, err := abrProbes(abrGroups(s), prog)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(strings.Join(tasks[0].Args, " "), "-crf:v:"); n != len(probes) {
		t.Fatalf("%d encodes for %d probes", n, len(probes))
	}
	var text strings.Builder
	text.WriteString("#software: test\n")
	for i, p := range probes {
		rate := c.bits * math.Pow(float64(p.size.pixels())/(1920*1080), 0.75) * math.Exp(-math.Ln2/6*(p.crf-abrCRF))
		fmt.Fprintf(&text, "%d,          0,          0,        1, %8d, 0x00000000\n", i, int(rate*abrLength.Seconds()/8))
	}
	f.Findings = map[string]string{abrTask: text.String()}
	return f
}

// ladder gives the renditions as "1920x1080 5000k", and the message.
func (c abrCase) ladder(t testing.TB) (rungs []string, message string) {
	t.Helper()
	s := c.settings(t)
	p, err := Build(s, c.facts(t, s))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range p.Groups[0].Outputs {
		name := strings.TrimPrefix(o.Key, "a_v_")
		rungs = append(rungs, strings.Replace(strings.TrimSuffix(name, ".m3u8"), "_", " ", 1))
		if want := fmt.Sprintf("%dx%d_", o.Video.Width, o.Video.Height); !strings.HasPrefix(name, want) {
			t.Errorf("%s is %s", o.Key, want)
		}
		if want := fmt.Sprintf("_%dk.m3u8", o.Rate.Max/1000); !strings.HasSuffix(name, want) {
			t.Errorf("%s has the cap %s", o.Key, want)
		}
	}
	if len(p.Messages) != 1 {
		t.Errorf("%d messages", len(p.Messages))
	}
	return rungs, strings.Join(p.Messages, "\n")
}

// TestLadders: what is chosen from what the survey found, and each rule.
func TestLadders(t *testing.T) {
	t.Parallel()
	const force = `"rules":[{"type":"FORCE_INCLUDE_RENDITIONS","forceIncludeRenditions":[{"width":1280,"height":720},{"width":320,"height":180}]}]`
	const allowed = `"rules":[{"type":"ALLOWED_RENDITIONS","allowedRenditions":[{"width":1280,"height":720},{"width":640,"height":360},{"width":320,"height":180%s}]}]`
	for name, tt := range map[string]struct {
		abrCase
		want string // the renditions
		says string // a part of the message
	}{
		"footage":               {abrCase{bits: 3e6}, "1920x1080 4990k, 1920x1080 2940k, 1280x720 1730k, 960x540 1020k, 768x432 600k", "At quality level 8 the source takes 5.0 Mbit/s in 1920x1080."},
		"cartoon":               {abrCase{bits: 4e5}, "1920x1080 665k", "1 rendition: "},
		"noise":                 {abrCase{bits: 4e7}, "768x432 8000k, 480x270 4710k, 320x180 2770k, 320x180 1630k, 320x180 959k, 320x180 600k", "more than maxAbrBitrate allows"},
		"the source is poor":    {abrCase{bits: 3e6, bitrate: 1_500_000}, "1280x720 1500k, 960x540 882k, 768x432 600k", "it is worth 1.5 Mbit/s itself"},
		"the source is small":   {abrCase{bits: 3e6, w: 640, h: 360}, "640x360 656k", "1 rendition"},
		"the output is smaller": {abrCase{bits: 3e6, video: `"width":1280,"height":720,`}, "1280x720 2710k, 1280x720 1590k, 960x540 935k, 768x432 600k", ""},
		"the output is larger":  {abrCase{bits: 3e6, w: 1280, h: 720, video: `"width":1920,"height":1080,`}, "1280x720 2710k, 1280x720 1590k, 960x540 935k, 768x432 600k", ""},
		"portrait":              {abrCase{bits: 3e6, w: 1080, h: 1920}, "1080x1920 4990k, 1080x1920 2940k, 720x1280 1730k, 540x960 1020k, 432x768 600k", ""},
		"H.265":                 {abrCase{bits: 3e6, codec: "H_265"}, "1920x1080 3120k, 1920x1080 1840k, 1280x720 1080k, 960x540 635k", ""},
		"minAbrBitrate":         {abrCase{bits: 3e6, abr: `"minAbrBitrate":2000000`}, "1920x1080 4990k, 1920x1080 2940k, 1280x720 2000k", ""},
		"maxAbrBitrate":         {abrCase{bits: 3e6, abr: `"maxAbrBitrate":2000000`}, "1280x720 2000k, 1280x720 1180k, 768x432 694k", ""},
		"maxRenditions":         {abrCase{bits: 3e6, abr: `"maxRenditions":3`}, "1920x1080 4990k, 1280x720 1730k, 768x432 600k", ""},
		"maxQualityLevel":       {abrCase{bits: 3e6, abr: `"maxQualityLevel":5`}, "1920x1080 1590k, 960x540 600k", "At quality level 5"},
		"MIN_TOP":               {abrCase{bits: 4e7, abr: `"rules":[{"type":"MIN_TOP_RENDITION_SIZE","minTopRenditionSize":{"width":1280,"height":720}}]`}, "1280x720 8000k, 480x270 4710k, 320x180 2770k, 320x180 1630k, 320x180 959k, 320x180 600k", ""},
		"MIN_BOTTOM":            {abrCase{bits: 3e6, abr: `"rules":[{"type":"MIN_BOTTOM_RENDITION_SIZE","minBottomRenditionSize":{"width":1280,"height":720}}]`}, "1920x1080 4990k, 1920x1080 2940k, 1280x720 1730k, 1280x720 1020k, 1280x720 600k", ""},
		"FORCE_INCLUDE":         {abrCase{bits: 3e6, abr: force}, "1920x1080 4990k, 1920x1080 2940k, 1280x720 1730k, 960x540 1020k, 320x180 600k", ""},
		"FORCE_INCLUDE few":     {abrCase{bits: 3e6, abr: `"maxRenditions":3,` + force}, "1920x1080 4990k, 1280x720 1730k, 320x180 600k", ""},
		"ALLOWED":               {abrCase{bits: 3e6, abr: fmt.Sprintf(allowed, "")}, "1280x720 2710k, 1280x720 1590k, 640x360 656k", "1920x1080 would look worse"},
		"ALLOWED required":      {abrCase{bits: 3e6, abr: fmt.Sprintf(allowed, `,"required":"ENABLED"`)}, "1280x720 2710k, 1280x720 1590k, 320x180 600k", ""},
		"above the source":      {abrCase{bits: 3e6, w: 640, h: 360, abr: force}, "640x360 656k, 320x180 600k", "1280x720 is larger than the source"},
		"all above the source":  {abrCase{bits: 3e6, w: 160, h: 90, abr: fmt.Sprintf(allowed, "")}, "160x90 600k", "320x180 is larger than the source"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, message := tt.ladder(t)
			got := strings.Join(list, ", ")
			if got != tt.want || !strings.Contains(message, tt.says) {
				t.Errorf("%s\nwant %s\n%s", got, tt.want, message)
			}
		})
	}
}

// TestLadderShared: groups with the same pattern share the survey's encodes and
// the renditions' too, and one message speaks of both; audio beside the pattern
// stays as it is.
func TestLadderShared(t *testing.T) {
	t.Parallel()
	c := abrCase{bits: 3e6}
	s := c.settings(t)
	var second types.OutputGroup
	text, err := json.Marshal(s.OutputGroups[0])
	if err != nil || json.Unmarshal(text, &second) != nil {
		t.Fatal(err)
	}
	other := "s3://out/b"
	second.OutputGroupSettings.HlsGroupSettings.Destination = &other
	one, err := Build(s, c.facts(t, s))
	if err != nil {
		t.Fatal(err)
	}
	s.OutputGroups = append(s.OutputGroups, second)
	two, err := Build(s, c.facts(t, s))
	if err != nil {
		t.Fatal(err)
	}
	n := len(one.Groups[0].Outputs)
	if len(two.Groups[0].Outputs) != n || len(two.Groups[1].Outputs) != n {
		t.Errorf("%d renditions, and %d and %d of two groups", n, len(two.Groups[0].Outputs), len(two.Groups[1].Outputs))
	}
	if a, b := strings.Join(one.Tasks[0].Args, " "), strings.Join(two.Tasks[0].Args, " "); a != b {
		t.Errorf("two groups encode something else than one:\n%s\n%s", a, b)
	}
	if len(two.Messages) != 1 || !strings.HasPrefix(two.Messages[0], "Automated ABR, output groups 1 and 2: ") {
		t.Errorf("%q", two.Messages)
	}
	if len(s.OutputGroups[0].Outputs) != 1 {
		t.Error("the job's own settings were changed")
	}
}

// TestLadderAlways: whatever the rules and the source are, a ladder keeps them.
func TestLadderAlways(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...int) int { return list[rnd.IntN(len(list))] }
	for range 3000 {
		r := abrRules{
			low: int64(pick(100_000, 300_000, 600_000)), most: pick(3, 4, 6, 15), level: pick(0, 0, 1, 5, 10),
			largest: size{1920, 1080}, sourceRate: int64(pick(0, 0, 50_000, 900_000, 20_000_000)), h265: rnd.IntN(2) == 0,
		}
		r.high = r.low * int64(pick(3, 10, 50))
		sizes := []size{{1920, 1080}, {1280, 720}, {960, 540}, {640, 360}, {426, 240}}
		rnd.Shuffle(len(sizes), func(i, j int) { sizes[i], sizes[j] = sizes[j], sizes[i] })
		switch named := sizes[:rnd.IntN(4)]; rnd.IntN(3) {
		case 0:
			r.must = named
		case 1:
			r.allowed = named
		}
		var probes []abrProbe
		power := math.Pow(10, 4+4*rnd.Float64())
		for i, s := range r.candidates() {
			if i == 0 {
				probes = append(probes, abrProbe{groups: []int{0}, size: s, crf: abrFineCRF, bits: power * 1.7}, abrProbe{groups: []int{0}, size: s, crf: abrPoorCRF, bits: power * 0.6})
				continue
			}
			probes = append(probes, abrProbe{groups: []int{0}, size: s, crf: abrCRF, bits: power * float64(s.pixels()) / (1920 * 1080) * (0.8 + 0.4*rnd.Float64())})
		}
		checkLadder(t, r, newLadder(r, probes, 0))
		if t.Failed() {
			t.Fatalf("%+v, %g bits/s", r, power)
		}
	}
}

func checkLadder(t *testing.T, r abrRules, l ladder) {
	t.Helper()
	list := l.rungs()
	if len(list) == 0 || len(list) > r.most {
		t.Errorf("%d renditions of at most %d", len(list), r.most)
	}
	for i, g := range list {
		if !g.size.within(r.largest) || g.max < r.low || g.max > r.high || g.level < 1 || g.level > 10 {
			t.Errorf("%+v", g)
		}
		if i > 0 && (g.max >= list[i-1].max || g.size.pixels() > list[i-1].size.pixels()) {
			t.Errorf("%+v below %+v", g, list[i-1])
		}
		if i > 0 && near(list[i-1], g) && !(g.must && (list[i-1].must || i == 1)) {
			t.Errorf("%+v is near to %+v", g, list[i-1])
		}
		if len(r.allowed) > 0 && !strings.Contains(fmt.Sprint(r.allowed), g.size.String()) {
			t.Errorf("%v is not allowed", g.size)
		}
	}
	for _, s := range r.must {
		found := false
		for _, g := range list {
			found = found || g.size == s
		}
		if !found {
			t.Errorf("%v is missing", s)
		}
	}
	if text := l.explain(list); !strings.Contains(text, list[0].size.String()) {
		t.Error(text)
	}
}

// TestReadABR: what is no line of a report is refused, and a missing report is
// black.
func TestReadABR(t *testing.T) {
	t.Parallel()
	c := abrCase{bits: 1e6}
	s := c.settings(t)
	f := c.facts(t, s)
	for _, text := range []string{"99, 0, 0, 1, 5, 0x0\n", "0, 0, 0, 1, x, 0x0\n", "a, 0, 0, 1, 5, 0x0\n", "0, 0, 0, 1, -5, 0x0\n"} {
		f.Findings = map[string]string{abrTask: text}
		if _, err := Build(s, f); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	f.Findings = nil
	if p, err := Build(s, f); err != nil || len(p.Groups[0].Outputs) != 1 {
		t.Errorf("without a report: %v", err)
	}
}
