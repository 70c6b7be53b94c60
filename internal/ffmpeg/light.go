package ffmpeg

import (
	"context"
	"encoding/json"
	"math"
	"slices"

	"spool/internal/spool"
)

// The parts of a unit that mastering metadata counts in (SMPTE ST 2086): of the
// colour plane, and of a candela per square metre.
const (
	planeUnit = 50000
	lightUnit = 10000
)

// light finds the mastering metadata of a track that says it is HDR, in its first
// picture; nil where it has none. Few files have it in their headers.
func (p *prober) light(ctx context.Context, v spool.VideoTrack) (*spool.HDR10, error) {
	if !slices.Contains([]string{"smpte2084", "arib-std-b67"}, v.Transfer) {
		return nil, nil
	}
	out := &limitedBuffer{limit: maxProbeJSON}
	_, _, err := p.ffprobe(ctx, probeTimeout, out, "-of", "json", "-select_streams", "v:0", "-read_intervals", "%+#1", "-show_frames")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || out.over {
		return nil, nil //nolint:nilerr // pictures that can't be decoded have none that can be read
	}
	return parseLight(out.buf.Bytes()), nil
}

// parseLight reads ffprobe's description of the first picture.
func parseLight(text []byte) *spool.HDR10 {
	var said struct {
		Frames []struct {
			SideData []map[string]any `json:"side_data_list"`
		} `json:"frames"`
	}
	if json.Unmarshal(text, &said) != nil || len(said.Frames) == 0 {
		return nil
	}
	var h spool.HDR10
	for _, side := range said.Frames[0].SideData {
		part := func(name string, unit float64) int64 {
			text, _ := side[name].(string)
			return int64(math.Round(rational(text).Float() * unit))
		}
		whole := func(name string) int64 {
			n, _ := side[name].(float64)
			return int64(n)
		}
		switch side["side_data_type"] {
		case "Mastering display metadata":
			h.Red = [2]int64{part("red_x", planeUnit), part("red_y", planeUnit)}
			h.Green = [2]int64{part("green_x", planeUnit), part("green_y", planeUnit)}
			h.Blue = [2]int64{part("blue_x", planeUnit), part("blue_y", planeUnit)}
			h.White = [2]int64{part("white_point_x", planeUnit), part("white_point_y", planeUnit)}
			h.MaxLuminance, h.MinLuminance = part("max_luminance", lightUnit), part("min_luminance", lightUnit)
		case "Content light level metadata":
			h.MaxCLL, h.MaxFALL = whole("max_content"), whole("max_average")
		}
	}
	if h == (spool.HDR10{}) {
		return nil
	}
	return &h
}
