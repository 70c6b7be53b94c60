package plan

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// preprocessors gives those of an output, empty where it has none.
func preprocessors(vd *types.VideoDescription) *types.VideoPreprocessor {
	if vd == nil || vd.VideoPreprocessors == nil {
		return &types.VideoPreprocessor{}
	}
	return vd.VideoPreprocessors
}

// deinterlace makes whole pictures of an interlaced source's fields. Progressive
// outputs of interlaced sources get them without being asked; FORCE_ALL_FRAMES
// takes every picture for interlaced, whatever the source says.
func (e *encoding) deinterlace(s *source) []filter {
	d := preprocessors(e.vd).Deinterlacer
	if d == nil {
		d = &types.Deinterlacer{}
	}
	force := d.Control == types.DeinterlacerControlForceAllFrames
	if s.turnedFields() || s.psf() || !s.interlaced() && !force && !(d.Mode == types.DeinterlacerModeInverseTelecine) {
		return nil
	}
	mode, each := "send_frame", "frame"
	if e.moving {
		mode, each = "send_field", "field"
	}
	which := "interlaced"
	if force || s.found != "" || !slices.Contains(marksPictures, s.video.Codec) {
		which = "all" // nothing marks its pictures
	}
	fields := s.fieldMark()
	switch d.Mode {
	case types.DeinterlacerModeInverseTelecine:
		return append(fields, plain("fieldmatch=order=auto:combmatch=full", "bwdif=mode=send_frame:deint=interlaced", "decimate")...)
	case types.DeinterlacerModeAdaptive:
		return append(fields, plain("fieldmatch=order=auto:combmatch=full", "bwdif=mode=send_frame:deint=interlaced")...)
	}
	// libpostproc's knows 8 bits only
	blends := s.video.BitDepth <= 8 && !e.moving
	switch d.Algorithm {
	case types.DeinterlaceAlgorithmInterpolateTicker:
		return append(fields, plain("estdif=mode="+each+":deint="+which)...)
	case types.DeinterlaceAlgorithmBlend:
		if blends {
			return plain("pp=lb")
		}
	case types.DeinterlaceAlgorithmBlendTicker:
		if blends {
			return plain("pp=l5")
		}
	case types.DeinterlaceAlgorithmLinearInterpolation:
		return append(fields, plain("w3fdif=filter=simple:mode="+each+":deint="+which)...)
	}
	return append(fields, plain("bwdif=mode="+mode+":deint="+which)...)
}

// fieldMark tells the order of fields that the file does not tell.
func (s *source) fieldMark() []filter {
	if s.found == "" {
		return nil
	}
	return plain("setfield=" + s.found)
}

// psf tells whether pictures that are marked as interlaced are progressive, each
// in two fields of one moment.
func (s *source) psf() bool { return s.input.InputScanType == types.InputScanTypePsf }

// turnedFields tells that the fields are gone before the outputs part: a picture
// that is turned was made whole.
func (s *source) turnedFields() bool { return s.interlaced() && s.rotate != 0 }

// mayInterlace are the codecs that can hold fields without saying so.
var mayInterlace = []string{"mpeg1video", "mpeg2video", "h264", "vc1", "dvvideo", "prores", "dnxhd", "mjpeg", "ffv1", "rawvideo", "jpeg2000"}

// marksPictures are the codecs whose decoders say of each picture whether it is
// made of fields.
var marksPictures = []string{"mpeg1video", "mpeg2video", "h264", "hevc", "vc1", "dvvideo", "prores", "dnxhd"}

// looked is how much of an input is looked at for fields.
const looked = 300 // pictures

// fieldTask measures whether the pictures of input i are made of two fields,
// where the file does not say it.
func fieldTask(i int, in *types.Input, source int, m spool.Media) (Task, bool) {
	if len(m.Video) == 0 || in.InputScanType == types.InputScanTypePsf {
		return Task{}, false
	}
	v := m.Video[0]
	if v.FieldOrder != "" && v.FieldOrder != "unknown" || !slices.Contains(mayInterlace, v.Codec) {
		return Task{}, false
	}
	id := fieldTaskID(i)
	args := append(inputArgs(InputToken(source)), "-map", "0:"+strconv.Itoa(v.Index),
		"-vf", "idet,metadata=mode=print:key=lavfi.idet.multiple.current_frame:file="+id+".txt",
		"-frames:v", strconv.Itoa(looked), "-an", "-sn", "-f", "null", "-")
	return Task{ID: id, Tool: ToolFFmpeg, Args: args, Frames: looked, Duration: min(m.Duration, time.Minute), Pixels: int64(v.Width) * int64(v.Height)}, true
}

func fieldTaskID(i int) string { return "fields_" + strconv.Itoa(i) }

// foundFields reads what fieldTask found: tff, bff, or "" for whole pictures.
func foundFields(finding string) string {
	tff, bff := strings.Count(finding, "current_frame=tff"), strings.Count(finding, "current_frame=bff")
	switch whole := strings.Count(finding, "current_frame=progressive"); {
	case tff+bff <= whole || tff+bff < 5:
		return ""
	case bff > tff:
		return "bff"
	default:
		return "tff"
	}
}

// surveyFields looks at the inputs that do not say whether they are interlaced.
func surveyFields(settings *types.JobSettings, facts Facts) []Task {
	var tasks []Task
	sources := Sources(settings)
	for i := range settings.Inputs {
		in := &settings.Inputs[i]
		uri := aws.ToString(in.FileInput)
		n := slices.IndexFunc(sources, func(s Source) bool { return s.URI == uri })
		if _, known := facts.Findings[fieldTaskID(i)]; known || n < 0 {
			continue
		}
		if task, ok := fieldTask(i, in, n, facts.Media[uri]); ok {
			tasks = append(tasks, task)
		}
	}
	return tasks
}
