package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// coding is how a sound is encoded.
type coding struct {
	codec    string // as it is found in the output
	channels int
	layout   string // "": the usual one of that many channels
	rate     int    // Hz that is encoded
	heard    int    // Hz that decoders tell of, where that is another
	bitRate  int64  // bits/s; 0 where there is none
	args     []string
	muxing   []string // arguments of the muxer
	filters  []string
	back     float64 // gain of the surround channels; 0 means 1
}

// fit is the matrix from n channels with a layout to those of the encoder.
func (c coding) fit(layout string, n int) matrix {
	m := seat(c.channels, layout, n)
	if c.back > 0 && c.channels >= 5 {
		for o := c.channels - 2; o < c.channels; o++ {
			for i := range m[o] {
				m[o][i] *= c.back
			}
		}
	}
	return m
}

// Where the job leaves the sampling rate open.
const usualRate = 48000

// coding gives how a description's sound of n channels is encoded.
func (b *builder) coding(o *types.Output, ad *types.AudioDescription, at string, n int) (coding, error) {
	s := ad.CodecSettings
	container := types.ContainerType("")
	if o.ContainerSettings != nil {
		container = o.ContainerSettings.Container
	}
	at += "/codecSettings/"
	switch {
	case s.Codec == types.AudioCodecAac && s.AacSettings != nil:
		c := b.aac(s.AacSettings, at+"aacSettings", n)
		if container == types.ContainerTypeRaw && s.AacSettings.RawFormat == types.AacRawFormatLatmLoas {
			c.codec = "aac_latm"
		}
		return c, nil
	case s.Codec == types.AudioCodecAc3 && s.Ac3Settings != nil:
		return ac3(s.Ac3Settings, n), nil
	case s.Codec == types.AudioCodecEac3 && s.Eac3Settings != nil:
		return eac3(s.Eac3Settings, n), nil
	case s.Codec == types.AudioCodecMp2 && s.Mp2Settings != nil:
		return mp2(s.Mp2Settings, n), nil
	case s.Codec == types.AudioCodecMp3 && s.Mp3Settings != nil:
		return mp3(s.Mp3Settings, n), nil
	case s.Codec == types.AudioCodecOpus && s.OpusSettings != nil:
		return opus(s.OpusSettings, n), nil
	case s.Codec == types.AudioCodecVorbis && s.VorbisSettings != nil:
		return vorbis(s.VorbisSettings, n), nil
	case s.Codec == types.AudioCodecFlac && s.FlacSettings != nil:
		return flac(s.FlacSettings, n), nil
	case s.Codec == types.AudioCodecWav && s.WavSettings != nil:
		w := s.WavSettings
		return pcm(container, "le", w.BitDepth, w.Channels, w.SampleRate, n), nil
	case s.Codec == types.AudioCodecAiff && s.AiffSettings != nil:
		w := s.AiffSettings
		return pcm(container, "be", w.BitDepth, w.Channels, w.SampleRate, n), nil
	default:
		return coding{}, spool.Failf(spool.CodeIncompatible, "%scodec: %s can't be encoded here.", at, s.Codec)
	}
}

// aacQuality are the qualities of FFmpeg's encoder that come near to the rates
// of the service's: about 48, 64, 96 and 128 kb/s for each channel.
var aacQuality = map[types.AacVbrQuality]string{
	types.AacVbrQualityLow: "0.8", types.AacVbrQualityMediumLow: "1", types.AacVbrQualityMediumHigh: "1.5", types.AacVbrQualityHigh: "2",
}

// EncoderFDK is the one encoder of HE-AAC that FFmpeg can be built with.
const EncoderFDK = "libfdk_aac"

func (b *builder) aac(s *types.AacSettings, at string, n int) coding {
	c := coding{codec: "aac", rate: int(cmp.Or(aws.ToInt32(s.SampleRate), usualRate)), bitRate: int64(cmp.Or(aws.ToInt32(s.Bitrate), 96000))}
	switch s.CodingMode {
	case types.AacCodingModeCodingMode10, types.AacCodingModeAdReceiverMix:
		c.channels = 1
	case types.AacCodingModeCodingMode51:
		c.channels = 6
	case types.AacCodingModeCodingModeAuto:
		c.channels = followed(n, 6)
	default:
		c.channels = 2
	}
	switch s.CodecProfile {
	case types.AacCodecProfileHev1, types.AacCodecProfileHev2:
		if slices.Contains(b.facts.Encoders, EncoderFDK) {
			profile := "aac_he"
			if s.CodecProfile == types.AacCodecProfileHev2 {
				profile = "aac_he_v2"
			}
			c.args = []string{"-c:a", EncoderFDK, "-profile:a", profile, "-b:a", bps(c.bitRate)}
			return c
		}
		// every player of HE-AAC plays LC too: better a little worse than none
		b.warn(spool.WarnSettingIgnored, at+"/codecProfile", "codecProfile %s needs the encoder %s, which this machine's FFmpeg does not have: the sound is AAC-LC of the same bitrate.",
			s.CodecProfile, EncoderFDK)
	}
	profile := "aac_low"
	if s.Specification == types.AacSpecificationMpeg2 {
		profile = "mpeg2_aac_low"
	}
	c.args = []string{"-c:a", "aac", "-profile:a", profile}
	if s.RateControlMode == types.AacRateControlModeVbr {
		c.args = append(c.args, "-q:a", cmp.Or(aacQuality[s.VbrQuality], aacQuality[types.AacVbrQualityMediumHigh]))
	} else {
		c.args = append(c.args, "-b:a", bps(c.bitRate))
	}
	if s.CodingMode == types.AacCodingModeCodingMode11 {
		c.args = append(c.args, "-aac_ms:a", "0", "-aac_is:a", "0")
	}
	return c
}

// followed gives how many channels are coded for n, of mono, stereo and one more.
func followed(n, surround int) int {
	switch {
	case n <= 1:
		return 1
	case n < 5:
		return 2
	default:
		return surround
	}
}

// asked gives the number of channels of codecs that name it: 0 follows the source.
func asked(channels *int32, n, most int) int {
	switch {
	case channels == nil:
		return min(2, most)
	case *channels == 0:
		return min(max(n, 1), most)
	default:
		return min(int(*channels), most)
	}
}

// nearest gives the closest of some values.
func nearest(list []int32, want int32) int32 {
	best := list[0]
	for _, v := range list {
		if max(v-want, want-v) < max(best-want, want-best) {
			best = v
		}
	}
	return best
}

// The bit rates (b/s) and sampling rates (Hz) that the standards have.
var (
	mp2Rates     = []int32{32000, 48000, 56000, 64000, 80000, 96000, 112000, 128000, 160000, 192000, 224000, 256000, 320000, 384000}
	mp3Rates     = []int32{32000, 40000, 48000, 56000, 64000, 80000, 96000, 112000, 128000, 160000, 192000, 224000, 256000, 320000}
	mp3SlowRates = []int32{8000, 16000, 24000, 32000, 40000, 48000, 56000, 64000, 80000, 96000, 112000, 128000, 144000, 160000}
	mp3Samples   = []int32{22050, 24000, 32000, 44100, 48000}
)

func mp2(s *types.Mp2Settings, n int) coding {
	rate := nearest(mp2Rates, cmp.Or(aws.ToInt32(s.Bitrate), 192000))
	return coding{
		codec: "mp2", channels: asked(s.Channels, n, 2), rate: int(cmp.Or(aws.ToInt32(s.SampleRate), usualRate)),
		bitRate: int64(rate), args: []string{"-c:a", "mp2", "-b:a", bps(int64(rate))},
	}
}

func mp3(s *types.Mp3Settings, n int) coding {
	c := coding{codec: "mp3", channels: asked(s.Channels, n, 2), args: []string{"-c:a", "libmp3lame"}}
	samples := nearest(mp3Samples, cmp.Or(aws.ToInt32(s.SampleRate), usualRate))
	c.rate = int(samples)
	if s.RateControlMode == types.Mp3RateControlModeVbr {
		c.args = append(c.args, "-q:a", strconv.Itoa(int(aws.ToInt32(s.VbrQuality))))
		return c
	}
	rates := mp3Rates
	if samples < 32000 {
		rates = mp3SlowRates
	}
	c.bitRate = int64(nearest(rates, cmp.Or(aws.ToInt32(s.Bitrate), 128000)))
	c.args = append(c.args, "-b:a", bps(c.bitRate))
	return c
}

func opus(s *types.OpusSettings, n int) coding {
	c := coding{
		codec: "opus", channels: asked(s.Channels, n, 2), rate: int(cmp.Or(aws.ToInt32(s.SampleRate), usualRate)),
		heard: 48000, // whatever was encoded, decoders give 48 kHz
	}
	c.bitRate = int64(cmp.Or(aws.ToInt32(s.Bitrate), 96000))
	c.args = []string{"-c:a", "libopus", "-b:a", bps(c.bitRate)}
	return c
}

func vorbis(s *types.VorbisSettings, n int) coding {
	quality := int32(4)
	if s.VbrQuality != nil {
		quality = *s.VbrQuality
	}
	return coding{
		codec: "vorbis", channels: asked(s.Channels, n, 2), rate: int(cmp.Or(aws.ToInt32(s.SampleRate), usualRate)),
		args: []string{"-c:a", "libvorbis", "-q:a", strconv.Itoa(int(quality))},
	}
}

func flac(s *types.FlacSettings, n int) coding {
	c := coding{codec: "flac", channels: asked(s.Channels, n, 8), rate: int(cmp.Or(aws.ToInt32(s.SampleRate), usualRate))}
	c.muxing = []string{"-strict", "-2"} // FFmpeg 5.1 calls FLAC in MP4 experimental
	c.args = []string{"-c:a", "flac", "-sample_fmt:a", "s16"}
	if aws.ToInt32(s.BitDepth) == 24 {
		c.args = []string{"-c:a", "flac", "-sample_fmt:a", "s32", "-bits_per_raw_sample:a", "24"}
	}
	return c
}

// mostPCM is the most channels of WAV and AIFF.
const mostPCM = 64

// pcm is uncompressed sound: of one byte order in files that are nothing else and
// in QuickTime, as SMPTE 302M in transport streams.
func pcm(container types.ContainerType, order string, depth, channels, rate *int32, n int) coding {
	bits := int(cmp.Or(aws.ToInt32(depth), 16))
	c := coding{channels: asked(channels, n, mostPCM), rate: int(cmp.Or(aws.ToInt32(rate), usualRate))}
	if container == types.ContainerTypeM2ts || container == types.ContainerTypeM3u8 {
		// AES3 has pairs, up to four, at 48 kHz.
		c.channels, c.rate = min(8, c.channels+c.channels%2), usualRate
		c.codec, c.args = "s302m", []string{"-c:a", "s302m", "-strict:a", "-2", "-sample_fmt:a", "s16"}
		if bits > 16 {
			c.args = []string{"-c:a", "s302m", "-strict:a", "-2", "-sample_fmt:a", "s32", "-bits_per_raw_sample:a", "24"}
		}
		return c
	}
	if container == types.ContainerTypeMxf {
		order = "le"
	}
	c.codec = fmt.Sprintf("pcm_s%d%s", bits, order)
	c.args = []string{"-c:a", c.codec}
	c.bitRate = int64(bits) * int64(c.channels) * int64(c.rate)
	return c
}

// soundFile is how a codec is written where the container is RAW: as a file of
// its own kind.
func soundFile(s *types.AudioCodecSettings) (container, []string, bool) {
	switch s.Codec {
	case types.AudioCodecAac:
		if s.AacSettings != nil && s.AacSettings.RawFormat == types.AacRawFormatLatmLoas {
			return container{"latm", "aac", "audio/aac"}, nil, true
		}
		if s.AacSettings != nil && s.AacSettings.Specification == types.AacSpecificationMpeg2 {
			return container{"adts", "aac", "audio/aac"}, []string{"-write_mpeg2", "1"}, true
		}
		return container{"adts", "aac", "audio/aac"}, nil, true
	case types.AudioCodecAc3:
		return container{"ac3", "ac3", "audio/ac3"}, nil, true
	case types.AudioCodecEac3:
		return container{"eac3", "eac3", "audio/eac3"}, nil, true
	case types.AudioCodecMp2:
		return container{"mp2", "mp2", "audio/mpeg"}, nil, true
	case types.AudioCodecMp3:
		return container{"mp3", "mp3", "audio/mpeg"}, nil, true
	case types.AudioCodecFlac:
		return container{"flac", "flac", "audio/flac"}, nil, true
	case types.AudioCodecOpus, types.AudioCodecVorbis:
		return container{"ogg", "ogg", "audio/ogg"}, nil, true
	case types.AudioCodecWav:
		args := []string{"-rf64", "never"}
		if s.WavSettings != nil && s.WavSettings.Format == types.WavFormatRf64 {
			args[1] = "always"
		}
		return container{"wav", "wav", "audio/wav"}, args, true
	case types.AudioCodecAiff:
		return container{"aiff", "aiff", "audio/aiff"}, nil, true
	default:
		return container{}, nil, false
	}
}

// bareSound is how a codec, by FFmpeg's name, is written without a container.
func bareSound(codec string) (container, bool) {
	switch {
	case codec == "aac":
		return container{"adts", "aac", "audio/aac"}, true
	case codec == "ac3", codec == "eac3", codec == "flac":
		return container{codec, codec, "audio/" + codec}, true
	case codec == "mp2", codec == "mp3":
		return container{codec, codec, "audio/mpeg"}, true
	case strings.HasPrefix(codec, "pcm_") && strings.HasSuffix(codec, "le"):
		return container{"wav", "wav", "audio/wav"}, true
	case strings.HasPrefix(codec, "pcm_") && strings.HasSuffix(codec, "be"):
		return container{"aiff", "aiff", "audio/aiff"}, true
	default:
		return container{}, false
	}
}

// channelTags are FFmpeg's names of the channels that QuickTime files can tag
// (fields.md AudioChannelTaggingSettings).
var channelTags = map[string]string{
	"L": "FL", "R": "FR", "C": "FC", "LFE": "LFE", "LS": "SL", "RS": "SR", "LC": "FLC", "RC": "FRC", "CS": "BC",
	"LSD": "SL", "RSD": "SR", "TCS": "TC", "VHL": "TFL", "VHC": "TFC", "VHR": "TFR", "TBL": "TBL", "TBC": "TBC", "TBR": "TBR",
	"RSL": "BL", "RSR": "BR", "LW": "WL", "RW": "WR", "LFE2": "LFE2", "LT": "DL", "RT": "DR", "M": "FC",
}

// maskOrder is the order in which FFmpeg's layouts have their channels.
var maskOrder = []string{
	"FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR", "TC", "TFL", "TFC", "TFR", "TBL", "TBC", "TBR", "DL", "DR", "WL", "WR", "LFE2",
}

// tagged gives the layout that a QuickTime output's channel tags make, "" when
// there are none, or none that the file could say: tags are said in a fixed order.
func tagged(o *types.Output, ad *types.AudioDescription, channels int) string {
	s := ad.AudioChannelTaggingSettings
	if s == nil || o.ContainerSettings == nil || o.ContainerSettings.Container != types.ContainerTypeMov {
		return ""
	}
	var tags []string
	for _, t := range s.ChannelTags {
		tags = append(tags, string(t))
	}
	if len(tags) == 0 && s.ChannelTag != "" {
		tags = []string{string(s.ChannelTag)}
	}
	if len(tags) != channels {
		return ""
	}
	names, last := make([]string, channels), -1
	for i, t := range tags {
		names[i] = channelTags[t]
		at := slices.Index(maskOrder, names[i])
		if at <= last {
			return ""
		}
		last = at
	}
	return strings.Join(names, "+")
}
