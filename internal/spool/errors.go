package spool

import (
	"errors"
	"fmt"
	"strings"
)

// Kinds of errors that doors turn into answers. Wrap them with a message for the user.
var (
	ErrNotFound  = errors.New("not found")
	ErrConflict  = errors.New("conflict")
	ErrInvalid   = errors.New("invalid")
	ErrQuota     = errors.New("quota exceeded")
	ErrForbidden = errors.New("forbidden")
	ErrThrottled = errors.New("too many requests")
)

// UserError is an error whose message may be shown to a user as it is. Kind is
// one of the errors above.
type UserError struct {
	Kind    error
	Message string
}

// Error gives the message.
func (e *UserError) Error() string { return e.Message }

// Unwrap gives the kind.
func (e *UserError) Unwrap() error { return e.Kind }

// Userf makes a UserError.
func Userf(kind error, format string, args ...any) error {
	return &UserError{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Problem is one thing wrong with a request.
type Problem struct {
	Pointer string `json:"pointer"` // JSON pointer from the settings object: /inputs/0/fileInput
	Message string `json:"message"`
}

// String gives "pointer: message", the form of the service (behaviour.md 6.2).
func (p Problem) String() string {
	if p.Pointer == "" {
		return p.Message
	}
	return p.Pointer + ": " + p.Message
}

// Problems is an error that lists all that is wrong with a request at once.
type Problems []Problem

// maxProblemText bounds what Problems say together, in bytes about: an answer is
// no place for as much as a sender likes to get wrong.
const maxProblemText = 64 << 10

// Error joins the problems with " | " (behaviour.md 6.2). Beyond 64 KB it says
// how many more there are.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		text := p.String()
		if i > 0 {
			if b.Len()+len(text) > maxProblemText {
				fmt.Fprintf(&b, " | and %d more", len(ps)-i)
				break
			}
			b.WriteString(" | ")
		}
		if len(text) > maxProblemText {
			text = strings.ToValidUTF8(text[:maxProblemText], "") + "…"
		}
		b.WriteString(text)
	}
	return b.String()
}

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (ps Problems) Unwrap() error { return ErrInvalid }

// Failure is why a job ended in ERROR: a code of behaviour.md 2.3 and a message
// for the user. It never carries raw output of a tool (hostile-input.md).
type Failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Detail  string `json:"-"` // for the operator's log only
}

// Error gives the code and the message.
func (f *Failure) Error() string { return fmt.Sprintf("%d: %s", f.Code, f.Message) }

// Failf makes a Failure.
func Failf(code int, format string, args ...any) *Failure {
	return &Failure{Code: code, Message: fmt.Sprintf(format, args...)}
}

// The error codes used here, of behaviour.md 2.3.
const (
	CodeFileAccess       = 1010
	CodeNoVideo          = 1020
	CodeNoAudio          = 1021
	CodeUnsupportedCodec = 1030
	CodeIncompatible     = 1040
	CodeDiskFull         = 1050
	CodeFileOpen         = 1056
	CodeClipping         = 1060
	CodeDemux            = 1075
	CodeTruncated        = 1076
	CodeAccessDenied     = 1401
	CodeNotFound         = 1404
	CodeWrite            = 1517
	CodeTimeout          = 1522
	CodeUnexpected       = 1999
	CodeHTTPAuth         = 3401
	CodeHTTPForbidden    = 3403
	CodeHTTPNotFound     = 3404
	CodeHTTPTransfer     = 3408
	CodeHTTPServer       = 3450
	CodeHTTPConnect      = 3451
	CodeHTTPMalformed    = 3452
	CodeHTTPRedirect     = 3453
	CodeHTTPName         = 3454
	CodeHTTPTLS          = 3455
	CodeHTTPAddress      = 3456
	CodePolicy           = 3457
	CodeHTTPOther        = 3999
)
