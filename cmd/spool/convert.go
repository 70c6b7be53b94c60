package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"spool/internal/app"
	"spool/internal/plan"
	"spool/internal/spool"
)

type convertCmd struct {
	Job      string   `arg:"" optional:"" help:"Job file, as the console exports it or as CreateJob takes it; - for standard input. With --template it may be left out."`
	Input    []string `short:"i" sep:"none" placeholder:"PATH|URL" help:"Replaces the inputs' FileInput, in order."`
	Output   string   `short:"o" default:"." placeholder:"DIR" help:"Folder for the outputs: s3://bucket/key goes to DIR/bucket/key."`
	Template string   `placeholder:"FILE" help:"Job template of the job, as GetJobTemplate and the console give it: the job's own settings win."`
	Preset   []string `sep:"none" placeholder:"FILE" help:"Preset that outputs may name, as GetPreset and the console give it, by its Name or its file's name; repeatable."`
	Plan     bool     `help:"Print the plan, the exact commands, and encode nothing."`
	JSON     bool     `help:"Print the result (with --plan: the plan) as JSON."`
}

// maxJob is the largest job, template or preset file that is read.
const maxJob = 1 << 20

// Run converts. Status 1: the job failed; 2: the request is wrong.
func (c *convertCmd) Run(ctx context.Context, s *streams) error {
	o, err := c.files()
	if err != nil {
		return &statusError{exitRequest, err}
	}
	progress := newProgress(s.err, c.JSON || c.Plan)
	o.Progress = progress.update
	o.OnPlan = func(p *plan.Plan) {
		if c.Plan {
			printPlan(s.out, p, c.JSON)
		}
	}
	o.Log = slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	began := time.Now()
	result, err := app.Convert(ctx, o)
	progress.done()
	var problems spool.Problems
	var failure *spool.Failure
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			fmt.Fprintln(s.err, "spool:", p)
		}
		return &statusError{status: exitRequest}
	case err != nil && !errors.As(err, &failure):
		return &statusError{exitFailed, err}
	case c.Plan && err == nil:
		return nil
	}
	if c.JSON {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(result); err != nil {
			return err
		}
	} else if err == nil {
		printResult(s.out, result, time.Since(began))
	}
	if failure != nil {
		return &statusError{exitFailed, failure}
	}
	return nil
}

// files reads the files that the command line names.
func (c *convertCmd) files() (app.ConvertOptions, error) {
	o := app.ConvertOptions{Inputs: c.Input, Dir: c.Output, PlanOnly: c.Plan}
	if c.Job == "" && c.Template == "" {
		return o, errors.New("name a job file, or a job template with --template")
	}
	if c.Job != "" {
		job, err := readJob(c.Job)
		if err != nil {
			return o, err
		}
		o.Job = job
	}
	if c.Template != "" {
		f, err := readDefinition("job template", c.Template)
		if err != nil {
			return o, err
		}
		o.Template = &f
	}
	for _, name := range c.Preset {
		f, err := readDefinition("preset", name)
		if err != nil {
			return o, err
		}
		o.Presets = append(o.Presets, f)
	}
	return o, nil
}

func readDefinition(what, name string) (app.DefinitionFile, error) {
	data, err := readNamed(what, name)
	base := filepath.Base(name)
	return app.DefinitionFile{Name: strings.TrimSuffix(base, filepath.Ext(base)), Data: data}, err
}

func readJob(name string) ([]byte, error) { return readNamed("job", name) }

func readNamed(what, name string) ([]byte, error) {
	in := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read the %s: %w", what, err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxJob+1))
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", what, err)
	}
	if len(data) > maxJob {
		return nil, fmt.Errorf("the %s %s is larger than 1 MB", what, name)
	}
	return data, nil
}

// isTerminal tells whether a progress bar can be drawn there.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return false
	}
	// Some terminals, of scripts and of CI, have no width: a bar would not show.
	width, _, err := term.GetSize(int(f.Fd()))
	return err == nil && width > 0
}
