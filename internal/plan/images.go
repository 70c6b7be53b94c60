package plan

import (
	"fmt"
	"math"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// ImageSet is a run of images for trick play: thumbnails in tiles, or single
// pictures at full size.
type ImageSet struct {
	Staged string `json:"staged"` // with %05d where the number from 1 goes
	Key    string `json:"key"`    // of its playlist
	Base   string `json:"base"`   // begins the keys of its images
	Output int    `json:"output"` // of the group, whose pictures they are
	// Columns and Rows of thumbnails in an image, Width and Height of one, px.
	Columns int `json:"columns"`
	Rows    int `json:"rows"`
	Width   int `json:"width"`
	Height  int `json:"height"`
	// Interval between two thumbnails, in seconds.
	Interval spool.Rational `json:"interval"`
}

// ImageKey gives the object key of image n, counted from 1.
func (s ImageSet) ImageKey(n int) string { return fmt.Sprintf("%s_%05d.jpg", s.Base, n) }

// trickPlay are the settings of images for trick play that all groups have in
// common.
type trickPlay struct {
	mode          string // THUMBNAIL …
	width, height *int32
	columns, rows *int32
	cadence       string // FOLLOW_IFRAME …
	interval      *float64
}

// The size of thumbnails is the service's (behaviour.md 5.7); how many go into
// an image is not known of it.
const (
	defaultThumbnail = 312
	defaultTiles     = 5
	maxTile          = 4096 // px of an image's height (fields of ADVANCED)
	imageQuality     = 80
)

func hlsTrickPlay(hs *types.HlsGroupSettings) trickPlay {
	t := trickPlay{mode: string(hs.ImageBasedTrickPlay)}
	if s := hs.ImageBasedTrickPlaySettings; s != nil && t.mode == "ADVANCED" {
		t.width, t.height, t.columns, t.rows = s.ThumbnailWidth, s.ThumbnailHeight, s.TileWidth, s.TileHeight
		t.cadence, t.interval = string(s.IntervalCadence), s.ThumbnailInterval
	}
	return t
}

// images plans the images of a group from the mezzanine of its first video. They
// are taken from the encoded pictures. gop is the distance of key frames; forced
// says that they lie at its multiples for sure.
func (b *builder) images(i int, t trickPlay, outs []Output, segment, gop spool.Rational, forced bool) ([]ImageSet, error) {
	first := -1
	for j := range outs {
		if outs[j].Video != nil && outs[j].HLS != nil {
			first = j
			break
		}
	}
	if t.mode == "" || t.mode == "NONE" || first < 0 {
		return nil, nil
	}
	o := &outs[first]
	set := ImageSet{
		Output: first, Columns: defaultTiles, Rows: defaultTiles, Width: defaultThumbnail,
		Staged: fmt.Sprintf("g%d_thumbnails_%%05d.jpg", i), Base: o.SegmentBase + "_thumbnails",
		Interval: t.every(o.Video.FrameRate, segment, gop),
	}
	if t.columns != nil {
		set.Columns = int(*t.columns)
	}
	if t.rows != nil {
		set.Rows = int(*t.rows)
	}
	if t.cadence == string(types.HlsIntervalCadenceFollowSegmentation) {
		set.Columns, set.Rows = 1, 1
	}
	if t.width != nil {
		set.Width = int(*t.width)
	}
	set.Height = max(2, 2*int(math.Round(float64(set.Width)*float64(o.Video.Height)/float64(o.Video.Width)/2)))
	if t.height != nil {
		set.Height = int(*t.height)
	}
	if set.Height*set.Rows > maxTile || set.Width*set.Columns > 4*maxTile {
		return nil, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d: the images for trick play would be %dx%d pixels: take fewer or smaller thumbnails.", i, set.Width*set.Columns, set.Height*set.Rows)
	}
	// where every picture that is meant is a key frame for sure, the others need no decoding
	keys := forced && t.cadence == string(types.HlsIntervalCadenceFollowIframe) || forced && t.cadence == "" ||
		t.cadence == string(types.HlsIntervalCadenceFollowSegmentation)
	b.imageTask(i, "thumbnails", o, set, keys, fmt.Sprintf("scale=%d:%d,setsar=1,", set.Width, set.Height))
	sets := []ImageSet{set}
	if t.mode == "THUMBNAIL_AND_FULLFRAME" {
		full := set
		full.Columns, full.Rows, full.Width, full.Height = 1, 1, o.Video.Width, o.Video.Height
		full.Staged, full.Base = fmt.Sprintf("g%d_frames_%%05d.jpg", i), o.SegmentBase+"_frames"
		b.imageTask(i, "frames", o, full, keys, "")
		sets = append(sets, full)
	}
	for k := range sets {
		sets[k].Key = sets[k].Base + ".m3u8"
		if err := spool.CheckKey(sets[k].ImageKey(1)); err != nil {
			return nil, spool.Failf(spool.CodeIncompatible, "/outputGroups/%d: %s.", i, err)
		}
	}
	return sets, nil
}

// every gives the time between two thumbnails, in whole pictures where the job
// names it.
func (t trickPlay) every(rate, segment, gop spool.Rational) spool.Rational {
	switch {
	case t.cadence == string(types.HlsIntervalCadenceFollowCustom) && aws.ToFloat64(t.interval) > 0:
		frames := max(1, int64(math.Round(*t.interval*rate.Float())))
		return spool.Rational{Num: frames * rate.Den, Den: rate.Num}.Reduced()
	case t.cadence == string(types.HlsIntervalCadenceFollowSegmentation):
		return segment
	default:
		return gop
	}
}

// imageTask takes the picture that is first on screen at or after each multiple
// of the interval. Only key frames are decoded where those are meant.
func (b *builder) imageTask(i int, name string, o *Output, set ImageSet, keys bool, scale string) {
	s := strconv.FormatFloat(set.Interval.Float(), 'f', 9, 64)
	filters := fmt.Sprintf("select='isnan(prev_selected_t)+gt(floor((t+0.001)/%s),floor((prev_selected_t+0.001)/%s))',%sformat=yuvj420p", s, s, scale)
	if set.Columns*set.Rows > 1 {
		filters += fmt.Sprintf(",tile=%dx%d", set.Columns, set.Rows)
	}
	var args []string
	if keys {
		args = []string{"-skip_frame", "nokey"}
	}
	args = append(args,
		"-protocol_whitelist", "file", "-f", "mp4", "-i", Work+"/"+o.HLS.mezzanine, "-map", "0:v:0", "-vf", filters,
		"-c:v", "mjpeg", "-q:v", "8", "-intra_matrix", jpegTable(lumaTable, imageQuality), "-chroma_intra_matrix", jpegTable(chromaTable, imageQuality),
		"-fps_mode", "passthrough", "-f", "image2", "-start_number", "1", Work+"/"+set.Staged)
	b.packages = append(b.packages, Task{
		ID: fmt.Sprintf("images_g%d_%s", i, name), Tool: ToolFFmpeg, Args: args, Duration: o.Duration,
		Pixels: int64(o.Video.Width)*int64(o.Video.Height) + int64(set.Width)*int64(set.Height)*int64(set.Columns)*int64(set.Rows),
	})
}
