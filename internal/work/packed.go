package work

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"spool/internal/dash"
	"spool/internal/mp4"
	"spool/internal/plan"
	"spool/internal/spool"
)

// stream is one proven stream of a DASH or CMAF group.
type packedStream struct {
	plan     *plan.Packed
	output   *plan.Output
	told     dash.Packed // what the packager says of it
	track    mp4.Track
	header   int64 // bytes of the initialization segment, or before the first fragment
	segments []packedSegment
	samples  int64
	bytes    int64
	length   time.Duration // from the first sample shown to the end of the last
	average  int64         // bits/s
	peak     int64         // of the heaviest segment, bits/s
	video    *plan.Video
	audio    *plan.Audio
}

// packedSegment is one segment: a file, or a span of the only one.
type packedSegment struct {
	staged       string
	offset, size int64
	ticks        uint64
	length       time.Duration
	fragments    []mp4.Fragment
}

// packedGroup proves all streams of a DASH or CMAF group.
func (v *verifier) packedGroup(ctx context.Context, g *plan.Group) ([]packedStream, error) {
	text, err := os.ReadFile(filepath.Join(v.dir, g.Pack.Manifest))
	if err != nil {
		return nil, v.unfinished("the packager's manifest %s is missing", g.Pack.Manifest)
	}
	told, err := dash.Parse(text)
	if err != nil {
		return nil, v.unfinished("the packager's manifest %s is broken: %v", g.Pack.Manifest, err)
	}
	byFile := map[string]dash.Packed{}
	for _, t := range told {
		byFile[t.File] = t
	}
	var streams []packedStream
	for i := range g.Outputs {
		o := &g.Outputs[i]
		for k := range o.Packed {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			p := &o.Packed[k]
			t, ok := byFile[p.StagedInit(g.Pack.Single)]
			if !ok {
				return nil, v.unfinished("the packager tells nothing of %s", p.StagedInit(g.Pack.Single))
			}
			s := packedStream{plan: p, output: o, told: t}
			switch p.Kind {
			case "video":
				s.video = o.Video
			case "audio":
				s.audio = &o.Audio[p.Track]
			}
			if err := v.packedStream(g, &s); err != nil {
				return nil, err
			}
			streams = append(streams, s)
		}
	}
	return streams, nil
}

// packedStream reads every segment of a stream and compares it with what was
// planned and with what the packager says.
func (v *verifier) packedStream(g *plan.Group, s *packedStream) error {
	if err := v.space(0); err != nil { // the last segments may be joined
		return err
	}
	name := s.plan.StagedInit(g.Pack.Single)
	header, err := v.packedHeader(g, s, name)
	if err != nil {
		return err
	}
	if g.Pack.Single {
		err = v.singleFile(s, name, header)
	} else {
		err = v.segmentFiles(s, header)
	}
	if err != nil {
		return err
	}
	if err := v.mergePacked(g, s); err != nil {
		return err
	}
	if err := s.timeline(v); err != nil {
		return err
	}
	want := s.output.Duration
	if s.video != nil && !s.plan.Trick {
		s.length = frameTime(s.samples, s.video.FrameRate)
		if err := v.packedGrid(g, s); err != nil {
			return err
		}
	} else if s.output.Video != nil {
		want = min(want, s.length) // the picture's length was planned; the sound keeps its own
	}
	if s.plan.Kind == "text" { // which the packager ends with a whole segment
		s.clip(want)
		return nil
	}
	if s.plan.Trick {
		return nil
	}
	return v.length(name, want, s.length)
}

func (v *verifier) packedHeader(g *plan.Group, s *packedStream, name string) (mp4.Header, error) {
	var h mp4.Header
	err := v.readStaged(name, func(f *os.File, size int64) (err error) {
		if h, err = mp4.ReadHeader(f, size); err == nil {
			s.header = size
		}
		return err
	})
	if err != nil {
		return h, err
	}
	if len(h.Tracks) != 1 {
		return h, v.unfinished("%s has %d tracks instead of one", name, len(h.Tracks))
	}
	s.track = h.Tracks[0]
	t := &s.track
	scheme := "" // the packager leaves text in the clear
	if g.Pack.Encrypted != nil && s.plan.Kind != "text" {
		scheme = g.Pack.Encrypted.Scheme
	}
	switch {
	case t.Timescale == 0 || t.Timescale != s.told.Timescale:
		return h, v.unfinished("%s has the timescale %d instead of %d", name, t.Timescale, s.told.Timescale)
	case t.Scheme != scheme:
		return h, v.unfinished("%s is encrypted by %q instead of %q", name, t.Scheme, scheme)
	case s.video != nil && (entryCodecs[t.Entry] != s.video.Codec || t.Width != s.video.Width || t.Height != s.video.Height):
		return h, v.unfinished("%s holds %s %dx%d instead of %s %dx%d", name, t.Entry, t.Width, t.Height, s.video.Codec, s.video.Width, s.video.Height)
	case s.audio != nil && entryCodecs[t.Entry] != s.audio.Codec:
		return h, v.unfinished("%s holds %s instead of %s", name, t.Entry, s.audio.Codec)
	}
	return h, nil
}

// entryCodecs are FFmpeg's names of what sample entries hold.
var entryCodecs = map[string]string{
	"avc1": "h264", "avc3": "h264", "hvc1": "hevc", "hev1": "hevc", "av01": "av1", "vp09": "vp9", "vp08": "vp8",
	"mp4a": "aac", "ac-3": "ac3", "ec-3": "eac3", "Opus": "opus", "fLaC": "flac",
}

// readStaged opens a staged file for a reader. What is wrong with it is a
// failure of the job.
func (v *verifier) readStaged(name string, read func(f *os.File, size int64) error) error {
	size, err := v.size(name)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(v.dir, name))
	if err != nil {
		return fmt.Errorf("open a staged file: %w", err)
	}
	defer f.Close()
	if err := read(f, size); err != nil {
		var failure *spool.Failure
		if errors.As(err, &failure) {
			return failure
		}
		return v.unfinished("%s can't be read back: %v", name, err)
	}
	return nil
}

func (v *verifier) segmentFiles(s *packedStream, h mp4.Header) error {
	for n := range s.told.Segments {
		name := s.plan.StagedSegment(n + 1)
		seg := packedSegment{staged: name}
		if err := v.readStaged(name, func(f *os.File, size int64) (err error) {
			seg.size = size
			seg.fragments, err = mp4.ReadFragments(f, size, h)
			return err
		}); err != nil {
			return err
		}
		s.segments = append(s.segments, seg)
	}
	if _, err := os.Lstat(filepath.Join(v.dir, s.plan.StagedSegment(len(s.segments)+1))); err == nil {
		return v.unfinished("the packager wrote more segments of %s than it tells of", s.plan.Staged)
	}
	return nil
}

func (v *verifier) singleFile(s *packedStream, name string, h mp4.Header) error {
	return v.readStaged(name, func(f *os.File, size int64) error {
		fragments, err := mp4.ReadFragments(f, size, h)
		if err != nil {
			return err
		}
		index, err := mp4.ReadIndex(f, size)
		if err != nil {
			return err
		}
		if index.Offset != s.told.Index.Offset || index.Size != s.told.Index.Size {
			return v.unfinished("the index of %s is not where the packager says", name)
		}
		s.header = s.told.Init.Offset + s.told.Init.Size
		for _, part := range index.Parts {
			seg := packedSegment{staged: name, offset: part.Offset, size: part.Size}
			for len(fragments) > 0 && fragments[0].Offset < part.Offset+part.Size {
				seg.fragments = append(seg.fragments, fragments[0])
				fragments = fragments[1:]
			}
			s.segments = append(s.segments, seg)
		}
		if len(fragments) > 0 || len(index.Parts) == 0 {
			return v.unfinished("the index of %s leaves out fragments", name)
		}
		return nil
	})
}

// timeline checks that the fragments follow each other without a gap from the
// beginning, and gives each segment its length.
func (s *packedStream) timeline(v *verifier) error {
	var next uint64
	shift := uint64(max(0, s.track.Shift))
	for i := range s.segments {
		seg := &s.segments[i]
		if len(seg.fragments) == 0 {
			return v.unfinished("segment %d of %s is empty", i+1, s.plan.Staged)
		}
		seg.ticks = 0
		for k, f := range seg.fragments {
			if f.Decode != next {
				return v.unfinished("segment %d of %s begins at %d instead of %d", i+1, s.plan.Staged, f.Decode, next)
			}
			if s.video != nil && k == 0 && !f.Sync {
				return v.unfinished("segment %d of %s doesn't begin with a key frame", i+1, s.plan.Staged)
			}
			next += f.Duration
			seg.ticks += f.Duration
			s.samples += int64(f.Samples)
		}
		s.bytes += seg.size
	}
	first := s.segments[0].fragments[0]
	if s.video != nil && !s.plan.Trick && first.Earliest != 0 {
		return v.unfinished("%s begins at %d instead of 0", s.plan.Staged, first.Earliest)
	}
	// What the edit list cuts off is sound before the beginning. Of pictures it
	// is only their order, which costs no time.
	if s.audio != nil {
		s.segments[0].ticks -= min(shift, s.segments[0].ticks)
		next -= min(shift, next)
	}
	s.length = ticks(next, s.track.Timescale)
	for i := range s.segments {
		seg := &s.segments[i]
		seg.length = ticks(seg.ticks, s.track.Timescale)
		if seg.length > 0 {
			s.peak = max(s.peak, int64(math.Ceil(float64(seg.size*8)/seg.length.Seconds())))
		}
	}
	if s.length > 0 {
		s.average = int64(float64(s.bytes*8) / s.length.Seconds())
	}
	return nil
}

// clip ends captions with the programme: a segment of what is left when it is
// over is not told of, and neither is what the last one has too much.
func (s *packedStream) clip(end time.Duration) {
	const unseen = 10 * time.Millisecond // no caption is read in that
	most, at := inTicks(end, s.track.Timescale), uint64(0)
	for i := range s.segments {
		seg := &s.segments[i]
		if i > 0 && at+inTicks(unseen, s.track.Timescale) > most {
			s.segments = s.segments[:i]
			break
		}
		seg.ticks = min(seg.ticks, max(most, at+1)-at)
		seg.length = ticks(seg.ticks, s.track.Timescale)
		at += seg.ticks
	}
	s.length = ticks(at, s.track.Timescale)
}

func inTicks(d time.Duration, scale uint32) uint64 {
	return uint64(math.Round(d.Seconds() * float64(scale)))
}

func ticks(n uint64, scale uint32) time.Duration {
	return time.Duration(math.Round(float64(n) / float64(scale) * float64(time.Second)))
}

// packedGrid checks that every segment of a video begins on the first frame at or
// after its multiple of the segment length.
func (v *verifier) packedGrid(g *plan.Group, s *packedStream) error {
	if s.plan.Trick || s.video.Copied { // a copy is cut at the input's own key frames
		return nil
	}
	rate := s.video.FrameRate.Float()
	var at time.Duration
	for n, seg := range s.segments {
		frame := math.Ceil(float64(n)*g.Pack.Segment.Seconds()*rate - 1e-6)
		if off := math.Abs(at.Seconds() - frame/rate); off > 0.5/rate+0.001 {
			return v.unfinished("segment %d of %s begins at %.3f s instead of %.3f s", n+1, s.plan.Staged, at.Seconds(), frame/rate)
		}
		at += seg.length
	}
	return nil
}

// mergePacked joins a last segment that is shorter than allowed to the one before
// (minFinalSegmentLength): fragments may be strung together.
func (v *verifier) mergePacked(g *plan.Group, s *packedStream) error {
	last := len(s.segments) - 1
	if last < 1 || g.Pack.MinSegment == 0 {
		return nil
	}
	var total uint64
	for _, f := range s.segments[last].fragments {
		total += f.Duration
	}
	if ticks(total, s.track.Timescale) >= g.Pack.MinSegment {
		return nil
	}
	into, from := &s.segments[last-1], s.segments[last]
	if from.staged != into.staged {
		if err := appendFile(filepath.Join(v.dir, into.staged), filepath.Join(v.dir, from.staged)); err != nil {
			return err
		}
	}
	for _, f := range from.fragments {
		if from.staged != into.staged {
			f.Offset += into.size
			f.SyncEnd += into.size
		}
		into.fragments = append(into.fragments, f)
	}
	into.size += from.size
	s.segments = s.segments[:last]
	return nil
}
