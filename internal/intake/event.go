package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"spool/internal/spool"
)

// Handle takes one message of the stream OBJECTS. Messages that no repetition
// can mend come back as spool.Permanent errors: the bus drops and logs them.
func (in *Intake) Handle(ctx context.Context, m spool.Message) error {
	var event spool.S3Event
	if err := json.Unmarshal(m.Data, &event); err != nil {
		return spool.Permanent(fmt.Errorf("not an S3 event: %w", err))
	}
	for _, record := range event.Records { // one, in practice (behaviour.md 3.4); none in a test message
		if err := in.record(ctx, record); err != nil {
			return err
		}
	}
	return nil
}

func (in *Intake) record(ctx context.Context, record spool.S3Record) error {
	if !strings.HasPrefix(record.EventName, "ObjectCreated:") {
		return nil
	}
	bucket := record.S3.Bucket.Name
	key, err := spool.DecodeEventKey(record.S3.Object.Key)
	if err == nil {
		err = spool.CheckKey(key)
	}
	if err != nil {
		return spool.Permanent(fmt.Errorf("the event of bucket %q names no possible key: %w", bucket, err))
	}
	var matched []spool.Pipeline
	for _, p := range in.o.Pipelines {
		if p.Match(bucket, key) {
			matched = append(matched, p)
		}
	}
	if len(matched) == 0 {
		return nil
	}
	// The object as it is now, not as the event tells: an event that was overtaken
	// by an overwrite then means the same upload as the next one, and a rescan
	// comes to the same result as the event.
	o, err := in.o.Objects.Stat(ctx, bucket, key)
	switch {
	case errors.Is(err, spool.ErrNotFound):
		in.o.Log.Info("the object was removed before its event was taken", "bucket", bucket, "key", key)
		return nil
	case errors.Is(err, spool.ErrInvalid):
		return spool.Permanent(err)
	case err != nil:
		return fmt.Errorf("take %s: %w", spool.S3URI(bucket, key), err)
	}
	if o.ProducedBy != "" {
		return nil
	}
	for _, p := range matched {
		if _, err := in.start(ctx, p, o); err != nil {
			return fmt.Errorf("take %s for pipeline %s: %w", o.URI(), p.Name, err)
		}
	}
	return nil
}
