// Package jobapi is the door for MediaConvert clients: the AWS CLI, the SDKs and
// whoever speaks the MediaConvert API with a SigV4 signature (behaviour.md 1).
//
// It authorises, decodes, calls and encodes. It never runs a job, keeps no state
// and never decides what a setting means.
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

// Jobs is the stage that keeps jobs. Errors wrap spool.ErrInvalid,
// spool.ErrNotFound or spool.ErrConflict where the client is to blame.
type Jobs interface {
	// Submit makes a job, or gives the one that the same ClientRequestToken made
	// within the last minute.
	Submit(ctx context.Context, r spool.JobRequest) (spool.Job, error)
	Get(ctx context.Context, id string) (spool.Job, error)
	// List gives a page of jobs and whether more follow it.
	List(ctx context.Context, f spool.JobFilter) (jobs []spool.Job, more bool, err error)
	// Cancel stops a job; spool.ErrConflict when it has ended already.
	Cancel(ctx context.Context, id string) error
}

// Queues is the stage that keeps queues; errors as of Jobs.
type Queues interface {
	CreateQueue(ctx context.Context, q spool.Queue) (spool.Queue, error)
	GetQueue(ctx context.Context, name string) (spool.Queue, error)
	ListQueues(ctx context.Context) ([]spool.Queue, error)
}

// Keys knows the access keys.
type Keys interface {
	// Key gives a key with its secret and role, and takes as long for unknown ones.
	Key(access string) (spool.AccessKey, bool)
}

// Options are what the door needs; all but Now are required.
type Options struct {
	Jobs     Jobs
	Queues   Queues
	Keys     Keys
	Identity spool.Identity
	BaseURL  func(*http.Request) string // of this server as the client of this request reaches it
	Now      func() time.Time           // nil: time.Now
	Log      *slog.Logger
}

type door struct {
	Options
	verifier sign.Verifier
}

// New makes the door. It answers under /2017-08-29/. A signature may name any
// region: there is one server, whatever region a client is set to.
func New(o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &door{o, sign.Verifier{Service: "mediaconvert", Key: o.Keys.Key}}
	return httpx.Wrap(d, httpx.Options{
		Door: "jobapi", IDHeader: "X-Amzn-Requestid", Log: o.Log,
		Broken: func(w http.ResponseWriter, _ *http.Request) { write(w, errInternal.status, errInternal.body(w)) },
	})
}

// call is one request as the operations see it.
type call struct {
	ctx   context.Context
	http  *http.Request
	id    string // the path's variable part: a bare id or name
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
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return 0, nil, errTooLong
	case err != nil:
		return 0, nil, spool.Userf(spool.ErrInvalid, "The request's body ended early or can't be read.")
	}
	_, err = d.verifier.Verify(sign.Request{
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
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return 0, nil, spool.Userf(spool.ErrInvalid, "The query string can't be read: %v.", err)
	}
	if found.run == nil {
		return 0, nil, spool.Userf(spool.ErrInvalid, "The operation %s is not offered by this version of Spool.", found.name)
	}
	answer, err = found.run(d, call{r.Context(), r, id, query, body})
	return found.status, answer, err
}
