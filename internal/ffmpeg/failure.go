package ffmpeg

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"spool/internal/spool"
)

// cannotOpen gives the failure of an input that cannot be opened, in the shape
// of behaviour.md 2.3.
func cannotOpen(code int, uri, why string) *spool.Failure {
	return spool.Failf(code, "Unable to open input file [%s]: [Failed probe/open: [%s]]", uri, why)
}

// withDetail adds what the operator may want to see.
func withDetail(f *spool.Failure, what string, log *logReader) *spool.Failure {
	f.Detail = what
	if tail := log.tail(); tail != "" {
		f.Detail += "\n" + tail
	}
	return f
}

// failTimeout gives the failure of a run that was stopped for taking too long.
// Its first sentence is the service's (behaviour.md 2.3, 1522).
func failTimeout(cause error, c Command, log *logReader) *spool.Failure {
	why := fmt.Sprintf("FFmpeg had not finished after %v and was stopped", c.Deadline)
	if errors.Is(cause, errStall) {
		why = fmt.Sprintf("FFmpeg made no progress for %v and was stopped", c.Stall)
	}
	f := spool.Failf(spool.CodeTimeout, "An internal error has occurred and your job timed out. [%s%s]", why, about(c.URI))
	return withDetail(f, "ffmpeg "+strings.Join(c.Args, " "), log)
}

// failRun gives the failure of a run that ended badly by itself.
func failRun(exit spool.ProcessExit, said signs, c Command, log *logReader) *spool.Failure {
	f := diagnose(exit, said, c)
	status := fmt.Sprintf("exit status %d", exit.Code)
	if exit.Signal != 0 {
		status = "killed by " + syscall.Signal(exit.Signal).String()
	}
	return withDetail(f, status+": ffmpeg "+strings.Join(c.Args, " "), log)
}

// diagnose finds the code and the message: the machine's troubles first, since
// they make all else fail, then the input's, then the settings'.
func diagnose(exit spool.ProcessExit, said signs, c Command) *spool.Failure {
	switch {
	case said.diskFull:
		return spool.Failf(spool.CodeDiskFull, "The disk is full: there is no room for the outputs%s. Free some space where Spool keeps its work and try again.", about(c.URI))
	case exit.Signal == int(syscall.SIGXFSZ):
		return spool.Failf(spool.CodeWrite, "An output%s grew beyond the largest size allowed for one file.", about(c.URI))
	case exit.Signal == int(syscall.SIGXCPU):
		return spool.Failf(spool.CodeTimeout, "An internal error has occurred and your job timed out. [FFmpeg used more CPU time than allowed%s]", about(c.URI))
	case said.noMemory && !said.tooManyStreams:
		return spool.Failf(spool.CodeUnexpected, "FFmpeg needed more memory than allowed%s.", about(c.URI))
	}
	if f := diagnoseInput(said, c.URI); f != nil {
		return f
	}
	switch {
	case said.noEncoder != "":
		return spool.Failf(spool.CodeUnexpected, "This machine's FFmpeg has no encoder [%s]; install an FFmpeg that has it.", said.noEncoder)
	case said.encoderInit:
		return spool.Failf(spool.CodeIncompatible, "Error initializing encoder [initialization failed: the settings do not fit the input or each other]%s", about(c.URI))
	case said.noStream:
		return spool.Failf(spool.CodeIncompatible, "A track that the job selects was not found in the input%s.", about(c.URI))
	case said.notFound || said.denied:
		return spool.Failf(spool.CodeFileOpen, "A file of the job could not be opened%s.", about(c.URI))
	case exit.Signal != 0:
		return spool.Failf(spool.CodeUnexpected, "FFmpeg crashed (%v)%s.", syscall.Signal(exit.Signal), about(c.URI))
	}
	return spool.Failf(spool.CodeUnexpected, "Unknown error [FFmpeg ended with status %d%s]", exit.Code, about(c.URI))
}

// diagnoseInput gives the failure of an input that cannot be read; nil when
// nothing said so.
func diagnoseInput(said signs, uri string) *spool.Failure {
	switch {
	case said.notWhitelisted:
		return cannotOpen(spool.CodeFileAccess, uri, "this kind of file is not accepted as an input")
	case said.tooManyStreams:
		return cannotOpen(spool.CodeFileAccess, uri, fmt.Sprintf("it declares more than %d tracks", spool.MaxStreams))
	case said.noMoov:
		return cannotOpen(spool.CodeDemux, uri, "no moov box found in file")
	case said.noDecoder != "":
		return spool.Failf(spool.CodeUnsupportedCodec, "Codec [%s] is not a supported input codec%s", said.noDecoder, about(uri))
	case said.tooManyPixels:
		return tooLarge(uri)
	case said.invalidData && !said.encoderInit:
		return cannotOpen(spool.CodeFileAccess, uri, "No parser found for container")
	}
	return nil
}

// tooLarge gives the failure of an input whose pictures nobody should decode.
func tooLarge(uri string) *spool.Failure {
	return spool.Failf(spool.CodeUnsupportedCodec, "Unsupported video input: [pictures of more than %d pixels are unsupported]%s", spool.MaxPixels, about(uri))
}

// about names the input, where there is a name.
func about(uri string) string {
	if uri == "" {
		return ""
	}
	return " for input file [" + uri + "]"
}
