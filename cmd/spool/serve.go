package main

import "context"

type serveCmd struct{}

func (c *serveCmd) Run(ctx context.Context, s *streams) error { return nil }
