package jobapi

import (
	"fmt"
	"strconv"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// queryList is the list that the tokens of a jobs query are bound to: another
// query goes on with one when it looks for the same.
func queryList(f spool.JobFilter) string {
	return listKey("jobsQueries", fmt.Sprintf("%q", f.Where), strconv.FormatBool(f.Ascending))
}

// startJobsQuery has the jobs looked for; the answer is had with
// getJobsQueryResults, whose token goes on in another query (behaviour.md 1.4).
func startJobsQuery(d *door, c call) ([]byte, error) {
	q, err := mediaconvert.DecodeStartJobsQuery(c.body)
	if err != nil {
		return nil, err
	}
	f := spool.JobFilter{Where: q.Where, Limit: q.MaxResults}
	if f.Limit == 0 {
		f.Limit = maxPage
	}
	if f.Ascending, err = isAscending(q.Order, false); err != nil {
		return nil, err
	}
	if f.After, err = readToken(q.NextToken, queryList(f)); err != nil {
		return nil, err
	}
	id, err := d.Queries.StartQuery(c.ctx, f)
	if err != nil {
		return nil, err
	}
	return mediaconvert.QueryStartedAnswer(id)
}

func getJobsQueryResults(d *door, c call) ([]byte, error) {
	q, err := d.Queries.Query(c.ctx, c.id)
	if err != nil {
		return nil, err
	}
	next := ""
	if q.Next != "" {
		next = writeToken(q.Next, queryList(q.Filter))
	}
	return mediaconvert.QueryAnswer(q, next, d.Identity)
}

// listVersions lists the newest first. The list changes with the program only:
// a token holds the number of versions given.
func listVersions(d *door, c call) ([]byte, error) {
	p, err := c.pageOf("versions", nil, false)
	if err != nil {
		return nil, err
	}
	given, _ := strconv.Atoi(p.after) // a token that was made here
	list := mediaconvert.EngineVersions(d.Now())
	given = min(max(given, 0), len(list)) // tokens can be forged
	list = list[given:]
	next := ""
	if len(list) > p.limit {
		list = list[:p.limit]
		next = writeToken(strconv.Itoa(given+p.limit), p.list)
	}
	return mediaconvert.VersionsAnswer(list, next)
}

// describeEndpoints names this server itself, in both modes: the endpoint exists
// from the start (behaviour.md 1.5).
func describeEndpoints(d *door, c call) ([]byte, error) {
	if err := mediaconvert.DecodeDescribeEndpoints(c.body); err != nil {
		return nil, err
	}
	return mediaconvert.EndpointsAnswer(d.BaseURL(c.http))
}
