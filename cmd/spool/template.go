package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// templateCmd holds the commands on job templates.
type templateCmd struct {
	server `group:"Server (--endpoint=aws is Amazon's own):"`
	List   templateListCmd   `cmd:"" help:"List job templates."`
	Get    templateGetCmd    `cmd:"" help:"Show one job template."`
	Create templateCreateCmd `cmd:"" help:"Make a job template from a file."`
	Update templateUpdateCmd `cmd:"" help:"Change a job template; a file replaces its settings as a whole."`
	Delete templateDeleteCmd `cmd:"" help:"Delete a job template. Jobs made from it stay as they are."`
}

// catalogList are the flags of lists of templates and presets.
type catalogList struct {
	System   bool   `help:"Those that come with the server instead of your own."`
	Category string `short:"c" placeholder:"NAME" help:"Only those of this category."`
	Max      int    `short:"n" default:"0" placeholder:"N" help:"How many at most; 0, the default, lists all."`
	JSON     bool   `help:"Print the API's own JSON."`
}

// catalogColumns are the columns of both lists.
var catalogColumns = []column{
	{title: "NAME"}, {title: "CATEGORY", spare: true}, {title: "CHANGED", spare: true}, {title: "DESCRIPTION", cut: true, prose: true, spare: true},
}

func catalogRow(s *screen, name, category, description *string, created, updated *time.Time) []string {
	if updated == nil {
		updated = created
	}
	return []string{aws.ToString(name), aws.ToString(category), s.ago(updated), aws.ToString(description)}
}

// print writes a list, or says that it is empty.
func (c *catalogList) print(s *streams, what string, raw []byte, rows [][]string, more bool) error {
	switch {
	case c.JSON:
		return printIndented(s.out, raw)
	case len(rows) == 0 && c.System:
		fmt.Fprintf(s.err, "this server brings no %ss along\n", what)
		return nil
	case len(rows) == 0:
		fmt.Fprintf(s.err, "no %ss of your own; --system lists those that come with the server\n", what)
		return nil
	}
	newScreen(s.out).table(catalogColumns, rows)
	if more {
		fmt.Fprintln(s.err, "there are more: --max 0 lists all")
	}
	return nil
}

type templateListCmd struct{ catalogList }

// Run lists job templates.
func (c *templateListCmd) Run(ctx context.Context, s *streams, template *templateCmd) error {
	a, err := template.open(ctx)
	if err != nil {
		return err
	}
	by := types.JobTemplateListByName
	if c.System {
		by = types.JobTemplateListBySystem
	}
	all, err := collect(a, "jobTemplates", c.Max, func(token *string, size int32) ([]types.JobTemplate, *string, error) {
		out, err := a.ListJobTemplates(ctx, &mc.ListJobTemplatesInput{Category: optional(c.Category), ListBy: by, MaxResults: &size, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.JobTemplates, out.NextToken, nil
	})
	if err != nil {
		return a.explain(err)
	}
	screen := newScreen(s.out)
	rows := make([][]string, len(all.items))
	for i, t := range all.items {
		rows[i] = catalogRow(screen, t.Name, t.Category, t.Description, t.CreatedAt, t.LastUpdated)
	}
	return c.print(s, "job template", all.raw, rows, all.more)
}

type templateGetCmd struct {
	Name string `arg:"" help:"The template's name or ARN."`
	JSON bool   `help:"Print the API's own JSON, settings included, as spool template create takes it."`
}

// Run shows one job template.
func (c *templateGetCmd) Run(ctx context.Context, s *streams, template *templateCmd) error {
	a, err := template.open(ctx)
	if err != nil {
		return err
	}
	out, err := a.GetJobTemplate(ctx, &mc.GetJobTemplateInput{Name: aws.String(spool.ResourceName(c.Name))})
	if err != nil {
		return a.explain(err)
	}
	return printTemplate(a, s.out, out.JobTemplate, c.JSON)
}

func printTemplate(a *api, w io.Writer, t *types.JobTemplate, asJSON bool) error {
	if asJSON {
		return a.printJSON(w)
	}
	s := newScreen(w)
	s.field("template", aws.ToString(t.Name))
	s.field("category", aws.ToString(t.Category))
	s.field("description", aws.ToString(t.Description))
	s.field("type", string(t.Type))
	queue := spool.ResourceName(aws.ToString(t.Queue))
	if p := aws.ToInt32(t.Priority); p != 0 {
		queue += fmt.Sprintf(" priority %d", p)
	}
	s.field("queue", queue)
	if t.Settings != nil {
		for _, g := range t.Settings.OutputGroups {
			for _, o := range g.Outputs {
				s.field("output", outputLine(g.OutputGroupSettings, &o))
			}
		}
	}
	s.field("created", s.moment(t.CreatedAt))
	s.field("changed", s.moment(t.LastUpdated))
	s.field("arn", aws.ToString(t.Arn))
	return nil
}

// outputLine says what an output is in a few words.
func outputLine(g *types.OutputGroupSettings, o *types.Output) string {
	line := ""
	if g != nil {
		line = string(g.Type)
	}
	if m := aws.ToString(o.NameModifier); m != "" {
		line += "  " + m
	}
	if p := aws.ToString(o.Preset); p != "" {
		line += "  preset " + spool.ResourceName(p)
	}
	return line + codecs(o.VideoDescription, o.AudioDescriptions)
}

func codecs(v *types.VideoDescription, audio []types.AudioDescription) string {
	text := ""
	if v != nil && v.CodecSettings != nil {
		text += "  " + string(v.CodecSettings.Codec)
		if v.Width != nil && v.Height != nil {
			text += fmt.Sprintf(" %dx%d", *v.Width, *v.Height)
		}
	}
	for _, a := range audio {
		if a.CodecSettings != nil {
			text += "  " + string(a.CodecSettings.Codec)
		}
	}
	return text
}

type templateCreateCmd struct {
	File        string            `arg:"" help:"Template file: a whole request, a template as the API or the console gives it, or bare settings; - for standard input."`
	Name        string            `placeholder:"NAME" help:"Name of the new template, where the file has none or another one."`
	Category    *string           `short:"c" placeholder:"NAME" help:"Category to list it under."`
	Description *string           `short:"d" placeholder:"TEXT" help:"What it is for."`
	Queue       *string           `short:"q" placeholder:"NAME" help:"Queue for its jobs."`
	Priority    *int32            `short:"p" placeholder:"N" help:"Priority of its jobs, -50 to 50."`
	Tag         map[string]string `mapsep:"none" placeholder:"KEY=VALUE" help:"A tag; may be repeated."`
	JSON        bool              `help:"Print the API's own JSON."`
}

// errNoName says what to do about a file without a name.
var errNoName = errors.New("the file has no name for it: give one with --name")

// Run makes a job template.
func (c *templateCreateCmd) Run(ctx context.Context, s *streams, template *templateCmd) error {
	in := &mc.CreateJobTemplateInput{}
	if err := readFile(c.File, "jobTemplate", in); err != nil {
		return err
	}
	if c.Name != "" {
		in.Name = &c.Name
	}
	if aws.ToString(in.Name) == "" {
		return &statusError{exitRequest, errNoName}
	}
	replace(&in.Category, c.Category)
	replace(&in.Description, c.Description)
	replace(&in.Queue, c.Queue)
	replace(&in.Priority, c.Priority)
	if len(c.Tag) > 0 {
		in.Tags = c.Tag
	}
	a, err := template.open(ctx)
	if err != nil {
		return err
	}
	out, err := a.CreateJobTemplate(ctx, in)
	if err != nil {
		return a.explain(err)
	}
	return printTemplate(a, s.out, out.JobTemplate, c.JSON)
}

// replace puts what a flag says in the place of what the file says.
func replace[T any](to **T, flag *T) {
	if flag != nil {
		*to = flag
	}
}

type templateUpdateCmd struct {
	Name        string  `arg:"" help:"The template's name or ARN."`
	File        string  `arg:"" optional:"" help:"Template file whose members replace the template's; - for standard input."`
	Category    *string `short:"c" placeholder:"NAME" help:"Category to list it under."`
	Description *string `short:"d" placeholder:"TEXT" help:"What it is for."`
	Queue       *string `short:"q" placeholder:"NAME" help:"Queue for its jobs."`
	Priority    *int32  `short:"p" placeholder:"N" help:"Priority of its jobs, -50 to 50."`
	JSON        bool    `help:"Print the API's own JSON."`
}

// Run changes what the file and the flags name.
func (c *templateUpdateCmd) Run(ctx context.Context, s *streams, template *templateCmd) error {
	in := &mc.UpdateJobTemplateInput{}
	switch {
	case c.File != "":
		if err := readFile(c.File, "jobTemplate", in); err != nil {
			return err
		}
	case c.Category == nil && c.Description == nil && c.Queue == nil && c.Priority == nil:
		return &statusError{exitRequest, errors.New("nothing to change: name a file, or give --category, --description, --queue or --priority")}
	}
	in.Name = aws.String(spool.ResourceName(c.Name))
	replace(&in.Category, c.Category)
	replace(&in.Description, c.Description)
	replace(&in.Queue, c.Queue)
	replace(&in.Priority, c.Priority)
	a, err := template.open(ctx)
	if err != nil {
		return err
	}
	out, err := a.UpdateJobTemplate(ctx, in)
	if err != nil {
		return a.explain(err)
	}
	return printTemplate(a, s.out, out.JobTemplate, c.JSON)
}

type templateDeleteCmd struct {
	Name string `arg:"" help:"The template's name or ARN."`
}

// Run deletes a job template.
func (c *templateDeleteCmd) Run(ctx context.Context, s *streams, template *templateCmd) error {
	a, err := template.open(ctx)
	if err != nil {
		return err
	}
	name := spool.ResourceName(c.Name)
	if _, err := a.DeleteJobTemplate(ctx, &mc.DeleteJobTemplateInput{Name: &name}); err != nil {
		return a.explain(err)
	}
	fmt.Fprintf(s.out, "deleted the job template %s\n", name)
	return nil
}
