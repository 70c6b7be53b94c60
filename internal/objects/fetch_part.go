package objects

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"spool/internal/spool"
)

// What FetchPart brings of a file. Demuxers look for what they need at both
// ends; only an MP4's index may lie anywhere.
const (
	wholeUpTo = 16 << 20 // bytes: not worth asking twice
	headPart  = 8 << 20  // more than FFmpeg reads to learn about tracks (its probesize)
	tailPart  = 4 << 20
	indexPart = 64 << 20 // the longest index
	mostBoxes = 64       // boxes of an MP4 passed on the way to its index
)

// FetchPart brings what a description of a file needs, and what the server says
// of it: all of a short file, or of one from a server that gives no ranges, and
// otherwise its beginning, its end and an MP4's index, with holes between them.
// dst is made or emptied first, as long as the file, and removed on failure.
// Bounds and errors are those of Fetch.
func (f *Fetcher) FetchPart(ctx context.Context, rawURL, dst string, policy spool.InputPolicy) (o spool.Object, whole bool, err error) {
	o, whole, fail := f.fetchPart(ctx, rawURL, dst, policy)
	if fail != nil {
		return spool.Object{}, false, fail
	}
	return o, whole, nil
}

func (f *Fetcher) fetchPart(ctx context.Context, rawURL, dst string, policy spool.InputPolicy) (spool.Object, bool, *spool.Failure) {
	none := spool.Object{}
	u, fail := parseURL(rawURL)
	if fail != nil {
		return none, false, fail
	}
	ctx, stop := context.WithTimeoutCause(ctx, f.opt.Timeout, errTooLate)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	resp, fail := f.get(ctx, u, policy, fmt.Sprintf("0-%d", wholeUpTo-1))
	if fail != nil {
		return none, false, fail
	}
	defer resp.Body.Close()
	o := described(resp)
	first, last, total, ranged := contentRange(resp)
	if ranged && (first != 0 || last != min(total, wholeUpTo)-1 || !plainPart(resp, last+1)) {
		// A server with an opinion of its own on ranges: no more of them.
		_ = resp.Body.Close()
		ranged = false
		if resp, fail = f.get(ctx, u, policy, ""); fail != nil {
			return none, false, fail
		}
		defer resp.Body.Close()
	}
	if !ranged {
		if fail := f.checkBody(resp, u); fail != nil {
			return none, false, fail
		}
		return o, true, f.save(ctx, cancel, resp, u, dst, nil)
	}
	if total > f.opt.MaxBytes {
		return none, false, tooLarge(f.opt.MaxBytes, u)
	}
	p := &partial{fetcher: f, policy: policy, url: u, said: o, size: total, cancel: cancel}
	if fail := p.make(ctx, resp, dst); fail != nil {
		_ = os.Remove(dst)
		return none, false, fail
	}
	return o, total <= wholeUpTo, nil
}

// described takes what a server says of a file besides its bytes.
func described(resp *http.Response) spool.Object {
	o := spool.Object{
		ETag:        strings.Trim(strings.TrimPrefix(resp.Header.Get("ETag"), "W/"), `"`),
		ContentType: resp.Header.Get("Content-Type"),
	}
	if t, err := http.ParseTime(resp.Header.Get("Last-Modified")); err == nil {
		o.ModTime = t.UTC()
	}
	return o
}

// contentRange reads the only form of a partial answer that was asked for.
func contentRange(resp *http.Response) (first, last, total int64, ok bool) {
	if resp.StatusCode != http.StatusPartialContent {
		return 0, 0, 0, false
	}
	n, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total)
	if err != nil || n != 3 || first < 0 || last < first || total <= last {
		return 0, 0, -1, true
	}
	return first, last, total, true
}

// plainPart tells whether an answer can hold n plain bytes.
func plainPart(resp *http.Response, n int64) bool {
	enc := resp.Header.Get("Content-Encoding")
	return (resp.ContentLength == n || resp.ContentLength < 0) && (enc == "" || enc == "identity")
}

func badRange(resp *http.Response) *spool.Failure {
	return httpFailure(spool.CodeHTTPTransfer, fmt.Errorf("status %d, range %q, length %d", resp.StatusCode, resp.Header.Get("Content-Range"), resp.ContentLength),
		"Error uploading file from HTTP source: The server does not send the part that it was asked for.")
}

// partial is a file on its way of which only parts are fetched.
type partial struct {
	fetcher *Fetcher
	url     *url.URL
	policy  spool.InputPolicy
	said    spool.Object // with the first part
	size    int64
	file    *os.File
	cancel  context.CancelCauseFunc
}

// make makes the file, beginning with the part that is coming already.
func (p *partial) make(ctx context.Context, resp *http.Response, dst string) (fail *spool.Failure) {
	var err error
	if p.file, err = createLocal(dst); err != nil {
		return localFailure(p.url, err)
	}
	defer func() {
		if err := p.file.Close(); err != nil && fail == nil {
			fail = localFailure(p.url, err)
		}
	}()
	if err := p.file.Truncate(p.size); err != nil {
		return localFailure(p.url, err)
	}
	if p.size <= wholeUpTo {
		return p.write(ctx, resp, 0, p.size)
	}
	if fail := p.write(ctx, resp, 0, headPart); fail != nil {
		return fail
	}
	_ = resp.Body.Close() // the rest of it is not wanted
	if fail := p.fetch(ctx, p.size-tailPart, tailPart); fail != nil {
		return fail
	}
	return p.index(ctx)
}

// write puts n bytes of an answer at their place.
func (p *partial) write(ctx context.Context, resp *http.Response, at, n int64) *spool.Failure {
	if err := p.fetcher.room(n); err != nil {
		return localFailure(p.url, err)
	}
	body := &meter{r: io.LimitReader(resp.Body, n), total: n, max: n}
	defer p.fetcher.watchRate(body, p.cancel)()
	w := &localWriter{w: io.NewOffsetWriter(p.file, at), room: p.fetcher.room}
	_, err := io.Copy(w, body)
	switch {
	case w.err != nil:
		return localFailure(p.url, w.err)
	case err != nil:
		return transferFailure(ctx, p.url, body, err)
	}
	return nil
}

// fetch gets n bytes from at on. The file must be the one that the first part
// came from.
func (p *partial) fetch(ctx context.Context, at, n int64) *spool.Failure {
	resp, fail := p.fetcher.get(ctx, p.url, p.policy, fmt.Sprintf("%d-%d", at, at+n-1))
	if fail != nil {
		return fail
	}
	defer resp.Body.Close()
	first, last, total, ranged := contentRange(resp)
	now := described(resp)
	if !ranged || first != at || last != at+n-1 || total != p.size || !plainPart(resp, n) ||
		now.ETag != p.said.ETag || !now.ModTime.Equal(p.said.ModTime) {
		return badRange(resp)
	}
	return p.write(ctx, resp, at, n)
}

// index fetches an MP4's moov, wherever it lies between the ends.
func (p *partial) index(ctx context.Context) *spool.Failure {
	for at, n := int64(0), 0; n < mostBoxes && at+16 <= p.size; n++ {
		if at+16 > headPart && at < p.size-tailPart {
			if fail := p.fetch(ctx, at, 16); fail != nil {
				return fail
			}
		}
		name, size, err := p.box(at)
		if err != nil {
			return localFailure(p.url, err)
		}
		switch {
		case n == 0 && name != "ftyp" && name != "wide" && name != "free" && name != "skip" && name != "mdat":
			return nil // not an MP4, or one that begins with its index
		case name == "moov":
			from, to := max(at, headPart), min(at+size, p.size-tailPart)
			if size > indexPart || from >= to {
				return nil
			}
			return p.fetch(ctx, from, to-from)
		case size < 8 || size > p.size-at:
			return nil // damaged: that is for FFmpeg to tell
		}
		at += size
	}
	return nil
}

// box reads the header of the box that begins at a place.
func (p *partial) box(at int64) (name string, size int64, err error) {
	head := make([]byte, 16)
	if _, err := p.file.ReadAt(head, at); err != nil && !errors.Is(err, io.EOF) {
		return "", 0, err
	}
	size = int64(binary.BigEndian.Uint32(head))
	switch size {
	case 0:
		size = p.size - at
	case 1:
		size = int64(binary.BigEndian.Uint64(head[8:]) & (1<<63 - 1))
	}
	return string(head[4:8]), size, nil
}
