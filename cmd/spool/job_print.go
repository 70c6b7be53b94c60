package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// printJobs writes a table of jobs.
func printJobs(s *screen, jobs []types.Job) {
	columns := []column{
		{title: "ID"}, {title: "STATUS", paint: statusColour}, {title: "PROGRESS", spare: true}, {title: "QUEUE", cut: true, spare: true},
		{title: "CREATED", spare: true}, {title: "INPUT", cut: true},
	}
	rows := make([][]string, len(jobs))
	for i := range jobs {
		j := &jobs[i]
		rows[i] = []string{
			aws.ToString(j.Id), string(j.Status), howFar(j), spool.ResourceName(aws.ToString(j.Queue)),
			s.ago(j.CreatedAt), inputsOf(j),
		}
	}
	s.table(columns, rows)
}

// howFar says in a few words how far a job is, or why it ended.
func howFar(j *types.Job) string {
	switch j.Status {
	case types.JobStatusProgressing:
		return strings.TrimSpace(fmt.Sprintf("%s %d %%", phase(j), aws.ToInt32(j.JobPercentComplete)))
	case types.JobStatusComplete:
		return "in " + took(j)
	case types.JobStatusError:
		return fmt.Sprintf("error %d", aws.ToInt32(j.ErrorCode))
	case types.JobStatusCanceled, types.JobStatusSubmitted:
	}
	return ""
}

func phase(j *types.Job) string { return strings.ToLower(string(j.CurrentPhase)) }

// took says how long a job ran.
func took(j *types.Job) string {
	if j.Timing == nil || j.Timing.FinishTime == nil {
		return ""
	}
	from := j.Timing.StartTime
	if from == nil {
		from = j.Timing.SubmitTime
	}
	if from == nil {
		return ""
	}
	return spell(max(j.Timing.FinishTime.Sub(*from), time.Second)) // the API counts whole seconds
}

// spell writes a length of time as people say it.
func spell(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	}
	return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
}

// inputsOf names the first input, and says how many more there are.
func inputsOf(j *types.Job) string {
	if j.Settings == nil || len(j.Settings.Inputs) == 0 {
		return ""
	}
	first := aws.ToString(j.Settings.Inputs[0].FileInput)
	if more := len(j.Settings.Inputs) - 1; more > 0 {
		first += fmt.Sprintf(" +%d", more)
	}
	return first
}

// printJob writes all that a person may want to know of one job.
func printJob(s *screen, j *types.Job) {
	s.field("job", aws.ToString(j.Id))
	status := string(j.Status)
	if j.Status == types.JobStatusProgressing {
		status += ", " + howFar(j)
	}
	s.coloured("status", status, statusColour(string(j.Status)))
	if j.Status == types.JobStatusError {
		s.coloured("error", fmt.Sprintf("%d %s", aws.ToInt32(j.ErrorCode), aws.ToString(j.ErrorMessage)), colourBad)
	}
	queue := spool.ResourceName(aws.ToString(j.Queue))
	if p := aws.ToInt32(j.Priority); p != 0 {
		queue += fmt.Sprintf(", priority %d", p)
	}
	s.field("queue", queue)
	for _, t := range j.QueueTransitions {
		s.field("moved", fmt.Sprintf("from %s to %s %s", spool.ResourceName(aws.ToString(t.SourceQueue)), spool.ResourceName(aws.ToString(t.DestinationQueue)), s.ago(t.Timestamp)))
	}
	s.field("template", spool.ResourceName(aws.ToString(j.JobTemplate)))
	s.field("created", s.moment(j.CreatedAt))
	if t := j.Timing; t != nil {
		s.field("started", s.moment(t.StartTime))
		if finished := s.moment(t.FinishTime); finished != "" {
			if t.StartTime != nil {
				finished += ", took " + took(j)
			}
			s.field("finished", finished)
		}
	}
	if j.Settings != nil {
		for _, in := range j.Settings.Inputs {
			s.field("input", aws.ToString(in.FileInput))
		}
	}
	for _, line := range outputsOf(j) {
		s.field("output", line)
	}
	for _, k := range slices.Sorted(maps.Keys(j.UserMetadata)) {
		s.field("metadata", k+"="+j.UserMetadata[k])
	}
	printMessages(s, j)
}

// printMessages writes the warnings and notes of a job.
func printMessages(s *screen, j *types.Job) {
	if j.Messages == nil || len(j.Messages.Warning) == 0 {
		for _, w := range j.Warnings {
			s.field("warning", fmt.Sprintf("code %d, %d of them", aws.ToInt32(w.Code), aws.ToInt32(w.Count)))
		}
	}
	if j.Messages == nil {
		return
	}
	for _, m := range j.Messages.Warning {
		s.field("warning", m)
	}
	for _, m := range j.Messages.Info {
		s.field("note", m)
	}
}

// outputsOf says what the outputs are: where they go, and once it is known how
// large and how long they are.
func outputsOf(j *types.Job) []string {
	var lines []string
	if j.Settings == nil {
		return nil
	}
	for i, g := range j.Settings.OutputGroups {
		where := destinationOf(g.OutputGroupSettings)
		for k, o := range g.Outputs {
			line := where
			if m := aws.ToString(o.NameModifier); m != "" {
				line += "  " + m
			}
			if i < len(j.OutputGroupDetails) && k < len(j.OutputGroupDetails[i].OutputDetails) {
				d := j.OutputGroupDetails[i].OutputDetails[k]
				if v := d.VideoDetails; v != nil {
					line += fmt.Sprintf("  %dx%d", aws.ToInt32(v.WidthInPx), aws.ToInt32(v.HeightInPx))
				}
				if ms := aws.ToInt32(d.DurationInMs); ms > 0 {
					line += fmt.Sprintf("  %.2f s", float64(ms)/1000)
				}
			}
			lines = append(lines, line)
		}
	}
	return lines
}

func destinationOf(g *types.OutputGroupSettings) string {
	var d *string
	switch {
	case g == nil:
	case g.FileGroupSettings != nil:
		d = g.FileGroupSettings.Destination
	case g.HlsGroupSettings != nil:
		d = g.HlsGroupSettings.Destination
	case g.CmafGroupSettings != nil:
		d = g.CmafGroupSettings.Destination
	case g.DashIsoGroupSettings != nil:
		d = g.DashIsoGroupSettings.Destination
	case g.MsSmoothGroupSettings != nil:
		d = g.MsSmoothGroupSettings.Destination
	}
	return aws.ToString(d)
}
