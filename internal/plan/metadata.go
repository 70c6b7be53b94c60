package plan

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/hls/ts"
	"spool/internal/spool"
)

var errNoTag = errors.New("not an ID3v2 tag")

// The service's PID of timed metadata, and how often it tells the time (fields.md).
const (
	defaultMetadataPID    = 502
	defaultMetadataPeriod = 10 * time.Second
)

// metadata plans the timed metadata of a transport stream; nil is none. It is
// written where timedMetadata is PASSTHROUGH: the time of day, and the tags of
// timedMetadataInsertion.
func (b *builder) metadata(hs *types.HlsGroupSettings, m *types.M3u8Settings) *Metadata {
	if m == nil || m.TimedMetadata != types.TimedMetadataPassthrough {
		return nil
	}
	d := &Metadata{PID: defaultMetadataPID}
	if m.TimedMetadataPid != nil {
		d.PID = int(*m.TimedMetadataPid)
	}
	switch hs.TimedMetadataId3Frame {
	case types.HlsTimedMetadataId3FramePriv, types.HlsTimedMetadataId3FrameTdrl:
		d.Frame = string(hs.TimedMetadataId3Frame)
		d.Start = b.programStart().Add(time.Duration(aws.ToInt32(hs.TimestampDeltaMilliseconds)) * time.Millisecond)
		d.Period = defaultMetadataPeriod
		if p := aws.ToInt32(hs.TimedMetadataId3Period); p > 0 {
			d.Period = time.Duration(p) * time.Second
		}
	}
	if t := b.settings.TimedMetadataInsertion; t != nil {
		for k, in := range t.Id3Insertions {
			data, err := base64.StdEncoding.DecodeString(aws.ToString(in.Id3))
			if err == nil && !ts.Whole(data) {
				err = errNoTag
			}
			at, ok := b.sinceStart(aws.ToString(in.Timecode))
			if err != nil || !ok || at < 0 || at > b.prog.duration {
				b.warn(spool.WarnSettingIgnored, fmt.Sprintf("/timedMetadataInsertion/id3Insertions/%d", k), "The tag is not in the output: it is no ID3v2 tag, or its timecode lies outside of the output.")
				continue
			}
			d.Tags = append(d.Tags, MetadataTag{At: at, Data: data})
		}
		slices.SortStableFunc(d.Tags, func(x, y MetadataTag) int { return cmp.Compare(x.At, y.At) })
	}
	if d.Frame == "" && len(d.Tags) == 0 {
		return nil
	}
	return d
}

// sinceStart gives the time from the first picture to a timecode of the output.
func (b *builder) sinceStart(code string) (time.Duration, bool) {
	at, _, ok := parseTimecode(code)
	start, _, known := parseTimecode(b.startCode())
	rate := b.prog.follow.rate
	if !ok || !rate.Valid() {
		return 0, false
	}
	if !known {
		start = timecode{}
	}
	fps, drop := nominal(rate), at.drop || start.drop
	n := at.frames(fps, drop) - start.frames(fps, drop)
	return time.Duration(float64(n) / rate.Float() * float64(time.Second)), true
}
