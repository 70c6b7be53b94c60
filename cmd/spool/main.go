// Command spool is the whole product in one binary: server, worker and
// command-line tool.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"spool/internal/sandbox"
)

// Exit statuses.
const (
	exitOK      = 0
	exitFailed  = 1 // the job or the server failed
	exitRequest = 2 // the request, the configuration or the command line is wrong

	exitInterrupted = 130 // as a shell says it of Ctrl-C
)

func main() {
	sandbox.Init()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// cli is the command line.
type cli struct {
	Serve    serveCmd    `cmd:"" help:"Run everything in one process: S3, API, workers, delivery, web UI."`
	Convert  convertCmd  `cmd:"" help:"Run one job here and now."`
	Job      jobCmd      `cmd:"" help:"Submit, list, follow and cancel jobs of a server."`
	Queue    queueCmd    `cmd:"" help:"List, make and change queues of a server."`
	Template templateCmd `cmd:"" help:"List, make and change job templates of a server."`
	Preset   presetCmd   `cmd:"" help:"List, make and change presets of a server."`
	Key      keyCmd      `cmd:"" help:"Make, list and revoke the key pairs of a server."`
	Settings settingsCmd `cmd:"" help:"Say what is done with each setting of a job."`
	Doctor   doctorCmd   `cmd:"" help:"Say what this machine can do."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// streams are where a command writes.
type streams struct {
	out, err io.Writer
}

// statusError ends the program with a status; its text is printed first.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

func run(args []string, stdout, stderr io.Writer) int {
	var c cli
	status, exited := exitOK, false
	parser, err := kong.New(&c,
		kong.Name("spool"), kong.Description("Self-hosted video on demand with the MediaConvert API."),
		kong.Writers(stdout, stderr), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Exit(func(code int) { status, exited = code, true }))
	if err != nil {
		fmt.Fprintln(stderr, "spool:", err)
		return exitFailed
	}
	kctx, err := parser.Parse(args)
	switch {
	case exited: // --help
		return status
	case err != nil:
		fmt.Fprintln(stderr, "spool:", err)
		return exitRequest
	}
	// The first signal asks to stop; a second one ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	kctx.BindTo(ctx, (*context.Context)(nil))
	err = kctx.Run(&streams{out: stdout, err: stderr})
	var st *statusError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &st):
		if st.err != nil {
			fmt.Fprintln(stderr, "spool:", st.err)
		}
		return st.status
	default:
		fmt.Fprintln(stderr, "spool:", err)
		return exitFailed
	}
}
