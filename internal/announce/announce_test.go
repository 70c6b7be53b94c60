package announce_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"spool/internal/announce"
	"spool/internal/bus"
	"spool/internal/spool"
	"spool/internal/store"
	"spool/internal/store/storetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func startBus(t *testing.T, dir string) (b *bus.Bus, closeBus func()) {
	t.Helper()
	b, err := bus.Start(t.Context(), bus.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	closeBus = func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(closeBus)
	return b, closeBus
}

// run runs a relay until stop or the end of the test.
func run(t *testing.T, db *store.DB, b *bus.Bus) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		// An hour: whatever comes, comes by the sign.
		r := announce.New(announce.Options{Outbox: db, Publisher: b, Log: slog.New(slog.DiscardHandler), Every: time.Hour})
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return stop
}

// write commits messages n to m-1 in one transaction.
func write(t *testing.T, db *store.DB, n, m int) {
	t.Helper()
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		var err error
		for ; n < m; n++ {
			err = errors.Join(err, tx.Outbox(t.Context(), spool.SubjectEvent+"s3", fmt.Sprint(n), fmt.Append(nil, n)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, got <-chan string, n, m int) {
	t.Helper()
	for ; n < m; n++ {
		select {
		case g := <-got:
			if g != fmt.Sprint(n) {
				t.Fatalf("got %s, want %d", g, n)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%d did not come", n)
		}
	}
}

func watch(t *testing.T, b *bus.Bus) <-chan string {
	t.Helper()
	got := make(chan string, 1000)
	if _, err := b.Watch(t.Context(), spool.StreamEvents, "event.>", func(m spool.Message) { got <- string(m.Data) }); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestInOrderAtOnceAndCleared(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		db := storetest.Open(t, dsn)
		b, _ := startBus(t, t.TempDir())
		got := watch(t, b)
		write(t, db, 0, 150) // more than a batch, before the start
		stop := run(t, db, b)
		expect(t, got, 0, 150)
		write(t, db, 150, 153)
		write(t, db, 153, 154)
		expect(t, got, 150, 154)
		stop()
		if left, err := db.PendingOutbox(t.Context(), 10); len(left) > 1 || err != nil { // the last may not be cleared yet
			t.Errorf("left: %v, %v", left, err)
		}
	})
}

// TestAfterACrash publishes messages whose deletion from the outbox was lost,
// and finds the bus gone in between: each arrives once, in order.
func TestAfterACrash(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, dsn string) {
		db, dir := storetest.Open(t, dsn), t.TempDir()
		b, closeBus := startBus(t, dir)
		got := watch(t, b)
		write(t, db, 0, 5)
		for n := range 3 { // published, but not deleted
			if err := b.Publish(t.Context(), spool.SubjectEvent+"s3", fmt.Sprint(n), fmt.Append(nil, n)); err != nil {
				t.Fatal(err)
			}
		}
		expect(t, got, 0, 3)
		closeBus()
		stop := run(t, db, b) // meets a closed bus
		write(t, db, 5, 7)
		stop()
		if left, err := db.PendingOutbox(t.Context(), 10); len(left) != 7 || err != nil {
			t.Fatalf("left: %v, %v", left, err)
		}
		b, _ = startBus(t, dir)
		got = watch(t, b)
		run(t, db, b)
		expect(t, got, 3, 7)
	})
}

func TestWhatCanNeverGoHoldsNothingUp(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLite(t))
	b, _ := startBus(t, t.TempDir())
	got := watch(t, b)
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		return tx.Outbox(t.Context(), spool.SubjectEvent+"s3", "huge", make([]byte, bus.MaxPayload+1))
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, 0, 1)
	run(t, db, b)
	expect(t, got, 0, 1)
}
