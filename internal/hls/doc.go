// Package hls reads the media playlists that FFmpeg stages and writes the
// playlists that are published, in the shape of the service (behaviour.md 4.4)
// and RFC 8216.
//
// It is pure: text in, text out. It never opens a file and never makes a segment.
package hls
