package corpus

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/app"
	"spool/internal/testkit"
)

// measure compares the outputs of one group with their settings.
type measure struct {
	t        testing.TB
	dir      string
	settings *types.JobSettings
	result   app.ConvertResult
	index    int
	group    *types.OutputGroup
	fps      float64 // of the source
	where    string  // what is being looked at
	list     []string
}

func (m *measure) fail(format string, args ...any) {
	m.list = append(m.list, fmt.Sprintf("%d%s: ", m.index, m.where)+fmt.Sprintf(format, args...))
}

// same fails where two values differ.
func same[T comparable](m *measure, what string, got, want T) {
	if got != want {
		m.fail("%s %v, not %v", what, got, want)
	}
}

func (m *measure) groupDeviations() []string {
	for j := range m.group.Outputs {
		m.where = "/" + strconv.Itoa(j)
		o := &m.group.Outputs[j]
		var files []app.ConvertOutput
		for _, f := range m.result.Outputs {
			if f.Group == m.index && f.Output == j {
				files = append(files, f)
			}
		}
		if len(files) == 0 {
			m.fail("no files")
			continue
		}
		m.names(o, files)
		if v := o.VideoDescription; v != nil && v.CodecSettings != nil && v.CodecSettings.Codec == types.VideoCodecFrameCapture {
			m.captures(v, files, cmp.Or(aws.ToString(o.Extension), "jpg"))
			continue
		}
		if o.VideoDescription == nil && len(o.AudioDescriptions) == 0 {
			continue // captions: their own tests
		}
		m.media(o, files)
	}
	m.where = ""
	m.manifests()
	return m.list
}

// base is the first part of the names of the group's files.
func (m *measure) base() string {
	g := m.group.OutputGroupSettings
	var destination *string
	switch {
	case g.FileGroupSettings != nil:
		destination = g.FileGroupSettings.Destination
	case g.HlsGroupSettings != nil:
		destination = g.HlsGroupSettings.Destination
	case g.DashIsoGroupSettings != nil:
		destination = g.DashIsoGroupSettings.Destination
	case g.CmafGroupSettings != nil:
		destination = g.CmafGroupSettings.Destination
	case g.MsSmoothGroupSettings != nil:
		destination = g.MsSmoothGroupSettings.Destination
	}
	name := strings.TrimPrefix(aws.ToString(destination), "s3://")
	if strings.HasSuffix(name, "/") || !strings.Contains(name, "/") {
		name += "video"
	}
	return strings.ReplaceAll(name, "$fn$", "video")
}

// names: every file of an output begins with the destination and the output's
// modifier.
func (m *measure) names(o *types.Output, files []app.ConvertOutput) {
	modifier := aws.ToString(o.NameModifier)
	if strings.Contains(modifier+m.base(), "$") {
		return
	}
	for _, f := range files {
		rel, err := filepath.Rel(m.dir, f.Path)
		if err != nil || !strings.HasPrefix(rel, m.base()+modifier) {
			m.fail("%s does not begin with %s%s", rel, m.base(), modifier)
			return
		}
	}
}

// captures: their number, size and names.
func (m *measure) captures(v *types.VideoDescription, files []app.ConvertOutput, extension string) {
	s := v.CodecSettings.FrameCaptureSettings
	interval := 1.0
	if aws.ToInt32(s.FramerateNumerator) > 0 && aws.ToInt32(s.FramerateDenominator) > 0 {
		interval = float64(*s.FramerateDenominator) / float64(*s.FramerateNumerator)
	}
	seconds, _ := strconv.ParseFloat(testkit.Probe(m.t, filepath.Join(m.dir, "in", "video.mp4")).Of("video").Duration, 64)
	want := int(math.Floor((seconds-0.01)/interval)) + 1
	if most := int(aws.ToInt32(s.MaxCaptures)); most > 0 {
		want = min(want, most)
	}
	same(m, "captures", len(files), want)
	if !strings.HasSuffix(files[0].Path, ".0000000."+extension) {
		m.fail("the first capture is %s", filepath.Base(files[0].Path))
	}
	p := testkit.Probe(m.t, files[0].Path).Of("video")
	m.size(v, p.Width, p.Height)
}

// size: exactly what was asked for, where the picture is not made to fit.
func (m *measure) size(v *types.VideoDescription, w, h int) {
	if v.Width != nil && v.Height != nil && v.ScalingBehavior != types.ScalingBehaviorFit && v.ScalingBehavior != types.ScalingBehaviorFitNoUpscale {
		same(m, "size", fmt.Sprintf("%dx%d", w, h), fmt.Sprintf("%dx%d", *v.Width, *v.Height))
		return
	}
	if v.Width != nil && w > int(*v.Width) || v.Height != nil && h > int(*v.Height) || w%2+h%2 > 0 {
		m.fail("size %dx%d", w, h)
	}
}

// media looks at the streams of an output.
func (m *measure) media(o *types.Output, files []app.ConvertOutput) {
	path := m.playable(files)
	if path == "" {
		m.fail("nothing that plays")
		return
	}
	p := testkit.Probe(m.t, path)
	if v := o.VideoDescription; v != nil {
		if s := p.Of("video"); s == nil {
			m.fail("no video")
		} else {
			m.video(v, s, path)
		}
	}
	var sounds []testkit.ProbedStream
	for _, s := range p.Streams {
		if s.Type == "audio" {
			sounds = append(sounds, s)
		}
	}
	if len(sounds) != len(o.AudioDescriptions) {
		m.fail("%d audio streams of %d", len(sounds), len(o.AudioDescriptions))
	}
	for k := range min(len(sounds), len(o.AudioDescriptions)) {
		m.sound(&o.AudioDescriptions[k], sounds[k])
	}
	m.container(o, path, p)
}

// playable is a file or playlist of an output that FFmpeg opens: of outputs
// without either, their segments put together.
func (m *measure) playable(files []app.ConvertOutput) string {
	var segments []string
	for _, f := range files {
		switch {
		case strings.HasSuffix(f.Path, ".m3u8") || f.Kind == "media":
			return f.Path
		case f.Kind == "segment":
			segments = append(segments, f.Path)
		}
	}
	slices.SortStableFunc(segments, func(a, b string) int { // the init segment first
		init := func(s string) int {
			if strings.Contains(filepath.Base(s), "init.") {
				return 0
			}
			return 1
		}
		return init(a) - init(b)
	})
	var whole bytes.Buffer
	for _, s := range segments {
		data, err := os.ReadFile(s)
		if err != nil {
			m.t.Fatal(err)
		}
		whole.Write(data)
	}
	if whole.Len() == 0 {
		return ""
	}
	name := filepath.Join(m.t.TempDir(), "joined.mp4")
	if err := os.WriteFile(name, whole.Bytes(), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return name
}

var codecNames = map[types.VideoCodec]string{
	types.VideoCodecH264: "h264", types.VideoCodecH265: "hevc", types.VideoCodecAv1: "av1", types.VideoCodecVp8: "vp8", types.VideoCodecVp9: "vp9",
	types.VideoCodecProres: "prores", types.VideoCodecMpeg2: "mpeg2video",
}

func (m *measure) video(v *types.VideoDescription, s *testkit.ProbedStream, path string) {
	if want := codecNames[v.CodecSettings.Codec]; want != "" {
		same(m, "codec", s.Codec, want)
	}
	m.size(v, s.Width, s.Height)
	want := wantedOf(v.CodecSettings)
	if want.profile != "" && s.Profile != want.profile && !(want.profile == "Main" && strings.HasSuffix(s.Profile, "Constrained Baseline")) {
		m.fail("profile %s, not %s", s.Profile, want.profile)
	}
	if want.level > 0 && s.Level != want.level {
		m.fail("level %d, not %d", s.Level, want.level)
	}
	fps := ratio(s.AvgFrameRate)
	rate := want.rate
	if rate == 0 {
		rate = m.fps
	}
	if math.Abs(fps-rate) > 0.02*rate {
		m.fail("%.3f frames a second, not %.3f", fps, rate)
	}
	frames := packetsOf(m.t, path)
	if len(frames) == 0 || !frames[0].key {
		m.fail("it does not begin with a key frame")
		return
	}
	m.gops(want, frames, rate)
	m.bitrate(want, frames, rate)
	if want.bframes >= 0 {
		if most := bframesOf(m.t, path); most > want.bframes {
			m.fail("%d B-frames in a row, not %d", most, want.bframes)
		}
	}
}

// wanted are the settings of the codecs in one form.
type wanted struct {
	profile     string
	level       int
	rate        float64 // 0: of the source
	gop         float64 // frames; 0: by itself
	gopSeconds  bool
	bframes     int // −1: by itself
	max, buffer float64
	mode        string
}

var profiles = map[string]string{
	"BASELINE": "Constrained Baseline", "MAIN": "Main", "HIGH": "High", "HIGH_10BIT": "High 10", "MAIN_MAIN": "Main", "MAIN_HIGH": "Main", "MAIN10_MAIN": "Main 10", "MAIN10_HIGH": "Main 10",
}

func wantedOf(c *types.VideoCodecSettings) wanted {
	w := wanted{bframes: -1}
	read := func(profile, level, control string, num, den *int32, gop *float64, units string, b *int32, mode string, bitrate, most, buffer *int32) {
		w.profile = profiles[profile]
		if digits, ok := strings.CutPrefix(level, "LEVEL_"); ok {
			n, _ := strconv.Atoi((strings.ReplaceAll(digits, "_", "") + "0")[:2])
			w.level = n
		}
		if control == "SPECIFIED" && aws.ToInt32(den) > 0 {
			w.rate = float64(aws.ToInt32(num)) / float64(*den)
		}
		if gop != nil && (units == "FRAMES" || units == "SECONDS") {
			w.gop, w.gopSeconds = *gop, units == "SECONDS"
		}
		if b != nil {
			w.bframes = int(*b)
		}
		w.mode = mode
		w.max = float64(aws.ToInt32(most))
		if mode == "CBR" {
			w.max = float64(aws.ToInt32(bitrate))
		}
		w.buffer = float64(aws.ToInt32(buffer))
	}
	switch {
	case c.H264Settings != nil:
		h := c.H264Settings
		read(string(h.CodecProfile), string(h.CodecLevel), string(h.FramerateControl), h.FramerateNumerator, h.FramerateDenominator, h.GopSize, string(h.GopSizeUnits),
			h.NumberBFramesBetweenReferenceFrames, string(h.RateControlMode), h.Bitrate, h.MaxBitrate, h.HrdBufferSize)
	case c.H265Settings != nil:
		h := c.H265Settings
		read(string(h.CodecProfile), "", string(h.FramerateControl), h.FramerateNumerator, h.FramerateDenominator, h.GopSize, string(h.GopSizeUnits),
			h.NumberBFramesBetweenReferenceFrames, string(h.RateControlMode), h.Bitrate, h.MaxBitrate, h.HrdBufferSize)
	}
	if w.buffer == 0 {
		w.buffer = 2 * w.max
	}
	return w
}

// gops: no two key frames are farther apart than was asked for.
func (m *measure) gops(w wanted, frames []packet, rate float64) {
	if w.gop == 0 {
		return
	}
	most := w.gop
	if w.gopSeconds {
		most *= rate
	}
	last, longest := 0, 0
	for i, f := range frames {
		if f.key {
			longest = max(longest, i-last)
			last = i
		}
	}
	longest = max(longest, len(frames)-last)
	if float64(longest) > most+1 {
		m.fail("a GOP of %d frames, not %.0f", longest, most)
	}
}

// bitrate: over any window of t seconds at most t times the cap and the buffer.
// Each frame is taken out of the buffer when it is due.
func (m *measure) bitrate(w wanted, frames []packet, rate float64) {
	if w.max == 0 {
		return
	}
	fill, most := 0.0, 0.0
	for _, f := range frames {
		fill = max(0, fill-w.max/rate) + float64(f.size)*8
		most = max(most, fill)
	}
	if most > 1.1*w.buffer {
		m.fail("%.2f times the buffer of %.0f bits at %.0f bits/s", most/w.buffer, w.buffer, w.max)
	}
}

var soundNames = map[types.AudioCodec]string{
	types.AudioCodecAac: "aac", types.AudioCodecAc3: "ac3", types.AudioCodecEac3: "eac3", types.AudioCodecMp2: "mp2", types.AudioCodecMp3: "mp3",
	types.AudioCodecOpus: "opus", types.AudioCodecVorbis: "vorbis", types.AudioCodecFlac: "flac",
}

func (m *measure) sound(a *types.AudioDescription, s testkit.ProbedStream) {
	if a.CodecSettings == nil {
		return
	}
	if want := soundNames[a.CodecSettings.Codec]; want != "" {
		same(m, "audio codec", s.Codec, want)
	}
	aac := a.CodecSettings.AacSettings
	if aac == nil {
		return
	}
	channels := map[types.AacCodingMode]int{types.AacCodingModeCodingMode10: 1, types.AacCodingModeCodingMode20: 2, types.AacCodingModeCodingMode51: 6}
	if n := channels[aac.CodingMode]; n > 0 {
		same(m, "channels", s.Channels, n)
	}
	if aac.SampleRate != nil {
		same(m, "sample rate", s.SampleRate, strconv.Itoa(int(*aac.SampleRate)))
	}
	if got, err := strconv.Atoi(s.BitRate); err == nil && aac.Bitrate != nil && got > 0 {
		if share := float64(got) / float64(*aac.Bitrate); share > 1.25 {
			m.fail("audio at %d bits/s, not %d", got, *aac.Bitrate)
		}
	}
}

// container: its kind, and where its index is.
func (m *measure) container(o *types.Output, path string, p testkit.Probed) {
	if o.ContainerSettings == nil || !strings.HasSuffix(path, ".mp4") || filepath.Base(path) == "joined.mp4" {
		return
	}
	if !strings.Contains(p.Format.Name, "mp4") {
		m.fail("container %s", p.Format.Name)
	}
	s := o.ContainerSettings.Mp4Settings
	if s == nil || s.MoovPlacement == types.Mp4MoovPlacementNormal {
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		m.t.Fatal(err)
	}
	for at := 0; at+8 <= len(data); {
		size := int(binary.BigEndian.Uint32(data[at:]))
		switch kind := string(data[at+4 : at+8]); {
		case kind == "moov":
			return
		case kind == "mdat" || size < 8:
			m.fail("the index comes after the media")
			return
		}
		at += size
	}
}

// manifests: the group's own lists all outputs.
func (m *measure) manifests() {
	videos := 0
	for _, o := range m.group.Outputs {
		if o.VideoDescription != nil {
			videos++
		}
	}
	for _, f := range m.result.Outputs {
		if f.Group != m.index {
			continue
		}
		text, err := os.ReadFile(f.Path)
		if err != nil {
			m.t.Fatal(err)
		}
		switch {
		case strings.HasSuffix(f.Path, ".m3u8"):
			for _, problem := range testkit.LintPlaylist(string(text)) {
				m.fail("%s: %s", filepath.Base(f.Path), problem)
			}
			if f.Output < 0 && bytes.Contains(text, []byte("#EXT-X-STREAM-INF")) {
				m.master(string(text), videos, filepath.Base(f.Path))
			}
		case strings.HasSuffix(f.Path, ".mpd"):
			m.mpd(text, videos)
		}
	}
}

func (m *measure) master(text string, videos int, name string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#EXT-X-STREAM-INF:") {
			continue
		}
		for _, attribute := range []string{"BANDWIDTH=", "CODECS="} {
			if !strings.Contains(line, attribute) {
				m.fail("%s: a stream without %s", name, attribute)
			}
		}
	}
	additional := m.group.OutputGroupSettings.HlsGroupSettings != nil && len(m.group.OutputGroupSettings.HlsGroupSettings.AdditionalManifests) > 0
	if n := strings.Count(text, "#EXT-X-STREAM-INF:"); n < videos && !additional {
		m.fail("%s lists %d streams of %d", name, n, videos)
	}
}

func (m *measure) mpd(text []byte, videos int) {
	var doc struct {
		Duration string `xml:"mediaPresentationDuration,attr"`
		Periods  []struct {
			Sets []struct {
				MimeType        string `xml:"mimeType,attr"`
				Representations []struct {
					MimeType  string `xml:"mimeType,attr"`
					Bandwidth int    `xml:"bandwidth,attr"`
					Codecs    string `xml:"codecs,attr"`
					Width     int    `xml:"width,attr"`
				} `xml:"Representation"`
			} `xml:"AdaptationSet"`
		} `xml:"Period"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		m.fail("the MPD: %v", err)
		return
	}
	n := 0
	for _, p := range doc.Periods {
		for _, s := range p.Sets {
			for _, r := range s.Representations {
				if r.Width > 0 || strings.HasPrefix(s.MimeType+r.MimeType, "video") {
					n++
				}
				if r.Bandwidth <= 0 {
					m.fail("a representation without bandwidth")
				}
			}
		}
	}
	same(m, "videos in the MPD", n, videos)
	if !strings.HasPrefix(doc.Duration, "PT") {
		m.fail("the MPD's duration is %q", doc.Duration)
	}
}

// packet is one video packet.
type packet struct {
	size int
	key  bool
}

func packetsOf(t testing.TB, path string) []packet {
	t.Helper()
	found := jsonOf[struct {
		Packets []struct{ Size, Flags string }
	}](t, "ffprobe", "-v", "error", "-of", "json", "-select_streams", "v:0", "-show_entries", "packet=size,flags", path)
	list := make([]packet, len(found.Packets))
	for i, p := range found.Packets {
		size, _ := strconv.Atoi(p.Size)
		list[i] = packet{size, strings.Contains(p.Flags, "K")}
	}
	return list
}

// bframesOf gives the longest run of B-frames.
func bframesOf(t testing.TB, path string) int {
	t.Helper()
	found := jsonOf[struct {
		Frames []struct {
			Type string `json:"pict_type"`
		}
	}](t, "ffprobe", "-v", "error", "-of", "json", "-select_streams", "v:0", "-show_entries", "frame=pict_type", path)
	run, longest := 0, 0
	for _, f := range found.Frames {
		if run++; f.Type != "B" {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

func ratio(text string) float64 {
	a, b, _ := strings.Cut(text, "/")
	x, _ := strconv.ParseFloat(a, 64)
	y, err := strconv.ParseFloat(b, 64)
	if err != nil || y == 0 {
		return x
	}
	return x / y
}

// TestMeasures: what measures can fail.
func TestMeasures(t *testing.T) {
	t.Parallel()
	frames := make([]packet, 100)
	for i := range frames {
		frames[i] = packet{size: 5000, key: i%50 == 0} // 1 Mbit/s at 25 frames a second
	}
	width := int32(640)
	for name, tt := range map[string]struct {
		look func(m *measure)
		bad  bool
	}{
		"GOP":            {func(m *measure) { m.gops(wanted{gop: 50}, frames, 25) }, false},
		"GOP too long":   {func(m *measure) { m.gops(wanted{gop: 25}, frames, 25) }, true},
		"GOP in seconds": {func(m *measure) { m.gops(wanted{gop: 1, gopSeconds: true}, frames, 25) }, true},
		"rate":           {func(m *measure) { m.bitrate(wanted{max: 1e6, buffer: 1e6}, frames, 25) }, false},
		"rate too high":  {func(m *measure) { m.bitrate(wanted{max: 5e5, buffer: 1e6}, frames, 25) }, true},
		"size":           {func(m *measure) { m.size(&types.VideoDescription{Width: &width, Height: &width}, 640, 480) }, true},
		"master": {func(m *measure) {
			m.group = &types.OutputGroup{OutputGroupSettings: &types.OutputGroupSettings{}}
			m.master("#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"x\"\n", 2, "m")
		}, true},
		"no MPD": {func(m *measure) { m.mpd([]byte("<MPD/>"), 1) }, true},
	} {
		m := &measure{t: t}
		tt.look(m)
		if (len(m.list) > 0) != tt.bad {
			t.Errorf("%s: %v", name, m.list)
		}
	}
}
