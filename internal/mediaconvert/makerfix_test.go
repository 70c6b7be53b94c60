package mediaconvert

import "strings"

// The fixes of a maker: what the rules between settings (behaviour.md 5 and 6.3)
// ask of each structure. They know the rules by themselves, not by the checks.

func (g *maker) fixAAC(m map[string]any) {
	m["sampleRate"] = 48000.0
	m["codingMode"] = pick(g, "CODING_MODE_1_0", "CODING_MODE_2_0", "CODING_MODE_5_1")
	delete(m, "codecProfile")
	m["bitrate"] = 256000.0 // the one that fits all three
	if g.chance(0.3) {
		m["rateControlMode"], m["vbrQuality"] = "VBR", "LOW"
		delete(m, "bitrate")
	}
}

// fixSteps makes numbers multiples of a step, within the range that they had.
func (g *maker) fixSteps(names string, step int64) func(map[string]any) {
	return func(m map[string]any) {
		for name := range strings.FieldsSeq(names) {
			if n, ok := m[name].(float64); ok {
				m[name] = float64(int64(n) / step * step)
			}
		}
	}
}

func (g *maker) fixOneOf(name string, allowed ...float64) func(map[string]any) {
	return func(m map[string]any) {
		if m[name] != nil {
			m[name] = pick(g, allowed...)
		}
	}
}

func (g *maker) fixOpus(m map[string]any) {
	g.fixSteps("bitrate", 8000)(m)
	g.fixOneOf("sampleRate", 16000, 24000, 48000)(m)
}

func (g *maker) fixMP3(m map[string]any) {
	if m["rateControlMode"] == "VBR" {
		m["vbrQuality"] = 2.0
	}
}

func (g *maker) fixRemix(m map[string]any) {
	in, out := 1+g.rnd.IntN(4), pick(g, 1, 2, 6)
	m["channelsIn"], m["channelsOut"] = float64(in), float64(out)
	channels := make([]any, out)
	for i := range channels {
		gains := make([]any, in)
		for j := range gains {
			gains[j] = pick(g, -60.0, 0, 6)
		}
		channels[i] = map[string]any{pick(g, "inputChannels", "inputChannelsFineTune"): gains}
	}
	if m["channelMapping"] != nil {
		m["channelMapping"] = map[string]any{"outputChannels": channels}
	}
}

func (g *maker) fixAudioSelector(m map[string]any) {
	if m["selectorType"] == "LANGUAGE_CODE" && m["customLanguageCode"] == nil {
		m["languageCode"] = "ENG"
	}
}

func (g *maker) fixImage(m map[string]any) {
	m["imageInserterInput"], m["imageX"], m["imageY"] = "s3://in/long/logo.png", 0.0, 10.0
}

func (g *maker) fixCaptionSelector(m map[string]any) {
	m["sourceSettings"] = g.structure("CaptionSourceSettings", 0)
}

// fixCaptionSource makes captions of which everything can be made.
func (g *maker) fixCaptionSource(m map[string]any) {
	clear(m)
	switch kind := pick(g, "SCC", "EMBEDDED"); kind {
	case "SCC":
		f := g.structure("FileSourceSettings", 0.3)
		f["sourceFile"] = "s3://in/long/captions.scc"
		m["sourceType"], m["fileSourceSettings"] = kind, f
	default:
		m["sourceType"], m["embeddedSourceSettings"] = kind, g.structure("EmbeddedSourceSettings", 0.5)
	}
}

func (g *maker) fixFont(m map[string]any) {
	delete(m, "hexFontColor")
	if m["fontColor"] == "HEX" {
		m["hexFontColor"] = pick(g, "00ff00", "00FF00CC")
	}
	files := []string{"fontFileBold", "fontFileBoldItalic", "fontFileItalic", "fontFileRegular"}
	whole := g.chance(0.3)
	for _, name := range files {
		delete(m, name)
		if whole {
			m[name] = "s3://in/fonts/a.ttf"
		}
	}
}

func (g *maker) fixStart(source, start string) func(map[string]any) {
	return func(m map[string]any) {
		delete(m, start)
		if m[source] == "SPECIFIEDSTART" {
			m[start] = "01:00:00:00"
		}
	}
}

func (g *maker) fixOverlayInput(m map[string]any) {
	g.fixStart("timecodeSource", "timecodeStart")(m)
	g.fixClips(m)
}

func (g *maker) fixClips(m map[string]any) {
	if m["inputClippings"] == nil {
		return
	}
	m["inputClippings"] = pick(g,
		[]any{map[string]any{"startTimecode": "00:00:01:00"}}, []any{map[string]any{"endTimecode": "00:00:01:00"}},
		[]any{map[string]any{"endTimecode": "00:00:01:00"}, map[string]any{"startTimecode": "00:00:01:01", "endTimecode": "00:00:02:00"}, map[string]any{"startTimecode": "00:00:03:00"}})
}

// fixInput: each input has a file, or a generator, and the selectors that outputs name.
func (g *maker) fixInput(m map[string]any) {
	g.fixOverlayInput(m)
	m["audioSelectors"] = map[string]any{"Name 1": g.value("AudioSelector")}
	m["captionSelectors"] = map[string]any{"Name 1": g.value("CaptionSelector"), "Name 2": g.value("CaptionSelector")}
	if m["filterEnable"] == "FORCE" {
		m["filterStrength"] = float64(1 + g.rnd.IntN(5))
	}
	generator := m["videoGenerator"]
	delete(m, "videoGenerator")
	m["fileInput"] = pick(g, "s3://in/a.mp4", "https://example.com/a b/é.mp4", "s3://in/folder/x.y.mov")
	if generator != nil && g.chance(0.5) {
		delete(m, "fileInput")
		m["videoGenerator"] = generator
	}
}

func (g *maker) fixGenerator(m map[string]any) {
	delete(m, "width")
	delete(m, "height")
	if g.chance(0.5) {
		m["width"], m["height"] = 640.0, 8192.0
	}
}

// fixClock: what is SPECIFIED is given.
func (g *maker) fixClock(m map[string]any) {
	if m["framerateControl"] == "SPECIFIED" {
		m["framerateNumerator"], m["framerateDenominator"] = 30000.0, 1001.0
	}
	if m["parControl"] == "SPECIFIED" {
		m["parNumerator"], m["parDenominator"] = 1.0, 1.0
	}
	if m["slowPal"] == "ENABLED" {
		m["framerateControl"], m["framerateNumerator"], m["framerateDenominator"] = "SPECIFIED", 25.0, 1.0
	}
	if m["gopSize"] != nil {
		m["gopSize"] = pick(g, 0.5, 1, 90)
	}
}

func (g *maker) fixH26x(m map[string]any) {
	g.fixClock(m)
	delete(m, "bitrate")
	delete(m, "maxBitrate")
	mode := pick(g, "CBR", "VBR", "QVBR")
	m["rateControlMode"] = mode
	if mode != "QVBR" {
		m["bitrate"] = pick(g, 1000.0, 64000)
		delete(m, "qvbrSettings")
	}
	if mode != "CBR" {
		m["maxBitrate"] = pick(g, 64000.0, 65000)
	}
	if q, ok := m["qvbrSettings"].(map[string]any); ok && q["maxAverageBitrate"] != nil {
		m["qualityTuningLevel"] = "MULTI_PASS_HQ"
	}
	if m["codecProfile"] == "BASELINE" {
		m["entropyEncoding"] = "CAVLC"
	}
}

func (g *maker) fixQVBR(m map[string]any) {
	if m["qvbrQualityLevelFineTune"] != nil {
		m["qvbrQualityLevelFineTune"] = pick(g, 0, 0.33, 0.99)
	}
}

func (g *maker) fixMPEG2(m map[string]any) {
	g.fixClock(m)
	delete(m, "maxBitrate")
	m["bitrate"], m["rateControlMode"] = 288000000.0, pick(g, "CBR", "VBR")
	if m["rateControlMode"] == "VBR" && g.chance(0.5) {
		m["maxBitrate"] = 300000000.0
	}
}

func (g *maker) fixVP(m map[string]any) {
	g.fixClock(m)
	m["bitrate"] = 1000.0
}

func (g *maker) fixAV1(m map[string]any) {
	g.fixClock(m)
	m["maxBitrate"] = pick(g, 1000.0, 1152000000)
	g.fixOneOf("slices", 1, 2, 4, 8, 16, 32)(m)
}

// fixVideo keeps pictures so small that every level takes them.
func (g *maker) fixVideo(m map[string]any) {
	for _, name := range []string{"width", "height"} {
		if m[name] != nil {
			m[name] = pick(g, 32.0, 64, 96)
		}
	}
}

// Encryption is refused, see drop, and so are its parts.
func (g *maker) fixHLS(m map[string]any) {
	delete(m, "encryption")
	if m["minSegmentLength"] != nil || m["minFinalSegmentLength"] != nil {
		m["segmentLength"] = 2147483647.0
	}
}

func (g *maker) fixDASH(m map[string]any) {
	delete(m, "encryption")
	if m["mpdProfile"] == "ON_DEMAND_PROFILE" {
		m["segmentControl"] = "SINGLE_FILE"
	}
}

func (g *maker) fixTrickPlay(m map[string]any) {
	g.fixSteps("thumbnailWidth", 8)(m)
	g.fixSteps("tileHeight", 2)(m)
	g.fixOneOf("thumbnailHeight", 2, 4096)(m)
	if m["tileHeight"] == 0.0 {
		m["tileHeight"] = 1.0
	}
}

func (g *maker) fixMP4(m map[string]any) {
	if m["cttsVersion"] == 1.0 {
		m["cslgAtom"] = "INCLUDE"
	}
}

func (g *maker) fixPIDs(m map[string]any) {
	for i, name := range []string{"pmtPid", "videoPid"} {
		if m[name] != nil {
			m[name] = float64(32 + i)
		}
	}
	if m["audioPids"] != nil {
		m["audioPids"] = []any{8182.0, 8181.0}
	}
}
