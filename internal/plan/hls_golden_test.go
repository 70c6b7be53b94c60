package plan_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"spool/internal/plan"
)

// hlsCase is one HLS job: what its settings become is written down.
type hlsCase struct {
	name    string
	group   string // members of hlsGroupSettings
	output  string // members of the first output's hlsSettings
	ts      string // members of its m3u8Settings
	codec   string // members of its h264Settings
	job     string // members of the settings
	outputs string // instead of the one output
}

const (
	hlsPicture = `"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":1000000%s}}}`
	hlsTone    = `"audioDescriptions":[{"codecSettings":{"codec":"AAC","aacSettings":{"bitrate":96000,"codingMode":"CODING_MODE_2_0","sampleRate":48000}}}]`
)

// of writes one output of a case by hand.
func of(modifier, settings, streams string) string {
	return fmt.Sprintf(`{"nameModifier":%q,"containerSettings":{"container":"M3U8"},"outputSettings":{"hlsSettings":{%s}},%s}`, modifier, settings, streams)
}

func (c hlsCase) lines(t *testing.T) []string {
	t.Helper()
	part := func(s string) string {
		if s != "" {
			return "," + s
		}
		return ""
	}
	outputs := c.outputs
	if outputs == "" {
		outputs = fmt.Sprintf(`{"nameModifier":"_x","containerSettings":{"container":"M3U8","m3u8Settings":{%s}},"outputSettings":{"hlsSettings":{%s}},%s,%s}`,
			c.ts, c.output, fmt.Sprintf(hlsPicture, part(c.codec)), hlsTone)
	}
	group := c.group
	if !strings.Contains(group, `"segmentLength"`) {
		group = strings.TrimSuffix(`"segmentLength":6,`+group, ",")
	}
	body := fmt.Sprintf(`{"Settings":{"inputs":[{"fileInput":"s3://in/v.mp4","audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}}}]%s,
		"outputGroups":[{"outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://out/v"%s}},"outputs":[%s]}]}}`,
		part(c.job), part(group), outputs)
	p, err := build(t, []byte(body), media(track(nil), stereo(1)))
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	return hlsLines(t, p)
}

// hlsLines writes what is to be read of a plan, a line for each fact.
func hlsLines(t *testing.T, p *plan.Plan) []string {
	t.Helper()
	var lines []string
	write := func(prefix string, v any) {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(data, &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			lines = append(lines, fmt.Sprintf("%s %s %s", prefix, name, fields[name]))
		}
	}
	for _, task := range p.Tasks {
		at := slices.Index(task.Args, "-max_muxing_queue_size")
		if task.ID == "encode" {
			if at = slices.Index(task.Args, "-force_key_frames"); at >= 0 {
				lines = append(lines, "encode "+strings.Join(task.Args[at:at+2], " "))
			}
			continue
		}
		lines = append(lines, task.ID+" "+strings.Join(task.Args[max(0, at):], " "))
		for i, a := range task.Args {
			if a == "-itsoffset" {
				lines = append(lines, task.ID+" "+a+" "+task.Args[i+1])
			}
		}
	}
	g := p.Groups[0]
	write("master", g.Master)
	for _, o := range g.Outputs {
		write(o.Staged, o.HLS)
		lines = append(lines, fmt.Sprintf("%s 2nd segment %s", o.Staged, o.SegmentKey(2, started)))
	}
	for _, s := range g.Images {
		write(s.Staged, s)
	}
	for _, w := range p.Warnings {
		lines = append(lines, "warning "+w.Pointer+" "+w.Message)
	}
	return lines
}

// TestHLSGolden holds what each setting of HLS groups becomes: of each case, the
// lines that the plain one has not.
func TestHLSGolden(t *testing.T) {
	t.Parallel()
	base := hlsCase{}.lines(t)
	for theme, cases := range hlsCases {
		var text strings.Builder
		for _, c := range cases {
			fmt.Fprintf(&text, "# %s\n", c.name)
			for _, s := range []string{c.job, c.group, c.output, c.ts, c.codec, c.outputs} {
				if s != "" {
					text.WriteString(s + "\n")
				}
			}
			got := c.lines(t)
			slices.Sort(got)
			changed := false
			for _, line := range got {
				if !slices.Contains(base, line) {
					text.WriteString("  " + line + "\n")
					changed = true
				}
			}
			for _, line := range base {
				words := strings.SplitN(line, " ", 3)
				if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, words[0]+" "+words[1]) }) && c.outputs == "" {
					text.WriteString("  no " + line + "\n")
					changed = true
				}
			}
			if !changed && c.name != "plain" {
				t.Errorf("%s: %s changes nothing", theme, c.name)
			}
			text.WriteString("\n")
		}
		golden(t, "hls-"+theme+".txt", text.String())
	}
}

var hlsCases = map[string][]hlsCase{
	"group": {
		{name: "ten seconds", group: `"segmentLength":10`},
		{name: "segments of whole GOPs", group: `"segmentLengthControl":"GOP_MULTIPLE"`, codec: `"gopSize":75,"gopSizeUnits":"FRAMES"`},
		{name: "segments of whole GOPs in seconds", group: `"segmentLengthControl":"GOP_MULTIPLE"`, codec: `"gopSize":2.5,"gopSizeUnits":"SECONDS"`},
		{name: "segments of whole GOPs, the encoder's own", group: `"segmentLengthControl":"GOP_MULTIPLE","segmentLength":7`},
		{name: "segments that end with a picture and an audio frame", group: `"segmentLengthControl":"MATCH"`, codec: `"framerateControl":"SPECIFIED","framerateNumerator":25,"framerateDenominator":1`},
		{name: "the same at 29.97", group: `"segmentLengthControl":"MATCH"`, codec: `"framerateControl":"SPECIFIED","framerateNumerator":30000,"framerateDenominator":1001`},
		{name: "nothing to match", group: `"segmentLengthControl":"MATCH"`, outputs: of("_x", "", fmt.Sprintf(hlsPicture, ""))},
		{name: "one file", group: `"segmentControl":"SINGLE_FILE"`},
		{name: "folders", group: `"directoryStructure":"SUBDIRECTORY_PER_STREAM"`},
		{name: "numbered folders", group: `"directoryStructure":"SUBDIRECTORY_PER_STREAM","segmentsPerSubdirectory":1`},
		{name: "a short end", group: `"minFinalSegmentLength":1.5`},
		{name: "whole seconds", group: `"manifestDurationFormat":"INTEGER"`},
		{name: "targets by the standard", group: `"targetDurationCompatibilityMode":"SPEC_COMPLIANT"`},
		{name: "codecs by RFC 6381", group: `"codecSpecification":"RFC_6381"`},
		{name: "no resolution", group: `"streamInfResolution":"EXCLUDE"`},
		{name: "no cache", group: `"clientCache":"DISABLED"`},
		{name: "no manifests", group: `"outputSelection":"SEGMENTS_ONLY"`},
		{name: "gzip", group: `"manifestCompression":"GZIP"`},
		{name: "a base URL", group: `"baseUrl":"https://cdn.example.com/v/"`},
		{name: "no closed captions", group: `"captionLanguageSetting":"NONE"`},
		{name: "when the job began", group: `"programDateTime":"INCLUDE"`},
		{name: "by a timecode", group: `"programDateTime":"INCLUDE","programDateTimePeriod":30`, job: `"timecodeConfig":{"source":"SPECIFIEDSTART","start":"10:20:30:15","timestampOffset":"2026-05-04"}`},
		{name: "from midnight", group: `"programDateTime":"INCLUDE","programDateTimePeriod":0`, job: `"timecodeConfig":{"source":"ZEROBASED"}`},
		{name: "another manifest", group: `"additionalManifests":[{"manifestNameModifier":"-few","selectedOutputs":["_x"]}]`},
		{name: "named by the job's time", output: `"segmentModifier":"_$dt$_$w$"`},
	},
	"sound": {
		{name: "silent video and sound that names no group", outputs: of("_v", "", fmt.Sprintf(hlsPicture, "")) + "," + of("_a", "", hlsTone)},
		{name: "a group", outputs: of("_v", `"audioRenditionSets":"low"`, fmt.Sprintf(hlsPicture, "")) + "," + of("_a", `"audioGroupId":"low"`, hlsTone)},
		{name: "two groups, three renditions", outputs: of("_v", `"audioRenditionSets":"low, high"`, fmt.Sprintf(hlsPicture, "")) + "," + of("_a", `"audioGroupId":"low"`, hlsTone) + "," +
			of("_b", `"audioGroupId":"high","audioTrackType":"ALTERNATE_AUDIO_NOT_AUTO_SELECT"`, hlsTone) + "," + of("_c", `"audioGroupId":"high","audioTrackType":"ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT"`, hlsTone)},
		{name: "a variant of its own", outputs: of("_v", `"audioRenditionSets":"program_audio"`, fmt.Sprintf(hlsPicture, "")+","+hlsTone) + "," + of("_a", `"audioTrackType":"AUDIO_ONLY_VARIANT_STREAM"`, hlsTone)},
		{name: "a group that there is not", output: `"audioRenditionSets":"other"`},
		{name: "a group that no stream names", outputs: of("_v", "", fmt.Sprintf(hlsPicture, "")+","+hlsTone) + "," + of("_a", `"audioGroupId":"low"`, hlsTone)},
		{name: "described video", outputs: of("_v", "", fmt.Sprintf(hlsPicture, "")) + "," + of("_a", `"descriptiveVideoServiceFlag":"FLAG"`, strings.Replace(hlsTone, `{"codec`, `{"streamName":"Described","codec`, 1))},
		{name: "sound in transport streams", outputs: of("_a", `"audioOnlyContainer":"M2TS"`, hlsTone)},
		{name: "sound beside whole GOPs", group: `"segmentLengthControl":"GOP_MULTIPLE"`, outputs: of("_v", "", fmt.Sprintf(hlsPicture, `,"gopSize":75,"gopSizeUnits":"FRAMES"`)) + "," + of("_a", "", hlsTone)},
		{name: "sound alone", outputs: of("_a", "", hlsTone)},
	},
	"encryption": {
		{name: "AES-128", group: `"encryption":{"encryptionMethod":"AES128","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://k/1"}}`},
		{name: "a vector that is told", group: `"encryption":{"encryptionMethod":"AES128","type":"STATIC_KEY","constantInitializationVector":"0102030405060708090a0b0c0d0e0f00","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://k/1"}}`},
		{name: "a vector that is not", group: `"encryption":{"encryptionMethod":"AES128","type":"STATIC_KEY","constantInitializationVector":"0102030405060708090a0b0c0d0e0f00","initializationVectorInManifest":"EXCLUDE","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://k/1"}}`},
		{name: "a format of keys", group: `"encryption":{"encryptionMethod":"SAMPLE_AES","type":"STATIC_KEY","offlineEncrypted":"ENABLED","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"skd://1","keyFormat":"com.apple.streamingkeydelivery","keyFormatVersions":"1"}}`},
		{name: "key frames of encrypted segments", output: `"iFrameOnlyManifest":"INCLUDE"`, group: `"encryption":{"encryptionMethod":"AES128","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://k/1"}}`},
		{name: "images beside encrypted segments", group: `"imageBasedTrickPlay":"THUMBNAIL","encryption":{"encryptionMethod":"AES128","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://k/1"}}`},
		{name: "samples of H.265", group: `"encryption":{"encryptionMethod":"SAMPLE_AES","type":"STATIC_KEY","staticKeyProvider":{"staticKeyValue":"00112233445566778899aabbccddeeff","url":"https://k/1"}}`,
			outputs: of("_x", "", `"videoDescription":{"codecSettings":{"codec":"H_265","h265Settings":{"rateControlMode":"QVBR","maxBitrate":1000000}}}`)},
	},
	"transport": {
		{name: "PIDs", ts: `"pmtPid":500,"videoPid":501,"audioPids":[510]`},
		{name: "numbers", ts: `"programNumber":3,"transportStreamId":4`},
		{name: "tables", ts: `"patInterval":50,"pmtInterval":80`},
		{name: "the clock", ts: `"pcrControl":"CONFIGURED_PCR_PERIOD","maxPcrInterval":40`},
		{name: "audio in packets", ts: `"audioFramesPerPes":2`},
		{name: "a late beginning", ts: `"ptsOffsetMode":"SECONDS","ptsOffset":10`},
		{name: "an early beginning", ts: `"ptsOffsetMode":"MILLISECONDS","ptsOffset":100`},
		{name: "late sound", ts: `"ptsOffsetMode":"MILLISECONDS","ptsOffset":2000,"audioPtsOffsetDelta":40`},
		{name: "the time of day", ts: `"timedMetadata":"PASSTHROUGH"`, group: `"timedMetadataId3Frame":"TDRL","timedMetadataId3Period":5,"timestampDeltaMilliseconds":250`},
		{name: "tags", ts: `"timedMetadata":"PASSTHROUGH","timedMetadataPid":600`, job: `"timecodeConfig":{"source":"SPECIFIEDSTART","start":"01:00:00:00"},"timedMetadataInsertion":{"id3Insertions":[` +
			`{"id3":"SUQzBAAAAAAAFVREUkwAAAALAAADMjAyNi0wNS0wNA==","timecode":"01:00:05:00"},{"id3":"SUQzBAAAAAAAFVREUkwAAAALAAADMjAyNi0wNS0wNA==","timecode":"02:00:00:00"},{"id3":"AAAA","timecode":"01:00:01:00"}]}`},
	},
	"trickplay": {
		{name: "key frames by ranges", output: `"iFrameOnlyManifest":"INCLUDE"`},
		{name: "key frames as files", output: `"iFrameOnlyManifest":"INCLUDE_AS_TS"`},
		{name: "thumbnails", group: `"imageBasedTrickPlay":"THUMBNAIL"`},
		{name: "thumbnails and pictures", group: `"imageBasedTrickPlay":"THUMBNAIL_AND_FULLFRAME"`},
		{name: "thumbnails of GOPs", group: `"imageBasedTrickPlay":"ADVANCED","imageBasedTrickPlaySettings":{"intervalCadence":"FOLLOW_IFRAME","thumbnailWidth":160,"tileWidth":4,"tileHeight":2}`, codec: `"gopSize":1,"gopSizeUnits":"SECONDS"`},
		{name: "thumbnails of segments", group: `"imageBasedTrickPlay":"ADVANCED","imageBasedTrickPlaySettings":{"intervalCadence":"FOLLOW_SEGMENTATION"}`},
		{name: "thumbnails by the clock", group: `"imageBasedTrickPlay":"ADVANCED","imageBasedTrickPlaySettings":{"intervalCadence":"FOLLOW_CUSTOM","thumbnailInterval":5,"thumbnailWidth":320,"thumbnailHeight":200}`},
		{name: "too much", group: `"imageBasedTrickPlay":"ADVANCED","imageBasedTrickPlaySettings":{"thumbnailWidth":1024,"tileHeight":100}`},
	},
}
