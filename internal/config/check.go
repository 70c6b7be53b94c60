package config

import (
	_ "embed" // the built-in configuration
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

//go:embed default.yaml
var defaultYAML []byte

//go:embed default.json
var defaultJob []byte

func readBuiltIn(name string) ([]byte, error) {
	if name != "default.json" {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return defaultJob, nil
}

// check notes what does not go together, and tries each pipeline's job.
func (f *file) check(r *reader, cfg *Config) {
	buckets := map[string]bool{}
	for i, b := range cfg.Buckets {
		if buckets[b.Name] {
			r.fail(f.buckets[i], "the bucket %q is declared a second time: keep one", b.Name)
		}
		buckets[b.Name] = true
	}
	queues := map[string]bool{}
	for i, q := range cfg.Queues {
		if queues[q.Name] {
			r.fail(f.queues[i], "the queue %q is declared a second time: keep one", q.Name)
		}
		queues[q.Name] = true
	}
	queues[spool.DefaultQueue] = true
	names := map[string]bool{}
	for i, p := range cfg.Pipelines {
		at := f.pipelines[i]
		if names[p.Name] {
			r.fail(at.whole, "the pipeline %q is declared a second time: give this one another name", p.Name)
		}
		names[p.Name] = true
		if !buckets[p.Bucket] {
			r.fail(at.bucket, "the bucket %q is not declared: add it under buckets, where there are: %s", p.Bucket, list(buckets))
		}
		at.checkJob(r, p, buckets, queues)
	}
}

func list(set map[string]bool) string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// checkJob fills the job for an object that could be, and holds the result to
// what the API would take.
func (at pipelineNodes) checkJob(r *reader, p spool.Pipeline, buckets, queues map[string]bool) {
	what := "job"
	if at.jobFile != "" {
		what = "job " + at.jobFile
	}
	sample := samplePatterns
	sample.Bucket, sample.Key = p.Bucket, sampleKey(p)
	filled, err := p.Fill(sample)
	if err != nil {
		r.fail(at.job, "%s: %v", what, err)
		return
	}
	warnings, err := tryJob(filled)
	if err != nil {
		var problems spool.Problems
		if !errors.As(err, &problems) {
			r.fail(at.job, "%s: %v", what, err)
			return
		}
		for _, problem := range problems {
			r.fail(at.job, "%s: %s", what, problem)
		}
		return
	}
	for _, w := range warnings {
		r.warn(at.job, "%s: %s", what, spool.Problem{Pointer: w.Pointer, Message: w.Message})
	}
	if queue := filled.Queue; queue != "" && !queues[queue] {
		node, whose := at.queue, "the queue"
		if node == nil {
			node, whose = at.job, what+": its queue"
		}
		r.fail(node, "%s %q is not declared: add it under queues, or name one of: %s", whose, queue, list(queues))
	}
	at.checkDestinations(r, p, filled, what, buckets)
}

// tryJob does what intake does with a filled job. Templates
// and presets that users make are known to the running server only: a job that
// names one gets a warning, and is checked as far as it goes.
func tryJob(filled spool.FilledJob) ([]spool.Warning, error) {
	request, err := mediaconvert.DecodeRequest(filled.Request, mediaconvert.FormFile)
	if err != nil {
		return nil, err
	}
	lib := &knownLibrary{Library: mediaconvert.SystemLibrary()}
	job, err := request.Resolve(lib)
	var problems spool.Problems
	if errors.As(err, &problems) && len(lib.unknown) > 0 {
		if problems = slices.DeleteFunc(problems, lib.followsFrom); len(problems) == 0 {
			return []spool.Warning{{Message: "it names the " + strings.Join(lib.unknown, " and the ") + ", which Spool does not bring along: what they make of it is seen with each object"}}, nil
		}
		return nil, problems
	}
	if err != nil {
		return nil, err
	}
	return job.Warnings, nil
}

// knownLibrary notes what is asked of it in vain.
type knownLibrary struct {
	mediaconvert.Library
	unknown []string
}

func (l *knownLibrary) Preset(name string) (spool.Preset, error) {
	p, err := l.Library.Preset(name)
	if err != nil {
		l.unknown = append(l.unknown, "preset "+name)
	}
	return p, err
}

func (l *knownLibrary) JobTemplate(name string) (spool.JobTemplate, error) {
	t, err := l.Library.JobTemplate(name)
	if err != nil {
		l.unknown = append(l.unknown, "job template "+name)
	}
	return t, err
}

// followsFrom tells whether a problem is that a name is not known.
func (l *knownLibrary) followsFrom(p spool.Problem) bool {
	return strings.HasPrefix(p.Message, "There is no ") && (p.Pointer == "/jobTemplate" || strings.HasSuffix(p.Pointer, "/preset"))
}

func (at pipelineNodes) checkDestinations(r *reader, p spool.Pipeline, filled spool.FilledJob, what string, buckets map[string]bool) {
	for i, destination := range filled.Destinations {
		var node ast.Node = at.job
		whose := fmt.Sprintf("%s: the destination of output group %d", what, i)
		own := i >= len(p.Destinations) || p.Destinations[i] == ""
		if !own {
			node, whose = at.destinations[i], "the destination"
		}
		if own && hasPattern(destination) {
			r.fail(node, "%s, %s, holds a pattern, which is only filled in under destinations: write it there, at position %d", whose, destination, i+1)
			continue
		}
		bucket, key, err := spool.ParseS3URI(destination)
		if err != nil {
			r.fail(node, "%s: %v", whose, err)
			continue
		}
		if key != "" {
			if err := spool.CheckKey(strings.TrimSuffix(key, "/") + "x"); err != nil {
				r.fail(node, "%s, %s: %v", whose, destination, err)
			}
		}
		if !buckets[bucket] {
			r.fail(node, "%s is in the bucket %q, which is not declared: add it under buckets, where there are: %s", whose, bucket, list(buckets))
		}
	}
}

func hasPattern(s string) bool {
	for _, name := range spool.PatternNames() {
		if strings.Contains(s, "{"+name+"}") {
			return true
		}
	}
	return false
}

// sampleKey is a key that the pipeline takes.
func sampleKey(p spool.Pipeline) string {
	key := p.Prefix + "folder/name"
	if len(p.Suffixes) > 0 {
		key += p.Suffixes[0]
	}
	return key
}
