package ffmpeg

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

// ccName is what the file is called in the folder that ffprobe runs in: the name
// stands in a filter, so that it is ours.
const ccName = "closedcaptions.in"

// ClosedCaptions decodes a file's pictures and calls each with the closed-caption
// data of those that carry some (ATSC A/53), in the order in which they are shown:
// the picture's timestamp and three bytes for each pair. dir is a folder of the
// caller's alone. format is FFmpeg's name of the format, as a probe gives it; no
// other demuxer is tried. Errors are those of Probe.
func (t *Tools) ClosedCaptions(ctx context.Context, dir, path, uri, format string, deadline time.Duration, each func(at time.Duration, triplets []byte)) error {
	demuxer, _, _ := strings.Cut(format, ",")
	if !slices.Contains(strings.Split(spool.InputFormats, ","), demuxer) {
		return fmt.Errorf("closed captions: the format %q is not one of inputs", format)
	}
	link := filepath.Join(dir, ccName)
	if err := os.Symlink(path, link); err != nil {
		return fmt.Errorf("closed captions: %w", err)
	}
	defer os.Remove(link)
	p := &prober{tools: t, path: link, uri: uri}
	read, write := io.Pipe()
	parsed := make(chan error, 1)
	go func() {
		err := readPackets(read, each)
		_, _ = io.Copy(io.Discard, read) // so that ffprobe never waits
		parsed <- err
	}()
	_, _, err := p.run(ctx, deadline, t.FFprobe, write, []string{
		"-hide_banner", "-loglevel", "repeat+level+warning", "-f", "lavfi",
		"-i", "movie=filename=" + ccName + ":format_name=" + demuxer + "[out0+subcc]",
		"-select_streams", "s", "-show_data", "-show_entries", "packet=pts_time,data", "-of", "json=compact=1",
	})
	write.Close()
	if parseErr := <-parsed; err == nil && parseErr != nil {
		return fmt.Errorf("closed captions: %w", parseErr)
	}
	return err
}

// readPackets reads the packets of ffprobe's JSON as they come.
func readPackets(r io.Reader, each func(at time.Duration, data []byte)) error {
	d := json.NewDecoder(r)
	for { // up to the list of packets
		tk, err := d.Token()
		if err != nil {
			return err
		}
		if tk == json.Delim('[') {
			break
		}
	}
	for d.More() {
		var packet struct {
			Time string `json:"pts_time"`
			Data string `json:"data"`
		}
		if err := d.Decode(&packet); err != nil {
			return err
		}
		at, err := strconv.ParseFloat(packet.Time, 64)
		if err != nil {
			continue
		}
		each(time.Duration(at*1e9), hexDump(packet.Data))
	}
	return nil
}

// hexDump reads ffprobe's picture of bytes: lines of an offset, eight groups of
// four digits, and what they look like as text.
func hexDump(text string) []byte {
	var out []byte
	for line := range strings.SplitSeq(text, "\n") {
		_, rest, ok := strings.Cut(line, ": ")
		if !ok {
			continue
		}
		digits, _, _ := strings.Cut(rest, "  ")
		data, err := hex.DecodeString(strings.ReplaceAll(digits[:min(len(digits), 40)], " ", ""))
		if err != nil {
			return nil
		}
		out = append(out, data...)
	}
	return out
}
