package plan

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// levels264 are the limits of ITU-T H.264 table A-1: macroblocks of a second, of
// a picture, and of all pictures that are kept for reference.
var levels264 = map[types.H264CodecLevel]struct{ second, picture, kept float64 }{
	"LEVEL_1": {1485, 99, 396}, "LEVEL_1_1": {3000, 396, 900}, "LEVEL_1_2": {6000, 396, 2376}, "LEVEL_1_3": {11880, 396, 2376},
	"LEVEL_2": {11880, 396, 2376}, "LEVEL_2_1": {19800, 792, 4752}, "LEVEL_2_2": {20250, 1620, 8100},
	"LEVEL_3": {40500, 1620, 8100}, "LEVEL_3_1": {108000, 3600, 18000}, "LEVEL_3_2": {216000, 5120, 20480},
	"LEVEL_4": {245760, 8192, 32768}, "LEVEL_4_1": {245760, 8192, 32768}, "LEVEL_4_2": {522240, 8704, 34816},
	"LEVEL_5": {589824, 22080, 110400}, "LEVEL_5_1": {983040, 36864, 184320}, "LEVEL_5_2": {2073600, 36864, 184320},
}

// level264 keeps an encode within the level that the job names, as far as the
// pictures let it: it keeps no more of them for reference than the level allows,
// and says so where they are too many or too large.
func (a *ask) level264(e *encoding, h *types.H264Settings, g *gop) {
	limit, ok := levels264[h.CodecLevel]
	if !ok {
		return
	}
	blocks := float64((e.geo.width+15)/16) * float64((e.geo.height+15)/16)
	if blocks > limit.picture || blocks*e.rate.Float() > limit.second*1.001 {
		level := strings.ReplaceAll(strings.TrimPrefix(string(h.CodecLevel), "LEVEL_"), "_", ".")
		a.warn("codecLevel", "Level %s is written, but %dx%d pictures at %s a second are more than it allows. Choose AUTO or a higher level.", level, e.geo.width, e.geo.height, e.rate)
	}
	most := min(16, max(1, int(limit.kept/blocks)))
	usual := map[types.H264QualityTuningLevel]int{types.H264QualityTuningLevelSinglePass: 1, types.H264QualityTuningLevelMultiPassHq: 5}[h.QualityTuningLevel]
	if usual == 0 {
		usual = 3
	}
	if g.refs > most || g.refs == 0 && usual > most {
		g.refs = most
	}
}
