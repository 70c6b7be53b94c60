package sandbox_test

import (
	"testing"

	"spool/internal/sandbox"
	"spool/internal/spool"
)

// BenchmarkRun is the cost of the smallest confined child, start to end.
func BenchmarkRun(b *testing.B) {
	s := sandbox.New()
	for b.Loop() {
		if _, err := s.Run(b.Context(), spool.Process{Path: "/bin/true", Dir: "/"}); err != nil {
			b.Fatal(err)
		}
	}
}
