package jobapi_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// run runs a client as the owner, with nothing of the machine's own AWS setup.
func (s *server) run(name string, args ...string) (out string, err error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	nowhere := filepath.Join(s.t.TempDir(), "none")
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secretKey, "AWS_DEFAULT_REGION=us-east-1",
		"AWS_PAGER=", "AWS_CONFIG_FILE="+nowhere, "AWS_SHARED_CREDENTIALS_FILE="+nowhere, "AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=127.0.0.1")
	answer, err := cmd.CombinedOutput()
	return string(answer), err
}

func TestAWSCLI(t *testing.T) {
	t.Parallel()
	aws, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("there is no AWS CLI on this machine (Debian: awscli)")
	}
	s := newServer(t)
	cli := func(into any, args ...string) string {
		t.Helper()
		out, err := s.run(aws, append([]string{"--endpoint-url", s.URL, "--output", "json", "mediaconvert"}, args...)...)
		if err != nil {
			return out
		}
		if out == "" {
			return "" // an empty answer
		}
		if err := json.Unmarshal([]byte(out), into); err != nil {
			t.Fatalf("%v: %s", args, out)
		}
		return ""
	}
	document := filepath.Join(t.TempDir(), "job.json")
	if err := os.WriteFile(document, []byte(`{"Inputs":[{"FileInput":"s3://in/ü.mp4","VideoSelector":{}}],
		"OutputGroups":[{"OutputGroupSettings":{"Type":"FILE_GROUP_SETTINGS","FileGroupSettings":{"Destination":"s3://out/a"}},
		"Outputs":[{"ContainerSettings":{"Container":"MP4"},"VideoDescription":{"CodecSettings":{"Codec":"H_264",
		"H264Settings":{"RateControlMode":"QVBR","MaxBitrate":2000000,"SceneChangeDetect":"TRANSITION_DETECTION"}}}}]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	type job struct {
		Job struct{ Id, Status, Queue string }
	}
	var endpoints struct{ Endpoints []struct{ Url string } }
	var queue struct{ Queue struct{ Arn, Name string } }
	var made, got job
	var list struct{ Jobs []struct{ Id string } }
	for _, problem := range []string{
		cli(&endpoints, "describe-endpoints"),
		cli(&queue, "create-queue", "--name", "cat queue"),
		cli(&queue, "get-queue", "--name", "cat queue"),
		cli(&made, "create-job", "--role", role, "--queue", "cat queue", "--settings", "file://"+document),
	} {
		if problem != "" {
			t.Fatal(problem)
		}
	}
	for _, problem := range []string{
		cli(&got, "get-job", "--id", made.Job.Id),
		cli(&list, "list-jobs", "--queue", queue.Queue.Arn, "--status", "SUBMITTED"),
	} {
		if problem != "" {
			t.Error(problem)
		}
	}
	if endpoints.Endpoints[0].Url != s.URL || queue.Queue.Name != "cat queue" || got.Job.Id != made.Job.Id ||
		got.Job.Status != "SUBMITTED" || got.Job.Queue != queue.Queue.Arn || len(list.Jobs) != 1 {
		t.Errorf("%+v %+v %+v %+v", endpoints, queue, got, list)
	}
	if problem := cli(&got, "get-job", "--id", "1712252725875-defhgi"); !strings.Contains(problem, "NotFoundException") {
		t.Errorf("an unknown job: %s", problem)
	}
	// The client percent-encodes the ARN in the path.
	var tags struct {
		ResourceTags struct {
			Tags map[string]string
		}
	}
	for _, problem := range []string{
		cli(&got, "tag-resource", "--arn", queue.Queue.Arn, "--tags", "a=1,b=2"),
		cli(&got, "untag-resource", "--arn", queue.Queue.Arn, "--tag-keys", "a"),
		cli(&tags, "list-tags-for-resource", "--arn", queue.Queue.Arn),
	} {
		if problem != "" {
			t.Error(problem)
		}
	}
	if got := tags.ResourceTags.Tags; len(got) != 1 || got["b"] != "2" {
		t.Errorf("the tags are %v", got)
	}
}

func TestCurl(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl on this machine")
	}
	s := newServer(t)
	// The path is plain: curl up to 8.1 signs others in a form of its own.
	out, err := s.run(curl, "--silent", "--show-error", "--fail-with-body", "--aws-sigv4", "aws:amz:us-east-1:mediaconvert",
		"--user", accessKey+":"+secretKey, s.URL+"/2017-08-29/queues/Default")
	if err != nil || !strings.Contains(out, `"name":"Default"`) {
		t.Errorf("%v: %s", err, out)
	}
}
