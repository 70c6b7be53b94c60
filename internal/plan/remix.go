package plan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// matrix mixes channels: a row for each that comes out, in it a factor for each
// that goes in.
type matrix [][]float64

func newMatrix(out, in int) matrix {
	m := make(matrix, out)
	for i := range m {
		m[i] = make([]float64, in)
	}
	return m
}

// straight takes channels as they are: those too many are dropped, those too few
// silent.
func straight(out, in int) matrix {
	m := newMatrix(out, in)
	for i := range min(out, in) {
		m[i][i] = 1
	}
	return m
}

// after is the matrix that does first m, then next.
func (m matrix) after(next matrix) matrix {
	in := 0
	if len(m) > 0 {
		in = len(m[0])
	}
	all := newMatrix(len(next), in)
	for o := range next {
		for k, gain := range next[o] {
			if k >= len(m) || gain == 0 {
				continue
			}
			for i := range in {
				all[o][i] += gain * m[k][i]
			}
		}
	}
	return all
}

// columns cuts a matrix to n of its inputs.
func (m matrix) columns(from, n int) matrix {
	cut := make(matrix, len(m))
	for i := range m {
		cut[i] = m[i][from : from+n]
	}
	return cut
}

func (m matrix) identity() bool {
	for o := range m {
		if len(m[o]) != len(m) {
			return false
		}
		for i, gain := range m[o] {
			if o == i && gain != 1 || o != i && gain != 0 {
				return false
			}
		}
	}
	return true
}

// pan writes a matrix as FFmpeg's filter.
func (m matrix) pan(layout string) string {
	var text strings.Builder
	text.WriteString("pan=" + layout)
	for o, row := range m {
		fmt.Fprintf(&text, "|c%d=", o)
		sep := ""
		for i, gain := range row {
			switch n := number(gain); n {
			case "0", "-0":
				continue
			case "1":
				fmt.Fprintf(&text, "%sc%d", sep, i)
			default:
				fmt.Fprintf(&text, "%s%s*c%d", sep, n, i)
			}
			sep = "+"
		}
		if sep == "" {
			text.WriteString("0*c0")
		}
	}
	return text.String()
}

// mute is the gain that means silence (behaviour.md 5.6).
const mute = -60

// remixOf gives the matrix of remix settings for sound of n channels; nil when
// there is no mapping.
func remixOf(r *types.RemixSettings, n int) matrix {
	if r == nil || r.ChannelMapping == nil || len(r.ChannelMapping.OutputChannels) == 0 {
		return nil
	}
	m := newMatrix(len(r.ChannelMapping.OutputChannels), n)
	for o, ch := range r.ChannelMapping.OutputChannels {
		for i := range n {
			switch {
			case i < len(ch.InputChannelsFineTune):
				m[o][i] = gainOf(ch.InputChannelsFineTune[i])
			case i < len(ch.InputChannels):
				m[o][i] = gainOf(float64(ch.InputChannels[i]))
			}
		}
	}
	return m
}

// remixes tells whether remix settings ask for anything.
func remixes(r *types.RemixSettings) bool {
	return r != nil && (remixOf(r, 1) != nil || aws.ToInt32(r.ChannelsIn) > 0 || aws.ToInt32(r.ChannelsOut) > 0)
}

// remixed gives what remix settings make of sound of n channels.
func remixed(r *types.RemixSettings, n int) matrix {
	m := remixOf(r, n)
	if m == nil {
		m = straight(n, n)
		if r != nil && aws.ToInt32(r.ChannelsIn) > 0 {
			m = straight(min(n, int(*r.ChannelsIn)), n)
		}
	}
	if r != nil && aws.ToInt32(r.ChannelsOut) > 0 {
		m = m.after(straight(int(*r.ChannelsOut), len(m)))
	}
	return m
}

// gainOf gives the factor of a gain in dB.
func gainOf(db float64) float64 {
	if db <= mute {
		return 0
	}
	return math.Pow(10, db/20)
}

// places are the channels of FFmpeg's default layouts, by their number.
var places = map[int][]string{
	1: {"FC"}, 2: {"FL", "FR"}, 3: {"FL", "FR", "FC"}, 4: {"FL", "FR", "FC", "BC"}, 5: {"FL", "FR", "FC", "BL", "BR"},
	6: {"FL", "FR", "FC", "LFE", "BL", "BR"}, 7: {"FL", "FR", "FC", "LFE", "BC", "SL", "SR"},
	8: {"FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"},
}

// layouts are FFmpeg's names of channel layouts.
var layouts = map[string][]string{
	"mono": places[1], "stereo": places[2], "downmix": places[2], "2.1": {"FL", "FR", "LFE"}, "3.0": places[3], "3.0(back)": {"FL", "FR", "BC"},
	"4.0": places[4], "quad": {"FL", "FR", "BL", "BR"}, "quad(side)": {"FL", "FR", "SL", "SR"}, "3.1": {"FL", "FR", "FC", "LFE"},
	"4.1": {"FL", "FR", "FC", "LFE", "BC"}, "5.0": places[5], "5.0(side)": {"FL", "FR", "FC", "SL", "SR"},
	"5.1": places[6], "5.1(side)": {"FL", "FR", "FC", "LFE", "SL", "SR"}, "6.1": places[7], "7.1": places[8],
}

// placesOf says where the channels of a sound are heard: as its layout says, or
// as that many usually are.
func placesOf(layout string, n int) []string {
	if p := layouts[layout]; len(p) == n {
		return p
	}
	return places[n]
}

// layoutOf names the channels of an output.
func layoutOf(channels int) string {
	switch channels {
	case 1:
		return "mono"
	case 2:
		return "stereo"
	case 5:
		return "5.0"
	case 6:
		return "5.1"
	case 8:
		return "7.1"
	default:
		return fmt.Sprintf("%dc", channels)
	}
}

// Levels of ITU-R BS.775 for channels that an output does not have.
const (
	half   = 0.5
	threeD = math.Sqrt2 / 2 // −3 dB
)

// spread says where a channel goes when its own place is missing: the first list
// of which all places are there counts.
var spread = map[string][]map[string]float64{
	"FL":  {{"FC": threeD}},
	"FR":  {{"FC": threeD}},
	"FC":  {{"FL": threeD, "FR": threeD}},
	"BL":  {{"SL": 1}, {"FL": threeD}, {"FC": half}},
	"BR":  {{"SR": 1}, {"FR": threeD}, {"FC": half}},
	"SL":  {{"BL": 1}, {"FL": threeD}, {"FC": half}},
	"SR":  {{"BR": 1}, {"FR": threeD}, {"FC": half}},
	"BC":  {{"BL": threeD, "BR": threeD}, {"SL": threeD, "SR": threeD}, {"FL": half, "FR": half}, {"FC": half}},
	"LFE": {},
}

// conform is the matrix that gives channels at some places the places of an
// output, with the levels of BS.775. One channel alone is heard at full level on
// both sides.
func conform(out, in []string) matrix {
	m := newMatrix(len(out), len(in))
	both := slices.Contains(in, "BL") && slices.Contains(in, "SL")
	for i, place := range in {
		if o := slices.Index(out, place); o >= 0 {
			m[o][i] = 1
			continue
		}
		for _, to := range spread[place] {
			there := true
			for p := range to {
				there = there && slices.Contains(out, p)
			}
			if !there {
				continue
			}
			for p, gain := range to {
				if len(in) == 1 {
					gain = 1
				}
				if both && gain == 1 && len(in) > 1 {
					gain = threeD // two pairs become one
				}
				m[slices.Index(out, p)][i] = gain
			}
			break
		}
	}
	if both && !(slices.Contains(out, "BL") && slices.Contains(out, "SL")) {
		for i, place := range in {
			if o := slices.Index(out, place); o >= 0 && slices.Contains([]string{"BL", "BR", "SL", "SR"}, place) {
				m[o][i] = threeD
			}
		}
	}
	return m
}

// seat is the matrix from n channels with a layout to the channels of an output.
func seat(out int, layout string, n int) matrix {
	to, from := places[out], placesOf(layout, n)
	if to == nil || from == nil || out == n {
		return straight(out, n)
	}
	return conform(to, from)
}
