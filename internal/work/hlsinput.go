package work

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"spool/internal/hls"
	"spool/internal/hls/ts"
	"spool/internal/spool"
)

// isPlaylist tells whether an input is an HLS stream, by its name.
func isPlaylist(uri string) bool {
	return strings.EqualFold(path.Ext(uri), ".m3u8")
}

// hlsInput reads an HLS stream and gives one local file that holds it: the
// segments of its heaviest variant, joined (behaviour.md 5.2).
//
// What a playlist names is not the user's word: it may lie beside it or on the
// web, under the same policy and limits as inputs, and nowhere else.
func (r *Runner) hlsInput(ctx context.Context, dir string, i int, uri string, policy spool.InputPolicy, obs Observer) (string, error) {
	in, at, err := r.playlist(ctx, dir, i, uri, policy)
	if err != nil {
		return "", err
	}
	if in.Variant != "" {
		child, err := resolveReference(at, in.Variant)
		if err != nil {
			return "", badPlaylist(uri, err)
		}
		if in, at, err = r.playlist(ctx, dir, i, child, policy); err != nil {
			return "", err
		}
		if in.Variant != "" {
			return "", badPlaylist(uri, fmt.Errorf("its variant [%s] is a master playlist again", child))
		}
	}
	dst := filepath.Join(dir, fmt.Sprintf("input_%d", i))
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("join an HLS input: %w", err)
	}
	err = r.joinSegments(ctx, out, dir, i, at, in, policy, obs)
	return dst, errors.Join(err, out.Close())
}

// badPlaylist is the failure of an HLS input that is not taken.
func badPlaylist(uri string, err error) *spool.Failure {
	return spool.Failf(spool.CodeDemux, "The HLS input [%s] can't be used: %s.", uri, err)
}

// playlist fetches a playlist and reads it.
func (r *Runner) playlist(ctx context.Context, dir string, i int, uri string, policy spool.InputPolicy) (hls.Input, string, error) {
	file, err := r.bring(ctx, uri, filepath.Join(dir, fmt.Sprintf("playlist_%d", i)), policy, nil)
	if err != nil {
		return hls.Input{}, "", err
	}
	f, err := os.Open(file)
	if err != nil {
		return hls.Input{}, "", fmt.Errorf("read an HLS input: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, hls.MaxPlaylist+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return hls.Input{}, "", fmt.Errorf("read an HLS input: %w", err)
	}
	in, err := hls.ParseInput(string(text))
	if err != nil {
		return in, "", badPlaylist(uri, err)
	}
	return in, uri, nil
}

// joinSegments copies the segments one after the other. One that several entries
// name, as with byte ranges, is fetched once, and gives no more than it holds: a
// playlist of a few kilobytes could fill the disk with one range again and again.
func (r *Runner) joinSegments(ctx context.Context, out *os.File, dir string, i int, at string, in hls.Input, policy spool.InputPolicy, obs Observer) error {
	part := filepath.Join(dir, fmt.Sprintf("segment_%d", i))
	last, file := "", ""
	used := map[string]int64{} // bytes by address
	for n, s := range in.Segments {
		if err := ctx.Err(); err != nil {
			return err
		}
		uri, err := resolveReference(at, s.Name)
		if err != nil {
			return badPlaylist(at, err)
		}
		if err := r.checkSpace(s.Size); err != nil {
			return err
		}
		if uri != last {
			if file, err = r.bring(ctx, uri, part, policy, nil); err != nil {
				return err
			}
			last = uri
		}
		if used[uri], err = copySegment(out, file, s, used[uri]); err != nil {
			return badPlaylist(at, fmt.Errorf("segment %d [%s]: %w", n+1, uri, err))
		}
		obs.progress(spool.Progress{Phase: spool.PhaseProbing, PhasePercent: (n + 1) * 90 / len(in.Segments)})
	}
	return nil
}

// copySegment appends a segment, or a range of it, and makes sure that it is a
// transport stream. used is how many bytes of the file were taken before; it gives
// how many are now.
func copySegment(out io.Writer, file string, s hls.Segment, used int64) (now int64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return used, errors.New("it can't be read")
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return used, errors.New("it can't be read")
	}
	size := info.Size()
	if s.Size > 0 {
		size = s.Size
	}
	var sync [1]byte
	if _, err := f.ReadAt(sync[:], s.Offset); err != nil || sync[0] != 0x47 {
		return used, errors.New("it is no MPEG transport stream")
	}
	if size > info.Size()-s.Offset || size < ts.Size {
		return used, fmt.Errorf("it has %d bytes", info.Size())
	}
	if used += size; used > info.Size() {
		return used, errors.New("the playlist takes parts of it more than once")
	}
	_, err = io.Copy(out, io.NewSectionReader(f, s.Offset, size-size%ts.Size))
	return used, err
}

// resolveReference gives the address of what a playlist names. S3 addresses are
// not escaped, references are.
func resolveReference(base, reference string) (string, error) {
	ref, err := url.Parse(reference)
	if err != nil {
		return "", fmt.Errorf("%q is no address", reference)
	}
	if ref.Scheme == "http" || ref.Scheme == "https" {
		return ref.String(), nil
	}
	bucket, key, err := spool.ParseS3URI(base)
	if err != nil { // on the web
		u, err := url.Parse(base)
		if err != nil {
			return "", fmt.Errorf("%q is no address", base)
		}
		if u = u.ResolveReference(ref); u.Scheme != "http" && u.Scheme != "https" {
			return "", fmt.Errorf("%q can't be named from the web", reference)
		}
		return u.String(), nil
	}
	if ref.Scheme != "" || ref.Host != "" || ref.Opaque != "" {
		return "", fmt.Errorf("%q lies neither beside the playlist nor on the web", reference)
	}
	name := path.Join(path.Dir("/"+key), ref.Path)
	if strings.HasPrefix(ref.Path, "/") {
		name = path.Clean(ref.Path)
	}
	key = strings.TrimPrefix(name, "/")
	if err := spool.CheckKey(key); err != nil {
		return "", fmt.Errorf("%q: %w", reference, err)
	}
	return spool.S3URI(bucket, key), nil
}
