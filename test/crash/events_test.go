package crash_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"spool/internal/bus"
	"spool/internal/spool"
)

// jobEvents gives the statuses that the events of each job told, in order, as a
// new subscriber finds them in the stream. It reads a copy of a stopped
// server's bus.
func jobEvents(t *testing.T, data string) map[string][]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bus")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(data, "bus"))); err != nil {
		t.Fatal(err)
	}
	b, err := bus.Start(t.Context(), bus.Options{Dir: dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	const last = spool.SubjectEvent + "last"
	if err := b.Publish(t.Context(), last, "last", nil); err != nil {
		t.Fatal(err)
	}
	told := map[string][]string{}
	done := make(chan struct{})
	var came atomic.Int64
	began := time.Now()
	_, err = b.Consume(t.Context(), spool.StreamEvents, "audit", 1, func(_ context.Context, m spool.Message) error {
		came.Add(1)
		if m.Subject == last {
			close(done)
			return nil
		}
		if m.Subject != spool.SubjectEvent+"mediaconvert" {
			return nil
		}
		var event struct {
			Detail struct{ JobID, Status string }
		}
		if err := json.Unmarshal(m.Data, &event); err != nil || event.Detail.JobID == "" {
			t.Errorf("an event makes no sense: %v: %s", err, m.Data)
		}
		told[event.Detail.JobID] = append(told[event.Detail.JobID], event.Detail.Status)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(2 * time.Minute): // each is taken off durably, one after another
		t.Fatalf("the events can't be read in 2 minutes; %d came", came.Load())
	}
	t.Logf("%d events, read in %v", came.Load(), time.Since(began).Round(time.Millisecond))
	return told
}

// checkEvents demands that each job was told of in order, and its end once.
func checkEvents(t *testing.T, data string, jobs map[string]bool) {
	t.Helper()
	told := jobEvents(t, data)
	for id := range told {
		if !jobs[id] {
			t.Errorf("events tell of the job %s, of which nobody knows", id)
		}
	}
	for id := range jobs {
		got := slices.DeleteFunc(slices.Clone(told[id]), func(s string) bool { return s == "STATUS_UPDATE" })
		if want := []string{"PROGRESSING", "INPUT_INFORMATION", "COMPLETE"}; !slices.Equal(got, want) {
			t.Errorf("the events of job %s are %v, want %v", id, told[id], want)
		}
	}
}
