package jobapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

const role = "arn:aws:iam::000000000000:role/spool"

// settings are of a small job: one mp4.
func settings() *types.JobSettings {
	return &types.JobSettings{
		Inputs: []types.Input{{FileInput: aws.String("s3://in/a clip.mp4"), VideoSelector: &types.VideoSelector{}}},
		OutputGroups: []types.OutputGroup{{
			OutputGroupSettings: &types.OutputGroupSettings{
				Type:              types.OutputGroupTypeFileGroupSettings,
				FileGroupSettings: &types.FileGroupSettings{Destination: aws.String("s3://out/dir/")},
			},
			Outputs: []types.Output{{
				NameModifier:      aws.String("-hd"),
				ContainerSettings: &types.ContainerSettings{Container: types.ContainerTypeMp4},
				VideoDescription: &types.VideoDescription{CodecSettings: &types.VideoCodecSettings{
					Codec: types.VideoCodecH264,
					H264Settings: &types.H264Settings{
						RateControlMode: types.H264RateControlModeQvbr, MaxBitrate: aws.Int32(3_000_000),
						SceneChangeDetect: types.H264SceneChangeDetectTransitionDetection,
					},
				}},
			}},
		}},
	}
}

func job() *mediaconvert.CreateJobInput {
	return &mediaconvert.CreateJobInput{Role: aws.String(role), Settings: settings()}
}

func TestJobLife(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	client, ctx := s.client(), t.Context()
	in := job()
	in.UserMetadata = map[string]string{"task": "TEST"}
	in.Priority = aws.Int32(7)
	made, err := client.CreateJob(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	j := made.Job
	id := aws.ToString(j.Id)
	if j.Status != types.JobStatusSubmitted || aws.ToString(j.Arn) != "arn:aws:mediaconvert:us-east-1:000000000000:jobs/"+id ||
		aws.ToString(j.Queue) != "arn:aws:mediaconvert:us-east-1:000000000000:queues/Default" || aws.ToInt32(j.Priority) != 7 ||
		j.UserMetadata["task"] != "TEST" || aws.ToString(j.Role) != role || j.CreatedAt == nil || j.Timing == nil || j.Timing.SubmitTime == nil ||
		aws.ToString(j.Settings.Inputs[0].FileInput) != "s3://in/a clip.mp4" || aws.ToString(j.ClientRequestToken) == "" {
		t.Errorf("made %+v", j)
	}
	for _, name := range []string{id, aws.ToString(j.Arn)} {
		got, err := client.GetJob(ctx, &mediaconvert.GetJobInput{Id: aws.String(name)})
		if err != nil || aws.ToString(got.Job.Id) != id {
			t.Fatalf("get %s: %v", name, err)
		}
	}
	if _, err := client.CancelJob(ctx, &mediaconvert.CancelJobInput{Id: aws.String(id)}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetJob(ctx, &mediaconvert.GetJobInput{Id: aws.String(id)})
	if err != nil || got.Job.Status != types.JobStatusCanceled || got.Job.Timing.FinishTime == nil {
		t.Errorf("after the cancel: %v %+v", err, got)
	}
	if _, err := client.CancelJob(ctx, &mediaconvert.CancelJobInput{Id: aws.String(id)}); kind(err) != "ConflictException" {
		t.Errorf("canceled twice: %v", err)
	}
}

func TestCreateJobRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, tt := range map[string]struct {
		change func(*mediaconvert.CreateJobInput)
		want   string
	}{
		"no outputs":    {func(in *mediaconvert.CreateJobInput) { in.Settings.OutputGroups = nil }, "outputGroups"},
		"unknown queue": {func(in *mediaconvert.CreateJobInput) { in.Queue = aws.String("nope") }, "nope"},
		"out of range": {func(in *mediaconvert.CreateJobInput) {
			in.Settings.OutputGroups[0].Outputs[0].VideoDescription.CodecSettings.H264Settings.MaxBitrate = aws.Int32(1)
		}, "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings/maxBitrate: "},
	} {
		in := job()
		tt.change(in)
		_, err := s.client().CreateJob(t.Context(), in)
		if kind(err) != "BadRequestException" || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClientRequestToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ids := map[string]bool{}
	for range 3 {
		in := job()
		in.ClientRequestToken = aws.String("once")
		made, err := s.client().CreateJob(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		ids[aws.ToString(made.Job.Id)] = true
	}
	// The token alone decides, whatever became of the rest: the client that lost
	// the first answer gets it, though its request is no longer valid.
	again := job()
	again.ClientRequestToken, again.Settings, again.JobTemplate = aws.String("once"), &types.JobSettings{}, aws.String("gone since")
	made, err := s.client().CreateJob(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	ids[aws.ToString(made.Job.Id)] = true
	if len(ids) != 1 {
		t.Errorf("one token made the jobs %v", ids)
	}
	for body, want := range map[string]string{
		`{"clientRequestToken":"once"}`:                                "The 'settings' field is required. | The 'role' field is required.",
		`{"clientRequestToken":"once","settings":{"inputs":[]}}`:       "The 'role' field is required.",
		`{"clientRequestToken":"once","role":"arn:aws:iam::1:role/r"}`: "The 'settings' field is required.",
	} {
		if resp, answer := s.raw("POST", "/2017-08-29/jobs", body); resp.StatusCode != http.StatusBadRequest || !strings.Contains(answer, want) {
			t.Errorf("%s: %s %s", body, resp.Status, answer)
		}
	}
	again.ClientRequestToken = aws.String("another")
	if _, err := s.client().CreateJob(t.Context(), again); err == nil {
		t.Error("an invalid request was taken with a token of its own")
	}
}

// Jobs made and ended between two pages neither shift nor repeat anything.
func TestListJobs(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	client, ctx := s.client(), t.Context()
	if _, err := client.CreateQueue(ctx, &mediaconvert.CreateQueueInput{Name: aws.String("cat queue")}); err != nil {
		t.Fatal(err)
	}
	submit := func(queue string) string {
		in := job()
		if queue != "" {
			in.Queue = aws.String(queue)
		}
		made, err := client.CreateJob(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(made.Job.Id)
	}
	var want []string // newest first
	for range 7 {
		want = append([]string{submit("")}, want...)
	}
	cat := submit("arn:aws:mediaconvert:us-east-1:000000000000:queues/cat queue")

	var got []string
	pages := mediaconvert.NewListJobsPaginator(client, &mediaconvert.ListJobsInput{
		MaxResults: aws.Int32(3), Queue: aws.String("Default"), Status: types.JobStatusSubmitted,
	})
	var tokens []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range page.Jobs {
			got = append(got, aws.ToString(j.Id))
		}
		tokens = append(tokens, aws.ToString(page.NextToken))
		submit("")
	}
	if strings.Join(got, " ") != strings.Join(want, " ") || len(tokens) != 3 || tokens[2] != "" {
		t.Errorf("pages gave\n%v, want\n%v; tokens %q", got, want, tokens)
	}
	if _, err := client.ListJobs(ctx, &mediaconvert.ListJobsInput{NextToken: aws.String(tokens[0])}); kind(err) != "BadRequestException" {
		t.Errorf("the token of another list: %v", err)
	}
	for _, queue := range []string{"cat queue", spool.DefaultIdentity().ARN("queues/cat queue")} {
		page, err := client.ListJobs(ctx, &mediaconvert.ListJobsInput{Queue: aws.String(queue), Order: types.OrderAscending})
		if err != nil || len(page.Jobs) != 1 || aws.ToString(page.Jobs[0].Id) != cat {
			t.Errorf("the jobs of %s: %v %+v", queue, err, page)
		}
	}
	page, err := client.ListJobs(ctx, &mediaconvert.ListJobsInput{Order: types.OrderAscending, MaxResults: aws.Int32(1)})
	if err != nil || len(page.Jobs) != 1 || aws.ToString(page.Jobs[0].Id) != want[6] {
		t.Errorf("the oldest job: %v", err)
	}
	none, err := client.ListJobs(ctx, &mediaconvert.ListJobsInput{Status: types.JobStatusError})
	if err != nil || len(none.Jobs) != 0 || none.NextToken != nil {
		t.Errorf("failed jobs: %v %+v", err, none)
	}
}

func TestDescribeEndpoints(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	out, err := s.client().DescribeEndpoints(t.Context(), &mediaconvert.DescribeEndpointsInput{ //nolint:staticcheck // old clients call it before every job
		Mode: types.DescribeEndpointsModeDefault,
	})
	if err != nil || len(out.Endpoints) != 1 || aws.ToString(out.Endpoints[0].Url) != s.URL {
		t.Errorf("%v %+v", err, out)
	}
	if resp, body := s.raw("POST", "/2017-08-29/endpoints", ""); resp.StatusCode != 200 {
		t.Errorf("without a body: %s %s", resp.Status, body)
	}
}
