package jobapi

import (
	"encoding/json"
	"errors"
	"slices"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// createJob answers with the complete, validated settings (behaviour.md 1.11).
func createJob(d *door, c call) ([]byte, error) {
	request, err := mediaconvert.DecodeRequest(c.body, mediaconvert.FormWire)
	if err != nil {
		return nil, err
	}
	resolved, err := request.Resolve(nil)
	if err != nil {
		return nil, err
	}
	job, err := d.Jobs.Submit(c.ctx, resolved)
	var user *spool.UserError
	if errors.Is(err, spool.ErrNotFound) && errors.As(err, &user) {
		// 404 is for the path; what the body refers to makes a bad request (1.12).
		return nil, spool.Userf(spool.ErrInvalid, "%s", user.Message)
	}
	if err != nil {
		return nil, err
	}
	return mediaconvert.JobAnswer(job, d.Identity)
}

func getJob(d *door, c call) ([]byte, error) {
	job, err := d.Jobs.Get(c.ctx, c.id)
	if err != nil {
		return nil, err
	}
	return mediaconvert.JobAnswer(job, d.Identity)
}

func cancelJob(d *door, c call) ([]byte, error) {
	if err := d.Jobs.Cancel(c.ctx, c.id); err != nil {
		return nil, err
	}
	return []byte("{}"), nil
}

// statuses are the states that ListJobs can be asked for.
var statuses = []spool.JobStatus{
	spool.JobSubmitted, spool.JobProgressing, spool.JobComplete, spool.JobError, spool.JobCanceled,
}

// listJobs lists newest first unless told otherwise (behaviour.md 1.4).
func listJobs(d *door, c call) ([]byte, error) {
	limit, err := maxResults(c.query)
	if err != nil {
		return nil, err
	}
	ascending, err := isAscending(c.query, false)
	if err != nil {
		return nil, err
	}
	filter := spool.JobFilter{
		Queue:  spool.ResourceName(c.query.Get("queue")),
		Status: spool.JobStatus(c.query.Get("status")), Ascending: ascending, Limit: limit,
	}
	if filter.Status != "" && !slices.Contains(statuses, filter.Status) {
		return nil, spool.Userf(spool.ErrInvalid, "/status: %q is not one of SUBMITTED, PROGRESSING, COMPLETE, ERROR and CANCELED.", filter.Status)
	}
	list := "jobs|" + filter.Queue + "|" + string(filter.Status) + "|" + c.query.Get("order")
	if filter.After, err = readToken(c.query.Get("nextToken"), list); err != nil {
		return nil, err
	}
	jobs, more, err := d.Jobs.List(c.ctx, filter)
	if err != nil {
		return nil, err
	}
	next := ""
	if more && len(jobs) > 0 {
		next = writeToken(jobs[len(jobs)-1].Place(), list)
	}
	return mediaconvert.JobsAnswer(jobs, next, d.Identity)
}

// describeEndpoints names this server itself, in both modes: the endpoint exists
// from the start (behaviour.md 1.5).
func describeEndpoints(d *door, c call) ([]byte, error) {
	var in struct {
		Mode string `json:"mode"`
	}
	if len(c.body) > 0 {
		if err := json.Unmarshal(c.body, &in); err != nil {
			return nil, spool.Userf(spool.ErrInvalid, "The request's body is not the JSON object that DescribeEndpoints takes.")
		}
	}
	if in.Mode != "" && in.Mode != "DEFAULT" && in.Mode != "GET_ONLY" {
		return nil, spool.Userf(spool.ErrInvalid, "/mode: %q is not one of DEFAULT and GET_ONLY.", in.Mode)
	}
	return mediaconvert.EndpointsAnswer(d.BaseURL(c.http))
}
