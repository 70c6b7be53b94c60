package app

import (
	"context"

	"spool/internal/packager"
	"spool/internal/sandbox"
)

// DoctorReport says what this machine can do.
type DoctorReport struct {
	Lines []DoctorLine
	Able  bool // jobs can run
}

// DoctorLine is one finding.
type DoctorLine struct {
	Name   string
	OK     bool
	Detail string
}

// Doctor looks at what jobs need: FFmpeg, its encoders, the packager, and the
// confinement of child processes.
func Doctor(ctx context.Context) DoctorReport {
	r := DoctorReport{Able: true}
	t, err := findTools(ctx)
	if err != nil {
		r.Able = false
		r.Lines = append(r.Lines, DoctorLine{Name: "ffmpeg", Detail: err.Error()})
	} else {
		r.Lines = append(r.Lines, DoctorLine{"ffmpeg", true, t.Version + " at " + t.FFmpeg})
		for _, e := range []struct{ name, what string }{
			{"libx264", "H.264"}, {"libx265", "H.265"}, {"libsvtav1", "AV1"}, {"aac", "AAC"}, {"libmp3lame", "MP3"}, {"libopus", "Opus"}, {"libvorbis", "Vorbis"},
			{"mjpeg", "frame capture"}, {"libfdk_aac", "HE-AAC (the AAC profiles HEV1 and HEV2)"},
		} {
			line := DoctorLine{Name: e.name, OK: t.HasEncoder(e.name), Detail: "encodes " + e.what}
			if !line.OK {
				line.Detail = "is missing: jobs with " + e.what + " fail; install an FFmpeg built with it"
			}
			r.Lines = append(r.Lines, line)
		}
	}
	if p, err := packager.Find(ctx, sandbox.New()); err != nil {
		r.Lines = append(r.Lines, DoctorLine{Name: "packager", Detail: err.Error() + "; jobs with DASH or CMAF fail"})
	} else {
		r.Lines = append(r.Lines, DoctorLine{"packager", true, "Shaka Packager " + p.Version + " at " + p.Path})
	}
	for _, m := range sandbox.Report() {
		r.Lines = append(r.Lines, DoctorLine{"sandbox", m.Enforced, m.Name + ": " + m.Detail})
	}
	return r
}
