package work

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/mp4"
)

// Captions in fragmented MP4 end with the programme, however long the packager
// makes their last segment.
func TestClipText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		end     time.Duration
		lengths []uint64
		want    []uint64
	}{
		{2 * time.Second, []uint64{1000, 1000}, []uint64{1000, 1000}},
		{2500 * time.Millisecond, []uint64{1000, 1000, 1000}, []uint64{1000, 1000, 500}},
		{2002 * time.Millisecond, []uint64{1001, 1001, 1001}, []uint64{1001, 1001}},
		{2004 * time.Millisecond, []uint64{1001, 1001, 1001}, []uint64{1001, 1001}},
		{3 * time.Second, []uint64{1000, 1000}, []uint64{1000, 1000}}, // nothing is said at the end
	} {
		s := packedStream{track: mp4.Track{Timescale: 1000}}
		var total uint64
		for _, n := range tc.lengths {
			s.segments = append(s.segments, packedSegment{ticks: n, length: ticks(n, 1000)})
		}
		s.clip(tc.end)
		var got []uint64
		for _, seg := range s.segments {
			got = append(got, seg.ticks)
			total += seg.ticks
			if seg.length != ticks(seg.ticks, 1000) {
				t.Errorf("%s: the segment of %d ticks lasts %s", tc.end, seg.ticks, seg.length)
			}
		}
		if d := cmp.Diff(tc.want, got); d != "" || s.length != ticks(total, 1000) || s.length > tc.end {
			t.Errorf("%s: %s, %s", tc.end, s.length, d)
		}
	}
}
