// Package webui is the door through which a browser gets Spool's page. It
// serves the files that web/ was built into, which are embedded in the binary,
// with the headers that keep the page from loading anything from elsewhere.
//
// It never answers an API call, never reads a cookie and knows no video: the
// page itself talks to videoapi, the S3 door and delivery.
package webui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// dist holds the built page. Only a placeholder is committed, so that the
// package compiles without npm; New then serves a page that says so.
//
//go:embed all:dist
var dist embed.FS

//go:embed notbuilt.html
var notBuilt []byte

// Options say how the page is served.
type Options struct {
	// ConnectOrigins names the origins ("http://127.0.0.1:9000") that the page
	// may talk to besides its own: the S3 door that takes uploads, and delivery
	// if it lives elsewhere, both as the client of this request reaches them: who
	// comes by a host's name uploads by that name. What is not an http(s) origin
	// is left out. nil: none.
	ConnectOrigins func(*http.Request) []string

	// Files replaces the embedded files; nil serves those. For tests.
	Files fs.FS
}

// file is one embedded file, ready to be sent.
type file struct {
	body        []byte
	packed      []byte // the same, gzipped; nil if that is not smaller
	contentType string
	etag        string // of body, without quotes
	immutable   bool   // its name changes with its content
}

type handler struct {
	files   map[string]file // by path below the root, without the leading slash
	origins func(*http.Request) []string
}

// New gives the handler of the page. It answers GET and HEAD of "/" and of
// every built file, and 404 elsewhere: routes inside of the page are in the
// fragment and never reach the server. It panics if the embedded files can't
// be read, which only a broken build can cause.
func New(opts Options) http.Handler {
	root := opts.Files
	if root == nil {
		sub, err := fs.Sub(dist, "dist")
		if err != nil {
			panic(fmt.Sprintf("webui: embedded files: %v", err))
		}
		root = sub
	}
	files, err := load(root)
	if err != nil {
		panic(fmt.Sprintf("webui: embedded files: %v", err))
	}
	if _, ok := files["index.html"]; !ok {
		files = map[string]file{"index.html": newFile("index.html", notBuilt)}
	}
	origins := opts.ConnectOrigins
	if origins == nil {
		origins = func(*http.Request) []string { return nil }
	}
	return &handler{files: files, origins: origins}
}

// load reads every file of the built page; a name that ends in .gz belongs to
// the file beside it, and names with a leading dot are placeholders.
func load(root fs.FS) (map[string]file, error) {
	files := map[string]file{}
	packed := map[string][]byte{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		body, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if plain, ok := strings.CutSuffix(name, ".gz"); ok {
			packed[plain] = body
			return nil
		}
		files[name] = newFile(name, body)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name, body := range packed {
		if f, ok := files[name]; ok {
			f.packed = body
			files[name] = f
		}
	}
	return files, nil
}

func newFile(name string, body []byte) file {
	sum := sha256.Sum256(body)
	return file{
		body:        body,
		contentType: contentType(name),
		etag:        hex.EncodeToString(sum[:12]),
		// Vite puts what it names by content, and only that, below assets/.
		immutable: strings.HasPrefix(name, "assets/"),
	}
}

// contentType does not ask the machine's table first: a strange /etc/mime.types
// must not keep a browser from running the page's scripts (nosniff).
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header(), h.origins(r))
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This address can only be read.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	f, ok := h.files[name]
	if !ok {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "There is nothing at this address. The page is at /", http.StatusNotFound)
		return
	}
	f.serve(w, r)
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Type", f.contentType)
	// The page is asked for again each time (answered by a 304), so that a new
	// version is met at once; what it names never changes.
	head.Set("Cache-Control", "no-cache")
	if f.immutable {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, etag := f.body, f.etag
	if f.packed != nil {
		head.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			// Another representation needs another strong ETag (RFC 9110 8.8.3).
			body, etag = f.packed, f.etag+"-gz"
			head.Set("Content-Encoding", "gzip")
		}
	}
	head.Set("ETag", strconv.Quote(etag))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads Accept-Encoding (RFC 9110 12.5.3) as far as gzip goes.
func acceptsGzip(header string) bool {
	accepted := false
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "gzip" && coding != "*" {
			continue
		}
		ok := true
		if q, found := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q="); found {
			weight, err := strconv.ParseFloat(q, 64)
			ok = err == nil && weight > 0
		}
		if coding == "gzip" {
			return ok // says more than any "*"
		}
		accepted = ok
	}
	return accepted
}
