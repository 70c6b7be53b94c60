// Package jobapi is the door for MediaConvert clients: the AWS CLI, the SDKs and
// whoever speaks the MediaConvert API with a SigV4 signature (behaviour.md 1).
//
// It authorises, decodes, calls and encodes. It never runs a job, keeps no state
// but how often each key asked lately, and never decides what a setting means.
package jobapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"spool/internal/httpx"
	"spool/internal/sign"
	"spool/internal/spool"
)

// Prefix is the path that every operation is under.
const Prefix = "/2017-08-29/"

// maxBody is the longest request taken, in bytes (hostile-input.md).
const maxBody = 1 << 20

// Options are what the door needs; all but the last three are required.
type Options struct {
	Stages
	Keys     Keys
	Identity spool.Identity
	BaseURL  func(*http.Request) string // of this server as the client of this request reaches it
	Log      *slog.Logger

	Capacity func() int       // how many jobs run at once; nil: 0
	Rate     int              // requests a second that each access key may make; 0: any number
	Now      func() time.Time // nil: time.Now
}

type door struct {
	Options
	verifier sign.Verifier
	limits   *limits
}

// New makes the door. It answers under /2017-08-29/. A signature may name any
// region: there is one server, whatever region a client is set to.
func New(o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Capacity == nil {
		o.Capacity = func() int { return 0 }
	}
	d := &door{o, sign.Verifier{Service: "mediaconvert", Key: o.Keys.Key}, newLimits(o.Rate)}
	return httpx.Wrap(d, httpx.Options{
		Door: "jobapi", IDHeader: "X-Amzn-Requestid", Log: o.Log,
		Broken: func(w http.ResponseWriter, _ *http.Request) { write(w, errInternal.status, errInternal.body(w)) },
	})
}

// call is one request as the operations see it.
type call struct {
	ctx   context.Context
	http  *http.Request
	id    string // the path's variable part, unescaped: an id, a name or an ARN
	query url.Values
	body  []byte
}

// operation does what a request asks for and gives the body of the answer.
type operation func(d *door, c call) ([]byte, error)

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // signatures, not cookies, say who asks
	h.Set("Access-Control-Expose-Headers", "x-amzn-RequestId, x-amzn-ErrorType")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Amz-Content-Sha256, X-Amz-Date, "+
			"X-Amz-Security-Token, X-Amz-User-Agent, Amz-Sdk-Invocation-Id, Amz-Sdk-Request")
		h.Set("Access-Control-Max-Age", "3600")
		w.WriteHeader(http.StatusOK)
		return
	}
	status, body, err := d.handle(w, r)
	if err != nil {
		f := d.failureOf(r.Context(), err)
		status, body = f.status, f.body(w)
	}
	write(w, status, body)
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that left needs no answer
}

// handle reads, authorises and routes, in this order: the signature covers the
// body, and who is not let in does not learn what there is.
func (d *door) handle(w http.ResponseWriter, r *http.Request) (status int, answer []byte, err error) {
	body, err := readBody(w, r)
	if err != nil {
		return 0, nil, err
	}
	key, err := d.verifier.Verify(sign.Request{
		Method: r.Method, EscapedPath: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery,
		Header: r.Header, Host: r.Host, PayloadHash: sign.PayloadHash(body),
	}, d.Now())
	if err != nil {
		return 0, nil, err
	}
	found, id, err := lookup(r.Method, r.URL.EscapedPath())
	if err != nil {
		return 0, nil, err
	}
	if err := d.admit(key, found); err != nil {
		return 0, nil, err
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return 0, nil, spool.Userf(spool.ErrInvalid, "The query string can't be read: %v.", err)
	}
	answer, err = found.run(d, call{r.Context(), r, id, query, body})
	return found.status, answer, err
}

// readBody reads a body of at most maxBody bytes; a longer one is refused before
// the first of them when it says how long it is.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, errTooLong
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, errTooLong
	case err != nil:
		return nil, spool.Userf(spool.ErrInvalid, "The request's body ended early or can't be read.")
	}
	return body, nil
}
