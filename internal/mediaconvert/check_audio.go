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

func (c *checker) audio(a *types.AudioDescription, at string) {
	c.audioSource(a, at)
	s := a.CodecSettings
	if s == nil {
		c.required(at, "codecSettings")
		return
	}
	at += "/codecSettings"
	if c.codec(at, string(s.Codec), audioObjects(s), "PASSTHROUGH") && s.AacSettings != nil {
		c.aac(s.AacSettings, at+"/aacSettings")
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

func (c *checker) aac(a *types.AacSettings, at string) {
	if a.SampleRate == nil {
		c.required(at, "sampleRate")
	} else if !slices.Contains(aacRates, *a.SampleRate) {
		c.add(at+"/sampleRate", "Should be equal to one of the allowed values in [%s]", joinInts(aacRates))
	}
	if a.CodingMode == "" {
		c.required(at, "codingMode")
	}
	profile := a.CodecProfile
	if profile == "" {
		profile = types.AacCodecProfileLc
	}
	if a.RawFormat == types.AacRawFormatLatmLoas {
		c.add(at+"/rawFormat", "Must be NONE")
	}
	if a.Bitrate == nil || a.SampleRate == nil || a.CodingMode == "" || a.RateControlMode == types.AacRateControlModeVbr {
		return
	}
	valid := "Specify one of the bitrates " + joinInts(aacBitrates)
	ok := slices.Contains(aacBitrates, *a.Bitrate)
	for _, r := range aacRanges {
		if r.profile == profile && r.coding == a.CodingMode && r.rate == *a.SampleRate {
			valid = "Specify a bitrate in the range of " + itoa(int(r.min)) + "-" + itoa(int(r.max)) + ", one of " + joinInts(aacBitrates)
			ok = ok && *a.Bitrate >= r.min && *a.Bitrate <= r.max
		}
	}
	if !ok {
		c.add(at+"/bitrate", "You specified a value for Bitrate that is not valid with the combination of Profile %s, Coding mode %s, and Sample rate %d you selected. %s.",
			profile, a.CodingMode, *a.SampleRate, valid)
	}
}

func joinInts(list []int32) string {
	parts := make([]string, len(list))
	for i, n := range list {
		parts[i] = itoa(int(n))
	}
	return strings.Join(parts, ", ")
}
