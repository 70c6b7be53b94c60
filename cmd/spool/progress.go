package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"spool/internal/spool"
)

// progress shows how far a job is: a bar on a terminal, a line now and then
// elsewhere, nothing when quiet.
type progress struct {
	w    io.Writer
	bars *mpb.Progress // nil without a terminal
	bar  *mpb.Bar

	mu    sync.Mutex
	now   spool.Progress
	shown time.Time
	phase spool.JobPhase
	quiet bool
}

const lineEvery = 5 * time.Second

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w, quiet: quiet}
	if !quiet && isTerminal(w) {
		p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(60), mpb.WithAutoRefresh())
		p.bar = p.bars.AddBar(100, mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return p.label() }, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.numbers() })))
	}
	return p
}

func (p *progress) label() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.now.Phase)
}

func (p *progress) numbers() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return describe(p.now)
}

func describe(now spool.Progress) string {
	s := fmt.Sprintf("%3d %%", now.Percent)
	if now.FramesDecoded > 0 {
		s += fmt.Sprintf("  frame %d", now.FramesDecoded)
	}
	if now.ETA > 0 {
		s += "  " + now.ETA.Round(time.Second).String() + " left"
	}
	return s
}

func (p *progress) update(now spool.Progress) {
	p.mu.Lock()
	p.now = now
	line := !p.quiet && p.bars == nil && (now.Phase != p.phase || time.Since(p.shown) >= lineEvery)
	if line {
		p.shown, p.phase = time.Now(), now.Phase
	}
	p.mu.Unlock()
	switch {
	case p.bar != nil:
		p.bar.SetCurrent(int64(min(now.Percent, 99)))
	case line:
		fmt.Fprintf(p.w, "%s %s\n", now.Phase, describe(now))
	}
}

func (p *progress) done() {
	if p.bars != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}
