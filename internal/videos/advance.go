package videos

import (
	"encoding/json"
	"path"
	"strings"
	"time"

	"spool/internal/spool"
)

// advance gives the record that follows from a job, whatever was known before.
// A video that has ended stays as it is.
func advance(v spool.Video, job spool.Job) spool.Video {
	if job.ID != v.EncodeJobID || v.WorkflowStatus == spool.VideoComplete || v.WorkflowStatus == spool.VideoError {
		return v
	}
	v.MediaConvertJobID, v.MediaConvertStatus = job.ID, string(job.Status)
	if len(job.Inputs) > 0 {
		describe(&v, job.Inputs[0])
	}
	switch job.Status {
	case spool.JobSubmitted:
	case spool.JobProgressing:
		v.WorkflowStatus, v.Phase, v.Percent = spool.VideoEncode, job.Phase, job.Percent
	case spool.JobComplete:
		collect(&v, job.Groups)
		v.WorkflowStatus, v.Phase, v.Percent = spool.VideoComplete, "", 100
		v.EndTime = endOf(job)
	case spool.JobError:
		v.WorkflowErrorAt = string(v.WorkflowStatus)
		v.ErrorMessage = "The job failed without saying why."
		if job.Failure != nil {
			v.ErrorCode, v.ErrorMessage = job.Failure.Code, job.Failure.Message
		}
		v.WorkflowStatus, v.Phase, v.EndTime = spool.VideoError, "", endOf(job)
	case spool.JobCanceled:
		v.WorkflowErrorAt = string(v.WorkflowStatus)
		v.ErrorMessage = "The job was canceled."
		v.WorkflowStatus, v.Phase, v.EndTime = spool.VideoError, "", endOf(job)
	}
	return v
}

func endOf(job spool.Job) *time.Time {
	t := job.FinishedAt.UTC().Truncate(time.Millisecond)
	return &t
}

// collect notes what came out of a job, in its order. Like the COMPLETE event it
// names of a frame capture the last picture only (behaviour.md 3.2).
func collect(v *spool.Video, groups []spool.OutputGroup) {
	v.HLSPlaylist, v.MP4Outputs, v.ThumbNails, v.TotalFrames = "", nil, nil, nil
	v.DASHPlaylist, v.CMAFHLSPlaylist, v.CMAFDASHPlaylist, v.MSSPlaylist = "", "", "", ""
	var captures int64
	for _, g := range groups {
		switch g.Type {
		case spool.GroupHLS:
			first(&v.HLSPlaylist, g, ".m3u8")
		case spool.GroupDASH:
			first(&v.DASHPlaylist, g, ".mpd")
		case spool.GroupCMAF:
			first(&v.CMAFHLSPlaylist, g, ".m3u8")
			first(&v.CMAFDASHPlaylist, g, ".mpd")
		case spool.GroupMSS:
			first(&v.MSSPlaylist, g, ".ism")
		case spool.GroupFile:
			captures += collectFiles(v, g.Outputs)
		}
	}
	if captures > 0 {
		v.TotalFrames = &captures
	}
}

// collectFiles notes the files of a group and gives the number of its captures.
func collectFiles(v *spool.Video, outputs []spool.Output) (captures int64) {
	for _, o := range outputs {
		if o.Captures > 0 {
			captures += o.Captures
			v.ThumbNails = append(v.ThumbNails, o.Paths...)
			continue
		}
		for _, p := range o.Paths {
			if strings.EqualFold(path.Ext(p), ".mp4") {
				v.MP4Outputs = append(v.MP4Outputs, p)
			}
		}
	}
	return captures
}

// first notes a group's first manifest of a kind, unless an earlier group had one.
func first(to *string, g spool.OutputGroup, suffix string) {
	for _, uri := range g.Playlists {
		if *to == "" && path.Ext(uri) == suffix {
			*to = uri
		}
	}
}

// mediainfo is the shape of srcMediainfo. Durations are milliseconds, rates
// bits per second, sizes bytes and pixels; what is unknown is left out.
type mediainfo struct {
	Filename  string        `json:"filename"`
	Container infoContainer `json:"container"`
	Video     []infoVideo   `json:"video"`
	Audio     []infoAudio   `json:"audio"`
	Text      []infoText    `json:"text"`
}

type infoContainer struct {
	Format       string `json:"format"`
	FileSize     int64  `json:"fileSize"`
	Duration     int64  `json:"duration"`
	TotalBitrate int64  `json:"totalBitrate,omitempty"`
}

type infoVideo struct {
	Codec       string  `json:"codec"`
	Profile     string  `json:"profile,omitempty"`
	Bitrate     int64   `json:"bitrate,omitempty"`
	Duration    int64   `json:"duration,omitempty"`
	FrameCount  int64   `json:"frameCount,omitempty"`
	Width       int     `json:"width"`
	Height      int     `json:"height"`
	Framerate   float64 `json:"framerate,omitempty"`
	ScanType    string  `json:"scanType"`
	AspectRatio string  `json:"aspectRatio,omitempty"`
	Rotation    int     `json:"rotation,omitempty"`
	BitDepth    int     `json:"bitDepth,omitempty"`
	ColorSpace  string  `json:"colorSpace,omitempty"`
}

type infoAudio struct {
	Codec        string `json:"codec"`
	Profile      string `json:"profile,omitempty"`
	Bitrate      int64  `json:"bitrate,omitempty"`
	Duration     int64  `json:"duration,omitempty"`
	Channels     int    `json:"channels"`
	SamplingRate int    `json:"samplingRate"`
	Language     string `json:"language,omitempty"`
}

type infoText struct {
	Codec    string `json:"codec"`
	Language string `json:"language,omitempty"`
}

// describe notes what was found in the source.
func describe(v *spool.Video, in spool.InputInfo) {
	m := in.Media
	info := mediainfo{
		Filename: path.Base(in.URI),
		Container: infoContainer{Format: m.Format, FileSize: m.Size,
			Duration: m.Duration.Milliseconds(), TotalBitrate: m.BitRate},
		Video: []infoVideo{}, Audio: []infoAudio{}, Text: []infoText{},
	}
	for _, t := range m.Video {
		info.Video = append(info.Video, infoVideoOf(t))
	}
	for _, t := range m.Audio {
		info.Audio = append(info.Audio, infoAudio{Codec: t.Codec, Profile: t.Profile, Bitrate: t.BitRate,
			Duration: t.Duration.Milliseconds(), Channels: t.Channels, SamplingRate: t.SampleRate, Language: t.Language})
	}
	for _, t := range m.Text {
		info.Text = append(info.Text, infoText{Codec: t.Codec, Language: t.Language})
	}
	if len(m.Video) > 0 {
		v.SrcWidth, v.SrcHeight = m.Video[0].Width, m.Video[0].Height
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // names stay readable in what is a text already
	if err := enc.Encode(info); err != nil {
		return // not for what info holds: all of it has a JSON form
	}
	v.SrcMediainfo = strings.TrimSuffix(text.String(), "\n")
}

func infoVideoOf(t spool.VideoTrack) infoVideo {
	out := infoVideo{Codec: t.Codec, Profile: t.Profile, Bitrate: t.BitRate, Duration: t.Duration.Milliseconds(),
		FrameCount: t.Frames, Width: t.Width, Height: t.Height, ScanType: "Progressive",
		Rotation: t.Rotation, BitDepth: t.BitDepth, ColorSpace: t.ColorSpace}
	rate := t.AvgFrameRate
	if !rate.Valid() {
		rate = t.FrameRate
	}
	out.Framerate = float64(int64(rate.Float()*1000+0.5)) / 1000
	switch t.FieldOrder {
	case "tt", "bb", "tb", "bt":
		out.ScanType = "Interlaced"
	}
	if t.Width > 0 && t.Height > 0 {
		aspect := spool.Rational{Num: int64(t.Width), Den: int64(t.Height)}
		if t.SampleAspect.Valid() {
			aspect.Num, aspect.Den = aspect.Num*t.SampleAspect.Num, aspect.Den*t.SampleAspect.Den
		}
		aspect = aspect.Reduced()
		out.AspectRatio = strings.Replace(aspect.String(), "/", ":", 1)
	}
	return out
}
