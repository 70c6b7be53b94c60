package objects

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"spool/internal/spool"
)

// FetchOptions bound what a Fetcher does. Zero values mean the defaults named.
type FetchOptions struct {
	// AllowPrivate lets loopback, private and carrier-grade NAT addresses
	// through. Link-local, metadata and multicast addresses never are.
	AllowPrivate      bool
	MaxBytes          int64         // of one body; no limit
	Timeout           time.Duration // of one whole fetch; 6 hours
	MinBytesPerSecond int64         // averaged over RateWindow; 1,024
	RateWindow        time.Duration // 30 s
	UserAgent         string        // "spool"
	// Free tells how many bytes may still be written where fetched files go, of
	// which Reserve must stay. Without it nobody looks.
	Free    func() (int64, error)
	Reserve int64
	TLS     *tls.Config // roots for tests; the system's
}

// Fetcher brings http(s) inputs to the local disk. It follows no proxy setting.
type Fetcher struct {
	opt       FetchOptions
	transport *http.Transport
}

var (
	errAddress = errors.New("address not allowed")
	errSlow    = errors.New("slower than the minimum rate")
	errTooLate = errors.New("over the time limit")
)

// NewFetcher makes a Fetcher. The address check is done on the address that is
// really connected to, so a name that changes its mind gains nothing.
func NewFetcher(opt FetchOptions) *Fetcher {
	if opt.MaxBytes <= 0 {
		opt.MaxBytes = math.MaxInt64
	}
	if opt.Timeout <= 0 {
		opt.Timeout = 6 * time.Hour
	}
	if opt.MinBytesPerSecond <= 0 {
		opt.MinBytesPerSecond = 1024
	}
	if opt.RateWindow <= 0 {
		opt.RateWindow = 30 * time.Second
	}
	if opt.UserAgent == "" {
		opt.UserAgent = "spool"
	}
	dialer := &net.Dialer{
		Timeout: 10 * time.Second,
		Control: func(network, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("%w: %s %q", errAddress, network, address)
			}
			if err := checkAddress(ap.Addr(), opt.AllowPrivate); err != nil {
				return fmt.Errorf("%w: %w", errAddress, err)
			}
			return nil
		},
	}
	return &Fetcher{opt: opt, transport: &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        opt.TLS,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      true,
		DisableCompression:     true, // the bytes as they are, or not at all
	}}
}

// Fetch gets rawURL whole into the file dst, made or emptied first, and removes
// it again on failure. At most one 301 or 302 is followed, never from https to
// http, nor to where the input policy disallows inputs. progress, when given, is called from time to time with the bytes done
// and the total, -1 when unknown.
//
// Every error is a *spool.Failure with a code and message of behaviour.md 2.3.
// When ctx was ended by the caller, that failure means nothing: ask ctx first.
func (f *Fetcher) Fetch(ctx context.Context, rawURL, dst string, policy spool.InputPolicy, progress func(done, total int64)) error {
	if fail := f.fetch(ctx, rawURL, dst, policy, progress); fail != nil {
		return fail
	}
	return nil
}

func (f *Fetcher) fetch(ctx context.Context, rawURL, dst string, policy spool.InputPolicy, progress func(done, total int64)) *spool.Failure {
	u, fail := parseURL(rawURL)
	if fail != nil {
		return fail
	}
	ctx, stop := context.WithTimeoutCause(ctx, f.opt.Timeout, errTooLate)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	resp, fail := f.get(ctx, u, policy, "")
	if fail != nil {
		return fail
	}
	defer resp.Body.Close()
	if fail := f.checkBody(resp, u); fail != nil {
		return fail
	}
	return f.save(ctx, cancel, resp, u, dst, progress)
}

// save writes a body into the file dst, and removes it again on failure.
func (f *Fetcher) save(ctx context.Context, cancel context.CancelCauseFunc, resp *http.Response, u *url.URL, dst string, progress func(done, total int64)) (fail *spool.Failure) {
	if err := f.room(max(resp.ContentLength, 0)); err != nil {
		return localFailure(u, err)
	}
	file, err := createLocal(dst)
	if err != nil {
		return localFailure(u, err)
	}
	body := &meter{r: resp.Body, total: resp.ContentLength, max: f.opt.MaxBytes, progress: progress}
	defer f.watchRate(body, cancel)()

	w := &localWriter{w: file, room: f.room}
	_, err = io.Copy(w, body)
	if closeErr := file.Close(); w.err == nil {
		w.err = closeErr
	}
	switch {
	case w.err != nil:
		fail = localFailure(u, w.err)
	case err != nil:
		fail = transferFailure(ctx, u, body, err)
	}
	if fail != nil {
		_ = os.Remove(dst)
	}
	return fail
}

// createLocal makes or empties a regular file; a device or a link is left alone,
// also by the removal that follows a failure.
func createLocal(dst string) (*os.File, error) {
	file, err := os.OpenFile(dst, os.O_RDWR|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	fi, err := file.Stat()
	if err == nil && !fi.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", dst)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// get asks for u, or for a range of its bytes, and follows at most one redirect.
func (f *Fetcher) get(ctx context.Context, u *url.URL, policy spool.InputPolicy, bytes string) (*http.Response, *spool.Failure) {
	asked := u
	for hop := 0; ; hop++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, malformed(u.Redacted(), err)
		}
		req.Header.Set("User-Agent", f.opt.UserAgent)
		req.Header.Set("Accept", "*/*")
		req.Header.Set("Accept-Encoding", "identity")
		if bytes != "" {
			req.Header.Set("Range", "bytes="+bytes)
		}
		resp, err := f.transport.RoundTrip(req)
		if err != nil {
			return nil, connectFailure(ctx, u, err)
		}
		if resp.StatusCode < 300 || resp.StatusCode >= 400 {
			return resp, nil
		}
		_ = resp.Body.Close()
		next, err := redirect(u, resp)
		if err != nil || hop > 0 {
			return nil, httpFailure(spool.CodeHTTPRedirect, err,
				"MediaConvert can't follow redirects when accessing your input: %s.", asked.Redacted())
		}
		if !policy.Allows(next.Scheme) {
			return nil, spool.Failf(spool.CodePolicy, "3457: You specified an input location that your policy disallows: '%s. Specify an allowed input location and resubmit your job.", next.Redacted())
		}
		u = next
	}
}

// redirect gives where a 301 or 302 leads, if it may be followed.
func redirect(from *url.URL, resp *http.Response) (*url.URL, error) {
	if resp.StatusCode != http.StatusMovedPermanently && resp.StatusCode != http.StatusFound {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	to, err := resp.Location()
	if err != nil {
		return nil, err
	}
	if from.Scheme == "https" && to.Scheme != "https" {
		return nil, errors.New("from https to " + to.Scheme)
	}
	if _, fail := parseURL(to.String()); fail != nil {
		return nil, fail
	}
	return to, nil
}

// parseURL takes http(s) URLs with a host and without credentials.
func parseURL(raw string) (*url.URL, *spool.Failure) {
	u, err := url.Parse(raw)
	if err != nil {
		// The text may hold credentials that only a parser could find.
		return nil, malformed("(not a URL)", err)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, malformed(u.Redacted(), errors.New("scheme"))
	case u.Hostname() == "":
		return nil, malformed(u.Redacted(), errors.New("no host"))
	case u.User != nil:
		u.User = nil
		return nil, malformed(u.String(), errors.New("it holds credentials"))
	}
	return u, nil
}

// checkBody refuses every answer that is not one whole plain body.
func (f *Fetcher) checkBody(resp *http.Response, u *url.URL) *spool.Failure {
	at := u.Redacted()
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
	case code == http.StatusUnauthorized:
		return httpFailure(spool.CodeHTTPAuth, nil, "Access to '%s' requires authorization.", at)
	case code == http.StatusForbidden:
		return httpFailure(spool.CodeHTTPForbidden, nil, "Access to '%s' is forbidden.", at)
	case code == http.StatusNotFound || code == http.StatusGone:
		return httpFailure(spool.CodeHTTPNotFound, nil, "'%s' not found.", at)
	case code >= 500:
		return httpFailure(spool.CodeHTTPServer, fmt.Errorf("status %d", code), "Error encountered when accessing: '%s'.", at)
	default:
		return httpFailure(spool.CodeHTTPOther, nil, "The server answered with status %d when accessing: '%s'.", code, at)
	}
	if enc := resp.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return httpFailure(spool.CodeHTTPTransfer, errors.New("content encoding "+enc),
			"Error uploading file from HTTP source: The server sent an encoded body.")
	}
	if resp.ContentLength < 0 && resp.ProtoMajor == 1 && len(resp.TransferEncoding) == 0 {
		return httpFailure(spool.CodeHTTPTransfer, nil,
			"Error uploading file from HTTP source: The server does not say how long the file is.")
	}
	if resp.ContentLength > f.opt.MaxBytes {
		return tooLarge(f.opt.MaxBytes, u)
	}
	return nil
}

// watchRate ends a fetch that falls below the minimum rate; the function that
// it gives stops the watch.
func (f *Fetcher) watchRate(m *meter, cancel context.CancelCauseFunc) (stop func()) {
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(f.opt.RateWindow)
		defer tick.Stop()
		least := int64(float64(f.opt.MinBytesPerSecond) * f.opt.RateWindow.Seconds())
		last := int64(0)
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				now := m.done.Load()
				if now-last < least {
					cancel(errSlow)
					return
				}
				last = now
			}
		}
	}()
	return func() { close(done); <-ended }
}

// meter counts a body, caps it, and demands the length that was promised.
type meter struct {
	r        io.Reader
	total    int64 // -1 unknown
	max      int64
	done     atomic.Int64
	told     time.Time
	progress func(done, total int64)
}

var errTooLarge = errors.New("over the size limit")

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	done := m.done.Add(int64(n))
	switch {
	case done > m.max:
		return n, errTooLarge
	case err == io.EOF && m.total >= 0 && done != m.total:
		err = io.ErrUnexpectedEOF
	}
	if m.progress != nil && (err == io.EOF || time.Since(m.told) > 200*time.Millisecond) {
		m.told = time.Now()
		m.progress(done, m.total)
	}
	return n, err
}

// roomError says that a file would take bytes that must stay free.
type roomError struct{ size, free, reserve int64 }

func (e *roomError) Error() string {
	return fmt.Sprintf("%d bytes more would leave less than %d of %d free", e.size, e.reserve, e.free)
}

// room checks that so many bytes more leave what must stay free: what else is on
// the disk, such as the database, breaks when it is full.
func (f *Fetcher) room(size int64) error {
	if f.opt.Free == nil {
		return nil
	}
	free, err := f.opt.Free()
	if err == nil && size > free-f.opt.Reserve {
		err = &roomError{size, free, f.opt.Reserve}
	}
	return err
}

// roomEvery is how many bytes are written between two looks at the free space:
// a body may have no length, and others write at the same time.
const roomEvery = 8 << 20

// localWriter remembers that it was the disk that failed, or would have.
type localWriter struct {
	w       io.Writer
	room    func(size int64) error
	written int64 // since room was asked
	err     error
}

func (l *localWriter) Write(p []byte) (int, error) {
	if l.written += int64(len(p)); l.written >= roomEvery {
		l.written = 0
		if l.err = l.room(int64(len(p))); l.err != nil {
			return 0, l.err
		}
	}
	n, err := l.w.Write(p)
	l.err = err
	return n, err
}
