package clients

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spool/internal/testkit"
	"spool/test/harness"
)

// heldJob is a request as create-job --cli-input-json takes it.
const heldJob = `{"Role": "arn:aws:iam::000000000000:role/spool", "Settings": {
  "Inputs": [{"FileInput": "s3://plain/none.mp4", "VideoSelector": {}}],
  "OutputGroups": [{"OutputGroupSettings": {"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": {"Destination": "s3://plain/out/"}},
    "Outputs": [{"ContainerSettings": {"Container": "MP4"}, "VideoDescription": {"CodecSettings": {"Codec": "H_264",
      "H264Settings": {"RateControlMode": "QVBR", "MaxBitrate": 1000000}}}}]}]}}`

// jobOf is what these tests read of a job in the CLI's output.
type jobOf struct {
	Id, Status, Queue, Arn string
	JobPercentComplete     int
	UserMetadata           map[string]string
	OutputGroupDetails     []struct {
		OutputDetails []struct {
			DurationInMs int
			VideoDetails struct{ WidthInPx, HeightInPx int }
		}
	}
}

type oneJob struct{ Job jobOf }

type jobList struct {
	Jobs      []jobOf
	NextToken string
}

func cliMediaConvert(t *testing.T, s *harness.Server) {
	c := newCLI(t, s)
	endpoints := decode[struct{ Endpoints []struct{ Url string } }](t, c.ok("mediaconvert", "describe-endpoints"))
	if len(endpoints.Endpoints) != 1 || endpoints.Endpoints[0].Url != s.HTTP {
		t.Errorf("the endpoints are %+v, not %s", endpoints, s.HTTP)
	}
	cliExample(c)
	cliQueue(c)
}

// cliExample runs the job of examples/abr-hls as it is.
func cliExample(c *cli) {
	t, s := c.t, c.s
	t.Helper()
	for _, bucket := range []string{"source-bucket", "media-bucket"} {
		c.ok("s3", "mb", "s3://"+bucket)
	}
	c.ok("s3", "cp", "--only-show-errors", testkit.Clip(t, small), "s3://source-bucket/NAME.m2ts")
	made := decode[oneJob](t, c.ok("mediaconvert", "create-job", "--cli-input-json", "file://"+example(t, "abr-hls/job.json"))).Job
	if made.Status != "SUBMITTED" || !strings.HasSuffix(made.Arn, ":jobs/"+made.Id) || !strings.HasSuffix(made.Queue, ":queues/Default") ||
		made.UserMetadata["assetID"] != "3f0c6c8e-0000-4000-8000-000000000000" {
		t.Errorf("create-job: %+v", made)
	}
	s.WaitJob(t, made.Id, jobWithin)
	got := decode[oneJob](t, c.ok("mediaconvert", "get-job", "--id", made.Id)).Job
	if got.Status != "COMPLETE" || got.JobPercentComplete != 100 || len(got.OutputGroupDetails) != 1 {
		t.Fatalf("get-job: %+v", got)
	}
	var sizes []int
	for _, o := range got.OutputGroupDetails[0].OutputDetails {
		sizes = append(sizes, o.VideoDetails.HeightInPx)
		if o.DurationInMs < 1950 || o.DurationInMs > 2100 {
			t.Errorf("an output of 2 s has %d ms", o.DurationInMs)
		}
	}
	if d := cmp.Diff([]int{360, 540, 720}, sizes); d != "" {
		t.Errorf("the outputs' heights: %s", d)
	}
	if out := c.ok("s3", "ls", "s3://media-bucket/assets/ASSET/HLS/"); strings.Count(out, ".m3u8\n") != 4 || strings.Count(out, ".ts\n") != 3 {
		t.Errorf("s3 ls: %s", out)
	}
	c.refused("ConflictException", "CancelJob", "Job "+got.Id+" is COMPLETE: it can no longer be canceled.", "mediaconvert", "cancel-job", "--id", got.Id)
}

// cliQueue fills a paused queue, pages through it, and cancels in it.
func cliQueue(c *cli) {
	t := c.t
	t.Helper()
	type queue struct {
		Queue struct {
			Arn, Name, Status, Type, Description string
			SubmittedJobsCount                   int
		}
	}
	made := decode[queue](t, c.ok("mediaconvert", "create-queue", "--name", "cli held", "--status", "PAUSED", "--description", "for a test")).Queue
	document := write(t, "job.json", heldJob)
	create := func(token string) string {
		t.Helper()
		return decode[oneJob](t, c.ok("mediaconvert", "create-job", "--cli-input-json", "file://"+document, "--queue", made.Arn,
			"--client-request-token", token)).Job.Id
	}
	var ids []string
	for _, token := range []string{"a", "b", "c", "d", "e"} {
		ids = append(ids, create("cli-"+token))
	}
	if again := create("cli-e"); again != ids[4] {
		t.Errorf("the same token makes another job: %s after %s", again, ids[4])
	}
	got := decode[queue](t, c.ok("mediaconvert", "get-queue", "--name", "cli held")).Queue
	if got.SubmittedJobsCount != 5 || got.Status != "PAUSED" || got.Type != "CUSTOM" || got.Description != "for a test" || got.Arn != made.Arn {
		t.Errorf("get-queue: %+v", got)
	}
	list := func(more ...string) (found []string, next string) {
		t.Helper()
		l := decode[jobList](t, c.ok(slices.Concat([]string{"mediaconvert", "list-jobs", "--queue", "cli held"}, more)...))
		for _, j := range l.Jobs {
			found = append(found, j.Id)
		}
		return found, l.NextToken
	}
	newest := slices.Clone(ids)
	slices.Reverse(newest)
	if all, _ := list("--page-size", "2"); !slices.Equal(all, newest) {
		t.Errorf("list-jobs in pages of two gives %q, not %q", all, newest)
	}
	first, next := list("--max-items", "3", "--page-size", "2")
	rest, end := list("--page-size", "2", "--starting-token", next)
	if next == "" || end != "" || !slices.Equal(append(first, rest...), newest) {
		t.Errorf("list-jobs gives %q, then %q", first, rest)
	}
	c.ok("mediaconvert", "cancel-job", "--id", ids[1])
	if got := decode[oneJob](t, c.ok("mediaconvert", "get-job", "--id", ids[1])).Job.Status; got != "CANCELED" {
		t.Errorf("a canceled job is %s", got)
	}
	if gone, _ := list("--status", "CANCELED"); !slices.Equal(gone, ids[1:2]) {
		t.Errorf("list-jobs --status CANCELED gives %q", gone)
	}
	if left, _ := list("--status", "SUBMITTED", "--order", "ASCENDING"); !slices.Equal(left, []string{ids[0], ids[2], ids[3], ids[4]}) {
		t.Errorf("list-jobs --status SUBMITTED gives %q of %q", left, ids)
	}
	queues := decode[struct{ Queues []struct{ Name, Type string } }](t, c.ok("mediaconvert", "list-queues", "--page-size", "1"))
	names := map[string]string{}
	for _, q := range queues.Queues {
		names[q.Name] = q.Type
	}
	if names["Default"] != "SYSTEM" || names["cli held"] != "CUSTOM" {
		t.Errorf("list-queues: %+v", names)
	}
}

// cliRefusals demands the words of every refusal.
func cliRefusals(t *testing.T, s *harness.Server) {
	c := newCLI(t, s)
	const unknown = "1712252725875-defhgi"
	c.refused("NotFoundException", "GetJob", "There is no job \"1712252725875-defhgi\".", "mediaconvert", "get-job", "--id", unknown)
	c.refused("NotFoundException", "CancelJob", "There is no job \"1712252725875-defhgi\".", "mediaconvert", "cancel-job", "--id", unknown)
	c.refused("NotFoundException", "GetQueue", "There is no queue \"nowhere\".", "mediaconvert", "get-queue", "--name", "nowhere")
	c.refused("ConflictException", "CreateQueue", "A queue named \"Default\" exists already.", "mediaconvert", "create-queue", "--name", "Default")
	c.refused("BadRequestException", "ListJobs", "/maxResults: \"21\" is not a number from 1 to 20.", "mediaconvert", "list-jobs", "--max-results", "21")
	c.refused("BadRequestException", "ListJobs", `/status: Should be equal to one of the allowed values in ["SUBMITTED","PROGRESSING","COMPLETE","CANCELED","ERROR"]`,
		"mediaconvert", "list-jobs", "--status", "DONE")
	c.refused("BadRequestException", "CreateJob", "/queue: The queue \"nowhere\" does not exist. Create it or name another.", "mediaconvert", "create-job", "--cli-input-json", "file://"+write(t, "job.json", heldJob), "--queue", "nowhere")
	wrong := strings.NewReplacer("s3://plain/none.mp4", "ftp://plain/none.mp4", "s3://plain/out/", "out", `"RateControlMode"`, `"HrdBufferInitialFillPercentage": 101, "RateControlMode"`).Replace(heldJob)
	c.refused("BadRequestException", "CreateJob", `/inputs/0/fileInput: Should match the pattern ^s3://([^\/]+\/+)+((([^\/]*)))|^https?://[^\/].*[^&]$ | `+
		`/outputGroups/0/outputGroupSettings/fileGroupSettings/destination: Should match the pattern ^s3:\/\/.*$ | `+
		`/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/hrdBufferInitialFillPercentage: Should be less than or equal to 100`,
		"mediaconvert", "create-job", "--cli-input-json", "file://"+write(t, "wrong.json", wrong))
	c.as(s.AccessKey, "wrong").refused("InvalidSignatureException", "ListQueues",
		"The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.", "mediaconvert", "list-queues")
	c.as("AKIAUNKNOWN", s.SecretKey).refused("UnrecognizedClientException", "ListQueues",
		"The security token included in the request is invalid.", "mediaconvert", "list-queues")
}
