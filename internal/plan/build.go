package plan

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Build plans a job from its complete settings (with defaults filled), what was
// found in its inputs, and the time it started, which the date identifiers of
// destinations stand for. Settings that fit no input fail with a *spool.Failure
// of the service's codes.
func Build(settings *types.JobSettings, inputs []spool.InputInfo, started time.Time) (*Plan, error) {
	if len(settings.Inputs) != 1 || len(inputs) != 1 {
		return nil, spool.Failf(spool.CodeIncompatible, "A job takes exactly one input here; this one has %d.", len(settings.Inputs))
	}
	src, err := newSource(&settings.Inputs[0], inputs[0])
	if err != nil {
		return nil, err
	}
	b := &builder{
		src:     src,
		graph:   graph{src: src},
		started: started,
		plan:    &Plan{Duration: src.duration},
	}
	b.plan.Inputs = []Input{{Token: InputToken(0), URI: inputs[0].URI}}
	b.warnColors()
	for i := range settings.OutputGroups {
		if err := b.group(i, &settings.OutputGroups[i]); err != nil {
			return nil, err
		}
	}
	b.task()
	if err := b.collisions(); err != nil {
		return nil, err
	}
	return b.plan, nil
}

type builder struct {
	src     *source
	graph   graph
	started time.Time
	plan    *Plan
	outputs []string // arguments of all outputs, in order
	frames  int64    // of the first video output
	pixels  int64
}

// inputArgs guard every input (hostile-input.md). Rotation is applied by the
// plan alone, or not at all.
func inputArgs(token string) []string {
	return []string{
		"-protocol_whitelist", "file", "-format_whitelist", spool.InputFormats,
		"-max_streams", strconv.Itoa(spool.MaxStreams), "-max_pixels", strconv.Itoa(spool.MaxPixels),
		"-noautorotate", "-i", token,
	}
}

func (b *builder) task() {
	args := inputArgs(b.plan.Inputs[0].Token)
	args = append(args, "-filter_complex", b.graph.String())
	args = append(args, b.outputs...)
	b.plan.Tasks = []Task{{
		ID: "encode", Tool: "ffmpeg", Args: args,
		Frames: b.frames, Duration: b.src.duration,
		Pixels: b.pixels + int64(b.src.width)*int64(b.src.height),
	}}
}

func (b *builder) warn(code int, pointer, format string, args ...any) {
	b.plan.Warnings = append(b.plan.Warnings, spool.Warning{Code: code, Pointer: pointer, Message: fmt.Sprintf(format, args...)})
}

// destination resolves a group's destination into bucket, folder and base name
// (behaviour.md 4.1).
func (b *builder) destination(raw string) (bucket, prefix string, err error) {
	name := spool.BaseName(b.src.uri)
	raw = ids{file: name, started: b.started}.expand(raw, inDestination)
	bucket, key, err := spool.ParseS3URI(raw)
	if err != nil {
		return "", "", spool.Failf(spool.CodeIncompatible, "The destination %s.", err)
	}
	if key == "" || strings.HasSuffix(key, "/") {
		key += cmp.Or(name, "output")
	}
	if err := spool.CheckKey(key); err != nil {
		return "", "", spool.Failf(spool.CodeIncompatible, "The destination [%s] can't be used: %s.", raw, err)
	}
	return bucket, key, nil
}

func (b *builder) group(i int, og *types.OutputGroup) error {
	switch og.OutputGroupSettings.Type {
	case types.OutputGroupTypeFileGroupSettings:
		return b.fileGroup(i, og)
	case types.OutputGroupTypeHlsGroupSettings:
		return b.hlsGroup(i, og)
	default:
		return spool.Failf(spool.CodeIncompatible, "/outputGroups/%d: output groups of the type %s are not built yet.", i, og.OutputGroupSettings.Type)
	}
}

func (b *builder) fileGroup(i int, og *types.OutputGroup) error {
	bucket, base, err := b.destination(aws.ToString(og.OutputGroupSettings.FileGroupSettings.Destination))
	if err != nil {
		return err
	}
	g := Group{Type: spool.GroupFile, Bucket: bucket}
	for j := range og.Outputs {
		o := &og.Outputs[j]
		var out Output
		if isCapture(o) {
			out, err = b.captureOutput(i, j, o, base)
		} else {
			out, err = b.fileOutput(i, j, o, base)
		}
		if err != nil {
			return err
		}
		g.Outputs = append(g.Outputs, out)
	}
	b.plan.Groups = append(b.plan.Groups, g)
	return nil
}

func isCapture(o *types.Output) bool {
	return o.VideoDescription != nil && o.VideoDescription.CodecSettings != nil &&
		o.VideoDescription.CodecSettings.Codec == types.VideoCodecFrameCapture
}

func (b *builder) captureOutput(i, j int, o *types.Output, base string) (Output, error) {
	e, c, err := captureOf(b.src, o.VideoDescription)
	if err != nil {
		return Output{}, err
	}
	ext := cmp.Or(aws.ToString(o.Extension), "jpg")
	names := ids{
		file: spool.BaseName(b.src.uri), started: b.started, width: e.geo.width, height: e.geo.height,
		fps: e.rate.Float(), extension: ext,
	}
	out := Output{
		Kind: KindCapture, Staged: fmt.Sprintf("g%d_o%d_%%07d.jpg", i, j),
		Key:         base + names.expand(aws.ToString(o.NameModifier), inModifier) + ".%07d." + ext,
		ContentType: "image/jpeg", Capture: c, Duration: b.src.duration,
		Video: &Video{Codec: e.codec, Width: e.geo.width, Height: e.geo.height, FrameRate: e.rate, Frames: c.Count},
	}
	if err := spool.CheckKey(out.Key); err != nil {
		return Output{}, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d: %s.", i, j, err)
	}
	label := b.graph.capture(e, c)
	b.outputs = append(b.outputs, "-map", label)
	b.outputs = append(b.outputs, e.args...)
	b.outputs = append(b.outputs, "-fps_mode", "passthrough", "-an", "-sn", "-dn", "-f", "image2",
		"-start_number", "0", Work+"/"+out.Staged)
	b.count(out.Video)
	return out, nil
}

// count keeps what the task needs to know of its outputs.
func (b *builder) count(v *Video) {
	if v == nil {
		return
	}
	if b.frames == 0 {
		b.frames = v.Frames
	}
	b.pixels += int64(v.Width) * int64(v.Height)
}

// encodes plans the streams that file and HLS outputs share: it maps them,
// adds their arguments, and says what they must be.
func (b *builder) encodes(i, j int, o *types.Output, segment int) (*encoding, []sound, Output, error) {
	var out Output
	var enc *encoding
	if vd := o.VideoDescription; vd != nil {
		encode, ok := encoderOf(vd.CodecSettings.Codec)
		if !ok {
			return nil, nil, out, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d/videoDescription/codecSettings/codec: %s is not built yet.", i, j, vd.CodecSettings.Codec)
		}
		var err error
		if enc, err = encode(b.src, vd, segment); err != nil {
			return nil, nil, out, err
		}
		out.Video = &Video{
			Codec: enc.codec, Width: enc.geo.width, Height: enc.geo.height, FrameRate: enc.rate,
			Frames: framesIn(b.src.duration, enc.rate),
		}
		out.Rate = enc.rc.expectation()
		if b.src.interlaced() {
			b.warn(spool.WarnDeinterlaced, fmt.Sprintf("/outputGroups/%d/outputs/%d/videoDescription", i, j),
				"The input is interlaced and the output is progressive: the picture is deinterlaced.")
		}
	}
	var sounds []sound
	for k := range o.AudioDescriptions {
		a, err := newSound(b.src, &o.AudioDescriptions[k])
		if err != nil {
			return nil, nil, out, err
		}
		if a == nil {
			b.warn(spool.WarnAudioMissing, fmt.Sprintf("/outputGroups/%d/outputs/%d/audioDescriptions/%d", i, j, k),
				"The input has no such audio: the output goes without it.")
			continue
		}
		b.warnGap(*a, fmt.Sprintf("/outputGroups/%d/outputs/%d/audioDescriptions/%d", i, j, k))
		sounds = append(sounds, *a)
		out.Audio = append(out.Audio, a.expect)
	}
	if enc == nil && len(sounds) == 0 {
		return nil, nil, out, spool.Failf(spool.CodeNoAudio, "The output /outputGroups/%d/outputs/%d would be empty: it has no video and the input [%s] has none of its audio.", i, j, b.src.uri)
	}
	b.count(out.Video)
	out.Duration = b.src.duration
	if enc == nil {
		out.Duration = sounds[0].length
	}
	return enc, sounds, out, nil
}

// inputPointer is where a warning about the input itself points to.
const inputPointer = "/inputs/0"

// warnColors tells of sources that do not say how their colours are meant
// (behaviour.md 2.4).
func (b *builder) warnColors() {
	v := b.src.video
	if v == nil {
		return
	}
	for _, tag := range []string{v.ColorSpace, v.Transfer, v.Primaries} {
		if tag == "" || tag == "unknown" {
			b.warn(spool.WarnColorMetadata, inputPointer, "The colour metadata of the input [%s] is missing or incomplete.", b.src.uri)
			break
		}
	}
	if v.Range == "" || v.Range == "unknown" {
		b.warn(spool.WarnSampleRange, inputPointer, "The sample range of the input [%s] is not said.", b.src.uri)
	}
}

// warnGap tells of audio that is cut or filled so that it begins with the
// picture, once per job and kind (behaviour.md 2.4).
func (b *builder) warnGap(a sound, pointer string) {
	const least = 100 * time.Millisecond
	var code int
	var format string
	switch {
	case a.gap >= least:
		code, format = spool.WarnAudioDropped, "%d ms of audio that come before the first picture are dropped."
	case a.gap <= -least:
		code, format = spool.WarnSilenceAdded, "%d ms of silence are added before audio that begins after the first picture."
	default:
		return
	}
	for _, w := range b.plan.Warnings {
		if w.Code == code {
			return
		}
	}
	b.warn(code, pointer, format, a.gap.Abs().Milliseconds())
}

// streamArgs maps the streams of one output and codes them.
func (b *builder) streamArgs(enc *encoding, sounds []sound) []string {
	var args []string
	if enc != nil {
		args = append(args, "-map", b.graph.video(enc))
	}
	for _, a := range sounds {
		args = append(args, "-map", b.graph.sound(a))
	}
	if enc != nil {
		args = append(args, enc.args...)
		args = append(args, "-fps_mode:v", "passthrough")
	}
	for k, a := range sounds {
		for n := 0; n < len(a.args); n += 2 {
			args = append(args, a.args[n]+":"+strconv.Itoa(k), a.args[n+1])
		}
		if a.language != "" {
			args = append(args, "-metadata:s:a:"+strconv.Itoa(k), "language="+a.language)
		}
	}
	return append(args, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-max_muxing_queue_size", "4096")
}

// names gives the format identifiers of an output.
func (b *builder) names(enc *encoding, sounds []sound, ext string) ids {
	v := ids{file: spool.BaseName(b.src.uri), started: b.started, extension: ext}
	if enc != nil {
		v.width, v.height, v.fps = enc.geo.width, enc.geo.height, enc.rate.Float()
		v.videoRate = enc.rc.max
		if enc.rc.mode != "QVBR" {
			v.videoRate = enc.rc.bitrate
		}
	}
	for _, a := range sounds {
		v.audioRate += a.expect.BitRate
	}
	return v
}

// collisions refuses a plan in which two outputs have one name, or an output
// has its input's (behaviour.md 4.7).
func (b *builder) collisions() error {
	seen := map[string]bool{b.src.uri: true}
	add := func(bucket, key string) error {
		uri := spool.S3URI(bucket, key)
		if seen[uri] {
			return spool.Failf(spool.CodeIncompatible, "Duplicate input and output path [%s] found in job.", uri)
		}
		seen[uri] = true
		return nil
	}
	for _, g := range b.plan.Groups {
		if g.Master != nil {
			if err := add(g.Bucket, g.Master.Key); err != nil {
				return err
			}
		}
		for _, o := range g.Outputs {
			if err := add(g.Bucket, o.Key); err != nil {
				return err
			}
			if o.SegmentBase != "" {
				if err := add(g.Bucket, o.SegmentBase+o.SegmentModifier+"_%05d"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
