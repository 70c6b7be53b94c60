package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"spool/internal/bus"
	"spool/internal/spool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a bus on a folder and closes it when the test ends.
func start(t *testing.T, dir string, ackWait time.Duration) *bus.Bus {
	t.Helper()
	b, err := bus.Start(t.Context(), bus.Options{Dir: dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), AckWait: ackWait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeBus(t, b) })
	return b
}

func closeBus(t *testing.T, b *bus.Bus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		t.Error(err)
	}
}

func publish(t *testing.T, b *bus.Bus, subject, id, data string) {
	t.Helper()
	if err := b.Publish(t.Context(), subject, id, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

// next waits for one value.
func next[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came in 20 s")
		panic("unreachable")
	}
}

func TestKeptOverRestartAndDeduped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := start(t, dir, 0)
	for _, id := range []string{"1", "2", "2", "3"} {
		publish(t, b, "object.created", id, id)
	}
	closeBus(t, b)

	b = start(t, dir, 0)
	publish(t, b, "object.created", "3", "3") // the window outlives a restart
	publish(t, b, "object.removed", "4", "4")
	got := make(chan string, 10)
	stop, err := b.Consume(t.Context(), spool.StreamObjects, spool.ConsumerIntake, 1, func(_ context.Context, m bus.Msg) error {
		got <- m.Subject + " " + string(m.Data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"object.created 1", "object.created 2", "object.created 3", "object.removed 4"} {
		if g := next(t, got); g != want {
			t.Errorf("got %q, want %q", g, want)
		}
	}
	stop()
	stop()
}

func TestErrorsComeAgainAndDropsDont(t *testing.T) {
	t.Parallel()
	b := start(t, t.TempDir(), 0)
	publish(t, b, "report.a", "a", "drop")
	publish(t, b, "report.b", "b", "twice")
	publish(t, b, "report.c", "c", "panic once")
	publish(t, b, "report.d", "d", "")
	got := make(chan string, 10)
	_, err := b.Consume(t.Context(), spool.StreamReports, spool.ConsumerJobs, 1, func(_ context.Context, m bus.Msg) error {
		got <- fmt.Sprint(m.Subject, m.Delivered)
		switch {
		case string(m.Data) == "drop":
			return fmt.Errorf("wrapped: %w", spool.Permanent(errors.New("nonsense")))
		case string(m.Data) == "twice" && m.Delivered < 2:
			return errors.New("not yet")
		case string(m.Data) == "panic once" && m.Delivered < 2:
			panic("oops")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// In order: what fails holds up what follows.
	for _, want := range []string{"report.a1", "report.b1", "report.b2", "report.c1", "report.c2", "report.d1"} {
		if g := next(t, got); g != want {
			t.Errorf("got %s, want %s", g, want)
		}
	}
}

func TestConcurrencyAndStopWaits(t *testing.T) {
	t.Parallel()
	b := start(t, t.TempDir(), 0)
	for i := range 8 {
		publish(t, b, fmt.Sprintf("work.%d", i), fmt.Sprint(i), "")
	}
	var running, most, done atomic.Int32
	entered, leave := make(chan struct{}, 8), make(chan struct{})
	stop, err := b.Consume(t.Context(), spool.StreamWork, spool.ConsumerWork, 3, func(context.Context, bus.Msg) error {
		n := running.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		entered <- struct{}{}
		<-leave
		running.Add(-1)
		done.Add(1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		next(t, entered)
	}
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Error("stop returned while handlers ran")
	default:
	}
	close(leave)
	next(t, stopped)
	if most.Load() != 3 || done.Load() < 3 {
		t.Errorf("%d ran at once, %d done; want 3, at least 3", most.Load(), done.Load())
	}
	// What was not taken is there for the next.
	var mu sync.Mutex
	var rest []string
	all := make(chan struct{}, 8)
	_, err = b.Consume(t.Context(), spool.StreamWork, spool.ConsumerWork, 1, func(_ context.Context, m bus.Msg) error {
		mu.Lock()
		defer mu.Unlock()
		rest = append(rest, m.Subject)
		all <- struct{}{}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 8 - done.Load() {
		next(t, all)
	}
}

func TestLongHandlerKeepsItsMessage(t *testing.T) {
	t.Parallel()
	b := start(t, t.TempDir(), time.Second)
	publish(t, b, "work.long", "1", "")
	calls := make(chan int, 5)
	_, err := b.Consume(t.Context(), spool.StreamWork, spool.ConsumerWork, 2, func(ctx context.Context, m bus.Msg) error {
		calls <- m.Delivered
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second) // three times AckWait
		defer cancel()
		<-ctx.Done()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	next(t, calls)
	deadline := time.Now().Add(20 * time.Second)
	for {
		held, err := b.Holds(t.Context(), spool.StreamWork, "work.long")
		if err != nil {
			t.Fatal(err)
		}
		if !held {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("never acknowledged")
		}
	}
	if len(calls) > 0 {
		t.Error("delivered again while it was being handled")
	}
}

func TestInterruptedGoesToTheNextAtOnce(t *testing.T) {
	t.Parallel()
	b := start(t, t.TempDir(), time.Minute)
	publish(t, b, "work.x", "1", "")
	ctx, cancel := context.WithCancel(t.Context())
	taken := make(chan struct{})
	stop, err := b.Consume(ctx, spool.StreamWork, spool.ConsumerWork, 1, func(ctx context.Context, _ bus.Msg) error {
		close(taken)
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	next(t, taken)
	cancel()
	stop()
	again := make(chan int, 1)
	if _, err := b.Consume(t.Context(), spool.StreamWork, spool.ConsumerWork, 1, func(_ context.Context, m bus.Msg) error {
		again <- m.Delivered
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n := next(t, again); n != 2 {
		t.Errorf("delivered %d, want 2", n)
	}
}

// TestHeldByTheDeadIsGivenOutAtOnce takes the server away while messages are
// being handled.
func TestHeldByTheDeadIsGivenOutAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := start(t, dir, time.Hour)
	subjects := map[string][]string{
		spool.StreamObjects: {"object.0", "object.1", "object.2"}, spool.StreamWork: {"work.0", "work.1", "work.2"},
		spool.StreamReports: {"report.0", "report.1", "report.2"}, spool.StreamEvents: {"event.0", "event.1", "event.2"},
	}
	consumers := map[string]string{spool.StreamObjects: spool.ConsumerIntake, spool.StreamWork: spool.ConsumerWork,
		spool.StreamReports: spool.ConsumerJobs, spool.StreamEvents: spool.ConsumerVideos}
	leave, held := make(chan struct{}), make(chan string, 12)
	defer close(leave)
	for stream, list := range subjects {
		for _, s := range list {
			publish(t, b, s, s, "")
		}
		if _, err := b.Consume(t.Context(), stream, consumers[stream], 2, func(_ context.Context, m bus.Msg) error {
			if m.Subject == list[0] {
				return nil // taken off: it must not come again
			}
			held <- m.Subject
			<-leave
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	for range 6 { // two of OBJECTS and WORK, one of REPORTS and EVENTS
		next(t, held)
	}
	bus.Abandon(b)
	b = start(t, dir, time.Hour)
	for stream, list := range subjects {
		got := make(chan string, 3)
		if _, err := b.Consume(t.Context(), stream, consumers[stream], 1, func(_ context.Context, m bus.Msg) error {
			got <- m.Subject
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, want := range list[1:] {
			if g := next(t, got); g != want {
				t.Errorf("%s: got %s, want %s", stream, g, want)
			}
		}
	}
}

func TestHoldsAndPurge(t *testing.T) {
	t.Parallel()
	b := start(t, t.TempDir(), 0)
	publish(t, b, "work.a", "a1", "old")
	publish(t, b, "work.a", "a2", "new") // takes the place of the first
	publish(t, b, "work.b", "b1", "")
	if err := b.Purge(t.Context(), spool.StreamWork, "work.b"); err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]bool{"work.a": true, "work.b": false, "work.c": false} {
		if got, err := b.Holds(t.Context(), spool.StreamWork, subject); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", subject, got, err, want)
		}
	}
	got := make(chan string, 2)
	if _, err := b.Consume(t.Context(), spool.StreamWork, spool.ConsumerWork, 1, func(_ context.Context, m bus.Msg) error {
		got <- string(m.Data)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if g := next(t, got); g != "new" {
		t.Errorf("got %q", g)
	}
}

func TestBroadcastAskWatch(t *testing.T) {
	t.Parallel()
	b := start(t, t.TempDir(), 0)
	publish(t, b, "event.s3", "before", "before")

	heard := make(chan string, 10)
	stop, err := b.Listen("cancel.*", func(subject string, data []byte) { heard <- subject + string(data) })
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Broadcast("cancel.7", []byte("!")); err != nil {
		t.Fatal(err)
	}
	if g := next(t, heard); g != "cancel.7!" {
		t.Errorf("heard %q", g)
	}
	stop()

	if _, err := b.Request(t.Context(), "mayPublish.1", nil); err == nil {
		t.Error("a request that nobody answers must fail")
	}
	if _, err := b.Answer("mayPublish.*", func(subject string, data []byte) []byte { return append(data, subject...) }); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Request(t.Context(), "mayPublish.1", []byte("yes ")); err != nil || string(got) != "yes mayPublish.1" {
		t.Errorf("answer %q, %v", got, err)
	}

	seen := make(chan string, 10)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := b.Watch(ctx, spool.StreamEvents, "event.>", func(m bus.Msg) { seen <- string(m.Data) }); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for i := range 5 {
		want = append(want, fmt.Sprint(i))
		publish(t, b, "event.mediaconvert", fmt.Sprint(i), fmt.Sprint(i))
	}
	for range 5 {
		got = append(got, next(t, seen))
	}
	if !slices.Equal(got, want) {
		t.Errorf("watched %v, want %v", got, want)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	b := start(t, t.TempDir(), 0)
	if err := b.Publish(t.Context(), "work.big", "1", make([]byte, bus.MaxPayload-4096)); err != nil {
		t.Errorf("a large message: %v", err)
	}
	if err := b.Publish(t.Context(), "work.huge", "2", make([]byte, bus.MaxPayload+1)); !spool.IsPermanent(err) {
		t.Errorf("a message over the limit: %v, want a permanent error", err)
	}
}
