package plan_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/plan"
	"spool/internal/spool"
)

// pictureCase is one job: what its settings become is written down.
type pictureCase struct {
	name   string
	input  string // members of the first input
	video  string // members of the output's videoDescription
	job    string // members of the settings
	inputs string // further inputs
	media  func(*spool.Media)
	found  map[string]string // findings of the survey
}

// pictureMedia are the sources that cases may name beside s3://in/v.mp4.
func pictureMedia(uri string, change func(*spool.Media)) spool.Media {
	m := media(track(nil))
	switch {
	case uri == "s3://in/sound.wav":
		return media(nil, stereo(0))
	case uri == "s3://in/small.mp4":
		return media(track(func(v *spool.VideoTrack) {
			v.Width, v.Height, v.FrameRate, v.AvgFrameRate = 640, 480, spool.Rational{Num: 25, Den: 1}, spool.Rational{Num: 25, Den: 1}
		}))
	case strings.HasSuffix(uri, ".png"), strings.HasSuffix(uri, ".bmp"), strings.HasSuffix(uri, ".tga"):
		return spool.Media{Format: uri[len(uri)-3:], Video: []spool.VideoTrack{{Width: 200, Height: 100}}}
	case change != nil:
		change(&m)
	}
	return m
}

// lines writes what is to be read of a plan: the survey, the inputs, the chains
// of the graph, and the arguments that the base case has not.
func (c pictureCase) lines(t *testing.T, base []string) (text string, outputs []string) {
	t.Helper()
	part := func(s string) string {
		if s != "" {
			return "," + s
		}
		return ""
	}
	body := fmt.Sprintf(`{"role":"arn:aws:iam::000000000000:role/r","settings":{"inputs":[{"fileInput":"s3://in/v.mp4"%s}%s]%s,"outputGroups":[
		{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/v"}},"outputs":[{"containerSettings":{"container":"MP4"},
		"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000}}%s}}]}]}}`,
		part(c.input), part(c.inputs), part(c.job), part(c.video))
	if strings.Contains(c.input, `"videoGenerator"`) {
		body = strings.Replace(body, `"fileInput":"s3://in/v.mp4",`, "", 1)
	}
	req, err := mediaconvert.DecodeRequest([]byte(body), mediaconvert.FormWire)
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	resolved, err := req.Resolve(nil)
	if err != nil {
		return "refused: " + err.Error() + "\n", nil
	}
	settings, err := mediaconvert.DecodeSettings(resolved.Settings)
	if err != nil {
		t.Fatal(err)
	}
	facts := plan.Facts{Media: map[string]spool.Media{}, Started: started, Findings: c.found}
	for _, s := range plan.Sources(settings) {
		facts.Media[s.URI] = pictureMedia(s.URI, c.media)
	}
	var b strings.Builder
	for _, w := range resolved.Warnings {
		fmt.Fprintf(&b, "warning %s: %s\n", w.Pointer, w.Message)
	}
	if c.found == nil {
		tasks, err := plan.Survey(settings, facts)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			fmt.Fprintf(&b, "survey %s: %s\n", task.ID, strings.Join(plainArgs(task.Args), " "))
		}
	}
	p, err := plan.Build(settings, facts)
	if err != nil {
		return b.String() + "fails: " + err.Error() + "\n", nil
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "warning %s: %s\n", w.Pointer, w.Message)
	}
	args := plainArgs(p.Tasks[0].Args)
	graph := slices.Index(args, "-filter_complex")
	fmt.Fprintf(&b, "%s\n", strings.Join(args[:graph], " "))
	fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(args[graph+1], ";[", "\n  ["))
	outputs = args[graph+2:]
	if base != nil {
		var more []string
		for i, a := range outputs {
			if !slices.Contains(base, a) {
				if !strings.HasPrefix(a, "-") && i > 0 {
					more = append(more, outputs[i-1])
				}
				more = append(more, a)
			}
		}
		if len(more) > 0 {
			fmt.Fprintf(&b, "  %s\n", strings.Join(more, " "))
		}
	}
	v := p.Groups[0].Outputs[0].Video
	fmt.Fprintf(&b, "  = %dx%d, %d frames at %s, %s\n", v.Width, v.Height, v.Frames, v.FrameRate, p.Duration.Round(time.Millisecond))
	return b.String(), outputs
}

// plainArgs leaves out the guards that stand before every input.
func plainArgs(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-protocol_whitelist", "-format_whitelist", "-max_streams", "-max_pixels":
			i++
		case "-noautorotate":
		default:
			out = append(out, args[i])
		}
	}
	return out
}

// TestPictureGolden holds what each setting of the timeline and the picture
// becomes, a file for each theme.
func TestPictureGolden(t *testing.T) {
	t.Parallel()
	_, base := pictureCase{}.lines(t, nil)
	for theme, cases := range pictureCases {
		t.Run(theme, func(t *testing.T) {
			t.Parallel()
			var text strings.Builder
			for _, c := range cases {
				var given []string
				for _, s := range []string{c.job, c.input, c.inputs, c.video} {
					if s != "" {
						if !json.Valid([]byte("["+s+"]")) && !json.Valid([]byte("{"+s+"}")) {
							t.Fatalf("%s: not JSON: %s", c.name, s)
						}
						given = append(given, s)
					}
				}
				got, _ := c.lines(t, base)
				fmt.Fprintf(&text, "# %s\n%s\n%s\n", c.name, strings.Join(given, "\n"), got)
			}
			golden(t, "picture-"+theme+".txt", text.String())
		})
	}
}

var pictureCases = map[string][]pictureCase{
	"clips": {
		{name: "the whole input"},
		{name: "from one frame to another", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:10:00","endTimecode":"00:00:12:29"}]`},
		{name: "to the end", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:20:15"}]`},
		{name: "from the beginning", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"endTimecode":"00:00:00:00"}]`},
		{name: "beyond the end", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:20:15","endTimecode":"01:00:00:00"}]`},
		{name: "two of one input", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:01:00","endTimecode":"00:00:01:14"},{"startTimecode":"00:00:09:00","endTimecode":"00:00:09:14"}]`},
		{name: "a start of the user's", input: `"timecodeSource":"SPECIFIEDSTART","timecodeStart":"10:00:00;00","inputClippings":[{"startTimecode":"10:00:10;00","endTimecode":"10:00:11;00"}]`},
		{name: "the file's timecode, drop-frame over a minute", input: `"inputClippings":[{"startTimecode":"01:00:59;28","endTimecode":"01:01:00;03"}]`,
			media: func(m *spool.Media) { m.Timecode = "01:00:50;00" }},
		{name: "at a rate of the user's", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:10:00@25","endTimecode":"00:00:10:24@25"}]`},
		{name: "nothing embedded", input: `"inputClippings":[{"startTimecode":"00:00:10:00","endTimecode":"00:00:11:00"}]`},
		{name: "outside", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:01:00:00"}]`},
		{name: "a transport stream is entered earlier", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:20:00"}]`,
			media: func(m *spool.Media) { m.Format = "mpegts" }},
	},
	"geometry": {
		{name: "the input's crop", input: `"crop":{"x":420,"y":0,"width":600,"height":600}`},
		{name: "the output's crop", video: `"crop":{"x":420,"y":0,"width":600,"height":600}`},
		{name: "the input's crop wins", input: `"crop":{"x":420,"y":0,"width":600,"height":600}`, video: `"crop":{"x":0,"y":0,"width":100,"height":100}`},
		{name: "a crop is fitted", video: `"crop":{"x":420,"y":0,"width":600,"height":600},"width":640,"height":360`},
		{name: "a crop fills", video: `"crop":{"x":420,"y":0,"width":600,"height":600},"width":640,"height":360,"scalingBehavior":"FILL"`},
		{name: "a crop after a turn", input: `"videoSelector":{"rotate":"DEGREES_90"},"crop":{"x":0,"y":700,"width":720,"height":400}`},
		{name: "a crop outside", input: `"crop":{"x":420,"y":200,"width":600,"height":600}`},
		{name: "a position", video: `"position":{"x":100,"y":50,"width":320,"height":180},"width":640,"height":360`},
		{name: "the input's position wins, and scalingBehavior does nothing", input: `"position":{"x":0,"y":0,"width":320,"height":360}`,
			video: `"position":{"x":100,"y":50,"width":320,"height":180},"width":640,"height":360,"scalingBehavior":"FILL"`},
		{name: "a position in the input's size", video: `"position":{"x":640,"y":360,"width":640,"height":360}`},
		{name: "a square in a portrait: crop and position", input: `"crop":{"x":280,"y":0,"width":720,"height":720},"position":{"x":0,"y":280,"width":720,"height":720}`, video: `"width":720,"height":1280`},
		{name: "a position outside", video: `"position":{"x":400,"y":50,"width":320,"height":180},"width":640,"height":360`},
		{name: "turned by its metadata", input: `"videoSelector":{"rotate":"AUTO"}`, media: func(m *spool.Media) { m.Video[0].Rotation = 270 }},
		{name: "turned over", input: `"videoSelector":{"rotate":"DEGREES_180"}`, video: `"width":640`},
		{name: "another size follows", inputs: `{"fileInput":"s3://in/small.mp4"}`},
		{name: "the size of the second", inputs: `{"fileInput":"s3://in/small.mp4"}`, job: `"followSource":2`},
		{name: "only sound first", inputs: `{"fileInput":"s3://in/sound.wav"},{"fileInput":"s3://in/small.mp4"}`, job: `"followSource":2`, video: `"width":320,"height":180`},
	},
	"overlays": {
		{name: "an image", video: `"videoPreprocessors":{"imageInserter":{"insertableImages":[{"imageInserterInput":"s3://in/logo.png","imageX":20,"imageY":10,"layer":1}]}}`},
		{name: "its size, opaque", video: `"videoPreprocessors":{"imageInserter":{"insertableImages":[{"imageInserterInput":"s3://in/logo.bmp","imageX":20,"imageY":10,"width":100,"opacity":100}]}}`},
		{name: "for a while, on the output's timeline", job: `"timecodeConfig":{"source":"SPECIFIEDSTART","start":"01:00:00:00"}`,
			video: `"videoPreprocessors":{"imageInserter":{"insertableImages":[{"imageInserterInput":"s3://in/logo.tga","imageX":0,"imageY":0,"startTime":"01:00:05:00","duration":2000}]}}`},
		{name: "with fades", job: `"timecodeConfig":{"source":"ZEROBASED"}`,
			video: `"videoPreprocessors":{"imageInserter":{"insertableImages":[{"imageInserterInput":"s3://in/logo.png","imageX":0,"imageY":0,"startTime":"00:00:05:00","duration":2000,"fadeIn":500,"fadeOut":250}]}}`},
		{name: "the lowest layer first, one image opened once", video: `"videoPreprocessors":{"imageInserter":{"insertableImages":[{"imageInserterInput":"s3://in/logo.png","imageX":0,"imageY":0,"layer":9},{"imageInserterInput":"s3://in/logo.png","imageX":50,"imageY":0,"layer":2}]}}`},
		{name: "upon the input, in the clip", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:10:00"}],"imageInserter":{"insertableImages":[{"imageInserterInput":"s3://in/logo.png","imageX":0,"imageY":0,"startTime":"00:00:12:00","duration":1000}]}`,
			video: `"width":640,"height":360`},
		{name: "no such timecode", job: `"timecodeConfig":{"source":"SPECIFIEDSTART","start":"01:00:00:00"}`,
			video: `"videoPreprocessors":{"imageInserter":{"insertableImages":[{"imageInserterInput":"s3://in/logo.png","imageX":0,"imageY":0,"startTime":"00:30:00:00"}]}}`},
		{name: "a timecode burned in", job: `"timecodeConfig":{"source":"ZEROBASED"}`, video: `"videoPreprocessors":{"timecodeBurnin":{}}`},
		{name: "a timecode with all its settings", job: `"timecodeConfig":{"source":"SPECIFIEDSTART","start":"10:00:00:00"}`,
			video: `"dropFrameTimecode":"DISABLED","videoPreprocessors":{"timecodeBurnin":{"fontSize":32,"position":"BOTTOM_RIGHT","prefix":"it's 100% [a];b,c:\\d "}}`},
		{name: "the file's timecode, from the clip on", video: `"videoPreprocessors":{"timecodeBurnin":{"position":"MIDDLE_LEFT"}}`,
			input: `"inputClippings":[{"startTimecode":"01:00:10;00"}]`, media: func(m *spool.Media) { m.Timecode = "01:00:00;00" }},
		{name: "an anchor", job: `"timecodeConfig":{"source":"ZEROBASED","anchor":"00:00:12:00"}`, input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:10:00"}]`,
			video: `"videoPreprocessors":{"timecodeBurnin":{}}`},
	},
	"sources": {
		{name: "black", input: `"videoGenerator":{"duration":5000}`},
		{name: "black of a size, with silence", input: `"videoGenerator":{"duration":5000,"width":320,"height":180,"framerateNumerator":25,"framerateDenominator":1,"channels":2}`},
		{name: "an image", input: `"videoGenerator":{"duration":5000,"width":320,"height":180,"imageInput":"s3://in/still.png"}`},
		{name: "a picture in the picture", input: `"videoOverlays":[{"input":{"fileInput":"s3://in/small.mp4"},"initialPosition":{"xPosition":100,"yPosition":50,"width":320,"height":-1}}]`},
		{name: "in percent, half opaque, repeated", input: `"timecodeSource":"ZEROBASED","videoOverlays":[{"input":{"fileInput":"s3://in/small.mp4"},"playback":"REPEAT","startTimecode":"00:00:01:00","endTimecode":"00:00:09:29",
			"initialPosition":{"xPosition":50,"yPosition":50,"width":25,"height":25,"unit":"PERCENTAGE","opacity":50}}]`},
		{name: "cropped, two clips, moving", input: `"timecodeSource":"ZEROBASED","videoOverlays":[{"input":{"fileInput":"s3://in/small.mp4","timecodeSource":"ZEROBASED","inputClippings":[{"endTimecode":"00:00:00:24"},{"startTimecode":"00:00:03:00","endTimecode":"00:00:03:24"}]},
			"crop":{"x":10,"y":10,"width":200,"height":200},"initialPosition":{"xPosition":0,"yPosition":0},"startTimecode":"00:00:01:00","endTimecode":"00:00:02:29",
			"transitions":[{"startTimecode":"00:00:01:15","endTimecode":"00:00:02:15","endPosition":{"xPosition":600,"yPosition":300}}]}]`},
		{name: "a moving image upon all outputs", job: `"timecodeConfig":{"source":"ZEROBASED"},"motionImageInserter":{"input":"s3://in/small.mov","insertionMode":"MOV","offset":{"imageX":20,"imageY":30},"startTime":"00:00:02:00","playback":"REPEAT"}`},
		{name: "a timecode track", video: `"timecodeTrack":"ENABLED"`, job: `"timecodeConfig":{"source":"SPECIFIEDSTART","start":"01:00:00:00"}`},
		{name: "padded with black", input: `"videoSelector":{"padVideo":"BLACK"}`, media: func(m *spool.Media) { m.Audio = []spool.AudioTrack{stereo(1)}; m.Video[0].Duration = 20 * time.Second }},
		{name: "the alpha channel", input: `"videoSelector":{"alphaBehavior":"REMAP_TO_LUMA"}`, media: func(m *spool.Media) { m.Video[0].PixelFormat = "yuva444p10le" }},
		{name: "another track", input: `"videoSelector":{"selectorType":"STREAM","streams":[3]}`, media: func(m *spool.Media) { v := m.Video[0]; v.Index, v.Width = 2, 640; m.Video = append(m.Video, v) }},
		{name: "no such track", input: `"videoSelector":{"pid":99}`},
	},
	"colours": {
		{name: "HD to SD", video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_601"}}`},
		{name: "nothing to convert", video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_709"}}`},
		{name: "HDR10 to SDR", media: hdr10, video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_709"}}`},
		{name: "HDR10 to SDR, vivid, for a brighter screen", media: hdr10,
			video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_709","hdrToSdrToneMapper":"VIBRANT","sdrReferenceWhiteLevel":203,"maxLuminance":4000}}`},
		{name: "HDR10 to HLG", media: hdr10, video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_HLG_2020"}}`},
		{name: "SDR to HDR10", video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_HDR10","sdrReferenceWhiteLevel":203}}`},
		{name: "to P3 for cinemas", video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_P3DCI"}}`},
		{name: "to P3 for screens", video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_P3D65_SDR"}}`},
		{name: "to P3 with a high range", video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_P3D65_HDR"}}`},
		{name: "brightness, contrast, saturation and hue", video: `"videoPreprocessors":{"colorCorrector":{"brightness":60,"contrast":55,"saturation":40,"hue":-30}}`},
		{name: "the input's colours as the job says", input: `"videoSelector":{"colorSpace":"REC_601","sampleRange":"FULL_RANGE"}`},
		{name: "only where the file says nothing", input: `"videoSelector":{"colorSpace":"REC_601","colorSpaceUsage":"FALLBACK"}`},
		{name: "filled where the file says nothing", input: `"videoSelector":{"colorSpace":"REC_601","colorSpaceUsage":"FALLBACK"}`,
			media: func(m *spool.Media) {
				m.Video[0].ColorSpace, m.Video[0].Transfer, m.Video[0].Primaries = "", "unknown", ""
			}},
		{name: "the full range is squeezed", media: fullRange},
		{name: "the full range is kept", media: fullRange, video: `"videoPreprocessors":{"colorCorrector":{"sampleRangeConversion":"NONE"}}`},
		{name: "the full range is clipped", media: fullRange, video: `"videoPreprocessors":{"colorCorrector":{"sampleRangeConversion":"LIMITED_RANGE_CLIP"}}`},
		{name: "limits", video: `"videoPreprocessors":{"colorCorrector":{"clipLimits":{"minimumYUV":64,"maximumYUV":940,"minimumRGBTolerance":5,"maximumRGBTolerance":95}}}`},
		{name: "a lookup table", job: `"colorConversion3DLUTSettings":[{"fileInput":"s3://in/other.cube","inputColorSpace":"HDR10","outputColorSpace":"REC_709"},{"fileInput":"s3://in/look.cube","inputColorSpace":"REC_709","outputColorSpace":"P3D65_SDR"}]`,
			video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_P3D65_SDR"}}`},
		{name: "no lookup table for these colours", job: `"colorConversion3DLUTSettings":[{"fileInput":"s3://in/other.cube","inputColorSpace":"HDR10","outputColorSpace":"REC_709"}]`,
			video: `"videoPreprocessors":{"colorCorrector":{"colorSpaceConversion":"FORCE_P3D65_SDR"}}`},
	},
	"cleaning": {
		{name: "an interlaced input", media: interlaced},
		{name: "interpolated", media: interlaced, video: deinterlacer(`"algorithm":"INTERPOLATE"`)},
		{name: "with a ticker", media: interlaced, video: deinterlacer(`"algorithm":"INTERPOLATE_TICKER"`)},
		{name: "blended", media: interlaced, video: deinterlacer(`"algorithm":"BLEND"`)},
		{name: "blended with a ticker", media: interlaced, video: deinterlacer(`"algorithm":"BLEND_TICKER"`)},
		{name: "linearly", media: interlaced, video: deinterlacer(`"algorithm":"LINEAR_INTERPOLATION"`)},
		{name: "all pictures of a progressive input", video: deinterlacer(`"control":"FORCE_ALL_FRAMES"`)},
		{name: "a progressive input", video: deinterlacer(`"control":"NORMAL"`)},
		{name: "inverse telecine", media: interlaced, video: deinterlacer(`"mode":"INVERSE_TELECINE"`)},
		{name: "mixed", media: interlaced, video: deinterlacer(`"mode":"ADAPTIVE"`)},
		{name: "progressive in two fields", media: interlaced, input: `"inputScanType":"PSF"`},
		{name: "turned", media: interlaced, input: `"videoSelector":{"rotate":"DEGREES_90"}`},
		{name: "a file that does not say it is looked at", media: silentFields},
		{name: "and is found interlaced", media: silentFields, found: map[string]string{"fields_0": strings.Repeat("lavfi.idet.multiple.current_frame=bff\n", 20)}},
		{name: "and is found whole", media: silentFields, found: map[string]string{"fields_0": strings.Repeat("lavfi.idet.multiple.current_frame=progressive\n", 20)}},
		{name: "the input's filters", input: `"filterEnable":"FORCE","filterStrength":3,"deblockFilter":"ENABLED","denoiseFilter":"ENABLED"`},
		{name: "the advanced filter", input: `"advancedInputFilter":"ENABLED","advancedInputFilterSettings":{"addTexture":"ENABLED","sharpening":"HIGH"}`},
		{name: "bilateral", video: noise(`"filter":"BILATERAL","filterSettings":{"strength":2}`)},
		{name: "mean", video: noise(`"filter":"MEAN","filterSettings":{"strength":2}`)},
		{name: "Gaussian", video: noise(`"filter":"GAUSSIAN","filterSettings":{"strength":2}`)},
		{name: "Lanczos", video: noise(`"filter":"LANCZOS","filterSettings":{"strength":2}`)},
		{name: "sharpen", video: noise(`"filter":"SHARPEN","filterSettings":{"strength":2}`)},
		{name: "conserve", video: noise(`"filter":"CONSERVE","filterSettings":{"strength":2}`)},
		{name: "spatial", video: noise(`"filter":"SPATIAL","spatialFilterSettings":{"strength":6,"speed":0,"postFilterSharpenStrength":1}`)},
		{name: "spatial, slow", video: noise(`"filter":"SPATIAL","spatialFilterSettings":{"strength":6,"speed":-2}`)},
		{name: "spatial, fast", video: noise(`"filter":"SPATIAL","spatialFilterSettings":{"strength":6,"speed":2}`)},
		{name: "temporal", video: noise(`"filter":"TEMPORAL","temporalFilterSettings":{"strength":4,"speed":1,"aggressiveMode":2,"postTemporalSharpening":"ENABLED","postTemporalSharpeningStrength":"LOW"}`)},
		{name: "temporal, slow", video: noise(`"filter":"TEMPORAL","temporalFilterSettings":{"strength":4,"speed":-1,"postTemporalSharpening":"DISABLED"}`)},
	},
}

func hdr10(m *spool.Media) {
	v := &m.Video[0]
	v.PixelFormat, v.BitDepth, v.Transfer, v.Primaries, v.ColorSpace = "yuv420p10le", 10, "smpte2084", "bt2020", "bt2020nc"
}

func fullRange(m *spool.Media)    { m.Video[0].Range, m.Video[0].PixelFormat = "pc", "yuvj420p" }
func interlaced(m *spool.Media)   { m.Video[0].FieldOrder = "tt" }
func silentFields(m *spool.Media) { m.Video[0].FieldOrder, m.Video[0].Codec = "", "mpeg2video" }

func deinterlacer(members string) string {
	return `"videoPreprocessors":{"deinterlacer":{` + members + `}}`
}
func noise(members string) string { return `"videoPreprocessors":{"noiseReducer":{` + members + `}}` }
