package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/plan"
	"spool/internal/spool"
	"spool/internal/testkit"
	"spool/internal/work"
)

// streamAndStills is a small HLS ladder with captures beside it.
const streamAndStills = `{"Settings":{"Inputs":[{"FileInput":"s3://in/clip.mp4","AudioSelectors":{"Audio Selector 1":{"DefaultSelection":"DEFAULT"}}}],
"OutputGroups":[
 {"OutputGroupSettings":{"Type":"HLS_GROUP_SETTINGS","HlsGroupSettings":{"Destination":"s3://out/v/","SegmentLength":2,"MinSegmentLength":0}},
  "Outputs":[{"NameModifier":"_a","ContainerSettings":{"Container":"M3U8"},
   "VideoDescription":{"Width":160,"Height":90,"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":400000,"QualityTuningLevel":"SINGLE_PASS"}}},
   "AudioDescriptions":[{"CodecSettings":{"Codec":"AAC","AacSettings":{"Bitrate":96000,"CodingMode":"CODING_MODE_2_0","SampleRate":48000}}}]}]},
 {"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://out/v/still"}},
  "Outputs":[{"ContainerSettings":{"Container":"RAW"},"VideoDescription":{"CodecSettings":{"Codec":"FRAME_CAPTURE","FrameCaptureSettings":{"FramerateNumerator":1,"FramerateDenominator":1,"Quality":80}}}}]}]}}`

// bench is a runner over real tools with its folders.
type bench struct {
	runner *work.Runner
	local  *localObjects
	order  spool.WorkOrder
}

func newBench(t *testing.T, job, clip string) bench {
	t.Helper()
	testkit.NeedTools(t)
	found, err := findTools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	local, err := openLocal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { local.root.Close() })
	local.inputs["s3://in/clip.mp4"] = clip
	req, err := mediaconvert.DecodeRequest([]byte(job), mediaconvert.FormFile)
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := req.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	staging := filepath.Join(local.dir, ".staging")
	return bench{
		local:  local,
		order:  spool.WorkOrder{JobID: "1795212773202-abcdef", Attempt: 1, Settings: resolved.Settings, Started: time.Now()},
		runner: &work.Runner{Tools: found, CC: found, Objects: local, Staging: staging, Log: slog.New(slog.NewTextHandler(t.Output(), nil))},
	}
}

// published lists what lies in the buckets.
func (b bench) published(t *testing.T) []string {
	t.Helper()
	return files(t, b.local.dir, ".staging")
}

func files(t *testing.T, dir, skip string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == skip {
				return fs.SkipDir
			}
			return err
		}
		rel, err := filepath.Rel(dir, path)
		names = append(names, rel)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func fiveSeconds(t *testing.T) string {
	return testkit.Clip(t, testkit.ClipSpec{Seconds: 5, W: 320, H: 180, FPS: spool.Rational{Num: 30, Den: 1}, Audio: testkit.Stereo})
}

var wantPublished = []string{
	"out/v/clip.m3u8", "out/v/clip_a.m3u8", "out/v/clip_a_00001.ts", "out/v/clip_a_00002.ts", "out/v/clip_a_00003.ts",
	"out/v/still.0000000.jpg", "out/v/still.0000001.jpg", "out/v/still.0000002.jpg", "out/v/still.0000003.jpg", "out/v/still.0000004.jpg",
}

// sabotaged tools do their work for real, and then something happens to what
// they left.
type sabotaged struct {
	work.Tools
	after   func(dir string) error
	encodes atomic.Int32
}

func (s *sabotaged) Encode(ctx context.Context, c work.Command) (work.Outcome, error) {
	s.encodes.Add(1)
	out, err := s.Tools.Encode(ctx, c)
	if err == nil && s.after != nil {
		err = s.after(c.Dir)
	}
	return out, err
}

// TestNothingHalf: whatever is wrong with what FFmpeg leaves behind, although it
// said all was well, the job fails, nothing is published, and the staging
// folder is gone.
func TestNothingHalf(t *testing.T) {
	t.Parallel()
	clip := fiveSeconds(t)
	for name, after := range map[string]func(dir string) error{
		"a segment is missing":      func(dir string) error { return os.Remove(filepath.Join(dir, "g0_o0_00002.ts")) },
		"a segment is empty":        func(dir string) error { return os.Truncate(filepath.Join(dir, "g0_o0_00002.ts"), 0) },
		"a segment is cut":          func(dir string) error { return os.Truncate(filepath.Join(dir, "g0_o0_00001.ts"), 18800) },
		"the playlist is cut":       func(dir string) error { return os.Truncate(filepath.Join(dir, "g0_o0.m3u8"), 120) },
		"the playlist is gone":      func(dir string) error { return os.Remove(filepath.Join(dir, "g0_o0.m3u8")) },
		"the first capture is gone": func(dir string) error { return os.Remove(filepath.Join(dir, "g1_o0_0000000.jpg")) },
		"captures are missing": func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "g1_o0_0000001.jpg")), os.Remove(filepath.Join(dir, "g1_o0_0000002.jpg")))
		},
		"a capture is empty": func(dir string) error { return os.Truncate(filepath.Join(dir, "g1_o0_0000004.jpg"), 0) },
		"the folder is gone": func(dir string) error { return os.RemoveAll(dir) },
		"a segment is a link": func(dir string) error {
			name := filepath.Join(dir, "g0_o0_00001.ts")
			return errors.Join(os.Rename(name, name+".x"), os.Symlink(name+".x", name))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, streamAndStills, clip)
			b.runner.Tools = &sabotaged{Tools: b.runner.Tools, after: after}
			_, err := b.runner.Run(t.Context(), b.order, work.Observer{})
			var failure *spool.Failure
			if !errors.As(err, &failure) {
				t.Fatalf("got %v, want a failure", err)
			}
			if strings.Contains(failure.Message, b.local.dir) {
				t.Errorf("the message shows a path of this machine: %s", failure.Message)
			}
			if got := b.published(t); len(got) > 0 {
				t.Errorf("published: %q", got)
			}
			if _, err := os.Stat(filepath.Join(b.runner.Staging, b.order.JobID)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the staging folder is still there: %v", err)
			}
		})
	}
}

// stopAfter ends the run's context once n objects are published, as a kill or a
// stop in the middle of publishing would.
type stopAfter struct {
	work.Objects
	n    atomic.Int32
	stop context.CancelFunc
}

func (s *stopAfter) Publish(ctx context.Context, staged string, o spool.Object) error {
	if err := s.Objects.Publish(ctx, staged, o); err != nil {
		return err
	}
	if s.n.Add(-1) == 0 {
		s.stop()
	}
	return nil
}

// TestResume: a run that was stopped while it published goes on where it was:
// nothing is encoded again, and all is there once, whole.
func TestResume(t *testing.T) {
	t.Parallel()
	clip := fiveSeconds(t)
	for _, n := range []int32{1, 4, int32(len(wantPublished) - 1)} {
		b := newBench(t, streamAndStills, clip)
		counted := &sabotaged{Tools: b.runner.Tools}
		b.runner.Tools = counted
		ctx, cancel := context.WithCancel(t.Context())
		interrupted := &stopAfter{Objects: b.local, stop: cancel}
		interrupted.n.Store(n)
		b.runner.Objects = interrupted
		if _, err := b.runner.Run(ctx, b.order, work.Observer{}); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped after %d objects: %v", n, err)
		}
		if got := b.published(t); len(got) != int(n) {
			t.Fatalf("%d objects are published, want %d: %q", len(got), n, got)
		}
		for _, name := range b.published(t) {
			if strings.HasSuffix(name, ".m3u8") && n < int32(len(wantPublished)-2) {
				t.Errorf("the manifest %s is published before all it names", name)
			}
		}
		b.runner.Objects = &resumable{b.local}
		result, err := b.runner.Run(t.Context(), b.order, work.Observer{})
		if err != nil {
			t.Fatal(err)
		}
		again, err := b.runner.Run(t.Context(), b.order, work.Observer{}) // a second delivery of the same order
		if err != nil {
			t.Fatal(err)
		}
		if counted.encodes.Load() != 2 { // the encode and one package
			t.Errorf("ffmpeg ran %d times", counted.encodes.Load())
		}
		if got := b.published(t); !slices.Equal(got, wantPublished) {
			t.Errorf("published %q, want %q", got, wantPublished)
		}
		first, _ := json.Marshal(result.Groups)
		second, _ := json.Marshal(again.Groups)
		if !bytes.Equal(first, second) {
			t.Errorf("a second delivery tells another result:\n%s\n%s", first, second)
		}
	}
}

// resumable forgives that a staged file is gone when its object is there, as
// work.Objects promises; the command line never resumes, so localObjects does not.
type resumable struct{ *localObjects }

func (r *resumable) Publish(ctx context.Context, staged string, o spool.Object) error {
	if _, err := os.Stat(staged); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(r.dir, o.Bucket, o.Key)); err == nil {
			return nil
		}
	}
	return r.localObjects.Publish(ctx, staged, o)
}

// TestCancel: a job that is stopped while it encodes ends with the context's
// error and leaves nothing.
func TestCancel(t *testing.T) {
	t.Parallel()
	b := newBench(t, streamAndStills, fiveSeconds(t))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := b.runner.Run(ctx, b.order, work.Observer{Plan: func(*plan.Plan) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := files(t, b.local.dir, "none"); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
}

// TestRefusedAtTheEnd: without leave to publish nothing is.
func TestRefusedAtTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, streamAndStills, fiveSeconds(t))
	_, err := b.runner.Run(t.Context(), b.order, work.Observer{MayPublish: func(context.Context) error { return errors.New("no") }})
	if err == nil {
		t.Fatal("published without leave")
	}
	if got := files(t, b.local.dir, "none"); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
}

// TestDiskReserve: a job does not start on a disk that is nearly full.
func TestDiskReserve(t *testing.T) {
	t.Parallel()
	b := newBench(t, streamAndStills, fiveSeconds(t))
	b.runner.Reserve = 1 << 60
	_, err := b.runner.Run(t.Context(), b.order, work.Observer{})
	var failure *spool.Failure
	if !errors.As(err, &failure) || failure.Code != spool.CodeDiskFull {
		t.Fatalf("got %v, want a failure of code %d", err, spool.CodeDiskFull)
	}
}

// TestOneNameTwice: where a segment or a picture gets the name of another file,
// or of an input, the job fails before anything is published.
func TestOneNameTwice(t *testing.T) {
	t.Parallel()
	const file = `{"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://out/v/clip"}},
  "Outputs":[{"NameModifier":"_a_00001","Extension":"ts","ContainerSettings":{"Container":"M2TS"},"VideoDescription":{"Width":160,"Height":90,"CodecSettings":{"Codec":"H_264","H264Settings":{"RateControlMode":"QVBR","MaxBitrate":400000,"QualityTuningLevel":"SINGLE_PASS"}}}}]},`
	clip := fiveSeconds(t)
	for name, c := range map[string]struct{ job, want string }{
		"a segment and a file":                      {strings.Replace(streamAndStills, `"OutputGroups":[`, `"OutputGroups":[`+file, 1), "s3://out/v/clip_a_00001.ts"},
		"a segment and a file, the other way round": {strings.TrimSuffix(streamAndStills, "]}}") + "," + strings.TrimSuffix(file, ",") + "]}}", "s3://out/v/clip_a_00001.ts"},
		"a picture and the input":                   {strings.Replace(streamAndStills, "s3://in/clip.mp4", "s3://out/v/still.0000002.jpg", 1), "s3://out/v/still.0000002.jpg"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, c.job, clip)
			b.local.inputs["s3://out/v/still.0000002.jpg"] = clip
			b.fails(t, spool.CodeIncompatible, "Duplicate output path ["+c.want+"] found in job.")
		})
	}
}

// filling are buckets on a disk that fills up: free gives the bytes that are left
// when they are asked for the nth time.
type filling struct {
	work.Objects
	free  func(asked int) int64
	asked atomic.Int32
}

func (f *filling) FreeBytes() (int64, error) { return f.free(int(f.asked.Add(1))), nil }

// TestDiskFillsUp: what FFmpeg leaves is packaged and made anew only where there
// is room for it.
func TestDiskFillsUp(t *testing.T) {
	t.Parallel()
	clip := fiveSeconds(t)
	room := func(t *testing.T, job string, after int64) (bench, *sabotaged) {
		b := newBench(t, job, clip)
		s := &sabotaged{Tools: b.runner.Tools}
		b.runner.Tools, b.runner.Reserve = s, 1<<20
		b.runner.Objects = &filling{Objects: b.local, free: func(int) int64 {
			if s.encodes.Load() == 0 {
				return 1 << 30
			}
			return after
		}}
		return b, s
	}
	t.Run("segments", func(t *testing.T) {
		t.Parallel()
		b, _ := room(t, streamAndStills, 1<<20-1)
		b.fails(t, spool.CodeDiskFull, "1 MB must stay free")
	})
	t.Run("packages", func(t *testing.T) {
		t.Parallel()
		testkit.NeedPackager(t)
		b, s := room(t, packedJob("CMAF_GROUP_SETTINGS", `"SegmentLength":2,"FragmentLength":1`, rung("_v", "CMFC", "160", h264Fast), soundOutput("_a", "CMFC")), 1<<20+20_000)
		b.runner.Tools = mispacked{s, func(string) error { t.Error("it was packaged all the same"); return nil }}
		b.fails(t, spool.CodeDiskFull, "the job needs 1 MB more")
	})
}

// TestMergedTail: a last segment that is too short joins the one before it, and
// no frame is lost.
func TestMergedTail(t *testing.T) {
	t.Parallel()
	job := strings.Replace(streamAndStills, `"MinSegmentLength":0`, `"MinFinalSegmentLength":1.5`, 1)
	b := newBench(t, job, fiveSeconds(t))
	result, err := b.runner.Run(t.Context(), b.order, work.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	var segments []time.Duration
	for _, f := range result.Groups[0].Outputs[0].Files {
		if f.Kind == spool.FileSegment {
			segments = append(segments, f.Duration)
		}
	}
	if !slices.Equal(segments, []time.Duration{2 * time.Second, 3 * time.Second}) {
		t.Errorf("segments of %s", segments)
	}
	numbers := testkit.FrameNumbers(t, filepath.Join(b.local.dir, "out/v/clip_a.m3u8"))
	if len(numbers) != 150 || !slices.IsSorted(numbers) || numbers[0] != 0 || numbers[149] != 149 {
		t.Errorf("%d frames, from %d to %d", len(numbers), numbers[0], numbers[len(numbers)-1])
	}
}
