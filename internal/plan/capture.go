package plan

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// The quantisation tables of ITU-T T.81 Annex K in raster order: what JPEG
// encoders scale by quality.
var (
	lumaTable = [64]int{
		16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
		14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
		18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
		49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
	}
	chromaTable = [64]int{
		17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
		24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
	}
)

// jpegTable scales a table to a quality 1..100 by the usual rule of JPEG
// encoders. FFmpeg's own scale has 31 steps; a table of our own has all 100.
func jpegTable(table [64]int, quality int) string {
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	parts := make([]string, len(table))
	for i, v := range table {
		parts[i] = strconv.Itoa(min(255, max(1, (v*scale+50)/100)))
	}
	return strings.Join(parts, ",")
}

// captureOf plans a frame-capture output: capture k shows the picture on screen
// at k·interval (split-notes.md).
func captureOf(prog *programme, vd *types.VideoDescription) (*encoding, *Capture, error) {
	f := vd.CodecSettings.FrameCaptureSettings
	if f == nil {
		f = &types.FrameCaptureSettings{}
	}
	perSecond := spool.Rational{Num: int64(aws.ToInt32(f.FramerateNumerator)), Den: int64(aws.ToInt32(f.FramerateDenominator))}
	if !perSecond.Valid() {
		perSecond = spool.Rational{Num: 1, Den: 1}
	}
	perSecond = perSecond.Reduced()
	geo, err := newGeometry(prog.follow, vd, spool.Rational{})
	if err != nil {
		return nil, nil, err
	}
	quality := 80
	if f.Quality != nil {
		quality = int(*f.Quality)
	}
	limit := int64(aws.ToInt32(f.MaxCaptures))
	c := &Capture{
		Interval: spool.Rational{Num: perSecond.Den, Den: perSecond.Num},
		Count:    expectedCaptures(prog.duration, perSecond, limit),
		Max:      limit,
	}
	e := &encoding{
		codec: "mjpeg", rate: perSecond, geo: geo, pixFmt: "yuvj420p", scaler: scaler(vd), full: true,
		args: []string{
			// quantiser 8 means the tables as they are
			"-c:v", "mjpeg", "-q:v", "8",
			"-intra_matrix", jpegTable(lumaTable, quality), "-chroma_intra_matrix", jpegTable(chromaTable, quality),
		},
	}
	return e, c, nil
}

// expectedCaptures counts the ticks k·interval that lie before the end, with
// the first at 0, up to a limit (0: none).
func expectedCaptures(d time.Duration, perSecond spool.Rational, limit int64) int64 {
	ticks := d.Seconds() * perSecond.Float()
	n := max(1, int64(ticks+1-1e-6))
	if limit > 0 {
		n = min(n, limit)
	}
	return n
}
