package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"spool/internal/spool"
)

// Options say how a bus runs.
type Options struct {
	Dir     string        // absolute folder of the streams; made with mode 0700 when absent
	Log     *slog.Logger  // required
	AckWait time.Duration // how long a silent handler keeps a message; 0: 10 s
}

// MaxPayload is the most bytes of one message. It is far above NATS's 1 MB,
// because a work order carries a whole job and a report every published file.
const MaxPayload = 32 << 20

// Bus is a running bus. Its methods may be called from many goroutines.
type Bus struct {
	server  *server.Server
	conn    *nats.Conn
	js      jetstream.JetStream
	log     *slog.Logger
	ackWait time.Duration

	broken chan struct{} // the server could not write
	quit   chan struct{} // closed when mends is to end
	mended chan struct{} // closed when it has

	mu     sync.Mutex
	closed bool
	stops  map[*func()]struct{} // of consumers, listeners and watchers under way
}

// Start starts the embedded server and makes the streams of the product with
// their durable consumers, so that nothing published from then on can pass
// unseen. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Bus, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the bus: %w", err)
	}
	if o.AckWait == 0 {
		o.AckWait = 10 * time.Second
	}
	b := &Bus{log: o.Log, ackWait: o.AckWait, stops: map[*func()]struct{}{},
		broken: make(chan struct{}, 1), quit: make(chan struct{}), mended: make(chan struct{})}
	if err := b.start(ctx, o.Dir); err != nil {
		return nil, errors.Join(err, b.Close(context.WithoutCancel(ctx)))
	}
	return b, nil
}

func (b *Bus) start(ctx context.Context, dir string) (err error) {
	b.server, err = server.NewServer(&server.Options{
		ServerName: "spool", DontListen: true, NoSigs: true,
		JetStream: true, StoreDir: dir,
		SyncAlways:         true, // without it an acknowledged message can be lost on power failure
		JetStreamMaxMemory: maxMemory, JetStreamMaxStore: maxStore,
		DisableJetStreamBanner: true,
		MaxPayload:             MaxPayload, MaxPending: 4 * MaxPayload,
	})
	if err != nil {
		return fmt.Errorf("set up the bus: %w", err)
	}
	b.server.SetLoggerV2(serverLog{b.log, b.broken}, false, false, false)
	b.server.Start()
	if !b.server.ReadyForConnections(waitOf(ctx, 30*time.Second)) {
		return fmt.Errorf("the bus did not start; is its folder %s readable and writable?", dir)
	}
	b.conn, err = nats.Connect("", nats.InProcessServer(b.server), nats.Name("spool"), nats.MaxReconnects(-1),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			b.log.Warn("the bus reports an error", "subject", subject, "error", err)
		}))
	if err != nil {
		return fmt.Errorf("connect to the bus: %w", err)
	}
	if b.js, err = jetstream.New(b.conn); err != nil {
		return fmt.Errorf("connect to JetStream: %w", err)
	}
	if err := b.makeStreams(ctx); err != nil {
		return err
	}
	b.keep(func() {
		close(b.quit)
		<-b.mended
	})
	go b.mends(dir)
	return nil
}

// waitOf gives the time until ctx's deadline, at most limit.
func waitOf(ctx context.Context, limit time.Duration) time.Duration {
	if at, ok := ctx.Deadline(); ok {
		return min(limit, time.Until(at))
	}
	return limit
}

// streams are the streams of the product. Interest keeps a message until all
// durable consumers took it; limits keep it for a time, for those that look back.
func streams() []jetstream.StreamConfig {
	kept := func(name, subjects string, retention jetstream.RetentionPolicy, dedupe time.Duration) jetstream.StreamConfig {
		return jetstream.StreamConfig{Name: name, Subjects: []string{subjects}, Retention: retention,
			Storage: jetstream.FileStorage, Discard: jetstream.DiscardOld, Duplicates: dedupe, AllowDirect: true}
	}
	// Uploads can be many per second, and each id is held in memory for the window.
	objects := kept(spool.StreamObjects, spool.SubjectObject+">", jetstream.InterestPolicy, 2*time.Minute)
	work := kept(spool.StreamWork, spool.SubjectWork+">", jetstream.WorkQueuePolicy, 30*time.Minute)
	work.MaxMsgsPerSubject = 1 // one order per job: a new attempt takes the place of a lost one
	reports := kept(spool.StreamReports, spool.SubjectReport+">", jetstream.InterestPolicy, 30*time.Minute)
	events := kept(spool.StreamEvents, spool.SubjectEvent+">", jetstream.LimitsPolicy, 30*time.Minute)
	events.MaxAge, events.MaxBytes = 7*24*time.Hour, 1<<30
	return []jetstream.StreamConfig{objects, work, reports, events}
}

// durables are the consumers that exist from the start. Those that keep a state
// machine take one message at a time in order.
var durables = []struct {
	stream, name string
	pending      int
}{
	{spool.StreamObjects, spool.ConsumerIntake, unordered},
	{spool.StreamWork, spool.ConsumerWork, unordered},
	{spool.StreamReports, spool.ConsumerJobs, 1},
	{spool.StreamEvents, spool.ConsumerVideos, 1},
}

// unordered is how many messages of a consumer may be under way or wait to be
// tried again, over all processes. It is above what all workers hold together.
const unordered = 10_000

func (b *Bus) makeStreams(ctx context.Context) error {
	for _, config := range streams() {
		if _, err := b.js.CreateOrUpdateStream(ctx, config); err != nil {
			return fmt.Errorf("make the stream %s: %w", config.Name, err)
		}
	}
	for _, d := range durables {
		c, err := b.durable(ctx, d.stream, d.name)
		if err != nil {
			return err
		}
		if err := b.freeHeld(ctx, d.stream, c); err != nil {
			return err
		}
	}
	return nil
}

// freeHeld makes a consumer give out at once what a dead process held, instead
// of after AckWait: the server runs in this process, so before the first Consume
// whoever held a message is gone. What it had taken off stays off.
func (b *Bus) freeHeld(ctx context.Context, stream string, c jetstream.Consumer) error {
	info := c.CachedInfo()
	if info.NumAckPending == 0 {
		return nil
	}
	if _, err := b.js.ResetConsumer(ctx, stream, info.Name); err != nil {
		return fmt.Errorf("free what was held of %s: %w", stream, err)
	}
	b.log.Info("what was under way when the last process died is given out again", "stream", stream, "messages", info.NumAckPending)
	return nil
}

// durable makes a durable consumer or finds it.
func (b *Bus) durable(ctx context.Context, stream, name string) (jetstream.Consumer, error) {
	pending := unordered
	for _, d := range durables {
		if d.stream == stream && d.name == name {
			pending = d.pending
		}
	}
	c, err := b.js.CreateOrUpdateConsumer(ctx, stream, jetstream.ConsumerConfig{
		Durable: name, AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy,
		AckWait: b.ackWait, MaxAckPending: pending, MaxDeliver: -1,
	})
	if err != nil {
		return nil, fmt.Errorf("make the consumer %s on %s: %w", name, stream, err)
	}
	return c, nil
}

// Publish puts a message on the stream of its subject and returns when it is on
// the disk. A second message with the same id within the stream's window (2 to
// 30 minutes) is dropped without an error.
func (b *Bus) Publish(ctx context.Context, subject, msgID string, data []byte) error {
	_, err := b.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data}, jetstream.WithMsgID(msgID))
	switch {
	case errors.Is(err, nats.ErrMaxPayload), errors.Is(err, nats.ErrBadSubject):
		return spool.Permanent(fmt.Errorf("publish on %s: %w", subject, err))
	case err != nil:
		return fmt.Errorf("publish on %s: %w", subject, err)
	}
	return nil
}

// Holds tells whether a stream holds a message on this very subject, taken by a
// handler or not: on WORK and REPORTS, whether one is still to be done.
func (b *Bus) Holds(ctx context.Context, stream, subject string) (bool, error) {
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return false, fmt.Errorf("look into %s: %w", stream, err)
	}
	_, err = s.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look into %s: %w", stream, err)
	}
	return true, nil
}

// Purge removes the messages on a subject from a stream. A handler that has one
// under way is not told.
func (b *Bus) Purge(ctx context.Context, stream, subject string) error {
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return fmt.Errorf("purge %s: %w", stream, err)
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
		return fmt.Errorf("purge %s: %w", stream, err)
	}
	return nil
}

// Ping tells whether the bus answers; for health checks.
func (b *Bus) Ping(ctx context.Context) error {
	if _, err := b.js.AccountInfo(ctx); err != nil {
		return fmt.Errorf("the bus does not answer: %w", err)
	}
	return nil
}

// Close stops what still consumes or listens, waits for its handlers until ctx
// ends, and stops the server. A second call does nothing.
func (b *Bus) Close(ctx context.Context) error {
	b.mu.Lock()
	first := !b.closed
	b.closed = true
	var stops []func()
	for stop := range b.stops {
		stops = append(stops, *stop)
	}
	b.mu.Unlock()
	if !first {
		return nil
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, stop := range stops {
			stop()
		}
		if b.conn != nil {
			_ = b.conn.FlushTimeout(5 * time.Second) // acks that are still in the buffer
			b.conn.Close()
		}
		if b.server != nil {
			b.server.Shutdown()
			b.server.WaitForShutdown()
		}
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the bus: handlers are still running: %w", ctx.Err())
	}
}

// keep remembers what Close must stop, and gives a stop that works once and
// returns when the thing has stopped.
func (b *Bus) keep(stop func()) func() {
	var once sync.Once
	var entry func()
	entry = func() {
		once.Do(func() {
			stop()
			b.mu.Lock()
			delete(b.stops, &entry)
			b.mu.Unlock()
		})
	}
	b.mu.Lock()
	b.stops[&entry] = struct{}{}
	b.mu.Unlock()
	return entry
}
