package probe_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// untrue are files whose headers claim another length than they have, and the
// length that they have in seconds.
var untrue = map[string]float64{
	"mp4-first-pts-10s.mp4":             4, // nothing for 10 s, which MP4 counts
	"mp4-fragmented-bogus-duration.mp4": 1.068,
	"webm-no-duration.webm":             4.938,
}

// noMedia are files that cannot be described.
var noMedia = map[string]bool{
	"MANIFEST.tsv": true, "broken-4k-bytes.mp4": true, "captions-english.srt": true, "captions-imsc.ttml": true, "captions-popon.scc": true,
	"captions-russian.srt": true, "friday-film-480p-cc0.vtt": true, "gopro-truncated-no-moov.mp4": true, "mp4-malformed-free-box.mp4": true,
	"mp4-sample-table-chunk-out-of-range.mp4": true, "not-a-video-text.mp4": true, "zero-length.webm": true,
}

// TestFootage probes real files of many cameras and programs, and compares with
// what ffprobe says.
func TestFootage(t *testing.T) {
	t.Parallel()
	manifest := testkit.SharedMedia(t, "MANIFEST.tsv")
	files, err := filepath.Glob(filepath.Join(filepath.Dir(manifest), "*"))
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, nil)
	for i, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := strconv.Itoa(i) + filepath.Ext(path)
			if err := os.Link(path, filepath.Join(r.folder.Root(), "uploads", key)); err != nil {
				r.put(t, key, path)
			}
			got, err := r.Probe(t.Context(), "s3://uploads/"+key)
			if noMedia[name] {
				if !errors.Is(err, spool.ErrInvalid) {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := ffprobe(t, path)
			length, _ := strconv.ParseFloat(want.Format.Duration, 64)
			if measured, other := untrue[name]; other {
				length = measured
			}
			if math.Abs(length-got.Duration.Seconds()) > 0.01 {
				t.Errorf("the duration is %v, not %v s", got.Duration, length)
			}
			want.Streams = slices.DeleteFunc(want.Streams, func(s stream) bool { return s.Disposition["attached_pic"] == 1 })
			if len(got.Tracks) != len(want.Streams) {
				t.Fatalf("%d tracks; ffprobe says %d", len(got.Tracks), len(want.Streams))
			}
			for k, s := range want.Streams {
				tr := got.Tracks[k]
				if kind := tr.Type; kind != s.Type && kind != spool.TrackData || tr.Width != s.Width && s.Type == "video" || tr.Height != s.Height && s.Type == "video" || tr.Channels != s.Channels {
					t.Errorf("track %d: %+v; ffprobe says %+v", k, tr, s)
				}
				if rate := tr.BitRate; rate != 0 && rate < 1000 && tr.Type == spool.TrackVideo {
					t.Errorf("track %d: %d bits a second", k, rate)
				}
			}
		})
	}
}
