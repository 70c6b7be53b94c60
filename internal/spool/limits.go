package spool

// InputFormats are the demuxers that an input may use, as FFmpeg's
// -format_whitelist takes them. Playlists, scripts, images and text are left
// out on purpose: they name other files or pass text off as media
// (hostile-input.md).
const InputFormats = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,asf,mxf,mxf_opatom,gxf,dv,wav,w64,aiff,caf,mp3,aac,ac3,eac3,flac,ogg,h264,hevc,m4v,mpegvideo,ivf,av1,obu,yuv4mpegpipe"

// Bounds on what an input may declare (hostile-input.md).
const (
	MaxPixels  = 8192 * 8192 // of one picture
	MaxStreams = 32          // of one input
)
