package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"spool/internal/captions"
	"spool/internal/plan"
	"spool/internal/spool"
)

// maxFont is how large a font file may be, in bytes: those of East Asian
// scripts have 20 MB.
const maxFont = 64 << 20

// captions reads, cuts and writes captions as a task says.
func (r *Runner) captions(ctx context.Context, dir string, task *plan.Captions, inputs []string) ([]spool.Warning, error) {
	c := captionRun{dir: dir, inputs: inputs}
	c.plans = task.Tracks
	for _, t := range task.Tracks {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		track, err := c.track(t)
		if err != nil {
			return nil, err
		}
		c.tracks = append(c.tracks, track)
	}
	for _, f := range task.Files {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := c.write(f); err != nil {
			return nil, err
		}
		if t := task.Tracks[f.Track]; len(c.tracks[f.Track].Cues) == 0 && len(t.Parts) > 0 {
			c.warn(spool.WarnNoCaptions, f.Pointer, "None of the captions of %q falls into the programme. Move them with timeDelta if their times have another beginning.", t.Selector)
		}
	}
	return c.warnings, nil
}

type captionRun struct {
	dir      string
	inputs   []string
	plans    []plan.CaptionTrack
	tracks   []captions.Track
	warnings []spool.Warning
	fonts    int
}

func (c *captionRun) warn(code int, pointer, format string, args ...any) {
	c.warnings = append(c.warnings, spool.Warning{Code: code, Pointer: pointer, Message: fmt.Sprintf(format, args...)})
}

// path gives the file that a token stands for.
func (c *captionRun) path(token string) (string, error) {
	if name, ok := strings.CutPrefix(token, plan.Work+"/"); ok {
		return filepath.Join(c.dir, name), nil
	}
	for i, path := range c.inputs {
		if token == plan.InputToken(i) {
			return path, nil
		}
	}
	return "", fmt.Errorf("no file is known as %q", token)
}

// read reads a small file of a stranger.
func (c *captionRun) read(token string, most int64) ([]byte, error) {
	path, err := c.path(token)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open captions: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("read captions: %w", err)
	}
	return data, nil
}

// track puts the captions of all parts of the programme together.
func (c *captionRun) track(t plan.CaptionTrack) (captions.Track, error) {
	var parts []captions.Track
	for i, p := range t.Parts {
		data, err := c.read(p.Source, captions.MaxBytes)
		if err != nil {
			return captions.Track{}, err
		}
		if len(data) == 0 && strings.HasPrefix(p.Source, plan.Work) {
			parts = append(parts, captions.Track{}) // a track in which nothing is said
			continue
		}
		got, err := captions.Read(p.Format, data, captions.ReadOptions{FrameRate: p.FrameRate, Channel: p.Channel, Language: p.Language})
		if err != nil {
			f := spool.Failf(spool.CodeFileAccess, "Failed to initialize pipeline [Caption file [%s] does not appear to be the correct type.]. (IS) It is read as %s: %s.",
				p.URI, strings.ToUpper(string(p.Format)), err)
			return captions.Track{}, f
		}
		parts = append(parts, got.Shift(p.Shift).Cut(p.Clip))
		if i > 0 {
			stayOn(t.Parts[i-1], &parts[i-1], parts[i], p.Clip)
		}
	}
	return captions.Join(parts...), nil
}

// carrier brings closed captions onto the pictures of an output: those of each
// part of the programme, cleared where it ends.
func (c *captionRun) carrier(f plan.CaptionFile) ([]byte, error) {
	carried := captions.Carried{}
	for _, carry := range f.Carry {
		var all []captions.Pair
		for _, p := range c.plans[carry.Track].Parts {
			data, err := c.read(p.Source, captions.MaxBytes)
			if err != nil {
				return nil, err
			}
			pairs, err := captions.Pairs(p.Format, data, captions.ReadOptions{FrameRate: p.FrameRate, Channel: p.Channel})
			if err != nil {
				return nil, err
			}
			for _, pair := range pairs {
				if at := pair.At + p.Shift; at >= p.Clip.From && at < p.Clip.To {
					pair.At = at - p.Clip.From + p.Clip.At
					all = append(all, pair)
				}
			}
			if !p.KeepLast {
				all = append(all, captions.Erase(p.Channel, p.Clip.At+p.Clip.To-p.Clip.From)...)
			}
		}
		source := 1
		if parts := c.plans[carry.Track].Parts; len(parts) > 0 {
			source = max(1, parts[0].Channel)
		}
		carried.Carry(captions.ToChannel(all, source, carry.Channel), carry.Channel, f.FrameRate)
	}
	last := int64(0)
	for n := range carried {
		last = max(last, n+1)
	}
	return captions.Carrier(carried, max(1, min(last+1, f.Frames))), nil
}

// stayOn lets what is shown at the end of a part stay on over the next one, up
// to the first that is said there (terminateCaptions DISABLED).
func stayOn(p plan.CaptionPart, before *captions.Track, next captions.Track, clip captions.Clip) {
	if !p.KeepLast {
		return
	}
	until := clip.At + clip.To - clip.From
	if len(next.Cues) > 0 {
		until = next.Cues[0].Start
	}
	for i := range before.Cues {
		if before.Cues[i].End == p.Clip.At+p.Clip.To-p.Clip.From {
			before.Cues[i].End = max(before.Cues[i].End, until)
		}
	}
}

// closedCaptions takes the closed captions out of a source's pictures.
func (r *Runner) closedCaptions(ctx context.Context, dir string, p *plan.Plan, task plan.Task, inputs []string) error {
	c := captionRun{dir: dir, inputs: inputs}
	source, err := c.path(task.Args[0])
	if err != nil {
		return err
	}
	staged, err := c.path(task.Args[1])
	if err != nil {
		return err
	}
	uri := ""
	for _, in := range p.Inputs {
		if in.Token == task.Args[0] {
			uri = in.URI
		}
	}
	var data []byte
	deadline := min(mostDeadline, max(leastDeadline, slowdown*task.Duration))
	err = r.CC.ClosedCaptions(ctx, dir, source, uri, task.Args[2], deadline, func(at time.Duration, triplets []byte) {
		if len(data) <= captions.MaxBytes {
			data = captions.AppendCC(data, at, triplets)
		}
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(staged, data, 0o600); err != nil {
		return fmt.Errorf("stage closed captions: %w", err)
	}
	return nil
}

func (c *captionRun) write(f plan.CaptionFile) error {
	track := c.tracks[f.Track]
	var data []byte
	var err error
	switch f.Format {
	case plan.FormatTrack:
		data, err = json.Marshal(track)
	case plan.FormatCarrier:
		data, err = c.carrier(f)
	case plan.FormatASS:
		look := *f.Look
		if look.Font, err = c.font(f, look.Font); err != nil {
			return err
		}
		data = captions.WriteASS(track, look)
	default:
		var written captions.Written
		data, written, err = captions.Write(f.Format, track, captions.WriteOptions{
			Language: f.Language, Styled: f.Styled, VTT: f.VTT, FrameRate: f.FrameRate, DropFrame: f.DropFrame,
		})
		c.tell(f, written)
	}
	if err != nil {
		return fmt.Errorf("write captions: %w", err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, f.Staged), data, 0o600); err != nil {
		return fmt.Errorf("stage captions: %w", err)
	}
	return nil
}

// lateCaptions is how late captions may come without a word, and what players
// hardly keep.
const lateCaptions = 40 * time.Millisecond

// tell warns of what CEA-608 could not hold.
func (c *captionRun) tell(f plan.CaptionFile, w captions.Written) {
	if w.Lost > 0 {
		c.warn(spool.WarnCaptionsLost, f.Pointer, "%d characters of the captions have no code in CEA-608: ? stands for them.", w.Lost)
	}
	if w.Late > lateCaptions {
		c.warn(spool.WarnCaptionsLate, f.Pointer, "CEA-608 carries two characters with each frame: some captions come up to %d ms late.", w.Late.Milliseconds())
	}
}

// font puts the fonts of a drawing where FFmpeg finds them, and gives the name of
// their family.
func (c *captionRun) font(f plan.CaptionFile, otherwise string) (string, error) {
	family := otherwise
	for i, token := range f.Fonts {
		data, err := c.read(token, maxFont)
		if err != nil {
			return "", err
		}
		name, err := captions.FontFamily(data)
		if err != nil || len(data) > maxFont {
			return "", spool.Failf(spool.CodeFileAccess, "%s/destinationSettings/burninDestinationSettings: the font file %d is not used: %v.", f.Pointer, i+1, errOr(err, "it is too large"))
		}
		if i == 0 {
			family = name
		}
		folder := filepath.Join(c.dir, plan.FontsFolder)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return "", fmt.Errorf("stage fonts: %w", err)
		}
		if err := os.WriteFile(filepath.Join(folder, strconv.Itoa(c.fonts)+".ttf"), data, 0o600); err != nil {
			return "", fmt.Errorf("stage fonts: %w", err)
		}
		c.fonts++
	}
	return family, nil
}

func errOr(err error, text string) error {
	if err == nil {
		return errors.New(text)
	}
	return err
}

// sidecar proves a file of captions: it is there, and reads as what it is.
func (v *verifier) sidecar(g *plan.Group, o *plan.Output) (spool.Output, error) {
	if _, err := v.size(o.Staged); err != nil {
		return spool.Output{}, err
	}
	data, err := os.ReadFile(filepath.Join(v.dir, o.Staged))
	if err != nil {
		return spool.Output{}, fmt.Errorf("read captions back: %w", err)
	}
	if _, err := captions.Read(o.Format, data, captions.ReadOptions{}); err != nil && len(data) > 1 {
		return spool.Output{}, v.unfinished("%s can't be read back: %v", o.Staged, err)
	}
	f, err := v.add(g, o.Staged, o.Key, spool.FileCaptions, o.ContentType, 0)
	if err != nil {
		return spool.Output{}, err
	}
	return spool.Output{Paths: []string{f.URI}, Files: []spool.OutputFile{f}}, nil
}
