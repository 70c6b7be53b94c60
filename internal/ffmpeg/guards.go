package ffmpeg

import (
	"fmt"
	"path/filepath"
	"strconv"

	"spool/internal/spool"
)

// Prefix is what Run puts before the arguments of every command: the whole
// command line is the path of ffmpeg, Prefix, and Command.Args. Descriptor 3 is
// the pipe that progress comes by, so standard output stays free.
func Prefix() []string {
	return []string{
		"-hide_banner", "-nostdin", "-nostats",
		"-loglevel", "repeat+level+warning",
		"-progress", "pipe:3",
	}
}

// InputGuards are the options that must stand before every "-i" of a file made
// by a stranger: only plain containers, only local files, bounded pictures and
// streams (hostile-input.md).
func InputGuards() []string {
	return guards(spool.InputFormats)
}

func guards(formats string) []string {
	return []string{
		"-protocol_whitelist", "file",
		"-format_whitelist", formats,
		"-max_pixels", strconv.Itoa(spool.MaxPixels),
		"-max_streams", strconv.Itoa(spool.MaxStreams),
	}
}

// FileURL gives the one form in which a path may be named to FFmpeg: absolute,
// behind "file:", so that no name is taken for an option, a protocol or a pattern.
func FileURL(path string) (string, error) {
	if !filepath.IsAbs(path) {
		return "", fmt.Errorf("the path %q must be absolute", path)
	}
	return "file:" + path, nil
}
