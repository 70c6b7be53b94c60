package spool_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"spool/internal/spool"
)

func TestPipelineMatch(t *testing.T) {
	t.Parallel()
	p := spool.Pipeline{Bucket: "uploads", Prefix: "in/", Suffixes: []string{".mp4", ".Mov"}}
	tests := []struct {
		bucket, key string
		want        bool
	}{
		{"uploads", "in/a.mp4", true},
		{"uploads", "in/a.MP4", true},
		{"uploads", "in/a.mOv", true},
		{"uploads", "in/b/c/ä ö+%.mp4", true},
		{"uploads", "in/.mp4", true},
		{"uploads", "in/-a.mp4", true},
		{"uploads", "IN/a.mp4", false},
		{"uploads", "a.mp4", false},
		{"uploads", "in/a.mp4/", false},
		{"uploads", "in/a.mp", false},
		{"uploads", "in/amp4", false},
		{"uploads", "in/", false},
		{"uploads", "", false},
		{"other", "in/a.mp4", false},
	}
	for _, tt := range tests {
		if got := p.Match(tt.bucket, tt.key); got != tt.want {
			t.Errorf("Match(%q, %q) = %v", tt.bucket, tt.key, got)
		}
	}
	every := spool.Pipeline{Bucket: "uploads"}
	if !every.Match("uploads", "no suffix") || every.Match("uploads", "folder/") {
		t.Error("a pipeline without suffixes takes every object, and no folder")
	}
}

var values = spool.PatternValues{Bucket: "b", Key: "x/y/My {guid} film.v2.mp4", GUID: "G", UUID: "U",
	Time: time.Date(2024, 3, 1, 0, 30, 0, 0, time.FixedZone("", 3600))}

func TestExpand(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"plain":                             "plain",
		"{name}":                            "My {guid} film.v2",
		"{folder}":                          "x/y",
		"{guid}/{uuid}":                     "G/U",
		"{date}":                            "2024-02-29",
		"s3://out/{bucket}/{key}":           "s3://out/b/x/y/My {guid} film.v2.mp4",
		"{nme}":                             "!unknown pattern {nme}",
		"{Name}":                            "!unknown pattern {Name}",
		"{name":                             "!never closed",
		"a}b":                               "a}b",
		"{}":                                "!unknown pattern {}",
		strings.Repeat("{guid}", 3) + "end": "GGGend",
	}
	for text, want := range tests {
		got, err := values.Expand(text)
		if reason, bad := strings.CutPrefix(want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%q: %v", text, err)
			}
		} else if got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	hidden := spool.PatternValues{Key: ".mp4"}
	if got, _ := hidden.Expand("[{folder}][{name}]"); got != "[][.mp4]" {
		t.Error(got)
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	const camel = `{"settings":{"inputs":[{"fileInput":"old","timecodeSource":"ZEROBASED"},{"fileInput":"s3://b/outro.mp4"}],"outputGroups":[
		{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://own/"}}},
		{"outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"destination":"s3://own/hls/","segmentLength":10}}}]},
		"userMetadata":{"keep":"me","guid":"OLD"},"queue":"arn:aws:mediaconvert:r:a:queues/slow"}`
	pascal := strings.NewReplacer(`"settings"`, `"Settings"`, `"inputs"`, `"Inputs"`, `"fileInput"`, `"FileInput"`, `"outputGroups"`, `"OutputGroups"`,
		`"outputGroupSettings"`, `"OutputGroupSettings"`, `"type"`, `"Type"`, `"fileGroupSettings"`, `"FileGroupSettings"`,
		`"hlsGroupSettings"`, `"HlsGroupSettings"`, `"destination"`, `"Destination"`, `"userMetadata"`, `"UserMetadata"`, `"queue"`, `"Queue"`).Replace(camel)
	for name, job := range map[string]string{"camel": camel, "pascal": pascal, "exported": `{"job":` + camel + `}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			priority := -3
			p := spool.Pipeline{Job: json.RawMessage(job), Priority: &priority, Destinations: []string{"", "s3://out/{folder}/{name}"},
				UserMetadata: map[string]string{"guid": "{guid}", "name": "{name}", "empty": ""}}
			filled, err := p.Fill(values)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ToLower(string(filled.Request))
			for _, want := range []string{`"fileinput":"s3://b/x/y/my {guid} film.v2.mp4"`, `"fileinput":"s3://b/outro.mp4"`, `"destination":"s3://own/"`,
				`"destination":"s3://out/x/y/my {guid} film.v2"`, `"segmentlength":10`, `"timecodesource":"zerobased"`, `"priority":-3`,
				`"usermetadata":{"guid":"g","keep":"me","name":"my _guid_ film.v2"}`} {
				if !strings.Contains(text, want) {
					t.Errorf("no %s in %s", want, text)
				}
			}
			if strings.Contains(text, "old") || strings.Contains(text, "empty") || filled.Queue != "slow" {
				t.Errorf("%s, queue %q", text, filled.Queue)
			}
		})
	}
}

func TestFillWithoutFolder(t *testing.T) {
	t.Parallel()
	p := spool.Pipeline{Job: json.RawMessage(`{"inputs":[],"outputGroups":[{"outputGroupSettings":{"fileGroupSettings":{}}}]}`),
		Destinations: []string{"s3://out/{folder}/"}, UserMetadata: map[string]string{"videoId": "{folder}", "long": "{key}"}}
	filled, err := p.Fill(spool.PatternValues{Bucket: "b", Key: strings.Repeat("é", 300) + ".mp4"})
	if err != nil {
		t.Fatal(err)
	}
	if filled.Destinations[0] != "s3://out/" {
		t.Error(filled.Destinations)
	}
	if _, there := filled.UserMetadata["videoId"]; there || filled.UserMetadata["long"] != strings.Repeat("é", 256) {
		t.Error(filled.UserMetadata)
	}
}

func TestFillRefused(t *testing.T) {
	t.Parallel()
	for job, reason := range map[string]string{
		``:                                   "not a JSON object",
		`[]`:                                 "not a JSON object",
		`null`:                               "null",
		`{}`:                                 "no settings",
		`{"settings":[]}`:                    "no settings",
		`{"settings":{"inputs":{}}}`:         "inputs are not a list",
		`{"settings":{"inputs":[1]}}`:        "first input is not an object",
		`{"settings":{"outputGroups":[1]}}`:  "output group 0 of the job is not an object",
		`{"settings":{"outputGroups":[{}]}}`: "no output group settings",
		`{"settings":{"outputGroups":[{"outputGroupSettings":{}}]}}`: "are missing",
		`{"settings":{},"userMetadata":{"a":1}}`:                     "is not a text",
	} {
		if _, err := (spool.Pipeline{Job: json.RawMessage(job)}).Fill(values); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v; want %q", job, err, reason)
		}
	}
}

func FuzzFill(f *testing.F) {
	f.Add(`{"settings":{"inputs":[{"fileInput":"x"}],"outputGroups":[{"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{}}}]}}`, "a/b c.mp4", "s3://o/{name}")
	f.Add(`{"Settings":{"":1}}`, "", "{")
	f.Fuzz(func(_ *testing.T, job, key, pattern string) {
		_, _ = spool.Pipeline{Job: json.RawMessage(job), Destinations: []string{pattern}, UserMetadata: map[string]string{"a": pattern}}.
			Fill(spool.PatternValues{Bucket: "b", Key: key})
	})
}
