package config

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"spool/internal/spool"
)

func TestExamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"frames", "vod-hls", "cattube", "abr-hls"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join("..", "..", "examples", name)
			cfg, err := Load(filepath.Join(dir, "spool.yaml"), noEnv, Overrides{})
			if err != nil {
				t.Fatal(err)
			}
			if len(cfg.Pipelines) != 1 || cfg.Pipelines[0].Name != name {
				t.Errorf("pipelines: %+v", cfg.Pipelines)
			}
			job, err := os.ReadFile(filepath.Join(dir, "job.json"))
			if err != nil {
				t.Fatal(err)
			}
			original, err := os.ReadFile(filepath.Join(sharedFolder(), "systems", name, "job.json"))
			if os.IsNotExist(err) {
				t.Skip("the five systems' original jobs are not here to compare with")
			}
			if !bytes.Equal(job, original) {
				t.Error("the job is not the system's")
			}
		})
	}
}

// sharedFolder is where material that is not part of the repository may lie.
func sharedFolder() string {
	if dir := os.Getenv("SPOOL_SHARED"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "..", "shared")
}

// The reference shows every key, and the defaults it speaks of are those.
func TestReference(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "examples", "reference.yaml")
	cfg, err := Load(file, noEnv, Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	if cfg.HTTP != want.HTTP || cfg.S3 != want.S3 || cfg.Identity != want.Identity || cfg.Inputs != want.Inputs || cfg.Limits != want.Limits || filepath.Base(cfg.DataDir) != want.DataDir {
		t.Errorf("not the defaults: %+v", cfg)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"read.go", "sections.go"} {
		code, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\t+"(\w+)":\s+func\(n ast.Node\)`).FindAllSubmatch(code, -1) {
			if !bytes.Contains(text, append(m[1], ':')) {
				t.Errorf("the reference does not show %q", m[1])
			}
		}
	}
	for _, name := range spool.PatternNames() {
		if !bytes.Contains(text, []byte("{"+name+"}")) {
			t.Errorf("the reference does not show {%s}", name)
		}
	}
	for _, name := range Environment() {
		if !bytes.Contains(text, []byte(name)) {
			t.Errorf("the reference does not show %s", name)
		}
	}
}

func TestExampleFills(t *testing.T) {
	t.Parallel()
	cfg, err := Load(filepath.Join("..", "..", "examples", "abr-hls", "spool.yaml"), noEnv, Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	filled, err := cfg.Pipelines[0].Fill(spool.PatternValues{Bucket: "source-bucket", Key: "a/film one.m2ts", UUID: "u-1"})
	if err != nil {
		t.Fatal(err)
	}
	if filled.Destinations[0] != "s3://media-bucket/assets/u-1/HLS/film one" || filled.UserMetadata["assetID"] != "u-1" {
		t.Errorf("%+v", filled)
	}
}
