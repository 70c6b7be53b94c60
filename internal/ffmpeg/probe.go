package ffmpeg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"spool/internal/spool"
)

const (
	probeTimeout = 30 * time.Second // for each process of a probe that does not read the whole file
	probeMemory  = 6 << 30          // address space; one picture of spool.MaxPixels and its references fit
	maxProbeJSON = 8 << 20          // bytes of ffprobe's answer
)

// Probe finds out what is in a file, without trusting what it says of itself:
// the main video track is really decoded up to its first frame, and a duration
// that is missing, of the file or of a track, or cannot be true is measured. The path is absolute; uri is
// what the user calls the file and stands in messages.
//
// Left out of the Media: cover pictures, video without a codec this FFmpeg
// decodes or without pictures in it, audio without channels or codec, data
// tracks. The first video track left is the main one; its FirstPTS and TimeBase
// are those of the first frame as the ffmpeg command gives it out with -copyts
// (split-notes.md); of the others they are the container's.
//
// Duration is that of the content, from Start on. Where the format counts from
// zero instead (an MP4 that begins with 10 s of nothing), Start is taken off.
//
// A truncated file keeps the duration that it claims: that is what shows, after
// decoding, how much is missing. Errors are ctx.Err(), a *spool.Failure when
// the file is at fault or takes too long, or anything else when ffprobe could
// not be started.
func (t *Tools) Probe(ctx context.Context, path, uri string) (spool.Media, error) {
	size, head, err := look(path, uri)
	if err != nil {
		return spool.Media{}, err
	}
	p := &prober{tools: t, path: path, uri: uri, head: head, size: size}
	file, err := p.describe(ctx)
	if err != nil {
		return spool.Media{}, err
	}
	media, err := p.choose(ctx, file)
	if err != nil {
		return spool.Media{}, err
	}
	fromStart(&media)
	if !p.truncated && (implausible(media) || endless(media)) {
		if err := p.measure(ctx, &media); err != nil {
			return spool.Media{}, err
		}
	}
	if media.Timecode = timecodeOf(file); media.Timecode == "" {
		media.Timecode, err = p.pictureTimecode(ctx, media)
	}
	return media, err
}

// prober is one probe on its way.
type prober struct {
	tools     *Tools
	path, uri string
	head      []byte // the first bytes
	size      int64
	truncated bool // ffprobe said so
}

// look checks what can be seen without FFmpeg.
func look(path, uri string) (size int64, head []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		fail := cannotOpen(spool.CodeFileOpen, uri, "the file cannot be read")
		if errors.Is(err, os.ErrNotExist) {
			fail = cannotOpen(spool.CodeFileOpen, uri, "the file does not exist")
		}
		fail.Detail = err.Error()
		return 0, nil, fail
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, nil, fmt.Errorf("look at input: %w", err)
	}
	if !info.Mode().IsRegular() {
		return 0, nil, cannotOpen(spool.CodeFileOpen, uri, "it is not a regular file")
	}
	if info.Size() == 0 {
		return 0, nil, cannotOpen(spool.CodeFileAccess, uri, "the file is empty")
	}
	head = make([]byte, 12)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, nil, fmt.Errorf("look at input: %w", err)
	}
	return info.Size(), head[:n], nil
}

// isISO tells whether the file begins as MP4 and QuickTime files do. FFmpeg
// believes the name of a file, and says of any text called .mp4 that it has no moov.
func (p *prober) isISO() bool {
	boxes := []string{"ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp", "moof", "sidx", "uuid"}
	return len(p.head) >= 8 && slices.Contains(boxes, string(p.head[4:8]))
}

// ffprobe runs ffprobe on the file and hands its output to out.
func (p *prober) ffprobe(ctx context.Context, timeout time.Duration, out io.Writer, args ...string) (signs, *logReader, error) {
	url, err := FileURL(p.path)
	if err != nil {
		return signs{}, nil, err
	}
	all := slices.Concat([]string{"-hide_banner", "-loglevel", "repeat+level+warning"}, InputGuards(), args, []string{"-i", url})
	return p.run(ctx, timeout, p.tools.FFprobe, out, all)
}

// run runs one of the tools on the file, within a deadline of its own.
func (p *prober) run(ctx context.Context, timeout time.Duration, tool string, out io.Writer, args []string) (signs, *logReader, error) {
	runCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	log := newLogReader(args...)
	exit, err := p.tools.launcher.Run(runCtx, spool.Process{
		Path: tool, Args: args, Dir: filepath.Dir(p.path),
		Env:    []string{"AV_LOG_FORCE_NOCOLOR=1"},
		Stdout: out, Stderr: log,
		Limits: spool.ProcessLimits{Memory: probeMemory, CPU: 4 * timeout, FileSize: 1},
	})
	said := log.close()
	command := Command{Args: args, URI: p.uri, Deadline: timeout}
	switch {
	case ctx.Err() != nil && err != nil:
		return said, log, ctx.Err()
	case err != nil && runCtx.Err() != nil:
		f := spool.Failf(spool.CodeTimeout, "An internal error has occurred and your job timed out. [Reading the input took longer than %v%s]", timeout, about(p.uri))
		return said, log, withDetail(f, "", log)
	case err != nil:
		return said, log, fmt.Errorf("run %s: %w", filepath.Base(tool), err)
	case exit.Code != 0:
		return said, log, p.fail(exit, said, command, log)
	}
	return said, log, nil
}

// fail is failRun with what is known of the file's beginning.
func (p *prober) fail(exit spool.ProcessExit, said signs, c Command, log *logReader) *spool.Failure {
	f := failRun(exit, said, c, log)
	switch {
	case said.noMoov && !p.isISO():
		f.Code, f.Message = spool.CodeFileAccess, cannotOpen(0, p.uri, "No parser found for container").Message
	case said.invalidData && !said.noMoov && !said.tooManyStreams && p.isISO():
		f.Code, f.Message = spool.CodeDemux, cannotOpen(0, p.uri, "the box structure is damaged").Message
	}
	return f
}

// describe asks ffprobe for everything it says of the file.
func (p *prober) describe(ctx context.Context) (wireFile, error) {
	out := &limitedBuffer{limit: maxProbeJSON}
	said, log, err := p.ffprobe(ctx, probeTimeout, out, "-of", "json", "-show_format", "-show_streams")
	if err != nil {
		return wireFile{}, err
	}
	p.truncated = said.truncated
	var file wireFile
	if !out.over {
		err = json.Unmarshal(out.buf.Bytes(), &file)
	}
	if out.over || err != nil {
		f := cannotOpen(spool.CodeDemux, p.uri, "its description is too large or not readable")
		return wireFile{}, withDetail(f, fmt.Sprint(err), log)
	}
	return file, nil
}

// choose keeps the tracks that can be used, and fails when none can.
func (p *prober) choose(ctx context.Context, file wireFile) (spool.Media, error) {
	media := spool.Media{
		Format: file.Format.Name, Duration: seconds(file.Format.Duration),
		Start: seconds(file.Format.Start), Size: p.size, BitRate: count(file.Format.BitRate),
	}
	var refused *spool.Failure // why the first unusable track is unusable
	refuse := func(f *spool.Failure) {
		if refused == nil {
			refused = f
		}
	}
	for _, s := range file.Streams {
		switch {
		case s.Type == "subtitle":
			media.Text = append(media.Text, s.text())
		case s.Type == "audio" && p.tools.decodable[s.Codec] && s.Channels > 0 && count(s.SampleRate) > 0:
			media.Audio = append(media.Audio, s.audio())
		case s.Type == "audio" && known(s.Codec) != "" && !p.tools.decodable[s.Codec]:
			refuse(spool.Failf(spool.CodeUnsupportedCodec, "Audio codec [%s] for track [%d] is not a supported input audio codec", plainName(s.Codec), s.Index+1))
		case s.Type == "video" && s.Disposition["attached_pic"] == 1:
		case s.Type == "video" && known(s.Codec) != "" && !p.tools.decodable[s.Codec]:
			refuse(spool.Failf(spool.CodeUnsupportedCodec, "Video codec [%s] is not a supported input video codec", plainName(s.Codec)))
		case s.Type == "video" && known(s.Codec) != "" && s.Width > 0 && s.Height > 0 && known(s.PixelFormat) != "":
			track, err := p.decode(ctx, s.video(), len(media.Video) == 0)
			var f *spool.Failure
			switch {
			case errors.As(err, &f) && f.Code != spool.CodeTimeout:
				refuse(f)
			case err != nil:
				return spool.Media{}, err
			default:
				if len(media.Video) == 0 {
					if track.HDR, err = p.light(ctx, track); err != nil {
						return spool.Media{}, err
					}
				}
				media.Video = append(media.Video, track)
			}
		}
	}
	if len(media.Video)+len(media.Audio) > 0 {
		return media, nil
	}
	if refused == nil {
		refused = spool.Failf(spool.CodeNoVideo, "Your input file [%s] doesn't have video that the transcoder can consume. It has no audio either.", p.uri)
	}
	return spool.Media{}, refused
}
