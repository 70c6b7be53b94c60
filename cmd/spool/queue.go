package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// queueCmd holds the commands on queues.
type queueCmd struct {
	server `group:"Server (--endpoint=aws is Amazon's own):"`
	List   queueListCmd   `cmd:"" help:"List the queues."`
	Get    queueGetCmd    `cmd:"" help:"Show one queue."`
	Create queueCreateCmd `cmd:"" help:"Make a queue."`
	Update queueUpdateCmd `cmd:"" help:"Change a queue."`
	Pause  queuePauseCmd  `cmd:"" help:"Start no more jobs of a queue; those that run go on."`
	Resume queueResumeCmd `cmd:"" help:"Start the jobs of a paused queue again."`
	Delete queueDeleteCmd `cmd:"" help:"Delete a queue without jobs that wait or run."`
}

type queueListCmd struct {
	JSON bool `help:"Print the API's own JSON."`
}

// Run lists all queues.
func (c *queueListCmd) Run(ctx context.Context, s *streams, queue *queueCmd) error {
	a, err := queue.open(ctx)
	if err != nil {
		return err
	}
	all, err := collect(a, "queues", 0, func(token *string, size int32) ([]types.Queue, *string, error) {
		out, err := a.ListQueues(ctx, &mc.ListQueuesInput{MaxResults: &size, NextToken: token, ListBy: types.QueueListByName})
		if err != nil {
			return nil, nil, err
		}
		return out.Queues, out.NextToken, nil
	})
	switch {
	case err != nil:
		return a.explain(err)
	case c.JSON:
		return printIndented(s.out, all.raw)
	}
	rows := make([][]string, len(all.items))
	for i, q := range all.items {
		rows[i] = []string{
			aws.ToString(q.Name), string(q.Status), count(q.SubmittedJobsCount), count(q.ProgressingJobsCount), atOnce(&q),
			string(q.Type), aws.ToString(q.Description),
		}
	}
	newScreen(s.out).table([]column{
		{title: "NAME"}, {title: "STATUS", paint: statusColour}, {title: "WAITING", right: true}, {title: "RUNNING", right: true},
		{title: "AT ONCE", right: true, spare: true}, {title: "TYPE", spare: true}, {title: "DESCRIPTION", cut: true, prose: true, spare: true},
	}, rows)
	return nil
}

func count(n *int32) string { return fmt.Sprint(aws.ToInt32(n)) }

// atOnce says how many jobs of a queue may run at the same time.
func atOnce(q *types.Queue) string {
	switch {
	case q.ReservationPlan != nil:
		return count(q.ReservationPlan.ReservedSlots)
	case q.ConcurrentJobs != nil:
		return count(q.ConcurrentJobs)
	}
	return "-"
}

type queueGetCmd struct {
	Name string `arg:"" help:"The queue's name or ARN."`
	JSON bool   `help:"Print the API's own JSON."`
}

// Run shows one queue.
func (c *queueGetCmd) Run(ctx context.Context, s *streams, queue *queueCmd) error {
	a, err := queue.open(ctx)
	if err != nil {
		return err
	}
	out, err := a.GetQueue(ctx, &mc.GetQueueInput{Name: aws.String(spool.ResourceName(c.Name))})
	if err != nil {
		return a.explain(err)
	}
	return printQueue(a, s.out, out.Queue, c.JSON)
}

func printQueue(a *api, w io.Writer, q *types.Queue, asJSON bool) error {
	if asJSON {
		return a.printJSON(w)
	}
	s := newScreen(w)
	s.field("queue", aws.ToString(q.Name))
	s.coloured("status", string(q.Status), statusColour(string(q.Status)))
	s.field("description", aws.ToString(q.Description))
	s.field("jobs", fmt.Sprintf("%s waiting, %s running", count(q.SubmittedJobsCount), count(q.ProgressingJobsCount)))
	if n := atOnce(q); n != "-" {
		s.field("at once", n)
	}
	if p := q.ReservationPlan; p != nil {
		s.field("reserved", fmt.Sprintf("%s slots, %s, %s", count(p.ReservedSlots), p.Status, p.RenewalType))
		if p.ExpiresAt != nil {
			s.field("expires", p.ExpiresAt.Local().Format("2006-01-02"))
		}
	}
	s.field("type", string(q.Type))
	s.field("created", s.moment(q.CreatedAt))
	s.field("changed", s.moment(q.LastUpdated))
	s.field("arn", aws.ToString(q.Arn))
	return nil
}

// reservation are the flags of reserved queues.
type reservation struct {
	Slots *int32 `name:"reserved-slots" placeholder:"N" help:"Make it a reserved queue that runs so many jobs at once; of a reserved queue: more slots."`
	Renew *bool  `negatable:"" help:"Renew the reservation when it ends, or not."`
}

// settings gives the plan that the flags ask for, and what they leave open as
// it was: the API takes a plan as a whole. nil: the flags name nothing of it.
// Status 2: there are no slots to renew.
func (r *reservation) settings(was *types.ReservationPlan) (*types.ReservationPlanSettings, error) {
	if r.Slots == nil && r.Renew == nil {
		return nil, nil //nolint:nilnil // nothing of it is to be sent
	}
	plan := &types.ReservationPlanSettings{Commitment: types.CommitmentOneYear, RenewalType: types.RenewalTypeExpire, ReservedSlots: r.Slots}
	if was != nil {
		plan.RenewalType = was.RenewalType
		if plan.ReservedSlots == nil {
			plan.ReservedSlots = was.ReservedSlots
		}
	}
	if plan.ReservedSlots == nil {
		return nil, &statusError{exitRequest, errors.New("only a reserved queue can be renewed or not: give --reserved-slots too")}
	}
	switch {
	case r.Renew == nil:
	case *r.Renew:
		plan.RenewalType = types.RenewalTypeAutoRenew
	default:
		plan.RenewalType = types.RenewalTypeExpire
	}
	return plan, nil
}

type queueCreateCmd struct {
	Name        string `arg:"" help:"Name of the new queue."`
	Description string `short:"d" placeholder:"TEXT" help:"What it is for."`
	AtOnce      *int32 `placeholder:"N" help:"How many of its jobs may run at once."`
	Paused      bool   `help:"Start none of its jobs until spool queue resume."`
	reservation
	Tag  map[string]string `mapsep:"none" placeholder:"KEY=VALUE" help:"A tag; may be repeated."`
	JSON bool              `help:"Print the API's own JSON."`
}

// Run makes a queue.
func (c *queueCreateCmd) Run(ctx context.Context, s *streams, queue *queueCmd) error {
	plan, err := c.settings(nil)
	if err != nil {
		return err
	}
	a, err := queue.open(ctx)
	if err != nil {
		return err
	}
	in := &mc.CreateQueueInput{
		Name: &c.Name, Description: optional(c.Description), ConcurrentJobs: c.AtOnce,
		ReservationPlanSettings: plan, Tags: c.Tag,
	}
	if in.ReservationPlanSettings != nil {
		in.PricingPlan = types.PricingPlanReserved
	}
	if c.Paused {
		in.Status = types.QueueStatusPaused
	}
	out, err := a.CreateQueue(ctx, in)
	if err != nil {
		return a.explain(err)
	}
	return printQueue(a, s.out, out.Queue, c.JSON)
}

type queueUpdateCmd struct {
	Name        string  `arg:"" help:"The queue's name or ARN."`
	Description *string `short:"d" placeholder:"TEXT" help:"What it is for."`
	AtOnce      *int32  `placeholder:"N" help:"How many of its jobs may run at once."`
	reservation
	JSON bool `help:"Print the API's own JSON."`
}

// Run changes what the flags name.
func (c *queueUpdateCmd) Run(ctx context.Context, s *streams, queue *queueCmd) error {
	reserved := c.Slots != nil || c.Renew != nil
	if c.Description == nil && c.AtOnce == nil && !reserved {
		return &statusError{exitRequest, errors.New("nothing to change: give --description, --at-once, --reserved-slots or --renew")}
	}
	a, err := queue.open(ctx)
	if err != nil {
		return err
	}
	in := &mc.UpdateQueueInput{Name: &c.Name, Description: c.Description, ConcurrentJobs: c.AtOnce}
	if reserved {
		out, err := a.GetQueue(ctx, &mc.GetQueueInput{Name: aws.String(spool.ResourceName(c.Name))})
		if err != nil {
			return a.explain(err)
		}
		if in.ReservationPlanSettings, err = c.settings(out.Queue.ReservationPlan); err != nil {
			return err
		}
	}
	return updateQueue(ctx, s, a, in, c.JSON)
}

func updateQueue(ctx context.Context, s *streams, a *api, in *mc.UpdateQueueInput, asJSON bool) error {
	in.Name = aws.String(spool.ResourceName(*in.Name))
	out, err := a.UpdateQueue(ctx, in)
	if err != nil {
		return a.explain(err)
	}
	return printQueue(a, s.out, out.Queue, asJSON)
}

// setStatus pauses a queue or resumes it.
func setStatus(ctx context.Context, s *streams, srv *server, name string, status types.QueueStatus, asJSON bool) error {
	a, err := srv.open(ctx)
	if err != nil {
		return err
	}
	return updateQueue(ctx, s, a, &mc.UpdateQueueInput{Name: &name, Status: status}, asJSON)
}

type queuePauseCmd struct {
	Name string `arg:"" help:"The queue's name or ARN."`
	JSON bool   `help:"Print the API's own JSON."`
}

// Run pauses a queue.
func (c *queuePauseCmd) Run(ctx context.Context, s *streams, queue *queueCmd) error {
	return setStatus(ctx, s, &queue.server, c.Name, types.QueueStatusPaused, c.JSON)
}

type queueResumeCmd struct {
	Name string `arg:"" help:"The queue's name or ARN."`
	JSON bool   `help:"Print the API's own JSON."`
}

// Run resumes a queue.
func (c *queueResumeCmd) Run(ctx context.Context, s *streams, queue *queueCmd) error {
	return setStatus(ctx, s, &queue.server, c.Name, types.QueueStatusActive, c.JSON)
}

type queueDeleteCmd struct {
	Name string `arg:"" help:"The queue's name or ARN."`
}

// Run deletes a queue.
func (c *queueDeleteCmd) Run(ctx context.Context, s *streams, queue *queueCmd) error {
	a, err := queue.open(ctx)
	if err != nil {
		return err
	}
	name := spool.ResourceName(c.Name)
	if _, err := a.DeleteQueue(ctx, &mc.DeleteQueueInput{Name: &name}); err != nil {
		return a.explain(err)
	}
	fmt.Fprintf(s.out, "deleted the queue %s\n", name)
	return nil
}
