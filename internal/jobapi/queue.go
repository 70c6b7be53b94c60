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
	queue, err := d.Queues.CreateQueue(c.ctx, asked)
	if err != nil {
		return nil, err
	}
	return mediaconvert.QueueAnswer(queue, d.Identity, d.Now())
}

func getQueue(d *door, c call) ([]byte, error) {
	queue, err := d.Queues.GetQueue(c.ctx, c.id)
	if err != nil {
		return nil, err
	}
	return mediaconvert.QueueAnswer(queue, d.Identity, d.Now())
}

// listQueues lists oldest first unless told otherwise (behaviour.md 1.4).
func listQueues(d *door, c call) ([]byte, error) {
	limit, err := maxResults(c.query)
	if err != nil {
		return nil, err
	}
	ascending, err := isAscending(c.query, true)
	if err != nil {
		return nil, err
	}
	// The place of a queue in the list is its time and its name, or its name
	// alone; a token holds that of the last one given, so that queues made or
	// deleted between two pages shift nothing.
	place := func(q spool.Queue) string { return timeKey(q) + "/" + q.Name }
	switch by := c.query.Get("listBy"); by {
	case "", "CREATION_DATE":
	case "NAME":
		place = func(q spool.Queue) string { return q.Name }
	default:
		return nil, spool.Userf(spool.ErrInvalid, "/listBy: %q is not one of NAME and CREATION_DATE.", by)
	}
	list := "queues|" + c.query.Get("listBy") + "|" + c.query.Get("order")
	after, err := readToken(c.query.Get("nextToken"), list)
	if err != nil {
		return nil, err
	}
	queues, err := d.Queues.ListQueues(c.ctx)
	if err != nil {
		return nil, err
	}
	compare := func(a, b string) int {
		if ascending {
			return strings.Compare(a, b)
		}
		return strings.Compare(b, a)
	}
	page := slices.DeleteFunc(slices.Clone(queues), func(q spool.Queue) bool {
		return after != "" && compare(place(q), after) <= 0
	})
	slices.SortFunc(page, func(a, b spool.Queue) int { return compare(place(a), place(b)) })
	next := ""
	if len(page) > limit {
		page = page[:limit]
		next = writeToken(place(page[limit-1]), list)
	}
	return mediaconvert.QueuesAnswer(mediaconvert.QueueList{Page: page, Next: next}, d.Identity, d.Now())
}

// timeKey writes the time a queue was made so that text order is time order.
func timeKey(q spool.Queue) string {
	text := strconv.FormatInt(max(q.CreatedAt.UnixMicro(), 0), 10)
	return strings.Repeat("0", max(20-len(text), 0)) + text
}
