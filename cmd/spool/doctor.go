package main

import (
	"context"
	"fmt"

	"spool/internal/app"
)

type doctorCmd struct{}

// Run says what this machine can do; status 1 when it can't run jobs.
func (doctorCmd) Run(ctx context.Context, s *streams) error {
	report := app.Doctor(ctx)
	for _, line := range report.Lines {
		mark := "ok  "
		if !line.OK {
			mark = "no  "
		}
		fmt.Fprintf(s.out, "%s%-14s %s\n", mark, line.Name, line.Detail)
	}
	if !report.Able {
		return &statusError{exitFailed, fmt.Errorf("this machine can't run jobs yet: see the lines marked no")}
	}
	return nil
}
