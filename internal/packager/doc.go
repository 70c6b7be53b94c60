// Package packager runs Shaka Packager, version 3 or later: it cuts finished
// MP4 files into the segments of DASH and CMAF, or into files with an index,
// and encrypts them with keys that are given.
//
// The process goes through a Launcher, which confines it, works in one folder
// and is given names of that folder only. Keys are handed over in a file that
// is gone when the run ends, never on the command line, where every user of
// the machine can read them.
//
// It never decides how to package (plan does), and takes no exit status for a
// proof: callers read what was written. Where the program is missing, Find says
// so; everything but DASH, CMAF and fragmented HLS works without it.
package packager
