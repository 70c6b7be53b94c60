package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"spool/internal/app"
	"spool/internal/plan"
	"spool/internal/spool"
)

// printPlan writes a plan so that its commands can be read, and run in a shell
// once INPUT_n and WORK are set.
func printPlan(w io.Writer, p *plan.Plan, asJSON bool) {
	if asJSON {
		data, err := app.MarshalPlan(p)
		if err == nil {
			fmt.Fprintln(w, string(data))
		}
		return
	}
	for _, in := range p.Inputs {
		fmt.Fprintf(w, "# %s is %s\n", in.Token, in.URI)
	}
	for _, t := range p.Tasks {
		fmt.Fprintf(w, "# %s: %.3f s, %d frames\n%s", t.ID, t.Duration.Seconds(), t.Frames, t.Tool)
		for _, a := range app.FullArgs(t) {
			fmt.Fprint(w, " ", quote(a))
		}
		if t.Tool == plan.ToolFFmpeg {
			fmt.Fprint(w, " 3>/dev/null")
		}
		fmt.Fprintln(w)
	}
	for _, g := range p.Groups {
		if g.Master != nil {
			fmt.Fprintf(w, "# writes %s\n", spool.S3URI(g.Bucket, g.Master.Key))
		}
		if g.Dash != nil {
			fmt.Fprintf(w, "# writes %s\n", spool.S3URI(g.Bucket, g.Dash.Key))
		}
		for _, o := range g.Outputs {
			for _, s := range o.Packed {
				fmt.Fprintf(w, "# %s becomes %s\n", s.Staged, spool.S3URI(g.Bucket, s.Media))
			}
			if o.Kind == plan.KindPacked {
				continue
			}
			fmt.Fprintf(w, "# $WORK/%s becomes %s\n", o.Staged, spool.S3URI(g.Bucket, o.Key))
		}
	}
	for _, warning := range p.Warnings {
		fmt.Fprintf(w, "# warning %d %s: %s\n", warning.Code, warning.Pointer, warning.Message)
	}
	for _, message := range p.Messages {
		fmt.Fprintf(w, "# %s\n", message)
	}
}

// quote writes an argument for a shell; the plan's own tokens stay variables.
func quote(a string) string {
	if strings.HasPrefix(a, plan.Work+"/") || strings.HasPrefix(a, "$INPUT_") {
		return `"` + a + `"`
	}
	plain := strings.IndexFunc(a, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_./:=,+%", r)
	}) < 0
	if plain && a != "" {
		return a
	}
	return "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
}

// printResult writes what a person wants to know of a finished job.
func printResult(w io.Writer, r app.ConvertResult, took time.Duration) {
	images, segments := 0, 0
	for _, o := range r.Outputs {
		switch o.Kind {
		case string(spool.FileImage):
			if images++; images > 3 {
				continue
			}
		case string(spool.FileSegment):
			segments++
			continue
		}
		line := fmt.Sprintf("%s  %s", relative(o.Path), size(o.Size))
		if o.Width > 0 {
			line += fmt.Sprintf("  %s %dx%d", o.Codec, o.Width, o.Height)
		}
		if o.Audio != "" {
			line += " + " + o.Audio
		}
		if o.Duration > 0 {
			line += fmt.Sprintf("  %.2f s", o.Duration)
		}
		fmt.Fprintln(w, line)
	}
	if images > 3 {
		fmt.Fprintf(w, "… and %d more images\n", images-3)
	}
	if segments > 0 {
		fmt.Fprintf(w, "%d segments\n", segments)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "warning %d %s %s\n", warning.Code, warning.Pointer, warning.Message)
	}
	for _, message := range r.Messages {
		fmt.Fprintln(w, message)
	}
	fmt.Fprintf(w, "complete in %.1f s\n", took.Seconds())
}

func relative(path string) string {
	if abs, err := filepath.Abs("."); err == nil {
		if rel, err := filepath.Rel(abs, path); err == nil && !strings.HasPrefix(rel, "..") {
			return rel
		}
	}
	return path
}

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%d B", n)
	}
}
