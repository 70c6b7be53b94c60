package work

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"spool/internal/hls"
	"spool/internal/plan"
	"spool/internal/spool"
)

// images proves the images for trick play, writes their playlists, and says what
// a master playlist tells of them. lasts gives how long the streams play that
// they are of.
func (v *verifier) images(ctx context.Context, g *plan.Group, done []spool.Output) ([]hls.Images, error) {
	var lines []hls.Images
	for k := range g.Images {
		set := &g.Images[k]
		line, files, err := v.imageSet(ctx, g, set, fmt.Sprintf("images_%d_%d.m3u8", len(v.groups), k), done[set.Output].Duration)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
		done[set.Output].Files = append(done[set.Output].Files, files...)
	}
	return lines, nil
}

func (v *verifier) imageSet(ctx context.Context, g *plan.Group, set *plan.ImageSet, name string, lasts time.Duration) (hls.Images, []spool.OutputFile, error) {
	line := hls.Images{Name: beside(g.Master.Key, set.Key), Width: set.Width, Height: set.Height}
	interval := set.Interval.Float()
	shown := max(1, int(math.Ceil(lasts.Seconds()/interval-0.01))) // thumbnails in all
	each := set.Columns * set.Rows
	want := (shown + each - 1) / each
	first, err := v.tools.Inspect(ctx, filepath.Join(v.dir, fmt.Sprintf(set.Staged, 1)))
	if err != nil {
		return line, nil, v.unreadable(ctx, fmt.Sprintf(set.Staged, 1), err)
	}
	if len(first.Streams) != 1 || first.Streams[0].Width != set.Width*set.Columns || first.Streams[0].Height != set.Height*set.Rows {
		return line, nil, v.unfinished("the images for trick play are not %dx%d", set.Width*set.Columns, set.Height*set.Rows)
	}
	list := mediaPlaylist(g.Master, &plan.Output{Key: set.Key}, nil)
	list.Version, list.Keys = 7, nil
	list.Tiles = &hls.Tiles{Width: set.Width, Height: set.Height, Columns: set.Columns, Rows: set.Rows, Interval: time.Duration(math.Round(interval * 1e9))}
	var files []spool.OutputFile
	var total int64
	span := time.Duration(math.Round(float64(each) * interval * 1e9))
	for n := 1; n <= want; n++ {
		staged := fmt.Sprintf(set.Staged, n)
		length := min(span, lasts-time.Duration(n-1)*span)
		f, err := v.add(g, staged, set.ImageKey(n), spool.FileImage, "image/jpeg", length)
		if err != nil {
			return line, nil, err
		}
		files = append(files, f)
		list.Segments = append(list.Segments, hls.Segment{Name: beside(set.Key, set.ImageKey(n)), Duration: length})
		total += f.Size
		line.Bandwidth = max(line.Bandwidth, int64(math.Ceil(float64(f.Size*8)/length.Seconds())))
	}
	if _, err := os.Lstat(filepath.Join(v.dir, fmt.Sprintf(set.Staged, want+1))); err == nil {
		return line, nil, v.unfinished("there are more than the %d images for trick play that were planned", want)
	}
	line.AverageBandwidth = min(line.Bandwidth, int64(float64(total*8)/lasts.Seconds()))
	if g.Master.SegmentsOnly {
		return line, files, nil
	}
	f, err := v.manifest(g, name, set.Key, list.String(), lasts)
	return line, append(files, f), err
}
