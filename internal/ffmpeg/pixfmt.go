package ffmpeg

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	planarYUV = regexp.MustCompile(`^yuv[aj]?(4[0-4][0-4])p(\d+)?(?:le|be)?$`)
	semiYUV   = regexp.MustCompile(`^p([024])(\d\d)(?:le|be)$`)
	trailing  = regexp.MustCompile(`p?(\d+)(?:le|be)$`)
)

// pixelFormat gives the bits per sample and the chroma subsampling that
// FFmpeg's name of a pixel format means; 0 and "" where it is not known. RGB
// has no subsampling: it counts as 4:4:4.
func pixelFormat(name string) (depth int, chroma string) {
	if m := planarYUV.FindStringSubmatch(name); m != nil {
		depth = 8
		if m[2] != "" {
			depth, _ = strconv.Atoi(m[2])
		}
		return depth, colons(m[1])
	}
	if m := semiYUV.FindStringSubmatch(name); m != nil {
		depth, _ = strconv.Atoi(m[2])
		return depth, "4:" + map[string]string{"0": "2:0", "2": "2:2", "4": "4:4"}[m[1]]
	}
	switch name {
	case "nv12", "nv21":
		return 8, "4:2:0"
	case "nv16", "yuyv422", "uyvy422", "yvyu422":
		return 8, "4:2:2"
	case "nv20le", "nv20be", "y210le", "y210be":
		return 10, "4:2:2"
	case "nv24", "nv42":
		return 8, "4:4:4"
	case "uyyvyy411":
		return 8, "4:1:1"
	case "pal8", "rgb24", "bgr24", "gbrp", "gbrap", "rgba", "bgra", "argb", "abgr", "rgb0", "bgr0", "0rgb", "0bgr":
		return 8, "4:4:4"
	case "rgb48le", "rgb48be", "rgba64le", "rgba64be", "bgr48le", "bgr48be":
		return 16, "4:4:4"
	case "gray", "ya8", "monow", "monob":
		return 8, "4:0:0"
	}
	if m := trailing.FindStringSubmatch(name); m != nil {
		depth, _ = strconv.Atoi(m[1])
		switch {
		case strings.HasPrefix(name, "gbr"):
			return depth, "4:4:4"
		case strings.HasPrefix(name, "gray"):
			return depth, "4:0:0"
		}
	}
	return 0, ""
}

func colons(s string) string { return s[:1] + ":" + s[1:2] + ":" + s[2:3] }
