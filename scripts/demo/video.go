package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spool/internal/spool"
)

// permit is the answer to a wish to upload.
type permit struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Bucket  string            `json:"bucket"`
	Key     string            `json:"key"`
}

// process uploads a file and follows it until its way is over.
func (s *server) process(ctx context.Context, file string) (spool.Video, error) {
	f, err := os.Open(file)
	if err != nil {
		return spool.Video{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return spool.Video{}, err
	}
	p, err := s.askPermit(ctx, file, info.Size())
	if err != nil {
		return spool.Video{}, fmt.Errorf("ask for an upload: %w", err)
	}
	// The stream of changes is opened first, so that none is missed.
	events, err := s.call(ctx, http.MethodGet, "/api/v1/videos/events", nil)
	if err != nil {
		return spool.Video{}, fmt.Errorf("watch videos: %w", err)
	}
	defer events.Body.Close()
	fmt.Printf("demo: uploading %s (%d bytes) to s3://%s/%s\n", file, info.Size(), p.Bucket, p.Key)
	if err := put(ctx, p, f, info.Size()); err != nil {
		return spool.Video{}, fmt.Errorf("upload: %w", err)
	}
	return follow(events.Body, p)
}

func (s *server) askPermit(ctx context.Context, file string, size int64) (permit, error) {
	body, err := json.Marshal(map[string]any{
		"name": filepath.Base(file), "size": size, "type": mime.TypeByExtension(filepath.Ext(file)),
	})
	if err != nil {
		return permit{}, err
	}
	resp, err := s.call(ctx, http.MethodPost, "/api/v1/uploads", body)
	if err != nil {
		return permit{}, err
	}
	defer resp.Body.Close()
	var p permit
	return p, json.NewDecoder(resp.Body).Decode(&p)
}

// call asks Spool's own API, with the key pair.
func (s *server) call(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.http+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(s.access, s.secret)
	req.Header.Set("Content-Type", "application/json")
	return checked(http.DefaultClient.Do(req))
}

func put(ctx context.Context, p permit, body io.Reader, size int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, p.URL, body)
	if err != nil {
		return err
	}
	req.ContentLength = size
	for name, value := range p.Headers {
		req.Header.Set(name, value)
	}
	resp, err := checked(http.DefaultClient.Do(req))
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// checked turns an answer that is no success into an error with its words.
func checked(resp *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	words, _ := io.ReadAll(io.LimitReader(resp.Body, 2000))
	return nil, fmt.Errorf("%s: %s", resp.Status, words)
}

// follow reads the server-sent events and shows the video's progress.
func follow(events io.Reader, p permit) (spool.Video, error) {
	show := meter{start: time.Now()}
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var v spool.Video
		if err := json.Unmarshal([]byte(data), &v); err != nil {
			return v, err
		}
		if v.SrcBucket != p.Bucket || v.SrcVideo != p.Key {
			continue
		}
		show.video(v)
		switch v.WorkflowStatus {
		case spool.VideoComplete:
			return v, nil
		case spool.VideoError:
			return v, fmt.Errorf("the video ended in an error (%d): %s", v.ErrorCode, v.ErrorMessage)
		default: // still on its way
		}
	}
	return spool.Video{}, errors.Join(errors.New("the stream of changes was cut off"), lines.Err())
}

// meter shows progress: one line that changes on a terminal, else a line for
// each new state and each tenth.
type meter struct {
	start time.Time
	last  string
}

func (m *meter) video(v spool.Video) {
	line := fmt.Sprintf("demo: %5.1f s  %-8s %-12s %3d %%", time.Since(m.start).Seconds(), v.WorkflowStatus, v.Phase, v.Percent)
	if info, err := os.Stdout.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Print("\r", line)
		if v.WorkflowStatus == spool.VideoComplete || v.WorkflowStatus == spool.VideoError {
			fmt.Println()
		}
		return
	}
	if step := fmt.Sprint(v.WorkflowStatus, v.Phase, v.Percent/10); step != m.last {
		fmt.Println(line)
		m.last = step
	}
}

// proveStream fetches the playlist, one of its renditions, and that one's first
// and last segments.
func proveStream(ctx context.Context, address string) error {
	if address == "" {
		return errors.New("the video has no HLS address; the configured job makes none")
	}
	variants, err := playlist(ctx, address)
	if err != nil {
		return err
	}
	segments, err := playlist(ctx, variants[0])
	if err != nil {
		return err
	}
	for _, segment := range []string{segments[0], segments[len(segments)-1]} {
		body, err := fetch(ctx, segment)
		if err != nil {
			return err
		}
		if len(body) == 0 {
			return fmt.Errorf("%s is empty", segment)
		}
	}
	fmt.Printf("demo: the playlist names %d rendition(s); the first has %d segments\n", len(variants), len(segments))
	return nil
}

// playlist gives the absolute addresses that a playlist names, at least one.
func playlist(ctx context.Context, address string) ([]string, error) {
	text, err := fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(text, []byte("#EXTM3U")) {
		return nil, fmt.Errorf("%s is no playlist", address)
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		ref, err := base.Parse(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", address, err)
		}
		found = append(found, ref.String())
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s names nothing", address)
	}
	return found, nil
}

func fetch(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := checked(http.DefaultClient.Do(req))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}
