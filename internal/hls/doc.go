// Package hls reads the media playlists that FFmpeg stages and writes the
// playlists that are published, in the shape of the service (behaviour.md 4.4)
// and RFC 8216. It also knows how whole segments are encrypted.
//
// It is pure: text and bytes in, text and bytes out. It never opens a file and
// never makes a segment.
package hls
