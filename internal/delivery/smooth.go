package delivery

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"spool/internal/mp4"
	"spool/internal/smooth"
	"spool/internal/spool"
)

// A Smooth Streaming player asks for what is no object: below the name of the
// server's manifest, "a.ism/Manifest" and "a.ism/QualityLevels(500000)/Fragments(video=0)".
// The manifest says in which file the quality is; the answer is a part of it.

// smoothRequest takes apart the key of such a request.
func smoothRequest(key string) (manifest string, r smooth.Request, ok bool) {
	i := strings.LastIndex(strings.ToLower(key), ".ism/")
	if i < 0 {
		return "", r, false
	}
	r, ok = smooth.ParseRequest(key[i+len(".ism/"):])
	return key[:i+len(".ism")], r, ok
}

// maxServerManifest bounds a server's manifest, bytes: it has a few lines for
// each quality.
const maxServerManifest = 1 << 20

// serveSmooth answers a player. It gives an error that wraps spool.ErrNotFound
// where there is no such fragment.
func (d *door) serveSmooth(w http.ResponseWriter, r *http.Request, bucket, manifest string, want smooth.Request) error {
	server, err := d.smoothServer(r.Context(), bucket, manifest)
	if err != nil {
		return err
	}
	if want.Manifest {
		key, err := beside(manifest, server.Client)
		if err != nil {
			return err
		}
		return d.object(w, r, bucket, key)
	}
	track, ok := server.Find(want.Stream, want.Bitrate)
	if !ok {
		return spool.ErrNotFound
	}
	key, err := beside(manifest, track.File)
	if err != nil {
		return err
	}
	body, object, err := d.Objects.Open(r.Context(), bucket, key)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	reader := &seeking{body: body}
	index, err := d.index(reader, bucket, key, object)
	if err != nil {
		return err
	}
	f, ok := index.find(track.ID, want.Time)
	if !ok {
		return spool.ErrNotFound
	}
	h := w.Header()
	contentType, _ := contentType(key, object.ContentType)
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", cacheControl(key))
	http.ServeContent(w, r, "", object.ModTime, io.NewSectionReader(reader, f.offset, f.size))
	return nil
}

// beside gives the key of a file that a manifest names. It stays in its bucket.
func beside(manifest, name string) (string, error) {
	key := path.Join(path.Dir(manifest), name)
	if strings.HasPrefix(name, "/") || spool.CheckKey(key) != nil {
		return "", spool.ErrNotFound
	}
	return key, nil
}

func (d *door) smoothServer(ctx context.Context, bucket, key string) (smooth.Server, error) {
	body, _, err := d.Objects.Open(ctx, bucket, key)
	if err != nil {
		return smooth.Server{}, err
	}
	defer func() { _ = body.Close() }()
	data, err := io.ReadAll(io.LimitReader(body, maxServerManifest))
	if err != nil {
		return smooth.Server{}, err
	}
	s, err := smooth.ParseServer(data)
	if err != nil {
		return s, spool.ErrNotFound // an object that is no manifest has nothing below it
	}
	return s, nil
}

// fragmentIndex says where the fragments of a file are.
type fragmentIndex map[uint32][]fragment // by track, in order of their times

type fragment struct {
	time         uint64
	offset, size int64
}

// near is how far the time of a request may be from that of a fragment, in
// ticks: qualities of one stream may begin their fragments a part of a frame
// apart, and the manifest tells the times of one.
const near = smooth.Timescale / 20

func (x fragmentIndex) find(track uint32, at uint64) (fragment, bool) {
	var best fragment
	found, off := false, uint64(near)
	for _, f := range x[track] {
		if away := max(f.time, at) - min(f.time, at); away < off {
			best, found, off = f, true, away
		}
	}
	return best, found
}

// indexes keeps what was read of the files that are asked for: a player asks
// hundreds of times.
type indexes struct {
	mu   sync.Mutex
	kept map[indexKey]fragmentIndex
}

type indexKey struct {
	bucket, key, etag string
	size              int64
	modified          time.Time
}

// maxIndexes are kept at once. An hour of fragments takes about 100 KB.
const maxIndexes = 64

// index reads where the fragments of a file are, or remembers it.
func (d *door) index(r io.ReaderAt, bucket, key string, o spool.Object) (fragmentIndex, error) {
	id := indexKey{bucket, key, o.ETag, o.Size, o.ModTime}
	d.smooth.mu.Lock()
	x, ok := d.smooth.kept[id]
	d.smooth.mu.Unlock()
	if ok {
		return x, nil
	}
	h, err := mp4.ReadHeader(r, o.Size)
	if err != nil {
		return nil, errors.Join(spool.ErrNotFound, err)
	}
	fragments, err := mp4.ReadFragments(r, o.Size, h)
	if err != nil {
		return nil, errors.Join(spool.ErrNotFound, err)
	}
	x = fragmentIndex{}
	for _, f := range fragments {
		x[f.Track] = append(x[f.Track], fragment{f.Decode, f.Offset, f.Size})
	}
	d.smooth.mu.Lock()
	defer d.smooth.mu.Unlock()
	if d.smooth.kept == nil {
		d.smooth.kept = map[indexKey]fragmentIndex{}
	}
	for other := range d.smooth.kept {
		if len(d.smooth.kept) < maxIndexes {
			break
		}
		delete(d.smooth.kept, other) // any one: it can be read again
	}
	d.smooth.kept[id] = x
	return x, nil
}

// seeking reads at offsets through a reader that seeks. One request uses it, from
// one goroutine.
type seeking struct{ body io.ReadSeeker }

// ReadAt implements io.ReaderAt.
func (s *seeking) ReadAt(p []byte, at int64) (int, error) {
	if r, ok := s.body.(io.ReaderAt); ok {
		return r.ReadAt(p, at)
	}
	if _, err := s.body.Seek(at, io.SeekStart); err != nil {
		return 0, err
	}
	return io.ReadFull(s.body, p)
}
