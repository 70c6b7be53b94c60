package videos

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"spool/internal/spool"
)

// progressEvery is how often a watcher hears of one job's progress at most.
const progressEvery = 500 * time.Millisecond

// Watch gives every change of every video from the return of Watch on, until
// ctx ends or the stage stops; then it closes the channel. Progress comes about
// twice a second. A reader that is slow gets the last state of each video, and
// misses the states between.
func (s *Service) Watch(ctx context.Context) (<-chan spool.Video, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	changes := make(chan spool.Video)
	w := s.hub.add()
	if w == nil { // stopped
		close(changes)
		return changes, nil
	}
	go func() {
		defer s.hub.remove(w)
		defer close(changes)
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.hub.closed:
				return
			case <-w.wake:
			}
			for v, ok := w.next(); ok; v, ok = w.next() {
				select {
				case changes <- s.withURLs(v):
				case <-ctx.Done():
					return
				case <-s.hub.closed:
					return
				}
			}
		}
	}()
	return changes, nil
}

// heardVideo passes on a video's change, made by this process or another.
func (s *Service) heardVideo(m spool.Message) {
	var event spool.Event
	var v spool.Video
	if json.Unmarshal(m.Data, &event) != nil || json.Unmarshal(event.Detail, &v) != nil || v.GUID == "" {
		s.o.Log.Error("an event of a video can't be read", "subject", m.Subject)
		return
	}
	s.hub.publish(v)
}

// heardProgress passes on how far a job has come, when someone watches. It is
// written down nowhere: the job knows it.
func (s *Service) heardProgress(ctx context.Context, data []byte) {
	var report spool.Report
	if json.Unmarshal(data, &report) != nil || report.Progress == nil || !s.hub.due(report.JobID, s.o.Now()) {
		return
	}
	v, err := s.o.Store.VideoOfJob(ctx, report.JobID)
	if err != nil || v.WorkflowStatus != spool.VideoEncode {
		return // no pipeline's job, or not there yet, or over: its event tells
	}
	v.Phase, v.Percent = report.Progress.Phase, max(v.Percent, min(report.Progress.Percent, 99))
	s.hub.publish(v)
}

// hub gives changes to watchers.
type hub struct {
	closed    chan struct{}
	closeOnce sync.Once
	running   sync.WaitGroup

	mu       sync.Mutex
	watchers map[*watcher]struct{}
	ended    map[string]struct{}  // videos that have ended: late progress must not revive them
	told     map[string]time.Time // by job: when progress was passed on last
}

func newHub() *hub {
	return &hub{closed: make(chan struct{}), watchers: map[*watcher]struct{}{},
		ended: map[string]struct{}{}, told: map[string]time.Time{}}
}

// forgetAt bounds what a hub remembers.
const forgetAt = 10_000

func (h *hub) add() *watcher {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
		return nil
	default:
	}
	w := &watcher{wake: make(chan struct{}, 1), pending: map[string]spool.Video{}}
	h.watchers[w] = struct{}{}
	h.running.Add(1)
	return w
}

func (h *hub) remove(w *watcher) {
	h.mu.Lock()
	delete(h.watchers, w)
	h.mu.Unlock()
	h.running.Done()
}

// close ends all watching and waits for it.
func (h *hub) close() {
	h.mu.Lock()
	h.closeOnce.Do(func() { close(h.closed) })
	h.mu.Unlock()
	h.running.Wait()
}

// due tells whether someone watches and has not just heard of this job.
func (h *hub) due(jobID string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.watchers) == 0 || now.Sub(h.told[jobID]) < progressEvery {
		return false
	}
	if len(h.told) > forgetAt {
		clear(h.told)
	}
	h.told[jobID] = now
	return true
}

func (h *hub) publish(v spool.Video) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if v.WorkflowStatus == spool.VideoComplete || v.WorkflowStatus == spool.VideoError {
		if len(h.ended) > forgetAt {
			clear(h.ended)
		}
		h.ended[v.GUID] = struct{}{}
	} else if _, over := h.ended[v.GUID]; over {
		return
	}
	for w := range h.watchers {
		w.put(v)
	}
}

// watcher holds what one reader has not taken yet: the last state of each video.
type watcher struct {
	wake chan struct{}

	mu      sync.Mutex
	pending map[string]spool.Video
	order   []string // GUIDs of pending, the earliest first
}

func (w *watcher) put(v spool.Video) {
	w.mu.Lock()
	if _, waits := w.pending[v.GUID]; !waits {
		w.order = append(w.order, v.GUID)
	}
	w.pending[v.GUID] = v
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watcher) next() (spool.Video, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.order) == 0 {
		return spool.Video{}, false
	}
	guid := w.order[0]
	w.order = w.order[1:]
	v := w.pending[guid]
	delete(w.pending, guid)
	return v, true
}
