package bus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"spool/internal/spool"
)

// Broadcast sends a message to all who listen now. It is not kept and may be lost.
func (b *Bus) Broadcast(subject string, data []byte) error {
	if err := b.conn.Publish(subject, data); err != nil {
		return fmt.Errorf("broadcast on %s: %w", subject, err)
	}
	return nil
}

// Listen gives the broadcasts on a subject (which may hold NATS wildcards) to f,
// one after another. What is broadcast after Listen returned is heard; after
// stop returned, f is not called any more. f must not call its own stop.
func (b *Bus) Listen(subject string, f func(subject string, data []byte)) (stop func(), err error) {
	return b.subscribe(subject, func(m *nats.Msg) { f(m.Subject, m.Data) })
}

// Answer answers requests on a subject (which may hold NATS wildcards) with
// what f gives, one after another; nil leaves a request without an answer, for
// the asker to try again. When several processes answer, all are asked and the
// first answer counts.
func (b *Bus) Answer(subject string, f func(subject string, data []byte) []byte) (stop func(), err error) {
	return b.subscribe(subject, func(m *nats.Msg) {
		answer := f(m.Subject, m.Data)
		if answer == nil {
			return
		}
		if err := m.Respond(answer); err != nil {
			b.log.Warn("request not answered", "subject", m.Subject, "error", err)
		}
	})
}

// Request asks and waits for the answer until ctx ends. It fails at once when
// nobody answers on the subject.
func (b *Bus) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	m, err := b.conn.RequestWithContext(ctx, subject, data)
	if err != nil {
		return nil, fmt.Errorf("ask on %s: %w", subject, err)
	}
	return m.Data, nil
}

func (b *Bus) subscribe(subject string, f func(*nats.Msg)) (stop func(), err error) {
	var mu sync.Mutex
	stopped := false
	sub, err := b.conn.Subscribe(subject, func(m *nats.Msg) {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			f(m)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", subject, err)
	}
	if err := b.conn.FlushTimeout(10 * time.Second); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", subject, err)
	}
	return b.keep(func() {
		_ = sub.Unsubscribe() // fails only when the connection is gone, and then nothing comes
		mu.Lock()
		stopped = true
		mu.Unlock()
	}), nil
}

// Watch gives what is published on a subject (which may hold NATS wildcards) of
// a stream from now on to f, in order, until ctx ends or stop is called. Each
// watcher gets every message; f must not call its own stop. It is for live views of
// EVENTS, which keeps messages without regard to who took them.
func (b *Bus) Watch(ctx context.Context, stream, subject string, f func(m Msg)) (stop func(), err error) {
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", stream, err)
	}
	// "From now" is fixed here: the consumer itself is made a moment later.
	c, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{subject},
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: s.CachedInfo().State.LastSeq + 1})
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", stream, err)
	}
	feed, err := c.Consume(func(m jetstream.Msg) { f(spool.Message{Subject: m.Subject(), Data: m.Data(), Delivered: 1}) })
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", stream, err)
	}
	end := b.keep(func() {
		feed.Stop()
		<-feed.Closed()
	})
	release := context.AfterFunc(ctx, end)
	return func() { release(); end() }, nil
}
