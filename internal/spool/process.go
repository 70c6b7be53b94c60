package spool

import (
	"io"
	"time"
)

// Process is one child process to run: a tool such as FFmpeg, confined. It is
// the contract between the tools that need a child and the one that starts it.
type Process struct {
	Path   string      // absolute path of the program
	Args   []string    // arguments, without the program's name
	Dir    string      // absolute working folder; the only one it should write to
	Env    []string    // added to the launcher's small environment, "NAME=value"
	Stdout io.Writer   // nil: discarded
	Stderr io.Writer   // nil: discarded
	Extra  []io.Writer // what it writes to file descriptors 3, 4, …
	Limits ProcessLimits
}

// ProcessLimits bounds what a child process may use. Zero means the launcher's default.
type ProcessLimits struct {
	Memory    int64         // address space, bytes
	CPU       time.Duration // CPU time of all threads together; whole seconds
	FileSize  int64         // of any one file it writes, bytes
	OpenFiles int           // file descriptors
}

// ProcessExit is how a child process ended and what it used.
type ProcessExit struct {
	Code       int // exit status; −1 when a signal ended it
	Signal     int // number of the signal that ended it; 0 when it exited
	UserTime   time.Duration
	SystemTime time.Duration
	Wall       time.Duration
	MaxRSS     int64 // bytes; never below what the starting process had in memory when it forked
}
