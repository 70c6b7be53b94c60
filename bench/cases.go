package main

import "path/filepath"

// benchCase is one example system and the command that a person would write for
// it, with the same codecs, presets, qualities and caps.
type benchCase struct {
	name  string
	plain func(clip, dir string) []string
	pairs map[string]string // spool's outputs and ffmpeg's, as patterns
}

var x264 = []string{"-c:v", "libx264", "-preset", "medium", "-profile:v", "main", "-g", "60", "-pix_fmt", "yuv420p"}

var aac = []string{"-c:a", "aac", "-b:a", "96k", "-ac", "2", "-ar", "48000"}

// join puts argument lists one behind the other.
func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var cases = []benchCase{
	{
		name: "abr-hls",
		plain: func(clip, dir string) []string {
			args := []string{"-v", "error", "-i", clip, "-filter_complex", "[0:v]split=3[a][b][c];[a]scale=640:360[va];[b]scale=960:540[vb];[c]null[vc]"}
			for _, r := range []struct{ pad, name, crf, cap, buffer string }{
				{"[va]", "360", "21.9", "1M", "2M"}, {"[vb]", "540", "21.9", "2M", "4M"}, {"[vc]", "720", "18.6", "3M", "6M"},
			} {
				args = join(args, []string{"-map", r.pad, "-map", "0:a"}, x264, []string{"-crf", r.crf, "-maxrate", r.cap, "-bufsize", r.buffer,
					"-force_key_frames", "expr:gte(t,n_forced*10)"}, aac, []string{"-f", "hls", "-hls_time", "10", "-hls_playlist_type", "vod",
					"-hls_segment_filename", filepath.Join(dir, r.name+"_%05d.ts"), filepath.Join(dir, r.name+".m3u8")})
			}
			return args
		},
		pairs: map[string]string{
			"media-bucket/assets/*/HLS/*_360.m3u8": "360.m3u8",
			"media-bucket/assets/*/HLS/*_540.m3u8": "540.m3u8",
			"media-bucket/assets/*/HLS/*_720.m3u8": "720.m3u8",
		},
	},
	{
		name: "cattube",
		plain: func(clip, dir string) []string {
			return join([]string{"-v", "error", "-i", clip, "-filter_complex", "[0:v]split=2[a][b];[b]scale=256:144[vb]",
				"-map", "[a]", "-map", "0:a", "-c:v", "libx265", "-preset", "fast", "-profile:v", "main", "-crf", "21.6",
				"-x265-params", "log-level=error:keyint=60:open-gop=0:vbv-maxrate=5000:vbv-bufsize=10000", "-pix_fmt", "yuv420p"}, aac,
				[]string{"-movflags", "+faststart", filepath.Join(dir, "hd.mp4"),
					"-map", "[vb]", "-map", "0:a", "-c:v", "libsvtav1", "-preset", "8", "-crf", "35", "-svtav1-params", "mbr=70:keyint=120", "-pix_fmt", "yuv420p"}, aac,
				[]string{"-movflags", "+faststart", filepath.Join(dir, "sd.mp4")})
		},
		pairs: map[string]string{
			"cattube-destination/*-hd.mp4": "hd.mp4",
			"cattube-destination/*-sd.mp4": "sd.mp4",
		},
	},
	{
		name: "frames",
		plain: func(clip, dir string) []string {
			return join([]string{"-v", "error", "-i", clip, "-map", "0:v", "-map", "0:a"}, x264,
				[]string{"-crf", "18.6", "-maxrate", "5M", "-bufsize", "10M"}, aac, []string{"-movflags", "+faststart", filepath.Join(dir, "copy.mp4"),
					"-map", "0:v", "-vf", "fps=30:round=up", "-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p", filepath.Join(dir, "%07d.jpg")})
		},
		pairs: map[string]string{
			"raw-frames/*/*.mp4": "copy.mp4",
			"raw-frames/*/*.jpg": "*.jpg",
		},
	},
}
