package audio

import (
	"math"
	"testing"
)

// TestRemix: channels are mixed with the levels of BS.775 where an output has
// fewer or more of them, and as mappings say where there are any, first the
// selector's and then the output's.
func TestRemix(t *testing.T) {
	t.Parallel()
	surround := source(t, "in.mov", append(append(picture(2), tones(2, "5.1", 300, 400, 500, 600, 700, 800)...), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le")...)
	const codec = `"codec":"WAV","wavSettings":{"bitDepth":24,"channels":`
	mapped := func(source, channels string) string {
		return `"audioSourceName":"` + source + `","remixSettings":{` + channels + `}`
	}
	const d = 0.2 * math.Sqrt2 / 2
	down := []map[int]float64{{300: 0.2, 500: d, 700: d}, {400: 0.2, 500: d, 800: d}}
	cases := []struct {
		name, codec, members string
		want                 []map[int]float64
	}{
		{"follow", codec + `0}`, "", []map[int]float64{{300: 0.2}, {400: 0.2}, {500: 0.2}, {600: 0.2}, {700: 0.2}, {800: 0.2}}},
		{"stereo", codec + `2}`, "", down},
		{"mono", codec + `1}`, "", []map[int]float64{{300: d, 400: d, 500: 0.2, 700: 0.1, 800: 0.1}}},
		{"up", codec + `6}`, mapped("pair", ""), []map[int]float64{{300: 0.2}, {400: 0.2}, {}, {}, {}, {}}},
		{"alone", codec + `2}`, mapped("centre", ""), []map[int]float64{{500: 0.2}, {500: 0.2}}},
		{"swapped", codec + `2}`, mapped("A", `"channelsIn":6,"channelsOut":2,"channelMapping":{"outputChannels":[{"inputChannels":[-60,0,-60,-60,-60,-60]},{"inputChannels":[-6,-60,-60,-60,-60,-60]}]}`),
			[]map[int]float64{{400: 0.2}, {300: 0.2 * math.Pow(10, -0.3)}}},
		{"fine", codec + `2}`, mapped("A", `"channelsIn":6,"channelsOut":2,"channelMapping":{"outputChannels":[{"inputChannelsFineTune":[-1.5,-60,-60,-60,-60,-60]},{"inputChannelsFineTune":[-60,6,-60,-60,-60,-60]}]}`),
			[]map[int]float64{{300: 0.2 * math.Pow(10, -0.075)}, {400: 0.2 * math.Pow(10, 0.3)}}},
		{"chained", codec + `2}`, mapped("pair", `"channelsIn":2,"channelsOut":2,"channelMapping":{"outputChannels":[{"inputChannels":[-60,0]},{"inputChannels":[0,-60]}]}`),
			[]map[int]float64{{400: 0.2}, {300: 0.2}}},
	}
	var outputs []string
	for _, c := range cases {
		outputs = append(outputs, audioOutput(c.name, "RAW", c.codec, c.members))
	}
	pick := func(channels string) string {
		return `{"remixSettings":{"channelsIn":6,"channelsOut":` + channels + `}}`
	}
	inputs := `{"audioSelectors":{"A":{"defaultSelection":"DEFAULT"},
		"pair":` + pick(`2,"channelMapping":{"outputChannels":[{"inputChannels":[0,-60,-60,-60,-60,-60]},{"inputChannels":[-60,0,-60,-60,-60,-60]}]}`) + `,
		"centre":` + pick(`1,"channelMapping":{"outputChannels":[{"inputChannels":[-60,-60,0,-60,-60,-60]}]}`) + `}}`
	base := complete(t, fileJob(inputs, outputs...), surround)
	for _, c := range cases {
		listen(t, base+"_"+c.name+".wav", c.want...)
	}
}
