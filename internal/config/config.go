// Package config reads what an installation is told: one YAML file, the
// environment and the command line's flags, on top of the defaults.
//
// Everything is checked before it is used, as much as possible at once, and
// each complaint says where (file, line and column), what is wrong and what to
// do. A key that has no effect is never accepted. The package never starts
// anything and never opens a network connection; it reads the configuration's
// files, and writes only the key pair's.
package config

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"spool/internal/spool"
)

// Config is a checked configuration. Paths are absolute.
type Config struct {
	File    string // the file it came from; "" for the built-in configuration
	DataDir string // holds objects, database, messages and the key pair
	HTTP    string // host:port of the API, the pages and delivery; port 0 picks a free one
	// PublicURL is where viewers reach HTTP, such as https://video.example.com;
	// records and links hold it. "" means the address itself.
	PublicURL string
	S3        string // host:port of the S3 endpoint; port 0 picks a free one

	Identity spool.Identity

	AccessKey string // from the environment; both empty: use Keys
	SecretKey string

	Buckets   []Bucket
	Queues    []Queue
	Pipelines []spool.Pipeline

	Slots  int // jobs that this process runs at once; 0: none, leave them to other workers
	Inputs Inputs
	Limits Limits

	Warnings []Problem // settings of pipelines' jobs that have no effect here
}

// Bucket is one bucket that is made at start when it is not there.
type Bucket struct {
	Name    string
	Deliver bool // its objects may be fetched over HTTP delivery
}

// Queue is one queue that is made, or set right, at start. What is nil is left
// as it is; a new queue is ACTIVE and runs as many jobs as the workers take.
type Queue struct {
	Name           string
	ConcurrentJobs *int    // 1 or more
	Status         *string // ACTIVE | PAUSED
}

// Inputs bounds what is fetched from https and http inputs.
type Inputs struct {
	AllowPrivateAddresses bool          // also loopback, link-local and private networks
	MaxBytes              int64         // of one input
	Timeout               time.Duration // for one input as a whole
}

// Limits bounds what users of the API may have and do. 0: no bound.
type Limits struct {
	Queues            int // beside Default; those of the configuration count
	Presets           int // that users made
	JobTemplates      int // that users made
	RequestsPerSecond int // of each access key, after a burst of 100
}

// Overrides are the flags of the command line. A nil pointer was not given.
type Overrides struct {
	Data  *string // --data
	HTTP  *string // --http
	S3    *string // --s3
	Slots *int    // --slots
}

// Environment are the variables that Load reads.
func Environment() []string {
	return []string{"SPOOL_DATA", "SPOOL_HTTP", "SPOOL_PUBLIC_URL", "SPOOL_S3", "SPOOL_REGION", "SPOOL_ACCOUNT",
		"SPOOL_SLOTS", "SPOOL_ACCESS_KEY", "SPOOL_SECRET_KEY"}
}

// Defaults of what a configuration does not say.
const (
	DefaultData     = "spool-data"
	DefaultHTTP     = "127.0.0.1:8080"
	DefaultS3       = "127.0.0.1:9000"
	DefaultMaxBytes = 64 << 30
	DefaultTimeout  = 2 * time.Hour
)

func defaults() Config {
	return Config{
		DataDir:  DefaultData,
		HTTP:     DefaultHTTP,
		S3:       DefaultS3,
		Identity: spool.DefaultIdentity(),
		Slots:    max(2, runtime.NumCPU()/4),
		Inputs:   Inputs{MaxBytes: DefaultMaxBytes, Timeout: DefaultTimeout},
		Limits:   Limits{Queues: 10, Presets: 100, JobTemplates: 100}, // the service's (behaviour.md 1.8, 1.12)
	}
}

// Problem is one thing wrong with the configuration.
type Problem struct {
	Where   string // "spool.yaml:12:5", "SPOOL_HTTP" or "--http"
	Message string
}

// Problems is the error of Load: all that was found wrong.
type Problems []Problem

// Error gives one line for each problem: "spool.yaml:12:5: message".
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Where + ": " + p.Message
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes errors.Is(err, spool.ErrInvalid) true.
func (ps Problems) Unwrap() error { return spool.ErrInvalid }

// Load reads the configuration: defaults, then the file at path (the built-in
// one when path is empty), then the environment through getenv, then flags. It
// fails with Problems, or with the error of reading the file.
func Load(path string, getenv func(string) string, flags Overrides) (*Config, error) {
	name, dir, data := "built-in configuration", "", defaultYAML
	readFile := readBuiltIn
	if path != "" {
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("find the configuration: %w", err)
		}
		if data, err = readLimited(full); err != nil {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		name, dir = path, filepath.Dir(full)
		readFile = func(file string) ([]byte, error) {
			if !filepath.IsAbs(file) {
				file = filepath.Join(dir, file)
			}
			return readLimited(file)
		}
	}
	return load(source{name: name, dir: dir, data: data, readFile: readFile, builtIn: path == ""}, getenv, flags)
}

// source is a configuration file and the means to read the files it names.
type source struct {
	name     string // for messages
	dir      string // its relative paths start here; "": the working directory
	data     []byte
	readFile func(name string) ([]byte, error)
	builtIn  bool
}

func load(src source, getenv func(string) string, flags Overrides) (*Config, error) {
	cfg := defaults()
	if !src.builtIn {
		cfg.File = filepath.Join(src.dir, filepath.Base(src.name))
	}
	r := &reader{file: src.name}
	f := r.decode(&cfg, src)
	cfg.overlay(r, getenv, flags)
	if len(r.problems) == 0 {
		f.check(r, &cfg) // only a configuration that could be read says what it means
	}
	if len(r.problems) > 0 {
		return nil, r.sorted()
	}
	data, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	cfg.DataDir, cfg.Warnings = data, r.warnings
	return &cfg, nil
}

// overlay puts the environment, then the flags, over what the file said.
func (c *Config) overlay(r *reader, getenv func(string) string, flags Overrides) {
	text := func(where string, value *string, to *string, check func(string) error) {
		if value == nil {
			return
		}
		if err := check(*value); err != nil {
			r.failAt(where, "%v", err)
			return
		}
		*to = *value
	}
	env := func(name string) *string {
		if v := getenv(name); v != "" {
			return &v
		}
		return nil
	}
	text("SPOOL_DATA", env("SPOOL_DATA"), &c.DataDir, checkPath)
	text("SPOOL_HTTP", env("SPOOL_HTTP"), &c.HTTP, checkAddress)
	text("SPOOL_PUBLIC_URL", env("SPOOL_PUBLIC_URL"), &c.PublicURL, checkPublicURL)
	text("SPOOL_S3", env("SPOOL_S3"), &c.S3, checkAddress)
	text("SPOOL_REGION", env("SPOOL_REGION"), &c.Identity.Region, checkRegion)
	text("SPOOL_ACCOUNT", env("SPOOL_ACCOUNT"), &c.Identity.Account, checkAccount)
	text("SPOOL_ACCESS_KEY", env("SPOOL_ACCESS_KEY"), &c.AccessKey, checkAccessKey)
	text("SPOOL_SECRET_KEY", env("SPOOL_SECRET_KEY"), &c.SecretKey, checkSecretKey)
	if (getenv("SPOOL_ACCESS_KEY") == "") != (getenv("SPOOL_SECRET_KEY") == "") {
		r.failAt("SPOOL_ACCESS_KEY, SPOOL_SECRET_KEY", "only one of them is set: set both, or none to use the key pair of the data folder")
	}
	if v := env("SPOOL_SLOTS"); v != nil {
		n, err := strconv.Atoi(*v)
		if err == nil {
			err = checkSlots(n)
		}
		if err != nil {
			r.failAt("SPOOL_SLOTS", "%q is no number of slots: give a whole number from 0 to %d", *v, maxSlots)
		} else {
			c.Slots = n
		}
	}
	text("--data", flags.Data, &c.DataDir, checkPath)
	text("--http", flags.HTTP, &c.HTTP, checkAddress)
	text("--s3", flags.S3, &c.S3, checkAddress)
	if flags.Slots != nil {
		if err := checkSlots(*flags.Slots); err != nil {
			r.failAt("--slots", "%v", err)
		} else {
			c.Slots = *flags.Slots
		}
	}
	if _, port, err := net.SplitHostPort(c.HTTP); err == nil && port != "0" && c.HTTP == c.S3 {
		r.failAt("http and s3", "both are %s: give each an address of its own", c.HTTP)
	}
}

const maxFile = 1 << 20

// readLimited reads a file of at most 1 MiB: more is no configuration.
func readLimited(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s has %d bytes; a configuration or job has at most %d", name, info.Size(), maxFile)
	}
	return os.ReadFile(name)
}
