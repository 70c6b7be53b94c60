package spool

import (
	"encoding/json"
	"strings"
)

// Pipeline says: when an object appears in Bucket, run this job for it and keep
// a video record. Destinations and user metadata may hold the patterns {name},
// {folder}, {guid}, {uuid}, {date}, {key} and {bucket}, which are filled for
// each object.
type Pipeline struct {
	Name         string
	Bucket       string
	Prefix       string            // keys must begin with it, case and all; empty: every key
	Suffixes     []string          // keys must end in one of them, in any case; empty: every key
	Job          json.RawMessage   // CreateJob request in wire form; its inputs and destinations are examples
	Destinations []string          // s3:// URIs by output-group position; "" or absent keeps the job's own
	UserMetadata map[string]string // added to the job's own, and wins over it
	Queue        string            // bare name; "" keeps the job's own
	Priority     *int              // −50..50; nil keeps the job's own
}

// Match tells whether an object of this name starts the pipeline. Names of
// folders (keys that end in a slash) never do.
func (p Pipeline) Match(bucket, key string) bool {
	if bucket != p.Bucket || key == "" || strings.HasSuffix(key, "/") || !strings.HasPrefix(key, p.Prefix) {
		return false
	}
	if len(p.Suffixes) == 0 {
		return true
	}
	for _, s := range p.Suffixes {
		if len(key) >= len(s) && strings.EqualFold(key[len(key)-len(s):], s) {
			return true
		}
	}
	return false
}
