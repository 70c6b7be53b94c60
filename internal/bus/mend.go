package bus

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Bounds of the server's storage. They are fixed: the defaults follow the free
// disk and refuse streams on a small one.
const (
	maxMemory = 64 << 20
	maxStore  = 1 << 40
)

// mendEvery is how often a server that could not write is looked at.
const mendEvery = time.Second

// room is how much must fit on the disk again before a server is mended.
const room = 1 << 20 // bytes

// mends waits until the server says that it could not write, and mends it. Once
// that has happened, on a full disk for one, a stream takes no more messages for
// the rest of its life, whatever room there is later.
func (b *Bus) mends(dir string) {
	defer close(b.mended)
	tick := time.NewTicker(mendEvery)
	defer tick.Stop()
	for {
		select {
		case <-b.quit:
			return
		case <-b.broken:
		}
		told := ""
		for err := b.mend(dir); err != nil; err = b.mend(dir) {
			if err.Error() != told {
				told = err.Error()
				b.log.Error("the bus can't write; it goes on when there is room", "error", err)
			}
			select {
			case <-b.quit:
				return
			case <-tick.C:
			}
		}
		b.log.Warn("the bus could not write; it was started anew from what it had acknowledged")
	}
}

// mend closes the storage and opens it again, as a restart would: what was
// acknowledged is on the disk.
func (b *Bus) mend(dir string) error {
	if err := probe(dir); err != nil {
		return err
	}
	if err := b.server.ShutdownJetStream(); err != nil {
		return fmt.Errorf("close the storage: %w", err)
	}
	select { // what it said until now is dealt with
	case <-b.broken:
	default:
	}
	err := b.server.EnableJetStream(&server.JetStreamConfig{StoreDir: dir, MaxMemory: maxMemory, MaxStore: maxStore, SyncAlways: true, Strict: true})
	if err != nil {
		return fmt.Errorf("open the storage: %w", err)
	}
	// Without it those that wait for messages would notice only by missing heartbeats.
	return b.conn.ForceReconnect()
}

// probe tells whether the disk takes anything.
func probe(dir string) error {
	name := filepath.Join(dir, "probe")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(name)
	defer f.Close()
	if _, err := f.Write(make([]byte, room)); err != nil {
		return err
	}
	return f.Sync()
}
