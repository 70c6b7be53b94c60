package mediaconvert

import (
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// maxConcurrent is the most jobs a queue may be told to run at once: the
// service's own largest quota (behaviour.md 1.8).
const maxConcurrent = 500

// queueRequest is the body of CreateQueue.
type queueRequest struct {
	Name                    *string
	ConcurrentJobs          *int32
	Description             *string
	MaximumConcurrentFeeds  *int32
	PricingPlan             types.PricingPlan
	ReservationPlanSettings *types.ReservationPlanSettings
	Status                  types.QueueStatus
	Tags                    map[string]string
}

// DecodeQueueRequest reads the body of CreateQueue and fills in the service's
// defaults: ON_DEMAND, ACTIVE, CUSTOM. The times are left to the caller. What is
// wrong comes back as spool.Problems.
func DecodeQueueRequest(data []byte) (spool.Queue, error) {
	problems := &problemList{}
	root, err := parseTree(data, MaxBody, maxValues, problems)
	if err != nil {
		return spool.Queue{}, err
	}
	var r queueRequest
	(&decoder{form: FormWire, problems: problems}).decode(root, reflect.ValueOf(&r).Elem(), "")
	checkModel(reflect.ValueOf(r), "", problems)
	q := spool.Queue{Type: "CUSTOM", Status: "ACTIVE", PricingPlan: "ON_DEMAND", Tags: r.Tags}
	if r.Name == nil {
		problems.add("", "The 'name' field is required.")
	} else {
		q.Name = *r.Name
		checkQueueName("/name", q.Name, problems)
	}
	if r.Status != "" {
		q.Status = string(r.Status)
	}
	if r.Description != nil {
		q.Description = *r.Description
	}
	if n := r.ConcurrentJobs; n != nil {
		switch {
		case *n < 0:
			problems.add("/concurrentJobs", "Should be greater than or equal to 0")
		case *n > maxConcurrent:
			problems.add("/concurrentJobs", "Should be less than or equal to %d", maxConcurrent)
		}
		q.ConcurrentJobs = int(*n)
	}
	if r.PricingPlan == types.PricingPlanReserved || r.ReservationPlanSettings != nil {
		problems.add("/pricingPlan", "Reserved queues are not offered: the machines are your own. Use ON_DEMAND and set concurrentJobs.")
	}
	if r.MaximumConcurrentFeeds != nil {
		problems.add("/maximumConcurrentFeeds", "Feeds are not offered; remove the member.")
	}
	checkTags("/tags", r.Tags, problems)
	return q, problems.err()
}

// checkQueueName refuses names that could not stand in a path or an ARN.
func checkQueueName(pointer, name string, problems *problemList) {
	switch {
	case name == "":
		problems.add(pointer, "Should have at least 1 characters")
	case len(name) > 256:
		problems.add(pointer, "Should have at most 256 characters")
	case strings.HasPrefix(name, "arn:") || strings.ContainsAny(name, "/?#%") || hasControl(name):
		problems.add(pointer, "A queue's name may not begin with arn: nor hold a slash, ?, #, a percent sign or control characters")
	}
}

// wireQueue is a queue as the API gives it (behaviour.md 1.8).
type wireQueue struct {
	ARN            string `json:"arn"`
	CreatedAt      int64  `json:"createdAt,omitempty"` // seconds
	LastUpdated    int64  `json:"lastUpdated,omitempty"`
	Type           string `json:"type"`
	Status         string `json:"status"`
	Description    string `json:"description"`
	Name           string `json:"name"`
	PricingPlan    string `json:"pricingPlan"`
	ConcurrentJobs int    `json:"concurrentJobs,omitempty"`
	Submitted      int    `json:"submittedJobsCount"`
	Progressing    int    `json:"progressingJobsCount"`
}

func toWireQueue(q spool.Queue, id spool.Identity) wireQueue {
	return wireQueue{
		ARN: id.ARN("queues/" + q.Name), CreatedAt: seconds(q.CreatedAt), LastUpdated: seconds(q.UpdatedAt),
		Type: q.Type, Status: q.Status, Description: q.Description, Name: q.Name, PricingPlan: q.PricingPlan,
		ConcurrentJobs: q.ConcurrentJobs, Submitted: q.Submitted, Progressing: q.Progressing,
	}
}

// QueueAnswer writes the answer {"queue": {…}} of CreateQueue and GetQueue.
func QueueAnswer(q spool.Queue, id spool.Identity) ([]byte, error) {
	return marshal(struct {
		Queue wireQueue `json:"queue"`
	}{toWireQueue(q, id)})
}

// QueuesAnswer writes the answer of ListQueues; next is the token of the next
// page, empty on the last one. The quotas of the service are left out: there are
// none here.
func QueuesAnswer(queues []spool.Queue, next string, id spool.Identity) ([]byte, error) {
	list := make([]wireQueue, len(queues))
	for i, q := range queues {
		list[i] = toWireQueue(q, id)
	}
	return marshal(struct {
		Queues    []wireQueue `json:"queues"`
		NextToken string      `json:"nextToken,omitempty"`
	}{list, next})
}

// EndpointsAnswer writes the answer of DescribeEndpoints: this server's own base
// URL (behaviour.md 1.5).
func EndpointsAnswer(url string) ([]byte, error) {
	type endpoint struct {
		URL string `json:"url"`
	}
	return marshal(struct {
		Endpoints []endpoint `json:"endpoints"`
	}{[]endpoint{{url}}})
}
