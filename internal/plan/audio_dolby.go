package plan

import (
	"cmp"
	"math"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// services are FFmpeg's names of what a Dolby stream is for.
var services = map[string]string{
	"COMPLETE_MAIN": "ma", "MUSIC_AND_EFFECTS": "ef", "VISUALLY_IMPAIRED": "vi", "HEARING_IMPAIRED": "hi",
	"DIALOGUE": "di", "COMMENTARY": "co", "EMERGENCY": "em", "VOICE_OVER": "vo",
}

// dolbyRates are the bit rates that go with a number of channels where the job
// names none (behaviour.md 5.6).
func dolbyRate(asked *int32, channels int) int64 {
	if asked != nil && *asked > 0 {
		return int64(*asked)
	}
	switch {
	case channels == 1:
		return 96000
	case channels == 2:
		return 192000
	default:
		return 384000
	}
}

// dialogueLevel is the level in dB below full scale.
func dialogueLevel(dialnorm *int32) []string {
	if dialnorm == nil {
		return nil
	}
	return []string{"-dialnorm:a", strconv.Itoa(-int(*dialnorm))}
}

// lowFilter keeps what is above 120 Hz out of the low-frequency channel.
const lowFilter = "lowpass=f=120:p=2:c=LFE"

func ac3(s *types.Ac3Settings, n int) coding {
	c := coding{codec: "ac3", rate: usualRate, channels: 2}
	switch s.CodingMode {
	case types.Ac3CodingModeCodingMode10:
		c.channels = 1
	case types.Ac3CodingModeCodingMode32Lfe:
		c.channels = 6
	case types.Ac3CodingModeCodingModeAuto, "":
		c.channels = followed(n, 6)
	}
	c.bitRate = dolbyRate(s.Bitrate, c.channels)
	c.args = []string{"-c:a", "ac3", "-b:a", bps(c.bitRate)}
	if s.CodingMode == types.Ac3CodingModeCodingMode11 {
		c.args = append(c.args, "-stereo_rematrixing:a", "0")
	}
	c.args = append(c.args, dialogueLevel(s.Dialnorm)...)
	if mode := services[string(s.BitstreamMode)]; mode != "" {
		c.args = append(c.args, "-audio_service_type:a", mode)
	}
	if s.LfeFilter == types.Ac3LfeFilterEnabled && c.channels == 6 {
		c.filters = append(c.filters, lowFilter)
	}
	return c
}

func eac3(s *types.Eac3Settings, n int) coding {
	c := coding{codec: "eac3", rate: usualRate, channels: 2}
	surround := 6
	if s.LfeControl == types.Eac3LfeControlNoLfe {
		surround = 5
	}
	switch s.CodingMode {
	case types.Eac3CodingModeCodingMode10:
		c.channels = 1
	case types.Eac3CodingModeCodingMode32:
		c.channels = surround
	case types.Eac3CodingModeCodingModeAuto, "":
		c.channels = followed(n, surround)
	}
	c.bitRate = dolbyRate(s.Bitrate, c.channels)
	c.args = append([]string{"-c:a", "eac3", "-b:a", bps(c.bitRate)}, dialogueLevel(s.Dialnorm)...)
	add := func(name, value string) {
		if value != "" {
			c.args = append(c.args, name+":a", value)
		}
	}
	add("-audio_service_type", services[string(s.BitstreamMode)])
	if s.DcFilter == types.Eac3DcFilterEnabled {
		c.filters = append(c.filters, "highpass=f=3:p=1")
	}
	if c.channels == 2 {
		add("-dsur_mode", map[types.Eac3SurroundMode]string{"NOT_INDICATED": "notindicated", "ENABLED": "on", "DISABLED": "off"}[s.SurroundMode])
	}
	if c.channels < 5 {
		return c
	}
	if s.LfeFilter == types.Eac3LfeFilterEnabled && c.channels == 6 {
		c.filters = append(c.filters, lowFilter)
	}
	if s.AttenuationControl == types.Eac3AttenuationControlAttenuate3Db {
		c.back = threeD
	}
	add("-dmix_mode", map[types.Eac3StereoDownmix]string{"NOT_INDICATED": "notindicated", "LO_RO": "loro", "LT_RT": "ltrt", "DPL2": "dplii"}[s.StereoDownmix])
	add("-dsurex_mode", map[types.Eac3SurroundExMode]string{"NOT_INDICATED": "notindicated", "ENABLED": "on", "DISABLED": "off"}[s.SurroundExMode])
	add("-loro_cmixlev", mixLevel(s.LoRoCenterMixLevel))
	add("-loro_surmixlev", mixLevel(s.LoRoSurroundMixLevel))
	add("-ltrt_cmixlev", mixLevel(s.LtRtCenterMixLevel))
	add("-ltrt_surmixlev", mixLevel(s.LtRtSurroundMixLevel))
	return c
}

// mixLevel gives the factor of a level in dB, "" for none; −60 and below is
// silence.
func mixLevel(db *float64) string {
	if db == nil {
		return ""
	}
	return number(cmp.Or(math.Min(gainOf(aws.ToFloat64(db)), 1.412538), 0))
}
