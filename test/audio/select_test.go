package audio

import (
	"path/filepath"
	"strings"
	"testing"

	"spool/internal/testkit"
)

// pitches are all tones of these tests.
var pitches = []int{300, 400, 500, 600, 700, 800, 900, 1100, 1300}

// listen checks the channels of an output, each with the tones it must hold.
func listen(t *testing.T, path string, channels ...map[int]float64) {
	t.Helper()
	got := testkit.Channels(t, path, 0, len(channels))
	for c, want := range channels {
		heard(t, filepath.Base(path), got[c], 48000, pitches, want)
	}
}

// TestSelectors: every kind of selector takes the tracks that it names, stacks
// their channels in order, and what is not there is silent.
func TestSelectors(t *testing.T) {
	t.Parallel()
	// tracks: English stereo 300/400, French mono 500, German stereo 600/700, in a transport stream with PIDs
	args := append(picture(2), tones(2, "stereo", 300, 400)...)
	args = append(args, tones(2, "mono", 500)...)
	args = append(args, tones(2, "stereo", 600, 700)...)
	in := source(t, "in.ts", append(args, "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "mp2", "-b:a", "192k",
		"-streamid", "0:256", "-streamid", "1:482", "-streamid", "2:483", "-streamid", "3:484",
		"-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fre", "-metadata:s:a:2", "language=ger", "-f", "mpegts")...)
	beside := source(t, "beside.wav", append(tones(2, "mono", 900), "-c:a", "pcm_s16le")...)
	selectors := map[string]string{
		"track":    `{"tracks":[2]}`,
		"tracks":   `{"selectorType":"TRACK","tracks":[3,2]}`,
		"pid":      `{"selectorType":"PID","pids":[484]}`,
		"language": `{"selectorType":"LANGUAGE_CODE","languageCode":"FRA"}`,
		"custom":   `{"selectorType":"LANGUAGE_CODE","customLanguageCode":"deu"}`,
		"stream":   `{"selectorType":"STREAM","streams":[3]}`,
		"nowhere":  `{"selectorType":"LANGUAGE_CODE","languageCode":"ITA"}`,
		"first":    `{"defaultSelection":"DEFAULT"}`,
		"external": `{"externalAudioFileInput":"s3://in/beside.wav"}`,
		"left":     `{"tracks":[1],"remixSettings":{"channelsIn":2,"channelsOut":1,"channelMapping":{"outputChannels":[{"inputChannels":[0,-60]}]}}}`,
	}
	want := map[string][]map[int]float64{
		"track":    {{500: 0.2}},
		"tracks":   {{600: 0.2}, {700: 0.2}, {500: 0.2}},
		"pid":      {{600: 0.2}, {700: 0.2}},
		"language": {{500: 0.2}},
		"custom":   {{600: 0.2}, {700: 0.2}},
		"stream":   {{500: 0.2}},
		"nowhere":  {{}, {}},
		"first":    {{300: 0.2}, {400: 0.2}},
		"missing":  {{300: 0.2}, {400: 0.2}}, // the default stands in
		"external": {{900: 0.2}},
		"left":     {{300: 0.2}},
		"group":    {{300: 0.2}, {500: 0.2}},
	}
	var list, outputs []string
	for name, sel := range selectors {
		list = append(list, `"`+name+`":`+sel)
	}
	for name := range want {
		outputs = append(outputs, audioOutput(name, "RAW", wav, `"audioSourceName":"`+name+`"`))
	}
	inputs := `{"audioSelectors":{` + strings.Join(list, ",") + `},"audioSelectorGroups":{"group":{"audioSelectorNames":["left","track"]}}}`
	job := fileJob(inputs, outputs...)
	base := complete(t, job, in, "in/beside.wav="+beside)
	for name, channels := range want {
		listen(t, base+"_"+name+".wav", channels...)
	}
}

// TestEveryTrack: a dynamic selector makes a track of each, with its language;
// where no input has sound an output with video goes without, and one of sound
// alone is silent.
func TestEveryTrack(t *testing.T) {
	t.Parallel()
	args := append(picture(2), append(tones(2, "stereo", 300, 400), tones(2, "mono", 500)...)...)
	in := source(t, "in.mkv", append(args, "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fre")...)
	video := strings.Replace(audioOutput("all", "MP4", aacStereo, `"audioSourceName":"D"`), `"audioDescriptions"`, small+`,"audioDescriptions"`, 1)
	base := complete(t, fileJob(`{"dynamicAudioSelectors":{"D":{"selectorType":"ALL_TRACKS"}}}`, video), in)
	var languages []string
	for _, s := range testkit.Probe(t, base+"_all.mp4").Streams {
		if s.Type == "audio" {
			languages = append(languages, s.Tags["language"])
		}
	}
	if strings.Join(languages, " ") != "eng fre" {
		t.Errorf("the languages are %v", languages)
	}
	for stream, want := range []map[int]float64{{300: 0.2}, {500: 0.2}} {
		heard(t, "track", testkit.Channels(t, base+"_all.mp4", stream, 2)[0], 48000, pitches, want)
	}

	mute := source(t, "mute.mp4", append(picture(2), "-c:v", "libx264", "-preset", "ultrafast")...)
	plain := strings.Replace(audioOutput("v", "MP4", aacStereo, ""), `"audioDescriptions"`, small+`,"audioDescriptions"`, 1)
	base = complete(t, fileJob(`{"audioSelectors":{"Audio Selector 1":{"defaultSelection":"DEFAULT"}}}`, plain, audioOutput("w", "RAW", wav, "")), mute)
	if testkit.Probe(t, base+"_v.mp4").Of("audio") != nil {
		t.Error("a job without any sound made a track of it")
	}
	silent := testkit.Channels(t, base+"_w.wav", 0, 2)[0]
	heard(t, "silence", silent, 48000, pitches, nil)
	if n := len(silent) - 2*48000; n < 0 || n > 4800 {
		t.Errorf("silence lasts %d samples more than the picture", n)
	}
}
