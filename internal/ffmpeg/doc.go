// Package ffmpeg runs ffmpeg and ffprobe, version 5.1 or later, and says what
// they did: progress, how they ended, why they failed, what is in a file.
//
// Every process goes through a Launcher, which confines it. Inputs are opened
// only as absolute "file:" paths, with the demuxers of spool.InputFormats, the
// file protocol, and bounds on pixels and streams (hostile-input.md).
//
// What FFmpeg prints is sorted into what it means and never reaches a user: it
// can carry the content of files. Failures are *spool.Failure with the codes of
// behaviour.md 2.3; their Detail holds the last lines for the operator.
//
// It never decides what to encode (plan does), never fetches or publishes
// anything, never takes an exit status of 0 for a proof (callers verify with
// Inspect), and never logs.
package ffmpeg
