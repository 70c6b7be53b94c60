package ffmpeg

import (
	"io"
	"sync"
	"time"
)

// watchdog barks when no progress was seen for a while. Its clock starts at
// once, so a process that never reports is caught too.
type watchdog struct {
	patience time.Duration
	mu       sync.Mutex
	timer    *time.Timer // nil: it sleeps
	last     Progress
	closed   bool
}

// newWatchdog makes one that calls bark, at most once, after patience without
// progress. It never barks when patience is 0.
func newWatchdog(patience time.Duration, bark func()) *watchdog {
	d := &watchdog{patience: patience}
	if patience > 0 {
		d.timer = time.AfterFunc(patience, bark)
	}
	return d
}

// see takes the next report; one that shows no advance does not count.
func (d *watchdog) see(p Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	moved := p.advanced(d.last)
	d.last = p
	// Stop tells whether it was still waiting: after the bark nothing calms it.
	if moved && d.timer != nil && !d.closed && d.timer.Stop() {
		d.timer.Reset(d.patience)
	}
}

func (d *watchdog) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.timer != nil {
		d.timer.Stop()
	}
}

// progressPipe puts the reader behind descriptor 3, where Prefix sends progress.
func progressPipe(r *progressReader) []io.Writer { return []io.Writer{r} }
