package main

import (
	"math"
	"testing"
)

// TestBDRate: a curve that needs a tenth more bits everywhere is 10 % worse, and
// a curve is as good as itself.
func TestBDRate(t *testing.T) {
	t.Parallel()
	base := []point{{1e5, 30, 0.9}, {2e5, 33, 0.93}, {4e5, 36.5, 0.96}, {9e5, 40, 0.98}}
	worse := make([]point, len(base))
	for i, p := range base {
		worse[i] = p
		worse[i].rate *= 1.1
	}
	psnr := func(p point) float64 { return p.psnr }
	if got := bdRate(base, worse, psnr); math.Abs(got-10) > 1e-6 {
		t.Errorf("a tenth more bits: %+.3f %%", got)
	}
	if got := bdRate(base, base, psnr); math.Abs(got) > 1e-9 {
		t.Errorf("against itself: %+.3f %%", got)
	}
}
