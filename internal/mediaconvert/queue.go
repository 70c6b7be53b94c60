package mediaconvert

import (
	"strings"
	"time"

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
// defaults: ON_DEMAND, ACTIVE, CUSTOM. The times are left to the caller, those of
// a reservation too. What is wrong comes back as spool.Problems.
func DecodeQueueRequest(data []byte) (spool.Queue, error) {
	var r queueRequest
	problems, err := readBody(data, &r)
	if err != nil {
		return spool.Queue{}, err
	}
	q := spool.Queue{Type: spool.TypeCustom, Status: "ACTIVE", PricingPlan: "ON_DEMAND", Tags: r.Tags}
	problems.requireMember("name", r.Name != nil)
	if r.Name != nil {
		q.Name = *r.Name
		checkQueueName("/name", q.Name, problems)
	}
	if r.Status != "" {
		q.Status = string(r.Status)
	}
	if r.Description != nil {
		q.Description = *r.Description
		checkDescription(q.Description, problems)
	}
	if r.ConcurrentJobs != nil {
		q.ConcurrentJobs = int(*r.ConcurrentJobs)
		checkConcurrent(q.ConcurrentJobs, problems)
	}
	if r.PricingPlan != "" {
		q.PricingPlan = string(r.PricingPlan)
	}
	switch reserved := r.PricingPlan == types.PricingPlanReserved; {
	case reserved && r.ReservationPlanSettings == nil:
		problems.add("", "The 'reservationPlanSettings' field is required with the pricing plan RESERVED.")
	case !reserved && r.ReservationPlanSettings != nil:
		problems.add("/reservationPlanSettings", "Should be given with the pricing plan RESERVED only")
	case reserved && r.ConcurrentJobs != nil:
		problems.add("/concurrentJobs", "Should not be given with the pricing plan RESERVED: each of its reservedSlots runs one job")
	}
	q.Reservation = reservation(r.ReservationPlanSettings, problems)
	checkFeeds(r.MaximumConcurrentFeeds, problems)
	checkTags(r.Tags, problems)
	return q, problems.err()
}

// queueUpdate is the body of UpdateQueue.
type queueUpdate struct {
	ConcurrentJobs          *int32
	Description             *string
	MaximumConcurrentFeeds  *int32
	ReservationPlanSettings *types.ReservationPlanSettings
	Status                  types.QueueStatus
}

// DecodeQueueUpdate reads the body of UpdateQueue. What is wrong comes back as
// spool.Problems.
func DecodeQueueUpdate(data []byte) (spool.QueueUpdate, error) {
	var r queueUpdate
	problems, err := readBody(data, &r)
	if err != nil {
		return spool.QueueUpdate{}, err
	}
	u := spool.QueueUpdate{Description: r.Description}
	if r.Description != nil {
		checkDescription(*r.Description, problems)
	}
	if r.Status != "" {
		status := string(r.Status)
		u.Status = &status
	}
	if r.ConcurrentJobs != nil {
		n := int(*r.ConcurrentJobs)
		u.ConcurrentJobs = &n
		checkConcurrent(n, problems)
	}
	u.Reservation = reservation(r.ReservationPlanSettings, problems)
	checkFeeds(r.MaximumConcurrentFeeds, problems)
	return u, problems.err()
}

func checkConcurrent(n int, problems *problemList) {
	switch {
	case n < 0:
		problems.add("/concurrentJobs", "Should be greater than or equal to 0")
	case n > maxConcurrent:
		problems.add("/concurrentJobs", "Should be less than or equal to %d", maxConcurrent)
	}
}

// maxDescription is the longest description of a queue, in characters. The model
// names no bound; a body would be one.
const maxDescription = 4096

func checkDescription(text string, problems *problemList) {
	checkText("/description", strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		return r
	}, text), maxDescription, problems)
}

// checkFeeds refuses feeds of an inference service that does not exist here; 0
// is what there is.
func checkFeeds(n *int32, problems *problemList) {
	switch {
	case n == nil:
	case *n < 0:
		problems.add("/maximumConcurrentFeeds", "Should be greater than or equal to 0")
	case *n > 0:
		problems.add("/maximumConcurrentFeeds", "Feeds are not offered; use 0 or remove the member.")
	}
}

// reservation reads the plan of a reserved queue, nil for none.
func reservation(r *types.ReservationPlanSettings, problems *problemList) *spool.Reservation {
	const at = "/reservationPlanSettings"
	if r == nil {
		return nil
	}
	plan := &spool.Reservation{Commitment: string(r.Commitment), RenewalType: string(r.RenewalType)}
	if r.Commitment == "" {
		problems.add(at, "commitment is a required property")
	}
	if r.RenewalType == "" {
		problems.add(at, "renewalType is a required property")
	}
	switch n := r.ReservedSlots; {
	case n == nil:
		problems.add(at, "reservedSlots is a required property")
	case *n < 1:
		problems.add(at+"/reservedSlots", "Should be greater than or equal to 1")
	case *n > maxConcurrent:
		problems.add(at+"/reservedSlots", "Should be less than or equal to %d", maxConcurrent)
	default:
		plan.Slots = int(*n)
	}
	return plan
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

// wireQueue is a queue as the API gives it, in the order of a real answer
// (behaviour.md 1.8).
type wireQueue struct {
	ARN             string           `json:"arn"`
	CreatedAt       int64            `json:"createdAt,omitempty"` // seconds
	LastUpdated     int64            `json:"lastUpdated,omitempty"`
	Type            string           `json:"type"`
	Status          string           `json:"status"`
	Description     string           `json:"description"`
	Name            string           `json:"name"`
	PricingPlan     string           `json:"pricingPlan"`
	ReservationPlan *wireReservation `json:"reservationPlan,omitempty"`
	ConcurrentJobs  int              `json:"concurrentJobs,omitempty"`
	Submitted       int              `json:"submittedJobsCount"`
	Progressing     int              `json:"progressingJobsCount"`
}

type wireReservation struct {
	Commitment  string `json:"commitment"`
	ExpiresAt   int64  `json:"expiresAt"` // seconds
	PurchasedAt int64  `json:"purchasedAt"`
	RenewalType string `json:"renewalType"`
	Slots       int    `json:"reservedSlots"`
	Status      string `json:"status"` // ACTIVE | EXPIRED
}

func toWireQueue(q spool.Queue, id spool.Identity, now time.Time) wireQueue {
	w := wireQueue{
		ARN: id.ARN("queues/" + q.Name), CreatedAt: seconds(q.CreatedAt), LastUpdated: seconds(q.UpdatedAt),
		Type: q.Type, Status: q.Status, Description: q.Description, Name: q.Name, PricingPlan: q.PricingPlan,
		ConcurrentJobs: q.ConcurrentJobs, Submitted: q.Submitted, Progressing: q.Progressing,
	}
	if r := q.Reservation; r != nil {
		w.ReservationPlan = &wireReservation{r.Commitment, seconds(r.ExpiresAt), seconds(r.PurchasedAt), r.RenewalType, r.Slots, "EXPIRED"}
		if r.Active(now) {
			w.ReservationPlan.Status = "ACTIVE"
		}
	}
	return w
}

// QueueAnswer writes the answer {"queue": {…}} of CreateQueue, GetQueue and
// UpdateQueue, as it is at that time.
func QueueAnswer(q spool.Queue, id spool.Identity, now time.Time) ([]byte, error) {
	return marshal(struct {
		Queue wireQueue `json:"queue"`
	}{toWireQueue(q, id, now)})
}

// QueueList is a page of queues as ListQueues answers it.
type QueueList struct {
	Page []spool.Queue
	Next string // token of the next page; empty on the last one
	// Total is how many jobs run at once, all queues together: there is no quota
	// of an account here, so it is what the workers take. Unallocated is what of
	// it no queue claims as its own with concurrentJobs, at least 0. A queue here
	// may be given more than that: its limit is one, not a share.
	Total, Unallocated int
}

// QueuesAnswer writes the answer of ListQueues, as it is at that time.
func QueuesAnswer(l QueueList, id spool.Identity, now time.Time) ([]byte, error) {
	list := make([]wireQueue, len(l.Page))
	for i, q := range l.Page {
		list[i] = toWireQueue(q, id, now)
	}
	return marshal(struct {
		Queues      []wireQueue `json:"queues"`
		NextToken   string      `json:"nextToken,omitempty"`
		Total       int         `json:"totalConcurrentJobs"`
		Unallocated int         `json:"unallocatedConcurrentJobs"`
	}{list, l.Next, l.Total, l.Unallocated})
}
