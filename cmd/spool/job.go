package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// jobCmd holds the commands on jobs.
type jobCmd struct {
	server `group:"Server (--endpoint=aws is Amazon's own):"`
	Submit jobSubmitCmd `cmd:"" help:"Submit a job."`
	List   jobListCmd   `cmd:"" help:"List jobs, newest first."`
	Get    jobGetCmd    `cmd:"" help:"Show one job."`
	Watch  jobWatchCmd  `cmd:"" help:"Follow a job to its end."`
	Cancel jobCancelCmd `cmd:"" help:"Cancel a job that waits or runs."`
}

type jobSubmitCmd struct {
	File     string            `arg:"" optional:"" help:"Job file: a whole request or bare settings, as the console or the API writes them; - for standard input. With a template it may be left out."`
	Input    []string          `short:"i" sep:"none" placeholder:"URI" help:"Replaces the inputs' fileInput, in order; more of them are added."`
	Template string            `short:"t" placeholder:"NAME" help:"Job template to build on."`
	Queue    string            `short:"q" placeholder:"NAME" help:"Queue to wait in."`
	Priority *int32            `short:"p" placeholder:"N" help:"-50 to 50; higher ones go first."`
	Metadata map[string]string `short:"m" mapsep:"none" placeholder:"KEY=VALUE" help:"User metadata; may be repeated."`
	Role     string            `env:"SPOOL_ROLE" placeholder:"ARN" help:"Role to run under; Spool takes any and needs none."`
	Wait     bool              `short:"w" help:"Follow the job to its end, as spool job watch does."`
	JSON     bool              `help:"Print the API's own JSON."`
}

// anyRole stands for the role that the API demands and Spool does not use.
const anyRole = "arn:aws:iam::000000000000:role/spool"

// Run submits. Status 1: the job or the server failed; 2: the request is wrong.
func (c *jobSubmitCmd) Run(ctx context.Context, s *streams, job *jobCmd) error {
	in, err := c.request(job.aws())
	if err != nil {
		return err
	}
	a, err := job.open(ctx)
	if err != nil {
		return err
	}
	out, err := a.CreateJob(ctx, in)
	if err != nil {
		return a.explain(err)
	}
	id := aws.ToString(out.Job.Id)
	if c.Wait {
		if !c.JSON {
			fmt.Fprintf(s.err, "submitted %s\n", id)
		}
		return watch(ctx, a, s, id, c.JSON)
	}
	if c.JSON {
		return a.printJSON(s.out)
	}
	fmt.Fprintln(s.out, id)
	screen := newScreen(s.err)
	fmt.Fprintf(s.err, "submitted to the queue %s; follow it with: spool job watch %s\n", spool.ResourceName(aws.ToString(out.Job.Queue)), id)
	printMessages(screen, out.Job)
	return nil
}

// request makes the request from the file and the flags; flags win.
func (c *jobSubmitCmd) request(toAWS bool) (*mc.CreateJobInput, error) {
	in := &mc.CreateJobInput{}
	switch {
	case c.File != "":
		if err := readFile(c.File, "job", in); err != nil {
			return nil, err
		}
	case c.Template == "":
		return nil, &statusError{exitRequest, errors.New("there is no job: name a job file, or a template with --template")}
	}
	if in.Settings == nil {
		in.Settings = &types.JobSettings{}
	}
	for i, uri := range c.Input {
		if i == len(in.Settings.Inputs) {
			in.Settings.Inputs = append(in.Settings.Inputs, types.Input{})
		}
		in.Settings.Inputs[i].FileInput = &uri
	}
	if c.Template != "" {
		in.JobTemplate = &c.Template
	}
	if c.Queue != "" {
		in.Queue = &c.Queue
	}
	if c.Priority != nil {
		in.Priority = c.Priority
	}
	if in.UserMetadata == nil {
		in.UserMetadata = c.Metadata
	}
	for k, v := range c.Metadata {
		in.UserMetadata[k] = v
	}
	// What a job from an answer has of its own is not for the next one.
	in.ClientRequestToken = nil
	switch {
	case c.Role != "":
		in.Role = &c.Role
	case aws.ToString(in.Role) != "":
	case toAWS:
		return nil, &statusError{exitRequest, errors.New("AWS runs a job under a role, and neither the file nor --role names one")}
	default:
		in.Role = aws.String(anyRole)
	}
	return in, nil
}

type jobGetCmd struct {
	ID   string `arg:"" name:"id" help:"The job's id or ARN."`
	JSON bool   `help:"Print the API's own JSON, settings included."`
}

// Run shows one job. It succeeds whatever the job's state.
func (c *jobGetCmd) Run(ctx context.Context, s *streams, job *jobCmd) error {
	a, err := job.open(ctx)
	if err != nil {
		return err
	}
	out, err := a.GetJob(ctx, &mc.GetJobInput{Id: aws.String(spool.ResourceName(c.ID))})
	switch {
	case err != nil:
		return a.explain(err)
	case c.JSON:
		return a.printJSON(s.out)
	}
	printJob(newScreen(s.out), out.Job)
	return nil
}

type jobListCmd struct {
	Status string `placeholder:"STATUS" help:"Only jobs in this state: SUBMITTED, PROGRESSING, COMPLETE, CANCELED or ERROR."`
	Queue  string `short:"q" placeholder:"NAME" help:"Only jobs submitted to this queue."`
	Search string `short:"s" placeholder:"TEXT" help:"Only jobs with this in the place of an input."`
	Oldest bool   `help:"Oldest first."`
	Max    int    `short:"n" default:"20" placeholder:"N" help:"How many at most (default ${default}); 0 lists all."`
	JSON   bool   `help:"Print the API's own JSON."`
}

// Run lists jobs.
func (c *jobListCmd) Run(ctx context.Context, s *streams, job *jobCmd) error {
	if c.Max < 0 {
		return &statusError{exitRequest, errors.New("--max is a number of jobs: 1 or more, or 0 for all")}
	}
	status := types.JobStatus(strings.ToUpper(c.Status))
	if all := status.Values(); status != "" && !slices.Contains(all, status) {
		return &statusError{exitRequest, fmt.Errorf("there is no state %q; the states of jobs are %v", c.Status, all)}
	}
	a, err := job.open(ctx)
	if err != nil {
		return err
	}
	order := types.OrderDescending
	if c.Oldest {
		order = types.OrderAscending
	}
	all, err := collect(a, "jobs", c.Max, func(token *string, size int32) ([]types.Job, *string, error) {
		if c.Search != "" {
			out, err := a.SearchJobs(ctx, &mc.SearchJobsInput{
				InputFile: &c.Search, MaxResults: &size, NextToken: token, Order: order, Queue: optional(c.Queue), Status: status,
			})
			if err != nil {
				return nil, nil, err
			}
			return out.Jobs, out.NextToken, nil
		}
		out, err := a.ListJobs(ctx, &mc.ListJobsInput{
			MaxResults: &size, NextToken: token, Order: order, Queue: optional(c.Queue), Status: status,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.Jobs, out.NextToken, nil
	})
	switch {
	case err != nil:
		return a.explain(err)
	case c.JSON:
		return printIndented(s.out, all.raw)
	case len(all.items) == 0:
		fmt.Fprintln(s.err, "no jobs")
		return nil
	}
	printJobs(newScreen(s.out), all.items)
	if all.more {
		fmt.Fprintf(s.err, "there are more: --max %d shows further ones, --max 0 all\n", c.Max*5)
	}
	return nil
}

// optional gives nil for an empty text, which the API would take for a value.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type jobCancelCmd struct {
	ID []string `arg:"" name:"id" help:"The jobs' ids or ARNs."`
}

// Run cancels jobs, and goes on after one that cannot be.
func (c *jobCancelCmd) Run(ctx context.Context, s *streams, job *jobCmd) error {
	a, err := job.open(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, id := range c.ID {
		id = spool.ResourceName(id)
		if _, err := a.CancelJob(ctx, &mc.CancelJobInput{Id: &id}); err != nil {
			if failed != nil {
				fmt.Fprintln(s.err, "spool:", failed)
			}
			failed = a.explain(err)
			continue
		}
		fmt.Fprintf(s.out, "canceled %s\n", id)
	}
	return failed
}
