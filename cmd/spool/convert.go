package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"golang.org/x/term"

	"spool/internal/app"
	"spool/internal/plan"
	"spool/internal/spool"
)

type convertCmd struct {
	Job    string   `arg:"" help:"Job file, as the console exports it or as CreateJob takes it; - for standard input."`
	Input  []string `short:"i" sep:"none" placeholder:"PATH|URL" help:"Replaces the inputs' FileInput, in order."`
	Output string   `short:"o" default:"." placeholder:"DIR" help:"Folder for the outputs: s3://bucket/key goes to DIR/bucket/key."`
	Plan   bool     `help:"Print the plan, the exact commands, and encode nothing."`
	JSON   bool     `help:"Print the result (with --plan: the plan) as JSON."`
}

// maxJob is the largest job file that is read.
const maxJob = 1 << 20

// Run converts. Status 1: the job failed; 2: the request is wrong.
func (c *convertCmd) Run(ctx context.Context, s *streams) error {
	job, err := readJob(c.Job)
	if err != nil {
		return &statusError{exitRequest, err}
	}
	progress := newProgress(s.err, c.JSON || c.Plan)
	began := time.Now()
	result, err := app.Convert(ctx, app.ConvertOptions{
		Job: job, Inputs: c.Input, Dir: c.Output, PlanOnly: c.Plan,
		Progress: progress.update,
		OnPlan: func(p *plan.Plan) {
			if c.Plan {
				printPlan(s.out, p, c.JSON)
			}
		},
		Log: slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
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

func readJob(name string) ([]byte, error) {
	in := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read the job: %w", err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxJob+1))
	if err != nil {
		return nil, fmt.Errorf("read the job: %w", err)
	}
	if len(data) > maxJob {
		return nil, fmt.Errorf("the job %s is larger than 1 MB", name)
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
