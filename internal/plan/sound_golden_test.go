package plan_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/plan"
	"spool/internal/spool"
)

// soundCase is one job of an audio file: what its settings become is written
// down.
type soundCase struct {
	name      string
	container string // RAW where it is empty
	codec     string // members of codecSettings; WAV that follows the source where it is empty
	input     string // members of the first input
	inputs    string // further inputs
	audio     string // members of the audio description
	video     bool   // the output has video
	found     string // finding of the survey
}

// soundMedia are the sources that cases name: the first has English stereo,
// French mono and German 5.1.
func soundMedia(uri string) spool.Media {
	sound := func(index, channels int, layout, lang string) spool.AudioTrack {
		return spool.AudioTrack{Index: index, ID: 480 + index, Codec: "aac", Channels: channels, Layout: layout, SampleRate: 48000, Duration: 30 * time.Second, Language: lang}
	}
	switch uri {
	case "s3://in/beside.wav":
		t := sound(0, 2, "stereo", "")
		t.Codec = "pcm_s16le"
		return spool.Media{Format: "wav", Duration: 30 * time.Second, Audio: []spool.AudioTrack{t}}
	case "s3://in/silent.mp4":
		return media(track(nil))
	case "s3://in/drift.mp4":
		m := media(track(nil), sound(1, 2, "stereo", "eng"))
		m.Audio[0].Duration += 300 * time.Millisecond
		return m
	case "s3://in/dolby.mp4":
		t := sound(1, 6, "5.1(side)", "eng")
		t.Codec, t.Type = "eac3", 3
		return media(track(nil), t)
	case "s3://in/pcm.mxf":
		m := media(track(nil), sound(1, 1, "mono", ""), sound(2, 1, "mono", ""))
		m.Format, m.Audio[0].Codec, m.Audio[1].Codec = "mxf", "pcm_s24le", "pcm_s24le"
		return m
	default:
		m := media(track(nil), sound(1, 2, "stereo", "eng"), sound(2, 1, "mono", "fre"), sound(3, 6, "5.1", "ger"))
		m.Format = "mpegts"
		return m
	}
}

func (c soundCase) job() string {
	container, codec, video := c.container, c.codec, ""
	if container == "" {
		container = "RAW"
	}
	if codec == "" {
		codec = `"codec":"WAV","wavSettings":{"channels":0}`
	}
	if c.video {
		video = `"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000}}},`
	}
	before := func(s string) string {
		if s != "" {
			s += ","
		}
		return s
	}
	after := func(s string) string {
		if s != "" {
			s = "," + s
		}
		return s
	}
	first := c.input
	if !strings.Contains(first, `"fileInput"`) {
		first = before(first) + `"fileInput":"s3://in/v.ts"`
	}
	return fmt.Sprintf(`{"role":"arn:aws:iam::000000000000:role/r","settings":{"inputs":[{%s}%s],"outputGroups":[
		{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/v"}},"outputs":[{"containerSettings":{"container":%q},%s
		"audioDescriptions":[{%s"codecSettings":{%s}}]}]}]}}`, first, after(c.inputs), container, video, before(c.audio), codec)
}

// lines writes what is to be read of a plan: warnings, the survey, the inputs of
// sound, the chains of sound, and the arguments that make it.
func (c soundCase) lines(t *testing.T) string {
	t.Helper()
	req, err := mediaconvert.DecodeRequest([]byte(c.job()), mediaconvert.FormWire)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	resolved, err := req.Resolve(nil)
	if err != nil {
		return fmt.Sprintf("refused: %v\n", err)
	}
	settings, err := mediaconvert.DecodeSettings(resolved.Settings)
	if err != nil {
		t.Fatal(err)
	}
	facts := plan.Facts{Media: map[string]spool.Media{}, Findings: map[string]string{}, Started: started}
	for _, s := range plan.Sources(settings) {
		facts.Media[s.URI] = soundMedia(s.URI)
	}
	var out strings.Builder
	for range 3 {
		survey, err := plan.Survey(settings, facts)
		if err != nil {
			return fmt.Sprintf("error: %v\n", err)
		}
		for _, task := range survey {
			fmt.Fprintf(&out, "survey %s\n", chainsOf(task.Args))
			facts.Findings[task.ID] = c.found
		}
		if c.found == "" {
			break
		}
	}
	p, err := plan.Build(settings, facts)
	if err != nil {
		return out.String() + fmt.Sprintf("error: %v\n", err)
	}
	for _, w := range append(resolved.Warnings, p.Warnings...) {
		fmt.Fprintf(&out, "warning %s: %s\n", w.Pointer, w.Message)
	}
	args := p.Tasks[0].Args
	for i, a := range args {
		if a == "-i" && i+1 < len(args) && args[i+1] != "$INPUT_0" {
			fmt.Fprintf(&out, "-i %s\n", args[i+1])
		}
	}
	fmt.Fprintf(&out, "%s\n  %s\n", chainsOf(args), strings.Join(soundArgs(args), " "))
	for _, a := range p.Groups[0].Outputs[0].Audio {
		fmt.Fprintf(&out, "  = %s, %d channels at %d Hz\n", a.Codec, a.Channels, a.SampleRate)
	}
	for _, l := range p.Groups[0].Outputs[0].Logs {
		fmt.Fprintf(&out, "  + %s\n", l.Key)
	}
	return out.String()
}

// chainsOf gives the chains of sound in a task's graph, a line each.
func chainsOf(args []string) string {
	var chains []string
	for i, a := range args {
		if a != "-filter_complex" {
			continue
		}
		for chain := range strings.SplitSeq(args[i+1], ";") {
			if !strings.HasPrefix(chain, "[0:0]") && !strings.Contains(chain, "scale=") && !strings.HasPrefix(chain, "[1:0]setpts") {
				chains = append(chains, "  "+chain)
			}
		}
	}
	return strings.TrimSpace(strings.Join(chains, "\n"))
}

// soundArgs are the arguments of the one output, without its picture's and
// those that every output has.
func soundArgs(args []string) []string {
	last := 0
	for i, a := range args {
		if a == "-map" {
			last = i
		}
	}
	var own []string
	for i := last; i+1 < len(args); i++ {
		switch a := args[i]; {
		case strings.Contains(a, ":v"), a == "-map", strings.HasPrefix(a, "-color"), a == "-map_metadata", a == "-map_chapters", a == "-max_muxing_queue_size", a == "-movflags", a == "-video_track_timescale":
			i++
		case a == "-sn", a == "-dn", a == "-vn":
		case strings.HasPrefix(a, "-"):
			own = append(own, a, args[i+1])
			i++
		}
	}
	return own
}

// TestSoundGolden holds what each audio setting becomes, a file for each theme.
func TestSoundGolden(t *testing.T) {
	t.Parallel()
	for theme, cases := range soundCases {
		t.Run(theme, func(t *testing.T) {
			t.Parallel()
			var text strings.Builder
			for _, c := range cases {
				if !json.Valid([]byte(c.job())) {
					t.Fatalf("%s: not JSON: %s", c.name, c.job())
				}
				var given []string
				for _, s := range []string{c.container, c.codec, c.input, c.inputs, c.audio} {
					if s != "" {
						given = append(given, s)
					}
				}
				fmt.Fprintf(&text, "# %s\n%s\n%s\n", c.name, strings.Join(given, "\n"), c.lines(t))
			}
			golden(t, "sound-"+theme+".txt", text.String())
		})
	}
}

// meter is what the survey finds of sound at one level with one peak (linear).
func meter(lkfs, peak float64) string {
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "frame:%d pts:0 pts_time:%g\nlavfi.r128.M=%.3f\nlavfi.r128.true_peak=%.3f\n", i, float64(i)/10, lkfs, peak)
	}
	return text.String()
}

const (
	aacOf   = `"codec":"AAC","aacSettings":{"sampleRate":48000,`
	norm    = `"audioNormalizationSettings":{"algorithm":"ITU_BS_1770_`
	stereo2 = `"codec":"WAV","wavSettings":{"channels":2}`
)

var soundCases = map[string][]soundCase{
	"codecs": {
		{name: "AAC", codec: aacOf + `"bitrate":96000,"codingMode":"CODING_MODE_2_0"}`},
		{name: "AAC of one channel", codec: aacOf + `"bitrate":64000,"codingMode":"CODING_MODE_1_0"}`},
		{name: "AAC 5.1", codec: aacOf + `"bitrate":384000,"codingMode":"CODING_MODE_5_1"}`},
		{name: "AAC of two apart", codec: aacOf + `"codingMode":"CODING_MODE_1_1"}`},
		{name: "AAC that follows", codec: aacOf + `"bitrate":384000,"codingMode":"CODING_MODE_AUTO"}`, input: `"audioSelectors":{"Audio Selector 1":{"tracks":[3]}}`},
		{name: "AAC of variable rate", codec: aacOf + `"codingMode":"CODING_MODE_2_0","rateControlMode":"VBR","vbrQuality":"MEDIUM_LOW"}`},
		{name: "AAC of MPEG-2", codec: aacOf + `"codingMode":"CODING_MODE_2_0","specification":"MPEG2"}`},
		{name: "AAC in LATM", codec: aacOf + `"codingMode":"CODING_MODE_2_0","rawFormat":"LATM_LOAS"}`},
		{name: "HE-AAC without its encoder", codec: aacOf + `"bitrate":64000,"codingMode":"CODING_MODE_2_0","codecProfile":"HEV1"}`},
		{name: "xHE-AAC", codec: aacOf + `"bitrate":64000,"codingMode":"CODING_MODE_2_0","codecProfile":"XHE"}`},
		{name: "a mix with description", container: "MP4", video: true, codec: aacOf + `"codingMode":"CODING_MODE_2_0","audioDescriptionBroadcasterMix":"BROADCASTER_MIXED_AD"}`},
		{name: "AC-3", codec: `"codec":"AC3","ac3Settings":{"codingMode":"CODING_MODE_3_2_LFE","bitrate":448000,"dialnorm":27,"bitstreamMode":"DIALOGUE","lfeFilter":"ENABLED"}`},
		{name: "AC-3 that follows", codec: `"codec":"AC3","ac3Settings":{}`},
		{name: "AC-3 with compression", codec: `"codec":"AC3","ac3Settings":{"codingMode":"CODING_MODE_2_0","dynamicRangeCompressionProfile":"FILM_STANDARD"}`},
		{name: "E-AC-3", codec: `"codec":"EAC3","eac3Settings":{"codingMode":"CODING_MODE_3_2","stereoDownmix":"LO_RO","loRoCenterMixLevel":-3,"loRoSurroundMixLevel":-60,"ltRtCenterMixLevel":1.5,"surroundExMode":"DISABLED"}`},
		{name: "E-AC-3 with filters", codec: `"codec":"EAC3","eac3Settings":{"codingMode":"CODING_MODE_3_2","lfeControl":"NO_LFE","attenuationControl":"ATTENUATE_3_DB","dcFilter":"ENABLED"}`, input: `"audioSelectors":{"Audio Selector 1":{"tracks":[3]}}`},
		{name: "E-AC-3 passed through", codec: `"codec":"EAC3","eac3Settings":{"passthroughControl":"WHEN_POSSIBLE"}`, input: `"fileInput":"s3://in/dolby.mp4"`},
		{name: "E-AC-3 that is none", codec: `"codec":"EAC3","eac3Settings":{"passthroughControl":"WHEN_POSSIBLE"}`},
		{name: "Atmos", codec: `"codec":"EAC3_ATMOS","eac3AtmosSettings":{}`, container: "MP4", video: true},
		{name: "AC-4", codec: `"codec":"AC4","ac4Settings":{}`, container: "MP4", video: true},
		{name: "MP2, at the nearest rate", codec: `"codec":"MP2","mp2Settings":{"bitrate":190000,"channels":2,"sampleRate":44100}`},
		{name: "MP3, at the nearest rate", codec: `"codec":"MP3","mp3Settings":{"bitrate":296000,"channels":1}`},
		{name: "MP3 of variable rate", codec: `"codec":"MP3","mp3Settings":{"rateControlMode":"VBR","vbrQuality":2,"sampleRate":22050}`},
		{name: "Opus", container: "OGG", codec: `"codec":"OPUS","opusSettings":{"sampleRate":16000,"bitrate":32000,"channels":1}`},
		{name: "Vorbis", container: "WEBM", codec: `"codec":"VORBIS","vorbisSettings":{"vbrQuality":-1}`},
		{name: "FLAC", codec: `"codec":"FLAC","flacSettings":{"bitDepth":24,"sampleRate":96000,"channels":0}`},
		{name: "WAV in RF64", codec: `"codec":"WAV","wavSettings":{"bitDepth":24,"channels":4,"format":"RF64"}`},
		{name: "WAV in a transport stream", container: "M2TS", codec: `"codec":"WAV","wavSettings":{"bitDepth":24,"channels":1}`},
		{name: "WAV in MXF", container: "MXF", video: true, codec: `"codec":"WAV","wavSettings":{"bitDepth":24,"channels":2}`},
		{name: "MXF of sound alone", container: "MXF", codec: `"codec":"WAV","wavSettings":{}`},
		{name: "AIFF", codec: `"codec":"AIFF","aiffSettings":{"bitDepth":16,"sampleRate":44100}`},
		{name: "AIFF in QuickTime", container: "MOV", video: true, codec: `"codec":"AIFF","aiffSettings":{"bitDepth":24}`},
		{name: "passed through", container: "MP4", video: true, codec: `"codec":"PASSTHROUGH"`},
		{name: "passed through, joined", container: "MP4", video: true, codec: `"codec":"PASSTHROUGH"`, inputs: `{"fileInput":"s3://in/v.ts"}`},
		{name: "passed through alone", codec: `"codec":"PASSTHROUGH"`},
	},
	"selectors": {
		{name: "none: the first track"},
		{name: "a track", input: `"audioSelectors":{"Audio Selector 1":{"tracks":[2]}}`},
		{name: "tracks, stacked", input: `"audioSelectors":{"Audio Selector 1":{"tracks":[2,1]}}`},
		{name: "a track that is not there", input: `"audioSelectors":{"Audio Selector 1":{"tracks":[9]}}`},
		{name: "PIDs", input: `"audioSelectors":{"Audio Selector 1":{"selectorType":"PID","pids":[483]}}`},
		{name: "a PID that is not there", input: `"audioSelectors":{"Audio Selector 1":{"selectorType":"PID","pids":[99]}}`},
		{name: "a stream", input: `"audioSelectors":{"Audio Selector 1":{"selectorType":"STREAM","streams":[3]}}`},
		{name: "a stream that is no audio", input: `"audioSelectors":{"Audio Selector 1":{"selectorType":"STREAM","streams":[1]}}`},
		{name: "a language", input: `"audioSelectors":{"Audio Selector 1":{"languageCode":"FRA"}}`},
		{name: "a language that is not there", input: `"audioSelectors":{"Audio Selector 1":{"languageCode":"ITA"}}`},
		{name: "all PCM", input: `"fileInput":"s3://in/pcm.mxf","audioSelectors":{"Audio Selector 1":{"selectorType":"ALL_PCM"}}`},
		{name: "all PCM of none", input: `"audioSelectors":{"Audio Selector 1":{"selectorType":"ALL_PCM"}}`},
		{name: "later", input: `"audioSelectors":{"Audio Selector 1":{"offset":1500}}`},
		{name: "earlier", input: `"audioSelectors":{"Audio Selector 1":{"offset":-1500}}`},
		{name: "a file beside", input: `"audioSelectors":{"Audio Selector 1":{"externalAudioFileInput":"s3://in/beside.wav","offset":40}}`},
		{name: "a file beside a clip", input: `"timecodeSource":"ZEROBASED","inputClippings":[{"startTimecode":"00:00:10:00","endTimecode":"00:00:12:29"}],"audioSelectors":{"Audio Selector 1":{"externalAudioFileInput":"s3://in/beside.wav"}}`},
		{name: "the default stands in", input: `"audioSelectors":{"Other":{"tracks":[2],"defaultSelection":"DEFAULT"}}`, audio: `"audioSourceName":"Missing"`},
		{name: "a group of channels", input: `"audioSelectors":{"one":{"tracks":[2]},"two":{"tracks":[2],"offset":10}},"audioSelectorGroups":{"G":{"audioSelectorNames":["one","two"]}}`, audio: `"audioSourceName":"G"`, codec: stereo2},
		{name: "a group of stereo stems", input: `"audioSelectors":{"speech":{"tracks":[1]},"music":{"externalAudioFileInput":"s3://in/beside.wav"}},"audioSelectorGroups":{"G":{"audioSelectorNames":["speech","music"]}}`, audio: `"audioSourceName":"G"`, codec: stereo2},
		{name: "every track", container: "MP4", video: true, codec: aacOf + `"codingMode":"CODING_MODE_2_0"}`, input: `"dynamicAudioSelectors":{"D":{"selectorType":"ALL_TRACKS"}}`, audio: `"audioSourceName":"D"`},
		{name: "an input without sound is silent beside another", input: `"audioSelectors":{"Audio Selector 1":{}}`, inputs: `{"fileInput":"s3://in/silent.mp4"}`},
		{name: "an input without sound", input: `"fileInput":"s3://in/silent.mp4"`, container: "MP4", video: true, codec: aacOf + `"codingMode":"CODING_MODE_2_0"}`},
		{name: "an output that would be empty", input: `"fileInput":"s3://in/silent.mp4"`},
		{name: "as long as the picture", input: `"fileInput":"s3://in/drift.mp4","audioSelectors":{"Audio Selector 1":{"audioDurationCorrection":"TRACK"}}`},
		{name: "close to its timestamps", input: `"fileInput":"s3://in/drift.mp4","audioSelectors":{"Audio Selector 1":{"audioDurationCorrection":"FRAME"}}`},
		{name: "the configured language", container: "MP4", video: true, codec: aacOf + `"codingMode":"CODING_MODE_2_0"}`, audio: `"languageCode":"ITA","languageCodeControl":"USE_CONFIGURED"`},
		{name: "the type of the input", input: `"fileInput":"s3://in/dolby.mp4"`, container: "MP4", video: true, codec: aacOf + `"codingMode":"CODING_MODE_2_0"}`, audio: `"audioType":2`},
		{name: "the configured type", input: `"fileInput":"s3://in/dolby.mp4"`, container: "MP4", video: true, codec: aacOf + `"codingMode":"CODING_MODE_2_0"}`, audio: `"audioType":2,"audioTypeControl":"USE_CONFIGURED"`},
		{name: "tagged channels", container: "MOV", video: true, codec: stereo2, audio: `"audioChannelTaggingSettings":{"channelTags":["LS","RS"]}`},
		{name: "tags in another order", container: "MOV", video: true, codec: stereo2, audio: `"audioChannelTaggingSettings":{"channelTags":["RS","LS"]}`},
	},
	"mixing": {
		{name: "5.1 to stereo", input: `"audioSelectors":{"Audio Selector 1":{"tracks":[3]}}`, codec: stereo2},
		{name: "5.1 to one channel", input: `"audioSelectors":{"Audio Selector 1":{"tracks":[3]}}`, codec: `"codec":"WAV","wavSettings":{"channels":1}`},
		{name: "one channel to stereo", input: `"audioSelectors":{"Audio Selector 1":{"tracks":[2]}}`, codec: stereo2},
		{name: "stereo to 5.1", codec: `"codec":"WAV","wavSettings":{"channels":6}`},
		{name: "stereo to 16", codec: `"codec":"WAV","wavSettings":{"channels":16}`},
		{name: "the selector's mapping", input: `"audioSelectors":{"Audio Selector 1":{"remixSettings":{"channelsIn":2,"channelsOut":1,"channelMapping":{"outputChannels":[{"inputChannels":[-6,-60]}]}}}}`},
		{name: "the output's mapping", audio: `"remixSettings":{"channelsIn":2,"channelsOut":2,"channelMapping":{"outputChannels":[{"inputChannelsFineTune":[-1.5,-60]},{"inputChannelsFineTune":[6,0]}]}}`},
		{name: "one after the other", input: `"audioSelectors":{"Audio Selector 1":{"remixSettings":{"channelsIn":2,"channelsOut":2,"channelMapping":{"outputChannels":[{"inputChannels":[-60,0]},{"inputChannels":[0,-60]}]}}}}`,
			audio: `"remixSettings":{"channelsIn":2,"channelsOut":2,"channelMapping":{"outputChannels":[{"inputChannels":[-6,-60]},{"inputChannels":[-60,-12]}]}}`},
		{name: "an audio description is not faded in", audio: `"remixSettings":{"channelsIn":2,"channelsOut":2,"audioDescriptionAudioChannel":1,"audioDescriptionDataChannel":2,"channelMapping":{"outputChannels":[{"inputChannels":[0,-60]},{"inputChannels":[0,-60]}]}}`},
	},
	"loudness": {
		{name: "not measured yet", audio: norm + `4"}`},
		{name: "lifted", audio: norm + `4","algorithmControl":"CORRECT_AUDIO"}`, found: meter(-30, 0.1)},
		{name: "BS.1770-1", audio: norm + `1"}`, found: meter(-20, 0.5)},
		{name: "a target", audio: norm + `2","targetLkfs":-16.5}`, found: meter(-20, 0.2)},
		{name: "limited", audio: norm + `3","targetLkfs":-14,"truePeakLimiterThreshold":-2}`, found: meter(-20, 0.9)},
		{name: "below the gate", audio: norm + `2","correctionGateLevel":-40}`, found: meter(-45, 0.01)},
		{name: "silence", audio: norm + `2"}`, found: meter(-120.691, 0)},
		{name: "only measured", audio: norm + `2","algorithmControl":"MEASURE_ONLY","loudnessLogging":"LOG","peakCalculation":"TRUE_PEAK"}`},
	},
}
