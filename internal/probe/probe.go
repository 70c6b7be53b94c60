package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// Tools describe a local file. A file that is not whole has holes where it is
// not known. Errors are *spool.Failure where the file is at fault.
type Tools interface {
	Describe(ctx context.Context, path, uri string, whole bool) (spool.Media, error)
}

// Objects are the buckets. A missing object is spool.ErrNotFound.
type Objects interface {
	Stat(ctx context.Context, bucket, key string) (spool.Object, error)
	Path(ctx context.Context, bucket, key string) (string, error)
}

// Fetcher brings http(s) files to the local disk. Errors are *spool.Failure.
type Fetcher interface {
	// FetchPart brings what a description needs, with holes between, and says
	// whether that is all of the file.
	FetchPart(ctx context.Context, url, dst string, policy spool.InputPolicy) (o spool.Object, whole bool, err error)
	Fetch(ctx context.Context, url, dst string, policy spool.InputPolicy, progress func(done, total int64)) error
}

// Policies give the input policy.
type Policies interface {
	Policy(ctx context.Context) (spool.InputPolicy, error)
}

// Options are what a Service is made of. Zero values mean the defaults named.
type Options struct {
	Tools    Tools
	Objects  Objects
	Fetcher  Fetcher
	Policies Policies      // everything is allowed
	Staging  string        // folder for what is fetched; it exists
	AtOnce   int           // probes; 4
	Deadline time.Duration // of one probe, waiting included; 50 s, less than clients wait for an answer
	Log      *slog.Logger
}

// Service probes files. It may be used by many goroutines at once.
type Service struct {
	opt   Options
	slots chan struct{}
}

// New makes a Service.
func New(opt Options) *Service {
	if opt.AtOnce <= 0 {
		opt.AtOnce = 4
	}
	if opt.Deadline <= 0 {
		opt.Deadline = 50 * time.Second
	}
	return &Service{opt: opt, slots: make(chan struct{}, opt.AtOnce)}
}

// errLate is the cause of an end that is the deadline's.
var errLate = errors.New("over the deadline of a probe")

// Probe looks at one file, named as an input of a job is: s3://bucket/key or an
// http(s) URL. Errors are ctx.Err(), a *spool.UserError of these kinds, or
// anything else when this machine is at fault:
//   - spool.ErrNotFound: there is no such object, or the server has none
//   - spool.ErrForbidden: its address is blocked, or its server forbids it
//   - spool.ErrThrottled: too many files are being probed already
//   - spool.ErrInvalid: it is no media file, cannot be reached, or the policy
//     disallows it
func (s *Service) Probe(ctx context.Context, uri string) (spool.ProbeResult, error) {
	policy, err := s.allowed(ctx, uri)
	if err != nil {
		return spool.ProbeResult{}, err
	}
	inner, cancel := context.WithTimeoutCause(ctx, s.opt.Deadline, errLate)
	defer cancel()
	patience := time.NewTimer(s.opt.Deadline / 5) // a short queue only: what is left must do for the file
	defer patience.Stop()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return spool.ProbeResult{}, ctx.Err()
	case <-patience.C:
		return spool.ProbeResult{}, spool.Userf(spool.ErrThrottled, "Too many files are being probed at this moment. Wait a little and send the request again.")
	}
	r, err := s.look(inner, uri, policy)
	switch {
	case err == nil:
		return r, nil
	case ctx.Err() != nil:
		return spool.ProbeResult{}, ctx.Err()
	case errors.Is(context.Cause(inner), errLate):
		return spool.ProbeResult{}, spool.Userf(spool.ErrInvalid, "The file [%s] could not be read within %v. Try again, or put it where it can be read faster.", shown(uri), s.opt.Deadline)
	}
	return spool.ProbeResult{}, s.explain(uri, err)
}

// allowed checks the form of a place and the input policy (behaviour.md 1.13).
func (s *Service) allowed(ctx context.Context, uri string) (policy spool.InputPolicy, err error) {
	scheme, rest, _ := strings.Cut(uri, "://")
	scheme = strings.ToLower(scheme)
	if rest == "" || scheme != "s3" && scheme != "http" && scheme != "https" {
		return policy, spool.Userf(spool.ErrInvalid, "The fileUrl %q is no place that can be probed. Give an s3://bucket/key, http:// or https:// URL.", shown(uri))
	}
	if s.opt.Policies == nil {
		return policy, nil
	}
	if policy, err = s.opt.Policies.Policy(ctx); err != nil {
		return policy, err
	}
	settings, err := json.Marshal(map[string][]string{"inputs": {uri}})
	if err != nil {
		return policy, err
	}
	return policy, mediaconvert.CheckInputPolicy(settings, policy)
}

// look describes a file that is allowed.
func (s *Service) look(ctx context.Context, uri string, policy spool.InputPolicy) (spool.ProbeResult, error) {
	if strings.EqualFold(uri[:5], "s3://") {
		return s.object(ctx, uri)
	}
	return s.fetched(ctx, uri, policy)
}

func (s *Service) object(ctx context.Context, uri string) (spool.ProbeResult, error) {
	bucket, key, err := spool.ParseS3URI("s3://" + uri[5:])
	if err != nil {
		return spool.ProbeResult{}, spool.Userf(spool.ErrInvalid, "The fileUrl is wrong: %s.", err)
	}
	o, err := s.opt.Objects.Stat(ctx, bucket, key)
	if err != nil {
		return spool.ProbeResult{}, err
	}
	path, err := s.opt.Objects.Path(ctx, bucket, key)
	if err != nil {
		return spool.ProbeResult{}, err
	}
	media, err := s.opt.Tools.Describe(ctx, path, uri, true)
	if err != nil {
		return spool.ProbeResult{}, err
	}
	return result(media, o), nil
}

// fetched describes a file from another server. Where the parts that FetchPart
// brings do not tell enough, the whole file is fetched.
func (s *Service) fetched(ctx context.Context, uri string, policy spool.InputPolicy) (spool.ProbeResult, error) {
	dir, err := os.MkdirTemp(s.opt.Staging, "probe-*")
	if err != nil {
		return spool.ProbeResult{}, fmt.Errorf("probe: %w", err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil && s.opt.Log != nil {
			s.opt.Log.Error("remove what a probe fetched", "folder", dir, "error", err)
		}
	}()
	dst := filepath.Join(dir, "input")
	o, whole, err := s.opt.Fetcher.FetchPart(ctx, uri, dst, policy)
	if err != nil {
		return spool.ProbeResult{}, err
	}
	media, err := s.opt.Tools.Describe(ctx, dst, uri, whole)
	if !whole && (err != nil || !complete(media)) {
		if ctx.Err() != nil {
			return spool.ProbeResult{}, ctx.Err()
		}
		if err := s.opt.Fetcher.Fetch(ctx, uri, dst, policy, nil); err != nil {
			return spool.ProbeResult{}, err
		}
		media, err = s.opt.Tools.Describe(ctx, dst, uri, true)
	}
	if err != nil {
		return spool.ProbeResult{}, err
	}
	return result(media, o), nil
}

// complete tells whether a description lacks nothing that the rest of the file
// could tell.
func complete(m spool.Media) bool {
	if m.Duration <= 0 {
		return false
	}
	for _, v := range m.Video {
		if v.Codec == "" || v.Width == 0 {
			return false
		}
	}
	for _, a := range m.Audio {
		if a.Codec == "" || a.Channels == 0 {
			return false
		}
	}
	return true
}

// ownCode is the code that some messages of failures repeat.
var ownCode = regexp.MustCompile(`^\d{4}: `)

// explain gives a failure the kind that the API tells it by.
func (s *Service) explain(uri string, err error) error {
	var fail *spool.Failure
	if !errors.As(err, &fail) {
		if errors.Is(err, spool.ErrNotFound) || errors.Is(err, spool.ErrInvalid) {
			return spool.Userf(kindOf(err), "%s", sentence(err.Error()))
		}
		return fmt.Errorf("probe %s: %w", shown(uri), err)
	}
	if s.opt.Log != nil {
		s.opt.Log.Info("a file cannot be probed", "uri", shown(uri), "code", fail.Code, "message", fail.Message, "detail", fail.Detail)
	}
	message := sentence(ownCode.ReplaceAllString(fail.Message, ""))
	switch fail.Code {
	case spool.CodeNotFound, spool.CodeHTTPNotFound:
		return spool.Userf(spool.ErrNotFound, "%s", message)
	case spool.CodeAccessDenied, spool.CodeHTTPAuth, spool.CodeHTTPForbidden, spool.CodeHTTPAddress:
		return spool.Userf(spool.ErrForbidden, "%s", message)
	case spool.CodeDiskFull, spool.CodeUnexpected:
		return fmt.Errorf("probe %s: %w", shown(uri), err)
	case spool.CodeTimeout:
		return spool.Userf(spool.ErrInvalid, "Reading the file [%s] took too long. It may be damaged.", shown(uri))
	}
	return spool.Userf(spool.ErrInvalid, "%s", message)
}

func kindOf(err error) error {
	if errors.Is(err, spool.ErrNotFound) {
		return spool.ErrNotFound
	}
	return spool.ErrInvalid
}

// sentence begins with a capital, where it does not begin with a place, and
// ends with a stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if !strings.HasPrefix(s, "s3://") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// longestShown bounds what of a place stands in a message.
const longestShown = 300

// shown gives a place as messages may hold it: on one line, not too long, and
// without what signs a URL.
func shown(uri string) string {
	if at := strings.IndexByte(uri, '?'); at >= 0 && !strings.HasPrefix(uri, "s3:") {
		uri = uri[:at]
	}
	uri = strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(uri, "\uFFFD"))
	if len(uri) > longestShown {
		uri = strings.ToValidUTF8(uri[:longestShown], "") + "…"
	}
	return uri
}
