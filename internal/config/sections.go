package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"spool/internal/spool"
)

// file is what a configuration file said, with the places it said it at.
type file struct {
	buckets   []ast.Node
	queues    []ast.Node
	pipelines []pipelineNodes
}

// pipelineNodes are the places of one pipeline's values.
type pipelineNodes struct {
	whole, bucket, job, queue, prefix ast.Node
	destinations                      []ast.Node
	metadata                          map[string]ast.Node
	jobFile                           string // "" for an inline job
}

// decode reads a file into cfg. What can't be read is noted in r.
func (r *reader) decode(cfg *Config, src source) *file {
	f := &file{}
	root := r.parse(src.data)
	if root == nil {
		return f
	}
	r.mapping(root, "configuration", fields{
		"data": func(n ast.Node) {
			if r.text(n, "data", &cfg.DataDir, checkPath) && !filepath.IsAbs(cfg.DataDir) {
				cfg.DataDir = filepath.Join(src.dir, cfg.DataDir)
			}
		},
		"http":      func(n ast.Node) { r.text(n, "http", &cfg.HTTP, checkAddress) },
		"publicURL": func(n ast.Node) { r.text(n, "publicURL", &cfg.PublicURL, checkPublicURL) },
		"s3":        func(n ast.Node) { r.text(n, "s3", &cfg.S3, checkAddress) },
		"identity": func(n ast.Node) {
			r.mapping(n, "identity", fields{
				"region":  func(n ast.Node) { r.text(n, "region", &cfg.Identity.Region, checkRegion) },
				"account": func(n ast.Node) { r.text(n, "account", &cfg.Identity.Account, checkAccount) },
			})
		},
		"workers": func(n ast.Node) {
			r.mapping(n, "workers", fields{
				"slots": func(n ast.Node) { r.integer(n, "slots", 0, maxSlots, &cfg.Slots) },
			})
		},
		"inputs": func(n ast.Node) {
			r.mapping(n, "inputs", fields{
				"allowPrivateAddresses": func(n ast.Node) {
					r.boolean(n, "allowPrivateAddresses", &cfg.Inputs.AllowPrivateAddresses)
				},
				"maxBytes": func(n ast.Node) { r.size(n, "maxBytes", &cfg.Inputs.MaxBytes) },
				"timeout": func(n ast.Node) {
					r.duration(n, "timeout", time.Second, 7*24*time.Hour, &cfg.Inputs.Timeout)
				},
			})
		},
		"limits": func(n ast.Node) {
			r.mapping(n, "limits", fields{
				"queues":            func(n ast.Node) { r.integer(n, "queues", 0, maxLimit, &cfg.Limits.Queues) },
				"presets":           func(n ast.Node) { r.integer(n, "presets", 0, maxLimit, &cfg.Limits.Presets) },
				"jobTemplates":      func(n ast.Node) { r.integer(n, "jobTemplates", 0, maxLimit, &cfg.Limits.JobTemplates) },
				"requestsPerSecond": func(n ast.Node) { r.integer(n, "requestsPerSecond", 0, maxLimit, &cfg.Limits.RequestsPerSecond) },
			})
		},
		"buckets": func(n ast.Node) {
			r.list(n, "buckets", func(i int, n ast.Node) { r.bucket(n, i, cfg, f) })
		},
		"queues": func(n ast.Node) {
			r.list(n, "queues", func(i int, n ast.Node) { r.queue(n, i, cfg, f) })
		},
		"pipelines": func(n ast.Node) {
			r.list(n, "pipelines", func(i int, n ast.Node) { r.pipeline(n, i, cfg, f, src) })
		},
	})
	return f
}

func (r *reader) bucket(n ast.Node, i int, cfg *Config, f *file) {
	var b Bucket
	r.mapping(n, fmt.Sprintf("bucket %d", i+1), fields{
		"name":    func(n ast.Node) { r.text(n, "name", &b.Name, checkBucket) },
		"deliver": func(n ast.Node) { r.boolean(n, "deliver", &b.Deliver) },
	})
	r.required(n, fmt.Sprintf("bucket %d", i+1), "name")
	cfg.Buckets = append(cfg.Buckets, b)
	f.buckets = append(f.buckets, n)
}

func (r *reader) queue(n ast.Node, i int, cfg *Config, f *file) {
	var q Queue
	r.mapping(n, fmt.Sprintf("queue %d", i+1), fields{
		"name": func(n ast.Node) { r.text(n, "name", &q.Name, checkName) },
		"concurrentJobs": func(n ast.Node) {
			q.ConcurrentJobs = new(int)
			r.integer(n, "concurrentJobs", 1, 10000, q.ConcurrentJobs)
		},
		"status": func(n ast.Node) {
			q.Status = new(string)
			r.text(n, "status", q.Status, func(s string) error {
				if s != "ACTIVE" && s != "PAUSED" {
					return fmt.Errorf("%q is no status of a queue: use ACTIVE or PAUSED", s)
				}
				return nil
			})
		},
	})
	r.required(n, fmt.Sprintf("queue %d", i+1), "name")
	cfg.Queues = append(cfg.Queues, q)
	f.queues = append(f.queues, n)
}

// VideoSuffixes are the endings of a pipeline that names none: those of files
// that people call videos. Case does not matter.
func VideoSuffixes() []string {
	return []string{".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mpe", ".m2v", ".ts", ".m2ts",
		".mts", ".mxf", ".wmv", ".asf", ".flv", ".f4v", ".3gp", ".3g2", ".ogv", ".vob", ".dv", ".gxf"}
}

func (r *reader) pipeline(n ast.Node, i int, cfg *Config, f *file, src source) {
	p := spool.Pipeline{Suffixes: VideoSuffixes()}
	at := pipelineNodes{whole: n, metadata: map[string]ast.Node{}}
	what := fmt.Sprintf("pipeline %d", i+1)
	r.mapping(n, what, fields{
		"name": func(n ast.Node) { r.text(n, "name", &p.Name, checkName) },
		"bucket": func(n ast.Node) {
			at.bucket = n
			r.text(n, "bucket", &p.Bucket, checkBucket)
		},
		"prefix": func(n ast.Node) {
			at.prefix = n
			r.text(n, "prefix", &p.Prefix, checkPrefix)
		},
		"suffixes": func(n ast.Node) {
			p.Suffixes = nil // an empty list: every object
			r.list(n, "suffixes", func(_ int, n ast.Node) {
				var s string
				if r.text(n, "suffix", &s, checkSuffix) {
					p.Suffixes = append(p.Suffixes, s)
				}
			})
		},
		"job": func(n ast.Node) {
			at.job = n
			p.Job, at.jobFile = r.job(n, src)
		},
		"destinations": func(n ast.Node) {
			r.list(n, "destinations", func(_ int, n ast.Node) {
				var d string
				r.text(n, "destination", &d, checkDestination)
				p.Destinations = append(p.Destinations, d)
				at.destinations = append(at.destinations, n)
			})
		},
		"userMetadata": func(n ast.Node) { p.UserMetadata = r.metadata(n, at.metadata) },
		"queue": func(n ast.Node) {
			at.queue = n
			r.text(n, "queue", &p.Queue, checkName)
		},
		"priority": func(n ast.Node) {
			var v int
			r.integer(n, "priority", -50, 50, &v)
			p.Priority = &v
		},
	})
	r.required(n, what, "name", "bucket", "job")
	cfg.Pipelines = append(cfg.Pipelines, p)
	f.pipelines = append(f.pipelines, at)
}

func (r *reader) metadata(n ast.Node, places map[string]ast.Node) map[string]string {
	values, ok := r.entries(n, "userMetadata")
	if !ok {
		return nil
	}
	out := map[string]string{}
	r.each(values, "userMetadata", func(e *ast.MappingValueNode, name string) {
		var text string
		if r.text(e.Value, "userMetadata "+name, &text, checkPatterns) {
			out[name], places[name] = text, e.Value
		}
	})
	return out
}

// job reads an inline job, or the JSON file that a text names.
func (r *reader) job(n ast.Node, src source) (json.RawMessage, string) {
	name, isText := scalar(n)
	if !isText {
		before := len(r.problems)
		data, err := json.Marshal(r.plain(n, "job"))
		if err != nil && len(r.problems) == before {
			r.fail(n, "job: %v", err)
		}
		return data, ""
	}
	data, err := src.readFile(name)
	if err != nil {
		r.fail(n, "job: cannot read the file (looked for beside this configuration): %v", err)
		return nil, name
	}
	var any json.RawMessage
	if err := json.Unmarshal(data, &any); err != nil {
		where := ""
		if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
			where = lineColumn(data, syntax.Offset)
		}
		r.fail(n, "job: %s%s is not valid JSON: %v", name, where, err)
		return nil, name
	}
	return any, name
}

func lineColumn(data []byte, offset int64) string {
	before := string(data[:min(max(offset-1, 0), int64(len(data)))])
	line := 1 + strings.Count(before, "\n")
	return ":" + strconv.Itoa(line) + ":" + strconv.Itoa(len(before)-strings.LastIndexByte(before, '\n'))
}

// required notes the keys that a mapping lacks.
func (r *reader) required(n ast.Node, what string, names ...string) {
	values := []*ast.MappingValueNode{}
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = append(values, m)
	default:
		return // said already
	}
	for _, name := range names {
		found := false
		for _, v := range values {
			if s, ok := scalar(v.Key); ok && s == name {
				found = true
			}
		}
		if !found {
			r.fail(n, "%s has no %q: add it", what, name)
		}
	}
}

const maxSlots = 1024

// maxLimit is the largest number that a limit may be.
const maxLimit = 1_000_000

func checkSlots(n int) error {
	if n < 0 || n > maxSlots {
		return fmt.Errorf("%d is no number of slots: give a whole number from 0 to %d", n, maxSlots)
	}
	return nil
}

func checkPath(s string) error {
	if s == "" || strings.ContainsRune(s, 0) {
		return errors.New("the path is empty or holds a NUL: name a folder")
	}
	return nil
}

func checkPublicURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
		u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is no base URL: write scheme and host alone, such as https://video.example.com", s)
	}
	return nil
}

func checkAddress(s string) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is no address: write host:port, such as 127.0.0.1:8080, or :8080 for every interface", s)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has no port from 0 to 65535 (0 picks a free one)", s)
	}
	if strings.ContainsAny(host, "/ ") {
		return fmt.Errorf("%q is no address: write the host alone, without a scheme or path", s)
	}
	return nil
}

var (
	regionForm  = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9]){1,31}$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	nameForm    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	bucketForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	accessForm  = regexp.MustCompile(`^[A-Za-z0-9]{3,128}$`)
	secretForm  = regexp.MustCompile(`^[!-~]{8,128}$`)
)

func checkRegion(s string) error {
	if !regionForm.MatchString(s) {
		return fmt.Errorf("%q is no region: use lower-case letters, digits and hyphens, such as us-east-1", s)
	}
	return nil
}

func checkAccount(s string) error {
	if !accountForm.MatchString(s) {
		return fmt.Errorf("%q is no account: give twelve digits, in quotes when they begin with 0", s)
	}
	return nil
}

func checkName(s string) error {
	if !nameForm.MatchString(s) {
		return fmt.Errorf("%q is no name: use 1 to 100 letters, digits, dots, hyphens and underscores, a letter or digit first", s)
	}
	return nil
}

// checkBucket holds a name to the rules of S3, so that every client and any
// other S3 takes it.
func checkBucket(s string) error {
	switch {
	case !bucketForm.MatchString(s):
		return fmt.Errorf("%q is no bucket name: use 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit first and last", s)
	case strings.Contains(s, "..") || strings.Contains(s, ".-") || strings.Contains(s, "-."):
		return fmt.Errorf("%q is no bucket name: a dot may not stand beside a dot or a hyphen", s)
	case net.ParseIP(s) != nil:
		return fmt.Errorf("%q is no bucket name: it looks like an IP address", s)
	case strings.HasPrefix(s, "xn--"), strings.HasPrefix(s, "sthree-"), strings.HasSuffix(s, "-s3alias"), strings.HasSuffix(s, "--ol-s3"):
		return fmt.Errorf("%q is no bucket name: S3 keeps this prefix or suffix for itself", s)
	}
	return nil
}

func checkPrefix(s string) error {
	if s == "" {
		return nil
	}
	if err := spool.CheckKey(s); err != nil {
		return fmt.Errorf("%q can never begin a key: %w", s, err)
	}
	return nil
}

func checkSuffix(s string) error {
	if s == "" || strings.HasSuffix(s, "/") {
		return fmt.Errorf("%q ends no file's name: write an ending such as .mp4, or an empty list for every object", s)
	}
	if err := spool.CheckKey(s); err != nil && s != "." {
		return fmt.Errorf("%q can never end a key: %w", s, err)
	}
	return nil
}

// samplePatterns stand in for an object's values wherever a text is only tried.
var samplePatterns = spool.PatternValues{
	Bucket: "bucket", Key: "folder/name.mp4",
	GUID: "11111111-2222-4333-8444-555555555555", UUID: "66666666-7777-4888-8999-aaaaaaaaaaaa",
	Time: time.Date(2000, 1, 2, 3, 4, 5, 0, time.UTC),
}

func checkPatterns(s string) error {
	_, err := samplePatterns.Expand(s)
	return err
}

// checkDestination accepts "" too: it keeps the job's own.
func checkDestination(s string) error {
	if s == "" {
		return nil
	}
	if err := checkPatterns(s); err != nil {
		return err
	}
	bucket, _, err := spool.ParseS3URI(s)
	if err != nil {
		return fmt.Errorf("%w: write s3://bucket/folder/ or s3://bucket/folder/name", err)
	}
	if strings.ContainsAny(bucket, "{}") {
		return fmt.Errorf("%q: the bucket must be a fixed name, not a pattern", s)
	}
	return nil
}
