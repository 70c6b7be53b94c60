package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// transport is how FFmpeg's muxer writes the transport stream of an output
// (m3u8Settings; behaviour.md 5.5).
type transport struct {
	pmt     int32
	pids    []int32       // of each stream, in order
	origin  time.Duration // timestamp of the first picture
	options []string      // of the muxer, name=value
	video   bool          // the first stream is video
	// audioDelta is by how much sound comes later than it is (audioPtsOffsetDelta).
	audioDelta time.Duration
}

// The PIDs of the service (behaviour.md 5.5).
const (
	defaultPMT   = 480
	defaultVideo = 481
	defaultAudio = 482
)

// Timestamps begin at two seconds, as the service has it at least (ptsOffset),
// the same in every stream of a group, so that players can change between them.
// muxDelay is how long before its presentation a packet arrives at most: FFmpeg
// begins its clock twice as much after zero.
const (
	defaultOrigin = 2 * time.Second
	leastOrigin   = 250 * time.Millisecond // pictures are decoded up to so much before they are shown
	muxDelay      = 700 * time.Millisecond
)

// tsSettings are the settings that m3u8Settings and m2tsSettings have in common.
type tsSettings struct {
	pmt, video      *int32
	audio           []int32
	program, stream *int32
	pat, pmtEvery   *int32 // ms
	pcrEvery        *int32 // ms
	perPES          *int32 // audio frames
	offset          *int32
	offsetMode      types.TsPtsOffset
	audioDelta      *int32
}

func tsSettingsOf(c *types.ContainerSettings) tsSettings {
	switch {
	case c == nil:
	case c.M3u8Settings != nil:
		m := c.M3u8Settings
		s := tsSettings{m.PmtPid, m.VideoPid, m.AudioPids, m.ProgramNumber, m.TransportStreamId, m.PatInterval, m.PmtInterval, nil, m.AudioFramesPerPes, m.PtsOffset, m.PtsOffsetMode, m.AudioPtsOffsetDelta}
		if m.PcrControl == types.M3u8PcrControlConfiguredPcrPeriod {
			s.pcrEvery = m.MaxPcrInterval
		}
		return s
	case c.M2tsSettings != nil:
		m := c.M2tsSettings
		s := tsSettings{m.PmtPid, m.VideoPid, m.AudioPids, m.ProgramNumber, m.TransportStreamId, m.PatInterval, m.PmtInterval, nil, m.AudioFramesPerPes, m.PtsOffset, m.PtsOffsetMode, m.AudioPtsOffsetDelta}
		if m.PcrControl == types.M2tsPcrControlConfiguredPcrPeriod {
			s.pcrEvery = m.MaxPcrInterval
		}
		return s
	}
	return tsSettings{}
}

func newTransport(o *types.Output, enc *encoding, sounds []sound) transport {
	m := tsSettingsOf(o.ContainerSettings)
	t := transport{pmt: defaultPMT, origin: defaultOrigin, video: enc != nil}
	t.assign(m, enc != nil, len(sounds))
	unit := time.Duration(0)
	switch m.offsetMode {
	case types.TsPtsOffsetSeconds:
		unit = time.Second
	case types.TsPtsOffsetMilliseconds:
		unit = time.Millisecond
	}
	if m.offset != nil && unit > 0 {
		t.origin = max(leastOrigin, time.Duration(*m.offset)*unit)
	}
	t.audioDelta = time.Duration(aws.ToInt32(m.audioDelta)) * unit
	t.option("mpegts_pmt_start_pid", int(t.pmt))
	if n := aws.ToInt32(m.program); n > 1 {
		t.option("mpegts_service_id", int(n))
	}
	if n := aws.ToInt32(m.stream); n > 1 {
		t.option("mpegts_transport_stream_id", int(n))
	}
	// both tables come together: as often as the one that is wanted more often
	if ms := leastPositive(aws.ToInt32(m.pat), aws.ToInt32(m.pmtEvery)); ms > 0 {
		t.options = append(t.options, "pat_period="+seconds(time.Duration(ms)*time.Millisecond))
	}
	if ms := aws.ToInt32(m.pcrEvery); ms > 0 {
		t.option("pcr_period", int(ms))
	}
	if n := aws.ToInt32(m.perPES); n > 0 && len(sounds) > 0 {
		t.option("pes_payload_size", perPES(sounds[0].expect, int(n)))
	}
	return t
}

// perPES gives the bytes of some audio frames of the mean size, and half a frame
// more: the muxer begins a new packet with the frame that would exceed them.
func perPES(a Audio, frames int) int {
	samples := 1024 // AAC
	switch a.Codec {
	case "ac3", "eac3":
		samples = 1536
	case "mp2", "mp3":
		samples = 1152
	}
	bytes := (float64(frames) + 0.5) * float64(a.BitRate) / 8 * float64(samples) / float64(max(1, a.SampleRate))
	return min(64<<10, max(1, int(bytes)))
}

func (t *transport) option(name string, value int) {
	t.options = append(t.options, name+"="+strconv.Itoa(value))
}

// delayed puts the shift of the sound before its inputs, in the arguments that
// copyArgs gives.
func (t transport) delayed(args []string) []string {
	if t.audioDelta == 0 {
		return args
	}
	var out []string
	input := 0
	for _, a := range args {
		if a == "-protocol_whitelist" {
			if input > 0 || !t.video {
				out = append(out, "-itsoffset", seconds(t.audioDelta))
			}
			input++
		}
		out = append(out, a)
	}
	return out
}

// file gives the arguments of a file that is a transport stream by itself.
func (t transport) file(m *types.M2tsSettings) []string {
	args := append(t.args(), "-mpegts_m2ts_mode", "0") // packets of 188 bytes, whatever the name
	for _, o := range t.options {
		name, value, _ := strings.Cut(o, "=")
		args = append(args, "-"+name, value)
	}
	if m == nil {
		return args
	}
	if rate := aws.ToInt32(m.Bitrate); rate > 0 && m.RateMode != types.M2tsRateModeVbr {
		args = append(args, "-muxrate", bps(int64(rate)))
	}
	if s := m.DvbSdtSettings; s != nil && s.OutputSdt != types.OutputSdtSdtNone {
		if s.ServiceName != nil {
			args = append(args, "-metadata", "service_name="+*s.ServiceName)
		}
		if s.ServiceProviderName != nil {
			args = append(args, "-metadata", "service_provider="+*s.ServiceProviderName)
		}
		if s.SdtInterval != nil {
			args = append(args, "-sdt_period", seconds(time.Duration(*s.SdtInterval)*time.Millisecond))
		}
	}
	if n := m.DvbNitSettings; n != nil && aws.ToInt32(n.NetworkId) > 0 {
		args = append(args, "-mpegts_original_network_id", bps(int64(*n.NetworkId)))
	}
	return args
}

func leastPositive(a, b int32) int32 {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}

// assign gives the program's PIDs: the service's defaults or the job's.
func (t *transport) assign(m tsSettings, video bool, sounds int) {
	if m.pmt != nil {
		t.pmt = *m.pmt
	}
	taken := map[int32]bool{t.pmt: true}
	if video {
		pid := int32(defaultVideo)
		if m.video != nil {
			pid = *m.video
		}
		t.pids = append(t.pids, pid)
		taken[pid] = true
	}
	for k := range min(sounds, len(m.audio)) {
		taken[m.audio[k]] = true
	}
	next := int32(defaultAudio)
	for k := range sounds {
		for taken[next] {
			next++
		}
		pid := next
		if k < len(m.audio) {
			pid = m.audio[k]
		}
		taken[pid] = true
		t.pids = append(t.pids, pid)
	}
}

// args are the arguments before the muxer's name.
func (t transport) args() []string {
	var args []string
	for k, pid := range t.pids {
		args = append(args, "-streamid", fmt.Sprintf("%d:%d", k, pid))
	}
	delay := min(muxDelay, t.origin/2)
	return append(args, "-avoid_negative_ts", "disabled",
		"-muxdelay", seconds(delay), "-output_ts_offset", seconds(t.origin-2*delay))
}

// muxer gives the options of the muxer as one argument. All of them are numbers
// of ours.
func (t transport) muxer() string { return strings.Join(t.options, ":") }

// hlsTime is the segment length for FFmpeg's muxer, half a tick of its 90 kHz
// clock short: a key frame that lies exactly on the boundary may be rounded
// before it.
func hlsTime(length spool.Rational) string {
	return strconv.FormatFloat(length.Float()-0.000006, 'f', 6, 64)
}
