// Package delivery is the door for viewers: it serves published objects over
// HTTP with byte ranges, entity tags, content types and CORS, and fragments of
// Smooth Streaming files as players ask for them.
//
// It serves only the buckets that it is told are deliverable, never lists, never
// writes, and never lets an object run as a page of this origin.
package delivery

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"spool/internal/httpx"
	"spool/internal/sign"
	"spool/internal/spool"
)

// Prefix is the path that all objects are under.
const Prefix = "/media/"

// Objects opens stored objects. Errors wrap spool.ErrNotFound where there is
// no such object and spool.ErrInvalid where there can be none of this key. The
// door closes the reader.
type Objects interface {
	Open(ctx context.Context, bucket, key string) (io.ReadSeekCloser, spool.Object, error)
}

// Options are what the door needs.
type Options struct {
	Objects Objects
	Buckets func(bucket string) bool // deliverable
	Log     *slog.Logger
}

// New makes the door for GET, HEAD and OPTIONS of /media/{bucket}/{key…}.
func New(o Options) http.Handler {
	return httpx.Wrap(&door{Options: o}, httpx.Options{Door: "delivery", IDHeader: "X-Request-Id", Log: o.Log})
}

// URL gives the address of an object under a base such as
// "http://127.0.0.1:8080". Every character that means something in a URL is
// escaped, also "+", which some clients read as a space.
func URL(base, bucket, key string) string {
	return strings.TrimSuffix(base, "/") + Prefix + sign.EscapePath(bucket+"/"+key)
}

type door struct {
	Options
	smooth indexes
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Accept-Ranges, Content-Length, Content-Range, Date, ETag, Last-Modified")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	// An uploaded page or SVG must not act as this origin, where the web UI is.
	h.Set("Content-Security-Policy", "sandbox; script-src 'none'; object-src 'none'")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		d.serve(w, r)
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Range, If-Match, If-None-Match, If-Modified-Since, If-Range, Cache-Control, Content-Type, Authorization")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	default:
		h.Set("Allow", "GET, HEAD, OPTIONS")
		http.Error(w, "Only GET and HEAD are possible here.", http.StatusMethodNotAllowed)
	}
}

func (d *door) serve(w http.ResponseWriter, r *http.Request) {
	bucket, key, ok := split(r.URL)
	if !ok || !d.Buckets(bucket) {
		notFound(w)
		return
	}
	var err error
	if manifest, want, asked := smoothRequest(key); asked {
		err = d.serveSmooth(w, r, bucket, manifest, want)
	} else {
		err = d.object(w, r, bucket, key)
	}
	switch {
	case errors.Is(err, spool.ErrNotFound), errors.Is(err, spool.ErrInvalid):
		notFound(w)
		return
	case r.Context().Err() != nil && err != nil:
		return // nobody waits for the answer
	case err != nil:
		d.Log.Error("an object can't be delivered", "uri", spool.S3URI(bucket, key),
			"id", httpx.RequestID(r.Context()), "error", err)
		http.Error(w, "The object can't be read now; try again later.", http.StatusInternalServerError)
	}
}

// object serves one object. With an error, nothing was answered.
func (d *door) object(w http.ResponseWriter, r *http.Request, bucket, key string) error {
	body, object, err := d.Objects.Open(r.Context(), bucket, key)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	h := w.Header()
	contentType, passive := contentType(key, object.ContentType)
	h.Set("Content-Type", contentType)
	if !passive {
		h.Set("Content-Disposition", "attachment")
	}
	h.Set("Cache-Control", cacheControl(key))
	if object.ContentEncoding == "gzip" {
		h.Set("Content-Encoding", "gzip") // it was stored so: a playlist that was asked for compressed
	}
	if object.ETag != "" && !strings.ContainsAny(object.ETag, "\"\r\n") {
		h.Set("ETag", `"`+object.ETag+`"`)
	}
	http.ServeContent(w, r, "", object.ModTime, body)
	return nil
}

// notFound answers alike for buckets that are not delivered and for objects
// that are not there, so that neither can be told from the other.
func notFound(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "There is nothing here.", http.StatusNotFound)
}

// split takes bucket and key from an address, unescaping each exactly once: a
// key may hold "%41", which the decoded path could not tell from "A".
func split(u *url.URL) (bucket, key string, ok bool) {
	rest, ok := strings.CutPrefix(u.EscapedPath(), Prefix)
	if !ok {
		return "", "", false
	}
	bucket, key, ok = strings.Cut(rest, "/")
	if !ok {
		return "", "", false
	}
	bucket, err := url.PathUnescape(bucket)
	if err != nil || strings.ContainsAny(bucket, "/\x00") || bucket == "." || bucket == ".." {
		return "", "", false
	}
	key, err = url.PathUnescape(key)
	if err != nil || spool.CheckKey(key) != nil || strings.HasSuffix(key, "/") {
		return "", "", false
	}
	return bucket, key, true
}
