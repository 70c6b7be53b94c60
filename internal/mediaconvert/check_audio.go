package mediaconvert

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// defaultSelector is the audio selector that an audio description without a
// source means, and the one that an input without selectors has.
const defaultSelector = "Audio Selector 1"

func audioObjects(s *types.AudioCodecSettings) []codecObject {
	return []codecObject{
		{"aacSettings", "AAC", s.AacSettings != nil}, {"ac3Settings", "AC3", s.Ac3Settings != nil},
		{"ac4Settings", "AC4", s.Ac4Settings != nil}, {"aiffSettings", "AIFF", s.AiffSettings != nil},
		{"eac3AtmosSettings", "EAC3_ATMOS", s.Eac3AtmosSettings != nil}, {"eac3Settings", "EAC3", s.Eac3Settings != nil},
		{"flacSettings", "FLAC", s.FlacSettings != nil}, {"mp2Settings", "MP2", s.Mp2Settings != nil},
		{"mp3Settings", "MP3", s.Mp3Settings != nil}, {"opusSettings", "OPUS", s.OpusSettings != nil},
		{"vorbisSettings", "VORBIS", s.VorbisSettings != nil}, {"wavSettings", "WAV", s.WavSettings != nil},
	}
}

func (c *checker) audio(a *types.AudioDescription, o output, at string) {
	c.audioSource(a, at)
	c.remix(a.RemixSettings, at+"/remixSettings")
	s := a.CodecSettings
	if s == nil {
		if o.Preset == nil {
			c.required(at, "codecSettings")
		}
		return
	}
	codecs := at + "/codecSettings"
	own := c.codec(codecs, string(s.Codec), slices.Contains(s.Codec.Values(), s.Codec), audioObjects(s), "PASSTHROUGH")
	c.audioPair(s.Codec, o, at, codecs+"/codec")
	if own {
		c.audioCodec(s, o, codecs)
	}
}

// audioCodec checks the settings object of the codec, which is there (behaviour.md 5.6).
func (c *checker) audioCodec(s *types.AudioCodecSettings, o output, at string) {
	switch s.Codec {
	case types.AudioCodecAac:
		c.aac(s.AacSettings, o, at+"/aacSettings")
	case types.AudioCodecAc3:
		c.multipleOf(at+"/ac3Settings/bitrate", s.Ac3Settings.Bitrate, 8000)
	case types.AudioCodecEac3:
		c.multipleOf(at+"/eac3Settings/bitrate", s.Eac3Settings.Bitrate, 8000)
	case types.AudioCodecMp2:
		c.oneOfInts(at+"/mp2Settings/sampleRate", s.Mp2Settings.SampleRate, 32000, 44100, 48000)
	case types.AudioCodecMp3:
		m := s.Mp3Settings
		if m.RateControlMode == types.Mp3RateControlModeVbr && m.VbrQuality == nil {
			c.required(at+"/mp3Settings", "vbrQuality")
		}
	case types.AudioCodecOpus:
		c.multipleOf(at+"/opusSettings/bitrate", s.OpusSettings.Bitrate, 8000)
		c.oneOfInts(at+"/opusSettings/sampleRate", s.OpusSettings.SampleRate, 16000, 24000, 48000)
	case types.AudioCodecFlac:
		c.oneOfInts(at+"/flacSettings/bitDepth", s.FlacSettings.BitDepth, 16, 24)
	case types.AudioCodecWav:
		c.oneOfInts(at+"/wavSettings/bitDepth", s.WavSettings.BitDepth, 16, 24)
	case types.AudioCodecAiff:
		c.oneOfInts(at+"/aiffSettings/bitDepth", s.AiffSettings.BitDepth, 16, 24)
	}
}

// audioSource checks that the named selector exists in an input, or that there
// is one to fall back to (behaviour.md 5.2, 6.3).
func (c *checker) audioSource(a *types.AudioDescription, at string) {
	name := defaultSelector
	if a.AudioSourceName != nil && *a.AudioSourceName != "" {
		name = *a.AudioSourceName
	}
	if len(c.settings.Inputs) == 0 {
		return
	}
	for i := range c.settings.Inputs {
		in := &c.settings.Inputs[i]
		if len(in.AudioSelectors) == 0 && len(in.AudioSelectorGroups) == 0 && len(in.DynamicAudioSelectors) == 0 && name == defaultSelector {
			return
		}
		if _, ok := in.AudioSelectors[name]; ok {
			return
		}
		if _, ok := in.AudioSelectorGroups[name]; ok {
			return
		}
		if _, ok := in.DynamicAudioSelectors[name]; ok {
			return
		}
		for _, sel := range in.AudioSelectors {
			if sel.DefaultSelection == types.AudioDefaultSelectionDefault {
				return
			}
		}
	}
	c.add(at+"/audioSourceName", "No input has an audio selector %.80q, and none has the default selection DEFAULT", name)
}

// remix checks that a channel mapping has a list for each output channel and in
// it a gain for each input channel (behaviour.md 5.6).
func (c *checker) remix(r *types.RemixSettings, at string) {
	if r == nil {
		return
	}
	if n := r.ChannelsOut; n != nil && *n > 1 {
		c.multipleOf(at+"/channelsOut", n, 2)
	}
	if r.ChannelMapping == nil {
		return
	}
	at += "/channelMapping/outputChannels"
	count := func(at string, n int, want *int32) {
		if want != nil {
			c.atLeast(at, n, int(*want))
			c.atMost(at, n, int(*want))
		}
	}
	count(at, len(r.ChannelMapping.OutputChannels), r.ChannelsOut)
	for i, ch := range r.ChannelMapping.OutputChannels {
		here := at + "/" + itoa(i)
		switch {
		case ch.InputChannels != nil && ch.InputChannelsFineTune != nil:
			c.add(here, `Should match exactly one schema defined in "oneOf"`)
		case ch.InputChannels != nil:
			count(here+"/inputChannels", len(ch.InputChannels), r.ChannelsIn)
		case ch.InputChannelsFineTune != nil:
			count(here+"/inputChannelsFineTune", len(ch.InputChannelsFineTune), r.ChannelsIn)
		}
	}
}

// aacBitrates are the only bitrates that AAC takes, in bits/s (of the API's
// field text).
var aacBitrates = []int32{
	6000, 8000, 10000, 12000, 14000, 16000, 20000, 24000, 28000, 32000, 40000, 48000, 56000, 64000, 80000, 96000,
	112000, 128000, 160000, 192000, 224000, 256000, 288000, 320000, 384000, 448000, 512000, 576000, 640000, 768000, 896000, 1024000,
}

// aacRange is a row of the service's table of AAC bitrates (behaviour.md 5.6).
type aacRange struct {
	profile  types.AacCodecProfile
	coding   types.AacCodingMode
	rate     int32 // Hz
	min, max int32 // bits/s
}

var aacRanges = []aacRange{
	{"LC", "CODING_MODE_1_0", 48000, 56000, 288000},
	{"LC", "CODING_MODE_2_0", 48000, 64000, 576000},
	{"LC", "CODING_MODE_2_0", 44100, 64000, 512000},
	{"LC", "CODING_MODE_2_0", 32000, 40000, 384000},
	{"LC", "CODING_MODE_2_0", 24000, 32000, 32000},
	{"LC", "CODING_MODE_2_0", 22050, 32000, 32000},
	{"LC", "CODING_MODE_5_1", 48000, 256000, 768000},
	{"LC", "CODING_MODE_5_1", 44100, 256000, 640000},
	{"HEV1", "CODING_MODE_2_0", 48000, 16000, 128000},
	{"HEV2", "CODING_MODE_2_0", 48000, 20000, 64000},
}

// aacRates are the sampling rates of AAC, in Hz (ISO/IEC 14496-3, from 8000 up).
var aacRates = []int32{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000}

func (c *checker) aac(a *types.AacSettings, o output, at string) {
	if a.SampleRate == nil {
		c.required(at, "sampleRate")
	}
	c.oneOfInts(at+"/sampleRate", a.SampleRate, aacRates...)
	if a.CodingMode == "" {
		c.required(at, "codingMode")
	}
	profile := a.CodecProfile
	if profile == "" {
		profile = types.AacCodecProfileLc
	}
	if k := containerOf(o); a.RawFormat == types.AacRawFormatLatmLoas && k != "" && k != types.ContainerTypeRaw {
		c.add(at+"/rawFormat", "Must be NONE")
	}
	if a.Bitrate == nil || a.SampleRate == nil || a.CodingMode == "" || a.RateControlMode == types.AacRateControlModeVbr {
		return
	}
	// The sentence is the service's, its missing full stop too (behaviour.md 6.2).
	const sentence = "You specified a value for Bitrate that is not valid with the combination of Profile %s, Coding mode %s, and Sample rate %d you selected. Specify %s, and resubmit your job For a list of supported bitrates, see: https://docs.aws.amazon.com/mediaconvert/latest/ug/aac-support.html"
	for _, r := range aacRanges {
		if r.profile == profile && r.coding == a.CodingMode && r.rate == *a.SampleRate && (*a.Bitrate < r.min || *a.Bitrate > r.max) {
			c.add(at+"/bitrate", sentence, profile, a.CodingMode, *a.SampleRate, "a bitrate in the range of "+itoa(int(r.min))+"-"+itoa(int(r.max)))
			return
		}
	}
	if !slices.Contains(aacBitrates, *a.Bitrate) {
		c.add(at+"/bitrate", sentence, profile, a.CodingMode, *a.SampleRate, "one of "+joinInts(aacBitrates, ", "))
	}
}

func joinInts(list []int32, by string) string {
	parts := make([]string, len(list))
	for i, n := range list {
		parts[i] = itoa(int(n))
	}
	return strings.Join(parts, by)
}

// listOf writes values as the service lists them: ["A","B"].
func listOf[T ~string](list []T) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = `"` + string(v) + `"`
	}
	return "[" + strings.Join(parts, ",") + "]"
}
