package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

type jobWatchCmd struct {
	ID   string `arg:"" name:"id" help:"The job's id or ARN."`
	JSON bool   `help:"Show no progress, and print the API's own JSON at the end."`
}

// Run follows a job to its end. Status 0: it is complete; 1: it failed or was
// canceled; 2: there is no such job; 130: interrupted, and the job goes on.
func (c *jobWatchCmd) Run(ctx context.Context, s *streams, job *jobCmd) error {
	a, err := job.open(ctx)
	if err != nil {
		return err
	}
	return watch(ctx, a, s, spool.ResourceName(c.ID), c.JSON)
}

// How often a job is asked for: often at first, since many are short, then less.
const (
	firstPause = 500 * time.Millisecond
	laterPause = 2 * time.Second
	awsPause   = 5 * time.Second // AWS counts requests
)

// watch asks for a job until it has ended, and says how.
func watch(ctx context.Context, a *api, s *streams, id string, asJSON bool) error {
	p := newProgress(s.err, asJSON)
	j, err := follow(ctx, a, id, p.update)
	p.done()
	if err != nil {
		if ctx.Err() != nil {
			fmt.Fprintf(s.err, "the job goes on; follow it again with: spool job watch %s\n", id)
			return &statusError{status: exitInterrupted}
		}
		return err
	}
	if asJSON {
		if err := a.printJSON(s.out); err != nil {
			return err
		}
	} else if j.Status == types.JobStatusComplete {
		printJob(newScreen(s.out), j)
	}
	switch j.Status {
	case types.JobStatusError:
		return &statusError{exitFailed, fmt.Errorf("the job %s failed: %d: %s", id, aws.ToInt32(j.ErrorCode), plainText(aws.ToString(j.ErrorMessage)))}
	case types.JobStatusCanceled:
		return &statusError{exitFailed, fmt.Errorf("the job %s was canceled", id)}
	default:
		return nil
	}
}

// follow asks for a job until it has ended, and tells how far it is.
func follow(ctx context.Context, a *api, id string, tell func(spool.Progress)) (*types.Job, error) {
	var guess estimate
	pause := firstPause
	for {
		out, err := a.GetJob(ctx, &mc.GetJobInput{Id: &id})
		if err != nil {
			return nil, a.explain(err)
		}
		j := out.Job
		switch j.Status {
		case types.JobStatusComplete, types.JobStatusError, types.JobStatusCanceled:
			return j, nil
		case types.JobStatusSubmitted:
			tell(spool.Progress{Phase: spool.JobPhase(j.Status)})
		case types.JobStatusProgressing:
			percent := int(aws.ToInt32(j.JobPercentComplete))
			tell(spool.Progress{Phase: spool.JobPhase(j.CurrentPhase), Percent: percent, ETA: guess.left(percent, time.Now())})
		default:
			return nil, &statusError{exitFailed, errors.New("the job is in the state " + string(j.Status) + ", which this version does not know")}
		}
		wait := pause
		if a.server.aws() {
			wait = awsPause
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
		pause = min(pause*11/10, laterPause)
	}
}

// estimate guesses from the pace since it was first asked.
type estimate struct {
	from  time.Time
	first int
}

// left gives how long the rest takes at the pace so far; 0 while nobody can
// tell.
func (e *estimate) left(percent int, now time.Time) time.Duration {
	if e.from.IsZero() || percent < e.first {
		e.from, e.first = now, percent
	}
	done := percent - e.first
	if done < 3 || now.Sub(e.from) < 2*time.Second {
		return 0
	}
	return time.Duration(float64(now.Sub(e.from)) / float64(done) * float64(100-percent))
}
