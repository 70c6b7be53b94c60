package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spool/internal/spool"
)

func noEnv(string) string { return "" }

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

// loadText loads a configuration from a folder of its own with the default job
// beside it as job.json.
func loadText(t *testing.T, text string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "job.json"), string(defaultJob))
	write(t, filepath.Join(dir, "spool.yaml"), text)
	cfg, err := Load(filepath.Join(dir, "spool.yaml"), noEnv, Overrides{})
	if err != nil {
		err = errors.New(strings.ReplaceAll(err.Error(), dir+"/", ""))
	}
	return cfg, err
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBuiltIn(t *testing.T) {
	t.Parallel()
	cfg, err := Load("", noEnv, Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.HTTP != "127.0.0.1:8080" || cfg.S3 != "127.0.0.1:9000" || cfg.DataDir != filepath.Join(wd, "spool-data") || cfg.File != "" {
		t.Errorf("defaults: %+v", cfg)
	}
	if diff := cmp.Diff([]Bucket{{Name: "uploads"}, {Name: "media", Deliver: true}}, cfg.Buckets); diff != "" {
		t.Error(diff)
	}
	if len(cfg.Pipelines) != 1 || !cfg.Pipelines[0].Match("uploads", "My Film.MOV") || cfg.Pipelines[0].Match("uploads", "notes.txt") {
		t.Errorf("pipelines: %+v", cfg.Pipelines)
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "spool.yaml")
	write(t, name, `
data: here
http: :1
s3: 127.0.0.1:2
identity: {region: eu-west-1, account: "012345678901"}
workers: {slots: 3}
inputs: {allowPrivateAddresses: true, maxBytes: 1.5MiB, timeout: 90s}
limits: {queues: 0, jobTemplates: 7, requestsPerSecond: 50}
queues: [{name: Default, concurrentJobs: 4}, {name: slow, status: PAUSED}, {name: plain}]
`)
	flag, slots := "0.0.0.0:0", 9
	four, paused := 4, "PAUSED"
	cfg, err := Load(name, env(map[string]string{"SPOOL_HTTP": "[::1]:5", "SPOOL_S3": "127.0.0.1:6", "SPOOL_REGION": "us-west-2",
		"SPOOL_ACCESS_KEY": "AKIAX", "SPOOL_SECRET_KEY": "not/so+secret", "SPOOL_SLOTS": "5"}), Overrides{HTTP: &flag, Slots: &slots})
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{File: name, DataDir: filepath.Join(dir, "here"), HTTP: flag, S3: "127.0.0.1:6",
		Identity:  spool.Identity{Partition: "aws", Region: "us-west-2", Account: "012345678901"},
		AccessKey: "AKIAX", SecretKey: "not/so+secret", Slots: 9,
		Queues: []Queue{{Name: "Default", ConcurrentJobs: &four}, {Name: "slow", Status: &paused}, {Name: "plain"}},
		Inputs: Inputs{AllowPrivateAddresses: true, MaxBytes: 1572864, Timeout: 90 * time.Second},
		Limits: Limits{Presets: 100, JobTemplates: 7, RequestsPerSecond: 50}}
	if diff := cmp.Diff(want, cfg); diff != "" {
		t.Error(diff)
	}
}

func TestEnvironmentRefused(t *testing.T) {
	t.Parallel()
	bad, slots := "nowhere", -1
	_, err := Load("", env(map[string]string{"SPOOL_HTTP": "8080", "SPOOL_SECRET_KEY": "short", "SPOOL_SLOTS": "many"}),
		Overrides{S3: &bad, Slots: &slots})
	for _, want := range []string{"SPOOL_HTTP: ", "SPOOL_SECRET_KEY: the secret key must be", "only one of them is set", "SPOOL_SLOTS: ", "--s3: ", "--slots: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in: %v", want, err)
		}
	}
	if !errors.Is(err, spool.ErrInvalid) || strings.Contains(err.Error(), "short") {
		t.Errorf("error: %v", err)
	}
}

func TestInlineJob(t *testing.T) {
	t.Parallel()
	cfg, err := loadText(t, `
buckets: [{name: in-bucket}, {name: out-bucket}]
pipelines:
  - name: inline
    bucket: in-bucket
    prefix: clips/
    suffixes: [.Mov]
    priority: -7
    queue: Default
    job:
      Role: arn:aws:iam::000000000000:role/spool
      Settings:
        Inputs: [{AudioSelectors: {Audio Selector 1: {DefaultSelection: DEFAULT}}}]
        OutputGroups:
          - OutputGroupSettings: {Type: FILE_GROUP_SETTINGS, FileGroupSettings: {Destination: s3://out-bucket/}}
            Outputs:
              - ContainerSettings: {Container: MP4}
                VideoDescription:
                  CodecSettings: {Codec: H_264, H264Settings: {RateControlMode: QVBR, MaxBitrate: 1000000}}
`)
	if err != nil {
		t.Fatal(err)
	}
	p := cfg.Pipelines[0]
	if *p.Priority != -7 || !p.Match("in-bucket", "clips/a.MOV") || p.Match("in-bucket", "a.mov") || p.Match("out-bucket", "clips/a.mov") {
		t.Errorf("%+v", p)
	}
	if !strings.Contains(string(p.Job), `"MaxBitrate":1000000`) {
		t.Errorf("job: %s", p.Job)
	}
}

// TestNamedTemplate: a pipeline's job may name job templates and presets. Those
// of the system are tried; those of users are there with the server only.
func TestNamedTemplate(t *testing.T) {
	t.Parallel()
	const text = `
buckets: [{name: in-bucket}, {name: out-bucket}]
pipelines:
  - name: p
    bucket: in-bucket
    destinations: ['s3://out-bucket/{guid}/']
    job:
      jobTemplate: System-Ott_Hls_Ts_Avc_Aac
      settings:
        outputGroups: [{outputGroupSettings: {hlsGroupSettings: {}}}]
`
	cfg, err := loadText(t, text)
	if err != nil || len(cfg.Warnings) != 0 {
		t.Fatalf("%v, %v", err, cfg)
	}
	cfg, err = loadText(t, strings.Replace(text, "System-Ott_Hls_Ts_Avc_Aac", "mine", 1))
	if err != nil || len(cfg.Warnings) != 1 || !strings.Contains(cfg.Warnings[0].Message, "it names the job template mine, which Spool does not bring along") {
		t.Errorf("a user's template: %v, %+v", err, cfg)
	}
	_, err = loadText(t, strings.Replace(text, "System-Ott_Hls_Ts_Avc_Aac", "mine\n      statusUpdateInterval: X", 1))
	if err == nil || strings.Contains(err.Error(), "There is no") || !strings.Contains(err.Error(), "/statusUpdateInterval: ") {
		t.Errorf("a user's template and a mistake: %v", err)
	}
	if _, err = loadText(t, strings.Replace(text, "{hlsGroupSettings: {}}", "{hlsGroupSettings: {segmentLength: 0}}", 1)); err == nil || !strings.Contains(err.Error(), "/outputGroups/0/outputGroupSettings/hlsGroupSettings/segmentLength: Should be") {
		t.Errorf("a mistake beside a template: %v", err)
	}
}

// pipe is a configuration with one sound pipeline, to which lines can be added.
const pipe = `buckets: [{name: in-bucket}, {name: media}]
pipelines:
  - name: p
    bucket: in-bucket
    job: job.json
`

func TestRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"unknown key":            {"htp: :80\n", []string{`spool.yaml:1:1: configuration: unknown key "htp" (did you mean "http"?)`}},
		"nested unknown key":     {"inputs:\n  timeouts: 3s\n", []string{`spool.yaml:2:3: inputs: unknown key "timeouts" (did you mean "timeout"?)`}},
		"duplicate":              {"http: :1\ns3: :2\nhttp: :3\n", []string{`spool.yaml:3:1: configuration: the key "http" stands here a second time, first in line 1`}},
		"many at once":           {"http: 80\ninputs: {maxBytes: -1}\nworkers: {slots: lots}\n", []string{"spool.yaml:1:7: http: ", "spool.yaml:2:20: maxBytes must be", "spool.yaml:3:18: slots must be a whole number"}},
		"syntax":                 {"http: [\n", []string{"spool.yaml:1:", "not valid YAML"}},
		"two documents":          {"http: :1\n---\nhttp: :2\n", []string{"a second document"}},
		"no value":               {"http:\n", []string{`spool.yaml:1:1: configuration: "http" has no value`}},
		"a list at the top":      {"- http\n", []string{"configuration must be a mapping"}},
		"alias":                  {"http: &a :1\ns3: *a\n", []string{"anchors, aliases and tags are not read"}},
		"bucket name":            {"buckets: [{name: My_Bucket}]\n", []string{`"My_Bucket" is no bucket name`}},
		"bucket without name":    {"buckets:\n  - deliver: true\n", []string{`spool.yaml:2:5: bucket 1 has no "name"`}},
		"bucket twice":           {"buckets: [{name: aaa}, {name: aaa}]\n", []string{`the bucket "aaa" is declared a second time`}},
		"deliver":                {"buckets: [{name: aaa, deliver: yes please}]\n", []string{"deliver must be true or false"}},
		"queue status":           {"queues: [{name: q, status: STOPPED}]\n", []string{`"STOPPED" is no status`}},
		"negative limit":         {"limits:\n  queues: -1\n  colours: 3\n", []string{"spool.yaml:2:11: queues must be", `spool.yaml:3:3: limits: unknown key "colours"`}},
		"duration":               {"inputs: {timeout: 90}\n", []string{"timeout must be a duration"}},
		"account":                {"identity: {account: 12}\n", []string{`"12" is no account`}},
		"same address":           {"http: :80\ns3: :80\n", []string{"both are :80"}},
		"public URL with a path": {"publicURL: https://a.example/x\n", []string{"spool.yaml:1:12: publicURL: ", "is no base URL"}},
		"keys are not for here":  {"accessKey: AKIA\n", []string{`unknown key "accessKey"`}},
		"pipeline bucket":        {strings.Replace(pipe, "bucket: in-bucket", "bucket: other", 1), []string{`spool.yaml:4:13: the bucket "other" is not declared: add it under buckets, where there are: in-bucket, media`}},
		"pipeline twice":         {pipe + strings.TrimPrefix(pipe[strings.Index(pipe, "  - name"):], ""), []string{`spool.yaml:6:5: the pipeline "p" is declared a second time`}},
		"no job":                 {"buckets: [{name: aaa}]\npipelines: [{name: p, bucket: aaa}]\n", []string{`pipeline 1 has no "job"`}},
		"job file missing":       {strings.Replace(pipe, "job.json", "jub.json", 1), []string{"spool.yaml:5:10: job: cannot read the file", "no such file"}},
		"unknown pattern":        {pipe + "    destinations: ['s3://media/{nmae}/']\n", []string{"spool.yaml:6:20: destination: unknown pattern {nmae}: use one of {name}"}},
		"open brace":             {pipe + "    userMetadata: {a: '{name'}\n", []string{"userMetadata a: ", "never closed"}},
		"destination scheme":     {pipe + "    destinations: [/tmp/x]\n", []string{`"/tmp/x" does not begin with s3://`}},
		"destination bucket":     {pipe + "    destinations: ['s3://elsewhere/{name}/']\n", []string{`spool.yaml:6:20: the destination is in the bucket "elsewhere", which is not declared`}},
		"bucket by pattern":      {pipe + "    destinations: ['s3://{bucket}/{name}/']\n", []string{"must be a fixed name"}},
		"too many destinations":  {pipe + "    destinations: ['s3://media/', 's3://media/', 's3://media/']\n", []string{"3 destinations are given, but the job has 2 output groups"}},
		"queue":                  {pipe + "    queue: fast\n", []string{`spool.yaml:6:12: the queue "fast" is not declared: add it under queues, or name one of: Default`}},
		"priority":               {pipe + "    priority: 51\n", []string{"priority must be a whole number from -50 to 50"}},
		"bad job":                {"buckets: [{name: aaa}]\npipelines:\n  - name: p\n    bucket: aaa\n    job: {settings: {inputs: [], outputGroup: []}}\n", []string{"spool.yaml:5:10: job: ", "outputGroup"}},
		"pattern in the job": {"buckets: [{name: aaa}]\npipelines:\n  - name: p\n    bucket: aaa\n    job: {settings: {outputGroups: [{outputs: [{containerSettings: {container: RAW}, videoDescription: {codecSettings: {codec: FRAME_CAPTURE, frameCaptureSettings: {maxCaptures: 1}}}}], outputGroupSettings: {type: FILE_GROUP_SETTINGS, fileGroupSettings: {destination: 's3://aaa/{guid}/'}}}]}}\n",
			[]string{"holds a pattern, which is only filled in under destinations"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadText(t, tt.text)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in:\n%v", want, err)
				}
			}
		})
	}
}

func TestBrokenJobFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "job.json"), "{\n  \"Settings\": {]\n")
	write(t, filepath.Join(dir, "spool.yaml"), pipe)
	_, err := Load(filepath.Join(dir, "spool.yaml"), noEnv, Overrides{})
	if err == nil || !strings.Contains(err.Error(), "job.json:2:16 is not valid JSON") {
		t.Errorf("error: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(string(defaultYAML))
	f.Add(pipe)
	f.Add("buckets: [{name: *a}]\n? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, text string) {
		cfg, err := load(source{name: "f.yaml", data: []byte(text), readFile: readBuiltIn, builtIn: true}, noEnv, Overrides{})
		if (cfg == nil) == (err == nil) {
			t.Errorf("neither or both: %v, %v", cfg, err)
		}
	})
}
