package mediaconvert

import "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

// fillSoundCodec fills in the settings of an audio codec (behaviour.md 5.6).
func fillSoundCodec(c *types.AudioCodecSettings) {
	if c.AacSettings != nil {
		fillAAC(c.AacSettings)
	}
	if s := c.Ac3Settings; s != nil {
		fill(&s.CodingMode, types.Ac3CodingModeCodingModeAuto)
		fillPtr(&s.SampleRate, 48000)
		fillDolby(&s.Bitrate, string(s.CodingMode))
	}
	if s := c.Eac3Settings; s != nil {
		fill(&s.CodingMode, types.Eac3CodingModeCodingModeAuto)
		fillPtr(&s.SampleRate, 48000)
		fillDolby(&s.Bitrate, string(s.CodingMode))
	}
	if s := c.Mp2Settings; s != nil {
		fillPtr(&s.SampleRate, 48000)
	}
	if s := c.Mp3Settings; s != nil {
		fill(&s.RateControlMode, types.Mp3RateControlModeCbr)
		fillPtr(&s.SampleRate, 48000)
	}
	if s := c.OpusSettings; s != nil {
		fillPtr(&s.Bitrate, 96000)
		fillPtr(&s.SampleRate, 48000)
		fillPtr(&s.Channels, 2)
	}
	if s := c.VorbisSettings; s != nil {
		fillPtr(&s.VbrQuality, 4)
		fillPtr(&s.SampleRate, 48000)
		fillPtr(&s.Channels, 2)
	}
	if s := c.WavSettings; s != nil {
		fill(&s.Format, types.WavFormatRiff)
		fillPtr(&s.BitDepth, 16)
	}
}

// fillDolby fills in the bitrate that goes with a coding mode. That of a mode
// which follows the source is known only with the source.
func fillDolby(bitrate **int32, mode string) {
	switch mode {
	case "CODING_MODE_1_0":
		fillPtr(bitrate, 96000)
	case "CODING_MODE_1_1", "CODING_MODE_2_0":
		fillPtr(bitrate, 192000)
	case "CODING_MODE_3_2", "CODING_MODE_3_2_LFE":
		fillPtr(bitrate, 384000)
	}
}

// fillAAC fills in AAC settings. Without a bitrate it takes 48 kb/s a channel,
// 64 kb/s for one: 96000 for stereo is what the console gives.
func fillAAC(s *types.AacSettings) {
	fill(&s.CodecProfile, types.AacCodecProfileLc)
	fill(&s.RateControlMode, types.AacRateControlModeCbr)
	fill(&s.Specification, types.AacSpecificationMpeg4)
	fill(&s.RawFormat, types.AacRawFormatNone)
	fill(&s.AudioDescriptionBroadcasterMix, types.AacAudioDescriptionBroadcasterMixNormal)
	switch s.CodingMode {
	case types.AacCodingModeCodingMode10:
		fillPtr(&s.Bitrate, 64000)
	case types.AacCodingModeCodingMode51:
		fillPtr(&s.Bitrate, 384000)
	default:
		fillPtr(&s.Bitrate, 96000)
	}
}
