package objects

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"syscall"

	"spool/internal/spool"
)

// httpFailure makes the failure whose message begins with its own code, as
// those of 34xx do; detail is for the operator.
func httpFailure(code int, detail error, format string, args ...any) *spool.Failure {
	fail := spool.Failf(code, "%d: %s", code, fmt.Sprintf(format, args...))
	if detail != nil {
		fail.Detail = detail.Error()
	}
	return fail
}

func malformed(at string, detail error) *spool.Failure {
	return httpFailure(spool.CodeHTTPMalformed, detail, "URL '%s' is malformed.", at)
}

func tooLarge(limit int64, u *url.URL) *spool.Failure {
	return httpFailure(spool.CodeHTTPOther, nil, "The file is larger than the %d bytes allowed: '%s'.", limit, u.Redacted())
}

// connectFailure names what went wrong before an answer came.
func connectFailure(ctx context.Context, u *url.URL, err error) *spool.Failure {
	at := u.Redacted()
	var (
		dns    *net.DNSError
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
		host   x509.HostnameError
		op     *net.OpError
	)
	switch {
	case ctx.Err() != nil:
		return timedOut(context.Cause(ctx))
	case errors.Is(err, errAddress):
		return httpFailure(spool.CodeHTTPAddress, err, "The server address is not allowed when accessing: '%s'.", at)
	case errors.As(err, &dns):
		return httpFailure(spool.CodeHTTPName, err, "Name resolution failed when accessing: '%s'.", at)
	case errors.As(err, &cert), errors.As(err, &record), errors.As(err, &alert), errors.As(err, &host):
		return httpFailure(spool.CodeHTTPTLS, err, "SSL failures encountered when accessing: '%s'.", at)
	case errors.As(err, &op) && op.Op == "dial":
		return httpFailure(spool.CodeHTTPConnect, err, "Server could not be reached when accessing: '%s'.", at)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return timedOut(err)
	}
	return httpFailure(spool.CodeHTTPServer, err, "Error encountered when accessing: '%s'.", at)
}

// transferFailure names why a body did not come whole.
func transferFailure(ctx context.Context, u *url.URL, m *meter, err error) *spool.Failure {
	switch {
	case errors.Is(err, errTooLarge):
		return tooLarge(m.max, u)
	case ctx.Err() != nil:
		return timedOut(context.Cause(ctx))
	case m.total >= 0:
		return httpFailure(spool.CodeHTTPTransfer, err,
			"Error uploading file from HTTP source: The transfer ended after %d of %d bytes.", m.done.Load(), m.total)
	default:
		return httpFailure(spool.CodeHTTPTransfer, err,
			"Error uploading file from HTTP source: The transfer broke off after %d bytes.", m.done.Load())
	}
}

func timedOut(cause error) *spool.Failure {
	return httpFailure(spool.CodeHTTPTransfer, cause, "Error uploading file from HTTP source: Connection timed out.")
}

// localFailure is for what the local disk did.
func localFailure(u *url.URL, err error) *spool.Failure {
	var room *roomError
	if errors.As(err, &room) {
		fail := spool.Failf(spool.CodeDiskFull, "The input %s found no room on the disk: %d MB are free and %d MB must stay free. Free some space and run the job again.",
			u.Redacted(), room.free>>20, room.reserve>>20)
		if room.size>>20 > 0 {
			fail = spool.Failf(spool.CodeDiskFull, "The input %s has %d MB and found no room on the disk: %d MB are free and %d MB must stay free. Free some space and run the job again.",
				u.Redacted(), room.size>>20, room.free>>20, room.reserve>>20)
		}
		fail.Detail = err.Error()
		return fail
	}
	code, what := spool.CodeUnexpected, "could not be written"
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		code, what = spool.CodeDiskFull, "found no room on the disk"
	}
	fail := spool.Failf(code, "The input %s %s.", u.Redacted(), what)
	fail.Detail = err.Error()
	return fail
}
