package bus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"spool/internal/spool"
)

// Msg is a message as a handler gets it.
type Msg = spool.Message

// A request for messages that got lost is noticed by two missing heartbeats and
// made again. The client's own 15 s would leave work lying for half a minute.
const (
	pullExpiry    = 10 * time.Second
	pullHeartbeat = time.Second
)

// Consume gives the messages of a stream to handle, up to concurrency at a time
// in this process, under the name of a durable consumer that processes share:
// each message goes to one of them. Nothing is fetched ahead of a free place.
// The consumers "jobs" and "videos" get one message at a time, in order; the
// others in no certain order once a message fails.
//
// A nil error takes the message off. An error has it delivered again after a
// delay that grows with each delivery (0.1 s to 1 min). An error marked by
// spool.Permanent gives it up, with a line in the log. While handle runs the message stays its
// own, however long it takes; when the process dies it is delivered again at
// the next start. A message may come twice: handle must bear that.
//
// Handlers get a context that ends with ctx, not with stop: stop takes no more
// messages and waits for the handlers under way. A second stop does nothing.
func (b *Bus) Consume(ctx context.Context, stream, durable string, concurrency int, handle func(ctx context.Context, m Msg) error) (stop func(), err error) {
	if concurrency < 1 {
		return nil, fmt.Errorf("the consumer %s on %s needs at least one place, not %d", durable, stream, concurrency)
	}
	c, err := b.durable(ctx, stream, durable)
	if err != nil {
		return nil, err
	}
	iter, err := c.Messages(jetstream.PullMaxMessages(1), jetstream.PullExpiry(pullExpiry), jetstream.PullHeartbeat(pullHeartbeat),
		jetstream.WithMessagesErrOnMissingHeartbeat(false))
	if err != nil {
		return nil, fmt.Errorf("consume %s as %s: %w", stream, durable, err)
	}
	taking, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.take(ctx, taking, iter, stream, concurrency, handle)
	}()
	return b.keep(func() {
		cancel()
		<-done
	}), nil
}

// take hands out messages until taking ends, then waits for the handlers.
func (b *Bus) take(ctx, taking context.Context, iter jetstream.MessagesContext, stream string, concurrency int, handle func(context.Context, Msg) error) {
	places := make(chan struct{}, concurrency)
	var handlers sync.WaitGroup
	defer handlers.Wait()
	defer giveBack(iter)
	for {
		select {
		case places <- struct{}{}:
		case <-taking.Done():
			return
		}
		m, err := iter.Next(jetstream.NextContext(taking))
		if taking.Err() != nil {
			if m != nil {
				_ = m.Nak()
			}
			return
		}
		if err != nil {
			<-places
			if errors.Is(err, jetstream.ErrMsgIteratorClosed) {
				b.log.Error("the bus gives no more messages", "stream", stream, "error", err)
				return
			}
			b.log.Warn("the bus gave no message; trying again", "stream", stream, "error", err)
			pause(taking, time.Second)
			continue
		}
		handlers.Go(func() {
			defer func() { <-places }()
			b.handle(ctx, m, handle)
		})
	}
}

// giveBack ends an iterator; a message that is still in its buffer goes to another at once.
func giveBack(iter jetstream.MessagesContext) {
	iter.Drain()
	for {
		m, err := iter.Next(jetstream.NextMaxWait(time.Second))
		if err != nil {
			return
		}
		_ = m.Nak()
	}
}

// handle runs the handler on one message and settles it.
func (b *Bus) handle(ctx context.Context, m jetstream.Msg, handle func(context.Context, Msg) error) {
	delivered := 1
	if meta, err := m.Metadata(); err == nil {
		delivered = int(meta.NumDelivered)
	}
	stopBeat := beat(m, b.ackWait/3)
	err := guarded(ctx, Msg{Subject: m.Subject(), Data: m.Data(), Delivered: delivered}, handle)
	stopBeat()
	log := b.log.With("subject", m.Subject(), "delivered", delivered)
	var settled error
	switch {
	case err == nil:
		settled = m.Ack()
	case ctx.Err() != nil: // interrupted, not failed: the next one may have it at once
		settled = m.Nak()
	case spool.IsPermanent(err):
		log.Error("message given up", "error", err)
		settled = m.Term()
	default:
		delay := backoff(delivered)
		log.Warn("message not handled; it will be delivered again", "in", delay, "error", err)
		settled = m.NakWithDelay(delay)
	}
	if settled != nil { // it will come again after AckWait
		log.Warn("message not settled", "error", settled)
	}
}

// guarded runs a handler; a panic becomes an error, so that one bad message does
// not stop the process over and over.
func guarded(ctx context.Context, m Msg, handle func(context.Context, Msg) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the handler panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return handle(ctx, m)
}

// beat tells the server every interval that the message is being worked on,
// until the returned function is called.
func beat(m jetstream.Msg, interval time.Duration) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = m.InProgress() // a lost beat is made good by the next
			case <-quit:
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

var delays = []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second, 5 * time.Second,
	15 * time.Second, 30 * time.Second, time.Minute}

// backoff gives the delay after the nth delivery, from 1.
func backoff(n int) time.Duration { return delays[min(max(n, 1), len(delays))-1] }

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
