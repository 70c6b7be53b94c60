package jobapi

import (
	"errors"
	"slices"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// empty is the answer of operations that only say that it is done.
var empty = []byte("{}")

// createJob answers with the complete, validated settings (behaviour.md 1.11).
func createJob(d *door, c call) ([]byte, error) {
	request, err := mediaconvert.DecodeRequest(c.body, mediaconvert.FormWire)
	if err != nil {
		return nil, err
	}
	// The token alone decides (behaviour.md 1.6): a client that did not get the
	// answer gets it now, also when a preset or a queue went in between.
	if token := request.Token(); token != "" {
		job, err := d.Jobs.ByToken(c.ctx, token)
		if !errors.Is(err, spool.ErrNotFound) {
			return jobAnswer(d, job, err)
		}
	}
	resolved, err := request.Resolve(d.Library.Library(c.ctx))
	if err != nil {
		return nil, inBody(err)
	}
	job, err := d.Jobs.Submit(c.ctx, resolved)
	return jobAnswer(d, job, inBody(err))
}

func jobAnswer(d *door, job spool.Job, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return mediaconvert.JobAnswer(job, d.Identity)
}

// inBody makes a bad request of something that is not there: 404 is for the
// path, not for what the body refers to (behaviour.md 1.12).
func inBody(err error) error {
	var user *spool.UserError
	if errors.Is(err, spool.ErrNotFound) && errors.As(err, &user) {
		return spool.Userf(spool.ErrInvalid, "%s", user.Message)
	}
	return err
}

func getJob(d *door, c call) ([]byte, error) {
	id, err := c.name(spool.KindJob)
	if err != nil {
		return nil, err
	}
	job, err := d.Jobs.Get(c.ctx, id)
	return jobAnswer(d, job, err)
}

func cancelJob(d *door, c call) ([]byte, error) {
	id, err := c.name(spool.KindJob)
	if err != nil {
		return nil, err
	}
	return empty, d.Jobs.Cancel(c.ctx, id)
}

// statuses are the states that lists of jobs can be asked for.
var statuses = []string{
	string(spool.JobSubmitted), string(spool.JobProgressing), string(spool.JobComplete), string(spool.JobCanceled), string(spool.JobError),
}

// listJobs lists newest first unless told otherwise (behaviour.md 1.4).
func listJobs(d *door, c call) ([]byte, error) { return d.jobsLike(c, "jobs", "") }

// maxInputFile is the longest inputFile of a search, in characters.
const maxInputFile = 300

// searchJobs is listJobs of the jobs with an input whose URL holds a text.
func searchJobs(d *door, c call) ([]byte, error) {
	input, err := c.text("inputFile", maxInputFile)
	if err != nil {
		return nil, err
	}
	return d.jobsLike(c, "search", input)
}

func (d *door) jobsLike(c call, list, input string) ([]byte, error) {
	queue, err := c.text("queue", maxID)
	if err != nil {
		return nil, err
	}
	f := spool.JobFilter{Queue: spool.ResourceName(queue), Status: spool.JobStatus(c.query.Get("status")), InputFile: input}
	if f.Status != "" && !slices.Contains(statuses, string(f.Status)) {
		return nil, oneOf("/status", string(f.Status), statuses...)
	}
	p, err := c.pageOf(list, nil, false, f.Queue, string(f.Status), input)
	if err != nil {
		return nil, err
	}
	f.Ascending, f.Limit, f.After = p.ascending, p.limit, p.after
	jobs, more, err := d.Jobs.List(c.ctx, f)
	if err != nil {
		return nil, err
	}
	next := ""
	if more && len(jobs) > 0 {
		next = writeToken(jobs[len(jobs)-1].Place(), p.list)
	}
	return mediaconvert.JobsAnswer(jobs, next, d.Identity)
}
