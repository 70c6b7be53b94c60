package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Build plans a job from its complete settings (with defaults filled) and what
// is known of its sources. Settings that fit no source fail with a
// *spool.Failure of the service's codes.
func Build(settings *types.JobSettings, facts Facts) (*Plan, error) {
	settings, messages, err := expandABR(settings, facts)
	if err != nil {
		return nil, err
	}
	b, err := newBuilder(settings, facts)
	if err != nil {
		return nil, err
	}
	b.plan.Messages = messages
	for i, s := range b.prog.sources {
		b.warnColors(i, s)
	}
	b.warnShort()
	for i := range settings.OutputGroups {
		if err := b.group(i, &settings.OutputGroups[i]); err != nil {
			return nil, err
		}
	}
	b.logs()
	b.tasks()
	if err := b.collisions(); err != nil {
		return nil, err
	}
	return b.plan, nil
}

// newBuilder opens the parts of the programme.
func newBuilder(settings *types.JobSettings, facts Facts) (*builder, error) {
	prog, err := newProgramme(settings, facts)
	if err != nil {
		return nil, err
	}
	b := &builder{
		settings: settings, facts: facts, prog: prog,
		graph: graph{prog: prog},
		plan:  &Plan{Duration: prog.duration},
	}
	for i, s := range Sources(settings) {
		b.plan.Inputs = append(b.plan.Inputs, Input{Token: InputToken(i), URI: s.URI})
	}
	for _, p := range prog.parts {
		switch {
		case p.src.still() != "":
			p.input = b.image(p.src.still())
		case p.src.uri == "":
			p.input = -1 // generated
		default:
			p.input = b.input(p.src.uri, p.args)
		}
	}
	for _, p := range prog.parts {
		if p.overlays, err = b.inputOverlays(p); err != nil {
			return nil, err
		}
	}
	return b, nil
}

type builder struct {
	settings *types.JobSettings
	facts    Facts
	prog     *programme
	graph    graph
	twice    []*encoding // that need a first pass, in order of their streams
	plan     *Plan
	inputs   [][]string // arguments of each input of the encode task
	outputs  []string   // arguments of all its outputs, in order
	mezz     []mezzanine
	packages []Task // what follows the encode task, in order
	captions Captions
	extracts []Task // what takes captions out of inputs
	frames   int64  // of the first video output
	pixels   int64
	opened   map[string]int // index of the -i of each image, by URI

	externals map[externalInput]int // audio files beside parts, opened so far
	missing   map[string]bool       // what the survey has yet to find
	toMeasure []func() []Task
}

// input opens a source once more in the encode task and gives its index there.
// args give the input's arguments from the token of its path.
func (b *builder) input(uri string, args func(token string) []string) int {
	for _, in := range b.plan.Inputs {
		if in.URI == uri {
			b.inputs = append(b.inputs, args(in.Token))
			break
		}
	}
	return len(b.inputs) - 1
}

// first is the source that names are made from.
func (b *builder) first() *source { return b.prog.parts[0].src }

// inputArgs guard every input (hostile-input.md). Rotation is applied by the
// plan alone, or not at all.
func inputArgs(token string) []string {
	return []string{
		"-protocol_whitelist", "file", "-format_whitelist", spool.InputFormats,
		"-max_streams", strconv.Itoa(spool.MaxStreams), "-max_pixels", strconv.Itoa(spool.MaxPixels),
		"-noautorotate", "-i", token,
	}
}

// encodeShare is the encode task's share of a plan's work: the other tasks copy.
const encodeShare = 0.9

func (b *builder) tasks() {
	encode := Task{
		ID: "encode", Tool: ToolFFmpeg, Args: slices.Concat(b.inputs...),
		Frames: b.frames, Duration: b.prog.duration, Pixels: b.pixels, Share: 1,
	}
	for _, p := range b.prog.parts {
		encode.Pixels += int64(p.src.width) * int64(p.src.height)
	}
	if text := b.graph.String(); text != "" {
		encode.Args = append(encode.Args, "-filter_complex", text)
	}
	encode.Args = append(encode.Args, b.outputs...)
	for i := range b.packages {
		encode.Share = encodeShare
		b.packages[i].Share = (1 - encodeShare) / float64(len(b.packages))
	}
	b.plan.Tasks = slices.Concat(b.captionTasks(), b.measured(encode), b.packages)
}

func (b *builder) warn(code int, pointer, format string, args ...any) {
	b.plan.Warnings = append(b.plan.Warnings, spool.Warning{Code: code, Pointer: pointer, Message: fmt.Sprintf(format, args...)})
}

// destination resolves a group's destination into bucket, folder and base name
// (behaviour.md 4.1).
func (b *builder) destination(raw string) (bucket, prefix string, err error) {
	name := spool.BaseName(b.first().uri)
	raw = ids{file: name, started: b.facts.Started}.expand(raw, inDestination)
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
	case types.OutputGroupTypeDashIsoGroupSettings:
		return b.dashGroup(i, og)
	case types.OutputGroupTypeCmafGroupSettings:
		return b.cmafGroup(i, og)
	case types.OutputGroupTypeMsSmoothGroupSettings:
		return b.mssGroup(i, og)
	default:
		return spool.Failf(spool.CodeIncompatible, "/outputGroups/%d: output groups of the type %s can't be made.", i, og.OutputGroupSettings.Type)
	}
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

// encode plans the video of an output.
func (b *builder) encode(i, j int, o *types.Output, segment int) (*encoding, error) {
	vd := o.VideoDescription
	encode, name := encoderOf(vd.CodecSettings.Codec)
	if encode == nil {
		return nil, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d/videoDescription/codecSettings/codec: %s can't be encoded.", i, j, vd.CodecSettings.Codec)
	}
	asked := &ask{
		b: b, s: b.prog.follow, vd: vd, segment: segment,
		at: fmt.Sprintf("/outputGroups/%d/outputs/%d/videoDescription/codecSettings/%s", i, j, name),
	}
	if o.ContainerSettings != nil {
		asked.box = o.ContainerSettings.Container
	}
	if reason := unwritable(asked.box, vd.CodecSettings.Codec); reason != "" {
		return nil, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputs/%d/containerSettings/container: %s", i, j, reason)
	}
	enc, err := encode(asked)
	if err != nil {
		return nil, err
	}
	if err = b.picture(enc, vd, fmt.Sprintf("/outputGroups/%d/outputs/%d/videoDescription", i, j)); err != nil {
		return nil, err
	}
	if err := b.burnIn(i, j, o, enc); err != nil {
		return nil, err
	}
	if err := b.embed(i, j, o, enc); err != nil {
		return nil, err
	}
	b.boundAverage(enc, averageBound(vd))
	return enc, nil
}

// encodes plans the streams that file and HLS outputs share: it maps them,
// adds their arguments, and says what they must be.
func (b *builder) encodes(i, j int, o *types.Output, segment int) (*encoding, []sound, Output, error) {
	var out Output
	var enc *encoding
	if o.VideoDescription != nil {
		var err error
		if enc, err = b.encode(i, j, o, segment); err != nil {
			return nil, nil, out, err
		}
		out.Video = &Video{
			Codec: enc.codec, Width: enc.geo.width, Height: enc.geo.height, FrameRate: enc.rate,
			Frames: b.prog.frames(enc.rate), Fields: enc.fields, FrameBytes: enc.raw, Copied: enc.copies,
		}
		if par := enc.geo.sar.Reduced(); par.Valid() && par.Num != par.Den {
			out.Video.SampleAspect = par
		}
		out.Rate = enc.rc.expectation()
		if b.prog.interlaced() && enc.fields == "" && !enc.copies && preprocessors(o.VideoDescription).Deinterlacer == nil {
			b.warn(spool.WarnDeinterlaced, fmt.Sprintf("/outputGroups/%d/outputs/%d/videoDescription", i, j),
				"The input is interlaced and the output is progressive: the picture is deinterlaced.")
		}
	}
	var sounds []sound
	for k := range o.AudioDescriptions {
		list, err := b.sounds(o, &o.AudioDescriptions[k], audioPointer(i, j, k))
		if err != nil {
			return nil, nil, out, err
		}
		for n, a := range list {
			list[n].index = k
			out.Audio = append(out.Audio, a.expect)
			if a.loudness != nil && a.loudness.log != "" {
				out.Logs = append(out.Logs, LoudnessLog{Staged: a.loudness.log, Peaks: a.loudness.peaks})
			}
		}
		sounds = append(sounds, list...)
	}
	if enc == nil && len(sounds) == 0 {
		return nil, nil, out, spool.Failf(spool.CodeNoAudio, "The output /outputGroups/%d/outputs/%d would be empty: it has no video and the input [%s] has none of its audio.", i, j, b.first().uri)
	}
	b.count(out.Video)
	out.Duration = b.prog.duration
	if enc == nil {
		out.Duration = sounds[0].length
	}
	return enc, sounds, out, nil
}

// warnColors tells of sources that do not say how their colours are meant
// (behaviour.md 2.4).
func (b *builder) warnColors(i int, s *source) {
	v := s.video
	if v == nil {
		return
	}
	pointer := "/inputs/" + strconv.Itoa(i)
	for _, tag := range []string{v.ColorSpace, v.Transfer, v.Primaries} {
		if tag == "" || tag == "unknown" {
			b.warn(spool.WarnColorMetadata, pointer, "The colour metadata of the input [%s] is missing or incomplete.", s.uri)
			break
		}
	}
	if v.Range == "" || v.Range == "unknown" {
		b.warn(spool.WarnSampleRange, pointer, "The sample range of the input [%s] is not said.", s.uri)
	}
}

// warnGap tells of audio that is cut or filled so that it begins with the
// picture, once per job and kind (behaviour.md 2.4).
func (b *builder) warnGap(a sound, pointer string) {
	const least = 100 * time.Millisecond
	if b.prog.joined() {
		return // what is cut off there is asked for
	}
	if len(a.takes[0].lines) == 0 {
		return
	}
	gap := a.takes[0].gap
	var code int
	var format string
	switch {
	case gap >= least:
		code, format = spool.WarnAudioDropped, "%d ms of audio that come before the first picture are dropped."
	case gap <= -least:
		code, format = spool.WarnSilenceAdded, "%d ms of silence are added before audio that begins after the first picture."
	default:
		return
	}
	for _, w := range b.plan.Warnings {
		if w.Code == code {
			return
		}
	}
	b.warn(code, pointer, format, gap.Abs().Milliseconds())
}

// streamArgs maps the streams of one output and codes them.
func (b *builder) streamArgs(enc *encoding, sounds []sound) []string {
	var args []string
	if enc != nil {
		args = append(args, "-map", b.mapped(enc))
	}
	for _, a := range sounds {
		args = append(args, "-map", b.soundMap(a))
	}
	if enc != nil {
		args = append(args, enc.coding()...)
		if !enc.copies {
			args = append(args, "-fps_mode:v", "passthrough")
		}
	}
	for k, a := range sounds {
		args = slices.Concat(args, a.codingArgs(k), a.muxing, a.tags(k))
	}
	return append(args, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-max_muxing_queue_size", "4096")
}

// names gives the format identifiers of an output.
func (b *builder) names(enc *encoding, sounds []sound, ext string) ids {
	v := ids{file: spool.BaseName(b.first().uri), started: b.facts.Started, extension: ext}
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
	seen := map[string]bool{}
	for _, in := range b.plan.Inputs {
		seen[in.URI] = true
	}
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
			for _, key := range g.Master.keys() {
				if err := add(g.Bucket, key); err != nil {
					return err
				}
			}
		}
		for _, key := range g.packageKeys() {
			if err := add(g.Bucket, key); err != nil {
				return err
			}
		}
		for _, s := range g.Images {
			if err := add(g.Bucket, s.Key); err != nil {
				return err
			}
		}
		for _, o := range g.Outputs {
			if o.Kind == KindPacked {
				continue
			}
			if err := add(g.Bucket, o.Key); err != nil {
				return err
			}
			if o.HLS != nil && o.HLS.IFrames != "" {
				if err := add(g.Bucket, o.IFrameKey()); err != nil {
					return err
				}
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
