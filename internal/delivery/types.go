package delivery

import (
	"mime"
	"path"
	"strings"
)

// contentTypes are the types of what Spool publishes, by extension. The table of
// the machine is not asked: it differs from machine to machine and lacks most.
var contentTypes = map[string]string{
	".m3u8": "application/vnd.apple.mpegurl",
	".ts":   "video/mp2t",
	".mpd":  "application/dash+xml",
	".mp4":  "video/mp4",
	".m4v":  "video/mp4",
	".cmfv": "video/mp4",
	".m4s":  "video/iso.segment",
	".m4a":  "audio/mp4",
	".cmfa": "audio/mp4",
	".cmft": "application/mp4",
	".mov":  "video/quicktime",
	".mxf":  "application/mxf",
	".mkv":  "video/x-matroska",
	".webm": "video/webm",
	".ismv": "video/mp4",
	".isma": "audio/mp4",
	".ism":  "application/vnd.ms-sstr+xml",
	".ismc": "application/vnd.ms-sstr+xml",
	".aac":  "audio/aac",
	".mp3":  "audio/mpeg",
	".wav":  "audio/wav",
	".ogg":  "audio/ogg",
	".opus": "audio/ogg",
	".flac": "audio/flac",
	".jpg":  "image/jpeg",
	".jpeg": "image/jpeg",
	".png":  "image/png",
	".gif":  "image/gif",
	".webp": "image/webp",
	".vtt":  "text/vtt; charset=utf-8",
	".srt":  "application/x-subrip",
	".ttml": "application/ttml+xml",
	".json": "application/json",
	".txt":  "text/plain; charset=utf-8",
}

// contentType gives the type to serve a key with: the object's own unless it
// says nothing, else by extension. What a browser could run as a page is not
// passive: it is served as bytes to be saved.
func contentType(key, own string) (served string, passive bool) {
	base, _, err := mime.ParseMediaType(own)
	known := contentTypes[strings.ToLower(path.Ext(key))]
	saysNothing := err != nil || base == "application/octet-stream" || base == "binary/octet-stream" ||
		own == "text/plain" // what the gateway says of a file that was put into its folder by hand
	if saysNothing && known != "" {
		own = known
		base, _, err = mime.ParseMediaType(own)
	}
	if err != nil || !isPassive(base) {
		return "application/octet-stream", false
	}
	return own, true
}

// isPassive tells whether a type can't carry script.
func isPassive(base string) bool {
	kind, sub, _ := strings.Cut(base, "/")
	switch kind {
	case "video", "audio":
		return true
	case "image":
		return !strings.Contains(sub, "xml")
	}
	switch base {
	case "application/vnd.apple.mpegurl", "application/x-mpegurl", "application/dash+xml", "application/vnd.ms-sstr+xml",
		"application/mp4", "application/mxf", "application/ttml+xml", "application/x-subrip", "application/json",
		"text/plain", "text/vtt":
		return true
	}
	return false
}

// cacheControl lets manifests be asked for again soon and segments be kept:
// a segment's key is never written twice with different bytes by one job, and
// another job that reuses it rewrites the manifest too.
func cacheControl(key string) string {
	switch strings.ToLower(path.Ext(key)) {
	case ".m3u8", ".mpd", ".ism", ".ismc":
		return "public, max-age=5"
	case ".ts", ".m4s", ".cmfv", ".cmfa", ".cmft", ".aac":
		return "public, max-age=31536000, immutable"
	default:
		return "public, max-age=300"
	}
}
