// Package dash writes MPEG-DASH manifests (MPD) in the shape of the service
// (behaviour.md 4.5, 5.7), and reads those in which Shaka Packager says what it
// wrote.
//
// It is pure: text in, text out. It never opens a file; what a manifest tells
// of segments must have been proven before.
package dash
