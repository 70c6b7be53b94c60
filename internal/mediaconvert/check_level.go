package mediaconvert

import (
	"math"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// h264Levels are the limits of ITU-T H.264 table A-1: the most macroblocks of 16
// by 16 pixels in a frame, and the most kilobits per second of the Baseline and
// Main profiles.
var h264Levels = map[types.H264CodecLevel]struct{ frame, rate int64 }{
	"LEVEL_1": {99, 64}, "LEVEL_1_1": {396, 192}, "LEVEL_1_2": {396, 384}, "LEVEL_1_3": {396, 768},
	"LEVEL_2": {396, 2000}, "LEVEL_2_1": {792, 4000}, "LEVEL_2_2": {1620, 4000},
	"LEVEL_3": {1620, 10000}, "LEVEL_3_1": {3600, 14000}, "LEVEL_3_2": {5120, 20000},
	"LEVEL_4": {8192, 20000}, "LEVEL_4_1": {8192, 50000}, "LEVEL_4_2": {8704, 50000},
	"LEVEL_5": {22080, 135000}, "LEVEL_5_1": {36864, 240000}, "LEVEL_5_2": {36864, 240000},
}

// h265Frames are the limits of ITU-T H.265 table A.8 on the luma samples of a
// picture, in blocks of 8 by 8.
var h265Frames = map[types.H265CodecLevel]int64{
	"LEVEL_1": 576, "LEVEL_2": 1920, "LEVEL_2_1": 3840, "LEVEL_3": 8640, "LEVEL_3_1": 15360,
	"LEVEL_4": 34816, "LEVEL_4_1": 34816, "LEVEL_5": 139264, "LEVEL_5_1": 139264, "LEVEL_5_2": 139264,
	"LEVEL_6": 557056, "LEVEL_6_1": 557056, "LEVEL_6_2": 557056,
}

// size checks a picture against the blocks of so many pixels that a level takes:
// in all, and at most the square root of eight times as many in a row or column.
// Both give the widths that the service was observed to allow: at LEVEL_3, 720
// beside a height of 576 and 1808 beside none. A level without a limit is 0.
func (c *checker) size(v *types.VideoDescription, blocks int64, pixels int32, at string) {
	if blocks == 0 {
		return
	}
	row := int64(math.Sqrt(float64(8 * blocks)))
	if v.Height != nil && *v.Height > 0 {
		if int64(*v.Height) > row*int64(pixels) {
			c.add(at+"/height", "Should be less than or equal to %d", row*int64(pixels))
		} else if v.Width != nil {
			row = min(row, blocks/int64((*v.Height+pixels-1)/pixels))
		}
	}
	if v.Width != nil && int64(*v.Width) > row*int64(pixels) {
		c.add(at+"/width", "Should be less than or equal to %d", row*int64(pixels))
	}
}
