package plan

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// canvas is what pictures are laid upon: the picture of an input, or of an output.
type canvas struct {
	clock  clock         // of its timeline
	from   time.Duration // where on that timeline its first picture lies
	pixFmt string        // of FFmpeg
	colors colors
	full   bool // full range
}

// overlays lays the images of an inserter upon a canvas, the lowest layer first
// (behaviour.md 5.2). at is the inserter's pointer.
func (b *builder) overlays(ins *types.ImageInserter, c canvas, at string) []filter {
	if ins == nil {
		return nil
	}
	order := make([]int, len(ins.InsertableImages))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(aws.ToInt32(ins.InsertableImages[i].Layer), aws.ToInt32(ins.InsertableImages[j].Layer))
	})
	white := int32(100)
	if ins.SdrReferenceWhiteLevel != nil {
		white = *ins.SdrReferenceWhiteLevel
	}
	var fs []filter
	for _, i := range order {
		here := at + "/insertableImages/" + strconv.Itoa(i)
		if f, ok := b.overlay(&ins.InsertableImages[i], c, white, here); ok {
			fs = append(fs, f)
		}
	}
	return fs
}

// overlay lays one image upon a canvas.
func (b *builder) overlay(image *types.InsertableImage, c canvas, white int32, at string) (filter, bool) {
	start, begins := time.Duration(0), false
	if image.StartTime != nil {
		moment, ok := c.clock.at(*image.StartTime)
		if !ok {
			b.warn(spool.WarnOverlay, at+"/startTime", "The image [%s] is not inserted: the timeline has no timecode %s.", aws.ToString(image.ImageInserterInput), *image.StartTime)
			return filter{}, false
		}
		start, begins = moment-c.from, true
	}
	ms := func(n *int32) time.Duration { return time.Duration(aws.ToInt32(n)) * time.Millisecond }
	length, in, out := ms(image.Duration), ms(image.FadeIn), ms(image.FadeOut)
	if length == 0 {
		out = 0 // it stays to the end
	}
	uri := aws.ToString(image.ImageInserterInput)
	side := fmt.Sprintf("[%d:0]format=rgba", b.image(uri))
	if image.Width != nil && *image.Width > 0 || image.Height != nil && *image.Height > 0 {
		side += fmt.Sprintf(",scale=%s:%s:flags=bicubic", sideOf(image.Width, "iw"), sideOf(image.Height, "ih"))
	}
	opacity := int32(50)
	if image.Opacity != nil {
		opacity = *image.Opacity
	}
	if opacity < 100 {
		side += fmt.Sprintf(",colorchannelmixer=aa=%.2f", float64(opacity)/100)
	}
	text := fmt.Sprintf("overlay=x=%d:y=%d:eval=init:format=%s", aws.ToInt32(image.ImageX), aws.ToInt32(image.ImageY), c.format())
	// the image's own clock begins when it appears: fades are told from there
	if in > 0 || out > 0 {
		text += ":shortest=1" // the image never ends
		side += ",settb=1/90000,loop=loop=-1:size=1:start=0,setpts=" + fmt.Sprintf("N*%d", int64(90000/c.clock.rate.Float()))
		if in > 0 {
			side += fmt.Sprintf(",fade=t=in:st=0:d=%s:alpha=1", seconds(in))
		}
		if out > 0 {
			side += fmt.Sprintf(",fade=t=out:st=%s:d=%s:alpha=1", seconds(length), seconds(out))
		}
		if start != 0 {
			side += fmt.Sprintf(",setpts=PTS+(%s)/TB", seconds(start))
		}
	}
	side += c.convert(white)
	end := time.Duration(0)
	if length > 0 {
		end = start + length + out
	}
	return filter{side: side, text: text + c.enabled(start, end, begins)}, true
}

func sideOf(n *int32, natural string) string {
	if n == nil || *n == 0 {
		return natural
	}
	return strconv.Itoa(int(*n))
}

// enabled writes when a filter works: from a moment, if it begins, to another, if
// that is not 0. A quarter of a frame keeps rounding away from the edges.
func (c canvas) enabled(start, end time.Duration, begins bool) string {
	quarter := 0.25 / c.clock.rate.Float()
	var when []string
	if begins && start > 0 {
		when = append(when, fmt.Sprintf("gte(t,%.6f)", start.Seconds()-quarter))
	}
	if end != 0 {
		when = append(when, fmt.Sprintf("lt(t,%.6f)", end.Seconds()-quarter))
	}
	if when == nil {
		return ""
	}
	return ":enable='" + strings.Join(when, "*") + "'"
}

// deep tells whether the canvas has more than 8 bits.
func (c canvas) deep() bool {
	return strings.HasSuffix(c.pixFmt, "p10le") || strings.HasSuffix(c.pixFmt, "p12le")
}

// format is the overlay filter's name of the canvas's pixel format.
func (c canvas) format() string {
	name := "yuv420"
	switch {
	case strings.HasPrefix(c.pixFmt, "yuv422"):
		name = "yuv422"
	case strings.HasPrefix(c.pixFmt, "yuv444") && !c.deep():
		return "yuv444"
	case strings.HasPrefix(c.pixFmt, "gbr") || strings.HasPrefix(c.pixFmt, "rgb"):
		return "gbrp"
	}
	if c.deep() {
		name += "p10"
	}
	return name
}

// convert brings an RGBA image to the canvas's colours.
func (c canvas) convert(white int32) string {
	format := strings.Replace(strings.TrimSuffix(c.format(), "p10"), "yuv", "yuva", 1) + "p"
	if c.format() == "gbrp" {
		return ",format=gbrap"
	}
	if c.deep() {
		format += "10le"
	}
	if c.colors.hdr() {
		return fmt.Sprintf(",format=gbrap,zscale=min=gbr:pin=bt709:tin=bt709:rin=full:m=%s:p=%s:t=%s:r=%s:npl=%d,format=%s",
			zimgMatrix(c.colors.matrix), c.colors.primaries, c.colors.transfer, zimgRange(c.full), white, format)
	}
	rng := "tv"
	if c.full {
		rng = "pc"
	}
	return fmt.Sprintf(",scale=out_color_matrix=%s:out_range=%s,format=%s", swsMatrix(c.colors.matrix), rng, format)
}

// image opens an image in the encode task and gives its index there.
func (b *builder) image(uri string) int {
	if i, ok := b.opened[uri]; ok {
		return i
	}
	format := b.facts.Media[uri].Format
	if format == "" {
		name, _, _ := strings.Cut(uri, "?")
		format = strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")
	}
	read := []string{"-format_whitelist", "png_pipe", "-f", "png_pipe", "-c:v", "png"}
	switch format {
	case "bmp":
		read = []string{"-format_whitelist", "bmp_pipe", "-f", "bmp_pipe", "-c:v", "bmp"}
	case "tga":
		read = []string{"-format_whitelist", "image2", "-f", "image2", "-pattern_type", "none", "-c:v", "targa"}
	}
	i := b.input(uri, func(token string) []string {
		args := append([]string{"-protocol_whitelist", "file", "-max_pixels", strconv.Itoa(spool.MaxPixels)}, read...)
		return append(args, "-i", token)
	})
	if b.opened == nil {
		b.opened = map[string]int{}
	}
	b.opened[uri] = i
	return i
}

// inputOverlays are laid upon the picture of a part: their times are those of the
// input's timeline.
func (b *builder) inputOverlays(p *part) ([]filter, error) {
	s := p.src
	if s.video == nil || s.input.ImageInserter == nil && len(s.input.VideoOverlays) == 0 {
		return nil, nil
	}
	c := canvas{from: p.from, pixFmt: s.video.PixelFormat, colors: colorsOf(s.video).guessed(s.height), full: s.video.Range == "pc"}
	clock, ok := s.timeline()
	if !ok {
		clock.start = timecode{} // without a timecode of its own it counts from 0
	}
	c.clock = clock
	at := "/inputs/" + strconv.Itoa(slices.Index(b.prog.sources, s))
	videos, err := b.videoOverlays(p, c, at)
	return append(videos, b.overlays(s.input.ImageInserter, c, at+"/imageInserter")...), err
}
