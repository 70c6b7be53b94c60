package jobapi

import (
	"slices"
	"strconv"
	"strings"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

func createQueue(d *door, c call) ([]byte, error) {
	asked, err := mediaconvert.DecodeQueueRequest(c.body)
	if err != nil {
		return nil, err
	}
	return d.queue(d.Queues.CreateQueue(c.ctx, asked))
}

// queue answers with a queue that a stage gave.
func (d *door) queue(q spool.Queue, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return mediaconvert.QueueAnswer(q, d.Identity, d.Now())
}

func getQueue(d *door, c call) ([]byte, error) {
	name, err := c.name(spool.KindQueue)
	if err != nil {
		return nil, err
	}
	return d.queue(d.Queues.GetQueue(c.ctx, name))
}

func updateQueue(d *door, c call) ([]byte, error) {
	name, err := c.name(spool.KindQueue)
	if err != nil {
		return nil, err
	}
	change, err := mediaconvert.DecodeQueueUpdate(c.body)
	if err != nil {
		return nil, err
	}
	return d.queue(d.Queues.UpdateQueue(c.ctx, name, change))
}

func deleteQueue(d *door, c call) ([]byte, error) {
	name, err := c.name(spool.KindQueue)
	if err != nil {
		return nil, err
	}
	return empty, d.Queues.DeleteQueue(c.ctx, name)
}

// listQueues lists oldest first unless told otherwise (behaviour.md 1.4).
func listQueues(d *door, c call) ([]byte, error) {
	p, err := c.pageOf("queues", []string{"CREATION_DATE", "NAME"}, true)
	if err != nil {
		return nil, err
	}
	queues, err := d.Queues.ListQueues(c.ctx)
	if err != nil {
		return nil, err
	}
	// The place of a queue in the list is its time and its name, or its name
	// alone; a token holds that of the last one given, so that queues made or
	// deleted between two pages shift nothing.
	place := func(q spool.Queue) string { return timeKey(q) + "/" + q.Name }
	if p.by == "NAME" {
		place = func(q spool.Queue) string { return q.Name }
	}
	compare := func(a, b string) int {
		if p.ascending {
			return strings.Compare(a, b)
		}
		return strings.Compare(b, a)
	}
	l := mediaconvert.QueueList{Total: d.Capacity()}
	l.Unallocated = max(l.Total-claimed(queues), 0)
	l.Page = slices.DeleteFunc(slices.Clone(queues), func(q spool.Queue) bool {
		return p.after != "" && compare(place(q), p.after) <= 0
	})
	slices.SortFunc(l.Page, func(a, b spool.Queue) int { return compare(place(a), place(b)) })
	if len(l.Page) > p.limit {
		l.Page = l.Page[:p.limit]
		l.Next = writeToken(place(l.Page[p.limit-1]), p.list)
	}
	return mediaconvert.QueuesAnswer(l, d.Identity, d.Now())
}

// claimed sums what on-demand queues may run at once, where that is bounded.
func claimed(queues []spool.Queue) int {
	sum := 0
	for _, q := range queues {
		if q.PricingPlan == "ON_DEMAND" {
			sum += q.ConcurrentJobs
		}
	}
	return sum
}

// timeKey writes the time a queue was made so that text order is time order.
func timeKey(q spool.Queue) string {
	text := strconv.FormatInt(max(q.CreatedAt.UnixMicro(), 0), 10)
	return strings.Repeat("0", max(20-len(text), 0)) + text
}
