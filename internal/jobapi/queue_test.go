package jobapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

func TestQueues(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	client, ctx := s.client(), t.Context()
	made, err := client.CreateQueue(ctx, &mediaconvert.CreateQueueInput{
		Name: aws.String("My Queue: ü"), Description: aws.String("for cats"), ConcurrentJobs: aws.Int32(3), Status: types.QueueStatusPaused,
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetQueue(ctx, &mediaconvert.GetQueueInput{Name: aws.String("My Queue: ü")})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []*types.Queue{made.Queue, got.Queue} {
		if aws.ToString(q.Name) != "My Queue: ü" || q.Type != types.TypeCustom || q.Status != types.QueueStatusPaused ||
			aws.ToInt32(q.ConcurrentJobs) != 3 || aws.ToString(q.Description) != "for cats" || q.CreatedAt == nil ||
			q.PricingPlan != types.PricingPlanOnDemand {
			t.Errorf("%+v", q)
		}
	}
	byARN, err := client.GetQueue(ctx, &mediaconvert.GetQueueInput{Name: made.Queue.Arn})
	if err != nil || aws.ToString(byARN.Queue.Name) != "My Queue: ü" {
		t.Errorf("by ARN: %v", err)
	}
	if _, err := client.CreateQueue(ctx, &mediaconvert.CreateQueueInput{Name: aws.String("My Queue: ü")}); kind(err) != "ConflictException" {
		t.Errorf("made twice: %v", err)
	}
	if _, err := client.CreateQueue(ctx, &mediaconvert.CreateQueueInput{Name: aws.String("a/b")}); kind(err) != "BadRequestException" {
		t.Errorf("a bad name: %v", err)
	}
}

func TestListQueues(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	client, ctx := s.client(), t.Context()
	create := func(name string) {
		if _, err := client.CreateQueue(ctx, &mediaconvert.CreateQueueInput{Name: aws.String(name)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"c", "a", "d", "b"} {
		create(name)
	}
	list := func(in mediaconvert.ListQueuesInput, between string) string {
		var names []string
		in.MaxResults = aws.Int32(2)
		pages := mediaconvert.NewListQueuesPaginator(client, &in)
		for n := 0; pages.HasMorePages(); n++ {
			page, err := pages.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range page.Queues {
				names = append(names, aws.ToString(q.Name))
			}
			if between != "" {
				create(fmt.Sprintf("%s%d", between, n))
			}
		}
		return strings.Join(names, " ")
	}
	for _, tt := range []struct {
		by    types.QueueListBy
		order types.Order
		want  string
	}{
		{"", "", "Default c a d b"},
		{types.QueueListByCreationDate, types.OrderDescending, "b d a c Default"},
		{types.QueueListByName, "", "Default a b c d"},
		{types.QueueListByName, types.OrderDescending, "d c b a Default"},
	} {
		if got := list(mediaconvert.ListQueuesInput{ListBy: tt.by, Order: tt.order}, ""); got != tt.want {
			t.Errorf("by %q, %q: %s, want %s", tt.by, tt.order, got, tt.want)
		}
	}
	// Queues made meanwhile, before the place reached, change nothing behind it.
	if got := list(mediaconvert.ListQueuesInput{ListBy: types.QueueListByName}, "A"); got != "Default a b c d" {
		t.Errorf("with queues made meanwhile: %s", got)
	}
}
