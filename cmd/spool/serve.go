package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"spool/internal/app"
	"spool/internal/config"
)

type serveCmd struct {
	Config  string  `short:"c" placeholder:"FILE" help:"Configuration file; without one, a built-in pipeline from the bucket uploads to the bucket media."`
	Data    *string `placeholder:"DIR" help:"Data folder (default ./spool-data)."`
	HTTP    *string `name:"http" placeholder:"HOST:PORT" help:"Address of the API, the pages and delivery (default 127.0.0.1:8080); port 0 picks a free one."`
	S3      *string `name:"s3" placeholder:"HOST:PORT" help:"Address of S3 (default 127.0.0.1:9000); port 0 picks a free one."`
	Slots   *int    `placeholder:"N" help:"Jobs that run at once in this process; 0 leaves them to workers."`
	Check   bool    `help:"Only check the configuration."`
	Verbose bool    `short:"v" help:"Log more."`
}

// stopTimeout bounds a stop; what is not done then goes on after the next start.
const stopTimeout = 30 * time.Second

// Run serves until a signal. Status 2: the configuration is wrong.
func (c *serveCmd) Run(ctx context.Context, s *streams) error {
	cfg, err := config.Load(c.Config, os.Getenv, config.Overrides{Data: c.Data, HTTP: c.HTTP, S3: c.S3, Slots: c.Slots})
	var problems config.Problems
	switch {
	case errors.As(err, &problems):
		return &statusError{exitRequest, fmt.Errorf("the configuration is refused:\n%w", problems)}
	case err != nil:
		return &statusError{exitRequest, err}
	}
	for _, w := range cfg.Warnings {
		fmt.Fprintf(s.err, "spool: warning: %s: %s\n", w.Where, w.Message)
	}
	if c.Check {
		_, err := fmt.Fprintf(s.out, "The configuration is good: %d buckets, %d queues, %d pipelines.\n", len(cfg.Buckets), len(cfg.Queues), len(cfg.Pipelines))
		return err
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: level}))
	server := app.New(cfg, version, log)
	if err := server.Start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	c.ready(s.out, server)
	select {
	case <-ctx.Done():
		log.Info("stopping; a second signal ends the process at once")
	case err = <-server.Ended():
		log.Error("a part has ended by itself; stopping", "error", err)
	}
	stop, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	server.Stop(stop)
	return err
}

// ready says where the server answers. The first line is for programs.
func (c *serveCmd) ready(w io.Writer, server *app.Server) {
	fmt.Fprintf(w, "ready http=%s s3=%s\n", server.HTTPURL(), server.S3URL())
	fmt.Fprintf(w, "sign in   %s\n", server.SignInURL())
	fmt.Fprintf(w, "key pair  %s\n", server.KeyPair())
}
