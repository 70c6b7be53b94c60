package work

import (
	"context"
	"time"

	"spool/internal/spool"
)

// Tools are FFmpeg and ffprobe.
type Tools interface {
	Packager
	// Probe finds out what is in a local file. uri is what the user calls it.
	// Errors are *spool.Failure where the file is at fault.
	Probe(ctx context.Context, path, uri string) (spool.Media, error)
	// Encode runs ffmpeg to its end, or kills it when ctx ends. An error is a
	// *spool.Failure, or ctx.Err(). Success proves nothing about the outputs.
	Encode(ctx context.Context, c Command) (Outcome, error)
	// Inspect tells what is really in a staged output or playlist.
	Inspect(ctx context.Context, path string) (Inspection, error)
	// HasEncoder tells whether ffmpeg has the encoder of that name.
	HasEncoder(name string) bool
}

// ClosedCaptions read what pictures carry.
type ClosedCaptions interface {
	// ClosedCaptions decodes a file and calls each with the closed-caption data of
	// each picture that has some: its timestamp, and three bytes for each pair. dir
	// is the only folder it writes to. format is what a probe called it. An error is
	// a *spool.Failure where the file is at fault, or ctx.Err().
	ClosedCaptions(ctx context.Context, dir, path, uri, format string, deadline time.Duration, each func(at time.Duration, triplets []byte)) error
}

// Packager is Shaka Packager.
type Packager interface {
	// CanPackage gives the failure of jobs that need the packager where there is
	// none: it says what to install.
	CanPackage() error
	// Package runs the packager to its end, as Encode runs ffmpeg.
	Package(ctx context.Context, c Packaging) (Outcome, error)
}

// Command is one run of ffmpeg.
type Command struct {
	Args     []string      // without the runner's own prefix
	Dir      string        // absolute; the only folder it writes to
	URI      string        // what the user calls the input
	Pixels   int64         // of all pictures handled at once, for the memory limit
	Length   time.Duration // of the programme, for the limit on file sizes
	Deadline time.Duration
	Stall    time.Duration
	Progress func(frames int64, at time.Duration, speed float64)
}

// Packaging is one run of the packager.
type Packaging struct {
	Args     []string      // without the runner's own prefix; plain names of files in Dir
	Secrets  []string      // arguments that nobody may see
	Dir      string        // absolute; the only folder it writes to
	Length   time.Duration // of the programme, for the limit on file sizes
	Deadline time.Duration
}

// Outcome is how a run of ffmpeg ended.
type Outcome struct {
	ErrorLines int  // reports of broken data
	Truncated  bool // it said that the input ends early
	CPU        time.Duration
	Wall       time.Duration
	Log        string          // the end of what it said, for surveys
	Warnings   []spool.Warning // of captions
}

// Inspection is what is really in a file.
type Inspection struct {
	Duration time.Duration
	Streams  []Stream
}

// Stream is one stream of an inspected file.
type Stream struct {
	Kind        string // video | audio
	Codec       string // FFmpeg's name
	CodecString string // RFC 6381; "" unknown
	Width       int
	Height      int
	FieldOrder  string // progressive, tt, bb, tb, bt; "" unknown
	Frames      int64  // packets
	BitRate     int64  // bits/s; 0 unknown, as in transport streams
	Duration    time.Duration
	Channels    int
	SampleRate  int
}

// Objects are the buckets.
type Objects interface {
	// Path gives a local file to read an object from. A missing object is
	// spool.ErrNotFound.
	Path(ctx context.Context, bucket, key string) (string, error)
	// CheckBucket tells by spool.ErrNotFound that there is no such bucket.
	CheckBucket(ctx context.Context, bucket string) error
	// Publish moves a staged file into its bucket in one step. It may be
	// repeated: when the file is gone and the object is this job's, it is done.
	Publish(ctx context.Context, staged string, o spool.Object) error
	// Remove takes back an object if this job wrote it; a missing one is fine.
	Remove(ctx context.Context, o spool.Object) error
	// FreeBytes tells how much may still be written.
	FreeBytes() (int64, error)
}

// Fetcher brings http(s) inputs to the local disk. Errors are *spool.Failure.
type Fetcher interface {
	Fetch(ctx context.Context, url, dst string, policy spool.InputPolicy, progress func(done, total int64)) error
}
