package main

import (
	"fmt"
	"runtime"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "dev"

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s *streams) error {
	_, err := fmt.Fprintf(s.out, "spool %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
