package work

import (
	"context"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"time"

	"spool/internal/plan"
	"spool/internal/spool"
)

// staged is what a run left in the staging folder, proven and named.
type staged struct {
	groups   []spool.OutputGroup
	files    []journalFile // in the order of publishing: manifests last
	warnings []spool.Warning
}

// verify looks at every planned output and accepts none that is missing, empty,
// cut off, short of frames or not what was planned. FFmpeg's exit status proves
// none of that (hostile-input.md).
func (r *Runner) verify(ctx context.Context, dir string, p *plan.Plan, out Outcome) (staged, error) {
	v := &verifier{tools: r.Tools, space: r.checkSpace, dir: dir, plan: p, run: out, taken: map[string]bool{}}
	for _, in := range p.Inputs {
		v.taken[in.URI] = true
	}
	if budget := errorBudget(p); out.ErrorLines > budget {
		return staged{}, spool.Failf(spool.CodeUnsupportedCodec,
			"The input [%s] is damaged: decoding reported %d errors, more than the %d that are let pass.", v.uri(), out.ErrorLines, budget)
	}
	for gi := range p.Groups {
		if err := v.group(ctx, &p.Groups[gi]); err != nil {
			return staged{}, err
		}
		if err := v.logs(&p.Groups[gi], v.groups[gi].Outputs); err != nil {
			return staged{}, err
		}
	}
	switch {
	case out.Truncated:
		v.warn(spool.WarnTruncated, "The input [%s] is truncated: what there is of it was used.", v.uri())
	case out.ErrorLines > 0:
		v.warn(spool.WarnPartUndecoded, "Part of the input [%s] could not be decoded: %d errors were reported.", v.uri(), out.ErrorLines)
	}
	v.files = append(v.files, v.manifests...)
	return v.staged, nil
}

// errorBudget is how many error lines a run may print: a few, and some more
// with the length of the programme.
func errorBudget(p *plan.Plan) int {
	return 50 + int(p.Duration.Seconds())
}

type verifier struct {
	staged
	tools     Tools
	space     func(bytes int64) error // checkSpace of the runner
	dir       string
	plan      *plan.Plan
	run       Outcome
	manifests []journalFile
	taken     map[string]bool // URIs of inputs and of what is in the result
}

func (v *verifier) uri() string { return firstInput(v.plan) }

// warn notes a warning about the input: there is one only.
func (v *verifier) warn(code int, format string, args ...any) {
	v.warnings = append(v.warnings, spool.Warning{Code: code, Pointer: "/inputs/0", Message: fmt.Sprintf(format, args...)})
}

func (v *verifier) group(ctx context.Context, g *plan.Group) error {
	result := spool.OutputGroup{Type: g.Type}
	if g.Pack != nil {
		streams, err := v.packedGroup(ctx, g)
		if err == nil {
			result.Outputs, err = v.namePacked(g, streams)
		}
		if err == nil {
			result.Playlists, err = v.packedManifests(g, streams, result.Outputs)
		}
		v.groups = append(v.groups, result)
		return err
	}
	var children []child
	var files []smoothOutput
	for i := range g.Outputs {
		o := &g.Outputs[i]
		var done spool.Output
		var err error
		switch o.Kind {
		case plan.KindFile:
			done, err = v.file(ctx, g, o)
		case plan.KindCapture:
			done, err = v.captures(ctx, g, o)
		case plan.KindCaptions:
			done, err = v.sidecar(g, o)
		case plan.KindCaptionStream: // which follows the others
			children = append(children, child{})
		case plan.KindSmooth:
			var s smoothOutput
			s, done, err = v.smoothFile(ctx, g, o)
			files = append(files, s)
		case plan.KindHLS:
			var c child
			if c, err = v.stream(ctx, g, o); err == nil {
				children = append(children, c)
				done = c.output
			}
		default:
			err = fmt.Errorf("unknown kind of output %q", o.Kind)
		}
		if err != nil {
			return err
		}
		result.Outputs = append(result.Outputs, done)
	}
	for i := range g.Outputs {
		o := &g.Outputs[i]
		if o.Kind != plan.KindCaptionStream || o.HLS == nil {
			continue
		}
		c, err := v.captionStream(g, o, children)
		if err != nil {
			return err
		}
		children[i], result.Outputs[i] = c, c.output
	}
	if g.Master != nil {
		images, err := v.images(ctx, g, result.Outputs)
		if err != nil {
			return err
		}
		uris, err := v.masters(g, children, images)
		if err != nil {
			return err
		}
		result.Playlists = uris
	}
	if g.Smooth != nil {
		uris, err := v.smoothManifests(g, files)
		if err != nil {
			return err
		}
		result.Playlists = uris
	}
	v.groups = append(v.groups, result)
	return nil
}

// add takes a staged file into the result and gives its entry. Two files of one
// name are a failure: the plan compares names too, but some are known only when
// the segments and pictures are counted, and one would be published over the other.
func (v *verifier) add(g *plan.Group, name, key string, kind spool.FileKind, contentType string, length time.Duration) (spool.OutputFile, error) {
	size, err := v.size(name)
	if err != nil {
		return spool.OutputFile{}, err
	}
	uri := spool.S3URI(g.Bucket, key)
	if v.taken[uri] {
		return spool.OutputFile{}, spool.Failf(spool.CodeIncompatible, "Duplicate output path [%s] found in job. Change the name modifier or the destination of one of the two.", uri)
	}
	v.taken[uri] = true
	f := spool.OutputFile{URI: uri, Kind: kind, ContentType: contentType, Size: size, Duration: length}
	entry := journalFile{Staged: name, Bucket: g.Bucket, Key: key, ContentType: contentType}
	if kind == spool.FileManifest {
		v.manifests = append(v.manifests, entry)
	} else {
		v.files = append(v.files, entry)
	}
	return f, nil
}

// size gives the size of a staged file; missing and empty ones are failures.
func (v *verifier) size(name string) (int64, error) {
	info, err := os.Lstat(filepath.Join(v.dir, name))
	switch {
	case err != nil:
		return 0, v.unfinished("the output %s is missing", name)
	case !info.Mode().IsRegular() || info.Size() == 0:
		return 0, v.unfinished("the output %s is empty", name)
	}
	return info.Size(), nil
}

// unfinished is the failure of an output that FFmpeg did not write as planned.
// The user can do nothing about the detail; a truncated input he can.
func (v *verifier) unfinished(format string, args ...any) *spool.Failure {
	f := spool.Failf(spool.CodeUnexpected, "An output is not what was planned, and nothing was published: %s.", fmt.Sprintf(format, args...))
	if v.run.Truncated {
		f = v.truncated(0)
	}
	f.Detail = fmt.Sprintf(format, args...)
	return f
}

func (v *verifier) truncated(got time.Duration) *spool.Failure {
	return spool.Failf(spool.CodeTruncated,
		"Demuxer: [ReadPacketData File read failed - end of file hit at length [%d]. Is file truncated?] The input [%s] declares %.3f s and holds %.3f s.",
		got.Milliseconds(), v.uri(), v.plan.Duration.Seconds(), got.Seconds())
}

// tolerance is how far a duration may be from the planned one.
func tolerance(d time.Duration) time.Duration { return max(300*time.Millisecond, d/100) }

// length checks a duration against the plan. Too short means a truncated
// input, or one whose header lies; the outputs would pass for whole.
func (v *verifier) length(name string, want, got time.Duration) error {
	if got < want-tolerance(want) {
		f := v.truncated(got)
		f.Detail = fmt.Sprintf("%s lasts %s, planned were %s", name, got, want)
		return f
	}
	if got > want+tolerance(want) {
		v.warn(spool.WarnLongerDeclared, "The input [%s] declares %.3f s but holds %.3f s.", v.uri(), want.Seconds(), got.Seconds())
	}
	return nil
}

// streams compares what is in an output with what was planned, and gives the
// video stream, nil without one.
func (v *verifier) streams(name string, o *plan.Output, got Inspection) (*Stream, error) {
	var video *Stream
	var audio []Stream
	for i := range got.Streams {
		switch got.Streams[i].Kind {
		case "video":
			video = &got.Streams[i]
		case "audio":
			audio = append(audio, got.Streams[i])
		}
	}
	switch {
	case o.Video != nil && video == nil:
		return nil, v.unfinished("%s has no video", name)
	case o.Video != nil && (video.Codec != o.Video.Codec || video.Width != o.Video.Width || video.Height != o.Video.Height):
		return nil, v.unfinished("%s holds %s %dx%d instead of %s %dx%d", name, video.Codec, video.Width, video.Height, o.Video.Codec, o.Video.Width, o.Video.Height)
	case o.Video != nil && video.Frames == 0:
		return nil, spool.Failf(spool.CodeNoVideo, "Decoder closed. No pictures decoded of the input [%s].", v.uri())
	case o.Video != nil && !o.Video.Copied && !sameFields(o.Video.Fields, video.FieldOrder):
		return nil, v.unfinished("%s has the field order %s instead of %q", name, video.FieldOrder, o.Video.Fields)
	case len(audio) != len(o.Audio):
		return nil, v.unfinished("%s has %d audio streams instead of %d", name, len(audio), len(o.Audio))
	}
	for i, want := range o.Audio {
		a := audio[i]
		if a.Codec != want.Codec || a.Channels != want.Channels || a.SampleRate != want.SampleRate {
			return nil, v.unfinished("%s: audio %d is %s with %d channels at %d Hz instead of %s with %d at %d", name, i+1,
				a.Codec, a.Channels, a.SampleRate, want.Codec, want.Channels, want.SampleRate)
		}
		if a.Frames == 0 {
			return nil, spool.Failf(spool.CodeNoAudio, "No audio frames decoded on [selector-(Audio Selector 1)-track-%d-drc]", i+1)
		}
	}
	return video, nil
}

// sameFields tells whether a stream's field order is the planned one; not every
// container and codec says it.
func sameFields(planned, found string) bool {
	switch found {
	case "tt", "tb":
		return planned == "tff"
	case "bb", "bt":
		return planned == "bff"
	case "progressive":
		return planned == ""
	default:
		return true
	}
}

// file proves one media file.
func (v *verifier) file(ctx context.Context, g *plan.Group, o *plan.Output) (spool.Output, error) {
	size, err := v.size(o.Staged)
	if err != nil {
		return spool.Output{}, err
	}
	if o.Video != nil && o.Video.FrameBytes > 0 {
		return v.pictures(g, o, size)
	}
	got, err := v.tools.Inspect(ctx, filepath.Join(v.dir, o.Staged))
	if err != nil {
		return spool.Output{}, v.unreadable(ctx, o.Staged, err)
	}
	video, err := v.streams(o.Staged, o, got)
	if err != nil {
		return spool.Output{}, err
	}
	length := got.Duration
	if video != nil && video.Codec == "vp8" {
		// packets of pictures that are never shown are counted too
		video.Frames = min(video.Frames, int64(math.Round(got.Duration.Seconds()*o.Video.FrameRate.Float())))
	}
	if video != nil && !o.Video.Copied {
		length = frameTime(video.Frames, o.Video.FrameRate)
	} else if played := soundTime(got); played > 0 {
		length = played
	}
	if err := v.length(o.Staged, o.Duration, length); err != nil {
		return spool.Output{}, err
	}
	f, err := v.add(g, o.Staged, o.Key, spool.FileMedia, o.ContentType, length)
	if err != nil {
		return spool.Output{}, err
	}
	done := describe(o, video, got, length)
	done.Paths = []string{f.URI}
	done.Files = []spool.OutputFile{f}
	return done, nil
}

// pictures proves a file that holds nothing but pictures: its size tells how many.
func (v *verifier) pictures(g *plan.Group, o *plan.Output, size int64) (spool.Output, error) {
	if size%o.Video.FrameBytes != 0 {
		return spool.Output{}, v.unfinished("%s has %d bytes, which are no whole pictures of %d", o.Staged, size, o.Video.FrameBytes)
	}
	video := &Stream{Kind: "video", Codec: o.Video.Codec, Width: o.Video.Width, Height: o.Video.Height, Frames: size / o.Video.FrameBytes}
	length := frameTime(video.Frames, o.Video.FrameRate)
	video.BitRate = int64(float64(8*size) / length.Seconds())
	if err := v.length(o.Staged, o.Duration, length); err != nil {
		return spool.Output{}, err
	}
	f, err := v.add(g, o.Staged, o.Key, spool.FileMedia, o.ContentType, length)
	if err != nil {
		return spool.Output{}, err
	}
	done := describe(o, video, Inspection{}, length)
	done.Paths = []string{f.URI}
	done.Files = []spool.OutputFile{f}
	return done, nil
}

// unreadable is what follows when a staged file can't be inspected.
func (v *verifier) unreadable(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	failure := v.unfinished("%s can't be read back", name)
	failure.Detail = fmt.Sprintf("%s: %v", name, err)
	return failure
}

// soundTime gives how long the first sound of a file plays by its packets: bare
// streams don't say how long they are. 0 where packets have no fixed length.
func soundTime(got Inspection) time.Duration {
	for _, s := range got.Streams {
		if s.Kind != "audio" || s.SampleRate == 0 {
			continue
		}
		samples := map[string]int64{"aac": 1024, "aac_latm": 1024, "ac3": 1536, "eac3": 1536, "mp2": 1152}[s.Codec]
		return time.Duration(float64(s.Frames*samples) / float64(s.SampleRate) * float64(time.Second))
	}
	return 0
}

func frameTime(frames int64, rate spool.Rational) time.Duration {
	return time.Duration(math.Round(float64(frames) / rate.Float() * float64(time.Second)))
}

// describe fills what events and results say of an output.
func describe(o *plan.Output, video *Stream, got Inspection, length time.Duration) spool.Output {
	done := spool.Output{Duration: length}
	if video != nil {
		done.Width, done.Height = video.Width, video.Height
		done.VideoCodec = video.Codec
		done.Frames = video.Frames
		done.AverageBitrate = video.BitRate
	}
	for _, s := range got.Streams {
		if s.Kind == "audio" {
			done.AudioCodecs = append(done.AudioCodecs, s.Codec)
		}
	}
	if o.Capture != nil {
		done.VideoCodec = o.Video.Codec
	}
	return done
}

// captures proves a run of images: numbered without a gap, none empty, and as
// many as the length of the programme asks for.
func (v *verifier) captures(ctx context.Context, g *plan.Group, o *plan.Output) (spool.Output, error) {
	first, err := v.tools.Inspect(ctx, filepath.Join(v.dir, o.CaptureStaged(0)))
	if err != nil {
		return spool.Output{}, v.unreadable(ctx, o.CaptureStaged(0), err)
	}
	if len(first.Streams) != 1 || first.Streams[0].Width != o.Video.Width || first.Streams[0].Height != o.Video.Height {
		return spool.Output{}, v.unfinished("the captures are not %dx%d", o.Video.Width, o.Video.Height)
	}
	var done spool.Output
	var total int64
	n := 0
	for ; ; n++ {
		name := o.CaptureStaged(n)
		if _, err := os.Lstat(filepath.Join(v.dir, name)); err != nil {
			break
		}
		f, err := v.add(g, name, o.CaptureKey(n), spool.FileImage, o.ContentType, 0)
		if err != nil {
			return done, err
		}
		total += f.Size
		done.Files = append(done.Files, f)
	}
	interval := o.Capture.Interval.Float()
	if int64(n) < o.Capture.Least(o.Duration-tolerance(o.Duration)) {
		f := v.truncated(time.Duration(float64(n) * interval * float64(time.Second)))
		f.Detail = fmt.Sprintf("%d captures, planned were %d", n, o.Capture.Count)
		return done, f
	}
	done.Duration = time.Duration(float64(n) * interval * float64(time.Second))
	done.Width, done.Height = o.Video.Width, o.Video.Height
	done.VideoCodec, done.Captures = o.Video.Codec, int64(n)
	done.AverageBitrate = int64(float64(total*8) / done.Duration.Seconds())
	done.Paths = []string{spool.S3URI(g.Bucket, o.CaptureKey(n-1))} // only the last (behaviour.md 3.2)
	return done, nil
}

// beside gives the path of a key as seen from the folder of another: what a
// playlist must say.
func beside(playlist, key string) string {
	rel, err := filepath.Rel(path.Dir("/"+playlist), "/"+key)
	if err != nil {
		return path.Base(key) // both are absolute: it can't be
	}
	return filepath.ToSlash(rel)
}
