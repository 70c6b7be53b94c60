package clients

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mctypes "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/test/harness"
)

// atOnce runs a call several times at the same time.
func atOnce(times int, do func(i int)) {
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// TestAtOnce has many clients do the same thing at the same time.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{Config: configuration, Files: harness.Files{"small.json": smallJob}})
	t.Run("a name is taken once", func(t *testing.T) { onceTaken(t, s.MediaConvert()) })
	held, err := s.MediaConvert().CreateQueue(t.Context(), &mediaconvert.CreateQueueInput{Name: aws.String("held"), Status: mctypes.QueueStatusPaused})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a token makes one job", func(t *testing.T) { onceMade(t, s.MediaConvert(), held.Queue.Arn) })
	t.Run("pages of a list that grows", func(t *testing.T) { onceListed(t, s.MediaConvert(), held.Queue.Arn) })
}

// onceTaken makes the same queue, preset and template eight times.
func onceTaken(t *testing.T, c *mediaconvert.Client) {
	ctx := t.Context()
	name := aws.String("the same")
	for what, create := range map[string]func() error{
		"queue": func() error {
			_, err := c.CreateQueue(ctx, &mediaconvert.CreateQueueInput{Name: name})
			return err
		},
		"preset": func() error {
			_, err := c.CreatePreset(ctx, &mediaconvert.CreatePresetInput{Name: name, Settings: &mctypes.PresetSettings{
				ContainerSettings: &mctypes.ContainerSettings{Container: mctypes.ContainerTypeMp4}}})
			return err
		},
		"template": func() error {
			_, err := c.CreateJobTemplate(ctx, &mediaconvert.CreateJobTemplateInput{Name: name, Settings: &mctypes.JobTemplateSettings{}})
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			results := make([]error, 8)
			atOnce(len(results), func(i int) { results[i] = create() })
			made := 0
			for _, err := range results {
				if err == nil {
					made++
				} else if _, ok := errors.AsType[*mctypes.ConflictException](err); !ok {
					t.Errorf("one of them ends with %v", err)
				}
			}
			if made != 1 {
				t.Errorf("it is made %d times", made)
			}
		})
	}
}

// onceMade sends the same request, as a client does that heard no answer.
func onceMade(t *testing.T, c *mediaconvert.Client, queue *string) {
	ids := make([]string, 8)
	atOnce(len(ids), func(i int) {
		in := request(t, heldJob)
		in.Queue, in.ClientRequestToken = queue, aws.String("the same")
		out, err := c.CreateJob(t.Context(), in)
		if err != nil {
			t.Errorf("one of them ends with %v", err)
			return
		}
		ids[i] = *out.Job.Id
	})
	if slices.Sort(ids); ids[0] != ids[len(ids)-1] {
		t.Errorf("a token makes the jobs %q", slices.Compact(ids))
	}
}

// onceListed walks through a queue while jobs come and are canceled: each that was
// there is on one page.
func onceListed(t *testing.T, c *mediaconvert.Client, queue *string) {
	submit := func(ctx context.Context, i int) string {
		in := request(t, heldJob)
		in.Queue, in.ClientRequestToken = queue, aws.String(fmt.Sprint("listed-", i))
		out, err := c.CreateJob(ctx, in)
		if err != nil {
			t.Errorf("submit: %v", err)
			return ""
		}
		return *out.Job.Id
	}
	var there []string
	for i := range 12 {
		there = append(there, submit(t.Context(), i))
	}
	seen := map[string]int{}
	pages := mediaconvert.NewListJobsPaginator(c, &mediaconvert.ListJobsInput{Queue: queue, MaxResults: aws.Int32(2)})
	for i := 100; pages.HasMorePages(); i++ {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range page.Jobs {
			seen[*j.Id]++
		}
		submit(t.Context(), i)
		if i-100 < len(there) {
			if _, err := c.CancelJob(t.Context(), &mediaconvert.CancelJobInput{Id: &there[i-100]}); err != nil {
				t.Errorf("cancel: %v", err)
			}
		}
	}
	for _, id := range there {
		if seen[id] != 1 {
			t.Errorf("job %s is on %d pages", id, seen[id])
		}
	}
	if len(seen) > len(there)+1 { // and the one of the token before
		t.Errorf("%d jobs are listed that came later", len(seen)-len(there)-1)
	}
}
