package codecs

import (
	"os"
	"testing"

	"spool/internal/spool"
	"spool/internal/testkit"
)

// clip is what most jobs here read: two seconds with a number on every picture.
var clip = testkit.ClipSpec{Seconds: 2, W: 320, H: 180, FPS: spool.Rational{Num: 25, Den: 1}, Audio: testkit.Stereo}

const (
	qvbr = `"rateControlMode":"QVBR","maxBitrate":1000000`
	vbr  = `"rateControlMode":"VBR","bitrate":400000`
)

// TestCodecs: every codec in every kind of file that takes it, in one job.
func TestCodecs(t *testing.T) {
	t.Parallel()
	all := span(0, 49)
	outputs := []want{
		{name: "VP8", container: `"container":"WEBM"`, codec: `"codec":"VP8","vp8Settings":{` + vbr + `}`, stream: "vp8 0 yuv420p progressive", frames: 50, shown: all},
		{name: "VP9", container: `"container":"WEBM"`, codec: `"codec":"VP9","vp9Settings":{` + vbr + `}`, stream: "vp9 Profile 0 yuv420p progressive", frames: 50, shown: all},
		{name: "ProRes HQ, interlaced", container: `"container":"MOV"`, codec: `"codec":"PRORES","proresSettings":{"codecProfile":"APPLE_PRORES_422_HQ","interlaceMode":"TOP_FIELD"}`, stream: "prores HQ yuv422p10le tb", frames: 50, shown: all},
		{name: "ProRes XQ", container: `"container":"MOV"`, codec: `"codec":"PRORES","proresSettings":{"codecProfile":"APPLE_PRORES_4444_XQ","chromaSampling":"PRESERVE_444_SAMPLING"}`, stream: "prores XQ yuv444p12le progressive", frames: 50, shown: all},
		{name: "ProRes in MXF", container: `"container":"MXF"`, codec: `"codec":"PRORES","proresSettings":{"codecProfile":"APPLE_PRORES_422_LT"}`, stream: "prores LT yuv422p10le progressive", frames: 50, shown: all},
		{name: "MPEG-2 422", container: `"container":"MXF"`, codec: `"codec":"MPEG2","mpeg2Settings":{"rateControlMode":"CBR","bitrate":2000000,"codecProfile":"PROFILE_422","interlaceMode":"BOTTOM_FIELD","qualityTuningLevel":"MULTI_PASS"}`, stream: "mpeg2video 4:2:2 yuv422p bb", frames: 50, shown: all},
		{name: "MPEG-2 alone", container: `"container":"RAW"`, codec: `"codec":"MPEG2","mpeg2Settings":{"rateControlMode":"VBR","bitrate":2000000,"softness":40}`, stream: "mpeg2video Main yuv420p progressive", frames: 50, shown: all},
		{name: "MPEG-2 in MOV", container: `"container":"MOV"`, codec: `"codec":"MPEG2","mpeg2Settings":{"rateControlMode":"VBR","bitrate":2000000}`, stream: "mpeg2video Main yuv420p progressive", frames: 50},
		{name: "uncompressed 4:2:0 in MOV", container: `"container":"MOV"`, codec: `"codec":"UNCOMPRESSED","uncompressedSettings":{}`, stream: "yuv4  yuv420p progressive", frames: 50, shown: all},
		{name: "uncompressed 4:2:2 in MOV", container: `"container":"MOV"`, codec: `"codec":"UNCOMPRESSED","uncompressedSettings":{"fourcc":"I422"}`, stream: "rawvideo  uyvy422 progressive", frames: 50},
		{name: "Y4M", container: `"container":"Y4M"`, codec: `"codec":"UNCOMPRESSED","uncompressedSettings":{}`, stream: "rawvideo  yuv420p progressive", frames: 50, shown: all},
		{name: "bare pictures", container: `"container":"RAW"`, codec: `"codec":"UNCOMPRESSED","uncompressedSettings":{"fourcc":"I444"}`},
		{name: "GIF", container: `"container":"GIF"`, codec: `"codec":"GIF","gifSettings":{"framerateControl":"SPECIFIED","framerateNumerator":5,"framerateDenominator":1}`, stream: "gif  bgra ", frames: 10, shown: []int{2, 7, 12, 17, 22, 27, 32, 37, 42, 47}},
		{name: "F4V", container: `"container":"F4V"`, codec: `"codec":"H_264","h264Settings":{` + qvbr + `}`, audio: true, stream: "h264 Main yuv420p progressive", frames: 50, shown: all},
		{name: "H.264 alone, two passes", container: `"container":"RAW"`, codec: `"codec":"H_264","h264Settings":{` + vbr + `,"qualityTuningLevel":"MULTI_PASS_HQ"}`, stream: "h264 Main yuv420p progressive", frames: 50, shown: all, said: []string{"rc=2pass"}},
		{name: "H.265 alone, two passes", container: `"container":"RAW"`, codec: `"codec":"H_265","h265Settings":{` + vbr + `,"qualityTuningLevel":"MULTI_PASS_HQ"}`, stream: "hevc Main yuv420p ", frames: 50, shown: all, said: []string{"stats-read=2"}},
		{name: "H.264 4:2:2 in MXF", container: `"container":"MXF"`, codec: `"codec":"H_264","h264Settings":{` + qvbr + `,"codecProfile":"HIGH_422_10BIT"}`, stream: "h264 High 4:2:2 yuv422p10le progressive", frames: 50, shown: all},
		{name: "AV1 alone", container: `"container":"RAW"`, codec: `"codec":"AV1","av1Settings":{"maxBitrate":500000,"bitDepth":"BIT_10"}`, stream: "av1 Main yuv420p10le ", frames: 50, shown: all},
		{name: "passed through", container: `"container":"MOV"`, codec: `"codec":"PASSTHROUGH"`, audio: true, stream: "h264 High yuv420p progressive", frames: 50, shown: all},
	}
	files := convert(t, testkit.Clip(t, clip), outputs)
	for i, o := range outputs {
		t.Run(o.name, func(t *testing.T) {
			o.check(t, files[i])
			if info, err := os.Stat(files[i]); o.name == "bare pictures" && (err != nil || info.Size() != 50*320*180*3) {
				t.Errorf("%v, %v: want 50 pictures of three bytes a pixel", info, err)
			}
		})
	}
}

// TestCameraCodecs: codecs of fixed sizes, on a few large pictures.
func TestCameraCodecs(t *testing.T) {
	t.Parallel()
	short := clip
	short.Seconds, short.Audio = 0.24, testkit.NoAudio
	const hd = `"width":1280,"height":720`
	outputs := []want{
		{name: "VC-3", container: `"container":"MOV"`, video: hd, codec: `"codec":"VC3","vc3Settings":{"vc3Class":"CLASS_220_10BIT"}`, stream: "dnxhd DNXHD yuv422p10le ", frames: 6, shown: span(0, 5)},
		{name: "VC-3 alone", container: `"container":"RAW"`, video: hd, codec: `"codec":"VC3","vc3Settings":{}`, stream: "dnxhd DNXHD yuv422p ", frames: 6},
		{name: "VC-3, interlaced", container: `"container":"MXF"`, video: `"width":1920,"height":1080`, codec: `"codec":"VC3","vc3Settings":{"interlaceMode":"INTERLACED"}`, stream: "dnxhd DNXHD yuv422p tt", frames: 6},
		{name: "AVC-Intra 100", container: `"container":"MXF"`, video: hd, codec: `"codec":"AVC_INTRA","avcIntraSettings":{}`, stream: "h264 High 4:2:2 Intra yuv422p10le progressive", frames: 6, shown: span(0, 5)},
		{name: "AVC-Intra 50, interlaced", container: `"container":"MXF"`, video: `"width":1440,"height":1080`, codec: `"codec":"AVC_INTRA","avcIntraSettings":{"avcIntraClass":"CLASS_50","interlaceMode":"TOP_FIELD"}`, stream: "h264 High 10 Intra yuv420p10le tt", frames: 6},
		{name: "XAVC Intra", container: `"container":"MXF"`, video: `"width":1920,"height":1080`, codec: `"codec":"XAVC","xavcSettings":{"profile":"XAVC_HD_INTRA_CBG","xavcHdIntraCbgProfileSettings":{"xavcClass":"CLASS_100"}}`, stream: "h264 High 4:2:2 Intra yuv422p10le progressive", frames: 6},
		{name: "XAVC", container: `"container":"MXF"`, video: `"width":1920,"height":1080`, codec: `"codec":"XAVC","xavcSettings":{"profile":"XAVC_HD","xavcHdProfileSettings":{"bitrateClass":"BITRATE_CLASS_25"}}`, stream: "h264 High yuv420p progressive", frames: 6, said: []string{"keyint=13", "bframes=2", "vbv_maxrate=25000"}},
		{name: "D-10", container: `"container":"MXF","mxfSettings":{"profile":"D_10"}`, video: `"width":720,"height":576`, codec: `"codec":"MPEG2","mpeg2Settings":{"rateControlMode":"CBR","bitrate":50000000,"syntax":"D_10","interlaceMode":"TOP_FIELD"}`, stream: "mpeg2video 4:2:2 yuv422p tt", frames: 6},
	}
	files := convert(t, testkit.Clip(t, short), outputs)
	for i, o := range outputs {
		t.Run(o.name, func(t *testing.T) { o.check(t, files[i]) })
	}
}
