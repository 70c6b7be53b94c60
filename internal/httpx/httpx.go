// Package httpx is what every HTTP door wears: a request id, a log line per
// request, an answer instead of a dropped connection when a handler panics, and
// a time for bodies to arrive in.
//
// It knows nothing of what the doors do, imports no other package of this
// module, and never reads or changes a body.
package httpx

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
)

// Options say how a door is wrapped.
type Options struct {
	Door     string           // the door's name in the log
	IDHeader string           // the answer's header that carries the request id
	Log      *slog.Logger     // required
	Broken   http.HandlerFunc // answers after a panic; nil: a plain 500
}

type idKey struct{}

// RequestID gives the id of the request that a context belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// Wrap gives each request an id (a UUID), logs it, and survives panics. Requests
// are logged at debug level, failures of the server (5xx) as errors. Queries are
// not logged: they can carry signatures and tokens.
func Wrap(next http.Handler, o Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := uuid.NewString()
		w.Header().Set(o.IDHeader, id)
		r = r.WithContext(context.WithValue(r.Context(), idKey{}, id))
		rec := &recorder{ResponseWriter: w}
		defer func() {
			caught := recover()
			cause, _ := caught.(error)
			aborted := errors.Is(cause, http.ErrAbortHandler)
			if caught != nil && !aborted {
				o.Log.Error("a request failed", "door", o.Door, "id", id, "method", r.Method, "path", r.URL.Path,
					"panic", caught, "stack", string(debug.Stack()))
				if rec.status == 0 {
					o.broken(rec, r)
				} else {
					aborted = true
				}
			}
			level := slog.LevelDebug
			if rec.status >= 500 && rec.status != http.StatusNotImplemented {
				level = slog.LevelError
			}
			o.Log.Log(r.Context(), level, "request", "door", o.Door, "id", id, "method", r.Method, "path", r.URL.Path,
				"status", rec.status, "bytes", rec.bytes, "took", time.Since(start), "from", r.RemoteAddr)
			if aborted {
				// The answer has begun: only a cut connection tells the client.
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

func (o Options) broken(w http.ResponseWriter, r *http.Request) {
	if o.Broken != nil {
		o.Broken(w, r)
		return
	}
	http.Error(w, "Internal server error; the log says more under request id "+RequestID(r.Context())+".",
		http.StatusInternalServerError)
}

// recorder notes status and size of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap lets http.ResponseController reach flushing and deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.wrote()
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// ReadFrom keeps the way open for sendfile.
func (r *recorder) ReadFrom(src io.Reader) (int64, error) {
	r.wrote()
	n, err := io.Copy(r.ResponseWriter, src)
	r.bytes += n
	return n, err
}

func (r *recorder) wrote() {
	if r.status == 0 {
		r.status = http.StatusOK
	}
}
